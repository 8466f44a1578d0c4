//! Tokens, tree and positions of a JSON text. RFC 8259 decides what is valid; everything else is recovered from and
//! reported, with the usual slips called by their names.

mod lexer;
mod parser;
mod pointer;
mod position;
mod string;

pub use pointer::json_pointer;
pub use position::{LineIndex, Position};

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
    pub fn text_in(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// A value together with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The range, with a string's quotes.
    pub span: Span,
    /// The content.
    pub value: T,
}

/// The kinds of tokens that highlighting tells apart.
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
    /// The range.
    pub span: Span,
    /// The content.
    pub kind: TokenKind,
}

/// A value of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The range, with brackets and quotes.
    pub span: Span,
    /// The content.
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
    /// The range, with quotes.
    pub span: Span,
    /// The name, unescaped.
    pub text: String,
}

/// The slips that people make, so that equal ones can be told and repaired together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slip {
    /// `//`, `#` or `/* */`.
    Comment,
    /// A comma before a closing bracket, or two in a row.
    TrailingComma,
    /// `'text'`.
    SingleQuotes,
    /// Typographic quotes.
    SmartQuotes,
    /// A byte order mark at the beginning.
    ByteOrderMark,
    /// A blank that is not one of JSON's four.
    OddBlank,
    /// A member's name without quotes.
    UnquotedKey,
    /// A value without quotes.
    UnquotedValue,
    /// `True`, `False` or `None`.
    PythonWord,
    /// A string without its closing quote.
    UnterminatedString,
    /// An escape sequence that JSON does not have.
    BadEscape,
    /// Half of a surrogate pair.
    LoneSurrogate,
    /// A control character inside a string.
    ControlCharacter,
    /// Two members or elements without a comma between them.
    MissingComma,
    /// A name and a value without a colon between them.
    MissingColon,
    /// A name without a value, or an element left out.
    MissingValue,
    /// A bracket that is never closed.
    Unclosed,
    /// A bracket that closes what was never opened.
    Mismatched,
    /// Anything before the document.
    TextBefore,
    /// Anything after the document.
    TextAfter,
    /// A number that JSON does not have, such as one with a leading zero.
    BadNumber,
    /// Brackets nested too deep.
    TooDeep,
    /// No document at all.
    Empty,
    /// Anything else.
    Other,
}

/// Edits that repair a slip and keep what was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The title: the repair as a command.
    pub title: &'static str,
    /// Ranges and the texts that take their place; none overlap.
    pub edits: Vec<(Span, String)>,
}

/// One breach of RFC 8259.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The range.
    pub span: Span,
    /// The slip.
    pub slip: Slip,
    /// The fault, in words.
    pub message: String,
    /// The way out, where there is one that guesses nothing.
    pub repair: Option<Repair>,
}

impl SyntaxError {
    /// Tells whether something of the text may have been misunderstood on its account. A comment, a comma too many or
    /// other quotes leave no doubt about the rest.
    pub(crate) fn is_ambiguous(&self) -> bool {
        !matches!(
            self.slip,
            Slip::Comment
                | Slip::TrailingComma
                | Slip::SingleQuotes
                | Slip::SmartQuotes
                | Slip::ByteOrderMark
                | Slip::OddBlank
                | Slip::UnquotedKey
                | Slip::PythonWord
                | Slip::TextBefore
                | Slip::TextAfter
        )
    }
}

/// The result of reading a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The value, as far as it could be made out.
    pub root: Option<Node>,
    /// The breaches, in order, at most [`MOST_ERRORS`]; the text is valid JSON exactly when there is none.
    pub errors: Vec<SyntaxError>,
}

impl Parsed {
    /// Returns the value of a text that is valid JSON.
    pub fn valid_root(&self) -> Option<&Node> {
        self.root.as_ref().filter(|_| self.errors.is_empty())
    }
}

/// After so many errors the rest of a text is not looked at.
pub const MOST_ERRORS: usize = 100;

/// The deepest nesting that is read; a policy needs six levels.
pub const MOST_LEVELS: usize = 127;

impl Node {
    /// The members, where this is an object.
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The text, where this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list, or the one value that stands in its place.
    pub fn one_or_many(&self) -> &[Node] {
        match &self.value {
            Value::Array(elements) => elements,
            _ => std::slice::from_ref(self),
        }
    }

    /// The first member of that name.
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.members().iter().find(|m| m.key.text == name)
    }

    /// The first character, such as an opening bracket: a range that is small enough to underline.
    pub(crate) fn opening_bracket(&self) -> Span {
        Span::new(self.span.start, (self.span.start + 1).min(self.span.end))
    }

    /// Returns what kind of value it is, in words.
    pub fn kind_words(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        }
    }

    /// Tells whether two values are equal wherever they stand; the order of members does not count.
    pub fn same_as(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.same_as(y)),
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter().all(|m| b.iter().any(|n| n.key.text == m.key.text && n.value.same_as(&m.value)))
            }
            (a, b) => a == b,
        }
    }
}

/// The tokens of any text, in order; never fails.
pub fn tokens(text: &str) -> Vec<Token> {
    lexer::highlight_tokens(text)
}

/// Reads any text, recovering from errors.
pub fn parse(text: &str) -> Parsed {
    #[cfg(feature = "count-parses")]
    PARSES.set(PARSES.get() + 1);
    parser::parse(text)
}

#[cfg(feature = "count-parses")]
thread_local! {
    static PARSES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Returns how often this thread called [`parse`]: for tests that hold the cost of a key.
#[cfg(feature = "count-parses")]
pub fn parses() -> usize {
    PARSES.get()
}

#[cfg(test)]
mod tests;
