//! Completes names at a place of a policy: names from the engine's tables, each with what it means, and the keys that
//! choose among them.

use super::{PolicyStep, RepositoryDocument, part_rows, settle};
use crate::wizard::{Action, Model, Tone};

/// Offers names at the caret; the only one is written at once. `asked`: says so when there is none.
pub(super) fn offer_names(model: &mut Model, asked: bool) {
    let step = &mut model.policy;
    let Some(document) = step.documents.get_mut(step.current) else { return };
    let found = document.names_at_caret();
    match found {
        Some(found) if found.all_offers().len() == 1 && !found.typed_part().is_empty() => {
            step.completion = Some(found);
            write_chosen(step);
        }
        Some(found) => {
            step.completion = Some(found);
            if let Some(draft) = step.draft_mut() {
                draft.editor.unselect();
            }
        }
        None if asked => {
            model.set_notice(
                Tone::Plain,
                "no name is known for this place; actions, principals and conditions have some",
            );
        }
        None => {}
    }
}

/// Writes the chosen name.
fn write_chosen(step: &mut PolicyStep) {
    let Some(written) = step.completion.take().and_then(|c| c.take_chosen()) else { return };
    let Some(draft) = step.draft_mut() else { return };
    draft.editor.put(written.range, &written.text);
    if written.select.is_empty() {
        draft.editor.go_to(written.select.start);
    } else {
        draft.editor.select(written.select);
    }
}

/// Carries out an action of the offered names; any other closes them, `false`.
pub(super) fn in_completion(model: &mut Model, action: Action) -> bool {
    let rows = usize::from(part_rows(model.size, &model.policy).text);
    let step = &mut model.policy;
    match action {
        Action::Next => write_chosen(step),
        Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
            let Some(draft) = step.documents.get(step.current).and_then(RepositoryDocument::current_draft) else {
                return false;
            };
            let caret = draft.editor.shown_caret_row();
            if let Some(completion) = &mut step.completion {
                let (_, height) = completion.list_rows(rows, caret);
                let len = completion.all_offers().len();
                completion.cursor.move_by(action, len, height);
            }
            return true;
        }
        _ => {
            step.completion = None;
            // Closing is all that Esc does here, and asking for the names again too.
            if !matches!(action, Action::Back | Action::Complete) {
                return false;
            }
        }
    }
    settle(model);
    true
}
