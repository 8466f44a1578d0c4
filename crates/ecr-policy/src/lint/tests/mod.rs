mod adversary;
mod details;
mod fixes;
mod long;
mod registry;
mod steps;

use crate::ecr::AccountId;
use proptest::prelude::*;

use super::*;
use crate::testing::document;

const GOOD: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "AllowPull",
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::111111111111:root"
      },
      "Action": [
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer"
      ]
    }
  ]
}"#;

fn found(text: &str) -> Vec<Finding> {
    let owner = AccountId::parse("222222222222").ok();
    check(text, &CheckOptions { owner, ..CheckOptions::default() })
}

fn ids(text: &str) -> Vec<&'static str> {
    found(text).iter().map(|f| f.id).collect()
}

/// The sample with its principal replaced.
fn principal(to: &str) -> String {
    GOOD.replace("{\n        \"AWS\": \"arn:aws:iam::111111111111:root\"\n      }", to)
}

fn action(to: &str) -> String {
    GOOD.replace("[\n        \"ecr:BatchGetImage\",\n        \"ecr:GetDownloadUrlForLayer\"\n      ]", to)
}

fn condition(to: &str) -> String {
    GOOD.replace("\"Effect\": \"Allow\",", &format!("\"Effect\": \"Allow\", \"Condition\": {to},"))
}

#[test]
fn a_good_policy_has_no_findings() {
    assert_eq!(ids(GOOD), [""; 0]);
}

