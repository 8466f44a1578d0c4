//! Finds what the parties of a request have already in a repository, as the plan for it would judge.

use super::denied::{row_clauses, rows_of};
use super::planned::Target;
use super::request::{Request, wanted_statements};
use crate::ecr::Grantee;
use crate::policy::access::table;
use crate::policy::edit::grant_for;
use crate::policy::explain::{actions_words, condition_words};
use crate::policy::lint::is_too_long;
use crate::policy::{AccessRow, Policy, RegistryPolicy, Who};

/// The part of a request that one party has already in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExistingAccess {
    /// It has nothing of it.
    Missing,
    /// It has some of the actions, or has them under conditions: a clause for each part.
    Partial(Vec<String>),
    /// It has all of it: the grant would change nothing.
    Whole,
    /// The policy says all of it already, and something takes it or may take it: a clause each.
    Doubtful(Vec<String>),
    /// The stored policy cannot be read.
    Unreadable,
}

/// Finds what each party of a request has already, in the order of the request.
pub fn find_existing(target: &Target, request: &Request) -> Vec<ExistingAccess> {
    let own = target.stored.as_deref().filter(|text| !text.trim().is_empty());
    let policy = match own.map(Policy::read).transpose() {
        Ok(policy) if own.is_none_or(|text| !is_too_long(text)) => policy,
        _ => return vec![ExistingAccess::Unreadable; request.grantees.len()],
    };
    let deciding = target.registry.around(policy.as_ref(), &target.repository);
    let find = |grantee: &Grantee| {
        let alone = Request { grantees: vec![grantee.clone()], ..request.clone() };
        existing_of_one(target, &deciding, &alone, grantee)
    };
    request.grantees.iter().map(find).collect()
}

fn existing_of_one(target: &Target, deciding: &Policy, alone: &Request, grantee: &Grantee) -> ExistingAccess {
    let wanted = wanted_statements(alone);
    let is_stored = |changed: bool| !changed && !wanted.is_empty();
    match grant_for(target.stored.as_deref(), &wanted, Some(&alone.owner)) {
        Err(_) => return ExistingAccess::Unreadable,
        Ok(edited) if is_stored(edited.changed) => {}
        Ok(_) => {
            let clauses = partial_clauses(deciding, alone, grantee);
            return if clauses.is_empty() { ExistingAccess::Missing } else { ExistingAccess::Partial(clauses) };
        }
    }
    let rows = wanted.iter().flat_map(|wanted| rows_of(deciding, wanted));
    let mut doubts: Vec<String> = rows.flat_map(|row| row_clauses(&row, &deciding.statements)).collect();
    if matches!(target.registry, RegistryPolicy::Unreadable(_)) {
        doubts.push("the registry policy could not be read, and may deny it".to_owned());
    }
    doubts.extend(target.registry.perhaps_denied_words(&target.repository));
    if doubts.is_empty() { ExistingAccess::Whole } else { ExistingAccess::Doubtful(doubts) }
}

/// Says which of the actions a party has, and under what conditions: a clause for each row of the access table.
fn partial_clauses(deciding: &Policy, alone: &Request, grantee: &Grantee) -> Vec<String> {
    let reaches = |row: &AccessRow| match &row.who {
        Who::Everyone => true,
        Who::Account(id) => grantee.account().as_ref() == Some(id),
        who => who.to_grantee().as_ref() == Some(grantee),
    };
    let is_wanted = |name: &&str| alone.actions.iter().any(|action| action.name == *name);
    let rows = table(deciding, &alone.owner).rows;
    let clause = |row: &AccessRow| {
        let actions: Vec<String> = row.remaining().filter(is_wanted).map(str::to_owned).collect();
        (!actions.is_empty()).then(|| {
            let conditions = row.conditions.iter().map(condition_words);
            std::iter::once(actions_words(&actions)).chain(conditions).collect::<Vec<String>>().join(" ")
        })
    };
    rows.iter().filter(|row| reaches(row)).filter_map(clause).collect()
}
