//! Separates access that has ended by the time of a review: it is no access today, and a finding.

use super::finding::{ENDED_ACCESS, ReviewFinding};
use super::grantee_access::GranteeAccess;
use crate::ecr::AccountId;
use crate::policy::access::table;
use crate::policy::{AccessTable, Class, Effect, Policy, Statement, has_ended};

/// Works out the access table of what has not ended by `now`, and the accesses that have; both number the statements as the
/// policy does. Without a moment nothing has ended.
pub fn split_table(decided: &Policy, owner: &AccountId, now: Option<i64>) -> (AccessTable, Vec<GranteeAccess>) {
    let is_ended = |s: &Statement| s.effect == Effect::Allow && now.is_some_and(|now| has_ended(s, now));
    let part = |ended: bool| {
        let of_part = |(_, s): &(usize, &Statement)| is_ended(s) == ended;
        let (numbers, statements): (Vec<usize>, Vec<Statement>) =
            decided.statements.iter().enumerate().filter(of_part).map(|(at, s)| (at, s.clone())).unzip();
        (numbers, Policy { statements, ..decided.clone() })
    };
    let (ended_numbers, ended) = part(true);
    if ended_numbers.is_empty() {
        return (table(decided, owner), Vec::new());
    }
    let (numbers, present) = part(false);
    let count = decided.statements.len();
    let present = renumber(table(&present, owner), &numbers, count);
    (present, GranteeAccess::of_table(&renumber(table(&ended, owner), &ended_numbers, count)))
}

/// Gives the statements of a table their places in a policy of `count` statements; `numbers` has them in order.
fn renumber(table: AccessTable, numbers: &[usize], count: usize) -> AccessTable {
    let place = |at: usize| numbers.get(at).copied().unwrap_or(at);
    let AccessTable { mut rows, mut denies, of_statements, class, unproved } = table;
    for row in &mut rows {
        for at in row.statements.iter_mut().chain(&mut row.blocked) {
            *at = place(*at);
        }
    }
    for row in &mut denies {
        row.statement = place(row.statement);
    }
    let mut classes = vec![Class::None; count];
    for (at, class) in of_statements.into_iter().enumerate() {
        if let Some(slot) = classes.get_mut(place(at)) {
            *slot = class;
        }
    }
    AccessTable { rows, denies, class, of_statements: classes, unproved }
}

/// Tells of each access that has ended: the statement stays until somebody takes it out.
pub(super) fn ended_findings(ended: &[GranteeAccess]) -> impl Iterator<Item = ReviewFinding> {
    ended.iter().map(|access| {
        let when = access.end().map(|end| format!(" on {}", end.words())).unwrap_or_default();
        let message = format!("the access of {} ended{when}", access.who.words());
        let finding = ReviewFinding::of_rule(&ENDED_ACCESS, message, access.statements.first().copied());
        ReviewFinding { grantee: Some(access.who.id()), ..finding }
    })
}
