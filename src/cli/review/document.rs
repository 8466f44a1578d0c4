//! A review for programs: one object for each repository, each registry and each grantee.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::ReviewResult;
use crate::cli::delta::change_json;
use crate::cli::output::failure_json;
use crate::ecr::{AccessEnd, AccountId, Region, ReplicationFilter, RepositoryRef, TemplateOccasion};
use crate::policy::explain::condition_words;
use crate::policy::{Change, Class, Condition, RegistryPolicy, Unproved, Who};
use crate::review::{
    Acceptance, FailedPlace, GranteeAccess, GranteeReach, IndexedAccess, RegistryEntry, RepositoryChange,
    RepositoryEntry, ReverseIndex, ReviewFinding, Right,
};

/// A repository, in the fields of `assets/review.schema.json`.
#[derive(Debug, Serialize)]
pub(super) struct RepositoryObject {
    account: Option<String>,
    region: Option<String>,
    /// None: the object is about the registry, or about a place that could not be read.
    repository: Option<String>,
    arn: Option<String>,
    class: Option<&'static str>,
    /// The reason that the class, the widest that is not excluded, is not proved; left out where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    unproved: Option<&'static str>,
    size: Option<usize>,
    grantees: Vec<GranteeObject>,
    /// The accesses that have ended, which are not among `grantees`; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ended: Vec<GranteeObject>,
    findings: Vec<FindingObject>,
    error: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<Value>,
    /// With a baseline: who gained and who lost since.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Value>,
}

#[derive(Debug, Serialize)]
struct GranteeObject {
    grantee: String,
    right: &'static str,
    actions: Vec<String>,
    grantee_kind: &'static str,
    conditions: Vec<ConditionObject>,
    statements: Vec<usize>,
    /// The moment before which nobody has it; left out: it has begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    begins: Option<String>,
    /// The soonest end; left out: it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unproved: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct ConditionObject {
    operator: String,
    key: String,
    values: Vec<String>,
}

#[derive(Debug, Serialize)]
struct FindingObject {
    id: &'static str,
    name: &'static str,
    severity: &'static str,
    message: String,
    statement: Option<usize>,
    accepted: Option<Value>,
}

/// Builds the object of a repository. `with_policy`: its policy as an object stands in it.
pub(super) fn repository_object(entry: &RepositoryEntry, with_policy: bool) -> RepositoryObject {
    let reviewed = entry.outcome.as_ref().ok();
    let text = reviewed.and_then(|reviewed| reviewed.analysis.text.as_deref());
    RepositoryObject {
        account: Some(entry.reference.account.to_string()),
        region: Some(entry.reference.region.to_string()),
        repository: Some(entry.reference.name.to_string()),
        arn: Some(entry.reference.arn().to_string()),
        class: entry.class().map(Class::name),
        unproved: reviewed.and_then(|reviewed| reviewed.analysis.unproved).map(Unproved::words),
        size: reviewed.and_then(|reviewed| reviewed.size),
        grantees: entry.grantees().iter().map(grantee_object).collect(),
        ended: entry.ended().iter().map(grantee_object).collect(),
        findings: entry.judged_findings().map(finding_object).collect(),
        error: entry.outcome.as_ref().err().map(failure_json),
        policy: (with_policy && reviewed.is_some()).then(|| policy_value(text)),
        registry: None,
        change: None,
    }
}

/// Adds who gained and who lost since the baseline.
pub(super) fn with_change(object: RepositoryObject, change: &RepositoryChange) -> RepositoryObject {
    let objects = |changes: &[Change]| changes.iter().map(change_json).collect::<Vec<Value>>();
    let change = json!({
        "state": change.state.name(),
        "gains": objects(&change.delta.gains),
        "losses": objects(&change.delta.losses),
    });
    RepositoryObject { change: Some(change), ..object }
}

/// Builds the object of a repository that is gone since the baseline.
pub(super) fn gone_object(reference: &RepositoryRef, change: &RepositoryChange) -> RepositoryObject {
    let object = RepositoryObject {
        account: Some(reference.account.to_string()),
        region: Some(reference.region.to_string()),
        repository: Some(reference.name.to_string()),
        arn: Some(reference.arn().to_string()),
        ..RepositoryObject::empty()
    };
    with_change(object, change)
}

