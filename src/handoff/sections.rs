//! The sections of the kit.

use std::fmt::Write as _;

use serde_json::json;

use super::KitInput;
use super::message::state_sentence;
use super::section::Parts;
use crate::ecr::shell::quote_word;

use crate::ecr::{AccountId, ActionInfo, Encryption, Grantee, OwnerSide, action};
use crate::policy::explain::actions_words;

/// Returns the title of a kit: the grant in one sentence.
pub(super) fn title_of(input: &KitInput) -> String {
    let what = match input.repositories.as_slice() {
        [one] => one.name().to_string(),
        many => format!("{} repositories of {}", many.len(), input.owner),
    };
    let end = input.until.map(|end| format!(", until {}", end.words())).unwrap_or_default();
    let title = match input.grantees.as_slice() {
        [] => format!("{what}: the policy"),
        _ => format!("{what}: {} for {}{end}", action_words(input), grantee_words(input)),
    };
    match (&input.owner_side, input.is_written) {
        (_, false) => format!("Not written: {title}"),
        (OwnerSide::NotDone(_), true) => format!("Not in effect: {title}"),
        _ => title,
    }
}

/// Returns the granted actions in words, such as `pull`.
pub(super) fn action_words(input: &KitInput) -> String {
    let names: Vec<String> = input.actions.iter().filter(|a| a.is_repository_level()).map(|a| a.name.clone()).collect();
    actions_words(&names)
}

/// Returns the grantees in words.
pub(super) fn grantee_words(input: &KitInput) -> String {
    input.grantees.iter().map(Grantee::words).collect::<Vec<_>>().join(", ")
}

/// Builds the notes for the grantees' kinds. `None`: nobody receives access.
pub(super) fn grantee_notes(input: &KitInput) -> Option<Parts> {
    if input.grantees.is_empty() {
        return None;
    }
    let mut lines: Vec<String> = Vec::new();
    let mut note = |line: String| {
        if !lines.contains(&line) {
            lines.push(line);
        }
    };
    for grantee in &input.grantees {
        note(grantee_note(grantee, input));
    }
    if let Some(puller) = input.puller_region.as_ref().filter(|r| **r != input.region) {
        let here = &input.region;
        note(match &input.recipe.same_region {
            Some(reason) => format!(
                "{reason}. The images are in {here}, and will be pulled in {puller}: replicate the repositories there and \
                 grant on the copies too, policies are not replicated."
            ),
            None => format!(
                "The images are in {here}, and will be pulled in {puller}: sign in to {here}, and note that a VPC endpoint \
                 for ECR in {puller} does not lead there."
            ),
        });
    }
    let kms = "A repository that is encrypted with a KMS key needs nothing more: ECR decrypts, the puller needs no right \
               on the key.";
    if input.repositories.iter().any(|r| matches!(&r.encryption, Some(e) if !is_plain_encryption(e))) {
        note(kms.to_owned());
    }
    note(
        "What the owner's side cannot see: the puller's identity policies, and the policies of its organization. Both can \
         still deny."
            .to_owned(),
    );
    let state = state_sentence(input);
    Some(Parts {
        key: "notes",
        title: "What is left to do".to_owned(),
        words: match (&input.owner_side, input.is_written) {
            (OwnerSide::Done | OwnerSide::Unchanged, true) => format!("{state}. The puller's side:"),
            (_, true) => format!("{state}. Where none of that stands in the way, the puller's side:"),
            (_, false) => format!("{state}. Once it is written, the puller's side:"),
        },
        body: lines.iter().map(|l| format!("- {}", input.with_names(l))).collect::<Vec<_>>().join("\n"),
        file_name: "notes.txt",
    })
}

fn is_plain_encryption(encryption: &Encryption) -> bool {
    !matches!(encryption, Encryption::Kms(_) | Encryption::KmsDsse(_))
}

