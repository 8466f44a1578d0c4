//! Step: Save. What will happen to each repository, the confirmation, and the writes one after another.
//!
//! A write is sent only for what was on the screen when the confirmation was given in full, in this visit of the step.

mod outcome;
mod rows;
mod shown;
mod state;

pub(super) use rows::add_changes;
pub use rows::{foot_rows, head_rows, page_rows, whole_page};

use super::computation::remaking::EditToRemake;
use super::computation::{Computation, Computed};
use super::keymap::{Action, KeyScope};
use super::layout::is_too_small;
use super::page::scroll_rows;
use super::screen::Screen;
use super::{Answer, Cursor, Effect, Key, Model, RequestId, Step, Tone, field::Field};
use crate::ecr::{Failure, Repository};
use crate::plan::{self, Confirmation, Outcome, Planned, Request, Target};
use state::Remaking;
pub use state::{Holds, How, Phase, SaveEntry, SaveStep, Underneath, WriteState};

/// The step's row in the table of screens.
pub(super) const SCREEN: Screen = Screen {
    title: "Save",
    details_share: 36,
    leads_to_question: false,
    enter: enter_step,
    resume: |_, _| Some(Vec::new()),
    act: do_action,
    text: type_key,
    paste: paste_text,
    click: click_at,
    resized: fit_size,
    drawn: mark_drawn,
    answer: take_answer,
    scopes: |model| model.save.key_scopes(),
    why_off,
    label: |_, _, _| None,
    is_asking: |model| model.save.is_asking(),
    waiting_since: |model| model.save.waiting_since(),
    compute: begin_computations,
    endpoint: Model::signed_endpoint,
};

/// Returns why an action does nothing here.
fn why_off(model: &Model, action: Action) -> Option<String> {
    let step = &model.save;
    match action {
        Action::Toggle if step.entries.is_empty() => Some("there is no text to show".to_owned()),
        Action::Retry if !step.entries.iter().any(SaveEntry::can_retry) => Some("nothing failed".to_owned()),
        Action::Next if step.phase == Phase::ReadOnly && !step.holds_something() => {
            let back = model.key_name(KeyScope::Global, Action::Back);
            Some(format!("read-only: nothing was saved; {back} goes back to the policy"))
        }
        Action::Next
            if !step.asks_or_writes() && !step.holds_something() && !step.entries.iter().any(SaveEntry::is_changed) =>
        {
            Some(format!(
                "nothing was saved: {} goes back to the policy",
                model.key_name(KeyScope::Global, Action::Back)
            ))
        }
        _ => None,
    }
}

/// A document on its way to be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentToSave {
    /// The plan for it.
    pub planned: Planned,
    /// Tells whether it says something else than the request alone comes to: such an edit is not made again on another
    /// text.
    pub is_by_hand: bool,
}

fn enter_step(model: &mut Model) -> Vec<Effect> {
    let documents = super::policy::documents_to_save(model);
    let request = super::actions::request(model);
    begin_visit(model, documents, request)
}

/// Begins a visit with these plans; whatever was typed or answered before is void. `request` is what the plans come
/// from: with it an edit can be made again on a text that changed underneath.
pub fn begin_visit(model: &mut Model, documents: Vec<DocumentToSave>, request: Option<Request>) -> Vec<Effect> {
    if model.save.is_writing() {
        return Vec::new();
    }
    let left = model.save.unfinished_sentences();
    model.done.extend(left);
    let single = documents.len() == 1;
    let entries = documents
        .into_iter()
        .map(|DocumentToSave { mut planned, is_by_hand }| {
            let by_hand = is_by_hand || (request.is_none() && planned.will_write());
            hold_read_only(model, &mut planned);
            SaveEntry { by_hand, planned, state: WriteState::Planned, underneath: None, remaking: None, open: single }
        })
        .collect();
    model.save = SaveStep { entries, request, ..SaveStep::default() };
    ask_again(model);
    Vec::new()
}

/// Refuses a plan for a repository that the configuration holds read-only.
fn hold_read_only(model: &Model, planned: &mut Planned) {
    if let Some(signed) = &model.signed {
        model.settings.read_only_patterns.hold_plan(planned, &signed.request_context().source);
    }
}

