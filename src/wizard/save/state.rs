//! The state of step 5, apart from the model.

use super::begun_state::{BegunChange, ChangeToBegin};
use crate::ecr::RepositoryRef;
use crate::plan::{ChangedTexts, Confirmation, Outcome, Planned, Progress, Request, Verdict};
use crate::policy::Delta;
use crate::wizard::keymap::KeyScope;
use crate::wizard::{Cursor, RequestId, field::Field};
use std::collections::{BTreeSet, HashSet};

/// The state of the step.
#[derive(Debug, Default)]
pub struct SaveStep {
    /// The repositories, in their order.
    pub(super) entries: Vec<SaveEntry>,
    /// The state of the step.
    pub(super) phase: Phase,
    /// Tells whether Yes is the chosen answer of a plain confirmation; No at first.
    pub(super) yes: bool,
    /// The typed part of the word that confirms.
    pub(super) typed: Field,
    /// The chosen and the first shown row; with one repository only the first shown row counts.
    pub(super) cursor: Cursor,
    /// The rows about gains and losses that were on the screen, counted from the first one.
    pub(super) seen: BTreeSet<usize>,
    /// The notice that said why no yes was taken in a window of this size.
    pub(super) told_unseen: Option<String>,
    /// The request: makes an edit again on a text that changed underneath.
    pub(super) request: Option<Request>,
    /// The repositories that come to the same, as indexes; those that cannot go come first.
    pub(super) groups: Vec<Vec<usize>>,
    /// The repositories whose row, which stands for several, is unfolded.
    pub(super) unfolded: HashSet<RepositoryRef>,
    /// Tells whether the word of a typed confirmation for several repositories is being typed.
    pub(super) is_typing: bool,
    /// The number of repositories that were taken out of the plan.
    pub(super) left_out: usize,
    /// The writes under way.
    pub(super) running: Option<RunningSave>,
    /// The change that was planned from what is stored; none: the documents of step 4 are saved.
    pub(super) begun: Option<BegunChange>,
    /// Such a change whose plan is being made.
    pub(super) to_begin: Option<ChangeToBegin>,
    /// Sentences about what was written before it.
    pub(super) sentences_before: Vec<String>,
}

/// The writes under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningSave {
    /// The request.
    pub(super) id: RequestId,
    /// Since when, in milliseconds of the model's clock.
    pub(super) since: u64,
    /// The id of the change of the journal, once it is told.
    pub(super) change: Option<String>,
    /// The counts so far.
    pub(super) progress: Option<Progress>,
    /// Tells whether no further write is to begin.
    pub(super) is_stopping: bool,
    /// True until somebody moves through the rows: until then the first repository under way is kept in sight.
    pub(super) is_followed: bool,
}

/// One repository.
#[derive(Debug)]
pub struct SaveEntry {
    /// The plan for it.
    pub planned: Planned,
    /// Tells whether the document was edited by hand, so that the edit cannot be made again on another text.
    pub by_hand: bool,
    /// The progress.
    pub state: WriteState,
    /// The change that somebody else made between our reading and our write.
    pub underneath: Option<Underneath>,
    /// The edit that is being made again on that change; nothing of it is asked for before.
    pub(super) remaking: Option<Remaking>,
    /// Tells whether the text difference is shown.
    pub open: bool,
    /// Tells whether the repository is to be written, where its plan writes.
    pub is_ticked: bool,
    /// Something that the write waits for, in words.
    pub(super) waits_for: Option<String>,
    /// The id of the change of the journal that its write is in.
    pub(super) change: Option<String>,
    /// The mending under way.
    pub(super) mending: Option<Mending>,
}

/// The mending of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mending {
    /// To be begun.
    Wanted,
    /// Under way.
    Running {
        /// The request.
        id: RequestId,
        /// Since when, in milliseconds of the model's clock.
        since: u64,
    },
    /// The stored policy is read again.
    Reading,
}

/// The progress of making an edit again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remaking {
    /// To be begun.
    Wanted,
    /// Under way.
    Running {
        /// The request.
        id: RequestId,
        /// Since when, in milliseconds of the model's clock.
        since: u64,
    },
}

impl Remaking {
    /// Returns since when it is under way.
    pub fn running_since(self) -> Option<u64> {
        match self {
            Self::Wanted => None,
            Self::Running { since, .. } => Some(since),
        }
    }
}

/// The progress of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteState {
    /// Planned: written after a confirmation, where the plan says so.
    Planned,
    /// Confirmed, waiting for the writes before it.
    Queued,
    /// The write is under way.
    Writing {
        /// Since when, in milliseconds of the model's clock.
        since: u64,
    },
    /// The write ended.
    Ended(Outcome),
}

