//! Words for people.

use super::access::AccessTable;
use super::delta::Change;
use super::document::Condition;

/// What makes a change dangerous for the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Danger {
    /// Everyone gains something.
    Public,
    /// Somebody gains the right to put images in, possibly over existing tags.
    Push,
    /// Somebody gains the right to make images or the repository vanish.
    Delete,
    /// Somebody gains the right to change the policy itself.
    PolicyManagement,
}

/// Who has access, in one line, such as `account 111111111111, organization o-a1b2c3d4e5 can pull`.
pub fn access_words(_table: &AccessTable) -> String {
    String::new()
}

/// What a set of actions (names without `ecr:`) amounts to, such as `pull and describe`.
pub fn actions_words(_actions: &[String]) -> String {
    String::new()
}

/// A condition, such as `only from organization o-a1b2c3d4e5`.
pub fn condition_words(_condition: &Condition) -> String {
    String::new()
}

/// A change, such as `account 111111111111: pull (3 actions)`.
pub fn change_words(_change: &Change) -> String {
    String::new()
}

/// The dangers of a gain, from the model.
pub fn danger(_change: &Change) -> Vec<Danger> {
    Vec::new()
}
