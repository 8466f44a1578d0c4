//! Builds the tree. It goes on after an error, so that one slip does not hide the next.

use super::lexer::{self, Lexeme, LexemeKind};
use super::string::unescape;
use super::{Key, MOST_ERRORS, MOST_LEVELS, Member, Node, Parsed, Repair, Slip, Span, SyntaxError, Value};
use crate::ecr::json_string::quote_string;
use crate::ecr::text::{fit_width, make_visible};

pub(super) fn parse(text: &str) -> Parsed {
    let mut parser = Parser {
        text,
        lexemes: lexer::read_lexemes(text),
        at: 0,
        open: Vec::new(),
        errors: Vec::new(),
        forgiving: false,
        stopped: false,
    };
    parser.drop_what_json_skips_not();
    let root = parser.read_document();
    let mut errors = parser.errors;
    errors.sort_by_key(|e| (e.span.start, e.span.end));
    errors.truncate(MOST_ERRORS);
    Parsed { root, errors }
}

/// Names the first of the blanks that JSON does not take.
fn odd_blank(blanks: &str) -> String {
    let first = blanks.chars().next().unwrap_or_default();
    let name = match first {
        '\u{a0}' => "a no-break space",
        '\u{feff}' => "a byte order mark",
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{ad}' => "a character that cannot be seen",
        '\u{3000}' => "an ideographic space",
        '\u{2028}' | '\u{2029}' => "a line separator",
        _ => "a blank",
    };
    format!("{name} (U+{:04X}), which JSON does not take", u32::from(first))
}

struct Parser<'a> {
    text: &'a str,
    lexemes: Vec<Lexeme>,
    at: usize,
    /// The closing brackets that are waited for.
    open: Vec<u8>,
    errors: Vec<SyntaxError>,
    /// Tells whether the last lexeme was broken, so that a missing comma or colon after it is no second error.
    forgiving: bool,
    /// Tells whether the rest of the text is left alone: too many errors, or brackets too deep.
    stopped: bool,
}