/// A change by somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Underneath {
    /// The text that our edit was made from.
    pub before: Option<String>,
    /// The text that is stored now.
    pub now: Option<String>,
    /// The gains and losses.
    pub delta: Delta,
}

/// The state of the step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Phase {
    /// There is nothing to write.
    #[default]
    Nothing,
    /// There is something to write, and the program may not: nothing is asked.
    ReadOnly,
    /// The confirmation is awaited.
    Asking(Confirmation),
    /// The writes are under way.
    Writing,
    /// All confirmed writes have ended.
    Ended,
}

impl SaveEntry {
    /// Begins with a plan. A repository that cannot be written is not ticked.
    pub(super) fn new(planned: Planned, by_hand: bool, open: bool) -> Self {
        Self {
            is_ticked: planned.will_write(),
            planned,
            by_hand,
            state: WriteState::Planned,
            underneath: None,
            remaking: None,
            open,
            waits_for: None,
            change: None,
            mending: None,
        }
    }

    /// Tells whether the confirmation that is asked for covers a write of this repository.
    pub fn is_asked(&self) -> bool {
        self.state == WriteState::Planned && self.planned.will_write() && self.is_ticked
    }

    /// Tells whether what was asked for stops this repository, and nothing of it was sent.
    pub fn is_exception(&self) -> bool {
        self.state == WriteState::Planned && self.planned.kind().is_exception()
    }

    /// The texts of what was surely or perhaps written, for an undo.
    pub(super) fn changed_texts(&self) -> Option<ChangedTexts> {
        let is_written = match &self.state {
            WriteState::Ended(Outcome::Unknown(_)) => true,
            WriteState::Ended(outcome) => matches!(
                outcome,
                Outcome::Written { .. } | Outcome::WrittenBesideOthers { .. } | Outcome::Replaced { .. }
            ),
            _ => false,
        };
        is_written.then(|| ChangedTexts { old: self.planned.stored.clone(), new: self.planned.text.clone() })
    }

    /// The text that this repository has for all we know, and whether that is certain: `None` where we cannot say that
    /// the grant is there.
    pub fn known_text(&self) -> Option<Holds> {
        let holds = |text: Option<String>, how| Some(Holds { text, how });
        match (&self.state, &self.planned.verdict) {
            (WriteState::Ended(Outcome::Written { stored, .. }), _) => holds(stored.clone(), How::Saved),
            (WriteState::Ended(Outcome::WrittenBesideOthers { stored, .. }), _) => {
                holds(stored.clone(), How::BesideOthers)
            }
            (WriteState::Ended(Outcome::AlreadyThere), _) => holds(self.planned.text.clone(), How::Already),
            (WriteState::Ended(Outcome::DryRun), _) => holds(self.planned.text.clone(), How::Proposed),
            (WriteState::Planned, Verdict::AlreadyGranted) => holds(self.planned.stored.clone(), How::Already),
            _ => None,
        }
    }

    /// Tells whether the program may not write it, of all that its plan says.
    fn is_held_read_only(&self, phase: &Phase) -> bool {
        let is_planned = self.state == WriteState::Planned && self.is_ticked;
        match self.planned.verdict {
            Verdict::Write => is_planned && *phase == Phase::ReadOnly,
            Verdict::ReadOnly(_) => self.state == WriteState::Planned,
            _ => false,
        }
    }

    pub(super) fn can_retry(&self) -> bool {
        matches!(self.state, WriteState::Ended(Outcome::Refused(_) | Outcome::Unknown(_))) || self.is_asked()
    }

    pub(super) fn is_changed(&self) -> bool {
        matches!(self.state, WriteState::Ended(Outcome::Changed { .. }))
    }
}

/// The text that a repository has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holds {
    /// The policy; `None`: it has none.
    pub text: Option<String>,
    /// The source of the knowledge.
    pub how: How,
}

/// The source of what is known about a repository's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It was saved and read back.
    Saved,
    /// It was saved, and somebody else wrote since: nobody has judged what they wrote.
    BesideOthers,
    /// It was there before.
    Already,
    /// It would be there: nothing was written.
    Proposed,
}

impl SaveStep {
    /// The scopes of keys, innermost first.
    pub fn key_scopes(&self) -> Vec<KeyScope> {
        let of_phase = match &self.phase {
            Phase::Asking(Confirmation::Typed { .. }) if self.is_typing || !self.is_many() => {
                return vec![KeyScope::TypedConfirm];
            }
            Phase::Asking(_) => vec![KeyScope::Plan, KeyScope::SaveRows, KeyScope::Confirm],
            Phase::Writing => vec![KeyScope::SaveRows],
            Phase::Nothing | Phase::ReadOnly => vec![KeyScope::Plan, KeyScope::SaveRows, KeyScope::Outcome],
            Phase::Ended => vec![KeyScope::SaveRows, KeyScope::Outcome],
        };
        let is_own = |scope: &KeyScope| self.is_many() || !matches!(scope, KeyScope::Plan | KeyScope::SaveRows);
        of_phase.into_iter().filter(is_own).chain([KeyScope::List, KeyScope::Commands]).collect()
    }

