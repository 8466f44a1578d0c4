//! Checks of the elements: which exist, of which type, which must be there.

use super::{Fix, Sink, Subject, Written};
use crate::ecr::text::make_visible;
use crate::model::principal::PrincipalKind;
use crate::syntax::{Member, Node, Span, Value, quote_string};
use crate::text::edits::remove_item;
use crate::text::spelling::nearest_name;

const DOCUMENT: &[&str] = &["Version", "Id", "Statement"];
const STATEMENT: &[&str] =
    &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Condition", "Resource", "NotResource"];
const PRINCIPAL_TYPES: &[&str] = &["AWS", "Service", "Federated", "CanonicalUser"];

/// The objects that may hold elements, with the elements that they may hold.
fn element_holders<'a>(subject: &'a Subject) -> impl Iterator<Item = (&'a Node, &'static [&'static str])> {
    let statements = subject.statements.iter().map(|s| (s.node, STATEMENT));
    subject.root.filter(|_| subject.wrapping.is_none()).into_iter().map(|r| (r, DOCUMENT)).chain(statements)
}

pub(super) fn known_elements(subject: &Subject, sink: &mut Sink) {
    for (node, known) in element_holders(subject) {
        let unknown = node.members().iter().filter(|m| !known.contains(&m.key.text.as_str()));
        let absent: Vec<&str> = known.iter().copied().filter(|name| node.get(name).is_none()).collect();
        let meant = |m: &Member| nearest_name(&m.key.text, known.iter().copied()).filter(|n| absent.contains(n));
        let unknown: Vec<(&Member, Option<&str>)> = unknown.map(|m| (m, meant(m))).collect();
        for (member, near) in &unknown {
            let name = make_visible(&member.key.text);
            let fix = near
                .filter(|near| is_meant_once(near, &unknown))
                .map(|n| Fix::single_edit(format!("write `{n}`"), member.key.span, quote_string(n)));
            let message = match near {
                Some(near) => format!("`{name}` is no element of a policy; did you mean `{near}`?"),
                None => format!("`{name}` is no element of a policy"),
            };
            sink.report_fix(member.key.span, message, fix);
        }
    }
}

/// Of two that were meant as the same one, nobody knows which it is.
fn is_meant_once(near: &str, unknown: &[(&Member, Option<&str>)]) -> bool {
    unknown.iter().filter(|(_, other)| *other == Some(near)).take(2).count() == 1
}

pub(super) fn check_types(subject: &Subject, sink: &mut Sink) {
    let Some(root) = subject.root else { return };
    let Value::Object(_) = root.value else {
        let fix = subject.wrapping.as_ref().and_then(|w| w.fix.clone());
        sink.report_fix(root.span, format!("a policy is an object, this is {}", root.kind_words()), fix);
        return;
    };
    for name in ["Version", "Id"] {
        expect_string(root, name, sink);
    }
    if let Some(statement) = root.get("Statement") {
        if !matches!(statement.value.value, Value::Array(_) | Value::Object(_)) {
            let kind = statement.value.kind_words();
            sink.report(statement.value.span, format!("`Statement` is a list of objects, this is {kind}"));
            return;
        }
        for node in statement.value.one_or_many() {
            if matches!(node.value, Value::Object(_)) {
                statement_types(node, sink);
            } else {
                sink.report(node.span, format!("a statement is an object, this is {}", node.kind_words()));
            }
        }
    }
}

fn expect_string(node: &Node, name: &str, sink: &mut Sink) {
    if let Some(member) = node.get(name)
        && member.value.as_str().is_none()
    {
        sink.report(member.value.span, format!("`{name}` is a string, this is {}", member.value.kind_words()));
    }
}

fn statement_types(node: &Node, sink: &mut Sink) {
    for name in ["Sid", "Effect"] {
        expect_string(node, name, sink);
    }
    for name in ["Action", "NotAction", "Resource", "NotResource"] {
        if let Some(member) = node.get(name) {
            check_strings(name, &member.value, false, sink);
        }
    }
    for name in ["Principal", "NotPrincipal"] {
        if let Some(member) = node.get(name) {
            for kind in member.value.members() {
                check_strings(&make_visible(&kind.key.text), &kind.value, true, sink);
            }
        }
    }
    if let Some(member) = node.get("Condition") {
        condition_types(&member.value, sink);
    }
}

/// A string, or a list of strings. A number where an account may stand gets quotes.
fn check_strings(name: &str, value: &Node, accounts: bool, sink: &mut Sink) {
    for element in value.one_or_many() {
        let fix = match &element.value {
            Value::String(_) => continue,
            Value::Number(digits) if accounts && digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit()) => {
                Some(Fix::single_edit("put quotes around the account id", element.span, quote_string(digits)))
            }
            _ => None,
        };
        let message = format!("`{name}` is a string or a list of strings, this is {}", element.kind_words());
        sink.report_fix(element.span, message, fix);
    }
}

