//! Works out who can pull from a repository.

use std::sync::Arc;

use crate::ecr::{Failure, FailureKind, RepositoryRef};
use crate::policy::RegistryPolicy;
use crate::policy::access::{AccessAt, AccessRow, Class, table_at};
use crate::policy::document::Policy;
use crate::policy::explain::{AccessColumn, access_column, access_words, actions_words, condition_words_at};
use crate::review::{Analyst, GranteeAccess, PolicyInput, RepositoryEntry};

/// The access to a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PullAccess {
    /// Not read yet.
    #[default]
    Unknown,
    /// There is no policy.
    NoPolicy,
    /// The policy was read.
    Known {
        /// In one line.
        words: String,
        /// The same, short enough for a column.
        column: AccessColumn,
        /// The class of the policy.
        class: Class,
        /// One line for each grantee.
        grantees: Vec<String>,
        /// Tells whether a deleted role or user is all that it names besides the owner.
        only_deleted: bool,
        /// Tells whether the registry policy may let in others than are told here.
        registry_may_open: bool,
    },
    /// There is a policy that this program cannot read.
    Unreadable,
    /// It could not be read.
    Failed(Failure),
}

impl PullAccess {
    /// Works out what a stored policy amounts to under its registry's at a moment, in seconds since 1970. What has ended by
    /// then is no access.
    pub fn of_policy(stored: Option<&str>, repository: &RepositoryRef, registry: &RegistryPolicy, now: i64) -> Self {
        let registry_may_open = registry.may_open(repository);
        let policy = match stored.map(Policy::read) {
            None if registry_may_open => None,
            None => return Self::NoPolicy,
            Some(Ok(policy)) => Some(policy),
            Some(Err(_)) => return Self::Unreadable,
        };
        let decided = registry.around(policy.as_ref(), repository);
        let AccessAt { present: table, ended } = table_at(&decided, &repository.account, Some(now));
        let ended = GranteeAccess::of_table(&ended);
        let present = table.rows.iter().map(|row| grantee_words(row, now));
        let grantees = present.chain(ended.iter().map(GranteeAccess::ended_words));
        let grantees = grantees.chain(registry.note_words(repository)).collect();
        let only_deleted =
            matches!(table.class, Class::OwnAccount | Class::None) && table.rows.iter().any(|row| row.who.is_deleted());
        let (mut words, mut column) = (access_words(&table), access_column(&table, &repository.account));
        if registry_may_open {
            words.push_str("; the registry policy may open it too");
            column.outside.push_str(", registry?");
        }
        Self::Known { words, column, class: table.class, grantees, only_deleted, registry_may_open }
    }

    /// In one line.
    pub fn in_words(&self) -> &str {
        match self {
            Self::Unknown => "",
            Self::NoPolicy => "no policy: only your account",
            Self::Known { words, .. } => words,
            Self::Unreadable => "unreadable policy",
            Self::Failed(failure) => match failure.kind {
                FailureKind::AccessDenied => "not allowed to read",
                FailureKind::RepositoryNotFound => "gone",
                FailureKind::Throttled => "AWS asks to slow down",
                FailureKind::Offline | FailureKind::Timeout => "no answer",
                _ => "could not be read",
            },
        }
    }

    /// The place in an order of those that are open the widest first.
    pub fn width_rank(&self) -> u8 {
        match self {
            Self::Known { class: Class::OwnAccount | Class::None, registry_may_open: true, .. } => 4,
            Self::Known { class, .. } => match class {
                Class::Public => 0,
                Class::Network => 1,
                Class::Organization => 2,
                Class::CrossAccount => 3,
                Class::Service => 4,
                Class::OwnAccount => 6,
                Class::None => 7,
            },
            Self::Unreadable => 5,
            Self::NoPolicy => 8,
            Self::Failed(_) => 9,
            Self::Unknown => 10,
        }
    }
}

/// One grantee, what it may do, and under which conditions.
fn grantee_words(row: &AccessRow, now: i64) -> String {
    let mut words = vec![format!("{}: {}", row.who.words(), actions_words(&row.actions))];
    words.extend(row.conditions.iter().map(|condition| condition_words_at(condition, now)));
    words.extend(Some(row.denied_time_words()).filter(|times| !times.is_empty()));
    words.extend(row.unproved.map(|why| format!("unproved: {}", why.words())));
    if !row.blocked.is_empty() {
        words.push(format!("{} a Deny", row.denial_words()));
    }
    words.join(", ")
}

/// The access to a repository, and what a review tells of its policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAccess {
    /// The access.
    pub access: PullAccess,
    /// The repository in a review; none: its policy could not be read.
    pub entry: Option<Arc<RepositoryEntry>>,
}

impl From<PullAccess> for FoundAccess {
    fn from(access: PullAccess) -> Self {
        Self { access, entry: None }
    }
}

/// A stored policy whose access is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPolicy {
    /// The policy, as it came.
    pub stored: PolicyInput,
    /// The repository.
    pub repository: RepositoryRef,
    /// The policy of its registry.
    pub registry: RegistryPolicy,
}

impl StoredPolicy {
    /// Finds the access at the analyst's moment, in seconds since 1970.
    pub(super) fn find_access(&self, analyst: &mut Analyst, now: i64) -> FoundAccess {
        let access = PullAccess::of_policy(self.stored.to_text().as_deref(), &self.repository, &self.registry, now);
        let entry = RepositoryEntry::review(self.repository.clone(), Ok(self.stored.clone()), &self.registry, analyst);
        FoundAccess { access, entry: Some(Arc::new(entry)) }
    }
}
