//! Carries out a review over several accounts and Regions: asks, takes the answers, and goes to the registry of a repository
//! before anything is read or written there.

use std::cmp::Reverse;

use super::around;
use super::registry_row::{ElsewhereRow, ListProgress, RegistryRow, SurveyRow};
use super::survey::{Survey, SurveyStep, TakenOver};
use crate::ecr::{Failure, SignInKind, Source, SourceId};
use crate::review::ReadEvent;
use crate::wizard::acceptance;
use crate::wizard::keymap::Action;
use crate::wizard::repository::{self, ListingState, several};
use crate::wizard::{Answer, Effect, Model, RequestId, ReviewOrigin, Signed, Step, SurveyRequest, SurveySources, Tone};

/// Begins the review that the command line asks for, once the sources of credentials are known; none: it begins with the
/// source that is signed in with, or there is none.
pub(in crate::wizard) fn begin_prefilled(model: &mut Model) -> Option<Vec<Effect>> {
    let is_signed_in = model.signed.is_some();
    let needs_sign_in = |sources: &SurveySources| {
        matches!(sources, SurveySources::SignedIn | SurveySources::Elsewhere(ReviewOrigin::Aggregator(_)))
    };
    let request = model.prefill.survey.take_if(|request| is_signed_in || !needs_sign_in(&request.sources))?;
    let known = model.account.all_sources();
    let is_usable = |source: &&Source| matches!(source.id, SourceId::Profile(_)) && source.kind != SignInKind::Nothing;
    let ids: Vec<SourceId> = match request.sources {
        SurveySources::Named(ids) => ids,
        SurveySources::AllProfiles => known.iter().filter(is_usable).map(|source| source.id.clone()).collect(),
        SurveySources::Elsewhere(origin) => return Some(begin_survey(model, Survey::of_origin(origin))),
        SurveySources::SignedIn => model.signed.iter().map(|signed| signed.source.id.clone()).collect(),
    };
    if ids.is_empty() {
        model.set_notice(Tone::Bad, "there is no profile with credentials: choose a row to review one account");
        model.prefill.overview = true;
        return Some(Vec::new());
    }
    let survey = Survey::of_sources(ids, known, request.regions, request.org_role);
    Some(begin_survey(model, survey))
}

/// Begins the review of files that the command line asks for; none: it asks for no files.
pub(in crate::wizard) fn begin_files(model: &mut Model) -> Option<Vec<Effect>> {
    let is_of_files =
        |request: &SurveyRequest| matches!(request.sources, SurveySources::Elsewhere(ReviewOrigin::Files(_)));
    model.prefill.survey.as_ref().filter(|request| is_of_files(request))?;
    begin_prefilled(model)
}

fn begin_survey(model: &mut Model, survey: Survey) -> Vec<Effect> {
    model.prefill.overview = false;
    model.step = Step::Repository;
    let mut effects = several::begin_survey(model, survey);
    effects.extend(ask_next(model));
    effects
}

/// Asks for all that may be under way at once.
fn ask_next(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    loop {
        let (id, now) = (model.next_request(), model.now);
        let Some(survey) = survey_mut(model) else { return effects };
        effects.push(match survey.begin_next(id, now) {
            Some(SurveyStep::Verify(source, region)) => Effect::Verify { id, source, region },
            Some(SurveyStep::ReadElsewhere(origin)) => {
                let context = match &origin {
                    ReviewOrigin::Files(_) => None,
                    ReviewOrigin::Aggregator(_) => model.signed.as_ref().map(Signed::request_context),
                };
                Effect::ReadElsewhere { id, origin, context }
            }
            Some(SurveyStep::ListMembers(context)) => Effect::ListMembers { id, context },
            Some(SurveyStep::List { context, owner, home }) => {
                Effect::ListRepositories { id, context, owner, home: Some(home) }
            }
            None => break,
        });
    }
    let has_ended = survey_mut(model).is_some_and(|survey| survey.has_ended());
    several::note_survey(model, has_ended);
    effects
}

