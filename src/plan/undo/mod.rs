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
use super::undo_notes::{UndoNotes, UndoWay};
use crate::ecr::{AccountId, Identity};
use crate::policy::canonical::same_meaning;
use crate::policy::delta::delta_for;
use crate::policy::edit::remove_deleted;
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

/// Plans to take a change back from one repository.
pub fn plan_undo(target: &Target, texts: &ChangedTexts, caller: Option<&Identity>) -> Planned {
    let baseline = Baseline::of(target.clone());
    let (way, remaining, planned) = try_undo(&baseline, target, texts, caller)
        .unwrap_or_else(|why| (UndoWay::Refused(why), Vec::new(), baseline.refuse_change()));
    Planned { undo: Some(UndoNotes { way, remaining }), ..planned }
}

/// Plans as [`plan_undo`] does. `Err`: why it cannot be done without losing what others wrote, in one clause.
fn try_undo(
    baseline: &Baseline,
    target: &Target,
    texts: &ChangedTexts,
    caller: Option<&Identity>,
) -> Result<(UndoWay, Vec<Change>, Planned), String> {
    let stored = target.stored.as_deref();
    let plan = |text: Option<String>| match text {
        Some(text) => baseline.plan_text(&text, &baseline.examine_text(&text), caller),
        None => baseline.plan_removal(caller),
    };
    let (old, new) = (texts.old.as_deref(), texts.new.as_deref());
    if means_same(stored, old) {
        return Ok((UndoWay::AlreadySo, Vec::new(), plan(target.stored.clone())));
    }
    if means_same(stored, new) {
        let (without, ids) = leave_deleted_out(old);
        if !ids.is_empty() {
            if means_same(stored, without.as_deref()) {
                return Err(format!(
                    "the change took out {} alone, and ECR takes no policy that names a deleted role or user",
                    ids.join(", ")
                ));
            }
            return Ok((UndoWay::WithoutDeleted(ids), Vec::new(), plan(without)));
        }
        let mut planned = plan(texts.old.clone());
        // ECR stored this very text before.
        if matches!(planned.verdict, Verdict::Refused(_)) && planned.policy.is_some() {
            planned.verdict = Verdict::Write;
        }
        return Ok((UndoWay::Exact, Vec::new(), planned));
    }
    let read = ReadTexts::read_all(stored, old, new)?;
    let mut merged = merge::merge_texts(&read)?;
    merged.text = leave_deleted_out(merged.text.as_deref()).0;
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
        return Ok((UndoWay::AlreadySo, remaining, plan(target.stored.clone())));
    }
    Ok((UndoWay::Partial, remaining, plan(merged.text)))
}

/// Returns a text without the deleted roles and users that it names, and their ids. A text that cannot be read stays.
fn leave_deleted_out(text: Option<&str>) -> (Option<String>, Vec<String>) {
    let Ok(cleaned) = remove_deleted(text) else { return (text.map(str::to_owned), Vec::new()) };
    let mut ids: Vec<String> = cleaned.removed.into_iter().map(|removed| removed.text).collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() { (text.map(str::to_owned), ids) } else { (cleaned.text, ids) }
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
