//! The search for repositories by name.

use crate::ecr::{Failure, RepositoryName};
use crate::plan::RepositorySelector;
use crate::wizard::RequestId;

/// The text that is looked for.
#[derive(Debug, Default)]
pub struct Search {
    /// The repositories that are chosen as soon as they arrive.
    pub(super) wanted: Vec<RepositorySelector>,
    /// Tells whether several were named: then they are marked, a single one is only chosen.
    pub(super) several: bool,
    /// The questions for single names that are under way.
    pub(super) asked: Vec<AskedName>,
    /// The reason why a name was not found.
    pub(super) failure: Option<Failure>,
    /// The name that is not there, until the one that was meant is suggested.
    pub(super) missing: Option<RepositoryName>,
}

#[derive(Debug)]
pub(super) struct AskedName {
    pub(super) id: RequestId,
    pub(super) since: u64,
    pub(super) name: RepositoryName,
}

impl Search {
    /// Returns why a name was not found.
    pub fn search_failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Returns when the oldest question was asked.
    pub fn waiting_since(&self) -> Option<u64> {
        self.asked.iter().map(|asked| asked.since).min()
    }

    /// The name that is being asked for.
    pub fn asked_name(&self) -> Option<&RepositoryName> {
        self.asked.first().map(|asked| &asked.name)
    }

    /// Tells whether something is being asked for by name, or was not found.
    pub(super) fn is_busy(&self) -> bool {
        !self.asked.is_empty() || self.failure.is_some()
    }

    /// Takes the failure away.
    pub(super) fn clear_failure(&mut self) {
        self.failure = None;
        self.missing = None;
    }

    /// Forgets everything; the questions under way, to be cancelled.
    pub(super) fn forget_all(&mut self) -> Vec<RequestId> {
        let old = std::mem::take(self);
        old.asked.into_iter().map(|asked| asked.id).collect()
    }
}
