//! Reading the journal: what was changed, and which of its files are damaged.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::backups::Backup;
use super::change::{id_in_name, unix_time};
use super::record::{FORMAT, Record, UnsentLine, WriteLine};
use super::{Journal, SettledOutcome, visible_path};
use crate::ecr::{AccountId, Failure, FailureKind, Region, RepositoryName, RepositoryRef, text::make_visible};

/// The changes of the journal, and the files that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// The changes, the newest first.
    pub changes: Vec<ChangeEntry>,
    /// The backups of older versions, the newest first.
    pub backups: Vec<Backup>,
    /// The files that could not be read. They are left as they are.
    pub damaged: Vec<Damage>,
}

/// A change of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEntry {
    /// The id.
    pub id: String,
    /// Its file.
    pub path: PathBuf,
    /// The size of the file, in bytes.
    pub size: u64,
    /// The time of its first write, in seconds since 1970-01-01 UTC.
    pub when: i64,
    /// When its file was made, in microseconds since 1970-01-01 UTC: the order of changes of the same second.
    pub made: i64,
    /// The command line.
    pub command: String,
    /// The version of the program.
    pub program: String,
    /// The caller's ARN, where it is known.
    pub caller: Option<String>,
    /// The number of repositories that it was about, where known.
    pub planned: Option<usize>,
    /// The id of the change that it takes back.
    pub undoes: Option<String>,
    /// Tells whether it came to its end.
    pub state: ChangeState,
    /// The writes, in the order in which they were begun; those that were not sent are left out.
    pub writes: Vec<WriteEntry>,
    /// The repositories that nothing was sent for.
    pub unsent: Vec<UnsentEntry>,
}

/// Tells whether a change came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeState {
    /// It was gone through to its end.
    Ended,
    /// A program is making it.
    Running,
    /// Its program was killed, or stopped on its way.
    Interrupted,
    /// It has no end, and the file system does not tell whether a program is making it.
    Unclear,
}

/// A write of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteEntry {
    /// The repository.
    pub repository: RepositoryRef,
    /// The endpoint, where it is not AWS's own.
    pub endpoint: Option<String>,
    /// When it was prepared, in seconds since 1970-01-01 UTC.
    pub when: i64,
    /// The text as AWS gave it; none: there was no policy.
    pub old: Option<String>,
    /// The text that was sent; none: the policy was deleted.
    pub new: Option<String>,
    /// The outcome; none: it is not known.
    pub outcome: Option<SettledOutcome>,
}

impl WriteEntry {
    /// Returns the outcome in one word; `unknown` where none was noted.
    pub fn outcome_name(&self) -> &str {
        self.outcome.as_ref().map_or("unknown", |outcome| outcome.name.as_str())
    }
}

/// A repository of a change that nothing was sent for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentEntry {
    /// The repository.
    pub repository: RepositoryRef,
    /// The outcome.
    pub outcome: SettledOutcome,
}

/// Something in the journal that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; none: the whole file.
    pub line: Option<usize>,
    /// The reason.
    pub why: String,
}

impl Damage {
    /// Returns the place and the reason.
    pub fn words(&self) -> String {
        let line = self.line.map(|line| format!(", line {line}")).unwrap_or_default();
        format!("{}{line}: {}", visible_path(&self.path), make_visible(&self.why))
    }
}

impl Journal {
    /// Reads all changes, and the backups of older versions. What is damaged stops nothing: it is told beside the rest.
    pub fn read_history(&self) -> Result<History, Failure> {
        let failed = |error: &io::Error| {
            Failure::new(
                FailureKind::File,
                format!("The history in {} cannot be read: {error}", visible_path(&self.state_folder)),
                "make the folder your own and readable, then try again",
            )
        };
        let mut history = History::default();
        for path in self.change_files().map_err(|error| failed(&error))? {
            match read_change(&path, &mut history.damaged) {
                Ok(Some(change)) => history.changes.push(change),
                Ok(None) => {}
                // Another program pruned it a moment ago.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => history.damaged.push(Damage { path, line: None, why: error.to_string() }),
            }
        }
        history.changes.sort_by(|a, b| (b.when, b.made, &b.path).cmp(&(a.when, a.made, &a.path)));
        history.backups = self.read_backups(&mut history.damaged).map_err(|error| failed(&error))?;
        Ok(history)
    }

