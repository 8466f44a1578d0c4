//! The grant as command lines of the owner.

use super::KitInput;
use crate::ecr::json_string::escape_unseen;
use crate::ecr::shell::{join_command, profile_flag};
use crate::ecr::{Repository, RepositoryRef};

/// Writes the `ecr-grant grant ...` that does the same grant again: it asks before it writes. Repositories are named by
/// their URIs, unless the profile in the command is known to lead to their account. A bare name would be looked for in
/// the account that the shell is signed in to. `None`: there is no repository, no grantee or no action, or what would be
/// written is another policy.
pub fn grant_command(input: &KitInput) -> Option<String> {
    let is_another = input.is_by_hand && !input.is_written;
    if is_another || input.repositories.is_empty() || input.grantees.is_empty() || input.actions.is_empty() {
        return None;
    }
    let mut words = vec!["ecr-grant".to_owned(), "grant".to_owned()];
    let bare = input.profile.is_some() && input.caller.as_ref() == Some(&input.owner);
    let named = |r: &Repository| if bare { r.name().to_string() } else { r.reference.uri() };
    words.extend(input.repositories.iter().map(named));
    words.push("--to".to_owned());
    words.extend(input.grantees.iter().map(ToString::to_string));
    let chosen = input.action_names();
    let mut usual: Vec<&str> = input.recipe.repository_actions().map(|a| a.name.as_str()).collect();
    usual.sort_unstable();
    let same = !input.recipe.is_custom() && chosen == usual;
    if !input.recipe.is_custom() && (same || input.recipe.is_lambda()) {
        words.extend(["--recipe".to_owned(), input.recipe.name.clone()]);
    }
    if !same {
        words.extend(["--actions".to_owned(), chosen.join(",")]);
    }
    if let Some(end) = input.until {
        words.extend(["--until".to_owned(), end.to_string()]);
    }
    if bare {
        words.extend(["--region".to_owned(), input.region.to_string()]);
    }
    words.extend(endpoint_flag(input));
    let line = join_command(words.iter().map(String::as_str));
    Some(match &input.profile {
        Some(profile) => format!("{line} {}", profile_flag(profile)),
        None => line,
    })
}

/// Writes `aws ecr set-repository-policy ...` for each repository whose whole policy is known, with its own text;
/// `aws ecr delete-repository-policy ...` where the policy goes. `None`: no policy is known.
pub fn set_policy_commands(input: &KitInput) -> Option<String> {
    let lines = input.policies.iter().map(|(reference, text)| set_policy(input, reference, text.as_deref()));
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n\n"))
}

/// Returns the flag that sends a command to the endpoint that was read, where that is not AWS's own; empty: it is. Of several
/// endpoints it is ECR's.
fn endpoint_flag(input: &KitInput) -> Vec<String> {
    let words = input.endpoint.as_deref().unwrap_or_default();
    let is_of_ecr = |part: &&str| part.starts_with("ECR at ") || part.starts_with("http");
    let of_ecr = words.split(", ").find(is_of_ecr);
    of_ecr
        .map(|part| vec!["--endpoint-url".to_owned(), part.trim_start_matches("ECR at ").to_owned()])
        .unwrap_or_default()
}

fn set_policy(input: &KitInput, reference: &RepositoryRef, text: Option<&str>) -> String {
    let mut line = join_command([
        "aws",
        "ecr",
        if text.is_some() { "set-repository-policy" } else { "delete-repository-policy" },
        "--registry-id",
        reference.account.as_str(),
        "--repository-name",
        reference.name.as_str(),
        "--region",
        reference.region.as_str(),
    ]);
    if let [flag, url] = endpoint_flag(input).as_slice() {
        line = format!("{line} {}", join_command([flag.as_str(), url.as_str()]));
    }
    if let Some(profile) = &input.profile {
        line.push(' ');
        line.push_str(&profile_flag(profile));
    }
    let Some(text) = text else { return line };
    // To JSON an escape is the same character; to a reader of the command it is one that can be seen.
    let text = escape_unseen(&text.replace("\r\n", "\n").replace('\r', "\n"));
    let mut end = "POLICY".to_owned();
    while text.lines().any(|line| line == end) {
        end.push('_');
    }
    format!("{line} \\\n  --policy-text file:///dev/stdin <<'{end}'\n{}\n{end}", text.trim_end())
}
