//! The state of an undo, apart from the model.

use super::state::SaveStep;
use crate::ecr::RepositoryRef;
use crate::plan::{ChangedTexts, Planned};
use crate::policy::RegistryPolicy;
use crate::wizard::{RequestId, Step};

/// An undo whose plan is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoToBegin {
    /// Since when, in milliseconds of the model's clock.
    pub(super) since: u64,
    /// The ids of the changes, joined by a blank.
    pub(super) changes: String,
    /// The step that it was begun on.
    pub(super) from: Step,
    /// The repositories.
    pub(super) repositories: Vec<RepositoryToUndo>,
}

/// One repository on its way to the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RepositoryToUndo {
    pub(super) repository: RepositoryRef,
    pub(super) registry: RegistryPolicy,
    pub(super) texts: ChangedTexts,
    pub(super) progress: UndoProgress,
}

/// The progress of its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UndoProgress {
    /// The stored policy is being read.
    Reading(RequestId),
    /// It is read.
    Read(Option<String>),
    /// The plan is being made.
    Planning(RequestId),
    /// The plan is made.
    Planned(Box<Planned>),
}

/// The change that a plan takes back, and the outcome that it was begun from.
#[derive(Debug)]
pub struct UndoneChange {
    /// Its ids in the journal, joined by a blank: it may have been made in several goes.
    pub(super) changes: String,
    /// The outcome.
    pub(super) before: Box<SaveStep>,
    /// The step that it was begun on.
    pub(super) from: Step,
}
