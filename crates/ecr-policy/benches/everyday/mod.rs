//! Policies as most repositories have them: one or two statements that give an account, a role, an organization or a
//! service the right to pull.

/// A name, and the text of the policy.
pub type Everyday = (&'static str, String);

const PULL: &str = r#""ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer""#;
const PUSH: &str = r#""ecr:BatchCheckLayerAvailability", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart""#;

fn statement(sid: &str, effect: &str, principal: &str, actions: &str, condition: Option<&str>) -> String {
    let condition = condition.map(|it| format!(",\n      \"Condition\": {it}")).unwrap_or_default();
    format!(
        "    {{\n      \"Sid\": \"{sid}\",\n      \"Effect\": \"{effect}\",\n      \"Principal\": {principal},\n      \
         \"Action\": [{actions}]{condition}\n    }}"
    )
}

fn policy(statements: &[String]) -> String {
    format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n{}\n  ]\n}}\n", statements.join(",\n"))
}

/// Returns the policies.
pub fn everyday_policies() -> Vec<Everyday> {
    let account = r#"{"AWS": "arn:aws:iam::111111111111:root"}"#;
    let roles = r#"{"AWS": ["arn:aws:iam::111111111111:role/ci", "arn:aws:iam::333333333333:role/deploy"]}"#;
    let lambda = r#"{"Service": "lambda.amazonaws.com"}"#;
    let pull = |principal: &str, condition| statement("Pull", "Allow", principal, PULL, condition);
    let from_account = r#"{"StringLike": {"aws:SourceArn": "arn:aws:lambda:eu-west-2:111111111111:function:*"}}"#;
    let organization = r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#;
    let plain = r#"{"Bool": {"aws:SecureTransport": "false"}}"#;
    vec![
        ("one account pulls", policy(&[pull(account, None)])),
        ("an organization pulls", policy(&[pull("\"*\"", Some(organization))])),
        ("Lambda pulls", policy(&[pull(account, None), pull(lambda, Some(from_account)).replace("Pull", "Lambda")])),
        (
            "an account pulls and roles push",
            policy(&[pull(account, None), statement("Push", "Allow", roles, PUSH, None)]),
        ),
        (
            "an account pulls and calls without TLS are denied",
            policy(&[pull(account, None), statement("Tls", "Deny", "\"*\"", "\"ecr:*\"", Some(plain))]),
        ),
    ]
}
