//! The review of what is stored: the permissions view of one repository as it is now, read only.

use super::keymap::Action;
use super::{Answer, Effect, Model, Remote, RequestId};
use crate::ecr::Repository;

/// An open review.
#[derive(Debug)]
pub struct Review {
    /// The repository.
    pub repository: Repository,
    /// What is stored; the inner `None`: there is no policy.
    pub stored: Remote<Option<String>>,
    /// Rows scrolled.
    pub scroll: usize,
}

/// Opens the review of a repository and reads its policy.
pub(super) fn open(model: &mut Model, repository: Repository) -> Vec<Effect> {
    let Some(context) = model.signed.as_ref().map(super::Signed::context) else { return Vec::new() };
    let id = model.request();
    let mut stored = Remote::NotAsked;
    stored.ask(id, model.now);
    let reference = repository.reference.clone();
    model.repository.review = Some(Review { repository, stored, scroll: 0 });
    vec![Effect::ReadPolicy { id, context, repository: reference }]
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Back {
        model.repository.review = None;
    }
    Vec::new()
}

pub(super) fn answer(_model: &mut Model, _id: RequestId, _answer: &Answer) {}
