//! Finds the parties that a statement reaches, once its conditions are read: `*` with an organization's id is an
//! organization.

use super::Who;
use crate::condition::{Family, Operator};
use crate::ecr::{AccountId, Arn};
use crate::model::document::Condition;
use crate::model::principal::{PrincipalKind, is_session_of};

/// The operator of the condition that stands for `NotPrincipal`: everyone but the values.
pub(crate) const EXCEPT: &str = "NotPrincipal";

pub(super) fn who(kind: &PrincipalKind) -> Who {
    match kind {
        PrincipalKind::Everyone => Who::Everyone,
        PrincipalKind::Account(id, _) => Who::Account(id.clone()),
        PrincipalKind::Role(arn) => Who::Role(arn.clone()),
        PrincipalKind::User(arn) => Who::User(arn.clone()),
        PrincipalKind::Session(arn) => Who::Session(arn.clone()),
        PrincipalKind::Service(name) => Who::Service(name.clone()),
        PrincipalKind::Orphan(id) => Who::Orphan(id.clone()),
        PrincipalKind::Federated(text) => Who::Other(format!("federated identity {text}")),
        PrincipalKind::Canonical(text) => Who::Other(format!("canonical user {text}")),
        PrincipalKind::Malformed(text) => Who::Other(format!("`{text}`, which is no principal")),
    }
}

/// Narrows `*` by the conditions that only chosen parties can meet; each comes with the conditions that remain to be said,
/// and with all of them.
pub(super) fn narrow(conditions: &[Condition]) -> Vec<(Who, Vec<Condition>, Vec<Condition>)> {
    let keys = [
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principalorgpaths",
        "aws:principalorgid",
        "aws:principalservicename",
    ];
    // The conditions with only one value of one of them.
    let only = |at: usize, value: &String| {
        let mut all = conditions.to_vec();
        if let Some(condition) = all.get_mut(at) {
            condition.values = vec![value.clone()];
        }
        all
    };
    for key in keys {
        for (at, condition) in conditions.iter().enumerate() {
            if !condition.key.eq_ignore_ascii_case(key) {
                continue;
            }
            let Some(parties) = parties(condition, key) else { continue };
            let rest: Vec<Condition> =
                conditions.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, c)| c.clone()).collect();
            let one = |(who, value): (Who, &String)| (who, rest.clone(), only(at, value));
            return parties.into_iter().zip(&condition.values).map(one).collect();
        }
    }
    for (at, condition) in conditions.iter().enumerate() {
        if let Some(who) = any_service(condition) {
            return vec![(who, conditions.to_vec(), conditions.to_vec())];
        }
        if let Some(accounts) = accounts_of_pattern(condition) {
            let one = |(id, value): (AccountId, &String)| {
                let all = only(at, value);
                (Who::Account(id), all.clone(), all)
            };
            return accounts.into_iter().zip(&condition.values).map(one).collect();
        }
    }
    vec![(Who::Everyone, conditions.to_vec(), conditions.to_vec())]
}

/// The parties that a condition names exactly, one a value; `None` where any value is open.
fn parties(condition: &Condition, key: &str) -> Option<Vec<Who>> {
    let operator = Operator::parse(&condition.operator).filter(|o| o.restricts())?;
    if condition.values.is_empty() || condition.values.iter().any(|v| v.contains("${")) {
        return None;
    }
    let like = matches!(operator.family, Family::TextLike | Family::Arn);
    if !like && !matches!(operator.family, Family::Text) {
        return None;
    }
    let wild = |text: &str| like && text.contains(['*', '?']);
    let party = |value: &String| match key {
        "aws:principalorgid" => (value.starts_with("o-") && !wild(value)).then(|| Who::Organization(value.clone())),
        "aws:principalorgpaths" => {
            let path = if like { value.trim_end_matches('*') } else { value };
            let path = path.trim_end_matches('/');
            if !path.starts_with("o-") || wild(path) {
                return None;
            }
            // `o-x*` would also fit other organizations; a whole path ends with a slash.
            let whole = value.starts_with(&format!("{path}/"));
            whole.then(|| {
                if path.contains('/') { Who::OrgUnit(format!("{path}/")) } else { Who::Organization(path.to_owned()) }
            })
        }
        "aws:principalaccount" => {
            let digits = value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| AccountId::parse(value).ok()).flatten().map(Who::Account)
        }
        "aws:principalarn" => match PrincipalKind::classify_aws(value) {
            PrincipalKind::Role(arn) => Some(Who::Role(arn)),
            PrincipalKind::User(arn) => Some(Who::User(arn)),
            _ => None,
        },
        _ => (value.contains('.') && !wild(value)).then(|| Who::Service(value.clone())),
    };
    condition.values.iter().map(party).collect()
}

