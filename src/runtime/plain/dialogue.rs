//! The parts of which questions and answers are made, and the words that are answers everywhere.

use crate::ecr::Failure;
use crate::wizard::page::{PageRow, TextPage};
use crate::wizard::{Action, Choice, Model};

/// A question with all that is told before it.
#[derive(Debug, Default)]
pub struct Question {
    /// The lines before it.
    pub told: Vec<String>,
    /// The question itself, in one line.
    pub words: String,
    /// The answers that it takes, for `help`.
    pub help: Vec<String>,
    /// Tells whether the answer may lose or write something: what was typed before it is no answer.
    pub is_grave: bool,
}

/// A part of an answer, in the terms of the screens.
#[derive(Debug)]
pub enum Move {
    /// Presses the key of an action.
    Act(Action),
    /// Empties the field.
    Clear,
    /// Types a text, character by character.
    Type(String),
    /// Pastes a text.
    Paste(String),
    /// Chooses something by what it names.
    Choose(Choice),
}

/// A part of an answer that waits for what the first part led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Goes on where what was named was found.
    GoOn,
    /// Asks AWS for words that the list does not hold, and goes on where they are a name.
    Look,
    /// Goes to the next field where what was typed is understood.
    LeaveField,
    /// Goes to the list of actions for a recipe of one's own, otherwise to the policy.
    LeaveRecipe,
}

/// The meaning of an answer.
#[derive(Debug)]
pub enum Reply {
    /// It is carried out.
    Moves(Vec<Move>, Option<Then>),
    /// It means nothing here; says so.
    Say(String),
}

impl Reply {
    /// The reply that presses the key of one action.
    pub fn act(action: Action) -> Self {
        Self::Moves(vec![Move::Act(action)], None)
    }

    /// The reply to an answer that means nothing.
    pub fn not_understood(answer: &str) -> Self {
        let what = if answer.is_empty() { "An empty line".to_owned() } else { format!("`{answer}`") };
        Self::Say(format!("{what} is no answer here. Type `help` for the answers."))
    }
}

/// The actions that can be named as an answer, where they have a key.
const NAMED: [Action; 16] = [
    Action::Next,
    Action::GoOn,
    Action::Retry,
    Action::Refresh,
    Action::SignIn,
    Action::BeginAgain,
    Action::Undo,
    Action::Redo,
    Action::Format,
    Action::Narrow,
    Action::WritePlan,
    Action::WriteFile,
    Action::WriteAll,
    Action::AnotherRepository,
    Action::AnotherGrantee,
    Action::NextDocument,
];

/// Reads an answer that names an action of the step; `None`: it names none.
pub fn named_action(model: &Model, answer: &str) -> Option<Reply> {
    let named = NAMED.into_iter().find(|action| action.name() == answer)?;
    model.keymap.key_for(named, &model.key_scopes()).map(|_| Reply::act(named))
}

/// Reads an answer of yes or no.
pub fn read_yes_no(answer: &str) -> Option<bool> {
    match answer.to_ascii_lowercase().as_str() {
        "yes" | "y" => Some(true),
        "no" | "n" => Some(false),
        _ => None,
    }
}

/// Reads a number of a list from 1 as a place from 0.
pub fn read_number(answer: &str, count: usize) -> Option<usize> {
    answer.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < count)
}

/// A line of a numbered list.
pub fn numbered_line(at: usize, words: &str) -> String {
    format!("{}. {words}", at + 1)
}

/// The lines of a page.
pub fn page_lines(page: &TextPage) -> Vec<String> {
    page.all_rows().iter().map(PageRow::plain_text).collect()
}

/// The lines that tell a failure, with its next step.
pub fn failure_lines(failure: &Failure, model: &Model) -> Vec<String> {
    let mut page = TextPage::new(usize::from(model.size.columns));
    page.add_failure(0, failure);
    page_lines(&page)
}

/// Returns a clause with a full stop, where it has no end of its own.
pub fn with_stop(words: &str) -> String {
    if words.ends_with(['.', ':', '?', '!']) { words.to_owned() } else { format!("{words}.") }
}
