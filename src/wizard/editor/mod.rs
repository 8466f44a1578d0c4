//! A text buffer with a caret, a selection, undo and redo: what the policy is edited in. Pure; it draws nothing.
//!
//! Offsets are bytes on grapheme boundaries. Bytes that nobody edits stay as they are, line ends included.

mod brackets;
mod history;
mod lines;
#[cfg(test)]
mod tests;
mod typing;
mod wrap;

use std::ops::Range;

use unicode_segmentation::GraphemeCursor;

use super::key::{Code, Key};
use crate::policy::Position;
use brackets::Brackets;
use history::{Burst, Change, History};
use lines::{Lines, count_cells};
use wrap::Rows;

pub use lines::shown_grapheme;
pub use wrap::{Shown, ShownRow};

/// The text that Tab inserts, and the indentation of one level of brackets.
const INDENT: &str = "  ";
/// Rows that stay visible above and below the caret, where there is room.
const MARGIN_LINES: usize = 2;
/// A text that is being edited.
#[derive(Debug, Clone)]
pub struct Editor {
    text: String,
    lines: Lines,
    caret: usize,
    /// The other end of the selection.
    anchor: Option<usize>,
    /// The cell that Up and Down aim at.
    goal: Option<usize>,
    /// The first row that is shown.
    scroll: usize,
    /// The rows in which the lines are shown.
    wrapped: Rows,
    history: History,
    brackets: Brackets,
    /// Closing characters that the editor put in by itself, the innermost last.
    closers: Vec<usize>,
    revision: u64,
}

impl Editor {
    /// A buffer with a text, the caret at its beginning.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = Lines::new(&text);
        Self {
            wrapped: Rows::divide(&text, &lines, 0, 0),
            lines,
            brackets: Brackets::new(&text),
            closers: Vec::new(),
            text,
            caret: 0,
            anchor: None,
            goal: None,
            scroll: 0,
            history: History::default(),
            revision: 0,
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A number that changes with every change of the text.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The caret's byte offset.
    pub fn caret(&self) -> usize {
        self.caret
    }

    /// The caret's line, from 0, and its cell in that line.
    pub fn caret_place(&self) -> (usize, usize) {
        let line = self.lines.line_of(self.caret);
        let range = self.lines.line_range(line, &self.text);
        (line, count_cells(self.text.get(range.start..self.caret.min(range.end)).unwrap_or_default()))
    }

    /// Line and column of a byte offset, for people.
    pub fn position(&self, offset: usize) -> Position {
        let line = self.lines.line_of(offset.min(self.text.len()));
        let start = self.line(line).start;
        let rest = self.text.get(start..).unwrap_or_default();
        let column = rest.char_indices().take_while(|(at, c)| start + at + c.len_utf8() <= offset).count();
        Position { line: line + 1, column: column + 1, offset }
    }

    /// Returns how many lines the text has; an empty text has one.
    pub fn line_count(&self) -> usize {
        self.lines.line_count()
    }

    /// The bytes of a line, without its end.
    pub fn line(&self, line: usize) -> Range<usize> {
        self.lines.line_range(line, &self.text)
    }

    /// The line that a byte offset is in, from 0.
    pub fn line_of(&self, offset: usize) -> usize {
        self.lines.line_of(offset)
    }

    /// The selected bytes, where any are.
    pub fn selection(&self) -> Option<Range<usize>> {
        let anchor = self.anchor?;
        (anchor != self.caret).then(|| anchor.min(self.caret)..anchor.max(self.caret))
    }

    /// The selected text, where any is.
    pub fn selected(&self) -> Option<&str> {
        self.text.get(self.selection()?)
    }

    /// The bracket at the caret, or else the one before it, and its mate; in the order of the text.
    pub fn bracket_pair(&self) -> Option<(usize, usize)> {
        let at = |at: usize| self.brackets.mate_of(at).map(|mate| (at.min(mate), at.max(mate)));
        at(self.caret).or_else(|| at(self.caret.checked_sub(1)?))
    }

    /// Gives the selection up; the caret stays.
    pub fn unselect(&mut self) {
        self.anchor = None;
    }

    /// Takes the selected text away, and gives it.
    pub fn cut(&mut self) -> Option<String> {
        let range = self.selection()?;
        let text = self.text.get(range.clone())?.to_owned();
        self.replace(range, "", Burst::Whole);
        Some(text)
    }

    /// Tells whether there is a change to take back.
    pub fn can_undo(&self) -> bool {
        self.history.can_undo()
    }

    /// Tells whether there is a change to make again.
    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// Takes the last burst of changes back; `false` when there is none.
    pub fn undo(&mut self) -> bool {
        let Some(change) = self.history.take_undo() else { return false };
        self.splice(change.at..change.at + change.inserted.len(), &change.removed);
        self.put_caret(change.before);
        true
    }

    /// Makes the change again that was taken back last; `false` when there is none.
    pub fn redo(&mut self) -> bool {
        let Some(change) = self.history.take_redo() else { return false };
        self.splice(change.at..change.at + change.removed.len(), &change.inserted);
        self.put_caret(change.after);
        true
    }

    /// Inserts a pasted text in place of the selection, as one step. Its line ends become those of the document (LF in
    /// one without any); nothing else changes.
    pub fn paste(&mut self, text: &str) {
        let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
        if self.line_end() != "\n" {
            text = text.replace('\n', self.line_end());
        }
        if !text.is_empty() {
            self.replace(self.selection().unwrap_or(self.caret..self.caret), &text, Burst::Whole);
        }
    }

    /// Makes the whole text another one, as one step that touches only what differs. The caret stays where it was.
    pub fn set_text(&mut self, new: &str) {
        let old = &self.text;
        let mut start = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
            start -= 1;
        }
        let room = old.len().min(new.len()) - start;
        let mut tail = old.bytes().rev().zip(new.bytes().rev()).take(room).take_while(|(a, b)| a == b).count();
        while !old.is_char_boundary(old.len() - tail) || !new.is_char_boundary(new.len() - tail) {
            tail -= 1;
        }
        let range = start..old.len() - tail;
        let inserted = new.get(start..new.len() - tail).unwrap_or_default().to_owned();
        if range.is_empty() && inserted.is_empty() {
            return;
        }
        // What stands behind the change moves with it; inside it the line is the best guess.
        let caret = match self.caret {
            c if c <= range.start => c,
            c if c >= range.end => c - range.len() + inserted.len(),
            _ => range.start + inserted.len().min(self.caret - range.start),
        };
        self.replace_to(range, &inserted, Burst::Whole, caret);
    }

