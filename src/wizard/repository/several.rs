//! The list of repositories of several registries, while a review covers them.

use super::{ListingState, RepositoryStep, list_height};
use crate::ecr::{Context, Repository, RepositoryRef};
use crate::wizard::filter::Filter;
use crate::wizard::overview::{Elsewhere, Overview, Survey};
use crate::wizard::{Cursor, Effect, Model, RegistryPlace, Signed};

/// Begins the list with nothing in it.
pub(in crate::wizard) fn begin_survey(model: &mut Model, survey: Survey) -> Vec<Effect> {
    let mut effects = forget_rows(model);
    model.repository.show_overview(true);
    if let Some(overview) = model.repository.overview_mut() {
        overview.survey = Some(survey);
    }
    effects.extend(begin_listings(model));
    effects
}

/// Forgets the rows of all registries, and everything that was asked about them.
pub(in crate::wizard) fn forget_rows(model: &mut Model) -> Vec<Effect> {
    model.stored_policies.forget_all();
    let step = &mut model.repository;
    let mut cancelled = step.search.forget_all();
    cancelled.extend(step.reads.forget_all());
    step.review = None;
    step.acceptance = None;
    step.regions = None;
    step.rows = step.rows.emptied();
    step.filter = Filter::default();
    step.cursor = Cursor::default();
    step.moved = false;
    step.base = None;
    step.listing = ListingState::NotAsked;
    cancelled.into_iter().map(Effect::Cancel).collect()
}

/// Begins the lists of all registries anew; what is known stays until they are there.
pub(in crate::wizard) fn begin_listings(model: &mut Model) -> Vec<Effect> {
    model.stored_policies.forget_all();
    // No answer has this number: each registry has its own.
    let (id, since) = (model.next_request(), model.now);
    let step = &mut model.repository;
    let cancelled = step.reads.read_again(&mut step.rows);
    step.rows.begin_listing();
    step.listing = ListingState::Loading { id, since };
    cancelled.into_iter().map(Effect::Cancel).collect()
}

/// Reads what other credentials could not read of a registry, or not yet.
pub(in crate::wizard) fn read_anew(model: &mut Model, place: &RegistryPlace) -> Vec<Effect> {
    let step = &mut model.repository;
    step.reads.read_anew(&mut step.rows, place).into_iter().map(Effect::Cancel).collect()
}

/// Takes a page of one registry.
pub(in crate::wizard) fn put_page(
    model: &mut Model,
    place: &RegistryPlace,
    repositories: &[Repository],
    is_last: bool,
) {
    let height = list_height(model);
    let step = &mut model.repository;
    step.change_rows(height, |rows| {
        rows.put_rows(repositories.to_vec());
        if is_last {
            rows.finish_listing(place);
        }
    });
    if is_last {
        step.reads.rows_changed();
    }
}

/// Takes repositories that are known from elsewhere. `is_last`: nothing tells of those any more that did not come again.
pub(in crate::wizard) fn put_known(model: &mut Model, repositories: Vec<RepositoryRef>, is_last: bool) {
    let height = list_height(model);
    let step = &mut model.repository;
    step.change_rows(height, |rows| {
        rows.put_rows(repositories.into_iter().map(Repository::of_reference).collect());
        if is_last {
            rows.finish_all();
        }
    });
    step.reads.rows_changed();
}

/// Notes how far the review is; at its end what is known of registries that are not part of it goes.
pub(in crate::wizard) fn note_survey(model: &mut Model, has_ended: bool) {
    if !has_ended || model.repository.listing == ListingState::Complete {
        return;
    }
    let height = list_height(model);
    let step = &mut model.repository;
    step.listing = ListingState::Complete;
    let Some(Overview { survey: Some(survey), around, .. }) = &mut step.overview else { return };
    let has_failure = survey.failures().next().is_some();
    let rows = &mut step.rows;
    rows.keep_registries(|place| survey.has_registry(place));
    around.keep_registries(|place| survey.has_registry(place));
    step.reads.rows_changed();
    // Without a repository the reasons are all that there is to show.
    if step.rows.is_empty()
        && has_failure
        && let Some(overview) = &mut step.overview
    {
        overview.registries.get_or_insert_default();
    }
    step.cursor.settle_in(step.rows.shown_indexes().len(), height);
}

/// Returns an endpoint of the registries that is not AWS's own, in words, while the list of several is shown.
pub(super) fn survey_endpoint(model: &Model) -> Option<&str> {
    let survey = model.repository.shown_survey()?;
    if survey.elsewhere().is_some() {
        return model.signed_endpoint();
    }
    survey.registries().iter().find_map(|registry| registry.signed.endpoint.as_deref())
}

impl RepositoryStep {
    /// Returns the accounts and Regions of the review, while its list is shown: no repository of it is entered.
    pub fn shown_survey(&self) -> Option<&Survey> {
        if self.review.is_some() { None } else { self.overview.as_ref()?.survey.as_ref() }
    }

    /// Notes the registry in which names without an address are meant from now on.
    pub(in crate::wizard) fn enter_place(&mut self, signed: &Signed) {
        self.base = Some((signed.request_context(), signed.owner_account().clone()));
    }

    /// Returns what the review reads from elsewhere than ECR; none: it reads ECR, or there is none.
    pub(in crate::wizard) fn elsewhere(&self) -> Option<&Elsewhere> {
        self.overview.as_ref()?.survey.as_ref()?.elsewhere()
    }

    /// Returns the credentials and the Region with which a repository of the list is read.
    pub(super) fn context_at(&self, repository: &RepositoryRef) -> Option<Context> {
        match self.overview.as_ref().and_then(|overview| overview.survey.as_ref()) {
            Some(survey) => survey.signed_at(repository).map(Signed::request_context),
            None => self.base.as_ref().map(|(context, _)| context.clone()),
        }
    }

    /// Tells whether the list is that of several registries.
    pub(in crate::wizard) fn has_survey(&self) -> bool {
        self.overview.as_ref().is_some_and(|overview| overview.survey.is_some())
    }
}
