//! An earlier review, and what changed since: by meaning, each change with a request that shows it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::entry::RepositoryEntry;
use crate::ecr::{AccountId, Arn, Region, RepositoryRef};
use crate::policy::delta::delta_for;
use crate::policy::{Delta, Policy, RegistryPolicy};

/// The repositories and registries of an earlier review.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    repositories: BTreeMap<String, EarlierPolicy>,
    registries: BTreeMap<(AccountId, Region), RegistryPolicy>,
}

/// What an earlier review knew of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
enum EarlierPolicy {
    /// It had none.
    Absent,
    /// Its policy; the text is made of the object.
    Known(Box<Policy>),
    /// It could not be read then.
    Unread,
}

/// The way in which a repository changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeState {
    /// Nobody gained or lost anything.
    Same,
    /// Somebody gained or lost something.
    Changed,
    /// The earlier review does not have it.
    New,
    /// It is not there any more.
    Gone,
    /// One of the two reviews could not read it.
    Unknown,
}

impl ChangeState {
    /// Returns the name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed => "changed",
            Self::New => "new",
            Self::Gone => "gone",
            Self::Unknown => "unknown",
        }
    }
}

/// The difference of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryChange {
    /// The way in which it changed.
    pub state: ChangeState,
    /// Who gains and who loses.
    pub delta: Delta,
}

impl Baseline {
    /// Reads an earlier review: a document of `--format json`, or lines of `--format jsonl`, both with `--with-policy`. The
    /// error names the fault, and the line where there are lines.
    pub fn read_text(text: &str) -> Result<Self, String> {
        let mut baseline = Self::default();
        if let Ok(Value::Object(document)) = serde_json::from_str::<Value>(text)
            && document.contains_key("repositories")
        {
            let lists =
                ["repositories", "registries", "failed"].iter().filter_map(|name| document.get(*name)?.as_array());
            for (index, object) in lists.flatten().enumerate() {
                baseline.add_object(object).map_err(|fault| format!("object {}: {fault}", index + 1))?;
            }
            return Ok(baseline);
        }
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let read = serde_json::from_str(line).map_err(|error| error.to_string());
            let added = read.and_then(|object| baseline.add_object(&object));
            added.map_err(|fault| format!("line {}: {fault}", index + 1))?;
        }
        Ok(baseline)
    }

    fn add_object(&mut self, object: &Value) -> Result<(), String> {
        if let Some(registry) = object.get("registry") {
            let field = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
            let (Ok(account), Ok(region)) = (AccountId::parse(field("account")), Region::parse(field("region"))) else {
                return Err("a registry without account and Region".to_owned());
            };
            let policy = match registry.get("policy") {
                None | Some(Value::Null) => match registry.get("policy_state").and_then(Value::as_str) {
                    Some("unreadable") => RegistryPolicy::Unreadable("an earlier review could not read it".to_owned()),
                    _ => RegistryPolicy::Absent,
                },
                Some(policy) => RegistryPolicy::of(Some(&policy.to_string())),
            };
            self.registries.insert((account, region), policy);
            return Ok(());
        }
        let Some(arn) = object.get("arn").and_then(Value::as_str) else {
            return if object.get("error").is_some() { Ok(()) } else { Err("this is no line of a review".to_owned()) };
        };
        if Arn::parse(arn).and_then(|arn| arn.repository()).is_none() {
            return Err(format!("{arn} is no ARN of a repository"));
        }
        let earlier = match object.get("policy") {
            None if object.get("error").is_none_or(Value::is_null) => {
                return Err("the policies are missing: make it with --with-policy".to_owned());
            }
            None => EarlierPolicy::Unread,
            Some(Value::Null) => EarlierPolicy::Absent,
            Some(policy) => match Policy::read(&policy.to_string()) {
                Ok(policy) => EarlierPolicy::Known(Box::new(policy)),
                Err(_) => EarlierPolicy::Unread,
            },
        };
        self.repositories.insert(arn.to_owned(), earlier);
        Ok(())
    }

    /// Compares a repository with the earlier review.
    pub fn compare(&self, entry: &RepositoryEntry, registry: &RegistryPolicy) -> RepositoryChange {
        let repository = &entry.reference;
        let earlier = self.repositories.get(&repository.arn().to_string());
        let unknown = RepositoryChange { state: ChangeState::Unknown, delta: Delta::default() };
        let Ok(reviewed) = &entry.outcome else { return unknown };
        let text = reviewed.analysis.text.as_deref();
        let Ok(present) = text.map(Policy::read).transpose() else { return unknown };
        let (state, before) = match earlier {
            None => (ChangeState::New, None),
            Some(EarlierPolicy::Absent) => (ChangeState::Changed, None),
            Some(EarlierPolicy::Known(policy)) => (ChangeState::Changed, Some(policy.as_ref())),
            Some(EarlierPolicy::Unread) => return unknown,
        };
        let old = self.registry_policy(repository).around(before, repository);
        let new = registry.around(present.as_ref(), repository);
        let delta = delta_for(Some(&old), Some(&new), Some(&repository.account));
        let state = if state == ChangeState::Changed && delta.is_empty() { ChangeState::Same } else { state };
        RepositoryChange { state, delta }
    }

    /// Returns the repositories of an account and Region that are not among the present ones, with what was lost.
    pub fn find_gone(
        &self,
        account: &AccountId,
        region: &Region,
        is_present: impl Fn(&RepositoryRef) -> bool,
    ) -> Vec<(RepositoryRef, RepositoryChange)> {
        let earlier = self.repositories.iter().filter_map(|(arn, policy)| {
            let arn = Arn::parse(arn)?;
            let (of, name) = (arn.account_id()?, arn.repository()?);
            let is_here = of == *account && arn.region == region.as_str();
            is_here.then(|| (RepositoryRef { account: of, region: region.clone(), name }, policy))
        });
        let gone = earlier.filter(|(reference, _)| !is_present(reference));
        gone.map(|(reference, policy)| {
            let before = match policy {
                EarlierPolicy::Known(policy) => Some(policy.as_ref()),
                EarlierPolicy::Absent | EarlierPolicy::Unread => None,
            };
            let old = self.registry_policy(&reference).around(before, &reference);
            let delta = delta_for(Some(&old), None, Some(account));
            (reference, RepositoryChange { state: ChangeState::Gone, delta })
        })
        .collect()
    }

    fn registry_policy(&self, repository: &RepositoryRef) -> RegistryPolicy {
        let key = (repository.account.clone(), repository.region.clone());
        self.registries.get(&key).cloned().unwrap_or(RegistryPolicy::Absent)
    }
}
