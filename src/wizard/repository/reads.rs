//! Reads who can pull in the background, a few policies at a time, the visible rows first.

use super::row::{ReadState, RepositoryRow};
use super::rows::RepositoryRows;
use std::collections::HashMap;

use crate::ecr::{Failure, FailureKind, RepositoryRef};
use crate::policy::RegistryPolicy;
use crate::review::PolicyInput;
use crate::wizard::computation::pull_access::StoredPolicy;
pub use crate::wizard::computation::pull_access::{FoundAccess, PullAccess};
use crate::wizard::{RegistryPlace, RequestId};

/// The most reads that are under way at once (AWS publishes no rate for them; a handful keeps clear of throttling).
pub const AT_ONCE: usize = 6;
/// The same number while all policies are read because somebody reviews them.
pub const AT_ONCE_OF_ALL: usize = 64;
/// The number of policies that are read ahead of the visible rows.
pub const READ_AHEAD: usize = 2000;
/// After so many denials, and not one answer, the rest of a registry is not asked for.
const DENIALS: usize = 3;
/// After so many failures in a row of a kind that passes, reading of a registry rests until it is asked for again.
const FAILURES: usize = 6;

/// The answers of one registry.
#[derive(Debug, Default)]
struct RegistryAnswers {
    answered: usize,
    denied: usize,
    failed_in_a_row: usize,
    stopped: Option<Failure>,
}

/// The reads that are under way and what became of those before.
#[derive(Debug, Default)]
pub struct Reads {
    /// The requests under way. One whose policy is there stays until its access is worked out, under the same number.
    in_flight: Vec<(RequestId, RepositoryRef)>,
    /// The policies that somebody else read, while their access is worked out.
    learned: Vec<(RequestId, RepositoryRef)>,
    /// The policies whose access is still to be worked out; without a number: learned from somebody else.
    to_work_out: Vec<(Option<RequestId>, StoredPolicy)>,
    /// Every row before this one was asked for.
    next: usize,
    asked: usize,
    done: usize,
    /// The answers of each registry: one that refuses hides no other.
    answers: HashMap<RegistryPlace, RegistryAnswers>,
    /// Tells whether all rows are read, as many at once as AWS takes: for the overview.
    is_thorough: bool,
}

impl Reads {
    /// Returns how many policies are read, of how many that are read ahead. `None`: nothing is being read.
    pub fn read_progress(&self, rows: usize) -> Option<(usize, usize)> {
        (!self.in_flight.is_empty())
            .then(|| (self.done, if self.is_thorough { rows } else { rows.min(READ_AHEAD) }.max(self.asked)))
    }

    /// Returns the repositories whose policies are being read.
    pub fn awaited(&self) -> impl Iterator<Item = &RepositoryRef> {
        self.in_flight.iter().map(|(_, repository)| repository)
    }

    /// Returns why reading has stopped somewhere, where it has.
    pub fn why_stopped(&self) -> Option<&Failure> {
        self.answers.values().find_map(|answers| answers.stopped.as_ref())
    }

    /// Returns why reading has stopped in the registry of a repository, where it has.
    pub fn why_stopped_at(&self, repository: &RepositoryRef) -> Option<&Failure> {
        // A place is made only where some registry has stopped: this is asked for each row.
        self.why_stopped()?;
        self.answers.get(&RegistryPlace::around(repository))?.stopped.as_ref()
    }

    /// Tells whether nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Forgets everything; the requests under way, to be cancelled.
    pub(super) fn forget_all(&mut self) -> Vec<RequestId> {
        let is_thorough = self.is_thorough;
        let old = std::mem::replace(self, Self { is_thorough, ..Self::default() });
        old.in_flight.into_iter().chain(old.learned).map(|(id, _)| id).collect()
    }

    /// Reads all rows again; what is known stays until then. The requests under way are to be cancelled.
    pub(super) fn read_again(&mut self, rows: &mut RepositoryRows) -> Vec<RequestId> {
        for row in rows.iter_mut() {
            row.read = ReadState::Wanted;
        }
        self.forget_all()
    }

