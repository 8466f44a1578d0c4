//! The sections for the owner's side: the policies as commands and as code.

use std::collections::HashSet;

use super::KitInput;
use super::command::{grant_command, set_policy_commands};
use super::owner_code::{policy_as_code, terraform_name};
use super::section::Parts;
use crate::ecr::CodeForm;

/// Builds the policies as lines of the AWS CLI.
pub(super) fn set_policy(input: &KitInput) -> Option<Parts> {
    Some(Parts {
        key: "aws-cli",
        title: "AWS CLI".to_owned(),
        words: "Puts this whole policy in the place of the one that is there then: what somebody else changes before is lost.".to_owned(),
        body: set_policy_commands(input)?,
        file_name: "set-repository-policy.sh",
    })
}

/// Builds the grant as a line of this program.
pub(super) fn grant_again(input: &KitInput) -> Option<Parts> {
    Some(Parts {
        key: "ecr-grant",
        title: "ecr-grant".to_owned(),
        words:
            "Makes this grant in whatever policy is there then. It asks before it writes; `--yes` goes on by itself, and a \
                dangerous one needs the flag that names the danger."
                .to_owned(),
        body: grant_command(input)?,
        file_name: "ecr-grant.sh",
    })
}

/// Builds the policies that would be written as code. `None`: they are written, or none has a text.
pub(super) fn code(input: &KitInput, form: CodeForm) -> Option<Parts> {
    if input.is_written {
        return None;
    }
    let (key, title, words, file_name) = match form {
        CodeForm::Terraform => (
            "terraform",
            "Terraform",
            "The whole policy as a resource. It replaces the policy that is stored.",
            "repository-policy.tf",
        ),
        CodeForm::CloudFormation => (
            "cloudformation",
            "CloudFormation",
            "The whole policy as a property of the repository's own resource: its logical id stands in the place of \
             `Repository`.",
            "repository-policy.yaml",
        ),
        CodeForm::Cdk => (
            "cdk",
            "CDK",
            "All statements of the policy, for the construct that makes the repository: `repository` stands for it.",
            "repository-policy.ts",
        ),
        CodeForm::Pulumi | CodeForm::Crossplane | CodeForm::Ack => return None,
    };
    let texts = input.policies.iter().filter_map(|(repository, text)| Some((repository, text.as_deref()?)));
    // Names of repositories that differ in `/` and `-` alone come to one identifier.
    let mut used: HashSet<String> = HashSet::new();
    let snippets: Vec<String> = texts
        .enumerate()
        .map(|(at, (repository, text))| {
            let logical_id = if form == CodeForm::Terraform {
                let first = terraform_name(repository.name.as_str());
                let free = (2..).map(|n| format!("{first}_{n}"));
                let id = std::iter::once(first.clone()).chain(free).find(|id| !used.contains(id));
                used.extend(id.clone());
                id
            } else {
                (at > 0).then(|| format!("Repository{}", at + 1))
            };
            let body = policy_as_code(form, logical_id.as_deref(), repository, text);
            match form {
                CodeForm::Cdk if input.policies.len() > 1 => format!("// {}\n{body}", repository.name),
                // One template has its resources under one key.
                CodeForm::CloudFormation if at > 0 => body.trim_start_matches("Resources:\n").to_owned(),
                _ => body,
            }
        })
        .filter(|body| !body.is_empty())
        .collect();
    let gap = if form == CodeForm::CloudFormation { "\n" } else { "\n\n" };
    (!snippets.is_empty()).then(|| Parts {
        key,
        title: title.to_owned(),
        words: words.to_owned(),
        body: snippets.join(gap),
        file_name,
    })
}
