//! Names the things that a review reads, from wherever: registries, repositories with their policies, and places that could not be read.

use super::entry::PolicyInput;
use super::registry::RegistryFacts;
use crate::ecr::{AccountId, Failure, Region, RepositoryRef};
use crate::policy::RegistryPolicy;

/// Something that was read for a review. It comes with the number of its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadEvent {
    /// Something that is to be known of all that is read, in words for people.
    Note(String),
    /// The registry's policy, as far as it counts: the first answer of its place.
    RegistryPolicy(RegistryPolicy),
    /// The registry itself.
    Registry(RegistryFacts),
    /// A repository and its policy.
    Repository(RepositoryRef, Result<PolicyInput, Failure>),
    /// The account has not enabled the Region, which nobody named.
    Disabled(AccountId, Region),
    /// A place that could not be read.
    PlaceFailed(FailedPlace),
    /// The list of repositories of an account and Region could not be read, or not to its end.
    ListFailed(AccountId, Region, Failure),
}

/// A place that could not be reached, by the words for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedPlace {
    /// The account, where it is known.
    pub account: Option<AccountId>,
    /// The Region, where it is known.
    pub region: Option<Region>,
    /// The words for people, such as `profile prod`.
    pub words: String,
    /// The failure.
    pub failure: Failure,
}

impl FailedPlace {
    /// Builds the failure of a registry.
    pub fn of_registry(account: AccountId, region: Region, failure: Failure) -> Self {
        let words = format!("{account} in {region}");
        Self { account: Some(account), region: Some(region), words, failure }
    }

    /// Returns the account, the Region (empty where they are not known) and the failure, as cells of a table.
    pub fn cells(&self) -> [String; 3] {
        let account = self.account.as_ref().map(ToString::to_string).unwrap_or_default();
        let region = self.region.as_ref().map(ToString::to_string).unwrap_or_default();
        [account, region, self.failure.what.clone()]
    }
}

/// Says how old something is.
pub fn age_words(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..3600 => format!("{} min old", seconds / 60),
        3600..7200 => "1 hour old".to_owned(),
        seconds => format!("{} hours old", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_minutes_then_in_hours() {
        let told = [-1, 125, 3_599, 3_600, 94_600].map(age_words);
        assert_eq!(told, ["0 min old", "2 min old", "59 min old", "1 hour old", "26 hours old"]);
    }
}
