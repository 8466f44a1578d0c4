//! Finds what the parties of a request have already in a repository, as the plan for it would judge.

use super::denied::{row_clauses, rows_of};
use super::lasting::{Lasting, how_long};
use super::planned::Target;
use super::request::{Request, wanted_statements};
use crate::ecr::Grantee;
use crate::policy::access::table_at;
use crate::policy::edit::grant_for;
use crate::policy::explain::{actions_words, condition_words};
use crate::policy::lint::is_too_long;
use crate::policy::{AccessRow, Condition, Policy, RegistryPolicy, TimeBound, Who};

/// The part of a request that one party has already in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExistingAccess {
    /// It has nothing of it.
    Missing,
    /// It has some of the actions, or has them under conditions or until an end that is sooner than asked for.
    Partial {
        /// A clause for each part.
        parts: Vec<String>,
        /// A clause for each thing that takes something of the parts, or may take it.
        doubts: Vec<String>,
    },
    /// It has all of it: the grant would change nothing.
    Whole {
        /// The time for which it has it, where an end is asked for.
        lasts: Option<Lasting>,
    },
    /// The policy says all of it already, and something takes it or may take it: a clause each.
    Doubtful(Vec<String>),
    /// The stored policy cannot be read.
    Unreadable,
}

/// Finds what each party of a request has already at the moment of the target, in the order of the request. What has ended
/// by then is no part of it.
pub fn find_existing(target: &Target, request: &Request) -> Vec<ExistingAccess> {
    let own = target.stored.as_deref().filter(|text| !text.trim().is_empty());
    let policy = match own.map(Policy::read).transpose() {
        Ok(policy) if own.is_none_or(|text| !is_too_long(text)) => policy,
        _ => return vec![ExistingAccess::Unreadable; request.grantees.len()],
    };
    let around = target.registry.around(policy.as_ref(), &target.repository);
    let rows = table_at(&around, &request.owner, target.now).present.rows;
    let deciding = target.deciding_around(policy.as_ref());
    let find = |grantee: &Grantee| {
        let alone = Request { grantees: vec![grantee.clone()], ..request.clone() };
        existing_of_one(target, &deciding, &rows, &alone, grantee)
    };
    request.grantees.iter().map(find).collect()
}

fn existing_of_one(
    target: &Target,
    deciding: &Policy,
    rows: &[AccessRow],
    alone: &Request,
    grantee: &Grantee,
) -> ExistingAccess {
    let wanted = wanted_statements(alone);
    match grant_for(target.stored.as_deref(), &wanted, Some(&alone.owner)) {
        Err(_) => return ExistingAccess::Unreadable,
        Ok(edited) if !edited.changed && !wanted.is_empty() => {}
        Ok(_) => {
            let parts: Vec<AccessRow> = parts_of(rows, alone, grantee);
            if parts.is_empty() {
                return ExistingAccess::Missing;
            }
            let doubts = doubts_of(target, deciding, &parts);
            return ExistingAccess::Partial { parts: parts.iter().map(part_clause).collect(), doubts };
        }
    }
    let rows: Vec<AccessRow> = wanted.iter().flat_map(|wanted| rows_of(deciding, wanted)).collect();
    let doubts = doubts_of(target, deciding, &rows);
    if doubts.is_empty() {
        ExistingAccess::Whole { lasts: how_long(target.stored.as_deref(), alone) }
    } else {
        ExistingAccess::Doubtful(doubts)
    }
}

/// Says what takes something of rows, or may take it: a clause each.
fn doubts_of(target: &Target, deciding: &Policy, rows: &[AccessRow]) -> Vec<String> {
    let mut doubts: Vec<String> = Vec::new();
    let unread = "the registry policy could not be read, and may deny it".to_owned();
    let is_unread = matches!(target.registry, RegistryPolicy::Unreadable(_));
    let clauses = rows.iter().flat_map(|row| row_clauses(row, &deciding.statements));
    let all =
        clauses.chain(is_unread.then_some(unread)).chain(target.registry.perhaps_denied_words(&target.repository));
    for doubt in all {
        if !doubts.contains(&doubt) {
            doubts.push(doubt);
        }
    }
    doubts
}

/// Returns the rows of which a party has something that is asked for, with those actions alone.
fn parts_of(rows: &[AccessRow], alone: &Request, grantee: &Grantee) -> Vec<AccessRow> {
    let reaches = |row: &&AccessRow| match &row.who {
        Who::Everyone => true,
        Who::Account(id) => grantee.account().as_ref() == Some(id),
        who => who.to_grantee().as_ref() == Some(grantee),
    };
    let is_wanted = |name: &&String| alone.actions.iter().any(|action| action.name == **name);
    let part = |row: &AccessRow| {
        let wanted = |names: &[String]| -> Vec<String> { names.iter().filter(is_wanted).cloned().collect() };
        AccessRow { actions: wanted(&row.actions), void: wanted(&row.void), ..row.clone() }
    };
    let parts = rows.iter().filter(reaches).map(part);
    parts.filter(|part| part.remaining().next().is_some()).collect()
}

/// Says which actions a part has, and under what conditions, or for what time.
fn part_clause(part: &AccessRow) -> String {
    let times = Some(part.time_words()).filter(|times| !times.is_empty());
    let is_told = |condition: &&Condition| times.is_none() || TimeBound::of_condition(condition).is_none();
    let conditions = part.conditions.iter().filter(is_told).map(condition_words).collect::<Vec<_>>();
    let words = std::iter::once(actions_words(&part.effective())).chain(conditions).chain(times);
    words.collect::<Vec<String>>().join(" ")
}
