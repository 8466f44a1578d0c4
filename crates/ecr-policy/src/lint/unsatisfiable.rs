//! Conditions of a statement that nobody can meet. What a condition says is known to `access` alone: here the conditions
//! are only left out one by one until those remain that exclude each other.

use super::condition::{Test, has_variables};
use super::{MOST_COMPARED, Subject, Written};
use crate::access::{are_together, is_of_caller, meets_nobody};
use crate::condition::{Family, Operator, is_multivalued, is_readable};
use crate::ecr::condition::Callers;
use crate::ecr::text::make_visible;
use crate::model::document::{Condition, Effect, Statement};
use crate::model::principal::{Principal, PrincipalKind};
use crate::syntax::Span;
use crate::text::glob::glob;

/// Values with wildcards on one key, and operators of several values on one, beyond which not all requests are looked at.
const MOST_WILD: usize = 12;
const MOST_LISTS: usize = 2;

/// Finds tests that nobody can meet, with the reason.
pub(super) fn find_impossible(subject: &Subject, statement: &Written) -> Option<(Span, String)> {
    let model = statement.model.as_ref().filter(|m| names_somebody(m) && !statement.given.is_empty())?;
    let tests = comparable_tests(subject, statement);
    if tests.is_empty() || tests.len() > MOST_COMPARED || !may_exclude(model, &tests) {
        return None;
    }
    let owner = subject.options.owner.as_ref();
    let nobody = |model: &Statement, tests: &[Held]| {
        let conditions = tests.iter().map(|held| as_condition(*held)).collect();
        meets_nobody(Statement { conditions, ..model.clone() }, owner, subject.steps_behind_table())
    };
    if !nobody(model, &tests) {
        return None;
    }
    let everyone = by_everyone(model);
    if let Some((test, is_plain)) = tests.iter().find(|held| nobody(model, &[**held])) {
        let why = if nobody(&everyone, &[(*test, *is_plain)]) { words_alone(test) } else { not_they(test) };
        return Some((test.member.key.span, why));
    }
    for (at, later) in tests.iter().enumerate() {
        if let Some(earlier) = tests.iter().take(at).find(|earlier| nobody(model, &[**earlier, *later])) {
            return Some((later.0.member.key.span, words_together(earlier.0, later.0)));
        }
    }
    let why = "these conditions exclude one another: the statement never matches".to_owned();
    Some((statement.node.get("Condition")?.key.span, why))
}

/// Tells whether each principal is one that can call at all; of the others other checks tell.
fn names_somebody(model: &Statement) -> bool {
    let entries = &model.principals.entries;
    let excepts_all = model.principals.negated && entries.iter().any(|p| p.kind == PrincipalKind::Everyone);
    !entries.is_empty() && !excepts_all && entries.iter().all(|p| p.kind.can_call())
}

/// The statement as if it named everyone.
fn by_everyone(model: &Statement) -> Statement {
    let mut all = model.clone();
    all.principals.negated = false;
    let span = all.principals.span;
    all.principals.entries = vec![Principal { span, kind: PrincipalKind::Everyone, text: "*".to_owned() }];
    all
}

/// A test, and whether its values are taken as they are. Of one that cannot be all that is held against the others is
/// that the key must be there.
type Held<'a> = (&'a Test<'a>, bool);

/// The tests that are held against each other. To leave one out, or something of it, makes a statement match more, never
/// less. Whoever denies calls without TLS knows that ECR has none.
fn comparable_tests<'a>(subject: &Subject, statement: &'a Written<'a>) -> Vec<Held<'a>> {
    let modern = has_variables(subject);
    let denies = statement.model.as_ref().is_some_and(|m| m.effect == Effect::Deny);
    let is_plain = |test: &Test| {
        test.does.is_some_and(|does| {
            test.texts().all(|(_, text)| is_readable(does.family, text) && !(modern && text.contains("${")))
        }) && test.texts().count() == test.values().len()
    };
    let of_tls = |test: &Test| denies && test.is_on(&["aws:SecureTransport"]);
    let mut tests: Vec<Held> = statement.tests.iter().filter(|t| !of_tls(t)).map(|t| (t, is_plain(t))).collect();
    let plain: Vec<&Test> = tests.iter().filter(|(_, is_plain)| *is_plain).map(|(t, _)| *t).collect();
    let many: Vec<&str> =
        plain.iter().map(|t| t.member.key.text.as_str()).filter(|name| is_much(&plain, name)).collect();
    for (test, is_plain) in &mut tests {
        *is_plain &= !test.is_on(&many);
    }
    tests.retain(|(test, is_plain)| *is_plain || test.does.is_some_and(Operator::restricts));
    tests
}

