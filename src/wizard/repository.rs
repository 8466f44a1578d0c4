//! Step: Repository.

use super::keymap::{Action, Scope};
use super::{Answer, Effect, Key, Model, RequestId};

/// The state of the step.
#[derive(Debug, Default)]
pub struct RepositoryStep {
    /// The review that lies over the list, where one is open.
    pub review: Option<super::review::Review>,
}

impl RepositoryStep {
    /// When the oldest request was asked that somebody waits for.
    pub fn waiting_since(&self) -> Option<u64> {
        None
    }
}

/// The scopes of keys, innermost first; the review lies over the list.
pub fn scopes(_model: &Model) -> Vec<Scope> {
    vec![Scope::Repository, Scope::List, Scope::Commands]
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

pub(super) fn resized(_model: &mut Model) -> Vec<Effect> {
    Vec::new()
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
