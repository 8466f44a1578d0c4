//! The steps that policies take which are hard to analyse, and what is answered.

use std::fmt::Write as _;

use super::super::changes::changes_within;
use super::super::{Class, StepBudget, table_within};
use crate::ecr::AccountId;
use crate::model::document::Policy;
use crate::testing::adversary::adversaries;

/// Each kind: the most steps of its table and of its difference, its class, whether that is proved, and how many lines of
/// the difference are not.
const KNOWN: &[(&str, [usize; 2], Class, bool, usize)] = &[
    ("accounts and a fence of patterns", [1_000, 141_000], Class::CrossAccount, true, 0),
    ("accounts and a Deny of patterns", [1_500, 200_000], Class::CrossAccount, true, 432),
    ("role patterns", [1_500, 200_000], Class::Public, true, 4),
    ("role patterns that exclude one another", [2_500, 3_500], Class::None, true, 0),
    ("places in an organization", [19_500, 200_000], Class::Organization, true, 4),
    ("places, a Deny for each", [9_000, 10_000], Class::Organization, true, 0),
    ("patterns of tags", [1_500, 1_000], Class::Public, true, 0),
    ("tags of many names", [2_500, 2_000], Class::Public, true, 0),
    ("named roles and a fence", [91_500, 1_500], Class::CrossAccount, true, 0),
    ("named roles and many fences", [200_000, 200_000], Class::CrossAccount, true, 148),
    ("fences on one key", [5_000, 4_500], Class::Public, true, 0),
    ("fences on the caller", [5_500, 12_500], Class::CrossAccount, true, 0),
    ("roles of all partitions", [114_000, 3_500], Class::None, true, 0),
    ("statements that may never match", [1_500, 1_000], Class::None, true, 0),
    ("wildcards that count", [2_000, 1_000], Class::None, true, 0),
    ("wildcards that count in one list", [2_000, 1_500], Class::None, true, 0),
    ("variables", [29_000, 200_000], Class::Public, true, 2),
    ("variables that must be equal", [2_000, 3_000], Class::CrossAccount, true, 0),
    ("variables in a list", [200_000, 200_000], Class::CrossAccount, true, 511),
    ("keys of several values", [1_000, 1_000], Class::Public, true, 0),
    ("keys of several values, a Deny for each", [3_000, 3_500], Class::Public, true, 0),
    ("statements with conditions of their own", [31_500, 1_000], Class::CrossAccount, true, 0),
    ("a Deny of three tests, many times", [2_500, 1_000], Class::Public, true, 0),
    ("no way through pairs of tests", [2_500, 1_000], Class::Public, true, 0),
    ("exceptions of principals", [6_500, 2_000], Class::None, true, 0),
    ("letter case", [73_000, 11_500], Class::None, true, 0),
    ("addresses", [1_000, 1_000], Class::Network, true, 0),
    ("addresses, a Deny for each", [1_500, 1_000], Class::Network, true, 0),
    ("dates", [1_500, 1_000], Class::Public, true, 0),
    ("sources of services", [14_000, 1_000], Class::Service, true, 0),
    ("accounts one by one", [75_500, 1_500], Class::None, true, 0),
];

#[test]
fn hard_policies_take_no_more_steps_than_told() {
    let owner = AccountId::parse("222222222222").unwrap();
    let mut told = String::new();
    let mut is_as_known = true;
    for adversary in adversaries() {
        assert!((9_900..=10_240).contains(&adversary.text.len()), "{}: {}", adversary.name, adversary.text.len());
        let [old, new] = [&adversary.text, &adversary.less].map(|text| Policy::read(text).unwrap());
        let budgets: [StepBudget; 2] = Default::default();
        let table = table_within(&old, Some(&owner), &budgets[0]);
        let lines = changes_within([Some(&old), Some(&new)], Some(&owner), &budgets[1]);
        let open = lines.iter().flatten().filter(|line| line.unproved.is_some()).count();
        let taken = budgets.map(|budget| budget.taken());
        let known = KNOWN.iter().find(|known| known.0 == adversary.name);
        is_as_known &= known.is_some_and(|(_, most, class, is_proved, unproved)| {
            taken.iter().zip(most).all(|(taken, most)| taken <= most)
                && (table.class, table.unproved.is_none(), open) == (*class, *is_proved, *unproved)
        });
        let round = taken.map(|taken| taken.div_ceil(500) * 500 + 500);
        let (class, is_proved) = (table.class, table.unproved.is_none());
        writeln!(told, "    ({:?}, {round:?}, Class::{class:?}, {is_proved}, {open}),", adversary.name).unwrap();
    }
    assert!(is_as_known, "other steps or answers than told:\n{told}");
}
