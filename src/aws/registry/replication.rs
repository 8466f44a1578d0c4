//! The replication of a registry, read once.

use aws_sdk_ecr::types as sdk;

use super::Registry;
use crate::ecr::{Failure, ReplicationDestination, ReplicationFilter, ReplicationRule};

impl Registry {
    /// Returns the rules of replication. AWS is asked until it has answered once. `DescribeRegistry` has no field for an
    /// account: it answers for the caller's own.
    pub async fn read_replication(&self) -> Result<Vec<ReplicationRule>, Failure> {
        let mut kept = self.inner.replication.lock().await;
        if let Some(rules) = kept.as_ref() {
            return Ok(rules.clone());
        }
        self.is_own_registry().await?;
        let request = self.inner.client.describe_registry();
        let answer = self.send_read("DescribeRegistry", None, || request.clone().send()).await?;
        self.is_about("DescribeRegistry", answer.registry_id(), None)?;
        let rules = answer.replication_configuration().map(sdk::ReplicationConfiguration::rules).unwrap_or_default();
        let rules: Vec<ReplicationRule> = rules.iter().map(convert_rule).collect();
        *kept = Some(rules.clone());
        Ok(rules)
    }
}

fn convert_rule(rule: &sdk::ReplicationRule) -> ReplicationRule {
    let destination = |place: &sdk::ReplicationDestination| ReplicationDestination {
        region: place.region().to_owned(),
        account: place.registry_id().to_owned(),
    };
    let filter = |filter: &sdk::RepositoryFilter| match filter.filter_type() {
        sdk::RepositoryFilterType::PrefixMatch => ReplicationFilter::Prefix(filter.filter().to_owned()),
        other => ReplicationFilter::Other(other.as_str().to_owned()),
    };
    ReplicationRule {
        destinations: rule.destinations().iter().map(destination).collect(),
        filters: rule.repository_filters().iter().map(filter).collect(),
    }
}
