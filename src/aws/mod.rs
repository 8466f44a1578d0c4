//! The only room that talks to AWS: sources of credentials, sign-in, registry operations, pace, conversion of errors.

mod access;
mod bounded;
mod credential_chain;
pub(crate) mod descendants;
mod endpoint;
mod environment;
mod errors;
mod files;
mod json_call;
mod organization;
mod pace;
mod process;
mod proxy;
mod registry;
mod selection;
mod sign_in;
mod sign_in_settings;
mod tls_roots;
mod url;

pub use access::{AwsAccess, AwsOptions};
pub use aws_credential_types::Credentials;
pub use aws_smithy_runtime_api::client::http::SharedHttpClient;
pub use organization::{Aggregator, Coverage, Members, RecordedResource, ResourceKind, SourceStatus};
pub use pace::AT_ONCE;
pub use registry::{Image, Registry, RepositoryListing, RepositoryPage, Swap, WriteTurn, is_refusal};

pub(crate) use pace::pause_after;
