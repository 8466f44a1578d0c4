//! Asks AWS who a source is, and what follows from the answer and from a login.

use super::{go_on, list_height};
use crate::ecr::{Failure, SourceId, Verified};
use crate::wizard::{Effect, Model, Remote, RequestId, Signed, Step, Tone, draft, go};

/// Asks who a source is; whatever is asked already is dropped.
pub(super) fn verify(model: &mut Model, source: SourceId) -> Vec<Effect> {
    let mut effects = cancel(model);
    let Some(region) = model.account.find_source(&source).map(|s| model.account.region_of(s)) else { return effects };
    let id = model.next_request();
    let now = model.now;
    model.account.attempts.entry(source.clone()).or_default().begin_request(id, now);
    effects.push(Effect::Verify { id, source, region });
    effects
}

/// Stops the verification that is under way.
pub(super) fn cancel(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    for attempt in model.account.attempts.values_mut() {
        if let Remote::Loading { id, previous, .. } = attempt {
            effects.push(Effect::Cancel(*id));
            *attempt = previous.take().map_or(Remote::NotAsked, Remote::Ready);
        }
    }
    effects
}

pub(super) fn verified(model: &mut Model, id: RequestId, result: Result<Verified, Failure>) -> Vec<Effect> {
    let height = list_height(model);
    let step = &mut model.account;
    let Some(source) = step.attempts.iter().find(|(_, attempt)| attempt.is_awaiting(id)).map(|(s, _)| s.clone()) else {
        return Vec::new();
    };
    if let Some(attempt) = step.attempts.get_mut(&source) {
        // Of a source that fails now, nothing that was known before holds any more.
        let worked = result.is_ok();
        attempt.take_answer(id, result);
        if !worked && let Remote::Failed { previous, .. } = attempt {
            *previous = None;
        }
    }
    step.apply_filter(false, height);
    // After a failure the source still goes on by itself: once it is mended, the flags say where to.
    let Some(account) = step.attempt_of(&source).known_value().map(|v| v.identity.account.clone()) else {
        return Vec::new();
    };
    let mut effects = vec![Effect::NoteSignIn(source.clone())];
    let goes_on = step.goes_on.take_if(|s| *s == source).is_some() && model.step == Step::Account;
    if let Some(line) = step.attempt_of(&source).known_value().and_then(|v| v.ignored.first().cloned()) {
        model.add_notice(Tone::Plain, &line);
    }
    if goes_on_as_another(model, &source) {
        effects.extend(go(model, Step::Account));
        return effects;
    }
    if goes_on && let Some(target) = model.prefill.target.as_ref().filter(|target| target.account != account) {
        let words = format!(
            "{source} signs in to account {account}, and {} belongs to account {}: choose another row",
            target.name, target.account
        );
        model.set_notice(Tone::Bad, words);
    }
    if goes_on
        && model.prefill.target.as_ref().is_none_or(|t| t.account == account)
        && draft::is_of_account(model, &account)
    {
        effects.extend(go_on(model, &source));
    }
    effects
}

/// Signs out where the source that is signed in with turned out to be somebody else's by now.
fn goes_on_as_another(model: &mut Model, source: &SourceId) -> bool {
    let Some(now) = model.account.attempt_of(source).known_value().map(|v| v.identity.clone()) else { return false };
    let is_other = |signed: &Signed| signed.source.id == *source && !signed.identity.is_same_caller(&now);
    let Some(before) = model.signed.take_if(|signed| is_other(signed)) else { return false };
    model.chosen.clear();
    let words = format!(
        "{source} now signs in as {} in account {}, no longer as {} in account {}: choose it again to go on",
        now.short_name(),
        now.account,
        before.identity.short_name(),
        before.identity.account
    );
    model.set_notice(Tone::Bad, words);
    true
}

pub(super) fn logged_in(model: &mut Model, id: RequestId, result: Result<(), Failure>) -> Vec<Effect> {
    let Some((_, source)) = model.account.login.take_if(|(asked, _)| *asked == id) else { return Vec::new() };
    match result {
        Ok(()) => {
            // One login serves every profile of its session: what failed for want of it may be asked again.
            let session = model.account.find_source(&source).and_then(|s| s.sso_session.clone());
            let shared: Vec<SourceId> = model
                .account
                .all_sources()
                .iter()
                .filter(|s| session.is_some() && s.sso_session == session)
                .map(|s| s.id.clone())
                .collect();
            model.account.attempts.retain(|id, attempt| {
                !(shared.contains(id) && attempt.last_failure().is_some_and(|f| f.kind.is_sign_in()))
            });
            verify(model, source)
        }
        Err(failure) => {
            model.account.attempts.insert(source, Remote::Failed { failure, previous: None });
            Vec::new()
        }
    }
}
