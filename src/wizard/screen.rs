//! The row of a screen in the table of screens.

use std::borrow::Cow;

use super::draft::Draft;
use super::event::Answer;
use super::keymap::{Action, KeyScope};
use super::{Effect, Key, Model, RequestId};

/// A step, as the state machine sees it. Each function looks at the model and takes the step as shown, overlays aside.
#[derive(Debug)]
pub(super) struct Screen {
    /// The step's name.
    pub title: &'static str,
    /// The share of the width for details beside a list, in percent.
    pub details_share: u32,
    /// Tells whether letters are text here while going on leads to a question that letters answer.
    pub leads_to_question: bool,
    /// Begins a visit of the step.
    pub enter: fn(&mut Model) -> Vec<Effect>,
    /// Goes on from the step as a draft did; `None`: something that is needed is still awaited.
    pub resume: fn(&mut Model, &Draft) -> Option<Vec<Effect>>,
    /// Goes on with the answer that the command line or a pasted address gave; `None`: something is awaited, or a person is
    /// needed.
    pub pass: fn(&mut Model) -> Option<Vec<Effect>>,
    /// Carries out an action.
    pub act: fn(&mut Model, Action) -> Vec<Effect>,
    /// Takes a key that no action is bound to.
    pub text: fn(&mut Model, Key) -> Vec<Effect>,
    /// Takes a pasted text.
    pub paste: fn(&mut Model, &str) -> Vec<Effect>,
    /// Takes a click into the body: column, and row from the top of the body.
    pub click: fn(&mut Model, u16, u16) -> Vec<Effect>,
    /// Takes up another size of the terminal.
    pub resized: fn(&mut Model) -> Vec<Effect>,
    /// Notes that a frame with the step is out.
    pub drawn: fn(&mut Model),
    /// Takes an answer to a request of its own, shown or hidden; drops all others.
    pub answer: fn(&mut Model, RequestId, &Answer) -> Vec<Effect>,
    /// Lists the scopes of keys, innermost first, the global one left out.
    pub scopes: fn(&Model) -> Vec<KeyScope>,
    /// Returns why an action does nothing, in words; `None`: it works.
    pub why_off: fn(&Model, Action) -> Option<String>,
    /// Returns what the footer calls an action, where that is not its usual name.
    pub label: fn(&Model, KeyScope, Action) -> Option<Cow<'static, str>>,
    /// Tells whether a question of the step is open, to which a key gives consent.
    pub is_asking: fn(&Model) -> bool,
    /// Returns when the oldest request that somebody waits for was sent.
    pub waiting_since: fn(&Model) -> Option<u64>,
    /// Begins the computations that the state of the step wants, shown or hidden. Called after each event: no loop over
    /// texts belongs here.
    pub compute: fn(&mut Model) -> Vec<Effect>,
    /// Returns the endpoints in use that are not AWS's own, in words.
    pub endpoint: fn(&Model) -> Option<&str>,
}
