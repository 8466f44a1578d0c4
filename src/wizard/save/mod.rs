//! Step: Save. What will happen to each repository, the confirmation, and the writes, several at once.
//!
//! A write is sent only for what was on the screen when the confirmation was given in full, in this visit of the step.

pub(super) mod begun;
mod begun_state;
mod many_rows;
mod outcome;
mod plan_file;
mod rows;
mod shown;
mod state;
mod ticks;
mod writing;

pub use plan_file::say_plan_written;
pub(super) use rows::add_changes;
pub use rows::{foot_rows, head_rows, page_rows, question_columns, whole_page, writing_slowdown};
pub(super) use ticks::{mend_named, tick_named};

use std::borrow::Cow;

use super::computation::remaking::EditToRemake;
use super::computation::{Computation, Computed};
use super::keymap::{Action, KeyScope};
use super::layout::is_too_small;
use super::page::scroll_rows;
use super::screen::Screen;
use super::{Answer, Cursor, Effect, Key, Model, RequestId, Step, Tone, field::Field};
use crate::ecr::{Failure, Repository};
use crate::plan::{self, Confirmation, Outcome, Planned, Request, Target};
pub use state::{Holds, How, Phase, SaveEntry, SaveStep, Underneath, WriteState};
use state::{Mending, Remaking, RunningSave};
use writing::confirm_all;

/// The step's row in the table of screens.
pub(super) const SCREEN: Screen = Screen {
    title: "Save",
    details_share: 36,
    leads_to_question: false,
    enter: enter_step,
    resume: |_, _| Some(Vec::new()),
    pass: |_| None,
    act: do_action,
    text: type_key,
    paste: paste_text,
    click: click_at,
    resized: fit_size,
    drawn: mark_drawn,
    answer: take_answer,
    scopes: |model| model.save.key_scopes(),
    why_off,
    label,
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
        Action::Retry if step.phase == Phase::ReadOnly || !step.entries.iter().any(SaveEntry::can_retry) => {
            Some("nothing is left to try".to_owned())
        }
        Action::Undo => begun::why_no_undo(model),
        Action::WritePlan => plan_file::why_not(model),
        Action::Next if step.phase == Phase::ReadOnly && !step.has_something() => {
            let back = model.key_name(KeyScope::Global, Action::Back);
            Some(format!("read-only: nothing was saved; {back} goes back to the policy"))
        }
        Action::Next
            if !step.asks_or_writes() && !step.has_something() && !step.entries.iter().any(SaveEntry::is_changed) =>
        {
            Some(format!(
                "nothing was saved: {} goes back to the policy",
                model.key_name(KeyScope::Global, Action::Back)
            ))
        }
        _ => None,
    }
}

/// Returns what the footer calls an action here: while writes are under way the way back stops them.
fn label(model: &Model, _: KeyScope, action: Action) -> Option<Cow<'static, str>> {
    let is_stop = action == Action::Back && model.save.is_writing() && !model.save.is_stopping();
    is_stop.then_some(Cow::Borrowed("stop"))
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
    // A text that was edited as it is stored cannot be made again on another one.
    let request = super::actions::request(model).filter(|_| !model.policy.edits_stored());
    begin_visit(model, documents, request)
}

/// Begins a visit with these plans; whatever was typed or answered before is void. `request` is what the plans come
/// from: with it an edit can be made again on a text that changed underneath.
pub fn begin_visit(model: &mut Model, documents: Vec<DocumentToSave>, request: Option<Request>) -> Vec<Effect> {
    if model.save.is_writing() {
        return Vec::new();
    }
    let before = [model.save.unfinished_sentences(), model.save.done_sentences()].concat();
    model.done.extend(before);
    let single = documents.len() == 1;
    let entries = documents
        .into_iter()
        .map(|DocumentToSave { planned, is_by_hand }| {
            let is_by_hand = is_by_hand || (request.is_none() && planned.will_write());
            SaveEntry::new(planned, is_by_hand, single)
        })
        .collect();
    model.save = SaveStep { entries, request, ..SaveStep::default() };
    ask_again(model);
    Vec::new()
}

/// Refuses the plans for repositories that the configuration holds read-only.
fn hold_read_only(model: &mut Model) {
    let Some(source) = model.signed.as_ref().map(|signed| signed.request_context().source) else { return };
    for entry in model.save.entries.iter_mut().filter(|entry| entry.state == WriteState::Planned) {
        model.settings.read_only_patterns.hold_plan(&mut entry.planned, &source);
        entry.is_ticked &= entry.planned.will_write();
    }
}

