//! The file of `--resume`: each policy is written to it as soon as it is read, and an interrupted review goes on with it.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cli::args::{Globals, ReviewArgs};
use crate::cli::output::{Stop, tell_line, unix_time};
use crate::ecr::RepositoryRef;
use crate::ecr::text::make_visible;
use crate::review::{PolicyInput, RecordFault, RecordText, RecordedPolicy, age_words, record_header, record_line};

/// The record of a review under way, in its file.
#[derive(Debug)]
pub(super) struct ReviewRecord {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// The policies of the interrupted review that were not used yet.
    earlier: HashMap<RepositoryRef, RecordedPolicy>,
    /// The number of those that were used, and the time of the oldest.
    used: usize,
    oldest: i64,
    /// The reason why nothing more is written.
    fault: Option<String>,
}

impl ReviewRecord {
    /// Opens or makes the file that the arguments name; none: they name none. A file of anything else is refused and stays
    /// as it is.
    pub(super) fn open(globals: &Globals, args: &ReviewArgs, endpoint: Option<&str>) -> Result<Option<Self>, Stop> {
        let Some(path) = &args.resume else { return Ok(None) };
        let asked = deciding_arguments(globals, args, endpoint);
        let refuse = |fault: String, next: &str| {
            Stop::wrong_usage(
                format!("{} cannot be gone on with: {fault}", make_visible(&path.to_string_lossy())),
                next,
            )
        };
        let another = "name a file that is not there yet, or a record that --resume made";
        let opened = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path);
        let mut file = opened.map_err(|error| refuse(error.to_string(), another))?;
        // A file system without locks holds nobody back.
        if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(refuse("another review writes it".to_owned(), "wait for the other review to end"));
        }
        if !file.metadata().is_ok_and(|found| found.is_file()) {
            return Err(refuse("it is no file".to_owned(), another));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| refuse(error.to_string(), another))?;
        let RecordText { policies, whole } = RecordText::read(&bytes, &asked).map_err(|fault| {
            let next = match &fault {
                RecordFault::OtherReview(_) => "give the same arguments again, or name another file",
                RecordFault::Foreign | RecordFault::BrokenLine(_) => another,
            };
            refuse(make_visible(&fault.to_string()), next)
        })?;
        let prepared = file
            .set_len(whole as u64)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .and_then(|_| if whole == 0 { file.write_all(record_header(&asked).as_bytes()) } else { Ok(()) });
        prepared.map_err(|error| refuse(error.to_string(), another))?;
        let state = State { file, earlier: policies, used: 0, oldest: i64::MAX, fault: None };
        Ok(Some(Self { path: path.clone(), state: Mutex::new(state) }))
    }

    /// Takes the policy of a repository out of the interrupted review; none: it has to be read. One of a repository that was
    /// made anew since does not count.
    pub(super) fn take_earlier(&self, reference: &RepositoryRef, created: Option<i64>) -> Option<PolicyInput> {
        let mut state = self.lock_state();
        let found = state.earlier.remove(reference).filter(|found| found.created == created)?;
        state.used += 1;
        state.oldest = state.oldest.min(found.read);
        Some(found.text.map_or(PolicyInput::Absent, |text| PolicyInput::Text(text.to_string())))
    }

    /// Writes a policy that was read. Where that fails, the review goes on without a record.
    pub(super) fn append(&self, reference: &RepositoryRef, created: Option<i64>, policy: Option<&str>) {
        let mut state = self.lock_state();
        if state.fault.is_some() {
            return;
        }
        // One call for the line, so that the end of the program tears the last line at most.
        let line = record_line(reference, created, unix_time(), policy);
        if let Err(error) = state.file.write_all(line.as_bytes()) {
            state.fault = Some(error.to_string());
        }
    }

    /// Tells what came from the interrupted review, and how old it is. Removes the file where all was read and told, since
    /// there is nothing to go on with.
    pub(super) fn finish(self, is_whole: bool) {
        let path = make_visible(&self.path.to_string_lossy());
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if state.used > 0 {
            let age = age_words(unix_time().saturating_sub(state.oldest));
            tell_line(&format!("note: {} policies are those of {path}, at most {age}", state.used));
        }
        if !state.earlier.is_empty() {
            let count = state.earlier.len();
            tell_line(&format!("note: {count} repositories of {path} are gone, made anew, or could not be listed"));
        }
        if let Some(fault) = &state.fault {
            tell_line(&format!("note: {path} could not be written to its end: {}", make_visible(fault)));
        }
        if !is_whole {
            tell_line(&format!("note: the same command with --resume {path} reads what is missing"));
        } else if let Err(error) = std::fs::remove_file(&self.path) {
            tell_line(&format!("note: {path} could not be removed: {error}"));
        }
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns how a review that a signal ended is gone on with. None: the record is not there yet.
pub(in crate::cli) fn interrupted_words(path: &Path) -> Option<String> {
    let shown = make_visible(&path.to_string_lossy());
    path.is_file().then(|| format!("note: the same command goes on with the policies that {shown} holds"))
}

/// Returns the arguments that decide on who is asked for what. The form and what the findings are held to may differ.
fn deciding_arguments(globals: &Globals, args: &ReviewArgs, endpoint: Option<&str>) -> Vec<String> {
    let mut asked: Vec<String> = args.repositories.iter().map(ToString::to_string).collect();
    asked.sort();
    let mut add = |flag: &str, values: String| {
        if !values.is_empty() {
            asked.push(format!("{flag} {values}"));
        }
    };
    let names = |regions: &[crate::ecr::Region]| regions.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    add("--profile", globals.chosen_source().map(|source| source.to_string()).unwrap_or_default());
    add("--profiles", args.profiles.join(","));
    add("--region", globals.region.iter().map(ToString::to_string).collect());
    add("--regions", names(&args.regions));
    add("--org-role", args.org_role.clone().unwrap_or_default());
    add("--endpoint-url", endpoint.unwrap_or_default().to_owned());
    for (flag, is_given) in
        [("--all-profiles", args.all_profiles), ("--all-regions", args.all_regions), ("--demo", globals.demo)]
    {
        if is_given {
            asked.push(flag.to_owned());
        }
    }
    asked
}
