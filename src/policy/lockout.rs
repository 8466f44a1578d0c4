//! Whether a policy would shut the caller out of changing it again.

use super::document::Policy;
use crate::ecr::Identity;

/// The first Deny statement that may take `ecr:SetRepositoryPolicy` from the caller. `context` holds the condition
/// keys that are known of the caller's request; a Deny that depends on others counts as one that may.
pub fn locks_out(_policy: &Policy, _caller: &Identity, _context: &[(&str, &str)]) -> Option<usize> {
    None
}
