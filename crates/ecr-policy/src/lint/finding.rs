//! Findings, the rules that they come from, and their fixes.

use crate::ecr::{AccountId, Partition};
use crate::syntax::Span;
use crate::text::TextEdit;

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

impl Severity {
    /// The name for programs and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Security => "security",
            Self::Error => "error",
        }
    }
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
    pub why: &'static str,
    /// Where.
    pub span: Span,
    /// A repair, where there is one.
    pub fix: Option<Fix>,
}

/// What a check is about, apart from any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its id, such as `E006`.
    pub id: &'static str,
    /// How much its findings matter.
    pub severity: Severity,
    /// Whether a document with such a finding must not be saved.
    pub stops: bool,
    /// What it finds, a few words without a full stop.
    pub what: &'static str,
    /// Why that matters, one sentence.
    pub why: &'static str,
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

impl Fix {
    /// A fix of one edit that changes nobody's access.
    pub(crate) fn one(title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        Self { title: title.into(), changes_access: false, edits: vec![TextEdit { span, text: text.into() }] }
    }

    /// The same, when it may change who has access.
    pub(crate) fn changing_access(mut self) -> Self {
        self.changes_access = true;
        self
    }
}

/// The text with a fix applied; unchanged where the fix does not fit it.
pub fn apply_fix(text: &str, fix: &Fix) -> String {
    let mut edits: Vec<&TextEdit> = fix.edits.iter().collect();
    edits.sort_by_key(|e| (e.span.start, e.span.end));
    let mut fixed = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for edit in edits {
        let (Some(kept), Some(_)) = (text.get(at..edit.span.start), text.get(edit.span.start..edit.span.end)) else {
            return text.to_owned();
        };
        fixed.push_str(kept);
        fixed.push_str(&edit.text);
        at = edit.span.end;
    }
    fixed.push_str(text.get(at..).unwrap_or_default());
    fixed
}

/// What the checks may know beside the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckOptions {
    /// Whose repository it is; unknown: every named account counts as another's.
    pub owner: Option<AccountId>,
    /// Where it is; unknown: in the usual partition.
    pub partition: Option<Partition>,
    /// The text that AWS holds now: a statement equal to one in it never stops a save, orphans excepted.
    pub stored: Option<String>,
}

impl CheckOptions {
    /// The repository's partition, to which a bare account id belongs; the usual one where it is not known.
    pub(crate) fn home(&self) -> Partition {
        self.partition.unwrap_or(Partition::Aws)
    }
}
