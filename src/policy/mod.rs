//! The policy engine: reads, checks, compares, edits and explains an ECR repository policy. Pure and offline.
//!
//! `syntax` turns any text into tokens and a tree with positions; `document` and `principal` are the typed model;
//! `evaluate` decides about a request; `lint` holds the checks, `edit` the minimal text edits, `access` who may do what, `delta` who gains and loses,
//! `lockout` whether the caller would shut itself out, `canonical` equality of meaning, `registry` the policy of the registry around it, `explain` the words for people.

pub mod access;
pub mod canonical;
mod condition;
pub mod delta;
pub mod edit;
pub mod evaluate;
pub mod explain;
pub mod lint;
pub mod lockout;
pub mod model;
mod registry;
pub mod syntax;
#[cfg(test)]
mod testing;
pub mod text;

pub use access::{AccessRow, AccessTable, Class, DenyRow, Who};
pub(crate) use condition::is_settled;
pub use delta::{Change, Delta, Witness};
pub use edit::{EditProblem, Edited, Offer, RevokeOptions, Revoked};
pub use evaluate::{Answer, Caller, Decision, IdentityPolicies, evaluate};
pub use explain::Danger;
pub use lint::{CheckOptions, Finding, Fix, Severity, evaluate_text};
pub use model::document::{Actions, Condition, Effect, Origin, Policy, Principals, Resource, Statement};
pub use model::principal::{Principal, PrincipalKind};
pub use model::{Wanted, WantedPrincipals, document, principal};
pub use registry::{RegistryPolicy, evaluate_in};
pub use syntax::{LineIndex, Position, Span, Spanned};
pub use text::{TextEdit, format, minify};
