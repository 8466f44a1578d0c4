//! One write as data, and what came of it: shared by the wizard, the commands and the only writer, `apply`.

use std::path::{Path, PathBuf};

use crate::ecr::{AccessEnd, Failure, FailureKind, RepositoryRef};

/// One write that somebody confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The repository.
    pub repository: RepositoryRef,
    /// The stored text that the confirmed change was made from; `None`: there was no policy.
    pub based_on: Option<String>,
    /// The text to store; `None`: delete the policy.
    pub text: Option<String>,
    /// The soonest end of the access that it gives: from then on it is not sent. `None`: it gives none that ends.
    pub until: Option<AccessEnd>,
}

impl Write {
    /// Returns why it is not sent at a moment, in seconds since 1970: the access that it gives would have ended. None: it may
    /// be sent.
    pub fn find_past_end(&self, now: i64) -> Option<Failure> {
        let end = self.until.filter(|end| end.is_past(now))?;
        Some(Failure::new(
            FailureKind::InvalidRequest,
            format!("Nothing was sent to {}: the end of the access, {}, is past", self.repository.name, end.words()),
            "name a later end, and plan it again",
        ))
    }
}

/// The outcome of a write: only what a read showed, or that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A read after the write showed a text that means what was sent.
    Written {
        /// The text as ECR stores it; `None` after a deletion.
        stored: Option<String>,
        /// The file that keeps the text from before.
        backup: Option<PathBuf>,
    },
    /// A read after the write showed every statement that was sent, none that was removed, and statements of somebody
    /// else beside them.
    WrittenBesideOthers {
        /// The text that is stored now.
        stored: Option<String>,
        /// The file that keeps the text from before.
        backup: Option<PathBuf>,
    },
    /// AWS accepted the write, and reads then showed a text that is neither the old one nor the one that was sent.
    Replaced {
        /// The text that is stored now.
        now: Option<String>,
        /// The file that keeps the text from before.
        backup: Option<PathBuf>,
    },
    /// The stored text means the same already: nothing was sent.
    AlreadyThere,
    /// The policy is not the one that the change was made from: nothing was sent.
    Changed {
        /// The text that is stored now.
        now: Option<String>,
    },
    /// It was refused, by AWS or by this program; what was stored is still there.
    Refused(Failure),
    /// Nobody knows: no answer of AWS tells, and no read showed the text that was sent.
    Unknown(Failure),
    /// A dry run: everything but the write was done.
    DryRun,
}

impl Outcome {
    /// Returns the outcome in one word, as programs and the journal have it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Written { .. } => "written",
            Self::WrittenBesideOthers { .. } => "written-beside-others",
            Self::Replaced { .. } => "replaced",
            Self::AlreadyThere => "already-there",
            Self::Changed { .. } => "changed",
            Self::Refused(_) => "refused",
            Self::Unknown(_) => "unknown",
            Self::DryRun => "dry-run",
        }
    }

    /// Returns the failure, where there was one.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Refused(failure) | Self::Unknown(failure) => Some(failure),
            _ => None,
        }
    }

    /// The text that a read showed after a write that was seen; none: no write was seen.
    pub fn seen_text(&self) -> Option<Option<&str>> {
        match self {
            Self::Written { stored, .. } | Self::WrittenBesideOthers { stored, .. } => Some(stored.as_deref()),
            _ => None,
        }
    }

    /// The file that keeps the text from before, where one was left.
    pub fn backup_file(&self) -> Option<&Path> {
        match self {
            Self::Written { backup, .. } | Self::WrittenBesideOthers { backup, .. } | Self::Replaced { backup, .. } => {
                backup.as_deref()
            }
            _ => None,
        }
    }
}
