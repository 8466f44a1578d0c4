//! The state of a review, apart from the model.

use crate::ecr::Repository;
use crate::wizard::Remote;

/// An open review.
#[derive(Debug)]
pub struct Review {
    /// The repository.
    pub repository: Repository,
    /// The stored text; the inner `None`: there is no policy.
    pub stored: Remote<Option<String>>,
    /// Rows scrolled.
    pub scroll: usize,
}
