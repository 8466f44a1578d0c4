//! A change as it is made: each write is on the disk before it is sent, each outcome as soon as it is known.
//!
//! A change is one file under `changes/`, which only grows. The lock on it is held by the process that makes the change.
//! The kernel frees it however the process ends, so that a change without its last line and without a lock was
//! interrupted.

use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use super::record::{CallerLine, FORMAT, Header, OutcomeLine, Record, UnsentLine, WriteLine};
use super::{Journal, disk, random_number, visible_path};
use crate::ecr::{Failure, FailureKind, Identity, RepositoryRef};

/// The error after a line that could not be written.
const BROKEN: &str = "an earlier line could not be written";

/// The facts of a change that are known when it begins.
#[derive(Debug, Clone, Default)]
pub struct ChangeStart {
    /// The number of repositories that the change is about, where known.
    pub planned: Option<usize>,
    /// The id of the change that this one takes back.
    pub undoes: Option<String>,
    /// The command line, where it is not that of this process.
    pub command: Option<String>,
}

/// A write that is about to be sent.
#[derive(Debug, Clone)]
pub struct PlannedWrite {
    /// The repository.
    pub repository: RepositoryRef,
    /// The endpoint, where it is not AWS's own.
    pub endpoint: Option<String>,
    /// The caller, where STS was asked.
    pub caller: Option<Identity>,
    /// The text as AWS gave it; none: there was no policy.
    pub old: Option<String>,
    /// The text that is sent; none: the policy is deleted.
    pub new: Option<String>,
    /// Seconds since 1970-01-01 UTC.
    pub when: i64,
}

/// A write whose texts are on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedWrite {
    number: u64,
    /// The file that keeps its texts.
    pub path: PathBuf,
}

/// The outcome of a write, or of a repository that nothing was sent for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettledOutcome {
    /// One word, such as `written`.
    pub name: String,
    /// The id of AWS's answer to the write.
    pub request_id: Option<String>,
    /// The failure in words, where there was one.
    pub words: Option<String>,
}

/// A change that is being made. Cheap to clone; threads may share it. Its file appears with its first write.
#[derive(Debug, Clone)]
pub struct Change {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    journal: Journal,
    id: String,
    start: ChangeStart,
    state: Mutex<State>,
    /// The bytes of the file that are surely on the disk, counted from its beginning.
    synced: Mutex<u64>,
}

#[derive(Debug, Default)]
struct State {
    file: Option<OpenFile>,
    /// Lines that wait for the file.
    waiting: Vec<Record>,
    writes: u64,
    withdrawn: u64,
    ended: bool,
    /// The first line that could not be written after its write was sent.
    lost: Option<String>,
}

#[derive(Debug)]
struct OpenFile {
    /// Locked until it is dropped.
    file: Arc<File>,
    path: PathBuf,
    length: u64,
    /// A line may stand there by half: nothing more is written.
    is_broken: bool,
}

