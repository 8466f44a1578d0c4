//! Judges by the filter which rows a list shows. Name, account and Region are known of every row; all else that a filter
//! asks for stands in a policy, so a row whose policy is not read may belong to it or not.

use std::cmp::Reverse;

use super::row::RepositoryRow;
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
                if !row.holds_listed(word) {
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

/// Tells whether every character of a query means itself: then a longer query finds a part of what a shorter one finds.
pub(super) fn is_plain(query: &str) -> bool {
    query.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/-_. ".contains(&b))
}
