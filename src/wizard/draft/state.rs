//! The state of drafts, apart from the model.

use super::Draft;
use crate::wizard::age::ago;
use crate::wizard::{Prefill, RequestId, Step};

/// The state of drafts. At first nothing is kept: `on` says so.
#[derive(Debug, Default)]
pub struct Keeping {
    /// Tells whether drafts are kept and offered.
    pub on: bool,
    /// The draft that is asked about.
    pub(super) offered: Option<OfferedDraft>,
    /// The values of the command line, held back while the question is open.
    pub(super) flags: Option<Prefill>,
    /// The draft that is being restored, until all of it is in its place.
    pub(super) resume: Option<Resume>,
    /// The draft on disk, as far as it is known.
    pub(super) kept: Option<Draft>,
    pub(super) changed: Option<Changed>,
    /// The request to keep the draft and leave, while it is under way.
    pub(super) leaving: Option<RequestId>,
    /// Tells whether it was told already that nothing can be kept.
    pub(super) told: bool,
}

/// The time of the last event that may have changed the draft, in milliseconds of the model's clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changed {
    pub(super) first: u64,
    pub(super) last: u64,
}

/// A draft that the start has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedDraft {
    /// The draft.
    pub draft: Draft,
    /// The age of the draft, in seconds.
    pub age: u64,
}

impl OfferedDraft {
    /// Returns where and when it was left.
    pub fn when_and_where(&self) -> String {
        let step = self.draft.step;
        format!("Not saved, left {} at step {}, {}:", ago(self.age), step.number(), step.title())
    }
}

impl Keeping {
    /// The draft that is asked about.
    pub fn offered_draft(&self) -> Option<&OfferedDraft> {
        self.offered.as_ref()
    }

    /// Tells whether a draft is being gone on with, and not all of it is in its place yet.
    pub fn is_resuming(&self) -> bool {
        self.resume.is_some()
    }
}

/// The parts of a draft that are still to be restored.
#[derive(Debug)]
pub(in crate::wizard) struct Resume {
    pub(super) draft: Draft,
    /// Steps that the wizard takes by itself.
    pub(super) goal: Option<Step>,
    /// Tells whether step 3 has what is its own.
    pub(super) has_actions: bool,
}

impl Resume {
    pub(super) fn of_draft(draft: Draft) -> Self {
        Self { goal: Some(draft.step), has_actions: false, draft }
    }

    /// Tells whether the file knows more than the screens, texts that wait for their document aside.
    pub(super) fn is_on_its_way(&self) -> bool {
        self.goal.is_some() || !self.has_actions
    }
}
