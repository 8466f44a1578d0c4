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

/// A text with a finding: the rule's id, the text, the part that it is about, and what its message holds.
pub(super) type Firing = (&'static str, String, &'static str, &'static str);

/// Returns the statements of `firing.txt` as policies, and those that are of a form of their own.
pub(super) fn firing_samples() -> Vec<Firing> {
    let records = include_str!("firing.txt").split("\n\n").filter(|record| !record.starts_with('#'));
    let mut samples: Vec<Firing> = records.map(|record| read_record(record.trim_end())).collect();
    samples.extend([
        (
            "E027",
            modern_document(&sample_statement("Allow", VENDOR, "[\"ecr:${aws:username}\"]", "{}")),
            "\"ecr:${aws:username}\"",
            "takes no variables",
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
    ]);
    samples
}

/// Reads a record: the rule and the form of its policy, the condition, the part of the text, the part of the message.
fn read_record(record: &'static str) -> Firing {
    let fields = || {
        let (rest, says) = record.split_once("\n  says ")?;
        let (rest, at) = rest.split_once("\n  at ")?;
        let (head, condition) = rest.split_once('\n')?;
        let (id, form) = head.split_once(' ')?;
        let text = match form {
            "vendor" => vendor_under(condition),
            "public" => public_under(condition),
            "service" => service_under(condition),
            "deny" => deny_under(condition),
            "old" => old_document(condition),
            "unversioned" => sample_document("", &sample_statement("Allow", VENDOR, PULL, condition)),
            _ => return None,
        };
        Some((id, text, at, says))
    };
    fields().unwrap_or_else(|| panic!("no sample: {record}"))
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
