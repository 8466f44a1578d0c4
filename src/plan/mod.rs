//! From repositories, grantees and actions to edits, checks, risk and the confirmation that they need. Pure.

mod baseline;
mod confirm;
mod denied;
mod existing;
mod file;
mod groups;
mod intent;
mod kinds;
mod lasting;
mod pasted;
mod planned;
mod progress;
mod read_only;
mod region;
mod removal;
mod repository_selector;
mod request;
mod stated;
#[cfg(test)]
mod tests;
mod undo;
mod undo_notes;
pub mod write;

pub use baseline::Baseline;
pub use confirm::{
    Confirmation, OTHER_REPOSITORIES, Peril, Question, Reason, first_three, needed_confirmation, typed_word,
};
pub use denied::{GainTone, blocked_rows, gain_tone};
pub use existing::{ExistingAccess, find_existing};
pub use file::{PlanFile, SavedMatch};
pub use groups::{PlanGroup, group_indexes, group_plans};
pub use intent::{Ask, Intent};
pub use kinds::{PlanKind, kind_sums};
pub use lasting::Lasting;
pub use pasted::{AllowedActions, NamedRepository, PastedText, PullError, Side};
pub use planned::{Loss, Planned, Target, Verdict, plan_grant, plan_text};
pub use progress::Progress;
pub use read_only::{ReadOnlyMatch, ReadOnlyPattern, ReadOnlyPatterns};
pub use region::{Advice, region_advice, region_advice_for};
pub use removal::Removal;
pub use repository_selector::{RepositorySelector, near_name};
pub use request::{Request, parse_actions, wanted_statements};
pub use undo::{ChangedTexts, plan_undo};
pub use undo_notes::{UndoNotes, UndoWay};
pub use write::{Outcome, Write};
