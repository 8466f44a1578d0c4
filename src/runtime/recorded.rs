//! A review of what an aggregator of AWS Config recorded: the reach and the age of the data first, then the registries,
//! then their repositories.

use std::collections::{BTreeMap, HashMap};

use crate::aws::{Aggregator, Coverage, RecordedResource, ResourceKind, SourceStatus};
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Failure, FailureKind, Region, RepositoryName, RepositoryRef};
use crate::review::{
    CollectedRegistry, FailedPlace, PolicyInput, ReadEvent, age_words, recorded_part, recorded_policy,
};

/// An account's registry in a Region.
type Place = (AccountId, Region);

/// Reads what an aggregator recorded, and gives each answer to `take`, with the number of its registry. `is_wanted` chooses
/// the repositories.
pub async fn read_recorded(
    aggregator: &Aggregator,
    is_wanted: impl Fn(&RepositoryRef) -> bool,
    now: i64,
    mut take: impl FnMut(usize, ReadEvent),
) -> Result<(), Failure> {
    let coverage = aggregator.read_coverage().await?;
    take(0, ReadEvent::Note(coverage_words(&coverage, now)));
    let mut registries: BTreeMap<Place, CollectedRegistry> = BTreeMap::new();
    let at_place = |(account, region): Place| CollectedRegistry::at_place(account, region);
    for source in coverage.sources.iter().filter(|source| source.is_current) {
        if let (Some(account), Some(region)) = (&source.account, &source.region) {
            let place = (account.clone(), region.clone());
            registries.entry(place.clone()).or_insert_with(|| at_place(place));
        }
    }
    for kind in [ResourceKind::RegistryPolicy, ResourceKind::CreationTemplate, ResourceKind::Replication] {
        let take = |page: Vec<RecordedResource>| {
            for item in page {
                let place = (item.account, item.region);
                let known = registries.entry(place.clone()).or_insert_with(|| at_place(place));
                if let Some(part) = recorded_part(kind.type_name(), &item.configuration) {
                    known.add_part(part);
                }
            }
        };
        aggregator.read_resources(kind, take).await?;
    }
    let mut numbers: HashMap<Place, usize> = HashMap::new();
    for (place, known) in registries {
        let number = numbers.len();
        numbers.insert(place, number);
        take(number, ReadEvent::Registry(known.into_facts()));
    }
    let mut take_page = |page: Vec<RecordedResource>| {
        for item in page {
            let place = (item.account.clone(), item.region.clone());
            let next = numbers.len();
            let number = *numbers.entry(place.clone()).or_insert(next);
            if number == next {
                take(number, ReadEvent::Registry(at_place(place).into_facts()));
            }
            let Ok(name) = RepositoryName::parse(&item.name) else {
                take(number, ReadEvent::ListFailed(item.account, item.region, odd_name(&item.name)));
                continue;
            };
            let reference = RepositoryRef { account: item.account, region: item.region, name };
            if is_wanted(&reference) {
                let policy = PolicyInput::of_object(recorded_policy(&item.configuration, "RepositoryPolicyText"));
                take(number, ReadEvent::Repository(reference, Ok(policy)));
            }
        }
    };
    aggregator.read_resources(ResourceKind::Repository, &mut take_page).await?;
    for source in coverage.sources.into_iter().filter(|source| !source.is_current) {
        take(0, ReadEvent::PlaceFailed(failed_source(source)));
    }
    Ok(())
}

/// Says how much the data covers, and how old it is.
fn coverage_words(coverage: &Coverage, now: i64) -> String {
    let (current, all) = (coverage.count_current(), coverage.sources.len());
    let age = match coverage.oldest_update() {
        Some(oldest) => format!("the oldest data is {}", age_words(now.saturating_sub(oldest))),
        None => "its age is not told".to_owned(),
    };
    format!(
        "AWS Config tells of {current} of {all} accounts and Regions; {age}. Policies come as objects: their size, and keys \
         that stand twice, are not known. A registry policy that its recorder leaves out is taken for none"
    )
}

fn odd_name(name: &str) -> Failure {
    Failure::new(
        FailureKind::Server,
        format!("AWS Config names a repository {}, which no repository can be called", make_visible(name)),
        "look at it in the console of AWS Config",
    )
}

fn failed_source(source: SourceStatus) -> FailedPlace {
    let account = source.account.as_ref().map_or_else(|| "the organization".to_owned(), ToString::to_string);
    let region = source.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
    let code = source.problem.as_deref().map(|code| format!(": {}", make_visible(code))).unwrap_or_default();
    let failure = Failure::new(
        FailureKind::Other,
        format!("AWS Config could not read it the last time{code}"),
        "look at the sources of the aggregator, or review the account with a profile of its own",
    );
    FailedPlace { words: format!("{account}{region}"), account: source.account, region: source.region, failure }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_policy_is_an_object_a_text_or_none() {
        let read = |value: Value| recorded_policy(&json!({ "PolicyText": value }), "PolicyText");
        let policy = json!({"Version": "2012-10-17", "Statement": []});
        assert_eq!(read(policy.clone()), Some(policy.clone()));
        assert_eq!(read(json!(policy.to_string())), Some(policy));
        for none in [json!({}), json!(null), json!("{}"), json!("")] {
            assert_eq!(read(none.clone()), None, "{none}");
        }
        assert_eq!(recorded_policy(&json!({}), "PolicyText"), None);
        // What is no policy is told as that, and never as none.
        assert_eq!(read(json!("{ broken")), Some(json!("{ broken")));
    }

    #[test]
    fn the_reach_and_the_age_are_said() {
        let source =
            |is_current, updated| SourceStatus { account: None, region: None, is_current, updated, problem: None };
        let coverage =
            Coverage { sources: vec![source(true, Some(1_000)), source(false, Some(95_600)), source(true, None)] };
        let words = coverage_words(&coverage, 95_600);
        assert!(
            words.starts_with("AWS Config tells of 2 of 3 accounts and Regions; the oldest data is 26 hours old."),
            "{words}"
        );
    }
}
