//! From repositories, grantees and actions to edits, checks, risk and the confirmation that they need. Pure.

mod choice;
pub mod write;

pub use choice::{Choice, ChoiceProblem};
pub use write::{Outcome, Write};
