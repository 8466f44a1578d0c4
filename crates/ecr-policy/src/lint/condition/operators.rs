//! Checks of the operators of conditions. Source: IAM user guide, condition operators.

use super::{Test, has_variables, is_sound, is_sound_key, rename_operator, with_set};
use crate::condition::{Family, OPERATORS, Operator};
use crate::ecr::condition::{KeyInfo, ValueKind, find_key};
use crate::ecr::json_string::quote_string;
use crate::ecr::text::make_visible;
use crate::lint::{Fix, Sink, Subject, Written};
use crate::syntax::{Member, Node, Span, Value};
use crate::text::TextEdit;
use crate::text::spelling::nearest_name;

const SETS: [&str; 2] = ["ForAllValues", "ForAnyValue"];

fn operator_members<'a>(statement: &'a Written) -> impl Iterator<Item = (&'a Node, &'a Member)> {
    let block = statement.node.get("Condition").map(|m| &m.value);
    block.into_iter().flat_map(|b| b.members().iter().map(move |m| (b, m)))
}

pub(in crate::lint) fn known_operator(subject: &Subject, statement: &Written, sink: &mut Sink) {
    for (block, member) in operator_members(statement) {
        let name = member.key.text.as_str();
        if Operator::parse(name).is_some() {
            continue;
        }
        let shown = make_visible(name);
        if let Some(key) = find_key(name).filter(|_| !matches!(member.value.value, Value::Object(_))) {
            let message = format!("`{shown}` is a condition key: it stands inside an operator");
            sink.report_fix(member.key.span, message, wrap_key(subject, block, member, key));
            continue;
        }
        let set = name.split_once(':').map(|(set, _)| set);
        let strange = set.filter(|set| set_meant(set).is_none());
        let Some(meant) = meant_operator(name) else {
            let message = match strange {
                Some(set) => {
                    format!("`{}` is no set operator: there are ForAllValues and ForAnyValue", make_visible(set))
                }
                None => format!("`{shown}` is no condition operator"),
            };
            sink.report(member.key.span, message);
            continue;
        };
        let fix = sound_name(subject, member, &meant).and_then(|to| rename_operator(block, member, &to));
        sink.report_fix(member.key.span, format!("`{shown}` is no condition operator; did you mean `{meant}`?"), fix);
    }
}

/// The set operator that was probably meant. People write the half of its name too.
fn set_meant(name: &str) -> Option<&'static str> {
    let name = name.trim();
    let short = match name.to_ascii_lowercase().as_str() {
        "forall" | "all" | "allvalues" => Some("ForAllValues"),
        "forany" | "any" | "anyvalue" | "anyvalues" => Some("ForAnyValue"),
        _ => None,
    };
    short.or_else(|| nearest_name(name, SETS))
}

/// The operator that was probably meant: with its set operator, and with `IfExists` where that was begun.
fn meant_operator(name: &str) -> Option<String> {
    let glued = || {
        let set = SETS.into_iter().find(|s| name.get(..s.len()).is_some_and(|n| n.eq_ignore_ascii_case(s)))?;
        Some((set, name.get(set.len()..)?))
    };
    let (set, rest) = match name.rsplit_once(':') {
        // The other way round: the operator before its set operator.
        Some((rest, set)) if set_meant(rest).is_none() && set_meant(set).is_some() => (set_meant(set), rest),
        Some((set, rest)) => (Some(set_meant(set)?), rest),
        None => glued().map_or((None, name), |(set, rest)| (Some(set), rest)),
    };
    let names: Vec<String> = OPERATORS.iter().flat_map(|(n, ..)| [(*n).to_owned(), format!("{n}IfExists")]).collect();
    let near = nearest_name(rest.trim(), names.iter().map(String::as_str).filter(|n| *n != "NullIfExists"))?;
    Some(set.map_or_else(|| near.to_owned(), |set| format!("{set}:{near}")))
}

/// The name under which the operator's keys make no error, a set operator added where they want one.
fn sound_name(subject: &Subject, member: &Member, name: &str) -> Option<String> {
    let does = Operator::parse(name)?;
    let candidates = [name.to_owned(), with_set(does, name)];
    candidates.into_iter().find(|name| {
        Operator::parse(name).is_some_and(|does| {
            member
                .value
                .members()
                .iter()
                .all(|key| is_sound(does, find_key(&key.key.text), key.value.one_or_many(), has_variables(subject)))
        })
    })
}

