//! Minimal text edits: all other bytes stay.

use super::document::Condition;
use super::lint::Finding;

/// One statement's worth of access to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The Sid of a new statement; begins with `EcrGrant`, a number is added where it is taken.
    pub sid: String,
    /// Who.
    pub principals: WantedPrincipals,
    /// What, as `ecr:Name`, sorted.
    pub actions: Vec<String>,
    /// Under which conditions.
    pub conditions: Vec<Condition>,
}

/// Who is to receive access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedPrincipals {
    /// Entries under `AWS`.
    Aws(Vec<String>),
    /// Entries under `Service`.
    Service(Vec<String>),
}

/// What an edit came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The new text.
    pub text: String,
    /// Whether it differs from the old one.
    pub changed: bool,
    /// Indexes, in the new text, of the statements that are new or were joined.
    pub touched: Vec<usize>,
}

/// Why a text could not be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditProblem {
    /// The text is no readable policy; the findings say where.
    #[error("the policy cannot be read: {}", .0.first().map_or("no reason known", |f| f.message.as_str()))]
    Unreadable(Vec<Finding>),
}

/// Adds what is wanted to a policy text, or begins a new one.
pub fn grant(_text: Option<&str>, _wanted: &[Wanted]) -> Result<Edited, EditProblem> {
    Err(EditProblem::Unreadable(Vec::new()))
}

/// The text laid out with two blanks a level; `None` when it is not valid JSON.
pub fn format(_text: &str) -> Option<String> {
    None
}

/// The text without white space; `None` when it is not valid JSON.
pub fn minify(_text: &str) -> Option<String> {
    None
}
