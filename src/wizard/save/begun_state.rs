//! The state of a change that is planned from what is stored, apart from the model.

use super::state::SaveStep;
use crate::ecr::RepositoryRef;
use crate::plan::{Intent, Planned};
use crate::policy::RegistryPolicy;
use crate::wizard::{Action, RequestId, Step};

/// A change whose plan is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeToBegin {
    /// Since when, in milliseconds of the model's clock.
    pub(super) since: u64,
    /// The change.
    pub(super) intent: Intent,
    /// The action that asked for it.
    pub(super) action: Action,
    /// The step that it was begun on.
    pub(super) from: Step,
    /// The repositories.
    pub(super) repositories: Vec<RepositoryToPlan>,
}

/// One repository on its way to the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RepositoryToPlan {
    pub(super) repository: RepositoryRef,
    pub(super) registry: RegistryPolicy,
    pub(super) progress: PlanProgress,
}

impl RepositoryToPlan {
    /// A repository whose stored policy is being read.
    pub(super) fn reading(repository: RepositoryRef, id: RequestId) -> Self {
        Self { repository, registry: RegistryPolicy::NotAsked, progress: PlanProgress::Reading(id) }
    }
}

/// The progress of its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PlanProgress {
    /// The stored policy is being read.
    Reading(RequestId),
    /// It is read.
    Read(Option<String>),
    /// The plan is being made.
    Planning(RequestId),
    /// The plan is made.
    Planned(Box<Planned>),
}

/// A change that was planned from what is stored, and what it was begun from.
#[derive(Debug)]
pub struct BegunChange {
    /// The change.
    pub(super) intent: Intent,
    /// The step as it was before: an outcome, where an undo was begun from it.
    pub(super) before: Box<SaveStep>,
    /// The step that it was begun on.
    pub(super) from: Step,
}

impl BegunChange {
    /// Tells whether a review asked for it, or for the change that it takes back.
    pub(super) fn is_from_review(&self) -> bool {
        self.from == Step::Repository || self.before.begun.as_ref().is_some_and(Self::is_from_review)
    }
}
