//! Unlikely spellings of what a check is for, and what comes near it and is none.

use super::*;
use crate::ecr::AccountId;
use crate::ecr::Partition;

const PULL: &str = r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#;
const VENDOR: &str = r#"{"AWS": "arn:aws:iam::111111111111:root"}"#;
const BUILDS: &str = r#"{"Service": "codebuild.amazonaws.com"}"#;

fn statement(effect: &str, who: &str, what: &str, condition: &str) -> String {
    format!(r#"{{"Effect": "{effect}", "Principal": {who}, "Action": {what}, "Condition": {condition}}}"#)
}

fn of(statements: &[String]) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

fn allow(who: &str, condition: &str) -> String {
    of(&[statement("Allow", who, PULL, condition)])
}

fn deny(condition: &str) -> String {
    of(&[statement("Deny", "\"*\"", "\"ecr:*\"", condition)])
}

fn marks<'t>(id: &str, text: &'t str) -> Vec<&'t str> {
    found(text).iter().filter(|f| f.id == id).map(|f| f.span.text_in(text)).collect()
}

/// Conditions of which a statement for one account can meet none, with what is marked.
const IMPOSSIBLE: &[(&str, &str)] = &[
    (r#"{"StringEquals": {"aws:userid": "a"}, "StringNotEquals": {"aws:userid": "a"}}"#, "\"aws:userid\""),
    (r#"{"StringEquals": {"aws:userid": "a"}, "StringLike": {"AWS:UserId": "b*"}}"#, "\"AWS:UserId\""),
    (r#"{"StringEquals": {"aws:userid": "a"}, "StringEqualsIgnoreCase": {"aws:userid": "B"}}"#, "\"aws:userid\""),
    (r#"{"ForAnyValue:StringEquals": {"aws:CalledVia": []}}"#, "\"aws:CalledVia\""),
    (r#"{"IpAddress": {"aws:SourceIp": []}}"#, "\"aws:SourceIp\""),
    (r#"{"Null": {"aws:SourceVpce": true}, "StringLike": {"aws:SourceVpce": "*"}}"#, "\"aws:SourceVpce\""),
    (
        r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": "5"}, "NumericGreaterThan": {"aws:MultiFactorAuthAge": 5}}"#,
        "\"aws:MultiFactorAuthAge\"",
    ),
    (
        r#"{"NumericEquals": {"aws:MultiFactorAuthAge": ["1", "2"]}, "NumericNotEquals": {"aws:MultiFactorAuthAge": ["1", "2.0"]}}"#,
        "\"aws:MultiFactorAuthAge\"",
    ),
    (
        r#"{"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}, "DateGreaterThan": {"aws:CurrentTime": "2028-01-01T00:00:00Z"}}"#,
        "\"aws:CurrentTime\"",
    ),
    (
        r#"{"DateGreaterThan": {"aws:EpochTime": "1893456000"}, "DateLessThan": {"aws:CurrentTime": "2029-01-01"}}"#,
        "\"aws:CurrentTime\"",
    ),
    (
        r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "NotIpAddress": {"aws:SourceIp": "203.0.0.0/16"}}"#,
        "\"aws:SourceIp\"",
    ),
    (r#"{"StringEquals": {"aws:PrincipalAccount": "333333333333"}}"#, "\"aws:PrincipalAccount\""),
    (r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::333333333333:role/*"}}"#, "\"aws:PrincipalArn\""),
    (r#"{"StringEquals": {"aws:SourceAccount": "222222222222"}}"#, "\"aws:SourceAccount\""),
    (r#"{"Bool": {"aws:SecureTransport": "false"}}"#, "\"aws:SecureTransport\""),
    (r#"{"Null": {"aws:CurrentTime": "true"}}"#, "\"aws:CurrentTime\""),
    (
        r#"{"StringLike": {"aws:PrincipalTag/a": "${aws:username}"}, "Null": {"aws:PrincipalTag/a": "true"}}"#,
        "\"aws:PrincipalTag/a\"",
    ),
];

/// Conditions that come near those and can be met.
const POSSIBLE: &[&str] = &[
    r#"{"StringEquals": {"aws:userid": "a"}, "StringNotEquals": {"aws:userid": "b"}}"#,
    r#"{"StringEquals": {"aws:userid": ["a", "b"]}, "StringLike": {"aws:userid": "b*"}}"#,
    r#"{"StringLike": {"aws:userid": "B?b"}, "StringEqualsIgnoreCase": {"aws:userid": "bob"}}"#,
    r#"{"StringLike": {"aws:userid": "a*"}, "StringNotLike": {"aws:userid": "ab*"}}"#,
    r#"{"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"}, "Null": {"aws:SourceVpce": "true"}}"#,
    r#"{"NumericLessThanEquals": {"aws:MultiFactorAuthAge": "5"}, "NumericGreaterThanEquals": {"aws:MultiFactorAuthAge": "5"}}"#,
    r#"{"DateGreaterThan": {"aws:EpochTime": "1893456000"}, "DateLessThan": {"aws:CurrentTime": "2031-01-01"}}"#,
    r#"{"IpAddress": {"aws:SourceIp": "203.0.0.0/16"}, "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
    r#"{"ForAnyValue:StringEquals": {"aws:CalledVia": "a"}, "ForAnyValue:StringNotEquals": {"aws:CalledVia": "a"}}"#,
    r#"{"ForAllValues:StringEquals": {"aws:CalledVia": []}}"#,
    r#"{"StringNotEquals": {"aws:userid": []}}"#,
    r#"{"StringEquals": {"aws:PrincipalAccount": "111111111111"}}"#,
    r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::1*:role/*"}}"#,
    r#"{"StringEquals": {"aws:PrincipalTag/a": "${aws:username}"}}"#,
    r#"{"StringNotLike": {"aws:PrincipalTag/a": "${aws:username}"}, "Null": {"aws:PrincipalTag/a": "true"}}"#,
    r#"{"Null": {"aws:SourceVpce": "true"}}"#,
    r#"{"StringEquals": {"aws:username": "ana"}}"#,
    r#"{"StringEquals": {"saml:sub": "x"}}"#,
];

#[test]
fn a_statement_whose_conditions_nobody_can_meet_never_matches() {
    for (condition, under) in IMPOSSIBLE {
        let text = allow(VENDOR, condition);
        assert_eq!(marks("W201", &text), [*under], "{condition}");
        let place = found(&text).into_iter().find(|f| f.id == "W201").unwrap();
        assert!(place.span.start >= text.rfind(under).unwrap(), "the later one: {condition}");
    }
    for condition in POSSIBLE {
        assert_eq!(marks("W201", &allow(VENDOR, condition)), [""; 0], "{condition}");
    }
    let tls = r#"{"Bool": {"aws:SecureTransport": "false"}}"#;
    assert_eq!(marks("W201", &deny(tls)), [""; 0], "whoever denies that knows");
    let source = |arn: &str| {
        allow(
            BUILDS,
            &format!(
                r#"{{"StringEquals": {{"aws:SourceAccount": "222222222222"}}, "ArnLike": {{"aws:SourceArn": "{arn}"}}}}"#
            ),
        )
    };
    assert_eq!(marks("W201", &source("arn:aws:codebuild:*:333333333333:project/*")), ["\"aws:SourceArn\""]);
    assert_eq!(marks("W201", &source("arn:aws:codebuild:*:222222222222:project/*")), [""; 0]);
    assert_eq!(marks("W201", &source("arn:aws:s3:::bucket")), [""; 0]);
}

#[test]
fn a_part_of_an_account_id_under_a_wildcard_is_open_to_others() {
    for arn in ["arn:aws:iam::1*:role/ci", "arn:aws:iam::11111111111?:role/ci"] {
        let text = allow("\"*\"", &format!(r#"{{"ArnLike": {{"aws:PrincipalArn": "{arn}"}}}}"#));
        assert_eq!(marks("S102", &text), [format!("\"{arn}\"")]);
        let policy = Policy::read(&text).unwrap();
        let owner = AccountId::parse("222222222222").unwrap();
        assert_eq!(crate::access::table(&policy, &owner).class, Class::Public);
    }
}

#[test]
fn a_service_needs_a_source_condition_that_keeps_others_out() {
    for condition in [
        r#"{"Null": {"aws:SourceArn": "false"}}"#,
        r#"{"StringEqualsIfExists": {"aws:SourceAccount": "222222222222"}}"#,
        r#"{"StringNotEquals": {"aws:SourceAccount": "333333333333"}}"#,
        r#"{"ForAllValues:StringLike": {"aws:SourceOrgPaths": "o-a1b2c3d4e5/*"}}"#,
    ] {
        assert_eq!(marks("S105", &allow(BUILDS, condition)), ["\"codebuild.amazonaws.com\""], "{condition}");
    }
    for condition in [
        r#"{"StringEquals": {"AWS:sourceaccount": "222222222222"}}"#,
        r#"{"StringEqualsIfExists": {"aws:SourceAccount": "222222222222"}, "Null": {"aws:SourceAccount": "false"}}"#,
        r#"{"ForAllValues:StringLike": {"aws:SourceOrgPaths": "o-a1b2c3d4e5/*"}, "Null": {"aws:SourceOrgPaths": "false"}}"#,
    ] {
        assert_eq!(marks("S105", &allow(BUILDS, condition)), [""; 0], "{condition}");
    }
    for (operator, key, value) in [
        ("StringLike", "aws:SourceArn", "arn:aws:codebuild:*:project/x"),
        ("ForAnyValue:StringLike", "aws:SourceOrgPaths", "o-*"),
        ("ForAnyValue:StringLike", "aws:SourceOrgPaths", "*/r-ab12/*"),
    ] {
        let text = allow(BUILDS, &format!(r#"{{"{operator}": {{"{key}": "{value}"}}}}"#));
        assert_eq!(marks("S112", &text), [format!("\"{value}\"")]);
    }
}

#[test]
fn a_second_test_that_the_key_is_there_guards_for_all_values() {
    let guarded =
        r#"{"ForAllValues:StringLike": {"aws:CalledVia": "a"}, "ForAnyValue:StringLike": {"aws:CalledVia": "*"}}"#;
    assert_eq!(marks("S104", &allow(VENDOR, guarded)), [""; 0]);
    let other =
        guarded.replace("\"ForAnyValue:StringLike\": {\"aws:CalledVia\"", "\"ForAnyValue:StringLike\": {\"aws:x\"");
    assert_eq!(marks("S104", &allow(VENDOR, &other)), ["\"ForAllValues:StringLike\""]);
}

#[test]
fn a_deny_that_everybody_of_the_owner_meets_locks_the_owner_out() {
    for condition in [
        "{}",
        r#"{"Bool": {"aws:SecureTransport": "true"}}"#,
        r#"{"ArnLike": {"aws:PrincipalArn": "*"}}"#,
        r#"{"StringNotEquals": {"aws:PrincipalAccount": "333333333333"}}"#,
    ] {
        assert_eq!(marks("S113", &deny(condition)), ["\"ecr:*\""], "{condition}");
    }
    for condition in [
        r#"{"Bool": {"aws:SecureTransport": "false"}}"#,
        r#"{"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/admin"}}"#,
        r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#,
        r#"{"StringNotEquals": {"aws:PrincipalAccount": "222222222222"}}"#,
    ] {
        assert_eq!(marks("S113", &deny(condition)), [""; 0], "{condition}");
    }
}

#[test]
fn values_that_another_value_takes_in_are_told_for_every_operator() {
    for (operator, key, one, other) in [
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", "203.0.113.7"),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.7", "203.0.113.7/32"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111111111111:role/*", "arn:aws:iam::111111111111:role/x"),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "7200", "3600"),
        ("NumericEquals", "aws:MultiFactorAuthAge", "5", "5.0"),
        ("StringEqualsIgnoreCase", "aws:userid", "a", "A"),
        ("Bool", "aws:SecureTransport", "true", "TRUE"),
        ("StringLike", "aws:userid", "a?", "ab"),
        ("DateGreaterThan", "aws:CurrentTime", "2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z"),
    ] {
        let text = allow(VENDOR, &format!(r#"{{"{operator}": {{"{key}": ["{one}", "{other}"]}}}}"#));
        assert_eq!(marks("W218", &text), [format!("\"{other}\"")], "{operator}");
    }
    for (operator, key, one, other) in [
        ("IpAddress", "aws:SourceIp", "203.0.113.0/25", "203.0.113.128/25"),
        ("StringEquals", "aws:userid", "a", "A"),
        ("StringEquals", "aws:PrincipalTag/a", "*", "x"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::11111111111?:role/x", "arn:aws:iam::*:role/y"),
        ("StringLike", "aws:userid", "?a*", "a?a"),
    ] {
        let text = allow(VENDOR, &format!(r#"{{"{operator}": {{"{key}": ["{one}", "{other}"]}}}}"#));
        assert_eq!(marks("W218", &text), [""; 0], "{operator}");
    }
}

#[test]
fn several_denies_may_take_an_allow_back_together() {
    let two = r#"{"AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::333333333333:root"]}"#;
    let third = VENDOR.replace("111111111111", "333333333333");
    let denied = [statement("Allow", two, PULL, "{}"), statement("Deny", VENDOR, PULL, "{}")];
    assert_eq!(marks("W220", &of(&denied)), [""; 0]);
    let all = [denied.as_slice(), &[statement("Deny", &third, PULL, "{}")]].concat();
    let told = found(&of(&all)).into_iter().find(|f| f.id == "W220").unwrap();
    assert_eq!(told.message, "statement 2 and statement 3 together deny all of this: nobody gets it");
    let org = |ids: &str| format!(r#"{{"StringEquals": {{"aws:PrincipalOrgID": {ids}}}}}"#);
    let wider = |effect: &str, ids: &str| statement(effect, "\"*\"", PULL, &org(ids));
    let text = of(&[wider("Allow", "\"o-a1b2c3d4e5\""), wider("Deny", r#"["o-a1b2c3d4e5", "o-f6g7h8i9j0"]"#)]);
    assert_eq!(marks("W220", &text).len(), 1);
    let text = of(&[wider("Allow", r#"["o-a1b2c3d4e5", "o-f6g7h8i9j0"]"#), wider("Deny", "\"o-a1b2c3d4e5\"")]);
    assert_eq!(marks("W220", &text), [""; 0]);
}

#[test]
fn an_account_of_another_partition_is_another_account() {
    let both =
        r#"{"AWS": ["111111111111", "arn:aws-cn:iam::111111111111:root", "arn:aws-cn:iam::111111111111:role/a"]}"#;
    assert_eq!(marks("W217", &allow(both, "{}")), ["\"arn:aws-cn:iam::111111111111:role/a\""], "within the second");
    let own = r#"{"AWS": "arn:aws-cn:iam::222222222222:root"}"#;
    assert_eq!(marks("I303", &allow(own, "{}")), [""; 0]);
    let owner = AccountId::parse("222222222222").ok();
    let options = CheckOptions { owner, partition: Some(Partition::China), ..CheckOptions::default() };
    let in_china: Vec<&str> = check(&allow(own, "{}"), &options).iter().map(|f| f.id).collect();
    assert!(in_china.contains(&"I303") && !in_china.contains(&"S114"), "{in_china:?}");
    let usual: Vec<&str> = check(&allow(VENDOR, "{}"), &options).iter().map(|f| f.id).collect();
    assert!(usual.contains(&"S114"), "{usual:?}");
}

#[test]
fn one_slip_of_a_statement_does_not_hide_the_others() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "allow", "Principal": {"AWS": ["arn:aws:iam::111111111111:role/*", 7], "Service": "Lambda"}, "Action": ["BatchGetImage", "ecr:ListImage", null]}]}"#;
    for (id, under) in [
        ("E006", "\"allow\""),
        ("E013", "\"arn:aws:iam::111111111111:role/*\""),
        ("E014", "\"Lambda\""),
        ("E017", "\"BatchGetImage\""),
        ("W227", "\"ecr:ListImage\""),
    ] {
        assert_eq!(marks(id, text), [under], "{:#?}", found(text));
    }
    assert_eq!(marks("E004", text), ["7", "null"]);
}

#[test]
fn what_is_not_written_to_its_end_is_no_wrong_name() {
    let text = action("[\"ecr:BatchGetImage\", \"ecr:GetDown");
    let text = text.split_once("GetDown").unwrap().0.to_owned() + "GetDown";
    let ids = ids(&text);
    assert!(ids.contains(&"E001") && !ids.contains(&"W227"), "{ids:?}");
}

#[test]
fn what_was_meant_is_told_for_odder_slips() {
    for (operator, meant) in [
        ("ForAny:StringLike", "ForAnyValue:StringLike"),
        ("Any:StringLike", "ForAnyValue:StringLike"),
        ("ForAll:StringEquals", "ForAllValues:StringEquals"),
        ("StringLike:ForAnyValue", "ForAnyValue:StringLike"),
        ("ForAnyValueStringLike", "ForAnyValue:StringLike"),
    ] {
        let text = allow(VENDOR, &format!(r#"{{"{operator}": {{"aws:CalledVia": "x"}}}}"#));
        let finding = found(&text).into_iter().find(|f| f.id == "E019").unwrap();
        assert!(finding.message.ends_with(&format!("did you mean `{meant}`?")), "{}", finding.message);
        assert!(apply_fix(&text, &finding.fix.unwrap()).contains(&format!("\"{meant}\"")), "{operator}");
    }
    for (id, written, message) in [
        ("E017", "ecr.BatchGetImage", "no colon"),
        ("E017", "ecr:BatchGetImage;ecr:GetDownloadUrlForLayer", "several actions"),
        ("E018", "ecr:ListImageReferrers", "`BatchGetImage` is what allows it"),
        ("W227", "ecr:Foo*", "no action of ECR that is known here fits"),
        ("W203", "ecr:GetAuth*", "fits only actions on the whole registry"),
    ] {
        let all = found(&action(&format!("[\"{written}\"]")));
        let finding = all.iter().find(|f| f.id == id).unwrap_or_else(|| panic!("{id} of {written}: {all:?}"));
        assert!(finding.message.contains(message), "{}", finding.message);
    }
    let half =
        allow(r#"{"Service": "lambda.amazonaws.com"}"#, r#"{"StringEquals": {"aws:SourceAccount": "111111111111"}}"#);
    assert_eq!(marks("W224", &half), ["\"lambda.amazonaws.com\""]);
    let service = r#"{"Service": "lambda.amazonaws.com"}"#;
    let of_account = |id: &str| {
        statement("Allow", service, PULL, &format!(r#"{{"StringEquals": {{"aws:SourceAccount": "{id}"}}}}"#))
    };
    let many = of(&["111111111111", "333333333333", "111111111111"].map(of_account));
    let told: Vec<Finding> = found(&many).into_iter().filter(|f| f.id == "W224").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        told[0].message,
        "account 111111111111 and 1 more themselves may not pull: their functions cannot be created"
    );
    let mended = apply_fix(&many, told[0].fix.as_ref().unwrap());
    assert_eq!(marks("W224", &mended), [""; 0], "{mended}");
    assert_eq!(marks("W224", &half.replace("111111111111", "222222222222")), [""; 0]);
    let dollar = condition(r#"{"StringLike": {"aws:PrincipalTag/a": "a$b"}}"#).replace("2012-10", "2008-10");
    let old = found(&dollar).into_iter().find(|f| f.id == "W210").unwrap();
    assert!(old.fix.is_some(), "a dollar alone is no variable");
}

#[test]
fn a_service_is_mended_to_one_that_there_is() {
    for (written, meant) in [
        ("Lambda.amazonaws.com", Some("lambda.amazonaws.com")),
        ("https://codebuild.amazonaws.com/", Some("codebuild.amazonaws.com")),
        ("lambda", Some("lambda.amazonaws.com")),
        ("lambda.amazon.com", Some("lambda.amazonaws.com")),
        ("lambda.aws.amazon.com", Some("lambda.amazonaws.com")),
        ("ecs-tasks.aws", Some("ecs-tasks.amazonaws.com")),
        ("Build.AppRunner.amazonaws.com", Some("build.apprunner.amazonaws.com")),
        ("my-service", None),
        ("lambada", None),
        ("mirror.example.com", None),
        ("lambda.amazonaws.com.example.com", None),
        ("*", None),
    ] {
        let text = allow(&format!(r#"{{"Service": "{written}"}}"#), "{}");
        let finding = found(&text).into_iter().find(|f| f.id == "E014").unwrap_or_else(|| panic!("{written}"));
        let title = finding.fix.map(|fix| fix.title);
        assert_eq!(title, meant.map(|name| format!("write `{name}`")), "{written}");
    }
}

#[test]
fn several_principals_in_one_text_become_entries_of_their_own() {
    let one = r#"{"AWS": "arn:aws:iam::111111111111:root, arn:aws::iam::333333333333:Root"}"#;
    let listed = r#"{"AWS": ["111111111111,333333333333", "444444444444"]}"#;
    for (principal, written) in [
        (one, r#"["arn:aws:iam::111111111111:root", "arn:aws:iam::333333333333:root"]"#),
        (listed, r#"["111111111111", "333333333333", "444444444444"]"#),
    ] {
        let text = allow(principal, "{}");
        let finding = found(&text).into_iter().find(|f| f.id == "E030").unwrap();
        assert!(finding.message.contains("in one text"), "{}", finding.message);
        let fix = finding.fix.unwrap();
        assert!(fix.changes_access);
        let mended = apply_fix(&text, &fix);
        assert!(mended.contains(written) && marks("E030", &mended).is_empty(), "{mended}");
    }
}
