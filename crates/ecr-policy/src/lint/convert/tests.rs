use crate::lint::{CheckOptions, Finding, apply_fix, check};

fn finding(text: &str) -> Finding {
    let mut all = check(text, &CheckOptions::default());
    assert_eq!(all.iter().map(|f| f.id).collect::<Vec<_>>(), ["E001"], "{text}: {all:?}");
    all.remove(0)
}

/// The policy that a text is turned into, without its layout.
fn policy(text: &str) -> String {
    let found = finding(text);
    let fix = found.fix.unwrap_or_else(|| panic!("{}: {text}", found.message));
    assert!(fix.changes_access, "what is around the policy goes: that is asked first");
    let fixed = apply_fix(text, &fix);
    crate::text::minify(&fixed).unwrap_or_else(|| panic!("no JSON: {fixed}"))
}

/// The obstacle.
fn obstacle(text: &str) -> String {
    let found = finding(text);
    assert!(found.fix.is_none(), "{found:?}");
    found.message.rsplit_once("; ").unwrap().1.to_owned()
}

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Pull","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}"#;

const DOCUMENT: &str = r#"
# who may pull
data "aws_iam_policy_document" "pull" {
  statement {
    sid    = "Pull" // ours
    effect = "Allow"

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111111111111:root"]
    }

    actions = [
      "ecr:BatchGetImage",
      "ecr:GetDownloadUrlForLayer", # both
    ]
  }
}
"#;

const ENCODED: &str = r#"resource "aws_ecr_repository_policy" "app" {
  repository = aws_ecr_repository.app.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Pull"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111111111111:root" }
      "Action"  : ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }]
  })
}
"#;

const TEMPLATE: &str = "AWSTemplateFormatVersion: '2010-09-09'
Resources:
  App:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryName: !Ref Name   # not the policy's
      RepositoryPolicyText:
        Version: 2012-10-17
        Statement:
          - Sid: Pull
            Effect: Allow
            Principal:
              AWS: arn:aws:iam::111111111111:root
            Action:
            - ecr:BatchGetImage
            - \"ecr:GetDownloadUrlForLayer\"
";

#[test]
fn what_terraform_and_cloudformation_say_is_written_as_json() {
    assert_eq!(policy(DOCUMENT), POLICY);
    assert_eq!(policy(ENCODED), POLICY);
    assert_eq!(policy(TEMPLATE), POLICY);
    let heredoc =
        format!("  policy = <<-EOF\n    {}\n  EOF\n", POLICY.replace("\"Statement\"", "// c\n    \"Statement\""));
    assert_eq!(policy(&heredoc), POLICY);
    let literal = format!("RepositoryPolicyText: |\n  {}\n", POLICY.replace(",\"Statement\"", ",\n\n  \"Statement\""));
    assert_eq!(policy(&literal), POLICY);
    for text in [DOCUMENT, ENCODED, TEMPLATE] {
        assert_eq!(policy(&text.replace('\n', "\r\n")), POLICY, "line ends do not count");
    }
}

