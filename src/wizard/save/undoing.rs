//! Takes back what was just written: reads what is stored now, plans the way back, and shows that plan for its own
//! confirmation.

use super::undo_state::{RepositoryToUndo, UndoProgress, UndoToBegin, UndoneChange};
use super::{Cursor, Phase, SaveEntry, SaveStep, WriteState, ask_again, to_first_entry};
use crate::ecr::{Failure, RepositoryRef};
use crate::plan::{Baseline, Target, UndoNotes, UndoWay};
use crate::wizard::computation::undoing::UndoToPlan;
use crate::wizard::computation::{Computation, Computed};
use crate::wizard::{Effect, Model, RequestId, Step, Tone};

/// Returns why there is nothing to take back.
pub(in crate::wizard) fn why_not(model: &Model) -> Option<String> {
    let step = &model.save;
    if step.undo_begun.is_some() {
        return Some("the undo is being planned".to_owned());
    }
    if step.phase == Phase::Writing || !step.entries.iter().any(|entry| entry.changed_texts().is_some()) {
        return Some("nothing was written that could be taken back".to_owned());
    }
    None
}

/// Reads what is stored now in all that was written. The plan is shown when all of it is made.
pub(in crate::wizard) fn begin_undo(model: &mut Model) -> Vec<Effect> {
    let Some(context) = model.signed.as_ref().map(crate::wizard::Signed::request_context) else { return Vec::new() };
    let mut effects = Vec::new();
    let mut repositories = Vec::new();
    let mut changes: Vec<String> = Vec::new();
    for at in 0..model.save.entries.len() {
        let id = model.next_request();
        let Some(entry) = model.save.entries.get(at) else { continue };
        let Some(texts) = entry.changed_texts() else { continue };
        let repository = entry.planned.repository.clone();
        if let Some(change) = entry.change.as_ref().filter(|change| !changes.contains(change)) {
            changes.push(change.clone());
        }
        repositories.push(RepositoryToUndo {
            repository: repository.clone(),
            registry: entry.planned.registry.clone(),
            texts,
            progress: UndoProgress::Reading(id),
        });
        effects.push(Effect::ReadPolicy { id, context: context.clone(), repository, for_write: true });
    }
    let (since, from) = (model.now, model.step);
    model.save.undo_begun = Some(UndoToBegin { since, changes: changes.join(" "), from, repositories });
    model.set_notice(Tone::Plain, "reading what is stored now, to plan the undo...");
    effects
}

/// Takes what is stored in a repository that is to be undone; a late answer changes nothing.
pub(super) fn take_stored(
    model: &mut Model,
    id: RequestId,
    repository: &RepositoryRef,
    stored: &Result<Option<String>, Failure>,
) {
    let around = model.registry_policies.policy_around(repository);
    let Some(undo) = &mut model.save.undo_begun else { return };
    let is_it = |one: &&mut RepositoryToUndo| one.progress == UndoProgress::Reading(id);
    let Some(one) = undo.repositories.iter_mut().find(is_it) else { return };
    one.registry = around;
    one.progress = match stored {
        Ok(stored) => UndoProgress::Read(stored.clone()),
        Err(failure) => {
            let planned = Baseline::plan_unread(one.repository.clone(), failure.clone());
            UndoProgress::Planned(Box::new(planned))
        }
    };
}

/// Begins to plan what is read. The plan for all is shown where nobody went elsewhere meanwhile.
pub(super) fn begin_planning(model: &mut Model) -> Vec<Effect> {
    let Some(mut undo) = model.save.undo_begun.take() else { return Vec::new() };
    if model.step != undo.from {
        return Vec::new();
    }
    let caller = model.signed.as_ref().map(|signed| signed.identity.clone());
    let mut effects = Vec::new();
    for one in &mut undo.repositories {
        let UndoProgress::Read(stored) = &one.progress else { continue };
        let (repository, registry) = (one.repository.clone(), one.registry.clone());
        let target = Target { repository, stored: stored.clone(), registry };
        let plan = UndoToPlan { target, texts: one.texts.clone(), caller: caller.clone() };
        let id = model.next_request();
        one.progress = UndoProgress::Planning(id);
        effects.push(Effect::Compute { id, computation: Computation::PlanUndo(Box::new(plan)) });
    }
    let is_planned = |one: &RepositoryToUndo| matches!(one.progress, UndoProgress::Planned(_));
    if undo.repositories.iter().all(is_planned) {
        show_plan(model, undo);
    } else {
        model.save.undo_begun = Some(undo);
    }
    effects
}

/// Takes a plan; a late one changes nothing.
pub(super) fn take_planned(model: &mut Model, id: RequestId, result: &Result<Computed, Failure>) {
    let Some(undo) = &mut model.save.undo_begun else { return };
    let is_it = |one: &&mut RepositoryToUndo| one.progress == UndoProgress::Planning(id);
    let Some(one) = undo.repositories.iter_mut().find(is_it) else { return };
    match result {
        Ok(Computed::Planned(planned)) => one.progress = UndoProgress::Planned(Box::new((**planned).clone())),
        Ok(_) => {}
        Err(failure) => {
            let planned = Baseline::plan_unread(one.repository.clone(), failure.clone());
            one.progress = UndoProgress::Planned(Box::new(planned));
        }
    }
}

/// Shows the plan in place of the outcome; that one comes back where nothing is taken back.
fn show_plan(model: &mut Model, undo: UndoToBegin) {
    let UndoToBegin { changes, from, repositories, .. } = undo;
    let single = repositories.len() == 1;
    let entries = repositories.into_iter().filter_map(|one| {
        let UndoProgress::Planned(planned) = one.progress else { return None };
        let mut entry = SaveEntry::new(*planned, false, single);
        // What could not be read is refused like any other part of an undo.
        if let crate::plan::Verdict::Unread(failure) = &entry.planned.verdict {
            let way = UndoWay::Refused(failure.what.clone());
            entry.planned.undo = Some(UndoNotes { way, remaining: Vec::new() });
        }
        entry.undoes = Some(one.texts);
        Some(entry)
    });
    let entries = entries.collect();
    let sentences_before = [model.save.unfinished_sentences(), model.save.done_sentences()].concat();
    let before = Box::new(std::mem::take(&mut model.save));
    model.save = SaveStep {
        entries,
        undoing: Some(UndoneChange { changes, before, from }),
        sentences_before,
        ..SaveStep::default()
    };
    model.step = Step::Save;
    model.notice = None;
    ask_again(model);
    crate::wizard::question::follow_key(model, crate::wizard::Action::Undo, from);
}

/// Goes back to the outcome that an undo was begun from, while nothing of it was sent. False: there is no such.
pub(super) fn leave_undo(model: &mut Model) -> bool {
    let is_sent = model.save.entries.iter().any(|entry| entry.state != WriteState::Planned);
    let Some(UndoneChange { before, from, .. }) = model.save.undoing.take_if(|_| !is_sent) else { return false };
    model.save = *before;
    model.save.cursor = Cursor::default();
    model.step = from;
    to_first_entry(model);
    true
}