fn grantee_note(grantee: &Grantee, input: &KitInput) -> String {
    let words = grantee.words();
    let own = grantee.account().as_ref() == Some(&input.owner);
    match grantee {
        Grantee::Account { .. } => format!(
            "{}: its administrator attaches the identity policy below to the role or user that pulls (EKS: the node \
             role; ECS and Fargate: the task execution role).",
            capitalize_first(&words)
        ),
        Grantee::Role(_) | Grantee::User(_) if own => {
            format!(
                "{}: of the owner's own account; it needs the login token from the identity policy below.",
                capitalize_first(&words)
            )
        }
        Grantee::Role(_) | Grantee::User(_) => format!(
            "{}: the identity policy below goes onto it. If it is deleted and made again, the grant must be made again \
             too: AWS ties it to the old one.",
            capitalize_first(&words)
        ),
        Grantee::Session(_) => format!("{}: only sessions of exactly this name have access.", capitalize_first(&words)),
        Grantee::Organization(_) | Grantee::OrgUnit(_) => format!(
            "{}: every account in it may pull once its own administrator attaches the identity policy below; an account \
             that leaves loses access. {}",
            capitalize_first(&words),
            if input.recipe.is_lambda() {
                "Its Lambda functions are covered; other AWS services are not."
            } else {
                "AWS services are not covered."
            }
        ),
        Grantee::Service(name) => format!(
            "Service {name}: acts for resources of account {} only; it needs no identity policy and no login.",
            input.owner
        ),
        Grantee::Everyone => "Everyone: any AWS account may pull with an identity policy of its own.".to_owned(),
    }
}

pub(super) fn capitalize_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

pub(super) fn registry_facts(input: &KitInput) -> Option<Parts> {
    (!input.grantees.is_empty()).then(|| Parts {
        key: "registry",
        title: "Registry host name".to_owned(),
        words: "It names the owner's account and the Region.".to_owned(),
        body: input.registry_host(),
        file_name: "registry.txt",
    })
}

pub(super) fn image_list(input: &KitInput) -> Option<Parts> {
    let uris = input.image_uris();
    if uris.is_empty() || input.grantees.is_empty() {
        return None;
    }
    let words = match &input.tag {
        Some(_) => "What to put where an image is asked for.".to_owned(),
        None => "What to put where an image is asked for; `latest` stands for the tag that you need.".to_owned(),
    };
    Some(Parts {
        key: "images",
        title: if uris.len() == 1 { "Image URI".to_owned() } else { "Image URIs".to_owned() },
        words,
        body: uris.join("\n"),
        file_name: "images.txt",
    })
}

/// Builds the identity policy that a puller of another account needs: the token on `*`, the granted actions on the
/// repositories.
pub(super) fn identity_policy(input: &KitInput) -> Option<Parts> {
    let arns: Vec<String> = input.repositories.iter().map(|r| r.reference.arn().to_string()).collect();
    if !input.has_identities() || arns.is_empty() {
        return None;
    }
    let controlled = |name: &&str| action::find_action(name).is_some_and(ActionInfo::is_repository_level);
    let names: Vec<String> = input.action_names().into_iter().filter(controlled).map(|n| format!("ecr:{n}")).collect();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "EcrLogin", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
            {"Sid": "EcrRepositories", "Effect": "Allow", "Action": names, "Resource": arns},
        ],
    });
    Some(Parts {
        key: "identity-policy",
        title: "Identity policy".to_owned(),
        words:
            "For the puller: its account attaches this to the role or user that pulls. The login token is account-level: no \
                repository policy can give it."
                .to_owned(),
        body: crate::ecr::json::to_pretty(&policy),
        file_name: "identity-policy.json",
    })
}

fn login_command(input: &KitInput) -> String {
    let host = input.registry_host();
    format!(
        "aws ecr get-login-password --region {} | docker login --username AWS --password-stdin {host}",
        input.region
    )
}

pub(super) fn pull_commands(input: &KitInput) -> Option<Parts> {
    let uris = input.image_uris();
    if !input.has_identities() || uris.is_empty() {
        return None;
    }
    let mut lines = vec![login_command(input)];
    lines.extend(uris.iter().map(|uri| format!("docker pull {}", quote_word(uri))));
    Some(Parts {
        key: "pull",
        title: "Log in and pull".to_owned(),
        words: "Run with the puller's credentials. The login holds for 12 hours. EKS, ECS and Lambda log in by \
                themselves."
            .to_owned(),
        body: lines.join("\n"),
        file_name: "pull.sh",
    })
}

