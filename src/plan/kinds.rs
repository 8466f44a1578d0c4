//! Sorts plans by what becomes of them: those that need a look come first.

use super::planned::{Planned, Verdict};

/// The kinds of plans, in the order in which people read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlanKind {
    /// The stored policy could not be read.
    Unread,
    /// It cannot be written before somebody decides: a deleted principal is in the way, or the limit of the size.
    Undecided,
    /// It must not be written.
    Refused,
    /// A Deny statement voids it.
    Blocked,
    /// The configuration forbids to write it.
    ReadOnly,
    /// It will be written.
    Write,
    /// There is nothing to write.
    Settled,
}

impl PlanKind {
    /// All kinds, in their order.
    pub const ALL: [Self; 7] =
        [Self::Unread, Self::Undecided, Self::Refused, Self::Blocked, Self::ReadOnly, Self::Write, Self::Settled];

    /// Tells whether it stops the write of its repository.
    pub fn is_exception(self) -> bool {
        self < Self::Write
    }

    /// Returns what so many of them come to, in a clause without its subject.
    fn sum_words(self, count: usize) -> &'static str {
        match (self, count) {
            (Self::Unread, _) => "could not be read",
            (Self::Undecided, 1) => "needs a decision",
            (Self::Undecided, _) => "need a decision",
            (Self::Refused, _) => "cannot be written",
            (Self::Blocked, _) => "blocked by a Deny",
            (Self::ReadOnly, _) => "held read-only",
            (Self::Write, _) => "will be written",
            (Self::Settled, 1) => "has nothing to write",
            (Self::Settled, _) => "have nothing to write",
        }
    }
}

/// Says how many plans there are of each kind: `2 need a decision, 38 will be written`.
pub fn kind_sums(kinds: impl IntoIterator<Item = PlanKind>) -> String {
    let mut kinds: Vec<PlanKind> = kinds.into_iter().collect();
    kinds.sort_unstable();
    let sums = kinds.chunk_by(PartialEq::eq).filter_map(|same| {
        let kind = same.first()?;
        Some(format!("{} {}", same.len(), kind.sum_words(same.len())))
    });
    sums.collect::<Vec<_>>().join(", ")
}

impl Planned {
    /// Returns the kind.
    pub fn kind(&self) -> PlanKind {
        match &self.verdict {
            Verdict::Write => PlanKind::Write,
            Verdict::AlreadyGranted => PlanKind::Settled,
            Verdict::Blocked => PlanKind::Blocked,
            Verdict::ReadOnly(_) => PlanKind::ReadOnly,
            Verdict::Unread(_) => PlanKind::Unread,
            Verdict::TooLong(_) => PlanKind::Undecided,
            Verdict::Refused(_) if self.undo.is_none() && self.names_deleted() => PlanKind::Undecided,
            Verdict::Refused(_) | Verdict::LocksOut(_) => PlanKind::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_told_once_for_each_kind_in_the_order_of_reading() {
        let kinds = [PlanKind::Write, PlanKind::Settled, PlanKind::Undecided, PlanKind::Write, PlanKind::Unread];
        assert_eq!(
            kind_sums(kinds),
            "1 could not be read, 1 needs a decision, 2 will be written, 1 has nothing to write"
        );
        assert_eq!(kind_sums([]), "");
        assert_eq!(kind_sums([PlanKind::Settled; 3]), "3 have nothing to write");
        assert!(PlanKind::ALL.is_sorted(), "the order of reading is the order of the kinds");
    }
}
