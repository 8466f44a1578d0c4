//! Finds what a revoke leaves: statements that still reach a grantee, and those that name it and must stay.

use super::grantee_match::{self, PartyKey};
use super::revoke::{RevokeOptions, is_spared, statement_sid};
use crate::access::{Claim, EXCEPT, Who, claims};
use crate::condition::{Known, Operator, Truth, holds};
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Grantee};
use crate::evaluate::known_of_service;
use crate::model::document::{Condition, Effect, Policy, Statement, statement_words};
use crate::model::principal::is_session_of;

/// Whatever names a grantee or belongs to it.
const EVERYTHING: RevokeOptions = RevokeOptions { and_principals: true, and_lambdas_own: true };

/// The access table's words for services that no principal names.
const ANY_SERVICE: &str = "any AWS service";

/// One statement that still reaches a grantee after a revoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Still {
    /// Index of the statement.
    pub statement: usize,
    /// Its Sid.
    pub sid: Option<String>,
    /// The grantee that is still reached.
    pub grantee: Grantee,
    /// By what.
    pub by: Reach,
    /// Tells whether further conditions must hold.
    pub conditional: bool,
}

/// By what a statement reaches somebody whom it does not name as a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// `*`, perhaps under conditions.
    Everyone,
    /// `NotPrincipal`: everyone whom it does not name.
    NotPrincipal,
    /// An organization (`o-...`) or unit (`o-.../...`) that it may be in.
    Organization(String),
    /// Any service that acts for somebody's resources.
    AnyService,
    /// The account that it belongs to.
    Account(AccountId),
    /// The role of a session.
    Role(String),
    /// A part of it: a role, user or session of an account, a unit of an organization.
    Part(String),
    /// A condition that names it, by its key.
    Condition(String),
    /// A service on behalf of its resources.
    Service(String),
}

impl Still {
    /// Returns what still reaches whom, in one clause.
    pub fn words(&self) -> String {
        let mut from = statement_words(self.statement, self.sid.as_deref());
        if self.conditional {
            from.push_str(", under its conditions,");
        }
        let who = self.grantee.words();
        match &self.by {
            Reach::Everyone => format!("{from} lets everyone in, and so {who}"),
            Reach::NotPrincipal => format!("{from} lets in whoever it does not name, and so perhaps {who}"),
            Reach::Organization(id) => format!("{from} lets {} in, and {who} may be in it", make_visible(id)),
            Reach::AnyService => format!("{from} lets any AWS service in, and so {who}"),
            Reach::Account(id) => format!("{from} lets the whole account {id} in, and so {who}"),
            Reach::Role(arn) => format!("{from} lets {} in, and so {who}", make_visible(arn)),
            Reach::Part(text) => format!("{from} lets {} in, which is part of {who}", make_visible(text)),
            Reach::Condition(key) => format!("{from} lets {who} in by its condition on {}", make_visible(key)),
            Reach::Service(name) => format!("{from} lets {} in on behalf of {who}", make_visible(name)),
        }
    }
}

/// One statement that names a grantee and was left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Index of the statement.
    pub statement: usize,
    /// Its Sid.
    pub sid: Option<String>,
    /// The reason why it was left.
    pub why: Why,
}

/// The reasons to leave a statement as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// AWS Lambda wrote it for functions of the owner's account, and would write it again.
    LambdasOwn,
    /// It denies the grantee: without it the grantee could do more.
    Denies,
    /// It denies everyone but the grantee: without it the grantee could do less, others nothing more.
    Spares,
}

impl Left {
    /// Returns what was left and why, in one clause.
    pub fn words(&self) -> String {
        let from = statement_words(self.statement, self.sid.as_deref());
        match self.why {
            Why::LambdasOwn => format!("{from} was left: AWS Lambda keeps it for its functions"),
            Why::Denies => format!("{from} was left: it denies, and without it the grantee could do more"),
            Why::Spares => format!("{from} was left: it denies others and only spares the grantee"),
        }
    }
}

