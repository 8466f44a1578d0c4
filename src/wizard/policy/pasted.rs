//! The document for a pasted policy: merging it, or putting it in the place of all.

use super::{computations, settle};
use crate::ecr::POLICY_LIMIT;
use crate::policy::edit::{Edited, merge_policy};
use crate::wizard::Model;

/// A text of more bytes is longer than ECR takes, whatever its characters: it is not merged while a key waits.
const LONGEST: usize = 4 * POLICY_LIMIT;

/// Tells whether the document takes a pasted text: it is read, and nothing lies over it.
pub(in crate::wizard) fn can_take_paste(model: &mut Model) -> bool {
    let step = &model.policy;
    let is_free = step.draft().is_some() && step.prompt.is_none() && step.problems.is_none() && step.fix.is_none();
    is_free && !computations::holds_key(model, None)
}

/// Returns the text of the shown document.
pub(in crate::wizard) fn current_text(model: &Model) -> Option<&str> {
    Some(model.policy.draft()?.editor.text())
}

/// Tells whether the editor is open.
pub(in crate::wizard) fn is_editor_open(model: &Model) -> bool {
    model.policy.is_editing
}

/// Tells whether what is typed in the editor takes the place of the whole text.
pub(in crate::wizard) fn is_all_selected(model: &Model) -> bool {
    let Some(draft) = model.policy.draft().filter(|_| model.policy.is_editing) else { return false };
    let text = draft.editor.text();
    text.trim().is_empty() || draft.editor.selected().is_some_and(|selected| selected.trim() == text.trim())
}

/// Merges another policy into a text; `None`: one of them cannot be read, or is too long.
pub(in crate::wizard) fn merge_into(text: &str, other: &str) -> Option<Edited> {
    if text.len() > LONGEST || other.len() > LONGEST {
        return None;
    }
    merge_policy(Some(text), other).ok()
}

/// Makes the shown document another text, as one step that an undo takes back, and shows what changes.
pub(in crate::wizard) fn show_text(model: &mut Model, text: &str) {
    model.policy.completion = None;
    if let Some(draft) = model.policy.draft_mut() {
        draft.editor.set_text(text);
    }
    model.policy.is_editing = false;
    model.policy.view_first = 0;
    settle(model);
}

/// Makes the shown document another text, as one step that an undo takes back, and opens the editor on it.
pub(in crate::wizard) fn edit_text(model: &mut Model, text: &str) {
    show_text(model, text);
    open_editor(model);
}

/// Opens the editor on the shown document.
pub(in crate::wizard) fn open_editor(model: &mut Model) {
    model.policy.is_editing = true;
    settle(model);
}

/// Merges another policy into every document, or puts it in the place of each; true: one could not be merged, and none
/// was changed.
pub(in crate::wizard) fn put_policy(model: &mut Model, other: &str, replaces: bool) -> bool {
    let text_of = |text: &str| {
        if replaces { Some(other.to_owned()) } else { merge_into(text, other).map(|merged| merged.text) }
    };
    let drafts = model.policy.documents.iter().map(|document| document.current_draft());
    let texts: Option<Vec<String>> = drafts.map(|draft| text_of(draft?.editor.text())).collect();
    let Some(texts) = texts else { return true };
    for (document, text) in model.policy.documents.iter_mut().zip(texts) {
        if let Some(draft) = document.draft_mut() {
            draft.editor.set_text(&text);
        }
        document.follow_text();
    }
    settle(model);
    false
}
