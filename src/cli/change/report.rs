//! The results of a command that writes: words for people, and objects for programs.

use serde_json::{Value, json};

use super::repository_run::RepositoryRun;
use crate::cli::args::{Format, Globals};
use crate::cli::output::{FindingWords, failure_json, print_data, print_documents, tell_failure, tell_line};
use crate::cli::permissions::{by_document, reference_json, who_json};
use crate::cli::show::with_endpoint;
use crate::ecr::Ownership;
use crate::ecr::text::make_visible;
use crate::handoff::code_snippet;
use crate::plan::{Outcome, Planned, Removal, UndoNotes, UndoWay, Verdict};
use crate::policy::explain::change_words;
use crate::policy::{Change, format};

/// Returns the result: one word for programs, and words for people.
fn result_words(run: &RepositoryRun, is_allowed: bool) -> (&'static str, String) {
    if let Some(failure) = &run.unread {
        return ("failed", format!("failed: {}", failure.what));
    }
    let Some(planned) = &run.planned else { return ("failed", "failed".to_owned()) };
    match (&run.outcome, &planned.verdict) {
        (Some(outcome), _) => outcome_result(outcome, planned),
        (None, Verdict::AlreadyGranted) => nothing_to_do(planned),
        (None, Verdict::Blocked) => ("blocked", planned.in_words()),
        (None, Verdict::Write) if is_allowed => ("interrupted", "not written: interrupted".to_owned()),
        (None, Verdict::Write) => ("not-allowed", "not written: a flag is missing".to_owned()),
        (None, _) => ("refused", planned.in_words()),
    }
}

pub(super) fn to_json(run: &RepositoryRun, is_allowed: bool) -> Value {
    let (result, words) = result_words(run, is_allowed);
    let failure = run.unread.as_ref().or(match &run.outcome {
        Some(Outcome::Refused(failure) | Outcome::Unknown(failure)) => Some(failure),
        _ => None,
    });
    let backup = run.outcome.as_ref().and_then(Outcome::backup_file).map(|path| path.display().to_string());
    let mut value = with_endpoint(reference_json(&run.place.repository), &run.place);
    let planned = run.planned.as_ref();
    let changes = |changes: Option<&Vec<Change>>| changes.into_iter().flatten().map(change_json).collect::<Vec<_>>();
    let (denied_by, denied_by_registry) = planned.map(denied_by).unwrap_or_default();
    let fields = json!({
        "result": result,
        "words": words,
        "gains": changes(planned.map(|p| &p.delta.gains)),
        "losses": changes(planned.map(|p| &p.delta.losses)),
        "owned_by": planned.and_then(owned_by),
        "denied_by": denied_by,
        "denied_by_registry": denied_by_registry,
        "registry_notes": planned.map(|p| p.registry.note_words(&p.repository)).unwrap_or_default(),
        "findings": planned.map(|p| p.findings.iter().map(FindingWords::from).collect::<Vec<_>>()).unwrap_or_default(),
        "diff": planned.filter(|p| p.will_write()).map(text_difference),
        "policy": planned.and_then(|p| p.text.clone()),
        "backup": backup,
        "failure": failure.map(failure_json),
    });
    let undo = planned.and_then(|planned| planned.undo.as_ref()).map_or_else(|| json!({}), undo_json);
    let removal = planned.and_then(|planned| planned.removal.as_ref()).map_or_else(|| json!({}), removal_json);
    if let Value::Object(all) = &mut value {
        for more in [fields, removal, undo] {
            if let Value::Object(more) = more {
                all.extend(more);
            }
        }
    }
    value
}

/// Builds what the tags of a repository tell of the code that owns it. None: they were not read.
fn owned_by(planned: &Planned) -> Option<Value> {
    let ownership = &planned.ownership;
    let owner = ownership.owner();
    let snippet = owner.map(|owner| code_snippet(owner, &planned.repository, planned.text.as_deref()));
    (*ownership != Ownership::NotAsked).then(|| {
        json!({
            "certainty": ownership.certainty_name(),
            "words": ownership.words(),
            "tool": owner.map(|owner| owner.tool),
            "name": owner.and_then(|owner| owner.name.as_deref()),
            "tag": owner.map(|owner| json!({"key": owner.tag.0, "value": owner.tag.1})),
            "snippet": snippet.map(|snippet| json!({"words": snippet.words, "text": snippet.body})),
        })
    })
}

/// Returns the numbers, from 1, of the Deny statements that may void a part of the grant: the repository's, and the
/// registry's.
fn denied_by(planned: &Planned) -> (Vec<usize>, Vec<usize>) {
    let mut all: Vec<usize> = planned.blocked.iter().flat_map(|row| row.blocked.clone()).collect();
    all.sort_unstable();
    all.dedup();
    planned.deciding_policy().map(|policy| by_document(&policy, &all)).unwrap_or_default()
}

/// Builds the fields that the result of a revoke has beside those of every change.
fn removal_json(removal: &Removal) -> Value {
    json!({"removed": removal.removed_words(), "still": removal.still_words(), "left": removal.left_words()})
}

/// Builds the fields that the result of an undo has beside those of every change.
fn undo_json(undo: &UndoNotes) -> Value {
    let way = match undo.way {
        UndoWay::Exact => "exact",
        UndoWay::WithoutDeleted(_) => "without-deleted",
        UndoWay::Partial => "partial",
        UndoWay::AlreadySo => "already-so",
        UndoWay::Refused(_) => "refused",
    };
    json!({"way": way, "remaining": undo.remaining_words()})
}

