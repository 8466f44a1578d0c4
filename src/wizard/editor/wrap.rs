//! Soft wrap: the rows in which the lines of a text are shown, and the rows that are in sight.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::lines::{Lines, count_cells, offset_of_cell, shown_grapheme};
use super::{Editor, MARGIN_LINES};

/// The beginnings of the rows of a text. The end of a row that its line goes on behind belongs to the next row.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// The cells of a row; 0: no line is wrapped.
    width: usize,
    /// The revision of the text.
    revision: u64,
    starts: Vec<usize>,
}

impl Rows {
    /// Divides the lines of a text into rows: linear work.
    pub fn divide(text: &str, lines: &Lines, width: usize, revision: u64) -> Self {
        let mut starts = Vec::with_capacity(lines.line_count());
        for at in 0..lines.line_count() {
            let line = lines.line_range(at, text);
            starts.push(line.start);
            if width > 0 {
                let text = text.get(line.clone()).unwrap_or_default();
                starts.extend(row_breaks(text, width).into_iter().map(|offset| line.start + offset));
            }
        }
        Self { width, revision, starts }
    }

    fn row_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    fn start_of(&self, row: usize) -> usize {
        self.starts.get(row).copied().unwrap_or_default()
    }
}

/// Returns the offsets at which a line goes on in another row: behind the last blank or comma, where that leaves no more
/// than half a row empty.
fn row_breaks(line: &str, width: usize) -> Vec<usize> {
    if line.bytes().all(|b| matches!(b, b' '..=b'~')) {
        if line.len() <= width {
            return Vec::new();
        }
        return breaks_of(line.bytes().enumerate().map(|(at, byte)| (at, 1, matches!(byte, b' ' | b','))), width);
    }
    let piece = |(at, text): (usize, &str)| (at, shown_grapheme(text).width(), matches!(text, " " | ","));
    breaks_of(line.grapheme_indices(true).map(piece), width)
}

/// The same for pieces: the offset of each, its cells, and whether a row may end behind it.
fn breaks_of(pieces: impl Iterator<Item = (usize, usize, bool)>, width: usize) -> Vec<usize> {
    let mut breaks = Vec::new();
    let (mut start, mut cell) = (0, 0);
    // The place behind the last piece that may end a row, once it is known: its offset, and the cells before it.
    let mut gentle: Option<(usize, usize)> = None;
    let mut ends_row = false;
    for (at, cells, may_end) in pieces {
        if ends_row {
            gentle = Some((at, cell));
        }
        if cell + cells > width && at > start {
            let fits = |(_, before): &(usize, usize)| before * 2 >= width && cell - before + cells <= width;
            let (cut, before) = gentle.filter(fits).unwrap_or((at, cell));
            breaks.push(cut);
            (start, cell, gentle) = (cut, cell - before, None);
        }
        cell += cells;
        ends_row = may_end;
    }
    breaks
}

/// A row that is in sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRow {
    /// Its bytes, without the line's end.
    pub bytes: Range<usize>,
    /// Its line, from 0.
    pub line: usize,
    /// Tells whether the line begins in it; else the row goes on with the line above.
    pub is_first: bool,
    /// Tells whether the line ends in it.
    pub is_last: bool,
}

/// What is in sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The rows.
    pub rows: Vec<ShownRow>,
    /// The caret's row among them, and its cell, both from 0.
    pub caret: (usize, usize),
}

