//! One write as data, and what came of it: shared by the wizard, the commands and the only writer, `apply`.

use std::path::PathBuf;

use crate::ecr::{Failure, RepositoryRef};

/// One write that somebody confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The repository.
    pub repository: RepositoryRef,
    /// The stored text that the confirmed change was made from; `None`: there was no policy.
    pub based_on: Option<String>,
    /// The text to store; `None`: delete the policy.
    pub text: Option<String>,
}

/// What came of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored, and the read back means what was sent.
    Written {
        /// The text as ECR stores it; `None` after a deletion.
        stored: Option<String>,
        /// The file that keeps the text from before.
        backup: Option<PathBuf>,
    },
    /// What is stored means the same already: nothing was sent.
    AlreadyThere,
    /// The policy is not the one that the change was made from: nothing was sent.
    Changed {
        /// The text that is stored now.
        now: Option<String>,
    },
    /// It was refused, by AWS or by this program; what was stored is still there.
    Refused(Failure),
    /// The answer never came, and the read back did not tell.
    Unknown(Failure),
    /// A dry run: everything but the write was done.
    DryRun,
}
