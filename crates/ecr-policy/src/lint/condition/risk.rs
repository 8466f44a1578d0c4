//! Checks of what conditions mean for the owner. Source: IAM user guide, condition operators, the confused deputy problem;
//! IAM Access Analyzer, policy checks.

use super::keys::is_of_provider;
use super::values::takes_wildcards;
use super::{Test, append, has_null_guard, has_variables, is_for_all, is_wild, keeps_out};
use crate::condition::{Family, Known, Operator, Truth, holds, range};
use crate::ecr::condition::{Callers, Form, ValueKind, find_key};
use crate::ecr::text::make_visible;
use crate::evaluate::known_of_service;
use crate::lint::principals::puller_instead;
use crate::lint::risk::{is_public, names_everyone};
use crate::lint::{Fix, Sink, Subject, Written};
use crate::model::document::{Effect, Statement};
use crate::model::principal::PrincipalKind;
use crate::syntax::Span;
use crate::text::TextEdit;
use crate::text::layout::{Json, member_on_one_line};

/// A public statement whose conditions keep nobody out: which, and why.
pub(in crate::lint) fn open_condition(subject: &Subject, statement: &Written, sink: &mut Sink) {
    // One condition that does restrict, or can never hold, is enough.
    let tests = statement.tests.iter();
    let why: Option<Vec<(Span, String)>> = tests.map(|test| why_open(test, has_variables(subject))).collect();
    let Some(why) = why.filter(|why| !why.is_empty() && is_public(subject, statement)) else { return };
    for (span, why) in why {
        sink.report(span, format!("public: {why}"));
    }
}

/// Returns the reason why a test keeps nobody out, and the part of it that shows so.
fn why_open(test: &Test, has_variables: bool) -> Option<(Span, String)> {
    let does = test.does?;
    let (operator, key) = (make_visible(&test.operator.key.text), make_visible(test.name()));
    let by_operator = if test.is_null() {
        Some(format!("`{operator}` asks only whether `{key}` is there"))
    } else if does.if_exists || is_for_all(test) {
        Some(format!("`{operator}` also holds where `{key}` is missing"))
    } else if does.negated {
        Some(format!("`{operator}` keeps out only those whom it names"))
    } else {
        None
    };
    if let Some(why) = by_operator {
        return Some((test.operator.key.span, why));
    }
    if let Some(why) = test.key.and_then(|k| k.open.as_ref()) {
        return Some((test.member.key.span, format!("`{key}` keeps nobody out: {why}")));
    }
    if is_of_provider(test.name()) {
        let why = format!("`{key}` keeps nobody out: another account has identity providers of its own");
        return Some((test.member.key.span, why));
    }
    test.texts().find_map(|(value, text)| why_wide(test, text, has_variables).map(|why| (value.span, why)))
}

/// Returns the reason why a value fits nearly everybody.
fn why_wide(test: &Test, value: &str, has_variables: bool) -> Option<String> {
    let shown = make_visible(value);
    if test.family() == Some(Family::Address) {
        return match range(value)?.prefix_len() {
            0 => Some(format!("`{shown}` is every address")),
            bits if bits < 8 => Some(format!("`{shown}` holds addresses of anybody")),
            _ => None,
        };
    }
    if has_variables && value.contains("${") {
        return Some(format!("`{shown}` is filled in from the caller's own request"));
    }
    if !takes_wildcards(test) || !is_open(test, value) {
        return None;
    }
    let whose = match test.key.map(|k| (k.kind, k.form)) {
        Some((_, Some(Form::Organization | Form::Path))) => "organizations of others",
        Some((_, Some(Form::Vpc | Form::Endpoint))) => "the networks of others",
        _ if is_open_by_colons(test, value) => {
            "callers of every account: `*` takes colons too, and so may the path of a role or user"
        }
        _ => "callers of every account",
    };
    Some(format!("`{shown}` fits {whose}"))
}

/// Tells whether an ARN pattern spells the account out, and a `*` before it takes in the ARNs of other accounts, which
/// hold the rest of the pattern in their paths.
fn is_open_by_colons(test: &Test, pattern: &str) -> bool {
    let account = pattern.rsplit(':').nth(1).unwrap_or_default();
    test.family() == Some(Family::TextLike)
        && test.key.is_some_and(|key| key.kind == ValueKind::Arn)
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
}

/// Tells whether a pattern leaves open what tells one account's callers from another's.
fn is_open(test: &Test, pattern: &str) -> bool {
    let Some(key) = test.key else { return is_wild(pattern) };
    let first = |by: char| pattern.split(by).next().is_some_and(is_wild);
    match key.form {
        Some(Form::Path) => first('/'),
        None if key.kind == ValueKind::Arn => is_open_arn(test, pattern),
        None if key.name == "aws:userid" => first(':'),
        _ => is_wild(pattern),
    }
}

