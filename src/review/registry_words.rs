//! Says of a registry beside its findings what there is to know: its policy, templates and replicas.

use super::registry::RegistryEntry;
use crate::ecr::{ReplicationDestination, ReplicationFilter, ReplicationRule, TemplateOccasion};

impl RegistryEntry {
    /// Says what its policy, templates and replication rules do, and what is not known of them, a line each. `named` puts
    /// the names of accounts beside their ids.
    pub fn setting_words(&self, named: impl Fn(&str) -> String) -> Vec<String> {
        let facts = &self.facts;
        let mut lines: Vec<String> = facts.policy.unread_words(&facts.account, &facts.region).into_iter().collect();
        if let Some(scope) = facts.policy_scope.as_ref().filter(|_| !facts.is_policy_counted()) {
            lines.push(format!(
                "REGISTRY_POLICY_SCOPE is {scope}: the policy's Deny statements are not counted for repositories"
            ));
        }
        for access in &self.grants {
            lines.push(format!("its policy allows {}: {}", named(&access.who.words()), access.right_words()));
        }
        lines.extend(self.denies.iter().map(|words| format!("its policy's {}", named(words))));
        for template in &facts.templates {
            let occasions: Vec<&str> = template.applied_for.iter().map(TemplateOccasion::name).collect();
            lines.push(format!("template {} for {}", template.prefix, occasions.join(", ")));
        }
        lines.extend(facts.replications.iter().map(|rule| replication_words(rule, &named)));
        lines.extend(facts.failures.iter().map(|failure| format!("not known: {}", failure.what)));
        lines
    }
}

/// Says which images a rule copies where.
fn replication_words(rule: &ReplicationRule, named: impl Fn(&str) -> String) -> String {
    let prefixes: Vec<String> = rule.filters.iter().map(ReplicationFilter::words).collect();
    let which = if prefixes.is_empty() { "all repositories".to_owned() } else { prefixes.join(", ") };
    let place = |to: &ReplicationDestination| format!("{} in {}", named(&to.account), to.region);
    let to: Vec<String> = rule.destinations.iter().map(place).collect();
    format!("{which}: images are copied to {}", to.join(", "))
}
