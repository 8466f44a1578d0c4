//! Mends what stops the write of a repository, where it can be mended without a decision about somebody's access.

use crate::ecr::Identity;
use crate::plan::{Baseline, Intent, Planned, Request, Target};
use crate::policy::edit::{Removed, remove_deleted};

/// A plan that stops its write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanToMend {
    /// The plan.
    pub planned: Planned,
    /// The request that the plan comes from; none: its text was edited by hand.
    pub request: Option<Request>,
    /// The identity that writes.
    pub caller: Option<Identity>,
}

impl PlanToMend {
    /// Takes deleted roles and users out, and the layout of a text that is too long with it.
    pub(super) fn mend(&self) -> Planned {
        let Planned { repository, stored, registry, now, .. } = self.planned.clone();
        let target = Target { repository, stored, registry, now };
        if let Some(request) = &self.request {
            let intent = Intent::of_request(request, self.planned.names_deleted());
            return intent.plan_target(&target, self.caller.as_ref());
        }
        let Ok(cleaned) = remove_deleted(self.planned.text.as_deref()) else { return self.planned.clone() };
        let baseline = Baseline::of(target);
        let mended = match cleaned.text.as_deref() {
            Some(text) => baseline.plan_text(text, &baseline.examine_text(text), self.caller.as_ref()),
            None => baseline.plan_removal(self.caller.as_ref()),
        };
        Planned { deleted: cleaned.removed.iter().map(Removed::words).collect(), ..mended }
    }
}
