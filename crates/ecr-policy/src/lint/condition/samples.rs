//! Policies that the tests of conditions are held against.

pub(super) const PULL: &str = r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#;
pub(super) const VENDOR: &str = r#"{"AWS": "111111111111"}"#;
pub(super) const BUILDS: &str = r#"{"Service": "codebuild.amazonaws.com"}"#;
pub(super) const EVERYONE: &str = "\"*\"";
pub(super) const ORG: &str = "o-a1b2c3d4e5";

pub(super) fn sample_document(version: &str, statement: &str) -> String {
    format!("{{\n  {version}\"Statement\": [\n    {statement}\n  ]\n}}\n")
}

pub(super) fn sample_statement(effect: &str, principal: &str, actions: &str, condition: &str) -> String {
    format!(
        "{{\n      \"Effect\": \"{effect}\",\n      \"Principal\": {principal},\n      \"Action\": {actions},\n      \
         \"Condition\": {condition}\n    }}"
    )
}

pub(super) fn modern_document(statement: &str) -> String {
    sample_document("\"Version\": \"2012-10-17\",\n  ", statement)
}

/// The vendor may pull under a condition.
pub(super) fn vendor_under(condition: &str) -> String {
    modern_document(&sample_statement("Allow", VENDOR, PULL, condition))
}

pub(super) fn public_under(condition: &str) -> String {
    modern_document(&sample_statement("Allow", EVERYONE, PULL, condition))
}

pub(super) fn service_under(condition: &str) -> String {
    modern_document(&sample_statement("Allow", BUILDS, PULL, condition))
}

pub(super) fn deny_under(condition: &str) -> String {
    modern_document(&sample_statement("Deny", EVERYONE, "\"ecr:*\"", condition))
}

pub(super) fn old_document(condition: &str) -> String {
    sample_document("\"Version\": \"2008-10-17\",\n  ", &sample_statement("Allow", VENDOR, PULL, condition))
}

