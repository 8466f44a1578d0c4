//! Tests that no word meets together, as far as one look at their patterns tells.

use super::acceptor::Acceptor;
use super::grammar::{FieldText, Shape};
use super::pattern::{MOST_TOKENS, Pattern, anything, are_apart, covers_pattern, exact};
use super::walk::WordTest;

/// The most patterns of a test, and of all tests that a word must meet, that are held against the others one by one.
const MOST_HELD: usize = 64;
const MOST_HELD_IN_ALL: usize = 160;

/// Tells whether no word meets all tests: others of the same fields leave nothing of one, two have no text together, or one
/// asks for another end than the text of a last field that another names.
pub(super) fn excludes_all(shapes: &[Shape], tests: &[WordTest]) -> bool {
    let asking = || tests.iter().filter(|test| test.is_in && test.set.patterns.len() <= MOST_HELD);
    if asking().any(|test| is_excluded(test, tests)) {
        return true;
    }
    let count: usize = asking().map(|test| test.set.patterns.len()).sum();
    if shapes.iter().all(|shape| named_ends(shape, tests).any(|(at, end)| is_end_refused(shape, tests, at, &end))) {
        return true;
    }
    count <= MOST_HELD_IN_ALL
        && asking().enumerate().any(|(at, one)| {
            asking().take(at).any(|other| other.reads == one.reads && are_sets_apart(&one.set, &other.set))
        })
}

/// The place of the last field that a test reads.
fn last_field(shape: &Shape, test: &WordTest) -> Option<usize> {
    shape.iter().rposition(|field| field.is & test.reads != 0)
}

/// The texts of last fields that tests of one text name: what follows a character that the field cannot hold.
fn named_ends<'t>(shape: &'t Shape, tests: &'t [WordTest]) -> impl Iterator<Item = (usize, Pattern)> + 't {
    tests.iter().filter(|test| test.is_in && test.set.patterns.len() == 1).filter_map(|test| {
        let text: String = test.set.listed()?.next()?.collect();
        let at = last_field(shape, test)?;
        let before = shape.iter().take(at).rev().find(|field| field.is & test.reads != 0)?;
        let (FieldText::Free { class, .. }, FieldText::Fixed(sign)) = (&shape.get(at)?.text, &before.text) else {
            return None;
        };
        let sign = sign.chars().last().filter(|c| !class.has(*c))?;
        let (_, end) = text.rsplit_once(sign)?;
        Some((at, anything().into_iter().chain(exact(end)).collect()))
    })
}

/// Tells whether a test that ends with the same field asks for another end.
fn is_end_refused(shape: &Shape, tests: &[WordTest], at: usize, end: &Pattern) -> bool {
    let ends_here = |test: &&WordTest| test.is_in && last_field(shape, test) == Some(at);
    let is_apart = |test: &WordTest| test.set.patterns.iter().all(|own| are_apart(own, end, test.set.folds));
    tests.iter().filter(ends_here).any(is_apart)
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
