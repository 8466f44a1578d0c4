//! Judges by the filter which rows a list shows. Name, account and Region are known of every row; all else that a filter
//! asks for stands in a policy, so a row whose policy is not read may belong to it or not.

use std::cmp::Reverse;

use super::reads::PullAccess;
use super::rows::RepositoryRow;
use crate::ecr::RepositoryRef;
use crate::review::RepositoryEntry;
use crate::wizard::fuzzy::Fuzzy;

/// The labels of what the listing tells: they alone decide about their words.
const LISTED: [&str; 3] = ["name:", "account:", "region:"];

/// The part of a row that a filter matches, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The name, by its score.
    Name(Reverse<u32>),
    /// What the listing and the policy tell.
    Text,
}

/// The answer of a filter about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It belongs to what the filter shows.
    Matched(Rank),
    /// It does not.
    Other,
    /// Only its policy, which is not read, could tell.
    Unjudged,
}

/// The texts of a row in which a filter looks, in small letters.
#[derive(Debug, Default)]
pub(super) struct RowText {
    /// What the listing tells, with its labels.
    listed: String,
    /// What the policy tells; none: it is not read.
    read: Option<String>,
}

impl RowText {
    /// Makes the text of a repository of which the listing alone is known.
    pub(super) fn of_listed(repository: &RepositoryRef) -> Self {
        let RepositoryRef { account, region, name } = repository;
        let listed = format!("name:{name} account:{account} region:{region}").to_lowercase();
        Self { listed, read: None }
    }

    /// Takes what the policy tells.
    pub(super) fn set_read(&mut self, access: &PullAccess, entry: Option<&RepositoryEntry>) {
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

/// The words of a typed filter, in small letters.
pub(super) struct FilterWords(Vec<String>);

impl FilterWords {
    /// Splits a filter.
    pub(super) fn of(query: &str) -> Self {
        Self(query.to_lowercase().split_whitespace().map(str::to_owned).collect())
    }

    /// Judges a row whose name the filter does not match.
    pub(super) fn judge(&self, row: &RepositoryRow) -> Judgement {
        let mut is_open = false;
        for word in &self.0 {
            if LISTED.iter().any(|label| word.starts_with(label)) {
                if !row.text.listed.contains(word) {
                    return Judgement::Other;
                }
            } else if !row.holds_read(word) {
                if row.is_read() {
                    return Judgement::Other;
                }
                is_open = true;
            }
        }
        if is_open { Judgement::Unjudged } else { Judgement::Matched(Rank::Text) }
    }
}

/// A typed filter.
pub(super) struct Query {
    fuzzy: Fuzzy,
    words: FilterWords,
}

impl Query {
    /// Prepares a filter.
    pub(super) fn new(query: &str) -> Self {
        Self { fuzzy: Fuzzy::new(query), words: FilterWords::of(query) }
    }

    /// Judges a row.
    pub(super) fn judge(&mut self, row: &RepositoryRow) -> Judgement {
        match self.fuzzy.match_score(row.repository.name().as_str()) {
            Some(score) => Judgement::Matched(Rank::Name(Reverse(score))),
            None => self.words.judge(row),
        }
    }
}

impl RepositoryRow {
    /// Tells whether a word, in small letters, stands in what is known of it once its policy is read.
    fn holds_read(&self, word: &str) -> bool {
        self.text.read.as_ref().is_some_and(|read| read.contains(word) || self.text.listed.contains(word))
    }
}

/// Returns the words that a filter finds an entry by, each with and without its label: `class:public`, `finding:S101`.
fn labels_of(entry: &RepositoryEntry) -> String {
    let mut labels: Vec<String> = Vec::new();
    labels.extend(entry.class().map(|class| format!("class:{}", class.name())));
    for access in entry.grantees() {
        labels.push(format!("grantee:{} right:{}", access.who.id(), access.right.name()));
        labels.extend(access.actions.iter().map(|action| format!("action:{action}")));
    }
    for finding in entry.findings() {
        labels.push(format!("finding:{} {} severity:{}", finding.id, finding.name, finding.severity.name()));
    }
    labels.join(" ")
}

/// Tells whether every character of a query means itself: then a longer query finds a part of what a shorter one finds.
pub(super) fn is_plain(query: &str) -> bool {
    query.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/-_. ".contains(&b))
}
