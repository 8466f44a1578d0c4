//! The puller's side: kit, command lines and snippets; and the policy as code for the owner's tools. Pure.
//!
//! The owner's policy is half of a grant. The kit holds the other half. It fills in every value that the owner's side
//! knows, and names the others in words.

mod command;
mod file_name;
mod message;
mod owner_code;
mod owner_sections;
mod section;
mod sections;
#[cfg(test)]
mod tests;

pub use command::{grant_command, set_policy_commands};
pub use file_name::{file_stem, plain_part};
pub use owner_code::{CodeSnippet, code_snippet};
pub use section::KitSection;

use std::fmt::Write as _;

use crate::ecr::text::make_visible;
use crate::ecr::{
    AccessEnd, AccountId, AccountNames, ActionInfo, CodeForm, Grantee, OwnerSide, Recipe, Region, Repository,
    RepositoryRef, Tag,
};

/// The tag that stands in an image URI until a real one is known.
pub const NO_TAG: &str = "TAG";

/// The facts that a kit is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KitInput {
    /// The repositories that were granted, all of `owner` in `region`.
    pub repositories: Vec<Repository>,
    /// The grantees.
    pub grantees: Vec<Grantee>,
    /// The purpose.
    pub recipe: &'static Recipe,
    /// The granted actions.
    pub actions: Vec<&'static ActionInfo>,
    /// The moment at which the access ends; none: it has no end.
    pub until: Option<AccessEnd>,
    /// The account that owns the registry.
    pub owner: AccountId,
    /// The registry's Region.
    pub region: Region,
    /// The Region in which images will be pulled, where known.
    pub puller_region: Option<Region>,
    /// The tag to pull; none: `latest` is written.
    pub tag: Option<Tag>,
    /// The owner's profile, for the owner's commands.
    pub profile: Option<String>,
    /// The account that the profile signs in to, where known.
    pub caller: Option<AccountId>,
    /// The whole policy of each repository of which it is known; none as text: it has none. Of what is not written only
    /// the policies that would be.
    pub policies: Vec<(RepositoryRef, Option<String>)>,
    /// Tells whether the policies are stored: `false` where nothing was written.
    pub is_written: bool,
    /// Tells whether a policy says something else than the grant alone comes to: then the line of this program does not
    /// make it, and is left out of what is not written.
    pub is_by_hand: bool,
    /// The gains and losses of what is not written, each in words.
    pub changes: Vec<String>,
    /// The endpoints that are not AWS's own, in words; none: requests go to AWS.
    pub endpoint: Option<String>,
    /// The state of the owner's side.
    pub owner_side: OwnerSide,
    /// The names that stand beside account ids.
    pub account_names: AccountNames,
}

/// The puller's kit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kit {
    /// The grant in one sentence.
    pub title: String,
    /// The beginning of the names of its files: `ecr-grant-` and the grantee.
    pub file_stem: String,
    /// The parts.
    pub sections: Vec<KitSection>,
    /// Tells whether somebody must still act.
    is_open: bool,
}

/// Builds the kit for a grant. Sections come in the order in which the puller needs them, the owner's commands and code
/// last; of a change that is not written these come first.
pub fn build_kit(input: &KitInput) -> Kit {
    let owner = [
        message::writer_message(input),
        owner_sections::grant_again(input),
        owner_sections::set_policy(input),
        owner_sections::code(input, CodeForm::Terraform),
        owner_sections::code(input, CodeForm::CloudFormation),
        owner_sections::code(input, CodeForm::Cdk),
    ];
    let puller = [
        sections::grantee_notes(input),
        message::puller_message(input),
        sections::image_list(input),
        sections::identity_policy(input),
        sections::pull_commands(input),
        sections::verify_commands(input),
        sections::lambda_function(input),
        sections::release_template(input),
        sections::release_integration(input),
        sections::registry_facts(input),
    ];
    let parts: Vec<_> = if input.is_written {
        puller.into_iter().chain(owner).collect()
    } else {
        owner.into_iter().chain(puller).collect()
    };
    let stem = file_stem(&input.grantees);
    let section = |parts: section::Parts| {
        KitSection::new(&stem, section::Parts { words: input.with_names(&parts.words), ..parts })
    };
    let sections = parts.into_iter().flatten().map(section).collect();
    Kit { title: input.with_names(&sections::title_of(input)), file_stem: stem, sections, is_open: input.is_open() }
}

