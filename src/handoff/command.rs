//! The grant as command lines of the owner.

use super::KitInput;
use crate::ecr::Repository;
use crate::ecr::json_string::escape_unseen;
use crate::ecr::shell::{join_command, profile_flag, quote_word};
use crate::policy::text::minify;

/// Writes the `ecr-grant grant ...` that does the same grant again: it asks before it writes. Repositories are named by
/// their URIs, unless the profile in the command is known to lead to their account. A bare name would be looked for in
/// the account that the shell is signed in to.
pub fn grant_command(input: &KitInput) -> String {
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
    if bare {
        words.extend(["--region".to_owned(), input.region.to_string()]);
    }
    if let Some(profile) = &input.profile {
        return format!("{} {}", join_command(words.iter().map(String::as_str)), profile_flag(profile));
    }
    join_command(words.iter().map(String::as_str))
}

/// Writes `aws ecr set-repository-policy ...` with the whole policy of the one repository. `None` for several
/// repositories: one text for all would take access away.
pub fn set_policy_command(input: &KitInput) -> Option<String> {
    let ([repository], Some(text)) = (input.repositories.as_slice(), &input.policy_text) else { return None };
    let reference = &repository.reference;
    let mut line = join_command([
        "aws",
        "ecr",
        "set-repository-policy",
        "--registry-id",
        reference.account.as_str(),
        "--repository-name",
        reference.name.as_str(),
        "--region",
        reference.region.as_str(),
    ]);
    if let Some(profile) = &input.profile {
        line.push(' ');
        line.push_str(&profile_flag(profile));
    }
    line.push_str(" \\\n  --policy-text ");
    // To JSON an escape is the same character; to a reader of the command it is one that can be seen.
    line.push_str(&quote_word(&escape_unseen(&minify(text).unwrap_or_else(|| text.clone()))));
    Some(line)
}
