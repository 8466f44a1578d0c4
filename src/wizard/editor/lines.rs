//! Lines of a text, and how wide what stands in them is drawn.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::ecr::text::make_visible;

/// The beginnings of the lines of a text; LF, CR LF and CR end a line.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        Self { starts }
    }

    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The line that a byte offset is in, from 0.
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of a line, without its end.
    pub fn line_range(&self, line: usize, text: &str) -> Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(text.len());
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        let whole = text.get(start..end).unwrap_or_default();
        start..start + whole.trim_end_matches(['\r', '\n']).len()
    }
}

/// Returns how a grapheme is drawn: control characters by a sign, a tab two cells wide.
pub fn shown_grapheme(grapheme: &str) -> Cow<'_, str> {
    match grapheme.as_bytes() {
        [b'\t'] => Cow::Borrowed("\u{2409} "),
        [b' '..=b'~'] => Cow::Borrowed(grapheme),
        _ => Cow::Owned(make_visible(grapheme)),
    }
}

/// Returns how many cells a text takes when it is drawn.
pub(super) fn count_cells(text: &str) -> usize {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return text.len();
    }
    text.graphemes(true).map(|g| shown_grapheme(g).width()).sum()
}

/// The byte offset, within a line, of the grapheme that covers a cell; the line's end when it is shorter.
pub(super) fn offset_of_cell(line: &str, cell: usize) -> usize {
    let mut column = 0;
    for (at, grapheme) in line.grapheme_indices(true) {
        column += shown_grapheme(grapheme).width();
        if column > cell {
            return at;
        }
    }
    line.len()
}
