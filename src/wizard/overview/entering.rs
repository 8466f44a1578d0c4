//! Goes to the account and Region of a repository before anything is read for a change or written there.

use std::collections::HashSet;

use crate::ecr::RepositoryRef;
use crate::wizard::account::signed::take_signed;
use crate::wizard::{Model, RegistryPlace, Tone};

/// Goes to the registry of a repository, so that what follows is read, shown and written there. False: the review has no
/// credentials for it.
///
/// All ways out of the list lead through here: what the head shows from then on is where a write goes.
#[must_use]
pub(in crate::wizard) fn enter_registry(model: &mut Model, repository: &RepositoryRef) -> bool {
    let Some(survey) = model.repository.overview().and_then(|overview| overview.survey()) else { return true };
    let Some(signed) = survey.signed_at(repository).cloned() else {
        let words = why_not_entered(model, repository)
            .unwrap_or_else(|| format!("nobody is signed in to {} in {}", repository.account, repository.region));
        model.set_notice(Tone::Bad, words);
        return false;
    };
    model.repository.enter_place(&signed);
    take_signed(model, signed);
    true
}

/// Returns why a repository cannot be opened or changed that is known from elsewhere than ECR; none: it may be.
pub(super) fn why_not_entered(model: &Model, repository: &RepositoryRef) -> Option<String> {
    let origin = model.repository.elsewhere()?.origin().words();
    let RepositoryRef { account, region, .. } = repository;
    Some(format!(
        "this is from {origin}, not from ECR: sign in to {account} in {region} at step 1 to open or change it"
    ))
}

/// Returns why these repositories cannot be changed together: a change has one account and Region.
pub(in crate::wizard) fn why_not_together(repositories: &[RepositoryRef]) -> Option<String> {
    let places: HashSet<RegistryPlace> = repositories.iter().map(RegistryPlace::around).collect();
    (places.len() > 1).then(|| {
        let count = places.len();
        format!("these repositories are in {count} registries: choose those of one account and Region, by a filter or by marks")
    })
}
