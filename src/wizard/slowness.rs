//! Says that AWS asks to slow down what somebody waits for.

use super::{Model, RegistryPlace, Remote, Step, save};
use crate::ecr::PolicySlowdowns;
use crate::ecr::slowdown::{slowdown_words, slowdown_words_in};

/// Returns what AWS asks of what the shown step waits for. `None`: it is content, or nothing is awaited.
pub fn awaited_slowdown(model: &Model) -> Option<String> {
    match model.step {
        Step::Repository => listing_slowdown(model),
        Step::Policy => policies_slowdown(model),
        Step::Save => save::writing_slowdown(model),
        Step::Account | Step::Actions | Step::Permissions => None,
    }
}

/// Returns what AWS asks of the reading of policies beside a list: a rate, and the time until the rest is read; in a review of
/// several registries those that are slow.
pub fn listing_slowdown(model: &Model) -> Option<String> {
    let step = &model.repository;
    let (done, all) = step.reads().read_progress(step.rows().len())?;
    if step.has_survey() {
        return survey_slowdown(model);
    }
    let (context, owner) = step.base.as_ref()?;
    let slowdown = model.slowdowns.slowdowns_of(context, owner).reads?;
    Some(slowdown_words(slowdown.per_second, slowdown.time_for(all.saturating_sub(done))))
}

/// Names the slowest of the registries that are read, and counts the others. Each has a pace of its own: one tells nothing of
/// the time that the whole takes.
fn survey_slowdown(model: &Model) -> Option<String> {
    let survey = model.repository.shown_survey()?;
    let is_awaited = |place: &RegistryPlace| model.repository.reads().awaited().any(|awaited| place.holds(awaited));
    let slow = survey.registries().iter().filter_map(|registry| {
        let signed = &registry.signed;
        let now = model.slowdowns.slowdowns_of(&signed.request_context(), signed.owner_account());
        let slowdown = now.reads.filter(|_| is_awaited(&signed.registry_place()))?;
        Some((slowdown.per_second.unwrap_or(u32::MAX), slowdown, signed))
    });
    let mut slow: Vec<_> = slow.collect();
    slow.sort_by_key(|(rate, ..)| *rate);
    let (_, slowdown, signed) = slow.first()?;
    let place = format!("{} {}", signed.owner_account(), signed.region);
    let words = slowdown_words_in(&model.account_names.beside_ids(&place), slowdown.per_second);
    Some(match slow.len() {
        1 => words,
        2 => format!("{words}; 1 more registry too"),
        n => format!("{words}; {} more registries too", n - 1),
    })
}

/// Returns what AWS asks of the reads of the policies that are to be changed.
fn policies_slowdown(model: &Model) -> Option<String> {
    let documents = model.policy.documents().iter();
    let awaited: Vec<_> =
        documents.filter(|document| matches!(document.stored_text(), Remote::Loading { .. })).collect();
    let signed = model.signed.as_ref().filter(|_| !awaited.is_empty())?;
    let PolicySlowdowns { reads, .. } = model.slowdowns.slowdowns_of(&signed.request_context(), signed.owner_account());
    let slowdown = reads?;
    Some(slowdown_words(slowdown.per_second, slowdown.time_for(awaited.len())))
}
