//! The line over the footer: finding a text, and going to a line.

use super::prompt_line::{Find, LineNumber, Prompt};
use super::{PolicyStep, RepositoryDocument, settle};
use crate::wizard::field::Field;
use crate::wizard::{Action, Model};

/// Opens the line over the footer.
pub(super) fn open_prompt(model: &mut Model, find: bool) {
    let step = &mut model.policy;
    let Some(draft) = step.draft() else { return };
    if !find {
        step.prompt = Some(Prompt::Line(LineNumber::default()));
        return;
    }
    let selected = draft.editor.selected().filter(|text| !text.contains(['\n', '\r']));
    let needle = selected.unwrap_or(&step.needle).to_owned();
    let from = draft.editor.selection().map_or(draft.editor.caret(), |range| range.start);
    let mut find = Find::new(needle, from);
    find.search_text(draft.editor.text(), draft.editor.revision());
    step.prompt = Some(Prompt::Find(find));
    show_match(step);
}

/// Carries out an action of the line over the footer.
pub(super) fn in_prompt(model: &mut Model, action: Action) {
    let step = &mut model.policy;
    match (&mut step.prompt, action) {
        (Some(Prompt::Find(find)), Action::Down | Action::Up) => {
            find.step_match(action == Action::Down);
            show_match(step);
        }
        (Some(Prompt::Line(line)), Action::Next) => {
            let Some(draft) = step.documents.get_mut(step.current).and_then(RepositoryDocument::draft_mut) else {
                return;
            };
            if let Some((line, column)) = line.typed_place(draft.editor.line_count()) {
                draft.editor.go_to_column(line, column);
                step.prompt = None;
            } else {
                line.is_wrong = true;
            }
        }
        (_, Action::Back) => step.prompt = None,
        _ => {}
    }
    settle(model);
}

/// A key, or a pasted text, in the line over the footer.
pub(super) fn typed_in_prompt(model: &mut Model, edit: impl FnOnce(&mut Field)) {
    let step = &mut model.policy;
    let Some(prompt) = &mut step.prompt else { return };
    edit(prompt.field_mut());
    match prompt {
        Prompt::Line(line) => line.is_wrong = false,
        Prompt::Find(find) => {
            find.field.text().clone_into(&mut step.needle);
            if let Some(draft) = step.documents.get(step.current).and_then(RepositoryDocument::current_draft) {
                find.search_text(draft.editor.text(), draft.editor.revision());
            }
            show_match(step);
        }
    }
    settle(model);
}

/// Selects the match that is gone to; without one the caret goes back to where it was.
pub(super) fn show_match(step: &mut PolicyStep) {
    let Some(Prompt::Find(find)) = &step.prompt else { return };
    let Some(draft) = step.documents.get_mut(step.current).and_then(RepositoryDocument::draft_mut) else { return };
    match find.current_match() {
        Some(range) => draft.editor.select(range),
        None => draft.editor.go_to(find.caret_before()),
    }
}
