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
    /// The characters before each block of the text, so that a column in a line without end is found at once too.
    before: Vec<usize>,
}

/// Bytes of a block.
const BLOCK: usize = 1024;

impl<'a> LineIndex<'a> {
    /// Finds the lines of a text.
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let (mut starts, mut before) = (vec![0], Vec::new());
        let mut characters = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if at % BLOCK == 0 {
                before.push(characters);
            }
            characters += usize::from(begins_character(*byte));
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends_line {
                starts.push(at + 1);
            }
        }
        Self { text, starts, before }
    }

    /// The position of a byte offset; an offset past the end, or inside a character, counts as the boundary before it.
    pub fn position_of(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|s| *s <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        Position { line, column: self.count_characters(offset) - self.count_characters(start) + 1, offset }
    }

    /// The characters before a byte offset.
    fn count_characters(&self, offset: usize) -> usize {
        let block = (offset / BLOCK).min(self.before.len().saturating_sub(1));
        let rest = self.text.as_bytes().get(block * BLOCK..offset).unwrap_or_default();
        self.before.get(block).copied().unwrap_or_default() + rest.iter().filter(|b| begins_character(**b)).count()
    }
}

/// Tells whether a byte of UTF-8 is the first of its character.
fn begins_character(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_every_line_end_counts_once() {
        let text = "a\u{e9}\u{1F600}b\r\nc\rd\ne";
        let index = LineIndex::new(text);
        let at = |needle: &str| index.position_of(text.find(needle).unwrap());
        assert_eq!(at("b"), Position { line: 1, column: 4, offset: 7 });
        assert_eq!(at("c"), Position { line: 2, column: 1, offset: 10 });
        assert_eq!((at("d").line, at("e").line), (3, 4));
        assert_eq!(index.position_of(999), Position { line: 4, column: 2, offset: text.len() });
        assert_eq!(index.position_of(2).offset, 1, "inside a character counts as before it");
    }

    #[test]
    fn columns_of_long_lines_count_every_character_once() {
        let text = format!("x\n{}\r\n{}", "\u{e9}\u{1F600}ab".repeat(700), "\u{6f22}".repeat(1500));
        let index = LineIndex::new(&text);
        let (mut line, mut column) = (1, 1);
        for (offset, c) in text.char_indices() {
            assert_eq!(index.position_of(offset), Position { line, column, offset });
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        assert_eq!(index.position_of(text.len()), Position { line, column, offset: text.len() });
        assert_eq!(LineIndex::new("").position_of(7), Position { line: 1, column: 1, offset: 0 });
    }
}
