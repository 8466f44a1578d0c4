//! ECR: `GetRepositoryPolicy`, `SetRepositoryPolicy`, `DeleteRepositoryPolicy`.

use serde_json::{Value, json};

use super::answer::AwsError;
use super::ask::Ask;
use super::json_format::{shown_form, stored_form};
use super::policy_validation;
use super::repositories::not_found;
use super::state::ServiceState;
use crate::ecr::RepositoryRef;
use crate::policy::Policy;

/// Answers `GetRepositoryPolicy`.
pub(super) fn get_policy(state: &ServiceState, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let reference = authorize_policy(ask)?;
    let repository = state.registries.find_repository(&reference).ok_or_else(|| not_found(&reference))?;
    match repository.shown_policy(ask.lag) {
        Some(text) => Ok(policy_answer(&reference, &shown_form(text, &state.people.deleted))),
        None => Err(no_policy(&reference)),
    }
}

/// Answers `SetRepositoryPolicy`: replaces the whole document and returns the text as stored.
pub(super) fn set_policy(state: &mut ServiceState, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let reference = authorize_policy(ask)?;
    let text = ask.required_text("policyText")?;
    let force = ask.get_flag("force")?;
    let repository = state.registries.find_repository(&reference).ok_or_else(|| not_found(&reference))?;
    let stored = repository.policy.as_deref();
    // A Deny that is stored already takes the call itself from the caller, force or not.
    if stored
        .and_then(|t| Policy::read(t).ok())
        .is_some_and(|p| policy_validation::locks_out(&p, &state.people, ask.caller))
    {
        return Err(AwsError::access_denied(
            &ask.caller.arn,
            ask.operation,
            &reference.arn().to_string(),
            "with an explicit deny in a resource-based policy",
        ));
    }
    policy_validation::check_policy(text, stored, &reference, &state.people, ask.caller, force)?;
    let stored = stored_form(text, reference.region.partition()).unwrap_or_else(|| text.to_owned());
    let shown = shown_form(&stored, &state.people.deleted);
    if let Some(repository) = state.registries.repository_mut(&reference) {
        repository.write_asked(Some(stored));
    }
    Ok(policy_answer(&reference, &shown))
}

/// Answers `DeleteRepositoryPolicy` with the text that was stored.
pub(super) fn delete_policy(state: &mut ServiceState, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let reference = authorize_policy(ask)?;
    let repository = state.registries.repository_mut(&reference).ok_or_else(|| not_found(&reference))?;
    if repository.policy.is_none() {
        return Err(no_policy(&reference));
    }
    let old = repository.write_asked(None).unwrap_or_default();
    Ok(policy_answer(&reference, &shown_form(&old, &state.people.deleted)))
}

fn authorize_policy(ask: &Ask<'_>) -> Result<RepositoryRef, AwsError> {
    let reference = ask.repository_ref()?;
    ask.authorize_caller(&reference.account, &reference.arn().to_string())?;
    Ok(reference)
}

fn policy_answer(reference: &RepositoryRef, text: &str) -> Value {
    json!({
        "registryId": reference.account.as_str(),
        "repositoryName": reference.name.as_str(),
        "policyText": text,
    })
}

/// Builds the error for a repository without a policy; text: facts 4.1.
fn no_policy(reference: &RepositoryRef) -> AwsError {
    AwsError::bad_request(
        "RepositoryPolicyNotFoundException",
        format!(
            "Repository policy does not exist for the repository with name '{}' in the registry with id '{}'",
            reference.name, reference.account
        ),
    )
}