/// Puts into the plans what is known of the code that owns the repositories.
fn tell_owners(model: &mut Model) {
    for entry in model.save.entries.iter_mut().filter(|entry| entry.state == WriteState::Planned) {
        if let Some(ownership) = model.owners.get(&entry.planned.repository) {
            entry.planned.ownership = ownership.clone();
        }
    }
}

/// Asks for the confirmation of everything that is planned and not written, from the start.
fn ask_again(model: &mut Model) {
    hold_read_only(model);
    tell_owners(model);
    model.save.groups = plan::group_indexes(model.save.entries.iter().map(|entry| &entry.planned));
    ask_about_ticked(model);
    to_first_entry(model);
}

/// Asks for the confirmation of what is ticked, from the start. The cursor stays where it is.
fn ask_about_ticked(model: &mut Model) {
    let step = &mut model.save;
    step.yes = false;
    step.is_typing = false;
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
    // What was said of another size holds no longer than that size.
    let told = model.save.told_unseen.take();
    if let Some(words) = told
        && model.notice.take_if(|notice| notice.text == words).is_some()
        && let Some(words) = words_of_unseen(model, count_in_next_frame(model))
    {
        tell_unseen(model, words);
    }
    Vec::new()
}

/// Says why no yes is taken yet.
fn tell_unseen(model: &mut Model, words: String) {
    model.save.told_unseen = Some(words.clone());
    model.set_notice(Tone::Bad, words);
}

/// Returns why no yes is taken yet, as a sentence; `None`: all that is gained and lost was on the screen.
fn unseen_words(model: &Model) -> Option<String> {
    let seen = &model.save.seen;
    words_of_unseen(model, count_unseen(model, |at, _| seen.contains(&at)))
}

fn words_of_unseen(model: &Model, unseen: Option<usize>) -> Option<String> {
    let words = match unseen {
        Some(0) => return None,
        None => "not saved: enlarge the window to see who gains and who loses".to_owned(),
        Some(unseen) => {
            let rows = if unseen == 1 { "1 row".to_owned() } else { format!("{unseen} rows") };
            let down = model.key_name(KeyScope::List, Action::PageDown);
            format!("not saved: {rows} about who gains and loses not shown yet; {down} or a larger window shows more")
        }
    };
    Some(words)
}

/// Counts the rows about gains and losses that are unseen once the frame that is drawn now was.
fn count_in_next_frame(model: &Model) -> Option<usize> {
    let step = &model.save;
    let shown = step.first_row()..step.first_row() + rows::shown_rows(model);
    count_unseen(model, |at, row| step.seen.contains(&at) || shown.contains(&row))
}

/// Returns what is to be done before a yes is taken, where the frame that is drawn now leaves gains or losses unseen.
pub fn demand_to_look(model: &Model) -> Option<String> {
    let step = &model.save;
    if !step.is_asking() {
        return None;
    }
    match count_in_next_frame(model) {
        Some(0) => None,
        None => Some("enlarge the window to see who gains and who loses".to_owned()),
        Some(unseen) => {
            let (rows, are) = if unseen == 1 { ("row", "is") } else { ("rows", "are") };
            let down = model.key_name(KeyScope::List, Action::PageDown);
            Some(format!("{down} or enlarge: {unseen} {rows} of gains and losses {are} not seen"))
        }
    }
}

