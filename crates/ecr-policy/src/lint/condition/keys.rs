//! Checks of condition keys. Source: IAM user guide, global condition keys; service authorization reference of ECR.

use super::{Test, has_variables, rename_key, under_operator, with_set};
use crate::condition::{Family, Operator, variable_names};
use crate::ecr::condition::{self, KeyInfo, find_key, is_service};
use crate::ecr::text::make_visible;
use crate::lint::{Sink, Subject, Written};
use crate::text::spelling::nearest_name;

/// Finds a fault in the form of a key, and the key that was probably meant.
fn misshapen_key(name: &str) -> Option<(String, Option<&'static str>)> {
    let shown = make_visible(name);
    let Some((prefix, rest)) = name.split_once(':') else {
        let full = ["aws", "ecr"].into_iter().find_map(|prefix| find_key(&format!("{prefix}:{name}")));
        let near = full.filter(|k| !k.is_tag()).map(|k| k.name.as_str());
        return Some((format!("`{shown}` has no prefix: a key is written like aws:SourceArn"), near));
    };
    if let Some(tag) = bare_tag(name) {
        return Some((format!("`{shown}` names no tag: it is written like {}team", tag.name), None));
    }
    let whole = !prefix.trim().is_empty() && !rest.trim().is_empty();
    (!whole).then(|| (format!("`{shown}` is no key: a key is written like aws:SourceArn"), None))
}

/// The tag key that a name is without the name of a tag.
fn bare_tag(name: &str) -> Option<&'static KeyInfo> {
    let tags = condition::all_keys().iter().filter(|k| k.is_tag());
    tags.into_iter().find(|k| k.name.trim_end_matches('/').eq_ignore_ascii_case(name.trim_end_matches('/')))
}

/// Tells whether the name of a tag is missing.
pub(super) fn is_bare_tag(name: &str) -> bool {
    bare_tag(name).is_some()
}

pub(in crate::lint) fn key_form(subject: &Subject, statement: &Written, sink: &mut Sink) {
    for test in &statement.tests {
        let Some((message, near)) = misshapen_key(test.name()) else { continue };
        let fix = near.and_then(|near| rename_key(subject, test, near));
        let message = near.map_or(message.clone(), |near| format!("{message}; did you mean `{near}`?"));
        sink.report_fix(test.member.key.span, message, fix);
    }
}

/// Tells whether a key is of AWS's global ones or of ECR's.
fn is_ours(prefix: &str) -> bool {
    ["aws", "ecr"].iter().any(|p| prefix.eq_ignore_ascii_case(p))
}

/// Tells whether a key is an identity provider's, such as `saml:sub`: they are endless, and sessions carry them along.
pub(super) fn is_of_provider(name: &str) -> bool {
    let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
    prefix.contains(['.', '/']) || prefix.eq_ignore_ascii_case("saml")
}

/// Tells whether a name that no table holds cannot be a condition key of a request to ECR.
fn is_unknown(name: &str) -> bool {
    name.split_once(':').is_some_and(|(prefix, _)| {
        find_key(name).is_none() && (is_ours(prefix) || !(is_of_provider(name) || is_service(prefix)))
    })
}

/// The known key that was probably meant, the name of a tag kept.
fn nearest_key(name: &str) -> Option<String> {
    if let Some(retired) = condition::retired_keys().iter().find(|k| k.name.eq_ignore_ascii_case(name)) {
        return Some(retired.now.clone());
    }
    let (head, tail) = name.split_once('/').map_or((name, None), |(head, tail)| (head, Some(tail)));
    let candidates = condition::all_keys().iter().filter(|k| k.is_tag() == tail.is_some());
    let near = nearest_name(head, candidates.map(|k| k.name.trim_end_matches('/')))?;
    Some(tail.map_or_else(|| near.to_owned(), |tail| format!("{near}/{tail}")))
}

fn unknown_words(name: &str, near: Option<&String>) -> String {
    let shown = make_visible(name);
    let retired = condition::retired_keys().iter().any(|k| k.name.eq_ignore_ascii_case(name));
    match near {
        Some(near) if retired => format!("AWS has given up `{shown}`: it is `{near}` now"),
        Some(near) => format!("there is no condition key `{shown}`; did you mean `{near}`?"),
        None => format!("there is no condition key `{shown}` that is known here"),
    }
}

/// Tells whether AWS may have, or get, a key of that name: the table here may be older than it. `near` is the known key
/// that was probably meant.
fn may_be_key(name: &str, near: Option<&String>) -> bool {
    let Some((prefix, rest)) = name.split_once(':').filter(|(prefix, _)| is_ours(prefix)) else { return false };
    let stem = rest.split('/').next().unwrap_or_default();
    let is_plausible = stem.bytes().all(|b| b.is_ascii_alphanumeric()) && !stem.is_empty();
    is_plausible && (near.is_none() || prefix.eq_ignore_ascii_case("ecr"))
}

