//! `history`: what was changed, and the text from before.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::args::{Format, Globals, HistoryArgs, HistoryCommand};
use super::change::{change_json, difference_of};
use super::exit::Exit;
use super::output::{Stop, arn_words, print_data, print_json, tell_line, with_names};
use super::parallel::map_all;
use super::permissions::reference_json;
use super::session::StateFolder;
use crate::ecr::json::to_compact;
use crate::ecr::text::make_visible;
use crate::journal::{Backup, ChangeEntry, ChangeState, Damage, History, Journal, Undone, WriteEntry};
use crate::policy::delta::delta_for;
use crate::policy::explain::{gain_words, loss_words};
use crate::policy::{Delta, Policy};

/// The most repositories of which each is told with its difference.
const FEW: usize = 5;
/// The most repositories that are named of those that came to the same.
const NAMED: usize = 6;

/// Lists the changes, or shows one.
pub(super) fn run(globals: &Globals, args: &HistoryArgs) -> Result<Exit, Stop> {
    let folder = StateFolder::open_folder(globals.demo)?;
    let history = Journal::open_in(folder.path()).read_history()?;
    tell_damage(&history);
    match &args.command {
        None => list_changes(globals, &history),
        Some(HistoryCommand::Show { change }) => show_change(globals, &history, find_change(&history, change)?),
    }
    Ok(Exit::Done)
}

/// Tells what of the journal cannot be read.
pub(super) fn tell_damage(history: &History) {
    for damage in &history.damaged {
        tell_line(&format!("warning: {}: it was left as it is", damage.words()));
    }
}

/// Finds a change by its id, by the beginning of it, or by `last`.
pub(super) fn find_change<'h>(history: &'h History, name: &str) -> Result<&'h ChangeEntry, Stop> {
    let next = "ecr-grant history lists them";
    if name == "last" {
        return history.changes.first().ok_or_else(|| Stop::wrong_usage("there is no change in the history", next));
    }
    let mut alike = history.changes.iter().filter(|change| change.id.starts_with(&name.to_ascii_lowercase()));
    match (alike.next(), alike.next()) {
        (Some(change), None) => Ok(change),
        (Some(_), Some(_)) => Err(Stop::wrong_usage(
            format!("more than one change begins with {}", make_visible(name)),
            "give more of its id: ecr-grant history lists them",
        )),
        (None, _) => Err(Stop::wrong_usage(format!("there is no change {} in the history", make_visible(name)), next)),
    }
}

/// Tells about changes whose program was killed, each once.
pub(super) fn tell_interrupted(globals: &Globals) {
    if globals.demo {
        return;
    }
    let Ok(folder) = StateFolder::open_folder(false) else { return };
    for change in Journal::open_in(folder.path()).take_interrupted() {
        tell_line(&format!(
            "note: change {} of {} was interrupted: {}",
            change.id,
            time_words(change.when),
            sums_words(&change)
        ));
        tell_line(&format!("  ecr-grant history show {0} tells more, ecr-grant undo {0} takes it back", change.id));
    }
}

/// Returns a time in UTC, such as `2026-11-23 10:31:22Z`.
pub(super) fn time_words(when: i64) -> String {
    let form = time::macros::format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
    let time = OffsetDateTime::from_unix_timestamp(when).ok().and_then(|time| time.format(form).ok());
    time.unwrap_or_else(|| when.to_string())
}

fn state_word(state: ChangeState) -> &'static str {
    match state {
        ChangeState::Ended => "ended",
        ChangeState::Running => "running",
        ChangeState::Interrupted => "interrupted",
        ChangeState::Unclear => "unclear",
    }
}

/// Counts the outcomes; `not-begun` where a change was not gone through to its end.
fn count_outcomes(change: &ChangeEntry) -> BTreeMap<&str, usize> {
    let mut sums = BTreeMap::new();
    let names = change.writes.iter().map(WriteEntry::outcome_name);
    for name in names.chain(change.unsent.iter().map(|unsent| unsent.outcome.name.as_str())) {
        *sums.entry(name).or_insert(0) += 1;
    }
    let known: usize = sums.values().sum();
    let missing = change.planned.unwrap_or_default().saturating_sub(known);
    if missing > 0 {
        sums.insert("not-begun", missing);
    }
    sums
}

