//! A change that is planned from what is stored now, without the steps before: an undo of what was just written, or what a
//! review asks for. Reads what is stored, plans, and shows the plan for its own confirmation.

use super::begun_state::{BegunChange, ChangeToBegin, PlanOrigin, PlanProgress, RepositoryToPlan};
use super::{Cursor, Phase, SaveEntry, SaveStep, WriteState, ask_again, to_first_entry};
use crate::ecr::{Failure, RepositoryRef};
use crate::plan::{Ask, Baseline, Intent, Target, UndoNotes, UndoWay};
use crate::wizard::computation::change_to_plan::ChangeToPlan;
use crate::wizard::computation::{Computation, Computed};
use crate::wizard::overview::entering;
use crate::wizard::{Action, Effect, Model, RequestId, Step, Tone};

/// The notice while an undo is planned.
const PLANNING_UNDO: &str = "reading what is stored now, to plan the undo...";
/// The notice while another change is planned.
pub(in crate::wizard) const PLANNING_CHANGE: &str = "reading what is stored now, to plan the change...";

/// Returns why there is nothing to take back.
pub(in crate::wizard) fn why_no_undo(model: &Model) -> Option<String> {
    let step = &model.save;
    if step.to_begin.is_some() {
        return Some("the undo is being planned".to_owned());
    }
    if step.phase == Phase::Writing || !step.entries.iter().any(|entry| entry.changed_texts().is_some()) {
        return Some("nothing was written that could be taken back".to_owned());
    }
    None
}

/// Begins to take back all that was written.
pub(in crate::wizard) fn begin_undo(model: &mut Model) -> Vec<Effect> {
    let mut texts = Vec::new();
    let mut changes: Vec<String> = Vec::new();
    for entry in &model.save.entries {
        let Some(written) = entry.changed_texts() else { continue };
        if let Some(change) = entry.change.as_ref().filter(|change| !changes.contains(change)) {
            changes.push(change.clone());
        }
        texts.push((entry.planned.repository.clone(), written));
    }
    let repositories: Vec<RepositoryRef> = texts.iter().map(|(repository, _)| repository.clone()).collect();
    let ask = Ask::Undo { change: changes.join(" "), texts };
    let effects = begin_change(model, Intent { ask, remove_deleted: false }, &repositories, Action::Undo);
    model.set_notice(Tone::Plain, PLANNING_UNDO);
    effects
}

/// Reads what is stored now in these repositories. The plan is shown when all of it is made.
pub(in crate::wizard) fn begin_change(
    model: &mut Model,
    intent: Intent,
    repositories: &[RepositoryRef],
    action: Action,
) -> Vec<Effect> {
    if let Some(first) = repositories.first()
        && !entering::enter_registry(model, first)
    {
        return Vec::new();
    }
    let Some(context) = model.signed.as_ref().map(crate::wizard::Signed::request_context) else { return Vec::new() };
    let mut effects = Vec::new();
    let mut to_plan = Vec::new();
    for repository in repositories {
        let id = model.next_request();
        to_plan.push(RepositoryToPlan::reading(repository.clone(), id));
        let (context, repository) = (context.clone(), repository.clone());
        effects.push(Effect::ReadPolicy { id, context, repository, for_write: true });
    }
    let (since, from) = (model.now, shown_origin(model));
    model.save.to_begin = Some(ChangeToBegin { since, intent, action, from, repositories: to_plan });
    effects
}

/// Returns the place that is shown.
fn shown_origin(model: &Model) -> PlanOrigin {
    let layer = (model.step == Step::Repository).then(|| model.repository.shown_layer());
    PlanOrigin { step: model.step, layer, signed: model.signed.clone() }
}

/// Gives up a change whose plan is being made. Returns what stops its requests.
fn give_up_change(model: &mut Model) -> Vec<Effect> {
    let is_its_own = |words: &str| words == PLANNING_UNDO || words == PLANNING_CHANGE;
    model.notice.take_if(|notice| is_its_own(&notice.text));
    let given_up = model.save.to_begin.take().into_iter().flat_map(|begun| begun.repositories);
    given_up.filter_map(|one| one.progress.awaited_request()).map(Effect::Cancel).collect()
}

