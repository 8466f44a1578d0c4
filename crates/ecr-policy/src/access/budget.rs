//! The steps that an examination of a text may take.

use std::cell::Cell;

/// The most steps for one question, and for all questions about one text together.
pub(super) const STEPS_A_QUESTION: usize = 40_000;
const STEPS_IN_ALL: usize = 200_000;

/// The steps of them that an examination keeps for the questions behind the access table.
const STEPS_BEHIND_TABLE: usize = 20_000;

/// The steps that are left for all questions about one text, whichever part of the engine asks.
#[derive(Debug)]
pub(crate) struct StepBudget {
    left: Cell<usize>,
    kept: Cell<usize>,
}

impl Default for StepBudget {
    fn default() -> Self {
        Self { left: Cell::new(STEPS_IN_ALL), kept: Cell::new(0) }
    }
}

impl StepBudget {
    /// Returns the same budget with a part kept back, so that the access table leaves something to the questions behind it.
    pub fn of_examination() -> Self {
        Self { left: Cell::new(STEPS_IN_ALL - STEPS_BEHIND_TABLE), kept: Cell::new(STEPS_BEHIND_TABLE) }
    }

    /// Gives out what was kept back.
    pub fn release(&self) {
        self.left.set(self.left.get() + self.kept.take());
    }

    /// Returns how many are left.
    pub fn left(&self) -> usize {
        self.left.get()
    }

    /// Takes away the steps of a question.
    pub fn take(&self, steps: usize) {
        self.left.set(self.left.get().saturating_sub(steps));
    }

    /// Returns how many were taken.
    #[cfg(test)]
    pub fn taken(&self) -> usize {
        STEPS_IN_ALL - self.left.get() - self.kept.get()
    }
}
