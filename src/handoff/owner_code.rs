//! The policy as code, for the tool that owns the repository.

use crate::ecr::json_string::{escape_unseen, quote_string};
use crate::ecr::text::{make_visible, visible_lines};
use crate::ecr::{CodeForm, CodeOwner, RepositoryRef};
use crate::policy::{Policy, format};

/// The part of the code that keeps a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSnippet {
    /// Its purpose, as a clause.
    pub words: String,
    /// The code; empty where something is to be taken out.
    pub body: String,
}

/// Writes what belongs into the code of a repository, so that its next run keeps the policy. None as text: the policy
/// is deleted.
pub fn code_snippet(owner: &CodeOwner, repository: &RepositoryRef, text: Option<&str>) -> CodeSnippet {
    let whose = make_visible(&owner.words());
    let Some(text) = text else {
        let words = format!("take the policy of {} out of {whose}, or its next run brings it back", repository.name);
        return CodeSnippet { words, body: String::new() };
    };
    let place = match owner.form {
        CodeForm::Cdk => "in place of the repository's other addToResourcePolicy",
        CodeForm::Ack => "in the Repository's spec",
        _ => "as the policy of the repository",
    };
    let body = policy_as_code(owner.form, owner.logical_id.as_deref(), repository, text);
    CodeSnippet { words: format!("to keep it, put this into {whose}, {place}"), body }
}

/// Writes a policy in a form of code. `logical_id` is the repository's in a template, where it is known.
pub(super) fn policy_as_code(
    form: CodeForm,
    logical_id: Option<&str>,
    repository: &RepositoryRef,
    text: &str,
) -> String {
    let policy = escape_unseen(&format(text).unwrap_or_else(|| text.to_owned()));
    let policy = policy.trim_end();
    let name = repository.name.as_str();
    let body = match form {
        CodeForm::Terraform => terraform_resource(name, logical_id, policy),
        CodeForm::CloudFormation => {
            let id = logical_id.filter(|id| id.chars().all(char::is_alphanumeric));
            cloudformation_resource(id.unwrap_or("Repository"), name, policy)
        }
        CodeForm::Cdk => cdk_statements(policy),
        CodeForm::Pulumi => {
            let arguments = format!(
                "{{\n  repository: {},\n  policy: JSON.stringify({}),\n}}",
                quote_string(name),
                indent(2, policy)
            );
            format!("new aws.ecr.RepositoryPolicy({}, {arguments});", quote_string(&identifier_of(name, '-')))
        }
        CodeForm::Crossplane => crossplane_resource(repository, policy),
        CodeForm::Ack => {
            let block = indent(4, policy);
            format!("spec:\n  name: {}\n  policy: |\n    {block}", quote_string(name))
        }
    };
    visible_lines(&body)
}

/// Indents all lines but the first.
fn indent(spaces: usize, text: &str) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(spaces)))
}

/// Makes an identifier of a repository's name.
fn identifier_of(name: &str, joint: char) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { joint }).collect()
}

/// Names the resource of a repository: letters, digits and `_`, with no digit first.
pub(super) fn terraform_name(name: &str) -> String {
    let id = identifier_of(name, '_');
    if id.starts_with(|c: char| c.is_ascii_digit()) { format!("_{id}") } else { id }
}

fn terraform_resource(name: &str, id: Option<&str>, policy: &str) -> String {
    // Both begin a template in a heredoc.
    let policy = policy.replace("${", "$${").replace("%{", "%%{");
    format!(
        "resource \"aws_ecr_repository_policy\" \"{}\" {{\n  repository = {}\n  policy     = <<-POLICY\n    {}\n  POLICY\n}}",
        id.map_or_else(|| terraform_name(name), str::to_owned),
        quote_string(name),
        indent(4, &policy)
    )
}

fn cloudformation_resource(logical_id: &str, name: &str, policy: &str) -> String {
    format!(
        "Resources:\n  {logical_id}:\n    Type: AWS::ECR::Repository\n    Properties:\n      \
         RepositoryName: {}\n      RepositoryPolicyText:\n        {}",
        quote_string(name),
        indent(8, policy)
    )
}

fn cdk_statements(policy: &str) -> String {
    let read = Policy::read(policy).ok();
    let texts = read.iter().flat_map(|read| &read.statements);
    let texts = texts.filter_map(|statement| policy.get(statement.span.start..statement.span.end));
    let line = |text: &str| {
        format!("repository.addToResourcePolicy(iam.PolicyStatement.fromJson({}));", outdent_statement(text))
    };
    texts.map(line).collect::<Vec<_>>().join("\n")
}

/// Takes the indent of a statement's last line, its closing brace, from each of its lines.
fn outdent_statement(text: &str) -> String {
    let last = text.lines().last().unwrap_or_default();
    let spaces: String = last.chars().take_while(|c| *c == ' ').collect();
    let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix(&spaces).unwrap_or(line)).collect();
    lines.join("\n")
}

