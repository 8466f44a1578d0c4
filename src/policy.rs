//! The policy engine: the crate `ecr-policy`.

pub use ecr_policy::*;
