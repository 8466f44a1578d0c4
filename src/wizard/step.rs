//! The steps in their order.

/// The six documented steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Identity and Region.
    Account,
    /// The repositories.
    Repository,
    /// Grantees and actions.
    Actions,
    /// The exact document.
    Policy,
    /// Yes or no.
    Save,
    /// The resulting policy, and the work that is left.
    Permissions,
}

impl Step {
    /// All steps in their order.
    pub const ALL: [Self; 6] =
        [Self::Account, Self::Repository, Self::Actions, Self::Policy, Self::Save, Self::Permissions];

    /// Returns the step's number, from 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// Returns the step before, where there is one.
    pub fn step_before(self) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|s| *s < self)
    }
}
