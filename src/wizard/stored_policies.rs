//! The policies of repositories as they were read last: one place, whoever asked for them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::ecr::{Failure, RepositoryRef};

/// The number of a text. Equal texts have the same one; no other text ever gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextNumber(u64);

/// The policy of one repository as it was read last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadPolicy {
    /// The text; `None`: there is no policy.
    pub text: Option<Arc<str>>,
    /// Its number; that of no policy is a number too.
    pub number: TextNumber,
}

/// The policies that were read. Repositories with equal texts share one.
#[derive(Debug, Default)]
pub struct StoredPolicies {
    by_repository: HashMap<RepositoryRef, ReadPolicy>,
    texts: HashMap<Arc<str>, TextNumber>,
    last_number: u64,
    version: u64,
}

impl StoredPolicies {
    /// Takes what reading the policy of a repository came to: after a failure nothing is known of it.
    pub fn take_read(&mut self, repository: &RepositoryRef, result: &Result<Option<String>, Failure>) {
        match result {
            Ok(stored) => self.note_read(repository, stored.as_deref()),
            Err(_) => self.forget_policy(repository),
        }
    }

    /// Takes what a repository turned out to have.
    pub fn note_read(&mut self, repository: &RepositoryRef, stored: Option<&str>) {
        let read = match stored {
            None => ReadPolicy { text: None, number: TextNumber(0) },
            Some(stored) => self.share_text(stored),
        };
        if self.by_repository.get(repository) != Some(&read) {
            self.version += 1;
            self.by_repository.insert(repository.clone(), read);
            self.drop_unused();
        }
    }

    fn share_text(&mut self, stored: &str) -> ReadPolicy {
        if let Some((text, number)) = self.texts.get_key_value(stored) {
            return ReadPolicy { text: Some(Arc::clone(text)), number: *number };
        }
        self.last_number += 1;
        let (text, number): (Arc<str>, _) = (stored.into(), TextNumber(self.last_number));
        self.texts.insert(Arc::clone(&text), number);
        ReadPolicy { text: Some(text), number }
    }

    /// Forgets the texts that no repository has. They may be as many as the repositories before that is looked at.
    fn drop_unused(&mut self) {
        if self.texts.len() > 2 * self.by_repository.len() {
            self.texts.retain(|text, _| Arc::strong_count(text) > 1);
        }
    }

    /// Forgets what a repository had: it may have another policy by now.
    pub fn forget_policy(&mut self, repository: &RepositoryRef) {
        if self.by_repository.remove(repository).is_some() {
            self.version += 1;
        }
    }

    /// Forgets everything.
    pub fn forget_all(&mut self) {
        // Numbers go on: what was found out about a text of before is never taken for one of later.
        let (last_number, version) = (self.last_number, self.version + 1);
        *self = Self { last_number, version, ..Self::default() };
    }

    /// Returns what a repository has, where that was read.
    pub fn policy_of(&self, repository: &RepositoryRef) -> Option<&ReadPolicy> {
        self.by_repository.get(repository)
    }

    /// Returns the number of changes of what is known.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns the number of texts that are kept.
    pub fn count_texts(&self) -> usize {
        self.texts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::testing::test_reference;

    #[test]
    fn equal_texts_are_kept_once_and_have_one_number() {
        let mut policies = StoredPolicies::default();
        for at in 0..10_000 {
            policies.note_read(&test_reference(&format!("team/app-{at}")), Some(["{}", "[]"][at % 2]));
        }
        assert_eq!(policies.count_texts(), 2);
        let read = |at: usize| policies.policy_of(&test_reference(&format!("team/app-{at}"))).unwrap();
        assert_eq!(read(0).number, read(2).number);
        assert_ne!(read(0).number, read(1).number);
        assert!(Arc::ptr_eq(read(0).text.as_ref().unwrap(), read(9_998).text.as_ref().unwrap()));
    }

    #[test]
    fn texts_that_nobody_has_go_and_their_numbers_never_come_back() {
        let mut policies = StoredPolicies::default();
        let repository = test_reference("vendorapp");
        let mut numbers = std::collections::HashSet::new();
        for at in 0..100 {
            policies.note_read(&repository, Some(&format!("{at}")));
            assert!(numbers.insert(policies.policy_of(&repository).unwrap().number), "{at}");
            assert!(policies.count_texts() <= 3, "{at}");
        }
        policies.forget_all();
        assert_eq!((policies.policy_of(&repository), policies.count_texts()), (None, 0));
        policies.note_read(&repository, Some("again"));
        assert!(numbers.insert(policies.policy_of(&repository).unwrap().number));
    }

    #[test]
    fn the_version_tells_of_each_change_and_of_nothing_else() {
        let mut policies = StoredPolicies::default();
        let repository = test_reference("vendorapp");
        for (stored, changes) in [(Some("{}"), 1), (Some("{}"), 1), (None, 2), (None, 2)] {
            policies.note_read(&repository, stored);
            assert_eq!(policies.version(), changes);
        }
        policies.forget_policy(&repository);
        policies.forget_policy(&repository);
        assert_eq!(policies.version(), 3);
    }
}
