//! Takes choices by what they name: the answers of a wizard without a screen. Each leads to what its row's keys do.

use super::event::Choice;
use super::{Effect, Model, Step, account, repository, save};

/// Takes a choice; one that belongs to another step, or lies under a question, changes nothing.
pub(super) fn take_choice(model: &mut Model, choice: Choice) -> Vec<Effect> {
    if model.overlay.is_some() {
        return Vec::new();
    }
    model.notice = None;
    match (model.step, choice) {
        (Step::Account, Choice::Source(id)) => account::take_source(model, &id),
        (Step::Account, Choice::Region(region)) => account::take_region(model, region),
        (Step::Repository, Choice::Region(region)) => repository::take_region(model, region),
        (Step::Repository, Choice::Repositories(choices)) => repository::take_named(model, choices),
        (Step::Save, Choice::Ticked(names)) => save::tick_named(model, &names),
        (Step::Save, Choice::Mended(name)) => save::mend_named(model, &name),
        _ => Vec::new(),
    }
}
