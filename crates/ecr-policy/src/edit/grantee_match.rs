//! Finds the entries and condition values of a statement that name a grantee, and the statements that a revoke leaves.

use super::RevokeOptions;
use crate::access::{Who, claims};
use crate::condition::{Family, Operator};
use crate::ecr::{AccountId, Arn, Grantee};
use crate::model::document::{Condition, Statement};
use crate::model::principal::PrincipalKind;
use crate::model::principal::is_session_of;

/// The parts of a statement that name a grantee who is to go, by number in document order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct MatchedParts {
    /// Entries of the principal element.
    pub entries: Vec<usize>,
    /// Conditions and the values in them.
    pub values: Vec<(usize, Vec<usize>)>,
    /// Tells whether nothing of the statement is left then.
    pub all: bool,
}

impl MatchedParts {
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.values.is_empty()
    }
}

/// Returns what of a statement without `NotPrincipal` names one of the grantees. Only what can go without taking from
/// anybody else is in it.
pub(super) fn find_grantees(statement: &Statement, grantees: &[Grantee], options: RevokeOptions) -> MatchedParts {
    let entries = &statement.principals.entries;
    let is_named = |kind: &PrincipalKind| grantees.iter().any(|g| is_entry(kind, g, options));
    let everyone = grantees.contains(&Grantee::Everyone) && is_public(statement);
    let goes = |kind: &PrincipalKind| is_named(kind) || (everyone && *kind == PrincipalKind::Everyone);
    let numbers = |goes: &dyn Fn(&PrincipalKind) -> bool| -> Vec<usize> {
        entries.iter().enumerate().filter(|(_, p)| goes(&p.kind)).map(|(i, _)| i).collect()
    };
    let named = numbers(&goes);
    if named.len() == entries.len() {
        return MatchedParts { all: !named.is_empty(), entries: named, values: Vec::new() };
    }
    let rest: Vec<&PrincipalKind> = entries.iter().map(|p| &p.kind).filter(|kind| !goes(kind)).collect();
    let mut values = Vec::new();
    for (at, condition) in statement.conditions.iter().enumerate() {
        let Some(key) =
            PartyKey::of_condition(condition).filter(|key| !is_narrowed(statement, *key, grantees, options))
        else {
            continue;
        };
        let only_open = rest.iter().all(|kind| key.decides_party(kind) || matches!(kind, PrincipalKind::Service(_)));
        let is_mine = |v: &String| grantees.iter().any(|g| is_value(key, v, g, options));
        let mine: Vec<usize> =
            condition.values.iter().enumerate().filter(|(_, v)| is_mine(v)).map(|(i, _)| i).collect();
        if mine.is_empty() || !(key.of_source() || only_open) && mine.len() < condition.values.len() {
            continue;
        }
        if mine.len() < condition.values.len() {
            values.push((at, mine));
        } else if only_open {
            return MatchedParts { entries: named, values: vec![(at, mine)], all: true };
        } else {
            // The condition lets nobody else through by what it decides about; parties by name stay as they are.
            return MatchedParts {
                entries: numbers(&|kind| goes(kind) || key.decides_party(kind)),
                ..MatchedParts::default()
            };
        }
    }
    MatchedParts { entries: named, values, all: false }
}

/// Tells whether a statement with `*` really lets everyone in, or only those whom a condition names.
pub(super) fn is_public(statement: &Statement) -> bool {
    let claims = claims(statement, 0);
    claims.is_empty() || claims.iter().any(|claim| claim.who == Who::Everyone)
}

