//! The list of findings, their numbers, and a fix that is looked at before it is applied.

use crate::policy::{Delta, Finding, Fix, Severity};
use crate::wizard::Cursor;

/// The open list; its rows are the draft's findings in the order of `EditedText::listed_findings`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Problems {
    /// The chosen row.
    pub cursor: Cursor,
    /// The caret when the list was opened.
    pub(super) from: usize,
}

/// A fix that changes who has access, before it is applied.
#[derive(Debug)]
pub struct FixPreview {
    /// The title: its effect, as a command.
    pub title: String,
    /// The gains and losses.
    pub effect: FixEffect,
    /// Further notes about it, a clause a row.
    pub notes: Vec<String>,
    pub(super) fix: Fix,
    /// The revision of the text that it was made for.
    pub(super) revision: u64,
}

/// The change of access that a fix makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FixEffect {
    /// Against the text as it is.
    Known(Delta),
    /// The text as it is cannot be read: against what is stored.
    AgainstStored(Delta),
    /// Another problem is left, so that nobody can say.
    Unknown,
}

/// The number of findings of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Findings that stop the save.
    pub stops: usize,
    /// Errors with which the save may go on.
    pub errors: usize,
    /// Risks for the owner.
    pub security: usize,
    /// Likely mistakes.
    pub warnings: usize,
    /// Advice.
    pub advice: usize,
}

impl Counts {
    pub(super) fn count_findings(findings: &[Finding]) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            let count = match finding.severity {
                _ if finding.stops => &mut counts.stops,
                Severity::Error => &mut counts.errors,
                Severity::Security => &mut counts.security,
                Severity::Warning => &mut counts.warnings,
                Severity::Advice => &mut counts.advice,
            };
            *count += 1;
        }
        counts
    }

    /// All of them.
    pub fn count_all(self) -> usize {
        self.stops + self.errors + self.security + self.warnings + self.advice
    }

    /// The counts in words, the gravest first: `2 stop the save`, `1 warning`.
    pub fn count_words(self) -> Vec<String> {
        let many = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
        [
            (self.stops, many(self.stops, "stops the save", "stop the save")),
            (self.errors, many(self.errors, "error", "errors")),
            (self.security, many(self.security, "risk", "risks")),
            (self.warnings, many(self.warnings, "warning", "warnings")),
            (self.advice, format!("{} advice", self.advice)),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(_, words)| words)
        .collect()
    }
}

/// The order of the list, as indexes of the findings: what stops the save first, then the graver, then as in the text.
pub(super) fn list_order(findings: &[Finding]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|at| findings.get(*at).map(|f| std::cmp::Reverse((f.stops, f.severity))));
    order
}
