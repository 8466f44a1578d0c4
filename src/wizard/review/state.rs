//! The state of a review, apart from the model.

use std::sync::Arc;

use crate::ecr::Repository;
use crate::wizard::Remote;
use crate::wizard::computation::deciding::DecidingPolicies;

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
    /// Rows scrolled.
    pub scroll: usize,
}
