//! Reads and reviews what stands around the repositories of each registry: its policy, its creation templates and its
//! replication.

use std::sync::Arc;

use super::SurveyedRegistry;
use crate::ecr::{AccountId, Context};
use crate::review::{RegistryEntry, RegistryFacts};
use crate::wizard::computation::{Computation, Computed};
use crate::wizard::repository::ListingState;
use crate::wizard::{Answer, Effect, Model, RegistryPlace, Remote, RequestId};

/// The registries that are read at once. Each has a pace of its own.
const AT_ONCE: usize = 32;

/// Asks for as many registries as may be read at once: those whose repositories are listed, or may not be listed.
pub(in crate::wizard) fn begin_reads(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (context, owner) in wanted_registries(model) {
        let (id, now) = (model.next_request(), model.now);
        let Some(overview) = model.repository.overview_mut() else { break };
        let place = RegistryPlace { account: owner.clone(), region: context.region.clone() };
        overview.around.begin_read(place, id, now);
        effects.push(Effect::ReadRegistry { id, context, owner });
    }
    effects
}

/// Reads all registries again once they are listed; what is known stays until then. Returns what stops the requests under way.
pub(in crate::wizard) fn read_again(model: &mut Model) -> Vec<Effect> {
    let Some(overview) = model.repository.overview_mut() else { return Vec::new() };
    overview.around.read_again().into_iter().map(Effect::Cancel).collect()
}

/// Returns the credentials, the Region and the owner of each registry that is to be asked now.
fn wanted_registries(model: &Model) -> Vec<(Context, AccountId)> {
    let Some(overview) = model.repository.overview() else { return Vec::new() };
    let asked = overview.around.asked();
    let Some(survey) = overview.survey() else {
        let has_ended = match model.repository.listing() {
            ListingState::Complete => true,
            ListingState::Failed(failure) => !failure.kind.is_sign_in(),
            ListingState::NotAsked | ListingState::Loading { .. } => false,
        };
        return model.repository.base.clone().filter(|_| has_ended && asked.is_empty()).into_iter().collect();
    };
    let free = AT_ONCE.saturating_sub(overview.around.awaited_requests().len());
    let has_ended = |registry: &&SurveyedRegistry| match &registry.listing {
        Remote::Ready(()) => true,
        // Whoever may not list repositories may read the settings.
        Remote::Failed { failure, .. } => !failure.kind.is_sign_in(),
        Remote::NotAsked | Remote::Loading { .. } => false,
    };
    let ended = survey.enabled_registries().filter(has_ended).map(|registry| &registry.signed);
    let wanted = ended.filter(|signed| !asked.contains(&signed.registry_place())).take(free);
    wanted.map(|signed| (signed.request_context(), signed.owner_account().clone())).collect()
}

/// Reviews a registry whose facts are known already.
pub(super) fn take_facts(model: &mut Model, facts: RegistryFacts) -> Option<Effect> {
    let (id, since, now) = (model.next_request(), model.now, model.unix_now());
    let place = RegistryPlace { account: facts.account.clone(), region: facts.region.clone() };
    model.repository.overview_mut()?.around.begin_read(place, id, since);
    Some(Effect::Compute { id, computation: Computation::ReviewRegistry { facts: Box::new(facts), now } })
}

/// Takes an answer; none: it is about something else.
pub(in crate::wizard) fn take_answer(model: &mut Model, id: RequestId, answer: &Answer) -> Option<Vec<Effect>> {
    let reviewed = match answer {
        Answer::RegistryRead(Ok(facts)) => {
            let now = model.unix_now();
            awaiting(model, id)?;
            let computation = Computation::ReviewRegistry { facts: facts.clone(), now };
            return Some(vec![Effect::Compute { id, computation }]);
        }
        Answer::RegistryRead(Err(failure)) | Answer::Computed(Err(failure)) => Err(failure.clone()),
        Answer::Computed(Ok(Computed::Registry(entry))) => {
            let mut entry = entry.clone();
            Arc::make_mut(&mut entry).mark_accepted(model.repository.rows().accepted_findings());
            Ok(entry)
        }
        _ => return None,
    };
    let known = awaiting(model, id)?;
    known.take_answer(id, reviewed);
    if let Remote::Failed { previous, .. } = known {
        // What was read before may be other settings by now.
        *previous = None;
    }
    Some(begin_reads(model))
}

/// Returns the registry that a request is about; none: nobody waits for it.
fn awaiting(model: &mut Model, id: RequestId) -> Option<&mut Remote<Arc<RegistryEntry>>> {
    model.repository.overview_mut()?.around.awaiting(id)
}