/// The accounts of ARN patterns that leave the account field exact. A `*` before it counts only where ARNs are compared
/// field by field: in a plain text it fits colons too, and the path of anybody's role may hold `::111111111111:`.
fn accounts_of_pattern(condition: &Condition) -> Option<Vec<AccountId>> {
    let operator = Operator::parse(&condition.operator).filter(|o| o.restricts())?;
    if !condition.key.eq_ignore_ascii_case("aws:PrincipalArn") || condition.values.is_empty() {
        return None;
    }
    let account = |value: &String| AccountId::parse(&exact_account(value, Some(operator.family))?).ok();
    condition.values.iter().map(account).collect()
}

/// Conditions that only calls of AWS services meet, on behalf of named resources.
fn any_service(condition: &Condition) -> Option<Who> {
    let operator = Operator::parse(&condition.operator).filter(|o| o.restricts())?;
    let key = condition.key.to_ascii_lowercase();
    let exact = |v: &String| !v.contains("${") && !v.starts_with(['*', '?']);
    let restricts = match key.as_str() {
        "aws:sourceaccount" => condition.values.iter().all(|v| exact(v) && AccountId::parse(v).is_ok()),
        "aws:sourcearn" => condition.values.iter().all(|v| Arn::parse(v).is_some_and(|a| a.account_id().is_some())),
        "aws:sourceorgid" => condition.values.iter().all(|v| exact(v) && !v.contains('*')),
        "aws:principalisawsservice" => operator.family == Family::Bool && condition.values.iter().all(|v| v == "true"),
        _ => false,
    };
    (restricts && !condition.values.is_empty()).then(|| Who::Other("any AWS service".to_owned()))
}

/// Tells whether everyone in `b` is in `a`, as far as the two alone tell.
pub(super) fn covers(a: &Who, b: &Who) -> bool {
    match (a, b) {
        (Who::Everyone, _) => true,
        (Who::Organization(o), Who::OrgUnit(path)) => path.split('/').next() == Some(o),
        (Who::OrgUnit(a), Who::OrgUnit(b)) => b.starts_with(a.as_str()),
        _ => a == b,
    }
}

/// Tells whether a Deny on `a` reaches everyone in `b`: an account in a Deny stands for everybody in it.
pub(super) fn denies(a: &Who, b: &Who) -> bool {
    match (a, b) {
        (Who::Account(id), Who::Role(arn) | Who::User(arn) | Who::Session(arn)) => arn.account == id.as_str(),
        (Who::Role(role), Who::Session(session)) => is_session_of(session, role),
        _ => covers(a, b),
    }
}

/// The account of an ARN pattern, where the pattern leaves no other: in a plain text a `*` before it runs over colons.
fn exact_account(value: &str, family: Option<Family>) -> Option<String> {
    let fields: Vec<&str> = value.splitn(6, ':').collect();
    // Any field may be a pattern, `arn` itself too.
    let ([before @ .., account, _], 6) = (fields.as_slice(), fields.len()) else { return None };
    let open = before.iter().any(|field| field.contains('*'));
    let is_id = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    (is_id && (family != Some(Family::TextLike) || !open)).then(|| (*account).to_owned())
}
