//! Step: Policy.

use super::keymap::{Action, Scope};
use super::{Answer, Effect, Key, Model, RequestId};

/// The state of the step.
#[derive(Debug, Default)]
pub struct PolicyStep {}

impl PolicyStep {
    /// The scopes of keys, innermost first.
    pub fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Policy, Scope::List, Scope::Commands]
    }

    /// Whether the user changed a document by hand.
    pub fn is_edited(&self) -> bool {
        false
    }

    /// When the oldest request was asked that somebody waits for.
    pub fn waiting_since(&self) -> Option<u64> {
        None
    }
}

/// Why an action does nothing here.
pub fn why_off(_model: &Model, _action: Action) -> Option<String> {
    None
}

pub(super) fn enter(_model: &mut Model) -> Vec<Effect> {
    Vec::new()
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Back => super::back(model),
        _ => Vec::new(),
    }
}

pub(super) fn text(_model: &mut Model, _key: Key) -> Vec<Effect> {
    Vec::new()
}

pub(super) fn paste(_model: &mut Model, _text: &str) -> Vec<Effect> {
    Vec::new()
}

pub(super) fn answer(_model: &mut Model, _id: RequestId, _answer: Answer) -> Vec<Effect> {
    Vec::new()
}

/// The plan for each chosen repository, in their order; empty while a stored policy is not read yet.
pub fn planned(_model: &Model) -> Vec<crate::plan::Planned> {
    Vec::new()
}

/// Takes the text that turned out to be stored now: makes the edit again on it. An edit by hand is kept and compared
/// with the new text.
pub fn stored_changed(_model: &mut Model, _repository: &crate::ecr::RepositoryRef, _now: Option<String>) {}

/// Forgets the documents: what they were made from has been written over. The next entrance reads afresh.
pub fn forget(_model: &mut Model) {}
