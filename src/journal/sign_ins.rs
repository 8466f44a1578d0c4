//! The sources of credentials that signed in lately: one crash-safe file, `sign-ins.json` (0600), under the state folder.
//!
//! It names places of credentials with times, never a key. Nothing depends on it but the order of a list: what cannot be
//! read counts as empty, and the next sign-in replaces it. A lock file keeps two programs from losing each other's.

use std::borrow::Cow;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::disk;
use crate::ecr::SourceId;
use crate::ecr::json::to_pretty;

/// The format and its version. Another one is not read.
const FORMAT: &str = "ecr-grant sign-ins 1";
const NAME: &str = "sign-ins.json";
/// The most sources that are kept; the oldest go.
const MOST: usize = 20;
/// The most bytes that are read: a file of ours is far smaller.
const LONGEST: u64 = 64 * 1024;
/// The tries for the lock, and the pause between two: whoever has it needs milliseconds.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// The sign-ins of one state folder.
#[derive(Debug, Clone)]
pub struct SignIns {
    folder: PathBuf,
}

/// The JSON object of the file.
#[derive(Serialize, Deserialize)]
struct SignInsFile {
    format: String,
    sign_ins: Vec<SignInLine>,
}

#[derive(Serialize, Deserialize)]
struct SignInLine {
    credentials: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Seconds since 1970-01-01 UTC.
    when: i64,
}

impl SignIns {
    /// Opens the sign-ins under this state folder; writes nothing yet.
    pub fn open_in(state_folder: impl Into<PathBuf>) -> Self {
        Self { folder: state_folder.into() }
    }

    /// Reads the sources that signed in, each with the last time in seconds since 1970-01-01 UTC, newest first. Empty where
    /// there is no file, or none of ours.
    pub fn read_sources(&self) -> Vec<(SourceId, i64)> {
        match self.read_file() {
            Ok(sources) => sources,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Vec::new(),
            Err(error) => {
                tracing::warn!(%error, "the sign-ins of earlier sessions cannot be read");
                Vec::new()
            }
        }
    }

    /// Keeps that a source signed in; for a role in an account of the organization the one that assumes it, since the list
    /// has a row for that one alone. The whole file is on the disk when this returns. Blocks for the disk.
    pub fn note_source(&self, source: &SourceId, when: i64) -> io::Result<()> {
        disk::make_folder(&self.folder)?;
        let _lock = self.lock_file()?;
        let source = source.base();
        let mut sources = self.read_sources();
        sources.retain(|(other, _)| other != source);
        // Their order is that of the sign-ins, whatever a clock says.
        sources.insert(0, (source.clone(), when));
        sources.truncate(MOST);
        let line = |(source, when): &(SourceId, i64)| {
            let (credentials, name) = source.stored_words();
            SignInLine { credentials: credentials.to_owned(), name: name.map(Cow::into_owned), when: *when }
        };
        let file = SignInsFile { format: FORMAT.to_owned(), sign_ins: sources.iter().map(line).collect() };
        let passing = format!(".{NAME}.new");
        // One of ours that a crash left: the lock is ours, so nobody writes it now.
        let _ = fs::remove_file(self.folder.join(&passing));
        disk::write_whole(&self.folder, &passing, NAME, (to_pretty(&file) + "\n").as_bytes())
    }

