//! Backups: the stored text before each write, as crash-safe files under the state folder. Beside them, in `drafts`,
//! the texts entered and not saved yet.
//!
//! One file a write, in `backups/` under the state folder, readable for the user alone (0600 in a folder of 0700), named
//! so that the alphabet is the order of time:
//! `20261123T101122Z_222222222222_eu-west-2_team~vendorapp_PROCESS-COUNT-RANDOM.json`. The random part keeps machines
//! apart that share a home folder; names without it are of older versions, and read all the same. The state folder and
//! `backups/` have to be the user's own: a link, or another user's folder, is refused. Inside, one JSON object:
//!
//! ```json
//! {
//!   "format": "ecr-grant backup 1",
//!   "when": 1795429882,
//!   "time": "2026-11-23T10:31:22Z",
//!   "account": "222222222222",
//!   "region": "eu-west-2",
//!   "repository": "team/vendorapp",
//!   "policy": "{ ... the text as AWS gave it, every byte ... }"
//! }
//! ```
//!
//! `"policy": null` says that there was no policy. A file is written under another name, flushed to the disk, and then
//! renamed: after a crash there is the whole file or none.

mod disk;
mod drafts;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use drafts::Drafts;

use crate::ecr::json::to_pretty;
use crate::ecr::{AccountId, Failure, FailureKind, Region, RepositoryName, RepositoryRef, text::make_visible};

const FORMAT: &str = "ecr-grant backup 1";
const FOLDER: &str = "backups";
/// Leaves room for the rest of the name under the 255 bytes that file systems take.
const LONGEST_NAME: usize = 120;

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
    folder: PathBuf,
}

/// A kept policy text.
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

#[derive(Serialize, Deserialize)]
struct Envelope {
    format: String,
    when: i64,
    time: String,
    account: String,
    region: String,
    repository: String,
    policy: Option<String>,
}

impl Journal {
    /// Opens the journal under this state folder; writes nothing yet.
    pub fn open_in(state_folder: impl Into<PathBuf>) -> Self {
        Self { folder: state_folder.into().join(FOLDER) }
    }

    /// Returns the folder that holds the journal's files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps the stored text before a write. `when`: seconds since 1970-01-01 UTC. The whole file is on the disk when
    /// this returns. Blocks for the disk.
    pub fn write_backup(
        &self,
        repository: &RepositoryRef,
        stored: Option<&str>,
        when: i64,
    ) -> Result<PathBuf, Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(
                FailureKind::File,
                format!("The policy of {} cannot be kept in {}: {error}", repository.name, visible_path(&self.folder)),
                "make the folder your own and writable, or set XDG_STATE_HOME to another one: nothing was written to AWS",
            )
        };
        let time = OffsetDateTime::from_unix_timestamp(when).map_err(|error| failed(&error))?;
        let envelope = Envelope {
            format: FORMAT.to_owned(),
            when,
            time: time.format(&time::format_description::well_known::Rfc3339).map_err(|error| failed(&error))?,
            account: repository.account.to_string(),
            region: repository.region.to_string(),
            repository: repository.name.to_string(),
            policy: stored.map(str::to_owned),
        };
        let mut text = to_pretty(&envelope);
        text.push('\n');
        self.write_file(&file_name(repository, time), text.as_bytes()).map_err(|error| failed(&error))
    }

    /// Removes a backup whose write was never sent. Blocks for the disk.
    pub fn remove_backup(&self, path: &Path) {
        if path.parent() != Some(self.folder.as_path()) {
            return;
        }
        if let Err(error) = fs::remove_file(path) {
            tracing::warn!(%error, path = %visible_path(path), "a backup that is not needed was left");
        }
    }

    /// Returns all backups, the newest first. Other files are left out, and noted in the log.
    pub fn list_backups(&self) -> Result<Vec<Backup>, Failure> {
        let failed = |error: &io::Error| {
            Failure::new(
                FailureKind::File,
                format!("The backups in {} cannot be read: {error}", visible_path(&self.folder)),
                "make the folder your own and readable, then try again",
            )
        };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(&error)),
        };
        // What another user can write is no backup.
        for folder in self.folder.parent().into_iter().chain([self.folder.as_path()]) {
            disk::check_owned(folder).map_err(|error| failed(&error))?;
        }
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| failed(&error))?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match Self::read_backup(&path) {
                Ok(backup) => found.push(backup),
                Err(failure) => tracing::warn!(%failure, "left out of the list of backups"),
            }
        }
        found.sort_by(|a, b| b.when.cmp(&a.when).then_with(|| b.path.cmp(&a.path)));
        Ok(found)
    }

    /// Reads one backup.
    pub fn read_backup(path: &Path) -> Result<Backup, Failure> {
        let failed = |problem: &dyn std::fmt::Display| {
            Failure::new(
                FailureKind::File,
                format!("{} is no backup that can be read: {}", visible_path(path), make_visible(&problem.to_string())),
                "choose another file",
            )
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

    /// Makes the state folder and the one of the backups where they are missing. Checks that both are the user's.
    fn own_folders(&self) -> io::Result<()> {
        if let Some(state) = self.folder.parent() {
            disk::make_folder(state)?;
        }
        disk::make_folder(&self.folder)
    }

    fn write_file(&self, name: &str, content: &[u8]) -> io::Result<PathBuf> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        self.own_folders()?;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let unique = format!("{}-{count:03}-{:016x}", std::process::id(), of_this_process());
        let file = format!("{name}_{unique}.json");
        disk::write_whole(&self.folder, &format!(".{name}_{unique}.new"), &file, content)?;
        Ok(self.folder.join(file))
    }
}

