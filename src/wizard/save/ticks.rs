//! The plan for several repositories: which of them are written, which are left out, and what mends those that cannot go.

use super::{Mending, SaveEntry, WriteState, ask_about_ticked, ask_again, page_rows, to_first_entry, whole_page};
use crate::ecr::{Failure, RepositoryName};
use crate::plan::{PlanKind, Verdict};
use crate::wizard::computation::mending::PlanToMend;
use crate::wizard::computation::{Computation, Computed};
use crate::wizard::keymap::{Action, KeyScope};
use crate::wizard::{Effect, Model, RequestId, Tone};

use super::Phase;

/// Carries out an action on the rows of several repositories; `None`: it is none of them.
pub(super) fn do_plan_action(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    // Enter ends the typed word then, whatever row the cursor is on.
    if model.save.is_typing {
        return None;
    }
    let selected = model.save.cursor.selected;
    let page = whole_page(model);
    let fold = page.fold_at(selected);
    let at = page.all_rows().get(selected).and_then(|row| row.owner);
    let is_planning = matches!(model.save.phase, Phase::Asking(_) | Phase::Nothing | Phase::ReadOnly);
    match (action, fold) {
        (Action::Next | Action::Right, Some(first)) => unfold_rows(model, first),
        (Action::Right, None) => {}
        (Action::Left, _) => fold_rows(model, fold.or(at)),
        (Action::Next, None) if model.save.is_asking() => {
            return Some(super::do_action(model, Action::Toggle));
        }
        (Action::Tick, _) if is_planning => tick_one(model, fold, at),
        (Action::LeaveOut, _) if is_planning => leave_out(model, fold, at),
        (Action::Fix, _) if is_planning => return Some(mend_some(model, fold, at, false)),
        (Action::TickAll, _) if is_planning => {
            let is_exception =
                fold.or(at).and_then(|at| model.save.entries.get(at)).is_some_and(SaveEntry::is_exception);
            if is_exception {
                return Some(mend_some(model, fold, at, true));
            }
            tick_kind(model, fold.or(at));
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// Returns the indexes of the entries that a row stands for.
fn members_of(model: &Model, fold: Option<usize>, at: Option<usize>) -> Vec<usize> {
    match fold {
        Some(first) => super::many_rows::folded_members(&model.save, first),
        None => at.into_iter().collect(),
    }
}

fn unfold_rows(model: &mut Model, first: usize) {
    let members = super::many_rows::folded_members(&model.save, first);
    let entries = members.iter().filter_map(|at| model.save.entries.get(*at));
    let repositories: Vec<_> = entries.map(|entry| entry.planned.repository.clone()).collect();
    model.save.unfolded.extend(repositories);
    model.save.seen.clear();
}

/// Folds the rows of all that come to the same as one of them; the cursor goes to the first.
fn fold_rows(model: &mut Model, at: Option<usize>) {
    let Some(at) = at else { return };
    let members = super::many_rows::section_members(&model.save, at);
    let step = &mut model.save;
    for entry in members.iter().filter_map(|at| step.entries.get(*at)) {
        step.unfolded.remove(&entry.planned.repository);
    }
    step.seen.clear();
    if let Some(first) = members.first() {
        go_to_entry(model, *first);
    }
}

fn go_to_entry(model: &mut Model, at: usize) {
    let (page, height) = (whole_page(model), page_rows(model));
    if let Some(row) = page.all_rows().iter().position(|row| row.owner == Some(at)) {
        model.save.cursor.select_row(row, page.len(), height);
    }
}

/// Ticks what a row stands for, or takes the ticks away. What cannot be written is never ticked.
fn tick_one(model: &mut Model, fold: Option<usize>, at: Option<usize>) {
    let members = members_of(model, fold, at);
    let Some(first) = members.first().and_then(|at| model.save.entries.get(*at)) else { return };
    if !first.planned.will_write() {
        let words = match first.planned.kind() {
            PlanKind::Settled => "there is nothing to write".to_owned(),
            _ => format!(
                "it cannot be written like this; {} mends it, or shows where",
                model.key_name(KeyScope::Plan, Action::Fix)
            ),
        };
        model.set_notice(Tone::Plain, words);
        return;
    }
    set_ticks(model, &members);
}

/// Ticks these repositories alone, where each of them can be written; otherwise says which one cannot.
pub(in crate::wizard) fn tick_named(model: &mut Model, names: &[RepositoryName]) -> Vec<Effect> {
    let is_planning = matches!(model.save.phase, Phase::Asking(_) | Phase::Nothing | Phase::ReadOnly);
    let step = &mut model.save;
    let can_write = |name: &&RepositoryName| {
        step.entries.iter().any(|entry| entry.planned.repository.name == **name && entry.planned.will_write())
    };
    if let Some(name) = names.iter().find(|name| !is_planning || !can_write(name)) {
        model.set_notice(Tone::Plain, format!("{name} is not one that can be written here"));
        return Vec::new();
    }
    for entry in &mut step.entries {
        entry.is_ticked = entry.planned.will_write() && names.contains(&entry.planned.repository.name);
    }
    ask_about_ticked(model);
    Vec::new()
}

/// Mends what stops the write to one repository.
pub(in crate::wizard) fn mend_named(model: &mut Model, name: &RepositoryName) -> Vec<Effect> {
    let is_planning = matches!(model.save.phase, Phase::Asking(_) | Phase::Nothing | Phase::ReadOnly);
    match model.save.entries.iter().position(|entry| entry.planned.repository.name == *name) {
        Some(at) if is_planning => mend_some(model, None, Some(at), false),
        _ => {
            model.set_notice(Tone::Plain, format!("{name} is not in this plan"));
            Vec::new()
        }
    }
}

/// Ticks all that will be written, or takes the ticks away.
fn tick_kind(model: &mut Model, at: Option<usize>) {
    let is_write = |entry: &SaveEntry| entry.planned.will_write();
    if !at.and_then(|at| model.save.entries.get(at)).is_some_and(is_write) {
        model.set_notice(Tone::Plain, "there is nothing to write");
        return;
    }
    let all = model.save.entries.iter().enumerate().filter(|(_, entry)| is_write(entry)).map(|(at, _)| at);
    let all: Vec<usize> = all.collect();
    set_ticks(model, &all);
}

fn set_ticks(model: &mut Model, members: &[usize]) {
    let step = &mut model.save;
    let is_all = members.iter().all(|at| step.entries.get(*at).is_some_and(|entry| entry.is_ticked));
    for at in members {
        if let Some(entry) = step.entries.get_mut(*at) {
            entry.is_ticked = !is_all;
        }
    }
    ask_about_ticked(model);
}

/// Takes what a row stands for out of the plan. The last one stays: without it there is no plan.
fn leave_out(model: &mut Model, fold: Option<usize>, at: Option<usize>) {
    let members = members_of(model, fold, at);
    let step = &mut model.save;
    if members.is_empty() || members.len() >= step.entries.len() {
        model.set_notice(Tone::Plain, "the plan needs one repository at least");
        return;
    }
    let mut index = 0;
    step.entries.retain(|_| {
        index += 1;
        !members.contains(&(index - 1))
    });
    step.left_out += members.len();
    let (selected, offset) = (step.cursor.selected, step.cursor.offset);
    ask_again(model);
    let (len, height) = (whole_page(model).len(), page_rows(model));
    if model.save.is_many() && selected < len {
        model.save.cursor.offset = offset;
        model.save.cursor.select_row(selected, len, height);
    }
}

/// Mends what a row stands for, or all of its kind.
fn mend_some(model: &mut Model, fold: Option<usize>, at: Option<usize>, all_of_kind: bool) -> Vec<Effect> {
    let Some(chosen) = fold.or(at).and_then(|at| model.save.entries.get(at)) else { return Vec::new() };
    if !chosen.is_exception() {
        model.set_notice(Tone::Plain, "nothing stops it");
        return Vec::new();
    }
    let kind = chosen.planned.kind();
    let members = if all_of_kind {
        let same = |entry: &SaveEntry| entry.is_exception() && entry.planned.kind() == kind;
        model.save.entries.iter().enumerate().filter(|(_, entry)| same(entry)).map(|(at, _)| at).collect()
    } else {
        members_of(model, fold, at)
    };
    let mut is_begun = false;
    let mut reads = Vec::new();
    for at in members.iter().copied() {
        let Some(entry) = model.save.entries.get_mut(at) else { continue };
        if entry.planned.kind() == PlanKind::Unread {
            entry.mending = Some(Mending::Reading);
            reads.push(entry.planned.repository.clone());
        } else if can_mend(entry) {
            entry.mending.get_or_insert(Mending::Wanted);
        } else {
            continue;
        }
        is_begun = true;
    }
    if is_begun {
        return crate::wizard::policy::read_again(model, &reads);
    }
    let Some(repository) =
        members.first().and_then(|at| model.save.entries.get(*at)).map(|entry| entry.planned.repository.clone())
    else {
        return Vec::new();
    };
    if crate::wizard::policy::show_obstacle(model, &repository) {
        model.save.phase = Phase::Nothing;
        return super::super::back(model);
    }
    model.set_notice(Tone::Plain, "nothing here mends it");
    Vec::new()
}

/// Tells whether a plan can be mended here: deleted principals go, or the layout of a text that is too long.
fn can_mend(entry: &SaveEntry) -> bool {
    let planned = &entry.planned;
    let has_layout = planned.offers.iter().any(|offer| offer.joined.is_empty() && offer.minified);
    planned.undo.is_none()
        && planned.kind() == PlanKind::Undecided
        && (planned.names_deleted() || has_layout)
        && matches!(planned.verdict, Verdict::Refused(_) | Verdict::TooLong(_))
}

/// Returns what mends a plan, as a clause behind the name of the key; none: nothing here does.
pub(super) fn mend_words(entry: &SaveEntry) -> Option<&'static str> {
    let planned = &entry.planned;
    match planned.kind() {
        PlanKind::Unread => Some("reads it again"),
        PlanKind::Undecided if planned.names_deleted() && can_mend(entry) => {
            Some("takes the deleted roles and users out in the same write")
        }
        PlanKind::Undecided if can_mend(entry) => Some("takes the layout out, so that it fits"),
        _ if planned.undo.is_some() => None,
        PlanKind::Undecided | PlanKind::Refused | PlanKind::Blocked => Some("goes to the document"),
        PlanKind::ReadOnly | PlanKind::Write | PlanKind::Settled => None,
    }
}

/// Begins the mending that is wanted, and takes what was read again.
pub(super) fn begin_mending(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut is_read = false;
    for at in 0..model.save.entries.len() {
        let Some(entry) = model.save.entries.get(at) else { continue };
        match entry.mending {
            Some(Mending::Wanted) => {
                let plan = PlanToMend {
                    planned: entry.planned.clone(),
                    request: model.save.request.clone().filter(|_| !entry.by_hand),
                    caller: model.signed.as_ref().map(|signed| signed.identity.clone()),
                };
                let (id, since) = (model.next_request(), model.now);
                if let Some(entry) = model.save.entries.get_mut(at) {
                    entry.mending = Some(Mending::Running { id, since });
                }
                effects.push(Effect::Compute { id, computation: Computation::Mend(Box::new(plan)) });
            }
            Some(Mending::Reading) => {
                let Some(read) = crate::wizard::policy::document_to_save(model, &entry.planned.repository) else {
                    continue;
                };
                if let Some(entry) = model.save.entries.get_mut(at) {
                    *entry = SaveEntry::new(read.planned, read.is_by_hand, false);
                    is_read = true;
                }
            }
            Some(Mending::Running { .. }) | None => {}
        }
    }
    if is_read {
        ask_again(model);
    }
    effects
}

/// Takes a plan that was mended; a late one changes nothing.
pub(super) fn take_mended(model: &mut Model, id: RequestId, result: &Result<Computed, Failure>) {
    let is_it =
        |entry: &&mut SaveEntry| matches!(entry.mending, Some(Mending::Running { id: asked, .. }) if asked == id);
    let Some(entry) = model.save.entries.iter_mut().find(is_it) else { return };
    entry.mending = None;
    if entry.state != WriteState::Planned {
        return;
    }
    match result {
        Ok(Computed::Planned(planned)) => {
            entry.planned = (**planned).clone();
            entry.is_ticked = entry.planned.will_write();
            let repository = entry.planned.repository.clone();
            ask_again(model);
            let left = model.save.entries.iter().find(|entry| entry.planned.repository == repository);
            if let Some(words) = left.filter(|entry| entry.is_exception()).map(|entry| entry.planned.in_words()) {
                model.set_notice(Tone::Bad, words);
            }
        }
        Ok(_) => {}
        Err(failure) => model.set_notice(Tone::Bad, failure.to_string()),
    }
    if !model.save.is_many() {
        to_first_entry(model);
    }
}
