//! The documents of a grant while a stored policy is edited, apart from the model.

use super::state::PolicyStep;
use crate::ecr::Repository;
use crate::policy::Fix;

/// The documents and repositories of a grant while a stored policy is edited.
#[derive(Debug)]
pub(super) struct SetAside {
    pub(super) policy: Box<PolicyStep>,
    pub(super) chosen: Vec<Repository>,
    /// A fix that is made as soon as the stored policy is read.
    pub(super) mend: Option<FixOfStored>,
}

/// A fix of a stored text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixOfStored {
    /// The text that it was found for.
    pub stored: String,
    /// The fix.
    pub fix: Fix,
}

impl PolicyStep {
    /// Tells whether a stored policy is edited with nothing added.
    pub fn edits_stored(&self) -> bool {
        self.set_aside.is_some()
    }
}
