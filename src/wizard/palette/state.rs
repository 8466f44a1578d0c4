//! The state of the list of all actions, apart from the model.

use crate::wizard::field::Field;
use crate::wizard::keymap::Action;
use crate::wizard::{Cursor, fuzzy};

/// The open list.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// The text that narrows it.
    pub field: Field,
    /// The shown rows, as indexes of the entries.
    pub rows: Vec<usize>,
    /// The chosen row.
    pub cursor: Cursor,
    pub(super) entries: Vec<PaletteEntry>,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaletteEntry {
    /// The action that Enter carries out.
    pub action: Action,
    /// Its name.
    pub name: &'static str,
    /// Its effect.
    pub help: &'static str,
    /// The keys that carry it out here.
    pub keys: String,
    /// The reason why it does nothing here; `None`: it works.
    pub off: Option<String>,
}

impl Palette {
    /// The entry on a shown row.
    pub fn entry_at(&self, row: usize) -> Option<&PaletteEntry> {
        self.entries.get(*self.rows.get(row)?)
    }

    pub(super) fn apply_filter(&mut self, height: usize) {
        let texts: Vec<String> = self.entries.iter().map(|e| format!("{} {}", e.name, e.action.name())).collect();
        let mut rows = fuzzy::filter_rows(self.field.text(), texts.iter().map(String::as_str));
        // What works comes first, in either part the best match.
        rows.sort_by_key(|at| self.entries.get(*at).is_none_or(|entry| entry.off.is_some()));
        self.rows = rows;
        self.cursor.select_row(0, self.rows.len(), height);
    }
}
