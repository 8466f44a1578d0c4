use super::*;
use crate::evaluate_text;

const OWNER: &str = "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp";
const ROLE: &str = "arn:aws:iam::111111111111:role/ci";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/ci/build-7";
const OWN_ROLE: &str = "arn:aws:iam::222222222222:role/ci";

fn request(principal: &str, identity: IdentityPolicies) -> Request {
    Request::new(principal, "ecr:BatchGetImage", OWNER, identity, Vec::new()).unwrap()
}

fn decided(statements: &str, principal: &str, identity: IdentityPolicies) -> Decision {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    evaluate_text(&text, &request(principal, identity))
}

fn allow(who: &str) -> String {
    format!(r#"{{"Effect":"Allow",{who},"Action":"ecr:*"}}"#)
}

fn answer(statements: &str, principal: &str, identity: IdentityPolicies) -> Answer {
    let decision = decided(statements, principal, identity);
    assert!(!decision.is_unsure(), "{statements} {principal}: {decision:?}");
    decision.answer
}

use Answer::{Allow, ExplicitDeny, ImplicitDeny};
use IdentityPolicies::{All, None};

#[test]
fn across_accounts_both_sides_must_allow() {
    let account = allow(r#""Principal":{"AWS":"111111111111"}"#);
    assert_eq!(answer(&account, ROLE, All), Allow);
    assert_eq!(answer(&account, ROLE, None), ImplicitDeny);
    assert_eq!(answer(&account, "arn:aws:iam::333333333333:role/ci", All), ImplicitDeny);
    assert_eq!(answer(&allow(r#""Principal":"*""#), ROLE, None), ImplicitDeny);
}

#[test]
fn in_the_own_account_either_side_is_enough_but_naming_the_account_is_not() {
    let nothing = allow(r#""Principal":{"AWS":"111111111111"}"#);
    assert_eq!(answer(&nothing, OWN_ROLE, All), Allow);
    assert_eq!(answer(&nothing, OWN_ROLE, None), ImplicitDeny);
    assert_eq!(answer(&allow(r#""Principal":{"AWS":"222222222222"}"#), OWN_ROLE, None), ImplicitDeny);
    assert_eq!(answer(&allow(&format!(r#""Principal":{{"AWS":"{OWN_ROLE}"}}"#)), OWN_ROLE, None), Allow);
    assert_eq!(answer(&allow(r#""Principal":"*""#), OWN_ROLE, None), Allow);
}

#[test]
fn the_root_user_of_the_owner_may_what_is_not_denied() {
    let root = "arn:aws:iam::222222222222:root";
    assert_eq!(answer(&allow(r#""Principal":{"AWS":"111111111111"}"#), root, None), Allow);
    let deny = r#"{"Effect":"Deny","Principal":{"AWS":"222222222222"},"Action":"ecr:Batch*"}"#;
    assert_eq!(answer(deny, root, All), ExplicitDeny);
    let other = decided(&allow(r#""Principal":"*""#), "111111111111", None);
    assert!(other.is_unsure(), "a root user elsewhere has no identity policies: {other:?}");
}

#[test]
fn a_deny_wins_wherever_it_stands_and_the_statements_are_named() {
    let text = format!(
        r#"{},{{"Effect":"Deny","Principal":{{"AWS":"{ROLE}"}},"NotAction":"ecr:PutImage"}},{}"#,
        allow(r#""Principal":"*""#),
        allow(r#""Principal":{"AWS":"333333333333"}"#)
    );
    let decision = decided(&text, SESSION, All);
    assert_eq!((decision.answer, decision.allow, decision.deny), (ExplicitDeny, vec![1], vec![2]));
    assert_eq!(decision.parts, [Part::All, Part::All, Part::Principal]);
}

#[test]
fn principals_are_matched_kind_by_kind() {
    let user = "arn:aws:iam::111111111111:user/bob";
    let federated = "arn:aws:sts::111111111111:federated-user/bob";
    let cases = [
        (ROLE, SESSION, Allow),
        ("arn:aws:iam::111111111111:role/team/ci", SESSION, Allow),
        ("arn:aws:iam::111111111111:role/team/ci", ROLE, ImplicitDeny),
        (SESSION, ROLE, ImplicitDeny),
        (SESSION, "arn:aws:sts::111111111111:assumed-role/ci/build-8", ImplicitDeny),
        ("arn:aws:iam::111111111111:user/Bob", user, ImplicitDeny),
        (federated, federated, Allow),
        ("arn:aws:iam::111111111111:root", federated, Allow),
        ("arn:aws-cn:iam::111111111111:root", ROLE, ImplicitDeny),
        ("AROAEXAMPLEROLEID1234", ROLE, ImplicitDeny),
        ("*", SESSION, Allow),
        ("*", "lambda.amazonaws.com", Allow),
        ("111111111111", "lambda.amazonaws.com", ImplicitDeny),
        ("*", "anonymous", ImplicitDeny),
    ];
    for (entry, caller, expected) in cases {
        assert_eq!(
            answer(&allow(&format!(r#""Principal":{{"AWS":"{entry}"}}"#)), caller, All),
            expected,
            "{entry} {caller}"
        );
    }
    let service = allow(r#""Principal":{"Service":"lambda.amazonaws.com"}"#);
    assert_eq!(answer(&service, "lambda.amazonaws.com", None), Allow);
    assert_eq!(answer(&service, "codebuild.amazonaws.com", None), ImplicitDeny);
}

#[test]
fn a_role_name_in_another_letter_case_is_left_open() {
    let entry = allow(r#""Principal":{"AWS":"arn:aws:iam::111111111111:role/CI"}"#);
    for caller in [ROLE, SESSION] {
        let decision = decided(&entry, caller, All);
        assert_eq!(decision.answer, ImplicitDeny);
        assert!(decision.is_unsure(), "{caller}");
    }
}

#[test]
fn not_principal_is_sure_only_where_all_levels_or_none_are_named() {
    let deny = |entries: &str| {
        format!(
            r#"{},{{"Effect":"Deny","NotPrincipal":{{"AWS":[{entries}]}},"Action":"ecr:*"}}"#,
            allow(r#""Principal":"*""#)
        )
    };
    let root = r#""111111111111""#;
    let role = format!(r#""{ROLE}""#);
    let session = format!(r#""{SESSION}""#);
    assert_eq!(answer(&deny(&format!("{root},{role}")), ROLE, All), Allow);
    assert_eq!(answer(&deny(&format!("{root},{role},{session}")), SESSION, All), Allow);
    assert_eq!(answer(&deny(root), "arn:aws:iam::111111111111:root", All), Allow);
    assert_eq!(answer(&deny(&role), "arn:aws:iam::333333333333:role/ci", All), ExplicitDeny);
    assert_eq!(answer(&deny(root), "lambda.amazonaws.com", All), ExplicitDeny);
    for (entries, caller) in [(&role, ROLE), (&format!("{root},{role}"), SESSION), (&root.to_owned(), SESSION)] {
        let decision = decided(&deny(entries), caller, All);
        assert_eq!((decision.answer, decision.is_unsure()), (ExplicitDeny, true), "{entries} {caller}");
    }
}

#[test]
fn an_allow_with_not_principal_is_not_supported() {
    let open = r#"{"Effect":"Allow","NotPrincipal":{"AWS":["111111111111"]},"Action":"ecr:*"}"#;
    let other = decided(open, "arn:aws:iam::333333333333:role/x", All);
    assert_eq!((other.answer, other.is_unsure()), (Allow, true));
    assert!(decided(open, ROLE, All).is_unsure());
    assert_eq!(answer(open, "arn:aws:iam::111111111111:root", All), ImplicitDeny);
    let beside = format!("{open},{}", allow(r#""Principal":"*""#));
    assert_eq!(answer(&beside, "arn:aws:iam::333333333333:role/x", All), Allow, "another statement allows it surely");
    assert_eq!(answer(open, "arn:aws:iam::333333333333:role/x", None), ImplicitDeny);
}

#[test]
fn a_federated_user_may_be_one_whom_a_named_user_signed_in() {
    let federated = "arn:aws:sts::111111111111:federated-user/bob";
    let named = allow(r#""Principal":{"AWS":"arn:aws:iam::111111111111:user/ana"}"#);
    let decision = decided(&named, federated, All);
    assert_eq!((decision.answer, decision.is_unsure()), (ImplicitDeny, true));
    assert_eq!(answer(&named.replace("1111:user", "1112:user"), federated, All), ImplicitDeny);
    let deny = named.replace("Allow", "Deny");
    let denied = decided(&format!("{},{deny}", allow(r#""Principal":"*""#)), federated, All);
    assert_eq!((denied.answer, denied.is_unsure()), (Allow, true));
    let spared = r#"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111111111111:user/ana"},"Action":"ecr:*"}"#;
    let spared = decided(&format!("{},{spared}", allow(r#""Principal":"*""#)), federated, All);
    assert_eq!((spared.answer, spared.is_unsure()), (ExplicitDeny, true));
}

#[test]
fn an_empty_list_of_statements_is_refused_or_not() {
    let empty = evaluate_text(r#"{"Version":"2012-10-17","Statement":[]}"#, &request(ROLE, All));
    assert_eq!((empty.answer, empty.is_unsure()), (Answer::Refused, true));
    for text in [r#"{"Version":"2012-10-17"}"#, r#"{"Version":"2013-10-17","Statement":[]}"#, r#"{"Statement":{}}"#] {
        let decision = evaluate_text(text, &request(ROLE, All));
        assert_eq!((decision.answer, decision.is_unsure()), (Answer::Refused, false), "{text}");
    }
}

#[test]
fn what_is_open_counts_only_where_the_answer_hangs_on_it() {
    let open = r#"{"Effect":"Allow","Principal":"*","Action":"ecr:*","Condition":{"StringLike":{"aws:TagKeys":"a*"}}}"#;
    let tagged = |statements: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let mut request = request(ROLE, All);
        request.add("AWS:tagkeys", vec!["a1".to_owned(), "b".to_owned()]);
        evaluate_text(&text, &request)
    };
    assert!(tagged(open).is_unsure());
    let sure = tagged(&format!("{open},{}", allow(r#""Principal":"*""#)));
    assert!(!sure.is_unsure() && sure.answer == Allow && sure.allow == [2], "{sure:?}");
}

#[test]
fn what_ecr_would_refuse_is_not_evaluated() {
    for text in [
        "",
        "{}",
        "[1",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:*","Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/*"},"Action":"ecr:*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:*","Condition":{"StringIs":{"aws:a":"b"}}}]}"#,
    ] {
        let decision = evaluate_text(text, &request(ROLE, All));
        assert_eq!(decision.answer, Answer::Refused, "{text}");
        assert!(!decision.notes.is_empty(), "{text}");
    }
}

#[test]
fn the_referrers_of_an_image_are_listed_with_the_right_to_get_it() {
    let mut asked = request(ROLE, All);
    asked.action = "ListImageReferrers".to_owned();
    let text = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}}"#;
    assert_eq!(evaluate_text(text, &asked).answer, Allow);
    assert_eq!(evaluate_text(&text.replace("BatchGetImage", "ListImage*"), &asked).answer, ImplicitDeny);
}

#[test]
fn an_action_on_the_registry_is_no_matter_of_the_policy() {
    let mut asked = request(ROLE, None);
    asked.action = "GetAuthorizationToken".to_owned();
    let text = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"ecr:*"}}"#;
    let decision = evaluate_text(text, &asked);
    assert!(decision.answer == ImplicitDeny && decision.is_unsure() && decision.allow.is_empty());
}

#[test]
fn what_cannot_be_asked_is_said() {
    let ask = |principal: &str, action: &str, repository: &str| {
        Request::new(principal, action, repository, All, Vec::new()).unwrap_err()
    };
    assert!(ask("*", "ecr:BatchGetImage", OWNER).contains("everyone"));
    assert!(ask("bob", "ecr:BatchGetImage", OWNER).contains("bob"));
    assert!(ask(ROLE, "s3:GetObject", OWNER).contains("no action of ECR"));
    assert!(ask(ROLE, "ecr:Batch*", OWNER).contains("no action of ECR"));
    assert!(ask(ROLE, "ecr:BatchGetImage", "arn:aws:s3:::bucket").contains("no ARN of an ECR repository"));
}

#[test]
fn the_caller_tells_what_the_policy_asks_and_nobody_gave() {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:*","Condition":{
        "ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/*"},
        "StringLike":{"aws:SourceVpce":"${aws:PrincipalAccount}"}}}]}"#;
    let policy = Policy::read(text).unwrap();
    let mut asked = request(SESSION, All);
    asked.add_what_the_caller_tells(&policy);
    let keys: Vec<&str> = asked.context.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["aws:principalaccount", "aws:principalarn"]);
    assert_eq!(asked.absent_keys(&policy), ["aws:SourceVpce"]);
    assert_eq!(evaluate(&policy, &asked).parts, [Part::Condition(1)]);
    asked.add("aws:SourceVpce", vec!["111111111111".to_owned()]);
    assert_eq!(evaluate(&policy, &asked).answer, Allow);
}

/// Decides about a session of a role under one condition on the role's ARN, as the caller tells it.
fn decided_by_path(effect: &str, condition: &str, session: &str, given: &[&str]) -> Decision {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{},
            {{"Effect":"{effect}","Principal":"*","Action":"ecr:*","Condition":{{{condition}}}}}]}}"#,
        if effect == "Deny" { allow(r#""Principal":"*""#) } else { allow(r#""Principal":{"AWS":"999999999999"}"#) },
    );
    let policy = Policy::read(&text).unwrap();
    let mut asked = request(session, All);
    for arn in given {
        asked.add("aws:PrincipalArn", vec![(*arn).to_owned()]);
    }
    asked.add_what_the_caller_tells(&policy);
    evaluate(&policy, &asked)
}

#[test]
fn what_hangs_on_a_path_that_a_session_does_not_tell_is_unsure() {
    let like = |value: &str| format!(r#""ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/{value}"}}"#);
    for (value, answer, is_unsure) in [
        ("ci", Allow, false),
        ("*", Allow, false),
        ("c*", Allow, false),
        ("*ci", Allow, false),
        ("team/ci", ImplicitDeny, true),
        ("team/*", ImplicitDeny, true),
        ("*/ci", ImplicitDeny, true),
        ("t??m/*", ImplicitDeny, true),
        ("team/other", ImplicitDeny, false),
        ("other", ImplicitDeny, false),
    ] {
        let decision = decided_by_path("Allow", &like(value), SESSION, &[]);
        assert_eq!((decision.answer, decision.is_unsure()), (answer, is_unsure), "{value}: {decision:?}");
    }
    let given = decided_by_path("Allow", &like("team/*"), SESSION, &["arn:aws:iam::111111111111:role/team/ci"]);
    assert_eq!((given.answer, given.is_unsure()), (Allow, false));
    let pathless = decided_by_path("Allow", &like("team/*"), SESSION, &[ROLE]);
    assert_eq!((pathless.answer, pathless.is_unsure()), (ImplicitDeny, false));
    let role = decided_by_path("Allow", &like("team/*"), ROLE, &[]);
    assert_eq!((role.answer, role.is_unsure()), (ImplicitDeny, false), "a role's own ARN has its path");
    let fence = r#""StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/team/*"}"#;
    let fenced = decided_by_path("Deny", fence, SESSION, &[]);
    assert_eq!((fenced.answer, fenced.is_unsure()), (ExplicitDeny, true));
}

#[test]
fn the_path_of_a_role_of_identity_center_is_known_but_for_its_region() {
    let session = "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ana";
    let like = |value: &str| format!(r#""ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/{value}"}}"#);
    for (value, answer, is_unsure) in [
        ("aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*", Allow, false),
        ("aws-reserved/sso.amazonaws.com/*", Allow, false),
        ("aws-reserved/sso.amazonaws.com/eu-west-2/AWSReservedSSO_Admin_*", ImplicitDeny, true),
        ("aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*", Allow, true),
        ("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_*", ImplicitDeny, true),
        ("AWSReservedSSO_Admin_*", ImplicitDeny, false),
        ("team/*", ImplicitDeny, false),
    ] {
        let decision = decided_by_path("Allow", &like(value), session, &[]);
        assert_eq!((decision.answer, decision.is_unsure()), (answer, is_unsure), "{value}: {decision:?}");
    }
}

#[test]
fn the_repository_tells_what_the_policy_asks_and_nobody_gave() {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:*","Condition":{
        "StringEquals":{"aws:ResourceAccount":"222222222222","AWS:RequestedRegion":["eu-west-2"],
            "aws:PrincipalAccount":"${aws:ResourceAccount}","aws:PrincipalOrgID":"${aws:ResourceOrgID}",
            "aws:PrincipalTag/team":"${ecr:ResourceTag/team}${*}${aws:PrincipalTag/a, 'b'}"}}}]}"#;
    let policy = Policy::read(text).unwrap();
    let mut asked = request(OWN_ROLE, All);
    asked.add("aws:PrincipalOrgID", vec!["o-a1b2c3d4e5".to_owned()]);
    asked.add_what_the_caller_tells(&policy);
    asked.add_what_the_repository_tells(&policy);
    let value = |key: &str| asked.context.iter().find(|(k, _)| k == key).map(|(_, v)| v.join(","));
    assert_eq!(value("aws:resourceaccount").as_deref(), Some("222222222222"));
    assert_eq!(value("aws:requestedregion").as_deref(), Some("eu-west-2"));
    assert_eq!(value("aws:resourceorgid").as_deref(), Some("o-a1b2c3d4e5"), "the caller's account owns it");
    assert_eq!(asked.absent_keys(&policy), ["aws:PrincipalTag/team", "ecr:ResourceTag/team", "aws:PrincipalTag/a"]);
    let mut other = request(ROLE, All);
    other.add("aws:PrincipalOrgID", vec!["o-a1b2c3d4e5".to_owned()]);
    other.add("aws:RequestedRegion", vec!["eu-west-1".to_owned()]);
    other.add_what_the_repository_tells(&policy);
    assert!(other.context.iter().all(|(key, _)| key != "aws:resourceorgid"), "another account may be of another one");
    assert!(other.context.contains(&("aws:requestedregion".to_owned(), vec!["eu-west-1".to_owned()])));
    let old = Policy::read(&text.replace("2012-10-17", "2008-10-17")).unwrap();
    assert!(!other.absent_keys(&old).iter().any(|key| key.starts_with("ecr:")), "a variable is plain text there");
}