fn survey_mut(model: &mut Model) -> Option<&mut Survey> {
    model.repository.overview_mut()?.survey.as_mut()
}

/// Takes an answer; none: the review of several did not ask.
pub(in crate::wizard) fn take_answer(model: &mut Model, id: RequestId, answer: &Answer) -> Option<Vec<Effect>> {
    let mut effects = Vec::new();
    match answer {
        Answer::Verified(result) => {
            for TakenOver { place, listing } in survey_mut(model)?.take_verified(id, result)? {
                effects.extend(listing.map(Effect::Cancel));
                effects.extend(several::read_anew(model, &place));
                if let Some(overview) = model.repository.overview_mut() {
                    overview.around.read_anew(&place);
                }
            }
        }
        Answer::Page { repositories, last } => {
            let registry = survey_mut(model)?.listed_by(id)?;
            registry.repositories += repositories.len();
            if *last {
                registry.listing.take_answer(id, Ok(()));
            }
            let place = registry.signed.registry_place();
            several::put_page(model, &place, repositories, *last);
        }
        Answer::Elsewhere { read, is_last } => effects.extend(take_part(model, id, read, *is_last)?),
        Answer::Members(read) => survey_mut(model)?.take_members(id, read)?,
        Answer::NotEnabled(failure) => {
            let place = survey_mut(model)?.take_not_enabled(id, failure)?;
            // Of a Region that was enabled before nothing is there any more.
            several::put_page(model, &place, &[], true);
            model.repository.overview_mut()?.around.leave_out(place);
        }
        Answer::ListingFailed(failure) => {
            let registry = survey_mut(model)?.listed_by(id)?;
            registry.listing.take_answer(id, Err(failure.clone()));
            if failure.kind.is_sign_in() {
                let source = registry.signed.source.id.clone();
                model.account.note_lost(&source, failure.clone());
            }
        }
        _ => return None,
    }
    effects.extend(ask_next(model));
    effects.extend(repository::request_policies(model));
    effects.extend(around::begin_reads(model));
    Some(effects)
}

/// Takes a part of what is read from elsewhere than ECR; none: nobody waits for it.
fn take_part(
    model: &mut Model,
    id: RequestId,
    read: &Result<Vec<ReadEvent>, Failure>,
    is_last: bool,
) -> Option<Vec<Effect>> {
    let elsewhere = survey_mut(model)?.elsewhere_mut()?;
    let before = elsewhere.notes().len();
    let part = elsewhere.take_part(id, read, is_last)?;
    let mut effects = Vec::new();
    for facts in part.registries {
        effects.extend(around::take_facts(model, facts));
    }
    several::put_known(model, part.repositories, is_last);
    let note = survey_mut(model)?.elsewhere()?.notes().get(before).cloned();
    if let Some(words) = note {
        model.set_notice(Tone::Plain, words);
    }
    Some(effects)
}

/// Asks for everything again; none: the review is not one of several.
pub(in crate::wizard) fn read_again(model: &mut Model) -> Option<Vec<Effect>> {
    let cancelled = survey_mut(model)?.read_again();
    let mut effects: Vec<Effect> = cancelled.into_iter().map(Effect::Cancel).collect();
    effects.extend(several::begin_listings(model));
    effects.extend(ask_next(model));
    Some(effects)
}

/// Leaves the review of several: its rows go with it. Returns what stops its requests.
pub(in crate::wizard) fn leave_survey(model: &mut Model) -> Vec<Effect> {
    let Some(overview) = model.repository.overview_mut() else { return Vec::new() };
    let around = std::mem::take(&mut overview.around).awaited_requests();
    let Some(survey) = overview.survey.take() else { return around.into_iter().map(Effect::Cancel).collect() };
    let cancelled = survey.awaited_requests().into_iter().chain(around).map(Effect::Cancel);
    cancelled.chain(several::forget_rows(model)).collect()
}

