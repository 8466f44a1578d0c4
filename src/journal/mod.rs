//! The journal of what was changed, in `drafts` the texts entered and not saved yet, and in `sign_ins` the sources used
//! lately: crash-safe files under the state folder.
//!
//! A change is one file, `changes/20261123T103122Z_7f3a09c2d1.jsonl`, readable for the user alone (0600 in a folder of
//! 0700). The name begins with the time, so that the alphabet is its order, and ends with the id of the change: random
//! digits keep machines apart that share a home folder. The state folder and `changes/` have to be the user's own: a
//! link, or another user's folder, is refused.
//!
//! Each line is one JSON object. It is written once and never rewritten, so that what later versions add stays. The first
//! line tells who changes what from where. Each write is a line with the text from before and the text that is sent; it is
//! flushed to the disk before the write is sent. Its outcome is a line as soon as it is known. The last line ends the
//! change. `docs/history.md` has all fields.
//!
//! ```json
//! {"record":"change","format":"ecr-grant change 1","id":"7f3a09c2d1","when":1795429882,"time":"2026-11-23T10:31:22Z", ...}
//! {"record":"write","write":1,"when":1795429882,"account":"222222222222","region":"eu-west-2","repository":"vendorapp",
//!  "endpoint":null,"old":null,"new":"{ ... the text as it is sent, every byte ... }"}
//! {"record":"outcome","write":1,"when":1795429883,"outcome":"written","request_id":"...","words":null}
//! {"record":"end","when":1795429883}
//! ```
//!
//! `"old": null` says that there was no policy. Older versions kept one file a write in `backups/`; they stay readable.

mod backups;
mod change;
mod disk;
mod drafts;
mod history;
mod prune;
mod record;
mod sign_ins;
#[cfg(test)]
mod tests;
mod undone;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use etcetera::BaseStrategy as _;

pub use backups::Backup;
pub use change::{Change, ChangeStart, PlannedWrite, PreparedWrite, SettledOutcome};
pub use drafts::Drafts;
pub use history::{ChangeEntry, ChangeState, Damage, History, UnsentEntry, WriteEntry};
pub use prune::Limits;
pub use sign_ins::SignIns;
pub use undone::Undone;

use crate::ecr::{Failure, FailureKind, text::make_visible};

/// Finds the program's own folder under the XDG state folder (`$XDG_STATE_HOME`, else `~/.local/state`).
pub fn state_folder() -> Result<PathBuf, Failure> {
    let strategy = etcetera::choose_base_strategy().map_err(|_| {
        Failure::new(
            FailureKind::File,
            "There is no home folder to keep backups in",
            "set HOME or XDG_STATE_HOME, then try again",
        )
    })?;
    Ok(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()).join("ecr-grant"))
}

/// The journal of one state folder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Journal {
    state_folder: PathBuf,
    limits: Limits,
}

impl Journal {
    /// Opens the journal under this state folder; writes nothing yet.
    pub fn open_in(state_folder: impl Into<PathBuf>) -> Self {
        Self { state_folder: state_folder.into(), limits: Limits::default() }
    }

    /// Sets how much is kept.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Returns the folder that holds the files of the changes.
    pub fn changes_folder(&self) -> PathBuf {
        self.state_folder.join("changes")
    }

    /// Returns the folder that holds the backups of older versions.
    pub fn backups_folder(&self) -> PathBuf {
        self.state_folder.join("backups")
    }

    /// Begins a change; writes nothing yet.
    pub fn begin_change(&self, start: ChangeStart) -> Change {
        Change::begin_in(self.clone(), start)
    }

    /// Makes the state folder and the one of the changes where they are missing. Checks that both are the user's.
    fn own_changes_folder(&self) -> io::Result<PathBuf> {
        let folder = self.changes_folder();
        let is_new = !folder.exists();
        disk::make_folder(&self.state_folder)?;
        disk::make_folder(&folder)?;
        if is_new {
            // Their names have to reach the disk too.
            disk::flush_folder(&self.state_folder)?;
            self.state_folder.parent().map_or(Ok(()), disk::flush_folder)?;
        }
        Ok(folder)
    }

    /// Checks that a folder of the journal and the state folder are the user's own; what another user can write is no
    /// journal. False: there is none.
    fn is_own_folder(&self, folder: &Path) -> io::Result<bool> {
        for folder in [self.state_folder.as_path(), folder] {
            match disk::check_owned(folder) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// Returns a random number, another one for each process and each count. A process id would not do: every machine uses
/// the same ones.
fn random_number(count: u64) -> u64 {
    use std::hash::BuildHasher as _;
    static SOURCE: OnceLock<std::collections::hash_map::RandomState> = OnceLock::new();
    // The keys of the standard library's hasher are the operating system's random bytes.
    SOURCE.get_or_init(std::collections::hash_map::RandomState::new).hash_one((std::process::id(), count))
}

fn visible_path(path: &Path) -> String {
    make_visible(&path.display().to_string())
}