/// Asks for the confirmation of everything that is planned and not written, from the start.
fn ask_again(model: &mut Model) {
    let step = &mut model.save;
    step.yes = false;
    step.typed.clear_text();
    step.seen.clear();
    let asked: Vec<Planned> = step.entries.iter().filter(|e| e.is_asked()).map(|e| e.planned.clone()).collect();
    let ended = step.entries.iter().any(|entry| matches!(entry.state, WriteState::Ended(_)));
    step.phase = match (asked.is_empty(), ended) {
        (false, _) if model.settings.read_only => Phase::ReadOnly,
        (false, _) => Phase::Asking(plan::needed_confirmation(&asked)),
        (true, true) => Phase::Ended,
        (true, false) => Phase::Nothing,
    };
    to_first_entry(model);
    model.question.mark_unseen();
}

/// The frame is out: what it shows of gains and losses was seen.
fn mark_drawn(model: &mut Model) {
    if !model.save.is_asking() {
        return;
    }
    let shown = rows::shown_rows(model);
    let first = model.save.first_row();
    let changes = whole_page(model).change_rows().to_vec();
    let seen = changes.iter().enumerate().filter(|(_, row)| (first..first + shown).contains(*row)).map(|(at, _)| at);
    model.save.seen.extend(seen);
}

/// Rows may be wrapped at other places: what was seen before counts no longer.
fn fit_size(model: &mut Model) -> Vec<Effect> {
    model.save.seen.clear();
    Vec::new()
}

/// Returns why no yes is taken yet, as a sentence; `None`: all that is gained and lost was on the screen.
fn unseen_words(model: &Model) -> Option<String> {
    if is_too_small(model.size) || rows::shown_rows(model) == 0 {
        return Some("not saved: enlarge the window to see who gains and who loses".to_owned());
    }
    let unseen = whole_page(model).change_rows().len().saturating_sub(model.save.seen.len());
    let rows = if unseen == 1 { "1 row".to_owned() } else { format!("{unseen} rows") };
    (unseen > 0).then(|| format!("not saved: {rows} about who gains and loses not shown yet; PgDn shows more"))
}

/// Puts the cursor on the first repository.
fn to_first_entry(model: &mut Model) {
    model.save.cursor = Cursor::default();
    if model.save.is_many() {
        let rows = whole_page(model);
        let first = rows.all_rows().iter().position(|row| row.owner.is_some()).unwrap_or_default();
        let height = page_rows(model);
        model.save.cursor.select_row(first, rows.len(), height);
    }
}

fn do_action(model: &mut Model, action: Action) -> Vec<Effect> {
    if move_view(model, action) {
        return Vec::new();
    }
    let phase = model.save.phase.clone();
    match (phase, action) {
        (Phase::Writing, Action::Back) => {
            model.set_notice(Tone::Plain, "the writes go on: a confirmed write cannot be stopped");
            Vec::new()
        }
        (Phase::Asking(Confirmation::Plain), Action::Left | Action::Right) => {
            model.save.yes = !model.save.yes;
            Vec::new()
        }
        (Phase::Asking(Confirmation::Plain), Action::Yes) => confirm_all(model),
        (Phase::Asking(Confirmation::Plain), Action::Next) if model.save.yes => confirm_all(model),
        (Phase::Asking(Confirmation::Plain), Action::No | Action::Next) => {
            model.set_notice(Tone::Plain, "nothing was written");
            to_policy(model)
        }
        (Phase::Asking(Confirmation::Typed { word, .. }), Action::Next) => {
            if model.save.typed.text() == word {
                confirm_all(model)
            } else {
                let back = model.key_name(KeyScope::Global, Action::Back);
                model.set_notice(Tone::Bad, format!("not saved: type `{word}` exactly, or {back} to go back"));
                Vec::new()
            }
        }
        (Phase::Nothing | Phase::ReadOnly | Phase::Ended, Action::Next) => go_on(model),
        (Phase::Ended, Action::Retry) => retry_failed(model),
        (_, Action::Back) => to_policy(model),
        _ => Vec::new(),
    }
}

