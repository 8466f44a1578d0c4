//! What helps while editing, as the keys drive it: the names offered at the caret, and the line over the footer.

use super::{Document, Find, LineNumber, PolicyStep, Prompt, rows, settle};
use crate::wizard::field::Field;
use crate::wizard::{Action, Model, Tone};

/// Offers names at the caret; the only one is written at once. `asked`: says so when there is none.
pub(super) fn offer(model: &mut Model, asked: bool) {
    let step = &mut model.policy;
    let Some(document) = step.documents.get_mut(step.current) else { return };
    let found = document.names_at_caret();
    match found {
        Some(found) if found.offers().len() == 1 && !found.typed().is_empty() => {
            step.completion = Some(found);
            take(step);
        }
        Some(found) => {
            step.completion = Some(found);
            if let Some(draft) = step.draft_mut() {
                draft.editor.unselect();
            }
        }
        None if asked => {
            model.say(Tone::Plain, "no name is known for this place; actions, principals and conditions have some");
        }
        None => {}
    }
}

/// Writes the chosen name.
fn take(step: &mut PolicyStep) {
    let Some(written) = step.completion.take().and_then(|c| c.take()) else { return };
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
    let rows = usize::from(rows(model.size, &model.policy).text);
    let step = &mut model.policy;
    match action {
        Action::Next => take(step),
        Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
            let Some(draft) = step.documents.get(step.current).and_then(Document::draft) else { return false };
            let caret = draft.editor.caret_place().0.saturating_sub(draft.editor.first_line());
            if let Some(completion) = &mut step.completion {
                let (_, height) = completion.rows(rows, caret);
                let len = completion.offers().len();
                completion.cursor.act(action, len, height);
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

/// Opens the line over the footer.
pub(super) fn ask(model: &mut Model, find: bool) {
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
    find.search(draft.editor.text(), draft.editor.revision());
    step.prompt = Some(Prompt::Find(find));
    show_match(step);
}

/// Carries out an action of the line over the footer.
pub(super) fn in_prompt(model: &mut Model, action: Action) {
    let step = &mut model.policy;
    match (&mut step.prompt, action) {
        (Some(Prompt::Find(find)), Action::Down | Action::Up) => {
            find.step(action == Action::Down);
            show_match(step);
        }
        (Some(Prompt::Line(line)), Action::Next) => {
            let Some(draft) = step.documents.get_mut(step.current).and_then(Document::draft_mut) else { return };
            if let Some((line, column)) = line.place(draft.editor.line_count()) {
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
            if let Some(draft) = step.documents.get(step.current).and_then(Document::draft) {
                find.search(draft.editor.text(), draft.editor.revision());
            }
            show_match(step);
        }
    }
    settle(model);
}

/// Selects the match that is gone to; without one the caret goes back to where it was.
pub(super) fn show_match(step: &mut PolicyStep) {
    let Some(Prompt::Find(find)) = &step.prompt else { return };
    let Some(draft) = step.documents.get_mut(step.current).and_then(Document::draft_mut) else { return };
    match find.current() {
        Some(range) => draft.editor.select(range),
        None => draft.editor.go_to(find.from()),
    }
}
