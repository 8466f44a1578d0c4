//! The confirmed writes: sent together, counted as they end, and stopped.

use super::{
    Outcome, Phase, Remaking, RunningSave, SaveEntry, WriteState, page_rows, tell_unseen, to_first_entry, unseen_words,
    whole_page,
};
use crate::ecr::RepositoryRef;
use crate::wizard::event::SaveNews;
use crate::wizard::{Effect, Model, RequestId, Tone};

/// Sends everything that was on the screen for this confirmation, as one change.
pub(super) fn confirm_all(model: &mut Model) -> Vec<Effect> {
    if let Some(words) = unseen_words(model) {
        tell_unseen(model, words);
        return Vec::new();
    }
    let Some(signed) = &model.signed else { return Vec::new() };
    let (context, place) = (signed.request_context(), signed.registry_place());
    // The head shows where the writes go; one that belongs elsewhere is sent nowhere.
    let is_elsewhere = |entry: &&SaveEntry| entry.is_asked() && !place.holds(&entry.planned.repository);
    if let Some(entry) = model.save.entries.iter().find(is_elsewhere) {
        let words = format!("{} is not in the account and Region above: nothing was sent", entry.planned.repository);
        model.set_notice(Tone::Bad, words);
        return Vec::new();
    }
    if let Some(words) = find_time_problem(model) {
        model.set_notice(Tone::Bad, words);
        return Vec::new();
    }
    let (id, since) = (model.next_request(), model.now);
    let step = &mut model.save;
    let mut writes = Vec::new();
    for entry in &mut step.entries {
        if entry.is_asked()
            && let Some(write) = entry.planned.to_write()
        {
            entry.state = WriteState::Queued;
            writes.push(write);
        }
        entry.open = false;
    }
    step.unfolded.clear();
    step.yes = false;
    step.is_typing = false;
    step.typed.clear_text();
    step.phase = Phase::Writing;
    step.running = Some(RunningSave { id, since, change: None, progress: None, is_stopping: false, is_followed: true });
    let undone = step.begun.as_ref().and_then(|begun| begun.intent.undone_change());
    let undoes = undone.map(str::to_owned);
    to_first_entry(model);
    vec![Effect::Save { id, context, writes, undoes }]
}

/// Returns why the time forbids a confirmed write: the access that it gives has ended, or what it takes for ended has not.
fn find_time_problem(model: &Model) -> Option<String> {
    let (step, now) = (&model.save, model.unix_now());
    let of_change = step.begun.as_ref().and_then(|begun| begun.intent.ask.find_time_problem(now));
    let asked = step.entries.iter().filter(|entry| entry.is_asked()).filter_map(|entry| entry.planned.to_write());
    let of_write = || asked.into_iter().find_map(|write| write.find_past_end(now));
    of_change.map(|problem| problem.to_string()).or_else(|| of_write().map(|failure| failure.to_string()))
}

/// Lets nothing new begin. The writes under way end, and are told.
pub(super) fn stop_writes(model: &mut Model) -> Vec<Effect> {
    let step = &mut model.save;
    let count = |is: fn(&WriteState) -> bool| step.entries.iter().filter(|entry| is(&entry.state)).count();
    let under_way = count(|state| matches!(state, WriteState::Writing { .. }));
    let waiting = count(|state| *state == WriteState::Queued);
    let Some(running) = &mut step.running else { return Vec::new() };
    let is_first = !std::mem::replace(&mut running.is_stopping, true);
    let id = running.id;
    let writes = |count: usize| if count == 1 { "1 write".to_owned() } else { format!("{count} writes") };
    let waits = step.entries.iter().any(|entry| is_open(entry) && entry.waits_for.is_some());
    let words = match (under_way, waiting) {
        (_, 0) if waits => "it waits no longer: the outcome follows".to_owned(),
        (_, 0) => "a write under way cannot be stopped: its outcome follows".to_owned(),
        (0, waiting) => format!("stopping: {} will not be begun", writes(waiting)),
        (under_way, _) => format!("stopping: {} under way still end, nothing new is begun", writes(under_way)),
    };
    model.set_notice(Tone::Plain, words);
    if is_first { vec![Effect::StopSave(id)] } else { Vec::new() }
}