impl Parser<'_> {
    fn report_error(&mut self, span: Span, slip: Slip, message: impl Into<String>, repair: Option<Repair>) {
        if self.stopped {
            return;
        }
        self.errors.push(SyntaxError { span, slip, message: message.into(), repair });
        if self.errors.len() >= MOST_ERRORS || slip == Slip::TooDeep {
            self.stopped = true;
            self.at = self.lexemes.len();
        }
    }

    fn peek_lexeme(&self) -> Option<Lexeme> {
        self.lexemes.get(self.at).copied()
    }

    fn peek_mark(&self) -> Option<u8> {
        match self.peek_lexeme()?.kind {
            LexemeKind::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    fn followed_by(&self, mark: u8) -> bool {
        self.lexemes.get(self.at + 1).is_some_and(|l| l.kind == LexemeKind::Mark(mark))
    }

    fn take_mark(&mut self, mark: u8) -> bool {
        let there = self.peek_mark() == Some(mark);
        if there {
            self.at += 1;
        }
        there
    }

    /// The end of what was read last.
    fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.lexemes.get(at)).map_or(0, |l| l.span.end)
    }

    fn quoted_span(&self, span: Span) -> String {
        let beginning: String = span.text_in(self.text).chars().take(30).collect();
        fit_width(&make_visible(&beginning), 24, false)
    }

    /// Reports comments, byte order marks and odd blanks, and goes on without them.
    fn drop_what_json_skips_not(&mut self) {
        if self
            .lexemes
            .iter()
            .all(|l| !matches!(l.kind, LexemeKind::Comment | LexemeKind::ByteOrderMark | LexemeKind::OddBlank))
        {
            return;
        }
        let lexemes = std::mem::take(&mut self.lexemes);
        for lexeme in lexemes {
            let span = lexeme.span;
            let (slip, message, title, with) = match lexeme.kind {
                LexemeKind::Comment => (Slip::Comment, "JSON has no comments", "remove the comment", ""),
                LexemeKind::ByteOrderMark => {
                    (Slip::ByteOrderMark, "a byte order mark stands before the document", "remove the mark", "")
                }
                LexemeKind::OddBlank => (Slip::OddBlank, "", "put a plain blank in its place", " "),
                _ => {
                    self.lexemes.push(lexeme);
                    continue;
                }
            };
            if self.errors.len() < MOST_ERRORS {
                let repair = Repair { title, edits: vec![(span, with.to_owned())] };
                let message =
                    if slip == Slip::OddBlank { odd_blank(span.text_in(self.text)) } else { message.to_owned() };
                self.errors.push(SyntaxError { span, slip, message, repair: Some(repair) });
            }
        }
    }

    fn read_document(&mut self) -> Option<Node> {
        if self.lexemes.is_empty() {
            if self.errors.is_empty() {
                let end = self.text.len();
                self.report_error(Span::new(end, end), Slip::Empty, "there is nothing here", None);
            }
            return None;
        }
        self.skip_what_stands_before();
        let root = self.read_value();
        if let (Some(next), Some(last)) = (self.peek_lexeme(), self.lexemes.last().copied()) {
            let span = Span::new(next.span.start, last.span.end);
            let second = matches!(next.kind, LexemeKind::Mark(b'{' | b'['));
            let (message, repair) = if root.is_none() {
                (format!("`{}` does not begin a document", self.quoted_span(span)), None)
            } else if second {
                ("a second document after the end of the first".to_owned(), None)
            } else {
                let remove = Repair { title: "remove what follows", edits: vec![(span, String::new())] };
                (format!("text after the end of the document: `{}`", self.quoted_span(span)), Some(remove))
            };
            self.report_error(span, Slip::TextAfter, message, repair);
        }
        root
    }

    /// A word or a code fence before the first bracket, as in `policy = {`.
    fn skip_what_stands_before(&mut self) {
        let odd = |l: &Lexeme| match l.kind {
            LexemeKind::Word => !matches!(l.span.text_in(self.text), "true" | "false" | "null"),
            LexemeKind::Other => true,
            _ => false,
        };
        let Some(first) = self.lexemes.first().copied().filter(odd) else { return };
        let begins = |l: &Lexeme| matches!(l.kind, LexemeKind::Mark(b'{' | b'['));
        let Some(start) = self.lexemes.iter().position(begins) else { return };
        let end = self.lexemes.get(start).map_or(first.span.end, |l| l.span.start);
        let span = Span::new(first.span.start, end);
        let fence = span.text_in(self.text).starts_with("```");
        let message = if fence {
            "a code fence is around the policy".to_owned()
        } else {
            format!("text before the document: `{}`", self.quoted_span(span).trim_end())
        };
        let repair = Repair { title: "remove what stands before", edits: vec![(span, String::new())] };
        self.report_error(span, Slip::TextBefore, message, Some(repair));
        self.at = self.at.max(start);
    }

    /// Reads a value, or reports what stands in its place. Leaves commas and closing brackets to the caller.
    fn read_value(&mut self) -> Option<Node> {
        self.forgiving = false;
        let lexeme = self.peek_lexeme()?;
        let span = lexeme.span;
        let value = match lexeme.kind {
            LexemeKind::Mark(b'{') => return self.read_nested(b'}'),
            LexemeKind::Mark(b'[') => return self.read_nested(b']'),
            LexemeKind::Mark(_) => return None,
            LexemeKind::Number => {
                self.at += 1;
                self.read_number(span)
            }
            LexemeKind::Word => {
                self.at += 1;
                self.read_word(span)
            }
            LexemeKind::Text { .. } | LexemeKind::SingleQuoted | LexemeKind::SmartQuoted { .. } => {
                Value::String(self.read_string(lexeme))
            }
            _ => {
                self.at += 1;
                let message = format!("`{}` is nothing that JSON knows", self.quoted_span(span));
                self.report_error(span, Slip::Other, message, None);
                // What follows it may be the value; at most MOST_ERRORS calls deep.
                let value = self.read_value();
                self.forgiving |= value.is_none();
                return value;
            }
        };
        Some(Node { span, value })
    }

    fn read_number(&mut self, span: Span) -> Value {
        let written = span.text_in(self.text);
        if !lexer::is_number(written) {
            let digits = written.bytes().all(|b| b.is_ascii_digit());
            let message = if digits && written.len() == 12 {
                "an account id is text: it needs quotes".to_owned()
            } else if digits {
                "a number cannot begin with 0".to_owned()
            } else {
                format!("`{}` is no number of JSON", self.quoted_span(span))
            };
            let repair =
                digits.then(|| Repair { title: "put quotes around it", edits: vec![(span, quote_string(written))] });
            self.report_error(span, Slip::BadNumber, message, repair);
        }
        Value::Number(written.to_owned())
    }

    fn read_word(&mut self, span: Span) -> Value {
        let written = span.text_in(self.text);
        let (meant, value) = match written {
            "true" => return Value::Bool(true),
            "false" => return Value::Bool(false),
            "null" => return Value::Null,
            "True" | "TRUE" => ("true", Value::Bool(true)),
            "False" | "FALSE" => ("false", Value::Bool(false)),
            "None" | "NULL" | "Null" | "nil" | "undefined" => ("null", Value::Null),
            _ => {
                let message = format!("`{}` needs quotes", self.quoted_span(span));
                let repair = Repair { title: "put quotes around it", edits: vec![(span, quote_string(written))] };
                self.report_error(span, Slip::UnquotedValue, message, Some(repair));
                return Value::String(written.to_owned());
            }
        };
        let message = format!("`{written}` is not JSON's spelling of `{meant}`");
        let repair = Repair { title: "write it as JSON does", edits: vec![(span, meant.to_owned())] };
        self.report_error(span, Slip::PythonWord, message, Some(repair));
        value
    }

    /// Reads a string in any kind of quotes.
    fn read_string(&mut self, lexeme: Lexeme) -> String {
        self.at += 1;
        let span = lexeme.span;
        let written = span.text_in(self.text);
        let cut = |open: usize, close: usize| {
            written.get(open..written.len().saturating_sub(close).max(open)).unwrap_or_default()
        };
        match lexeme.kind {
            LexemeKind::SingleQuoted => {
                let text = cut(1, 1).replace("\\'", "'");
                let repair = Repair { title: "use double quotes", edits: vec![(span, quote_string(&text))] };
                self.report_error(
                    span,
                    Slip::SingleQuotes,
                    "single quotes: JSON takes double quotes only",
                    Some(repair),
                );
                text
            }
            LexemeKind::SmartQuoted { open, close } => {
                let text = cut(open, close).to_owned();
                let repair = Repair { title: "use plain double quotes", edits: vec![(span, quote_string(&text))] };
                let message = "typographic quotes: JSON takes plain double quotes only";
                self.report_error(span, Slip::SmartQuotes, message, Some(repair));
                text
            }
            LexemeKind::Text { closed: false } => {
                self.forgiving = true;
                let kept = cut(1, 0).trim_end();
                let inside = kept.strip_suffix(',').unwrap_or(kept).trim_end();
                let end = span.start + 1 + inside.len();
                let trailing_backslash = inside.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
                let repair = (!trailing_backslash)
                    .then(|| Repair { title: "close the string", edits: vec![(Span::new(end, end), "\"".to_owned())] });
                let message = "this string lacks its closing quote";
                self.report_error(span, Slip::UnterminatedString, message, repair);
                unescape(inside, span.start + 1, &mut self.errors)
            }
            _ => unescape(cut(1, 1), span.start + 1, &mut self.errors),
        }
    }

    fn read_nested(&mut self, close: u8) -> Option<Node> {
        let start = self.peek_lexeme()?.span;
        if self.open.len() >= MOST_LEVELS {
            self.report_error(start, Slip::TooDeep, format!("brackets nested more than {MOST_LEVELS} deep"), None);
            return None;
        }
        self.at += 1;
        self.open.push(close);
        let value = if close == b'}' { self.read_members() } else { self.read_elements() };
        self.open.pop();
        if !self.take_mark(close) {
            let bracket = start.text_in(self.text);
            let message = format!("this `{bracket}` is never closed by `{}`", char::from(close));
            self.report_error(start, Slip::Unclosed, message, None);
        }
        self.forgiving = false;
        Some(Node { span: Span::new(start.start, self.last_end().max(start.end)), value })
    }

    /// Tells whether to leave the innermost bracket: its closing one, the end, or another's closing one.
    fn at_close(&mut self, comma: Option<Span>) -> bool {
        loop {
            let Some(lexeme) = self.peek_lexeme() else { return true };
            let LexemeKind::Mark(mark @ (b'}' | b']')) = lexeme.kind else { return false };
            if self.open.last() == Some(&mark) {
                if let Some(comma) = comma {
                    let repair = Repair { title: "remove the comma", edits: vec![(comma, String::new())] };
                    let message = format!("a comma before the closing `{}`", char::from(mark));
                    self.report_error(comma, Slip::TrailingComma, message, Some(repair));
                }
                return true;
            }
            if self.open.contains(&mark) {
                // It closes an outer bracket: the inner one is reported as unclosed.
                return true;
            }
            let message = format!("`{}` closes nothing", char::from(mark));
            self.report_error(lexeme.span, Slip::Mismatched, message, None);
            self.at = (self.at + 1).min(self.lexemes.len());
        }
    }

    fn superfluous_comma(&mut self) -> Option<Span> {
        let span = self.peek_lexeme()?.span;
        self.at += 1;
        let repair = Repair { title: "remove the comma", edits: vec![(span, String::new())] };
        self.report_error(span, Slip::TrailingComma, "a comma with nothing before it", Some(repair));
        None
    }

    /// After a member or an element: its comma, or a word about the missing one.
    fn read_comma(&mut self) -> Option<Span> {
        let next = self.peek_lexeme()?;
        match next.kind {
            LexemeKind::Mark(b',') => {
                self.at += 1;
                Some(next.span)
            }
            LexemeKind::Mark(b'}' | b']') => None,
            LexemeKind::Mark(b':') => {
                self.at += 1;
                self.report_error(next.span, Slip::Other, "a colon where a comma or a closing bracket belongs", None);
                self.read_value();
                self.read_comma()
            }
            _ => {
                if !std::mem::take(&mut self.forgiving) {
                    let end = self.last_end();
                    let repair = Repair { title: "put a comma in", edits: vec![(Span::new(end, end), ",".to_owned())] };
                    let message = format!("a comma is missing before `{}`", self.quoted_span(next.span));
                    self.report_error(next.span, Slip::MissingComma, message, Some(repair));
                }
                None
            }
        }
    }

    fn read_elements(&mut self) -> Value {
        let mut elements = Vec::new();
        let mut comma = None;
        while !self.at_close(comma.take()) {
            let before = self.at;
            match self.peek_mark() {
                Some(b',') => {
                    comma = self.superfluous_comma();
                    continue;
                }
                Some(b':') => {
                    self.skip_stray();
                    continue;
                }
                _ => {}
            }
            elements.extend(self.read_value());
            comma = self.read_comma();
            if self.at == before {
                self.at += 1;
            }
        }
        Value::Array(elements)
    }

    fn skip_stray(&mut self) {
        if let Some(lexeme) = self.peek_lexeme() {
            self.at += 1;
            let message = format!("`{}` does not belong here", self.quoted_span(lexeme.span));
            self.report_error(lexeme.span, Slip::Other, message, None);
            self.forgiving = true;
        }
    }

    fn read_members(&mut self) -> Value {
        let mut members = Vec::new();
        let mut comma = None;
        while !self.at_close(comma.take()) {
            let before = self.at;
            if self.peek_mark() == Some(b',') {
                comma = self.superfluous_comma();
                continue;
            }
            let Some(key) = self.read_key() else {
                self.skip_stray();
                continue;
            };
            self.read_colon(&key);
            match self.read_value() {
                Some(value) => members.push(Member { key, value }),
                None if self.forgiving => {}
                None => {
                    let message = format!("`{}` has no value", fit_width(&make_visible(&key.text), 24, false));
                    self.report_error(key.span, Slip::MissingValue, message, None);
                }
            }
            comma = self.read_comma();
            if self.at == before {
                self.at += 1;
            }
        }
        Value::Object(members)
    }

    fn read_key(&mut self) -> Option<Key> {
        self.forgiving = false;
        let lexeme = self.peek_lexeme()?;
        let span = lexeme.span;
        match lexeme.kind {
            LexemeKind::Text { .. } | LexemeKind::SingleQuoted | LexemeKind::SmartQuoted { .. } => {
                Some(Key { span, text: self.read_string(lexeme) })
            }
            LexemeKind::Word | LexemeKind::Number if self.followed_by(b':') || self.equals_follows() => {
                self.at += 1;
                let text = span.text_in(self.text).to_owned();
                let message = format!("the name `{}` needs double quotes", self.quoted_span(span));
                let repair = Repair { title: "put quotes around the name", edits: vec![(span, quote_string(&text))] };
                self.report_error(span, Slip::UnquotedKey, message, Some(repair));
                Some(Key { span, text })
            }
            _ => None,
        }
    }

    fn equals_follows(&self) -> bool {
        let next = self.lexemes.get(self.at + 1);
        next.is_some_and(|l| l.kind == LexemeKind::Other && matches!(l.span.text_in(self.text), "=" | "=>"))
    }

    fn read_colon(&mut self, key: &Key) {
        if self.take_mark(b':') {
            return;
        }
        let Some(next) = self.peek_lexeme() else { return };
        if next.kind == LexemeKind::Other && matches!(next.span.text_in(self.text), "=" | "=>") {
            self.at += 1;
            let repair = Repair { title: "put a colon in its place", edits: vec![(next.span, ":".to_owned())] };
            let message = format!("`{}` where JSON has a colon", self.quoted_span(next.span));
            self.report_error(next.span, Slip::MissingColon, message, Some(repair));
            return;
        }
        if matches!(next.kind, LexemeKind::Mark(b',' | b'}' | b']')) || std::mem::take(&mut self.forgiving) {
            return;
        }
        let end = key.span.end;
        let repair = Repair { title: "put a colon in", edits: vec![(Span::new(end, end), ":".to_owned())] };
        let message = format!("a colon is missing after `{}`", fit_width(&make_visible(&key.text), 24, false));
        self.report_error(next.span, Slip::MissingColon, message, Some(repair));
    }
}