#[test]
fn each_slip_has_its_check_and_each_fix_heals_it() {
    let pull = r#"["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]"#;
    let cases: Vec<(&str, String, bool)> = vec![
        ("E001", GOOD.replace("      ]\n", "      ] // pull\n"), true),
        ("E001", GOOD.replace("\"Sid\"", "'Sid'"), true),
        ("E002", GOOD.replace("\"Sid\": \"AllowPull\"", "\"\\u0045ffect\": \"Allow\""), false),
        ("E002", condition(r#"{"StringEquals": {"aws:SourceVpce": "a", "AWS:sourcevpce": "b"}}"#), false),
        ("E003", GOOD.replace("\"Sid\"", "\"sid\""), true),
        ("E003", GOOD.replace("\"Statement\"", "\"Statements\""), true),
        ("E003", GOOD.replace("\"Sid\"", "\"Comment\""), false),
        ("E004", principal(r#"{"AWS": 111111111111}"#), true),
        ("E004", action("null"), false),
        ("E005", r#"{"Version": "2012-10-17"}"#.to_owned(), false),
        ("E005", r#"{"Statement": []}"#.to_owned(), false),
        ("E006", GOOD.replace("\"Allow\"", "\"allow\""), true),
        ("E006", GOOD.replace("      \"Effect\": \"Allow\",\n", ""), false),
        ("E007", GOOD.replace("\"Action\"", "\"Sid2\""), false),
        (
            "E008",
            GOOD.replace("\"Principal\": {\n        \"AWS\": \"arn:aws:iam::111111111111:root\"\n      },", ""),
            false,
        ),
        ("E009", GOOD.replace("2012-10-17", "2012-10-7"), true),
        ("E010", GOOD.replace("\"Sid\": \"AllowPull\"", "\"NotAction\": \"ecr:PutImage\""), false),
        ("E011", principal("\"111111111111\""), true),
        ("E011", principal("\"lambda.amazonaws.com\""), true),
        ("E012", principal(r#"{"aws": "111111111111"}"#), true),
        ("E013", principal(r#"{"AWS": "arn:aws:iam::111111111111:role/*"}"#), true),
        ("E014", principal(r#"{"Service": "Lambda.amazonaws.com"}"#), true),
        ("E014", principal(r#"{"Service": "lambda"}"#), true),
        ("E015", principal(r#"{"Federated": "accounts.google.com"}"#), false),
        ("E016", GOOD.replace("      ]\n", "      ],\n      \"Resource\": \"*\"\n"), true),
        ("E016", GOOD.replace("\"Sid\": \"AllowPull\"", "\"Resource\": \"*\""), true),
        ("E017", action("\"ecr:BatchGetImage, ecr:GetDownloadUrlForLayer\""), true),
        ("E017", action(r#"["BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#), true),
        ("E017", action(r#"["ecr:ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#), true),
        ("E018", action(&pull.replace(']', ",\"ecr:ListImageReferrers\"]")), true),
        ("W227", action(&pull.replace(']', ",\"ecr:ListImage\"]")), true),
        ("E019", condition(r#"{"StringEqual": {"aws:SourceVpce": "a"}}"#), true),
        ("E019", condition(r#"{"ForAllValue:StringLikeIfExists": {"aws:TagKeys": "a"}}"#), true),
        ("E025", condition(r#"{"NullIfExists": {"aws:SourceVpce": "true"}}"#), true),
        ("E025", condition(r#"{"Null": {"aws:SourceVpce": "yes"}}"#), false),
        ("E029", GOOD.replace("\"Version\"", &format!("{}\"Version\"", " ".repeat(11_000))), true),
        ("E030", principal(r#"{"AWS": "1111-1111-1111"}"#), true),
        ("E030", principal(r#"{"AWS": "arn:aws:iam::ACCOUNT_ID:root"}"#), false),
        ("S101", principal("\"*\""), false),
        ("S103", GOOD.replace("\"Principal\"", "\"NotPrincipal\""), false),
        ("S105", principal(r#"{"Service": "codebuild.amazonaws.com"}"#), false),
        ("S107", action(&pull.replace(']', ",\"ecr:SetRepositoryPolicy\"]")), false),
        ("S107", action("\"ecr:*\""), false),
        ("W203", action(&pull.replace(']', ",\"ecr:GetAuthorizationToken\"]")), false),
        ("W203", action(&pull.replace(']', ",\"s3:GetObject\"]")), false),
        ("W204", action("\"ecr:BatchGetImage\""), true),
        ("W206", principal(r#"{"AWS": ["AROAEXAMPLEEXAMPLEEX1", "111111111111"]}"#), true),
        ("W206", principal(r#"{"AWS": "AROAEXAMPLEEXAMPLEEX1", "Service": "lambda.amazonaws.com"}"#), true),
        ("W206", principal(r#"{"AWS": "AROAEXAMPLEEXAMPLEEX1"}"#), false),
    ];
    for (id, text, has_fix) in cases {
        let all = found(&text);
        let finding = all.iter().find(|f| f.id == id).unwrap_or_else(|| panic!("{id} not in {all:?} of {text}"));
        assert!(text.get(finding.span.start..finding.span.end).is_some_and(|s| !s.is_empty()), "{id}: {finding:?}");
        assert_eq!(finding.fix.is_some(), has_fix, "{id}: {finding:?} of {text}");
        assert_eq!(finding.stops, rules().any(|r| r.id == id && r.stops), "{id}");
        if let Some(fix) = &finding.fix {
            let fixed = apply_fix(&text, fix);
            assert!(!ids(&fixed).contains(&id), "{id}: {fixed}");
            let errors = |text: &str| found(text).iter().filter(|f| f.severity == Severity::Error).count();
            assert!(errors(&fixed) <= errors(&text), "{id}: a fix makes no new error: {fixed}");
        }
    }
}

#[test]
fn equal_slips_are_one_finding_with_one_fix() {
    let text = GOOD.replace('"', "'");
    let all = found(&text);
    assert_eq!(all.iter().filter(|f| f.id == "E001").count(), 1, "{all:?}");
    assert_eq!(apply_fix(&text, all[0].fix.as_ref().unwrap()), GOOD);
}

#[test]
fn an_identity_policy_is_recognised() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}}"#;
    assert_eq!(ids(text), ["E008", "E016"]);
}

#[test]
fn dropping_a_resource_that_names_something_is_shown_first() {
    let with = |resource: &str| GOOD.replace("\"Sid\": \"AllowPull\"", resource);
    for (resource, changes) in [
        ("\"Resource\": \"*\"", false),
        ("\"Resource\": [\"arn:aws:ecr:eu-west-2:222222222222:repository/app\"]", true),
        ("\"NotResource\": \"*\"", true),
    ] {
        let all = found(&with(resource));
        assert_eq!(all[0].fix.as_ref().unwrap().changes_access, changes, "{resource}");
    }
}

#[test]
fn the_output_of_get_repository_policy_is_recognised_and_unwrapped() {
    let printed = serde_json::json!({ "registryId": "222222222222", "repositoryName": "app", "policyText": GOOD });
    let text = serde_json::to_string_pretty(&printed).unwrap();
    let all = found(&text);
    let finding = all.iter().find(|f| f.id == "E005").unwrap();
    assert_eq!(apply_fix(&text, finding.fix.as_ref().unwrap()), GOOD);
}

#[test]
fn conditions_and_denies_count_for_what_is_public() {
    let org = principal("\"*\"")
        .replace("\"Effect\"", r#""Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}}, "Effect""#);
    assert!(!ids(&org).contains(&"S101"));
    assert!(!ids(&org).contains(&"S102"));
    let open = ids(&org.replace("StringEquals", "StringEqualsIfExists"));
    assert!(open.contains(&"S102") && !open.contains(&"S101"), "{open:?}");
    let denied = principal("\"*\"")
        .replace("    }\n  ]", "    },\n    {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"ecr:*\"}\n  ]");
    assert!(!ids(&denied).contains(&"S101"), "{denied}");
    let denied = denied.replace(
        "\"Effect\": \"Allow\"",
        r#""Condition": {"Bool": {"aws:SecureTransport": "true"}}, "Effect": "Allow""#,
    );
    assert!(!ids(&denied).contains(&"S102"), "{denied}");
}

#[test]
fn lambdas_own_statement_is_no_takeover() {
    let text = r#"{"Version":"2008-10-17","Statement":[{"Sid":"LambdaECRImageRetrievalPolicy","Effect":"Allow",
        "Principal":{"Service":"lambda.amazonaws.com"},
        "Action":["ecr:BatchGetImage","ecr:DeleteRepositoryPolicy","ecr:GetDownloadUrlForLayer","ecr:GetRepositoryPolicy","ecr:SetRepositoryPolicy"],
        "Condition":{"StringLike":{"aws:sourceArn":"arn:aws:lambda:eu-west-2:222222222222:function:*"}}}]}"#;
    assert_eq!(ids(text), ["W210"], "Lambda writes the old version");
    let of_another = ids(&text.replace("222222222222", "333333333333"));
    assert!(of_another.contains(&"S107") && of_another.contains(&"W224"), "{of_another:?}");
}

#[test]
fn what_aws_holds_already_does_not_stop_a_save_except_a_deleted_principal() {
    let odd = GOOD.replace("111111111111:root", "111111111111:role/*");
    let orphan = GOOD.replace("arn:aws:iam::111111111111:root", "AROAEXAMPLEEXAMPLEEX1");
    let stops = |text: &str, stored: &str| {
        let options = CheckOptions { stored: Some(stored.to_owned()), ..CheckOptions::default() };
        check(text, &options).iter().any(|f| f.stops)
    };
    assert!(!stops(&odd, &odd));
    assert!(!stops(&odd, &crate::text::minify(&odd).unwrap()), "layout does not count");
    assert!(stops(&odd, GOOD));
    assert!(stops(&odd.replace("BatchGet", "BatchDelete"), &odd), "a touched statement is the user's own");
    assert!(stops(&orphan, &orphan));
}

#[test]
fn findings_come_in_document_order_and_every_row_of_the_table_is_its_own() {
    let text = GOOD.replace("\"Allow\"", "\"allow\"").replace("2012-10-17", "2012");
    assert_eq!(ids(&text), ["E009", "E006"]);
    let all: Vec<&str> = rules().map(|r| r.id).collect();
    let class = |id: &str| "ESWI".find(id.chars().next().unwrap());
    assert!(
        all.windows(2).all(|two| (class(two[0]), two[0]) < (class(two[1]), two[1])),
        "in order, each once: {all:?}"
    );
    let mut names: Vec<&str> = rules().map(|r| r.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|two| two[0] != two[1]), "each name once: {names:?}");
    for rule in rules() {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        assert!(rule.name.split('-').all(is_word) && rule.name.len() <= 32, "{rule:?}");
        assert_eq!((find_rule(rule.id), find_rule(&rule.name.to_uppercase())), (Some(rule), Some(rule)));
        assert!(!rule.what.is_empty() && !rule.what.ends_with('.') && rule.why.ends_with('.'), "{rule:?}");
        let severity = [Severity::Error, Severity::Security, Severity::Warning, Severity::Advice];
        assert_eq!(class(rule.id).map(|at| severity[at]), Some(rule.severity), "{rule:?}");
    }
}

proptest! {
    #![proptest_config(crate::testing::fixed_cases(200))]

    #[test]
    fn any_text_is_checked_and_any_fix_applied_without_a_panic(text in any::<String>(), at in 0..GOOD.len(), len in 0usize..6, with in "[\\[\\]{}:,\"'a1*#= ]{0,3}") {
        let mut spoiled = GOOD.to_owned();
        spoiled.replace_range(at..(at + len).min(GOOD.len()), &with);
        for text in [text, spoiled] {
            for finding in found(&text) {
                prop_assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
                if let Some(fix) = &finding.fix {
                    let fixed = apply_fix(&text, fix);
                    prop_assert!(fixed != text, "{finding:?} of {text:?}");
                }
            }
            let _ = Policy::read(&text);
        }
    }

    #[test]
    fn a_fix_that_may_be_applied_unasked_changes_nobodys_access(text in document()) {
        let old = Policy::read(&text).unwrap();
        for fix in found(&text).into_iter().filter_map(|f| f.fix).filter(|f| !f.changes_access) {
            let new = Policy::read(&apply_fix(&text, &fix)).unwrap();
            prop_assert!(crate::delta::delta(Some(&old), Some(&new)).is_empty());
        }
    }
}

/// Names that AWS may add: to actions, condition keys, services and Regions.
#[test]
fn a_name_that_the_tables_may_only_lack_is_no_error() {
    for (what, text) in [
        ("an action", action(r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:GetImageAttestation"]"#)),
        ("one like another", action(r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:ListImage"]"#)),
        ("a pattern", action(r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:*Attestation*"]"#)),
        ("all but one", action(r#""ecr:GetImageAttestation""#).replace("\"Action\"", "\"NotAction\"")),
        ("a key", condition(r#"{"StringEquals": {"aws:SourceGalaxy": "milky-way"}}"#)),
        ("a key of ECR", condition(r#"{"StringEquals": {"ecr:ImageTag": "v1"}}"#)),
        ("a tag's key", condition(r#"{"StringEquals": {"ecr:ImageLabel/team": "a"}}"#)),
        ("a variable", condition(r#"{"StringEquals": {"aws:PrincipalTag/a": "${aws:SourceGalaxy}"}}"#)),
        ("a service", principal(r#"{"Service": "newthing.amazonaws.com"}"#)),
        ("a Region", condition(r#"{"StringEquals": {"aws:RequestedRegion": "xx-north-7"}}"#)),
        (
            "a Region in an ARN",
            condition(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:lambda:xx-north-7:222222222222:function:a"}}"#),
        ),
        (
            "a service in an ARN",
            condition(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:newthing:eu-west-2:222222222222:thing/a"}}"#),
        ),
        ("a service's endpoint", condition(r#"{"StringEquals": {"aws:CalledViaLast": "newthing.amazonaws.com"}}"#)),
    ] {
        let errors: Vec<Finding> =
            found(&text).into_iter().filter(|f| f.severity == Severity::Error || f.stops).collect();
        assert_eq!(errors, [], "{what}: {text}");
    }
}
