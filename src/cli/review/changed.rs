//! What changed since a baseline, for people.

use super::ReviewResult;
use super::words::told_repository;
use crate::cli::delta::change_lines;
use crate::cli::output::with_names;
use crate::ecr::RepositoryRef;
use crate::policy::explain::{gain_words, loss_words};
use crate::review::{ChangeState, RepositoryChange};

/// Says each change: a heading, and its lines.
pub(super) fn change_words(result: &ReviewResult) -> Vec<(String, Vec<String>)> {
    let entries = result.entries.iter().filter_map(|entry| {
        let change = result.changes.get(&entry.reference)?;
        Some((&entry.reference, change))
    });
    let gone = result.gone.iter().map(|(reference, change)| (reference, change));
    entries.chain(gone).map(|(reference, change)| (heading(reference, change), lines_of(change))).collect()
}

fn heading(reference: &RepositoryRef, change: &RepositoryChange) -> String {
    let words = match change.state {
        ChangeState::Same => "the same",
        ChangeState::Changed => "changed",
        ChangeState::New => "new",
        ChangeState::Gone => "gone",
        ChangeState::Unknown => "not compared: one of the two reviews could not read it",
    };
    format!("{}: {words}", told_repository(reference))
}

fn lines_of(change: &RepositoryChange) -> Vec<String> {
    let lost = change.delta.losses.iter().map(|loss| change_lines("-", &loss_words(loss), "no longer", loss));
    let gained = change.delta.gains.iter().map(|gain| change_lines("+", &gain_words(gain), "now", gain));
    let lines: Vec<String> = lost.chain(gained).flatten().map(|line| with_names(&line).into_owned()).collect();
    let is_quiet = lines.is_empty() && matches!(change.state, ChangeState::New | ChangeState::Gone);
    if is_quiet { vec!["nobody gains or loses by it".to_owned()] } else { lines }
}
