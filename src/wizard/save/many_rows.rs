//! The rows of several repositories: what needs a look comes first, and what comes to the same is folded into one row.

use std::collections::HashMap;

use super::rows::{add_changes, add_details, add_heading};
use super::ticks::mend_words;
use super::{Phase, SaveEntry, SaveStep, WriteState};
use crate::plan::{Outcome, PlanKind};
use crate::wizard::page::{Ink, TextPage};
use crate::wizard::{Action, KeyScope, Model};

/// Repositories that come to the same, as indexes; the first speaks for all.
struct Section {
    members: Vec<usize>,
    is_unfolded: bool,
}

/// The stretches of the page, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Stretch {
    /// It cannot be written, or was not.
    Exception,
    /// It was written, and somebody else wrote.
    BesideOthers,
    /// The write is under way.
    UnderWay,
    /// It is to be written, in its turn or after a confirmation.
    ToWrite,
    /// It is written.
    Done,
    /// Nothing is to be written.
    Settled,
}

fn stretch_of(entry: &SaveEntry) -> Stretch {
    match &entry.state {
        WriteState::Planned => match entry.planned.kind() {
            PlanKind::Write => Stretch::ToWrite,
            PlanKind::Settled => Stretch::Settled,
            _ => Stretch::Exception,
        },
        WriteState::Queued => Stretch::ToWrite,
        WriteState::Writing { .. } => Stretch::UnderWay,
        WriteState::Ended(outcome) => match outcome {
            Outcome::Written { .. } | Outcome::AlreadyThere | Outcome::DryRun => Stretch::Done,
            Outcome::WrittenBesideOthers { .. } | Outcome::Replaced { .. } => Stretch::BesideOthers,
            Outcome::Changed { .. } | Outcome::Refused(_) | Outcome::Unknown(_) => Stretch::Exception,
        },
    }
}

/// Tells apart what is not the same within a stretch: what happened, and of a failure the cause.
fn same_key(entry: &SaveEntry) -> String {
    match &entry.state {
        WriteState::Planned | WriteState::Queued | WriteState::Writing { .. } => String::new(),
        WriteState::Ended(outcome) => {
            let kind = outcome.failure().map(|failure| format!("{:?}", failure.kind)).unwrap_or_default();
            format!("{} {kind}", outcome.name())
        }
    }
}

/// Tells whether an entry has something of its own to be read, so that no other one speaks for it.
fn is_by_itself(entry: &SaveEntry) -> bool {
    entry.underneath.is_some()
        || matches!(
            entry.state,
            WriteState::Ended(Outcome::Changed { .. } | Outcome::Replaced { .. } | Outcome::WrittenBesideOthers { .. })
        )
}

fn all_sections(step: &SaveStep) -> Vec<Section> {
    let mut sections: Vec<(Stretch, Section)> = Vec::new();
    for group in &step.groups {
        let mut known: HashMap<(Stretch, String), usize> = HashMap::new();
        for (at, entry) in group.iter().filter_map(|at| Some((*at, step.entries.get(*at)?))) {
            let stretch = stretch_of(entry);
            let is_unfolded = step.unfolded.contains(&entry.planned.repository);
            let key = (stretch, same_key(entry));
            let place = known.get(&key).copied().filter(|_| !is_by_itself(entry));
            if let Some((_, section)) = place.and_then(|place| sections.get_mut(place)) {
                section.members.push(at);
                section.is_unfolded |= is_unfolded;
            } else {
                if !is_by_itself(entry) {
                    known.insert(key, sections.len());
                }
                sections.push((stretch, Section { members: vec![at], is_unfolded }));
            }
        }
    }
    sections.sort_by_key(|(stretch, _)| *stretch);
    sections.into_iter().map(|(_, section)| section).collect()
}

