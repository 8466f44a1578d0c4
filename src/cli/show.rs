//! `show`: the permissions view.

use futures_util::{Stream, StreamExt as _};
use serde_json::Value;

use super::args::{Format, Globals, ShowArgs};
use super::exit::Exit;
use super::output::{Stop, failure_json, print_data, print_documents, tell_failure, unix_time};
use super::permissions::{Permissions, reference_json};
use super::review::table_text;
use super::session::{CommandSession, CommandTarget, Suggestions, open_session};
use crate::aws::AT_ONCE;
use crate::ecr::Failure;
use crate::policy::RegistryPolicy;
use crate::review::{Analyst, PolicyInput, RepositoryEntry};

/// Prints the permissions view of each repository. One that cannot be read does not stop the others.
pub(super) async fn run(globals: &Globals, args: &ShowArgs) -> Result<Exit, Stop> {
    let CommandSession { places, .. } = Box::pin(open_session(globals, &args.which.choices())).await?;
    let mut policies = std::pin::pin!(stream_policies(&places));
    let mut suggestions = Suggestions::default();
    let mut exits = Vec::new();
    let mut objects: Vec<Value> = Vec::new();
    let (mut entries, mut analyst) = (Vec::new(), Analyst::default().at_moment(unix_time()));
    let mut is_first = true;
    for place in &places {
        let Some(policy) = policies.next().await else { break };
        let object = match policy {
            Ok((stored, registry)) => {
                let view = Permissions::read_stored(&place.repository, stored.as_deref(), &registry);
                if globals.format == Format::Text {
                    let blank = if is_first { "" } else { "\n" };
                    let text = format!("{blank}{}", view.to_text(unix_time()).trim_end());
                    print_data(&text);
                    is_first = false;
                }
                if globals.format == Format::Table {
                    let read = stored.clone().map_or(PolicyInput::Absent, PolicyInput::Text);
                    let reference = place.repository.clone();
                    entries.push(RepositoryEntry::review(reference, Ok(read), &registry, &mut analyst));
                }
                exits.push(Exit::Done);
                with_endpoint(view.to_json(unix_time()), place)
            }
            Err(failure) => {
                let failure = suggestions.add_to(place, failure).await;
                tell_failure(Some(place.repository.name.as_str()), &failure);
                exits.push(Exit::from(&failure));
                let mut document = with_endpoint(reference_json(&place.repository), place);
                if let Some(fields) = document.as_object_mut() {
                    fields.insert("failure".to_owned(), failure_json(&failure));
                }
                document
            }
        };
        match globals.format {
            // Each line as soon as it is known.
            Format::Jsonl => print_documents(Format::Jsonl, "repositories", vec![object]),
            Format::Json => objects.push(object),
            _ => {}
        }
    }
    if globals.format == Format::Table {
        print_data(table_text(&entries).trim_end());
    }
    if globals.format == Format::Json {
        print_documents(globals.format, "repositories", objects);
    }
    Ok(Exit::of_several(exits))
}

/// Adds the endpoints that are asked in place of AWS's own; `null`: none.
pub(super) fn with_endpoint(mut document: Value, place: &CommandTarget) -> Value {
    if let Some(fields) = document.as_object_mut() {
        fields.insert("endpoint".to_owned(), place.endpoint.as_deref().into());
    }
    document
}

/// A repository's stored policy (none: it has none), and its registry's.
pub(super) type ReadPolicies = (Option<String>, RegistryPolicy);

/// Reads the stored policies, in the order of the places.
pub(super) async fn read_policies(places: &[CommandTarget]) -> Vec<Result<ReadPolicies, Failure>> {
    stream_policies(places).collect().await
}

/// Reads the stored policies, each as soon as it and those before it are known.
fn stream_policies(places: &[CommandTarget]) -> impl Stream<Item = Result<ReadPolicies, Failure>> {
    let read = |place: &CommandTarget| {
        let place = place.clone();
        async move {
            let stored = place.registry.read_policy(&place.repository.name).await?;
            Ok((stored, place.registry_policy().await))
        }
    };
    futures_util::stream::iter(places).map(read).buffered(AT_ONCE)
}
