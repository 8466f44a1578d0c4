#![no_main]

use ecr_policy::ecr::POLICY_LIMIT;
use ecr_policy::canonical::same_meaning;
use ecr_policy::edit::{format, minify};
use ecr_policy::evaluate::{self, Request};
use ecr_policy::{Answer, Effect, IdentityPolicies, evaluate as answer, evaluate_text};
use libfuzzer_sys::fuzz_target;

const REPOSITORY: &str = "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp";
const CALLERS: [&str; 7] = [
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::111111111111:role/ci",
    "arn:aws:sts::111111111111:assumed-role/ci/run",
    "arn:aws:iam::222222222222:user/ana",
    "arn:aws:iam::222222222222:root",
    "lambda.amazonaws.com",
    "anonymous",
];

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
    [keys.len(), 2, 0].into_iter().zip([IdentityPolicies::All, IdentityPolicies::None, IdentityPolicies::All]).filter_map(
        move |(count, identity)| {
            let context = keys.iter().take(count).map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()]));
            Request::new(caller, "ecr:BatchGetImage", REPOSITORY, identity, context.collect()).ok()
        },
    )
}

fuzz_target!(|text: &str| {
    let laid_out = [format(text).filter(|t| t.chars().count() <= POLICY_LIMIT), minify(text)];
    for request in CALLERS.into_iter().flat_map(requests) {
        let by_text = evaluate_text(text, &request);
        let mut policy = match evaluate::read(text) {
            Err(refused) => {
                assert_eq!((refused.answer, by_text.answer), (Answer::Refused, Answer::Refused));
                return;
            }
            Ok(policy) => policy,
        };
        assert_eq!(answer(&policy, &request), by_text);
        // The order of statements does not matter, nor does one that is said twice.
        let mut other = policy.clone();
        other.statements.reverse();
        other.statements.extend_from_within(..other.statements.len().min(1));
        assert_eq!(answer(&other, &request).answer, by_text.answer);
        for statement in &mut policy.statements {
            statement.effect = Effect::Deny;
        }
        // Nothing but the caller's own policies is left to allow anything.
        let denied = answer(&policy, &request);
        let own = request.caller.arn().is_some_and(|arn| arn.account == "222222222222");
        assert!(denied.answer != Answer::Allow || own, "{denied:?}");
        for text in laid_out.iter().flatten() {
            let decision = evaluate_text(text, &request);
            assert_eq!((decision.answer, decision.allow, decision.deny), (by_text.answer, by_text.allow.clone(), by_text.deny.clone()));
        }
    }
    for other in laid_out.iter().flatten() {
        assert!(same_meaning(text, other), "{other}");
    }
});
