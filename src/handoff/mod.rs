//! What the other side needs: the puller's kit, command lines and snippets. Pure.
//!
//! The owner's policy is half of a grant. The kit holds the other half with every value filled in that the owner's side
//! knows, and says in words what it cannot know.

mod command;
mod sections;
mod shell;
#[cfg(test)]
mod tests;

pub use command::{grant_command, set_policy_command};
pub use shell::quote;

use std::fmt::Write as _;

use crate::ecr::text::visible;
use crate::ecr::{AccountId, ActionInfo, Grantee, Recipe, Region, Repository};

/// What a kit is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The repositories that were granted, all of `owner` in `region`.
    pub repositories: Vec<Repository>,
    /// Who received access.
    pub grantees: Vec<Grantee>,
    /// The purpose.
    pub recipe: &'static Recipe,
    /// The granted actions.
    pub actions: Vec<&'static ActionInfo>,
    /// The account that owns the registry.
    pub owner: AccountId,
    /// The registry's Region.
    pub region: Region,
    /// Where it will be pulled, where known.
    pub puller_region: Option<Region>,
    /// The tag to pull; none: `latest` is written.
    pub tag: Option<String>,
    /// The owner's profile, for the owner's commands.
    pub profile: Option<String>,
    /// The account that the profile signs in to, where known.
    pub caller: Option<AccountId>,
    /// The policy as stored, of the one repository; with several repositories it is not used.
    pub policy_text: Option<String>,
    /// Whether the grant is in effect on the owner's side: a Deny may void it, or the document may lack it.
    pub in_effect: bool,
}

/// One part of a kit, which can be copied or written to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// A name that does not change, such as `identity-policy`.
    pub key: &'static str,
    /// The title.
    pub title: String,
    /// What it is for and what to do with it, in whole sentences.
    pub words: String,
    /// What is copied: commands, JSON, lines. Never empty.
    pub body: String,
    /// The file that it is written to, without a folder.
    pub file_name: &'static str,
}

/// The puller's kit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kit {
    /// What was granted to whom, in one sentence.
    pub title: String,
    /// The parts.
    pub sections: Vec<Section>,
}

/// The kit for a grant. Sections come in the order in which the other side needs them, the owner's commands last.
pub fn kit(input: &Input) -> Kit {
    let sections = [
        Some(sections::notes(input)),
        Some(sections::registry(input)),
        sections::images(input),
        sections::identity_policy(input),
        sections::pull(input),
        sections::verify(input),
        sections::lambda(input),
        sections::release_template(input),
        sections::release_integration(input),
        sections::set_policy(input),
        sections::grant_again(input),
    ];
    Kit { title: sections::title(input), sections: sections.into_iter().flatten().collect() }
}

impl Kit {
    /// The part of this key.
    pub fn section(&self, key: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.key == key)
    }

    /// The whole kit as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n", visible(&self.title));
        for section in &self.sections {
            let Section { title, words, body, file_name, .. } = section;
            let body = body.trim_end();
            let _ = write!(text, "\n## {title}\n\n{words}\n\n");
            if section.is_list() {
                let _ = writeln!(text, "{body}");
            } else {
                let fence = fence(body);
                let language = file_name.rsplit('.').next().map_or("", language);
                let _ = writeln!(text, "{fence}{language}\n{body}\n{fence}");
            }
        }
        text
    }

    /// The whole kit as plain text.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", visible(&self.title));
        for Section { title, words, body, .. } in &self.sections {
            let line = "-".repeat(title.chars().count());
            let _ = write!(text, "\n{title}\n{line}\n{words}\n\n");
            for line in body.trim_end().lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
        text
    }
}

impl Section {
    /// Whether the body is a list of sentences, which Markdown shows as it is.
    fn is_list(&self) -> bool {
        self.body
            .lines()
            .all(|line| line.starts_with("- ") || line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(". "))
    }
}

fn language(extension: &str) -> &'static str {
    match extension {
        "json" => "json",
        "sh" => "sh",
        "yaml" => "yaml",
        _ => "text",
    }
}

/// A fence longer than any run of backticks inside.
fn fence(body: &str) -> String {
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.saturating_add(1).max(3))
}

impl Input {
    /// The names of the granted actions that a repository policy controls, sorted, without `ecr:`; when only
    /// account-level ones were named, those.
    fn action_names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.actions.iter().map(|a| a.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether somebody pulls with an identity of their own, which needs an identity policy and a login.
    fn has_identities(&self) -> bool {
        self.grantees.iter().any(|g| !matches!(g, Grantee::Service(_)))
    }

    fn tag(&self) -> &str {
        self.tag.as_deref().unwrap_or("latest")
    }

    /// The images with their tag: AWS's own URI, unless it holds what no URI holds.
    fn image_uris(&self) -> Vec<String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | ':' | '_' | '-');
        let uri = |r: &Repository| {
            let told = !r.uri.is_empty() && r.uri.chars().all(is_plain);
            if told { r.uri.clone() } else { r.reference.uri() }
        };
        self.repositories.iter().map(|r| format!("{}:{}", uri(r), self.tag())).collect()
    }

    fn host(&self) -> String {
        format!("{}.dkr.ecr.{}.{}", self.owner, self.region, self.region.partition().registry_suffix())
    }
}
