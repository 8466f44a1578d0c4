//! The state of the service: people, registries, faults to come and calls so far.

use super::call_log::Calls;
use super::chance::Chance;
use super::faults::Script;
use super::identities::People;
use super::json_format::stored_form;
use super::registries::Registries;
use crate::ecr::RepositoryRef;

/// Everything that the service knows.
#[derive(Debug, Default)]
pub(super) struct ServiceState {
    pub people: People,
    pub registries: Registries,
    pub script: Script,
    pub chance: Chance,
    pub calls: Calls,
    pub reactions: Vec<Reaction>,
    /// The number of requests and sessions so far.
    pub number: u64,
    /// The seconds by which the clock was moved ahead.
    pub ahead: i64,
}

/// A write by another writer, right after a call.
#[derive(Debug)]
pub(super) struct Reaction {
    /// None: any operation.
    pub operation: Option<String>,
    /// The calls until it is due.
    pub calls: u32,
    pub repository: RepositoryRef,
    pub policy: Option<String>,
}

impl ServiceState {
    /// Puts a policy in place, or takes it away, without any check; `false`: there is no such repository.
    pub fn put_policy(&mut self, reference: &RepositoryRef, policy: Option<&str>) -> bool {
        let partition = reference.region.partition();
        let Some(repository) = self.registries.repository_mut(reference) else { return false };
        repository.write_policy(policy.map(|text| stored_form(text, partition).unwrap_or_else(|| text.to_owned())));
        true
    }

    /// Lets another writer write who waited for this call.
    pub fn write_after_call(&mut self, operation: &str) {
        let last = self.calls.last_repository();
        let is_for = |reaction: &Reaction| {
            reaction.operation.as_deref().is_none_or(|wanted| wanted == operation)
                && last.as_deref() == Some(reaction.repository.name.as_str())
        };
        for reaction in self.reactions.iter_mut().filter(|reaction| is_for(reaction)) {
            reaction.calls = reaction.calls.saturating_sub(1);
        }
        if let Some(index) = self.reactions.iter().position(|reaction| is_for(reaction) && reaction.calls == 0) {
            let reaction = self.reactions.remove(index);
            self.put_policy(&reaction.repository, reaction.policy.as_deref());
        }
    }
}