/// Puts a key that stands where an operator belongs under the usual operator of its kind.
fn wrap_key(subject: &Subject, block: &Node, member: &Member, key: &KeyInfo) -> Option<Fix> {
    let bare = match key.kind {
        ValueKind::String => "StringEquals",
        ValueKind::Arn => "ArnLike",
        ValueKind::Address => "IpAddress",
        ValueKind::Bool => "Bool",
        _ => return None,
    };
    let name = if key.many { format!("ForAnyValue:{bare}") } else { bare.to_owned() };
    let values = member.value.one_or_many();
    let sound = is_sound_key(Operator::parse(&name)?, Some(key), values, has_variables(subject))
        && values.iter().all(|v| super::text_of(v).is_some());
    let (start, end) = (member.key.span.start, member.value.span.end);
    let edits = vec![
        TextEdit { span: Span::new(start, start), text: format!("{}: {{", quote_string(&name)) },
        TextEdit { span: Span::new(end, end), text: "}".to_owned() },
    ];
    (sound && super::is_free(block, &name)).then(|| Fix {
        title: format!("put it under `{name}`"),
        changes_access: true,
        edits,
    })
}

/// Tells whether an operator can compare the values of a key. A tag is free text: it may hold anything.
pub(super) fn suits_key(does: Operator, key: &KeyInfo) -> bool {
    key.is_tag()
        || match does.family {
            Family::Null => true,
            Family::Text | Family::TextIgnoreCase | Family::TextLike => {
                matches!(key.kind, ValueKind::String | ValueKind::Arn)
            }
            Family::Number(_) => matches!(key.kind, ValueKind::Number | ValueKind::Date),
            Family::Date(_) => key.kind == ValueKind::Date,
            Family::Bool => key.kind == ValueKind::Bool,
            Family::Binary => key.kind == ValueKind::Binary,
            Family::Address => key.kind == ValueKind::Address,
            Family::Arn => key.kind == ValueKind::Arn,
        }
}

/// Returns the kind of a key's values and the operators that compare it, in words.
pub(super) fn wanted_words(key: &KeyInfo) -> (&'static str, &'static str) {
    match key.kind {
        ValueKind::String | ValueKind::Any => ("a text", "StringEquals or StringLike"),
        ValueKind::Arn => ("an ARN", "ArnLike"),
        ValueKind::Address => ("an address", "IpAddress or NotIpAddress"),
        ValueKind::Bool => ("true or false", "Bool"),
        ValueKind::Date => ("a moment", "DateLessThan or DateGreaterThan"),
        ValueKind::Number => ("a number", "NumericLessThan or NumericGreaterThan"),
        ValueKind::Binary => ("bytes", "BinaryEquals"),
    }
}

pub(in crate::lint) fn null_form(_: &Subject, statement: &Written, sink: &mut Sink) {
    for (block, member) in operator_members(statement) {
        let Some(does) = Operator::parse(&member.key.text).filter(|o| o.family == Family::Null) else { continue };
        if does.if_exists {
            let bare = member.key.text.len().saturating_sub("IfExists".len());
            let fix = member.key.text.get(..bare).and_then(|to| rename_operator(block, member, to));
            sink.report_fix(member.key.span, "`Null` takes no `IfExists`", fix);
        }
        let is_truth =
            |n: &Node| super::text_of(n).is_some_and(|t| ["true", "false"].contains(&t.to_ascii_lowercase().as_str()));
        let values = member.value.members().iter().flat_map(|key| key.value.one_or_many());
        for value in values.filter(|v| !is_truth(v)) {
            sink.report(value.span, "a value of `Null` is \"true\" or \"false\"");
        }
    }
}

pub(in crate::lint) fn null_of_set(_: &Subject, statement: &Written, sink: &mut Sink) {
    for (block, member) in operator_members(statement) {
        let of_set = |o: &Operator| o.family == Family::Null && o.set.is_some();
        let Some(does) = Operator::parse(&member.key.text).filter(of_set) else { continue };
        let to = if does.if_exists { "NullIfExists" } else { "Null" };
        let fix = rename_operator(block, member, to);
        sink.report_fix(member.key.span, "`Null` takes no set operator: it asks for the key, not for its values", fix);
    }
}

/// Tells whether a test's operator cannot compare its key, as a message.
pub(super) fn why_unsuited(test: &Test) -> Option<String> {
    let (does, key) = (test.does?, test.key?);
    if suits_key(does, key) {
        return None;
    }
    let (holds, operators) = wanted_words(key);
    Some(format!(
        "`{}` does not compare `{}`, which holds {holds}: that is for {operators}",
        make_visible(&test.operator.key.text),
        make_visible(test.name()),
    ))
}