    /// Tells about changes whose program was killed, each once: a line in their file notes that it was told. Blocks for
    /// the disk.
    pub fn take_interrupted(&self) -> Vec<ChangeEntry> {
        let files = self.change_files().unwrap_or_else(|error| {
            tracing::warn!(%error, "the journal was not looked through for interrupted changes");
            Vec::new()
        });
        let mut found = Vec::new();
        for path in files.iter().filter(|path| !ends_with_last_line(path)) {
            let Ok(mut file) = File::options().append(true).open(path) else { continue };
            if file.try_lock().is_err() {
                continue;
            }
            // Read under the lock: another start may have told it.
            let Ok(Some(change)) = read_change_in(path, LockHolder::Us, &mut Vec::new()) else { continue };
            if change.state != ChangeState::Interrupted || ends_with_last_line(path) {
                continue;
            }
            // A last line that is there by half gets an end of its own.
            let line = format!("\n{}", Record::Interrupted { when: unix_time() }.to_line());
            let line = if ends_with_line_end(path) { line.trim_start() } else { &line };
            if file.write_all(line.as_bytes()).is_ok() {
                found.push(change);
            }
        }
        found
    }

    /// Returns the files of the changes, in the order of time.
    pub(super) fn change_files(&self) -> io::Result<Vec<PathBuf>> {
        let folder = self.changes_folder();
        if !self.is_own_folder(&folder)? {
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

/// The holder of the lock on a file, as its reader knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LockHolder {
    Us,
    AskTheSystem,
}

/// Reads one file; none: its first line cannot be read. Adds the lines that cannot be read to `damaged`.
pub(super) fn read_change(path: &Path, damaged: &mut Vec<Damage>) -> io::Result<Option<ChangeEntry>> {
    read_change_in(path, LockHolder::AskTheSystem, damaged)
}

fn read_change_in(path: &Path, holder: LockHolder, damaged: &mut Vec<Damage>) -> io::Result<Option<ChangeEntry>> {
    // Before the text: whoever ends in between wrote the last line first.
    let liveness = match holder {
        LockHolder::Us => ChangeState::Interrupted,
        LockHolder::AskTheSystem => ask_liveness(path)?,
    };
    let bytes = fs::read(path)?;
    let mut reader = ChangeReader::new(path);
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
    while let Some((at, line)) = lines.next() {
        // Of a line without an end nothing was sent; and so of one that a later start found so and went on behind.
        let is_left_by_a_kill = line.last() != Some(&b'\n')
            || lines.peek().is_some_and(|(_, next)| matches!(parse_line(next), Ok(Record::Interrupted { .. })));
        match parse_line(line) {
            Ok(record) => reader.take_record(record, at + 1),
            Err(_) if is_left_by_a_kill && at > 0 => {}
            Err(why) => reader.note_damage(at + 1, why),
        }
    }
    Ok(reader.finish(liveness, bytes.len() as u64, damaged))
}

fn parse_line(line: &[u8]) -> Result<Record, String> {
    serde_json::from_slice(line).map_err(|error| error.to_string())
}

/// Tells whether a program is making the change.
fn ask_liveness(path: &Path) -> io::Result<ChangeState> {
    Ok(match File::open(path)?.try_lock_shared() {
        Ok(()) => ChangeState::Interrupted,
        Err(TryLockError::WouldBlock) => ChangeState::Running,
        Err(TryLockError::Error(_)) => ChangeState::Unclear,
    })
}

/// Tells whether a file ends with the last line of a change.
fn ends_with_last_line(path: &Path) -> bool {
    let tail = read_tail(path);
    let last = tail.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    matches!(parse_line(last), Ok(Record::End { .. } | Record::Interrupted { .. }))
}

fn ends_with_line_end(path: &Path) -> bool {
    read_tail(path).last() == Some(&b'\n')
}

/// Reads the end of a file, as much as a last line can have.
fn read_tail(path: &Path) -> Vec<u8> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let from = file.metadata()?.len().saturating_sub(512);
        io::Seek::seek(&mut file, io::SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        Ok(tail)
    };
    read().unwrap_or_default()
}

/// Puts the lines of a file together.
struct ChangeReader<'a> {
    path: &'a Path,
    entry: Option<ChangeEntry>,
    numbers: Vec<u64>,
    outcomes: HashMap<u64, SettledOutcome>,
    withdrawn: Vec<u64>,
    is_ended: bool,
    is_told: bool,
    damaged: Vec<Damage>,
}