fn condition_types(block: &Node, sink: &mut Sink) {
    let Value::Object(operators) = &block.value else {
        sink.report(block.span, format!("`Condition` is an object, this is {}", block.kind_words()));
        return;
    };
    for operator in operators {
        let name = make_visible(&operator.key.text);
        let Value::Object(keys) = &operator.value.value else {
            let kind = operator.value.kind_words();
            let message = format!("`{name}` holds condition keys with their values, this is {kind}");
            sink.report(operator.value.span, message);
            continue;
        };
        for key in keys {
            for value in key.value.one_or_many() {
                if matches!(value.value, Value::Null | Value::Array(_) | Value::Object(_)) {
                    let message = format!("a condition value is a string, this is {}", value.kind_words());
                    sink.report(value.span, message);
                }
            }
        }
    }
}

pub(super) fn has_statement(subject: &Subject, sink: &mut Sink) {
    let Some(root) = subject.root.filter(|r| matches!(r.value, Value::Object(_))) else { return };
    match root.get("Statement") {
        None if is_misspelt(root, DOCUMENT, "Statement") => {}
        None => {
            let message = match &subject.wrapping {
                Some(wrapping) => format!("the policy has no `Statement`: {}", wrapping.message),
                None => "the policy has no `Statement`".to_owned(),
            };
            sink.report_fix(opening_bracket(root), message, subject.wrapping.as_ref().and_then(|w| w.fix.clone()));
        }
        Some(m) if m.value.one_or_many().is_empty() => sink.report(m.value.span, "the list of statements is empty"),
        Some(_) => {}
    }
}

/// The opening bracket: a range that is small enough to underline.
pub(super) fn opening_bracket(node: &Node) -> Span {
    Span::new(node.span.start, (node.span.start + 1).min(node.span.end))
}

fn is_object(statement: &Written) -> bool {
    matches!(statement.node.value, Value::Object(_))
}

pub(super) fn check_effect(_: &Subject, statement: &Written, sink: &mut Sink) {
    if !is_object(statement) {
        return;
    }
    let Some(member) = statement.node.get("Effect") else {
        if is_misspelt(statement.node, STATEMENT, "Effect") {
            return;
        }
        sink.report(opening_bracket(statement.node), "the statement has no `Effect`");
        return;
    };
    let Some(effect) = member.value.as_str().filter(|e| !matches!(*e, "Allow" | "Deny")) else { return };
    let near = nearest_name(effect.trim(), ["Allow", "Deny"]);
    let fix = near.map(|n| Fix::single_edit(format!("write `{n}`"), member.value.span, quote_string(n)));
    sink.report_fix(member.value.span, format!("`{}` is neither Allow nor Deny", make_visible(effect)), fix);
}