/// Tells whether an ARN pattern leaves the account open. Where texts are compared a `*` takes colons too.
fn is_open_arn(test: &Test, pattern: &str) -> bool {
    let fields: Vec<&str> = pattern.splitn(6, ':').collect();
    let before = fields.iter().take(4).any(|field| field.contains('*'));
    match fields.get(4) {
        Some(account) if fields.len() == 6 => is_wild(account) || (test.family() == Some(Family::TextLike) && before),
        _ => is_wild(pattern),
    }
}

fn allow_statement<'a>(statement: &'a Written) -> Option<&'a Statement> {
    statement.model.as_ref().filter(|m| m.effect == Effect::Allow)
}

pub(in crate::lint) fn every_value(_: &Subject, statement: &Written, sink: &mut Sink) {
    if allow_statement(statement).is_none() {
        return;
    }
    for test in statement.tests.iter().filter(|t| is_for_all(t) && !has_null_guard(statement, t.name())) {
        let (operator, key) = (make_visible(&test.operator.key.text), make_visible(test.name()));
        let way_out = if test.key.is_some_and(|k| k.many) {
            "add `Null` with \"false\" for it"
        } else {
            "it has one value, so leave ForAllValues out"
        };
        sink.report(test.operator.key.span, format!("`{operator}` also allows where `{key}` is missing: {way_out}"));
    }
}

/// The services that a statement names.
fn named_services<'a>(statement: &'a Written) -> impl Iterator<Item = &'a str> {
    let named = statement.model.iter().filter(|m| !m.principals.negated).flat_map(|m| &m.principals.entries);
    named.filter_map(|p| match &p.kind {
        PrincipalKind::Service(name) => Some(name.as_str()),
        _ => None,
    })
}

pub(in crate::lint) fn key_of_others(_: &Subject, statement: &Written, sink: &mut Sink) {
    let (Some(model), Some(service)) = (&statement.model, named_services(statement).next()) else { return };
    for test in statement.tests.iter().filter(|t| !t.is_null()) {
        let (Some(does), Some(key)) = (test.does, test.key.filter(|k| k.callers == Callers::Principals)) else {
            continue;
        };
        let outcome = match (model.effect, does.restricts()) {
            (Effect::Allow, true) => "so that this gives it nothing",
            (Effect::Allow, false) => "so that this keeps it from nothing",
            (Effect::Deny, true) => "so that this denies it nothing",
            (Effect::Deny, false) => "so that this denies it always",
        };
        let instead = key.name.strip_prefix("aws:Principal").map(|rest| format!("aws:Source{rest}"));
        let instead = instead.filter(|name| find_key(name).is_some());
        let instead = instead.map(|name| format!("; `{name}` tells of its resource")).unwrap_or_default();
        let message = format!(
            "`{}` is missing when {} calls, {outcome}{instead}",
            make_visible(test.name()),
            make_visible(service)
        );
        sink.report(test.member.key.span, message);
    }
}

/// Addresses inside a network, with the keys that say which network.
const PAIRS: &[(&str, &[&str])] = &[
    (
        "aws:VpcSourceIp",
        &[
            "aws:SourceVpc",
            "aws:SourceVpce",
            "aws:SourceVpcArn",
            "aws:VpceAccount",
            "aws:VpceOrgID",
            "aws:VpceOrgPaths",
        ],
    ),
    ("aws:Ec2InstanceSourcePrivateIPv4", &["aws:Ec2InstanceSourceVpc"]),
];

pub(in crate::lint) fn unpaired_address(_: &Subject, statement: &Written, sink: &mut Sink) {
    let gives = allow_statement(statement).is_some();
    // Who is let in is told by a test that names networks; who is kept out, by any.
    let names_networks = |test: &Test| !gives || test.does.is_some_and(Operator::restricts);
    for (name, partners) in PAIRS {
        if statement.tests.iter().any(|t| t.is_on(partners) && names_networks(t)) {
            continue;
        }
        for test in statement.tests.iter().filter(|t| t.is_on(&[name]) && !t.is_null()) {
            let partner = partners.first().copied().unwrap_or_default();
            let message =
                format!("`{}` without `{partner}`: anybody's network may have that address", make_visible(test.name()));
            sink.report(test.member.key.span, message);
        }
    }
}

/// The ranges that are never a public address. Source: RFC 6890.
const PRIVATE: &[&str] = &[
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
];

fn is_private(text: &str) -> bool {
    let Some(range_of_text) = range(text) else { return false };
    PRIVATE.iter().filter_map(|p| range(p)).any(|private| private.contains(&range_of_text))
}

pub(in crate::lint) fn private_address(_: &Subject, statement: &Written, sink: &mut Sink) {
    let on_source = |t: &&Test| t.is_on(&["aws:SourceIp"]) && t.family() == Some(Family::Address);
    for test in statement.tests.iter().filter(on_source) {
        for (value, text) in test.texts().filter(|(_, text)| is_private(text)) {
            let message = format!(
                "`{}` is private: no call comes from it; `aws:VpcSourceIp` is for calls inside a VPC",
                make_visible(text)
            );
            sink.report(value.span, message);
        }
    }
}

