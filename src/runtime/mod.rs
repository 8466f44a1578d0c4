//! The only room with a terminal: guard, event loop, effect executor.

mod accepted;
mod background;
mod browser;
mod clipboard;
mod collected;
mod defect;
mod drafts;
mod elsewhere;
mod executor;
mod external;
pub(crate) mod files;
mod input;
mod keyboard;
mod login;
mod pace_news;
mod plain;
mod recorded;
mod registry_facts;
pub(crate) mod replace;
mod run;
mod saving;
mod terminal;
mod user;
mod workers;

pub use collected::Collection;
pub use recorded::read_recorded;
pub use registry_facts::{read_policy_of_registry, read_settings_of_registry};
pub use run::run;
pub use terminal::{forget_typed, line_width};

use std::path::PathBuf;

use crate::aws::AwsAccess;
use crate::journal::Limits;
use crate::wizard::keymap::Keymap;
use crate::wizard::{Prefill, WizardSettings};

/// The starting point of the wizard. Flags pre-fill its steps; nothing here is asked again.
#[derive(Debug, Clone)]
pub struct Start {
    /// The way to AWS, or to the sandbox.
    pub access: AwsAccess,
    /// The settings of flags and environment; the room adds what only the machine tells.
    pub settings: WizardSettings,
    /// The answers that flags fill in.
    pub prefill: Prefill,
    /// The keys in force.
    pub keymap: Keymap,
    /// `--mouse`: wheel and click choose rows.
    pub mouse: bool,
    /// `--plain`: questions and answers line by line, without a screen.
    pub plain: bool,
    /// True where an argument names a repository or a grant. A draft of an earlier session waits then.
    pub has_arguments: bool,
    /// The folder for history and drafts.
    pub state_dir: PathBuf,
    /// The limits of the history.
    pub limits: Limits,
}

/// The end of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WizardEnd {
    /// The user left, with or without a grant.
    Left,
    /// A signal ended it: 1 (hang-up), 2 (interrupt) or 15 (terminate).
    Signal(i32),
}
