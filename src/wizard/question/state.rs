//! The state of the open question, apart from the model.

use crate::wizard::{Key, Step};

/// The question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuestionKind {
    /// To go on with a draft.
    Draft,
    /// To leave.
    Leave,
    /// What of a pasted text is meant.
    Pasted,
    /// The question of a step: to save, or to apply a fix that changes access.
    OfStep(Step),
    /// Nothing: going on was refused where letters are text, and an answer to the next step's question may follow.
    Refused,
}

/// One key, pressed once or held down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Press {
    pub(super) key: Key,
    pub(super) last: u64,
    /// Tells whether it began before the question was on the screen.
    pub(super) is_earlier: bool,
}

/// The open question, and the time since which it is on the screen.
#[derive(Debug, Default)]
pub struct QuestionState {
    pub(super) open: Option<QuestionKind>,
    /// The time of the frame that shows it, in milliseconds of the model's clock.
    pub(super) drawn: Option<u64>,
    /// Tells whether no key of the user's opened it.
    pub(super) is_unasked: bool,
    /// Tells whether going on was refused by the last key.
    pub(super) refused: bool,
    pub(super) press: Option<Press>,
}

impl QuestionState {
    /// Takes a frame as not seen: the screen was somebody else's, or asks for something else now.
    pub fn mark_unseen(&mut self) {
        self.drawn = None;
    }
}
