//! Plans that come to the same, folded; exceptions first.

use std::collections::HashMap;

use super::kinds::PlanKind;
use super::planned::Planned;
use super::undo_notes::UndoNotes;
use crate::policy::Change;

/// Plans of several repositories that come to the same: one of them speaks for all.
#[derive(Debug, Clone)]
pub struct PlanGroup<'a> {
    /// The first of them.
    pub first: &'a Planned,
    /// The others, in their order.
    pub others: Vec<&'a Planned>,
}

/// Folds plans that come to the same. Those that cannot go come first, then those that write, then those with nothing
/// to do; each kind in the order of the plans.
pub fn group_plans<'a>(plans: impl IntoIterator<Item = &'a Planned>) -> Vec<PlanGroup<'a>> {
    let plans: Vec<&Planned> = plans.into_iter().collect();
    let to_group = |indexes: Vec<usize>| {
        let mut all = indexes.into_iter().filter_map(|at| plans.get(at).copied());
        Some(PlanGroup { first: all.next()?, others: all.collect() })
    };
    group_indexes(plans.iter().copied()).into_iter().filter_map(to_group).collect()
}

/// Folds plans as [`group_plans`] does. Returns the indexes of each group.
pub fn group_indexes<'a>(plans: impl IntoIterator<Item = &'a Planned>) -> Vec<Vec<usize>> {
    let mut groups: Vec<(PlanKind, Vec<usize>)> = Vec::new();
    let mut known: HashMap<Essence, usize> = HashMap::new();
    for (index, plan) in plans.into_iter().enumerate() {
        let essence = Essence::of(plan);
        if let Some((_, group)) = known.get(&essence).and_then(|at| groups.get_mut(*at)) {
            group.push(index);
        } else {
            let kind = essence.kind;
            known.insert(essence, groups.len());
            groups.push((kind, vec![index]));
        }
    }
    groups.sort_by_key(|(kind, _)| *kind);
    groups.into_iter().map(|(_, group)| group).collect()
}

/// All that people read of a plan but its name and its texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Essence {
    kind: PlanKind,
    words: String,
    changes: Vec<String>,
    notes: Vec<String>,
}

impl Essence {
    fn of(plan: &Planned) -> Self {
        let lines = |mark: char, changes: &[Change]| -> Vec<String> {
            changes.iter().map(|change| format!("{mark} {}", plan.change_words(change))).collect()
        };
        let delta = &plan.delta;
        // A gain of today is told once.
        let held_back: Vec<Change> =
            plan.stated.iter().filter(|change| !delta.gains.contains(change)).cloned().collect();
        let stated = lines('~', &held_back);
        let changes = [lines('+', &delta.gains), lines('-', &delta.losses), stated].concat();
        let findings = plan.added.iter().map(|finding| format!("{} {}", finding.id, finding.message)).collect();
        let removal = plan.removal.iter().flat_map(|r| r.still_words().into_iter().chain(r.left_words())).collect();
        let unproved = plan.unproved.iter().map(|unproved| format!("{unproved:?}")).collect();
        let undo = plan.undo.iter().flat_map(UndoNotes::remaining_words).collect();
        let owned = plan.ownership_words().into_iter().collect();
        let deleted = plan.deleted.clone();
        let notes =
            [deleted, plan.denied_words(), plan.unknown_words(), findings, removal, undo, unproved, owned].concat();
        Self { kind: plan.kind(), words: plan.in_words(), changes, notes }
    }
}