impl Change {
    pub(super) fn begin_in(journal: Journal, start: ChangeStart) -> Self {
        let shared = Shared { journal, id: new_id(), start, state: Mutex::default(), synced: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Returns the id, ten hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// Keeps the texts of a write. They are on the disk when this returns. Writes that are prepared at the same time share
    /// one flush. Blocks for the disk.
    pub fn prepare_write(&self, write: &PlannedWrite) -> Result<PreparedWrite, Failure> {
        self.try_prepare(write).map_err(|error| {
            let folder = visible_path(&self.shared.journal.changes_folder());
            Failure::new(
                FailureKind::File,
                format!("The policy of {} cannot be kept in {folder}: {error}", write.repository.name),
                "make the folder your own and writable, or set XDG_STATE_HOME to another one: nothing was written to AWS",
            )
        })
    }

    fn try_prepare(&self, write: &PlannedWrite) -> io::Result<PreparedWrite> {
        let (prepared, file, length, is_new) = {
            let mut state = self.lock_state();
            if state.ended {
                return Err(io::Error::other("the change was ended already"));
            }
            let number = state.writes + 1;
            let line = Record::Write(WriteLine {
                write: number,
                when: write.when,
                account: write.repository.account.to_string(),
                region: write.repository.region.to_string(),
                repository: write.repository.name.to_string(),
                endpoint: write.endpoint.clone(),
                old: write.old.clone(),
                new: write.new.clone(),
            });
            let is_new = state.file.is_none();
            let mut open = match state.file.take() {
                Some(open) => open,
                None => self.create_file(&state.waiting, &line, write)?,
            };
            let added = if is_new { Ok(()) } else { open.append_line(&line) };
            let prepared = PreparedWrite { number, path: open.path.clone() };
            let (file, length) = (open.file.clone(), open.length);
            state.file = Some(open);
            added?;
            state.waiting.clear();
            state.writes = number;
            (prepared, file, length, is_new)
        };
        // A new file got its name when it was on the disk.
        if !is_new {
            self.flush_to(&file, length)?;
        }
        Ok(prepared)
    }

    /// Notes the outcome of a write that was sent. Blocks for the disk.
    pub fn settle_write(&self, write: &PreparedWrite, outcome: SettledOutcome) {
        let SettledOutcome { name, request_id, words } = outcome;
        let write = write.number;
        self.add_line(Record::Outcome(OutcomeLine { write, when: unix_time(), outcome: name, request_id, words }));
    }

    /// Notes that a write was not sent. Blocks for the disk.
    pub fn withdraw_write(&self, write: &PreparedWrite) {
        self.add_line(Record::Withdrawn { write: write.number });
        self.lock_state().withdrawn += 1;
    }

    /// Notes the outcome of a repository that nothing was sent for. It is kept where something is sent for another one.
    /// Blocks for the disk.
    pub fn note_unsent(&self, repository: &RepositoryRef, outcome: SettledOutcome) {
        self.add_line(Record::Unsent(UnsentLine {
            when: unix_time(),
            account: repository.account.to_string(),
            region: repository.region.to_string(),
            repository: repository.name.to_string(),
            outcome: outcome.name,
            words: outcome.words,
        }));
    }

    /// Ends the change: nothing more can be prepared. A change without a write that was sent leaves no file. `Err`: not
    /// every outcome could be noted. Blocks for the disk.
    pub fn end_change(&self) -> Result<(), Failure> {
        let mut state = self.lock_state();
        if state.ended {
            return Ok(());
        }
        state.ended = true;
        let nothing_sent = state.writes == state.withdrawn;
        let Some(mut open) = state.file.take() else { return Ok(()) };
        let mut lost = state.lost.take();
        if nothing_sent && lost.is_none() {
            let _ = std::fs::remove_file(&open.path);
            return Ok(());
        }
        let ended = open.append_line(&Record::End { when: unix_time() }).and_then(|()| open.file.sync_data());
        if let Err(error) = ended {
            lost.get_or_insert_with(|| error.to_string());
        }
        drop(state);
        self.shared.journal.prune_old(unix_time());
        lost.map_or(Ok(()), |error| {
            Err(Failure::new(
                FailureKind::File,
                format!("Not every outcome could be noted in {}: {error}", visible_path(&open.path)),
                "the texts from before are in it all the same; make room on the disk",
            ))
        })
    }

    /// Adds a line that nothing waits for. Where it cannot be written, the end tells it.
    fn add_line(&self, line: Record) {
        let mut state = self.lock_state();
        if state.ended {
            return;
        }
        let Some(open) = &mut state.file else { return state.waiting.push(line) };
        if let Err(error) = open.append_line(&line) {
            tracing::warn!(%error, change = %self.shared.id, "a line of the journal was lost");
            state.lost.get_or_insert_with(|| error.to_string());
        }
    }

    /// Waits until the file is on the disk up to this length. Whoever comes while another one flushes finds most often
    /// that its own line went with it.
    fn flush_to(&self, file: &File, length: u64) -> io::Result<()> {
        let mut synced = self.lock_synced();
        if *synced >= length {
            return Ok(());
        }
        // Lines that came in the meantime go along.
        let whole = match &self.lock_state().file {
            // After a failed flush a second one may pass although lines are lost.
            Some(open) if open.is_broken => return Err(io::Error::other(BROKEN)),
            open => open.as_ref().map_or(length, |open| open.length),
        };
        if let Err(error) = file.sync_data() {
            // Nobody knows what of the file is on the disk.
            if let Some(open) = &mut self.lock_state().file {
                open.is_broken = true;
            }
            return Err(error);
        }
        *synced = whole.max(length);
        Ok(())
    }

    fn header(&self, write: &PlannedWrite) -> io::Result<Header> {
        let ChangeStart { planned, undoes, command } = self.shared.start.clone();
        let time = OffsetDateTime::from_unix_timestamp(write.when).map_err(io::Error::other)?;
        Ok(Header {
            format: FORMAT.to_owned(),
            id: self.shared.id.clone(),
            when: write.when,
            time: time.format(&time::format_description::well_known::Rfc3339).map_err(io::Error::other)?,
            made: unix_microseconds(),
            command: command.unwrap_or_else(own_command),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            caller: write
                .caller
                .as_ref()
                .map(|caller| CallerLine { account: caller.account.to_string(), arn: caller.arn.to_string() }),
            planned,
            undoes,
        })
    }

    /// Makes the file with its first lines. It gets its name once they are on the disk, so that no reader sees half of
    /// them.
    fn create_file(&self, waiting: &[Record], line: &Record, write: &PlannedWrite) -> io::Result<OpenFile> {
        let first = Record::Change(self.header(write)?);
        let text: String = std::iter::once(&first).chain(waiting).chain([line]).map(Record::to_line).collect();
        let folder = self.shared.journal.own_changes_folder()?;
        let stamp = time::macros::format_description!("[year][month][day]T[hour][minute][second]Z");
        let time = OffsetDateTime::from_unix_timestamp(write.when).map_err(io::Error::other)?;
        let name = format!("{}_{}", time.format(stamp).map_err(io::Error::other)?, self.shared.id);
        let (half, path) = (folder.join(format!(".{name}.new")), folder.join(format!("{name}.jsonl")));
        let mut file = disk::private_options().create_new(true).open(&half)?;
        let made = lock_alone(&file)
            .and_then(|()| file.write_all(text.as_bytes()))
            .and_then(|()| file.sync_all())
            .and_then(|()| std::fs::rename(&half, &path));
        if let Err(error) = made {
            let _ = std::fs::remove_file(&half);
            return Err(error);
        }
        disk::flush_folder(&folder)?;
        Ok(OpenFile { file: Arc::new(file), path, length: text.len() as u64, is_broken: false })
    }

    /// Puts another file in the place of the open one.
    #[cfg(test)]
    pub(super) fn break_file(&self, file: File) {
        if let Some(open) = &mut self.lock_state().file {
            open.file = Arc::new(file);
        }
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_synced(&self) -> MutexGuard<'_, u64> {
        self.shared.synced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenFile {
    /// Adds a whole line, or none: of a line that could not be written nothing stays.
    fn append_line(&mut self, line: &Record) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other(BROKEN));
        }
        let text = line.to_line();
        let mut file: &File = &self.file;
        if let Err(error) = file.write_all(text.as_bytes()) {
            let back = self.file.set_len(self.length).and_then(|()| io::Seek::seek(&mut file, io::SeekFrom::End(0)));
            self.is_broken = back.is_err();
            return Err(error);
        }
        self.length += text.len() as u64;
        Ok(())
    }
}

/// Locks a file that nobody else has. On a file system without locks it goes without.
fn lock_alone(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(io::Error::other("another program holds the new file")),
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, "the file system has no locks");
            Ok(())
        }
    }
}

/// Returns ten hexadecimal digits that no other change has: every machine and every process draws its own.
fn new_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{:010x}", random_number(COUNT.fetch_add(1, Ordering::Relaxed)) >> 24)
}

/// Returns the command line of this process, each word quoted as a shell needs it.
fn own_command() -> String {
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    crate::ecr::shell::join_command(std::iter::once("ecr-grant").chain(words.iter().map(String::as_str)))
}

pub(super) fn unix_time() -> i64 {
    unix_microseconds() / 1_000_000
}

fn unix_microseconds() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |time| i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}

/// Returns the part of a file's name that is the id.
pub(super) fn id_in_name(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()?.rsplit('_').next()
}
