//! The vocabulary of the field, which is the engine's, and the program's additions: `Failure`, places of credentials,
//! and texts for shells and programs.
//!
//! Nothing here talks to AWS, reads files, or knows the time.

pub mod access_key;
pub mod account_names;
pub mod code_owner;
pub mod credential_source;
mod day;
pub mod denial;
pub mod failure;
pub mod json;
pub mod login;
pub mod member_account;
pub mod owner_side;
pub mod shell;
pub mod slowdown;

pub use account_names::{AccountNames, wrap_named};
pub use code_owner::{CodeForm, CodeOwner, Ownership};
pub use credential_source::{Context, MemberRole, SignInKind, Source, SourceId, Verified};
pub use day::day_of;
pub use denial::{DenialReason, Denied, PolicyKind};
pub use ecr_policy::ecr::*;
pub use failure::{AwsWords, Failure, FailureKind};
pub use login::{Login, LoginKind};
pub use member_account::MemberAccount;
pub use owner_side::OwnerSide;
pub use slowdown::{PolicySlowdowns, Slowdown};

/// AWS's page on private repository policies, which the documented steps recommend.
pub const REPOSITORY_POLICIES_PAGE: &str =
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html";
