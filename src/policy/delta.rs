//! Who gains and who loses between two policies.

use super::access::Who;
use super::document::{Condition, Policy};

/// One gain or loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Who.
    pub who: Who,
    /// Action names without `ecr:`, in the order of the action table.
    pub actions: Vec<String>,
    /// Under which conditions.
    pub conditions: Vec<Condition>,
}

/// The difference in access between two policies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delta {
    /// Who may do more.
    pub gains: Vec<Change>,
    /// Who may do less.
    pub losses: Vec<Change>,
}

impl Delta {
    /// Whether nobody gains or loses anything.
    pub fn is_empty(&self) -> bool {
        self.gains.is_empty() && self.losses.is_empty()
    }
}

/// Compares two policies; `None` is a repository without one.
pub fn delta(_old: Option<&Policy>, _new: Option<&Policy>) -> Delta {
    Delta::default()
}
