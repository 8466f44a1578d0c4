//! Makes an edit again on a text that turned out to be another one.

use crate::ecr::Identity;
use crate::plan::{Intent, Planned, Request, Target, plan_grant};
use crate::policy::delta::delta_for;
use crate::policy::{Delta, Policy};

/// An edit that was made from a text that somebody else has changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditToRemake {
    /// The repository with the text that is stored now.
    pub target: Target,
    /// The text that the edit was made from.
    pub before: Option<String>,
    /// The request; `None`: the edit was made by hand.
    pub request: Option<Request>,
    /// The change that was planned from what was stored, where the edit comes from one.
    pub intent: Option<Intent>,
    /// Tells whether deleted roles and users go in the same write.
    pub remove_deleted: bool,
    /// The identity that writes.
    pub caller: Option<Identity>,
}

/// The edit on the other text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemadeEdit {
    /// The gains and losses of what somebody else did.
    pub delta: Delta,
    /// The plan, where the edit was not made by hand.
    pub planned: Option<Planned>,
}

impl EditToRemake {
    /// Compares both texts and makes the edit again.
    pub fn remake(&self) -> RemadeEdit {
        let read = |text: &Option<String>| text.as_deref().and_then(|text| Policy::read(text).ok());
        let owner = &self.target.repository.account;
        let delta = delta_for(read(&self.before).as_ref(), read(&self.target.stored).as_ref(), Some(owner));
        let caller = self.caller.as_ref();
        let plan = |request| {
            if self.remove_deleted {
                return Intent::of_request(request, true).plan_target(&self.target, caller);
            }
            plan_grant(&self.target, request, caller)
        };
        let stored = self.intent.as_ref().map(|intent| intent.plan_target(&self.target, caller));
        RemadeEdit { delta, planned: stored.or_else(|| self.request.as_ref().map(plan)) }
    }
}
