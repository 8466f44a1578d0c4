//! The sum of what a review tells of repositories.

use crate::policy::{Class, Severity};
use crate::review::RepositoryEntry;

/// Counts of what is told in the head of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// The public repositories.
    pub public: usize,
    /// The open findings that are errors.
    pub errors: usize,
    /// The open findings that are risks.
    pub risks: usize,
    /// The findings that somebody accepted.
    pub accepted: usize,
}

impl Tally {
    pub(super) fn of_entry(entry: &RepositoryEntry) -> Self {
        let mut tally = Self { public: usize::from(entry.class() == Some(Class::Public)), ..Self::default() };
        for (finding, acceptance) in entry.judged_findings() {
            match (acceptance, finding.severity) {
                (Some(_), _) => tally.accepted += 1,
                (None, Severity::Error) => tally.errors += 1,
                (None, Severity::Security) => tally.risks += 1,
                (None, Severity::Warning | Severity::Advice) => {}
            }
        }
        tally
    }

    pub(super) fn add(&mut self, other: Self) {
        self.public += other.public;
        self.errors += other.errors;
        self.risks += other.risks;
        self.accepted += other.accepted;
    }

    pub(super) fn subtract(&mut self, other: Self) {
        self.public -= other.public;
        self.errors -= other.errors;
        self.risks -= other.risks;
        self.accepted -= other.accepted;
    }
}
