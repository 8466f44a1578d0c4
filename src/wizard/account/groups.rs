//! The order of the rows, and the lines that divide them while the owner of a repository is looked for.

use super::AccountStep;
use crate::ecr::{AccountId, SignInKind, Source};
use crate::wizard::Cursor;

/// The groups of rows, in their order, while an account is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowGroup {
    /// Holds the rows known to be of the account.
    Owner,
    /// Holds the rows whose account is not known yet.
    Unknown,
    /// Holds the rows known to be of another account.
    Other,
    /// Holds the rows that cannot work by what the files say.
    Unusable,
}

impl RowGroup {
    /// Returns the words of the line above the group; `None`: there is no line.
    pub fn heading(self) -> Option<&'static str> {
        match self {
            Self::Owner => None,
            Self::Unknown => Some("account not known"),
            Self::Other => Some("other accounts"),
            Self::Unusable => Some("cannot be used"),
        }
    }
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListLine {
    /// A row, by its place among the rows.
    Row(usize),
    /// The line above a group.
    Heading(&'static str),
}

/// The lines of the list that are shown, of all that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLines {
    /// The lines.
    pub lines: Vec<ListLine>,
    /// The place of the first one among all lines.
    pub first: usize,
    /// The number of all lines.
    pub total: usize,
}

impl AccountStep {
    /// Returns the group of a source while an account is looked for; `None`: none is.
    pub fn group_of(&self, source: &Source) -> Option<RowGroup> {
        let sought = self.sought.as_ref()?;
        Some(match self.account_of(source) {
            _ if cannot_work(source) => RowGroup::Unusable,
            None => RowGroup::Unknown,
            Some(account) if account == sought => RowGroup::Owner,
            Some(_) => RowGroup::Other,
        })
    }

    /// Orders the rows by which account is looked for; `None`: none is.
    pub(super) fn seek_account(&mut self, account: Option<AccountId>, height: usize) {
        let is_new = self.sought != account;
        self.sought = account;
        self.apply_filter(is_new && self.sought.is_some(), height);
    }

    /// Orders all rows. What the files say cannot work stands below, and among the others what signed in lately comes first; an
    /// answer of AWS moves a row only out of the group that it turned out not to be of.
    pub(super) fn order_rows(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_by_cached_key(|row| {
            let source = self.all_sources().get(*row);
            let place = self.recent.iter().position(|(used, _)| source.is_some_and(|source| source.id == *used));
            let group = source.and_then(|source| self.group_of(source));
            let is_hinted = group == Some(RowGroup::Unknown) && source.is_some_and(|source| source.hint == self.sought);
            (group, source.is_some_and(cannot_work), !is_hinted, place.unwrap_or(usize::MAX))
        });
        self.rows = rows;
    }

    /// Returns all lines of the list. Under a filter the best match stands first, so nothing divides the rows.
    fn all_lines(&self) -> Vec<ListLine> {
        let group_at = |row: usize| self.source_at(row).and_then(|source| self.group_of(source));
        let mut lines = Vec::new();
        for row in 0..self.rows.len() {
            let group = group_at(row).filter(|_| !self.filter.is_narrowing());
            let is_first = row == 0 || row.checked_sub(1).and_then(group_at) != group;
            lines.extend(group.filter(|_| is_first).and_then(RowGroup::heading).map(ListLine::Heading));
            lines.push(ListLine::Row(row));
        }
        lines
    }

    /// Returns how many rows surely have room in so many lines.
    pub(super) fn rows_in(&self, height: usize) -> usize {
        let headings = self.all_lines().len() - self.rows.len();
        height.saturating_sub(headings).max(1)
    }

    /// Returns the lines that a list of so many lines shows.
    pub fn shown_lines(&self, height: usize) -> ShownLines {
        let lines = self.all_lines();
        let total = lines.len();
        let line_of = |row: usize| lines.iter().position(|line| *line == ListLine::Row(row)).unwrap_or_default();
        let first = line_of(self.cursor.offset);
        // The line above a group is shown with its first row where there is room.
        let is_below_heading = first
            .checked_sub(1)
            .and_then(|above| lines.get(above))
            .is_some_and(|above| matches!(above, ListLine::Heading(_)));
        let mut cursor =
            Cursor { selected: line_of(self.cursor.selected), offset: first - usize::from(is_below_heading) };
        cursor.settle_in(total, height);
        let shown = cursor.shown_rows(total, height);
        ShownLines { lines: lines.get(shown).unwrap_or_default().to_vec(), first: cursor.offset, total }
    }
}

/// Tells whether the files say that a source cannot work.
fn cannot_work(source: &Source) -> bool {
    source.problem.is_some() || source.kind == SignInKind::Nothing
}
