//! Access that was asked for and that a Deny takes: surely, or under what conditions.

use super::planned::{Planned, Verdict};
use super::request::{Request, wanted};
use crate::policy::access::given;
use crate::policy::document::{Effect, Policy};
use crate::policy::edit::statement_words;
use crate::policy::explain::{actions_words, condition_words};
use crate::policy::lint::is_too_long;
use crate::policy::{AccessRow, Wanted, is_settled};

/// The access asked for that a Deny statement of the new text may void; `void` names the actions that settled Denys
/// take from the whole party: only those are sure.
pub fn blocked(planned: &Planned, request: &Request) -> Vec<AccessRow> {
    rows(planned, request).into_iter().filter(|row| !row.blocked.is_empty()).collect()
}

/// Notes what a Deny takes of what was asked for. A grant of which nothing is left is not written.
pub(super) fn note(planned: &mut Planned, request: &Request) {
    let rows = rows(planned, request);
    let is_void = |row: &AccessRow| row.actions.iter().all(|name| row.void.contains(name));
    let is_grant = matches!(planned.verdict, Verdict::Write | Verdict::AlreadyGranted);
    if is_grant && !rows.is_empty() && rows.iter().all(is_void) {
        planned.verdict = Verdict::Blocked;
    }
    planned.blocked = rows.into_iter().filter(|row| !row.blocked.is_empty()).collect();
}

fn rows(planned: &Planned, request: &Request) -> Vec<AccessRow> {
    // Of a text far too long nothing is claimed.
    let text = planned.text.as_deref().filter(|text| !is_too_long(text));
    let Some(policy) = text.and_then(|text| Policy::read(text).ok()) else { return Vec::new() };
    wanted(request).iter().flat_map(|wanted| rows_of(&policy, wanted)).collect()
}

fn rows_of(policy: &Policy, wanted: &Wanted) -> Vec<AccessRow> {
    let mut plain = policy.clone();
    plain.statements.retain(|statement| statement.effect == Effect::Allow || is_settled(statement));
    let sure = given(&plain, wanted);
    let mut rows = given(policy, wanted);
    for row in &mut rows {
        let same = sure.iter().find(|other| other.who == row.who && other.conditions == row.conditions);
        row.void = same.map(|other| other.void.clone()).unwrap_or_default();
    }
    rows
}

impl Planned {
    /// Tells whether a part of what was asked for is surely denied: never to be reported as done.
    pub fn is_denied(&self) -> bool {
        self.blocked.iter().any(|row| !row.void.is_empty())
    }

    /// Says what a Deny takes of what was asked for, a clause for each party: `pull (3 actions) for account 111111111111 is
    /// blocked by statement 1 (Ban)`, or what it may take, and when.
    pub fn denied_words(&self) -> Vec<String> {
        let policy = self.text.as_deref().and_then(|text| Policy::read(text).ok());
        let statement = |at: usize| policy.as_ref().and_then(|policy| policy.statements.get(at));
        let named = |at: &usize| {
            let sid = statement(*at).and_then(|s| s.sid.as_ref()).map(|sid| sid.value.as_str());
            statement_words(*at, sid)
        };
        let with_conditions = |at: &usize| {
            let conditions = statement(*at).map(|s| s.conditions.as_slice()).unwrap_or_default();
            match conditions.iter().map(condition_words).collect::<Vec<_>>().join(" and ") {
                none if none.is_empty() => named(at),
                words => format!("{} ({words})", named(at)),
            }
        };
        let clauses = |row: &AccessRow| {
            let is_sure = |at: &&usize| statement(**at).is_some_and(is_settled);
            let who = row.who.words();
            let (void, open): (Vec<_>, Vec<_>) = row.actions.iter().cloned().partition(|name| row.void.contains(name));
            let mut clauses = Vec::new();
            if !void.is_empty() {
                let by: Vec<String> = row.blocked.iter().filter(is_sure).map(with_conditions).collect();
                clauses.push(format!("{} for {who} is blocked by {}", actions_words(&void), by.join(", ")));
            }
            let by: Vec<String> =
                row.blocked.iter().filter(|at| void.is_empty() || !is_sure(at)).map(with_conditions).collect();
            if !open.is_empty() && !by.is_empty() {
                clauses.push(format!("{} for {who} may be denied by {}", actions_words(&open), by.join(", ")));
            }
            clauses
        };
        self.blocked.iter().flat_map(clauses).collect()
    }
}
