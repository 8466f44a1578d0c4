//! Cuts a text into lexemes; takes every text.

use super::{Span, Token, TokenKind};

/// A lexeme and what it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lexeme {
    pub span: Span,
    pub kind: LexemeKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LexemeKind {
    /// One of `{ } [ ] : ,`.
    Mark(u8),
    /// `"..."`; `closed` is false where the line or the text ended first.
    Text {
        closed: bool,
    },
    /// `'...'`, closed.
    SingleQuoted,
    /// Typographic quotes around a text, closed; the lengths in bytes of the quotes.
    SmartQuoted {
        open: usize,
        close: usize,
    },
    /// Begins like a number.
    Number,
    /// A run of letters and digits.
    Word,
    Comment,
    ByteOrderMark,
    /// Blanks that are none of JSON's.
    OddBlank,
    /// Anything else.
    Other,
}

/// The lexemes of a text, JSON's white space left out.
pub(super) fn read_lexemes(text: &str) -> Vec<Lexeme> {
    // A policy has a lexeme about every eight bytes.
    let mut found: Vec<Lexeme> = Vec::with_capacity(text.len() / 8 + 1);
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        at += rest.bytes().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')).count();
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
        let (len, kind) = read_lexeme(text, at, c);
        let span = Span::new(at, at + len);
        at = span.end;
        if let Some(last) = found.last_mut()
            && last.kind == kind
            && last.span.end == span.start
            && matches!(kind, LexemeKind::Other | LexemeKind::OddBlank)
        {
            last.span.end = span.end;
        } else {
            found.push(Lexeme { span, kind });
        }
    }
    found
}

fn read_lexeme(text: &str, at: usize, c: char) -> (usize, LexemeKind) {
    let rest = text.get(at..).unwrap_or_default();
    match c {
        '{' | '}' | '[' | ']' | ':' | ',' => (1, LexemeKind::Mark(c as u8)),
        '"' => double_quoted(rest),
        '\'' => single_quoted(rest),
        '#' => (line_rest(rest).len(), LexemeKind::Comment),
        '/' if rest.starts_with("//") => (line_rest(rest).len(), LexemeKind::Comment),
        '/' if rest.starts_with("/*") => {
            let len = rest.get(2..).and_then(|r| r.find("*/")).map_or(rest.len(), |end| end + 4);
            (len, LexemeKind::Comment)
        }
        '\u{feff}' if at == 0 => (c.len_utf8(), LexemeKind::ByteOrderMark),
        '0'..='9' | '-' | '+' | '.' => {
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
            (rest.find(|c| !is_part(c)).unwrap_or(rest.len()), LexemeKind::Number)
        }
        _ if is_smart_quote(c) => smart_quoted(rest, c),
        _ if is_odd_blank(c) => (c.len_utf8(), LexemeKind::OddBlank),
        _ if c.is_alphabetic() || matches!(c, '_' | '$') => {
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '.' | '*');
            (rest.find(|c| !is_part(c)).unwrap_or(rest.len()), LexemeKind::Word)
        }
        _ => (c.len_utf8(), LexemeKind::Other),
    }
}

/// Up to the end of the line.
fn line_rest(rest: &str) -> &str {
    rest.get(..rest.find(['\n', '\r']).unwrap_or(rest.len())).unwrap_or(rest)
}

fn double_quoted(rest: &str) -> (usize, LexemeKind) {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while let Some(run) = bytes.get(at..) {
        let Some(plain) = run.iter().position(|b| matches!(b, b'\n' | b'\r' | b'\\' | b'"')) else { break };
        at += plain;
        match bytes.get(at) {
            Some(b'"') => return end_of_text(rest, at + 1),
            // What is escaped closes nothing, but a line ends the string all the same.
            Some(b'\\') if !matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) => at += 2,
            Some(b'\\') => at += 1,
            _ => return (at, LexemeKind::Text { closed: false }),
        }
    }
    (rest.len(), LexemeKind::Text { closed: false })
}

/// Returns where a string ends whose second quote is the last of `len` bytes. In `"Effect: "Allow"` and `"Allow,
/// "Action"` that quote opens the next string: a letter comes right after it, which no JSON has.
fn end_of_text(rest: &str, len: usize) -> (usize, LexemeKind) {
    let inner = rest.get(1..len - 1).unwrap_or_default().trim_end();
    let goes_on = rest.as_bytes().get(len).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'*');
    match inner.strip_suffix([':', ',']) {
        Some(meant) if goes_on && !meant.trim_end().is_empty() => (1 + meant.len(), LexemeKind::Text { closed: false }),
        _ => (len, LexemeKind::Text { closed: true }),
    }
}

fn single_quoted(rest: &str) -> (usize, LexemeKind) {
    // Lines are not looked for ahead: a text full of quotes is still read in one pass.
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            b'\n' | b'\r' => return (at, LexemeKind::Other),
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'\'' => return (at + 1, LexemeKind::SingleQuoted),
            _ => {}
        }
    }
    (rest.len(), LexemeKind::Other)
}

fn is_smart_double(c: char) -> bool {
    matches!(c, '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2033}' | '\u{ff02}')
}

fn is_smart_quote(c: char) -> bool {
    is_smart_double(c) || matches!(c, '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{ff07}' | '`')
}

fn smart_quoted(rest: &str, open: char) -> (usize, LexemeKind) {
    if rest.starts_with("```") {
        return (line_rest(rest).len(), LexemeKind::Other);
    }
    let double = is_smart_double(open);
    let closes = |c: char| {
        is_smart_quote(c) && is_smart_double(c) == double || c == if double { '"' } else { '\'' } || c == open
    };
    for (at, c) in rest.char_indices().skip(1) {
        if matches!(c, '\n' | '\r') {
            return (at, LexemeKind::Other);
        }
        if closes(c) {
            return (at + c.len_utf8(), LexemeKind::SmartQuoted { open: open.len_utf8(), close: c.len_utf8() });
        }
    }
    (rest.len(), LexemeKind::Other)
}

/// Blanks and invisible characters that text editors and web pages leave between tokens.
fn is_odd_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Tells whether a text is a number of JSON. Source: RFC 8259, section 6.
pub(super) fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at).unwrap_or_default(), unsigned.get(at + 1..)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

/// The tokens for highlighting.
pub(super) fn highlight_tokens(text: &str) -> Vec<Token> {
    let lexemes = read_lexemes(text);
    let mut tokens = Vec::with_capacity(lexemes.len());
    for (at, lexeme) in lexemes.iter().enumerate() {
        let colon_follows = || {
            let mut later = lexemes.iter().skip(at + 1).filter(|l| l.kind != LexemeKind::Comment);
            later.next().is_some_and(|l| l.kind == LexemeKind::Mark(b':'))
        };
        let written = lexeme.span.text_in(text);
        let kind = match lexeme.kind {
            LexemeKind::Mark(_) => TokenKind::Punctuation,
            LexemeKind::Text { closed: true } if colon_follows() => TokenKind::Key,
            LexemeKind::Text { closed: true } => TokenKind::String,
            LexemeKind::Number if is_number(written) => TokenKind::Number,
            LexemeKind::Word if matches!(written, "true" | "false" | "null") => TokenKind::Word,
            LexemeKind::Comment => TokenKind::Comment,
            _ => TokenKind::Invalid,
        };
        tokens.push(Token { span: lexeme.span, kind });
    }
    tokens
}
