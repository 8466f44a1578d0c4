//! Checks of names: Sids, and characters that are not what they look like.

use std::collections::HashSet;

use super::{Sink, Subject, Written};
use crate::ecr::text::{visible, visible_char};
use crate::policy::syntax::Span;

/// The Sids of a policy, where they stand; without those that JSON could not have.
fn sids<'a>(subject: &'a Subject) -> impl Iterator<Item = (&'a str, Span)> {
    let sid = |s: &'a Written<'a>| s.node.get("Sid").and_then(|m| Some((m.value.as_str()?, m.value.span)));
    let whole = |span: &Span| subject.errors.iter().all(|e| e.span.end <= span.start || span.end <= e.span.start);
    subject.statements.iter().filter_map(sid).filter(move |(_, span)| whole(span))
}

pub(super) fn sid_twice(subject: &Subject, sink: &mut Sink) {
    let mut seen = HashSet::new();
    for (sid, span) in sids(subject).filter(|(sid, _)| !sid.is_empty()) {
        if !seen.insert(sid) {
            sink.report(span, format!("another statement has the Sid `{}` too", visible(sid)));
        }
    }
}

/// Source: IAM user guide, policy elements: Sid. ECR's own samples have blanks in theirs.
pub(super) fn sid_characters(subject: &Subject, sink: &mut Sink) {
    for (sid, span) in sids(subject) {
        if let Some(c) = sid.chars().find(|c| !c.is_ascii_alphanumeric()) {
            let shown = if c == ' ' { "a blank".to_owned() } else { format!("`{}`", visible(&c.to_string())) };
            sink.report(span, format!("this Sid has {shown}, which IAM would refuse; ECR takes it"));
        }
    }
}

pub(super) fn sid_empty(subject: &Subject, sink: &mut Sink) {
    for (_, span) in sids(subject).filter(|(sid, _)| sid.is_empty()) {
        sink.report(span, "the Sid is empty: leave it out, or give the statement a name");
    }
}

/// What a text holds that reads as something else.
enum Odd {
    Unseen(char),
    LookAlike(char, char),
}

/// Letters of other scripts that are drawn like Latin ones, with those.
const LOOK_ALIKE: &[(&str, &str)] = &[
    ("\u{430}\u{435}\u{43e}\u{440}\u{441}\u{443}\u{445}\u{456}\u{458}\u{455}\u{501}\u{51b}", "aeopcyxijsdq"),
    (
        "\u{410}\u{412}\u{415}\u{41a}\u{41c}\u{41d}\u{41e}\u{420}\u{421}\u{422}\u{425}\u{406}\u{408}\u{405}",
        "ABEKMHOPCTXIJS",
    ),
    ("\u{3bf}\u{3bd}\u{3b1}\u{3c1}\u{3b9}", "ovapi"),
    (
        "\u{391}\u{392}\u{395}\u{396}\u{397}\u{399}\u{39a}\u{39c}\u{39d}\u{39f}\u{3a1}\u{3a4}\u{3a5}\u{3a7}",
        "ABEZHIKMNOPTYX",
    ),
];

fn odd(text: &str) -> Option<Odd> {
    if text.is_ascii() {
        return None;
    }
    let unseen = text.chars().find(|c| !c.is_ascii() && visible_char(*c).is_some());
    let latin = |c: char| LOOK_ALIKE.iter().flat_map(|(a, b)| a.chars().zip(b.chars())).find(|(a, _)| *a == c);
    // A whole word in another script is no disguise.
    let mixed = text.chars().any(|c| c.is_ascii_alphabetic());
    let alike = || text.chars().filter(|c| !c.is_ascii()).find_map(latin).map(|(a, b)| Odd::LookAlike(a, b));
    unseen.map(Odd::Unseen).or_else(|| if mixed { alike() } else { None })
}

pub(super) fn disguised(_: &Subject, statement: &Written, sink: &mut Sink) {
    let mut look = |what: &str, text: &str, span: Span| {
        let number = |c: char| format!("U+{:04X}", u32::from(c));
        match odd(text) {
            Some(Odd::Unseen(c)) => sink.report(span, format!("this {what} holds {}, which cannot be seen", number(c))),
            Some(Odd::LookAlike(c, latin)) => {
                sink.report(span, format!("this {what} holds {}, which only looks like `{latin}`", number(c)));
            }
            None => {}
        }
    };
    for member in statement.node.members() {
        match member.key.text.as_str() {
            "Sid" => look("Sid", member.value.as_str().unwrap_or_default(), member.value.span),
            "Action" | "NotAction" => {
                for action in member.value.one_or_many() {
                    look("action", action.as_str().unwrap_or_default(), action.span);
                }
            }
            "Principal" | "NotPrincipal" => {
                for kind in member.value.members() {
                    look("name", &kind.key.text, kind.key.span);
                    for entry in kind.value.one_or_many() {
                        look("principal", entry.as_str().unwrap_or_default(), entry.span);
                    }
                }
            }
            "Condition" => {
                for operator in member.value.members() {
                    look("operator", &operator.key.text, operator.key.span);
                    for key in operator.value.members() {
                        look("key", &key.key.text, key.key.span);
                    }
                }
            }
            other => look("name", other, member.key.span),
        }
    }
}
