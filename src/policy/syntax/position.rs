//! Byte offsets as lines and columns.

/// A place for people: line and column from 1, columns in Unicode scalar values, and the byte offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1; LF, CR LF and CR end a line.
    pub line: usize,
    /// Column, from 1, in scalar values.
    pub column: usize,
    /// Byte offset, from 0.
    pub offset: usize,
}

/// The beginnings of the lines of a text, for turning offsets into positions.
#[derive(Debug, Clone)]
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    /// Finds the lines of a text.
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends_line {
                starts.push(at + 1);
            }
        }
        Self { text, starts }
    }

    /// The position of a byte offset; an offset past the end, or inside a character, counts as the boundary before it.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|s| *s <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let column = self.text.get(start..offset).unwrap_or_default().chars().count() + 1;
        Position { line, column, offset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_every_line_end_counts_once() {
        let text = "a\u{e9}\u{1F600}b\r\nc\rd\ne";
        let index = LineIndex::new(text);
        let at = |needle: &str| index.position(text.find(needle).unwrap());
        assert_eq!(at("b"), Position { line: 1, column: 4, offset: 7 });
        assert_eq!(at("c"), Position { line: 2, column: 1, offset: 10 });
        assert_eq!((at("d").line, at("e").line), (3, 4));
        assert_eq!(index.position(999), Position { line: 4, column: 2, offset: text.len() });
        assert_eq!(index.position(2).offset, 1, "inside a character counts as before it");
    }
}