pub(super) fn verify_commands(input: &KitInput) -> Option<Parts> {
    let repository = input.repositories.first().filter(|_| input.has_identities())?;
    let uri = input.image_uris().into_iter().next()?;
    let body = format!(
        "aws ecr batch-get-image --region {} --registry-id {} --repository-name {} --image-ids {} --query 'images[].imageId'\n\
         docker manifest inspect {}",
        input.region,
        input.owner,
        repository.name(),
        quote_word(&format!("imageTag={}", input.image_tag())),
        quote_word(&uri),
    );
    Some(Parts {
        key: "verify",
        title: "Check as the puller".to_owned(),
        words: "Run with the puller's credentials. `ImageNotFound` or `manifest unknown` means that the permission is \
                there and only the tag is not. `no identity-based policy allows` means that the identity policy above is \
                missing; `no resource-based policy allows` means that the repository's policy does not name this caller; \
                an explicit deny comes from either side or from an organization."
            .to_owned(),
        body,
        file_name: "verify.sh",
    })
}

/// Builds `create-function` with an image. The owner cannot know the function's role.
pub(super) fn lambda_function(input: &KitInput) -> Option<Parts> {
    let named = input.grantees.iter().any(|g| matches!(g, Grantee::Service(name) if name == "lambda.amazonaws.com"));
    let (repository, uri) = (input.repositories.first()?, input.image_uris().into_iter().next()?);
    if !input.recipe.is_lambda() && !named {
        return None;
    }
    let account = input.grantees.iter().find_map(Grantee::account).unwrap_or_else(|| input.owner.clone());
    let function = last_part(repository.name().as_str());
    let body = format!(
        "aws lambda create-function --region {} --function-name {function} --package-type Image \\\n  \
         --code {} \\\n  --role arn:{}:iam::{account}:role/FUNCTION-ROLE",
        input.region,
        quote_word(&format!("ImageUri={uri}")),
        input.region.partition(),
    );
    Some(Parts {
        key: "lambda",
        title: "Lambda function".to_owned(),
        words: format!(
            "Run in account {account}, in {}: Lambda takes images only from its own Region. FUNCTION-ROLE is the \
             function's execution role, which the owner cannot know.",
            input.region
        ),
        body,
        file_name: "create-function.sh",
    })
}

fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn is_for_release(input: &KitInput) -> bool {
    input.recipe.is_release() && input.has_identities() && !input.repositories.is_empty()
}

/// Builds the lines of Release's guide, with the real image.
pub(super) fn release_template(input: &KitInput) -> Option<Parts> {
    if !is_for_release(input) {
        return None;
    }
    let mut body = "services:".to_owned();
    for (repository, uri) in input.repositories.iter().zip(input.image_uris()) {
        let name = last_part(repository.name().as_str());
        // Unquoted, a name such as `1.0` or `on` is no text in YAML. JSON's strings are YAML's.
        let _ = write!(body, "\n- name: {}\n  image: {}\n  has_repo: false\n  static: false", json!(name), json!(uri));
    }
    Some(Parts {
        key: "release-template",
        title: "Release: template".to_owned(),
        words: format!(
            "For a service of Release that runs this image. The Release cluster must be in {}; then deploy again.",
            input.region
        ),
        body,
        file_name: "release-application.yaml",
    })
}

/// Builds the steps of Release's guide for a base image of a Dockerfile.
pub(super) fn release_integration(input: &KitInput) -> Option<Parts> {
    if !is_for_release(input) {
        return None;
    }
    let accounts: Vec<AccountId> = input.grantees.iter().filter_map(Grantee::account).collect();
    let integration = match accounts.first() {
        Some(account) => format!("the one whose AWS IAM ID is {account}"),
        None => "the one that this policy names".to_owned(),
    };
    let body = format!(
        "1. In Release, open Account Settings > Integrations\n\
         2. Under AWS ECR private registry integration, choose Setup\n\
         3. Registry host name: {}\n\
         4. Cloud integration: {integration}\n\
         5. Save",
        input.registry_host()
    );
    Some(Parts {
        key: "release-integration",
        title: "Release: integration".to_owned(),
        words: "For a Dockerfile that Release builds and whose FROM names this registry.".to_owned(),
        body,
        file_name: "release-integration.txt",
    })
}
