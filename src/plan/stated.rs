//! Tells what the statements of a write say, apart from what a Deny or a condition holds back today.

use crate::ecr::AccountId;
use crate::policy::access::table_for;
use crate::policy::delta::delta_for;
use crate::policy::document::{Effect, Policy, Statement};
use crate::policy::{Change, Class};

/// Returns who would gain what if no Deny stood in the way. A statement that is new or changed and opens nothing to
/// anybody is taken without its conditions: that they never hold is not proved here.
///
/// A dangerous statement behind a Deny takes effect on the day on which somebody else removes the Deny.
pub(super) fn stated_gains(old: &Policy, new: &Policy, touched: &[usize], owner: &AccountId) -> Vec<Change> {
    let opens_nothing = |statement: &Statement| {
        let alone = Policy { statements: vec![statement.clone()], ..new.clone() };
        !statement.conditions.is_empty() && table_for(&alone, Some(owner)).class == Class::None
    };
    let has_deny = new.statements.iter().any(|statement| statement.effect == Effect::Deny);
    let mut allows = Vec::new();
    let mut is_other = has_deny;
    for (at, statement) in new.statements.iter().enumerate().filter(|(_, s)| s.effect == Effect::Allow) {
        let mut statement = statement.clone();
        if touched.contains(&at) && opens_nothing(&statement) {
            statement.conditions.clear();
            is_other = true;
        }
        allows.push(statement);
    }
    if !is_other {
        return Vec::new();
    }
    let only_allows = |policy: &Policy| Policy {
        statements: policy.statements.iter().filter(|s| s.effect == Effect::Allow).cloned().collect(),
        ..policy.clone()
    };
    let new = Policy { statements: allows, ..new.clone() };
    delta_for(Some(&only_allows(old)), Some(&new), Some(owner)).gains
}