/// Takes the outcome of a write under way; a late one changes nothing.
pub(super) fn take_outcome(model: &mut Model, id: RequestId, repository: &RepositoryRef, outcome: &Outcome) {
    let Some(running) = model.save.running.as_ref().filter(|running| running.id == id) else { return };
    let change = running.change.clone();
    let Some(entry) = open_entry(&mut model.save.entries, repository) else { return };
    if matches!(outcome, Outcome::Changed { .. }) {
        entry.remaking = Some(Remaking::Wanted);
    }
    entry.state = WriteState::Ended(outcome.clone());
    entry.change = change;
    if let Outcome::Changed { now: stored }
    | Outcome::Written { stored, .. }
    | Outcome::WrittenBesideOthers { stored, .. }
    | Outcome::Replaced { now: stored, .. } = outcome
    {
        crate::wizard::policy::stored_changed(model, repository, stored.clone());
        crate::wizard::repository::stored_now(model, repository, stored.as_deref());
    } else if matches!(outcome, Outcome::Unknown(_)) {
        model.stored_policies.forget_policy(repository);
    }
    if model.save.entries.iter().any(is_open) {
        keep_work_in_sight(model);
    } else {
        end_writes(model);
    }
}

/// Moves the cursor to the first repository under way, unless somebody moved it since the writes began.
fn keep_work_in_sight(model: &mut Model) {
    let is_followed = model.save.running.as_ref().is_some_and(|running| running.is_followed);
    if !is_followed || !model.save.is_many() {
        return;
    }
    let is_under_way =
        |at: usize| model.save.entries.get(at).is_some_and(|entry| matches!(entry.state, WriteState::Writing { .. }));
    let (page, height) = (whole_page(model), page_rows(model));
    let row = page.all_rows().iter().position(|row| row.owner.is_some_and(is_under_way));
    if let Some(row) = row {
        model.save.cursor.select_row(row, page.len(), height);
    }
}

/// Tells whether the outcome of a confirmed write is awaited.
fn is_open(entry: &SaveEntry) -> bool {
    matches!(entry.state, WriteState::Queued | WriteState::Writing { .. })
}

fn open_entry<'a>(entries: &'a mut [SaveEntry], repository: &RepositoryRef) -> Option<&'a mut SaveEntry> {
    entries.iter_mut().find(|entry| entry.planned.repository == *repository && is_open(entry))
}

/// Takes other news of the writes under way.
pub(super) fn take_news(model: &mut Model, id: RequestId, news: &SaveNews) {
    let since = model.now;
    let step = &mut model.save;
    let Some(running) = step.running.as_mut().filter(|running| running.id == id) else { return };
    match news {
        SaveNews::Started(change) => running.change = Some(change.clone()),
        SaveNews::Begun(repository) => {
            if let Some(entry) = open_entry(&mut step.entries, repository) {
                entry.state = WriteState::Writing { since };
            }
            keep_work_in_sight(model);
        }
        SaveNews::Noticed(repository, words) => {
            if let Some(entry) = open_entry(&mut step.entries, repository) {
                entry.waits_for = Some(words.clone());
            }
        }
        SaveNews::Moved(progress) => running.progress = Some(progress.clone()),
        SaveNews::Over(failure) => {
            for entry in step.entries.iter_mut().filter(|entry| entry.state == WriteState::Queued) {
                entry.state = WriteState::Planned;
            }
            if let Some(failure) = failure {
                model.set_notice(Tone::Bad, failure.to_string());
            }
            if model.save.phase == Phase::Writing {
                end_writes(model);
            }
        }
    }
}

fn end_writes(model: &mut Model) {
    model.save.phase = Phase::Ended;
    to_first_entry(model);
}
