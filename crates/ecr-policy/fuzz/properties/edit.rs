//! A grant only inserts, gives what was asked and nothing besides, and changes nothing when made again; a revoke only
//! deletes, gives nobody anything and takes from nobody else; the two give the bytes from before back; narrowing takes
//! nothing that is needed; layout keeps the meaning.

use ecr_policy::canonical::same_meaning;
use ecr_policy::delta::{delta, delta_for};
use ecr_policy::ecr::{AccountId, Grantee, recipe};
use ecr_policy::edit::{Revoked, grant, grant_for, narrow_statements, revoke};
use ecr_policy::syntax::parse;
use ecr_policy::{Condition, Effect, Policy, RevokeOptions, Wanted, WantedPrincipals, format, minify};

use super::{COMPARED, Input, is_within, read, with};

const ACCOUNT: &str = "111111111111";
const ABSENT: &str = "987654321098";

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
                deny(
                    "\"*\"",
                    r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-a1b2c3d4e5","o-a1b2c3d4e5/*"]}"#,
                ),
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
    let actions =
        if die & 64 == 0 { vec!["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] } else { vec!["ecr:PutImage"] };
    let actions = actions.into_iter().map(str::to_owned).collect();
    let wanted = Wanted { sid: "EcrGrantPull".to_owned(), principals, actions, conditions };
    (Grantee::parse(name).expect("a grantee"), wanted, format!(r#"{{"Statement":[{taken}]}}"#))
}

fn granting(text: &str, wanted: &Wanted) -> Option<String> {
    let old = Policy::read(text).ok()?;
    let edited = grant(Some(text), std::slice::from_ref(wanted)).expect("it can be read");
    let new = read(&edited.text);
    assert_eq!(edited.changed, edited.text != text);
    assert!(is_within(text, &edited.text));
    assert!(!grant(Some(&edited.text), std::slice::from_ref(wanted)).expect("it can be read").changed, "granted twice");
    for (at, (was, is)) in old.statements.iter().zip(&new.statements).enumerate() {
        assert!(
            edited.touched.contains(&at) || was.span.text_in(text) == is.span.text_in(&edited.text),
            "statement {at}"
        );
    }
    if text.len() <= COMPARED {
        let mut asked = read(&grant(None, std::slice::from_ref(wanted)).expect("nothing to read").text).statements;
        assert!(delta(Some(&new), Some(&with(&new, &asked))).is_empty(), "not everything was given: {}", edited.text);
        for statement in &mut asked {
            statement.effect = Effect::Deny;
        }
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

/// A grant at a known owner gives there all that was asked, and is "already there" only where it gives nothing.
fn granting_for(text: &str, wanted: &Wanted, owner: &AccountId) {
    if text.len() > COMPARED || Policy::read(text).is_err() {
        return;
    }
    let edited = grant_for(Some(text), std::slice::from_ref(wanted), Some(owner)).expect("it can be read");
    let (old, new) = (read(text), read(&edited.text));
    let asked = read(&grant(None, std::slice::from_ref(wanted)).expect("nothing to read").text).statements;
    let [left, right] = [with(&old, &asked), new];
    let change = delta_for(Some(&left), Some(&right), Some(owner));
    assert!(change.is_empty(), "{change:?}: {}", edited.text);
}

pub fn check_text(input: &str) {
    let input = Input::new(input);
    let (text, die) = (input.text, input.die);
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
    if let Some(owner) = &input.owner {
        granting_for(text, &wanted, owner);
    }
    if let (Some(purpose), true) = (recipe::find_recipe("pull"), parse(text).errors.is_empty())
        && let Ok(narrowed) = narrow_statements(text, &[0, 1], purpose)
    {
        let (old, new) = (read(text), read(&narrowed.text));
        if text.len() <= COMPARED {
            let change = delta(Some(&old), Some(&new));
            assert!(change.gains.is_empty(), "{change:?}");
            let needed = |name: &String| purpose.repository_actions().any(|a| a.name == *name);
            assert!(!change.losses.iter().flat_map(|loss| &loss.actions).any(needed), "{change:?}");
        }
    }
    for layout in [format, minify] {
        if let Some(laid_out) = layout(text) {
            assert_eq!(layout(&laid_out).as_deref(), Some(laid_out.as_str()));
            assert!(same_meaning(text, &laid_out));
        }
    }
}