    /// Puts the caret at a byte offset, or at the grapheme boundary next to it, and gives the selection up.
    pub fn go_to(&mut self, offset: usize) {
        self.history.seal_burst();
        self.put_caret(offset);
        // What was closed by itself and is left behind is the user's own now.
        let caret = self.caret;
        self.closers.retain(|closer| *closer >= caret);
    }

    /// Selects a range of bytes, the caret at its end.
    pub fn select(&mut self, range: Range<usize>) {
        self.go_to(range.start);
        let start = self.caret;
        self.put_caret(range.end);
        self.anchor = Some(start);
    }

    /// Puts a text in place of a range of bytes, as one step.
    pub fn put(&mut self, range: Range<usize>, text: &str) {
        self.replace(range, text, Burst::Whole);
    }

    /// Puts the caret at a column of a line, both from 0, the column in characters; the line's end when it is shorter.
    pub fn go_to_column(&mut self, line: usize, column: usize) {
        let range = self.line(line);
        let text = self.text.get(range.clone()).unwrap_or_default();
        let within = text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
        self.go_to(range.start + within);
    }

    /// Carries out a key; `page` is the number of rows shown. `false` when the key means nothing here.
    pub fn key(&mut self, key: Key, page: usize) -> bool {
        if let Some(c) = key.typed_char() {
            self.type_char(c);
            return true;
        }
        if key.alt {
            return false;
        }
        match key.code {
            Code::Enter => self.new_line(),
            Code::Tab => self.replace_selection(INDENT),
            Code::BackTab => self.remove_indent(),
            Code::Backspace if key.ctrl => self.erase(|e| e.word_before(e.caret)),
            Code::Char('w') if key.ctrl => self.erase(|e| e.word_before(e.caret)),
            Code::Backspace | Code::Char('h') => {
                if !self.erase_pair() {
                    self.erase(|e| e.previous(e.caret));
                }
            }
            Code::Delete => self.erase(|e| e.next(e.caret)),
            _ => return self.move_by(key, page),
        }
        true
    }

