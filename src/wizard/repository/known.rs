//! Keeps what rows tell of unknown parties in step with the accounts that the list covers.

use std::collections::BTreeSet;

use super::parties::Coverage;
use super::row::{ReadState, RepositoryRow};
use crate::ecr::{AccountId, RepositoryRef};
use crate::review::PolicyInput;
use crate::wizard::{Model, ReviewOrigin, Signed};

/// Adds the accounts that the list covers to the parties that somebody named. Where they are others than before, policies
/// that are told otherwise now are judged again: an account may sign in after a policy that names it was read.
pub(super) fn settle_parties(model: &mut Model) {
    let Some(named) = model.settings.known.clone() else { return };
    let coverage = coverage_of(model);
    if model.repository.parties.has_coverage(&coverage) {
        return;
    }
    let accounts = covered_accounts(model);
    if !model.repository.parties.take_accounts(&named, coverage, accounts) {
        return;
    }
    let rows = &model.repository.rows;
    let stale: Vec<RepositoryRef> = (0..rows.len())
        .filter_map(|at| rows.get(at))
        .filter(|row| is_stale(model, row))
        .map(|row| row.repository.reference.clone())
        .collect();
    for repository in &stale {
        judge_again(model, repository);
    }
}

/// Judges a repository again where what its row tells of unknown parties no longer holds.
pub(super) fn settle_row(model: &mut Model, repository: &RepositoryRef) {
    let rows = &model.repository.rows;
    if rows.find_row(repository).and_then(|at| rows.get(at)).is_some_and(|row| is_stale(model, row)) {
        judge_again(model, repository);
    }
}

/// Tells whether a row tells of unknown parties otherwise than the known ones make it. The policy of one that is being read
/// is judged when it comes.
fn is_stale(model: &Model, row: &RepositoryRow) -> bool {
    let Some(known) = model.repository.parties.known() else { return false };
    row.read != ReadState::Asked && row.entry.as_deref().is_some_and(|entry| !entry.agrees_with(known))
}

fn judge_again(model: &mut Model, repository: &RepositoryRef) {
    if let Some((read, registry)) = model.repository.elsewhere().and_then(|elsewhere| elsewhere.policy_of(repository)) {
        if let Ok(stored) = read {
            model.repository.reads.judge_again(repository, stored, registry);
        }
        return;
    }
    // Without its text it is to be read again, and judged then.
    let Some(policy) = model.stored_policies.policy_of(repository) else { return };
    let registry = model.registry_policies.policy_around(repository);
    model.repository.reads.judge_again(
        repository,
        PolicyInput::of_stored(policy.text.as_deref().map(str::to_owned)),
        registry,
    );
}

fn coverage_of(model: &Model) -> Coverage {
    match model.repository.covered_survey() {
        Some(survey) => {
            let (settled, all) = survey.sign_in_progress();
            let known = survey.elsewhere().map_or(0, |elsewhere| elsewhere.repository_accounts().count());
            Coverage::Several { registries: survey.registries().len() + known, are_all_signed_in: settled == all }
        }
        None => Coverage::Own(model.signed.as_ref().map(|signed| signed.owner_account().clone())),
    }
}

fn covered_accounts(model: &Model) -> BTreeSet<AccountId> {
    match model.repository.covered_survey() {
        Some(survey) => {
            let signed = survey.registries().iter().map(|registry| registry.signed.owner_account()).cloned();
            let Some(elsewhere) = survey.elsewhere() else {
                return signed.chain(survey.member_accounts().cloned()).collect();
            };
            match elsewhere.origin() {
                ReviewOrigin::Files(_) => elsewhere.repository_accounts().cloned().collect(),
                // An aggregator tells of many accounts; the one that asks is the reader's own.
                ReviewOrigin::Aggregator(_) => model.signed.iter().map(Signed::owner_account).cloned().collect(),
            }
        }
        None => model.signed.iter().map(|signed| signed.owner_account().clone()).collect(),
    }
}