/// Builds what a grantee reaches in a repository.
pub(super) fn reach_object(repository: &RepositoryRef, reach: &GranteeReach) -> Value {
    let mut object = access_object(&IndexedAccess { repository, access: &reach.access });
    if let Value::Object(fields) = &mut object {
        fields.insert("via".to_owned(), reach.way.name().into());
        fields.insert("via_grantee".to_owned(), reach.access.who.id().into());
    }
    object
}

/// Builds the object of a registry, which has no repository.
pub(super) fn registry_object(entry: &RegistryEntry) -> RepositoryObject {
    let facts = &entry.facts;
    let registry = json!({
        "policy": facts.policy.text().map(|text| policy_value(Some(text))),
        "policy_state": policy_state(&facts.policy),
        "policy_scope": facts.policy_scope,
        "denies": entry.denies,
        "templates": facts.templates.iter().map(|template| json!({
            "prefix": template.prefix,
            "applied_for": template.applied_for.iter().map(TemplateOccasion::name).collect::<Vec<_>>(),
            "policy": template.policy.as_deref().map(|text| policy_value(Some(text))),
        })).collect::<Vec<_>>(),
        "replications": facts.replications.iter().flat_map(|rule| {
            let prefixes: Vec<String> = rule.filters.iter().map(ReplicationFilter::words).collect();
            rule.destinations.iter().map(move |to| json!({"account": to.account, "region": to.region, "prefixes": prefixes}))
        }).collect::<Vec<_>>(),
        "unread": facts.failures.iter().map(failure_json).collect::<Vec<_>>(),
    });
    RepositoryObject {
        account: Some(facts.account.to_string()),
        region: Some(facts.region.to_string()),
        grantees: entry.grants.iter().map(grantee_object).collect(),
        findings: entry.judged_findings().map(finding_object).collect(),
        registry: Some(registry),
        ..RepositoryObject::empty()
    }
}

/// Builds the object of a place that could not be read, or whose list could not be read to its end.
pub(super) fn failed_object(failed: &FailedPlace) -> RepositoryObject {
    RepositoryObject {
        account: failed.account.as_ref().map(ToString::to_string),
        region: failed.region.as_ref().map(ToString::to_string),
        error: Some(failure_json(&failed.failure)),
        ..RepositoryObject::empty()
    }
}

/// Builds the places that their accounts have not enabled.
pub(super) fn disabled_objects(disabled: &BTreeMap<AccountId, BTreeSet<Region>>) -> Vec<Value> {
    let places = disabled.iter().flat_map(|(account, regions)| regions.iter().map(move |region| (account, region)));
    places.map(|(account, region)| json!({"account": account.as_str(), "region": region.as_str()})).collect()
}

impl RepositoryObject {
    fn empty() -> Self {
        Self {
            account: None,
            region: None,
            repository: None,
            arn: None,
            class: None,
            unproved: None,
            size: None,
            grantees: Vec::new(),
            ended: Vec::new(),
            findings: Vec::new(),
            error: None,
            policy: None,
            registry: None,
            change: None,
        }
    }
}

fn policy_state(policy: &RegistryPolicy) -> &'static str {
    match policy {
        RegistryPolicy::NotAsked => "not-asked",
        RegistryPolicy::Absent => "absent",
        RegistryPolicy::Known(_) => "known",
        RegistryPolicy::Unreadable(_) => "unreadable",
    }
}

/// Returns a policy as an object; a text that is no JSON stays a text.
fn policy_value(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_else(|_| text.into()))
}

fn grantee_object(access: &GranteeAccess) -> GranteeObject {
    GranteeObject {
        grantee: access.who.id(),
        right: access.right.name(),
        actions: access.actions.iter().map(|name| format!("ecr:{name}")).collect(),
        grantee_kind: access.who.kind_name(),
        conditions: access.conditions.iter().map(condition_object).collect(),
        statements: access.statements.clone(),
        begins: access.begins.map(AccessEnd::policy_value),
        ends: access.end().map(AccessEnd::policy_value),
        unproved: access.unproved.map(Unproved::words),
    }
}

