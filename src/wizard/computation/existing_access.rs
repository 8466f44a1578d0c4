//! Finds what the parties of a request have already, in policies that were read.

use std::sync::Arc;

use crate::plan::{ExistingAccess, Request, Target, find_existing};

/// A request, and the policies in which its access is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToFind {
    /// The request.
    pub request: Arc<Request>,
    /// Repositories with what they have stored, one for all that have the same.
    pub targets: Vec<Target>,
}

impl AccessToFind {
    /// Returns for each target what each grantee has there.
    pub(super) fn find_all(&self) -> Vec<Vec<ExistingAccess>> {
        self.targets.iter().map(|target| find_existing(target, &self.request)).collect()
    }
}
