//! Tokens, tree and positions of a JSON text. RFC 8259 decides what is valid; everything else is recovered from and
//! reported, with the usual slips called by their names.

/// A half-open range of byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A range from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The text that the range covers; empty where the range does not fit the text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// A value together with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// Where; a string's quotes included.
    pub span: Span,
    /// What.
    pub value: T,
}

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

/// What a token is, as far as highlighting needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// One of `{ } [ ] : ,`.
    Punctuation,
    /// A string that names a member of an object.
    Key,
    /// Any other string.
    String,
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Word,
    /// A comment, which JSON does not have.
    Comment,
    /// Anything else that JSON does not have, unterminated strings included.
    Invalid,
}

/// One token; white space lies between tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: TokenKind,
}

/// A value of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where, brackets and quotes included.
    pub span: Span,
    /// What.
    pub value: Value,
}

/// The kinds of JSON values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A string, unescaped.
    String(String),
    /// A list.
    Array(Vec<Node>),
    /// An object, its members in order, repeats included.
    Object(Vec<Member>),
}

/// One member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub key: Key,
    /// Its value.
    pub value: Node,
}

/// The name of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Where, quotes included.
    pub span: Span,
    /// The name, unescaped.
    pub text: String,
}

/// One breach of RFC 8259.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub span: Span,
    /// What, in words.
    pub message: String,
    /// Title and edits of a repair that keeps the meaning, where one exists.
    pub repair: Option<(&'static str, Vec<(Span, String)>)>,
}

/// What a text turned out to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The value, as far as it could be made out.
    pub root: Option<Node>,
    /// The breaches, in order; the text is valid JSON exactly when there is none.
    pub errors: Vec<SyntaxError>,
}

/// The tokens of any text, in order; never fails.
pub fn tokens(_text: &str) -> Vec<Token> {
    Vec::new()
}

/// Reads any text, recovering from errors.
pub fn parse(_text: &str) -> Parsed {
    Parsed { root: None, errors: Vec::new() }
}
