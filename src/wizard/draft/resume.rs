//! Going on with a draft: each step takes what is its own when it begins, and the wizard goes from step to step by itself
//! as long as the answers allow it. Whatever is stored is read again; a key that goes on or back takes over.

use super::state::Resume;
use super::{Draft, EditedPolicy};
use crate::ecr::{AccountId, RepositoryRef};
use crate::plan::RepositorySelector;
use crate::policy::canonical::same_meaning;
use crate::wizard::{Effect, Model, Prefill, Step, Tone};

impl Draft {
    /// Returns what fills the wizard in before the account is known. The rest follows when its step begins.
    pub(super) fn to_prefill(&self) -> Prefill {
        Prefill {
            source: Some(self.source.clone()),
            region: Some(self.region.clone()),
            names: self.repositories.iter().cloned().map(RepositorySelector::Name).collect(),
            tag: self.tag.clone(),
            ..Prefill::default()
        }
    }
}

fn goal_step(model: &Model) -> Option<Step> {
    model.draft.resume.as_ref()?.goal
}

/// Tells whether Account is left by itself as soon as it is known who we are; `None`: no draft is gone on with.
pub(in crate::wizard) fn goes_beyond_account(model: &Model) -> Option<bool> {
    model.draft.resume.as_ref().map(|resume| resume.goal.is_some_and(|goal| goal > Step::Account))
}

/// Returns the step that the draft that is gone on with leads to by itself, and its account; `None`: none does.
pub(in crate::wizard) fn goal_of_resuming(model: &Model) -> Option<(Step, &AccountId)> {
    let resume = model.draft.resume.as_ref()?;
    Some((resume.goal.filter(|goal| *goal > Step::Account)?, &resume.draft.account))
}

/// Tells whether the draft that is gone on with, where one is, is of this account; says so when it is not.
pub(in crate::wizard) fn is_of_account(model: &mut Model, account: &AccountId) -> bool {
    let Some(Resume { draft, .. }) = &model.draft.resume else { return true };
    if draft.account == *account {
        return true;
    }
    let words =
        format!("this is account {account}; the draft is of {}: choose a row that signs in there", draft.account);
    model.set_notice(Tone::Bad, words);
    false
}

/// Account is left, signed in. With another account or Region the draft is not gone on with: it stays as it is.
pub(in crate::wizard) fn leaves_account(model: &mut Model) -> Vec<Effect> {
    let (Some(signed), Some(Resume { draft, .. })) = (&model.signed, &model.draft.resume) else { return Vec::new() };
    if draft.account == *signed.owner_account() && draft.region == signed.region {
        return Vec::new();
    }
    let words =
        format!("the draft of {} in {} is left as it is; the next start offers it again", draft.account, draft.region);
    model.prefill.names.clear();
    model.prefill.tag = None;
    model.draft.resume = None;
    model.draft.kept = None;
    model.set_notice(Tone::Plain, words);
    vec![Effect::LeaveDraft]
}

/// The user goes on or back himself.
pub(in crate::wizard) fn stop_resuming(model: &mut Model) {
    if let Some(resume) = &mut model.draft.resume {
        resume.goal = None;
    }
    end_resuming(model);
}

/// Goes on by itself, as far as what is known allows.
pub(in crate::wizard) fn advance_steps(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    let Some(goal) = goal_step(model) else {
        end_resuming(model);
        return effects;
    };
    for step in [Step::Repository, Step::Actions, Step::Policy] {
        let Some(Resume { draft, .. }) = &model.draft.resume else { break };
        if model.step == step && goal > step {
            let draft = draft.clone();
            let Some(more) = (step.screen().resume)(model, &draft) else { return effects };
            effects.extend(more);
        }
    }
    if let Some(resume) = &mut model.draft.resume
        && (model.step > Step::Account || goal == Step::Account)
    {
        resume.goal = None;
    }
    end_resuming(model);
    effects
}

/// The end of it, when all is in its place. What no document waits for is no longer wanted then.
fn end_resuming(model: &mut Model) {
    let Some(resume) = &mut model.draft.resume else { return };
    if resume.goal.is_some() || !resume.has_actions {
        return;
    }
    if model.step >= Step::Policy {
        let waits = |edited: &EditedPolicy| model.policy.awaits_document(&edited.repository);
        resume.draft.texts.retain(waits);
    }
    if resume.draft.texts.is_empty() {
        model.draft.resume = None;
    }
}

/// Policies changed by hand that are not in their place yet, of repositories that are chosen.
pub(super) fn waiting_texts(model: &Model) -> impl Iterator<Item = &EditedPolicy> {
    let texts = model.draft.resume.as_ref().map(|resume| resume.draft.texts.as_slice()).unwrap_or_default();
    texts.iter().filter(|edited| model.chosen.iter().any(|repository| *repository.name() == edited.repository))
}

/// Returns what belongs to step 3, once.
pub(in crate::wizard) fn take_actions(model: &mut Model) -> Option<Draft> {
    let resume = model.draft.resume.as_mut().filter(|resume| !resume.has_actions)?;
    resume.has_actions = true;
    Some(resume.draft.clone())
}

/// The text changed by hand of a repository whose stored policy has just been read, once; and whether that is another
/// one than the one that was edited.
pub(in crate::wizard) fn take_text(
    model: &mut Model,
    repository: &RepositoryRef,
    now: Option<&str>,
) -> Option<(EditedPolicy, bool)> {
    let resume = model.draft.resume.as_mut()?;
    let Draft { account, region, .. } = &resume.draft;
    if *account != repository.account || *region != repository.region {
        return None;
    }
    let at = resume.draft.texts.iter().position(|edited| edited.repository == repository.name)?;
    let edited = resume.draft.texts.remove(at);
    let is_same = match (edited.stored.as_deref(), now) {
        (Some(before), Some(now)) => before == now || same_meaning(before, now),
        (before, now) => before == now,
    };
    if !is_same {
        // It is to be looked at before it is saved.
        resume.goal = resume.goal.map(|goal| goal.min(Step::Policy));
    }
    Some((edited, !is_same))
}
