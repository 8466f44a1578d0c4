//! Works out who may do what under a policy.
//!
//! `grantees_of` finds whom a statement names once its conditions are read. The rest is proved, or said to be unproved:
//! `rules` cuts policies into rules; `likeness` groups principals that no test tells apart; `plain` answers what needs no
//! search; `search` looks for a request of which some rules speak and others do not, over the decision procedure of
//! `exact`, within the steps of `budget`; `satisfiable` asks for any request at all; `rows` and `changes` make lines of
//! what was found.

mod budget;
mod changes;
mod claim;
mod exact;
mod fresh;
mod grantees_of;
mod likeness;
mod met;
mod moment;
mod plain;
mod rows;
mod rules;
mod satisfiable;
mod search;

use super::condition::TimeBound;
use super::model::Wanted;
use super::model::document::{Condition, Policy};
use crate::ecr::principal::session_words;
use crate::ecr::text::make_visible;
use crate::ecr::{AccessEnd, AccountId, Arn, Grantee};

pub(crate) use budget::StepBudget;
pub(crate) use changes::{ChangeLine, changes};
use claim::all_claims;
pub(crate) use claim::{Claim, claims};
pub use exact::Unproved;
pub(crate) use exact::{are_together, is_of_caller};
pub(crate) use grantees_of::EXCEPT;
pub use moment::{AccessAt, table_at};
pub(crate) use satisfiable::{leaves_nobody, meets_nobody};

/// The party of a row.
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
    /// The id that a deleted role or user left behind.
    Orphan(String),
    /// Anything else, in words.
    Other(String),
}

impl Who {
    /// Returns who it is, in words, such as `account 111111111111`.
    pub fn words(&self) -> String {
        let last = |arn: &Arn| make_visible(arn.resource.rsplit('/').next().unwrap_or_default());
        match self {
            Self::Everyone => "everyone".to_owned(),
            Self::Organization(id) => format!("organization {}", make_visible(id)),
            Self::OrgUnit(path) => format!("OU {}", make_visible(path)),
            Self::Account(id) => format!("account {id}"),
            Self::Role(arn) => format!("role {} of {}", last(arn), make_visible(&arn.account)),
            Self::User(arn) => format!("user {} of {}", last(arn), make_visible(&arn.account)),
            Self::Session(arn) => make_visible(&session_words(arn)),
            Self::Service(name) => format!("service {}", make_visible(name)),
            Self::Orphan(id) => format!("deleted principal {}", make_visible(id)),
            Self::Other(words) => make_visible(words),
        }
    }

