//! The open question and the frame that showed it: a key answers only a question that was on the screen before it was
//! pressed.

mod state;

use super::keymap::{Action, KeyScope};
use super::{Key, Model, Overlay, Step, Tone};
pub use state::QuestionState;
use state::{Press, QuestionKind};

/// A question that comes up by itself takes no answer for so long after its frame, in milliseconds.
pub const UNASKED: u64 = 500;
/// Presses of one key with shorter gaps are one key that is held down, in milliseconds.
const HELD: u64 = 700;

fn open_kind(model: &Model) -> Option<QuestionKind> {
    match model.overlay {
        Some(Overlay::Draft) => return Some(QuestionKind::Draft),
        Some(Overlay::Leave) => return Some(QuestionKind::Leave),
        Some(Overlay::Pasted) => return Some(QuestionKind::Pasted),
        Some(Overlay::Help { .. } | Overlay::Palette) => return None,
        None => {}
    }
    if (model.step.screen().is_asking)(model) {
        return Some(QuestionKind::OfStep(model.step));
    }
    model.question.refused.then_some(QuestionKind::Refused)
}

impl Model {
    /// Returns whether a question is open whose frame is not out yet: whatever was pressed so far is no answer to it.
    pub fn has_unseen_question(&self) -> bool {
        is_unseen(self)
    }
}

/// Returns whether a question is open whose frame is not out yet.
pub(super) fn is_unseen(model: &Model) -> bool {
    let open = open_kind(model);
    open.is_some() && (open != model.question.open || model.question.drawn.is_none())
}

/// Looks which question is open after an event.
pub(super) fn look_again(model: &mut Model, by_key: bool) {
    let open = open_kind(model);
    if open != model.question.open {
        model.question.open = open;
        model.question.drawn = None;
        model.question.is_unasked = !by_key;
    }
}

/// The frame with the question is out, and every key read so far was pressed before that.
pub(super) fn mark_drawn(model: &mut Model) {
    look_again(model, false);
    if model.overlay.is_none() {
        (model.step.screen().drawn)(model);
    }
    let now = model.now;
    let question = &mut model.question;
    if question.open.is_some() && question.drawn.is_none() {
        question.drawn = Some(now);
        if let Some(press) = &mut question.press {
            press.is_earlier = true;
        }
    }
}

/// Returns whether a key is taken; else it is dropped.
pub(super) fn takes_key(model: &mut Model, key: Key) -> bool {
    look_again(model, false);
    let now = model.now;
    let question = &mut model.question;
    let is_earlier = question
        .press
        .is_some_and(|press| press.is_earlier && press.key == key && now.saturating_sub(press.last) < HELD);
    question.press = Some(Press { key, last: now, is_earlier: is_earlier || question.drawn.is_none() });
    let Some(open) = question.open else { return true };
    let Some(drawn) = question.drawn else { return false };
    let is_fresh = now.saturating_sub(drawn) < UNASKED;
    let is_unasked = question.is_unasked;
    let action = model.keymap.resolve(key, &model.key_scopes());
    if open == QuestionKind::Refused {
        return takes_after_refusal(model, key, action, is_earlier || is_fresh);
    }
    if is_earlier {
        return false;
    }
    // Leaving and stopping answer nothing.
    if is_unasked && is_fresh && !matches!(action, Some(Action::Leave | Action::Suspend)) {
        model.set_notice(Tone::Plain, "this question has only just come up: read it, then press the key again");
        return false;
    }
    true
}

/// Returns whether a key is taken after going on was refused. What answers the question of the next step is no text.
fn takes_after_refusal(model: &mut Model, key: Key, action: Option<Action>, is_early: bool) -> bool {
    if action.is_none() && is_early {
        return false;
    }
    model.question.refused = false;
    let answers = matches!(model.keymap.resolve(key, &[KeyScope::Confirm]), Some(Action::Yes | Action::No));
    if action.is_none() && answers {
        model.set_notice(
            Tone::Plain,
            format!("nothing is being saved, so {key} was not typed; press it again to type it"),
        );
        return false;
    }
    true
}

/// Returns whether a paste or a click is taken: both may have come before the frame.
pub(super) fn takes_pointer(model: &mut Model) -> bool {
    look_again(model, false);
    !is_unseen(model)
}

/// Notes that an action led nowhere: where it was to lead to the next step and letters are text, a question was expected.
pub(super) fn led_nowhere(model: &mut Model, action: Action) {
    model.question.refused = action == Action::GoOn && model.step.screen().leads_to_question;
}

/// Notes that the model did what a key asked for that was remembered: a question that comes up is no surprise, and where
/// none does, one was expected.
pub(super) fn follow_key(model: &mut Model, action: Action, before: Step) {
    look_again(model, true);
    if model.step == before {
        led_nowhere(model, action);
    }
}

/// The question was read at leisure, and no key is held.
#[cfg(test)]
pub(super) fn read(model: &mut Model) {
    mark_drawn(model);
    model.question.is_unasked = false;
    model.question.press = None;
    if let Some(drawn) = &mut model.question.drawn {
        *drawn = 0;
    }
    if model.question.refused {
        model.question.refused = false;
        look_again(model, true);
    }
}
