//! The refusals of `SetRepositoryPolicy`. ECR gives few reasons: nearly every one is `Invalid repository policy
//! provided`.

use super::answer::AwsError;
use super::identities::{People, SandboxCaller, partition_of};
use crate::ecr::{Arn, Identity, POLICY_LIMIT, RepositoryRef, action};
use crate::policy::principal::PrincipalKind;
use crate::policy::{CheckOptions, Policy, lint, lockout};

/// Checks a new text by ECR's rules. `stored` is the repository's present text: ECR takes again what it took once,
/// deleted principals excepted.
pub(super) fn check_policy(
    text: &str,
    stored: Option<&str>,
    repository: &RepositoryRef,
    people: &People,
    caller: &SandboxCaller,
    force: bool,
) -> Result<(), AwsError> {
    if text.chars().count() > POLICY_LIMIT {
        // The limit is the API model's; AWS's own words for a text over it are not known.
        return Err(policy_text("must have length less than or equal to 10240"));
    }
    let options = CheckOptions {
        owner: Some(repository.account.clone()),
        partition: Some(repository.region.partition()),
        stored: stored.map(str::to_owned),
        ..CheckOptions::default()
    };
    if lint::check(text, &options).iter().any(|finding| finding.stops) {
        return Err(catch_all());
    }
    let policy = Policy::read(text).map_err(|_| catch_all())?;
    for statement in &policy.statements {
        if statement.resource.is_some() {
            return Err(catch_all());
        }
        for principal in &statement.principals.entries {
            principal_is_known(&principal.kind, repository, people)?;
        }
    }
    if !force && locks_out(&policy, people, caller) {
        // ECR refuses this without `force`; its own words are not known (the API model only describes the guard).
        return Err(AwsError::bad_request(
            "InvalidParameterException",
            "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'The policy would prevent the caller from \
             setting a new repository policy; use force to set it'",
        ));
    }
    Ok(())
}

/// Tells whether a policy takes `ecr:SetRepositoryPolicy` from the caller.
pub(super) fn locks_out(policy: &Policy, people: &People, caller: &SandboxCaller) -> bool {
    is_denied(policy, people.organization_of(&caller.account), caller, "SetRepositoryPolicy")
}

/// Tells whether a policy takes an action from the caller; `operation` is the action's name.
pub(super) fn is_denied(policy: &Policy, organization: Option<&str>, caller: &SandboxCaller, operation: &str) -> bool {
    let Some(arn) = Arn::parse(&caller.arn) else { return false };
    let identity = Identity { account: caller.account.clone(), arn };
    let mut context = vec![
        ("aws:PrincipalAccount", caller.account.as_str()),
        ("aws:PrincipalArn", caller.principal.as_str()),
        ("aws:SecureTransport", "true"),
    ];
    if let Some(organization) = organization {
        context.push(("aws:PrincipalOrgID", organization));
    }
    let action = action::authorised_as(operation).unwrap_or(operation);
    lockout::denying_statements(policy, &identity, &context, action).next().is_some()
}

fn principal_is_known(kind: &PrincipalKind, repository: &RepositoryRef, people: &People) -> Result<(), AwsError> {
    let partition = repository.region.partition();
    match kind {
        // Without a partition it is a bare account id.
        PrincipalKind::Account(account, named) => {
            if people.account_exists(account) && named.is_none_or(|p| p == partition) {
                Ok(())
            } else {
                Err(catch_all())
            }
        }
        PrincipalKind::Role(arn) | PrincipalKind::User(arn) => {
            account_is_known(arn, repository, people)?;
            if people.principal_exists(&arn.to_string()) { Ok(()) } else { Err(policy_text("Principal not found")) }
        }
        PrincipalKind::Session(arn) => {
            account_is_known(arn, repository, people)?;
            let mut parts = arn.resource.split('/');
            let known = match (parts.next(), parts.next()) {
                (Some("assumed-role"), Some(role)) => people.role_exists(&arn.account, role),
                (Some("federated-user"), Some(_)) => true,
                _ => false,
            };
            if known { Ok(()) } else { Err(policy_text("Principal not found")) }
        }
        PrincipalKind::Everyone | PrincipalKind::Service(_) => Ok(()),
        PrincipalKind::Federated(_)
        | PrincipalKind::Canonical(_)
        | PrincipalKind::Orphan(_)
        | PrincipalKind::Malformed(_) => Err(catch_all()),
    }
}

fn account_is_known(arn: &Arn, repository: &RepositoryRef, people: &People) -> Result<(), AwsError> {
    let exists = arn.account_id().is_some_and(|account| people.account_exists(&account));
    let same_partition = partition_of(&arn.to_string()) == Some(repository.region.partition());
    if exists && same_partition { Ok(()) } else { Err(catch_all()) }
}

fn catch_all() -> AwsError {
    policy_text("Invalid repository policy provided")
}

/// Reads `policyText`; its name is spelt `PolicyText` in the reports (facts 4.1).
fn policy_text(constraint: &str) -> AwsError {
    AwsError::bad_parameter("PolicyText", constraint)
}
