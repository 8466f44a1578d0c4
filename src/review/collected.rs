//! Reads what collectors wrote: lines of an earlier review, items of AWS Config, rows of Steampipe.
//!
//! All of them hold policies as objects, so that sizes and keys that stand twice are not known.

use serde_json::{Map, Value};

use super::collected_registry::{RegistryPart, recorded_part, reviewed_parts};
use super::entry::PolicyInput;
use crate::ecr::{AccountId, Arn, Failure, FailureKind, Region, RepositoryRef};

/// One thing that a collector wrote.
#[derive(Debug, Clone, PartialEq)]
pub enum Collected {
    /// A repository with its policy, or why that could not be read.
    Repository(RepositoryRef, Result<PolicyInput, Failure>),
    /// A part of what is known of a registry.
    Registry(AccountId, Region, RegistryPart),
    /// A place that could not be read, with the words for it.
    FailedPlace(Option<AccountId>, Option<Region>, Failure),
}

/// Reads a text: one JSON document, or one on each line. The error names the fault and its line.
pub fn read_collected(text: &str) -> Result<Vec<Collected>, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        // A collector that failed before a pipe writes nothing: a review of that would find nothing.
        return Err("it is empty: the collector wrote nothing".to_owned());
    }
    let mut found = Vec::new();
    if let Ok(document) = serde_json::from_str::<Value>(text) {
        add_document(&document, &mut found)?;
        return Ok(found);
    }
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let read = serde_json::from_str::<Value>(line).map_err(|error| error.to_string());
        let added = read.and_then(|document| add_document(&document, &mut found));
        added.map_err(|fault| format!("line {}: {fault}", index + 1))?;
    }
    Ok(found)
}

/// The members under which documents keep their lists: those of a review, of a snapshot of AWS Config, of its queries, and of
/// Steampipe.
const LISTS: [&str; 6] = ["repositories", "registries", "failed", "configurationItems", "Results", "rows"];

fn add_document(document: &Value, found: &mut Vec<Collected>) -> Result<(), String> {
    match document {
        Value::Array(list) => list.iter().try_for_each(|one| add_document(one, found)),
        // A query of AWS Config answers with texts that hold objects.
        Value::String(text) => {
            let inner: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
            if inner.is_object() { add_document(&inner, found) } else { Err(unknown_form()) }
        }
        Value::Object(fields) => {
            let mut lists = LISTS.iter().filter_map(|name| fields.get(*name)).filter(|list| list.is_array()).peekable();
            if lists.peek().is_some() {
                return lists.try_for_each(|list| add_document(list, found));
            }
            read_object(fields, found)
        }
        _ => Err(unknown_form()),
    }
}

fn unknown_form() -> String {
    "this is no line of a review, no item of AWS Config, and no row of Steampipe with arn and policy".to_owned()
}

fn read_object(fields: &Map<String, Value>, found: &mut Vec<Collected>) -> Result<(), String> {
    let text = |names: &[&str]| names.iter().find_map(|name| fields.get(*name)?.as_str());
    let account =
        || text(&["account", "accountId", "awsAccountId", "account_id"]).and_then(|id| AccountId::parse(id).ok());
    let region = || text(&["region", "awsRegion"]).and_then(|name| Region::parse(name).ok());
    let place = || account().zip(region()).ok_or_else(|| "account or Region is missing".to_owned());
    if let Some(kind) = text(&["resourceType"]) {
        let configuration = fields.get("configuration").map_or(Value::Null, inner_value);
        if kind == "AWS::ECR::Repository" {
            let reference = reference_of(text(&["arn", "ARN"]))?;
            let policy = recorded_policy(&configuration, "RepositoryPolicyText");
            found.push(Collected::Repository(reference, Ok(PolicyInput::of_object(policy))));
        } else if let Some(part) = recorded_part(kind, &configuration) {
            let (account, region) = place()?;
            found.push(Collected::Registry(account, region, part));
        }
        // A snapshot holds other things too.
        return Ok(());
    }
    if let Some(registry) = fields.get("registry") {
        let (account, region) = place()?;
        let parts = reviewed_parts(registry).into_iter();
        found.extend(parts.map(|part| Collected::Registry(account.clone(), region.clone(), part)));
        return Ok(());
    }
    let error = fields.get("error").filter(|error| !error.is_null());
    let Some(arn) = text(&["arn"]) else {
        return match error {
            Some(error) => {
                found.push(Collected::FailedPlace(account(), region(), earlier_failure(error)));
                Ok(())
            }
            None => Err(unknown_form()),
        };
    };
    let reference = reference_of(Some(arn))?;
    if fields.contains_key("class") {
        // A review writes no line of a registry of which there is nothing to say.
        let (account, region) = (reference.account.clone(), reference.region.clone());
        found.push(Collected::Registry(account, region, RegistryPart::Reviewed));
    }
    if let Some(error) = error {
        found.push(Collected::Repository(reference, Err(earlier_failure(error))));
        return Ok(());
    }
    if !fields.contains_key("policy") {
        return Err("the policy is missing: a review writes it with --with-policy".to_owned());
    }
    let policy = recorded_policy(&Value::Object(fields.clone()), "policy");
    found.push(Collected::Repository(reference, Ok(PolicyInput::of_object(policy))));
    Ok(())
}

fn reference_of(arn: Option<&str>) -> Result<RepositoryRef, String> {
    let read = arn.and_then(Arn::parse).and_then(|arn| {
        Some(RepositoryRef { account: arn.account_id()?, region: arn.region.parse().ok()?, name: arn.repository()? })
    });
    read.ok_or_else(|| format!("{} is no ARN of a repository", arn.unwrap_or("nothing")))
}

pub(super) fn earlier_failure(error: &Value) -> Failure {
    let text = |name: &str| error.get(name).and_then(Value::as_str);
    Failure::new(
        FailureKind::Other,
        text("what").unwrap_or("the collector could not read it"),
        text("next").unwrap_or("collect it again"),
    )
}

/// Returns a value that may stand in a text.
fn inner_value(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        other => other.clone(),
    }
}

/// Returns the policy in a configuration: an object, or a text that holds one; `{}` and nothing mean that there is none. A text
/// that is no JSON stays one: it is told as unreadable, and never as none.
pub fn recorded_policy(configuration: &Value, name: &str) -> Option<Value> {
    let found = inner_value(configuration.get(name)?);
    let is_empty =
        found.is_null() || found.as_object().is_some_and(Map::is_empty) || found == Value::String(String::new());
    (!is_empty).then_some(found)
}
