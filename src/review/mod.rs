//! Reviews what repositories grant: who outside can do what, with findings, over everything that was read.
//!
//! `right` orders what a party may do; `analysis` looks at one policy inside its registry, each text once; `finding` has
//! the rules that only a review can check; `entry` is one repository; `registry` one account and Region; `index` turns it
//! round, from a grantee to the repositories. Access and classes are the engine's own.

mod analysis;
mod entry;
mod finding;
mod index;
mod registry;
mod right;

pub use analysis::{Analysis, Analyst, GranteeAccess};
pub use entry::{PolicyInput, RepositoryEntry, ReviewedPolicy};
pub use finding::{RULES, ReviewFinding, ReviewRule, count_severities};
pub use index::{IndexedAccess, ReverseIndex};
pub use registry::{AppliedFor, RegistryEntry, RegistryFacts, Replication, Template};
pub use right::Right;
