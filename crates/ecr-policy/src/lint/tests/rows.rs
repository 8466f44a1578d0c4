//! Rows of the table, each with a text that fires, the words under its mark, and a near miss that does not.

use super::*;
use crate::delta::delta;
use crate::ecr::{AccountId, Partition};

const VENDOR: &str = r#"{"AWS": "arn:aws:iam::111111111111:root"}"#;
const PULL: &str = r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#;
const ALL_PUSH: &str = r#"["ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:BatchCheckLayerAvailability"]"#;

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
    crate::syntax::quote(text)
}

/// The row, a text, what is under its mark, whether there is a fix and whether that one asks first, a near miss.
type Case = (&'static str, String, &'static str, Option<bool>, String);

fn grammar() -> Vec<Case> {
    let good = GOOD.to_owned();
    let role = r#"{"AWS": "arn:aws:iam::111111111111:role/ci"}"#;
    vec![
        ("E003", GOOD.replace("\"Principal\"", "\"Principals\""), "\"Principals\"", Some(false), good.clone()),
        ("E006", GOOD.replace("\"Allow\"", "\"ALLOW\""), "\"ALLOW\"", Some(false), good.clone()),
        ("E011", principal("\"lambda.amazonaws.com\""), "\"lambda.amazonaws.com\"", Some(false), principal("\"*\"")),
        ("E012", principal(r#"{"Account": "111111111111"}"#), "\"Account\"", Some(false), principal(role)),
        (
            "E013",
            principal(r#"{"AWS": "arn:aws:sts::111111111111:assumed-role/ci/*"}"#),
            "\"arn:aws:sts::111111111111:assumed-role/ci/*\"",
            Some(true),
            principal(r#"{"AWS": "arn:aws:sts::111111111111:assumed-role/ci/run"}"#),
        ),
        (
            "E014",
            principal(r#"{"Service": "https://codebuild.amazonaws.com/"}"#),
            "\"https://codebuild.amazonaws.com/\"",
            Some(true),
            principal(r#"{"Service": "codebuild.amazonaws.com"}"#),
        ),
        ("E016", GOOD.replace("\"Sid\": \"AllowPull\"", "\"Resource\": \"*\""), "\"Resource\"", Some(false), good),
        (
            "E017",
            action("\"ecr:BatchGetImage, ecr:GetDownloadUrlForLayer\""),
            "\"ecr:BatchGetImage, ecr:GetDownloadUrlForLayer\"",
            Some(true),
            action(PULL),
        ),
        ("E017", action(r#"[" ecr:BatchGetImage"]"#), "\" ecr:BatchGetImage\"", Some(true), action(PULL)),
        (
            "E018",
            action(r#"["ecr:Batch-Get-Image", "ecr:GetDownloadUrlForLayer"]"#),
            "\"ecr:Batch-Get-Image\"",
            Some(true),
            action(r#"["ecr:BatchGetImag", "ecr:GetDownloadUrlForLayer"]"#),
        ),
        (
            "W227",
            action(r#"["ecr:BatchGetImages", "ecr:GetDownloadUrlForLayer"]"#),
            "\"ecr:BatchGetImages\"",
            Some(true),
            action(r#"["ecr:batchgetimage", "ecr:GetDownloadUrlForLayer"]"#),
        ),
        (
            "E030",
            principal(r#"{"AWS": "o-a1b2c3d4e5"}"#),
            "\"o-a1b2c3d4e5\"",
            None,
            with("\"*\"", PULL, r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
        ),
        ("W209", GOOD.replace("\"Version\": \"2012-10-17\",", ""), "{", Some(false), GOOD.to_owned()),
        ("W210", GOOD.replace("2012", "2008"), "\"2008-10-17\"", Some(false), GOOD.to_owned()),
        (
            "W210",
            condition(r#"{"StringEquals": {"aws:PrincipalTag/a": "${aws:userid}"}}"#).replace("2012-10", "2008-10"),
            "\"2008-10-17\"",
            None,
            GOOD.to_owned(),
        ),
    ]
}

fn risks() -> Vec<Case> {
    let fence = r#""Principal": "*""#;
    let own = |value: &str| format!(r#"{{"StringNotEquals": {{"aws:PrincipalAccount": "{value}"}}}}"#);
    vec![
        (
            "S110",
            with("\"*\"", r#"["ecr:PutImage"]"#, r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"ecr:PutImage\"",
            None,
            of(&[allow(VENDOR, ALL_PUSH)]),
        ),
        (
            "S111",
            of(&[element("Allow", &format!("\"Principal\": {VENDOR}"), "\"NotAction\": \"ecr:PutImage\"", "")]),
            "\"NotAction\"",
            None,
            of(&[element("Deny", fence, "\"NotAction\": \"ecr:*\"", "")]),
        ),
        (
            "S113",
            of(&[deny(fence, "\"ecr:*\"", "")]),
            "\"ecr:*\"",
            None,
            of(&[deny(fence, "\"ecr:*\"", r#"{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#)]),
        ),
        (
            "S113",
            of(&[deny(r#""Principal": {"AWS": "222222222222"}"#, "\"ecr:Set*\"", "")]),
            "\"ecr:Set*\"",
            None,
            of(&[deny(r#""Principal": {"AWS": "111111111111"}"#, "\"ecr:Set*\"", "")]),
        ),
        (
            "S113",
            of(&[deny(fence, "\"*\"", &own("333333333333"))]),
            "\"*\"",
            None,
            of(&[deny(fence, "\"*\"", &own("222222222222"))]),
        ),
        (
            "S113",
            of(&[deny(r#""NotPrincipal": {"AWS": "arn:aws:iam::333333333333:root"}"#, "\"ecr:*\"", "")]),
            "\"ecr:*\"",
            None,
            of(&[deny(r#""NotPrincipal": {"AWS": "arn:aws:iam::222222222222:role/Admin"}"#, "\"ecr:*\"", "")]),
        ),
        (
            "S114",
            principal(r#"{"AWS": "arn:aws-cn:iam::111111111111:root"}"#),
            "\"arn:aws-cn:iam::111111111111:root\"",
            None,
            GOOD.to_owned(),
        ),
        (
            "S114",
            principal(r#"{"AWS": "arn:aws:iam::123456789012:role/ci"}"#),
            "\"arn:aws:iam::123456789012:role/ci\"",
            None,
            principal(r#"{"AWS": "arn:aws:iam::123456789013:role/ci"}"#),
        ),
    ]
}

fn idle() -> Vec<Case> {
    let null = |value: &str| {
        format!(r#"{{"StringEquals": {{"aws:SourceVpce": "vpce-0a1b2c3d"}}, "Null": {{"aws:SourceVpce": "{value}"}}}}"#)
    };
    let not = |value: &str| {
        format!(
            r#"{{"StringEquals": {{"aws:PrincipalTag/a": "x"}}, "StringNotEquals": {{"aws:PrincipalTag/a": "{value}"}}}}"#
        )
    };
    let role = r#"{"AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:role/ci"]}"#;
    let own = role.replace("111111111111", "222222222222");
    let values = |second: &str| {
        with("\"*\"", PULL, &format!(r#"{{"StringLike": {{"aws:PrincipalOrgID": ["o-a1b2c3d4*", "{second}"]}}}}"#))
    };
    vec![
        ("W201", action("[]"), "[]", None, GOOD.to_owned()),
        ("W201", principal("{}"), "{}", None, GOOD.to_owned()),
        ("W201", principal(r#"{"AWS": []}"#), "{\"AWS\": []}", None, GOOD.to_owned()),
        (
            "W201",
            of(&[deny("\"NotPrincipal\": \"*\"", PULL, "")]),
            "\"*\"",
            None,
            of(&[deny("\"Principal\": \"*\"", PULL, "")]),
        ),
        (
            "W201",
            of(&[element("Deny", "\"Principal\": \"*\"", "\"NotAction\": \"ecr:*\"", "")]),
            "\"ecr:*\"",
            None,
            of(&[element("Deny", "\"Principal\": \"*\"", "\"NotAction\": \"ecr:Batch*\"", "")]),
        ),
        ("W201", with(VENDOR, PULL, &null("true")), "\"aws:SourceVpce\"", None, with(VENDOR, PULL, &null("false"))),
        ("W201", with(VENDOR, PULL, &not("x")), "\"aws:PrincipalTag/a\"", None, with(VENDOR, PULL, &not("y"))),
        (
            "W216",
            action(r#"["ecr:Batch*", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#),
            "\"ecr:BatchGetImage\"",
            None,
            action(r#"["ecr:Batch?", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#),
        ),
        (
            "W216",
            action(r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:batchgetimage"]"#),
            "\"ecr:batchgetimage\"",
            None,
            action(PULL),
        ),
        ("W217", principal(role), "\"arn:aws:iam::111111111111:role/ci\"", None, principal(&own)),
        (
            "W217",
            principal(r#"{"AWS": ["arn:aws:iam::111111111111:root", "111111111111"]}"#),
            "\"111111111111\"",
            None,
            principal(r#"{"AWS": ["arn:aws:iam::111111111111:root", "333333333333"]}"#),
        ),
        (
            "W218",
            of(&[allow(VENDOR, PULL), allow(VENDOR, "\"ecr:BatchGetImage\"")]),
            "{",
            None,
            of(&[allow(VENDOR, PULL), allow(VENDOR, "\"ecr:DescribeImages\"")]),
        ),
        ("W218", values("o-a1b2c3d4e5"), "\"o-a1b2c3d4e5\"", None, values("o-f6g7h8i9j0")),
        (
            "W220",
            of(&[allow(VENDOR, PULL), deny("\"Principal\": \"*\"", "\"ecr:*Get*\"", "")]),
            "{",
            None,
            of(&[allow(VENDOR, PULL), deny("\"Principal\": \"*\"", "\"ecr:BatchGet*\"", "")]),
        ),
        (
            "W221",
            principal(r#"{"Service": "ecs-tasks.amazonaws.com"}"#),
            "\"ecs-tasks.amazonaws.com\"",
            None,
            principal(r#"{"Service": "build.apprunner.amazonaws.com"}"#),
        ),
        (
            "W226",
            action(r#"["ecr: BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#),
            "\"ecr: BatchGetImage\"",
            Some(true),
            action(PULL),
        ),
        ("W226", action(&PULL.replace(']', ", \"ecr:\"]")), "\"ecr:\"", Some(false), action(PULL)),
        (
            "W226",
            action(r#""ecr:BatchGetImage,GetDownloadUrlForLayer""#),
            "\"ecr:BatchGetImage,GetDownloadUrlForLayer\"",
            Some(true),
            action(PULL),
        ),
    ]
}

fn sets() -> Vec<Case> {
    let lambda = |account: &str| {
        element(
            "Allow",
            r#""Principal": {"Service": "lambda.amazonaws.com"}"#,
            &format!("\"Action\": {PULL}"),
            &format!(
                r#", "Condition": {{"ArnLike": {{"aws:SourceArn": "arn:aws:lambda:eu-west-2:{account}:function:*"}}}}"#
            ),
        )
    };
    let half = r#"{"AWS": "arn:aws:iam::222222222222:role/Admin"}"#;
    let user = r#"{"AWS": ["arn:aws:iam::222222222222:root", "arn:aws:iam::222222222222:user/ana"]}"#;
    vec![
        (
            "W204",
            of(&[allow(VENDOR, r#"["ecr:GetDownloadUrlForLayer"]"#)]),
            "\"ecr:GetDownloadUrlForLayer\"",
            Some(true),
            of(&[allow(VENDOR, r#"["ecr:GetDownloadUrlForLayer"]"#), allow(VENDOR, r#"["ecr:BatchGetImage"]"#)]),
        ),
        (
            "W205",
            of(&[allow(VENDOR, "\"ecr:PutImage\"")]),
            "\"ecr:PutImage\"",
            Some(true),
            of(&[allow(VENDOR, ALL_PUSH)]),
        ),
        (
            "W205",
            of(&[allow(VENDOR, r#"["ecr:UploadLayerPart"]"#)]),
            "\"ecr:UploadLayerPart\"",
            Some(true),
            of(&[allow(VENDOR, r#"["ecr:BatchCheckLayerAvailability"]"#)]),
        ),
        (
            "W207",
            of(&[deny(&format!("\"NotPrincipal\": {half}"), "\"ecr:*\"", "")]),
            "\"arn:aws:iam::222222222222:role/Admin\"",
            Some(true),
            of(&[deny(&format!("\"NotPrincipal\": {user}"), "\"ecr:*\"", "")]),
        ),
        (
            "W224",
            of(&[lambda("111111111111")]),
            "\"lambda.amazonaws.com\"",
            Some(true),
            of(&[lambda("111111111111"), allow(VENDOR, PULL)]),
        ),
        ("W224", of(&[lambda("111111111111")]), "\"lambda.amazonaws.com\"", Some(true), of(&[lambda("222222222222")])),
    ]
}

fn names() -> Vec<Case> {
    vec![
        (
            "W211",
            of(&[allow(VENDOR, PULL), allow("\"*\"", "\"ecr:ListImages\"")])
                .replace("\"Effect\"", "\"Sid\": \"Same\", \"Effect\""),
            "\"Same\"",
            None,
            of(&[allow(VENDOR, PULL), allow("\"*\"", "\"ecr:ListImages\"")])
                .replace("\"Effect\"", "\"Sid\": \"\", \"Effect\""),
        ),
        ("W212", sid("new statement"), "\"new statement\"", None, sid("NewStatement1")),
        ("W213", sid("Allow\u{202e}lluP"), "\"Allow\u{202e}lluP\"", None, sid("\u{c9}quipe")),
        (
            "W213",
            action("[\"ecr:B\u{430}tchGetImage\", \"ecr:GetDownloadUrlForLayer\"]"),
            "\"ecr:B\u{430}tchGetImage\"",
            None,
            action(PULL),
        ),
        ("W213", principal("{\"AWS\": \"\u{200b}111111111111\"}"), "\"\u{200b}111111111111\"", None, GOOD.to_owned()),
        ("I301", sid(""), "\"\"", None, sid("x")),
        (
            "I303",
            principal(r#"{"AWS": "arn:aws:iam::222222222222:root"}"#),
            "\"arn:aws:iam::222222222222:root\"",
            None,
            principal(r#"{"AWS": "arn:aws:iam::222222222222:role/ci"}"#),
        ),
        ("I304", principal(r#"{"AWS": "111111111111"}"#), "\"111111111111\"", None, GOOD.to_owned()),
    ]
}

#[test]
fn each_row_fires_where_it_should_and_not_beside_it() {
    for (id, text, under, fix, near) in [grammar(), risks(), idle(), sets(), names()].concat() {
        let all = found(&text);
        let finding = all.iter().find(|f| f.id == id).unwrap_or_else(|| panic!("{id} not in {all:#?} of {text}"));
        assert_eq!(finding.span.of(&text), under, "{id} of {text}");
        assert_eq!(finding.fix.as_ref().map(|f| f.changes_access), fix, "{id}: {finding:?} of {text}");
        assert!(!ids(&near).contains(&id), "{id} is not for {near}: {:#?}", found(&near));
        let Some(fix) = &finding.fix else { continue };
        let fixed = apply_fix(&text, fix);
        let same = |f: &&Finding| f.id == id && f.message == finding.message;
        assert!(found(&fixed).iter().filter(same).count() < all.iter().filter(same).count(), "{id}: {fixed}");
        let errors = |all: &[Finding]| all.iter().filter(|f| f.severity == Severity::Error).count();
        assert!(errors(&found(&fixed)) <= errors(&all), "{id}: {fixed}");
        if let (Ok(old), Ok(new), false) = (Policy::read(&text), Policy::read(&fixed), fix.changes_access) {
            assert!(delta(Some(&old), Some(&new)).is_empty(), "{id}: {fixed}");
        }
    }
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
