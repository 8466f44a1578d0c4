//! The state of a review, apart from the model.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ecr::Repository;
use crate::policy::Finding;
use crate::wizard::Remote;
use crate::wizard::access_rows::{AccessEntry, list_entries};
use crate::wizard::computation::deciding::DecidingPolicies;
use crate::wizard::page::KeptPage;

/// An open review.
#[derive(Debug)]
pub struct Review {
    /// The repository.
    pub repository: Repository,
    /// The stored text; the inner `None`: there is no policy.
    pub stored: Remote<Option<String>>,
    /// The policies that were read of it, under that of its registry: the page is made of these.
    pub policies: Remote<Arc<DecidingPolicies>>,
    /// Tells whether the stored text is another one than the one that was read.
    pub(super) is_to_read: bool,
    /// Tells whether what is stored may have changed since it was read.
    pub(in crate::wizard) is_doubtful: bool,
    /// Counts the changes of what is shown.
    pub(in crate::wizard) changes: u64,
    /// The page.
    pub(super) page: Option<KeptPage<PageKey>>,
    /// The rows of access, in their order; the findings come behind them.
    pub(super) access: Vec<AccessEntry>,
    /// The folded rows that are shown one by one, each by its first row in the access table.
    pub(super) unfolded: BTreeSet<usize>,
    /// The chosen row of access or finding, counted through both.
    pub(super) selected: usize,
    /// Rows scrolled.
    pub scroll: usize,
}

/// The thing that the cursor is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen<'r> {
    /// A row of access.
    Access(&'r AccessEntry),
    /// A finding of the checks.
    Finding(&'r Finding),
}

impl Review {
    pub(super) fn of(repository: Repository) -> Self {
        Self {
            repository,
            stored: Remote::NotAsked,
            policies: Remote::NotAsked,
            is_to_read: false,
            is_doubtful: false,
            changes: 0,
            page: None,
            access: Vec::new(),
            unfolded: BTreeSet::new(),
            selected: 0,
            scroll: 0,
        }
    }

    /// Lists the rows of access anew.
    pub(super) fn list_access(&mut self) {
        self.changes += 1;
        let policies = self.policies.known_value();
        let table = policies.and_then(|policies| policies.deciding.as_ref().ok()).map(|(_, table)| table);
        self.access = table.map(|table| list_entries(table, |at| self.unfolded.contains(&at))).unwrap_or_default();
        self.selected = self.selected.min(self.count_entries().saturating_sub(1));
    }

    /// The findings that are listed.
    pub(super) fn listed_findings(&self) -> &[Finding] {
        self.policies.known_value().map(|policies| policies.findings.as_slice()).unwrap_or_default()
    }

    /// Counts all that the cursor can be on.
    pub(super) fn count_entries(&self) -> usize {
        self.access.len() + self.listed_findings().len()
    }

    /// The thing that the cursor is on.
    pub(super) fn chosen(&self) -> Option<Chosen<'_>> {
        let finding = || self.listed_findings().get(self.selected.checked_sub(self.access.len())?).map(Chosen::Finding);
        self.access.get(self.selected).map(Chosen::Access).or_else(finding)
    }
}

/// All that the page depends on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PageKey {
    pub width: u16,
    pub changes: u64,
    /// The keys that the page names.
    pub named_keys: [String; 4],
}
