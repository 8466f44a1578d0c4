//! Finds the kinds of the pieces of a policy's text, for colours.

use crate::ecr::action;
use crate::policy::principal::PrincipalKind;
use crate::policy::syntax::{Span, TokenKind, tokens};
use crate::policy::text::glob::glob_ignoring_case;

/// The kind of a piece of a policy's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Paint {
    /// Brackets, commas, numbers, words.
    Plain,
    /// The name of a member.
    Key,
    /// A string.
    Text,
    /// An effect, an action or a principal that is known.
    Known,
    /// Text that JSON does not have.
    Wrong,
}

/// The pieces, in order; white space lies between them.
pub fn paint_text(text: &str) -> Vec<(Span, Paint)> {
    let mut key = "";
    tokens(text)
        .into_iter()
        .map(|token| {
            let bare = token.span.text_in(text).trim_matches('"');
            let paint = match token.kind {
                TokenKind::Key => {
                    key = bare;
                    Paint::Key
                }
                TokenKind::String if is_known(key, bare) => Paint::Known,
                TokenKind::String => Paint::Text,
                TokenKind::Punctuation | TokenKind::Number | TokenKind::Word => Paint::Plain,
                TokenKind::Comment | TokenKind::Invalid => Paint::Wrong,
            };
            (token.span, paint)
        })
        .collect()
}

/// Tells whether a value under this key means something to AWS.
fn is_known(key: &str, value: &str) -> bool {
    match key {
        "Effect" => matches!(value, "Allow" | "Deny"),
        "Action" | "NotAction" => is_action(value),
        "Principal" | "NotPrincipal" | "AWS" => {
            !matches!(PrincipalKind::classify_aws(value), PrincipalKind::Malformed(_) | PrincipalKind::Orphan(_))
        }
        "Service" => value.ends_with(".amazonaws.com") || value.ends_with(".amazonaws.com.cn"),
        _ => false,
    }
}

/// Tells whether a pattern of a policy takes any action of the table.
fn is_action(pattern: &str) -> bool {
    if pattern == "*" || action::find_action(pattern).is_some() {
        return true;
    }
    let Some((service, bare)) = pattern.split_once(':') else { return false };
    service.eq_ignore_ascii_case("ecr")
        && bare.contains(['*', '?'])
        && action::all_actions().iter().any(|info| glob_ignoring_case(bare, &info.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_actions_and_principals_that_exist_are_known() {
        let text = r#"{"Effect": "Allow", "Principal": {"AWS": ["111111111111", "nobody"]},
            "Action": ["ecr:BatchGetImage", "ecr:BatchGet*", "ecr:Nothing"], "Sid": "Allow"} x"#;
        let known: Vec<&str> = paint_text(text)
            .into_iter()
            .filter(|(_, p)| *p == Paint::Known)
            .map(|(span, _)| span.text_in(text))
            .collect();
        assert_eq!(known, ["\"Allow\"", "\"111111111111\"", "\"ecr:BatchGetImage\"", "\"ecr:BatchGet*\""]);
        assert!(paint_text(text).iter().any(|(span, p)| *p == Paint::Wrong && span.text_in(text) == "x"));
    }

    #[test]
    fn a_pattern_is_known_when_it_takes_an_action() {
        for (pattern, known) in [
            ("ecr:*", true),
            ("*", true),
            ("ecr:Get*Policy", true),
            ("ecr:PutImag?", true),
            ("ecr:Pull*", false),
            ("s3:*", false),
            ("ecr:batchgetimage", true),
        ] {
            assert_eq!(is_action(pattern), known, "{pattern}");
        }
    }
}