/// Tells whether an element of that name is there, but misspelt: E003 says so, and mends it.
fn is_misspelt(node: &Node, known: &[&str], name: &str) -> bool {
    let unknown = node.members().iter().map(|m| m.key.text.as_str()).filter(|k| !known.contains(k));
    unknown.into_iter().any(|k| nearest_name(k, known.iter().copied()) == Some(name))
}

pub(super) fn has_action(_: &Subject, statement: &Written, sink: &mut Sink) {
    let there = |name| statement.node.get(name).is_some() || is_misspelt(statement.node, STATEMENT, name);
    if is_object(statement) && !there("Action") && !there("NotAction") {
        sink.report(opening_bracket(statement.node), "the statement has no `Action`");
    }
}

pub(super) fn has_principal(_: &Subject, statement: &Written, sink: &mut Sink) {
    let node = statement.node;
    let there = |name| node.get(name).is_some() || is_misspelt(node, STATEMENT, name);
    if is_object(statement) && !there("Principal") && !there("NotPrincipal") {
        sink.report(opening_bracket(node), "the statement has no `Principal`: it looks like an identity policy");
    }
}

pub(super) fn check_version(subject: &Subject, sink: &mut Sink) {
    let Some(member) = subject.root.and_then(|r| r.get("Version")) else { return };
    if let Some(version) = member.value.as_str().filter(|v| !matches!(*v, "2012-10-17" | "2008-10-17")) {
        let message = format!("`{}` is neither 2012-10-17 nor 2008-10-17", make_visible(version));
        let fix = (!may_hold_variables(subject))
            .then(|| Fix::single_edit("write `2012-10-17`", member.value.span, quote_string("2012-10-17")));
        sink.report_fix(member.value.span, message, fix);
    }
}

/// Tells whether a condition value would be read in another way under the newer version.
fn may_hold_variables(subject: &Subject) -> bool {
    let tests = subject.statements.iter().flat_map(|s| &s.tests);
    tests.flat_map(super::condition::Test::texts).any(|(_, text)| text.contains("${"))
}

pub(super) fn version_missing(subject: &Subject, sink: &mut Sink) {
    let Some(root) = subject.root.filter(|r| r.get("Statement").is_some() && r.get("Version").is_none()) else {
        return;
    };
    // A misspelt one is there: E003 mends it.
    if is_misspelt(root, DOCUMENT, "Version") {
        return;
    }
    let Some(first) = root.members().first().map(|m| m.key.span.start) else { return };
    let lead = Span::new(root.span.start + 1, first).text_in(subject.text);
    let between = if lead.trim().is_empty() && !lead.is_empty() { lead } else { " " };
    let text = format!("\"Version\": \"2012-10-17\",{between}");
    let fix =
        (!may_hold_variables(subject)).then(|| Fix::single_edit("write `2012-10-17`", Span::new(first, first), text));
    sink.report_fix(opening_bracket(root), "no `Version`: it is read as 2008-10-17, without variables", fix);
}

pub(super) fn version_old(subject: &Subject, sink: &mut Sink) {
    let Some(member) = subject.root.and_then(|r| r.get("Version")) else { return };
    if member.value.as_str() != Some("2008-10-17") {
        return;
    }
    let fix = (!may_hold_variables(subject))
        .then(|| Fix::single_edit("write `2012-10-17`", member.value.span, quote_string("2012-10-17")));
    sink.report_fix(member.value.span, "2008-10-17 is the old version of the policy language, without variables", fix);
}

pub(super) fn no_contraries(_: &Subject, statement: &Written, sink: &mut Sink) {
    for (name, contrary) in [("Action", "NotAction"), ("Principal", "NotPrincipal"), ("Resource", "NotResource")] {
        if let (Some(_), Some(member)) = (statement.node.get(name), statement.node.get(contrary)) {
            sink.report(member.key.span, format!("`{name}` and `{contrary}` in one statement"));
        }
    }
}

