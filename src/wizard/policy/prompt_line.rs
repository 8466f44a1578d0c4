//! The question in the line over the footer: a text to find, or a line to go to.

use crate::wizard::field::Field;
use std::ops::Range;

/// The question in the line over the footer.
#[derive(Debug)]
pub enum Prompt {
    /// A text to find.
    Find(Find),
    /// A line to go to.
    Line(LineNumber),
}

impl Prompt {
    pub(super) fn field_mut(&mut self) -> &mut Field {
        match self {
            Self::Find(find) => &mut find.field,
            Self::Line(line) => &mut line.field,
        }
    }
}

/// A text that is looked for.
#[derive(Debug)]
pub struct Find {
    /// The text.
    pub field: Field,
    pub(super) matches: Vec<Range<usize>>,
    pub(super) at: usize,
    /// The caret: matches from there on come first.
    pub(super) from: usize,
    /// The revision of the text that was searched.
    pub(super) revision: u64,
}

impl Find {
    pub(super) fn new(needle: impl Into<String>, from: usize) -> Self {
        Self { field: Field::with_text(needle), matches: Vec::new(), at: 0, from, revision: 0 }
    }

    /// Looks the text through, and stands at the first match from the old place on.
    pub(super) fn search_text(&mut self, text: &str, revision: u64) {
        self.matches = find_all(text, self.field.text());
        let first = self.matches.partition_point(|m| m.start < self.from);
        self.at = if first < self.matches.len() { first } else { 0 };
        self.revision = revision;
    }

    pub(super) fn is_of(&self, revision: u64) -> bool {
        self.revision == revision
    }

    /// Goes to the next match, or to the one before; from an end to the other.
    pub(super) fn step_match(&mut self, forward: bool) {
        let count = self.matches.len().max(1);
        self.at = (self.at + if forward { 1 } else { count - 1 }) % count;
        self.from = self.current_match().map_or(self.from, |m| m.start);
    }

    /// Returns where the caret was before, or the match that was gone to since.
    pub(super) fn caret_before(&self) -> usize {
        self.from
    }

    /// Every match, in the order of the text.
    pub fn all_matches(&self) -> &[Range<usize>] {
        &self.matches
    }

    /// The match that is gone to.
    pub fn current_match(&self) -> Option<Range<usize>> {
        self.matches.get(self.at).cloned()
    }

    /// The number of the match that is gone to, from 1, and how many there are; `None` where nothing was found.
    pub fn match_number(&self) -> Option<(usize, usize)> {
        (!self.matches.is_empty()).then(|| (self.at + 1, self.matches.len()))
    }
}

/// A line that is to be gone to.
#[derive(Debug, Default)]
pub struct LineNumber {
    /// The typed text: a line, or line and column as messages say them.
    pub field: Field,
    /// Tells whether what was typed is no line of this text.
    pub is_wrong: bool,
}

impl LineNumber {
    /// Line and column from 0, where a line is typed that the text has.
    pub(super) fn typed_place(&self, lines: usize) -> Option<(usize, usize)> {
        let text = self.field.text().trim();
        let (line, column) = text.split_once(':').unwrap_or((text, "1"));
        let line: usize = line.trim().parse().ok().filter(|line| (1..=lines).contains(line))?;
        let column: usize = if column.trim().is_empty() { 1 } else { column.trim().parse().ok()? };
        Some((line - 1, column.saturating_sub(1)))
    }
}

/// Every place where a text stands, none overlapping. Capital letters count only when one is typed.
pub(super) fn find_all(text: &str, needle: &str) -> Vec<Range<usize>> {
    if needle.is_empty() {
        return Vec::new();
    }
    let exact = needle.bytes().any(|b| b.is_ascii_uppercase());
    let same = |at: usize| {
        text.as_bytes().get(at..at + needle.len()).is_some_and(|here| {
            if exact { here == needle.as_bytes() } else { here.eq_ignore_ascii_case(needle.as_bytes()) }
        })
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at + needle.len() <= text.len() {
        if same(at) {
            found.push(at..at + needle.len());
            at += needle.len();
        } else {
            at += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capital_letters_count_only_when_one_is_typed() {
        assert_eq!(find_all("Batch batch 名Batch", "batch"), [0..5, 6..11, 15..20]);
        assert_eq!(find_all("Batch batch Batch", "Batch"), [0..5, 12..17]);
        assert_eq!(find_all("aaaa", "aa"), [0..2, 2..4]);
        assert_eq!(find_all("名前前", "前"), [3..6, 6..9]);
        assert!(find_all("abc", "").is_empty() && find_all("", "a").is_empty());
    }

    #[test]
    fn finding_begins_where_the_caret_is_and_goes_round() {
        let mut find = Find::new("a", 2);
        find.search_text("a a a", 1);
        assert_eq!(find.current_match(), Some(2..3));
        find.step_match(true);
        find.step_match(true);
        assert_eq!(find.match_number(), Some((1, 3)));
        find.step_match(false);
        assert_eq!(find.current_match(), Some(4..5));
        let mut none = Find::new("x", 0);
        none.search_text("a", 1);
        none.step_match(false);
        assert_eq!((none.current_match(), none.match_number()), (None, None));
    }

    #[test]
    fn a_line_is_read_as_messages_say_it() {
        let place = |text: &str| LineNumber { field: Field::with_text(text), is_wrong: false }.typed_place(40);
        assert_eq!(place("12"), Some((11, 0)));
        assert_eq!(place(" 12:5"), Some((11, 4)));
        assert_eq!(place("40:"), Some((39, 0)));
        for wrong in ["", "0", "41", "x", "1:x", "-1", "99999999999999999999999"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