/// Tells whether a Deny, a `NotPrincipal` or Lambda's own statement names a grantee.
pub(super) fn left_statements(statements: &[Statement], grantees: &[Grantee], options: RevokeOptions) -> Vec<Left> {
    let why = |statement: &Statement| {
        if statement.effect == Effect::Allow {
            let names_it = || !grantee_match::find_grantees(statement, grantees, EVERYTHING).is_empty();
            let own = is_spared(statement, options) && !statement.principals.negated;
            return (own && names_it()).then_some(Why::LambdasOwn);
        }
        let by_entry = statement
            .principals
            .entries
            .iter()
            .any(|p| grantees.iter().any(|g| grantee_match::is_entry(&p.kind, g, EVERYTHING)));
        let by_condition = |negated: bool| {
            statement.conditions.iter().any(|c| {
                let Some(key) = PartyKey::from_name(&c.key) else { return false };
                Operator::parse(&c.operator).is_some_and(|o| o.negated == negated)
                    && c.values.iter().any(|v| grantees.iter().any(|g| grantee_match::is_value(key, v, g, EVERYTHING)))
            })
        };
        if (statement.principals.negated && by_entry) || by_condition(true) {
            Some(Why::Spares)
        } else {
            (by_entry || by_condition(false)).then_some(Why::Denies)
        }
    };
    let numbered = statements.iter().enumerate();
    numbered.filter_map(|(at, s)| Some(Left { statement: at, sid: statement_sid(s), why: why(s)? })).collect()
}

/// Returns what the Allow statements still give to grantees.
pub(super) fn still_reached(policy: &Policy, grantees: &[Grantee], options: RevokeOptions) -> Vec<Still> {
    let mut found: Vec<Still> = Vec::new();
    for (at, statement) in policy.statements.iter().enumerate() {
        // Lambda's own is told as left where it names one of them.
        let is_left = is_spared(statement, options) && !statement.principals.negated;
        if statement.effect == Effect::Deny
            || (is_left && !grantee_match::find_grantees(statement, grantees, EVERYTHING).is_empty())
        {
            continue;
        }
        for grantee in grantees {
            for claim in claims(statement, at) {
                let Some(by) = reach_of(&claim, statement, grantee) else { continue };
                let more = claim.conditions.iter().any(|c| c.operator != EXCEPT);
                let conditional = more && !matches!(by, Reach::Condition(_));
                let one =
                    Still { statement: at, sid: statement_sid(statement), grantee: grantee.clone(), by, conditional };
                if !found.contains(&one) {
                    found.push(one);
                }
            }
        }
    }
    found
}

