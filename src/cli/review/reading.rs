//! Reads the registries of a review: all at once, each answer as soon as it is known.

use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::sync::mpsc;

use super::places::{ReviewPlace, WantedRepositories};
use super::resume::ReviewRecord;
use crate::aws::{AT_ONCE, Registry};
use crate::ecr::{Failure, RepositoryName, RepositoryRef};
use crate::plan::RepositorySelector;
use crate::review::{PolicyInput, ReadEvent};
use crate::runtime::{read_policy_of_registry, read_settings_of_registry};

/// The number of registries that are read at once. Each has a pace of its own.
const PLACES_AT_ONCE: usize = 32;
/// The repositories of a registry that are asked for before the answer of the first of them is passed on. More than may be
/// asked at once: one slow answer leaves no place empty.
const AHEAD: usize = 8 * AT_ONCE;

/// A repository to read.
#[derive(Debug)]
struct ListedName {
    name: RepositoryName,
    /// The time at which it was made, where a list tells it.
    created: Option<i64>,
}

/// Reads all places and sends each answer, with the number of the place; the channel ends with the last one.
/// Policies that `record` holds are not asked for again; the others are added to it.
pub(super) async fn read_places(
    places: &[ReviewPlace],
    record: Option<&ReviewRecord>,
    send: mpsc::Sender<(usize, ReadEvent)>,
) {
    let read = |(number, place): (usize, &ReviewPlace)| {
        let (place, sender) = (place.clone(), &send);
        async move { read_place(&place, number, record, sender).await }
    };
    stream::iter(places).enumerate().map(read).buffer_unordered(PLACES_AT_ONCE).collect::<Vec<()>>().await;
}

async fn read_place(
    place: &ReviewPlace,
    number: usize,
    record: Option<&ReviewRecord>,
    send: &mpsc::Sender<(usize, ReadEvent)>,
) {
    let registry = &place.registry;
    let mut names = list_names(registry, place.wanted.clone());
    // The list is on its way while the registry's policy is.
    let (facts, first) = tokio::join!(read_policy_of_registry(registry), names.next());
    for failure in &facts.failures {
        let Some(disabled) = registry.find_disabled(failure, &place.home).await else { continue };
        let (owner, region) = (registry.owner().clone(), registry.context().region.clone());
        let event = if place.is_named {
            ReadEvent::ListFailed(owner, region, disabled)
        } else {
            ReadEvent::Disabled(owner, region)
        };
        let _ = send.send((number, event)).await;
        return;
    }
    // The receiver is gone only when the command ends.
    let _ = send.send((number, ReadEvent::RegistryPolicy(facts.counted_policy()))).await;
    let settings = async {
        let facts = read_settings_of_registry(registry, facts).await;
        let _ = send.send((number, ReadEvent::Registry(facts))).await;
    };
    let repositories = async {
        let mut read = stream::iter(first)
            .chain(names)
            .map(|listed| read_repository(registry.clone(), record, listed))
            .buffered(AHEAD);
        while let Some(event) = read.next().await {
            let _ = send.send((number, event)).await;
        }
    };
    tokio::join!(settings, repositories);
}

async fn read_repository(
    registry: Registry,
    record: Option<&ReviewRecord>,
    listed: Result<ListedName, Failure>,
) -> ReadEvent {
    let ListedName { name, created } = match listed {
        Ok(listed) => listed,
        Err(failure) => {
            return ReadEvent::ListFailed(registry.owner().clone(), registry.context().region.clone(), failure);
        }
    };
    let reference = registry.reference_to(&name);
    if let Some(earlier) = record.and_then(|record| record.take_earlier(&reference, created)) {
        return ReadEvent::Repository(reference, Ok(earlier));
    }
    let read = registry.read_policy(&name).await;
    if let (Some(record), Ok(text)) = (record, &read) {
        record.append(&reference, created, text.as_deref());
    }
    ReadEvent::Repository(reference, read.map(|text| text.map_or(PolicyInput::Absent, PolicyInput::Text)))
}

/// Returns the names that are meant, page by page, and those that need no list.
fn list_names(registry: &Registry, wanted: WantedRepositories) -> BoxStream<'static, Result<ListedName, Failure>> {
    let WantedRepositories { selectors, names } = wanted;
    let named = stream::iter(names).map(|name| Ok(ListedName { name, created: None }));
    if selectors.is_empty() {
        return named.boxed();
    }
    let pages = stream::try_unfold(registry.list_all(), |mut listing| async move {
        Ok::<_, Failure>(listing.next_page().await?.map(|page| (page, listing)))
    });
    let selected = pages.map_ok(move |page| {
        let taken = page.repositories.into_iter().filter(|found| is_selected(&selectors, &found.reference));
        let named = taken.map(|found| Ok(ListedName { name: found.reference.name, created: found.created }));
        stream::iter(named.collect::<Vec<_>>())
    });
    selected.try_flatten().chain(named).boxed()
}

fn is_selected(selectors: &[RepositorySelector], reference: &RepositoryRef) -> bool {
    selectors.iter().any(|selector| selector.selects(reference))
}
