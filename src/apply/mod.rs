//! The only writer: re-read, compare, back up, set, read back; home of read-only and dry-run.

use crate::aws::Registry;
use crate::ecr::{Failure, FailureKind};
use crate::journal::Journal;
pub use crate::plan::{Outcome, Write};

/// What may be written at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gate {
    /// `--read-only`: every write is refused here.
    pub read_only: bool,
    /// `--dry-run`: everything but the write is done.
    pub dry_run: bool,
}

/// Writes one policy. `now`: seconds since 1970-01-01 UTC.
#[expect(clippy::unused_async, reason = "asks soon")]
pub async fn write(_registry: &Registry, _journal: &Journal, _gate: Gate, _write: &Write, _now: i64) -> Outcome {
    Outcome::Refused(Failure::new(FailureKind::Defect, "not there yet", "wait"))
}
