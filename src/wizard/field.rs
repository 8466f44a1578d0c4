//! A text field of one line.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};
use unicode_width::UnicodeWidthStr as _;

use super::key::{Code, Key};

/// A line of text with a caret between graphemes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Field {
    text: String,
    /// A byte offset on a grapheme boundary.
    caret: usize,
    /// Tells whether all of it is selected: what is typed takes its place.
    is_selected: bool,
}

impl Field {
    /// A field that holds a text, with the caret at its end.
    pub fn with_text(text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self { caret: text.len(), text, is_selected: false }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Empties the field.
    pub fn clear_text(&mut self) {
        *self = Self::default();
    }

    /// Tells whether all of the text is selected.
    pub fn is_all_selected(&self) -> bool {
        self.is_selected
    }

    /// Tells whether the caret is behind the last character.
    pub fn is_caret_at_end(&self) -> bool {
        self.caret == self.text.len()
    }

    /// The width in cells of the text before the caret.
    pub fn caret_column(&self) -> usize {
        self.text_before().width()
    }

    /// Inserts a text at the caret. Line ends and tabs become blanks, other control characters are dropped.
    pub fn insert_text(&mut self, text: &str) {
        if std::mem::take(&mut self.is_selected) {
            self.clear_text();
        }
        let clean: String = text
            .chars()
            .filter_map(|c| match c {
                '\n' | '\r' | '\t' => Some(' '),
                c if c.is_control() => None,
                c => Some(c),
            })
            .collect();
        self.text.insert_str(self.caret, &clean);
        self.caret += clean.len();
    }

    /// Carries out an editing key; `false` when the key means nothing in a field.
    pub fn take_key(&mut self, key: Key) -> bool {
        if key == Key::with_ctrl('a') {
            self.is_selected = !self.is_empty();
            self.caret = self.text.len();
            return true;
        }
        if self.is_selected && self.take_key_of_selection(key) {
            return true;
        }
        match key {
            Key { code: Code::Left, ctrl: false, .. } => self.caret = self.previous_boundary(),
            Key { code: Code::Right, ctrl: false, .. } => self.caret = self.next_boundary(),
            Key { code: Code::Home, .. } => self.caret = 0,
            Key { code: Code::End, .. } | Key { code: Code::Char('e'), ctrl: true, .. } => self.caret = self.text.len(),
            Key { code: Code::Backspace, .. } | Key { code: Code::Char('h'), ctrl: true, .. } => {
                let start = self.previous_boundary();
                self.text.replace_range(start..self.caret, "");
                self.caret = start;
            }
            Key { code: Code::Delete, .. } => {
                let end = self.next_boundary();
                self.text.replace_range(self.caret..end, "");
            }
            Key { code: Code::Char('u'), ctrl: true, .. } => {
                self.text.replace_range(..self.caret, "");
                self.caret = 0;
            }
            Key { code: Code::Char('w'), ctrl: true, .. } => {
                let start = self.text_before().trim_end().rfind([' ', ',', '/', ':']).map_or(0, |at| at + 1);
                self.text.replace_range(start..self.caret, "");
                self.caret = start;
            }
            _ => match key.typed_char() {
                Some(c) => self.insert_text(c.encode_utf8(&mut [0; 4])),
                None => return false,
            },
        }
        true
    }

    /// Carries out a key while all is selected; `false`: it means what it means without that.
    fn take_key_of_selection(&mut self, key: Key) -> bool {
        match key {
            Key { code: Code::Backspace | Code::Delete, .. }
            | Key { code: Code::Char('h' | 'u' | 'w'), ctrl: true, .. } => {
                self.clear_text();
                return true;
            }
            Key { code: Code::Left, ctrl: false, .. } => self.caret = 0,
            Key { code: Code::Right, ctrl: false, .. } => self.caret = self.text.len(),
            // What is typed takes its place.
            _ if key.typed_char().is_some() => return false,
            _ => {
                self.is_selected = false;
                return false;
            }
        }
        self.is_selected = false;
        true
    }

    /// Puts the caret at a cell of the window, where the text is drawn from the cell `from` up to the cell `to`.
    pub fn point_at(&mut self, cell: usize, from: usize, to: usize) {
        self.is_selected = false;
        let room = to.saturating_sub(from);
        let skipped = self.caret_column().saturating_sub(room.saturating_sub(1));
        let wanted = cell.saturating_sub(from) + skipped;
        let mut column = 0;
        let behind = self.text.grapheme_indices(true).find(|(_, grapheme)| {
            column += grapheme.width();
            column > wanted
        });
        self.caret = behind.map_or(self.text.len(), |(at, _)| at);
    }

    fn text_before(&self) -> &str {
        self.text.get(..self.caret).unwrap_or_default()
    }

    fn previous_boundary(&self) -> usize {
        self.text_before().graphemes(true).next_back().map_or(0, |g| self.caret - g.len())
    }

    fn next_boundary(&self) -> usize {
        GraphemeCursor::new(self.caret, self.text.len(), true)
            .next_boundary(&self.text, 0)
            .ok()
            .flatten()
            .unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[Key]) -> Field {
        let mut field = Field::default();
        for key in keys {
            field.take_key(*key);
        }
        field
    }

    #[test]
    fn whole_graphemes_are_deleted() {
        let mut field = Field::with_text("ae\u{301}👩‍👧");
        field.take_key(Key::without_modifiers(Code::Backspace));
        assert_eq!(field.text(), "ae\u{301}");
        field.take_key(Key::without_modifiers(Code::Backspace));
        assert_eq!(field.text(), "a");
        field.take_key(Key::without_modifiers(Code::Home));
        field.take_key(Key::without_modifiers(Code::Delete));
        assert_eq!(field.text(), "");
    }

    #[test]
    fn a_click_puts_the_caret_before_what_is_under_it() {
        let mut field = Field::with_text("a名b");
        for (cell, column) in [(4, 0), (5, 0), (6, 1), (7, 1), (8, 3), (9, 4), (70, 4)] {
            field.point_at(cell, 5, 80);
            assert_eq!(field.caret_column(), column, "{cell}");
        }
        // Longer than its place of ten cells, of which the caret has one: the beginning is not shown.
        let mut field = Field::with_text("0123456789abcdef");
        field.point_at(5, 5, 15);
        assert_eq!(field.text_before(), "0123456");
    }

    #[test]
    fn pasted_lines_become_one() {
        let mut field = typed(&[Key::of_char('1'), Key::of_char('3'), Key::without_modifiers(Code::Left)]);
        field.insert_text("2\r\n\u{1b}x");
        assert_eq!(field.text(), "12  x3");
        assert_eq!(field.caret_column(), 5);
    }

    #[test]
    fn what_is_typed_or_pasted_takes_the_place_of_all_that_is_selected() {
        let after = |keys: &[Key]| {
            let mut field = Field::with_text("111111111111");
            field.take_key(Key::with_ctrl('a'));
            assert!(field.is_all_selected());
            for key in keys {
                field.take_key(*key);
            }
            assert!(!field.is_all_selected(), "{keys:?}");
            field.text().to_owned()
        };
        assert_eq!(after(&[Key::of_char('3')]), "3");
        for code in [Code::Backspace, Code::Delete] {
            assert_eq!(after(&[Key::without_modifiers(code)]), "", "{code:?}");
        }
        for (code, text) in
            [(Code::Left, "x111111111111"), (Code::Home, "x111111111111"), (Code::Right, "111111111111x")]
        {
            assert_eq!(after(&[Key::without_modifiers(code), Key::of_char('x')]), text, "{code:?}");
        }
        let mut field = Field::with_text("111111111111");
        field.take_key(Key::with_ctrl('a'));
        field.insert_text("333333333333");
        assert_eq!(field.text(), "333333333333");
        // In an empty field nothing is selected.
        field.clear_text();
        field.take_key(Key::with_ctrl('a'));
        assert!(!field.is_all_selected());
    }

    #[test]
    fn a_word_and_a_line_can_be_taken_back() {
        let mut field = Field::with_text("111111111111, 333333333333");
        field.take_key(Key::with_ctrl('w'));
        assert_eq!(field.text(), "111111111111, ");
        field.take_key(Key::with_ctrl('u'));
        assert!(field.is_empty());
    }
}
