//! The reverse index: from a grantee to repositories, actions, conditions and statements.

use std::collections::BTreeMap;

use super::entry::RepositoryEntry;
use super::grantee_access::GranteeAccess;
use super::right::Right;
use crate::ecr::RepositoryRef;
use crate::policy::Who;

/// One access of a grantee.
#[derive(Debug, Clone, Copy)]
pub struct IndexedAccess<'a> {
    /// The repository.
    pub repository: &'a RepositoryRef,
    /// The access there.
    pub access: &'a GranteeAccess,
}

/// The grantees, each with its accesses in the order of the repositories.
#[derive(Debug, Default)]
pub struct ReverseIndex<'a> {
    grantees: BTreeMap<&'a Who, Vec<IndexedAccess<'a>>>,
}

impl<'a> ReverseIndex<'a> {
    /// Turns the entries round.
    pub fn of_entries(entries: impl IntoIterator<Item = &'a RepositoryEntry>) -> Self {
        let mut grantees: BTreeMap<&Who, Vec<IndexedAccess>> = BTreeMap::new();
        for entry in entries {
            let Ok(reviewed) = &entry.outcome else { continue };
            for access in &reviewed.analysis.grantees {
                let indexed = IndexedAccess { repository: &entry.reference, access };
                grantees.entry(&access.who).or_default().push(indexed);
            }
        }
        Self { grantees }
    }

    /// Returns the grantees with their accesses, in the order of their kinds.
    pub fn iter(&self) -> impl Iterator<Item = (&'a Who, &[IndexedAccess<'a>])> {
        self.grantees.iter().map(|(who, accesses)| (*who, accesses.as_slice()))
    }

    /// Returns the number of grantees.
    pub fn len(&self) -> usize {
        self.grantees.len()
    }

    /// Tells whether nobody has access.
    pub fn is_empty(&self) -> bool {
        self.grantees.is_empty()
    }
}

impl IndexedAccess<'_> {
    /// Returns the strongest right among accesses; none of none.
    pub fn strongest_right(accesses: &[Self]) -> Option<Right> {
        accesses.iter().map(|indexed| indexed.access.right).max()
    }
}
