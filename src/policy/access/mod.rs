//! Who may do what under a policy.

mod actions;
mod reach;

use super::condition::{Truth, normal_all};
use super::document::{Condition, Effect, Policy, Statement};
use super::edit::Wanted;
use super::principal::PrincipalKind;
use crate::ecr::text::visible;
use crate::ecr::{AccountId, Arn, Partition};

pub(crate) use actions::{expand, fits, sort};
pub(crate) use reach::{EXCEPT, covers, is_session_of};

/// Whom a row is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Who {
    /// Every authenticated AWS principal.
    Everyone,
    /// All accounts of an organization.
    Organization(String),
    /// All accounts under an organizational unit, by path.
    OrgUnit(String),
    /// An account.
    Account(AccountId),
    /// A role.
    Role(Arn),
    /// A user.
    User(Arn),
    /// A session.
    Session(Arn),
    /// An AWS service.
    Service(String),
    /// What a deleted role or user left behind.
    Orphan(String),
    /// Anything else, in words.
    Other(String),
}

impl Who {
    /// Who it is, in words, such as `account 111111111111`.
    pub fn words(&self) -> String {
        let last = |arn: &Arn| visible(arn.resource.rsplit('/').next().unwrap_or_default());
        match self {
            Self::Everyone => "everyone".to_owned(),
            Self::Organization(id) => format!("organization {}", visible(id)),
            Self::OrgUnit(path) => format!("OU {}", visible(path)),
            Self::Account(id) => format!("account {id}"),
            Self::Role(arn) => format!("role {} of {}", last(arn), visible(&arn.account)),
            Self::User(arn) => format!("user {} of {}", last(arn), visible(&arn.account)),
            Self::Session(arn) => format!("session {} of {}", last(arn), visible(&arn.account)),
            Self::Service(name) => format!("service {}", visible(name)),
            Self::Orphan(id) => format!("deleted principal {}", visible(id)),
            Self::Other(words) => visible(words),
        }
    }

    /// Whether it is only what a deleted role or user left behind.
    pub fn is_deleted(&self) -> bool {
        matches!(self, Self::Orphan(_))
    }

    /// Who it is where there is little room: the account's number, the role's name, the last unit of an OU's path, the
    /// service without its domain.
    pub fn short(&self) -> String {
        let last = |path: &str| visible(path.trim_end_matches('/').rsplit('/').next().unwrap_or_default());
        match self {
            Self::Account(id) => id.to_string(),
            Self::Organization(id) => visible(id),
            Self::OrgUnit(path) => last(path.trim_end_matches('*')),
            Self::Role(arn) => format!("role {}", last(&arn.resource)),
            Self::User(arn) => format!("user {}", last(&arn.resource)),
            Self::Session(arn) => format!("session {}", last(&arn.resource)),
            Self::Service(name) => visible(name.split('.').next().unwrap_or_default()),
            other => other.words(),
        }
    }
}

/// One row of the access table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRow {
    /// Who.
    pub who: Who,
    /// Action names without `ecr:`, in the order of the action table.
    pub actions: Vec<String>,
    /// Under which further conditions.
    pub conditions: Vec<Condition>,
    /// Indexes of the statements that give it.
    pub statements: Vec<usize>,
    /// Indexes of the Deny statements that may void it.
    pub blocked: Vec<usize>,
    /// Those of `actions` that a Deny certainly takes away again.
    pub void: Vec<String>,
}

impl AccessRow {
    /// The actions that remain after every Deny that certainly applies.
    pub fn effective(&self) -> Vec<String> {
        self.actions.iter().filter(|a| !self.void.contains(a)).cloned().collect()
    }
}

/// One Deny statement and principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenyRow {
    /// Who.
    pub who: Who,
    /// Action names without `ecr:`, in the order of the action table.
    pub actions: Vec<String>,
    /// Under which conditions.
    pub conditions: Vec<Condition>,
    /// Index of the statement.
    pub statement: usize,
}

