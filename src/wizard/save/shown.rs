//! Accessors of the step for the views: they read it and cannot change it.

use super::{Field, Phase, SaveEntry, SaveStep};
use crate::plan::Progress;
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

    /// Tells whether the word of a typed confirmation is being typed.
    pub fn is_typing(&self) -> bool {
        self.is_typing
    }

    /// Returns the number of repositories that were taken out of the plan.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Returns the counts of the writes under way, once they are told.
    pub fn running_progress(&self) -> Option<&Progress> {
        self.running.as_ref().and_then(|running| running.progress.as_ref())
    }

    /// Tells whether the writes under way are the last ones that begin.
    pub fn is_stopping(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.is_stopping)
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
