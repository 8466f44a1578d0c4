//! Tests that no word meets together, as far as one look at their patterns tells.

use super::acceptor::Acceptor;
use super::pattern::{MOST_TOKENS, Pattern, are_apart, covers_pattern};
use super::walk::WordTest;

/// The most patterns of a test, and of all tests that a word must meet, that are held against the others one by one.
const MOST_HELD: usize = 64;
const MOST_HELD_IN_ALL: usize = 160;

/// Tells whether no word meets all tests: others of the same fields leave nothing of one, or two have no text together.
pub(super) fn excludes_all(tests: &[WordTest]) -> bool {
    let asking = || tests.iter().filter(|test| test.is_in && test.set.patterns.len() <= MOST_HELD);
    if asking().any(|test| is_excluded(test, tests)) {
        return true;
    }
    let count: usize = asking().map(|test| test.set.patterns.len()).sum();
    count <= MOST_HELD_IN_ALL
        && asking().enumerate().any(|(at, one)| {
            asking().take(at).any(|other| other.reads == one.reads && are_sets_apart(&one.set, &other.set))
        })
}

/// Tells whether other tests of the same fields leave nothing of what one asks for.
fn is_excluded(test: &WordTest, tests: &[WordTest]) -> bool {
    let same = || tests.iter().filter(|other| other.reads == test.reads);
    if let Some(mut listed) = test.set.listed() {
        return listed.all(|text| same().any(|other| other.set.has(text.clone()) != other.is_in));
    }
    let against = || same().filter(|other| !other.is_in && other.set.folds == test.set.folds);
    test.set.patterns.iter().all(|own| against().any(|other| covers(&other.set, own)))
}

fn covers(set: &Acceptor, own: &Pattern) -> bool {
    set.patterns.iter().any(|wider| wider.len() <= MOST_TOKENS && covers_pattern(wider, set.folds, own))
}

fn are_sets_apart(one: &Acceptor, other: &Acceptor) -> bool {
    let folds = one.folds || other.folds;
    one.patterns.iter().all(|own| other.patterns.iter().all(|theirs| are_apart(own, theirs, folds)))
}
