//! The questions that lie over a step: whether to leave, and whether to go on with a draft.

use super::dialogue::{Move, Question, Reply, numbered_line, read_number, read_yes_no};
use crate::wizard::draft::{READ_AGAIN, can_keep};
use crate::wizard::{Action, Model, Overlay};

/// The answers to the question about a draft.
const DRAFT: [(Action, &str, &str); 3] = [
    (Action::Yes, "go on", "Go on with it"),
    (Action::No, "start anew", "Start anew, and discard it"),
    (Action::Back, "later", "Start anew, and keep it for later"),
];

/// Asks the question over the step; `None`: there is none.
pub fn ask(model: &Model) -> Option<Question> {
    match model.overlay? {
        Overlay::Leave if can_keep(model) => Some(Question {
            told: vec!["What was made here is not saved. A draft of it can be kept for the next start.".to_owned()],
            words: "Leave? Keep, yes or no: ".to_owned(),
            help: vec!["`keep` leaves and keeps a draft, `yes` leaves without one, `no` and `back` stay.".to_owned()],
            is_grave: true,
        }),
        Overlay::Leave => Some(Question {
            told: vec!["What was made here and is not saved is lost.".to_owned()],
            words: "Leave? Yes or no: ".to_owned(),
            help: vec!["`yes` leaves, `no` and `back` stay.".to_owned()],
            is_grave: true,
        }),
        Overlay::Draft => {
            let offer = model.draft.offered_draft()?;
            let mut told = vec![offer.when_and_where()];
            told.extend(offer.draft.words().into_iter().map(|(name, words)| format!("{name}: {words}")));
            told.push(READ_AGAIN.to_owned());
            told.extend(DRAFT.iter().enumerate().map(|(at, (_, _, words))| numbered_line(at, words)));
            Some(Question {
                told,
                words: "Go on where you left off? A number: ".to_owned(),
                help: vec!["`1` or `go on`, `2` or `start anew`, `3` or `later`.".to_owned()],
                is_grave: true,
            })
        }
        Overlay::Pasted => {
            let open = model.pasted.question()?;
            let mut told = open.told.clone();
            told.extend(open.choices.iter().enumerate().map(|(at, choice)| numbered_line(at, &choice.words)));
            Some(Question {
                told,
                words: format!("{} A number: ", open.title),
                help: vec!["A number of the list; `back` takes nothing.".to_owned()],
                is_grave: true,
            })
        }
        Overlay::Help { .. } | Overlay::Palette => None,
    }
}

/// Reads an answer to the question over the step; `None`: there is none.
pub fn answer(model: &Model, text: &str) -> Option<Reply> {
    match model.overlay? {
        Overlay::Leave if text == "keep" && can_keep(model) => Some(Reply::act(Action::KeepDraft)),
        Overlay::Leave => Some(match read_yes_no(text) {
            Some(true) => Reply::act(Action::Yes),
            Some(false) => Reply::act(Action::No),
            None => Reply::Say("Answer `yes` or `no`.".to_owned()),
        }),
        Overlay::Draft => {
            let named =
                DRAFT.iter().enumerate().find(|(at, (_, name, _))| text == *name || text == (at + 1).to_string());
            Some(named.map_or_else(|| Reply::not_understood(text), |(_, (action, _, _))| Reply::act(*action)))
        }
        Overlay::Pasted => {
            let count = model.pasted.question()?.choices.len();
            Some(read_number(text, count).map_or_else(
                || Reply::not_understood(text),
                |at| {
                    let first = std::iter::once(Action::First);
                    let moves = first.chain((0..at).map(|_| Action::Down)).chain([Action::Next]);
                    Reply::Moves(moves.map(Move::Act).collect(), None)
                },
            ))
        }
        Overlay::Help { .. } | Overlay::Palette => None,
    }
}
