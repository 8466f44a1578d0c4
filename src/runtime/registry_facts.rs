//! Reads the policy of a registry as far as it counts, for the screens and for the commands.

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
