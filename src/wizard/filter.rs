//! The filter line of a list: what is typed, and whether letters go there.

use super::field::Field;
use super::key::Key;

/// The reason why Enter keeps no filter.
pub const NO_MATCH: &str = "nothing matches what is typed";

/// A filter line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The typed text.
    pub field: Field,
    /// Tells whether letters go there.
    pub open: bool,
}

impl Filter {
    /// Returns what to look for.
    pub fn query_text(&self) -> &str {
        self.field.text()
    }

    /// Tells whether the list is narrowed.
    pub fn is_narrowing(&self) -> bool {
        !self.query_text().trim().is_empty()
    }

    /// Closes the line and, when it was closed already, empties it; `false`: there was nothing to close or to empty.
    /// Esc while typing does both at once.
    pub fn take_escape(&mut self) -> bool {
        let had_something = self.open || !self.field.is_empty();
        self.open = false;
        self.field.clear_text();
        had_something
    }

    /// Types a key; `false`: the text is as before.
    pub fn take_key(&mut self, key: Key) -> bool {
        let before = self.field.text().to_owned();
        self.field.take_key(key);
        before != self.field.text()
    }

    /// Puts the first line of a pasted text at the caret: a list is filtered by one line.
    pub fn paste_text(&mut self, text: &str) {
        let line = text.trim().lines().next().unwrap_or_default();
        self.field.insert_text(&line.chars().take(1024).collect::<String>());
    }

    /// Replaces what is typed.
    pub fn set_text(&mut self, text: &str) {
        self.field = Field::with_text(text);
    }
}

/// Finds the chosen row again after the rows of a list have changed: the same thing stays chosen, at the same place on
/// the screen. `was`: the row it had; `now_at`: the row it has now, where it is still there.
pub fn keep_choice(cursor: &mut super::Cursor, was: Option<usize>, now_at: Option<usize>, len: usize, height: usize) {
    let was = was.unwrap_or(cursor.selected);
    let Some(now_at) = now_at else {
        cursor.settle_in(len, height);
        return;
    };
    let from_top = was.saturating_sub(cursor.offset);
    cursor.offset = now_at.saturating_sub(from_top);
    cursor.select_row(now_at, len, height);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::Cursor;

    #[test]
    fn escape_takes_the_whole_filter_away_once() {
        let mut filter = Filter { open: true, ..Filter::default() };
        filter.take_key(Key::of_char('v'));
        assert!(filter.is_narrowing());
        assert!(filter.take_escape());
        assert!(!filter.is_narrowing() && !filter.open);
        assert!(!filter.take_escape());
    }

    #[test]
    fn only_the_first_line_of_a_paste_filters() {
        let mut filter = Filter::default();
        filter.paste_text("\nvendorapp\r\nrm -rf\n");
        assert_eq!(filter.query_text(), "vendorapp");
    }

    #[test]
    fn the_chosen_thing_stays_where_it_was_on_the_screen() {
        let mut cursor = Cursor { selected: 5, offset: 3 };
        keep_choice(&mut cursor, Some(5), Some(25), 100, 10);
        assert_eq!(cursor, Cursor { selected: 25, offset: 23 });
        keep_choice(&mut cursor, Some(25), None, 4, 10);
        assert_eq!(cursor, Cursor { selected: 3, offset: 0 });
    }
}
