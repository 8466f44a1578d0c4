#![no_main]

use ecr_policy::delta::{Change, delta};
use ecr_policy::evaluate::Request;
use ecr_policy::{Answer, Delta, Effect, IdentityPolicies, Policy, evaluate};
use libfuzzer_sys::fuzz_target;

const REPOSITORY: &str = "arn:aws:ecr:eu-west-2:666666666666:repository/vendorapp";
const CALLERS: [&str; 6] = [
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::111111111111:role/ci",
    "arn:aws:sts::111111111111:assumed-role/ci/run",
    "arn:aws:iam::333333333333:user/ana",
    "arn:aws:iam::999999999999:role/other",
    "lambda.amazonaws.com",
];

fn allows(policy: &Policy, request: &Request) -> bool {
    evaluate(policy, request).answer == Answer::Allow
}

/// Every line with a witness is a request that one policy allows and the other does not.
fn shown(changes: &[Change], before: &Policy, after: &Policy) {
    for change in changes {
        assert!(!change.actions.is_empty(), "{change:?}");
        let Some(witness) = &change.witness else { continue };
        let request = witness.request().expect("a witness can be asked");
        assert!(allows(after, &request) && !allows(before, &request), "{change:?}");
        assert!(change.actions.iter().any(|a| format!("ecr:{a}") == witness.action), "{change:?}");
    }
}

/// What plain requests gain or lose is in a line.
fn complete(change: &Delta, old: &Policy, new: &Policy) {
    for caller in CALLERS {
        for organization in ["o-a1b2c3d4e5", "o-bbbbbbbbbb"] {
            // What every request has: without them it is none that AWS could see.
            let mut context: Vec<(String, Vec<String>)> = [
                ("aws:SourceIp", "203.0.113.7"),
                ("aws:CurrentTime", "2026-11-23T09:00:00Z"),
                ("aws:EpochTime", "1795424400"),
                ("aws:SecureTransport", "true"),
            ]
            .map(|(key, value)| (key.to_owned(), vec![value.to_owned()]))
            .into();
            if caller.starts_with("arn:") {
                context.push(("aws:PrincipalOrgID".to_owned(), vec![organization.to_owned()]));
            }
            let all = IdentityPolicies::All;
            let Ok(mut request) = Request::new(caller, "ecr:BatchGetImage", REPOSITORY, all, context) else { continue };
            request.add_what_the_caller_tells(old);
            request.add_what_the_caller_tells(new);
            let (before, after) = (allows(old, &request), allows(new, &request));
            assert!(!after || before || !change.gains.is_empty(), "{caller} gains untold");
            assert!(after || !before || !change.losses.is_empty(), "{caller} loses untold");
        }
    }
}

/// Where the text is one policy, the other is that one with something changed.
fn changed(policy: &Policy, die: usize) -> Policy {
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

fuzz_target!(|text: &str| {
    let (old, new) = text.split_once('\u{1}').unwrap_or((text, ""));
    let Ok(old) = Policy::read(old) else { return };
    let new = if new.is_empty() { changed(&old, text.len()) } else if let Ok(new) = Policy::read(new) { new } else { return };
    assert!(delta(Some(&old), Some(&old)).is_empty());
    let (there, back) = (delta(Some(&old), Some(&new)), delta(Some(&new), Some(&old)));
    assert_eq!((&there.gains, &there.losses), (&back.losses, &back.gains));
    for (change, before, after) in [(&there, &old, &new), (&back, &new, &old)] {
        shown(&change.gains, before, after);
        shown(&change.losses, after, before);
    }
    complete(&there, &old, &new);
});
