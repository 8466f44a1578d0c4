//! The beginning of a visit.

use super::{RepositoryDocument, settle, stored_edit};
use crate::ecr::RepositoryRef;
use crate::wizard::keymap::{Action, KeyScope};
use crate::wizard::{Effect, Model, Remote, Tone};

/// Makes a document for each chosen repository and asks for what is stored; keeps what was changed by hand.
pub(super) fn enter(model: &mut Model) -> Vec<Effect> {
    let (Some(request), Some(signed)) = (stored_edit::request_of(model), &model.signed) else { return Vec::new() };
    let context = signed.request_context();
    let chosen: Vec<RepositoryRef> = model.chosen.iter().map(|r| r.reference.clone()).collect();
    let same_context = model.policy.context.as_ref() == Some(&context);
    let mut old = std::mem::take(&mut model.policy.documents);
    let mut documents = Vec::new();
    let mut effects = Vec::new();
    let mut kept_by_hand = false;
    let edits_stored = model.policy.edits_stored();
    for repository in chosen {
        let known = old.iter().position(|d| *d.whose_repository() == repository).map(|at| old.swap_remove(at));
        let was_here = known.is_some();
        let known = known.or_else(|| model.kept_edits.take(edits_stored, &repository));
        let (mut document, is_fresh) = match known {
            Some(document) if same_context && *document.made_for() == request => {
                // What was put away meanwhile is compared with what is stored now.
                let is_fresh = was_here && !matches!(document.stored_text(), Remote::NotAsked | Remote::Failed { .. });
                kept_by_hand |= !was_here;
                (document, is_fresh)
            }
            Some(mut document) if document.is_by_hand() => {
                document.replan_for(request.clone());
                kept_by_hand |= document.is_by_hand();
                (document, false)
            }
            Some(document) => {
                effects.extend(cancel_all(&document));
                (RepositoryDocument::new(repository.clone(), request.clone()), false)
            }
            None => (RepositoryDocument::new(repository.clone(), request.clone()), false),
        };
        if !is_fresh {
            let id = model.next_request();
            document.begin_read(id, model.now);
            effects.push(Effect::ReadPolicy { id, context: context.clone(), repository, for_write: true });
        }
        documents.push(document);
    }
    effects.extend(old.iter().flat_map(cancel_all));
    model.kept_edits.keep(edits_stored, old);
    let step = &mut model.policy;
    step.documents = documents;
    step.context = Some(context);
    step.close_all();
    step.current = step.current.min(step.documents.len().saturating_sub(1));
    if kept_by_hand {
        let key = model.key_name(KeyScope::Policy, Action::BeginAgain);
        model.set_notice(Tone::Plain, format!("your changes by hand are kept; {key} begins again from the new grant"));
    }
    settle(model);
    effects
}

/// Stops everything that a document waits for.
pub(super) fn cancel_all(document: &RepositoryDocument) -> Vec<Effect> {
    let read = match document.stored_text() {
        Remote::Loading { id, .. } => Some(*id),
        _ => None,
    };
    read.into_iter().chain(document.running_computation()).map(Effect::Cancel).collect()
}