fn sums_words(change: &ChangeEntry) -> String {
    let sums: Vec<String> = count_outcomes(change)
        .iter()
        .map(|(name, count)| format!("{count} {}", make_visible(name).replace('-', " ")))
        .collect();
    sums.join(", ")
}

fn count_words(change: &ChangeEntry) -> String {
    match change.writes.as_slice() {
        [one] if change.unsent.is_empty() => one.repository.name.to_string(),
        _ => format!("{} repositories", change.writes.len() + change.unsent.len()),
    }
}

fn list_changes(globals: &Globals, history: &History) {
    let undone = history.find_undone();
    let summary = |change: &ChangeEntry| summary_json(change, undone.get(change.id.as_str()));
    let changes = || history.changes.iter().map(summary).collect::<Vec<Value>>();
    match globals.format {
        Format::Json => print_json(&json!({
            "changes": changes(),
            "backups": history.backups.iter().map(backup_json).collect::<Vec<Value>>(),
            "damaged": history.damaged.iter().map(damage_json).collect::<Vec<Value>>(),
        })),
        Format::Jsonl => changes().iter().for_each(|change| print_data(&to_compact(change))),
        _ => list_for_people(history),
    }
}

fn list_for_people(history: &History) {
    if history.changes.is_empty() && history.backups.is_empty() {
        print_data("no change was made yet");
    }
    let undone = history.find_undone();
    for change in &history.changes {
        let undone = undone.get(change.id.as_str()).map(|undone| format!(" ({})", undone_words(change, undone)));
        let state = match change.state {
            ChangeState::Ended => String::new(),
            state => format!(" ({})", state_word(state)),
        };
        let undone = undone.unwrap_or_default();
        let (when, count) = (time_words(change.when), count_words(change));
        print_data(&format!("{}  {when}  {count}: {}{state}{undone}", change.id, sums_words(change)));
        print_data(&format!("            {}", make_visible(&change.command)));
        if let Some(caller) = &change.caller {
            print_data(&format!("            by {}", arn_words(caller)));
        }
    }
    if !history.backups.is_empty() {
        print_data("Texts that an older version kept:");
    }
    for backup in &history.backups {
        let path = make_visible(&backup.path.display().to_string());
        print_data(&format!("            {}  {}  {path}", time_words(backup.when), backup.repository.name));
    }
}

/// Returns which part of a change is undone, and by which changes.
pub(super) fn undone_words(change: &ChangeEntry, undone: &Undone<'_>) -> String {
    let by = undone.by.join(", ");
    if undone.is_whole(change) {
        return format!("undone by {by}");
    }
    format!("{} of {} undone by {by}", undone.repositories.len(), change.touched_repositories().len())
}

fn summary_json(change: &ChangeEntry, undone: Option<&Undone<'_>>) -> Value {
    json!({
        "id": change.id,
        "when": change.when,
        "state": state_word(change.state),
        "command": change.command,
        "caller": change.caller,
        "program": change.program,
        "undoes": change.undoes,
        "undone_by": undone.map(|undone| undone.by.as_slice()).unwrap_or_default(),
        "undone": undone.iter().flat_map(|undone| &undone.repositories).map(|r| r.name.as_str()).collect::<Vec<&str>>(),
        "planned": change.planned,
        "repositories": change.writes.iter().map(|write| write.repository.name.as_str())
            .chain(change.unsent.iter().map(|unsent| unsent.repository.name.as_str())).collect::<Vec<&str>>(),
        "outcomes": count_outcomes(change),
        "file": change.path.display().to_string(),
    })
}

fn backup_json(backup: &Backup) -> Value {
    let mut value = reference_json(&backup.repository);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("when".to_owned(), backup.when.into());
        fields.insert("file".to_owned(), backup.path.display().to_string().into());
    }
    value
}

fn damage_json(damage: &Damage) -> Value {
    json!({"file": damage.path.display().to_string(), "line": damage.line, "why": damage.why})
}

