//! The state of step 6, apart from the model.

use std::sync::Arc;

use crate::ecr::{OwnerSide, Repository, Tags};
use crate::handoff::{Kit, KitSection};
use crate::plan::Request;
use crate::policy::RegistryPolicy;
use crate::wizard::Remote;
use crate::wizard::computation::deciding::HeldPolicies;
use crate::wizard::page::KeptPage;
use crate::wizard::remote::PATIENCE;
use crate::wizard::save::How;

/// The parts before those of the kit: the statements, and who has access.
const KEPT_PARTS: usize = 2;

/// The title of what was not written.
pub const PROPOSAL: &str = "This is what would be written";

/// The state of the step.
#[derive(Debug, Default)]
pub struct PermissionsStep {
    /// The repositories that have what was asked for.
    pub(super) entries: Vec<Shown>,
    /// The policies of each of them, read: the pages are made of this.
    pub(super) held: Vec<Remote<Arc<HeldPolicies>>>,
    /// The shown one of them.
    pub(super) repository: usize,
    /// The part that somebody went to: 0 the statements, 1 who has access, then the parts of the kit. `None`: the one that
    /// the screen opens on is shown.
    pub(super) part: Option<usize>,
    /// The first row that is shown.
    pub(super) scroll: usize,
    /// The names of the repositories that were not saved.
    pub(super) missing: Vec<String>,
    /// The other side's kit, where there was a request.
    pub(super) kit: Option<Kit>,
    /// The tags of the newest images of the only repository.
    pub(super) tags: Remote<Tags>,
    /// The request.
    pub(super) request: Option<Request>,
    /// Counts the changes of what is shown.
    pub(super) changes: u64,
    /// The shown page.
    pub(super) page: Option<KeptPage<PageKey>>,
}

/// All that the shown page depends on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PageKey {
    pub width: u16,
    /// The key that the page names.
    pub back: String,
    pub repository: usize,
    pub part: usize,
    pub is_told_as_checking: bool,
    pub changes: u64,
}

/// A repository with what it has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The repository.
    pub repository: Repository,
    /// Its policy; `None`: it has none.
    pub text: Option<String>,
    /// The policy from before.
    pub before: Option<String>,
    /// The policy of its registry.
    pub registry: RegistryPolicy,
    /// The source of the knowledge.
    pub how: How,
    /// The gains and losses by the plan, each in words; and what of it is not known.
    pub changes: Vec<String>,
    /// The state of the owner's side by the plan; none: the change took access away.
    pub planned_side: Option<OwnerSide>,
    /// Tells whether the policy says something else than the request alone comes to.
    pub is_by_hand: bool,
    /// The part of the request that the policy lacks after an edit by hand; in words.
    pub lacks: Option<String>,
}

impl Shown {
    /// Returns the state of the owner's side, as far as it is known; none: the change took access away.
    pub fn owner_side(&self) -> Option<OwnerSide> {
        if let Some(lacks) = &self.lacks {
            let words = format!("the policy was edited by hand and does not give {lacks}");
            return Some(OwnerSide::NotDone(vec![words]));
        }
        let side = self.planned_side.clone()?;
        let reason = match self.how {
            How::Saved | How::Already | How::Proposed => return Some(side),
            How::BesideOthers => OwnerSide::beside_others(),
        };
        Some(side.and(reason))
    }

    /// Tells whether its policy would be written, and was not.
    pub fn is_proposed(&self) -> bool {
        self.how == How::Proposed
    }

    /// Returns what became of the grant, in words; true where nothing holds it back.
    pub fn state_words(&self) -> (bool, String) {
        let deed = match self.how {
            How::Saved | How::BesideOthers => "saved",
            How::Already => "already granted",
            How::Proposed => {
                let side = self.owner_side().unwrap_or(OwnerSide::Unchanged);
                return (false, side.words_unwritten(PROPOSAL));
            }
        };
        match self.owner_side() {
            None => (true, deed.to_owned()),
            Some(side) => (matches!(side, OwnerSide::Done | OwnerSide::Unchanged), side.words_after(deed)),
        }
    }
}

impl PermissionsStep {
    /// Returns the repositories that have what was asked for.
    pub fn entries(&self) -> &[Shown] {
        &self.entries
    }

    /// Returns which of them is shown, from 0.
    pub fn repository(&self) -> usize {
        self.repository
    }

    /// Returns which part is shown, from 0.
    pub fn part(&self) -> usize {
        self.part.unwrap_or_else(|| self.opening_part())
    }

    /// Tells whether nobody went to a part since the screen opened.
    pub fn is_opening(&self) -> bool {
        self.part.is_none()
    }

    /// Returns the part that the screen opens on: the first one that somebody must still act on; otherwise the resulting
    /// statements.
    fn opening_part(&self) -> usize {
        let section = self.kit.as_ref().and_then(Kit::open_section);
        section.map_or(0, |at| at + KEPT_PARTS)
    }

    /// Returns the first row that is shown.
    pub fn scroll(&self) -> usize {
        self.scroll
    }

    /// Returns the names of the repositories that were not saved.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// Returns the other side's kit, where there was a request.
    pub fn kit(&self) -> Option<&Kit> {
        self.kit.as_ref()
    }

    /// Tells whether the policy of the shown repository would be written, and was not.
    pub fn is_proposal(&self) -> bool {
        self.shown_repository().is_some_and(Shown::is_proposed)
    }

    /// The repository that is shown.
    pub fn shown_repository(&self) -> Option<&Shown> {
        self.entries.get(self.repository)
    }

    /// Returns the policies of the shown repository, as far as they are read.
    pub fn shown_policies(&self) -> &Remote<Arc<HeldPolicies>> {
        self.held.get(self.repository).unwrap_or(&Remote::NotAsked)
    }

    /// Returns since when the shown repository is being read, where it takes so long that the screen says so.
    pub fn told_as_checking(&self, now: u64) -> Option<u64> {
        self.shown_policies().loading_since().filter(|since| now.saturating_sub(*since) >= PATIENCE)
    }

    /// Tells whether all that the repositories have is read, and so whether it is what was asked for.
    pub fn is_all_read(&self) -> bool {
        self.held.iter().all(|held| matches!(held, Remote::Ready(_)))
    }

    /// The titles of all parts, in their order.
    pub fn part_titles(&self) -> Vec<&str> {
        let mut titles = vec!["Statements", "Who has access"];
        titles.extend(self.kit.iter().flat_map(|kit| &kit.sections).map(KitSection::title));
        titles
    }

    /// Returns the part that is the message to send.
    pub fn message_part(&self) -> Option<usize> {
        let at = self.kit.as_ref()?.sections.iter().position(KitSection::is_message)?;
        Some(at + KEPT_PARTS)
    }

    /// Names repositories that were not saved.
    #[cfg(test)]
    pub(crate) fn leave_out(&mut self, missing: Vec<String>) {
        self.missing = missing;
        self.changes += 1;
    }

    pub(super) fn shown_section(&self) -> Option<&KitSection> {
        self.kit.as_ref()?.sections.get(self.part().checked_sub(KEPT_PARTS)?)
    }
}
