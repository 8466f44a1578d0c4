//! Checks of conditions.
//!
//! The `Condition` of a statement is taken apart once, into one test for each operator and key. `operators` looks at what
//! a test compares with, `keys` at what it compares, `values` and `variables` at what to, `risk` at what all of it means.

mod keys;
mod operators;
mod risk;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
mod values;
mod variables;

pub(super) use keys::{key_form, key_irrelevant, key_known, key_listed, key_of_many_values, key_present};
pub(super) use operators::{known_operator, null_form, null_of_set};
pub(super) use risk::{
    SOURCES, deny_hits_services, every_value, key_of_others, open_condition, open_source, private_address,
    unpaired_address,
};
pub(super) use values::{
    both_booleans, empty_condition, host_bits, identifier_form, known_region, readable_values, wildcard_taken_literally,
};
pub(super) use variables::{variable_form, variable_of_old_version};

use super::{Fix, Subject, Written};
use crate::condition::{Family, Operator, SetPrefix, is_readable};
use crate::ecr::condition::{KeyInfo, find_key};
use crate::ecr::json_string::quote_string;
use crate::syntax::{Member, Node, Span, Value};
use crate::text::TextEdit;
use crate::text::edits::remove_item;

/// One key under one operator of a `Condition`, as written.
pub(crate) struct Test<'a> {
    /// The whole `Condition`.
    pub block: &'a Node,
    /// The operator with its keys.
    pub operator: &'a Member,
    /// The operator, where there is one of that name.
    pub does: Option<Operator>,
    /// The key with its values.
    pub member: &'a Member,
    /// The facts about the key, where it is known.
    pub key: Option<&'static KeyInfo>,
}

/// The tests of a statement, in document order.
pub(super) fn tests(statement: &Node) -> Vec<Test<'_>> {
    let block = statement.get("Condition").map(|m| &m.value);
    let mut tests = Vec::new();
    for (block, operator) in block.into_iter().flat_map(|b| b.members().iter().map(move |m| (b, m))) {
        let does = Operator::parse(&operator.key.text);
        for member in operator.value.members() {
            tests.push(Test { block, operator, does, member, key: find_key(&member.key.text) });
        }
    }
    tests
}

impl<'a> Test<'a> {
    /// The key as written.
    fn name(&self) -> &'a str {
        &self.member.key.text
    }

    pub(in crate::lint) fn is_on(&self, names: &[&str]) -> bool {
        names.iter().any(|n| self.name().eq_ignore_ascii_case(n))
    }

    pub(in crate::lint) fn values(&self) -> &'a [Node] {
        self.member.value.one_or_many()
    }

    /// The values that have a text; quotes around numbers and booleans do not count.
    pub(in crate::lint) fn texts(&self) -> impl Iterator<Item = (&'a Node, &'a str)> {
        self.values().iter().filter_map(|node| text_of(node).map(|text| (node, text)))
    }

    pub(in crate::lint) fn family(&self) -> Option<Family> {
        self.does.map(|o| o.family)
    }

    /// Tells whether the operator compares texts, so that `${...}` may be a variable.
    fn is_of_text(&self) -> bool {
        self.family().is_some_and(is_of_text)
    }

    /// Tells whether it asks for the presence of the key alone.
    pub(in crate::lint) fn is_null(&self) -> bool {
        self.family() == Some(Family::Null)
    }
}

fn is_of_text(family: Family) -> bool {
    matches!(family, Family::Text | Family::TextIgnoreCase | Family::TextLike | Family::Arn)
}

fn text_of(node: &Node) -> Option<&str> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Some(text),
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        _ => None,
    }
}

pub(super) fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Tells whether `${...}` is a variable in this document.
pub(super) fn has_variables(subject: &Subject) -> bool {
    subject.policy.as_ref().is_some_and(super::super::document::Policy::has_variables)
}

/// Tells whether a key and its values make no error under an operator that they did not have before: no fix may make
/// one.
fn is_sound(does: Operator, key: Option<&KeyInfo>, values: &[Node], has_variables: bool) -> bool {
    let reads = |text: &str| {
        if text.contains("${") {
            has_variables && variables::variable_problem(does, text).is_none()
        } else {
            is_readable(does.family, text)
        }
    };
    key.is_none_or(|k| operators::suits_key(does, k) && !keys::wants_set(does, k))
        && values.iter().filter_map(text_of).all(reads)
        && !values::holds_both(does, values)
}

