//! The settings that flags, the environment and the terminal decide.

use std::path::PathBuf;
use std::sync::Arc;

use crate::ecr::AccountNames;
use crate::plan::ReadOnlyPatterns;
use crate::review::KnownParties;

/// Holds what the flags and the environment decide once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct WizardSettings {
    /// Nothing is ever written (`--read-only`).
    pub read_only: bool,
    /// The repositories that the configuration holds read-only.
    pub read_only_patterns: ReadOnlyPatterns,
    /// Everything but the write is done (`--dry-run`).
    pub dry_run: bool,
    /// The embedded sandbox answers in place of AWS (`--demo`).
    pub demo: bool,
    /// Only ASCII signs are drawn (`--ascii`).
    pub ascii: bool,
    /// No colours are drawn (`NO_COLOR`), unless a theme is asked for.
    pub no_color: bool,
    /// The styles that are drawn with (`--theme`).
    pub theme: ThemeName,
    /// Tells whether the terminal says that it has 256 colours or more.
    pub many_colours: bool,
    /// The terminal's background, once it has told.
    pub background: Option<Background>,
    /// The time at which the program started, in seconds since 1970: dates that are typed count from it.
    pub started_at: i64,
    /// The endpoints of flag and environment that are not AWS's own, in words.
    pub endpoint: Option<String>,
    /// The names that the configuration gives accounts.
    pub account_names: AccountNames,
    /// The parties that somebody named as known; none: nobody said who is, and a review tells of no unknown ones.
    pub known: Option<Arc<KnownParties>>,
    /// The file of accepted findings.
    pub accepted: AcceptedPath,
    /// Tells whether the AWS CLI is installed, so that `l` can log in.
    pub has_aws_cli: bool,
    /// Tells whether the browser runs on another machine, as over SSH.
    pub is_remote: bool,
}

impl WizardSettings {
    /// Tells whether the look depends on the terminal's background.
    pub fn wants_background(&self) -> bool {
        match self.theme {
            ThemeName::Auto => !self.no_color,
            ThemeName::HighContrast => true,
            ThemeName::Dark | ThemeName::Light | ThemeName::Mono | ThemeName::ColourBlind => false,
        }
    }
}

/// The place of the file of accepted findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedPath {
    /// The path.
    pub path: PathBuf,
    /// Tells whether a flag or the configuration names it.
    pub is_named: bool,
}

impl AcceptedPath {
    /// The name of the file where nobody names one.
    const USUAL: &str = "ecr-review-accepted.toml";
    /// The same for what the embedded sandbox has: that is nobody's own.
    const OF_DEMO: &str = "ecr-review-accepted-demo.toml";

    /// Builds the place from what flag or configuration say.
    pub fn of_named(named: Option<PathBuf>, is_demo: bool) -> Self {
        let is_named = named.is_some();
        let usual = if is_demo { Self::OF_DEMO } else { Self::USUAL };
        Self { path: named.unwrap_or_else(|| PathBuf::from(usual)), is_named }
    }
}

impl Default for AcceptedPath {
    fn default() -> Self {
        Self::of_named(None, false)
    }
}

/// The styles that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ThemeName {
    /// By the terminal's background, where it tells; without colours where `NO_COLOR` says so.
    #[default]
    Auto,
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// The terminal's own ink for everything, nothing dim; weight and lines tell things apart.
    HighContrast,
    /// No colours at all.
    Mono,
    /// Blue and orange in place of green and red.
    ColourBlind,
}

/// The background of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Background {
    /// Dark, light letters on it.
    Dark,
    /// Light, dark letters on it.
    Light,
}
