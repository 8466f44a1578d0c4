//! What one grantee reaches in a repository: by its own name, by what it belongs to, and by its members.

use super::analysis::Analysis;
use super::grantee_access::GranteeAccess;
use super::known::source_accounts;
use super::right::Right;
use crate::ecr::{Arn, Grantee, RepositoryRef};
use crate::policy::evaluate::Request;
use crate::policy::{Answer, IdentityPolicies, Policy, Who, evaluate};

/// The way by which a grantee has an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReachWay {
    /// The policy names it.
    Itself,
    /// The policy names somebody who belongs to it.
    Member,
    /// The policy names the account that it belongs to, whose own policies decide on.
    Account,
    /// The policy names an organization: it counts only if the grantee is in it.
    Organization,
    /// The policy names a service that calls on its behalf.
    Service,
    /// The policy names everyone.
    Everyone,
}

impl ReachWay {
    /// Returns the name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::Member => "member",
            Self::Account => "account",
            Self::Organization => "organization",
            Self::Service => "service",
            Self::Everyone => "everyone",
        }
    }

    /// Says what must hold besides.
    pub fn words(self) -> &'static str {
        match self {
            Self::Itself => "by its own name",
            Self::Member => "through a member",
            Self::Account => "through its account",
            Self::Organization => "if it is in the organization",
            Self::Service => "through a service on its behalf",
            Self::Everyone => "like everyone",
        }
    }
}

/// One access of the grantee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GranteeReach {
    /// The way.
    pub way: ReachWay,
    /// The access; its actions are those that no Deny without conditions takes from this grantee.
    pub access: GranteeAccess,
}

/// Finds what a grantee reaches in a repository. `id`: its text, for what is no grantee but may stand in a policy, such as
/// the id of a deleted role.
pub fn find_reach(
    repository: &RepositoryRef,
    analysis: &Analysis,
    id: &str,
    grantee: Option<&Grantee>,
) -> Vec<GranteeReach> {
    let ways = analysis.grantees.iter().filter_map(|access| {
        let way = way_to(access, id, grantee)?;
        Some(GranteeReach { way, access: access.clone() })
    });
    let caller = grantee.and_then(|grantee| caller_of(grantee, repository));
    let left = ways.filter_map(|mut reach| {
        let is_wider = matches!(reach.way, ReachWay::Account | ReachWay::Everyone | ReachWay::Organization);
        if let Some(caller) = caller.as_ref().filter(|_| is_wider) {
            let is_denied = |name: &String| is_denied(&analysis.decided, caller, name, repository);
            reach.access.actions = reach.access.actions.iter().filter(|name| !is_denied(name)).cloned().collect();
            reach.access.right = Right::of_actions(reach.access.actions.iter().map(String::as_str));
        }
        (reach.access.who.is_deleted() || !reach.access.actions.is_empty()).then_some(reach)
    });
    let mut found: Vec<GranteeReach> = left.collect();
    found.sort_by_key(|reach| reach.way);
    found
}

fn way_to(access: &GranteeAccess, id: &str, grantee: Option<&Grantee>) -> Option<ReachWay> {
    let who = &access.who;
    let Some(grantee) = grantee else { return (who.id() == id).then_some(ReachWay::Itself) };
    let is_same = match (who, grantee) {
        (Who::Everyone, Grantee::Everyone) => true,
        (Who::Organization(a), Grantee::Organization(b)) | (Who::Service(a), Grantee::Service(b)) => a == b,
        (Who::OrgUnit(a), Grantee::OrgUnit(b)) => a.trim_end_matches('*') == b.trim_end_matches('*'),
        (Who::Account(a), Grantee::Account { id: b, .. }) => a == b,
        (Who::Role(a), Grantee::Role(b))
        | (Who::User(a), Grantee::User(b))
        | (Who::Session(a), Grantee::Session(b)) => a == b,
        _ => false,
    };
    let member = |way: ReachWay, holds: bool| holds.then_some(way);
    if is_same {
        return Some(ReachWay::Itself);
    }
    match (who, grantee) {
        (Who::Everyone, _) => Some(ReachWay::Everyone),
        (Who::OrgUnit(path), Grantee::Organization(id)) => {
            member(ReachWay::Member, path.split('/').next() == Some(id.as_str()))
        }
        (Who::OrgUnit(path), Grantee::OrgUnit(around)) => {
            member(ReachWay::Member, path.starts_with(around.trim_end_matches('*')))
        }
        (
            Who::Organization(_) | Who::OrgUnit(_),
            Grantee::Account { .. } | Grantee::Role(_) | Grantee::User(_) | Grantee::Session(_),
        ) => Some(ReachWay::Organization),
        (Who::Organization(id), Grantee::OrgUnit(path)) => {
            member(ReachWay::Organization, path.split('/').next() == Some(id.as_str()))
        }
        (Who::Account(id), _) => member(ReachWay::Account, grantee.account().as_ref() == Some(id)),
        (Who::Role(_) | Who::User(_) | Who::Session(_), Grantee::Account { id, .. }) => {
            member(ReachWay::Member, who.account().as_ref() == Some(id))
        }
        (Who::Role(role), Grantee::Session(_)) => {
            let of = grantee.role_of_session();
            member(ReachWay::Account, of.is_some_and(|of| has_same_name(&of, role)))
        }
        (Who::Session(_), Grantee::Role(role)) => {
            let of = Grantee::parse(&who.id()).ok().and_then(|session| session.role_of_session());
            member(ReachWay::Member, of.is_some_and(|of| has_same_name(&of, role)))
        }
        (Who::Service(_), Grantee::Account { id, .. }) => {
            member(ReachWay::Service, access.conditions.iter().flat_map(source_accounts).any(|of| of == *id))
        }
        _ => None,
    }
}

/// Tells whether two ARNs are of roles of one account and name: a session does not tell its role's path.
fn has_same_name(a: &Arn, b: &Arn) -> bool {
    a.account == b.account && a.resource.rsplit('/').next() == b.resource.rsplit('/').next()
}

/// Returns a caller of the grantee, for a question to the evaluator.
fn caller_of(grantee: &Grantee, repository: &RepositoryRef) -> Option<String> {
    match grantee {
        Grantee::Account { id, partition } => {
            let partition = partition.unwrap_or_else(|| repository.region.partition());
            Some(format!("arn:{partition}:iam::{id}:root"))
        }
        Grantee::Role(arn) | Grantee::User(arn) | Grantee::Session(arn) => Some(arn.to_string()),
        _ => None,
    }
}

/// Tells whether a Deny without conditions takes an action from a caller.
fn is_denied(decided: &Policy, caller: &str, action: &str, repository: &RepositoryRef) -> bool {
    let arn = repository.arn().to_string();
    let request = Request::new(caller, &format!("ecr:{action}"), &arn, IdentityPolicies::All, Vec::new());
    request.is_ok_and(|request| {
        let decision = evaluate(decided, &request);
        let is_plain = |number: &usize| {
            let statement = number.checked_sub(1).and_then(|index| decided.statements.get(index));
            statement.is_some_and(|statement| statement.conditions.is_empty())
        };
        decision.answer == Answer::ExplicitDeny && decision.deny.iter().any(is_plain)
    })
}