/// The same for another key: its values have its form.
fn is_sound_key(does: Operator, key: Option<&KeyInfo>, values: &[Node], has_variables: bool) -> bool {
    let of_form = |text: &str| key.is_none_or(|k| values::why_malformed(k, text).is_none());
    is_sound(does, key, values, has_variables)
        && (!is_of_text(does.family) || values.iter().filter_map(text_of).all(of_form))
}

/// Another name for an operator; `None` where the block has one of that name.
fn rename_operator(block: &Node, operator: &Member, to: &str) -> Option<Fix> {
    is_free(block, to)
        .then(|| Fix::single_edit(format!("write `{to}`"), operator.key.span, quote_string(to)).changing_access())
}

/// Another name for a key, where its operator has none of that name and its values make no error under it.
fn rename_key(subject: &Subject, test: &Test, to: &str) -> Option<Fix> {
    let sound = test.does.is_some_and(|does| is_sound_key(does, find_key(to), test.values(), has_variables(subject)));
    (sound && is_free(&test.operator.value, to))
        .then(|| Fix::single_edit(format!("write `{to}`"), test.member.key.span, quote_string(to)).changing_access())
}

/// Tells whether an object has no member of that name; letter case does not count inside a condition.
fn is_free(object: &Node, name: &str) -> bool {
    !object.members().iter().any(|m| m.key.text.eq_ignore_ascii_case(name))
}

/// The operator's name with its set operator, or with another one.
fn with_set(does: Operator, bare: &str) -> String {
    let set = if does.negated { "ForAllValues" } else { "ForAnyValue" };
    format!("{set}:{bare}")
}

/// Moves a test under an operator of another name: the operator is renamed where it has this key alone.
fn under_operator(subject: &Subject, test: &Test, to: &str) -> Option<Fix> {
    let keys = test.operator.value.members();
    if keys.len() < 2 {
        return rename_operator(test.block, test.operator, to);
    }
    let spans: Vec<Span> = keys.iter().map(whole).collect();
    let at = spans.iter().position(|s| *s == whole(test.member))?;
    let moved = whole(test.member).text_in(subject.text);
    let gap = gap_before(subject.text, test.operator.key.span.start);
    let before = Span::new(test.operator.key.span.start, test.operator.key.span.start);
    let put = TextEdit { span: before, text: format!("{}: {{{moved}}},{gap}", quote_string(to)) };
    let fix =
        Fix { title: format!("put it under `{to}`"), changes_access: true, edits: vec![put, remove_item(&spans, at)?] };
    is_free(test.block, to).then_some(fix)
}

fn whole(member: &Member) -> Span {
    Span::new(member.key.span.start, member.value.span.end)
}

/// The white space before a place.
fn gap_before(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    before.get(before.trim_end().len()..).unwrap_or_default()
}

/// Puts a member at the end of an object, laid out like the last one.
fn append(text: &str, object: &Node, member: &str) -> TextEdit {
    match object.members().last() {
        Some(last) => TextEdit {
            span: Span::new(last.value.span.end, last.value.span.end),
            text: format!(",{}{member}", gap_before(text, last.key.span.start)),
        },
        None => TextEdit { span: object.span, text: format!("{{{member}}}") },
    }
}

/// Tells whether a test on the same key holds only where the key is there.
fn has_null_guard(statement: &Written, name: &str) -> bool {
    statement.tests.iter().filter(|t| t.is_on(&[name])).any(|t| {
        let is_there = || !t.values().is_empty() && t.texts().all(|(_, text)| text.eq_ignore_ascii_case("false"));
        if t.is_null() { is_there() } else { t.does.is_some_and(Operator::restricts) }
    })
}

/// Tells whether a test lets only those through whose key has one of its values: others, and those without, it keeps
/// out.
pub(super) fn keeps_out(statement: &Written, test: &Test) -> bool {
    test.does.is_some_and(|does| {
        does.restricts()
            || (is_for_all(test) && !does.negated && !test.is_null() && has_null_guard(statement, test.name()))
            || (does.if_exists && !does.negated && !test.is_null() && has_null_guard(statement, test.name()))
    })
}

fn is_for_all(test: &Test) -> bool {
    test.does.is_some_and(|o| o.set == Some(SetPrefix::ForAllValues))
}
