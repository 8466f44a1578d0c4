//! Answers for the plain shapes that most statements have, which need no search: a principal without conditions, and no
//! Deny that could speak.

use super::Class;
use super::rules::{AccessRule, Space};
use crate::ecr::Arn;
use crate::model::document::Effect;
use crate::model::principal::PrincipalKind;

/// Returns how far an Allow opens the repository with an action, where that is plain; none: it takes a search.
pub(super) fn plain_class(space: &Space, rule: &AccessRule, action: usize) -> Option<Class> {
    if rule.is_silent {
        return Some(Class::None);
    }
    let denies = |deny: &AccessRule| deny.effect == Effect::Deny && !deny.is_silent && deny.has(0, action);
    let [only] = rule.entry.entries.as_slice() else { return None };
    if !rule.conds.is_empty() || rule.entry.negated || space.rules.iter().any(denies) {
        return None;
    }
    let fresh = &space.fresh;
    let of_account = |id: &str| if id == fresh.owner { Class::OwnAccount } else { Class::CrossAccount };
    let is_here = |arn: &Arn| arn.partition == fresh.partition.as_str();
    match &only.kind {
        PrincipalKind::Everyone if !fresh.account.is_empty() => Some(Class::Public),
        PrincipalKind::Account(id, named) if named.is_none_or(|named| named == fresh.partition) => {
            Some(of_account(id.as_str()))
        }
        PrincipalKind::Role(arn) if is_here(arn) && is_named_plainly(arn, "role/") => Some(of_account(&arn.account)),
        PrincipalKind::User(arn) if is_here(arn) && is_named_plainly(arn, "user/") => Some(of_account(&arn.account)),
        PrincipalKind::Service(name) if is_plain_service(name) => Some(Class::Service),
        _ => None,
    }
}

/// Tells whether an ARN is of an account and a name without a path, as every request may have it.
fn is_named_plainly(arn: &Arn, kind: &str) -> bool {
    let is_name = |name: &str| {
        (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
    };
    arn.account_id().is_some() && arn.resource.strip_prefix(kind).is_some_and(is_name)
}

/// Tells whether a text is the name of a service as every service has one: `name.amazonaws.com`.
fn is_plain_service(name: &str) -> bool {
    name.strip_suffix(".amazonaws.com").is_some_and(|service| {
        (1..=64).contains(&service.len()) && service.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
    })
}
