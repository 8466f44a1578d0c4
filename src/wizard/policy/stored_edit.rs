//! The editor over a stored policy with nothing added: what a review's `edit` begins. The documents of a grant are set aside
//! meanwhile, with all that was typed into them.

use super::cancel_all;
use super::set_aside::{FixOfStored, SetAside};
use crate::ecr::{Repository, RepositoryRef};
use crate::plan::Request;
use crate::policy::lint::apply_fix;
use crate::wizard::{Effect, Model, Step, Tone};

/// Begins the editor with the stored policy of a repository, and makes a fix in it where one is given.
pub(in crate::wizard) fn begin_stored_edit(
    model: &mut Model,
    repository: Repository,
    mend: Option<FixOfStored>,
) -> Vec<Effect> {
    let is_editing = mend.is_none();
    let mut effects: Vec<Effect> = model.policy.documents.iter().flat_map(cancel_all).collect();
    let mut before = std::mem::take(&mut model.policy);
    let chosen = std::mem::replace(&mut model.chosen, vec![repository]);
    before.documents.iter_mut().for_each(super::RepositoryDocument::stop_waiting);
    // An edit that was begun before and left by another way gives back what it had set aside.
    let set_aside = match before.set_aside.take() {
        Some(older) => {
            model.kept_edits.keep(true, std::mem::take(&mut before.documents));
            SetAside { mend, ..older }
        }
        None => SetAside { policy: Box::new(before), chosen, mend },
    };
    model.policy.set_aside = Some(set_aside);
    effects.extend(crate::wizard::go(model, Step::Policy));
    model.policy.is_editing = is_editing;
    effects
}

/// Goes back to the review that an edit was begun from, with what was set aside. `None`: a grant is edited.
pub(super) fn leave_stored_edit(model: &mut Model) -> Option<Vec<Effect>> {
    let SetAside { policy, chosen, .. } = model.policy.set_aside.take()?;
    let mut effects: Vec<Effect> = model.policy.documents.iter().flat_map(cancel_all).collect();
    model.kept_edits.keep(true, std::mem::take(&mut model.policy.documents));
    model.policy = *policy;
    model.chosen = chosen;
    effects.extend(crate::wizard::return_to_review(model));
    Some(effects)
}

/// Returns the request that the documents are made for: nothing is asked for where a stored policy is edited.
pub(super) fn request_of(model: &Model) -> Option<Request> {
    if model.policy.set_aside.is_none() {
        return crate::wizard::actions::request(model);
    }
    let signed = model.signed.as_ref()?;
    Request::of_nothing(signed.owner_account(), &signed.region)
}

/// Makes the fix that a review asked for, now that the stored policy is read. One that was found for another text is not
/// made: its places may mean something else.
pub(super) fn make_fix(model: &mut Model, repository: &RepositoryRef) {
    let Some(FixOfStored { stored, fix }) = model.policy.set_aside.as_mut().and_then(|aside| aside.mend.take()) else {
        return;
    };
    let is_it = |document: &&mut super::RepositoryDocument| document.whose_repository() == repository;
    let Some(document) = model.policy.documents.iter_mut().find(is_it) else { return };
    let is_same = document.stored_text().known_value().is_some_and(|now| now.as_deref() == Some(stored.as_str()));
    if !is_same {
        model.set_notice(Tone::Bad, "the stored policy is another one now: nothing was mended");
        return;
    }
    if let Some(draft) = document.draft_mut() {
        draft.editor.set_text(&apply_fix(&stored, &fix));
    }
    document.follow_text();
    model.set_notice(Tone::Plain, format!("mended, not saved yet: {}", fix.title));
}
