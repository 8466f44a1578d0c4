//! The vocabulary of the field: account ids, Regions, partitions, ARNs, image URIs, grantees, and the tables of actions,
//! conditions, recipes and services.

pub mod access_end;
pub mod account;
pub mod action;
pub mod address;
pub mod arn;
pub mod condition;
pub mod creation_template;
pub mod grantee;
pub(crate) mod id_form;
pub mod identity;
pub mod image;
pub mod json_string;
pub mod principal;
pub mod problem;
pub mod recipe;
pub mod region;
pub mod replication;
pub mod repository;
pub mod service;
pub mod tag;
pub mod text;
pub mod unseen;

pub use access_end::AccessEnd;
pub use account::AccountId;
pub use action::{AccessLevel, ActionInfo, Risk};
pub use address::{Address, split_words};
pub use arn::Arn;
pub use creation_template::{CreationTemplate, TemplateOccasion};
pub use grantee::Grantee;
pub use identity::Identity;
pub use image::{ImageUri, RegistryHost};
pub use problem::Problem;
pub use recipe::Recipe;
pub use region::{Partition, Region};
pub use replication::{Replication, ReplicationDestination, ReplicationFilter, ReplicationRule};
pub use repository::{Encryption, Repository, RepositoryName, RepositoryRef};
pub use tag::{Digest, Tag, Tags};

/// The largest policy text that `SetRepositoryPolicy` takes, in characters, white space included.
/// Source: `RepositoryPolicyText` of the ECR API model (0 to 10,240).
pub const POLICY_LIMIT: usize = 10_240;
