//! The orders of the rows: by each thing that the list shows of them, and each of them backwards.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::row::RepositoryRow;
use crate::ecr::Region;
use crate::wizard::computation::pull_access::PullAccess;

/// The thing that rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// The newest first.
    Newest,
    /// The widest open first.
    Access,
    /// The widest open with the gravest findings first; what is not known last.
    Worst,
    /// The gravest findings first, then the most.
    Findings,
    /// The most grantees first.
    Grantees,
    /// By the owner's account.
    Account,
    /// By Region.
    Region,
}

impl Sort {
    /// The orders of the list alone.
    pub const OF_LIST: [Self; 3] = [Self::Name, Self::Newest, Self::Access];
    /// The orders of the review of all repositories, by its columns.
    pub const OF_REVIEW: [Self; 8] = [
        Self::Worst,
        Self::Name,
        Self::Account,
        Self::Region,
        Self::Findings,
        Self::Grantees,
        Self::Newest,
        Self::Access,
    ];

    /// Returns the next order of a list of them, round and round, of those that are shown.
    #[must_use]
    pub fn next_of(self, orders: &[Self], is_shown: impl Fn(Self) -> bool) -> Self {
        let at = orders.iter().position(|order| *order == self).map_or(0, |at| at + 1);
        let mut round = orders.iter().cycle().skip(at).take(orders.len()).copied();
        round.find(|order| is_shown(*order)).unwrap_or(self)
    }

    /// Tells whether it changes with what is known of the policies.
    pub fn is_by_policy(self) -> bool {
        matches!(self, Self::Access | Self::Worst | Self::Findings | Self::Grantees)
    }

    /// Tells whether the largest stands first: the head of its column says so.
    pub fn is_descending(self) -> bool {
        !matches!(self, Self::Name | Self::Account | Self::Region)
    }
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// The thing that rows are ordered by.
    pub by: Sort,
    /// Tells whether the last comes first. What is not known stays at the end.
    pub is_backwards: bool,
}

impl Order {
    /// Returns the order in words. `in_review`: rows tell classes there.
    pub fn in_words(self, in_review: bool) -> &'static str {
        match (self.by, self.is_backwards) {
            (Sort::Name, false) => "by name",
            (Sort::Name, true) => "by name, Z to A",
            (Sort::Newest, false) => "newest first",
            (Sort::Newest, true) => "oldest first",
            (Sort::Access, false) if in_review => "by class, widest first",
            (Sort::Access, true) if in_review => "by class, narrowest first",
            (Sort::Access, false) => "by who can pull",
            (Sort::Access, true) => "by who can pull, narrowest first",
            (Sort::Worst, false) => "worst first",
            (Sort::Worst, true) => "worst last",
            (Sort::Findings, false) => "by findings, gravest first",
            (Sort::Findings, true) => "by findings, gravest last",
            (Sort::Grantees, false) => "by grantees, most first",
            (Sort::Grantees, true) => "by grantees, fewest first",
            (Sort::Account, false) => "by account",
            (Sort::Account, true) => "by account, highest first",
            (Sort::Region, false) => "by Region",
            (Sort::Region, true) => "by Region, Z to A",
        }
    }

    /// Tells whether the largest stands first.
    pub fn is_descending(self) -> bool {
        self.by.is_descending() != self.is_backwards
    }
}

/// The key of a row in an order: the lowest comes first; of equals the name decides.
pub(super) type OrderKey = (bool, Reverse<i64>);

/// Makes the keys of an order.
#[derive(Debug)]
pub(super) struct OrderKeys {
    order: Order,
    /// The Regions of the rows, in their order.
    regions: BTreeSet<Region>,
}

impl OrderKeys {
    pub(super) fn of_rows(order: Order, rows: &[RepositoryRow]) -> Self {
        let mut regions = BTreeSet::new();
        if order.by == Sort::Region {
            for row in rows {
                if !regions.contains(&row.repository.reference.region) {
                    regions.insert(row.repository.reference.region.clone());
                }
            }
        }
        Self { order, regions }
    }

    /// Returns the key of a row whose place by name is known.
    pub(super) fn key_of(&self, row: &RepositoryRow, place_by_name: usize) -> OrderKey {
        let place = |at: usize| -i64::try_from(at).unwrap_or(i64::MAX);
        let is_known = !matches!(row.access, PullAccess::Unknown | PullAccess::Failed(_));
        let width = || -i64::from(row.access.width_rank());
        let gravity = row.gravity();
        // The higher comes first.
        let value = match self.order.by {
            Sort::Name => Some(place(place_by_name)),
            Sort::Newest => row.repository.created,
            Sort::Access => is_known.then(width),
            Sort::Worst => is_known.then(|| width() * 0x1_0000 + gravity / 0x1_0000_0000),
            Sort::Findings => is_known.then_some(gravity),
            Sort::Grantees => is_known.then(|| i64::try_from(row.count_grantees()).unwrap_or(i64::MAX)),
            Sort::Account => row.repository.reference.account.as_str().parse::<i64>().ok().map(|id| -id),
            Sort::Region => Some(place(self.regions.range(..&row.repository.reference.region).count())),
        };
        let value = value.map(|value| if self.order.is_backwards { -value } else { value });
        (value.is_none(), Reverse(value.unwrap_or_default()))
    }
}
