//! `show`: the permissions view.

use futures_util::StreamExt as _;
use serde_json::Value;

use super::args::{Format, Globals, ShowArgs};
use super::exit::Exit;
use super::output::{Stop, data, documents, failure_json, tell_failure};
use super::permissions::{Permissions, reference_json};
use super::session::{Place, Session, open};
use crate::ecr::Failure;

/// Policies asked for at once.
const AT_ONCE: usize = 8;

/// Prints the permissions view of each repository. One that cannot be read does not stop the others.
pub(super) async fn run(globals: &Globals, args: &ShowArgs) -> Result<Exit, Stop> {
    let Session { places, .. } = Box::pin(open(globals, &args.which.choices())).await?;
    let policies = policies(&places).await;
    let mut exits = Vec::new();
    let mut objects: Vec<Value> = Vec::new();
    let mut blocks: Vec<String> = Vec::new();
    for (place, policy) in places.iter().zip(&policies) {
        match policy {
            Ok(stored) => {
                let view = Permissions::read(&place.repository, stored.as_deref());
                if globals.format == Format::Text {
                    blocks.push(view.text());
                } else {
                    objects.push(view.json());
                }
                exits.push(Exit::Done);
            }
            Err(failure) => {
                tell_failure(Some(place.repository.name.as_str()), failure);
                if globals.format != Format::Text {
                    let mut document = reference_json(&place.repository);
                    if let Some(fields) = document.as_object_mut() {
                        fields.insert("failure".to_owned(), failure_json(failure));
                    }
                    objects.push(document);
                }
                exits.push(Exit::from(failure));
            }
        }
    }
    if !blocks.is_empty() {
        data(blocks.join("\n").trim_end());
    }
    documents(globals.format, "repositories", objects);
    Ok(Exit::of_several(exits))
}

/// The stored policies, in the order of the places.
pub(super) async fn policies(places: &[Place]) -> Vec<Result<Option<String>, Failure>> {
    futures_util::stream::iter(places)
        .map(|place| async { place.registry.policy(&place.repository.name).await })
        .buffered(AT_ONCE)
        .collect()
        .await
}
