//! The vocabulary of the field, which is the engine's, and what only a program needs beside it: `Failure`, which holds what
//! a person reads when something did not work, the places of credentials, and texts for shells and programs.
//!
//! Nothing here talks to AWS, reads files, or knows the time.

pub mod failure;
pub mod json;
pub mod login;
pub mod shell;
pub mod source;

pub use ecr_policy::ecr::*;
pub use failure::{AwsWords, Failure, FailureKind};
pub use login::{Login, LoginKind};
pub use source::{Context, SignInKind, Source, SourceId, Verified};

/// AWS's page on private repository policies, which the documented steps recommend.
pub const REPOSITORY_POLICIES_PAGE: &str =
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html";
