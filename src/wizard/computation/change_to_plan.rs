//! Plans a change of one repository from what is stored there.

use crate::ecr::Identity;
use crate::plan::{Intent, Planned, Target};

/// A change that is to be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeToPlan {
    /// The repository with the text that is stored now.
    pub target: Target,
    /// The change.
    pub intent: Intent,
    /// The identity that writes.
    pub caller: Option<Identity>,
}

impl ChangeToPlan {
    pub(super) fn plan(&self) -> Planned {
        self.intent.plan_target(&self.target, self.caller.as_ref())
    }
}
