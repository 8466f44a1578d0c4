//! Divides the screen: the text above, the notes about it below.

use super::PolicyStep;
use crate::wizard::{Size, layout};

/// The number of rows of each part of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyLayout {
    /// The text, or its difference.
    pub text: u16,
    /// A rule between the text and what is said about it: how far the policy opens the repository, and what is found.
    pub rule: u16,
    /// The list of findings; 0 where it is closed.
    pub list: u16,
    /// The rows that the list would have, were it open.
    pub(super) list_if_open: u16,
    /// The problem.
    pub problem: u16,
    /// The rows of gains and losses; with a list or a fix in their place: 0.
    pub access: u16,
}

/// The most rows of the list of findings.
const LONGEST_LIST: u16 = 12;

/// The rows of each part; one more is the title's.
pub fn part_rows(size: Size, step: &PolicyStep) -> PolicyLayout {
    let body = layout::body_rows(size);
    let (rule, problem, access) = match body {
        0..=6 => (0, 1, 0),
        7..=9 => (0, 2, 1),
        10..=13 => (1, 2, 1),
        14..=29 => (1, 3, 2),
        _ => (1, 4, 3),
    };
    let left = body.saturating_sub(1 + rule);
    // A finding in full takes a few rows below the list; the text keeps the rest.
    let in_full = match left {
        0..=5 => 0,
        6..=12 => 2,
        13..=20 => 5,
        _ => 6,
    };
    let found = step.draft().map_or(0, |draft| u16::try_from(draft.findings.len()).unwrap_or(u16::MAX));
    let most = three_fifths(left.saturating_sub(in_full)).clamp(1, LONGEST_LIST);
    let list_if_open = found.clamp(1, most);
    let (list, problem, access) = match (&step.fix, &step.problems) {
        (Some(_), Some(_)) => (0, list_if_open + in_full, 0),
        // A heading, what is to be known, who gains and loses, the answers.
        (Some(fix), None) => {
            let notes = u16::try_from(fix.notes.len()).unwrap_or(u16::MAX);
            let wanted = if notes == 0 { 0 } else { notes.saturating_add(4).min(three_fifths(left)) };
            (0, wanted.max(problem + access), 0)
        }
        (None, Some(_)) => (list_if_open, in_full, 0),
        // The view has gains and losses on top.
        (None, None) if step.is_viewing() => (0, problem, 0),
        (None, None) => (0, problem, access),
    };
    let text = left.saturating_sub(list + problem + access).max(1);
    PolicyLayout { text, rule, list, list_if_open, problem, access }
}

/// Three fifths of so many rows, whatever their number.
fn three_fifths(rows: u16) -> u16 {
    u16::try_from(u32::from(rows) * 3 / 5).unwrap_or(u16::MAX)
}