/// A key that no request to ECR has.
pub(in crate::lint) fn key_known(subject: &Subject, statement: &Written, sink: &mut Sink) {
    unknown_keys(subject, statement, sink, false);
}

/// A key that requests may have, and of which the table does not know.
pub(in crate::lint) fn key_listed(subject: &Subject, statement: &Written, sink: &mut Sink) {
    unknown_keys(subject, statement, sink, true);
}

fn unknown_keys(subject: &Subject, statement: &Written, sink: &mut Sink, plausible: bool) {
    for test in statement.tests.iter().filter(|t| t.key.is_none()) {
        if misshapen_key(test.name()).is_some() || !is_unknown(test.name()) {
            continue;
        }
        if may_be_key(test.name(), nearest_key(test.name()).as_ref()) != plausible {
            continue;
        }
        let near = nearest_key(test.name());
        let fix = near.as_ref().and_then(|near| rename_key(subject, test, near));
        sink.report_fix(test.member.key.span, unknown_words(test.name(), near.as_ref()), fix);
    }
    unknown_in_variables(subject, statement, sink, plausible);
}

/// The keys that variables stand for.
fn unknown_in_variables(subject: &Subject, statement: &Written, sink: &mut Sink, plausible: bool) {
    if !has_variables(subject) {
        return;
    }
    for test in statement.tests.iter().filter(|t| t.is_of_text()) {
        for (value, text) in test.texts().filter(|(_, text)| text.contains("${")) {
            for name in variable_names(text).unwrap_or_default().into_iter().filter(|n| is_unknown(n)) {
                let near = nearest_key(name);
                if may_be_key(name, near.as_ref()) == plausible {
                    sink.report(value.span, unknown_words(name, near.as_ref()));
                }
            }
        }
    }
}

/// Tells whether a variable of a value stands for a key that there is not.
pub(super) fn has_unknown_variable(text: &str) -> bool {
    variable_names(text).unwrap_or_default().into_iter().any(is_unknown)
}

/// Tells whether a key of several values stands under an operator for one value.
pub(super) fn wants_set(does: Operator, key: &KeyInfo) -> bool {
    key.many && does.set.is_none() && does.family != Family::Null
}

pub(in crate::lint) fn key_of_many_values(subject: &Subject, statement: &Written, sink: &mut Sink) {
    for test in &statement.tests {
        let (Some(does), Some(key)) = (test.does, test.key) else { continue };
        if !wants_set(does, key) {
            continue;
        }
        let to = with_set(does, &test.operator.key.text);
        let fix = under_operator(subject, test, &to);
        let message = format!("`{}` may have several values: that wants `{to}`", make_visible(test.name()));
        sink.report_fix(test.member.key.span, message, fix);
    }
}

/// Keys that tell of the repository itself, so that every request to it has the same value.
const OWN: &[&str] = &["aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths"];

pub(in crate::lint) fn key_irrelevant(subject: &Subject, statement: &Written, sink: &mut Sink) {
    for test in statement.tests.iter().filter(|t| t.is_on(OWN)) {
        let whose = subject.options.kind.name();
        let message = format!("`{}` is the same for every request to this {whose}", make_visible(test.name()));
        sink.report(test.member.key.span, message);
    }
}

/// The actions that set or remove tags. Source: service authorization reference of ECR, condition keys of actions.
const TAGGING: &[&str] = &["CreateRepository", "TagResource", "UntagResource"];

pub(in crate::lint) fn key_present(_: &Subject, statement: &Written, sink: &mut Sink) {
    for test in &statement.tests {
        if let Some(message) = never_present(test, statement) {
            sink.report(test.member.key.span, message);
        }
    }
}

fn never_present(test: &Test, statement: &Written) -> Option<String> {
    let name = test.name();
    let shown = make_visible(name);
    let Some(key) = test.key else {
        let (prefix, _) = name.split_once(':').filter(|(prefix, _)| !is_ours(prefix) && is_service(prefix))?;
        return Some(format!("`{shown}` is a key of {}: a request to ECR never has it", make_visible(prefix)));
    };
    if key.name == "ecr:AccountSetting" {
        return Some(format!("`{shown}` is there only in calls about the registry's settings"));
    }
    if !matches!(key.name.as_str(), "aws:RequestTag/" | "aws:TagKeys") {
        return None;
    }
    statement.model.as_ref()?;
    let mut tags = TAGGING.iter().filter(|a| key.many || **a != "UntagResource");
    let none = !statement.given.is_empty() && !tags.any(|a| statement.given.contains(a));
    none.then(|| format!("`{shown}` is there only in calls that change tags, and the statement names no such action"))
}
