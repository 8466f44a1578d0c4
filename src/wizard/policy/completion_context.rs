//! Finds the place of a byte offset in a policy: under which elements, in a name or in a value, and inside which
//! string.

use std::ops::Range;

use crate::policy::syntax::{Token, TokenKind, tokens};

/// A place in the text where a string is, or could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CompletionContext {
    /// The names of the members around it, outermost first; lists do not count.
    pub path: Vec<String>,
    /// Tells whether the name of a member is wanted here, or else a value.
    pub is_name: bool,
    /// The string's text up to the offset.
    pub typed: String,
    /// The string, its quotes included; empty where none is there yet.
    pub range: Range<usize>,
    /// Tells whether a colon follows.
    pub has_colon: bool,
    /// The other names of the object, or the other strings of the list.
    pub others: Vec<String>,
}

/// An object or a list that is open.
#[derive(Debug, Default)]
struct OpenElement {
    is_list: bool,
    name: Option<String>,
    in_value: bool,
    others: Vec<String>,
}

impl CompletionContext {
    /// The place at an offset; `None` where no string could stand.
    pub fn at_offset(text: &str, offset: usize) -> Option<Self> {
        let all = tokens(text);
        let mut open: Vec<OpenElement> = Vec::new();
        let mut rest = all.iter();
        let mut before: Option<&Token> = None;
        let mut string = None;
        for token in rest.by_ref() {
            if token.span.end > offset || (token.span.end == offset && is_unclosed(token, text)) {
                string = Some(token);
                break;
            }
            step_over(&mut open, token, text);
            before = Some(token);
        }
        let inner = open.pop()?;
        let wanted =
            |token: Option<&Token>| token.is_some_and(|t| matches!(t.span.text_in(text), "[" | "{" | "," | ":"));
        let (typed, range, counted) = match string {
            Some(token) if token.span.start < offset => {
                if !token.span.text_in(text).starts_with('"') {
                    return None;
                }
                let end = if is_unclosed(token, text) { offset } else { token.span.end };
                (text.get(token.span.start + 1..offset)?.to_owned(), token.span.start..end, None)
            }
            // Between two tokens: a new string may begin where one is wanted.
            next if wanted(before) => {
                let taken =
                    next.is_some_and(|t| matches!(t.span.text_in(text), ":") || t.span.start == offset && is_word(t));
                if taken {
                    return None;
                }
                (String::new(), offset..offset, next)
            }
            _ => return None,
        };
        let mut place = Self {
            path: open.into_iter().filter(|o| !o.is_list).filter_map(|o| o.name).collect(),
            is_name: !inner.is_list && !inner.in_value,
            typed,
            range,
            has_colon: rest.clone().next().is_some_and(|t| t.span.text_in(text) == ":"),
            others: inner.others,
        };
        if !inner.is_list && !place.is_name {
            place.path.extend(inner.name);
        }
        place.others.extend(later_names(counted.into_iter().chain(rest), place.is_name, inner.is_list, text));
        Some(place)
    }
}

/// Names, or strings of a list, that follow in the same brackets.
fn later_names<'a>(rest: impl Iterator<Item = &'a Token>, names: bool, is_list: bool, text: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for token in rest {
        match token.span.text_in(text) {
            "{" | "[" => depth += 1,
            "}" | "]" if depth == 0 => break,
            "}" | "]" => depth -= 1,
            "," | ":" => {}
            written if depth == 0 && ((names && token.kind == TokenKind::Key) || is_list) => {
                found.push(bare_text(written));
            }
            _ => {}
        }
    }
    found
}

fn step_over(open: &mut Vec<OpenElement>, token: &Token, text: &str) {
    let written = token.span.text_in(text);
    match written {
        "{" | "[" => {
            open.push(OpenElement { is_list: written == "[", ..OpenElement::default() });
            return;
        }
        "}" | "]" => {
            open.pop();
            return;
        }
        _ => {}
    }
    let Some(inner) = open.last_mut() else { return };
    match written {
        ":" => inner.in_value = true,
        "," => inner.in_value = false,
        _ if inner.is_list => inner.others.push(bare_text(written)),
        _ if !inner.in_value => {
            inner.name = Some(bare_text(written));
            inner.others.push(bare_text(written));
        }
        _ => {}
    }
}

fn bare_text(written: &str) -> String {
    let inner = written.strip_prefix('"').unwrap_or(written);
    inner.strip_suffix('"').unwrap_or(inner).to_owned()
}

fn is_word(token: &Token) -> bool {
    token.kind != TokenKind::Punctuation
}

/// A string that its line ended.
fn is_unclosed(token: &Token, text: &str) -> bool {
    token.kind == TokenKind::Invalid && token.span.text_in(text).starts_with('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place at the `|` of a text, in one line: path, name or value, what is typed.
    fn place(marked: &str) -> String {
        let at = marked.find('|').unwrap();
        match CompletionContext::at_offset(&marked.replacen('|', "", 1), at) {
            None => "none".to_owned(),
            Some(p) => {
                format!("{} {} `{}`", p.path.join("/"), if p.is_name { "name" } else { "value" }, p.typed)
            }
        }
    }

    #[test]
    fn a_place_is_known_whatever_stands_around_it() {
        for (text, wanted) in [
            ("{\"|", " name ``"),
            ("{\"Ver|sion\": 1}", " name `Ver`"),
            ("{\"Version\": \"20|\"}", "Version value `20`"),
            ("{\"Statement\": [{\"Sid\": \"a\", \"Ef|\"}]}", "Statement name `Ef`"),
            ("{\"Statement\": {\"Action\": [\"ecr:Put\", \"ecr:Ba|", "Statement/Action value `ecr:Ba`"),
            ("{\"Statement\": [{\"Principal\": {\"AWS\": |", "Statement/Principal/AWS value ``"),
            ("{\"Statement\": [{\"Action\": [|]}]}", "Statement/Action value ``"),
            ("{\"Statement\": [{\"Condition\": {\"Bool\": {\"a\": \"|\"", "Statement/Condition/Bool/a value ``"),
            ("{\"a\": \"b\"|}", "none"),
            ("{\"a\"| : 1}", "none"),
            ("{\"a\": tr|ue}", "none"),
            ("{\"a\": |\"b\"}", "none"),
            ("|", "none"),
            ("]|", "none"),
        ] {
            assert_eq!(place(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_stands_beside_it_is_known() {
        let text = r#"{"Statement": [{"Sid": "x", "", "Action": ["a", {"b": "c"}]}]}"#;
        let found = CompletionContext::at_offset(text, text.find("\"\"").unwrap() + 1).unwrap();
        assert_eq!(found.others, ["Sid", "Action"]);
        assert!(!found.has_colon);
        let text = r#"["a", "", "b", ["c"]]"#;
        let found = CompletionContext::at_offset(text, 7).unwrap();
        assert_eq!((found.others, found.range), (vec!["a".to_owned(), "b".to_owned()], 6..8));
    }
}