/// Returns a random number, the same for the life of this process. A process id would not do: every machine uses the
/// same ones.
fn of_this_process() -> u64 {
    use std::hash::BuildHasher as _;
    static NUMBER: OnceLock<u64> = OnceLock::new();
    // The keys of the standard library's hasher are the operating system's random bytes.
    *NUMBER.get_or_init(|| std::collections::hash_map::RandomState::new().hash_one(std::process::id()))
}

fn visible_path(path: &Path) -> String {
    make_visible(&path.display().to_string())
}

fn file_name(repository: &RepositoryRef, time: OffsetDateTime) -> String {
    let stamp = time::macros::format_description!("[year][month][day]T[hour][minute][second]Z");
    let time = time.format(stamp).unwrap_or_default();
    // A repository's name holds small letters, digits and `.` `_` `-` `/`: `~` is free to stand for the last.
    let name: String = repository.name.as_str().replace('/', "~").chars().take(LONGEST_NAME).collect();
    format!("{time}_{}_{}_{name}", repository.account, repository.region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository_named(name: &str) -> RepositoryRef {
        RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("eu-west-2").unwrap(),
            name: RepositoryName::parse(name).unwrap(),
        }
    }

    #[test]
    fn a_kept_text_comes_back_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open_in(folder.path());
        let text = "{\n  \"Version\" : \"2012-10-17\",\t\"odd\": \"\\u0000 ü 漢 \u{1f600}\"\r\n}  ";
        let path = journal.write_backup(&repository_named("team/vendorapp"), Some(text), 1_795_429_882).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("20261123T103122Z_222222222222_eu-west-2_team~vendorapp_"), "{name}");
        let read = Journal::read_backup(&path).unwrap();
        assert_eq!(read.policy.as_deref(), Some(text));
        assert_eq!((read.repository, read.when), (repository_named("team/vendorapp"), 1_795_429_882));
    }

    #[test]
    fn that_there_was_none_is_kept_too_and_the_newest_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open_in(folder.path());
        assert_eq!(journal.list_backups().unwrap(), []);
        journal.write_backup(&repository_named("ab"), Some("{}"), 100).unwrap();
        journal.write_backup(&repository_named("ab"), None, 300).unwrap();
        journal.write_backup(&repository_named("cd"), Some("{}"), 200).unwrap();
        journal.write_backup(&repository_named("cd"), Some("{}"), 200).unwrap();
        std::fs::write(journal.folder().join("torn.json"), "{\"format\":").unwrap();
        std::fs::write(journal.folder().join(".half.new"), "{").unwrap();
        let listed = journal.list_backups().unwrap();
        assert_eq!(listed.iter().map(|b| b.when).collect::<Vec<_>>(), [300, 200, 200, 100]);
        assert_eq!(listed[0].policy, None);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open_in(folder.path().join("deep/er"));
        let path = journal.write_backup(&repository_named("ab"), Some("{}"), 0).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(journal.folder()), 0o700);
        let rest: Vec<_> = std::fs::read_dir(journal.folder()).unwrap().collect();
        assert_eq!(rest.len(), 1, "nothing half-done is left");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_open_to_others_is_closed_and_one_that_is_not_ours_is_refused() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let home = tempfile::tempdir().unwrap();
        let open = |path: &Path| {
            fs::create_dir_all(path).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        };
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let state = home.path().join("state");
        open(&state);
        open(&state.join("backups"));
        let journal = Journal::open_in(&state);
        journal.write_backup(&repository_named("ab"), Some("{}"), 0).unwrap();
        assert_eq!((mode(&state), mode(&state.join("backups"))), (0o700, 0o700));
        open(&state);
        assert_eq!(journal.list_backups().unwrap().len(), 1);
        assert_eq!(mode(&state), 0o700);

        let elsewhere = home.path().join("elsewhere");
        open(&elsewhere);
        for (state, link) in [("linked", "linked"), ("inner", "inner/backups")] {
            let state = home.path().join(state);
            if !link.ends_with("linked") {
                fs::create_dir(&state).unwrap();
            }
            symlink(&elsewhere, home.path().join(link)).unwrap();
            let journal = Journal::open_in(&state);
            let failure = journal.write_backup(&repository_named("ab"), Some("{}"), 0).unwrap_err();
            assert!(failure.what.contains("is a link"), "{failure}");
            assert!(failure.next.contains("nothing was written"), "{failure}");
            assert!(fs::read_dir(&elsewhere).unwrap().all(|entry| entry.unwrap().file_name() == "backups"));
            assert_eq!(mode(&elsewhere), 0o777, "what a link leads to is left alone");
            fs::create_dir_all(elsewhere.join("backups")).unwrap();
            assert!(journal.list_backups().unwrap_err().what.contains("is a link"));
        }
        // The root folder is another user's, unless root runs the tests; then a folder given away is.
        let foreign = home.path().join("foreign");
        open(&foreign);
        if std::os::unix::fs::chown(&foreign, Some(12345), None).is_ok() {
            let failure = Journal::open_in(&foreign).write_backup(&repository_named("ab"), Some("{}"), 0).unwrap_err();
            assert!(failure.what.contains("belongs to another user"), "{failure}");
        }
    }

    #[test]
    fn two_machines_with_one_home_write_two_files() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open_in(folder.path());
        let names: Vec<String> = (0..3)
            .map(|_| journal.write_backup(&repository_named("ab"), Some("{}"), 7).unwrap())
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert!(names.is_sorted(), "{names:?}");
        let random: Vec<&str> = names.iter().map(|name| name.rsplit('-').next().unwrap()).collect();
        assert!(random.iter().all(|part| part.len() == 16 && *part == random[0]), "{names:?}");
        // A name of an older version is read, and stands where its time puts it.
        let path = journal.write_backup(&repository_named("ab"), None, 9).unwrap();
        fs::rename(path, journal.folder().join("19700101T000009Z_222222222222_eu-west-2_ab_77-000.json")).unwrap();
        assert_eq!(journal.list_backups().unwrap().iter().map(|b| b.when).collect::<Vec<_>>(), [9, 7, 7, 7]);
    }

    #[test]
    fn a_long_name_fits_the_file_system() {
        let folder = tempfile::tempdir().unwrap();
        let long = "a/".repeat(127) + "ab";
        let path = Journal::open_in(folder.path()).write_backup(&repository_named(&long), None, 0).unwrap();
        assert_eq!(Journal::read_backup(&path).unwrap().repository.name.as_str(), long);
    }

    #[test]
    fn a_folder_that_cannot_be_made_says_that_nothing_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let failure = Journal::open_in(&file).write_backup(&repository_named("ab"), None, 0).unwrap_err();
        assert_eq!(failure.kind, FailureKind::File);
        assert!(failure.next.contains("nothing was written"), "{failure}");
    }
}
