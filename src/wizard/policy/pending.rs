//! An edit that waits for its computation.

use crate::ecr::RepositoryRef;
use crate::policy::Fix;
use crate::wizard::RequestId;
use crate::wizard::computation::Computation;

/// An edit that is being worked out. It is made, or shown, for the text that it was asked for alone.
#[derive(Debug)]
pub(super) struct PendingEdit {
    /// The document.
    pub repository: RepositoryRef,
    /// The revision of the text that it was asked for.
    pub revision: u64,
    /// When it was asked for, in milliseconds of the model's clock.
    pub asked_at: u64,
    /// The edit.
    pub kind: PendingKind,
    /// The progress of its computation.
    pub progress: Progress,
}

/// The progress of a computation.
#[derive(Debug)]
pub(super) enum Progress {
    /// To be begun.
    Wanted(Computation),
    /// Under way.
    Running(RequestId),
}

/// The edit that is worked out.
#[derive(Debug)]
pub(super) enum PendingKind {
    /// The grant added to a mended text.
    Grant,
    /// A fix, with what is to be known about it.
    Fix { fix: Fix, notes: Vec<String> },
    /// The narrowing of statements.
    Narrowing,
}
