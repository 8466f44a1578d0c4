//! Action patterns, expanded over the actions that a repository policy can control.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::document::Actions;
use crate::ecr::action;
use crate::text::glob::glob_ignoring_case;
use crate::text::spelling::{nearest_name, shortened};

/// The repository-level actions, in the order of the action table.
static TABLE: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| action::repository_level().map(|info| info.name.as_str()).collect());

/// The repository-level actions, in the order of the action table: the places that an [`ActionSet`] speaks of.
pub(crate) fn action_names() -> &'static [&'static str] {
    &TABLE
}

/// Sorts names without `ecr:` in the order of the action table, unknown ones last, and drops repeats.
pub(crate) fn sort_actions(names: &mut Vec<String>) {
    static ORDER: LazyLock<HashMap<&'static str, usize>> =
        LazyLock::new(|| action::all_actions().iter().enumerate().map(|(at, a)| (a.name.as_str(), at)).collect());
    if names.len() > 1 {
        let at = |name: &String| ORDER.get(name.as_str()).copied().unwrap_or(usize::MAX);
        names.sort_by(|a, b| at(a).cmp(&at(b)).then_with(|| a.cmp(b)));
        names.dedup();
    }
}

/// Actions that a repository policy can control, by the names that they have in the action table. An `ecr:` name that
/// the table lacks may be newer than the table: it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActionSet {
    /// The actions of the table, a bit for each place.
    known: u64,
    /// The actions that the table lacks, sorted.
    newer: Vec<String>,
}

impl ActionSet {
    /// Returns what a statement is about.
    pub fn of(actions: &Actions) -> Self {
        let mut set = Self::default();
        for pattern in actions.patterns.iter().map(|p| p.value.as_str()) {
            let fitting = matching_bits(pattern);
            set.known |= fitting;
            // What is excepted need not be known.
            let newer = ecr_part(pattern).filter(|bare| fitting == 0 && !actions.negated && is_name(bare));
            set.newer.extend(newer.filter(|bare| action::find_action(bare).is_none()).map(str::to_owned));
        }
        if actions.negated {
            set.known = matching_bits("*") & !set.known;
        }
        set.newer.sort_unstable();
        set.newer.dedup();
        set
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known == 0 && self.newer.is_empty()
    }

    /// Tells whether a name without `ecr:`, spelt as in the table, is one of them.
    pub fn contains(&self, name: &str) -> bool {
        match TABLE.iter().position(|known| *known == name) {
            Some(at) => (self.known >> at) & 1 == 1,
            None => self.newer.iter().any(|newer| newer == name),
        }
    }

    /// Tells whether all of them are in another set too.
    pub fn is_within(&self, other: &Self) -> bool {
        self.known & !other.known == 0 && self.newer.iter().all(|name| other.newer.contains(name))
    }

    /// The names without `ecr:`, in the order of the action table, those that it lacks last.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let known = TABLE.iter().enumerate().filter(|(at, _)| (self.known >> at) & 1 == 1).map(|(_, name)| *name);
        known.chain(self.newer.iter().map(String::as_str))
    }

    /// The same as texts of their own.
    pub fn names(&self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }

    /// Tells whether the action at a place is one of them; `newer` tells the name of one that the table lacks.
    pub(crate) fn has_place<'n>(&self, place: usize, newer: impl FnOnce() -> Option<&'n str>) -> bool {
        if place < TABLE.len() {
            (self.known >> place) & 1 == 1
        } else {
            newer().is_some_and(|name| self.newer.iter().any(|newer| newer == name))
        }
    }

    /// Returns the actions that one of the others has too.
    pub(crate) fn within(&self, others: &[&Self]) -> Self {
        let known = others.iter().fold(0, |all, other| all | other.known);
        let is_there = |name: &&String| others.iter().any(|other| other.newer.contains(name));
        Self { known: self.known & known, newer: self.newer.iter().filter(is_there).cloned().collect() }
    }

    /// Returns the actions of the table, a bit for each place.
    pub(crate) fn known_bits(&self) -> u64 {
        self.known
    }

    /// Returns the actions that the table lacks.
    pub(crate) fn unknown_names(&self) -> &[String] {
        &self.newer
    }
}

/// The actions of the table that a pattern fits, a bit for each place.
pub(crate) fn matching_bits(pattern: &str) -> u64 {
    let Some(bare) = ecr_part(pattern) else { return 0 };
    let bit = |at: usize| 1u64.checked_shl(at as u32).unwrap_or(0);
    if bare == "*" {
        return bit(TABLE.len()).wrapping_sub(1);
    }
    if !bare.contains(['*', '?']) {
        return TABLE.iter().position(|name| bare.eq_ignore_ascii_case(name)).map_or(0, bit);
    }
    let fitting = TABLE.iter().enumerate().filter(|(_, name)| glob_ignoring_case(bare, name));
    fitting.fold(0, |all, (at, _)| all | bit(at))
}

/// The names, without `ecr:`, that a statement is about, in the order of the action table; those that it lacks last.
pub(crate) fn expand_names(actions: &Actions) -> Vec<String> {
    ActionSet::of(actions).names()
}

/// Tells whether a pattern such as `ecr:BatchGet*` fits a name without prefix; letter case does not count.
pub(crate) fn pattern_fits(pattern: &str, name: &str) -> bool {
    match ecr_part(pattern) {
        Some(bare) if bare.contains(['*', '?']) => glob_ignoring_case(bare, name),
        Some(bare) => bare.eq_ignore_ascii_case(name),
        None => false,
    }
}

/// The part of a pattern that is about ECR.
fn ecr_part(pattern: &str) -> Option<&str> {
    if matches!(pattern, "*" | "*:*") {
        return Some("*");
    }
    let (service, bare) = pattern.split_once(':')?;
    service.eq_ignore_ascii_case("ecr").then_some(bare)
}

/// Finds the action that a misspelt or shortened name, without `ecr:`, probably means.
pub fn nearest_action(bare: &str) -> Option<&'static str> {
    let names = || action::all_actions().iter().map(|info| info.name.as_str());
    nearest_name(bare, names()).or_else(|| shortened(bare, names()))
}

fn is_name(bare: &str) -> bool {
    !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Span, Spanned};

    fn expanded(negated: bool, patterns: &[&str]) -> Vec<String> {
        let patterns =
            patterns.iter().map(|p| Spanned { span: Span::default(), value: (*p).to_owned() }).collect::<Vec<_>>();
        expand_names(&Actions { negated, patterns })
    }

    #[test]
    fn wildcards_cover_the_table_and_nothing_else() {
        for all in ["*", "ecr:*", "ECR:*", "*:*"] {
            assert_eq!(expanded(false, &[all]).len(), 35);
            assert!(expanded(true, &[all]).is_empty());
        }
        assert_eq!(
            expanded(false, &["ecr:GetDownloadUrlForLayer", "ecr:batchget?mage"]),
            ["BatchGetImage", "GetDownloadUrlForLayer"]
        );
        assert_eq!(expanded(true, &["ecr:PutImage"]).len(), 34);
        assert!(expanded(false, &["s3:*", "ecr:GetAuthorizationToken", "ecr: ListImages", "ListImages"]).is_empty());
    }

    #[test]
    fn a_name_newer_than_the_table_is_kept() {
        assert_eq!(expanded(false, &["ecr:FlyImage", "ecr:PutImage"]), ["PutImage", "FlyImage"]);
    }
}