impl<'a> ChangeReader<'a> {
    fn new(path: &'a Path) -> Self {
        Self {
            path,
            entry: None,
            numbers: Vec::new(),
            outcomes: HashMap::new(),
            withdrawn: Vec::new(),
            is_ended: false,
            is_told: false,
            damaged: Vec::new(),
        }
    }

    fn note_damage(&mut self, line: usize, why: impl Into<String>) {
        self.damaged.push(Damage { path: self.path.to_owned(), line: Some(line), why: why.into() });
    }

    fn take_record(&mut self, record: Record, line: usize) {
        let Some(entry) = &mut self.entry else {
            match record {
                Record::Change(header) if header.format == FORMAT => {
                    let name = id_in_name(self.path);
                    if name != Some(header.id.as_str()) {
                        return self.note_damage(line, "the id is not the one of the file's name");
                    }
                    self.entry = Some(ChangeEntry {
                        id: header.id,
                        path: self.path.to_owned(),
                        size: 0,
                        when: header.when,
                        made: header.made,
                        command: header.command,
                        program: header.program,
                        caller: header.caller.map(|caller| caller.arn),
                        planned: header.planned,
                        undoes: header.undoes,
                        state: ChangeState::Unclear,
                        writes: Vec::new(),
                        unsent: Vec::new(),
                    });
                }
                Record::Change(header) => {
                    self.note_damage(line, format!("its format is not known here: {}", header.format));
                }
                _ => self.note_damage(line, "no change begins before it"),
            }
            return;
        };
        match record {
            Record::Write(write) => match read_repository(&write.account, &write.region, &write.repository) {
                Ok(repository) => {
                    let WriteLine { when, endpoint, old, new, .. } = write;
                    self.numbers.push(write.write);
                    entry.writes.push(WriteEntry { repository, endpoint, when, old, new, outcome: None });
                }
                Err(why) => self.note_damage(line, why),
            },
            Record::Unsent(UnsentLine { account, region, repository, outcome, words, .. }) => {
                match read_repository(&account, &region, &repository) {
                    Ok(repository) => {
                        let outcome = SettledOutcome { name: outcome, request_id: None, words };
                        entry.unsent.push(UnsentEntry { repository, outcome });
                    }
                    Err(why) => self.note_damage(line, why),
                }
            }
            Record::Outcome(outcome) => {
                let settled =
                    SettledOutcome { name: outcome.outcome, request_id: outcome.request_id, words: outcome.words };
                self.outcomes.insert(outcome.write, settled);
            }
            Record::Withdrawn { write } => self.withdrawn.push(write),
            Record::End { .. } => self.is_ended = true,
            Record::Interrupted { .. } => self.is_told = true,
            Record::Change(_) => self.note_damage(line, "a second change begins in the same file"),
            Record::Unknown => {}
        }
    }

    fn finish(mut self, liveness: ChangeState, size: u64, damaged: &mut Vec<Damage>) -> Option<ChangeEntry> {
        let had_entry = self.entry.is_some();
        if !had_entry && self.damaged.is_empty() {
            self.note_damage(1, "the file is empty");
        }
        // Where nothing can be read, one line tells it.
        damaged.extend(self.damaged.into_iter().take(if had_entry { usize::MAX } else { 1 }));
        let mut entry = self.entry?;
        let writes = std::mem::take(&mut entry.writes).into_iter().zip(&self.numbers);
        entry.writes = writes
            .filter(|(_, number)| !self.withdrawn.contains(number))
            .map(|(write, number)| WriteEntry { outcome: self.outcomes.remove(number), ..write })
            .collect();
        entry.size = size;
        entry.state = match liveness {
            _ if self.is_ended => ChangeState::Ended,
            _ if self.is_told => ChangeState::Interrupted,
            liveness => liveness,
        };
        Some(entry)
    }
}

fn read_repository(account: &str, region: &str, name: &str) -> Result<RepositoryRef, String> {
    Ok(RepositoryRef {
        account: AccountId::parse(account).map_err(|error| error.to_string())?,
        region: Region::parse(region).map_err(|error| error.to_string())?,
        name: RepositoryName::parse(name).map_err(|error| error.to_string())?,
    })
}