    /// Reads what is not read of a registry with other credentials, which may have more rights. The requests under way there
    /// are to be cancelled.
    pub(super) fn read_anew(&mut self, rows: &mut RepositoryRows, place: &RegistryPlace) -> Vec<RequestId> {
        self.answers.remove(place);
        let (there, elsewhere): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.in_flight).into_iter().partition(|(_, repository)| place.holds(repository));
        self.in_flight = elsewhere;
        self.asked = self.asked.saturating_sub(there.len());
        self.to_work_out.retain(|(id, _)| id.is_none_or(|id| there.iter().all(|(asked, _)| *asked != id)));
        for (_, repository) in &there {
            if let Some(row) = rows.find_row(repository).and_then(|at| rows.get_mut(at)) {
                row.read = ReadState::Wanted;
            }
        }
        for at in 0..rows.len() {
            let is_failed = |row: &RepositoryRow| {
                matches!(row.access, PullAccess::Failed(_)) && place.holds(&row.repository.reference)
            };
            if rows.get(at).is_some_and(is_failed) {
                self.want_row(rows, at);
            }
        }
        self.next = 0;
        there.into_iter().map(|(id, _)| id).collect()
    }

    /// Reads all rows, or those near the visible ones alone.
    pub(super) fn read_thoroughly(&mut self, is_thorough: bool) {
        self.is_thorough = is_thorough;
    }

    /// Rows have gone: indexes before no longer hold.
    pub(super) fn rows_changed(&mut self) {
        self.next = 0;
    }

    /// Wants a row to be read again.
    pub(super) fn want_row(&mut self, rows: &mut RepositoryRows, at: usize) {
        if let Some(row) = rows.get_mut(at)
            && row.read == ReadState::Done
        {
            row.read = ReadState::Wanted;
            rows.set_access(at, PullAccess::Unknown.into());
            self.asked = self.asked.saturating_sub(1);
            self.done = self.done.saturating_sub(1);
            self.next = self.next.min(at);
        }
    }

    /// The next row to read: of `first`, of what is shown, then around it, then the rest. `shown`: the places that are
    /// visible.
    pub(super) fn next_row(
        &mut self,
        rows: &RepositoryRows,
        first: &[usize],
        shown: &std::ops::Range<usize>,
    ) -> Option<usize> {
        if self.in_flight.len() >= if self.is_thorough { AT_ONCE_OF_ALL } else { AT_ONCE } {
            return None;
        }
        let wanted = |at: &usize| {
            let is_open = |row: &RepositoryRow| self.why_stopped_at(&row.repository.reference).is_none();
            rows.get(*at).is_some_and(|row| row.read == ReadState::Wanted && is_open(row))
        };
        if let Some(at) = first.iter().copied().find(|at| wanted(at)) {
            return Some(at);
        }
        let page = shown.len();
        let around =
            shown.start.saturating_sub(page)..shown.end.saturating_add(page * 2).min(rows.shown_indexes().len());
        for range in [shown.clone(), around] {
            if let Some(at) =
                rows.shown_indexes().get(range).and_then(|places| places.iter().copied().find(|at| wanted(at)))
            {
                return Some(at);
            }
        }
        if self.asked >= READ_AHEAD && !self.is_thorough {
            return None;
        }
        let next = (self.next..rows.len()).find(wanted);
        self.next = next.unwrap_or(rows.len());
        next
    }

    /// A row is being asked for.
    pub(super) fn begin_read(&mut self, rows: &mut RepositoryRows, at: usize, id: RequestId) {
        if let Some(row) = rows.get_mut(at) {
            row.read = ReadState::Asked;
            self.asked += 1;
            self.in_flight.push((id, row.repository.reference.clone()));
        }
    }

    /// Takes an answer; `false`: it is late. Enough denials, or a lost sign-in, stop the reading. The access of a policy
    /// that was read is worked out after this.
    pub(super) fn take_answer(
        &mut self,
        rows: &mut RepositoryRows,
        id: RequestId,
        registry: &RegistryPolicy,
        result: Result<Option<String>, Failure>,
    ) -> bool {
        let Some((_, reference)) = self.in_flight.iter().find(|(asked, _)| *asked == id) else { return false };
        let answers = self.answers.entry(RegistryPlace::around(reference)).or_default();
        let at = rows.find_row(reference);
        match result {
            Ok(stored) => {
                answers.answered += 1;
                answers.failed_in_a_row = 0;
                let Some(row) = at.and_then(|at| rows.get(at)) else {
                    // The row has gone meanwhile.
                    self.end_read(id);
                    return true;
                };
                let (repository, registry) = (row.repository.reference.clone(), registry.clone());
                let stored = PolicyInput::of_stored(stored);
                self.to_work_out.push((Some(id), StoredPolicy { stored, repository, registry }));
            }
            Err(failure) => {
                answers.denied += usize::from(failure.kind == FailureKind::AccessDenied);
                answers.failed_in_a_row += usize::from(failure.kind.is_passing());
                let denied = answers.answered == 0 && answers.denied >= DENIALS;
                if denied || failure.kind.is_sign_in() || answers.failed_in_a_row >= FAILURES {
                    answers.stopped.get_or_insert_with(|| failure.clone());
                }
                if let Some(at) = at {
                    // What was read before may be another policy by now.
                    rows.set_access(at, PullAccess::Failed(failure).into());
                    if let Some(row) = rows.get_mut(at) {
                        row.read = ReadState::Done;
                    }
                }
                self.end_read(id);
            }
        }
        true
    }

    /// Takes what is known from elsewhere of a row that is being asked for. One that could not be read stops no other.
    pub(super) fn take_known(
        &mut self,
        rows: &mut RepositoryRows,
        id: RequestId,
        repository: &RepositoryRef,
        known: (Result<PolicyInput, Failure>, RegistryPolicy),
    ) {
        let (read, registry) = known;
        match read {
            Ok(stored) => {
                let repository = repository.clone();
                self.to_work_out.push((Some(id), StoredPolicy { stored, repository, registry }));
            }
            Err(failure) => {
                if let Some(at) = rows.find_row(repository) {
                    rows.set_access(at, PullAccess::Failed(failure).into());
                    if let Some(row) = rows.get_mut(at) {
                        row.read = ReadState::Done;
                    }
                }
                self.end_read(id);
            }
        }
    }

    fn end_read(&mut self, id: RequestId) -> Option<RepositoryRef> {
        let at = self.in_flight.iter().position(|(asked, _)| *asked == id)?;
        self.done += 1;
        Some(self.in_flight.swap_remove(at).1)
    }

    /// Begins to work out access: what is still to be done, each with its number.
    pub(super) fn begin_work(&mut self, mut next_id: impl FnMut() -> RequestId) -> Vec<(RequestId, StoredPolicy)> {
        let mut begun = Vec::new();
        for (id, policy) in std::mem::take(&mut self.to_work_out) {
            let id = id.unwrap_or_else(|| {
                let id = next_id();
                // What was learned before about the same repository is older.
                self.learned.retain(|(_, repository)| *repository != policy.repository);
                self.learned.push((id, policy.repository.clone()));
                id
            });
            begun.push((id, policy));
        }
        begun
    }

    /// Takes access that was worked out, and returns the repository; none: nobody waits for it.
    pub(super) fn take_access(
        &mut self,
        rows: &mut RepositoryRows,
        id: RequestId,
        access: FoundAccess,
    ) -> Option<RepositoryRef> {
        let learned = self.learned.iter().position(|(asked, _)| *asked == id);
        let reference = match learned {
            Some(at) => Some(self.learned.swap_remove(at).1),
            None => self.end_read(id),
        };
        let reference = reference?;
        if let Some(at) = rows.find_row(&reference) {
            rows.set_access(at, access);
            if let Some(row) = rows.get_mut(at).filter(|_| learned.is_none()) {
                row.read = ReadState::Done;
            }
        }
        Some(reference)
    }

    /// Judges a policy again that was read before.
    pub(super) fn judge_again(&mut self, repository: &RepositoryRef, stored: PolicyInput, registry: RegistryPolicy) {
        let repository = repository.clone();
        self.to_work_out.push((None, StoredPolicy { stored, repository, registry }));
    }

    /// Takes what somebody else read of a row; its access is worked out after this.
    pub(super) fn take_learned(
        &mut self,
        rows: &mut RepositoryRows,
        repository: &RepositoryRef,
        stored: Option<&str>,
        registry: &RegistryPolicy,
    ) {
        if let Some(row) = rows.find_row(repository).and_then(|at| rows.get_mut(at)) {
            let (repository, registry) = (row.repository.reference.clone(), registry.clone());
            self.to_work_out.push((
                None,
                StoredPolicy { stored: PolicyInput::of_stored(stored.map(str::to_owned)), repository, registry },
            ));
            if row.read == ReadState::Wanted {
                row.read = ReadState::Done;
                self.asked += 1;
                self.done += 1;
            }
        }
    }
}
