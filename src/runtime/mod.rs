//! The only room with a terminal: guard, event loop, effect executor.

mod background;
mod clipboard;
mod drafts;
mod executor;
mod external;
pub(crate) mod files;
mod input;
mod keyboard;
mod login;
mod run;
mod terminal;

pub use run::run;
pub use terminal::{forget_typed, line_width};

use std::path::PathBuf;

use crate::aws::Access;
use crate::ecr::{ActionInfo, Grantee, Recipe, Region, SourceId};
use crate::plan::Choice;
use crate::wizard::ThemeName;
use crate::wizard::keymap::Keymap;

/// The starting point of the wizard. Flags pre-fill its steps; nothing here is asked again.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Clone)]
pub struct Start {
    /// The way to AWS, or to the sandbox.
    pub access: Access,
    /// True for `--demo`; the screens say so.
    pub demo: bool,
    /// The endpoints of flag and environment that are not AWS's own, in words.
    pub endpoint: Option<String>,
    /// `--read-only`.
    pub read_only: bool,
    /// `--dry-run`.
    pub dry_run: bool,
    /// `--ascii`: no characters beyond ASCII are drawn.
    pub ascii: bool,
    /// The keys in force.
    pub keymap: Keymap,
    /// No colours: `NO_COLOR` is set, or the terminal has none.
    pub no_color: bool,
    /// `--theme`.
    pub theme: ThemeName,
    /// True where the terminal has 256 colours or more.
    pub many_colours: bool,
    /// `--mouse`: wheel and click choose rows.
    pub mouse: bool,
    /// True where an argument names a repository or a grant. A draft of an earlier session waits then.
    pub has_arguments: bool,
    /// `--profile` or `--source`: these credentials are chosen already.
    pub source: Option<SourceId>,
    /// `--region`: this Region is chosen already.
    pub region: Option<Region>,
    /// The repositories named as arguments, in their order; none: the user picks them.
    pub targets: Vec<Choice>,
    /// `--to`: the grantees.
    pub grantees: Vec<Grantee>,
    /// `--recipe`; the custom recipe where `--actions` was given.
    pub recipe: Option<&'static Recipe>,
    /// `--actions`; none: those of the recipe.
    pub actions: Vec<&'static ActionInfo>,
    /// `--puller-region`: the Region in which images will be pulled.
    pub puller_region: Option<Region>,
    /// The folder for backups and history.
    pub state_dir: PathBuf,
}

/// The end of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The user left, with or without a grant.
    Left,
    /// A signal ended it: 1 (hang-up), 2 (interrupt) or 15 (terminate).
    Signal(i32),
}
