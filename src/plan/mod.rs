//! From repositories, grantees and actions to edits, checks, risk and the confirmation that they need. Pure.

mod choice;
mod confirm;
mod planned;
mod region;
mod request;
#[cfg(test)]
mod tests;
pub mod write;

pub use choice::{Choice, ChoiceProblem, near_name};
pub use confirm::{Confirmation, Peril, Reason, confirmation, typed_word};
pub use planned::{Loss, Planned, Target, Verdict, blocked, plan, plan_text};
pub use region::{Advice, region_advice, region_advice_for};
pub use request::{ActionsProblem, Request, parse_actions, wanted};
pub use write::{Outcome, Write};