/// Carries out an action in the list of registries; none: it is not shown.
pub(super) fn do_registry_action(model: &mut Model, action: Action, height: usize) -> Option<Vec<Effect>> {
    let cursor = model.repository.overview()?.registries?;
    match action {
        Action::Group | Action::Back => model.repository.overview_mut()?.registries = None,
        Action::Refresh => return Some(repository::request_list(model)),
        Action::Accept => {
            let subject = super::accepted_subject(model)?;
            return Some(acceptance::open_dialog(model, subject, |_| false));
        }
        Action::Next => {
            let query = match registry_rows(model).get(cursor.selected)? {
                SurveyRow::Registry(registry) if model.repository.has_survey() => {
                    format!("account:{} region:{}", registry.signed.owner_account(), registry.signed.region)
                }
                SurveyRow::Registry(_) => String::new(),
                SurveyRow::Elsewhere(ElsewhereRow { place, .. }) => {
                    format!("account:{} region:{}", place.account, place.region)
                }
                _ => return Some(Vec::new()),
            };
            model.repository.overview_mut()?.registries = None;
            model.repository.filter_by(&query, height);
        }
        _ => {
            let len = registry_rows(model).len();
            if let Some(cursor) = &mut model.repository.overview_mut()?.registries {
                cursor.move_by(action, len, height);
            }
        }
    }
    Some(Vec::new())
}

/// Returns the rows of the list of registries: what could not be read stands first, then those with the gravest findings.
pub fn registry_rows(model: &Model) -> Vec<SurveyRow<'_>> {
    let overview = model.repository.overview();
    if let Some((overview, survey)) = overview.and_then(|overview| Some((overview, overview.survey()?))) {
        let mut rows = survey.rows();
        let gravest = |row: &SurveyRow<'_>| {
            let entry = overview.around().known_at(&row.registry_place()?)?.known_value()?;
            entry.open_findings().map(|finding| finding.severity).max()
        };
        rows.sort_by_cached_key(|row| (row.failure().is_none(), Reverse(gravest(row))));
        return rows;
    }
    let Some(signed) = &model.signed else { return Vec::new() };
    let progress = match model.repository.listing() {
        ListingState::NotAsked => ListProgress::Waiting,
        ListingState::Loading { .. } => ListProgress::Listing,
        ListingState::Complete => ListProgress::Ended(None),
        ListingState::Failed(failure) => ListProgress::Ended(Some(failure)),
    };
    let repositories = model.repository.rows().len();
    vec![SurveyRow::Registry(RegistryRow { signed, others: &[], progress, repositories, is_enabled: true })]
}

/// Returns why an action does nothing in the list of registries.
pub(super) fn why_off(model: &Model, action: Action) -> Option<String> {
    let overview = model.repository.overview()?;
    let is_several = overview.survey().is_some();
    match action {
        Action::Region if is_several => {
            Some("the review covers several registries; region: in the filter narrows it".to_owned())
        }
        Action::Overview if is_several => {
            Some("the list alone is of one account and Region: step 1 chooses one".to_owned())
        }
        Action::Next => match registry_rows(model).get(overview.registries?.selected) {
            Some(SurveyRow::SignIn(..) | SurveyRow::Organization(_) | SurveyRow::Closed(_)) => {
                Some("nobody is signed in there: there is nothing to show".to_owned())
            }
            Some(SurveyRow::Origin(..) | SurveyRow::Place(_)) => Some("nothing is known of it".to_owned()),
            Some(
                SurveyRow::Registry(RegistryRow { repositories: 0, .. })
                | SurveyRow::Elsewhere(ElsewhereRow { repositories: 0, .. }),
            ) => Some("there is no repository to show".to_owned()),
            _ => None,
        },
        _ => None,
    }
}
