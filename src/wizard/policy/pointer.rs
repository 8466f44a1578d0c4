//! Clicks into the text.

use super::{PolicyStep, computations, gutter, part_rows, problems, settle};
use crate::wizard::{Effect, Model};

/// Takes a click into the body, its rows counted from 0: chooses an offered name, puts the caret there,
/// or chooses a problem of the list.
pub(super) fn click_at(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    let parts = part_rows(model.size, &model.policy);
    let height = parts.text;
    if model.policy.fix.is_some() || computations::holds_key(model, None) {
        return Vec::new();
    }
    let list = row.checked_sub(1 + parts.text + parts.rule).filter(|at| *at < parts.list);
    if let Some(at) = list {
        problems::choose_shown(&mut model.policy, usize::from(at), usize::from(parts.list));
        settle(model);
        return Vec::new();
    }
    // The title is above the text.
    let Some(at) = row.checked_sub(1).filter(|at| *at < height) else { return Vec::new() };
    let step = &mut model.policy;
    if step.is_viewing() {
        step.is_editing = true;
        settle(model);
        return Vec::new();
    }
    if choose_offer(step, usize::from(at), usize::from(height)) {
        return Vec::new();
    }
    let Some(draft) = step.draft_mut() else { return Vec::new() };
    let gutter = gutter(draft.editor.line_count());
    draft.editor.point(usize::from(at), usize::from(column.saturating_sub(gutter)));
    step.completion = None;
    step.prompt = None;
    step.problems = None;
    settle(model);
    Vec::new()
}

/// Chooses the name in a row of the text, where names are offered there.
fn choose_offer(step: &mut PolicyStep, at: usize, height: usize) -> bool {
    let Some(draft) = step.documents.get(step.current).and_then(|document| document.current_draft()) else {
        return false;
    };
    let caret = draft.editor.shown_caret_row();
    let Some(completion) = &mut step.completion else { return false };
    let (first, shown) = completion.list_rows(height, caret);
    let Some(at) = at.checked_sub(first).filter(|at| *at < shown) else { return false };
    let all = completion.all_offers().len();
    if let Some(chosen) = completion.cursor.shown_rows(all, shown).nth(at) {
        completion.cursor.select_row(chosen, all, shown);
    }
    true
}
