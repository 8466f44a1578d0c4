//! Holds what fixtures cannot: messages, places and fixes that depend on what is around them.

use super::*;
use crate::ecr::{AccountId, Partition};

const VENDOR: &str = r#"{"AWS": "arn:aws:iam::111111111111:root"}"#;
const PULL: &str = r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#;

/// A statement by its effect, its principal element, its action element and what else it holds.
fn element(effect: &str, who: &str, what: &str, more: &str) -> String {
    format!(r#"{{"Effect": "{effect}", {who}, {what}{more}}}"#)
}

fn allow(who: &str, what: &str) -> String {
    element("Allow", &format!("\"Principal\": {who}"), &format!("\"Action\": {what}"), "")
}

fn deny(who: &str, what: &str, condition: &str) -> String {
    let more = if condition.is_empty() { String::new() } else { format!(", \"Condition\": {condition}") };
    element("Deny", who, &format!("\"Action\": {what}"), &more)
}

fn of(statements: &[String]) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

fn with(who: &str, what: &str, condition: &str) -> String {
    of(&[element(
        "Allow",
        &format!("\"Principal\": {who}"),
        &format!("\"Action\": {what}"),
        &format!(", \"Condition\": {condition}"),
    )])
}

fn sid(sid: &str) -> String {
    GOOD.replace("\"AllowPull\"", &quote(sid))
}

fn quote(text: &str) -> String {
    crate::ecr::json_string::quote_string(text)
}

fn fixed(text: &str, id: &str) -> String {
    let all = found(text);
    let fix = all.iter().find(|f| f.id == id).and_then(|f| f.fix.clone());
    apply_fix(text, &fix.unwrap_or_else(|| panic!("{id} has no fix in {all:?}")))
}

#[test]
fn a_wildcard_in_a_principal_becomes_a_condition_on_the_accounts_principals() {
    let who = r#"{"AWS": ["arn:aws:iam::111111111111:role/ci-*", "arn:aws:iam::333333333333:root"]}"#;
    let text = fixed(&of(&[allow(who, PULL)]), "E013");
    assert!(
        text.contains(r#""Principal": {"AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::333333333333:root"]}"#)
    );
    let values = r#"["arn:aws:iam::111111111111:role/ci-*", "arn:aws:iam::333333333333:*"]"#;
    assert!(text.contains(&format!(r#", "Condition": {{"ArnLike": {{"aws:PrincipalArn": {values}}}}}}}"#)), "{text}");
    assert_eq!(ids(&text), [""; 0], "{text}");
    let more =
        with(r#"{"AWS": "arn:aws:iam::111111111111:user/*"}"#, PULL, r#"{"Bool": {"aws:SecureTransport": true}}"#);
    let text = fixed(&more, "E013");
    assert!(text.contains(r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/*"}, "Bool""#), "{text}");
    assert!(fixed(&principal(r#"{"AWS": "arn:aws:iam::111111111111:*"}"#), "E013").contains("111111111111:root"));
    let service = r#"{"AWS": "arn:aws:iam::111111111111:role/*", "Service": "lambda.amazonaws.com"}"#;
    let all = found(&of(&[allow(service, PULL)]));
    assert!(all.iter().any(|f| f.id == "E013" && f.fix.is_none()), "a service has no such key: {all:?}");
}

#[test]
fn exceptions_that_do_not_hold_become_a_condition() {
    let who = r#""NotPrincipal": {"AWS": ["arn:aws:iam::222222222222:root", "arn:aws:iam::222222222222:role/Admin"]}"#;
    let text = fixed(&of(&[deny(who, "\"ecr:*\"", "")]), "W207");
    let condition = r#"{"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/Admin"}}"#;
    assert!(text.contains(r#""Principal": "*""#) && text.contains(condition), "{text}");
    let last = of(&[element("Deny", "\"Action\": \"ecr:*\"", who, "")]);
    assert!(Policy::read(&fixed(&last, "W207")).is_ok(), "the exceptions may come last");
}

#[test]
fn what_is_added_to_a_list_follows_it() {
    let text = fixed(&action("[\n        \"ecr:BatchGetImage\"\n      ]"), "W204");
    assert_eq!(ids(&text), [""; 0], "{text}");
    assert!(!ids(&fixed(&of(&[allow(VENDOR, "\"ecr:PutImage\"")]), "W205")).contains(&"W205"));
}

#[test]
fn the_size_is_told_with_and_without_white_space() {
    let text = GOOD.replace("\"Version\"", &format!("{}\"Version\"", " ".repeat(11_000)));
    let all = found(&text);
    let finding = all.iter().find(|f| f.id == "E029").unwrap();
    let small = crate::text::minify(GOOD).unwrap().len();
    assert!(finding.message.contains(&text.len().to_string()) && finding.message.contains(&small.to_string()));
}

#[test]
fn a_misspelt_element_is_not_also_said_to_be_missing() {
    for (name, wrong) in
        [("Principal", "Principals"), ("Action", "Actions"), ("Effect", "effect"), ("Statement", "Statements")]
    {
        let text = GOOD.replace(&quote(name), &quote(wrong));
        assert_eq!(ids(&text), ["E003"], "{wrong}");
        assert_eq!(ids(&fixed(&text, "E003")), [""; 0]);
    }
    let both = GOOD.replace("\"Principal\"", "\"Other\"").replace("      ]\n", "      ] // pull\n");
    assert!(ids(&both).contains(&"E008"), "a comment hides nothing");
}

#[test]
fn a_repository_elsewhere_has_principals_of_its_own_partition() {
    let text = principal(r#"{"AWS": "arn:aws-us-gov:iam::111111111111:root"}"#);
    let at = |partition| {
        let options = CheckOptions { partition, ..CheckOptions::default() };
        check(&text, &options).iter().any(|f| f.id == "S114")
    };
    assert!(at(None) && at(Some(Partition::Aws)) && !at(Some(Partition::GovCloud)));
}

#[test]
fn what_aws_the_guide_and_we_write_is_clean() {
    // ECR user guide, repository policy examples; Lambda developer guide; the guide of the vendor that the wizard follows.
    let users = r#"{"AWS": ["arn:aws:iam::222222222222:user/push-pull-user-1", "arn:aws:iam::222222222222:user/push-pull-user-2"]}"#;
    let push_pull = r#"["ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability", "ecr:CompleteLayerUpload", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]"#;
    let admin = r#"{"AWS": "arn:aws:iam::222222222222:user/admin-user"}"#;
    let pull = r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#;
    let project = r#"{"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:eu-west-2:222222222222:project/app"}, "StringEquals": {"aws:SourceAccount": "222222222222"}}"#;
    let function = r#"{"StringLike": {"aws:sourceArn": "arn:aws:lambda:eu-west-2:222222222222:function:*"}}"#;
    let other = function.replace("222222222222", "111111111111");
    let lambda = r#"{"Service": "lambda.amazonaws.com"}"#;
    let address = r#"{"NotIpAddress": {"aws:SourceIp": "54.240.143.0/24"}}"#;
    let cross = with(lambda, pull, &other);
    let pair = cross.replacen('[', &format!("[{}, ", allow(VENDOR, pull)), 1);
    for text in [
        of(&[allow(users, push_pull)]),
        of(&[allow(VENDOR, pull)]),
        of(&[allow(&users.replace("push-", ""), pull), allow(admin, r#"["ecr:*"]"#)]),
        of(&[deny("\"Principal\": \"*\"", "\"ecr:*\"", address)]),
        with(r#"{"Service": "codebuild.amazonaws.com"}"#, pull, project),
        with(lambda, pull, function).replacen(
            "\"Effect\"",
            "\"Sid\": \"LambdaECRImageRetrievalPolicy\", \"Effect\"",
            1,
        ),
        pair,
    ] {
        assert_eq!(ids(&text), [""; 0], "{text}");
    }
    for owner in [None, AccountId::parse("222222222222").ok()] {
        let wanted = crate::Wanted {
            sid: "EcrGrantPull".to_owned(),
            principals: crate::WantedPrincipals::Aws(vec!["arn:aws:iam::111111111111:root".to_owned()]),
            actions: vec!["ecr:BatchGetImage".to_owned(), "ecr:GetDownloadUrlForLayer".to_owned()],
            conditions: Vec::new(),
        };
        let text = crate::edit::grant(None, &[wanted]).unwrap().text;
        assert_eq!(check(&text, &CheckOptions { owner, ..CheckOptions::default() }), [], "{text}");
    }
}

#[test]
fn whatever_cannot_be_seen_is_told_wherever_it_stands() {
    let odd = [
        ("\u{202e}", "cannot be seen"),
        ("\u{200d}", "cannot be seen"),
        ("\u{fe0f}", "cannot be seen"),
        ("\u{3164}", "cannot be seen"),
        ("\u{e0041}", "cannot be seen"),
        ("\u{9b}", "cannot be seen"),
        ("\\u001b", "cannot be seen"),
        ("\u{7f}", "cannot be seen"),
        ("\u{a0}", "no plain space"),
        ("\u{2003}", "no plain space"),
        ("\u{3000}", "no plain space"),
        ("\u{ff21}", "only looks like `A`"),
        ("\u{e000}", "different on each machine"),
    ];
    let places: [fn(&str) -> String; 10] = [
        |c| GOOD.replace("\"Statement\"", &format!("\"Id\": \"a{c}b\", \"Statement\"")),
        |c| GOOD.replace("\"Statement\"", &format!("\"Id{c}\": \"ab\", \"Statement\"")),
        |c| sid(&format!("a{c}b")).replace("\\\\u", "\\u"),
        |c| action(&format!("[\"ecr:Batch{c}GetImage\", \"ecr:GetDownloadUrlForLayer\"]")),
        |c| principal(&format!("{{\"AWS\": \"arn:aws:iam::111111111111:role/c{c}i\"}}")),
        |c| principal(&format!("\"*{c}\"")),
        |c| principal(&format!("{{\"AWS{c}\": \"111111111111\"}}")),
        |c| with(VENDOR, PULL, &format!("{{\"String{c}Equals\": {{\"aws:PrincipalTag/a\": \"x\"}}}}")),
        |c| with(VENDOR, PULL, &format!("{{\"StringEquals\": {{\"aws:Principal{c}Tag/a\": \"x\"}}}}")),
        |c| with(VENDOR, PULL, &format!("{{\"StringEquals\": {{\"aws:PrincipalTag/a\": [\"x\", \"y{c}\"]}}}}")),
    ];
    for (c, words) in odd {
        for (at, place) in places.iter().enumerate() {
            let text = place(c);
            let told = found(&text).into_iter().find(|f| f.id == "W213");
            assert!(told.as_ref().is_some_and(|f| f.message.contains(words)), "place {at}, {c:?}: {told:?} in {text}");
        }
    }
}
