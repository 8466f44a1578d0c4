//! The laws of what rewrites a text and keeps access as it is, or what is needed of it: fixes, layout, narrowing.

use ecr_policy::access::table;
use ecr_policy::canonical::same_meaning;
use ecr_policy::delta::delta;
use ecr_policy::ecr::{AccountId, recipe};
use ecr_policy::edit::narrow_statements;
use ecr_policy::lint::{apply_fix, check};
use ecr_policy::{CheckOptions, Delta, Effect, Policy, format, minify};
use proptest::prelude::*;

use super::cases;
use super::compare::{read, stops, stops_no_more};
use super::generate::{pick, policy};

/// Narrowing to a recipe: nobody gains, and nobody loses what the recipe allows.
pub(super) fn narrow_holds(text: &str, name: &str) -> Result<(), TestCaseError> {
    let purpose = recipe::find_recipe(name).unwrap();
    let old = read(text);
    let all: Vec<usize> = (0..old.statements.len()).collect();
    let narrowed = narrow_statements(text, &all, purpose).unwrap();
    let new = read(&narrowed.text);
    let change = delta(Some(&old), Some(&new));
    prop_assert!(change.gains.is_empty(), "{change:?}: {}", narrowed.text);
    let needed = |name: &String| purpose.repository_actions().any(|a| a.name == *name);
    prop_assert!(!change.losses.iter().flat_map(|l| &l.actions).any(needed), "{change:?}: {}", narrowed.text);
    prop_assert!(narrowed.has_changed() || narrowed.text == text);
    prop_assert!(stops_no_more(&stops(text), &stops(&narrowed.text)), "a new error: {}", narrowed.text);
    // Of what is left in a statement that could be cut, nothing is more than is needed.
    let again = narrow_statements(&narrowed.text, &(0..new.statements.len()).collect::<Vec<_>>(), purpose).unwrap();
    prop_assert!(!again.has_changed(), "narrowed twice: {}", again.text);
    let owner = AccountId::parse("222222222222").unwrap();
    for (at, statement) in new.statements.iter().enumerate() {
        let alone = Policy { statements: vec![statement.clone()], ..new.clone() };
        let rows = table(&alone, &owner).rows;
        let kept = statement.effect == Effect::Deny || again.kept.iter().any(|kept| kept.statement == at);
        prop_assert!(kept || rows.iter().flat_map(|row| &row.actions).all(needed), "statement {at}: {}", narrowed.text);
    }
    Ok(())
}

/// A fix never creates a new error, nor makes a policy that can be read one that cannot.
pub(super) fn fixes_hold(text: &str) -> Result<usize, TestCaseError> {
    let before = stops(text);
    let mut held = 0;
    for finding in check(text, &CheckOptions::default()) {
        let Some(fix) = &finding.fix else { continue };
        let fixed = apply_fix(text, fix);
        prop_assert!(fixed != text, "{finding:?} does nothing");
        if Policy::read(text).is_ok() {
            prop_assert!(Policy::read(&fixed).is_ok(), "{finding:?}: {fixed}");
            prop_assert!(stops_no_more(&before, &stops(&fixed)), "{finding:?} makes a new error: {fixed}");
            if !fix.changes_access {
                let change: Delta = delta(Some(&read(text)), Some(&read(&fixed)));
                prop_assert!(change.is_empty(), "{finding:?} changes access: {change:?}: {fixed}");
            }
        }
        held += 1;
    }
    Ok(held)
}

/// Layout alone changes nothing.
pub(super) fn layout_holds(text: &str) -> Result<(), TestCaseError> {
    for other in [format(text).unwrap(), minify(text).unwrap()] {
        prop_assert!(same_meaning(text, &other), "{other}");
        prop_assert!(delta(Some(&read(text)), Some(&read(&other))).is_empty(), "{other}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn narrowing_leaves_what_is_needed(text in policy(), recipe in pick(&["pull", "release", "push-pull"])) {
        narrow_holds(&text, &recipe)?;
    }

    #[test]
    fn a_fix_never_creates_a_new_error(text in policy()) {
        fixes_hold(&text)?;
    }

    #[test]
    fn layout_changes_nothing(text in policy()) {
        layout_holds(&text)?;
    }
}
