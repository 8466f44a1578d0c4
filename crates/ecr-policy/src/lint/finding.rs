//! Findings, the rules that they come from, and their fixes.

use std::fmt;

use super::policy_kind::PolicyKind;
use crate::ecr::{AccountId, Partition};
use crate::model::ReadProblemKind;
use crate::syntax::Span;
use crate::text::TextEdit;
use crate::text::edits::apply_edits;

/// The weight of a finding, from the least.
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
    /// Returns the name for programs and in reports.
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
    /// The rule that it breaks.
    pub rule: &'static Rule,
    /// The rule's id, such as `E006`.
    pub id: &'static str,
    /// The weight, as the rule says.
    pub severity: Severity,
    /// True when the document must not be saved like this.
    pub stops: bool,
    /// Says what is wrong, in one clause.
    pub message: String,
    /// The reason why it matters, as the rule says.
    pub why: &'static str,
    /// The range in the text.
    pub span: Span,
    /// A repair, where there is one.
    pub fix: Option<Fix>,
}

/// The dangers that a program tells in words of its own beside the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Concern {
    /// Everyone has access.
    Public,
    /// Others may change the policy, or delete.
    Management,
    /// Everyone, or a whole organization, may push.
    WidePush,
    /// The text is longer than ECR takes.
    Length,
}

/// A rule, apart from any text.
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Rule {
    /// Its id, such as `E006`; it is never used for another rule.
    pub id: &'static str,
    /// Its name, such as `invalid-effect`.
    pub name: &'static str,
    /// The weight of its findings.
    pub severity: Severity,
    /// True when a document with such a finding must not be saved.
    pub stops: bool,
    /// Names what it finds, in a few words without a full stop.
    pub what: &'static str,
    /// Says why that matters, in one sentence.
    pub why: &'static str,
    /// A text in which it finds something; see [`Rule::checked_example`].
    pub example: &'static str,
    /// The kind of problem that it reports of those that stop reading, see [`Policy::read`](crate::Policy::read).
    pub read_problem: Option<ReadProblemKind>,
    /// True when it finds the errors of the JSON syntax itself.
    pub is_syntax: bool,
    /// True when it finds something missing. A text with hidden parts gets such a finding only with a fix.
    pub is_absence: bool,
    /// True when it also runs on a text that is too long for the other rules, in one pass.
    pub is_of_long_texts: bool,
    /// True when it says nothing while ECR would refuse the condition of the statement.
    pub needs_valid_condition: bool,
    /// True when its findings stop a save even in what AWS already holds.
    pub never_excused: bool,
    /// True when its fix takes the policy out of something else, when the fix may change access.
    pub fix_unwraps: bool,
    /// The danger that its findings stand for, where other parts of a program ask for that.
    pub concern: Option<Concern>,
    /// The one kind of policy that it is about; `None`: every kind.
    pub kind: Option<PolicyKind>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.name)
    }
}

/// A repair of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// Names the repair as a command: `remove the comma`.
    pub title: String,
    /// True when it may change who has access; then it is never applied unasked.
    pub changes_access: bool,
    /// The edits, none overlapping.
    pub edits: Vec<TextEdit>,
}

impl Fix {
    /// Makes a fix of one edit that changes nobody's access.
    pub(crate) fn single_edit(title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        Self { title: title.into(), changes_access: false, edits: vec![TextEdit::replacing(span, text)] }
    }

    /// Marks the fix as one that may change who has access.
    pub(crate) fn changing_access(mut self) -> Self {
        self.changes_access = true;
        self
    }
}

/// Applies a fix to a text; returns it unchanged where the fix does not fit.
pub fn apply_fix(text: &str, fix: &Fix) -> String {
    apply_edits(text, &fix.edits)
}

/// The facts that the checks may use beside the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckOptions {
    /// The owner of the repository; unknown: every named account counts as another's.
    pub owner: Option<AccountId>,
    /// The partition of the repository; unknown: the usual one.
    pub partition: Option<Partition>,
    /// The kind of policy that the text is.
    pub kind: PolicyKind,
    /// The text that AWS holds now: a statement equal to one in it never stops a save, orphans excepted.
    pub stored: Option<String>,
    /// The moment at which the class is told, in seconds since 1970: what has ended by then opens nothing. None: nothing
    /// has ended. The findings are about the text, ended or not.
    pub now: Option<i64>,
}

impl CheckOptions {
    /// Returns the repository's partition, to which a bare account id belongs; the usual one where it is not known.
    pub(crate) fn home_partition(&self) -> Partition {
        self.partition.unwrap_or(Partition::Aws)
    }
}