fn principal_elements<'a>(statement: &'a Written) -> impl Iterator<Item = &'a Member> {
    let is_principal = |m: &&Member| matches!(m.key.text.as_str(), "Principal" | "NotPrincipal");
    statement.node.members().iter().filter(is_principal)
}

pub(super) fn principal_form(subject: &Subject, statement: &Written, sink: &mut Sink) {
    for member in principal_elements(statement) {
        let value = &member.value;
        if matches!(value.value, Value::Object(_)) || value.as_str() == Some("*") {
            continue;
        }
        let entries: Vec<&str> = value.one_or_many().iter().filter_map(Node::as_str).collect();
        let service = |e: &&str| e.contains(".amazonaws.com");
        let kind = if !entries.is_empty() && entries.iter().all(service) { "Service" } else { "AWS" };
        let understood = !entries.is_empty()
            && entries.len() == value.one_or_many().len()
            && (kind == "Service"
                || entries.iter().all(|e| !matches!(PrincipalKind::classify_aws(e), PrincipalKind::Malformed(_))));
        let written = value.span.text_in(subject.text);
        let fix = understood.then(|| {
            Fix::single_edit(format!("put it under `{kind}`"), value.span, format!("{{\"{kind}\": {written}}}"))
        });
        let message = format!("`{}` is neither \"*\" nor an object", member.key.text);
        sink.report_fix(value.span, message, fix);
    }
}

pub(super) fn principal_types(_: &Subject, statement: &Written, sink: &mut Sink) {
    for member in principal_elements(statement) {
        let meant = |kind: &Member| {
            nearest_name(&kind.key.text, PRINCIPAL_TYPES.iter().copied())
                .or_else(|| type_of(kind))
                .filter(|n| member.value.get(n).is_none())
        };
        let unknown = member.value.members().iter().filter(|k| !PRINCIPAL_TYPES.contains(&k.key.text.as_str()));
        let unknown: Vec<(&Member, Option<&str>)> = unknown.map(|k| (k, meant(k))).collect();
        for (kind, near) in &unknown {
            let fix = near
                .filter(|near| is_meant_once(near, &unknown))
                .map(|n| Fix::single_edit(format!("write `{n}`"), kind.key.span, quote_string(n)));
            let name = make_visible(&kind.key.text);
            let message = match near {
                Some(near) => format!("`{name}` is no type of principal; did you mean `{near}`?"),
                None => format!("`{name}` is no type of principal"),
            };
            sink.report_fix(kind.key.span, message, fix);
        }
    }
}

/// The type under which entries belong, by their form.
fn type_of(kind: &Member) -> Option<&'static str> {
    let entries: Option<Vec<&str>> = kind.value.one_or_many().iter().map(Node::as_str).collect();
    let entries = entries.filter(|e| !e.is_empty())?;
    if entries.iter().all(|e| e.ends_with(".amazonaws.com")) {
        return Some("Service");
    }
    let known = |e: &&str| !matches!(PrincipalKind::classify_aws(e), PrincipalKind::Malformed(_));
    entries.iter().all(known).then_some("AWS")
}

pub(super) fn no_resource(_: &Subject, statement: &Written, sink: &mut Sink) {
    let members = statement.node.members();
    let spans: Vec<Span> = members.iter().map(|m| Span::new(m.key.span.start, m.value.span.end)).collect();
    for (at, member) in members.iter().enumerate() {
        if !matches!(member.key.text.as_str(), "Resource" | "NotResource") {
            continue;
        }
        // `"*"` says nothing; what names certain resources may have been meant to keep others out.
        let whole = member.key.text == "Resource" && member.value.one_or_many().iter().any(|v| v.as_str() == Some("*"));
        let fix = remove_item(&spans, at).map(|edit| Fix {
            title: format!("drop `{}`", member.key.text),
            changes_access: !whole,
            edits: vec![edit],
        });
        sink.report_fix(member.key.span, format!("ECR refuses `{}`", member.key.text), fix);
    }
}