/// Returns what the row stands for that is of this entry and others: all of them but the first, which has its own row.
pub(super) fn folded_members(step: &SaveStep, first: usize) -> Vec<usize> {
    let mut members = section_members(step, first);
    if !members.is_empty() {
        members.remove(0);
    }
    members
}

/// Returns all entries that come to the same as this one.
pub(super) fn section_members(step: &SaveStep, at: usize) -> Vec<usize> {
    let found = all_sections(step).into_iter().find(|section| section.members.contains(&at));
    found.map(|section| section.members).unwrap_or_default()
}

/// Adds the rows of all repositories. `room`: the cells of a name. `is_told`: the changes stand above already.
pub(super) fn add_sections(page: &mut TextPage, model: &Model, room: usize, is_told: bool) {
    let step = &model.save;
    for section in all_sections(step) {
        let mut members = section.members.iter().filter_map(|at| Some((*at, step.entries.get(*at)?)));
        let Some((first, speaker)) = members.next() else { continue };
        add_entry(page, model, first, speaker, room);
        if speaker.is_asked() && !is_told {
            add_changes(page, &speaker.planned, 2);
        }
        if speaker.is_exception() {
            add_mending(page, model, speaker);
        }
        let others: Vec<(usize, &SaveEntry)> = members.collect();
        if section.is_unfolded {
            for (at, entry) in others {
                add_entry(page, model, at, entry, room);
            }
        } else if let Some((second, _)) = others.first() {
            page.belongs_to(Some(*second));
            page.note_fold(*second);
            let ink = if speaker.is_exception() { Ink::Warn } else { Ink::Dim };
            page.text_row(ink, 2, &fold_words(step, speaker, &others));
        }
        page.belongs_to(None);
    }
}

fn add_entry(page: &mut TextPage, model: &Model, at: usize, entry: &SaveEntry, room: usize) {
    page.belongs_to(Some(at));
    let width = page.width();
    add_heading(page, entry, room, width, model);
    add_details(page, entry, model, false);
}

/// Says how many more a row stands for, and what they have in common.
fn fold_words(step: &SaveStep, speaker: &SaveEntry, others: &[(usize, &SaveEntry)]) -> String {
    let count = others.len();
    let delta = &speaker.planned.delta;
    let same = match (&speaker.state, speaker.planned.kind()) {
        (WriteState::Planned, PlanKind::Write) => match (delta.gains.is_empty(), delta.losses.is_empty()) {
            (false, true) => "the same gain",
            (true, false) => "the same loss",
            _ => "the same change",
        },
        (WriteState::Planned, _) => "the same",
        (WriteState::Queued, _) => "wait for their turn",
        (WriteState::Writing { .. }, _) => "under way",
        (WriteState::Ended(_), _) => "the same outcome",
    };
    let is_choice = matches!(step.phase, Phase::Asking(_) | Phase::ReadOnly) && speaker.planned.will_write();
    let unticked = others.iter().filter(|(_, entry)| is_choice && !entry.is_ticked).count();
    let unticked = if unticked == 0 { String::new() } else { format!(", {unticked} not ticked") };
    format!("{count} more: {same}{unticked}")
}

/// Says which key mends what stops a repository.
fn add_mending(page: &mut TextPage, model: &Model, entry: &SaveEntry) {
    if model.save.phase == Phase::Ended || model.save.is_writing() {
        return;
    }
    if entry.mending.is_some() {
        page.text_row(Ink::Dim, 4, "being mended...");
    } else if let Some(words) = mend_words(entry) {
        let (mend, all) =
            (model.key_name(KeyScope::Plan, Action::Fix), model.key_name(KeyScope::Plan, Action::TickAll));
        let kind = entry.planned.kind();
        let same = model.save.entries.iter().filter(|other| other.is_exception() && other.planned.kind() == kind);
        let more = if same.count() > 1 { format!("; {all}: all of this kind") } else { String::new() };
        page.text_row(Ink::Accent, 4, &format!("{mend} {words}{more}"));
    }
}