/// The keys that tell for whose resource a service calls.
pub(in crate::lint) const SOURCES: &[&str] =
    &["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];

/// Tells whether a value of such a key fits the resources of every account.
fn is_open_source(test: &Test, value: &str) -> bool {
    if !takes_wildcards(test) || value.contains("${") {
        return false;
    }
    let fields: Vec<&str> = value.splitn(6, ':').collect();
    match fields.get(4) {
        _ if test.key.is_some_and(|k| k.form == Some(Form::Path)) => value.split('/').next().is_some_and(is_wild),
        _ if !test.is_on(&["aws:SourceArn"]) => is_wild(value),
        _ if test.family() == Some(Family::TextLike) => leaves_account_open(value),
        Some(account) if fields.len() == 6 => is_wild(account),
        _ => value == "*",
    }
}

/// Tells whether an ARN pattern that is compared as a text fits resources of any account: a `*` takes colons too, so the
/// account is open where the first wildcard comes before its end and no field spells an account out.
fn leaves_account_open(pattern: &str) -> bool {
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_spelt = pattern.split([':', '*', '?']).any(|part| part.len() == 12 && is_digits(part));
    let before: Vec<&str> = pattern.split(['*', '?']).next().unwrap_or_default().split(':').collect();
    is_wild(pattern) && !is_spelt && before.len() <= 5 && before.get(4).is_none_or(|account| is_digits(account))
}

pub(in crate::lint) fn open_source(_: &Subject, statement: &Written, sink: &mut Sink) {
    // Where another one pulls, a narrower condition would help nobody: W221 says who does.
    if allow_statement(statement).is_none() || named_services(statement).all(|name| puller_instead(name).is_some()) {
        return;
    }
    let of_source = || {
        let restricting = |t: &&Test| t.is_on(SOURCES) && keeps_out(statement, t);
        statement.tests.iter().filter(restricting)
    };
    if of_source().any(|t| !t.values().is_empty() && t.texts().all(|(_, text)| !is_open_source(t, text))) {
        return;
    }
    for test in of_source() {
        for (value, text) in test.texts().filter(|(_, text)| is_open_source(test, text)) {
            let whose = match test.key.and_then(|k| k.form) {
                Some(Form::Organization | Form::Path) => "of organizations of others",
                _ => "of every account",
            };
            sink.report(value.span, format!("`{}` fits the resources {whose}", make_visible(text)));
        }
    }
}

/// Keys that fences around an organization or an account are made of.
const FENCES: &[&str] = &["aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount"];

pub(in crate::lint) fn deny_hits_services(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(model) = statement.model.as_ref().filter(|m| m.effect == Effect::Deny && names_everyone(m)) else {
        return;
    };
    let (modern, granted) = (has_variables(subject), grants_service(subject));
    let hits = || Truth::all(model.conditions.iter().map(|c| holds(c, modern, &service_call))) != Truth::No;
    let absent = statement.tests.iter().filter(|t| {
        t.does.is_some_and(|d| d.negated)
            && t.key.is_some_and(|k| k.callers == Callers::Principals)
            && (granted || t.is_on(FENCES))
    });
    let found: Vec<&Test> = absent.collect();
    if found.is_empty() || !hits() {
        return;
    }
    for test in found {
        let name = make_visible(test.name());
        let message = format!("a call by an AWS service has no `{name}`: this denies it too");
        sink.report_fix(test.operator.key.span, message, carve_out(subject, test));
    }
}

/// Tells whether the policy gives anything to a service.
fn grants_service(subject: &Subject) -> bool {
    subject.statements.iter().any(|s| allow_statement(s).is_some() && named_services(s).next().is_some())
}

/// Returns the known values of a key in a call that an AWS service makes by itself.
fn service_call(key: &str) -> Known {
    match known_of_service(key, None) {
        Known::Unknown if find_key(key).is_some_and(|k| k.callers == Callers::Principals) => Known::Absent,
        known => known,
    }
}

/// Leaves out the calls of AWS services.
fn carve_out(subject: &Subject, test: &Test) -> Option<Fix> {
    let spared = || Json::object([("aws:PrincipalIsAWSService", Json::text("false"))]);
    let added = member_on_one_line("aws:PrincipalIsAWSService", &Json::text("false"));
    let beside = test.block.members().iter().find(|m| m.key.text.eq_ignore_ascii_case("BoolIfExists"));
    let edit: TextEdit = match beside {
        Some(operator) if !super::is_free(&operator.value, "aws:PrincipalIsAWSService") => return None,
        Some(operator) => append(subject.text, &operator.value, &added),
        None => append(subject.text, test.block, &member_on_one_line("BoolIfExists", &spared())),
    };
    Some(Fix { title: "spare AWS services".to_owned(), changes_access: true, edits: vec![edit] })
}
