//! A text and the policy that is read of it get the same answers; layout, the order of statements and repeating one
//! change none; a refused policy allows nothing; a Deny of everything denies.

use ecr_policy::canonical::same_meaning;
use ecr_policy::ecr::POLICY_LIMIT;
use ecr_policy::evaluate::{Request, evaluate};
use ecr_policy::lint::{evaluate_text, storable};
use ecr_policy::{Answer, Effect, IdentityPolicies, format, minify};

use super::CALLERS;

const REPOSITORY: &str = "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp";

/// The requests of one caller, with much and with little known of them.
fn requests(caller: &str) -> impl Iterator<Item = Request> {
    let keys = [
        ("aws:PrincipalOrgID", "o-a1b2c3d4e5"),
        ("aws:SourceIp", "203.0.113.7"),
        ("aws:SourceAccount", "111111111111"),
        ("aws:CurrentTime", "2026-11-23T09:00:00Z"),
        ("aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"),
        ("aws:username", "ana"),
    ];
    let identities = [IdentityPolicies::All, IdentityPolicies::None, IdentityPolicies::All];
    [keys.len(), 2, 0].into_iter().zip(identities).filter_map(move |(count, identity)| {
        let context = keys.iter().take(count).map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()]));
        Request::new(caller, "ecr:BatchGetImage", REPOSITORY, identity, context.collect()).ok()
    })
}

pub fn check_text(text: &str) {
    let laid_out = [format(text).filter(|t| t.chars().count() <= POLICY_LIMIT), minify(text)];
    for request in CALLERS.into_iter().chain(["anonymous"]).flat_map(requests) {
        let by_text = evaluate_text(text, &request);
        let Ok(mut policy) = storable(text) else {
            assert_eq!(by_text.answer, Answer::Refused);
            return;
        };
        assert_eq!(evaluate(&policy, &request), by_text);
        // The order of statements does not matter, nor does one that is said twice.
        let mut other = policy.clone();
        other.statements.reverse();
        other.statements.extend_from_within(..other.statements.len().min(1));
        assert_eq!(evaluate(&other, &request).answer, by_text.answer);
        for statement in &mut policy.statements {
            statement.effect = Effect::Deny;
        }
        // Nothing but the caller's own policies is left to allow anything.
        let denied = evaluate(&policy, &request);
        let own = request.caller.arn().is_some_and(|arn| arn.account == "222222222222");
        assert!(denied.answer != Answer::Allow || own, "{denied:?}");
        for text in laid_out.iter().flatten() {
            let decision = evaluate_text(text, &request);
            assert_eq!(
                (decision.answer, &decision.allow, &decision.deny),
                (by_text.answer, &by_text.allow, &by_text.deny)
            );
        }
    }
    for other in laid_out.iter().flatten() {
        assert!(same_meaning(text, other), "{other}");
    }
}
