//! Accepts a finding with a reason: the dialog over the review, and the file of accepted findings that it adds to.

mod file;
mod form;
mod state;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::keymap::{Action, KeyScope};
use super::list::Cursor;
use super::{Answer, Effect, Key, Model, RequestId, Tone};
use crate::review::{Acceptance, ReviewFinding};
pub use file::AcceptedFile;
pub(super) use file::{begin_read, read_again};
pub use form::{AcceptanceForm, FormField};
use state::JudgedEntry;
pub use state::{AcceptanceDialog, AcceptanceSubject, OpenFinding};

/// The most rows of the list of findings that are shown at once.
pub const LISTED: usize = 8;

/// Returns the scopes of keys of the dialog, innermost first; none: it is not open.
pub(super) fn key_scopes(model: &Model) -> Option<Vec<KeyScope>> {
    let dialog = model.repository.acceptance()?;
    Some(match dialog.form {
        Some(_) => vec![KeyScope::Acceptance],
        None => vec![KeyScope::OpenFindings, KeyScope::List, KeyScope::Commands],
    })
}

/// Returns why no finding can be accepted; none: the dialog opens.
pub(super) fn why_no_accept(model: &Model, subject: Option<&AcceptanceSubject>) -> Option<String> {
    let path = || model.accepted.path_words(&model.settings);
    let Some(subject) = subject else { return Some("there is no row to choose".to_owned()) };
    if model.settings.read_only {
        return Some(format!("read-only: {} is not written; --read-only=false allows it", path()));
    }
    if model.settings.dry_run {
        return Some(format!("dry run: {} stays as it is", path()));
    }
    let Some(entry) = entry_of(model, subject) else {
        let unread = match subject {
            AcceptanceSubject::Repository(_) => "its policy is not read yet",
            AcceptanceSubject::Registry(_) => "its settings are not read yet",
        };
        return Some(unread.to_owned());
    };
    if entry.open().is_empty() {
        let is_clean = entry.findings().is_empty();
        return Some(if is_clean { "it has no finding" } else { "all of its findings are accepted" }.to_owned());
    }
    model.accepted.why_unusable(&model.settings)
}

fn entry_of<'m>(model: &'m Model, subject: &AcceptanceSubject) -> Option<JudgedEntry<'m>> {
    match subject {
        AcceptanceSubject::Repository(repository) => {
            let rows = model.repository.rows();
            rows.get(rows.find_row(repository)?)?.entry.as_deref().map(JudgedEntry::Repository)
        }
        AcceptanceSubject::Registry(place) => {
            let known = model.repository.overview()?.around().known_at(place)?;
            known.known_value().map(|entry| JudgedEntry::Registry(entry))
        }
    }
}

/// Opens the dialog. The only open finding is chosen at once; `wanted` picks one that the cursor is on.
pub(super) fn open_dialog(
    model: &mut Model,
    subject: AcceptanceSubject,
    wanted: impl Fn(&ReviewFinding) -> bool,
) -> Vec<Effect> {
    let Some(entry) = entry_of(model, &subject) else { return Vec::new() };
    let findings = state::open_findings(entry);
    let chosen = findings.iter().position(|one| wanted(&one.finding));
    let mut dialog = AcceptanceDialog {
        subject,
        cursor: Cursor { selected: chosen.unwrap_or_default(), offset: 0 },
        findings,
        form: None,
    };
    dialog.cursor.settle_in(dialog.findings.len(), LISTED);
    let asked = file::find_user(model);
    if chosen.is_some() || dialog.findings.len() == 1 {
        dialog.form = fresh_form(model, &dialog);
    }
    model.repository.put_acceptance(Some(dialog));
    let mut effects = file::read_again(model);
    effects.extend(asked);
    effects
}

/// Shows what is still open after the file was read again: somebody else may have accepted it meanwhile.
fn refresh_dialog(model: &mut Model) {
    let Some(mut dialog) = model.repository.acceptance().cloned() else { return };
    if dialog.form.as_ref().is_some_and(AcceptanceForm::is_written) {
        return;
    }
    let chosen = dialog.chosen().map(|one| one.entry.clone());
    dialog.findings = entry_of(model, &dialog.subject).map(state::open_findings).unwrap_or_default();
    if dialog.findings.is_empty() {
        model.repository.put_acceptance(None);
        let path = model.accepted.path_words(&model.settings);
        model.set_notice(Tone::Plain, format!("{path} was read again: all of its findings are accepted there"));
        return;
    }
    if let Some(at) = dialog.findings.iter().position(|one| Some(&one.entry) == chosen.as_ref()) {
        dialog.cursor.select_row(at, dialog.findings.len(), LISTED);
    } else {
        dialog.form = None;
        dialog.cursor.settle_in(dialog.findings.len(), LISTED);
    }
    model.repository.put_acceptance(Some(dialog));
}

