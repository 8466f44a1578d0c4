//! The table of screens: one row per step, with all that the wizard asks of a step.
//!
//! A screen is two files, `wizard/X.rs` with the state and the row `SCREEN`, and `view/X.rs` with the drawing and the
//! row `DRAWN`. It stands in [`Step`], in `SCREENS`, in `view`'s table, and has its keys in `keymap`.

use std::borrow::Cow;

use super::event::Answer;
use super::keymap::{Action, KeyScope};
use super::step::Step;
use super::{Effect, Key, Model, RequestId};
use super::{account, actions, permissions, policy, repository, save};

/// The screens, in the order of the steps.
static SCREENS: [Screen; Step::ALL.len()] =
    [account::SCREEN, repository::SCREEN, actions::SCREEN, policy::SCREEN, save::SCREEN, permissions::SCREEN];

impl Step {
    /// Returns the step's name.
    pub fn title(self) -> &'static str {
        self.screen().title
    }

    /// Returns the step's row of the table of screens.
    #[expect(clippy::indexing_slicing, reason = "the table has as many rows as there are steps")]
    pub(super) fn screen(self) -> &'static Screen {
        &SCREENS[self as usize]
    }
}

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
    /// Returns the endpoints in use that are not AWS's own, in words.
    pub endpoint: fn(&Model) -> Option<&str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_finds_its_own_row() {
        let titles: Vec<&str> = Step::ALL.into_iter().map(Step::title).collect();
        assert_eq!(titles, ["Account", "Repository", "Actions", "Policy", "Save", "Permissions"]);
        for step in Step::ALL {
            assert_eq!(step.title(), format!("{step:?}"));
            assert_eq!(Step::ALL.get(step as usize), Some(&step));
        }
    }
}
