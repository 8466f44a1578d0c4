//! Wheel and click (`--mouse`). The wheel is three presses of an arrow key; a click chooses the row under the pointer,
//! puts a caret there, or goes back to a step of the rail. No click writes, and everything works without a mouse.

use super::{Action, Code, Effect, Event, Key, Model, Overlay, act, layout, palette, update};

/// Rows that a notch of the wheel moves by.
const NOTCH: usize = 3;

/// Turns the wheel by one notch.
pub(super) fn turn_wheel(model: &mut Model, up: bool) -> Vec<Effect> {
    let (action, code) = if up { (Action::Up, Code::Up) } else { (Action::Down, Code::Down) };
    // Whatever keys the user has given to it; in the editor it is the arrow key itself.
    let is_bound = model.keymap.bindings(&model.key_scopes()).any(|bound| bound.row.action == action);
    let mut turn =
        || if is_bound { act(model, action) } else { update(model, Event::Key(Key::without_modifiers(code))) };
    (0..NOTCH).flat_map(|_| turn()).collect()
}

/// Takes a click of the left button.
pub(super) fn take_click(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    if layout::is_too_small(model.size) {
        return Vec::new();
    }
    let in_body = row.checked_sub(layout::HEAD_ROWS).filter(|row| *row < layout::body_rows(model.size));
    match (model.overlay, in_body) {
        (None, _) => model.notice = None,
        (Some(Overlay::Palette), Some(row)) => {
            palette::click_row(model, row);
            return Vec::new();
        }
        (Some(_), _) => return Vec::new(),
    }
    match in_body {
        Some(row) => (model.step.screen().click)(model, column, row),
        None if row == 0 => to_step(model, column),
        None => Vec::new(),
    }
}

/// Back to the step of the rail under the pointer, one step after the other as Esc goes, where it is one of those before.
fn to_step(model: &mut Model, column: u16) -> Vec<Effect> {
    /// More than the things that can be open on all steps together.
    const MOST: usize = 30;
    let Some(wanted) = layout::rail_step(model.size, column) else { return Vec::new() };
    let mut effects = Vec::new();
    for _ in 0..MOST {
        if model.step <= wanted || model.save.is_writing() {
            break;
        }
        effects.extend(act(model, Action::Back));
    }
    effects
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::testing::{press_key, signed_model};
    use crate::wizard::{Overlay, Size, repository};

    fn chosen(model: &Model) -> String {
        model.repository.chosen_row().unwrap().repository.reference.name.to_string()
    }

    /// A model whose list of repositories begins in row 6.
    fn listed() -> Model {
        let model = signed_model();
        assert_eq!(layout::HEAD_ROWS + repository::body_shape(&model).head, 6);
        model
    }

    #[test]
    fn a_click_chooses_the_row_under_the_pointer() {
        let mut model = listed();
        take_click(&mut model, 10, 8);
        assert_eq!(chosen(&model), "vendorapp");
        take_click(&mut model, 10, 6);
        assert_eq!(chosen(&model), "data/feature-store");
    }

    #[test]
    fn a_click_beside_every_row_chooses_nothing() {
        let mut model = listed();
        for (column, row) in [(10, 0), (10, 5), (10, 9), (10, 23), (79, u16::MAX), (u16::MAX, 0)] {
            take_click(&mut model, column, row);
            assert_eq!(chosen(&model), "data/feature-store", "{column},{row}");
        }
        model.overlay = Some(Overlay::Leave);
        take_click(&mut model, 10, 8);
        assert_eq!(chosen(&model), "data/feature-store", "the list lies under a question");
    }

    #[test]
    fn the_details_beside_a_list_are_no_rows() {
        let mut model = listed();
        update(&mut model, Event::Resized(Size { columns: 120, rows: 40 }));
        take_click(&mut model, 119, 8);
        assert_eq!(chosen(&model), "data/feature-store");
        take_click(&mut model, 60, 8);
        assert_eq!(chosen(&model), "vendorapp");
    }

    #[test]
    fn the_wheel_goes_three_rows_and_stops_at_the_ends() {
        let mut model = listed();
        turn_wheel(&mut model, false);
        assert_eq!(chosen(&model), "vendorapp");
        turn_wheel(&mut model, true);
        assert_eq!(chosen(&model), "data/feature-store");
        press_key(&mut model, Key::of_char('?'));
        turn_wheel(&mut model, false);
        assert_eq!(model.overlay, Some(Overlay::Help { scroll: 3 }));
    }
}
