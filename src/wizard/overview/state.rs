//! The state of the review of all repositories, apart from the model.

use super::around_state::RegistriesAround;
use super::survey::Survey;
use crate::ecr::RepositoryRef;
use crate::policy::Who;
use crate::review::{RepositoryEntry, ReverseIndex, Right};
use crate::wizard::Cursor;

/// The review of all repositories of a registry: the rows are those of the list, the worst first.
#[derive(Debug, Default)]
pub struct Overview {
    /// The grantees, where they are shown in place of the repositories.
    pub(in crate::wizard) grantees: Option<GranteeList>,
    /// The accounts and Regions that it covers, where they are not those of one sign-in.
    pub(in crate::wizard) survey: Option<Survey>,
    /// The registries with what stands around their repositories.
    pub(in crate::wizard) around: RegistriesAround,
    /// Time of the last sort of its rows, in milliseconds of the model's clock.
    pub(in crate::wizard) sorted_at: u64,
    /// The chosen row of the registries, where they are shown in place of the repositories.
    pub(in crate::wizard) registries: Option<Cursor>,
}

impl Overview {
    /// Returns the grantees, where they are shown in place of the repositories.
    pub fn grantees(&self) -> Option<&GranteeList> {
        self.grantees.as_ref()
    }

    /// Returns the accounts and Regions that it covers, where they are not those of one sign-in.
    pub fn survey(&self) -> Option<&Survey> {
        self.survey.as_ref()
    }

    /// Returns the registries with what stands around their repositories.
    pub fn around(&self) -> &RegistriesAround {
        &self.around
    }

    /// Returns the cursor in the registries, where they are shown in place of the repositories.
    pub fn registries(&self) -> Option<Cursor> {
        self.registries
    }
}

/// The grantees of the repositories that the list shows.
#[derive(Debug, Default)]
pub struct GranteeList {
    /// The grantees, those with the strongest right and the most repositories first.
    pub rows: Vec<GranteeRow>,
    /// The chosen one.
    pub cursor: Cursor,
    /// The number of changes of the rows of which it was made.
    pub(in crate::wizard) version: u64,
    /// When it was made, in milliseconds of the model's clock.
    pub(in crate::wizard) made_at: u64,
}

/// A grantee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GranteeRow {
    /// The party.
    pub who: Who,
    /// The strongest right that it has anywhere; none: it is a deleted role or user.
    pub right: Option<Right>,
    /// The repositories, with what it may do in each and under which conditions.
    pub reaches: Vec<(RepositoryRef, String)>,
}

impl GranteeList {
    /// Turns entries round: from each grantee to its repositories.
    pub(super) fn rows_of<'e>(entries: impl IntoIterator<Item = &'e RepositoryEntry>) -> Vec<GranteeRow> {
        let index = ReverseIndex::of_entries(entries);
        let mut rows: Vec<GranteeRow> = index
            .iter()
            .map(|(who, accesses)| {
                let reach = |indexed: &crate::review::IndexedAccess<'_>| {
                    (indexed.repository.clone(), indexed.access.right_words())
                };
                let strongest = accesses.iter().map(|indexed| indexed.access.right).max();
                GranteeRow {
                    who: who.clone(),
                    right: strongest.filter(|_| !who.is_deleted()),
                    reaches: accesses.iter().map(reach).collect(),
                }
            })
            .collect();
        rows.sort_by_cached_key(|row| {
            (row.who != Who::Everyone, std::cmp::Reverse((row.right, row.reaches.len())), row.who.clone())
        });
        rows
    }
}
