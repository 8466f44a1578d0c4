//! The head of the screen: the repository, and what can be said of the grant.

use unicode_width::UnicodeWidthStr as _;

use super::{PROPOSAL, Shown};
use crate::ecr::text::{make_visible, wrap_lines};
use crate::wizard::Model;
use crate::wizard::page::Ink;
use crate::wizard::save::How;

/// Cells beside the words of the heading: the sign before them, and the count of rows below at the end.
const AROUND: usize = 24;
/// The cells before the words where they have rows of their own.
pub const INDENT: usize = 3;

/// The state of the shown repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Success, a warning, or something that is not known yet.
    pub ink: Ink,
    /// Which of several repositories it is; empty: it is the only one.
    pub count: String,
    /// The words.
    pub words: String,
    /// The rows of the words below the repository's name; empty where they stand beside it.
    pub rows: Vec<String>,
}

/// Returns the heading of the shown repository. `None`: there is none.
pub fn heading(model: &Model) -> Option<Heading> {
    let step = &model.permissions;
    let shown = step.shown_repository()?;
    let (ink, words) = state_words(model, shown);
    let count = match step.entries().len() {
        0 | 1 => String::new(),
        n => format!("{} of {n}  ", step.repository() + 1),
    };
    let words = make_visible(&model.settings.account_names.beside_ids(&words));
    let width = usize::from(model.size.columns);
    let is_beside = shown.repository.name().as_str().width() + count.width() + words.width() + AROUND <= width;
    let mut rows = Vec::new();
    if !is_beside {
        // The sign stands before the first row.
        rows = wrap_lines(&words, width.saturating_sub(INDENT + 3));
        let most = usize::from(super::body_rows(model.size) / 4).max(1);
        if rows.len() > most {
            let rest = rows.split_off(most - 1).join(" ");
            rows.push(rest);
        }
    }
    Some(Heading { ink, count, words, rows })
}

/// Returns what can be said of the grant: only the owner's side of it.
fn state_words(model: &Model, shown: &Shown) -> (Ink, String) {
    let step = &model.permissions;
    let policies = step.shown_policies();
    if policies.last_failure().is_some() {
        return (Ink::Warn, "what it gives could not be checked".to_owned());
    }
    // That the owner's side is done is said when it is known what the policy gives.
    if policies.known_value().is_none() {
        let is_told = step.told_as_checking(model.now).is_some();
        return (Ink::Dim, if is_told { "checking what it gives..." } else { "" }.to_owned());
    }
    if !model.is_without_grant() {
        let (is_good, words) = shown.state_words();
        return (if is_good { Ink::Good } else { Ink::Warn }, words);
    }
    match shown.how {
        How::Saved => (Ink::Good, "saved".to_owned()),
        How::Already => (Ink::Good, "nothing was written".to_owned()),
        How::BesideOthers => (Ink::Warn, "saved, and somebody else wrote since: look at the statements".to_owned()),
        How::Proposed => (Ink::Warn, PROPOSAL.to_owned()),
    }
}
