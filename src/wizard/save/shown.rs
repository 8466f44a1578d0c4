//! Accessors of the step for the views: they read it and cannot change it.

use super::{Field, Phase, SaveEntry, SaveStep};
use crate::wizard::Cursor;

impl SaveStep {
    /// Returns the repositories, in their order.
    pub fn entries(&self) -> &[SaveEntry] {
        &self.entries
    }

    /// Returns how far the step is.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Tells whether Yes is the chosen answer of a plain confirmation.
    pub fn is_yes_chosen(&self) -> bool {
        self.yes
    }

    /// Returns what is typed of the word of a typed confirmation.
    pub fn typed(&self) -> &Field {
        &self.typed
    }

    /// Returns the chosen and the first shown row.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }
}