fn crossplane_resource(repository: &RepositoryRef, policy: &str) -> String {
    let name = repository.name.as_str();
    format!(
        "apiVersion: ecr.aws.upbound.io/v1beta1\nkind: RepositoryPolicy\nmetadata:\n  name: {}\nspec:\n  forProvider:\n    \
         region: {}\n    repository: {}\n    policy: |\n      {}",
        quote_string(&identifier_of(name, '-')),
        repository.region,
        quote_string(name),
        indent(6, policy)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn names_that_yaml_takes_for_something_else_stay_text() {
        for name in ["true", "null", "on", "123", "1.5", "0x1f", "1e5", "2026-11-28"] {
            let uri = format!("222222222222.dkr.ecr.eu-west-2.amazonaws.com/{name}");
            let repository = ImageUri::parse(&uri).unwrap().repository_ref();
            for (key, value) in
                [("crossplane-kind", "repository.ecr.aws.upbound.io"), ("services.k8s.aws/namespace", "prod")]
            {
                let ownership = Ownership::of_tags(&[(key.to_owned(), value.to_owned())]);
                let snippet =
                    code_snippet(ownership.owner().unwrap(), &repository, Some(r#"{"Version":"2012-10-17"}"#));
                let bare = snippet.body.lines().find(|line| line.ends_with(&format!(": {name}")));
                assert_eq!(bare, None, "{}", snippet.body);
                assert!(snippet.body.contains(&format!(": \"{name}\"")), "{}", snippet.body);
            }
        }
    }

    use crate::ecr::{ImageUri, Ownership};

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Principal":{"AWS":["111111111111"]},"Action":"ecr:BatchGetImage","Condition":{"StringLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/${aws:PrincipalTag/team}","%{x}"]}}},{"Effect":"Deny","Principal":"*","Action":["ecr:PutImage"]}]}"#;

    fn snippet(tag: (&str, &str), text: Option<&str>) -> CodeSnippet {
        let tags =
            [(tag.0.to_owned(), tag.1.to_owned()), ("aws:cloudformation:logical-id".to_owned(), "Images".to_owned())];
        let is_of_stack = tag.0.starts_with("aws");
        let ownership = Ownership::of_tags(tags.get(..if is_of_stack { 2 } else { 1 }).unwrap());
        let repository =
            ImageUri::parse("222222222222.dkr.ecr.eu-west-2.amazonaws.com/team/app.one").unwrap().repository_ref();
        code_snippet(ownership.owner().unwrap(), &repository, text)
    }

    fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
        let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("{from}: {text}"));
        rest.rsplit_once(to).unwrap_or_else(|| panic!("{to}: {text}")).0
    }

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }

    #[test]
    fn each_form_holds_the_whole_policy() {
        let expected = value(POLICY);
        let terraform = snippet(("terraform", "yes"), Some(POLICY)).body;
        assert!(
            terraform.starts_with(
                "resource \"aws_ecr_repository_policy\" \"team_app_one\" {\n  repository = \"team/app.one\""
            )
        );
        let inside = between(&terraform, "<<-POLICY\n", "\n  POLICY\n");
        assert!(!inside.replace("$${", "").contains("${") && !inside.replace("%%{", "").contains("%{"), "{inside}");
        assert_eq!(value(&inside.replace("$${", "${").replace("%%{", "%{")), expected);
        let stack = snippet(("aws:cloudformation:stack-name", "registry"), Some(POLICY));
        assert!(stack.words.contains("the CloudFormation stack registry"), "{}", stack.words);
        assert!(stack.body.starts_with("Resources:\n  Images:\n    Type: AWS::ECR::Repository\n"), "{}", stack.body);
        let inside = stack.body.split_once("RepositoryPolicyText:\n").unwrap().1;
        assert!(inside.lines().all(|line| line.starts_with("        ")), "{inside}");
        assert_eq!(value(inside), expected);
        let pulumi = snippet(("pulumi:stack", "prod"), Some(POLICY)).body;
        assert!(pulumi.starts_with("new aws.ecr.RepositoryPolicy(\"team-app-one\", {"), "{pulumi}");
        assert_eq!(value(between(&pulumi, "JSON.stringify(", "),\n});")), expected);
        for (tag, key) in
            [(("crossplane-kind", "x"), "    policy: |\n"), (("services.k8s.aws/namespace", "x"), "  policy: |\n")]
        {
            let body = snippet(tag, Some(POLICY)).body;
            assert_eq!(value(body.split_once(key).unwrap().1), expected, "{body}");
        }
    }

    #[test]
    fn cdk_takes_each_statement() {
        let body = snippet(("aws-cdk:auto-delete-images", "true"), Some(POLICY)).body;
        let statements: Vec<Value> = body
            .split("repository.addToResourcePolicy(iam.PolicyStatement.fromJson(")
            .skip(1)
            .map(|part| value(part.trim_end().strip_suffix("));").unwrap()))
            .collect();
        assert_eq!(Value::Array(statements), value(POLICY)["Statement"]);
        assert!(body.lines().filter(|line| line.starts_with('}')).count() == 2, "{body}");
    }

    #[test]
    fn a_deleted_policy_is_to_be_taken_out() {
        let told = snippet(("terraform", "yes"), None);
        assert_eq!(told.body, "");
        assert_eq!(told.words, "take the policy of team/app.one out of Terraform, or its next run brings it back");
    }
}
