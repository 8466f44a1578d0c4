//! Checks of names: Sids, and characters that are not what they look like.

use std::collections::HashSet;

use super::{Sink, Subject, Written};
use crate::ecr::text::make_visible;
use crate::ecr::unseen::{Unseen, classify_unseen};
use crate::syntax::{Node, Span, Value};

/// The Sids of a policy, where they stand; without those that JSON could not have.
fn statement_sids<'a>(subject: &'a Subject) -> impl Iterator<Item = (&'a str, Span)> {
    let sid = |s: &'a Written<'a>| s.node.get("Sid").and_then(|m| Some((m.value.as_str()?, m.value.span)));
    let whole = |span: &Span| subject.errors.iter().all(|e| e.span.end <= span.start || span.end <= e.span.start);
    subject.statements.iter().filter_map(sid).filter(move |(_, span)| whole(span))
}

pub(super) fn sid_twice(subject: &Subject, sink: &mut Sink) {
    let mut seen = HashSet::new();
    for (sid, span) in statement_sids(subject).filter(|(sid, _)| !sid.is_empty()) {
        if !seen.insert(sid) {
            sink.report(span, format!("another statement has the Sid `{}` too", make_visible(sid)));
        }
    }
}

/// Source: IAM user guide, policy elements: Sid. ECR's own samples have blanks in theirs.
pub(super) fn sid_characters(subject: &Subject, sink: &mut Sink) {
    for (sid, span) in statement_sids(subject) {
        if let Some(c) = sid.chars().find(|c| !c.is_ascii_alphanumeric()) {
            let shown = if c == ' ' { "a blank".to_owned() } else { format!("`{}`", make_visible(&c.to_string())) };
            sink.report(span, format!("this Sid has {shown}, which IAM would refuse; ECR takes it"));
        }
    }
}

pub(super) fn sid_empty(subject: &Subject, sink: &mut Sink) {
    for (_, span) in statement_sids(subject).filter(|(sid, _)| sid.is_empty()) {
        sink.report(span, "the Sid is empty: leave it out, or give the statement a name");
    }
}

/// Something in a text that reads as something else.
enum Odd {
    Unseen(char, Unseen),
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

fn odd_character(text: &str) -> Option<Odd> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return None;
    }
    let unseen = text.chars().find_map(|c| Some(Odd::Unseen(c, classify_unseen(c)?)));
    let latin = |c: char| LOOK_ALIKE.iter().flat_map(|(a, b)| a.chars().zip(b.chars())).find(|(a, _)| *a == c);
    // A whole word in another script is no disguise.
    let mixed = text.chars().any(|c| c.is_ascii_alphabetic());
    let alike = || text.chars().filter(|c| !c.is_ascii()).find_map(latin).map(|(a, b)| Odd::LookAlike(a, b));
    unseen.or_else(|| if mixed { alike() } else { None })
}

/// Says how a character deceives, as the end of a sentence.
fn deceit_words(kind: Unseen) -> String {
    match kind {
        Unseen::Control | Unseen::Invisible => "which cannot be seen".to_owned(),
        Unseen::Blank => "which is no plain space".to_owned(),
        Unseen::Fullwidth(Some(ascii)) => format!("which only looks like `{ascii}`"),
        Unseen::Fullwidth(None) => "which is a wide form of another character".to_owned(),
        Unseen::Private => "which looks different on each machine".to_owned(),
    }
}

fn report_odd(what: &str, text: &str, span: Span, sink: &mut Sink) {
    let number = |c: char| format!("U+{:04X}", u32::from(c));
    match odd_character(text) {
        Some(Odd::Unseen(c, kind)) => {
            sink.report(span, format!("this {what} holds {}, {}", number(c), deceit_words(kind)));
        }
        Some(Odd::LookAlike(c, latin)) => {
            sink.report(span, format!("this {what} holds {}, which only looks like `{latin}`", number(c)));
        }
        None => {}
    }
}

/// Looks at each text of a value, names of members included, at any depth.
fn look_inside(what: &str, node: &Node, sink: &mut Sink) {
    match &node.value {
        Value::String(text) => report_odd(what, text, node.span, sink),
        Value::Array(elements) => elements.iter().for_each(|element| look_inside(what, element, sink)),
        Value::Object(members) => {
            for member in members {
                report_odd("name", &member.key.text, member.key.span, sink);
                look_inside(what, &member.value, sink);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

pub(super) fn check_disguised(subject: &Subject, sink: &mut Sink) {
    // Around a policy may stand an answer of the AWS CLI, whose texts are no names.
    let root = subject.root.filter(|root| root.get("Statement").is_some());
    for member in root.into_iter().flat_map(Node::members).filter(|member| member.key.text != "Statement") {
        report_odd("name", &member.key.text, member.key.span, sink);
        look_inside("value", &member.value, sink);
    }
    subject.statements.iter().for_each(|statement| disguised_statement(statement, sink));
}

fn disguised_statement(statement: &Written, sink: &mut Sink) {
    for member in statement.node.members() {
        match member.key.text.as_str() {
            "Sid" => look_inside("Sid", &member.value, sink),
            "Action" | "NotAction" => look_inside("action", &member.value, sink),
            "Principal" | "NotPrincipal" => look_inside("principal", &member.value, sink),
            "Condition" => {
                for operator in member.value.members() {
                    report_odd("operator", &operator.key.text, operator.key.span, sink);
                    for key in operator.value.members() {
                        report_odd("key", &key.key.text, key.key.span, sink);
                        look_inside("value", &key.value, sink);
                    }
                }
            }
            other => {
                report_odd("name", other, member.key.span, sink);
                look_inside("value", &member.value, sink);
            }
        }
    }
}
