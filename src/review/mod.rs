//! Reviews what repositories grant: who outside can do what, with findings, over everything that was read.
//!
//! `right` orders what a party may do; `analysis` looks at one policy inside its registry, each text once; `finding` has
//! the rules that only a review can check; `reading` is what comes in, from wherever; `entry` is one repository; `registry` one account and Region, `registry_words` what it says of itself; `index` turns it
//! round, from a grantee to the repositories, and `reach` follows one grantee. `ended` sorts out what has ended, and `ending`
//! lists what ends. `known` parties and each `acceptance` say what needs no look again, of which `accepted_text` is the file;
//! `baseline` says what changed since an earlier review, and `record` what an interrupted one had read. Access and classes are the engine's own.

mod acceptance;
mod accepted_text;
mod analysis;
mod baseline;
mod collected;
mod collected_registry;
mod csv;
mod ended;
mod ending;
mod entry;
mod finding;
mod grantee_access;
mod index;
mod known;
mod reach;
mod reading;
mod record;
mod registry;
mod registry_words;
mod right;

pub use acceptance::{Acceptance, AcceptedFindings, FindingSubject};
pub use analysis::{Analysis, Analyst, KeptParts};
pub use baseline::{Baseline, ChangeState, RepositoryChange};
pub use collected::{Collected, read_collected, recorded_policy};
pub use collected_registry::{CollectedRegistry, RegistryPart, recorded_part};
pub use csv::{csv_lines, csv_text};
pub use ending::{EndingAccess, list_ends};
pub use entry::{PolicyInput, RepositoryEntry, ReviewedPolicy};
pub use finding::{RULES, ReviewFinding, ReviewRule, count_severities, finding_ids};
pub use grantee_access::GranteeAccess;
pub use index::{IndexedAccess, ReverseIndex};
pub use known::KnownParties;
pub use reach::{GranteeReach, ReachWay, find_reach};
pub use reading::{FailedPlace, ReadEvent, age_words};
pub use record::{RecordFault, RecordText, RecordedPolicy, record_header, record_line};
pub use registry::{RegistryEntry, RegistryFacts, not_enabled_words};
pub use right::Right;
