//! Reads what stands around the repositories of a registry, for the screens and for the commands: its policy as far as it
//! counts, its creation templates and its replication.

use crate::aws::Registry;
use crate::policy::RegistryPolicy;
use crate::review::RegistryFacts;

/// Reads the registry's policy, and where there is one its scope: no access is worked out without them. AWS is asked for each
/// once.
pub async fn read_policy_of_registry(registry: &Registry) -> RegistryFacts {
    let read = registry.read_registry_policy().await;
    let failure = read.as_ref().err().cloned();
    let policy = RegistryPolicy::of_read(read.map_err(|failure| failure.what));
    let mut facts = RegistryFacts::of_policy(registry.owner().clone(), registry.context().region.clone(), policy);
    facts.failures.extend(failure);
    if facts.policy.text().is_some() {
        match registry.read_policy_scope().await {
            Ok(scope) => facts.policy_scope = scope,
            Err(failure) => {
                facts.unread_scope = Some(failure.what.clone());
                facts.failures.push(failure);
            }
        }
    }
    facts
}

/// Adds to the facts what else is read once of an account and Region: creation templates and replication.
pub async fn read_settings_of_registry(registry: &Registry, mut facts: RegistryFacts) -> RegistryFacts {
    let (templates, replications) = tokio::join!(registry.read_creation_templates(), registry.read_replication());
    match templates {
        Ok(templates) => facts.templates = templates,
        Err(failure) => facts.failures.push(failure),
    }
    match replications {
        Ok(rules) => facts.replications = rules,
        Err(failure) => facts.failures.push(failure),
    }
    facts
}
