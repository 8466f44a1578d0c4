//! Goes by itself through the steps whose questions the command line or a pasted address has answered. It stops at the
//! first step that needs a person, and a key that chooses there takes over.

use super::{Action, Effect, Event, Lead, Model, Step};
use crate::ecr::RepositoryRef;
use crate::plan::RepositorySelector;

/// Takes up the answers that the command line gave. The one about the account is its own: it follows from the sign-in.
pub(super) fn begin_lead(model: &mut Model) {
    let prefill = &model.prefill;
    let exact = prefill.target.clone().map(|reference| RepositorySelector::Exact { reference, tag: None });
    let repositories = prefill.names.iter().cloned().chain(exact).collect();
    model.lead = Lead { repositories, has_grantees: !prefill.grantees.is_empty(), is_review: prefill.overview };
}

/// Takes an address as the answer to which repository.
pub(super) fn lead_to(model: &mut Model, target: &RepositoryRef) {
    model.lead.repositories = vec![RepositorySelector::Exact { reference: target.clone(), tag: None }];
}

/// Goes back by hand: from then on each step is gone through by hand.
pub(super) fn end_lead(model: &mut Model) {
    model.lead = Lead::default();
}

/// Lets whoever chooses something on an answered step decide there.
pub(super) fn take_over(model: &mut Model, event: &Event) {
    let chooses = match event {
        Event::Key(key) => !matches!(
            model.keymap.resolve(*key, &model.key_scopes()),
            Some(Action::Next | Action::Help | Action::Leave | Action::Quit | Action::Suspend)
        ),
        Event::Paste(_) | Event::Click { .. } | Event::Wheel { .. } | Event::Chosen(_) => true,
        _ => false,
    };
    if chooses && model.overlay.is_none() {
        model.lead.forget_answer(model.step);
    }
}

/// Passes the shown step, and those behind it, as far as they are answered and nothing is awaited.
pub(super) fn pass_answered(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    while model.overlay.is_none() && model.lead.has_answer(model.step) {
        let step = model.step;
        let Some(more) = (step.screen().pass)(model) else { break };
        model.lead.forget_answer(step);
        effects.extend(more);
    }
    effects
}

impl Lead {
    /// Tells whether the question of a step is answered, and the step still to be passed.
    pub(super) fn has_answer(&self, step: Step) -> bool {
        match step {
            Step::Repository => !self.repositories.is_empty(),
            Step::Actions => self.has_grantees,
            _ => false,
        }
    }

    /// Tells whether it is said what comes behind Account.
    pub(super) fn has_any_answer(&self) -> bool {
        self.is_review || Step::ALL.into_iter().any(|step| self.has_answer(step))
    }

    fn forget_answer(&mut self, step: Step) {
        match step {
            Step::Repository => self.repositories.clear(),
            Step::Actions => self.has_grantees = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
