//! The only writer: re-read, compare, back up, set, read back; home of read-only and dry-run.

use std::path::PathBuf;

use crate::aws::Registry;
use crate::ecr::{Failure, FailureKind, RepositoryRef};
use crate::journal::Journal;

/// What may be written at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gate {
    /// `--read-only`: every write is refused here.
    pub read_only: bool,
    /// `--dry-run`: everything but the write is done.
    pub dry_run: bool,
}

/// One repository's new policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Which repository.
    pub repository: RepositoryRef,
    /// The text that the edit started from; none: there was no policy.
    pub based_on: Option<String>,
    /// The new text; none: the policy is deleted.
    pub text: Option<String>,
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Written, and read back with the same meaning.
    Written {
        /// The text as AWS stores it; none: the policy was deleted.
        stored: Option<String>,
        /// The file that keeps what was there before.
        backup: Option<PathBuf>,
    },
    /// What is stored means the same already: nothing was written.
    AlreadyThere,
    /// The policy is not what the edit started from: nothing was written.
    Changed {
        /// What is stored now.
        now: Option<String>,
    },
    /// Refused, by AWS or by us; nothing was written.
    Refused(Failure),
    /// Sent, and nobody knows whether it was done: read again before anything else.
    Unknown(Failure),
    /// All but the write was done.
    DryRun,
}

/// Writes one policy. `now`: seconds since 1970-01-01 UTC.
#[expect(clippy::unused_async, reason = "asks soon")]
pub async fn write(_registry: &Registry, _journal: &Journal, _gate: Gate, _write: &Write, _now: i64) -> Outcome {
    Outcome::Refused(Failure::new(FailureKind::Defect, "not there yet", "wait"))
}
