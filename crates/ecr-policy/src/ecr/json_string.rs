//! Strings as JSON writes them: the one place that escapes characters.

use std::fmt::Write as _;

use super::unseen::classify_unseen;

/// Writes a text as a JSON string, quotes included. Only what JSON forbids inside quotes is escaped.
pub fn quote_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\0'..='\u{1f}' => escape_char(c, &mut quoted),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Adds a character as an escape sequence, such as `\n` or `\u009b`; beyond U+FFFF it takes a pair of surrogates.
pub(crate) fn escape_char(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}"); // writing to a String never fails
            }
        }
    }
}

/// Writes the unseen characters of a JSON text as `\uXXXX`, which means the same to every reader of JSON. Outside
/// strings JSON has only its own blanks, which stay.
pub fn escape_unseen(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match classify_unseen(c).filter(|_| !matches!(c, '\n' | '\r' | '\t')) {
            Some(_) => escape_char(c, &mut escaped),
            None => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::odd_text;

    #[test]
    fn only_what_must_be_escaped_is() {
        assert_eq!(quote_string("a\"\\/\u{8}\n\t\u{7f}\u{2028}é"), "\"a\\\"\\\\/\\u0008\\n\\t\u{7f}\u{2028}é\"");
        assert_eq!(escape_unseen("\"\u{7f}\u{2028}\u{e0041}é\"\n"), "\"\\u007f\\u2028\\udb40\\udc41é\"\n");
    }

    proptest! {
        #[test]
        fn every_text_comes_back_from_its_string(text in odd_text()) {
            let quoted = quote_string(&text);
            let seen = escape_unseen(&quoted);
            prop_assert!(seen.chars().all(|c| classify_unseen(c).is_none()), "{seen}");
            for written in [quoted, seen] {
                prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text.as_str());
            }
        }
    }
}
