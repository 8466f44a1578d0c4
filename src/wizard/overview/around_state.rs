//! The registries of a review with what stands around their repositories, apart from the model.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::review::{AcceptedFindings, RegistryEntry, ReviewFinding};
use crate::wizard::{RegistryPlace, Remote, RequestId};

/// The registries of a review, each with what stands around its repositories.
#[derive(Debug, Default)]
pub struct RegistriesAround {
    known: BTreeMap<RegistryPlace, Remote<Arc<RegistryEntry>>>,
    /// The registries that were asked since the list was asked for.
    asked: HashSet<RegistryPlace>,
}

impl RegistriesAround {
    /// Returns what is known of a registry.
    pub fn known_at(&self, place: &RegistryPlace) -> Option<&Remote<Arc<RegistryEntry>>> {
        self.known.get(place)
    }

    /// Returns the registries that are reviewed.
    pub fn entries(&self) -> impl Iterator<Item = &RegistryEntry> {
        self.known.values().filter_map(|known| known.known_value().map(Arc::as_ref))
    }

    /// Returns the findings that nobody accepted, each with its registry.
    pub fn open_findings(&self) -> impl Iterator<Item = (&RegistryEntry, &ReviewFinding)> {
        self.entries().flat_map(|entry| entry.open_findings().map(move |finding| (entry, finding)))
    }

    /// Returns the registries of which not all is known.
    pub fn unknown_places(&self) -> impl Iterator<Item = &RegistryPlace> {
        let is_unknown = |known: &Remote<Arc<RegistryEntry>>| match known {
            Remote::Failed { .. } => true,
            other => other.known_value().is_some_and(|entry| !entry.facts.failures.is_empty()),
        };
        self.known.iter().filter(move |(_, known)| is_unknown(known)).map(|(place, _)| place)
    }

    /// Returns the requests under way.
    pub(super) fn awaited_requests(&self) -> Vec<RequestId> {
        self.known.values().filter_map(Remote::awaited_request).collect()
    }

    /// Returns the registries that were asked since the list was asked for.
    pub(super) fn asked(&self) -> &HashSet<RegistryPlace> {
        &self.asked
    }

    /// A registry is being asked for.
    pub(super) fn begin_read(&mut self, place: RegistryPlace, id: RequestId, now: u64) {
        self.known.entry(place.clone()).or_default().begin_request(id, now);
        self.asked.insert(place);
    }

    /// Returns the registry that a request is about; none: nobody waits for it.
    pub(super) fn awaiting(&mut self, id: RequestId) -> Option<&mut Remote<Arc<RegistryEntry>>> {
        self.known.values_mut().find(|known| known.is_awaiting(id))
    }

    /// Reads all registries again; what is known stays until then. Returns the requests under way, for which nobody waits any
    /// more.
    pub(super) fn read_again(&mut self) -> Vec<RequestId> {
        self.asked.clear();
        self.known.values_mut().filter_map(Remote::give_up).collect()
    }

    /// Keeps some registries alone.
    pub(in crate::wizard) fn keep_registries(&mut self, is_kept: impl Fn(&RegistryPlace) -> bool) {
        self.known.retain(|place, _| is_kept(place));
    }

    /// There is nothing to read of a registry.
    pub(super) fn leave_out(&mut self, place: RegistryPlace) {
        self.known.remove(&place);
        self.asked.insert(place);
    }

    /// Reads a registry again, with other credentials.
    pub(super) fn read_anew(&mut self, place: &RegistryPlace) {
        self.asked.remove(place);
    }

    /// Marks the findings that somebody accepted.
    pub(in crate::wizard) fn mark_accepted(&mut self, accepted: &AcceptedFindings) {
        for known in self.known.values_mut() {
            if let Remote::Ready(entry)
            | Remote::Loading { previous: Some(entry), .. }
            | Remote::Failed { previous: Some(entry), .. } = known
            {
                Arc::make_mut(entry).mark_accepted(accepted);
            }
        }
    }
}
