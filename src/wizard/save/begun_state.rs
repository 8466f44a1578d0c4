//! The state of a change that is planned from what is stored, apart from the model.

use super::state::SaveStep;
use crate::ecr::RepositoryRef;
use crate::plan::{Intent, Planned};
use crate::policy::RegistryPolicy;
use crate::wizard::repository::ShownLayer;
use crate::wizard::{Action, RequestId, Signed, Step};

/// A change whose plan is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeToBegin {
    /// Since when, in milliseconds of the model's clock.
    pub(super) since: u64,
    /// The change.
    pub(super) intent: Intent,
    /// The action that asked for it.
    pub(super) action: Action,
    /// The place that it was begun at: anywhere else it is not wanted.
    pub(super) from: PlanOrigin,
    /// The repositories.
    pub(super) repositories: Vec<RepositoryToPlan>,
}

/// The place that a change was begun at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlanOrigin {
    /// The step.
    pub(super) step: Step,
    /// The thing that step 2 showed, where it was begun there.
    pub(super) layer: Option<ShownLayer>,
    /// The identity, account and Region with which it reads and would write.
    pub(super) signed: Option<Signed>,
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

impl PlanProgress {
    /// Returns the request whose answer it waits for.
    pub(super) fn awaited_request(&self) -> Option<RequestId> {
        match self {
            Self::Reading(id) | Self::Planning(id) => Some(*id),
            Self::Read(_) | Self::Planned(_) => None,
        }
    }
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