/// How far a policy opens the repository: the first that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Everyone.
    Public,
    /// Everyone, but only from listed addresses, VPCs or endpoints.
    Network,
    /// A whole organization or OU.
    Organization,
    /// Named accounts, or principals of them.
    CrossAccount,
    /// AWS services.
    Service,
    /// The owner's account only.
    OwnAccount,
    /// Nobody.
    None,
}

impl Class {
    /// The name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Network => "network",
            Self::Organization => "organization",
            Self::CrossAccount => "cross-account",
            Self::Service => "service",
            Self::OwnAccount => "own-account",
            Self::None => "none",
        }
    }

    /// The widest access that there is, as a clause for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Public => "public: open to every AWS account",
            Self::Network => "open to every AWS account, from listed networks only",
            Self::Organization => "open to an organization",
            Self::CrossAccount => "open to other accounts that it names",
            Self::Service => "open to AWS services only",
            Self::OwnAccount => "open to the owner's account only",
            Self::None => "opens the repository to nobody",
        }
    }
}

/// Who may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTable {
    /// What Allow statements give.
    pub rows: Vec<AccessRow>,
    /// What Deny statements take.
    pub denies: Vec<DenyRow>,
    /// How far it opens the repository.
    pub class: Class,
}

/// What one statement says of one party.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub who: Who,
    /// The partition, where the principal names one.
    pub partition: Option<Partition>,
    pub actions: Vec<String>,
    pub conditions: Vec<Condition>,
    /// The conditions in the form in which equal ones compare equal.
    pub key: Vec<Condition>,
    /// Whether a value holds `${...}` that is a variable.
    pub variables: bool,
    pub statement: usize,
}

impl Claim {
    /// Whether `outer` speaks of all requests that this one speaks of, actions aside.
    pub(crate) fn is_within(&self, outer: &Self) -> bool {
        covers(&outer.who, &self.who)
            && (self.partition == outer.partition || self.partition.is_none() || outer.partition.is_none())
            && self.variables == outer.variables
            && outer.key.iter().all(|c| self.key.contains(c))
    }
}

/// The claims of one statement.
pub(crate) fn claims(statement: &Statement, index: usize, has_variables: bool) -> Vec<Claim> {
    let names = expand(&statement.actions);
    let mut found = Vec::new();
    let mut add = |who: Who, partition, conditions: Vec<Condition>| {
        let variables = has_variables && conditions.iter().flat_map(|c| &c.values).any(|v| v.contains("${"));
        let key = normal_all(&conditions);
        found.push(Claim { who, partition, actions: names.clone(), conditions, key, variables, statement: index });
    };
    if names.is_empty() {
        return Vec::new();
    }
    if statement.principals.negated {
        let values: Vec<String> = statement.principals.entries.iter().map(|p| p.text.clone()).collect();
        let except = Condition { operator: EXCEPT.to_owned(), key: "Principal".to_owned(), values };
        add(Who::Everyone, None, std::iter::once(except).chain(statement.conditions.iter().cloned()).collect());
        return found;
    }
    for principal in &statement.principals.entries {
        match &principal.kind {
            PrincipalKind::Everyone => {
                for (who, rest) in reach::narrow(&statement.conditions) {
                    add(who, None, rest);
                }
            }
            PrincipalKind::Account(_, partition) => {
                add(reach::who(&principal.kind), *partition, statement.conditions.clone());
            }
            kind => add(reach::who(kind), None, statement.conditions.clone()),
        }
    }
    found
}

/// All claims of a policy with one effect.
pub(crate) fn all_claims(policy: &Policy, effect: Effect) -> Vec<Claim> {
    let of_effect = policy.statements.iter().enumerate().filter(|(_, s)| s.effect == effect);
    of_effect.flat_map(|(at, s)| claims(s, at, policy.has_variables())).collect()
}

/// The access table of a policy on a repository of `owner`. Rows with the same party and conditions are joined.
pub fn table(policy: &Policy, owner: &AccountId) -> AccessTable {
    table_for(policy, Some(owner))
}