/// Counts the rows about gains and losses that are not seen, by their number and their row; `None`: the window has no row
/// for any of them.
fn count_unseen(model: &Model, is_seen: impl Fn(usize, usize) -> bool) -> Option<usize> {
    if is_too_small(model.size) || rows::shown_rows(model) == 0 {
        return None;
    }
    let page = whole_page(model);
    Some(page.change_rows().iter().enumerate().filter(|(at, row)| !is_seen(*at, **row)).count())
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
    if model.save.is_many()
        && let Some(effects) = ticks::do_plan_action(model, action)
    {
        return effects;
    }
    let phase = model.save.phase.clone();
    match (phase, action) {
        (Phase::Writing, Action::Back) => writing::stop_writes(model),
        (Phase::Asking(_) | Phase::ReadOnly | Phase::Nothing, Action::WritePlan) => plan_file::write_plan(model),
        (Phase::Asking(Confirmation::Plain), Action::Left | Action::Right) => {
            model.save.yes = !model.save.yes;
            Vec::new()
        }
        (Phase::Asking(Confirmation::Plain), Action::Yes) => confirm_all(model),
        (Phase::Asking(Confirmation::Plain), Action::Next) if model.save.yes => confirm_all(model),
        (Phase::Asking(Confirmation::Typed { .. }), Action::Yes) => {
            model.save.is_typing = true;
            Vec::new()
        }
        (Phase::Asking(Confirmation::Typed { .. }), Action::Back) if model.save.is_many() && model.save.is_typing => {
            model.save.is_typing = false;
            model.save.typed.clear_text();
            Vec::new()
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
        (Phase::Asking(_), Action::No | Action::Next) => {
            model.set_notice(Tone::Plain, "nothing was written");
            to_policy(model)
        }
        (Phase::Nothing | Phase::ReadOnly | Phase::Ended, Action::Next) => go_on(model),
        (Phase::Ended, Action::Retry) => retry_failed(model),
        (Phase::Ended, Action::Undo) => begun::begin_undo(model),
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
        let is_fold = rows.fold_at(selected).is_some();
        let owner = rows.all_rows().get(selected).and_then(|row| row.owner).filter(|_| !is_fold);
        let owner = if many { owner } else { Some(0) };
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
        let is_moved = step.cursor.move_by(action, len, height);
        if let Some(running) = step.running.as_mut().filter(|_| is_moved) {
            running.is_followed = false;
        }
        is_moved
    } else {
        scroll_rows(&mut step.cursor.offset, action, len, height)
    }
}

/// Back to the draft, or to what a change was begun from; where everything it was for is written, the documents are read afresh.
fn to_policy(model: &mut Model) -> Vec<Effect> {
    let is_from_review = model.save.begun.as_ref().is_some_and(begun_state::BegunChange::is_from_review);
    if begun::leave_change(model) {
        return Vec::new();
    }
    if is_from_review {
        return super::return_to_review(model);
    }
    if model.save.is_done() { super::go(model, Step::Policy) } else { super::back(model) }
}

fn take_answer(model: &mut Model, id: RequestId, answer: &Answer) -> Vec<Effect> {
    match answer {
        Answer::Computed(result) => {
            take_remade(model, id, result);
            ticks::take_mended(model, id, result);
            begun::take_planned(model, id, result);
        }
        Answer::Policy(repository, stored) => begun::take_stored(model, id, repository, stored),
        Answer::Saved(repository, outcome) => writing::take_outcome(model, id, repository, outcome),
        Answer::Saving(news) => writing::take_news(model, id, news),
        _ => {}
    }
    Vec::new()
}

/// Begins to make the edits again whose text turned out to be another one; those by hand are only compared with it.
fn begin_computations(model: &mut Model) -> Vec<Effect> {
    let mut effects = ticks::begin_mending(model);
    effects.extend(begun::begin_planning(model));
    for at in 0..model.save.entries.len() {
        let Some(entry) = model.save.entries.get(at).filter(|entry| entry.remaking == Some(Remaking::Wanted)) else {
            continue;
        };
        let WriteState::Ended(Outcome::Changed { now: stored }) = &entry.state else { continue };
        let planned = &entry.planned;
        let (repository, registry) = (planned.repository.clone(), planned.registry.clone());
        let edit = EditToRemake {
            target: Target { repository, stored: stored.clone(), registry, now: Some(model.unix_now()) },
            before: planned.stored.clone(),
            request: model.save.request.clone().filter(|_| !entry.by_hand),
            intent: model.save.begun.as_ref().map(|begun| begun.intent.clone()),
            remove_deleted: !planned.deleted.is_empty(),
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
    if model.save.has_something() { super::go(model, Step::Permissions) } else { Vec::new() }
}

/// Asks again for the ones that failed or were not begun.
fn retry_failed(model: &mut Model) -> Vec<Effect> {
    let single = !model.save.is_many();
    for entry in model.save.entries.iter_mut().filter(|entry| entry.can_retry()) {
        entry.state = WriteState::Planned;
        entry.waits_for = None;
        entry.open = single;
    }
    ask_again(model);
    Vec::new()
}

/// Puts the cursor on the row under the pointer, where there is a cursor; `row` counts from the top of the body.
fn click_at(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    if column >= model.size.columns.saturating_sub(question_columns(model)) {
        return Vec::new();
    }
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
        // Among several no command is a digit, and the word begins with the number of repositories.
        let begins = key.typed_char().is_some_and(|c| c.is_ascii_digit());
        if model.save.is_many() && !model.save.is_typing && !begins {
            return Vec::new();
        }
        model.save.is_typing = true;
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
