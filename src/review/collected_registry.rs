//! Reads what collectors wrote of a registry itself, and puts its parts together.

use serde_json::Value;

use super::collected::recorded_policy;
use super::registry::RegistryFacts;
use crate::ecr::{
    AccountId, CreationTemplate, Failure, Region, ReplicationDestination, ReplicationFilter, ReplicationRule,
    TemplateOccasion,
};
use crate::policy::RegistryPolicy;

/// A part of what is known of a registry.
#[derive(Debug, Clone, PartialEq)]
pub enum RegistryPart {
    /// Its policy.
    Policy(RegistryPolicy),
    /// The setting `REGISTRY_POLICY_SCOPE`.
    PolicyScope(String),
    /// Creation templates.
    Templates(Vec<CreationTemplate>),
    /// Rules by which images are copied elsewhere.
    Replications(Vec<ReplicationRule>),
    /// Failures of its reading.
    Failures(Vec<Failure>),
    /// A review read it: a part that is not told is not there.
    Reviewed,
}

/// A registry as collectors tell of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectedRegistry {
    facts: RegistryFacts,
    has_policy: bool,
    is_reviewed: bool,
}

impl CollectedRegistry {
    /// Builds one of which only the place is known.
    pub fn at_place(account: AccountId, region: Region) -> Self {
        Self {
            facts: RegistryFacts::of_policy(account, region, RegistryPolicy::Absent),
            has_policy: false,
            is_reviewed: false,
        }
    }

    /// Adds a part; parts come in any order. Of two policies the first is taken, unless only the second can be read.
    pub fn add_part(&mut self, part: RegistryPart) {
        match part {
            RegistryPart::Policy(policy) => {
                let is_better = policy.text().is_some() && self.facts.policy.text().is_none();
                if !self.has_policy || is_better {
                    self.facts.policy = policy;
                }
                self.has_policy = true;
            }
            RegistryPart::PolicyScope(scope) => {
                self.facts.policy_scope.get_or_insert(scope);
            }
            RegistryPart::Templates(templates) => add_new(&mut self.facts.templates, templates),
            RegistryPart::Replications(rules) => add_new(&mut self.facts.replications, rules),
            RegistryPart::Failures(failures) => add_new(&mut self.facts.failures, failures),
            RegistryPart::Reviewed => self.is_reviewed = true,
        }
    }

    /// Tells whether it is known which policy it has, or that it has none.
    pub fn has_known_policy(&self) -> bool {
        self.has_policy || self.is_reviewed
    }

    /// Returns all that is known.
    pub fn into_facts(self) -> RegistryFacts {
        self.facts
    }
}

fn add_new<T: PartialEq>(known: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}

/// Returns the parts of a registry in a line of a review.
pub(super) fn reviewed_parts(registry: &Value) -> Vec<RegistryPart> {
    let list = |name: &str| registry.get(name).and_then(Value::as_array).into_iter().flatten();
    let failures: Vec<Failure> = list("unread").map(super::collected::earlier_failure).collect();
    let policy = match (registry.get("policy_state").and_then(Value::as_str), recorded_policy(registry, "policy")) {
        (_, Some(policy)) => RegistryPolicy::of(Some(&policy.to_string())),
        (Some("unreadable"), None) => {
            let why = failures.first().map_or("the review could not read it", |failure| failure.what.as_str());
            RegistryPolicy::Unreadable(why.to_owned())
        }
        (Some("not-asked"), None) => RegistryPolicy::NotAsked,
        (_, None) => RegistryPolicy::Absent,
    };
    let template = |template: &Value| {
        let occasions = template.get("applied_for").and_then(Value::as_array).into_iter().flatten();
        Some(CreationTemplate {
            prefix: template.get("prefix")?.as_str()?.to_owned(),
            applied_for: occasions.filter_map(Value::as_str).map(TemplateOccasion::parse).collect(),
            policy: recorded_policy(template, "policy").map(|policy| policy.to_string()),
        })
    };
    let rule = |rule: &Value| {
        let text = |name: &str| rule.get(name).and_then(Value::as_str).map(str::to_owned);
        let prefixes = rule.get("prefixes").and_then(Value::as_array).into_iter().flatten();
        let destination = ReplicationDestination { region: text("region")?, account: text("account")? };
        let filters = prefixes.filter_map(Value::as_str).map(ReplicationFilter::of_words).collect();
        Some(ReplicationRule { destinations: vec![destination], filters })
    };
    let scope = registry.get("policy_scope").and_then(Value::as_str);
    let mut parts = vec![RegistryPart::Policy(policy)];
    parts.extend(scope.map(|scope| RegistryPart::PolicyScope(scope.to_owned())));
    parts.push(RegistryPart::Templates(list("templates").filter_map(template).collect()));
    parts.push(RegistryPart::Replications(list("replications").filter_map(rule).collect()));
    parts.push(RegistryPart::Failures(failures));
    parts
}