pub(crate) fn table_for(policy: &Policy, owner: Option<&AccountId>) -> AccessTable {
    let denies = all_claims(policy, Effect::Deny);
    let mut rows: Vec<(Claim, Vec<usize>)> = Vec::new();
    for claim in all_claims(policy, Effect::Allow) {
        let same = |(other, _): &&mut (Claim, Vec<usize>)| {
            other.who == claim.who
                && other.key == claim.key
                && (other.partition == claim.partition || other.partition.is_none() || claim.partition.is_none())
        };
        if let Some((row, statements)) = rows.iter_mut().find(same) {
            row.actions.extend(claim.actions);
            sort(&mut row.actions);
            if !statements.contains(&claim.statement) {
                statements.push(claim.statement);
            }
        } else {
            let statements = vec![claim.statement];
            rows.push((claim, statements));
        }
    }
    let mut class = Class::None;
    let rows = rows
        .into_iter()
        .map(|(claim, statements)| {
            let row = row(claim, statements, &denies);
            if !row.effective().is_empty() {
                class = class.min(class_behind_fences(&row, &denies, owner));
            }
            row
        })
        .collect();
    let denies = denies
        .into_iter()
        .map(|d| DenyRow { who: d.who, actions: d.actions, conditions: d.conditions, statement: d.statement })
        .collect();
    AccessTable { rows, denies, class }
}

/// What a policy gives of what is wanted, a row for each party that is named there, by whatever statements: those that
/// name a wider party count too. `blocked` and `void` are about the wanted actions alone.
pub fn given(policy: &Policy, wanted: &Wanted) -> Vec<AccessRow> {
    let (allows, denies) = (all_claims(policy, Effect::Allow), all_claims(policy, Effect::Deny));
    claims(&wanted.as_statement(), 0, policy.has_variables())
        .into_iter()
        .filter_map(|mut claim| {
            let giving: Vec<&Claim> = allows.iter().filter(|allow| claim.is_within(allow)).collect();
            claim.actions.retain(|action| giving.iter().any(|allow| allow.actions.contains(action)));
            let mut statements: Vec<usize> = giving.iter().map(|allow| allow.statement).collect();
            statements.dedup();
            (!claim.actions.is_empty()).then(|| row(claim, statements, &denies))
        })
        .collect()
}

fn row(claim: Claim, statements: Vec<usize>, denies: &[Claim]) -> AccessRow {
    let mut blocked = Vec::new();
    let mut void = Vec::new();
    for deny in denies {
        let common: Vec<&String> = claim.actions.iter().filter(|a| deny.actions.contains(a)).collect();
        if common.is_empty() || !reach::overlap(&deny.who, &claim.who) {
            continue;
        }
        // The condition that narrowed the row to its party is known through the party.
        let holds = reach::deny_holds(&deny.conditions, deny.variables, &claim.who, &claim.conditions);
        if holds == Truth::No {
            continue;
        }
        if !blocked.contains(&deny.statement) {
            blocked.push(deny.statement);
        }
        if holds == Truth::Yes && reach::denies(&deny.who, &claim.who) {
            void.extend(common.into_iter().cloned());
        }
    }
    sort(&mut void);
    AccessRow { who: claim.who, actions: claim.actions, conditions: claim.conditions, statements, blocked, void }
}

/// The class of a row, when a Deny of everybody outside some organization, account or network stands around it.
fn class_behind_fences(row: &AccessRow, denies: &[Claim], owner: Option<&AccountId>) -> Class {
    let mut class = reach::class(&row.who, &row.conditions, owner);
    if row.who != Who::Everyone {
        return class;
    }
    let effective = row.effective();
    for deny in denies.iter().filter(|d| d.who == Who::Everyone && !d.variables) {
        if let [only] = deny.conditions.as_slice()
            && effective.iter().all(|a| deny.actions.contains(a))
            && let Some(fence) = reach::fence(only)
        {
            let conditions: Vec<Condition> = row.conditions.iter().cloned().chain([fence]).collect();
            let narrowed = reach::narrow(&conditions);
            let widest = narrowed.iter().map(|(who, rest)| reach::class(who, rest, owner)).min();
            class = class.max(widest.unwrap_or(class));
        }
    }
    class
}

#[cfg(test)]
mod tests;