impl Editor {
    /// The rows at a width, divided anew where the text or the width is another one.
    fn rows_at(&self, width: usize) -> Cow<'_, Rows> {
        if self.wrapped.width == width && self.wrapped.revision == self.revision {
            Cow::Borrowed(&self.wrapped)
        } else {
            Cow::Owned(Rows::divide(&self.text, &self.lines, width, self.revision))
        }
    }

    fn row_bytes(&self, rows: &Rows, row: usize) -> Range<usize> {
        let start = rows.start_of(row);
        let line = self.line(self.line_of(start));
        start..rows.starts.get(row + 1).copied().unwrap_or(line.end).min(line.end).max(start)
    }

    /// The caret's row and its cell in it.
    fn caret_in(&self, rows: &Rows) -> (usize, usize) {
        let row = rows.row_of(self.caret);
        let bytes = self.row_bytes(rows, row);
        (row, count_cells(self.text.get(bytes.start..self.caret.min(bytes.end)).unwrap_or_default()))
    }

    /// The first row that is shown: what was shown last, moved as little as keeps the caret in sight.
    fn first_row(&self, rows: &Rows, height: usize) -> usize {
        let height = height.max(1);
        // In another width the text that was at the top stays there.
        let was = if rows.width == self.wrapped.width {
            self.scroll
        } else {
            rows.row_of(self.wrapped.start_of(self.scroll))
        };
        let at = rows.row_of(self.caret);
        let margin = MARGIN_LINES.min(height.saturating_sub(1) / 2);
        let highest = at.saturating_sub(margin).max((at + 1).saturating_sub(height));
        let first = was.clamp((at + margin + 1).saturating_sub(height), highest);
        first.min(rows.starts.len().saturating_sub(height))
    }

    /// Returns what is in sight of so many rows and cells.
    pub fn shown(&self, height: usize, width: usize) -> Shown {
        let rows = self.rows_at(width.max(1));
        let first = self.first_row(&rows, height);
        let (caret_row, cell) = self.caret_in(&rows);
        let one = |row: usize| {
            let bytes = self.row_bytes(&rows, row);
            let line = self.line_of(bytes.start);
            let of_line = self.line(line);
            let (is_first, is_last) = (of_line.start == bytes.start, of_line.end == bytes.end);
            ShownRow { bytes, line, is_first, is_last }
        };
        let last = rows.starts.len().min(first + height);
        Shown { rows: (first..last).map(one).collect(), caret: (caret_row.saturating_sub(first), cell) }
    }

    /// Remembers what is shown in so many rows and cells.
    pub fn settle(&mut self, height: usize, width: usize) {
        let rows = self.rows_at(width.max(1)).into_owned();
        self.scroll = self.first_row(&rows, height);
        self.wrapped = rows;
    }

    /// Returns the caret's row among those that were shown last.
    pub fn shown_caret_row(&self) -> usize {
        self.rows_at(self.wrapped.width).row_of(self.caret).saturating_sub(self.scroll)
    }

    /// As `go_to`, and what is shown begins there, as far as the text's end allows.
    pub fn show_from(&mut self, offset: usize) {
        self.go_to(offset);
        let rows = self.rows_at(self.wrapped.width).into_owned();
        self.scroll = rows.row_of(self.caret).saturating_sub(MARGIN_LINES);
        self.wrapped = rows;
    }

    /// Puts the caret at a cell of a row that is shown, both from 0; the last row where there are fewer.
    pub fn point(&mut self, row: usize, cell: usize) {
        let rows = self.rows_at(self.wrapped.width).into_owned();
        let row = (self.scroll + row).min(rows.starts.len().saturating_sub(1));
        let target = self.place_in(&rows, row, cell);
        self.go_to(target);
        self.closers.clear();
    }

    /// The offset to which the caret goes by so many rows, up or down, where it aims at a cell; with the cell. The text's
    /// beginning above the first row, its end below the last.
    pub(super) fn place_by_rows(&self, up: bool, by: usize, stops: bool) -> (usize, usize) {
        let rows = self.rows_at(self.wrapped.width);
        let (row, cell) = self.caret_in(&rows);
        let goal = self.goal.unwrap_or(cell);
        let last = rows.starts.len().saturating_sub(1);
        let target = match (up, stops) {
            (true, false) if by > row => return (0, goal),
            (false, false) if row + by > last => return (self.text.len(), goal),
            (true, _) => row.saturating_sub(by),
            (false, _) => (row + by).min(last),
        };
        (self.place_in(&rows, target, goal), goal)
    }

    /// The offset of a cell of a row; its last character where the line goes on in the next row.
    fn place_in(&self, rows: &Rows, row: usize, cell: usize) -> usize {
        let bytes = self.row_bytes(rows, row);
        let at = bytes.start + offset_of_cell(self.text.get(bytes.clone()).unwrap_or_default(), cell);
        let goes_on = rows.starts.get(row + 1).is_some_and(|next| *next == bytes.end);
        if goes_on && at == bytes.end && at > bytes.start { self.previous(at) } else { at }
    }

    /// The line, from 1, of the other one of the brackets at the caret, where so many rows and cells do not show it.
    pub fn bracket_out_of_sight(&self, height: usize, width: usize) -> Option<usize> {
        let (open, close) = self.bracket_pair()?;
        let rows = self.rows_at(width.max(1));
        let first = self.first_row(&rows, height);
        let is_hidden = |at: &usize| !(first..first + height).contains(&rows.row_of(*at));
        [open, close].into_iter().find(is_hidden).map(|at| self.line_of(at) + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wizard::{Code, Key};

    fn rows(editor: &Editor, width: usize) -> Vec<String> {
        let shown = editor.shown(usize::MAX / 2, width);
        shown.rows.iter().map(|row| editor.text()[row.bytes.clone()].to_owned()).collect()
    }

    #[test]
    fn a_row_ends_behind_a_blank_or_a_comma_where_that_is_near_and_else_anywhere() {
        let editor = Editor::new("one two three\nabcdefghijklmnop\n");
        assert_eq!(rows(&editor, 9), ["one two ", "three", "abcdefghi", "jklmnop", ""]);
        assert_eq!(rows(&editor, 40), ["one two three", "abcdefghijklmnop", ""]);
    }

    #[test]
    fn up_and_down_go_over_rows_and_keep_their_cell() {
        let mut editor = Editor::new("abcdefghijklmnopqrstuvwxyz\nxy");
        editor.settle(10, 10);
        editor.go_to(4);
        let mut places = Vec::new();
        for code in [Code::Down, Code::Down, Code::Down, Code::Down, Code::Up, Code::Up, Code::Up, Code::Up] {
            editor.key(Key::without_modifiers(code), 10);
            places.push(editor.caret());
        }
        assert_eq!(places, [14, 24, 29, 29, 24, 14, 4, 0]);
    }

    #[test]
    fn a_row_that_is_no_line_has_no_number_of_its_own() {
        let editor = Editor::new("abcdefgh\nij");
        let shown = editor.shown(10, 4);
        let marks: Vec<_> = shown.rows.iter().map(|row| (row.line, row.is_first, row.is_last)).collect();
        assert_eq!(marks, [(0, true, false), (0, false, true), (1, true, true)]);
    }

    #[test]
    fn one_long_line_shows_the_caret_wherever_it_is() {
        let text = "[\"ecr:BatchGetImage\", ".repeat(5_000);
        let mut editor = Editor::new(text.as_str());
        for offset in (0..text.len()).step_by(9_973).chain([text.len()]) {
            editor.go_to(offset);
            editor.settle(20, 75);
            let shown = editor.shown(20, 75);
            let row = &shown.rows[shown.caret.0];
            assert!(shown.rows.len() == 20 && row.bytes.start <= offset && offset <= row.bytes.end);
            assert!(
                shown.rows.iter().all(|row| !row.bytes.is_empty() || row.bytes.end == text.len()),
                "a row is blank"
            );
        }
    }

    proptest! {
        #[test]
        fn the_rows_of_a_line_are_the_line_and_none_is_wider_than_the_window(
            text in "[ab ,\n\t名é\u{1b}👩]{0,60}", width in 1_usize..12, height in 1_usize..6, at in 0_usize..80,
        ) {
            let mut editor = Editor::new(text.as_str());
            let all = editor.shown(usize::MAX / 2, width).rows;
            for line in 0..editor.line_count() {
                let bytes = editor.line(line);
                let joined: String =
                    all.iter().filter(|row| row.line == line).map(|row| &text[row.bytes.clone()]).collect();
                prop_assert_eq!(joined, &text[bytes]);
            }
            for row in &all {
                let part = &text[row.bytes.clone()];
                prop_assert!(count_cells(part) <= width || part.graphemes(true).count() == 1, "{:?}", part);
            }
            editor.go_to(at.min(text.len()));
            editor.settle(height, width);
            let shown = editor.shown(height, width);
            prop_assert!(shown.caret.0 < shown.rows.len());
            // A click on the caret's own cell leaves it where it is.
            let caret = editor.caret();
            editor.point(shown.caret.0, shown.caret.1);
            prop_assert_eq!(editor.caret(), caret);
            // Down and up again come back to the same row.
            let row = editor.shown_caret_row();
            if shown.caret.0 + 1 < shown.rows.len() {
                editor.key(Key::without_modifiers(Code::Down), height);
                prop_assert_eq!(editor.shown_caret_row(), row + 1);
                editor.key(Key::without_modifiers(Code::Up), height);
                prop_assert_eq!(editor.shown_caret_row(), row);
            }
        }
    }
}