    /// The name of its kind for programs, such as `organizational-unit`.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Organization(_) => "organization",
            Self::OrgUnit(_) => "organizational-unit",
            Self::Account(_) => "account",
            Self::Role(_) => "role",
            Self::User(_) => "user",
            Self::Session(_) => "session",
            Self::Service(_) => "service",
            Self::Orphan(_) => "orphan",
            Self::Other(_) => "other",
        }
    }

    /// Returns its id for programs: `*` for everyone, an account's number, an ARN, an organization's id, a path, a service's
    /// name.
    pub fn id(&self) -> String {
        match self {
            Self::Everyone => "*".to_owned(),
            Self::Account(id) => id.to_string(),
            Self::Role(arn) | Self::User(arn) | Self::Session(arn) => arn.to_string(),
            Self::Organization(text)
            | Self::OrgUnit(text)
            | Self::Service(text)
            | Self::Orphan(text)
            | Self::Other(text) => text.clone(),
        }
    }

    /// Returns the one account that it is, or belongs to.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account(id) => Some(id.clone()),
            Self::Role(arn) | Self::User(arn) | Self::Session(arn) => arn.account_id(),
            _ => None,
        }
    }

    /// Returns the grantee that a grant or a revoke would name for it; none: no grantee is exactly that party.
    pub fn to_grantee(&self) -> Option<Grantee> {
        Some(match self {
            Self::Everyone => Grantee::Everyone,
            Self::Organization(id) => Grantee::Organization(id.clone()),
            Self::OrgUnit(path) => Grantee::OrgUnit(path.clone()),
            Self::Account(id) => Grantee::Account { id: id.clone(), partition: None },
            Self::Role(arn) => Grantee::Role(arn.clone()),
            Self::User(arn) => Grantee::User(arn.clone()),
            Self::Session(arn) => Grantee::Session(arn.clone()),
            Self::Service(name) => Grantee::Service(name.clone()),
            Self::Orphan(_) | Self::Other(_) => return None,
        })
    }

    /// Tells whether it is only what a deleted role or user left behind.
    pub fn is_deleted(&self) -> bool {
        matches!(self, Self::Orphan(_))
    }

    /// Tells whether it is the owner's account, or a role, user or session of it.
    pub fn is_of_account(&self, owner: &AccountId) -> bool {
        match self {
            Self::Account(id) => id == owner,
            Self::Role(arn) | Self::User(arn) | Self::Session(arn) => arn.account == owner.as_str(),
            _ => false,
        }
    }

    /// Returns who it is where there is little room: the account's number, the last unit of an OU's path, the service
    /// without its domain, `role NAME` of the owner's account and `777777777777:NAME` of another one.
    pub fn short(&self, owner: &AccountId) -> String {
        let last = |path: &str| make_visible(path.trim_end_matches('/').rsplit('/').next().unwrap_or_default());
        let named = |kind: &str, arn: &Arn, name: String| {
            if self.is_of_account(owner) {
                format!("{kind} {name}")
            } else {
                format!("{}:{name}", make_visible(&arn.account))
            }
        };
        match self {
            Self::Account(id) => id.to_string(),
            Self::Organization(id) => make_visible(id),
            Self::OrgUnit(path) => last(path.trim_end_matches('*')),
            Self::Role(arn) => named("role", arn, last(&arn.resource)),
            Self::User(arn) => named("user", arn, last(&arn.resource)),
            Self::Session(arn) => {
                let name = arn.resource.split_once('/').map_or(arn.resource.as_str(), |(_, name)| name);
                named("session", arn, make_visible(name))
            }
            Self::Service(name) => make_visible(name.split('.').next().unwrap_or_default()),
            other => other.words(),
        }
    }
}

/// One row of the access table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRow {
    /// The party.
    pub who: Who,
    /// Action names without `ecr:`, in the order of the action table.
    pub actions: Vec<String>,
    /// Under which further conditions.
    pub conditions: Vec<Condition>,
    /// Indexes of the statements that give it.
    pub statements: Vec<usize>,
    /// Indexes of the Deny statements that may void it.
    pub blocked: Vec<usize>,
    /// The actions among `actions` that nobody has all the same: a Deny takes them from everybody whom the row names,
    /// or no request meets the conditions.
    pub void: Vec<String>,
    /// The class of the row: the widest class that is not excluded.
    pub class: Class,
    /// The reason why `class` is not proved; none: it is.
    pub unproved: Option<Unproved>,
    /// The moment before which nobody has it, where that is later than the one of [`table_at`].
    pub begins: Option<AccessEnd>,
    /// The moment from which on nobody has it: by its conditions or by a Deny, as [`table_at`] finds.
    pub ends: Option<AccessEnd>,
}

impl AccessRow {
    /// Returns the party in words; where a statement names all but some, whom it leaves out.
    pub fn party_words(&self) -> String {
        party_words_under(&self.who, &self.conditions)
    }

    /// Returns the moments at which its own conditions begin and end it.
    fn own_times(&self) -> (Option<AccessEnd>, Option<AccessEnd>) {
        let bounds = || self.conditions.iter().filter_map(TimeBound::of_condition);
        let begin = |bound: TimeBound| matches!(bound, TimeBound::From(_)).then(|| bound.moment());
        (bounds().filter_map(begin).max(), bounds().filter_map(TimeBound::end).min())
    }

    /// Says when it begins and ends: `from 2027-01-01 00:00 UTC`, `until 2027-03-31 23:59 UTC`, or both; empty: it has
    /// begun and has no end.
    pub fn time_words(&self) -> String {
        time_words(self.begins, self.ends, AccessEnd::words)
    }

    /// Says the same by days alone, for a column.
    pub fn time_days(&self) -> String {
        time_words(self.begins, self.ends, AccessEnd::day_words)
    }

    /// Says the same of the times that no condition of its own tells: those that a Deny sets.
    pub fn denied_time_words(&self) -> String {
        let (begins, ends) = self.own_times();
        time_words(self.begins.filter(|b| Some(*b) != begins), self.ends.filter(|e| Some(*e) != ends), AccessEnd::words)
    }

