//! The vocabulary of the field: account ids, Regions, partitions, ARNs, image URIs, the tables of actions, conditions
//! and recipes, grantees, and `Failure`, which holds what a person reads when something did not work.
//!
//! Nothing here talks to AWS, reads files, or knows the time.

pub mod account;
pub mod action;
pub mod address;
pub mod arn;
pub mod condition;
pub mod failure;
pub mod grantee;
pub mod image;
pub mod json;
pub mod login;
pub mod principal;
pub mod recipe;
pub mod region;
pub mod repository;
pub mod service;
pub mod shell;
pub mod source;
pub mod tag;
pub mod text;
pub mod unseen;

pub use account::AccountId;
pub use action::{AccessLevel, ActionInfo, Risk};
pub use address::Address;
pub use arn::Arn;
pub use failure::{AwsWords, Failure, FailureKind};
pub use grantee::Grantee;
pub use image::{ImageUri, RegistryHost};
pub use login::{Login, LoginKind};
pub use recipe::Recipe;
pub use region::{Partition, Region};
pub use repository::{Encryption, Repository, RepositoryName, RepositoryRef};
pub use source::{Context, Identity, SignInKind, Source, SourceId, Verified};
pub use tag::{Digest, Tag, Tags};

/// The largest policy text that `SetRepositoryPolicy` takes, in characters, white space included.
/// Source: `RepositoryPolicyText` of the ECR API model (0 to 10,240).
pub const POLICY_LIMIT: usize = 10_240;

/// AWS's page on private repository policies, which the documented steps recommend.
pub const REPOSITORY_POLICIES_PAGE: &str =
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html";
