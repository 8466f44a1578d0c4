//! A row of the list of registries.

use crate::ecr::{AccountId, Failure, Region, SourceId};
use crate::review::FailedPlace;
use crate::wizard::{RegistryPlace, ReviewOrigin, Signed};

/// A row of the list of registries.
#[derive(Debug, Clone, Copy)]
pub enum SurveyRow<'s> {
    /// A source of credentials that could not be signed in.
    SignIn(&'s SourceId, &'s Failure),
    /// The accounts of the organization, which could not be listed.
    Organization(&'s Failure),
    /// A registry.
    Registry(RegistryRow<'s>),
    /// A suspended or closed account of the organization: nobody can read it.
    Closed(&'s AccountId),
    /// The place from which the review reads in place of ECR, and why it cannot be read.
    Origin(&'s ReviewOrigin, &'s Failure),
    /// A registry that is known from elsewhere.
    Elsewhere(ElsewhereRow<'s>),
    /// A place that could not be read, by what was read elsewhere.
    Place(&'s FailedPlace),
}

/// A registry that is known from elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct ElsewhereRow<'s> {
    /// Its place.
    pub place: &'s RegistryPlace,
    /// The repositories that are known so far.
    pub repositories: usize,
    /// Tells whether more may come.
    pub is_reading: bool,
}

/// A registry in the list.
#[derive(Debug, Clone, Copy)]
pub struct RegistryRow<'s> {
    /// The credentials and the Region with which it is read and written.
    pub signed: &'s Signed,
    /// The other sources that lead to it.
    pub others: &'s [SourceId],
    /// The progress of its listing.
    pub progress: ListProgress<'s>,
    /// The repositories that are listed so far.
    pub repositories: usize,
    /// Tells whether the account has enabled the Region, as far as is known.
    pub is_enabled: bool,
}

/// The progress of a registry's listing.
#[derive(Debug, Clone, Copy)]
pub enum ListProgress<'s> {
    /// It has not begun.
    Waiting,
    /// Pages are coming.
    Listing,
    /// It has ended; with a failure, early.
    Ended(Option<&'s Failure>),
}

impl<'s> SurveyRow<'s> {
    /// Returns why it is not read, or not to its end.
    pub fn failure(&self) -> Option<&'s Failure> {
        match self {
            Self::SignIn(_, failure) | Self::Organization(failure) | Self::Origin(_, failure) => Some(failure),
            Self::Place(place) => Some(&place.failure),
            Self::Registry(RegistryRow { progress: ListProgress::Ended(failure), .. }) => *failure,
            Self::Registry(_) | Self::Closed(_) | Self::Elsewhere(_) => None,
        }
    }

    /// Returns the place in words, such as `profile dev` or `222222222222 in eu-west-2`.
    pub fn words(&self) -> String {
        match self {
            Self::SignIn(id, _) => source_words(id),
            Self::Organization(_) => "the accounts of the organization".to_owned(),
            Self::Closed(account) => account.to_string(),
            Self::Origin(origin, _) => origin.words(),
            Self::Elsewhere(ElsewhereRow { place, .. }) => format!("{} in {}", place.account, place.region),
            Self::Place(place) => place.words.clone(),
            Self::Registry(RegistryRow { signed, .. }) => format!("{} in {}", signed.owner_account(), signed.region),
        }
    }
}

impl SurveyRow<'_> {
    /// Returns the account, where it is known.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::SignIn(SourceId::Member(member), _) => Some(&member.account),
            Self::SignIn(..) | Self::Organization(_) | Self::Origin(..) => None,
            Self::Elsewhere(registry) => Some(&registry.place.account),
            Self::Place(place) => place.account.as_ref(),
            Self::Registry(registry) => Some(registry.signed.owner_account()),
            Self::Closed(account) => Some(account),
        }
    }

    /// Returns the Region, where it is known.
    pub fn region(&self) -> Option<&Region> {
        match self {
            Self::Registry(registry) => Some(&registry.signed.region),
            Self::Elsewhere(registry) => Some(&registry.place.region),
            Self::Place(place) => place.region.as_ref(),
            Self::SignIn(..) | Self::Organization(_) | Self::Closed(_) | Self::Origin(..) => None,
        }
    }

    /// Returns the place of a registry; none: it is no registry.
    pub fn registry_place(&self) -> Option<RegistryPlace> {
        match self {
            Self::Registry(registry) => Some(registry.signed.registry_place()),
            Self::Elsewhere(registry) => Some(registry.place.clone()),
            Self::SignIn(..) | Self::Organization(_) | Self::Closed(_) | Self::Origin(..) | Self::Place(_) => None,
        }
    }

    /// Returns the source of credentials, where the row is about one.
    pub fn source(&self) -> Option<&SourceId> {
        match self {
            Self::SignIn(id, _) => Some(id),
            Self::Registry(registry) => Some(&registry.signed.source.id),
            _ => None,
        }
    }
}

/// Returns a source of credentials in words.
pub fn source_words(id: &SourceId) -> String {
    match id {
        SourceId::Profile(name) => format!("profile {name}"),
        other => other.to_string(),
    }
}