/// Scrolls, moves the cursor, folds and unfolds.
fn move_view(model: &mut Model, action: Action) -> bool {
    let rows = whole_page(model);
    let (len, height) = (rows.len(), page_rows(model));
    let many = model.save.is_many();
    let step = &mut model.save;
    if action == Action::Toggle {
        let selected = step.cursor.selected;
        let owner = if many { rows.all_rows().get(selected).and_then(|row| row.owner) } else { Some(0) };
        if let Some(at) = owner
            && let Some(entry) = step.entries.get_mut(at)
        {
            entry.open = !entry.open;
            let rows = whole_page(model);
            let heading = rows.all_rows().iter().position(|row| row.owner == Some(at)).unwrap_or_default();
            if many {
                model.save.cursor.select_row(heading, rows.len(), height);
            } else {
                scroll_rows(&mut model.save.cursor.offset, Action::First, rows.len(), height);
            }
        }
        return true;
    }
    if many {
        step.cursor.move_by(action, len, height)
    } else {
        scroll_rows(&mut step.cursor.offset, action, len, height)
    }
}

/// Back to the draft; where everything it was for is written, the documents are read afresh.
fn to_policy(model: &mut Model) -> Vec<Effect> {
    if model.save.is_done() { super::go(model, Step::Policy) } else { super::back(model) }
}

/// Everything that was on the screen for this confirmation is written, one after another.
fn confirm_all(model: &mut Model) -> Vec<Effect> {
    if let Some(words) = unseen_words(model) {
        model.set_notice(Tone::Bad, words);
        return Vec::new();
    }
    let step = &mut model.save;
    for entry in &mut step.entries {
        if entry.is_asked() {
            entry.state = WriteState::Queued;
        }
        entry.open = false;
    }
    step.yes = false;
    step.typed.clear_text();
    step.phase = Phase::Writing;
    let effects = next_write(model);
    to_first_entry(model);
    effects
}

/// Sends the next confirmed write; after the last one the step has ended.
fn next_write(model: &mut Model) -> Vec<Effect> {
    let Some(context) = model.signed.as_ref().map(super::Signed::request_context) else { return Vec::new() };
    let id = model.next_request();
    let since = model.now;
    for entry in model.save.entries.iter_mut().filter(|entry| entry.state == WriteState::Queued) {
        if let Some(write) = entry.planned.to_write() {
            entry.state = WriteState::Writing { id, since };
            return vec![Effect::Save { id, context, write }];
        }
    }
    model.save.phase = Phase::Ended;
    to_first_entry(model);
    Vec::new()
}

fn take_answer(model: &mut Model, id: RequestId, answer: &Answer) -> Vec<Effect> {
    if let Answer::Computed(result) = answer {
        take_remade(model, id, result);
    }
    let Answer::Saved(_, outcome) = answer else { return Vec::new() };
    let is_it = |entry: &SaveEntry| matches!(entry.state, WriteState::Writing { id: awaited, .. } if awaited == id);
    let Some(at) = model.save.entries.iter().position(is_it) else { return Vec::new() };
    if let Outcome::Changed { now: stored }
    | Outcome::Written { stored, .. }
    | Outcome::WrittenBesideOthers { stored, .. }
    | Outcome::Replaced { now: stored, .. } = outcome
        && let Some(repository) = model.save.entries.get(at).map(|entry| entry.planned.repository.clone())
    {
        if let Some(entry) = model.save.entries.get_mut(at).filter(|_| matches!(outcome, Outcome::Changed { .. })) {
            entry.remaking = Some(Remaking::Wanted);
        }
        super::policy::stored_changed(model, &repository, stored.clone());
        super::repository::stored_now(model, &repository, stored.as_deref());
    }
    if let Some(entry) = model.save.entries.get_mut(at) {
        entry.state = WriteState::Ended(outcome.clone());
        model.done.extend(outcome::done_line(entry));
    }
    next_write(model)
}

/// Begins to make the edits again whose text turned out to be another one; those by hand are only compared with it.
fn begin_computations(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    for at in 0..model.save.entries.len() {
        let Some(entry) = model.save.entries.get(at).filter(|entry| entry.remaking == Some(Remaking::Wanted)) else {
            continue;
        };
        let WriteState::Ended(Outcome::Changed { now: stored }) = &entry.state else { continue };
        let planned = &entry.planned;
        let (repository, registry) = (planned.repository.clone(), planned.registry.clone());
        let edit = EditToRemake {
            target: Target { repository, stored: stored.clone(), registry },
            before: planned.stored.clone(),
            request: model.save.request.clone().filter(|_| !entry.by_hand),
            caller: model.signed.as_ref().map(|signed| signed.identity.clone()),
        };
        let (id, since) = (model.next_request(), model.now);
        if let Some(entry) = model.save.entries.get_mut(at) {
            entry.remaking = Some(Remaking::Running { id, since });
        }
        effects.push(Effect::Compute { id, computation: Computation::Remake(Box::new(edit)) });
    }
    effects
}