/// Takes what is stored in a repository that is to be changed; a late answer changes nothing.
pub(super) fn take_stored(
    model: &mut Model,
    id: RequestId,
    repository: &RepositoryRef,
    stored: &Result<Option<String>, Failure>,
) {
    let around = model.registry_policies.policy_around(repository);
    let Some(begun) = &mut model.save.to_begin else { return };
    let is_it = |one: &&mut RepositoryToPlan| one.progress == PlanProgress::Reading(id);
    let Some(one) = begun.repositories.iter_mut().find(is_it) else { return };
    one.registry = around;
    model.stored_policies.take_read(repository, stored);
    one.progress = match stored {
        Ok(stored) => PlanProgress::Read(stored.clone()),
        Err(failure) => {
            let planned = Baseline::plan_unread(one.repository.clone(), failure.clone());
            PlanProgress::Planned(Box::new(planned))
        }
    };
}

/// Begins to plan what is read. The plan for all is shown; once somebody goes elsewhere, by whichever way, it is given up.
pub(super) fn begin_planning(model: &mut Model) -> Vec<Effect> {
    let origin = shown_origin(model);
    if model.save.to_begin.as_ref().is_some_and(|begun| begun.from != origin) {
        return give_up_change(model);
    }
    let now = model.unix_now();
    let Some(mut begun) = model.save.to_begin.take() else { return Vec::new() };
    let caller = model.signed.as_ref().map(|signed| signed.identity.clone());
    let mut effects = Vec::new();
    for one in &mut begun.repositories {
        let PlanProgress::Read(stored) = &one.progress else { continue };
        let (repository, registry) = (one.repository.clone(), one.registry.clone());
        let target = Target { repository, stored: stored.clone(), registry, now: Some(now) };
        let change = ChangeToPlan { target, intent: begun.intent.clone(), caller: caller.clone() };
        let id = model.next_request();
        one.progress = PlanProgress::Planning(id);
        effects.push(Effect::Compute { id, computation: Computation::PlanChange(Box::new(change)) });
    }
    let is_planned = |one: &RepositoryToPlan| matches!(one.progress, PlanProgress::Planned(_));
    if begun.repositories.iter().all(is_planned) && model.overlay.is_none() {
        show_plan(model, begun);
    } else {
        model.save.to_begin = Some(begun);
    }
    effects
}

/// Takes a plan; a late one changes nothing.
pub(super) fn take_planned(model: &mut Model, id: RequestId, result: &Result<Computed, Failure>) {
    let Some(begun) = &mut model.save.to_begin else { return };
    let is_it = |one: &&mut RepositoryToPlan| one.progress == PlanProgress::Planning(id);
    let Some(one) = begun.repositories.iter_mut().find(is_it) else { return };
    match result {
        Ok(Computed::Planned(planned)) => one.progress = PlanProgress::Planned(Box::new((**planned).clone())),
        Ok(_) => {}
        Err(failure) => {
            let planned = Baseline::plan_unread(one.repository.clone(), failure.clone());
            one.progress = PlanProgress::Planned(Box::new(planned));
        }
    }
}

/// Shows the plan in place of what is at the step; that comes back where nothing is sent.
fn show_plan(model: &mut Model, begun: ChangeToBegin) {
    let ChangeToBegin { intent, action, from: PlanOrigin { step: from, .. }, repositories, .. } = begun;
    let single = repositories.len() == 1;
    let is_undo = intent.undone_change().is_some();
    let entries = repositories.into_iter().filter_map(|one| {
        let PlanProgress::Planned(planned) = one.progress else { return None };
        let mut entry = SaveEntry::new(*planned, false, single);
        // What could not be read is refused like any other part of an undo.
        if let crate::plan::Verdict::Unread(failure) = &entry.planned.verdict
            && is_undo
        {
            let way = UndoWay::Refused(failure.what.clone());
            entry.planned.undo = Some(UndoNotes { way, remaining: Vec::new() });
        }
        Some(entry)
    });
    let entries = entries.collect();
    let sentences_before = [model.save.unfinished_sentences(), model.save.done_sentences()].concat();
    let before = Box::new(std::mem::take(&mut model.save));
    model.save = SaveStep {
        entries,
        begun: Some(BegunChange { intent, before, from }),
        sentences_before,
        ..SaveStep::default()
    };
    model.step = Step::Save;
    model.notice = None;
    ask_again(model);
    crate::wizard::question::follow_key(model, action, from);
}

/// Goes back to the step that a change was begun from, while nothing of it was sent. False: there is no such.
pub(super) fn leave_change(model: &mut Model) -> bool {
    let is_sent = model.save.entries.iter().any(|entry| entry.state != WriteState::Planned);
    let Some(BegunChange { before, from, .. }) = model.save.begun.take_if(|_| !is_sent) else { return false };
    model.save = *before;
    model.save.cursor = Cursor::default();
    model.step = from;
    to_first_entry(model);
    true
}
