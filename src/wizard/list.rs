//! The cursor of a list: which row is chosen and which is the first one shown.

use super::keymap::Action;

/// Chosen row and first shown row, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The chosen row.
    pub selected: usize,
    /// The first row that is shown.
    pub offset: usize,
}

impl Cursor {
    /// Carries out a movement in a list of `len` rows of which `height` are shown; `false` for any other action.
    pub fn move_by(&mut self, action: Action, len: usize, height: usize) -> bool {
        let page = height.max(1);
        let last = len.saturating_sub(1);
        self.selected = match action {
            Action::Up => self.selected.saturating_sub(1),
            Action::Down => self.selected.saturating_add(1),
            Action::PageUp => self.selected.saturating_sub(page),
            Action::PageDown => self.selected.saturating_add(page),
            Action::First => 0,
            Action::Last => last,
            _ => return false,
        };
        self.settle_in(len, height);
        true
    }

    /// Chooses a row.
    pub fn select_row(&mut self, row: usize, len: usize, height: usize) {
        self.selected = row;
        self.settle_in(len, height);
    }

    /// Brings both numbers back into a list that has changed.
    pub fn settle_in(&mut self, len: usize, height: usize) {
        let height = height.max(1);
        self.selected = self.selected.min(len.saturating_sub(1));
        let lowest = self.selected.saturating_add(1).saturating_sub(height);
        self.offset = self.offset.clamp(lowest, self.selected.max(lowest)).min(len.saturating_sub(height));
    }

    /// The rows that are shown.
    pub fn shown_rows(&self, len: usize, height: usize) -> std::ops::Range<usize> {
        let start = self.offset.min(len);
        start..start.saturating_add(height).min(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_row_is_always_shown() {
        let mut cursor = Cursor::default();
        for action in [Action::Last, Action::Up, Action::PageUp, Action::Down, Action::First, Action::PageDown] {
            cursor.move_by(action, 100, 10);
            assert!(cursor.shown_rows(100, 10).contains(&cursor.selected), "{action:?}: {cursor:?}");
        }
        cursor.move_by(Action::Last, 100, 10);
        assert_eq!(cursor, Cursor { selected: 99, offset: 90 });
        cursor.settle_in(3, 10);
        assert_eq!(cursor, Cursor { selected: 2, offset: 0 });
        cursor.settle_in(0, 10);
        assert_eq!(cursor, Cursor::default());
        cursor.move_by(Action::Down, 0, 0);
        assert_eq!(cursor.selected, 0);
    }
}