    fn move_by(&mut self, key: Key, page: usize) -> bool {
        let vertical = matches!(key.code, Code::Up | Code::Down | Code::PageUp | Code::PageDown);
        let line = self.line_of(self.caret);
        let page = page.saturating_sub(1).max(1);
        let collapsed = if key.shift { None } else { self.selection() };
        let mut goal = None;
        let mut by_rows = |up, by, stops| {
            let (target, cell) = self.place_by_rows(up, by, stops);
            goal = Some(cell);
            target
        };
        let target = match key.code {
            Code::Left if key.ctrl => self.word_before(self.caret),
            Code::Right if key.ctrl => self.word_after(self.caret),
            Code::Left => collapsed.map_or_else(|| self.previous(self.caret), |s| s.start),
            Code::Right => collapsed.map_or_else(|| self.next(self.caret), |s| s.end),
            Code::Up => by_rows(true, 1, false),
            Code::Down => by_rows(false, 1, false),
            Code::PageUp => by_rows(true, page, true),
            Code::PageDown => by_rows(false, page, true),
            Code::Home if key.ctrl => 0,
            Code::End if key.ctrl => self.text.len(),
            Code::Home => self.home(line),
            Code::Char('a') if key.ctrl => {
                self.closers.clear();
                self.select(0..self.text.len());
                return true;
            }
            Code::End => self.line(line).end,
            _ => return false,
        };
        let anchor = if key.shift { Some(self.anchor.unwrap_or(self.caret)) } else { None };
        self.go_to(target);
        if vertical {
            self.closers.clear();
        }
        self.anchor = anchor;
        self.goal = goal;
        true
    }

    /// The first character of a line that is no blank; from there, the line's beginning.
    fn home(&self, line: usize) -> usize {
        let range = self.line(line);
        let text = self.text.get(range.clone()).unwrap_or_default();
        let indented = range.start + (text.len() - text.trim_start().len());
        if self.caret == indented { range.start } else { indented }
    }

    fn replace_selection(&mut self, text: &str) {
        self.replace(self.selection().unwrap_or(self.caret..self.caret), text, Burst::Whole);
    }

    /// Takes away the selection, or what lies between the caret and another place.
    fn erase(&mut self, other: impl Fn(&Self) -> usize) {
        if let Some(range) = self.selection() {
            self.replace(range, "", Burst::Whole);
            return;
        }
        let other = other(self);
        let range = other.min(self.caret)..other.max(self.caret);
        if !range.is_empty() {
            self.replace(range, "", Burst::Erasing);
        }
    }

    fn replace(&mut self, range: Range<usize>, inserted: &str, burst: Burst) {
        let caret = range.start + inserted.len();
        self.replace_to(range, inserted, burst, caret);
    }

    /// Makes a change and puts the caret at an offset of the new text.
    fn replace_to(&mut self, range: Range<usize>, inserted: &str, burst: Burst, caret: usize) {
        let before = self.caret;
        let removed = self.text.get(range.clone()).unwrap_or_default().to_owned();
        self.splice(range.clone(), inserted);
        self.put_caret(caret);
        let change = Change { at: range.start, removed, inserted: inserted.to_owned(), before, after: self.caret };
        self.history.push_change(change, burst);
    }

    fn splice(&mut self, range: Range<usize>, text: &str) {
        // Ranges come from this buffer's own offsets; one that does not fit is refused, not a panic.
        if self.text.get(range.clone()).is_none() {
            return;
        }
        let (start, end, len) = (range.start, range.end, text.len());
        self.text.replace_range(range, text);
        self.lines = Lines::new(&self.text);
        self.brackets = Brackets::new(&self.text);
        self.closers.retain_mut(|at| {
            if *at >= end {
                *at = *at - (end - start) + len;
                return true;
            }
            *at < start
        });
        self.revision += 1;
    }

    fn put_caret(&mut self, offset: usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let on_boundary = GraphemeCursor::new(offset, self.text.len(), true).is_boundary(&self.text, 0).unwrap_or(true);
        self.caret = if on_boundary { offset } else { self.next(offset) };
        self.anchor = None;
        self.goal = None;
    }

    fn next(&self, from: usize) -> usize {
        GraphemeCursor::new(from, self.text.len(), true)
            .next_boundary(&self.text, 0)
            .ok()
            .flatten()
            .unwrap_or(self.text.len())
    }

    fn previous(&self, from: usize) -> usize {
        GraphemeCursor::new(from, self.text.len(), true).prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0)
    }

    fn word_before(&self, from: usize) -> usize {
        let before = self.text.get(..from).unwrap_or_default();
        let word = before.trim_end_matches(|c: char| !c.is_alphanumeric());
        // Signs alone, as between brackets, are taken up to the blank before them.
        let rest = word.trim_end_matches(char::is_alphanumeric);
        if rest.len() == from { self.previous(from) } else { rest.len() }
    }

    fn word_after(&self, from: usize) -> usize {
        let after = self.text.get(from..).unwrap_or_default();
        let signs = after.trim_start_matches(|c: char| !c.is_alphanumeric());
        let rest = signs.trim_start_matches(char::is_alphanumeric);
        self.text.len() - rest.len()
    }
}
