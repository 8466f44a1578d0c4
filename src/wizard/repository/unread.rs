//! Tells what of the shown repositories is not known, so that a part of them never passes for the whole.

use super::reads::PullAccess;
use super::row::RepositoryRow;
use super::{ListingState, RepositoryStep};
use crate::ecr::Failure;
use crate::ecr::text::with_commas;

/// How far the policy of a row is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knowledge<'f> {
    /// It was read.
    Read,
    /// It is not read yet.
    Awaited,
    /// It could not be read.
    Failed(&'f Failure),
}

/// The numbers of repositories whose policies are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unread {
    /// Counts those that are shown and not read yet.
    pub shown: usize,
    /// Counts those not read yet of which nobody can tell if the filter asks for them.
    pub awaited_unjudged: usize,
    /// Counts those that could not be read, of which nobody can tell either.
    pub failed_unjudged: usize,
}

impl Unread {
    /// Returns how many nobody can judge by the filter.
    pub fn unjudged(&self) -> usize {
        self.awaited_unjudged + self.failed_unjudged
    }
}

impl RepositoryStep {
    /// Returns how far the policy of a row is known.
    pub fn knowledge_of<'s>(&'s self, row: &'s RepositoryRow) -> Knowledge<'s> {
        if let PullAccess::Failed(failure) = &row.access {
            return Knowledge::Failed(failure);
        }
        if row.is_read() {
            return Knowledge::Read;
        }
        self.reads.why_stopped_at(&row.repository.reference).map_or(Knowledge::Awaited, Knowledge::Failed)
    }

    /// Counts what is not read of what the filter shows, or may have to show.
    pub fn count_unread(&self) -> Unread {
        let shown = self.rows.shown_indexes().iter().filter_map(|at| self.rows.get(*at));
        let is_awaited = |row: &&RepositoryRow| self.knowledge_of(row) == Knowledge::Awaited;
        let (awaited, failed): (Vec<_>, Vec<_>) = self.rows.unjudged_rows().partition(is_awaited);
        Unread {
            shown: shown.filter(is_awaited).count(),
            awaited_unjudged: awaited.len(),
            failed_unjudged: failed.len(),
        }
    }

    /// Returns why what is shown is not all that it is to show; none: it is all.
    pub fn why_incomplete(&self) -> Option<String> {
        if matches!(self.listing, ListingState::Loading { .. }) {
            return Some("not all repositories are listed yet".to_owned());
        }
        let Unread { shown, awaited_unjudged, failed_unjudged } = self.count_unread();
        let verb = if shown == 1 { "is" } else { "are" };
        let clauses = [
            (shown, format!("of the shown repositories {verb} not read yet")),
            (awaited_unjudged, "not read yet cannot be judged by the filter".to_owned()),
            (failed_unjudged, "that could not be read cannot be judged by the filter".to_owned()),
        ];
        let told = clauses.into_iter().filter(|(count, _)| *count > 0);
        let mut words: Vec<String> = told.map(|(count, what)| format!("{} {what}", with_commas(count))).collect();
        if failed_unjudged > 0 {
            words.push("name:, account: and region: need no policy".to_owned());
        }
        (!words.is_empty()).then(|| words.join("; "))
    }
}