/// Returns how a claim reaches a grantee, as far as can be known here.
fn reach_of(claim: &Claim, statement: &Statement, grantee: &Grantee) -> Option<Reach> {
    let account = grantee.account();
    if let (Some(there), Grantee::Account { partition: Some(here), .. }) = (claim.partition, grantee)
        && there != *here
    {
        return None;
    }
    let by_name = statement.principals.entries.iter().all(|p| p.text != "*");
    let may = |lookup: &dyn Fn(&str) -> Known| {
        let mut conditions = claim.conditions.iter().filter(|c| c.operator != EXCEPT);
        conditions.all(|c| holds(c, claim.variables, lookup) != Truth::No)
    };
    // A service that acts for the account's resources.
    let served = || {
        matches!(grantee, Grantee::Account { .. })
            && on_behalf(statement, grantee)
            && may(&|key| known_on_behalf(key, account.as_ref()))
    };
    let by_any_service = || (claim.who == Who::Everyone && served()).then(|| Reach::Service(ANY_SERVICE.to_owned()));
    let by_service =
        matches!(&claim.who, Who::Service(_)) || matches!(&claim.who, Who::Other(words) if words == ANY_SERVICE);
    if by_service && account.is_some() {
        return served().then(|| Reach::Service(claim.who.words()));
    }
    if !may(&|key| known_value(key, grantee)) {
        return by_any_service();
    }
    let key = || {
        let names_it = |c: &&Condition| {
            PartyKey::from_name(&c.key)
                .is_some_and(|key| c.values.iter().any(|v| grantee_match::is_value(key, v, grantee, EVERYTHING)))
        };
        statement.conditions.iter().find(names_it).map_or_else(|| "aws:PrincipalArn".to_owned(), |c| c.key.clone())
    };
    match (&claim.who, grantee) {
        (Who::Everyone, _) if statement.principals.negated => {
            // Naming an account alone might not spare whoever is in it. Source: IAM user guide, NotPrincipal.
            let is_it = |kind| grantee_match::is_entry(kind, grantee, RevokeOptions::default());
            let spared =
                matches!(grantee, Grantee::Service(_)) && statement.principals.entries.iter().any(|p| is_it(&p.kind));
            (!spared).then_some(Reach::NotPrincipal)
        }
        (Who::Everyone, _) => Some(Reach::Everyone),
        (Who::Organization(id) | Who::OrgUnit(id), _) if account.is_some() => Some(Reach::Organization(id.clone())),
        (Who::Organization(a), Grantee::Organization(b)) => (a == b).then(|| Reach::Condition(key())),
        (Who::Organization(id), Grantee::OrgUnit(unit)) => {
            (unit.split('/').next() == Some(id)).then(|| Reach::Organization(id.clone()))
        }
        (Who::OrgUnit(path), Grantee::Organization(id)) => {
            (path.split('/').next() == Some(id)).then(|| Reach::Part(path.clone()))
        }
        (Who::OrgUnit(a), Grantee::OrgUnit(b)) if a == b => Some(Reach::Condition(key())),
        (Who::OrgUnit(a), Grantee::OrgUnit(b)) if b.starts_with(a) => Some(Reach::Organization(a.clone())),
        (Who::OrgUnit(a), Grantee::OrgUnit(b)) => a.starts_with(b).then(|| Reach::Part(a.clone())),
        (Who::Account(id), _) if account.as_ref() == Some(id) => Some(match grantee {
            Grantee::Account { .. } => Reach::Condition(key()),
            _ if by_name => Reach::Account(id.clone()),
            _ => Reach::Condition(key()),
        }),
        (Who::Role(arn) | Who::User(arn) | Who::Session(arn), Grantee::Account { id, .. }) => {
            (arn.account == id.as_str()).then(|| Reach::Part(arn.to_string()))
        }
        (Who::Session(session), Grantee::Role(role)) => {
            is_session_of(session, role).then(|| Reach::Part(session.to_string()))
        }
        (Who::Role(role), Grantee::Session(session)) => {
            is_session_of(session, role).then(|| Reach::Role(role.to_string()))
        }
        (Who::Role(a), Grantee::Role(b)) | (Who::User(a), Grantee::User(b)) => {
            (a == b).then(|| Reach::Condition(key()))
        }
        (Who::Service(a), Grantee::Service(b)) => (a == b).then(|| Reach::Condition(key())),
        (Who::Other(words), Grantee::Service(_)) if words == ANY_SERVICE => Some(Reach::AnyService),
        _ => None,
    }
}

/// Tells whether a service may act for resources of a grantee: no condition on the source turns it away.
fn on_behalf(statement: &Statement, grantee: &Grantee) -> bool {
    let Some(account) = grantee.account() else { return false };
    let of_account = Grantee::Account { id: account, partition: None };
    statement.conditions.iter().all(|c| match PartyKey::of_condition(c).filter(|key| key.of_source()) {
        Some(key @ (PartyKey::SourceArn | PartyKey::SourceAccount)) => {
            // A pattern may name it among others.
            let open = |v: &String| v.contains(['*', '?', '$']) && !has_account(v);
            c.values.iter().any(|v| grantee_match::is_value(key, v, &of_account, RevokeOptions::default()) || open(v))
        }
        _ => true,
    })
}

fn has_account(arn: &str) -> bool {
    crate::ecr::Arn::parse(arn).is_some_and(|arn| arn.account_id().is_some())
}

/// Returns what a grantee tells about a key of its requests.
fn known_value(key: &str, grantee: &Grantee) -> Known {
    let one = |text: &str| Known::Values(vec![text.to_owned()]);
    match (key, grantee) {
        (_, Grantee::Service(name)) => known_of_service(key, Some(name)),
        ("aws:securetransport", _) => one("true"),
        ("aws:principalorgid", Grantee::Organization(id)) => one(id),
        ("aws:principalorgid", Grantee::OrgUnit(path)) => one(path.split('/').next().unwrap_or_default()),
        ("aws:principalarn", Grantee::Role(arn) | Grantee::User(arn)) => one(&arn.to_string()),
        ("aws:principalaccount", _) => grantee.account().map_or(Known::Unknown, |id| one(id.as_str())),
        _ => Known::Unknown,
    }
}

/// Returns what is known of a key when some service calls for an account's resource.
fn known_on_behalf(key: &str, account: Option<&AccountId>) -> Known {
    match (key, account) {
        ("aws:sourceaccount", Some(id)) => Known::Values(vec![id.to_string()]),
        _ => known_of_service(key, None),
    }
}
