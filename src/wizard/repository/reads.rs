//! Reads who can pull in the background, a few policies at a time, the visible rows first.

use super::rows::{RepositoryRow, RepositoryRows};
use crate::ecr::{Failure, FailureKind, RepositoryName, RepositoryRef};
use crate::policy::RegistryPolicy;
use crate::policy::access::{AccessRow, Class, table};
use crate::policy::document::Policy;
use crate::policy::explain::{access_column, access_words, actions_words, condition_words};
use crate::wizard::RequestId;

/// The most reads that are under way at once (AWS publishes no rate for them; a handful keeps clear of throttling).
pub const AT_ONCE: usize = 6;
/// The number of policies that are read ahead of the visible rows.
pub const READ_AHEAD: usize = 2000;
/// After so many denials, and not one answer, the rest is not asked for.
const DENIALS: usize = 3;
/// After so many failures in a row of a kind that passes, reading rests until it is asked for again.
const FAILURES: usize = 6;

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
        column: String,
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
    /// Works out what a stored policy amounts to under its registry's. Done once, when the answer comes.
    pub fn of_policy(stored: Option<&str>, repository: &RepositoryRef, registry: &RegistryPolicy) -> Self {
        let registry_may_open = registry.may_open(repository);
        let policy = match stored.map(Policy::read) {
            None if registry_may_open => None,
            None => return Self::NoPolicy,
            Some(Ok(policy)) => Some(policy),
            Some(Err(_)) => return Self::Unreadable,
        };
        let table = table(&registry.around(policy.as_ref(), repository), &repository.account);
        let grantees = table.rows.iter().map(grantee_words).chain(registry.note_words(repository)).collect();
        let only_deleted =
            matches!(table.class, Class::OwnAccount | Class::None) && table.rows.iter().any(|row| row.who.is_deleted());
        let (mut words, mut column) = (access_words(&table), access_column(&table));
        if registry_may_open {
            words.push_str("; the registry policy may open it too");
            column.push_str(", registry?");
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
    pub(super) fn width_rank(&self) -> u8 {
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
fn grantee_words(row: &AccessRow) -> String {
    let mut words = vec![format!("{}: {}", row.who.words(), actions_words(&row.actions))];
    words.extend(row.conditions.iter().map(condition_words));
    if !row.blocked.is_empty() {
        words.push(format!("{} a Deny", row.denial_words()));
    }
    words.join(", ")
}

/// The progress of reading a row's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadState {
    Wanted,
    Asked,
    Done,
}

/// The reads that are under way and what became of those before.
#[derive(Debug, Default)]
pub struct Reads {
    in_flight: Vec<(RequestId, RepositoryName)>,
    /// Every row before this one was asked for.
    next: usize,
    asked: usize,
    done: usize,
    answered: usize,
    denied: usize,
    failed_in_a_row: usize,
    stopped: Option<Failure>,
}

impl Reads {
    /// Returns how many policies are read, of how many that are read ahead. `None`: nothing is being read.
    pub fn read_progress(&self, rows: usize) -> Option<(usize, usize)> {
        (!self.in_flight.is_empty()).then(|| (self.done, rows.min(READ_AHEAD).max(self.asked)))
    }

    /// Returns why reading has stopped, where it has.
    pub fn why_stopped(&self) -> Option<&Failure> {
        self.stopped.as_ref()
    }

    /// Tells whether nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Forgets everything; the requests under way, to be cancelled.
    pub(super) fn forget_all(&mut self) -> Vec<RequestId> {
        let old = std::mem::take(self);
        old.in_flight.into_iter().map(|(id, _)| id).collect()
    }

    /// Reads all rows again; what is known stays until then. The requests under way are to be cancelled.
    pub(super) fn read_again(&mut self, rows: &mut RepositoryRows) -> Vec<RequestId> {
        for row in rows.iter_mut() {
            row.read = ReadState::Wanted;
        }
        self.forget_all()
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
            row.access = PullAccess::Unknown;
            self.asked = self.asked.saturating_sub(1);
            self.done = self.done.saturating_sub(1);
            self.next = self.next.min(at);
        }
    }

    /// The next row to read: of what is shown, then around it, then the rest. `shown`: the places that are visible.
    pub(super) fn next_row(&mut self, rows: &RepositoryRows, shown: &std::ops::Range<usize>) -> Option<usize> {
        if self.stopped.is_some() || self.in_flight.len() >= AT_ONCE {
            return None;
        }
        let wanted = |at: &usize| rows.get(*at).is_some_and(|row: &RepositoryRow| row.read == ReadState::Wanted);
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
        if self.asked >= READ_AHEAD {
            return None;
        }
        while self.next < rows.len() {
            if wanted(&self.next) {
                return Some(self.next);
            }
            self.next += 1;
        }
        None
    }

    /// A row is being asked for.
    pub(super) fn begin_read(&mut self, rows: &mut RepositoryRows, at: usize, id: RequestId) {
        if let Some(row) = rows.get_mut(at) {
            row.read = ReadState::Asked;
            self.asked += 1;
            self.in_flight.push((id, row.repository.name().clone()));
        }
    }

    /// Takes an answer; `false`: it is late. Enough denials, or a lost sign-in, stop the reading.
    pub(super) fn take_answer(
        &mut self,
        rows: &mut RepositoryRows,
        id: RequestId,
        registry: &RegistryPolicy,
        result: Result<Option<String>, Failure>,
    ) -> bool {
        let Some(at) = self.in_flight.iter().position(|(asked, _)| *asked == id) else { return false };
        let (_, name) = self.in_flight.swap_remove(at);
        self.done += 1;
        match &result {
            Ok(_) => {
                self.answered += 1;
                self.failed_in_a_row = 0;
            }
            Err(failure) => {
                self.denied += usize::from(failure.kind == FailureKind::AccessDenied);
                self.failed_in_a_row += usize::from(failure.kind.is_passing());
                let denied = self.answered == 0 && self.denied >= DENIALS;
                if denied || failure.kind.is_sign_in() || self.failed_in_a_row >= FAILURES {
                    self.stopped.get_or_insert_with(|| failure.clone());
                }
            }
        }
        if let Some(row) = rows.find_row(&name).and_then(|at| rows.get_mut(at)) {
            row.read = ReadState::Done;
            row.access = match result {
                Ok(stored) => PullAccess::of_policy(stored.as_deref(), &row.repository.reference, registry),
                Err(failure) => PullAccess::Failed(failure),
            };
        }
        true
    }

    /// Takes what somebody else read of a row.
    pub(super) fn take_learned(
        &mut self,
        rows: &mut RepositoryRows,
        name: &RepositoryName,
        stored: Option<&str>,
        registry: &RegistryPolicy,
    ) {
        if let Some(row) = rows.find_row(name).and_then(|at| rows.get_mut(at)) {
            row.access = PullAccess::of_policy(stored, &row.repository.reference, registry);
            if row.read == ReadState::Wanted {
                row.read = ReadState::Done;
                self.asked += 1;
                self.done += 1;
            }
        }
    }
}