/// Texts with a finding each: its id, the part of the text that it is about, and what its message holds.
pub(super) fn firing_samples() -> Vec<(&'static str, String, &'static str, &'static str)> {
    vec![
        ("E019", vendor_under(r#"{"StringEqual": {"aws:PrincipalTag/a": "b"}}"#), "\"StringEqual\"", "`StringEquals`"),
        (
            "E019",
            vendor_under(r#"{"StringEqualsIfExist": {"aws:userid": "b"}}"#),
            "\"StringEqualsIfExist\"",
            "`StringEqualsIfExists`",
        ),
        (
            "E019",
            vendor_under(r#"{"ForAnyValueStringLike": {"aws:TagKeys": "b"}}"#),
            "\"ForAnyValueStringLike\"",
            "`ForAnyValue:StringLike`",
        ),
        (
            "E019",
            vendor_under(r#"{"StringLikes": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}"#),
            "\"StringLikes\"",
            "`StringLike`",
        ),
        (
            "E019",
            vendor_under(r#"{"ForEach:StringEquals": {"aws:userid": "b"}}"#),
            "\"ForEach:StringEquals\"",
            "no set operator",
        ),
        ("E019", vendor_under(r#"{"Matches": {"aws:userid": "b"}}"#), "\"Matches\"", "no condition operator"),
        (
            "E019",
            vendor_under(r#"{"aws:PrincipalOrgID": "o-a1b2c3d4e5"}"#),
            "\"aws:PrincipalOrgID\"",
            "inside an operator",
        ),
        (
            "E019",
            vendor_under(r#"{"StringEqual": {"aws:SourceIp": "203.0.113.7"}}"#),
            "\"StringEqual\"",
            "`StringEquals`",
        ),
        (
            "E019",
            vendor_under(r#"{"StringEqual": {"aws:userid": "b"}, "StringEquals": {"aws:userid": "c"}}"#),
            "\"StringEqual\"",
            "did you mean",
        ),
        (
            "E020",
            vendor_under(r#"{"StringEquals": {"PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"PrincipalOrgID\"",
            "`aws:PrincipalOrgID`",
        ),
        (
            "E020",
            vendor_under(r#"{"StringEquals": {"organization": "o-a1b2c3d4e5"}}"#),
            "\"organization\"",
            "no prefix",
        ),
        (
            "E020",
            vendor_under(r#"{"StringEquals": {"aws:PrincipalTag": "b"}}"#),
            "\"aws:PrincipalTag\"",
            "names no tag",
        ),
        (
            "E020",
            vendor_under(r#"{"StringEquals": {"ecr:ResourceTag/": "b"}}"#),
            "\"ecr:ResourceTag/\"",
            "names no tag",
        ),
        ("E020", vendor_under(r#"{"StringEquals": {"aws:": "b"}}"#), "\"aws:\"", "no key"),
        (
            "E021",
            vendor_under(r#"{"StringEquals": {"aws:PrincipalOrg": "o-a1b2c3d4e5"}}"#),
            "\"aws:PrincipalOrg\"",
            "`aws:PrincipalOrgID`",
        ),
        (
            "E021",
            vendor_under(r#"{"StringLike": {"aws:PrincipalTags/team": "b"}}"#),
            "\"aws:PrincipalTags/team\"",
            "`aws:PrincipalTag/team`",
        ),
        (
            "E021",
            vendor_under(r#"{"ArnLike": {"aws:ARN": "arn:aws:iam::111111111111:role/ci"}}"#),
            "\"aws:ARN\"",
            "given up",
        ),
        ("W228", vendor_under(r#"{"StringEquals": {"aws:Weekday": "Monday"}}"#), "\"aws:Weekday\"", "no condition key"),
        (
            "W228",
            vendor_under(r#"{"StringEquals": {"ecr:ResourceTags/a": "b"}}"#),
            "\"ecr:ResourceTags/a\"",
            "did you mean",
        ),
        (
            "W228",
            vendor_under(r#"{"StringEquals": {"aws:userid": "${aws:Weekday}"}}"#),
            "\"${aws:Weekday}\"",
            "no condition key",
        ),
        ("E021", vendor_under(r#"{"StringEquals": {"awss:SourceArn": "b"}}"#), "\"awss:SourceArn\"", "`aws:SourceArn`"),
        (
            "E021",
            vendor_under(r#"{"StringEquals": {"aws:userid": "${aws:usernam}"}}"#),
            "\"${aws:usernam}\"",
            "`aws:username`",
        ),
        (
            "E022",
            vendor_under(r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": ["60", "an hour"]}}"#),
            "\"an hour\"",
            "no number",
        ),
        ("E022", vendor_under(r#"{"DateLessThan": {"aws:CurrentTime": "01/02/2030"}}"#), "\"01/02/2030\"", "no date"),
        (
            "E022",
            vendor_under(r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/33"}}"#),
            "\"203.0.113.0/33\"",
            "no address",
        ),
        ("E022", vendor_under(r#"{"Bool": {"aws:SecureTransport": "yes"}}"#), "\"yes\"", "neither true nor false"),
        ("E022", vendor_under(r#"{"BinaryEquals": {"aws:PrincipalTag/a": "?"}}"#), "\"?\"", "no base64"),
        ("E022", vendor_under(r#"{"ArnLike": {"aws:PrincipalArn": "ci"}}"#), "\"ci\"", "no ARN"),
        (
            "E022",
            vendor_under(r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111"}}"#),
            "\"arn:aws:iam::111111111111\"",
            "5 of the six",
        ),
        ("E022", vendor_under(r#"{"StringEquals": {"aws:SourceIp": "203.0.113.7"}}"#), "\"StringEquals\"", "IpAddress"),
        ("E022", vendor_under(r#"{"Bool": {"aws:userid": "true"}}"#), "\"Bool\"", "StringEquals"),
        (
            "E023",
            vendor_under(r#"{"Bool": {"aws:SecureTransport": ["true", false]}}"#),
            "[\"true\", false]",
            "any value",
        ),
        ("E023", vendor_under(r#"{"Null": {"aws:userid": [true, "false"]}}"#), "[true, \"false\"]", "any value"),
        (
            "E024",
            public_under(r#"{"StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}"#),
            "\"aws:PrincipalOrgPaths\"",
            "`ForAnyValue:StringLike`",
        ),
        (
            "E024",
            deny_under(r#"{"StringNotLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}"#),
            "\"aws:PrincipalOrgPaths\"",
            "`ForAllValues:StringNotLike`",
        ),
        (
            "E024",
            vendor_under("{\n        \"StringLike\": {\"aws:CalledVia\": \"a\", \"aws:userid\": \"b\"}\n      }"),
            "\"aws:CalledVia\"",
            "`ForAnyValue:StringLike`",
        ),
        ("E025", vendor_under(r#"{"NullIfExists": {"aws:userid": "true"}}"#), "\"NullIfExists\"", "IfExists"),
        ("E025", vendor_under(r#"{"Null": {"aws:userid": "no"}}"#), "\"no\"", "\"true\" or \"false\""),
        ("E026", vendor_under(r#"{"StringEquals": {"aws:SourceVpce": "vpce-1"}}"#), "\"vpce-1\"", "no VPC endpoint"),
        ("E026", vendor_under(r#"{"StringEquals": {"aws:SourceVpc": "vpc_1a2b3c4d"}}"#), "\"vpc_1a2b3c4d\"", "no VPC"),
        (
            "E026",
            vendor_under(r#"{"StringEquals": {"aws:PrincipalOrgID": "O-A1B2C3D4E5"}}"#),
            "\"O-A1B2C3D4E5\"",
            "no organization",
        ),
        (
            "E026",
            vendor_under(r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/ab12/*"}}"#),
            "\"o-a1b2c3d4e5/ab12/*\"",
            "`ab12`",
        ),
        (
            "E026",
            vendor_under(r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-x/"}}"#),
            "\"o-a1b2c3d4e5/r-ab12/ou-x/\"",
            "`ou-x`",
        ),
        (
            "E026",
            deny_under(r#"{"StringNotEquals": {"aws:PrincipalAccount": "<YOUR_ACCOUNT_ID>"}}"#),
            "\"<YOUR_ACCOUNT_ID>\"",
            "no account id",
        ),
        (
            "E026",
            vendor_under(r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::11111111111:role/ci"}}"#),
            "\"arn:aws:iam::11111111111:role/ci\"",
            "`11111111111` in the fifth field",
        ),
        (
            "E026",
            vendor_under(r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam:::role/ci"}}"#),
            "\"arn:aws:iam:::role/ci\"",
            "no account in its fifth field",
        ),
        (
            "E026",
            service_under(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:lambda:*:function:*"}}"#),
            "\"arn:aws:lambda:*:function:*\"",
            "`function` in the fifth field",
        ),
        (
            "E026",
            service_under(r#"{"StringLike": {"aws:SourceArn": "arn:aws:codebuild:eu-west-2:ACCOUNT_ID:project/*"}}"#),
            "\"arn:aws:codebuild:eu-west-2:ACCOUNT_ID:project/*\"",
            "`ACCOUNT_ID` in the fifth field",
        ),
        (
            "E026",
            service_under(
                r#"{"ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-west-2:222222222222:vpc-endpoint/vpc-1a2b3c4d"}}"#,
            ),
            "\"arn:aws:ec2:eu-west-2:222222222222:vpc-endpoint/vpc-1a2b3c4d\"",
            "no VPC endpoint",
        ),
        (
            "E027",
            vendor_under(r#"{"StringEquals": {"aws:userid": "${aws:username"}}"#),
            "\"${aws:username\"",
            "never closed",
        ),
        (
            "E027",
            vendor_under(r#"{"StringEquals": {"aws:userid": "${aws:username"}}"#),
            "\"${aws:username\"",
            "never closed",
        ),
        (
            "E027",
            vendor_under(r#"{"StringEquals": {"aws:userid": "${ aws:username }"}}"#),
            "\"${ aws:username }\"",
            "no blanks",
        ),
        (
            "E027",
            vendor_under(r#"{"StringEquals": {"aws:userid": "${aws:${x}}"}}"#),
            "\"${aws:${x}}\"",
            "inside a variable",
        ),
        (
            "E027",
            vendor_under(r#"{"StringEquals": {"aws:userid": "${aws:username, bob}"}}"#),
            "\"${aws:username, bob}\"",
            "quotes",
        ),
        (
            "E027",
            vendor_under(r#"{"StringLike": {"aws:userid": "${aws:TagKeys}"}}"#),
            "\"${aws:TagKeys}\"",
            "several values",
        ),
        ("E027", vendor_under(r#"{"StringEquals": {"aws:userid": "${USER}"}}"#), "\"${USER}\"", "placeholder"),
        (
            "E027",
            vendor_under(r#"{"StringEquals": {"aws:userid": "${aws:PrincipalTag}"}}"#),
            "\"${aws:PrincipalTag}\"",
            "no tag",
        ),
        (
            "E027",
            vendor_under(r#"{"IpAddress": {"aws:SourceIp": "${aws:SourceIp}"}}"#),
            "\"${aws:SourceIp}\"",
            "texts or ARNs",
        ),
        (
            "E027",
            old_document(r#"{"NumericEquals": {"aws:MultiFactorAuthAge": "${aws:username}"}}"#),
            "\"${aws:username}\"",
            "texts or ARNs",
        ),
        (
            "E027",
            modern_document(&sample_statement("Allow", VENDOR, "[\"ecr:${aws:username}\"]", "{}")),
            "\"ecr:${aws:username}\"",
            "takes no variables",
        ),
        (
            "E028",
            old_document(r#"{"StringLike": {"aws:PrincipalTag/owner": "${aws:username}"}}"#),
            "\"${aws:username}\"",
            "in this version",
        ),
        (
            "E028",
            sample_document(
                "",
                &sample_statement(
                    "Allow",
                    VENDOR,
                    PULL,
                    r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/${aws:username}"}}"#,
                ),
            ),
            "\"arn:aws:iam::111111111111:user/${aws:username}\"",
            "without a Version",
        ),
        (
            "S102",
            public_under(r#"{"StringLike": {"aws:PrincipalOrgID": "o-*"}}"#),
            "\"o-*\"",
            "organizations of others",
        ),
        (
            "S102",
            public_under(r#"{"StringLike": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "*"]}}"#),
            "\"*\"",
            "organizations of others",
        ),
        (
            "S102",
            public_under(r#"{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}"#),
            "\"0.0.0.0/0\"",
            "every address",
        ),
        (
            "S102",
            public_under(r#"{"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}"#),
            "\"0.0.0.0/1\"",
            "addresses of anybody",
        ),
        ("S102", public_under(r#"{"Bool": {"aws:SecureTransport": "true"}}"#), "\"aws:SecureTransport\"", "TLS"),
        (
            "S102",
            public_under(r#"{"StringEquals": {"aws:UserAgent": "x"}}"#),
            "\"aws:UserAgent\"",
            "the caller writes it",
        ),
        (
            "S102",
            public_under(r#"{"StringLike": {"aws:Referer": "https://example.com/*"}}"#),
            "\"aws:Referer\"",
            "the caller writes it",
        ),
        (
            "S102",
            public_under(r#"{"StringEquals": {"aws:username": "ana"}}"#),
            "\"aws:username\"",
            "a user of that name",
        ),
        (
            "S102",
            public_under(r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"StringEqualsIfExists\"",
            "is missing",
        ),
        (
            "S102",
            public_under(r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}"#),
            "\"arn:aws:iam::*:role/ci\"",
            "every account",
        ),
        (
            "S102",
            public_under(r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"StringNotEquals\"",
            "only those whom it names",
        ),
        ("S102", public_under(r#"{"Null": {"aws:PrincipalOrgID": "false"}}"#), "\"Null\"", "only whether"),
        (
            "S102",
            public_under(r#"{"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalTag/org}"}}"#),
            "\"${aws:PrincipalTag/org}\"",
            "the caller's own request",
        ),
        (
            "S104",
            public_under(r#"{"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"ForAllValues:StringEquals\"",
            "one value",
        ),
        (
            "S104",
            vendor_under(
                r#"{"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}, "Null": {"aws:PrincipalOrgPaths": "true"}}"#,
            ),
            "\"ForAllValues:StringLike\"",
            "add `Null`",
        ),
        (
            "S106",
            service_under(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"aws:PrincipalOrgID\"",
            "`aws:SourceOrgID`",
        ),
        (
            "S106",
            service_under(r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#),
            "\"aws:SourceIp\"",
            "gives it nothing",
        ),
        (
            "S106",
            service_under(r#"{"StringEqualsIfExists": {"aws:Referer": "x"}}"#),
            "\"aws:Referer\"",
            "keeps it from nothing",
        ),
        (
            "S106",
            modern_document(&sample_statement(
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
            vendor_under(r#"{"IpAddress": {"aws:VpcSourceIp": "10.0.1.0/24"}}"#),
            "\"aws:VpcSourceIp\"",
            "`aws:SourceVpc`",
        ),
        (
            "S108",
            vendor_under(
                r#"{"IpAddress": {"aws:Ec2InstanceSourcePrivateIPv4": "10.0.1.7"}, "StringEquals": {"aws:SourceVpc": "vpc-1a2b3c4d"}}"#,
            ),
            "\"aws:Ec2InstanceSourcePrivateIPv4\"",
            "`aws:Ec2InstanceSourceVpc`",
        ),
        (
            "S109",
            vendor_under(r#"{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "10.20.0.0/16"]}}"#),
            "\"10.20.0.0/16\"",
            "private",
        ),
        ("S109", deny_under(r#"{"NotIpAddress": {"aws:SourceIp": "fd00::1"}}"#), "\"fd00::1\"", "private"),
        (
            "S112",
            service_under(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:*:*:project/*"}}"#),
            "\"arn:aws:codebuild:*:*:project/*\"",
            "every account",
        ),
        (
            "S112",
            service_under(r#"{"StringLike": {"aws:SourceArn": "arn:aws:codebuild:*"}}"#),
            "\"arn:aws:codebuild:*\"",
            "every account",
        ),
        ("S112", service_under(r#"{"StringLike": {"aws:SourceAccount": "*"}}"#), "\"*\"", "every account"),
        ("W202", vendor_under("{}"), "{}", "as if there were none"),
        ("W202", vendor_under(r#"{"StringEquals": {}}"#), "{}", "asks for nothing"),
        ("W202", vendor_under(r#"{"StringEquals": {"aws:userid": []}}"#), "[]", "never holds"),
        ("W202", vendor_under(r#"{"StringNotEquals": {"aws:userid": []}}"#), "[]", "always holds"),
        (
            "W202",
            vendor_under(r#"{"StringEqualsIfExists": {"aws:userid": []}}"#),
            "[]",
            "only where the key is missing",
        ),
        (
            "W202",
            vendor_under(r#"{"ForAllValues:StringEquals": {"aws:TagKeys": []}}"#),
            "[]",
            "only where the key is missing",
        ),
        (
            "W202",
            vendor_under(r#"{"ForAnyValue:StringNotEquals": {"aws:TagKeys": []}}"#),
            "[]",
            "wherever the key is there",
        ),
        (
            "W208",
            deny_under(r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#),
            "\"StringNotEquals\"",
            "denies it too",
        ),
        (
            "W208",
            deny_under(
                r#"{"StringNotEqualsIfExists": {"aws:PrincipalAccount": "222222222222"}, "BoolIfExists": {"aws:ViaAWSService": "false"}}"#,
            ),
            "\"StringNotEqualsIfExists\"",
            "denies it too",
        ),
        (
            "W208",
            modern_document(&format!(
                "{},\n    {}",
                sample_statement(
                    "Deny",
                    EVERYONE,
                    "\"ecr:*\"",
                    "{\n        \"StringNotEquals\": {\n          \"aws:SourceVpce\": \"vpce-1a2b3c4d\"\n        }\n      }"
                ),
                sample_statement("Allow", BUILDS, PULL, r#"{"StringEquals": {"aws:SourceAccount": "222222222222"}}"#)
            )),
            "\"StringNotEquals\"",
            "`aws:SourceVpce`",
        ),
        ("W214", vendor_under(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-*"}}"#), "\"o-*\"", "letter by letter"),
        (
            "W214",
            service_under(
                r#"{"StringEqualsIfExists": {"aws:SourceArn": ["arn:aws:codebuild:eu-west-2:222222222222:project/?"]}}"#,
            ),
            "\"arn:aws:codebuild:eu-west-2:222222222222:project/?\"",
            "letter by letter",
        ),
        (
            "W214",
            vendor_under(r#"{"StringNotEqualsIgnoreCase": {"aws:userid": "AROA*"}}"#),
            "\"AROA*\"",
            "letter by letter",
        ),
        (
            "W215",
            vendor_under(r#"{"ForAnyValue:Null": {"aws:TagKeys": "true"}}"#),
            "\"ForAnyValue:Null\"",
            "no set operator",
        ),
        (
            "W219",
            vendor_under(r#"{"StringEquals": {"aws:ResourceAccount": "222222222222"}}"#),
            "\"aws:ResourceAccount\"",
            "the same for every request",
        ),
        (
            "W222",
            vendor_under(r#"{"StringEquals": {"aws:RequestedRegion": "eu-west-9"}}"#),
            "\"eu-west-9\"",
            "no Region",
        ),
        (
            "W222",
            vendor_under(r#"{"StringLike": {"aws:RequestedRegion": "eu-wset-*"}}"#),
            "\"eu-wset-*\"",
            "fits `eu-wset-*`",
        ),
        (
            "W222",
            vendor_under(r#"{"StringEquals": {"aws:RequestedRegion": "EU-West-2"}}"#),
            "\"EU-West-2\"",
            "`eu-west-2`",
        ),
        (
            "W222",
            vendor_under(r#"{"StringEquals": {"aws:RequestedRegion": "eu-west-9"}}"#),
            "\"eu-west-9\"",
            "no Region",
        ),
        (
            "W222",
            service_under(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:us-esat-1:222222222222:project/*"}}"#),
            "\"arn:aws:codebuild:us-esat-1:222222222222:project/*\"",
            "`us-east-1`",
        ),
        ("W223", vendor_under(r#"{"StringEquals": {"sts:ExternalId": "x"}}"#), "\"sts:ExternalId\"", "a key of sts"),
        (
            "W223",
            vendor_under(r#"{"StringEquals": {"aws:RequestTag/team": "x"}}"#),
            "\"aws:RequestTag/team\"",
            "change tags",
        ),
        (
            "W223",
            vendor_under(r#"{"StringEquals": {"ecr:AccountSetting": "x"}}"#),
            "\"ecr:AccountSetting\"",
            "registry's settings",
        ),
        (
            "I302",
            vendor_under(r#"{"IpAddress": {"aws:SourceIp": ["198.51.100.7", "203.0.113.77/24"]}}"#),
            "\"203.0.113.77/24\"",
            "`203.0.113.0/24`",
        ),
        (
            "I302",
            deny_under(r#"{"NotIpAddress": {"aws:SourceIp": "2001:DB8:0::1/32"}}"#),
            "\"2001:DB8:0::1/32\"",
            "`2001:db8::/32`",
        ),
    ]
}

/// Returns policies that AWS's own pages show or its services write.
pub(super) fn documented_samples() -> Vec<String> {
    let lambda = r#"{"Version":"2008-10-17","Statement":[{"Sid":"LambdaECRImageRetrievalPolicy","Effect":"Allow",
        "Principal":{"Service":"lambda.amazonaws.com"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"],
        "Condition":{"StringLike":{"aws:sourceArn":"arn:aws:lambda:us-east-2:222222222222:function:*"}}}]}"#;
    let pair = modern_document(&format!(
        "{},\n    {}",
        sample_statement("Allow", VENDOR, PULL, "{}").replace(",\n      \"Condition\": {}", ""),
        sample_statement(
            "Allow",
            r#"{"Service": "lambda.amazonaws.com"}"#,
            PULL,
            r#"{"StringLike": {"aws:sourceARN": "arn:aws:lambda:us-east-1:111111111111:function:*"}}"#
        )
    ));
    vec![
        lambda.to_owned(),
        pair,
        public_under(&format!(r#"{{"StringEquals": {{"aws:PrincipalOrgID": "{ORG}"}}}}"#)),
        public_under(&format!(r#"{{"StringEquals": {{"aws:PrincipalOrgID": ["{ORG}", "o-f6g7h8i9j0"]}}}}"#)),
        public_under(
            r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/"]}}"#,
        ),
        public_under(
            r#"{"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/"}}"#,
        ),
        deny_under(r#"{"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}"#),
        deny_under(r#"{"StringNotEquals": {"aws:SourceVpc": "vpc-111bbb22"}}"#),
        deny_under(r#"{"NotIpAddress": {"aws:SourceIp": "54.240.143.0/24"}}"#),
        deny_under(
            r#"{"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:DB8:1234:5678::/64"]}, "Bool": {"aws:ViaAWSService": "false"}}"#,
        ),
        deny_under(r#"{"Bool": {"aws:SecureTransport": "false"}}"#),
        deny_under(&format!(
            r#"{{"StringNotEqualsIfExists": {{"aws:PrincipalOrgID": "{ORG}"}}, "BoolIfExists": {{"aws:PrincipalIsAWSService": "false"}}}}"#
        )),
        deny_under(r#"{"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/admin"}}"#),
        deny_under(r#"{"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}"#),
        deny_under(
            r#"{"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}, "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#,
        ),
        service_under(
            r#"{"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:us-east-1:222222222222:project/project-name"}, "StringEquals": {"aws:SourceAccount": "222222222222"}}"#,
        ),
        vendor_under(r#"{"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}"#),
        vendor_under(
            r#"{"IpAddress": {"aws:VpcSourceIp": "10.0.1.0/24"}, "StringEquals": {"aws:SourceVpc": "vpc-111bbb22"}}"#,
        ),
        modern_document(&sample_statement(
            "Allow",
            VENDOR,
            r#"["ecr:TagResource"]"#,
            r#"{"StringEquals": {"aws:RequestTag/environment": ["production", "test"]}, "ForAnyValue:StringEquals": {"aws:TagKeys": "environment"}}"#,
        )),
    ]
}
