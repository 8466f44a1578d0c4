//! The question about a pasted text, apart from the model.

use crate::plan::PastedText;
use crate::wizard::Cursor;

/// A question about a pasted text: it holds more than one thing that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasteQuestion {
    /// The question.
    pub title: String,
    /// The facts to know before it, a sentence each.
    pub told: Vec<String>,
    /// The answers.
    pub choices: Vec<PasteChoice>,
    /// The chosen answer.
    pub cursor: Cursor,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasteChoice {
    /// The answer, as a clause.
    pub words: String,
    pub(super) deed: Deed,
}

/// Something to do with a pasted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// Goes on with what is left of the text. With `is_settled`, its grantees are those that are meant.
    Take {
        /// The rest.
        found: Box<PastedText>,
        /// Tells whether somebody chose the grantees.
        is_settled: bool,
    },
    /// Makes the document another text, and shows what changes.
    Show {
        /// The text.
        text: String,
        /// What was done, as a clause.
        done: &'static str,
    },
    /// Makes the document a text that is no policy yet, and opens the editor on it.
    Mend(String),
    /// Keeps a policy until the documents of step 4 are read.
    Keep(KeptPolicy),
    /// Types a text: into the filter of a list, at the caret of the editor.
    Type(String),
    /// Nothing.
    Close,
}

/// A policy that waits for the documents of step 4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::wizard) struct KeptPolicy {
    pub(super) policy: String,
    /// Tells whether it takes the place of all that is there; else its statements are merged.
    pub(super) replaces: bool,
}

/// What is open of a pasted text.
#[derive(Debug, Default)]
pub struct PasteState {
    pub(super) question: Option<PasteQuestion>,
    pub(super) kept: Option<KeptPolicy>,
}

impl PasteState {
    /// Returns the open question.
    pub fn question(&self) -> Option<&PasteQuestion> {
        self.question.as_ref()
    }
}
