//! One row of the list: what is known of a repository, and the texts in which a filter looks.

use std::sync::Arc;

use super::tally::Tally;
use crate::ecr::{Repository, RepositoryRef};
use crate::review::RepositoryEntry;
use crate::wizard::computation::pull_access::PullAccess;

/// The progress of reading a row's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadState {
    Wanted,
    Asked,
    Done,
}

/// One repository.
#[derive(Debug)]
pub struct RepositoryRow {
    /// The repository as the listing tells of it.
    pub repository: Repository,
    /// The access, as far as it is known.
    pub access: PullAccess,
    /// The repository in a review; none: its policy is not read.
    pub entry: Option<Arc<RepositoryEntry>>,
    pub(super) read: ReadState,
    /// The severity of the gravest open finding in the upper half, their number in the lower one: asked for at each sorting.
    gravity: i64,
    pub(super) tally: Tally,
    pub(super) is_marked: bool,
    text: RowText,
    pub(super) generation: u64,
}

impl RepositoryRow {
    /// Makes the row of a repository of which the listing alone is known.
    pub(super) fn of_listed(repository: Repository, generation: u64) -> Self {
        Self {
            text: RowText::of_listed(&repository.reference),
            repository,
            access: PullAccess::Unknown,
            entry: None,
            read: ReadState::Wanted,
            gravity: 0,
            tally: Tally::default(),
            is_marked: false,
            generation,
        }
    }

    /// Tells whether its policy is being read, and nothing is known of it yet.
    pub fn is_being_read(&self) -> bool {
        self.read == ReadState::Asked && self.access == PullAccess::Unknown
    }

    /// Returns a number that is the higher the graver its open findings are, and of equals the more there are; 0: none.
    pub(super) fn gravity(&self) -> i64 {
        self.gravity
    }

    /// Counts the parties that have access.
    pub(super) fn count_grantees(&self) -> usize {
        match &self.access {
            PullAccess::Known { grantees, .. } => grantees.len(),
            _ => 0,
        }
    }

    /// Works out what depends on access and findings. Returns what the sum loses and gains.
    pub(super) fn note_change(&mut self) -> (Tally, Tally) {
        let open = || self.entry.iter().flat_map(|entry| entry.open_findings());
        let gravest = open().map(|finding| finding.severity).max();
        let count = i64::try_from(open().count()).unwrap_or(i64::MAX).min(i64::from(u32::MAX));
        self.gravity = gravest.map_or(0, |severity| ((severity as i64 + 1) << 32) + count);
        self.text.set_read(&self.access, self.entry.as_deref());
        let tally = self.entry.as_deref().map(Tally::of_entry).unwrap_or_default();
        (std::mem::replace(&mut self.tally, tally), tally)
    }

    /// Tells whether its policy was read since the list was asked for.
    pub fn is_read(&self) -> bool {
        self.read == ReadState::Done && self.entry.is_some()
    }

    /// Tells whether a word, in small letters, stands in what the listing tells of it.
    pub(super) fn holds_listed(&self, word: &str) -> bool {
        self.text.listed.contains(word)
    }

    /// Tells whether a word, in small letters, stands in what is known of it once its policy is read.
    pub(super) fn holds_read(&self, word: &str) -> bool {
        self.text.read.as_ref().is_some_and(|read| read.contains(word) || self.text.listed.contains(word))
    }
}

/// The texts of a row in which a filter looks, in small letters.
#[derive(Debug, Default)]
struct RowText {
    /// The words of the listing, with their labels.
    listed: String,
    /// The words of the policy; none: it is not read.
    read: Option<String>,
}

impl RowText {
    /// Makes the text of a repository of which the listing alone is known.
    fn of_listed(repository: &RepositoryRef) -> Self {
        let RepositoryRef { account, region, name } = repository;
        let listed = format!("name:{name} account:{account} region:{region}").to_lowercase();
        Self { listed, read: None }
    }

    /// Takes what the policy tells.
    fn set_read(&mut self, access: &PullAccess, entry: Option<&RepositoryEntry>) {
        let labels = entry.map(labels_of);
        let known = match access {
            PullAccess::Known { words, column, grantees, .. } => {
                Some(format!("{words} {} {}", column.text(), grantees.join(" ")))
            }
            _ => None,
        };
        let is_read = known.is_some() || labels.is_some();
        self.read = is_read.then(|| [known, labels].map(Option::unwrap_or_default).join(" ").to_lowercase());
    }
}

/// Returns the words that a filter finds an entry by, each with and without its label: `class:public`, `finding:S101`,
/// `finding:public-access`, `open:S101`.
fn labels_of(entry: &RepositoryEntry) -> String {
    let mut labels: Vec<String> = Vec::new();
    labels.extend(entry.class().map(|class| format!("class:{}", class.name())));
    for access in entry.grantees() {
        labels.push(format!("grantee:{} right:{}", access.who.id(), access.right.name()));
        labels.extend(access.actions.iter().map(|action| format!("action:{action}")));
    }
    for (finding, acceptance) in entry.judged_findings() {
        let id = finding.id;
        let state = if acceptance.is_some() { "accepted" } else { "open" };
        let (name, severity) = (finding.name, finding.severity.name());
        labels.push(format!("finding:{id} finding:{name} severity:{severity} {state}:{id}"));
    }
    labels.join(" ")
}