/// Tells whether there is more to a key than `access` looks at.
fn is_much(tests: &[&Test], name: &str) -> bool {
    let on = || tests.iter().filter(|t| t.is_on(&[name]));
    let is_wild = |t: &&&Test| {
        matches!(t.family(), Some(Family::TextLike | Family::Arn))
            && t.texts().any(|(_, text)| text.contains(['*', '?']))
    };
    let wild: usize = on().filter(is_wild).map(|t| t.values().len()).sum();
    let lists = is_multivalued(name) || on().any(|t| t.key.is_none() && t.does.is_some_and(|d| d.set.is_some()));
    let any_case = on().any(|t| t.family() == Some(Family::TextIgnoreCase));
    wild > MOST_WILD
        || on().filter(is_wild).count() > 2
        || (lists && on().count() > MOST_LISTS)
        || (any_case && wild > 0)
        || on().map(|t| t.values().len()).sum::<usize>() > MOST_COMPARED
}

/// Tells whether there is anything by which tests could exclude each other or the principals: most statements have no
/// such thing, and need no search.
fn may_exclude(model: &Statement, tests: &[Held]) -> bool {
    let tests: Vec<&Test> = tests.iter().map(|(test, _)| *test).collect();
    let names_all = model.principals.entries.iter().all(|p| p.kind == PrincipalKind::Everyone);
    let tied = |one: &Test, other: &Test| {
        let (one, other) = (&one.member.key.text, &other.member.key.text);
        one.eq_ignore_ascii_case(other) || are_together(one, other)
    };
    let of_caller = |test: &&Test| {
        !names_all
            && is_told(model, test)
            && test.does.is_some_and(|d| d.restricts() || d.family == Family::Null || d.negated)
    };
    tests.iter().any(|t| t.values().is_empty() || t.is_null() || t.is_on(&["aws:SecureTransport"]) || is_of_no_user(t))
        || tests.iter().any(of_caller)
        || tests.iter().enumerate().any(|(at, one)| tests.iter().skip(at + 1).any(|other| tied(one, other)))
}

/// Tells whether a test is for ARNs of callers of which each value spells a service other than IAM, as those of sessions
/// do. Source: IAM user guide, `aws:PrincipalArn`.
fn is_of_no_user(test: &Test) -> bool {
    let is_other = |text: &str| text.split(':').nth(2).is_some_and(|service| !glob(service, "iam"));
    test.is_on(&["aws:PrincipalArn"]) && test.texts().all(|(_, text)| is_other(text))
}

/// Tells whether who calls has a say in what a key holds, or whether it is there.
fn is_told(model: &Statement, test: &Test) -> bool {
    let is_service = |p: &Principal| matches!(p.kind, PrincipalKind::Service(_));
    let (mut people, mut services) = (model.principals.negated, model.principals.negated);
    for principal in &model.principals.entries {
        people |= !is_service(principal);
        services |= is_service(principal);
    }
    is_of_caller(&test.member.key.text.to_ascii_lowercase())
        || test.is_on(&["aws:username", "aws:userid"])
        || test.key.is_none_or(|key| match key.callers {
            Callers::Principals => services,
            Callers::Services => people,
            Callers::All => false,
        })
}

fn as_condition((test, is_plain): Held) -> Condition {
    let key = test.member.key.text.clone();
    if !is_plain {
        return Condition { operator: "Null".to_owned(), key, values: vec!["false".to_owned()] };
    }
    let values = test.texts().map(|(_, text)| text.to_owned()).collect();
    Condition { operator: test.operator.key.text.clone(), key, values }
}

fn words_alone(test: &Test) -> String {
    let (operator, key) = (make_visible(&test.operator.key.text), make_visible(&test.member.key.text));
    if test.values().is_empty() {
        format!("`{operator}` has no values for `{key}`: the statement never matches")
    } else if is_of_no_user(test) && test.texts().any(|(_, text)| text.contains(":assumed-role/")) {
        format!("`{key}` of a session is the ARN of its role, with `:role/`: the statement never matches")
    } else {
        format!("no request meets `{operator}` on `{key}`: the statement never matches")
    }
}

fn not_they(test: &Test) -> String {
    let key = make_visible(&test.member.key.text);
    format!("nobody whom the statement names has such a `{key}`: the statement never matches")
}

fn words_together(earlier: &Test, later: &Test) -> String {
    let name = make_visible(&later.member.key.text);
    if !later.is_on(&[&earlier.member.key.text]) {
        let other = make_visible(&earlier.member.key.text);
        return format!("`{name}` and `{other}` exclude one another here: the statement never matches");
    }
    if earlier.is_null() != later.is_null() {
        return format!("`{name}` must be absent and must have a value: the statement never matches");
    }
    let (one, other) = (make_visible(&earlier.operator.key.text), make_visible(&later.operator.key.text));
    format!("`{name}` has no value that meets both `{one}` and `{other}`: the statement never matches")
}
