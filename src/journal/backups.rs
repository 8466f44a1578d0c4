//! The backups of older versions: one file a write, with the text from before it.
//!
//! One JSON object: `format`, `when`, `time`, `account`, `region`, `repository`, and `policy`, which is null where there
//! was none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Damage, Journal, visible_path};
use crate::ecr::{AccountId, Region, RepositoryName, RepositoryRef, text::make_visible};

const FORMAT: &str = "ecr-grant backup 1";

/// A text that an older version kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// The repository.
    pub repository: RepositoryRef,
    /// The time of the backup, in seconds since 1970-01-01 UTC.
    pub when: i64,
    /// The policy as AWS gave it, byte for byte; none: there was none.
    pub policy: Option<String>,
}

#[derive(Deserialize)]
struct Envelope {
    format: String,
    when: i64,
    account: String,
    region: String,
    repository: String,
    policy: Option<String>,
}

impl Journal {
    /// Reads the backups, the newest first. Files that are none are told beside them.
    pub(super) fn read_backups(&self, damaged: &mut Vec<Damage>) -> io::Result<Vec<Backup>> {
        let folder = self.backups_folder();
        if !self.is_own_folder(&folder)? {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match Self::read_backup(&path) {
                Ok(backup) => found.push(backup),
                Err(why) => damaged.push(Damage { path, line: None, why }),
            }
        }
        found.sort_by(|a, b| b.when.cmp(&a.when).then_with(|| b.path.cmp(&a.path)));
        Ok(found)
    }

    /// Reads one backup; `Err`: why it is none.
    pub fn read_backup(path: &Path) -> Result<Backup, String> {
        let failed = |problem: &dyn std::fmt::Display| {
            format!("{} is no backup that can be read: {}", visible_path(path), make_visible(&problem.to_string()))
        };
        let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
        let envelope: Envelope = serde_json::from_str(&text).map_err(|error| failed(&error))?;
        if envelope.format != FORMAT {
            return Err(failed(&"its format is not known here"));
        }
        Ok(Backup {
            path: path.to_owned(),
            repository: RepositoryRef {
                account: AccountId::parse(&envelope.account).map_err(|error| failed(&error))?,
                region: Region::parse(&envelope.region).map_err(|error| failed(&error))?,
                name: RepositoryName::parse(&envelope.repository).map_err(|error| failed(&error))?,
            },
            when: envelope.when,
            policy: envelope.policy,
        })
    }
}
