use super::super::*;
use crate::policy::delta::delta;

const PULL: &str = r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#;
const VENDOR: &str = r#"{"AWS": "111111111111"}"#;
const BUILDS: &str = r#"{"Service": "codebuild.amazonaws.com"}"#;
const EVERYONE: &str = "\"*\"";
const ORG: &str = "o-a1b2c3d4e5";

fn document(version: &str, statement: &str) -> String {
    format!("{{\n  {version}\"Statement\": [\n    {statement}\n  ]\n}}\n")
}

fn statement(effect: &str, principal: &str, actions: &str, condition: &str) -> String {
    format!(
        "{{\n      \"Effect\": \"{effect}\",\n      \"Principal\": {principal},\n      \"Action\": {actions},\n      \
         \"Condition\": {condition}\n    }}"
    )
}

fn modern(statement: &str) -> String {
    document("\"Version\": \"2012-10-17\",\n  ", statement)
}

/// The vendor may pull under a condition.
fn under(condition: &str) -> String {
    modern(&statement("Allow", VENDOR, PULL, condition))
}

fn public(condition: &str) -> String {
    modern(&statement("Allow", EVERYONE, PULL, condition))
}

fn service(condition: &str) -> String {
    modern(&statement("Allow", BUILDS, PULL, condition))
}

fn deny(condition: &str) -> String {
    modern(&statement("Deny", EVERYONE, "\"ecr:*\"", condition))
}

fn old(condition: &str) -> String {
    document("\"Version\": \"2008-10-17\",\n  ", &statement("Allow", VENDOR, PULL, condition))
}

fn found(text: &str) -> Vec<Finding> {
    let owner = AccountId::parse("222222222222").ok();
    check(text, &CheckOptions { owner, ..CheckOptions::default() })
}