fn condition_object(condition: &Condition) -> ConditionObject {
    let Condition { operator, key, values } = condition.clone();
    ConditionObject { operator, key, values }
}

fn finding_object((finding, acceptance): (&ReviewFinding, Option<&Acceptance>)) -> FindingObject {
    let ReviewFinding { id, name, severity, statement, .. } = *finding;
    FindingObject {
        id,
        name,
        severity: severity.name(),
        message: finding.message.clone(),
        statement,
        accepted: acceptance
            .map(|acceptance| json!({"reason": acceptance.reason, "who": acceptance.who, "until": acceptance.until})),
    }
}

/// The whole review as one document. It is written while it is made: no more than one object of it is held.
pub(super) struct ReviewDocument<'a> {
    pub(super) result: &'a ReviewResult,
    pub(super) with_policy: bool,
    pub(super) index: ReverseIndex<'a>,
}

impl Serialize for ReviewDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let result = self.result;
        let entries = result.entries.iter().map(|entry| {
            let object = repository_object(entry, self.with_policy);
            match result.changes.get(&entry.reference) {
                Some(change) => with_change(object, change),
                None => object,
            }
        });
        let gone = result.gone.iter().map(|(reference, change)| gone_object(reference, change));
        let registries = result.registries.iter().filter(|entry| entry.is_noteworthy()).map(registry_object);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("repositories", &Objects::new(entries.chain(gone)))?;
        map.serialize_entry("registries", &Objects::new(registries))?;
        map.serialize_entry("failed", &Objects::new(result.failed.iter().map(failed_object)))?;
        map.serialize_entry("not_enabled", &disabled_objects(&result.disabled))?;
        let index = self.index.iter().map(|(who, accesses)| IndexObject { who, accesses });
        map.serialize_entry("index", &Objects::new(index))?;
        map.end()
    }
}

/// Objects of a list, each made when it is written.
struct Objects<I>(RefCell<Option<I>>);

impl<I> Objects<I> {
    fn new(objects: I) -> Self {
        Self(RefCell::new(Some(objects)))
    }
}

impl<I: Iterator<Item: Serialize>> Serialize for Objects<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.take().into_iter().flatten())
    }
}

/// A grantee of the reverse index, with its repositories.
struct IndexObject<'a> {
    who: &'a Who,
    accesses: &'a [IndexedAccess<'a>],
}

impl Serialize for IndexObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("grantee", &self.who.id())?;
        map.serialize_entry("grantee_kind", self.who.kind_name())?;
        map.serialize_entry("right", &IndexedAccess::strongest_right(self.accesses).map(Right::name))?;
        map.serialize_entry("repositories", &Objects::new(self.accesses.iter().map(access_object)))?;
        map.end()
    }
}

/// Builds one access of a grantee.
fn access_object(indexed: &IndexedAccess) -> Value {
    let GranteeAccess { right, actions, conditions, statements, .. } = indexed.access;
    let mut value = json!({
        "account": indexed.repository.account.as_str(),
        "region": indexed.repository.region.as_str(),
        "repository": indexed.repository.name.as_str(),
        "arn": indexed.repository.arn().to_string(),
        "right": right.name(),
        "actions": actions.iter().map(|name| format!("ecr:{name}")).collect::<Vec<_>>(),
        "conditions": conditions.iter().map(condition_object).collect::<Vec<_>>(),
        "words": conditions.iter().map(condition_words).collect::<Vec<_>>(),
        "statements": statements,
    });
    if let (Value::Object(fields), Some(begin)) = (&mut value, indexed.access.begins) {
        fields.insert("begins".to_owned(), begin.policy_value().into());
    }
    if let (Value::Object(fields), Some(end)) = (&mut value, indexed.access.end()) {
        fields.insert("ends".to_owned(), end.policy_value().into());
    }
    if let (Value::Object(fields), Some(why)) = (&mut value, indexed.access.unproved) {
        fields.insert("unproved".to_owned(), why.words().into());
    }
    value
}
