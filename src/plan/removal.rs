//! A revoke in words: the parts that go, whatever still lets the grantees in, and what was left.

use crate::policy::edit::{Left, Reach, Removed, Revoked, Still};

/// The result of taking grantees out of one policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removal {
    /// The parts that go, in document order.
    pub removed: Vec<Removed>,
    /// The access that the grantees still have; indexes of statements are those of the new text.
    pub still: Vec<Still>,
    /// Statements that name the grantees and stay as they are; indexes in the new text.
    pub left: Vec<Left>,
    /// Tells whether it takes out what has ended, whoever has it.
    pub is_of_ended: bool,
}

impl Removal {
    /// Takes what the edit of the text found.
    pub(super) fn of(revoked: Revoked) -> Self {
        Self { removed: revoked.removed, still: revoked.still, left: revoked.left, is_of_ended: false }
    }

    /// Returns the parts that go, a clause each.
    pub fn removed_words(&self) -> Vec<String> {
        self.removed.iter().map(Removed::words).collect()
    }

    /// Returns the ways in which the grantees still get in, a clause each. Empty: this policy gives them nothing.
    pub fn still_words(&self) -> Vec<String> {
        self.still.iter().map(Still::words).collect()
    }

    /// Returns the statements that name them and stay, a clause each.
    pub fn left_words(&self) -> Vec<String> {
        self.left.iter().map(Left::words).collect()
    }

    /// Tells whether a statement without further conditions surely lets a grantee in still.
    pub fn is_incomplete(&self) -> bool {
        let is_sure = |by: &Reach| !matches!(by, Reach::Organization(_) | Reach::NotPrincipal);
        self.still.iter().any(|still| !still.conditional && is_sure(&still.by))
    }
}
