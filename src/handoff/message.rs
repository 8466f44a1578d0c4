//! The messages that are ready to send: to whoever pulls, and to whoever writes a change that is only planned.

use std::fmt::Write as _;

use super::KitInput;
use super::command::{grant_command, set_policy_commands};
use super::section::Parts;
use super::sections::{action_words, capitalize_first, grantee_words, identity_policy, pull_commands};
use crate::ecr::OwnerSide;
use crate::ecr::text::make_visible;

/// Builds the message for whoever pulls: the grant and how far it holds, the images, the Region, the identity policy, and
/// the lines that log in and pull. `None`: nothing was written, or nobody receives access.
pub(super) fn puller_message(input: &KitInput) -> Option<Parts> {
    if !input.is_written || input.grantees.is_empty() || input.repositories.is_empty() {
        return None;
    }
    // What does not hold is not called granted.
    let is_held_back = matches!(input.owner_side, OwnerSide::NotDone(_) | OwnerSide::Unproved(_));
    let granted = if is_held_back { "Asked for" } else { "Granted" };
    let mut text = input.with_names(&heading_lines(input, "Access to images in Amazon ECR", granted));
    let images = input.image_uris();
    let _ =
        writeln!(text, "\n{}:\n{}", if images.len() == 1 { "Image" } else { "Images" }, indented(&images.join("\n")));
    if input.tag.as_ref().is_none_or(|tag| tag.as_str() == super::NO_TAG) {
        let _ = writeln!(text, "Put the tag that you need in the place of {}.", input.image_tag());
    }
    if let Some(policy) = identity_policy(input) {
        let words = "Identity policy for the role or user that pulls, attached by its own administrator";
        let _ = writeln!(text, "\n{words}:\n{}", indented(&policy.body));
    }
    if let Some(commands) = pull_commands(input) {
        let _ = writeln!(text, "\nLog in and pull:\n{}", indented(&commands.body));
    }
    let end =
        "The owner cannot see your identity policies, nor the policies of your organization: both can still deny.";
    let _ = write!(text, "\n{end}");
    Some(Parts {
        key: "message",
        title: "Message to the puller".to_owned(),
        words: "Everything that the puller needs, as one text to send.".to_owned(),
        body: text,
        file_name: "message.txt",
    })
}

/// Builds the message for whoever writes the policies: what is asked for, and the command lines that do it. `None`: they
/// are written, or none is known.
pub(super) fn writer_message(input: &KitInput) -> Option<Parts> {
    if input.is_written || input.policies.is_empty() {
        return None;
    }
    let mut text = input.with_names(&heading_lines(input, "A change of policies in Amazon ECR", "Asked for"));
    if let Some(command) = grant_command(input) {
        let _ = writeln!(
            text,
            "\nWith ecr-grant, which keeps whatever else is in the policy then:\n{}",
            indented(&command)
        );
    }
    if let Some(commands) = set_policy_commands(input) {
        let words = if input.policies.iter().all(|(_, text)| text.is_none()) {
            "With the AWS CLI, which deletes the whole policy that is stored then"
        } else {
            "With the AWS CLI, in place of the whole policy that is stored then"
        };
        let _ = writeln!(text, "\n{words}:\n\n{commands}");
    }
    Some(Parts {
        key: "for-the-writer",
        title: "For whoever writes it".to_owned(),
        words: "This is what would be written: nothing was. This text asks for it; the next parts hold each form alone, and \
                the same policy as code."
            .to_owned(),
        body: text.trim_end().to_owned(),
        file_name: "change.txt",
    })
}

/// Returns the subject and the facts of the grant, a row each.
fn heading_lines(input: &KitInput, subject: &str, granted: &str) -> String {
    let of_policies = || input.policies.iter().map(|(repository, _)| repository.name.as_str()).collect();
    let of_all = || input.repositories.iter().map(|repository| repository.name().as_str()).collect();
    let names: Vec<&str> = if input.is_written { of_all() } else { of_policies() };
    let mut text = format!("{subject}\n\nState: {}\n", state_words(input));
    if !input.grantees.is_empty() {
        let end = input.until.map(|end| format!(", until {}", end.words())).unwrap_or_default();
        let _ = writeln!(text, "{granted}: {}{end}\nTo: {}", action_words(input), grantee_words(input));
    }
    let label = if names.len() == 1 { "Repository" } else { "Repositories" };
    let _ = writeln!(text, "{label}: {}", names.join(", "));
    let _ = writeln!(text, "Owner: account {}\nRegion: {}", input.owner, input.region);
    let _ = writeln!(text, "Registry: {}", input.registry_host());
    if let Some(endpoint) = &input.endpoint {
        let _ = writeln!(text, "Endpoint: {}, which is not AWS", make_visible(endpoint));
    }
    if !input.is_written {
        for change in &input.changes {
            let _ = writeln!(text, "Change: {change}");
        }
    }
    text
}

/// Returns how far the grant holds. That the owner's side is done is said only of what is stored.
pub(super) fn state_words(input: &KitInput) -> String {
    if input.is_written { input.owner_side.words() } else { input.owner_side.words_unwritten("nothing was written") }
}

/// Returns the same as a sentence without its end.
pub(super) fn state_sentence(input: &KitInput) -> String {
    capitalize_first(&state_words(input))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
