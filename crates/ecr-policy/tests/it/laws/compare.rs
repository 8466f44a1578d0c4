//! What two policies have to do with one another, whoever is meant left out.

use ecr_policy::ecr::{Grantee, Partition};
use ecr_policy::edit::grant;
use ecr_policy::lint::check;
use ecr_policy::{CheckOptions, Effect, Policy, ReadProblemKind, Statement, Wanted};
use serde_json::{Value, json};

/// A policy; one with an empty list of statements too, which ECR would refuse.
pub(super) fn read(text: &str) -> Policy {
    Policy::read(text).unwrap_or_else(|findings| {
        assert!(
            findings.iter().all(|f| f.kind == ReadProblemKind::NoStatement && f.message.contains("empty")),
            "{text}: {findings:?}"
        );
        let one = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*"}]}"#;
        Policy { statements: Vec::new(), ..Policy::read(one).unwrap() }
    })
}

/// A policy with more statements; none is one without any.
pub(super) fn with(policy: Option<&Policy>, more: &[Statement]) -> Policy {
    let mut policy = policy.cloned().unwrap_or_else(|| read(r#"{"Statement":[]}"#));
    policy.statements.extend_from_slice(more);
    policy
}

/// The statement that is wanted, as an Allow or as a Deny of just that.
pub(super) fn alone(wanted: &Wanted, effect: Effect) -> Vec<Statement> {
    let mut statements = read(&grant(None, std::slice::from_ref(wanted)).unwrap().text).statements;
    for statement in &mut statements {
        statement.effect = effect;
    }
    statements
}

pub(super) fn deny(who: &Value, condition: &Value) -> Value {
    json!({ "Effect": "Deny", "Principal": who, "Action": "*", "Condition": condition })
}

pub(super) fn statements(values: &[Value]) -> Vec<Statement> {
    read(&json!({ "Version": "2012-10-17", "Statement": values }).to_string()).statements
}

/// Deny statements for a grantee and for services that act for it: what they take away, it has.
pub(super) fn reaching(grantee: &Grantee) -> Vec<Statement> {
    let Grantee::Account { id, .. } = grantee else { return without(grantee) };
    // Both keys tell of one resource.
    let source = json!({
        "StringEquals": { "aws:SourceAccount": id.as_str() },
        "ArnLike": { "aws:SourceArn": format!("arn:*:*:*:{id}:*") },
    });
    let roots = Partition::ALL.map(|p| format!("arn:{p}:iam::{id}:root"));
    statements(&[deny(&json!({ "AWS": roots }), &json!({})), deny(&json!("*"), &source)])
}

/// Deny statements that take everything from a grantee, from what belongs to it, and from services that act for it.
pub(super) fn without(grantee: &Grantee) -> Vec<Statement> {
    let star = |operator: &str, key: &str, values: Value| deny(&json!("*"), &json!({ operator: { key: values } }));
    let taken: Vec<Value> = match grantee {
        Grantee::Account { id, .. } => vec![
            deny(&json!({ "AWS": Partition::ALL.map(|p| format!("arn:{p}:iam::{id}:root")) }), &json!({})),
            star("StringEquals", "aws:SourceAccount", json!(id.as_str())),
            star("ArnLike", "aws:SourceArn", json!(format!("arn:*:*:*:{id}:*"))),
        ],
        Grantee::Organization(id) => ["Principal", "Source"]
            .into_iter()
            .flat_map(|side| {
                let paths = json!([format!("{id}/*")]);
                [
                    star("StringEquals", &format!("aws:{side}OrgID"), json!(id)),
                    star("ForAnyValue:StringLike", &format!("aws:{side}OrgPaths"), paths),
                ]
            })
            .collect(),
        Grantee::OrgUnit(path) => ["aws:PrincipalOrgPaths", "aws:SourceOrgPaths"]
            .map(|key| star("ForAnyValue:StringLike", key, json!([path, format!("{path}*")])))
            .into(),
        Grantee::Service(name) => vec![
            deny(&json!({ "Service": name }), &json!({})),
            star("StringEquals", "aws:PrincipalServiceName", json!(name)),
        ],
        Grantee::Everyone => vec![deny(&json!("*"), &json!({}))],
        arn => vec![deny(&json!({ "AWS": arn.to_string() }), &json!({}))],
    };
    statements(&taken)
}

/// Whether the characters of a text stand in another one, in order.
pub(super) fn is_within(part: &str, whole: &str) -> bool {
    let mut left = whole.chars();
    part.chars().all(|c| left.any(|d| d == c))
}

/// How often each check stops a save.
pub(super) fn stops(text: &str) -> Vec<&'static str> {
    let mut ids: Vec<&str> = check(text, &CheckOptions::default()).iter().filter(|f| f.stops).map(|f| f.id).collect();
    ids.sort_unstable();
    ids
}

/// Whether nothing stops a save that did not stop it before, check by check.
pub(super) fn stops_no_more(before: &[&'static str], after: &[&'static str]) -> bool {
    let count = |ids: &[&str], id: &str| ids.iter().filter(|i| **i == id).count();
    after.iter().all(|id| count(after, id) <= count(before, id))
}