/// A write with the difference in access; none: a text cannot be read.
type ComparedWrite<'h> = (&'h WriteEntry, Option<Delta>);

fn show_change(globals: &Globals, history: &History, change: &ChangeEntry) {
    let undone = history.find_undone();
    let undone = undone.get(change.id.as_str());
    let deltas = map_all(&change.writes, &find_delta);
    let compared: Vec<ComparedWrite<'_>> = change.writes.iter().zip(deltas).collect();
    let is_undone = |write: &WriteEntry| undone.is_some_and(|undone| undone.repositories.contains(&write.repository));
    let objects = || {
        let writes = compared.iter().map(|(write, delta)| write_json(change, write, delta.as_ref(), is_undone(write)));
        writes.chain(change.unsent.iter().map(|unsent| {
            let mut value = reference_json(&unsent.repository);
            if let Some(fields) = value.as_object_mut() {
                fields.insert("result".to_owned(), unsent.outcome.name.as_str().into());
                fields.insert("words".to_owned(), unsent.outcome.words.as_deref().into());
            }
            value
        }))
    };
    match globals.format {
        Format::Json => {
            let mut value = summary_json(change, undone);
            if let Some(fields) = value.as_object_mut() {
                fields.insert("repositories".to_owned(), objects().collect::<Vec<Value>>().into());
            }
            print_json(&value);
        }
        Format::Jsonl => objects().for_each(|object| print_data(&to_compact(&object))),
        _ => show_for_people(globals, change, undone, &compared),
    }
}

fn find_delta(write: &WriteEntry) -> Option<Delta> {
    let read = |text: &Option<String>| text.as_deref().map(Policy::read).transpose().ok();
    let (old, new) = (read(&write.old)?, read(&write.new)?);
    Some(delta_for(old.as_ref(), new.as_ref(), Some(&write.repository.account)))
}