#[test]
fn every_part_of_a_policy_document_has_its_place() {
    let text =
        DOCUMENT.replace("    sid    = \"Pull\" // ours\n    effect = \"Allow\"\n", "    effect = \"Deny\"\n").replace(
            "    actions =",
            r#"    not_principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com", "codebuild.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = ["333333333333"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/owner"
      values   = ["&{aws:username}", "a$b"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/owner"
      values   = ["$${aws:userid}"]
    }
    condition {
      test     = "Null"
      variable = "aws:userid"
      values   = ["false"]
    }
    not_resources = ["*"]
    actions ="#,
        );
    let found = policy(&text);
    for part in [
        r#""Effect":"Deny","Principal":{"AWS":["arn:aws:iam::111111111111:root","333333333333"]}"#,
        r#""NotPrincipal":{"Service":["lambda.amazonaws.com","codebuild.amazonaws.com"]}"#,
        r#""NotResource":"*""#,
        r#""Condition":{"StringEquals":{"aws:PrincipalTag/owner":["${aws:username}","a$b","${aws:userid}"]},"Null":{"aws:userid":"false"}}"#,
    ] {
        assert!(found.contains(part), "{part} is not in {found}");
    }
    let everyone = DOCUMENT.replace("\"AWS\"", "\"*\"").replace("\"arn:aws:iam::111111111111:root\"", "\"*\"");
    assert!(policy(&everyone).contains(r#""Principal":"*","#), "{}", policy(&everyone));
    let bare = DOCUMENT.replace("effect = \"Allow\"", "").replace("    sid    = \"Pull\" // ours\n", "");
    assert!(policy(&bare).contains(r#"[{"Effect":"Allow","Principal""#), "Allow is what is meant: {}", policy(&bare));
}

#[test]
fn what_terraform_fills_in_is_in_the_way_and_is_told_with_its_line() {
    let root = "\"arn:aws:iam::111111111111:root\"";
    for (text, expected) in [
        (DOCUMENT.replace(root, "var.account"), "line 10: `var.account` is filled in by Terraform"),
        (DOCUMENT.replace("111111111111", "${var.account}"), "line 10: `${var.account}` is filled in by Terraform"),
        (ENCODED.replace(root, "local.who[0]"), "line 8: `local.who[0]` is filled in by Terraform"),
        (ENCODED.replace("[{", "[for a in var.all : {"), "line 5: `for a in var.all : {` is filled in by Terraform"),
        (
            ENCODED.replace("\"Allow\"", "var.deny ? \"Deny\" : \"Allow\""),
            "line 7: `var.deny ? \"Deny\" : \"Allow\"` is filled in by Terraform",
        ),
        (
            DOCUMENT.replace("  statement {", "  dynamic \"statement\" {"),
            "line 4: `dynamic \"statement\" {` is filled in by Terraform",
        ),
        (
            DOCUMENT.replace("  statement {", "  source_policy_documents = []\n  statement {"),
            "line 4: `source_policy_documents` is filled in by Terraform",
        ),
        (format!("{DOCUMENT}{DOCUMENT}"), "line 21: a second policy begins there: give one of them"),
        (format!("{ENCODED}{ENCODED}"), "line 1: there are several policies: give one of them"),
        (
            format!("policy = <<EOF\n{}\nEOF\n", POLICY.replace("111111111111", "${var.account}")),
            "line 2: `${var.account}` is filled in by Terraform",
        ),
    ] {
        assert_eq!(obstacle(&text), expected, "{text}");
    }
}

#[test]
fn yaml_is_read_in_its_usual_forms() {
    let flow = TEMPLATE.replace(
        "            Action:\n            - ecr:BatchGetImage\n            - \"ecr:GetDownloadUrlForLayer\"\n",
        "            Action: ['ecr:BatchGetImage',\n              \"ecr:GetDownloadUrlForLayer\"]  # both\n",
    );
    assert_eq!(policy(&flow), POLICY);
    let body = "# ours\n---\nVersion: \"2012-10-17\"\nStatement:\n- Sid: 'Pull'\n  Effect: Allow\n  Principal: {AWS: \"arn:aws:iam::111111111111:root\"}\n  Action:\n    - ecr:BatchGetImage\n    - ecr:GetDownloadUrlForLayer\n";
    assert_eq!(policy(body), POLICY);
    let account = body.replace("\"arn:aws:iam::111111111111:root\"", "012345678901");
    assert!(policy(&account).contains(r#""AWS":"012345678901""#), "an account id keeps its zeros");
    let quoted = body.replace("'Pull'", "'It''s # no comment'");
    assert!(policy(&quoted).contains(r#""Sid":"It's # no comment""#));
    let condition = format!(
        "{body}  Condition:\n    StringEquals:\n      aws:PrincipalOrgID: o-a1b2c3d4e5\n    Bool:\n      aws:SecureTransport: true\n"
    );
    let told = policy(&condition);
    assert!(told.contains(r#""Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},"Bool":{"aws:SecureTransport":"true"}}"#), "{told}");
}

#[test]
fn what_cloudformation_fills_in_is_in_the_way_only_inside_the_policy() {
    let root = "arn:aws:iam::111111111111:root";
    for (text, expected) in [
        (
            TEMPLATE.replace(root, "!Sub arn:aws:iam::${Account}:root"),
            "line 13: `!Sub arn:aws:iam::${Account}:root` is filled in by CloudFormation",
        ),
        (
            TEMPLATE.replace(root, "\n                Ref: Account"),
            "line 14: `Ref: Account` is filled in by CloudFormation",
        ),
        (TEMPLATE.replace(root, "*all"), "line 13: `*all` is filled in by CloudFormation"),
        (TEMPLATE.replace("Sid: Pull", "Sid:"), "line 10: there is no value"),
        (TEMPLATE.replace("            Effect", "           Effect"), "line 11: the indentation there is of no block"),
        (TEMPLATE.replace("            Effect", "\t    Effect"), "line 11: YAML takes no tabs before a text"),
        (
            TEMPLATE.replace("RepositoryPolicyText", "Other").replace("Statement", "Statements"),
            "line 1: no policy with a `Statement` was found in it",
        ),
        (format!("{TEMPLATE}---\n{TEMPLATE}"), "line 17: a second document begins there"),
        (
            format!("{TEMPLATE}{}", TEMPLATE.split_once("Resources:\n").unwrap().1.replace("App:", "Two:")),
            "line 1: there are several policies: give one of them",
        ),
    ] {
        assert_eq!(obstacle(&text), expected, "{text}");
    }
}

#[test]
fn odd_texts_are_no_trouble() {
    for text in [
        "a: ".repeat(5_000),
        format!("a: x\nb: {}", "[".repeat(9_000)),
        format!("Statement: x\nb:\n  {}x", "- ".repeat(9_000)),
        format!("x = jsonencode({}", "[".repeat(9_000)),
        "x = jsonencode(".to_owned(),
        "x = jsonencode({a = \"".to_owned(),
        "data \"aws_iam_policy_document\" ".to_owned(),
        "policy = <<".to_owned(),
        "policy = <<-EOF\n \u{e9}\n  x\nEOF".to_owned(),
        "principals {".to_owned(),
    ] {
        for finding in check(&text, &CheckOptions::default()) {
            assert!(finding.fix.is_none() || finding.id != "E001", "{text}: {finding:?}");
        }
    }
}
