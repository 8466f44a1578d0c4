//! Step: Actions.

use super::keymap::{Action, Scope};
use super::{Answer, Effect, Key, Model, RequestId};

/// The state of the step.
#[derive(Debug, Default)]
pub struct ActionsStep {}

impl ActionsStep {
    /// The scopes of keys, innermost first.
    pub fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Actions, Scope::List, Scope::Commands]
    }

    /// Whether something was typed or marked that leaving would lose.
    pub fn is_dirty(&self) -> bool {
        false
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

/// What the step asks for; `None` while something is missing or wrong.
pub fn request(_model: &Model) -> Option<crate::plan::Request> {
    None
}
