use crate::ecr::AccountId;
use proptest::prelude::*;

use super::super::*;
use super::samples::*;
use crate::delta::delta;

fn found(text: &str) -> Vec<Finding> {
    let owner = AccountId::parse("222222222222").ok();
    check(text, &CheckOptions { owner, ..CheckOptions::default() })
}

#[test]
fn each_finding_stands_under_the_part_that_is_wrong_and_says_what() {
    for (id, text, under, words) in firing_samples() {
        let all = found(&text);
        let said: Vec<&Finding> = all.iter().filter(|f| f.id == id).collect();
        let there = said.iter().any(|f| f.span.text_in(&text) == under && f.message.contains(words));
        assert!(there, "{id} at {under} saying {words}: {all:#?} of {text}");
    }
}

/// The checks of conditions.
const IDS: [&str; 25] = [
    "E019", "E020", "E021", "E022", "E023", "E024", "E025", "E026", "E027", "E028", "S102", "S104", "S106", "S108",
    "S109", "S112", "W202", "W208", "W214", "W215", "W219", "W222", "W223", "W228", "I302",
];

#[test]
fn what_is_nearly_wrong_is_not_reported() {
    let quiet: Vec<(&str, String)> = vec![
        ("E019", vendor_under(r#"{"stringequalsifexists": {"aws:userid": "b"}}"#)),
        ("E019", vendor_under(r#"{"FORANYVALUE:StringLike": {"aws:TagKeys": "b"}}"#)),
        ("E020", vendor_under(r#"{"StringEquals": {"aws:PrincipalTag/aws-cdk:id": "b"}}"#)),
        ("E020", vendor_under(r#"{"StringEquals": {"AWS:PRINCIPALORGID": "o-a1b2c3d4e5"}}"#)),
        ("E021", vendor_under(r#"{"StringEquals": {"aws:sourceARN": "b", "aws:PrincipalOrgId": "o-a1b2c3d4e5"}}"#)),
        (
            "E021",
            vendor_under(r#"{"StringEquals": {"saml:sub": "x", "token.actions.githubusercontent.com:sub": "x"}}"#),
        ),
        (
            "E021",
            vendor_under(
                r#"{"ArnLike": {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-2:111111111111:function:x"}}"#,
            ),
        ),
        ("E021", vendor_under(r#"{"StringEquals": {"aws:userid": "${saml:sub}${*}"}}"#)),
        ("W228", vendor_under(r#"{"StringEquals": {"saml:sub": "x", "AWS:UserID": "x", "ecr:ResourceTag/a": "b"}}"#)),
        ("E022", vendor_under(r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": [3600, "-1.5"]}}"#)),
        ("E022", vendor_under(r#"{"NumericLessThan": {"aws:EpochTime": 1795424400}}"#)),
        (
            "E022",
            vendor_under(
                r#"{"DateLessThan": {"aws:CurrentTime": ["2030-01-31T00:00:00Z", "1795424400", "2030-01-31"]}}"#,
            ),
        ),
        ("E022", vendor_under(r#"{"Bool": {"aws:SecureTransport": true, "aws:MultiFactorAuthPresent": "False"}}"#)),
        ("E022", vendor_under(r#"{"IpAddress": {"aws:SourceIp": ["203.0.113.7", "2001:DB8::/32"]}}"#)),
        (
            "E022",
            vendor_under(
                r#"{"ArnLike": {"aws:PrincipalArn": ["*", "arn:*:iam::111111111111:role/*", "arn:aws:iam::1:user/${aws:username}"]}}"#,
            ),
        ),
        ("E022", vendor_under(r#"{"StringLike": {"aws:PrincipalArn": "*role*"}}"#)),
        (
            "E022",
            vendor_under(
                r#"{"NumericLessThan": {"aws:PrincipalTag/level": "5"}, "Bool": {"ecr:ResourceTag/shared": "true"}}"#,
            ),
        ),
        ("E022", vendor_under(r#"{"Null": {"aws:SourceIp": "true"}}"#)),
        ("E023", vendor_under(r#"{"Bool": {"aws:SecureTransport": ["true", "TRUE"]}}"#)),
        ("E023", vendor_under(r#"{"StringEquals": {"aws:PrincipalTag/a": ["true", "false"]}}"#)),
        ("E024", vendor_under(r#"{"Null": {"aws:PrincipalOrgPaths": "false"}}"#)),
        ("E024", vendor_under(r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}"#)),
        ("E025", vendor_under(r#"{"Null": {"aws:userid": [true], "aws:SourceVpce": "False"}}"#)),
        ("E026", vendor_under(r#"{"StringEquals": {"aws:SourceVpce": ["vpce-1a2b3c4d", "vpce-0123456789abcdef0"]}}"#)),
        ("E026", vendor_under(r#"{"StringLike": {"aws:SourceVpc": ["vpc-0a*", "*"], "aws:PrincipalOrgID": "o-*"}}"#)),
        (
            "E026",
            vendor_under(
                r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", "o-a1b2c3d4e5/*/ou-ab12-11111111/", "o-a1b2c3d4e5/*"]}}"#,
            ),
        ),
        ("E026", vendor_under(r#"{"StringEquals": {"aws:PrincipalAccount": [111111111111, "${aws:SourceAccount}"]}}"#)),
        ("E026", vendor_under(r#"{"Null": {"aws:SourceVpce": "true"}}"#)),
        (
            "E026",
            vendor_under(
                r#"{"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::1111*:role/ci", "arn:aws:iam::????????????:root", "arn:aws:iam::${aws:SourceAccount}:role/ci"]}}"#,
            ),
        ),
        ("E026", vendor_under(r#"{"StringLike": {"aws:PrincipalArn": ["arn:aws:*:role/ci", "*:1111:role/ci"]}}"#)),
        (
            "E026",
            service_under(
                r#"{"ArnLike": {"aws:SourceArn": ["arn:aws:s3:::bucket", "arn:aws:ec2:*:222222222222:vpc/vpc-0a*"]}}"#,
            ),
        ),
        (
            "E027",
            vendor_under(
                r#"{"StringEquals": {"aws:userid": ["${aws:username}", "${aws:PrincipalTag/team, 'none'}", "${*}${?}${$}", "$x {y}"]}}"#,
            ),
        ),
        ("E027", vendor_under(r#"{"Bool": {"aws:MultiFactorAuthPresent": "${aws:PrincipalTag/mfa}"}}"#)),
        ("E027", old_document(r#"{"StringEquals": {"aws:userid": "${USER"}}"#)),
        ("E028", vendor_under(r#"{"StringLike": {"aws:PrincipalTag/owner": "${aws:username}"}}"#)),
        ("E028", old_document(r#"{"StringLike": {"aws:PrincipalTag/owner": "$aws:username"}}"#)),
        ("S101", public_under(r#"{"StringLike": {"aws:PrincipalOrgID": "o-*"}}"#)),
        ("S102", public_under("{}")),
        ("S102", public_under(r#"{"StringLike": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#)),
        (
            "S102",
            public_under(
                r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:SecureTransport": "true"}}"#,
            ),
        ),
        (
            "S102",
            public_under(
                r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}"#,
            ),
        ),
        ("S102", vendor_under(r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#)),
        ("S102", public_under(r#"{"StringEquals": {"PrincipalOrgID": "o-a1b2c3d4e5"}}"#)),
        ("S102", public_under(r#"{"StringEquals": {"sts:ExternalId": "x"}, "Bool": {"aws:SecureTransport": "true"}}"#)),
        ("S102", public_under(r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/33"}}"#)),
        ("S102", public_under(r#"{"StringLike": {"aws:userid": "AROAEXAMPLEEXAMPLEEX1:*a"}}"#)),
        ("S102", public_under(r#"{"StringEquals": {"aws:userid": "AROAEXAMPLEEXAMPLEEX1:ci"}}"#)),
        ("S104", deny_under(r#"{"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}"#)),
        (
            "S104",
            vendor_under(
                r#"{"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}, "Null": {"aws:principalorgpaths": false}}"#,
            ),
        ),
        (
            "S106",
            service_under(
                r#"{"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}, "Bool": {"aws:SecureTransport": "true"}}"#,
            ),
        ),
        ("S106", vendor_under(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#)),
        (
            "S108",
            vendor_under(
                r#"{"IpAddress": {"aws:VpcSourceIp": "10.0.1.0/24"}, "StringEquals": {"AWS:sourcevpce": "vpce-1a2b3c4d"}}"#,
            ),
        ),
        (
            "S109",
            vendor_under(
                r#"{"IpAddress": {"aws:SourceIp": ["0.0.0.0/0", "172.32.0.0/16", "2001:db8::/32"], "aws:VpcSourceIp": "10.0.0.1"}}"#,
            ),
        ),
        ("S112", service_under(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:*:222222222222:project/*"}}"#)),
        (
            "S112",
            service_under(
                r#"{"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:*:*:project/*"}, "StringEquals": {"aws:SourceAccount": "222222222222"}}"#,
            ),
        ),
        ("S112", service_under(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}"#)),
        ("W202", vendor_under(r#"{"StringEquals": {"aws:userid": ""}}"#)),
        (
            "W208",
            deny_under(
                r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}"#,
            ),
        ),
        (
            "W208",
            deny_under(
                r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}"#,
            ),
        ),
        ("W208", deny_under(r#"{"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}"#)),
        (
            "W208",
            modern_document(&sample_statement(
                "Deny",
                VENDOR,
                PULL,
                r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#,
            )),
        ),
        ("W214", vendor_under(r#"{"StringLike": {"aws:userid": "AROA*"}}"#)),
        (
            "W214",
            vendor_under(r#"{"StringEquals": {"aws:Referer": "https://example.com/?x", "aws:userid": "a${*}b"}}"#),
        ),
        ("W215", vendor_under(r#"{"Null": {"aws:TagKeys": "true"}}"#)),
        ("W219", vendor_under(r#"{"StringEquals": {"aws:ResourceTag/a": "x"}}"#)),
        ("W222", vendor_under(r#"{"StringEquals": {"aws:RequestedRegion": ["eu-west-2", "us-gov-east-1"]}}"#)),
        ("W222", vendor_under(r#"{"StringLike": {"aws:RequestedRegion": ["eu-*", "*-2", "??-west-1", "*"]}}"#)),
        ("W222", vendor_under(r#"{"StringEqualsIgnoreCase": {"aws:RequestedRegion": "EU-West-2"}}"#)),
        (
            "W222",
            service_under(r#"{"StringLike": {"aws:SourceArn": ["arn:aws:*:lambda:222222222222:x", "arn:aws:s3:b*"]}}"#),
        ),
        (
            "W222",
            service_under(
                r#"{"ArnLike": {"aws:SourceArn": ["arn:aws:codebuild:eu-*:222222222222:x", "arn:aws:s3:::bucket"]}}"#,
            ),
        ),
        (
            "W223",
            modern_document(&sample_statement(
                "Allow",
                VENDOR,
                "\"ecr:*\"",
                r#"{"StringEquals": {"aws:RequestTag/team": "x"}}"#,
            )),
        ),
        (
            "W223",
            modern_document(&sample_statement(
                "Allow",
                VENDOR,
                "\"ecr:UntagResource\"",
                r#"{"ForAnyValue:StringEquals": {"aws:TagKeys": "x"}}"#,
            )),
        ),
        ("W223", vendor_under(r#"{"StringEquals": {"ssm:SourceInstanceArn": "x", "ecr:ResourceTag/a": "x"}}"#)),
        (
            "I302",
            vendor_under(r#"{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "203.0.113.7", "203.0.113.7/32"]}}"#),
        ),
    ];
    for id in IDS {
        assert!(rules().any(|r| r.id == id), "{id}");
        assert!(firing_samples().iter().any(|(fires, ..)| *fires == id), "{id} has a text with a finding");
        assert!(quiet.iter().any(|(misses, _)| *misses == id), "{id} has a text that is nearly wrong");
    }
    for (id, text) in quiet {
        let all = found(&text);
        assert!(all.iter().all(|f| f.id != id), "{id}: {all:#?} of {text}");
    }
}

#[test]
fn what_aws_documents_has_no_error_and_no_warning() {
    for text in documented_samples() {
        // That a sample is written in the old version is said, and true.
        let grave: Vec<Finding> = found(&text)
            .into_iter()
            .filter(|f| matches!(f.severity, Severity::Error | Severity::Warning) && f.id != "W210")
            .collect();
        assert!(grave.is_empty(), "{grave:#?} of {text}");
    }
}

#[test]
fn errors_about_conditions_stop_a_save_only_where_ecr_refuses_the_text() {
    let stopping: Vec<&str> = rules().filter(|r| r.stops && r.severity == Severity::Error).map(|r| r.id).collect();
    let expected: Vec<String> = (1..=17).chain([19, 25, 29, 30, 31, 32]).map(|n| format!("E{n:03}")).collect();
    assert_eq!(stopping, expected);
    assert!(storable(&vendor_under(r#"{"StringEquals": {"aws:Nonsense": "x"}}"#)).is_ok());
    assert!(storable(&vendor_under(r#"{"StringIs": {"aws:userid": "x"}}"#)).is_err());
}

/// The fixes of all findings: each text with its finding.
fn fixes() -> Vec<(String, Finding)> {
    let samples: Vec<String> =
        firing_samples().into_iter().map(|(_, text, ..)| text).chain(documented_samples()).collect();
    let of = |text: String| {
        found(&text).into_iter().filter(|f| f.fix.is_some()).map(move |f| (text.clone(), f)).collect::<Vec<_>>()
    };
    samples.into_iter().flat_map(of).collect()
}

#[test]
fn a_fix_heals_its_finding_and_makes_no_error() {
    let all = fixes();
    for id in ["E019", "E020", "E021", "E024", "E028", "W208", "W214", "I302"] {
        assert!(all.iter().any(|(_, f)| f.id == id), "{id} has a fix");
    }
    for (text, finding) in all {
        heals(&text, &finding);
    }
}

/// A fix takes its finding away, makes no error, and changes access only where it says so.
fn heals(text: &str, finding: &Finding) {
    let fix = finding.fix.as_ref().unwrap();
    let fixed = apply_fix(text, fix);
    assert_ne!(fixed, text, "{finding:?}");
    let (before, after) = (found(text), found(&fixed));
    for new in after.iter().filter(|f| f.severity == Severity::Error) {
        let count = |all: &[Finding]| all.iter().filter(|f| f.id == new.id).count();
        assert!(count(&after) <= count(&before), "{new:?} is new after {finding:?} of {text}: {fixed}");
    }
    let count = |all: &[Finding]| all.iter().filter(|f| f.id == finding.id && f.message == finding.message).count();
    assert!(count(&after) < count(&before), "{finding:?} of {text} stays: {fixed}");
    if let (false, Ok(old)) = (fix.changes_access, Policy::read(text)) {
        let new = Policy::read(&fixed).unwrap();
        assert!(delta(Some(&old), Some(&new)).is_empty(), "{finding:?} changes access: {fixed}");
    }
}

fn condition() -> impl Strategy<Value = String> {
    const OPERATORS: &[&str] = &[
        "StringEquals",
        "StringLike",
        "StringNotEquals",
        "StringEqual",
        "StringNotEqualsIfExists",
        "ForAnyValue:StringLike",
        "ForAllValues:StringEquals",
        "ForAnyValues:StringLikeIfExist",
        "ArnLike",
        "ArnLikes",
        "IpAddress",
        "NotIpAdress",
        "Bool",
        "BoolIfExists",
        "Null",
        "NullIfExists",
        "ForAnyValue:Null",
        "NumericLessThan",
        "DateLessThen",
        "aws:PrincipalOrgID",
    ];
    const KEYS: &[&str] = &[
        "aws:PrincipalOrgID",
        "aws:principalorgid",
        "PrincipalOrgID",
        "aws:PrincipalOrg",
        "aws:PrincipalOrgPaths",
        "aws:CalledVia",
        "aws:SourceIp",
        "aws:SourceIP4",
        "aws:PrincipalTag/a",
        "aws:PrincipalTags/a",
        "aws:ARN",
        "aws:PrincipalArn",
        "aws:SourceOwner",
        "aws:SecureTransport",
        "aws:PrincipalIsAWSService",
        "aws:CurrentTime",
        "aws:TagKeys",
        "s3:prefix",
        "aws:SourceVpce",
    ];
    const VALUES: &[&str] = &[
        "\"o-a1b2c3d4e5\"",
        "\"o-*\"",
        "\"o-a1b2c3d4e5/r-ab12/\"",
        "\"203.0.113.7/24\"",
        "\"true\"",
        "[true, false]",
        "[]",
        "1",
        "\"${aws:username}\"",
        "[\"${aws:usernam}\", \"${x\"]",
        "\"arn:aws:iam::*:role/ci\"",
        "\"vpce-1a2b3c4d\"",
        "\"111111111111\"",
    ];
    let inner =
        prop::collection::vec((prop::sample::select(KEYS), prop::sample::select(VALUES)), 0..3).prop_map(|keys| {
            let members: Vec<String> = keys.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
            format!("{{{}}}", members.join(", "))
        });
    prop::collection::vec((prop::sample::select(OPERATORS), inner), 0..4).prop_map(|operators| {
        let members: Vec<String> = operators.iter().map(|(name, keys)| format!("\"{name}\": {keys}")).collect();
        format!("{{{}}}", members.join(",\n        "))
    })
}

proptest! {
    #![proptest_config(crate::testing::fixed_cases(400))]

    #[test]
    fn whatever_the_condition_a_fix_heals_and_makes_no_error(condition in condition(), kind in 0..5) {
        let text = match kind {
            0 => vendor_under(&condition),
            1 => public_under(&condition),
            2 => service_under(&condition),
            3 => deny_under(&condition),
            _ => old_document(&condition),
        };
        for finding in found(&text).iter().filter(|f| f.fix.is_some() && IDS.contains(&f.id)) {
            heals(&text, finding);
        }
    }
}

#[test]
fn a_fix_keeps_the_layout_and_the_other_keys() {
    let fixed = |text: &str, id: &str| {
        let all = found(text);
        apply_fix(text, all.iter().find(|f| f.id == id).and_then(|f| f.fix.as_ref()).unwrap())
    };
    let two = vendor_under("{\n        \"StringLike\": {\"aws:CalledVia\": \"a\", \"aws:userid\": \"b\"}\n      }");
    assert!(
        fixed(&two, "E024").contains(
            "{\n        \"ForAnyValue:StringLike\": {\"aws:CalledVia\": \"a\"},\n        \"StringLike\": {\"aws:userid\": \"b\"}\n      }"
        ),
        "{}",
        fixed(&two, "E024")
    );
    let fence = deny_under(
        "{\n        \"StringNotEquals\": {\n          \"aws:PrincipalOrgID\": \"o-a1b2c3d4e5\"\n        }\n      }",
    );
    assert!(
        fixed(&fence, "W208")
            .contains("        },\n        \"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\"}\n      }"),
        "{}",
        fixed(&fence, "W208")
    );
    let flat = vendor_under(r#"{"aws:PrincipalOrgID": "o-a1b2c3d4e5"}"#);
    assert!(fixed(&flat, "E019").contains(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#));
    let bare = sample_document(
        "",
        &sample_statement("Allow", VENDOR, PULL, r#"{"StringLike": {"aws:PrincipalTag/a": "${aws:username}"}}"#),
    );
    assert!(
        fixed(&bare, "E028").starts_with("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\""),
        "{}",
        fixed(&bare, "E028")
    );
}

#[test]
fn a_fix_that_would_make_an_error_is_not_offered() {
    for (id, text) in [
        ("E019", vendor_under(r#"{"StringEqual": {"aws:SourceIp": "203.0.113.7"}}"#)),
        ("E019", vendor_under(r#"{"StringEqual": {"aws:userid": "b"}, "stringequals": {"aws:userid": "c"}}"#)),
        ("E019", vendor_under(r#"{"aws:PrincipalOrgID": "o-a1b2c3d4e5", "StringEquals": {"aws:userid": "c"}}"#)),
        ("E020", vendor_under(r#"{"StringEquals": {"SourceIp": "203.0.113.7"}}"#)),
        (
            "E020",
            vendor_under(
                r#"{"StringEquals": {"PrincipalOrgID": "o-a1b2c3d4e5", "aws:principalorgid": "o-a1b2c3d4e5"}}"#,
            ),
        ),
        ("E021", vendor_under(r#"{"StringEquals": {"aws:PrincipalOrg": "example"}}"#)),
        (
            "E024",
            vendor_under(r#"{"StringLike": {"aws:CalledVia": "a"}, "ForAnyValue:StringLike": {"aws:CalledVia": "b"}}"#),
        ),
        ("E028", old_document(r#"{"StringLike": {"aws:PrincipalTag/a": ["${aws:username}", "${aws:username"]}}"#)),
        ("W214", vendor_under(r#"{"StringEquals": {"aws:userid": "a*"}, "StringLike": {"aws:userid": "b*"}}"#)),
    ] {
        let all = found(&text);
        let finding = all.iter().find(|f| f.id == id).unwrap_or_else(|| panic!("{id} not in {all:?} of {text}"));
        assert_eq!(finding.fix, None, "{text}");
    }
}

#[test]
fn a_source_compared_as_text_is_open_where_a_wildcard_may_take_the_account() {
    let id = "222222222222";
    for (value, is_open) in [
        ("arn:aws:lambda:*:function:*".to_owned(), true),
        ("arn:aws:lambda:*".to_owned(), true),
        ("arn:*:function:x".to_owned(), true),
        ("*:function:x".to_owned(), true),
        ("arn:aws:lambda:eu-west-2:*:function:x".to_owned(), true),
        ("arn:aws:lambda:eu-west-2:22222222222?:function:x".to_owned(), true),
        (format!("arn:aws:lambda:*:{id}:function:*"), false),
        (format!("arn:*:{id}:*"), false),
        (format!("arn:aws:lambda:eu-west-2:{id}:function:*"), false),
        (format!("arn:aws:lambda:eu-west-2:{id}*"), false),
        ("arn:aws:s3:::images*".to_owned(), false),
    ] {
        let condition = format!(r#"{{"StringLike": {{"aws:SourceArn": "{value}"}}}}"#);
        let ids: Vec<&str> = found(&service_under(&condition)).iter().map(|f| f.id).collect();
        assert_eq!(ids.contains(&"S112"), is_open, "{value}: {ids:?}");
    }
}
