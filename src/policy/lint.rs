//! Checks of a policy text.

use super::syntax::Span;
use crate::ecr::AccountId;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Advice,
    /// A likely mistake.
    Warning,
    /// A risk for the owner.
    Security,
    /// Wrong.
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check's id, such as `E006`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Whether the document must not be saved like this.
    pub stops: bool,
    /// What is wrong, one clause.
    pub message: String,
    /// Why it matters, one sentence.
    pub why: String,
    /// Where.
    pub span: Span,
    /// A repair, where there is one.
    pub fix: Option<Fix>,
}

/// A repair of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a command: `remove the comma`.
    pub title: String,
    /// Whether it may change who has access; then it is never applied unasked.
    pub changes_access: bool,
    /// The edits, none overlapping.
    pub edits: Vec<TextEdit>,
}

/// Replaces a range by a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// What goes; empty for an insertion.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// What the checks may know beside the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckOptions {
    /// Whose repository it is; unknown: every named account counts as another's.
    pub owner: Option<AccountId>,
    /// The text that AWS holds now: a statement equal to one in it never stops a save, orphans excepted.
    pub stored: Option<String>,
}

/// Checks a text; findings come in document order.
pub fn check(_text: &str, _options: &CheckOptions) -> Vec<Finding> {
    Vec::new()
}

/// The text with a fix applied; unchanged where the fix does not fit it.
pub fn apply_fix(text: &str, _fix: &Fix) -> String {
    text.to_owned()
}
