//! Says where going on leads from here.

use crate::ecr::Identity;
use crate::wizard::{Model, Step, draft};

/// Returns where Enter leads once this identity is signed in, as the end of a sentence that begins with the key. What is asked
/// of AWS on the way is a condition.
pub fn leads_to(model: &Model, identity: &Identity) -> String {
    let account = &identity.account;
    if let Some((step, owner)) = draft::goal_of_resuming(model)
        && *owner == *account
    {
        return format!("goes on with the draft, at step {}, {}", step.number(), step.title());
    }
    if model.prefill.target.as_ref().is_some_and(|target| target.account != *account) {
        return "goes on to its repositories".to_owned();
    }
    if model.prefill.overview || model.repository.overview().is_some() {
        return "goes on to the review of its repositories".to_owned();
    }
    let step = match model.lead.repositories.as_slice() {
        [] => return "goes on to its repositories".to_owned(),
        _ if model.lead.has_answer(Step::Actions) => Step::Policy,
        _ => Step::Actions,
    };
    let named = match model.lead.repositories.as_slice() {
        [one] => format!("{one} is there"),
        several => format!("all {} named repositories are there", several.len()),
    };
    format!("goes on to step {}, {}, if {named}", step.number(), step.title())
}
