//! `undo`: takes a change of the journal back.

use super::args::{Globals, UndoArgs};
use super::change::{ChangeCommand, check_consent};
use super::exit::Exit;
use super::history::{find_change, tell_damage, time_words};
use super::output::{Stop, tell_line};
use super::session::{CommandSession, StateFolder, open_session};
use crate::ecr::RepositoryRef;
use crate::ecr::text::make_visible;
use crate::journal::{ChangeEntry, ChangeState, Journal, WriteEntry};
use crate::plan::{ChangedTexts, RepositorySelector, Target, plan_undo};

/// Plans the change backwards from what is stored now, asks, and writes.
pub(super) async fn run(globals: &Globals, args: &UndoArgs) -> Result<Exit, Stop> {
    check_consent(globals)?;
    let folder = StateFolder::open_folder(globals.demo)?;
    let history = Journal::open_in(folder.path()).read_history()?;
    tell_damage(&history);
    let change = find_change(&history, &args.change)?;
    if change.state == ChangeState::Running {
        return Err(Stop::wrong_usage(
            format!("change {} is still being made by another program", change.id),
            "wait for its end, or stop that program",
        ));
    }
    let texts = changed_texts(change);
    tell_line(&format!(
        "Takes back change {} of {}: {}",
        change.id,
        time_words(change.when),
        make_visible(&change.command)
    ));
    if texts.is_empty() {
        tell_line("Nothing was written by it.");
        return Ok(Exit::Done);
    }
    let selectors: Vec<RepositorySelector> = texts
        .iter()
        .map(|(reference, _)| RepositorySelector::Exact { reference: reference.clone(), tag: None })
        .collect();
    let CommandSession { identity, places } = Box::pin(open_session(globals, &selectors)).await?;
    check_endpoint(change, places.first().and_then(|place| place.registry.endpoint()))?;
    let plan = |target: &Target| {
        let texts = texts.iter().find(|(repository, _)| *repository == target.repository);
        // Without a text of its own a repository stays as it is.
        let stays = || ChangedTexts { old: target.stored.clone(), new: target.stored.clone() };
        plan_undo(target, &texts.map_or_else(stays, |(_, texts)| texts.clone()), Some(&identity))
    };
    let command =
        ChangeCommand { undoes: Some(change.id.as_str()), ..ChangeCommand::new(globals, &args.allowed, &plan) };
    Ok(Box::pin(command.carry_out(places)).await?.exit)
}

/// Returns the repositories that the change may have written, each with the text from before its first write and the one
/// of its last.
fn changed_texts(change: &ChangeEntry) -> Vec<(RepositoryRef, ChangedTexts)> {
    let mut found: Vec<(RepositoryRef, ChangedTexts)> = Vec::new();
    // What AWS refused was not written.
    let is_written = |write: &&WriteEntry| write.outcome_name() != "refused";
    let mut places = std::collections::HashMap::new();
    for write in change.writes.iter().filter(is_written) {
        let known = places.get(&write.repository).copied().and_then(|at: usize| found.get_mut(at));
        if let Some((_, texts)) = known {
            texts.new.clone_from(&write.new);
        } else {
            places.insert(write.repository.clone(), found.len());
            let texts = ChangedTexts { old: write.old.clone(), new: write.new.clone() };
            found.push((write.repository.clone(), texts));
        }
    }
    found
}

/// Refuses where the change went to another server.
fn check_endpoint(change: &ChangeEntry, endpoint: Option<&str>) -> Result<(), Stop> {
    let named = |endpoint: Option<&str>| endpoint.map_or_else(|| "AWS itself".to_owned(), str::to_owned);
    let other = change.writes.iter().map(|write| write.endpoint.as_deref()).find(|written| *written != endpoint);
    match other {
        None => Ok(()),
        Some(written) => Err(Stop::wrong_usage(
            format!("the change was written to {}, and this would write to {}", named(written), named(endpoint)),
            "use the same --endpoint-url",
        )),
    }
}