    /// Says what the statements of `blocked` do to the row, as the beginning of a clause that goes on with their names.
    pub fn denial_words(&self) -> &'static str {
        let is_left = self.remaining().next().is_some();
        match (is_left, self.void.is_empty()) {
            (false, _) => "denied by",
            (true, false) => "partly denied by",
            (true, true) => "may be denied by",
        }
    }

    /// The actions that remain for somebody after every Deny.
    pub fn effective(&self) -> Vec<String> {
        self.remaining().map(str::to_owned).collect()
    }

    /// The same, one after the other.
    pub fn remaining(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().filter(|a| !self.void.contains(a)).map(String::as_str)
    }
}

/// Returns a party in words; where the conditions of its statement leave somebody out, all but whom.
pub fn party_words_under(who: &Who, conditions: &[Condition]) -> String {
    let spared = conditions.iter().filter(|condition| condition.operator == EXCEPT).flat_map(|c| &c.values);
    let spared: Vec<String> = spared.map(|text| make_visible(text)).collect();
    if spared.is_empty() { who.words() } else { format!("{} but {}", who.words(), spared.join(" and ")) }
}

fn time_words(begins: Option<AccessEnd>, ends: Option<AccessEnd>, words: fn(AccessEnd) -> String) -> String {
    let begins = begins.map(|begin| format!("from {}", words(begin)));
    let ends = ends.map(|end| format!("until {}", words(end)));
    begins.into_iter().chain(ends).collect::<Vec<_>>().join(" ")
}

/// One Deny statement and principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenyRow {
    /// The party.
    pub who: Who,
    /// Action names without `ecr:`, in the order of the action table.
    pub actions: Vec<String>,
    /// Under which conditions.
    pub conditions: Vec<Condition>,
    /// Index of the statement.
    pub statement: usize,
}

/// The reach of a policy: the first class that holds.
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

    /// Returns how far a policy opens the repository, as a clause for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Public => "open to the public: anybody with an AWS account",
            Self::Network => "open to a network: anybody from the addresses or VPCs it lists",
            Self::Organization => "open to an organization, or a part of it",
            Self::CrossAccount => "open to other accounts (cross-account)",
            Self::Service => "open to AWS services",
            Self::OwnAccount => "open to the owner's account only",
            Self::None => "open to nobody",
        }
    }

    /// Returns the same, with the reason why it is not proved that it is so wide.
    pub fn words_with(self, unproved: Option<Unproved>) -> String {
        match unproved {
            Some(why) => format!("may be {}; unproved: {}", self.words(), why.words()),
            None => self.words().to_owned(),
        }
    }
}

/// The access table: who may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTable {
    /// The access that Allow statements give.
    pub rows: Vec<AccessRow>,
    /// The access that Deny statements take.
    pub denies: Vec<DenyRow>,
    /// The class of the policy.
    pub class: Class,
    /// The class of each statement alone, with every Deny of the policy around it.
    pub of_statements: Vec<Class>,
    /// The reason why `class`, the widest that is not excluded, is not proved; none: it is.
    pub unproved: Option<Unproved>,
}

impl AccessTable {
    /// The table of a policy that gives nobody anything.
    pub fn empty() -> Self {
        Self { rows: Vec::new(), denies: Vec::new(), class: Class::None, of_statements: Vec::new(), unproved: None }
    }
}

/// The access table of a policy on a repository of `owner`. Rows with the same party and conditions are joined.
pub fn table(policy: &Policy, owner: &AccountId) -> AccessTable {
    table_for(policy, Some(owner))
}

/// Returns the same table; an owner that is not known is another account than any that is named.
pub fn table_for(policy: &Policy, owner: Option<&AccountId>) -> AccessTable {
    table_within(policy, owner, &StepBudget::default())
}

/// Returns the same table, from the steps that are left.
pub(crate) fn table_within(policy: &Policy, owner: Option<&AccountId>, budget: &StepBudget) -> AccessTable {
    rows::table(policy, owner, budget)
}

/// Returns what a policy gives of what is wanted, a row for each party that is named there, by whatever statements:
/// those that name a wider party count too. `blocked` and `void` are about the wanted actions alone.
pub fn given(policy: &Policy, wanted: &Wanted) -> Vec<AccessRow> {
    rows::given(policy, wanted)
}

#[cfg(test)]
mod tests;
