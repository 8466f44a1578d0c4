//! The access of one party, as one row of an access table gives it.

use std::sync::Arc;

use super::right::Right;
use crate::ecr::AccessEnd;
use crate::policy::{AccessTable, Class, Condition, Unproved, Who, soonest_end};

/// The access of one party under one set of conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GranteeAccess {
    /// The party.
    pub who: Who,
    /// The strongest right among the actions.
    pub right: Right,
    /// The actions that remain after every Deny, without `ecr:`, in the order of the action table. Equal lists of one review
    /// share one.
    pub actions: Arc<[String]>,
    /// The conditions; all of them must hold.
    pub conditions: Vec<Condition>,
    /// The statements that give it, from 1.
    pub statements: Vec<usize>,
    /// How far it opens the repository.
    pub class: Class,
    /// The reason why `class` is not proved; none: it is.
    pub unproved: Option<Unproved>,
}

impl GranteeAccess {
    /// Returns the parties of a table: those that have something after every Deny, and deleted principals.
    pub(super) fn of_table(table: &AccessTable) -> Vec<Self> {
        let rows = table.rows.iter().filter_map(|row| {
            let actions = row.effective();
            let is_told = !actions.is_empty() || row.who.is_deleted();
            is_told.then(|| Self {
                who: row.who.clone(),
                right: Right::of_actions(actions.iter().map(String::as_str)),
                actions: actions.into(),
                conditions: row.conditions.clone(),
                statements: row.statements.iter().map(|index| index + 1).collect(),
                class: row.class,
                unproved: row.unproved,
            })
        });
        // Many are kept, and a vector that grew has room for more than it holds.
        let mut accesses: Vec<Self> = rows.collect();
        accesses.shrink_to_fit();
        accesses
    }

    /// Returns the soonest moment at which its conditions end it; none: no condition on the time does.
    pub fn end(&self) -> Option<AccessEnd> {
        soonest_end(&self.conditions)
    }

    /// Says of access that has ended when it did.
    pub fn ended_words(&self) -> String {
        let when = self.end().map(|end| format!(" on {}", end.words())).unwrap_or_default();
        format!("{}: ended{when}", self.who.words())
    }

    /// Tells whether it is about others than the owner's own account, and about somebody who still exists.
    pub fn is_outside(&self) -> bool {
        !matches!(self.class, Class::OwnAccount | Class::None) && !self.who.is_deleted()
    }
}