impl Kit {
    /// Finds the section of this key.
    pub fn find_section(&self, key: &str) -> Option<&KitSection> {
        self.sections.iter().find(|s| s.key() == key)
    }

    /// Finds the first section that somebody must still act on, counted from 0. `None`: nothing is left to do.
    pub fn open_section(&self) -> Option<usize> {
        let is_first = |section: &KitSection| matches!(section.key(), "for-the-writer" | "notes");
        self.sections.iter().position(is_first).filter(|_| self.is_open)
    }

    /// Returns the message for whoever acts next: the puller, or the writer of what is only planned.
    pub fn message(&self) -> Option<&KitSection> {
        self.sections.iter().find(|section| section.is_message())
    }

    /// Writes the whole kit as Markdown. A message repeats other sections, and is left out.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n", make_visible(&self.title));
        for section in self.sections.iter().filter(|section| !section.is_message()) {
            let (title, words, body) = (section.title(), section.purpose_words(), section.body().trim_end());
            let _ = write!(text, "\n## {title}\n\n{words}\n\n");
            if section.is_list() {
                let _ = writeln!(text, "{body}");
            } else {
                let fence = longest_fence(body);
                let language = section.file_name().rsplit('.').next().map_or("", fence_language);
                let _ = writeln!(text, "{fence}{language}\n{body}\n{fence}");
            }
        }
        text
    }

    /// Writes the whole kit as plain text, without the message.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", make_visible(&self.title));
        for section in self.sections.iter().filter(|section| !section.is_message()) {
            let (title, words, body) = (section.title(), section.purpose_words(), section.body());
            let line = "-".repeat(title.chars().count());
            let _ = write!(text, "\n{title}\n{line}\n{words}\n\n");
            for line in body.trim_end().lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
        text
    }
}

fn fence_language(extension: &str) -> &'static str {
    match extension {
        "json" => "json",
        "sh" => "sh",
        "yaml" => "yaml",
        "tf" => "hcl",
        "ts" => "ts",
        _ => "text",
    }
}

/// Returns a fence longer than any run of backticks inside.
fn longest_fence(body: &str) -> String {
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.saturating_add(1).max(3))
}

impl KitInput {
    /// Returns the names of the granted actions that a repository policy controls, sorted, without `ecr:`.
    /// Account-level actions are returned when only those were named.
    fn action_names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.actions.iter().map(|a| a.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Tells whether a grantee pulls with an identity of its own, which needs an identity policy and a login.
    fn has_identities(&self) -> bool {
        self.grantees.iter().any(|g| !matches!(g, Grantee::Service(_)))
    }

    /// Puts the names of accounts beside their ids.
    fn with_names(&self, text: &str) -> String {
        self.account_names.beside_ids(text).into_owned()
    }

    /// Tells whether somebody must still act: on the owner's side, or with an identity, a function or a replica of the
    /// puller's.
    fn is_open(&self) -> bool {
        let is_held = matches!(self.owner_side, OwnerSide::NotDone(_) | OwnerSide::Unproved(_));
        let is_elsewhere = self.puller_region.as_ref().is_some_and(|region| *region != self.region);
        !self.is_written || is_held || self.has_identities() || self.recipe.is_lambda() || is_elsewhere
    }

    fn image_tag(&self) -> &str {
        self.tag.as_ref().map_or("latest", Tag::as_str)
    }

    /// Returns the images with their tag. The host is computed from account and Region, so that a false URI from a
    /// server gets into no command.
    fn image_uris(&self) -> Vec<String> {
        self.repositories.iter().map(|r| format!("{}:{}", r.reference.uri(), self.image_tag())).collect()
    }

    fn registry_host(&self) -> String {
        format!("{}.dkr.ecr.{}.{}", self.owner, self.region, self.region.partition().registry_suffix())
    }
}
