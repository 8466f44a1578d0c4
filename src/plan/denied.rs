//! Access that was asked for and that a Deny takes: surely, or under what conditions.

use super::planned::{Planned, Verdict};
use super::request::{Request, wanted_statements};
use crate::ecr::OwnerSide;
use crate::ecr::text::make_visible;
use crate::policy::access::given;
use crate::policy::document::{Effect, Policy, Statement};
use crate::policy::explain::{Danger, actions_words, calls_words, dangers_of_gain, list_parties};
use crate::policy::lint::is_too_long;
use crate::policy::model::actions::ActionSet;
use crate::policy::{
    AccessRow, Change, Class, Principal, PrincipalKind, RegistryPolicy, Severity, Wanted, Who, is_settled,
};

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

/// Returns what a policy gives of one wanted statement, with what settled Denys surely take.
pub(super) fn rows_of(policy: &Policy, wanted: &Wanted) -> Vec<AccessRow> {
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

/// The way in which a gain is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GainTone {
    /// Everyone gains: a danger.
    Danger,
    /// A Deny takes something of it, or it is not proved.
    HeldBack,
    /// A gain as it was asked for.
    Plain,
}

/// Returns how a gain is shown beside the access that Deny statements may void.
pub fn gain_tone(gain: &Change, blocked: &[AccessRow]) -> GainTone {
    if dangers_of_gain(gain).contains(&Danger::Public) {
        GainTone::Danger
    } else if gain.unproved.is_some() || blocked.iter().any(|row| row.who == gain.who) {
        GainTone::HeldBack
    } else {
        GainTone::Plain
    }
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

    /// Says what a Deny takes of what was asked for, a clause for each party and set of actions: `pull for account
    /// 111111111111 is blocked by statement 1 (Ban)`, and for which calls where that is not all of them.
    pub fn denied_words(&self) -> Vec<String> {
        if self.blocked.is_empty() {
            return Vec::new();
        }
        let policy = self.deciding_policy();
        let statements = policy.as_ref().map(|policy| policy.statements.as_slice()).unwrap_or_default();
        self.blocked.iter().flat_map(|row| row_clauses(row, statements)).collect()
    }

    /// Returns the state of the owner's side of a grant once the text of this plan is stored; none: it takes access
    /// away, and there is no grant.
    pub fn owner_side(&self) -> Option<OwnerSide> {
        if self.names_losses() || self.text.is_none() {
            return None;
        }
        let unproved = self.delta.gains.iter().filter_map(|gain| {
            let why = gain.unproved?;
            Some(format!(
                "it is unproved that {} gains {}: {}",
                gain.who.words(),
                actions_words(&gain.actions),
                why.words()
            ))
        });
        let open: Vec<String> = self.unknown_words().into_iter().chain(unproved).collect();
        Some(match (self.denied_words(), open) {
            (denied, open) if !denied.is_empty() => OwnerSide::NotDone([denied, open].concat()),
            (_, open) if !open.is_empty() => OwnerSide::Unproved(open),
            _ if self.will_write() && self.delta.is_empty() && self.stated.is_empty() => OwnerSide::Unchanged,
            _ => OwnerSide::Done,
        })
    }

    /// Tells whether the text is open to the public, or the checks found a risk or an error in it.
    pub fn has_grave_finding(&self) -> bool {
        self.class == Some(Class::Public) || self.findings.iter().any(|f| f.severity >= Severity::Security)
    }
}

/// Says what Deny statements take from one party.
pub(super) fn row_clauses(row: &AccessRow, statements: &[Statement]) -> Vec<String> {
    let who = row.who.words();
    // Actions, and the statements that take just these.
    let mut clauses: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    let mut add = |actions: Vec<String>, by: String| match clauses.iter_mut().find(|(known, _)| *known == actions) {
        _ if actions.is_empty() => {}
        Some((_, all)) => all.push(by),
        None => clauses.push((actions, vec![by])),
    };
    for (at, statement) in row.blocked.iter().filter_map(|at| Some((*at, statements.get(*at)?))) {
        let denied = ActionSet::of(&statement.actions);
        let taken = row.actions.iter().filter(|name| denied.contains(name)).cloned();
        let name = statement.display_name(at);
        let (void, open): (Vec<String>, Vec<String>) = taken.partition(|name| row.void.contains(name));
        if is_settled(statement) {
            add(void, name.clone());
        }
        add(open, format!("{name} for {}", denied_calls(statement, &row.who)));
    }
    clauses
        .iter()
        .map(|(actions, by)| format!("{} for {who} is blocked by {}", actions_words(actions), by.join(", and by ")))
        .collect()
}

/// Names the calls of a party that a Deny speaks of.
fn denied_calls(statement: &Statement, who: &Who) -> String {
    let calls = calls_words(&statement.conditions);
    let is_whole = |entry: &Principal| match (&entry.kind, who) {
        (PrincipalKind::Everyone, _) => true,
        (PrincipalKind::Account(id, _), Who::Account(account)) => id == account,
        (PrincipalKind::Role(arn), Who::Role(role)) => arn == role,
        (PrincipalKind::User(arn), Who::User(user)) => arn == user,
        (PrincipalKind::Service(name), Who::Service(service)) => name == service,
        _ => false,
    };
    if statement.principals.entries.iter().any(is_whole) && !statement.principals.negated {
        return calls.unwrap_or_else(|| "some calls".to_owned());
    }
    let names: Vec<String> = statement.principals.entries.iter().map(|entry| make_visible(&entry.text)).collect();
    let names = list_parties(&names);
    let whose = if statement.principals.negated {
        format!("calls by others than {names}")
    } else {
        format!("calls by {names}")
    };
    match calls.as_deref().and_then(|words| words.strip_prefix("calls ")) {
        Some(words) => format!("{whose} {words}"),
        None => whose,
    }
}