    /// Tells whether a write is under way, or confirmed ones wait for it.
    pub fn is_writing(&self) -> bool {
        self.phase == Phase::Writing
    }

    /// Returns whether the confirmation is awaited.
    pub fn is_asking(&self) -> bool {
        matches!(self.phase, Phase::Asking(_))
    }

    /// Returns since when somebody waits for a write, for a plan or for what it is made from.
    pub fn waiting_since(&self) -> Option<u64> {
        let of_entry = |entry: &SaveEntry| match (entry.state.clone(), entry.mending) {
            (WriteState::Writing { since }, _) | (_, Some(Mending::Running { since, .. })) => Some(since),
            _ => entry.remaking.and_then(Remaking::running_since),
        };
        let begun = self.to_begin.as_ref().map(|begun| begun.since);
        let running = self.running.as_ref().filter(|_| self.is_writing()).map(|running| running.since);
        begun.or(running).or_else(|| self.entries.iter().find_map(of_entry))
    }

    /// Sentences about what is not done or not known, for the scrollback.
    pub fn unfinished_sentences(&self) -> Vec<String> {
        let own = super::outcome::unfinished_sentences(&self.entries, &self.phase);
        let is_taken_back = |entry: &SaveEntry| {
            matches!(entry.state, WriteState::Ended(Outcome::Written { .. } | Outcome::AlreadyThere))
        };
        // What was told before the undo does not hold any more once all of it is taken back.
        let lead = if self.is_undo() && self.entries.iter().all(is_taken_back) { "taken back since: " } else { "" };
        own.into_iter().chain(self.sentences_before.iter().map(|sentence| format!("{lead}{sentence}"))).collect()
    }

    /// Sentences about the writes that came to something, for the scrollback.
    pub fn done_sentences(&self) -> Vec<String> {
        super::outcome::done_sentences(&self.entries)
    }

    /// Sentences about the writes under way, for an end that does not wait for them any longer.
    pub fn unanswered_sentences(&self) -> Vec<String> {
        super::outcome::unanswered_sentences(&self.entries)
    }

    /// Returns since when a change is being planned from what is stored.
    pub fn change_planned_since(&self) -> Option<u64> {
        self.to_begin.as_ref().map(|begun| begun.since)
    }

    /// Tells whether the plan takes a change back.
    pub fn is_undo(&self) -> bool {
        self.begun.as_ref().is_some_and(|begun| begun.intent.undone_change().is_some())
    }

    /// Tells whether the plan was made from what is stored, without a grant of the steps before.
    pub fn is_begun_change(&self) -> bool {
        self.begun.is_some()
    }

    /// Tells whether there are several repositories: then their texts are folded, and a cursor goes through the rows.
    pub fn is_many(&self) -> bool {
        self.entries.len() > 1
    }

    /// The first row that is shown.
    pub fn first_row(&self) -> usize {
        self.cursor.offset
    }

    /// Returns the text that a repository has, or would have where the program may not write it. `None`: neither is known.
    pub fn known_or_proposed(&self, entry: &SaveEntry) -> Option<Holds> {
        let proposed = || Holds { text: entry.planned.text.clone(), how: How::Proposed };
        entry.known_text().or_else(|| entry.is_held_read_only(&self.phase).then(proposed))
    }

    /// Tells whether a repository is held read-only, so that its change is only proposed.
    pub fn is_held(&self, entry: &SaveEntry) -> bool {
        entry.is_held_read_only(&self.phase)
    }

    /// Tells whether Permissions has something to show.
    pub fn has_something(&self) -> bool {
        self.entries.iter().any(|entry| self.known_or_proposed(entry).is_some())
    }

    /// Tells whether a change is held back for whoever may write it.
    pub fn has_proposal(&self) -> bool {
        let texts = self.entries.iter().filter_map(|entry| self.known_or_proposed(entry));
        texts.into_iter().any(|text| text.how == How::Proposed)
    }

    /// Tells whether the writes have ended and every repository has what it was to get.
    pub fn is_done(&self) -> bool {
        self.phase == Phase::Ended && self.entries.iter().all(|entry| entry.known_text().is_some())
    }

    pub(super) fn asks_or_writes(&self) -> bool {
        matches!(self.phase, Phase::Asking(_) | Phase::Writing)
    }
}
