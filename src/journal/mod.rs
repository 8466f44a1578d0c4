//! Backups and history: crash-safe files under the state folder.

use std::path::{Path, PathBuf};

use crate::ecr::{Failure, FailureKind, RepositoryRef};

/// The journal of one state folder.
#[derive(Debug, Clone)]
pub struct Journal {
    folder: PathBuf,
}

impl Journal {
    /// The journal under this state folder; makes nothing yet.
    pub fn at(state_folder: impl Into<PathBuf>) -> Self {
        Self { folder: state_folder.into() }
    }

    /// The folder that holds the journal's files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps what is stored now, before a write. `when`: seconds since 1970-01-01 UTC.
    pub fn backup(&self, _repository: &RepositoryRef, _stored: Option<&str>, _when: i64) -> Result<PathBuf, Failure> {
        Err(Failure::new(FailureKind::Defect, "not there yet", "wait"))
    }
}
