//! Plans to take a change back: exactly the old text where nothing changed since, else without what others did.
//!
//! Three texts count: the one from before the change, the one that it sent, and the one that is stored now. `merge`
//! compares their statements and says what goes and what comes back; `edits` does that to the stored text.

mod edits;
mod merge;
#[cfg(test)]
mod tests;

use super::baseline::Baseline;
use super::planned::{Planned, Target, Verdict};
use crate::ecr::{AccountId, Identity};
use crate::policy::canonical::same_meaning;
use crate::policy::delta::delta_for;
use crate::policy::evaluate::{Answer, evaluate};
use crate::policy::explain::change_words;
use crate::policy::{Change, Policy};

/// The texts of a change to one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedTexts {
    /// The text from before; none: there was no policy.
    pub old: Option<String>,
    /// The text that was sent; none: the policy was deleted.
    pub new: Option<String>,
}

/// The way in which a change is taken back from one repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoWay {
    /// What the change wrote is stored: the text from before comes back, every byte.
    Exact,
    /// Others wrote since: only what the change added goes, and only what it took comes back.
    Partial,
    /// The text from before is stored, or nothing of the change is left.
    AlreadySo,
}

/// The plan to take a change back from one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoPlan {
    /// The way.
    pub way: UndoWay,
    /// The plan.
    pub planned: Planned,
    /// What the change gave and what stays given, because other statements give it.
    pub remaining: Vec<Change>,
}

impl UndoPlan {
    /// Returns what will happen, in one clause.
    pub fn in_words(&self) -> String {
        let is_write = self.planned.will_write();
        match self.way {
            UndoWay::AlreadySo => "nothing of the change is left: nothing to write".to_owned(),
            _ if !is_write => self.planned.in_words(),
            UndoWay::Exact if self.planned.text.is_none() => "there was no policy before: it is removed".to_owned(),
            UndoWay::Exact => "the policy from before comes back, byte for byte".to_owned(),
            UndoWay::Partial if self.planned.text.is_none() => {
                "others wrote since, and nothing of theirs is left: the policy is removed".to_owned()
            }
            UndoWay::Partial => "others wrote since: only what the change did is taken back".to_owned(),
        }
    }

    /// Returns the sentences about access that stays, one for each party.
    pub fn remaining_words(&self) -> Vec<String> {
        let words = |change: &Change| format!("{}: other statements give it, so it stays", change_words(change));
        self.remaining.iter().map(words).collect()
    }
}

/// Plans to take a change back. `Err`: why it cannot be done without losing what others wrote, in one sentence.
pub fn plan_undo(target: &Target, texts: &ChangedTexts, caller: Option<&Identity>) -> Result<UndoPlan, String> {
    let baseline = Baseline::of(target.clone());
    let stored = target.stored.as_deref();
    let plan = |text: Option<String>| match text {
        Some(text) => baseline.plan_text(&text, &baseline.examine_text(&text), caller),
        None => baseline.plan_removal(caller),
    };
    let (old, new) = (texts.old.as_deref(), texts.new.as_deref());
    if means_same(stored, old) {
        return Ok(UndoPlan { way: UndoWay::AlreadySo, planned: plan(target.stored.clone()), remaining: Vec::new() });
    }
    if means_same(stored, new) {
        let mut planned = plan(texts.old.clone());
        // ECR stored this very text before.
        if matches!(planned.verdict, Verdict::Refused(_)) && planned.policy.is_some() {
            planned.verdict = Verdict::Write;
        }
        return Ok(UndoPlan { way: UndoWay::Exact, planned, remaining: Vec::new() });
    }
    let read = ReadTexts::read_all(stored, old, new)?;
    let merged = merge::merge_texts(&read)?;
    let owner = &target.repository.account;
    let after = merged.text.as_deref().map(read_policy).transpose()?;
    refuse_foreign_losses(&read, after.as_ref(), owner)?;
    let remaining = find_remaining(&read, after.as_ref(), owner);
    if !merged.is_changed {
        if let Some(change) = remaining.first() {
            return Err(format!(
                "what the change wrote was edited since, and {} through it still",
                change_words(change)
            ));
        }
        return Ok(UndoPlan { way: UndoWay::AlreadySo, planned: plan(target.stored.clone()), remaining });
    }
    Ok(UndoPlan { way: UndoWay::Partial, planned: plan(merged.text), remaining })
}

/// A text with its model; none: there is no policy.
type ReadText<'t> = Option<(&'t str, Policy)>;

/// The three texts, each with its model.
struct ReadTexts<'t> {
    stored: ReadText<'t>,
    old: ReadText<'t>,
    new: ReadText<'t>,
}

impl<'t> ReadTexts<'t> {
    fn read_all(stored: Option<&'t str>, old: Option<&'t str>, new: Option<&'t str>) -> Result<Self, String> {
        let read = |text: Option<&'t str>, which: &str| {
            let read = |text| read_policy(text).map(|policy| (text, policy));
            text.map(read).transpose().map_err(|_| {
                format!("others wrote since, and {which} cannot be read, so that nobody can tell what is theirs")
            })
        };
        Ok(Self {
            stored: read(stored, "the stored policy")?,
            old: read(old, "the policy from before the change")?,
            new: read(new, "the policy that the change wrote")?,
        })
    }
}

fn read_policy(text: &str) -> Result<Policy, String> {
    Policy::read(text).map_err(|_| "the text that would be stored cannot be read".to_owned())
}

fn policy_in<'a>(text: &'a ReadText<'_>) -> Option<&'a Policy> {
    text.as_ref().map(|(_, policy)| policy)
}

/// Refuses a text that would take access that the change did not give.
fn refuse_foreign_losses(read: &ReadTexts<'_>, after: Option<&Policy>, owner: &AccountId) -> Result<(), String> {
    let own = delta_for(policy_in(&read.new), policy_in(&read.old), Some(owner)).losses;
    let is_own = |loss: &Change| {
        let covers = |own: &Change| own.who == loss.who && loss.actions.iter().all(|name| own.actions.contains(name));
        own.iter().any(covers)
    };
    let losses = delta_for(policy_in(&read.stored), after, Some(owner)).losses;
    match losses.iter().find(|loss| !is_own(loss)) {
        Some(loss) => Err(format!("it would take from {} what others gave since", loss.who.words())),
        None => Ok(()),
    }
}

/// Returns what the change gave and what stays given.
fn find_remaining(read: &ReadTexts<'_>, after: Option<&Policy>, owner: &AccountId) -> Vec<Change> {
    let Some(after) = after else { return Vec::new() };
    let is_allowed = |change: &Change| {
        let request = change.witness.as_ref().and_then(|witness| witness.request().ok());
        request.is_some_and(|request| evaluate(after, &request).answer == Answer::Allow)
    };
    let gains = delta_for(policy_in(&read.old), policy_in(&read.new), Some(owner)).gains;
    gains.into_iter().filter(is_allowed).collect()
}

fn means_same(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same_meaning(a, b),
        (None, None) => true,
        _ => false,
    }
}
