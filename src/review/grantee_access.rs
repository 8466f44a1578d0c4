//! The access of one party, as one row of an access table gives it.

use std::sync::Arc;

use super::right::Right;
use crate::ecr::AccessEnd;
use crate::policy::access::party_words_under;
use crate::policy::explain::{actions_words, condition_words};
use crate::policy::{AccessTable, Class, Condition, TimeBound, Unproved, Who, soonest_end};

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
    /// The moment before which nobody has it; none: it has begun.
    pub begins: Option<AccessEnd>,
    /// The moment from which on nobody has it, by its conditions or by a Deny; none: none is known.
    pub ends: Option<AccessEnd>,
    /// The same two in words, where a Deny sets them; often empty.
    pub denied_times: String,
}

impl GranteeAccess {
    /// Returns the parties of a table: those that have something after every Deny, and deleted principals.
    pub fn of_table(table: &AccessTable) -> Vec<Self> {
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
                begins: row.begins,
                ends: row.ends,
                denied_times: row.denied_time_words(),
            })
        });
        // Many are kept, and a vector that grew has room for more than it holds.
        let mut accesses: Vec<Self> = rows.collect();
        accesses.shrink_to_fit();
        accesses
    }

    /// Says what the party may do, with its conditions.
    pub fn right_words(&self) -> String {
        if self.who.is_deleted() {
            return "nothing: the role or user is deleted".to_owned();
        }
        let unproved = self.unproved.map(|why| format!("unproved: {}", why.words()));
        let conditions = self.conditions.iter().map(condition_words);
        let times = Some(self.denied_times.clone()).filter(|times| !times.is_empty());
        let parts: Vec<String> =
            std::iter::once(actions_words(&self.actions)).chain(conditions).chain(times).chain(unproved).collect();
        parts.join(", ")
    }

    /// Returns the soonest moment at which a condition or a Deny ends it; none: nothing that is about the time does.
    pub fn end(&self) -> Option<AccessEnd> {
        self.ends.into_iter().chain(soonest_end(&self.conditions)).min()
    }

    /// Returns the party in words; where its statement names all but some, whom it leaves out.
    pub fn party_words(&self) -> String {
        party_words_under(&self.who, &self.conditions)
    }

    /// Returns the statements, from 1, by which the same goes on when it ends, or has gone on; none: it does not.
    ///
    /// They give all of its actions, to it or to everyone, today, under no other conditions than its own, and end later.
    pub fn continuing_statements(&self, present: &[Self]) -> Option<Vec<usize>> {
        let end = self.end()?;
        let is_other = |condition: &Condition| {
            TimeBound::of_condition(condition).is_none() && !self.conditions.contains(condition)
        };
        let goes_on = |other: &&Self| {
            (other.who == self.who || other.who == Who::Everyone)
                && other.begins.is_none()
                && other.end().is_none_or(|later| later > end)
                && !other.conditions.iter().any(is_other)
        };
        let others: Vec<&Self> = present.iter().filter(goes_on).collect();
        let is_given = |action: &String| others.iter().any(|other| other.actions.contains(action));
        let mut statements: Vec<usize> = others.iter().flat_map(|other| other.statements.iter().copied()).collect();
        statements.sort_unstable();
        statements.dedup();
        (!self.actions.is_empty() && self.actions.iter().all(is_given)).then_some(statements)
    }

    /// Says of access that has ended when it did.
    pub fn ended_words(&self) -> String {
        let when = self.end().map(|end| format!(" on {}", end.words())).unwrap_or_default();
        format!("{}: ended{when}", self.party_words())
    }

    /// Tells whether it is about others than the owner's own account, and about somebody who still exists.
    pub fn is_outside(&self) -> bool {
        !matches!(self.class, Class::OwnAccount | Class::None) && !self.who.is_deleted()
    }
}
