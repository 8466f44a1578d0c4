//! An undo in words: how it is done, and what stays.

use crate::policy::Change;
use crate::policy::explain::change_words;

/// The way in which a change is taken back from one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndoWay {
    /// The text that the change wrote is stored: the one from before comes back, every byte.
    Exact,
    /// As `Exact`, without these deleted roles and users: ECR takes no policy that names one.
    WithoutDeleted(Vec<String>),
    /// Others wrote since: only what the change added goes, and only what it took comes back.
    Partial,
    /// The text from before is stored, or nothing of the change is left.
    AlreadySo,
    /// It cannot be done without losing what others wrote: why, in one clause.
    Refused(String),
}

/// An undo in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoNotes {
    /// The way.
    pub way: UndoWay,
    /// The access that the change gave and that stays, because other statements give it.
    pub remaining: Vec<Change>,
}

impl UndoNotes {
    /// Returns what will happen, in one clause. None: the verdict has the words.
    pub(super) fn in_words(&self, will_write: bool, is_removed: bool) -> Option<String> {
        let words = match &self.way {
            UndoWay::Refused(why) => format!("not written: {why}"),
            UndoWay::AlreadySo => "nothing of the change is left: nothing to write".to_owned(),
            _ if !will_write => return None,
            UndoWay::WithoutDeleted(ids) if is_removed => {
                format!(
                    "the policy from before named {} alone, which is deleted: the policy is removed",
                    ids.join(", ")
                )
            }
            UndoWay::WithoutDeleted(ids) => format!(
                "the policy from before comes back without {}: ECR takes no policy that names a deleted role or user",
                ids.join(", ")
            ),
            UndoWay::Exact if is_removed => "there was no policy before: it is removed".to_owned(),
            UndoWay::Exact => "the policy from before comes back, byte for byte".to_owned(),
            UndoWay::Partial if is_removed => {
                "others wrote since, and nothing of theirs is left: the policy is removed".to_owned()
            }
            UndoWay::Partial => "others wrote since: only what the change did is taken back".to_owned(),
        };
        Some(words)
    }

    /// Returns the access that stays, a sentence for each party.
    pub fn remaining_words(&self) -> Vec<String> {
        let words = |change: &Change| format!("{}: other statements give it, so it stays", change_words(change));
        self.remaining.iter().map(words).collect()
    }
}
