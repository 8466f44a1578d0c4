//! The results of a command that writes: words for people, and objects for programs.

use serde_json::{Value, json};

use super::repository_run::RepositoryRun;
use crate::cli::args::{Format, Globals};
use crate::cli::output::{FindingWords, failure_json, print_documents, print_words, tell_failure, tell_line};
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
    let changes = |of: fn(&Planned) -> &Vec<Change>| {
        let told = planned.into_iter().flat_map(|planned| of(planned).iter().map(move |change| (planned, change)));
        told.map(|(planned, change)| change_json_at(change, planned)).collect::<Vec<_>>()
    };
    let (denied_by, denied_by_registry) = planned.map(denied_by).unwrap_or_default();
    let fields = json!({
        "result": result,
        "words": words,
        "gains": changes(|planned| &planned.delta.gains),
        "losses": changes(|planned| &planned.delta.losses),
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

/// Builds the same at the moment of a plan: what has ended by then says so.
fn change_json_at(change: &Change, planned: &Planned) -> Value {
    let mut value = change_json(change);
    if let (Value::Object(fields), true) = (&mut value, planned.has_ended(change)) {
        fields.insert("words".to_owned(), planned.change_words(change).into());
        fields.insert("ended".to_owned(), true.into());
    }
    value
}

/// Returns the result of a plan that has nothing to write.
fn nothing_to_do(planned: &Planned) -> (&'static str, String) {
    if planned.undo.is_some() {
        return ("already-undone", "nothing of the change is left; nothing was written".to_owned());
    }
    match (&planned.removal, planned.owner_side()) {
        (Some(removal), _) if removal.is_of_ended => {
            ("nothing-ended", "no access in it has ended; nothing was written".to_owned())
        }
        (Some(removal), _) => match still_words(removal) {
            None => ("already-revoked", "names none of them; nothing was written".to_owned()),
            Some(still) => ("already-revoked", format!("names none of them, but {still}")),
        },
        (None, Some(side)) => {
            ("already-granted", format!("{}; nothing was written", side.words_after("already granted")))
        }
        (None, None) => ("already-granted", "already granted; nothing was written".to_owned()),
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
    match (&planned.removal, planned.owner_side()) {
        // Whoever had it may have access by another statement.
        (Some(removal), _) if removal.is_of_ended => {
            ("revoked", "taken out: the statements whose access had ended".to_owned())
        }
        (Some(removal), _) => match still_words(removal) {
            Some(still) => ("revoked", format!("taken out, but {still}")),
            None => ("revoked", "taken out: this policy gives them nothing".to_owned()),
        },
        (None, Some(side)) => {
            let deed = if side.is_done() { "granted" } else { "written" };
            ("written", side.words_after(deed))
        }
        (None, None) => ("written", "written: the policy is removed".to_owned()),
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
    if is_output_taken { tell_line(&line) } else { print_words(&line) }
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
        Format::Text => print_words(&line()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::Grantee;
    use crate::plan::{Request, Target, plan_grant};
    use crate::policy::RegistryPolicy;
    use crate::wizard::testing::{
        answer_writes, hold_policies, press_key, pull_request, save_model, tap_key, test_identity, test_reference,
    };
    use crate::wizard::{Code, Key, save};

    const FENCE: &str = r#"{"Sid":"Fence","Effect":"Deny","Principal":"*","Action":"ecr:*",
        "Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}"#;
    const BAN: &str = r#"{"Sid":"Ban","Effect":"Deny","Principal":{"AWS":"111111111111"},"Action":"ecr:*"}"#;

    fn with(statement: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
    }

    fn squeezed(text: &str) -> String {
        let marks = |c: char| c == '|' || c.is_whitespace();
        text.split(marks).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").to_lowercase()
    }

    #[test]
    fn a_result_has_the_same_words_on_screen_in_the_summary_in_the_command_and_in_the_hand_over() {
        let registry = |statement: &str| {
            let statement = statement.replace(r#""Action""#, r#""Resource":"*","Action""#);
            RegistryPolicy::of(Some(&with(&statement)))
        };
        let unread = RegistryPolicy::Unreadable("the role may not".to_owned());
        let fence = with(FENCE);
        let ban = with(BAN);
        let both = ["111111111111", "444444444444"];
        // The stored policy, the registry's, the grantees, and what is said.
        let samples: [(Option<&str>, RegistryPolicy, &[&str], &str); 5] = [
            (None, RegistryPolicy::Absent, &both[..1], "owner side done"),
            (
                Some(&fence),
                RegistryPolicy::Absent,
                &both[..1],
                "owner side not done: pull for account 111111111111 is blocked by statement 1 (Fence) for calls that do \
                 not come through VPC endpoint vpce-1",
            ),
            (
                None,
                registry(FENCE),
                &both[..1],
                "owner side not done: pull for account 111111111111 is blocked by statement 1 (Fence) of the registry \
                 policy for calls that do not come through VPC endpoint vpce-1",
            ),
            (
                Some(&ban),
                RegistryPolicy::Absent,
                &both,
                "owner side not done: pull for account 111111111111 is blocked by statement 1 (Ban)",
            ),
            (None, unread, &both[..1], "owner side unproved: the registry policy could not be read, and may deny it"),
        ];
        for (stored, registry, grantees, words) in samples {
            let grantees = grantees.iter().map(|grantee| Grantee::parse(grantee).unwrap()).collect();
            let request = Request { grantees, ..pull_request() };
            let repository = test_reference("vendorapp");
            let target = Target { repository, stored: stored.map(str::to_owned), registry, now: None };
            let planned = plan_grant(&target, &request, Some(&test_identity()));
            assert!(planned.will_write(), "{words}: {planned:?}");

            let outcome = Outcome::Written { stored: planned.text.clone(), backup: None };
            let command = outcome_result(&outcome, &planned).1;

            let mut model = save_model(vec![planned], Some(request.clone()));
            press_key(&mut model, Key::without_modifiers(Code::PageDown));
            let effects = press_key(&mut model, Key::of_char('y'));
            answer_writes(&mut model, &effects, |write| Outcome::Written { stored: write.text.clone(), backup: None });
            let page = save::whole_page(&model).text();
            let summary = model.save.done_sentences();
            tap_key(&mut model, Code::Enter);
            let entries = model.permissions.entries().to_vec();
            hold_policies(&mut model, entries, Some(request));
            let heading = model.permissions.entries()[0].state_words().1;
            let kit = model.permissions.kit().unwrap().to_markdown();

            for (place, text) in [
                ("grant", command),
                ("the page of Save", page),
                ("the summary", summary.join(" ")),
                ("the heading of Permissions", heading),
                ("the hand-over", kit),
            ] {
                let text = squeezed(&text);
                assert!(text.contains(&squeezed(words)), "{place} does not say `{words}`:\n{text}");
                assert!(words == "owner side done" || !text.contains("side done"), "{place}: {text}");
                assert!(!text.contains("can pull now"), "{place}: {text}");
            }
        }
    }
}
