//! A policy does not differ from itself; gains one way are losses the other way; each line's witness is allowed by one
//! policy and not by the other; what plain requests gain or lose is in a line.

use ecr_policy::delta::{Change, delta_for};
use ecr_policy::{Delta, Effect, Policy};

use super::{Input, allows, plain_requests};

pub fn check_text(input: &str) {
    let input = Input::new(input);
    let Ok(old) = Policy::read(input.text) else { return };
    let new = match input.other.map(Policy::read) {
        None => changed_policy(&old, input.die),
        Some(Ok(new)) => new,
        Some(Err(_)) => return,
    };
    let owner = input.owner.as_ref();
    let delta = |old, new| delta_for(Some(old), Some(new), owner);
    assert!(delta(&old, &old).is_empty());
    let (there, back) = (delta(&old, &new), delta(&new, &old));
    for (one, other) in [(&there.gains, &back.losses), (&there.losses, &back.gains)] {
        // Where the steps did not suffice it hangs on the order which lines they were spent on.
        let is_shown = |lines: &[Change]| lines.iter().any(|line| line.witness.is_some());
        let is_proved = one.iter().chain(other).all(|line| line.witness.is_some());
        let is_unlike = one.is_empty() && is_shown(other) || other.is_empty() && is_shown(one);
        assert!(!is_unlike && (!is_proved || one == other), "{one:?}\n{other:?}");
    }
    for (change, before, after) in [(&there, &old, &new), (&back, &new, &old)] {
        is_shown(&change.gains, before, after);
        is_shown(&change.losses, after, before);
    }
    is_complete(&there, &old, &new, owner.map_or("666666666666", |id| id.as_str()));
}

/// Every line with a witness is a request that one policy allows and the other does not.
fn is_shown(changes: &[Change], before: &Policy, after: &Policy) {
    for change in changes {
        assert!(!change.actions.is_empty(), "{change:?}");
        let Some(witness) = &change.witness else {
            assert!(change.unproved.is_some(), "{change:?}");
            continue;
        };
        let request = witness.request().expect("a witness can be asked");
        assert!(allows(after, &request) && !allows(before, &request), "{change:?}");
        assert!(change.actions.iter().any(|a| format!("ecr:{a}") == witness.action), "{change:?}");
    }
}

fn is_complete(change: &Delta, old: &Policy, new: &Policy, owner: &str) {
    for request in plain_requests(owner, &[old, new]) {
        let (before, after) = (allows(old, &request), allows(new, &request));
        let told = |lines: &[Change]| lines.iter().any(|line| line.actions.contains(&request.action));
        assert!(!after || before || told(&change.gains), "gains untold: {request:?}");
        assert!(after || !before || told(&change.losses), "loses untold: {request:?}");
    }
}

/// Where the text is one policy, the other is that one with something changed.
fn changed_policy(policy: &Policy, die: usize) -> Policy {
    let mut policy = policy.clone();
    let count = policy.statements.len();
    let Some(statement) = policy.statements.get_mut((die / 8).checked_rem(count).unwrap_or_default()) else {
        return policy;
    };
    match die % 8 {
        0 => statement.effect = if statement.effect == Effect::Allow { Effect::Deny } else { Effect::Allow },
        1 => statement.principals.negated = !statement.principals.negated,
        2 => statement.actions.negated = !statement.actions.negated,
        3 => statement.conditions.clear(),
        4 => drop(statement.conditions.pop()),
        5 => drop(statement.principals.entries.pop()),
        6 => drop(statement.actions.patterns.pop()),
        _ => drop(policy.statements.pop()),
    }
    policy
}
