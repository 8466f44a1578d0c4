#![no_main]

use ecr_grant::policy::evaluate::{self, Request};
use ecr_grant::policy::{Answer, IdentityPolicies, evaluate as answer, evaluate_text};
use libfuzzer_sys::fuzz_target;

const REPOSITORY: &str = "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp";
const CALLERS: [&str; 6] = [
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::111111111111:role/ci",
    "arn:aws:sts::111111111111:assumed-role/ci/run",
    "arn:aws:iam::222222222222:user/ana",
    "lambda.amazonaws.com",
    "anonymous",
];

fuzz_target!(|text: &str| {
    for caller in CALLERS {
        for identity in [IdentityPolicies::All, IdentityPolicies::None] {
            let context = vec![
                ("aws:PrincipalOrgID".to_owned(), vec!["o-a1b2c3d4e5".to_owned()]),
                ("aws:SourceIp".to_owned(), vec!["203.0.113.7".to_owned()]),
            ];
            let Ok(request) = Request::new(caller, "ecr:BatchGetImage", REPOSITORY, identity, context) else { continue };
            let by_text = evaluate_text(text, &request);
            match evaluate::read(text) {
                Err(refused) => assert_eq!((refused.answer, by_text.answer), (Answer::Refused, Answer::Refused)),
                Ok(mut policy) => {
                    assert_eq!(answer(&policy, &request), by_text);
                    for statement in &mut policy.statements {
                        statement.effect = ecr_grant::policy::Effect::Deny;
                    }
                    // Nothing but the caller's own policies is left to allow anything.
                    let denied = answer(&policy, &request);
                    assert!(denied.answer != Answer::Allow || caller.contains("222222222222"), "{denied:?}");
                }
            }
        }
    }
});
