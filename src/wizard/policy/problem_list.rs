//! The list of findings, their numbers, and a fix that is looked at before it is applied.

use crate::policy::{Finding, Fix};
use crate::wizard::Cursor;
pub use crate::wizard::computation::examination::Counts;
pub use crate::wizard::computation::fixes::FixEffect;

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

/// The order of the list, as indexes of the findings: what stops the save first, then what a key mends, then the graver,
/// then as in the text.
pub(super) fn list_order(findings: &[Finding]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|at| findings.get(*at).map(|f| std::cmp::Reverse((f.stops, f.fix.is_some(), f.severity))));
    order
}
