//! Plans to take a change back from one repository.

use crate::ecr::Identity;
use crate::plan::{ChangedTexts, Planned, Target, plan_undo};

/// A change that is to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoToPlan {
    /// The repository with the text that is stored now.
    pub target: Target,
    /// The texts of the change.
    pub texts: ChangedTexts,
    /// The identity that writes.
    pub caller: Option<Identity>,
}

impl UndoToPlan {
    pub(super) fn plan(&self) -> Planned {
        plan_undo(&self.target, &self.texts, self.caller.as_ref())
    }
}
