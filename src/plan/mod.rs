//! From repositories, grantees and actions to edits, checks, risk and the confirmation that they need. Pure.

pub mod write;
pub use write::{Outcome, Write};
