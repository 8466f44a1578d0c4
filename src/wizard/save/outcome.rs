//! The words about what was done and what was not, for the scrollback after the end.

use std::collections::HashMap;

use super::{Phase, SaveEntry, WriteState};
use crate::plan::{GainTone, Outcome, Planned, Verdict, gain_tone};
use crate::policy::Change;
use crate::policy::explain::actions_words;

/// The most repositories of which each has a sentence of its own.
const FEW: usize = 5;

/// The words about a repository behind its name, so that equal words of several are said once.
struct Said<'a> {
    entry: &'a SaveEntry,
    words: String,
}

/// Sentences about the writes that came to something; those that came to the same are told in one.
pub(super) fn done_sentences(entries: &[SaveEntry]) -> Vec<String> {
    let said = entries.iter().filter_map(|entry| Some(Said { entry, words: done_words(entry)? }));
    fold_said(said, entries.len() > FEW)
}

/// Says what a write came to; none where nothing is certain or nothing happened.
fn done_words(entry: &SaveEntry) -> Option<String> {
    let WriteState::Ended(outcome) = &entry.state else { return None };
    match outcome {
        Outcome::Written { .. } => Some(effect_words(&entry.planned)),
        Outcome::AlreadyThere if entry.planned.undo.is_some() => {
            Some("nothing of the change was left, nothing was written".to_owned())
        }
        Outcome::AlreadyThere if entry.planned.removal.is_some() || entry.planned.text.is_none() => {
            Some("was taken out already, nothing was written".to_owned())
        }
        Outcome::AlreadyThere => {
            let side = entry.planned.owner_side().map_or_else(String::new, |side| format!(" ({})", side.words()));
            Some(format!("was granted already, nothing was written{side}"))
        }
        Outcome::DryRun => Some("dry run, nothing was written".to_owned()),
        Outcome::WrittenBesideOthers { .. }
        | Outcome::Changed { .. }
        | Outcome::Replaced { .. }
        | Outcome::Refused(_)
        | Outcome::Unknown(_) => None,
    }
}

/// Makes sentences, in the order of what is said first. `is_folded`: of those with the same words the first is named.
fn fold_said<'a>(all: impl Iterator<Item = Said<'a>>, is_folded: bool) -> Vec<String> {
    let mut said: Vec<(Said<'a>, usize)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for one in all {
        let place = places.get(&one.words).filter(|_| is_folded);
        if let Some((_, more)) = place.and_then(|at| said.get_mut(*at)) {
            *more += 1;
        } else {
            places.insert(one.words.clone(), said.len());
            said.push((one, 0));
        }
    }
    let sentence = |(Said { entry, words }, more): (Said<'_>, usize)| {
        let name = &entry.planned.repository.name;
        let backup = match &entry.state {
            WriteState::Ended(Outcome::Written { backup, .. }) => backup.as_deref(),
            _ => None,
        };
        match (more, backup) {
            (0, None) => format!("{name}: {words}"),
            (0, Some(path)) => format!("{name}: {words}; backup at {}", path.display()),
            (more, None) => format!("{name} and {more} more: {words}"),
            (more, Some(path)) => {
                let folder = path.parent().unwrap_or(path);
                format!("{name} and {more} more: {words}; backups in {}", folder.display())
            }
        }
    };
    said.into_iter().map(sentence).collect()
}

/// Sentences about the writes whose outcome is awaited.
pub(super) fn unanswered_sentences(entries: &[SaveEntry]) -> Vec<String> {
    let awaited = entries.iter().filter(|entry| matches!(entry.state, WriteState::Writing { .. }));
    let words = |name| format!("{name}: its write was under way and may be saved: look with `ecr-grant show {name}`");
    awaited.map(|entry| words(&entry.planned.repository.name)).collect()
}

/// Sentences about what is not done or not known; a write under way has its own.
pub(super) fn unfinished_sentences(entries: &[SaveEntry], phase: &Phase) -> Vec<String> {
    let is_over = *phase == Phase::Ended;
    let said = entries.iter().filter_map(|entry| Some(Said { entry, words: unfinished_words(entry, is_over)? }));
    let mut out = fold_said(said, entries.len() > FEW);
    // Those that were stopped before their turn are planned again.
    let is_waiting = |entry: &&SaveEntry| entry.state == WriteState::Queued || is_over && entry.is_asked();
    // Before the end its news may still be on its way.
    let certainty = if is_over { "" } else { ", as far as is known" };
    match entries.iter().filter(is_waiting).count() {
        0 => {}
        1 => out.push(format!("1 confirmed write was not begun{certainty}")),
        n => out.push(format!("{n} confirmed writes were not begun{certainty}")),
    }
    out
}

fn unfinished_words(entry: &SaveEntry, is_over: bool) -> Option<String> {
    let name = &entry.planned.repository.name;
    match &entry.state {
        WriteState::Planned if is_over && entry.is_exception() => Some(entry.planned.in_words()),
        WriteState::Ended(outcome) => match outcome {
            Outcome::Refused(failure) => Some(format!("not saved: {failure}")),
            Outcome::Unknown(failure) => {
                Some(format!("it may or may not be saved ({}): look with `ecr-grant show {name}`", failure.what))
            }
            Outcome::Changed { .. } => Some("not saved: its policy was changed by somebody else meanwhile".to_owned()),
            Outcome::Replaced { .. } => {
                Some(format!("written, but somebody else's policy is stored now: look with `ecr-grant show {name}`"))
            }
            Outcome::WrittenBesideOthers { .. } => {
                Some(format!("written, and somebody else wrote right after: look with `ecr-grant show {name}`"))
            }
            Outcome::Written { .. } | Outcome::AlreadyThere | Outcome::DryRun => None,
        },
        WriteState::Planned | WriteState::Queued | WriteState::Writing { .. } => None,
    }
}

/// Says who may do what by the owner's side now, and who no longer.
pub(super) fn effect_words(planned: &Planned) -> String {
    if planned.text.is_none() && planned.verdict == Verdict::Write {
        return "its policy is removed".to_owned();
    }
    let can = |change: &Change, how: &str, end: &str| {
        let what = actions_words(&change.actions);
        let what = if what == "everything" { "do everything".to_owned() } else { what };
        format!("{} {how} {what}{end}", change.who.words())
    };
    // What a Deny takes, or may take, nobody "may": it is told behind.
    let is_held_back = |change: &Change| gain_tone(change, &planned.blocked) == GainTone::HeldBack;
    let lasting = |changes: &'_ [Change]| changes.iter().filter(|c| !planned.has_ended(c)).cloned().collect::<Vec<_>>();
    let (gains, losses) = (lasting(&planned.delta.gains), lasting(&planned.delta.losses));
    let mut clauses: Vec<String> =
        gains.iter().filter(|change| !is_held_back(change)).map(|change| can(change, "may", "")).collect();
    clauses.extend(losses.iter().map(|change| can(change, "may no longer", "")));
    if clauses.is_empty() {
        clauses.push("its policy is saved".to_owned());
    }
    let side = planned.owner_side().map_or_else(String::new, |side| format!(" ({})", side.words()));
    format!("{}{side}", clauses.join(", "))
}
