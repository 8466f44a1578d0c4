//! Types into the editor beyond putting a character in: indentation, and brackets and quotes that are closed by
//! themselves.
//!
//! Closing is kept modest: only where nothing follows that could be the end already, and what the editor put in by
//! itself is typed over, or goes with its opening twin.

use super::brackets::in_string;
use super::history::Burst;
use super::{Editor, INDENT};

impl Editor {
    pub(super) fn type_char(&mut self, c: char) {
        let mut bytes = [0; 4];
        let typed: &str = c.encode_utf8(&mut bytes);
        if let Some(range) = self.selection() {
            self.replace(range, typed, Burst::Typing);
            return;
        }
        if self.types_over(c) {
            return;
        }
        if let Some(closing) = self.closing_for(c) {
            let at = self.caret;
            self.replace_to(at..at, &format!("{typed}{closing}"), Burst::Whole, at + typed.len());
            self.closers.push(at + typed.len());
            return;
        }
        if matches!(c, '}' | ']') {
            let before = self.text_before();
            if before.ends_with(INDENT) && before.trim().is_empty() {
                self.replace(self.caret - INDENT.len()..self.caret, typed, Burst::Whole);
                return;
            }
        }
        self.replace(self.caret..self.caret, typed, Burst::Typing);
    }

    /// The caret's line up to the caret.
    fn text_before(&self) -> &str {
        let start = self.line(self.lines.line_of(self.caret)).start;
        self.text.get(start..self.caret).unwrap_or_default()
    }

    /// Returns what to close a typed character with, where it is to be closed at all.
    fn closing_for(&self, c: char) -> Option<char> {
        let closing = match c {
            '{' => '}',
            '[' => ']',
            '"' => '"',
            _ => return None,
        };
        let before = self.text_before();
        if in_string(before) {
            return None;
        }
        let rest = self.text.get(self.caret..self.line(self.lines.line_of(self.caret)).end).unwrap_or_default();
        if !rest.is_empty() && !rest.starts_with([' ', '\t', ',', ':', ']', '}']) {
            return None;
        }
        let ended_already = if c == '"' {
            // A quote right behind a word or a string ends it; one with a lonely quote behind it opens that.
            before.ends_with(|last: char| last == '"' || last.is_alphanumeric()) || in_string(rest)
        } else {
            self.brackets.wants_opening(self.caret)
        };
        (!ended_already).then_some(closing)
    }

    /// Steps over a closing character that was put in by itself; `false` when none is there to step over.
    fn types_over(&mut self, c: char) -> bool {
        let Some(closer) = self.closers.last().copied() else { return false };
        let gap = self.text.get(self.caret..closer);
        let (Some(gap), true) = (gap, self.text.get(closer..).is_some_and(|rest| rest.starts_with(c))) else {
            return false;
        };
        let before = self.text_before();
        if c == '"' {
            let slashes = before.len() - before.trim_end_matches('\\').len();
            if !gap.is_empty() || !slashes.is_multiple_of(2) {
                return false;
            }
        } else if !gap.trim().is_empty() || in_string(before) {
            return false;
        }
        let on_empty_line = before.trim().is_empty();
        let last_line = gap.rfind('\n');
        self.closers.pop();
        match last_line {
            // On an empty line above the closing bracket: the line goes.
            Some(last) if on_empty_line => {
                let from = self.text.get(..self.caret).unwrap_or_default().trim_end().len();
                let mut end = self.caret + last;
                if self.text.get(..end).is_some_and(|t| t.ends_with('\r')) {
                    end -= 1;
                }
                let end = end.max(from);
                let caret = closer + 1 - (end - from);
                self.replace_to(from..end, "", Burst::Whole, caret);
            }
            _ => {
                self.history.seal_burst();
                self.put_caret(closer + 1);
            }
        }
        true
    }

    /// Takes an opening character and the closing one that came with it away; `false` when the caret is not between two.
    pub(super) fn erase_pair(&mut self) -> bool {
        let opens = self.text.get(..self.caret).is_some_and(|t| t.ends_with(['{', '[', '"']));
        if self.selection().is_some() || !opens || self.closers.last() != Some(&self.caret) {
            return false;
        }
        self.replace(self.caret - 1..self.caret + 1, "", Burst::Whole);
        true
    }

    /// A new line, indented as the one before; one level more behind an opening bracket, and the closing bracket that
    /// stands right behind the caret goes to a line of its own.
    pub(super) fn new_line(&mut self) {
        let range = self.selection().unwrap_or(self.caret..self.caret);
        let start = self.line(self.lines.line_of(range.start)).start;
        let before = self.text.get(start..range.start).unwrap_or_default();
        let indent: String = before.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        let opens = before.trim_end().ends_with(['{', '[']);
        let closes = self.text.get(range.end..).unwrap_or_default().starts_with(['}', ']']);
        let end = self.line_end();
        let mut inserted = format!("{end}{indent}");
        if opens {
            inserted.push_str(INDENT);
        }
        let caret = range.start + inserted.len();
        if opens && closes {
            inserted.push_str(end);
            inserted.push_str(&indent);
        }
        self.replace_to(range, &inserted, Burst::Whole, caret);
    }

    /// Returns how the document ends its lines: as it ends the first one.
    pub(super) fn line_end(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text.get(..at).is_some_and(|t| t.ends_with('\r')) => "\r\n",
            _ => "\n",
        }
    }

    /// Takes one level of blanks from the beginning of the caret's line.
    pub(super) fn remove_indent(&mut self) {
        let range = self.line(self.lines.line_of(self.caret));
        let text = self.text.get(range.clone()).unwrap_or_default();
        let blanks =
            if text.starts_with('\t') { 1 } else { text.bytes().take(INDENT.len()).take_while(|b| *b == b' ').count() };
        if blanks > 0 {
            let caret = self.caret.saturating_sub(blanks).max(range.start);
            self.replace_to(range.start..range.start + blanks, "", Burst::Whole, caret);
        }
    }
}