/// Returns the part that an item of AWS Config tells of a registry, by the type of its resource; none: it tells of something
/// else.
pub fn recorded_part(resource_type: &str, configuration: &Value) -> Option<RegistryPart> {
    match resource_type {
        "AWS::ECR::RegistryPolicy" => {
            let policy = recorded_policy(configuration, "PolicyText").map(|policy| policy.to_string());
            Some(RegistryPart::Policy(RegistryPolicy::of(policy.as_deref())))
        }
        "AWS::ECR::RepositoryCreationTemplate" => {
            Some(RegistryPart::Templates(recorded_template(configuration).into_iter().collect()))
        }
        "AWS::ECR::ReplicationConfiguration" => Some(RegistryPart::Replications(recorded_rules(configuration))),
        _ => None,
    }
}

/// Reads a creation template; the policy is a text or an object. None: it has no prefix.
fn recorded_template(configuration: &Value) -> Option<CreationTemplate> {
    let occasions = configuration.get("AppliedFor").and_then(Value::as_array);
    let applied_for = occasions.into_iter().flatten().filter_map(Value::as_str).map(TemplateOccasion::parse).collect();
    let policy = recorded_policy(configuration, "RepositoryPolicy").map(|policy| policy.to_string());
    Some(CreationTemplate { prefix: configuration.get("Prefix")?.as_str()?.to_owned(), applied_for, policy })
}

fn recorded_rules(configuration: &Value) -> Vec<ReplicationRule> {
    let rules = configuration.pointer("/ReplicationConfiguration/rules").and_then(Value::as_array);
    let read = |rule: &Value| {
        let member = |name: &str| rule.get(name).and_then(Value::as_array).into_iter().flatten();
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let filter = |filter: &Value| match text(filter, "filterType").as_str() {
            "PREFIX_MATCH" | "" => ReplicationFilter::Prefix(text(filter, "filter")),
            other => ReplicationFilter::Other(other.to_owned()),
        };
        ReplicationRule {
            destinations: member("destinations")
                .map(|to| ReplicationDestination { region: text(to, "region"), account: text(to, "registryId") })
                .collect(),
            filters: member("repositoryFilters").map(filter).collect(),
        }
    };
    rules.into_iter().flatten().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts_of(parts: impl IntoIterator<Item = RegistryPart>) -> RegistryFacts {
        let (account, region) = (AccountId::parse("222222222222").unwrap(), Region::parse("eu-west-2").unwrap());
        let mut known = CollectedRegistry::at_place(account, region);
        parts.into_iter().for_each(|part| known.add_part(part));
        assert!(known.has_known_policy());
        known.into_facts()
    }

    #[test]
    fn the_order_of_the_parts_changes_nothing() {
        let policy = json!({"Version": "2012-10-17", "Statement": []});
        let unread = json!([{"kind": "access-denied", "what": "AWS denies it", "next": "ask"}]);
        for registry in [
            json!({"policy": policy, "policy_state": "known", "policy_scope": "V1"}),
            json!({"policy": null, "policy_state": "unreadable", "unread": unread}),
            json!({"policy": null, "policy_state": "not-asked"}),
            json!({"policy": null, "policy_state": "absent", "templates": [{"prefix": "a", "applied_for": [], "policy": null}]}),
        ] {
            let mut parts = reviewed_parts(&registry);
            let alone = facts_of(parts.clone());
            // A document tells its repositories first, and lines come as they were read.
            for _ in 0..=parts.len() {
                let before = [RegistryPart::Reviewed].into_iter().chain(parts.clone());
                assert_eq!(facts_of(before), alone, "{registry}");
                assert_eq!(facts_of(parts.iter().cloned().chain([RegistryPart::Reviewed])), alone, "{registry}");
                parts.rotate_left(1);
            }
        }
    }
}
