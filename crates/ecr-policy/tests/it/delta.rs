//! The difference between two policies: exact, each line with a request that shows it; held against random requests.

use ecr_policy::delta::{Change, delta, delta_for};
use ecr_policy::ecr::AccountId;
use ecr_policy::evaluate::{Request, evaluate};
use ecr_policy::{Answer, Delta, Policy, Unproved};
use proptest::prelude::*;

use crate::requests::{Asked, OWNER, asked, cases, pair};

const REPOSITORY: &str = "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp";

/// Whether a line is about the caller and the action of a request.
fn covers(change: &Change, asked: &Asked) -> bool {
    asked.is_of(&change.who) && change.actions.contains(&asked.request.action)
}

/// A policy; a list without statements is none.
fn read(text: &str) -> Option<Policy> {
    (!text.contains(r#""Statement":[]"#)).then(|| Policy::read(text).unwrap())
}

/// Without a policy only what the owner's account allows by itself is allowed.
fn allows(policy: Option<&Policy>, request: &Request) -> bool {
    let nothing = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"s3:GetObject"}}"#;
    let none = Policy::read(nothing).unwrap();
    evaluate(policy.unwrap_or(&none), request).answer == Answer::Allow
}

/// Every line has a request that shows it.
fn proved(delta: &Delta, old: Option<&Policy>, new: Option<&Policy>) -> Result<(), TestCaseError> {
    for (changes, before, after) in [(&delta.gains, old, new), (&delta.losses, new, old)] {
        for change in changes {
            let witness = change.witness.as_ref();
            let Some(request) = witness.map(|w| w.request().unwrap()) else {
                // Not every value of a variable can be tried where letter case does not count.
                if change.unproved == Some(Unproved::Variable) {
                    continue;
                }
                return Err(TestCaseError::fail(format!("unproved: {change:?}")));
            };
            prop_assert!(allows(after, &request) && !allows(before, &request), "{change:?}");
            prop_assert!(change.actions.contains(&request.action), "{change:?}");
        }
    }
    Ok(())
}

/// Every request about which the policies differ is in a line.
fn complete(
    delta: &Delta,
    old: Option<&Policy>,
    new: Option<&Policy>,
    requests: &[Asked],
) -> Result<(), TestCaseError> {
    for asked in requests {
        let (before, after) = (allows(old, &asked.request), allows(new, &asked.request));
        let lines = if after { &delta.gains } else { &delta.losses };
        prop_assert!(before == after || lines.iter().any(|c| covers(c, asked)), "{asked:?} is not in {delta:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn whatever_a_request_gains_or_loses_is_in_a_line_and_every_line_is_shown((old, new) in pair(), requests in prop::collection::vec(asked("arn:aws:ecr:eu-west-2:666666666666:repository/app"), 40)) {
        let (old, new) = (read(&old), read(&new));
        let (old, new) = (old.as_ref(), new.as_ref());
        let change = delta(old, new);
        complete(&change, old, new, &requests)?;
        proved(&change, old, new)?;
        let back = delta(new, old);
        prop_assert_eq!((&back.gains, &back.losses), (&change.losses, &change.gains));
        prop_assert!(delta(old, old).is_empty() && delta(new, new).is_empty());
    }

    #[test]
    fn with_the_owner_the_rules_of_one_account_count((old, new) in pair(), requests in prop::collection::vec(asked(REPOSITORY), 40)) {
        let (old, new) = (read(&old), read(&new));
        let (old, new) = (old.as_ref(), new.as_ref());
        let owner = AccountId::parse(OWNER).unwrap();
        let change = delta_for(old, new, Some(&owner));
        complete(&change, old, new, &requests)?;
        proved(&change, old, new)?;
    }
}
