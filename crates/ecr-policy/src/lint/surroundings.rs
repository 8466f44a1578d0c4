//! Tells a file that holds a policy and nothing else from one in which a policy stands amid something else.

use super::pasted_formats;
use crate::ecr::text::{fit_width, make_visible};
use crate::syntax::{Value, parse};

/// Passes a text in which nothing but blanks, comments and a code fence stand outside the policy. Otherwise says in a
/// clause what else does.
pub(super) fn check_surroundings(text: &str) -> Result<(), String> {
    let parsed = parse(text);
    if let Some(language) = pasted_formats::find_language(text, &parsed) {
        return Err(language.message);
    }
    let Some(root) = parsed.root.filter(|root| matches!(root.value, Value::Object(_))) else {
        return Err("the file is more than a policy".to_owned());
    };
    if let Some(wrapping) = pasted_formats::find_wrapping(text, &root) {
        return Err(wrapping.message);
    }
    let before = Outside::find_outside(text.get(..root.span.start).unwrap_or_default())?;
    let after = Outside::find_outside(text.get(root.span.end..).unwrap_or_default())?;
    let fenced = before.fences == 1 && after.fences == 1 && !before.above && !after.below;
    if fenced || before.fences + after.fences == 0 {
        return Ok(());
    }
    Err("more than the code fence stands around the policy".to_owned())
}

/// The text before a policy, or after it.
#[derive(Debug, Default)]
struct Outside {
    /// Lines that open or close a code fence.
    fences: usize,
    /// True when a comment stands above a fence: in Markdown it may be a heading.
    above: bool,
    /// True when one stands below it.
    below: bool,
}

impl Outside {
    fn find_outside(text: &str) -> Result<Self, String> {
        let mut outside = Self::default();
        let (mut has_comment, mut rest) = (false, text);
        loop {
            rest = rest.trim_start_matches(is_blank);
            let Some(first) = rest.chars().next() else { return Ok(outside) };
            let line = rest.get(..rest.find(['\n', '\r']).unwrap_or(rest.len())).unwrap_or(rest);
            let length = match first {
                '/' if rest.starts_with("//") => line.len(),
                '/' if rest.starts_with("/*") => match rest.get(2..).and_then(|inner| inner.find("*/")) {
                    Some(end) => end + 4,
                    None => return Err(stands_around(line)),
                },
                '#' if is_comment(line) => line.len(),
                '`' if is_fence(line) => {
                    outside.above |= has_comment;
                    outside.fences += 1;
                    rest = rest.get(line.len()..).unwrap_or_default();
                    continue;
                }
                _ => return Err(stands_around(line)),
            };
            has_comment = true;
            outside.below |= outside.fences > 0;
            rest = rest.get(length..).unwrap_or_default();
        }
    }
}

fn stands_around(line: &str) -> String {
    format!(
        "the policy is not alone in the file: `{}` stands beside it",
        fit_width(&make_visible(line.trim_end()), 40, false)
    )
}

/// The parser takes these for white space, or mends them to it.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// `#!` begins a script, `## ` a section of a page.
fn is_comment(line: &str) -> bool {
    let marks = line.bytes().take_while(|b| *b == b'#').count();
    let heading = marks > 1 && line.get(marks..).is_some_and(|rest| rest.starts_with(' '));
    !line.starts_with("#!") && !heading
}

/// Three backticks or more and at most the name of a language.
fn is_fence(line: &str) -> bool {
    let name = line.trim_start_matches('`');
    line.len() - name.len() >= 3 && name.trim().bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": []}"#;

    #[test]
    fn blanks_comments_and_a_fence_are_nothing() {
        for (before, after) in [
            ("", ""),
            ("\u{feff}\r\n\t", "\r\n\u{a0}"),
            ("// ours\n/* and\n theirs */ # too\n", "\n#end"),
            ("```json\n", "\n```\n"),
            ("\n````\n// inside\n", "\n````"),
        ] {
            assert_eq!(check_surroundings(&format!("{before}{POLICY}{after}")), Ok(()), "{before:?} {after:?}");
        }
    }

    #[test]
    fn anything_else_is_something() {
        for (before, after) in [
            ("#!/bin/sh\n", ""),
            ("## Policy\n\n", ""),
            ("# Policy\n```json\n", "\n```\n"),
            ("```json\n", "\n```\n# More\n"),
            ("```json title=x\n", "\n```\n"),
            ("```json\n", ""),
            ("", "\n```\n"),
            ("", "\n/* never closed"),
            ("", "\n{}"),
            ("policy = ", ""),
            ("", ";"),
            ("<pre>", "</pre>"),
            ("1 | ", ""),
            ("'", "'"),
            ("[", "]"),
            ("{\"policyText\": ", "}"),
        ] {
            let text = format!("{before}{POLICY}{after}");
            assert!(check_surroundings(&text).is_err(), "{text}");
        }
    }
}