/// Takes an edit that was made again; a late one changes nothing.
fn take_remade(model: &mut Model, id: RequestId, result: &Result<Computed, Failure>) {
    let is_it =
        |entry: &&mut SaveEntry| matches!(entry.remaking, Some(Remaking::Running { id: asked, .. }) if asked == id);
    let Some(entry) = model.save.entries.iter_mut().find(is_it) else { return };
    entry.remaking = None;
    let WriteState::Ended(Outcome::Changed { now }) = &entry.state else { return };
    match result {
        Ok(Computed::Remade(remade)) => {
            let (before, now) = (entry.planned.stored.clone(), now.clone());
            entry.underneath = Some(Underneath { delta: remade.delta.clone(), before, now });
            if let Some(planned) = &remade.planned {
                entry.planned = planned.clone();
            }
        }
        Ok(_) => {}
        Err(failure) => {
            // Without a plan on the text that is stored now, only the document leads on.
            entry.by_hand = true;
            let words = failure.to_string();
            model.set_notice(Tone::Bad, words);
        }
    }
}

/// After the outcome: confirms again what changed underneath, back to the document where the edit was made by hand,
/// otherwise on to the permissions view.
fn go_on(model: &mut Model) -> Vec<Effect> {
    if model.save.entries.iter().any(|entry| entry.remaking.is_some()) {
        model.set_notice(Tone::Plain, "checking... what somebody else changed is being compared with your edit");
        return Vec::new();
    }
    let single = !model.save.is_many();
    let mut again = false;
    for entry in model.save.entries.iter_mut().filter(|entry| entry.is_changed() && !entry.by_hand) {
        entry.state = WriteState::Planned;
        entry.open = single;
        again = true;
    }
    if again {
        ask_again(model);
        return Vec::new();
    }
    if model.save.entries.iter().any(SaveEntry::is_changed) {
        model.set_notice(Tone::Plain, "the stored text is another one now: make your edit again on it");
        return super::back(model);
    }
    if model.save.holds_something() { super::go(model, Step::Permissions) } else { Vec::new() }
}

/// Asks again for the ones that failed.
fn retry_failed(model: &mut Model) -> Vec<Effect> {
    let single = !model.save.is_many();
    for entry in model.save.entries.iter_mut().filter(|entry| entry.can_retry()) {
        entry.state = WriteState::Planned;
        entry.open = single;
    }
    ask_again(model);
    Vec::new()
}

/// Puts the cursor on the row under the pointer, where there is a cursor; `row` counts from the top of the body.
fn click_at(model: &mut Model, _column: u16, row: u16) -> Vec<Effect> {
    let (len, height) = (whole_page(model).len(), page_rows(model));
    let at = row.checked_sub(head_rows(model)).map(usize::from).filter(|at| *at < height);
    let step = &mut model.save;
    if let Some(at) = at.map(|at| step.cursor.offset + at).filter(|at| step.is_many() && *at < len) {
        step.cursor.select_row(at, len, height);
    }
    Vec::new()
}

fn type_key(model: &mut Model, key: Key) -> Vec<Effect> {
    if matches!(model.save.phase, Phase::Asking(Confirmation::Typed { .. })) {
        model.save.typed.take_key(key);
    }
    Vec::new()
}

fn paste_text(model: &mut Model, _text: &str) -> Vec<Effect> {
    if matches!(model.save.phase, Phase::Asking(_)) {
        model.set_notice(Tone::Plain, "a confirmation is typed, not pasted");
    }
    Vec::new()
}

/// Returns what `Repository` knew of it, or what can be said from its name alone.
pub(super) fn described_repository(model: &Model, planned: &Planned) -> Repository {
    let known = model.chosen.iter().find(|repository| repository.reference == planned.repository);
    known.cloned().unwrap_or_else(|| Repository {
        reference: planned.repository.clone(),
        created: None,
        encryption: None,
        tag_mutability: None,
        scan_on_push: None,
    })
}

#[cfg(test)]
mod tests;