/// Tells whether an entry is this grantee, in any spelling; on request also what belongs to it.
pub(super) fn is_entry(kind: &PrincipalKind, grantee: &Grantee, options: RevokeOptions) -> bool {
    match (kind, grantee) {
        (PrincipalKind::Account(id, p), Grantee::Account { id: other, partition: q }) => {
            id == other && (p.is_none() || q.is_none() || p == q)
        }
        (
            PrincipalKind::Role(arn) | PrincipalKind::User(arn) | PrincipalKind::Session(arn),
            Grantee::Account { id, partition },
        ) => {
            options.and_principals
                && arn.account == id.as_str()
                && partition.is_none_or(|p| arn.known_partition() == Some(p))
        }
        (PrincipalKind::Session(session), Grantee::Role(role)) => {
            options.and_principals && is_session_of(session, role)
        }
        (PrincipalKind::Role(a), Grantee::Role(b))
        | (PrincipalKind::User(a), Grantee::User(b))
        | (PrincipalKind::Session(a), Grantee::Session(b)) => a == b,
        (PrincipalKind::Service(a), Grantee::Service(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    }
}

/// The condition keys that name parties, the narrowest of each side first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PartyKey {
    PrincipalArn,
    PrincipalAccount,
    PrincipalOrgPaths,
    PrincipalOrgId,
    PrincipalServiceName,
    SourceArn,
    SourceAccount,
    SourceOrgPaths,
    SourceOrgId,
}

impl PartyKey {
    /// The key of a condition that turns away whoever has another value.
    pub fn of_condition(condition: &Condition) -> Option<Self> {
        let operator = Operator::parse(&condition.operator)?;
        let compares =
            matches!(operator.family, Family::Text | Family::TextIgnoreCase | Family::TextLike | Family::Arn);
        (operator.restricts() && compares).then(|| Self::from_name(&condition.key)).flatten()
    }

    pub fn from_name(key: &str) -> Option<Self> {
        Some(match key.to_ascii_lowercase().as_str() {
            "aws:principalarn" => Self::PrincipalArn,
            "aws:principalaccount" => Self::PrincipalAccount,
            "aws:principalorgpaths" => Self::PrincipalOrgPaths,
            "aws:principalorgid" => Self::PrincipalOrgId,
            "aws:principalservicename" => Self::PrincipalServiceName,
            "aws:sourcearn" => Self::SourceArn,
            "aws:sourceaccount" => Self::SourceAccount,
            "aws:sourceorgpaths" => Self::SourceOrgPaths,
            "aws:sourceorgid" => Self::SourceOrgId,
            _ => return None,
        })
    }

    /// Tells whether a condition on it says whom a principal means: `*`, or an account that is held to the ARN of its
    /// role.
    fn decides_party(self, kind: &PrincipalKind) -> bool {
        match kind {
            PrincipalKind::Everyone => true,
            PrincipalKind::Service(_) => self.of_source(),
            PrincipalKind::Account(..) => self == Self::PrincipalArn,
            _ => false,
        }
    }

    /// Tells whether only calls of services on behalf of a resource have it.
    pub fn of_source(self) -> bool {
        self >= Self::SourceArn
    }
}

/// Tells whether a value names this grantee and nobody else.
pub(super) fn is_value(key: PartyKey, value: &str, grantee: &Grantee, options: RevokeOptions) -> bool {
    let members = options.and_principals;
    let path = || value.trim_end_matches('*');
    match (key, grantee) {
        (PartyKey::SourceArn, Grantee::Account { id, .. }) => account_of(value).is_some_and(|a| a == *id),
        (PartyKey::SourceAccount | PartyKey::PrincipalAccount, Grantee::Account { id, .. }) => value == id.as_str(),
        // A `*` in an earlier field could fit colons, and so other accounts.
        (PartyKey::PrincipalArn, Grantee::Account { id, .. }) => {
            let exact = |arn: &Arn| ![&arn.partition, &arn.service, &arn.region].iter().any(|f| f.contains(['*', '?']));
            let is_whole = |arn: &Arn| arn.resource == "*" && arn.service == "iam";
            Arn::parse(value)
                .is_some_and(|arn| arn.account == id.as_str() && exact(&arn) && (members || is_whole(&arn)))
        }
        (PartyKey::PrincipalArn, Grantee::Role(arn) | Grantee::User(arn)) => value == arn.to_string(),
        (PartyKey::PrincipalOrgId | PartyKey::SourceOrgId, Grantee::Organization(id)) => value == id,
        (PartyKey::PrincipalOrgPaths | PartyKey::SourceOrgPaths, Grantee::Organization(id)) => {
            path().strip_prefix(id.as_str()).is_some_and(|rest| rest == "/" || (members && rest.starts_with('/')))
        }
        (PartyKey::PrincipalOrgPaths | PartyKey::SourceOrgPaths, Grantee::OrgUnit(unit)) => {
            path() == unit || (members && path().starts_with(unit.as_str()))
        }
        (PartyKey::PrincipalServiceName, Grantee::Service(name)) => value == name,
        _ => false,
    }
}

fn account_of(arn: &str) -> Option<AccountId> {
    Arn::parse(arn)?.account_id()
}

/// Tells whether narrower parties are named beside this key, so that the statement is theirs: account 111111111111, if
/// it is in organization o-x, is not a grant to o-x.
fn is_narrowed(statement: &Statement, key: PartyKey, grantees: &[Grantee], options: RevokeOptions) -> bool {
    statement.conditions.iter().any(|condition| {
        let narrower = PartyKey::of_condition(condition).filter(|k| k.of_source() == key.of_source() && *k < key);
        let Some(narrower) = narrower.filter(|k| !matches!(k, PartyKey::SourceArn) || key != PartyKey::SourceAccount)
        else {
            return false;
        };
        let is_exact = |value: &String| match narrower {
            PartyKey::PrincipalArn => {
                matches!(PrincipalKind::classify_aws(value), PrincipalKind::Role(_) | PrincipalKind::User(_))
            }
            PartyKey::SourceArn => account_of(value).is_some(),
            PartyKey::PrincipalOrgPaths | PartyKey::SourceOrgPaths => {
                !value.trim_end_matches('*').contains(['*', '?', '$'])
            }
            _ => !value.contains(['*', '?', '$']),
        };
        let is_mine = |value: &String| grantees.iter().any(|g| is_value(narrower, value, g, options));
        !condition.values.is_empty() && condition.values.iter().all(is_exact) && !condition.values.iter().all(is_mine)
    })
}