fn write_json(change: &ChangeEntry, write: &WriteEntry, delta: Option<&Delta>, is_undone: bool) -> Value {
    let changes = |pick: fn(&Delta) -> &Vec<crate::policy::Change>| {
        delta.map(|delta| pick(delta).iter().map(change_json).collect::<Vec<Value>>())
    };
    let mut value = reference_json(&write.repository);
    let fields = json!({
        "endpoint": write.endpoint,
        "when": write.when,
        "result": write.outcome_name(),
        "words": write.outcome.as_ref().and_then(|outcome| outcome.words.as_deref()),
        "request_id": write.outcome.as_ref().and_then(|outcome| outcome.request_id.as_deref()),
        "gains": changes(|delta| &delta.gains),
        "losses": changes(|delta| &delta.losses),
        "diff": difference_of(write.old.as_deref(), write.new.as_deref()),
        "old": write.old,
        "new": write.new,
        "undone": is_undone,
        "backup": change.path.display().to_string(),
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut value, fields) {
        all.extend(more);
    }
    value
}

fn show_for_people(
    globals: &Globals,
    change: &ChangeEntry,
    undone: Option<&Undone<'_>>,
    compared: &[ComparedWrite<'_>],
) {
    print_data(&format!("change {} of {}: {}", change.id, time_words(change.when), sums_words(change)));
    print_data(&format!("  command  {}", make_visible(&change.command)));
    if let Some(caller) = &change.caller {
        print_data(&format!("  by       {}", arn_words(caller)));
    }
    print_data(&format!("  with     ecr-grant {}", make_visible(&change.program)));
    if let Some(undone) = &change.undoes {
        print_data(&format!("  undoes   {}", make_visible(undone)));
    }
    if let Some(undone) = undone {
        print_data(&format!("  undone   {}", undone_words(change, undone)));
    }
    match change.state {
        ChangeState::Ended => {}
        ChangeState::Running => print_data("  state    a program is making it now"),
        ChangeState::Interrupted => print_data("  state    interrupted: it did not come to its end"),
        ChangeState::Unclear => print_data("  state    without an end; a program may be making it"),
    }
    if globals.verbose {
        print_data(&format!("  file     {}", make_visible(&change.path.display().to_string())));
    }
    if compared.len() > FEW && !globals.verbose {
        show_folded(compared);
    } else {
        for (write, delta) in compared {
            show_write(write, delta.as_ref(), globals.verbose);
        }
    }
    for unsent in &change.unsent {
        let words = unsent.outcome.words.as_ref().map(|words| format!(": {}", with_names(words))).unwrap_or_default();
        let line = format!("{}: nothing was sent: {}{words}", unsent.repository.name, unsent.outcome.name);
        print_data(&make_visible(&line));
    }
    if let Some(line) = way_back(change, undone) {
        print_data(&line);
    }
}

/// Names the command that takes a change back, or that brings one again that was taken back. None: nothing was written,
/// or a program is making it.
fn way_back(change: &ChangeEntry, undone: Option<&Undone<'_>>) -> Option<String> {
    if change.state == ChangeState::Running || change.touched_repositories().is_empty() {
        return None;
    }
    match undone.filter(|undone| undone.is_whole(change)).map(|undone| undone.by.as_slice()) {
        Some([by]) => Some(format!("ecr-grant undo {by} brings this again")),
        Some(_) => None,
        None => Some(format!("ecr-grant undo {} takes this back", change.id)),
    }
}

/// Returns who gained and who lost; nobody by a write that AWS refused.
fn delta_lines(write: &WriteEntry, delta: Option<&Delta>) -> Vec<String> {
    if write.outcome_name() == "refused" {
        return Vec::new();
    }
    let Some(delta) = delta else {
        return vec!["who gains and who loses cannot be told: a text is no policy".to_owned()];
    };
    let gains = delta.gains.iter().map(|change| format!("+ {}", gain_words(change)));
    gains.chain(delta.losses.iter().map(|change| format!("- {}", loss_words(change)))).collect()
}

fn print_indented(lines: &[String]) {
    for line in lines {
        print_data(&format!("  {}", make_visible(&with_names(line))));
    }
}

fn outcome_words(write: &WriteEntry) -> String {
    match (&write.outcome, write.outcome_name()) {
        (None, _) => "unknown: no outcome was noted, so it may or may not be written".to_owned(),
        (Some(outcome), name) => match &outcome.words {
            Some(words) => format!("{name}: {}", with_names(words)),
            None => name.to_owned(),
        },
    }
}

/// Tells each kind of write once, with the repositories that came to the same.
fn show_folded(compared: &[ComparedWrite<'_>]) {
    let mut groups: Vec<(String, Vec<String>, Vec<&str>)> = Vec::new();
    for (write, delta) in compared {
        let (outcome, lines) = (outcome_words(write), delta_lines(write, delta.as_ref()));
        let name = write.repository.name.as_str();
        match groups.iter_mut().find(|(known, said, _)| *known == outcome && *said == lines) {
            Some((_, _, names)) => names.push(name),
            None => groups.push((outcome, lines, vec![name])),
        }
    }
    for (outcome, lines, names) in groups {
        let first: Vec<&str> = names.iter().take(NAMED).copied().collect();
        let more = names.len() - first.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} others (-v shows each)") };
        let count = if names.len() == 1 { String::new() } else { format!("{} repositories: ", names.len()) };
        print_data(&make_visible(&format!("{count}{}{more}: {outcome}", first.join(", "))));
        print_indented(&lines);
    }
}

fn show_write(write: &WriteEntry, delta: Option<&Delta>, is_verbose: bool) {
    let repository = &write.repository;
    print_data(&make_visible(&format!(
        "{} ({}, {}): {}",
        repository.name,
        with_names(repository.account.as_str()),
        repository.region,
        outcome_words(write)
    )));
    if let Some(endpoint) = &write.endpoint {
        print_data(&format!("  at {}, which is not AWS", make_visible(endpoint)));
    }
    if let Some(id) = write.outcome.as_ref().and_then(|outcome| outcome.request_id.as_ref()).filter(|_| is_verbose) {
        print_data(&format!("  AWS's request {}", make_visible(id)));
    }
    print_indented(&delta_lines(write, delta));
    print_data("");
    for line in difference_of(write.old.as_deref(), write.new.as_deref()).lines() {
        print_data(&format!("    {}", make_visible(line)));
    }
    print_data("");
}
