//! Tells a Region that the account has not enabled from keys that AWS does not know.

use super::Registry;
use crate::aws::errors::not_enabled;
use crate::ecr::{Failure, Region};

/// The codes that name the cause.
const NAMED: [&str; 2] = ["OptInRequired", "RegionDisabledException"];
/// The codes for keys that are not known: AWS knows no key of an account in a Region that it has not enabled.
const UNKNOWN_KEYS: [&str; 2] = ["UnrecognizedClientException", "InvalidClientTokenId"];

impl Registry {
    /// Finds the cause of `failure` where it is that the account has not enabled this Region; none: it has another one.
    ///
    /// Mistyped or deleted keys are refused with the same code. They are excluded by STS, which has to know the keys in
    /// the Region `home` after the refusal; and a Region that each account has cannot be the cause.
    pub async fn find_disabled(&self, failure: &Failure, home: &Region) -> Option<Failure> {
        let aws = failure.aws.as_ref()?;
        let is_off = if NAMED.contains(&aws.code.as_str()) {
            true
        } else {
            let region = &self.context().region;
            let can_be_off = UNKNOWN_KEYS.contains(&aws.code.as_str()) && region.needs_opt_in() && region != home;
            can_be_off && self.inner.sign_in.identify_caller(home).await.is_ok()
        };
        is_off.then(|| Failure { aws: failure.aws.clone(), ..not_enabled(&self.inner.asker) })
    }
}