    fn read_file(&self) -> io::Result<Vec<(SourceId, i64)>> {
        // What another user can write is none of ours.
        disk::check_owned(&self.folder)?;
        let path = self.folder.join(NAME);
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::other(format!("{NAME} is no file")));
        }
        let mut text = String::new();
        File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
        let file: SignInsFile = serde_json::from_str(&text)?;
        if file.format != FORMAT {
            return Err(io::Error::other("its format is not known here"));
        }
        let read = |line: SignInLine| Some((SourceId::from_stored(&line.credentials, line.name)?, line.when));
        let mut sources: Vec<(SourceId, i64)> = file.sign_ins.into_iter().filter_map(read).collect();
        sources.truncate(MOST);
        Ok(sources)
    }

    fn lock_file(&self) -> io::Result<File> {
        let lock = disk::private_options().create(true).open(self.folder.join("sign-ins.lock"))?;
        for _ in 0..TRIES {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::new(io::ErrorKind::WouldBlock, "another program holds sign-ins.lock"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::{AccountId, MemberRole, Region};

    fn profile(name: impl Into<String>) -> SourceId {
        SourceId::Profile(name.into())
    }

    fn sign_ins() -> (tempfile::TempDir, SignIns) {
        let home = tempfile::tempdir().unwrap();
        let sign_ins = SignIns::open_in(home.path().join("ecr-grant"));
        (home, sign_ins)
    }

    #[test]
    fn the_newest_stands_first_each_source_once_and_the_oldest_go() {
        let (_home, sign_ins) = sign_ins();
        assert_eq!(sign_ins.read_sources(), []);
        let kinds =
            [profile("a b\n"), SourceId::Environment, SourceId::WebIdentity, SourceId::Container, SourceId::Instance];
        for (when, source) in (100..).zip(&kinds) {
            sign_ins.note_source(source, when).unwrap();
        }
        // A clock that was set back since does not make it older.
        sign_ins.note_source(&kinds[1], 50).unwrap();
        let read: Vec<SourceId> = sign_ins.read_sources().into_iter().map(|(source, _)| source).collect();
        let expected: Vec<SourceId> = [1, 4, 3, 2, 0].map(|at: usize| kinds[at].clone()).to_vec();
        assert_eq!(read, expected);
        for when in 300..330 {
            sign_ins.note_source(&profile(format!("p{when}")), when).unwrap();
        }
        let read = sign_ins.read_sources();
        assert_eq!((read.len(), &read[0], &read[MOST - 1]), (MOST, &(profile("p329"), 329), &(profile("p310"), 310)));
    }

    #[test]
    fn a_role_counts_as_the_source_that_assumes_it() {
        let (_home, sign_ins) = sign_ins();
        sign_ins.note_source(&profile("other"), 1).unwrap();
        for (when, id) in (2..).zip(["333333333333", "444444444444"]) {
            let (account, home) = (AccountId::parse(id).unwrap(), Region::parse("eu-west-2").unwrap());
            let member = MemberRole { account, role: "audit/ReadEcr".to_owned(), base: profile("owner"), home };
            sign_ins.note_source(&SourceId::Member(Box::new(member)), when).unwrap();
        }
        assert_eq!(sign_ins.read_sources(), [(profile("owner"), 3), (profile("other"), 1)]);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_the_users_alone_and_a_folder_that_others_decide_about_is_left() {
        use std::os::unix::fs::PermissionsExt as _;
        let (home, sign_ins) = sign_ins();
        sign_ins.note_source(&SourceId::Environment, 1).unwrap();
        let mode = |path: &str| fs::metadata(home.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            [mode("ecr-grant"), mode("ecr-grant/sign-ins.json"), mode("ecr-grant/sign-ins.lock")],
            [0o700, 0o600, 0o600]
        );
        let link = home.path().join("link");
        std::os::unix::fs::symlink(home.path().join("ecr-grant"), &link).unwrap();
        let through = SignIns::open_in(&link);
        assert_eq!(through.read_sources(), []);
        assert!(through.note_source(&SourceId::Instance, 2).is_err());
        assert_eq!(sign_ins.read_sources(), [(SourceId::Environment, 1)]);
    }

    #[test]
    fn what_is_no_file_of_ours_counts_as_empty_and_the_next_sign_in_replaces_it() {
        let line = r#"{"credentials":"profile","name":"a","when":5}"#;
        let deep = vec![b'['; 100_000];
        let cases: [&[u8]; 7] = [
            b"",
            b"{",
            b"\xff\xfe",
            b"[]",
            br#"{"format":"ecr-grant sign-ins 2","sign_ins":[]}"#,
            br#"{"format":"ecr-grant sign-ins 1","sign_ins":[{"credentials":"profile","when":5}]}"#,
            &deep,
        ];
        for content in cases {
            let (_home, sign_ins) = sign_ins();
            sign_ins.note_source(&SourceId::Environment, 1).unwrap();
            fs::write(sign_ins.folder.join(NAME), content).unwrap();
            assert_eq!(sign_ins.read_sources(), [], "{content:?}");
            // The half of a write that a crash left is no obstacle either.
            fs::write(sign_ins.folder.join(".sign-ins.json.new"), "half").unwrap();
            sign_ins.note_source(&profile("a"), 5).unwrap();
            assert_eq!(sign_ins.read_sources(), [(profile("a"), 5)], "{content:?}");
        }
        let (_home, sign_ins) = sign_ins();
        sign_ins.note_source(&SourceId::Environment, 1).unwrap();
        // What a later version adds to a line, or a kind that it knows, takes nothing away from the others.
        let later = format!(
            r#"{{"format":"{FORMAT}","more":1,"sign_ins":[{{"credentials":"passkey","when":9,"x":1}},{line}]}}"#
        );
        fs::write(sign_ins.folder.join(NAME), later).unwrap();
        assert_eq!(sign_ins.read_sources(), [(profile("a"), 5)]);
        // A folder in its place cannot be replaced; that is an error, and no panic.
        fs::remove_file(sign_ins.folder.join(NAME)).unwrap();
        fs::create_dir(sign_ins.folder.join(NAME)).unwrap();
        assert_eq!(sign_ins.read_sources(), []);
        assert!(sign_ins.note_source(&profile("a"), 5).is_err());
    }

    #[test]
    fn programs_that_keep_at_the_same_time_lose_nothing() {
        let (_home, sign_ins) = sign_ins();
        std::thread::scope(|threads| {
            for at in 0..8 {
                let sign_ins = sign_ins.clone();
                threads.spawn(move || sign_ins.note_source(&profile(format!("p{at}")), at).unwrap());
            }
        });
        let mut read: Vec<i64> = sign_ins.read_sources().into_iter().map(|(_, when)| when).collect();
        read.sort_unstable();
        assert_eq!(read, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn a_lock_that_is_never_given_back_is_an_error_and_no_wait_without_end() {
        let (_home, sign_ins) = sign_ins();
        disk::make_folder(&sign_ins.folder).unwrap();
        let _held = sign_ins.lock_file().unwrap();
        assert_eq!(sign_ins.note_source(&SourceId::Environment, 1).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(sign_ins.read_sources(), []);
    }
}
