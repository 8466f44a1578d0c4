//! The access table at a moment: what has ended is no access, what begins later or a Deny takes later is told with the
//! moment, and a Deny that has ended takes nothing.

use super::{AccessRow, AccessTable, table};
use crate::condition::{TimeBound, has_begun, has_ended, in_force, with_silent};
use crate::ecr::{AccessEnd, AccountId};
use crate::model::document::{Condition, Effect, Policy, Statement};

/// The most moments at which the access is worked out anew. Where a policy names more, the rows tell their own conditions.
const MOST_MOMENTS: usize = 16;

/// The moments at which access begins and ends; none: it has begun, or has no end.
type Times = (Option<AccessEnd>, Option<AccessEnd>);

/// The access that a policy gives from a moment on, and the access that has ended by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessAt {
    /// The access from then on. `begins` and `ends` of its rows are set.
    pub present: AccessTable,
    /// The access that Allow statements gave which have ended, Deny statements aside.
    pub ended: AccessTable,
}

impl AccessAt {
    /// Joins both for a list that shows what has ended too: its rows stand among the others, in the order of the
    /// statements. Classes and Deny statements are those of the present.
    pub fn with_ended_rows(self) -> AccessTable {
        let mut all = self.present;
        all.rows.extend(self.ended.rows);
        all.rows.sort_by_key(|row| row.statements.first().copied());
        all
    }
}

/// Works out the access table of a policy at `now`, in seconds since 1970. Without a moment nothing has ended, and nothing
/// begins later. All numbers of statements are those of the policy.
pub fn table_at(policy: &Policy, owner: &AccountId, now: Option<i64>) -> AccessAt {
    let Some(now) = now else {
        return AccessAt { present: table(policy, owner), ended: AccessTable::empty() };
    };
    let is_ended = |statement: &Statement| statement.effect == Effect::Allow && has_ended(statement, now);
    let ended = if policy.statements.iter().any(is_ended) {
        table(&with_silent(policy, |statement| !is_ended(statement)), owner)
    } else {
        AccessTable::empty()
    };
    let decides = in_force(policy, now);
    let mut present = table(&decides, owner);
    present.rows = timed_rows(present.rows, &decides, owner, now);
    for row in &mut present.denies {
        let conditions = policy.statements.get(row.statement).map(|statement| statement.conditions.as_slice());
        let begun = conditions.unwrap_or_default().iter().filter(|condition| has_begun(condition, now));
        row.conditions.extend(begun.cloned());
    }
    AccessAt { present, ended }
}

/// Sets the moments at which the access of rows begins and ends. A row of whose actions some begin or end at other moments
/// than the rest becomes several.
fn timed_rows(rows: Vec<AccessRow>, decides: &Policy, owner: &AccountId, now: i64) -> Vec<AccessRow> {
    let has_bound = |statement: &Statement| statement.conditions.iter().any(|c| TimeBound::of_condition(c).is_some());
    let is_speaking = |statement: &&Statement| !has_ended(statement, now);
    let speaking: Vec<&Statement> = decides.statements.iter().filter(is_speaking).collect();
    let is_cut_by_deny = speaking.iter().any(|statement| statement.effect == Effect::Deny && has_bound(statement));
    let bounds = speaking.iter().flat_map(|statement| &statement.conditions).filter_map(TimeBound::of_condition);
    let mut moments: Vec<AccessEnd> = bounds.map(TimeBound::moment).filter(|moment| !moment.is_past(now)).collect();
    moments.sort_unstable();
    moments.dedup();
    if !is_cut_by_deny || moments.len() > MOST_MOMENTS {
        return rows.into_iter().map(|row| with_own_times(row, now)).collect();
    }
    let tables: Vec<(Option<AccessEnd>, Vec<AccessRow>)> = std::iter::once(None)
        .chain(moments.into_iter().map(Some))
        .map(|moment| (moment, table(&frozen(decides, moment.map_or(now, AccessEnd::seconds)), owner).rows))
        .collect();
    rows.into_iter().flat_map(|row| split_by_times(row, &tables)).collect()
}

/// Returns the policy as it decides right after a moment: without the statements that a time keeps from deciding then, and
/// without the conditions on the time that hold.
fn frozen(policy: &Policy, moment: i64) -> Policy {
    let fails = |condition: &Condition| TimeBound::of_condition(condition).is_some_and(|b| !b.holds_after(moment));
    let mut policy = with_silent(policy, |statement| statement.conditions.iter().any(fails));
    for statement in &mut policy.statements {
        statement.conditions.retain(|condition| TimeBound::of_condition(condition).is_none());
    }
    policy
}

/// Sets the times that the conditions of a row tell.
fn with_own_times(row: AccessRow, now: i64) -> AccessRow {
    let (begins, ends) = row.own_times();
    AccessRow { begins: begins.filter(|begin| !begin.is_past(now)), ends, ..row }
}

/// Returns a row for each set of its actions that begins and ends together.
fn split_by_times(row: AccessRow, tables: &[(Option<AccessEnd>, Vec<AccessRow>)]) -> Vec<AccessRow> {
    let is_there = |at: &[AccessRow], action: &String| {
        let is_it = |other: &&AccessRow| {
            other.who == row.who && other.statements.iter().any(|number| row.statements.contains(number))
        };
        at.iter().filter(is_it).any(|other| other.remaining().any(|name| name == action))
    };
    let times = |action: &String| -> Option<Times> {
        let mut states = tables.iter().map(|(moment, at)| (*moment, is_there(at, action)));
        let (begins, _) = states.by_ref().find(|(_, is_there)| *is_there)?;
        Some((begins, states.find(|(_, is_there)| !is_there).and_then(|(moment, _)| moment)))
    };
    // Access of a moment alone is between the moments that are looked at.
    let is_of_moment = row.conditions.iter().any(|c| matches!(TimeBound::of_condition(c), Some(TimeBound::At(_))));
    let mut parts: Vec<(Times, Vec<String>)> = Vec::new();
    let mut void = Vec::new();
    for action in &row.actions {
        let times = if row.void.contains(action) { None } else { times(action) };
        let Some(times) = times.or((is_of_moment && !row.void.contains(action)).then_some((None, None))) else {
            // What nobody has from now on stays with the rest.
            void.push(action.clone());
            continue;
        };
        match parts.iter_mut().find(|(known, _)| *known == times) {
            Some((_, actions)) => actions.push(action.clone()),
            None => parts.push((times, vec![action.clone()])),
        }
    }
    match parts.as_slice() {
        [] => vec![AccessRow { void, ..row }],
        [((begins, ends), _)] => vec![AccessRow { begins: *begins, ends: *ends, void, ..row }],
        _ => {
            let last = parts.len() - 1;
            let part = |(at, ((begins, ends), mut actions)): (usize, (_, Vec<String>))| {
                let void = if at == last { void.clone() } else { Vec::new() };
                actions.extend(void.iter().cloned());
                crate::model::actions::sort_actions(&mut actions);
                AccessRow { actions, void, begins, ends, ..row.clone() }
            };
            parts.into_iter().enumerate().map(part).collect()
        }
    }
}