pub(in crate::cli) fn change_json(change: &Change) -> Value {
    json!({"who": who_json(&change.who), "actions": change.actions, "words": change_words(change)})
}

/// Returns the result of a plan that has nothing to write.
fn nothing_to_do(planned: &Planned) -> (&'static str, String) {
    if planned.undo.is_some() {
        return ("already-undone", "nothing of the change is left; nothing was written".to_owned());
    }
    let (result, words, doubt) = match &planned.removal {
        Some(removal) => ("already-revoked", "names none of them", still_words(removal)),
        None => ("already-granted", "already granted", planned.doubt_words()),
    };
    match doubt {
        None => (result, format!("{words}; nothing was written")),
        Some(doubt) => (result, format!("{words}, but {doubt}")),
    }
}

/// Returns the result of a write that a read has shown.
fn written(planned: &Planned) -> (&'static str, String) {
    if let Some(undo) = &planned.undo {
        return match undo.remaining_words().as_slice() {
            [] => ("undone", "taken back".to_owned()),
            words => ("undone", format!("taken back, but {}", words.join("; "))),
        };
    }
    let (result, words, doubt) = match &planned.removal {
        Some(removal) => ("revoked", "taken out", still_words(removal)),
        None => ("written", "written", planned.doubt_words()),
    };
    match doubt {
        Some(doubt) => (result, format!("{words}, but {doubt}")),
        None if planned.removal.is_some() => (result, "taken out: this policy gives them nothing".to_owned()),
        None => (result, "granted: the owner's side is done".to_owned()),
    }
}

fn still_words(removal: &Removal) -> Option<String> {
    let words = removal.still_words();
    (!words.is_empty()).then(|| words.join("; "))
}

fn outcome_result(outcome: &Outcome, planned: &Planned) -> (&'static str, String) {
    match outcome {
        Outcome::Written { .. } => written(planned),
        Outcome::WrittenBesideOthers { .. } => (
            "written-beside-others",
            "written, and somebody else wrote right after: look at it again with `ecr-grant show`".to_owned(),
        ),
        Outcome::Replaced { .. } => {
            ("replaced", "written, but another policy is stored now: somebody else wrote at the same time".to_owned())
        }
        Outcome::AlreadyThere => nothing_to_do(planned),
        Outcome::Changed { .. } => ("changed", "not written: the policy changed underneath".to_owned()),
        Outcome::Refused(failure) => ("refused", format!("refused: {}", failure.what)),
        Outcome::Unknown(failure) => ("unknown", format!("unknown: it may or may not be written: {}", failure.what)),
        Outcome::DryRun => ("dry-run", format!("dry run: nothing was written; {}", planned.in_words())),
    }
}

/// Tells how many repositories came to each result, for people.
pub(super) fn report_sums(globals: &Globals, is_output_taken: bool, runs: &[RepositoryRun], is_allowed: bool) {
    if globals.format != Format::Text {
        return;
    }
    let mut sums: Vec<(&'static str, usize)> = Vec::new();
    for (result, _) in runs.iter().map(|run| result_words(run, is_allowed)) {
        match sums.iter_mut().find(|(known, _)| *known == result) {
            Some((_, count)) => *count += 1,
            None => sums.push((result, 1)),
        }
    }
    let sums: Vec<String> =
        sums.iter().map(|(result, count)| format!("{count} {}", result.replace('-', " "))).collect();
    let line = format!("{} repositories: {}", runs.len(), sums.join(", "));
    if is_output_taken { tell_line(&line) } else { print_data(&line) }
}

/// Returns the difference of the two texts, with three lines around each change. A text that loses its layout is
/// compared as if both had one.
pub(super) fn text_difference(planned: &Planned) -> String {
    let laid_out = |text: Option<&str>| {
        let text = text.unwrap_or_default();
        if planned.is_compacted { format(text).unwrap_or_else(|| text.to_owned()) } else { text.to_owned() }
    };
    let (old, new) = (laid_out(planned.stored.as_deref()), laid_out(planned.text.as_deref()));
    difference_of(Some(&old), Some(&new))
}

/// Returns the difference of two texts, with three lines around each change; none is empty.
pub(in crate::cli) fn difference_of(old: Option<&str>, new: Option<&str>) -> String {
    similar::TextDiff::from_lines(old.unwrap_or_default(), new.unwrap_or_default())
        .unified_diff()
        .context_radius(3)
        .missing_newline_hint(false)
        .header("stored", "new")
        .to_string()
}

/// Tells the outcome of one repository as soon as it is known. JSON comes at the end, as one document.
pub(super) fn report_one(
    globals: &Globals,
    is_output_taken: bool,
    run: &RepositoryRun,
    is_allowed: bool,
    is_folded: bool,
) {
    let line = || make_visible(&format!("{}: {}", run.repository_name(), result_words(run, is_allowed).1));
    match globals.format {
        Format::Text if is_folded => {}
        // There the kit goes to the standard output.
        Format::Text if is_output_taken => tell_line(&line()),
        Format::Text => print_data(&line()),
        Format::Jsonl => print_documents(Format::Jsonl, "repositories", vec![to_json(run, is_allowed)]),
        _ => {}
    }
    match &run.outcome {
        Some(Outcome::Refused(failure) | Outcome::Unknown(failure)) => {
            tell_failure(Some(run.repository_name()), failure);
        }
        Some(outcome) if globals.verbose && !globals.demo && !is_folded => {
            if let Some(path) = outcome.backup_file() {
                tell_line(&format!("  the text before is in {}", path.display()));
            }
        }
        _ => {}
    }
}
