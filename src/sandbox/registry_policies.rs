//! ECR: `GetRegistryPolicy`, `PutRegistryPolicy`, `DeleteRegistryPolicy`, `GetAccountSetting`, `PutAccountSetting`.
//!
//! The scope is V2, the only one that AWS documents today: the registry policy counts in every request. A Deny in it
//! takes an action on a repository from the owner's own account too. An Allow in it lets nobody else in: no account
//! reaches into another's registry here.

use serde_json::{Value, json};

use super::answer::AwsError;
use super::ask::Ask;
use super::state::ServiceState;
use crate::ecr::POLICY_LIMIT;
use crate::policy::{Policy, Statement};

/// The setting for the requests that the registry policy counts in.
const SCOPE: &str = "REGISTRY_POLICY_SCOPE";

/// Answers `GetRegistryPolicy`.
pub(super) fn get_policy(state: &ServiceState, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let account = &ask.caller.account;
    ask.authorize_caller(account, "*")?;
    let stored = state.registries.get(account, ask.region).and_then(|registry| registry.policy.as_deref());
    stored.map(|text| policy_answer(ask, text)).ok_or_else(|| no_policy(ask))
}

/// Answers `PutRegistryPolicy`: replaces the whole document.
pub(super) fn put_policy(state: &mut ServiceState, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let account = &ask.caller.account;
    ask.authorize_caller(account, "*")?;
    let text = ask.required_text("policyText")?;
    if text.chars().count() > POLICY_LIMIT {
        // The limit is the API model's; AWS's own words for a text over it are not known.
        return Err(AwsError::bad_parameter("PolicyText", "must have length less than or equal to 10240"));
    }
    let policy = Policy::read(text).map_err(|_| invalid_policy())?;
    if policy.statements.is_empty() || !policy.statements.iter().all(is_storable) {
        return Err(invalid_policy());
    }
    state.registries.registry_mut(account, ask.region).policy = Some(text.to_owned());
    Ok(policy_answer(ask, text))
}

/// Answers `DeleteRegistryPolicy` with the text that was stored.
pub(super) fn delete_policy(state: &mut ServiceState, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let account = &ask.caller.account;
    ask.authorize_caller(account, "*")?;
    let old = state.registries.registry_mut(account, ask.region).policy.take();
    old.map(|text| policy_answer(ask, &text)).ok_or_else(|| no_policy(ask))
}

/// Answers `GetAccountSetting`, for the one setting that exists here.
pub(super) fn get_setting(ask: &Ask<'_>) -> Result<Value, AwsError> {
    ask.authorize_caller(&ask.caller.account, "*")?;
    is_scope(ask)?;
    Ok(json!({ "name": SCOPE, "value": "V2" }))
}

/// Answers `PutAccountSetting`, which takes only the present value.
pub(super) fn put_setting(ask: &Ask<'_>) -> Result<Value, AwsError> {
    ask.authorize_caller(&ask.caller.account, "*")?;
    is_scope(ask)?;
    match ask.required_text("value")? {
        "V2" => Ok(json!({ "name": SCOPE, "value": "V2" })),
        // AWS's own words for a value that it does not take are not known.
        _ => Err(AwsError::bad_parameter("value", "must be V2")),
    }
}

fn is_scope(ask: &Ask<'_>) -> Result<(), AwsError> {
    match ask.required_text("name")? {
        SCOPE => Ok(()),
        // AWS has more settings; the sandbox has none of what they decide.
        _ => Err(AwsError::bad_parameter("name", &format!("the sandbox of ecr-grant has {SCOPE} alone"))),
    }
}

/// Tells whether a registry policy may hold a statement: it needs a `Resource` of ECR and actions of ECR. Source: ECR
/// user guide, registry permissions.
fn is_storable(statement: &Statement) -> bool {
    let is_of_ecr = |pattern: &String| pattern == "*" || pattern.split(':').nth(2) == Some("ecr");
    statement
        .resource
        .as_ref()
        .is_some_and(|resource| !resource.patterns.is_empty() && resource.patterns.iter().all(is_of_ecr))
        && statement.actions.patterns.iter().all(|action| action.value == "*" || action.value.starts_with("ecr:"))
}

fn policy_answer(ask: &Ask<'_>, text: &str) -> Value {
    json!({ "registryId": ask.caller.account.as_str(), "policyText": text })
}

/// Builds the error for a registry without a policy; text: facts 4.1.
fn no_policy(ask: &Ask<'_>) -> AwsError {
    AwsError::bad_request(
        "RegistryPolicyNotFoundException",
        format!("Registry policy does not exist in the registry with id '{}'", ask.caller.account),
    )
}

/// Builds the one error for every fault of a text.
fn invalid_policy() -> AwsError {
    AwsError::bad_parameter("PolicyText", "Invalid registry policy provided")
}
