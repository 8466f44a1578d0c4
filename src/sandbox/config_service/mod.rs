//! AWS Config: `SelectAggregateResourceConfig`, `DescribeConfigurationAggregators` and
//! `DescribeConfigurationAggregatorSourcesStatus`, over what the registries hold. Each item is as old as the aggregator's
//! data; the data itself is that of the moment.

mod expression;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::answer::{AwsError, timestamp};
use super::ask::Ask;
use super::identities::People;
use super::json_format::shown_form;
use super::operations::{CONFIG_OPERATIONS, missing_operation};
use super::registries::StoredRegistry;
use super::state::ServiceState;
use crate::ecr::{AccountId, Region};
use expression::Query;

/// The name of the one aggregator; its account and Region are those of the file of people.
const NAME: &str = "organization";
/// The age of the data, in seconds.
const AGE: i64 = 3 * 3600;

/// Answers an operation.
pub(super) fn perform_operation(state: &ServiceState, ask: &Ask<'_>) -> Result<Value, AwsError> {
    if ask.caller.denied.iter().any(|denied| denied == ask.operation) {
        return Err(AwsError::bad_request(
            "AccessDeniedException",
            format!("User: {} is not authorized to perform: config:{} on resource: *", ask.caller.arn, ask.operation),
        ));
    }
    match ask.operation {
        "DescribeConfigurationAggregatorSourcesStatus" => describe_sources(state, ask),
        "DescribeConfigurationAggregators" => describe_aggregators(state, ask),
        "SelectAggregateResourceConfig" => select_resources(state, ask),
        _ => Err(AwsError::bad_request(
            "UnknownOperationException",
            missing_operation("AWS Config", ask.operation, &CONFIG_OPERATIONS),
        )),
    }
}

fn has_aggregator(people: &People, ask: &Ask<'_>) -> bool {
    people.aggregator_place() == Some((ask.caller.account.as_str(), ask.region.as_str()))
}

/// Finds the aggregator that an operation names. Source of the words: reports of AWS Config users.
fn find_aggregator(state: &ServiceState, ask: &Ask<'_>) -> Result<(), AwsError> {
    let name = ask.required_text("ConfigurationAggregatorName")?;
    if name == NAME && has_aggregator(&state.people, ask) {
        return Ok(());
    }
    Err(AwsError::bad_request(
        "NoSuchConfigurationAggregatorException",
        format!(
            "The configuration aggregator does not exist. Check the configuration aggregator name and try again: {name}"
        ),
    ))
}

fn describe_aggregators(state: &ServiceState, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let there = has_aggregator(&state.people, ask);
    if let Some(names) = ask.get_texts("ConfigurationAggregatorNames")?
        && !names.iter().all(|name| there && *name == NAME)
    {
        return Err(AwsError::bad_request("NoSuchConfigurationAggregatorException", "The aggregator does not exist."));
    }
    let arn = format!("arn:aws:config:{}:{}:config-aggregator/{NAME}", ask.region, ask.caller.account);
    let shown: Vec<Value> = there
        .then(|| json!({ "ConfigurationAggregatorName": NAME, "ConfigurationAggregatorArn": arn }))
        .into_iter()
        .collect();
    Ok(json!({ "ConfigurationAggregators": shown }))
}

/// The registries that the aggregator covers.
fn covered(state: &ServiceState) -> impl Iterator<Item = (&AccountId, &Region, &StoredRegistry)> {
    state.registries.all_registries().filter(|(account, ..)| state.people.is_member(account))
}

fn describe_sources(state: &ServiceState, ask: &Ask<'_>) -> Result<Value, AwsError> {
    find_aggregator(state, ask)?;
    let updated = timestamp(ask.now.saturating_sub(AGE));
    let statuses: Vec<Value> = covered(state)
        .map(|(account, region, _)| {
            let place = json!({ "SourceId": account.as_str(), "SourceType": "ACCOUNT", "AwsRegion": region.as_str() });
            let more = match state.people.unread_source(account, region) {
                None => json!({ "LastUpdateStatus": "SUCCEEDED", "LastUpdateTime": updated }),
                Some(code) => json!({ "LastUpdateStatus": "FAILED", "LastUpdateTime": updated, "LastErrorCode": code }),
            };
            merge_objects(place, more)
        })
        .collect();
    let (page, next) = cut_page(ask, statuses, "Limit")?;
    Ok(with_token(json!({ "AggregatedSourceStatusList": page }), next))
}

fn merge_objects(mut first: Value, second: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (first.as_object_mut(), second) {
        fields.extend(more);
    }
    first
}

