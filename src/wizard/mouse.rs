//! Wheel and click (`--mouse`). The wheel is three presses of an arrow key; a click chooses a row of the two long lists.
//! Everything works without a mouse.

use super::{Action, Code, Effect, Event, Key, Model, Step, account, act, layout, repository, update};

/// Rows that a notch of the wheel moves by.
const NOTCH: usize = 3;

/// Turns the wheel by one notch.
pub(super) fn wheel(model: &mut Model, up: bool) -> Vec<Effect> {
    let (action, code) = if up { (Action::Up, Code::Up) } else { (Action::Down, Code::Down) };
    // Whatever keys the user has given to it; in the editor it is the arrow key itself.
    let is_bound = model.keymap.bindings(&model.scopes()).any(|bound| bound.row.action == action);
    let mut turn = || if is_bound { act(model, action) } else { update(model, Event::Key(Key::plain(code))) };
    (0..NOTCH).flat_map(|_| turn()).collect()
}

/// Chooses the row under the pointer, where a list of accounts or repositories is shown there.
pub(super) fn click(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    if model.overlay.is_some() || layout::is_too_small(model.size) || beside(model).contains(&column) {
        return Vec::new();
    }
    let Some(row) = row.checked_sub(layout::HEAD_ROWS).map(usize::from) else { return Vec::new() };
    let in_list = |head: u16, list: u16| row.checked_sub(usize::from(head)).filter(|at| *at < usize::from(list));
    match model.step {
        Step::Account if model.account.regions.is_none() => {
            // The words about a failed sign-in take rows of the list, as many as they need: which, only the drawing knows.
            if model.account.chosen().is_some_and(|source| model.account.attempt(&source.id).failure().is_some()) {
                return Vec::new();
            }
            let shape = account::shape(model.size);
            match in_list(shape.head, shape.list) {
                Some(at) => account::choose_shown(model, at),
                None => Vec::new(),
            }
        }
        Step::Repository if model.repository.regions.is_none() && model.repository.review.is_none() => {
            let shape = repository::shape(model);
            match in_list(shape.head, shape.list) {
                Some(at) => repository::choose_shown(model, at),
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// The columns of the details beside a list; none where they are below it.
fn beside(model: &Model) -> std::ops::Range<u16> {
    if !layout::has_details(model.size) {
        return 0..0;
    }
    let width = model.size.columns;
    width.saturating_sub(layout::beside(model.step, width))..u16::MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::testing::{press, signed_model};
    use crate::wizard::{Overlay, Size};

    fn chosen(model: &Model) -> String {
        model.repository.chosen().unwrap().repository.reference.name.to_string()
    }

    /// A model whose list of repositories begins in row 6.
    fn listed() -> Model {
        let model = signed_model();
        assert_eq!(layout::HEAD_ROWS + repository::shape(&model).head, 6);
        model
    }

    #[test]
    fn a_click_chooses_the_row_under_the_pointer() {
        let mut model = listed();
        click(&mut model, 10, 8);
        assert_eq!(chosen(&model), "vendorapp");
        click(&mut model, 10, 6);
        assert_eq!(chosen(&model), "data/feature-store");
    }

    #[test]
    fn a_click_beside_every_row_chooses_nothing() {
        let mut model = listed();
        for (column, row) in [(10, 0), (10, 5), (10, 9), (10, 23), (79, u16::MAX), (u16::MAX, 0)] {
            click(&mut model, column, row);
            assert_eq!(chosen(&model), "data/feature-store", "{column},{row}");
        }
        model.overlay = Some(Overlay::Leave);
        click(&mut model, 10, 8);
        assert_eq!(chosen(&model), "data/feature-store", "the list lies under a question");
    }

    #[test]
    fn the_details_beside_a_list_are_no_rows() {
        let mut model = listed();
        update(&mut model, Event::Resized(Size { columns: 120, rows: 40 }));
        click(&mut model, 119, 8);
        assert_eq!(chosen(&model), "data/feature-store");
        click(&mut model, 60, 8);
        assert_eq!(chosen(&model), "vendorapp");
    }

    #[test]
    fn the_wheel_goes_three_rows_and_stops_at_the_ends() {
        let mut model = listed();
        wheel(&mut model, false);
        assert_eq!(chosen(&model), "vendorapp");
        wheel(&mut model, true);
        assert_eq!(chosen(&model), "data/feature-store");
        press(&mut model, Key::char('?'));
        wheel(&mut model, false);
        assert_eq!(model.overlay, Some(Overlay::Help { scroll: 3 }));
    }
}
