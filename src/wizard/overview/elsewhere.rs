//! Holds the data of a review from elsewhere than ECR, apart from the model: files of collectors, or an aggregator of AWS
//! Config. Nothing of it leads to a write: that reads ECR first.

use std::collections::{BTreeMap, HashMap};

use super::registry_row::{ElsewhereRow, SurveyRow};
use crate::ecr::{AccountId, Failure, RepositoryRef};
use crate::policy::RegistryPolicy;
use crate::review::{FailedPlace, PolicyInput, ReadEvent, RegistryFacts};
use crate::wizard::{RegistryPlace, Remote, RequestId, ReviewOrigin};

/// A policy as it is known from elsewhere, or why it is not.
pub(in crate::wizard) type PolicyRead = Result<PolicyInput, Failure>;

/// The data from elsewhere.
#[derive(Debug)]
pub struct Elsewhere {
    origin: ReviewOrigin,
    /// The progress of the reading.
    pub(super) reading: Remote<()>,
    notes: Vec<String>,
    failed: Vec<FailedPlace>,
    registries: BTreeMap<RegistryPlace, KnownRegistry>,
    policies: HashMap<RepositoryRef, PolicyRead>,
    /// The objects by their texts: most repositories have one of a few policies, and share it.
    objects: HashMap<String, PolicyInput>,
}

#[derive(Debug)]
struct KnownRegistry {
    /// Its policy, as far as it counts.
    policy: RegistryPolicy,
    repositories: usize,
}

/// The additions of a part of the reading.
#[derive(Debug, Default)]
pub(super) struct ReadPart {
    /// Registries with what stands around their repositories.
    pub registries: Vec<RegistryFacts>,
    /// The repositories.
    pub repositories: Vec<RepositoryRef>,
}

impl Elsewhere {
    /// Begins with nothing read.
    pub(super) fn of_origin(origin: ReviewOrigin) -> Self {
        Self {
            origin,
            reading: Remote::NotAsked,
            notes: Vec::new(),
            failed: Vec::new(),
            registries: BTreeMap::new(),
            policies: HashMap::new(),
            objects: HashMap::new(),
        }
    }

    /// Returns where it comes from.
    pub fn origin(&self) -> &ReviewOrigin {
        &self.origin
    }

    /// Returns what is to be known of all of it, in words, such as its age.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the accounts whose registries are known.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        self.registries.keys().map(|place| &place.account)
    }

    /// Returns the accounts of the repositories, once for each registry that holds some.
    pub fn repository_accounts(&self) -> impl Iterator<Item = &AccountId> {
        let with_some = self.registries.iter().filter(|(_, known)| known.repositories > 0);
        with_some.map(|(place, _)| &place.account)
    }

    /// Returns the registries.
    pub(super) fn places(&self) -> impl Iterator<Item = &RegistryPlace> {
        self.registries.keys()
    }

    /// Tells whether a registry is known.
    pub(super) fn has_registry(&self, place: &RegistryPlace) -> bool {
        self.registries.contains_key(place)
    }

    /// Returns the policy of a repository with that of its registry.
    pub(in crate::wizard) fn policy_of(&self, repository: &RepositoryRef) -> Option<(PolicyRead, RegistryPolicy)> {
        let read = self.policies.get(repository)?.clone();
        Some((read, self.registry_policy_around(repository)))
    }

    /// Returns the policy of the registry in which a repository stands.
    pub(in crate::wizard) fn registry_policy_around(&self, repository: &RepositoryRef) -> RegistryPolicy {
        let known = self.registries.get(&RegistryPlace::around(repository));
        known.map_or(RegistryPolicy::NotAsked, |known| known.policy.clone())
    }

    /// Returns the rows of the list of registries.
    pub(super) fn rows(&self) -> impl Iterator<Item = SurveyRow<'_>> {
        let is_reading = self.reading.loading_since().is_some();
        let registries = self.registries.iter().map(move |(place, known)| {
            SurveyRow::Elsewhere(ElsewhereRow { place, repositories: known.repositories, is_reading })
        });
        self.failures().chain(registries)
    }

    /// Returns what could not be read.
    pub(super) fn failures(&self) -> impl Iterator<Item = SurveyRow<'_>> {
        let whole = self.reading.last_failure().map(|failure| SurveyRow::Origin(&self.origin, failure));
        whole.into_iter().chain(self.failed.iter().map(SurveyRow::Place))
    }

    /// Takes a part of what is read; none: nobody waits for it. `is_last`: nothing more comes.
    pub(super) fn take_part(
        &mut self,
        id: RequestId,
        read: &Result<Vec<ReadEvent>, Failure>,
        is_last: bool,
    ) -> Option<ReadPart> {
        if !self.reading.is_awaiting(id) {
            return None;
        }
        let mut part = ReadPart::default();
        for event in read.iter().flatten() {
            self.take_event(event.clone(), &mut part);
        }
        match read {
            Err(failure) => drop(self.reading.take_answer(id, Err(failure.clone()))),
            Ok(_) if is_last => drop(self.reading.take_answer(id, Ok(()))),
            Ok(_) => {}
        }
        Some(part)
    }

    fn take_event(&mut self, event: ReadEvent, part: &mut ReadPart) {
        match event {
            ReadEvent::Note(words) => self.notes.push(words),
            ReadEvent::Registry(facts) => {
                let place = RegistryPlace { account: facts.account.clone(), region: facts.region.clone() };
                let known = KnownRegistry { policy: facts.told_policy(), repositories: 0 };
                self.registries.insert(place, known);
                part.registries.push(facts);
            }
            ReadEvent::Repository(reference, read) => {
                part.repositories.push(reference.clone());
                let place = RegistryPlace::around(&reference);
                let read = read.map(|policy| match &policy {
                    PolicyInput::Object(object) => self.objects.entry(object.to_string()).or_insert(policy).clone(),
                    PolicyInput::Text(_) | PolicyInput::Absent => policy,
                });
                let is_new = self.policies.insert(reference, read).is_none();
                if let Some(known) = self.registries.get_mut(&place).filter(|_| is_new) {
                    known.repositories += 1;
                }
            }
            ReadEvent::ListFailed(account, region, failure) => {
                self.failed.push(FailedPlace::of_registry(account, region, failure));
            }
            ReadEvent::PlaceFailed(place) => self.failed.push(place),
            // Each registry brings its policy along, and nobody asks for Regions.
            ReadEvent::RegistryPolicy(_) | ReadEvent::Disabled(..) => {}
        }
    }

    /// Forgets what was read, so that it is read again.
    pub(super) fn read_again(&mut self) {
        *self = Self::of_origin(self.origin.clone());
    }
}
