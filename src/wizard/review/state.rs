//! The state of a review, apart from the model.

use std::sync::Arc;

use crate::ecr::Repository;
use crate::wizard::Remote;
use crate::wizard::computation::deciding::DecidingPolicies;
use crate::wizard::page::KeptPage;

/// An open review.
#[derive(Debug)]
pub struct Review {
    /// The repository.
    pub repository: Repository,
    /// The stored text; the inner `None`: there is no policy.
    pub stored: Remote<Option<String>>,
    /// The policies that were read of it, under that of its registry: the page is made of these.
    pub policies: Remote<Arc<DecidingPolicies>>,
    /// Tells whether the stored text is another one than the one that was read.
    pub(super) is_to_read: bool,
    /// Counts the changes of what is shown.
    pub(super) changes: u64,
    /// The page.
    pub(super) page: Option<KeptPage<PageKey>>,
    /// Rows scrolled.
    pub scroll: usize,
}

/// All that the page depends on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PageKey {
    pub width: u16,
    pub changes: u64,
    /// The keys that the page names.
    pub named_keys: [String; 3],
}
