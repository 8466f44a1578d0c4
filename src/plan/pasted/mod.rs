//! Reads a pasted text: a mail, a ticket, a command, an address, a policy, or the error of a pull. It says what stands in
//! the text and chooses nothing: where a text names two of a kind, both are told.

mod allowed;
mod grantees;
mod mail;
mod pull_error;
#[cfg(test)]
mod tests;

use crate::ecr::{ActionInfo, Address, Grantee, Region, RepositoryName, RepositoryRef, Tag, split_words};
use crate::policy::lint::policy_inside;

pub use allowed::AllowedActions;
pub use pull_error::{PullError, Side};

/// The longest text that is read, in bytes.
const LONGEST: usize = 256 * 1024;

/// A repository that a text names, with the tag of the image where it names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRepository {
    /// Owner, Region and name.
    pub reference: RepositoryRef,
    /// The only tag that stands behind it.
    pub tag: Option<Tag>,
}

/// Everything that was found in a pasted text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PastedText {
    /// The repositories, each once, in the order of the text. The account of an address is the owner's.
    pub repositories: Vec<NamedRepository>,
    /// An address that leads to no repository, where none does: a registry, a page of the console, a slip of the hand.
    pub elsewhere: Option<Address>,
    /// The parties that may be meant to receive access, each once; never an owner of a repository of the text.
    pub grantees: Vec<Grantee>,
    /// The Regions that are named by themselves, other than those of the repositories.
    pub regions: Vec<Region>,
    /// The actions that somebody chose to take from a policy; a text alone chooses none.
    pub actions: Vec<&'static ActionInfo>,
    /// The policy, valid as JSON.
    pub policy: Option<String>,
    /// The error of a pull.
    pub error: Option<PullError>,
    /// The name of a missing repository, where an error tells it without an address.
    pub missing: Option<RepositoryName>,
    /// The program whose command line it is.
    pub command: Option<&'static str>,
    /// Tells whether the text is one word, or a list of grantees and nothing else.
    pub is_bare: bool,
}

impl PastedText {
    /// Reads a text. One that is too long for a mail or a policy holds nothing.
    pub fn read(text: &str) -> Self {
        if text.len() > LONGEST {
            return Self::default();
        }
        let text = mail::plain_text(text);
        let policy = policy_inside(&text);
        let mut repositories: Vec<NamedRepository> = Vec::new();
        let mut elsewhere = None;
        let mut named = Vec::new();
        for address in Address::find_all(&text) {
            let tag = match &address {
                Address::Image(image) => image.tag.clone(),
                _ => None,
            };
            match address.repository() {
                Some(reference) => {
                    named.push((reference.clone(), tag));
                    if repositories.iter().all(|other| other.reference != reference) {
                        repositories.push(NamedRepository { reference, tag: None });
                    }
                }
                None => elsewhere = elsewhere.or(Some(address)),
            }
        }
        for repository in &mut repositories {
            repository.tag = only_tag(&named, &repository.reference);
        }
        let error = PullError::find_in(&text);
        let grantees = match &policy {
            Some(policy) => grantees::of_policy(policy),
            None => grantees::find_grantees(&text, error.as_ref()),
        };
        let owners: Vec<_> = repositories.iter().map(|repository| &repository.reference.account).collect();
        let is_owner = |grantee: &Grantee| {
            matches!(grantee, Grantee::Account { id, .. }
                if owners.contains(&id) || elsewhere.as_ref().and_then(Address::owner_account).as_ref() == Some(id))
        };
        let grantees: Vec<Grantee> = grantees.into_iter().filter(|grantee| !is_owner(grantee)).collect();
        let regions = named_regions(&text, &repositories);
        let missing = error.as_ref().and_then(|_| missing_name(&text)).filter(|_| repositories.is_empty());
        let is_bare = split_words(&text).nth(1).is_none() || grantees::is_list(&text);
        let elsewhere = elsewhere.filter(|_| repositories.is_empty());
        let command = find_command(&text);
        let actions = Vec::new();
        Self { repositories, elsewhere, grantees, regions, actions, policy, error, missing, command, is_bare }
    }

    /// Tells whether nothing was understood, so that the text is text.
    pub fn is_plain(&self) -> bool {
        self.repositories.is_empty()
            && self.elsewhere.is_none()
            && self.grantees.is_empty()
            && self.policy.is_none()
            && self.error.is_none()
    }
}

/// Returns the tag behind a repository, where the text names exactly one.
fn only_tag(named: &[(RepositoryRef, Option<Tag>)], reference: &RepositoryRef) -> Option<Tag> {
    let mut tags = named.iter().filter(|(other, _)| other == reference).filter_map(|(_, tag)| tag.as_ref());
    let first = tags.next()?;
    tags.all(|tag| tag == first).then(|| first.clone())
}

/// Finds Regions that stand as words of their own.
fn named_regions(text: &str, repositories: &[NamedRepository]) -> Vec<Region> {
    let mut found: Vec<Region> = Vec::new();
    for word in split_words(text) {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let value = word.rsplit(['=', ':']).next().unwrap_or_default().to_ascii_lowercase();
        let Some(region) = Region::parse(&value).ok().filter(Region::is_known) else { continue };
        let is_of_address = repositories.iter().any(|repository| repository.reference.region == region);
        if !is_of_address && !found.contains(&region) {
            found.push(region);
        }
    }
    found
}

/// Reads `The repository with name 'X' does not exist`.
fn missing_name(text: &str) -> Option<RepositoryName> {
    let (_, rest) = text.split_once("repository with name '")?;
    RepositoryName::parse(rest.split('\'').next()?).ok()
}

/// The programs that pull, by the words of their command lines.
const COMMANDS: [(&str, &str); 7] = [
    ("docker pull ", "docker"),
    ("docker run ", "docker"),
    ("podman pull ", "podman"),
    ("nerdctl pull ", "nerdctl"),
    ("skopeo ", "skopeo"),
    ("crane ", "crane"),
    ("FROM ", "a Dockerfile"),
];

fn find_command(text: &str) -> Option<&'static str> {
    let begins = |line: &str, words: &str| line.trim_start_matches(['$', '#', '>', ' ', '\t', '`']).starts_with(words);
    let all = || text.lines().map(|line| line.trim_start().trim_start_matches("sudo "));
    COMMANDS.into_iter().find(|(words, _)| all().any(|line| begins(line, words))).map(|(_, name)| name)
}
