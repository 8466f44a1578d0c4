//! Who may do what under a policy.

use super::document::{Condition, Policy};
use crate::ecr::{AccountId, Arn};

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
        String::new()
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

/// The access table of a policy on a repository of `owner`.
pub fn table(_policy: &Policy, _owner: &AccountId) -> AccessTable {
    AccessTable { rows: Vec::new(), denies: Vec::new(), class: Class::None }
}
