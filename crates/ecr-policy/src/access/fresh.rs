//! Names that no policy uses.

use crate::ecr::{AccountId, Partition};

/// Names that no policy uses.
#[derive(Debug, Clone)]
pub(super) struct Fresh {
    pub partition: Partition,
    /// The account that owns the repository.
    pub owner: String,
    pub owner_is_known: bool,
    /// An account that nobody names.
    pub account: String,
    /// A word that stands in no text of the policies.
    pub word: String,
}

impl Fresh {
    /// `texts`: everything that the policies name.
    pub fn new(partition: Partition, owner: Option<&AccountId>, texts: &str) -> Self {
        let own = owner.map(AccountId::as_str);
        let round = (1..=9u64).rev().map(|d| d.to_string().repeat(12));
        // Ten thousand characters do not name a thousand accounts.
        let numbers = (0..1000u64).map(|n| (987_654_321_000 + n).to_string());
        let mut ids = round.chain(numbers).filter(|id| !texts.contains(id.as_str()) && own != Some(id));
        let account = ids.next().unwrap_or_default();
        let next = ids.next().unwrap_or_default();
        let words = ["other", "any", "some", "fresh", "else"].into_iter().map(str::to_owned);
        let numbered = (0..=texts.len()).map(|n| format!("w{n}"));
        let word = words.chain(numbered).find(|word| !texts.contains(word.as_str()));
        let owner = own.map_or(next, str::to_owned);
        Self { partition, owner, owner_is_known: own.is_some(), account, word: word.unwrap_or_default() }
    }
}
