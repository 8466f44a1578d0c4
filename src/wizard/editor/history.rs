//! Undo and redo. A burst of typing, or of erasing, is one step; a word ends a burst, and so does any movement.

/// One replacement in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// The byte offset where it happened.
    pub at: usize,
    /// The text that went.
    pub removed: String,
    /// The outcome.
    pub inserted: String,
    /// The caret before it.
    pub before: usize,
    /// The caret after it.
    pub after: usize,
}

/// The kind of keys that made a change: changes of one kind may be one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Burst {
    /// Characters, one after the other.
    Typing,
    /// Backspace and Delete.
    Erasing,
    /// Anything else: always a step of its own.
    Whole,
}

#[derive(Debug, Clone, Default)]
pub(super) struct History {
    done: Vec<(Change, Burst)>,
    undone: Vec<Change>,
    open: bool,
}

impl History {
    /// Ends the burst: the next change begins a new step.
    pub fn seal_burst(&mut self) {
        self.open = false;
    }

    /// Remembers a change that was made.
    pub fn push_change(&mut self, change: Change, burst: Burst) {
        self.undone.clear();
        let joins = self.open
            && self.done.last_mut().is_some_and(|(last, kind)| *kind == burst && join_changes(last, &change, burst));
        if !joins {
            self.done.push((change, burst));
        }
        self.open = burst != Burst::Whole;
    }

    /// The change to take back.
    pub fn take_undo(&mut self) -> Option<Change> {
        self.seal_burst();
        let (change, _) = self.done.pop()?;
        self.undone.push(change.clone());
        Some(change)
    }

    /// The change to make again.
    pub fn take_redo(&mut self) -> Option<Change> {
        self.seal_burst();
        let change = self.undone.pop()?;
        self.done.push((change.clone(), Burst::Whole));
        Some(change)
    }

    /// Tells whether there is anything to take back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Tells whether there is anything to make again.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}

/// Makes one step of two changes, where they follow each other; `false`: they stay two.
fn join_changes(last: &mut Change, next: &Change, burst: Burst) -> bool {
    match burst {
        Burst::Typing => {
            let word_begins =
                last.inserted.ends_with(char::is_whitespace) && !next.inserted.starts_with(char::is_whitespace);
            if word_begins || !next.removed.is_empty() || next.at != last.at + last.inserted.len() {
                return false;
            }
            last.inserted.push_str(&next.inserted);
        }
        // Backspace goes to the left, Delete stays.
        Burst::Erasing if next.at + next.removed.len() == last.at => {
            last.removed.insert_str(0, &next.removed);
            last.at = next.at;
        }
        Burst::Erasing if next.at == last.at => last.removed.push_str(&next.removed),
        Burst::Erasing | Burst::Whole => return false,
    }
    last.after = next.after;
    true
}