/// Texts with a finding each: its id, the part of the text that it is about, and what its message holds.
fn firing() -> Vec<(&'static str, String, &'static str, &'static str)> {
    vec![
        ("E019", under(r#"{"StringEqual": {"aws:PrincipalTag/a": "b"}}"#), "\"StringEqual\"", "`StringEquals`"),
        (
            "E019",
            under(r#"{"StringEqualsIfExist": {"aws:userid": "b"}}"#),
            "\"StringEqualsIfExist\"",
            "`StringEqualsIfExists`",
        ),
        (
            "E019",
            under(r#"{"ForAnyValueStringLike": {"aws:TagKeys": "b"}}"#),
            "\"ForAnyValueStringLike\"",
            "`ForAnyValue:StringLike`",
        ),
        (
            "E019",
            under(r#"{"StringLikes": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}"#),
            "\"StringLikes\"",
            "`StringLike`",
        ),
        (
            "E019",
            under(r#"{"ForEach:StringEquals": {"aws:userid": "b"}}"#),
            "\"ForEach:StringEquals\"",
            "no set operator",
        ),
        ("E019", under(r#"{"Matches": {"aws:userid": "b"}}"#), "\"Matches\"", "no condition operator"),
        ("E019", under(r#"{"aws:PrincipalOrgID": "o-a1b2c3d4e5"}"#), "\"aws:PrincipalOrgID\"", "inside an operator"),
        ("E019", under(r#"{"StringEqual": {"aws:SourceIp": "203.0.113.7"}}"#), "\"StringEqual\"", "`StringEquals`"),
        (
            "E019",
            under(r#"{"StringEqual": {"aws:userid": "b"}, "StringEquals": {"aws:userid": "c"}}"#),
            "\"StringEqual\"",
            "did you mean",
        ),
        (
            "E020",
            under(r#"{"StringEquals": {"PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"PrincipalOrgID\"",
            "`aws:PrincipalOrgID`",
        ),
        ("E020", under(r#"{"StringEquals": {"organization": "o-a1b2c3d4e5"}}"#), "\"organization\"", "no prefix"),
        ("E020", under(r#"{"StringEquals": {"aws:PrincipalTag": "b"}}"#), "\"aws:PrincipalTag\"", "names no tag"),
        ("E020", under(r#"{"StringEquals": {"ecr:ResourceTag/": "b"}}"#), "\"ecr:ResourceTag/\"", "names no tag"),
        ("E020", under(r#"{"StringEquals": {"aws:": "b"}}"#), "\"aws:\"", "no key"),
        (
            "E021",
            under(r#"{"StringEquals": {"aws:PrincipalOrg": "o-a1b2c3d4e5"}}"#),
            "\"aws:PrincipalOrg\"",
            "`aws:PrincipalOrgID`",
        ),
        (
            "E021",
            under(r#"{"StringLike": {"aws:PrincipalTags/team": "b"}}"#),
            "\"aws:PrincipalTags/team\"",
            "`aws:PrincipalTag/team`",
        ),
        ("E021", under(r#"{"ArnLike": {"aws:ARN": "arn:aws:iam::111111111111:role/ci"}}"#), "\"aws:ARN\"", "given up"),
        ("E021", under(r#"{"StringEquals": {"aws:Weekday": "Monday"}}"#), "\"aws:Weekday\"", "no condition key"),
        ("E021", under(r#"{"StringEquals": {"awss:SourceArn": "b"}}"#), "\"awss:SourceArn\"", "`aws:SourceArn`"),
        (
            "E021",
            under(r#"{"StringEquals": {"aws:userid": "${aws:usernam}"}}"#),
            "\"${aws:usernam}\"",
            "`aws:username`",
        ),
        (
            "E022",
            under(r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": ["60", "an hour"]}}"#),
            "\"an hour\"",
            "no number",
        ),
        ("E022", under(r#"{"DateLessThan": {"aws:CurrentTime": "01/02/2030"}}"#), "\"01/02/2030\"", "no date"),
        ("E022", under(r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/33"}}"#), "\"203.0.113.0/33\"", "no address"),
        ("E022", under(r#"{"Bool": {"aws:SecureTransport": "yes"}}"#), "\"yes\"", "neither true nor false"),
        ("E022", under(r#"{"BinaryEquals": {"aws:PrincipalTag/a": "?"}}"#), "\"?\"", "no base64"),
        ("E022", under(r#"{"ArnLike": {"aws:PrincipalArn": "ci"}}"#), "\"ci\"", "no ARN"),
        (
            "E022",
            under(r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111"}}"#),
            "\"arn:aws:iam::111111111111\"",
            "5 of the six",
        ),
        ("E022", under(r#"{"StringEquals": {"aws:SourceIp": "203.0.113.7"}}"#), "\"StringEquals\"", "IpAddress"),
        ("E022", under(r#"{"Bool": {"aws:userid": "true"}}"#), "\"Bool\"", "StringEquals"),
        ("E023", under(r#"{"Bool": {"aws:SecureTransport": ["true", false]}}"#), "[\"true\", false]", "any value"),
        ("E023", under(r#"{"Null": {"aws:userid": [true, "false"]}}"#), "[true, \"false\"]", "any value"),
        (
            "E024",
            public(r#"{"StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}"#),
            "\"aws:PrincipalOrgPaths\"",
            "`ForAnyValue:StringLike`",
        ),
        (
            "E024",
            deny(r#"{"StringNotLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}"#),
            "\"aws:PrincipalOrgPaths\"",
            "`ForAllValues:StringNotLike`",
        ),
        (
            "E024",
            under("{\n        \"StringLike\": {\"aws:CalledVia\": \"a\", \"aws:userid\": \"b\"}\n      }"),
            "\"aws:CalledVia\"",
            "`ForAnyValue:StringLike`",
        ),
        ("E025", under(r#"{"NullIfExists": {"aws:userid": "true"}}"#), "\"NullIfExists\"", "IfExists"),
        ("E025", under(r#"{"Null": {"aws:userid": "no"}}"#), "\"no\"", "\"true\" or \"false\""),
        ("E026", under(r#"{"StringEquals": {"aws:SourceVpce": "vpce-1"}}"#), "\"vpce-1\"", "no VPC endpoint"),
        ("E026", under(r#"{"StringEquals": {"aws:SourceVpc": "vpc_1a2b3c4d"}}"#), "\"vpc_1a2b3c4d\"", "no VPC"),
        (
            "E026",
            under(r#"{"StringEquals": {"aws:PrincipalOrgID": "O-A1B2C3D4E5"}}"#),
            "\"O-A1B2C3D4E5\"",
            "no organization",
        ),
        (
            "E026",
            under(r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/ab12/*"}}"#),
            "\"o-a1b2c3d4e5/ab12/*\"",
            "`ab12`",
        ),
        (
            "E026",
            under(r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-x/"}}"#),
            "\"o-a1b2c3d4e5/r-ab12/ou-x/\"",
            "`ou-x`",
        ),
        (
            "E026",
            deny(r#"{"StringNotEquals": {"aws:PrincipalAccount": "<YOUR_ACCOUNT_ID>"}}"#),
            "\"<YOUR_ACCOUNT_ID>\"",
            "no account id",
        ),
        ("E027", under(r#"{"StringEquals": {"aws:userid": "${aws:username"}}"#), "\"${aws:username\"", "never closed"),
        (
            "E027",
            under(r#"{"StringEquals": {"aws:userid": "${ aws:username }"}}"#),
            "\"${ aws:username }\"",
            "no blanks",
        ),
        ("E027", under(r#"{"StringEquals": {"aws:userid": "${aws:${x}}"}}"#), "\"${aws:${x}}\"", "inside a variable"),
        (
            "E027",
            under(r#"{"StringEquals": {"aws:userid": "${aws:username, bob}"}}"#),
            "\"${aws:username, bob}\"",
            "quotes",
        ),
        ("E027", under(r#"{"StringLike": {"aws:userid": "${aws:TagKeys}"}}"#), "\"${aws:TagKeys}\"", "several values"),
        ("E027", under(r#"{"StringEquals": {"aws:userid": "${USER}"}}"#), "\"${USER}\"", "placeholder"),
        (
            "E027",
            under(r#"{"StringEquals": {"aws:userid": "${aws:PrincipalTag}"}}"#),
            "\"${aws:PrincipalTag}\"",
            "no tag",
        ),
        (
            "E027",
            under(r#"{"IpAddress": {"aws:SourceIp": "${aws:SourceIp}"}}"#),
            "\"${aws:SourceIp}\"",
            "texts or ARNs",
        ),
        (
            "E027",
            old(r#"{"NumericEquals": {"aws:MultiFactorAuthAge": "${aws:username}"}}"#),
            "\"${aws:username}\"",
            "texts or ARNs",
        ),
        (
            "E027",
            modern(&statement("Allow", VENDOR, "[\"ecr:${aws:username}\"]", "{}")),
            "\"ecr:${aws:username}\"",
            "takes no variables",
        ),
        (
            "E028",
            old(r#"{"StringLike": {"aws:PrincipalTag/owner": "${aws:username}"}}"#),
            "\"${aws:username}\"",
            "in this version",
        ),
        (
            "E028",
            document(
                "",
                &statement(
                    "Allow",
                    VENDOR,
                    PULL,
                    r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/${aws:username}"}}"#,
                ),
            ),
            "\"arn:aws:iam::111111111111:user/${aws:username}\"",
            "without a Version",
        ),
        ("S102", public(r#"{"StringLike": {"aws:PrincipalOrgID": "o-*"}}"#), "\"o-*\"", "organizations of others"),
        (
            "S102",
            public(r#"{"StringLike": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "*"]}}"#),
            "\"*\"",
            "organizations of others",
        ),
        (
            "S102",
            public(r#"{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}"#),
            "\"0.0.0.0/0\"",
            "every address",
        ),
        (
            "S102",
            public(r#"{"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}"#),
            "\"0.0.0.0/1\"",
            "addresses of anybody",
        ),
        ("S102", public(r#"{"Bool": {"aws:SecureTransport": "true"}}"#), "\"aws:SecureTransport\"", "TLS"),
        ("S102", public(r#"{"StringEquals": {"aws:UserAgent": "x"}}"#), "\"aws:UserAgent\"", "the caller writes it"),
        (
            "S102",
            public(r#"{"StringLike": {"aws:Referer": "https://example.com/*"}}"#),
            "\"aws:Referer\"",
            "the caller writes it",
        ),
        ("S102", public(r#"{"StringEquals": {"aws:username": "ana"}}"#), "\"aws:username\"", "a user of that name"),
        (
            "S102",
            public(r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"StringEqualsIfExists\"",
            "is missing",
        ),
        (
            "S102",
            public(r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}"#),
            "\"arn:aws:iam::*:role/ci\"",
            "every account",
        ),
        (
            "S102",
            public(r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"StringNotEquals\"",
            "only those whom it names",
        ),
        ("S102", public(r#"{"Null": {"aws:PrincipalOrgID": "false"}}"#), "\"Null\"", "only whether"),
        (
            "S102",
            public(r#"{"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalTag/org}"}}"#),
            "\"${aws:PrincipalTag/org}\"",
            "the caller's own request",
        ),
        (
            "S104",
            public(r#"{"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"ForAllValues:StringEquals\"",
            "one value",
        ),
        (
            "S104",
            under(
                r#"{"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}, "Null": {"aws:PrincipalOrgPaths": "true"}}"#,
            ),
            "\"ForAllValues:StringLike\"",
            "add `Null`",
        ),
        (
            "S106",
            service(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"aws:PrincipalOrgID\"",
            "`aws:SourceOrgID`",
        ),
        (
            "S106",
            service(r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#),
            "\"aws:SourceIp\"",
            "gives it nothing",
        ),
        (
            "S106",
            service(r#"{"StringEqualsIfExists": {"aws:Referer": "x"}}"#),
            "\"aws:Referer\"",
            "keeps it from nothing",
        ),
        (
            "S106",
            modern(&statement(
                "Deny",
                BUILDS,
                PULL,
                r#"{"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}}"#,
            )),
            "\"aws:PrincipalAccount\"",
            "denies it always",
        ),
        (
            "S108",
            under(r#"{"IpAddress": {"aws:VpcSourceIp": "10.0.1.0/24"}}"#),
            "\"aws:VpcSourceIp\"",
            "`aws:SourceVpc`",
        ),
        (
            "S108",
            under(
                r#"{"IpAddress": {"aws:Ec2InstanceSourcePrivateIPv4": "10.0.1.7"}, "StringEquals": {"aws:SourceVpc": "vpc-1a2b3c4d"}}"#,
            ),
            "\"aws:Ec2InstanceSourcePrivateIPv4\"",
            "`aws:Ec2InstanceSourceVpc`",
        ),
        (
            "S109",
            under(r#"{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "10.20.0.0/16"]}}"#),
            "\"10.20.0.0/16\"",
            "private",
        ),
        ("S109", deny(r#"{"NotIpAddress": {"aws:SourceIp": "fd00::1"}}"#), "\"fd00::1\"", "private"),
        (
            "S112",
            service(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:*:*:project/*"}}"#),
            "\"arn:aws:codebuild:*:*:project/*\"",
            "every account",
        ),
        (
            "S112",
            service(r#"{"StringLike": {"aws:SourceArn": "arn:aws:codebuild:*"}}"#),
            "\"arn:aws:codebuild:*\"",
            "every account",
        ),
        ("S112", service(r#"{"StringLike": {"aws:SourceAccount": "*"}}"#), "\"*\"", "every account"),
        ("W202", under("{}"), "{}", "as if there were none"),
        ("W202", under(r#"{"StringEquals": {}}"#), "{}", "asks for nothing"),
        ("W202", under(r#"{"StringEquals": {"aws:userid": []}}"#), "[]", "never holds"),
        ("W202", under(r#"{"StringNotEquals": {"aws:userid": []}}"#), "[]", "always holds"),
        ("W202", under(r#"{"StringEqualsIfExists": {"aws:userid": []}}"#), "[]", "only where the key is missing"),
        ("W202", under(r#"{"ForAllValues:StringEquals": {"aws:TagKeys": []}}"#), "[]", "only where the key is missing"),
        ("W202", under(r#"{"ForAnyValue:StringNotEquals": {"aws:TagKeys": []}}"#), "[]", "wherever the key is there"),
        (
            "W208",
            deny(r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"StringNotEquals\"",
            "denies it too",
        ),
        (
            "W208",
            deny(
                r#"{"StringNotEqualsIfExists": {"aws:PrincipalAccount": "222222222222"}, "BoolIfExists": {"aws:ViaAWSService": "false"}}"#,
            ),
            "\"StringNotEqualsIfExists\"",
            "denies it too",
        ),
        (
            "W208",
            modern(&format!(
                "{},\n    {}",
                statement(
                    "Deny",
                    EVERYONE,
                    "\"ecr:*\"",
                    "{\n        \"StringNotEquals\": {\n          \"aws:SourceVpce\": \"vpce-1a2b3c4d\"\n        }\n      }"
                ),
                statement("Allow", BUILDS, PULL, r#"{"StringEquals": {"aws:SourceAccount": "222222222222"}}"#)
            )),
            "\"StringNotEquals\"",
            "`aws:SourceVpce`",
        ),
        ("W214", under(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-*"}}"#), "\"o-*\"", "letter by letter"),
        (
            "W214",
            service(
                r#"{"StringEqualsIfExists": {"aws:SourceArn": ["arn:aws:codebuild:eu-west-2:222222222222:project/?"]}}"#,
            ),
            "\"arn:aws:codebuild:eu-west-2:222222222222:project/?\"",
            "letter by letter",
        ),
        ("W214", under(r#"{"StringNotEqualsIgnoreCase": {"aws:userid": "AROA*"}}"#), "\"AROA*\"", "letter by letter"),
        ("W215", under(r#"{"ForAnyValue:Null": {"aws:TagKeys": "true"}}"#), "\"ForAnyValue:Null\"", "no set operator"),
        (
            "W219",
            under(r#"{"StringEquals": {"aws:ResourceAccount": "222222222222"}}"#),
            "\"aws:ResourceAccount\"",
            "the same for every request",
        ),
        ("W222", under(r#"{"StringEquals": {"aws:RequestedRegion": "eu-west-9"}}"#), "\"eu-west-9\"", "no Region"),
        (
            "W222",
            service(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:us-esat-1:222222222222:project/*"}}"#),
            "\"arn:aws:codebuild:us-esat-1:222222222222:project/*\"",
            "`us-east-1`",
        ),
        ("W223", under(r#"{"StringEquals": {"sts:ExternalId": "x"}}"#), "\"sts:ExternalId\"", "a key of sts"),
        ("W223", under(r#"{"StringEquals": {"aws:RequestTag/team": "x"}}"#), "\"aws:RequestTag/team\"", "change tags"),
        (
            "W223",
            under(r#"{"StringEquals": {"ecr:AccountSetting": "x"}}"#),
            "\"ecr:AccountSetting\"",
            "registry's settings",
        ),
        (
            "I302",
            under(r#"{"IpAddress": {"aws:SourceIp": ["198.51.100.7", "203.0.113.77/24"]}}"#),
            "\"203.0.113.77/24\"",
            "`203.0.113.0/24`",
        ),
        (
            "I302",
            deny(r#"{"NotIpAddress": {"aws:SourceIp": "2001:DB8:0::1/32"}}"#),
            "\"2001:DB8:0::1/32\"",
            "`2001:db8::/32`",
        ),
    ]
}

#[test]
fn each_finding_stands_under_the_part_that_is_wrong_and_says_what() {
    for (id, text, under, words) in firing() {
        let all = found(&text);
        let said: Vec<&Finding> = all.iter().filter(|f| f.id == id).collect();
        let there = said.iter().any(|f| f.span.of(&text) == under && f.message.contains(words));
        assert!(there, "{id} at {under} saying {words}: {all:#?} of {text}");
    }
    let ids: Vec<&str> = firing().iter().map(|(id, ..)| *id).collect();
    let ours = |r: &&Rule| {
        CHECKS.iter().any(|c| c.rule.id == r.id)
            && (r.id == "E019" || ("E020" <= r.id && r.id <= "E028" && r.id.starts_with('E')))
    };
    for rule in rules().filter(ours) {
        assert!(ids.contains(&rule.id), "{} has a text", rule.id);
    }
}

#[test]
fn what_is_nearly_wrong_is_not_reported() {
    let quiet: Vec<(&str, String)> = vec![
        ("E019", under(r#"{"stringequalsifexists": {"aws:userid": "b"}}"#)),
        ("E019", under(r#"{"FORANYVALUE:StringLike": {"aws:TagKeys": "b"}}"#)),
        ("E020", under(r#"{"StringEquals": {"aws:PrincipalTag/aws-cdk:id": "b"}}"#)),
        ("E020", under(r#"{"StringEquals": {"AWS:PRINCIPALORGID": "o-a1b2c3d4e5"}}"#)),
        ("E021", under(r#"{"StringEquals": {"aws:sourceARN": "b", "aws:PrincipalOrgId": "o-a1b2c3d4e5"}}"#)),
        ("E021", under(r#"{"StringEquals": {"saml:sub": "x", "token.actions.githubusercontent.com:sub": "x"}}"#)),
        (
            "E021",
            under(r#"{"ArnLike": {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-2:111111111111:function:x"}}"#),
        ),
        ("E021", under(r#"{"StringEquals": {"aws:userid": "${saml:sub}${*}"}}"#)),
        ("E022", under(r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": [3600, "-1.5"]}}"#)),
        ("E022", under(r#"{"NumericLessThan": {"aws:EpochTime": 1795424400}}"#)),
        (
            "E022",
            under(r#"{"DateLessThan": {"aws:CurrentTime": ["2030-01-31T00:00:00Z", "1795424400", "2030-01-31"]}}"#),
        ),
        ("E022", under(r#"{"Bool": {"aws:SecureTransport": true, "aws:MultiFactorAuthPresent": "False"}}"#)),
        ("E022", under(r#"{"IpAddress": {"aws:SourceIp": ["203.0.113.7", "2001:DB8::/32"]}}"#)),
        (
            "E022",
            under(
                r#"{"ArnLike": {"aws:PrincipalArn": ["*", "arn:*:iam::111111111111:role/*", "arn:aws:iam::1:user/${aws:username}"]}}"#,
            ),
        ),
        ("E022", under(r#"{"StringLike": {"aws:PrincipalArn": "*role*"}}"#)),
        (
            "E022",
            under(
                r#"{"NumericLessThan": {"aws:PrincipalTag/level": "5"}, "Bool": {"ecr:ResourceTag/shared": "true"}}"#,
            ),
        ),
        ("E022", under(r#"{"Null": {"aws:SourceIp": "true"}}"#)),
        ("E023", under(r#"{"Bool": {"aws:SecureTransport": ["true", "TRUE"]}}"#)),
        ("E023", under(r#"{"StringEquals": {"aws:PrincipalTag/a": ["true", "false"]}}"#)),
        ("E024", under(r#"{"Null": {"aws:PrincipalOrgPaths": "false"}}"#)),
        ("E024", under(r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}"#)),
        ("E026", under(r#"{"StringEquals": {"aws:SourceVpce": ["vpce-1a2b3c4d", "vpce-0123456789abcdef0"]}}"#)),
        ("E026", under(r#"{"StringLike": {"aws:SourceVpc": ["vpc-0a*", "*"], "aws:PrincipalOrgID": "o-*"}}"#)),
        (
            "E026",
            under(
                r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", "o-a1b2c3d4e5/*/ou-ab12-11111111/", "o-a1b2c3d4e5/*"]}}"#,
            ),
        ),
        ("E026", under(r#"{"StringEquals": {"aws:PrincipalAccount": [111111111111, "${aws:SourceAccount}"]}}"#)),
        ("E026", under(r#"{"Null": {"aws:SourceVpce": "true"}}"#)),
        (
            "E027",
            under(
                r#"{"StringEquals": {"aws:userid": ["${aws:username}", "${aws:PrincipalTag/team, 'none'}", "${*}${?}${$}", "$x {y}"]}}"#,
            ),
        ),
        ("E027", under(r#"{"Bool": {"aws:MultiFactorAuthPresent": "${aws:PrincipalTag/mfa}"}}"#)),
        ("E027", old(r#"{"StringEquals": {"aws:userid": "${USER"}}"#)),
        ("E028", under(r#"{"StringLike": {"aws:PrincipalTag/owner": "${aws:username}"}}"#)),
        ("E028", old(r#"{"StringLike": {"aws:PrincipalTag/owner": "$aws:username"}}"#)),
        ("S101", public(r#"{"StringLike": {"aws:PrincipalOrgID": "o-*"}}"#)),
        ("S102", public("{}")),
        ("S102", public(r#"{"StringLike": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#)),
        (
            "S102",
            public(r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:SecureTransport": "true"}}"#),
        ),
        (
            "S102",
            public(
                r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}"#,
            ),
        ),
        ("S102", under(r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#)),
        ("S104", deny(r#"{"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}"#)),
        (
            "S104",
            under(
                r#"{"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}, "Null": {"aws:principalorgpaths": false}}"#,
            ),
        ),
        (
            "S106",
            service(
                r#"{"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}, "Bool": {"aws:SecureTransport": "true"}}"#,
            ),
        ),
        ("S106", under(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#)),
        (
            "S108",
            under(
                r#"{"IpAddress": {"aws:VpcSourceIp": "10.0.1.0/24"}, "StringEquals": {"AWS:sourcevpce": "vpce-1a2b3c4d"}}"#,
            ),
        ),
        (
            "S109",
            under(
                r#"{"IpAddress": {"aws:SourceIp": ["0.0.0.0/0", "172.32.0.0/16", "2001:db8::/32"], "aws:VpcSourceIp": "10.0.0.1"}}"#,
            ),
        ),
        ("S112", service(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:*:222222222222:project/*"}}"#)),
        (
            "S112",
            service(
                r#"{"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:*:*:project/*"}, "StringEquals": {"aws:SourceAccount": "222222222222"}}"#,
            ),
        ),
        ("S112", service(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}"#)),
        ("W202", under(r#"{"StringEquals": {"aws:userid": ""}}"#)),
        (
            "W208",
            deny(
                r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}"#,
            ),
        ),
        (
            "W208",
            deny(
                r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}"#,
            ),
        ),
        ("W208", deny(r#"{"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}"#)),
        (
            "W208",
            modern(&statement("Deny", VENDOR, PULL, r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#)),
        ),
        ("W214", under(r#"{"StringLike": {"aws:userid": "AROA*"}}"#)),
        ("W214", under(r#"{"StringEquals": {"aws:Referer": "https://example.com/?x", "aws:userid": "a${*}b"}}"#)),
        ("W215", under(r#"{"Null": {"aws:TagKeys": "true"}}"#)),
        ("W219", under(r#"{"StringEquals": {"aws:ResourceTag/a": "x"}}"#)),
        ("W222", under(r#"{"StringEquals": {"aws:RequestedRegion": ["eu-west-2", "us-gov-east-1"]}}"#)),
        (
            "W222",
            service(
                r#"{"ArnLike": {"aws:SourceArn": ["arn:aws:codebuild:eu-*:222222222222:x", "arn:aws:s3:::bucket"]}}"#,
            ),
        ),
        ("W223", modern(&statement("Allow", VENDOR, "\"ecr:*\"", r#"{"StringEquals": {"aws:RequestTag/team": "x"}}"#))),
        (
            "W223",
            modern(&statement(
                "Allow",
                VENDOR,
                "\"ecr:UntagResource\"",
                r#"{"ForAnyValue:StringEquals": {"aws:TagKeys": "x"}}"#,
            )),
        ),
        ("W223", under(r#"{"StringEquals": {"ssm:SourceInstanceArn": "x", "ecr:ResourceTag/a": "x"}}"#)),
        ("I302", under(r#"{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "203.0.113.7", "203.0.113.7/32"]}}"#)),
    ];
    for (id, text) in quiet {
        let all = found(&text);
        assert!(all.iter().all(|f| f.id != id), "{id}: {all:#?} of {text}");
    }
}

/// What AWS's own pages show, and what its services write.
fn documented() -> Vec<String> {
    let lambda = r#"{"Version":"2008-10-17","Statement":[{"Sid":"LambdaECRImageRetrievalPolicy","Effect":"Allow",
        "Principal":{"Service":"lambda.amazonaws.com"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"],
        "Condition":{"StringLike":{"aws:sourceArn":"arn:aws:lambda:us-east-2:222222222222:function:*"}}}]}"#;
    let pair = modern(&format!(
        "{},\n    {}",
        statement("Allow", VENDOR, PULL, "{}").replace(",\n      \"Condition\": {}", ""),
        statement(
            "Allow",
            r#"{"Service": "lambda.amazonaws.com"}"#,
            PULL,
            r#"{"StringLike": {"aws:sourceARN": "arn:aws:lambda:us-east-1:111111111111:function:*"}}"#
        )
    ));
    vec![
        lambda.to_owned(),
        pair,
        public(&format!(r#"{{"StringEquals": {{"aws:PrincipalOrgID": "{ORG}"}}}}"#)),
        public(&format!(r#"{{"StringEquals": {{"aws:PrincipalOrgID": ["{ORG}", "o-f6g7h8i9j0"]}}}}"#)),
        public(
            r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/"]}}"#,
        ),
        public(
            r#"{"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/"}}"#,
        ),
        deny(r#"{"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}"#),
        deny(r#"{"StringNotEquals": {"aws:SourceVpc": "vpc-111bbb22"}}"#),
        deny(r#"{"NotIpAddress": {"aws:SourceIp": "54.240.143.0/24"}}"#),
        deny(
            r#"{"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:DB8:1234:5678::/64"]}, "Bool": {"aws:ViaAWSService": "false"}}"#,
        ),
        deny(r#"{"Bool": {"aws:SecureTransport": "false"}}"#),
        deny(&format!(
            r#"{{"StringNotEqualsIfExists": {{"aws:PrincipalOrgID": "{ORG}"}}, "BoolIfExists": {{"aws:PrincipalIsAWSService": "false"}}}}"#
        )),
        deny(r#"{"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/admin"}}"#),
        deny(r#"{"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}"#),
        deny(
            r#"{"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}, "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#,
        ),
        service(
            r#"{"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:us-east-1:222222222222:project/project-name"}, "StringEquals": {"aws:SourceAccount": "222222222222"}}"#,
        ),
        under(r#"{"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}"#),
        under(
            r#"{"IpAddress": {"aws:VpcSourceIp": "10.0.1.0/24"}, "StringEquals": {"aws:SourceVpc": "vpc-111bbb22"}}"#,
        ),
        modern(&statement(
            "Allow",
            VENDOR,
            r#"["ecr:TagResource"]"#,
            r#"{"StringEquals": {"aws:RequestTag/environment": ["production", "test"]}, "ForAnyValue:StringEquals": {"aws:TagKeys": "environment"}}"#,
        )),
    ]
}

#[test]
fn what_aws_documents_has_no_error_and_no_warning() {
    for text in documented() {
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
    let expected: Vec<String> = (1..=17).chain([19, 25, 29, 30]).map(|n| format!("E{n:03}")).collect();
    assert_eq!(stopping, expected);
    assert!(storable(&under(r#"{"StringEquals": {"aws:Nonsense": "x"}}"#)).is_ok());
    assert!(storable(&under(r#"{"StringIs": {"aws:userid": "x"}}"#)).is_err());
}

/// The fixes of all findings: each text with its finding.
fn fixes() -> Vec<(String, Finding)> {
    let samples: Vec<String> = firing().into_iter().map(|(_, text, ..)| text).chain(documented()).collect();
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
        let fix = finding.fix.as_ref().unwrap();
        let fixed = apply_fix(&text, fix);
        assert_ne!(fixed, text, "{finding:?}");
        let errors = |text: &str| {
            let mut ids: Vec<&str> =
                found(text).iter().filter(|f| f.severity == Severity::Error).map(|f| f.id).collect();
            ids.sort_unstable();
            ids
        };
        let (mut before, after) = (errors(&text), errors(&fixed));
        for id in &after {
            let at = before.iter().position(|b| b == id);
            assert!(at.is_some(), "{id} is new after `{}`: {fixed}", fix.title);
            before.remove(at.unwrap());
        }
        let count =
            |text: &str| found(text).iter().filter(|f| f.id == finding.id && f.message == finding.message).count();
        assert!(count(&fixed) < count(&text), "{finding:?} stays: {fixed}");
        if !fix.changes_access {
            let (old, new) = (Policy::read(&text).unwrap(), Policy::read(&fixed).unwrap());
            assert!(delta(Some(&old), Some(&new)).is_empty(), "{finding:?} changes access: {fixed}");
        }
    }
}

#[test]
fn a_fix_keeps_the_layout_and_the_other_keys() {
    let fixed = |text: &str, id: &str| {
        let all = found(text);
        apply_fix(text, all.iter().find(|f| f.id == id).and_then(|f| f.fix.as_ref()).unwrap())
    };
    let two = under("{\n        \"StringLike\": {\"aws:CalledVia\": \"a\", \"aws:userid\": \"b\"}\n      }");
    assert!(
        fixed(&two, "E024").contains(
            "{\n        \"ForAnyValue:StringLike\": {\"aws:CalledVia\": \"a\"},\n        \"StringLike\": {\"aws:userid\": \"b\"}\n      }"
        ),
        "{}",
        fixed(&two, "E024")
    );
    let fence = deny(
        "{\n        \"StringNotEquals\": {\n          \"aws:PrincipalOrgID\": \"o-a1b2c3d4e5\"\n        }\n      }",
    );
    assert!(
        fixed(&fence, "W208")
            .contains("        },\n        \"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\"}\n      }"),
        "{}",
        fixed(&fence, "W208")
    );
    let flat = under(r#"{"aws:PrincipalOrgID": "o-a1b2c3d4e5"}"#);
    assert!(fixed(&flat, "E019").contains(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#));
    let bare =
        document("", &statement("Allow", VENDOR, PULL, r#"{"StringLike": {"aws:PrincipalTag/a": "${aws:username}"}}"#));
    assert!(
        fixed(&bare, "E028").starts_with("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\""),
        "{}",
        fixed(&bare, "E028")
    );
}

#[test]
fn a_fix_that_would_make_an_error_is_not_offered() {
    for (id, text) in [
        ("E019", under(r#"{"StringEqual": {"aws:SourceIp": "203.0.113.7"}}"#)),
        ("E019", under(r#"{"StringEqual": {"aws:userid": "b"}, "stringequals": {"aws:userid": "c"}}"#)),
        ("E019", under(r#"{"aws:PrincipalOrgID": "o-a1b2c3d4e5", "StringEquals": {"aws:userid": "c"}}"#)),
        ("E020", under(r#"{"StringEquals": {"SourceIp": "203.0.113.7"}}"#)),
        (
            "E020",
            under(r#"{"StringEquals": {"PrincipalOrgID": "o-a1b2c3d4e5", "aws:principalorgid": "o-a1b2c3d4e5"}}"#),
        ),
        ("E021", under(r#"{"StringEquals": {"aws:PrincipalOrg": "example"}}"#)),
        ("E024", under(r#"{"StringLike": {"aws:CalledVia": "a"}, "ForAnyValue:StringLike": {"aws:CalledVia": "b"}}"#)),
        ("E028", old(r#"{"StringLike": {"aws:PrincipalTag/a": ["${aws:username}", "${aws:username"]}}"#)),
        ("W214", under(r#"{"StringEquals": {"aws:userid": "a*"}, "StringLike": {"aws:userid": "b*"}}"#)),
    ] {
        let all = found(&text);
        let finding = all.iter().find(|f| f.id == id).unwrap_or_else(|| panic!("{id} not in {all:?} of {text}"));
        assert_eq!(finding.fix, None, "{text}");
    }
}