fn fresh_form(model: &Model, dialog: &AcceptanceDialog) -> Option<AcceptanceForm> {
    let entry = dialog.findings.get(dialog.cursor.selected)?.entry.clone();
    Some(AcceptanceForm::of(entry, model.accepted.user()))
}

/// Carries out an action of the dialog; none: it is not open.
pub(super) fn do_action(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    let mut dialog = model.repository.acceptance().cloned()?;
    let mut effects = Vec::new();
    match (&mut dialog.form, action) {
        // What is being written cannot be called back.
        (Some(form), _) if form.is_written() => return Some(effects),
        (Some(_), Action::Back) if dialog.findings.len() > 1 => dialog.form = None,
        (_, Action::Back) => {
            model.repository.put_acceptance(None);
            return Some(effects);
        }
        (Some(form), Action::FocusNext) => form.move_focus(true),
        (Some(form), Action::FocusPrevious) => form.move_focus(false),
        (Some(form), Action::Next | Action::GoOn) => {
            let name = model.accepted.path_words(&model.settings);
            if let Some((entry, text)) = form.complete(model.unix_now(), model.accepted.text(), &name) {
                effects = file::write(model, form, entry, text);
            }
        }
        (Some(_), _) => {}
        (None, Action::Next) => dialog.form = fresh_form(model, &dialog),
        (None, _) => {
            dialog.cursor.move_by(action, dialog.findings.len(), LISTED);
        }
    }
    model.repository.put_acceptance(Some(dialog));
    Some(effects)
}

/// Types a key into the field that has the focus. False: the dialog is not open.
pub(super) fn type_key(model: &mut Model, key: Key) -> bool {
    edit_field(model, |field| {
        field.take_key(key);
    })
}

/// Puts a pasted text into the field that has the focus. False: the dialog is not open.
pub(super) fn paste_text(model: &mut Model, text: &str) -> bool {
    edit_field(model, |field| field.insert_text(text.trim()))
}

fn edit_field(model: &mut Model, edit: impl FnOnce(&mut super::field::Field)) -> bool {
    let Some(dialog) = model.repository.acceptance_mut() else { return false };
    if let Some(form) = dialog.form.as_mut().filter(|form| !form.is_written()) {
        form.edit(edit);
    }
    true
}

/// Returns what the footer calls an action of the dialog.
pub(super) fn action_label(model: &Model, scope: KeyScope, action: Action) -> Option<Cow<'static, str>> {
    let has_others = model.repository.acceptance().is_some_and(|dialog| dialog.findings.len() > 1);
    (scope == KeyScope::Acceptance && action == Action::Back && has_others).then_some(Cow::Borrowed("back"))
}

/// Takes an answer about the file or the user; none: it is about something else.
pub(super) fn take_answer(model: &mut Model, id: RequestId, answer: &Answer) -> Option<Vec<Effect>> {
    match answer {
        Answer::AcceptedRead(read) => {
            if file::take_read(model, id, read.clone()) {
                refresh_dialog(model);
            }
            Some(Vec::new())
        }
        Answer::UserFound(user) => {
            if let Some(user) = model.accepted.take_user(id, user)
                && let Some(form) = model.repository.acceptance_mut().and_then(|dialog| dialog.form.as_mut())
            {
                form.offer_user(&user);
            }
            Some(Vec::new())
        }
        Answer::AcceptedWritten(result) => Some(take_written(model, id, result.as_ref().err())),
        _ => None,
    }
}

/// Shows the finding as accepted at once; after a failure the file is read again, and the dialog says why.
fn take_written(model: &mut Model, id: RequestId, failure: Option<&crate::ecr::Failure>) -> Vec<Effect> {
    let Some(form) = model.repository.acceptance_mut().and_then(|dialog| dialog.form.as_mut()) else {
        return Vec::new();
    };
    let Some((entry, text)) = form.take_written(id) else { return Vec::new() };
    if let Some(failure) = failure {
        form.problem = Some(failure.to_string());
        return file::read_again(model);
    }
    model.repository.put_acceptance(None);
    file::hold_text(model, Some(text));
    let path = model.accepted.path_words(&model.settings);
    let Acceptance { finding, .. } = &entry;
    let usage = if model.settings.accepted.is_named {
        String::new()
    } else {
        format!("; `ecr-grant review --accepted {path}` counts it")
    };
    model.set_notice(Tone::Good, format!("{finding} is accepted in {path}{usage}"));
    Vec::new()
}
