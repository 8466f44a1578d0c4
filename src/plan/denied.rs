//! Access that was asked for and that a Deny takes: surely, or under what conditions.

use super::planned::{Planned, Verdict};
use super::request::{Request, wanted_statements};
use crate::policy::access::given;
use crate::policy::document::{Effect, Policy};
use crate::policy::explain::{actions_words, condition_words};
use crate::policy::lint::is_too_long;
use crate::policy::{AccessRow, RegistryPolicy, Wanted, is_settled};

/// The access asked for that a Deny statement of the new text may void; `void` names the actions that settled Denys
/// take from the whole party: only those are sure.
pub fn blocked_rows(planned: &Planned, request: &Request) -> Vec<AccessRow> {
    denied_rows(planned, request).into_iter().filter(|row| !row.blocked.is_empty()).collect()
}

/// Notes what a Deny takes of what was asked for. A grant of which nothing is left is not written.
pub(super) fn note_denials(planned: &mut Planned, request: &Request) {
    let rows = denied_rows(planned, request);
    let is_void = |row: &AccessRow| row.actions.iter().all(|name| row.void.contains(name));
    let is_grant = matches!(planned.verdict, Verdict::Write | Verdict::AlreadyGranted);
    if is_grant && !rows.is_empty() && rows.iter().all(is_void) {
        planned.verdict = Verdict::Blocked;
    }
    planned.blocked = rows.into_iter().filter(|row| !row.blocked.is_empty()).collect();
}

fn denied_rows(planned: &Planned, request: &Request) -> Vec<AccessRow> {
    // Of a text far too long nothing is claimed.
    if planned.text.as_deref().is_none_or(is_too_long) {
        return Vec::new();
    }
    let Some(policy) = planned.deciding_policy() else { return Vec::new() };
    wanted_statements(request).iter().flat_map(|wanted| rows_of(&policy, wanted)).collect()
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

    /// Says what takes, or may take, something of what was asked for, in one line; none: nothing does.
    pub fn doubt_words(&self) -> Option<String> {
        let words: Vec<String> = self.denied_words().into_iter().chain(self.unknown_words()).collect();
        (!words.is_empty()).then(|| words.join("; "))
    }

    /// Says what is not known of the registry policy and may deny what was asked for: a clause each.
    pub fn unknown_words(&self) -> Vec<String> {
        let unread = "the registry policy could not be read, and may deny it".to_owned();
        let is_unread = matches!(self.registry, RegistryPolicy::Unreadable(_));
        is_unread.then_some(unread).into_iter().chain(self.registry.perhaps_denied_words(&self.repository)).collect()
    }

    /// Says what a Deny takes of what was asked for, a clause for each party: `pull (3 actions) for account 111111111111 is
    /// blocked by statement 1 (Ban)`, or what it may take, and when.
    pub fn denied_words(&self) -> Vec<String> {
        let policy = self.deciding_policy();
        let statement = |at: usize| policy.as_ref().and_then(|policy| policy.statements.get(at));
        let named =
            |at: &usize| statement(*at).map_or_else(|| format!("statement {}", at + 1), |s| s.display_name(*at));
        let with_conditions = |at: &usize| {
            let conditions = statement(*at).map(|s| s.conditions.as_slice()).unwrap_or_default();
            match conditions.iter().map(condition_words).collect::<Vec<_>>().join(" and ") {
                none if none.is_empty() => named(at),
                words => format!("{}, {words}", named(at)),
            }
        };
        let clauses = |row: &AccessRow| {
            let is_sure = |at: &&usize| statement(**at).is_some_and(is_settled);
            let who = row.who.words();
            let (void, open): (Vec<_>, Vec<_>) = row.actions.iter().cloned().partition(|name| row.void.contains(name));
            let mut clauses = Vec::new();
            if !void.is_empty() {
                let by: Vec<String> = row.blocked.iter().filter(is_sure).map(with_conditions).collect();
                clauses.push(format!("{} for {who} is blocked by {}", actions_words(&void), by.join(", and by ")));
            }
            let by: Vec<String> =
                row.blocked.iter().filter(|at| void.is_empty() || !is_sure(at)).map(with_conditions).collect();
            if !open.is_empty() && !by.is_empty() {
                clauses.push(format!("{} for {who} may be denied by {}", actions_words(&open), by.join(", and by ")));
            }
            clauses
        };
        self.blocked.iter().flat_map(clauses).collect()
    }
}
