#![no_main]

use ecr_policy::ecr::{Grantee, recipe};
use ecr_policy::canonical::same_meaning;
use ecr_policy::delta::delta;
use ecr_policy::edit::{self, Revoked, grant, minify, narrow, revoke};
use ecr_policy::syntax::parse;
use ecr_policy::{Condition, Effect, Policy, RevokeOptions, Statement, Wanted, WantedPrincipals};
use libfuzzer_sys::fuzz_target;

const ACCOUNT: &str = "111111111111";
const ABSENT: &str = "987654321098";
/// Longer policies are left to the laws that need no `delta`.
const COMPARED: usize = 1_200;

/// Who is granted to: what is wanted for it, and the Deny that takes all from it.
fn who(die: usize) -> (Grantee, Wanted, String) {
    let root = |id: &str| format!("arn:aws:iam::{id}:root");
    let role = "arn:aws:iam::111111111111:role/ci";
    let on = |operator: &str, key: &str, value: &str| {
        vec![Condition { operator: operator.to_owned(), key: key.to_owned(), values: vec![value.to_owned()] }]
    };
    let deny = |who: &str, condition: &str| {
        format!(r#"{{"Effect":"Deny","Principal":{who},"Action":"*","Condition":{{{condition}}}}}"#)
    };
    let of_account = |id: &str| {
        [
            deny(&format!(r#"{{"AWS":"{id}"}}"#), ""),
            deny("\"*\"", &format!(r#""StringEquals":{{"aws:SourceAccount":"{id}"}}"#)),
            deny("\"*\"", &format!(r#""ArnLike":{{"aws:SourceArn":"arn:*:*:*:{id}:*"}}"#)),
        ]
        .join(",")
    };
    let aws = |text: String| WantedPrincipals::Aws(vec![text]);
    let (name, principals, conditions, taken) = match die % 5 {
        0 => (ACCOUNT, aws(root(ACCOUNT)), Vec::new(), of_account(ACCOUNT)),
        1 => (ABSENT, aws(root(ABSENT)), Vec::new(), of_account(ABSENT)),
        2 => (role, aws(role.to_owned()), Vec::new(), deny(&format!(r#"{{"AWS":"{role}"}}"#), "")),
        3 => (
            "o-a1b2c3d4e5",
            aws("*".to_owned()),
            on("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
            [
                deny("\"*\"", r#""StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#),
                deny("\"*\"", r#""StringEquals":{"aws:SourceOrgID":"o-a1b2c3d4e5"}"#),
                deny("\"*\"", r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-a1b2c3d4e5","o-a1b2c3d4e5/*"]}"#),
                deny("\"*\"", r#""ForAnyValue:StringLike":{"aws:SourceOrgPaths":["o-a1b2c3d4e5","o-a1b2c3d4e5/*"]}"#),
            ]
            .join(","),
        ),
        _ => (
            "lambda.amazonaws.com",
            WantedPrincipals::Service(vec!["lambda.amazonaws.com".to_owned()]),
            on("StringEquals", "aws:SourceAccount", "222222222222"),
            deny(r#"{"Service":"lambda.amazonaws.com"}"#, ""),
        ),
    };
    let actions = if die & 64 == 0 { vec!["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] } else { vec!["ecr:PutImage"] };
    let actions = actions.into_iter().map(str::to_owned).collect();
    let wanted = Wanted { sid: "EcrGrantPull".to_owned(), principals, actions, conditions };
    (Grantee::parse(name).expect("a grantee"), wanted, format!(r#"{{"Statement":[{taken}]}}"#))
}

fn read(text: &str) -> Policy {
    Policy::read(text).unwrap_or_else(|findings| panic!("{text}: {findings:?}"))
}

fn with(policy: &Policy, more: &[Statement]) -> Policy {
    let mut policy = policy.clone();
    policy.statements.extend_from_slice(more);
    policy
}

/// Whether the characters of a text stand in another one, in order.
fn is_within(part: &str, whole: &str) -> bool {
    let mut left = whole.chars();
    part.chars().all(|c| left.any(|d| d == c))
}

fn granting(text: &str, wanted: &Wanted) -> Option<String> {
    let old = Policy::read(text).ok()?;
    let edited = grant(Some(text), std::slice::from_ref(wanted)).expect("it can be read");
    let new = read(&edited.text);
    assert_eq!(edited.changed, edited.text != text);
    assert!(is_within(text, &edited.text));
    assert!(!grant(Some(&edited.text), std::slice::from_ref(wanted)).expect("it can be read").changed, "granted twice");
    for (at, (was, is)) in old.statements.iter().zip(&new.statements).enumerate() {
        assert!(edited.touched.contains(&at) || was.span.of(text) == is.span.of(&edited.text), "statement {at}");
    }
    if text.len() <= COMPARED {
        let mut asked = read(&grant(None, std::slice::from_ref(wanted)).expect("nothing to read").text).statements;
        assert!(delta(Some(&new), Some(&with(&new, &asked))).is_empty(), "not everything was given: {}", edited.text);
        asked.iter_mut().for_each(|s| s.effect = Effect::Deny);
        let besides = delta(Some(&with(&old, &asked)), Some(&with(&new, &asked)));
        assert!(besides.is_empty(), "{besides:?}: {}", edited.text);
    }
    edited.changed.then_some(edited.text)
}

fn revoking(text: &str, grantee: &Grantee, taken: &str, options: RevokeOptions) -> Option<Revoked> {
    let old = Policy::read(text).ok()?;
    let revoked = revoke(Some(text), std::slice::from_ref(grantee), options).expect("it can be read");
    assert_eq!(revoked.changed, revoked.text.as_deref() != Some(text));
    let new = revoked.text.as_deref().map(read);
    if let Some(rest) = &revoked.text {
        assert!(is_within(rest, text));
        assert!(!revoke(Some(rest), std::slice::from_ref(grantee), options).expect("it can be read").changed, "{rest}");
    }
    if text.len() <= COMPARED {
        let change = delta(Some(&old), new.as_ref());
        assert!(change.gains.is_empty(), "{change:?}");
        let taken = read(taken).statements;
        let none = Policy { statements: Vec::new(), ..old.clone() };
        let besides = delta(Some(&with(&old, &taken)), Some(&with(new.as_ref().unwrap_or(&none), &taken)));
        assert!(besides.is_empty(), "{besides:?}: {:?}", revoked.text);
    }
    Some(revoked)
}

fuzz_target!(|text: &str| {
    let die = text.len();
    let (grantee, wanted, taken) = who(die);
    let options = RevokeOptions { and_principals: die & 16 == 0, and_lambdas_own: die & 32 == 0 };
    let revoked = revoking(text, &grantee, &taken, options);
    if let Some(granted) = granting(text, &wanted)
        && let Some(back) = revoking(&granted, &grantee, &taken, options)
        && revoked.is_some_and(|r| !r.changed)
    {
        let back = back.text.expect("what was there stays");
        assert!(back == text || same_meaning(&back, text), "{back}");
    }
    if let (Some(purpose), true) = (recipe::find("pull"), parse(text).errors.is_empty())
        && let Ok(narrowed) = narrow(text, &[0, 1], purpose)
    {
        let (old, new) = (read(text), read(&narrowed.text));
        if text.len() <= COMPARED {
            let change = delta(Some(&old), Some(&new));
            assert!(change.gains.is_empty(), "{change:?}");
            let needed = |name: &String| purpose.repository_actions().any(|a| a.name == *name);
            assert!(!change.losses.iter().flat_map(|loss| &loss.actions).any(needed), "{change:?}");
        }
    }
    for layout in [edit::format, minify] {
        if let Some(laid_out) = layout(text) {
            assert_eq!(layout(&laid_out).as_deref(), Some(laid_out.as_str()));
            assert!(same_meaning(text, &laid_out));
        }
    }
});
