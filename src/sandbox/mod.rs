//! An embedded ECR, STS, AWS Config and AWS Organizations that speak AWS's wire protocols, behind the SDK's HTTP connector and on a loopback port.
//!
//! [`Service`] answers one request after the other: query and XML for STS, AWS JSON 1.1 for the others. It does no I/O. Its
//! registries come from `assets/sandbox/`; its codes and texts are documented by AWS or reported by users. Where AWS's
//! own words are not known, a comment says so. [`connector()`] puts it under the AWS SDK, [`serve`] on a loopback port
//! for other clients.
//!
//! It checks no signature: any secret will do. It lets no account into another's registry, whatever the policies say.
//! The evaluation of policies is tested elsewhere.

mod answer;
mod ask;
mod call_log;
mod chance;
mod config_service;
mod connector;
mod creation_templates;
mod faults;
mod host;
mod identities;
mod images;
mod json_format;
pub mod operations;
mod organizations;
mod policies;
mod policy_validation;
mod registries;
mod registry_policies;
mod repositories;
mod server;
mod service;
mod signature;
mod state;
mod sts;
#[cfg(test)]
mod tests;

pub use answer::WireAnswer;
pub use call_log::Call;
pub use chance::{FaultShares, FaultTextError};
pub use connector::connector;
pub use faults::Trouble;
pub use identities::demo_sources;
pub use server::{serve, serve_connection};
pub use service::{Clock, Service};
