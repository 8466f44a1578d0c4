//! The words about what was done and what was not, for the scrollback after the end.

use super::{SaveEntry, WriteState};
use crate::plan::{Outcome, Planned, Verdict};
use crate::policy::Change;
use crate::policy::explain::actions_words;

/// The line about a write that came to something; none where nothing is certain or nothing happened.
pub(super) fn done_line(entry: &SaveEntry) -> Option<String> {
    let name = &entry.planned.repository.name;
    let WriteState::Ended(outcome) = &entry.state else { return None };
    match outcome {
        Outcome::Written { backup, .. } => {
            let backup = backup.as_ref().map_or_else(String::new, |path| format!("; backup at {}", path.display()));
            Some(format!("{name}: {}{backup}", effect_words(&entry.planned)))
        }
        Outcome::AlreadyThere => {
            let end = entry.planned.doubt_words().map_or_else(String::new, |words| format!(" ({words})"));
            Some(format!("{name}: was granted already, nothing was written{end}"))
        }
        Outcome::DryRun => Some(format!("{name}: dry run, nothing was written")),
        Outcome::WrittenBesideOthers { .. } => {
            Some(format!("{name}: written, and somebody else wrote right after: look with `ecr-grant show {name}`"))
        }
        Outcome::Changed { .. } | Outcome::Replaced { .. } | Outcome::Refused(_) | Outcome::Unknown(_) => None,
    }
}

/// Sentences about the writes whose outcome is awaited.
pub(super) fn unanswered_sentences(entries: &[SaveEntry]) -> Vec<String> {
    let awaited = entries.iter().filter(|entry| matches!(entry.state, WriteState::Writing { .. }));
    let words = |name| format!("{name}: its write was under way and may be saved: look with `ecr-grant show {name}`");
    awaited.map(|entry| words(&entry.planned.repository.name)).collect()
}

/// Sentences about what is not done or not known; a write under way has its own.
pub(super) fn unfinished_sentences(entries: &[SaveEntry]) -> Vec<String> {
    let mut out = Vec::new();
    let mut not_begun = 0;
    for entry in entries {
        let name = &entry.planned.repository.name;
        match &entry.state {
            WriteState::Queued => not_begun += 1,
            WriteState::Ended(Outcome::Refused(failure)) => out.push(format!("{name}: not saved: {failure}")),
            WriteState::Ended(Outcome::Unknown(failure)) => out.push(format!(
                "{name}: it may or may not be saved ({}): look with `ecr-grant show {name}`",
                failure.what
            )),
            WriteState::Ended(Outcome::Changed { .. }) => {
                out.push(format!("{name}: not saved: its policy was changed by somebody else meanwhile"));
            }
            WriteState::Ended(Outcome::Replaced { .. }) => out.push(format!(
                "{name}: written, but somebody else's policy is stored now: look with `ecr-grant show {name}`"
            )),
            WriteState::Ended(_) | WriteState::Planned | WriteState::Writing { .. } => {}
        }
    }
    match not_begun {
        0 => {}
        1 => out.push("1 confirmed write was not begun".to_owned()),
        n => out.push(format!("{n} confirmed writes were not begun")),
    }
    out
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
    let mut clauses: Vec<String> = planned.delta.gains.iter().map(|change| can(change, "may", "")).collect();
    clauses.extend(planned.delta.losses.iter().map(|change| can(change, "may no longer", "")));
    if clauses.is_empty() {
        clauses.push("its policy is saved".to_owned());
    }
    let end = match planned.doubt_words() {
        Some(words) => format!("({words})"),
        None => "(owner side done)".to_owned(),
    };
    format!("{} {end}", clauses.join(", "))
}