fn select_resources(state: &ServiceState, ask: &Ask<'_>) -> Result<Value, AwsError> {
    find_aggregator(state, ask)?;
    let query = Query::parse(ask.required_text("Expression")?)?;
    let captured = OffsetDateTime::from_unix_timestamp(ask.now.saturating_sub(AGE))
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default();
    let items =
        covered(state).filter(|(account, region, _)| state.people.unread_source(account, region).is_none()).flat_map(
            |(account, region, registry)| registry_items(account, region, registry, (&state.people.deleted, &captured)),
        );
    let found: Vec<Value> = items
        .filter(|item| query.takes(item))
        .map(|item| Value::String(query.select_fields(&item).to_string()))
        .collect();
    let limit = if ask.get_value("MaxResults").is_some() { "MaxResults" } else { "Limit" };
    let (page, next) = cut_page(ask, found, limit)?;
    let fields: Vec<Value> = query.fields.iter().map(|field| json!({ "Name": field })).collect();
    Ok(with_token(json!({ "Results": page, "QueryInfo": { "SelectFields": fields } }), next))
}

/// Returns the items of a registry, as AWS Config records them: a policy is an object, and `{}` where there is none.
fn registry_items(
    account: &AccountId,
    region: &Region,
    registry: &StoredRegistry,
    (deleted, captured): (&BTreeMap<String, String>, &str),
) -> Vec<Value> {
    let partition = region.partition();
    let item = |kind: &str, name: &str, arn: String, configuration: Value, tags: Value| {
        json!({
            "accountId": account.as_str(),
            "awsRegion": region.as_str(),
            "resourceType": format!("AWS::ECR::{kind}"),
            "resourceName": name,
            "arn": arn,
            "configurationItemStatus": "OK",
            "configurationItemCaptureTime": captured,
            "recordingFrequency": "CONTINUOUS",
            "configuration": configuration,
            "tags": tags,
        })
    };
    let as_object = |text: Option<&str>| {
        text.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_else(|| json!({}))
    };
    let mut items: Vec<Value> = registry
        .repositories
        .values()
        .map(|repository| {
            let tags: Vec<Value> = repository
                .tags
                .iter()
                .map(|(key, value)| {
                    json!({ "key": key, "value": value, "tag": format!("{key}={}", value.as_str().unwrap_or_default()) })
                })
                .collect();
            let arn = format!("arn:{partition}:ecr:{region}:{account}:repository/{}", repository.name);
            let shown = repository.policy.as_deref().map(|stored| shown_form(stored, deleted));
            let policy = as_object(shown.as_deref());
            let configuration = json!({ "RepositoryName": repository.name, "RepositoryPolicyText": policy });
            item("Repository", &repository.name, arn, configuration, json!(tags))
        })
        .collect();
    if registry.policy.is_some() {
        let configuration =
            json!({ "RegistryId": account.as_str(), "PolicyText": as_object(registry.policy.as_deref()) });
        let arn = format!("arn:{partition}:ecr:{region}:{account}:registry-policy");
        items.push(item("RegistryPolicy", account.as_str(), arn, configuration, json!([])));
    }
    for template in &registry.templates {
        let member = |name: &str| template.get(name).cloned().unwrap_or(Value::Null);
        let prefix = member("prefix").as_str().unwrap_or_default().to_owned();
        let configuration = json!({
            "Prefix": prefix,
            "AppliedFor": member("appliedFor"),
            "RepositoryPolicy": as_object(template.get("repositoryPolicy").and_then(Value::as_str)),
        });
        let arn = format!("arn:{partition}:ecr:{region}:{account}:repository-creation-template/{prefix}");
        items.push(item("RepositoryCreationTemplate", &prefix, arn, configuration, json!([])));
    }
    if let Some(replication) = &registry.replication {
        let configuration = json!({ "RegistryId": account.as_str(), "ReplicationConfiguration": replication });
        let arn = format!("arn:{partition}:ecr:{region}:{account}:replication-configuration");
        items.push(item("ReplicationConfiguration", account.as_str(), arn, configuration, json!([])));
    }
    items
}

/// Cuts the page out of a list that `NextToken` and the limit ask for. AWS gives 25 where no limit is given.
fn cut_page(ask: &Ask<'_>, all: Vec<Value>, limit: &str) -> Result<(Vec<Value>, Option<String>), AwsError> {
    let size = match ask.get_value(limit).map(Value::as_i64) {
        None | Some(Some(0)) => 25,
        Some(Some(size @ 1..=100)) => usize::try_from(size).unwrap_or(25),
        Some(_) => {
            let words = "Member must have value less than or equal to 100";
            return Err(AwsError::bad_request("InvalidLimitException", words));
        }
    };
    let begin = match ask.get_text("NextToken")? {
        None => 0,
        Some(token) => token.parse::<usize>().ok().filter(|begin| *begin < all.len()).ok_or_else(|| {
            AwsError::bad_request("InvalidNextTokenException", "The specified next token is not valid.")
        })?,
    };
    let next = begin.saturating_add(size);
    let token = (next < all.len()).then(|| next.to_string());
    Ok((all.into_iter().skip(begin).take(size).collect(), token))
}

fn with_token(mut answer: Value, next: Option<String>) -> Value {
    if let (Some(fields), Some(next)) = (answer.as_object_mut(), next) {
        fields.insert("NextToken".to_owned(), next.into());
    }
    answer
}
