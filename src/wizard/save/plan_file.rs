//! Saves the plan on the screen in a file, as `--plan-out` does: for somebody else, or for later.

use super::{SaveEntry, WriteState};
use crate::ecr::shell::quote_word;
use crate::plan::{Intent, PlanFile, PlanKind};
use crate::wizard::{Effect, Model, Tone};

/// Returns why there is no plan to save.
pub(super) fn why_not(model: &Model) -> Option<String> {
    let step = &model.save;
    if step.is_undo() {
        return Some("an undo needs no file: `ecr-grant undo` plans it from the history".to_owned());
    }
    if intent_of(model, false).is_none() || step.entries.is_empty() {
        return Some("there is no plan to save".to_owned());
    }
    if step.entries.iter().any(|entry| entry.state != WriteState::Planned) {
        return Some("the plan was written already".to_owned());
    }
    None
}

/// Returns the change that the plans come from; none: they were made by hand.
fn intent_of(model: &Model, remove_deleted: bool) -> Option<Intent> {
    let begun = model.save.begun.as_ref().map(|begun| begun.intent.clone());
    begun.or_else(|| Some(Intent::of_request(model.save.request.as_ref()?, remove_deleted)))
}

/// Saves what is ticked, and what cannot be written with its reason.
pub(super) fn write_plan(model: &mut Model) -> Vec<Effect> {
    let Some(signed) = &model.signed else { return Vec::new() };
    let is_saved = |entry: &&SaveEntry| match entry.planned.kind() {
        PlanKind::Unread => false,
        PlanKind::Write => entry.is_ticked,
        _ => true,
    };
    let plans: Vec<_> = model.save.entries.iter().filter(is_saved).map(|entry| &entry.planned).collect();
    let takes_deleted = plans.iter().any(|plan| !plan.deleted.is_empty());
    let Some(intent) = intent_of(model, takes_deleted) else { return Vec::new() };
    let name = match plans.as_slice() {
        [only] => format!("{}-plan.json", only.repository.name.as_str().replace('/', "-")),
        several => format!("{}-repositories-plan.json", several.len()),
    };
    // The time is that of the writing.
    let plan = PlanFile::of(&intent, plans, &signed.identity, signed.endpoint.as_deref(), 0);
    let id = model.next_request();
    vec![Effect::WritePlan { id, name, plan: Box::new(plan) }]
}

/// Tells the command that applies a plan.
pub fn say_plan_written(model: &mut Model, name: &str) {
    model.set_notice(Tone::Good, format!("plan saved: ecr-grant apply {}", quote_word(name)));
}
