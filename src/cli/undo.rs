//! `undo`: takes a change of the journal back.

use super::args::{Globals, UndoArgs};
use super::change::{ChangeCommand, check_consent};
use super::exit::Exit;
use super::history::{find_change, tell_damage, time_words, undone_words};
use super::output::{Stop, tell_line};
use super::plan_file::check_new;
use super::session::{CommandSession, StateFolder, open_session};
use crate::ecr::RepositoryRef;
use crate::ecr::text::make_visible;
use crate::journal::{ChangeEntry, ChangeState, Journal, WriteEntry};
use crate::plan::{Ask, ChangedTexts, Intent, RepositorySelector, Target};

/// Plans the change backwards from what is stored now, asks, and writes.
pub(super) async fn run(globals: &Globals, args: &UndoArgs) -> Result<Exit, Stop> {
    let saving = args.plan_out.as_deref();
    saving.map_or(Ok(()), check_new)?;
    if saving.is_none() {
        check_consent(globals)?;
    }
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
    let texts = choose_texts(change, &args.repositories)?;
    tell_line(&format!(
        "Takes back change {} of {}: {}",
        change.id,
        time_words(change.when),
        make_visible(&change.command)
    ));
    if let Some(undone) = history.find_undone().get(change.id.as_str()) {
        tell_line(&format!("note: {}", undone_words(change, undone)));
    }
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
    let intent = Intent { ask: Ask::Undo { change: change.id.clone(), texts }, remove_deleted: false };
    let plan = |target: &Target| intent.plan_target(target, Some(&identity));
    let command = ChangeCommand {
        undoes: Some(change.id.as_str()),
        saving: saving.map(|path| (path, &intent, &identity)),
        ..ChangeCommand::new(globals, &args.allowed, &plan)
    };
    Ok(Box::pin(command.carry_out(places)).await?.exit)
}

/// Returns the repositories of the change that are meant, with their texts; without a choice: all.
fn choose_texts(
    change: &ChangeEntry,
    choices: &[RepositorySelector],
) -> Result<Vec<(RepositoryRef, ChangedTexts)>, Stop> {
    let mut texts = changed_texts(change);
    let missing = choices.iter().find(|choice| !texts.iter().any(|(repository, _)| choice.selects(repository)));
    if let Some(choice) = missing {
        return Err(Stop::wrong_usage(
            format!("change {} wrote nothing to {choice}", change.id),
            format!("ecr-grant history show {} names its repositories", change.id),
        ));
    }
    texts.retain(|(repository, _)| choices.is_empty() || choices.iter().any(|choice| choice.selects(repository)));
    Ok(texts)
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
