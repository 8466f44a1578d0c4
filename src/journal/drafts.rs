//! Drafts, entered and not saved yet: one crash-safe file for each running wizard, under the state folder.
//!
//! There are nine places: `draft.json`, `draft-2.json`, ... `draft-9.json` (0600 in a folder of 0700). Beside each
//! stands an empty lock file (`draft.lock`, ...). The wizard that uses the place holds it locked for as long as it
//! lives. The kernel frees the lock however the wizard ends, SIGKILL and loss of power included, and keeps it while the
//! wizard is only stopped (Ctrl-Z). So a draft whose lock is free belongs to no living wizard, and may be offered. A
//! process id in the name would not tell that, because ids are used again. Lock files are never removed: another wizard
//! may be about to lock one.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{disk, visible_path};
use crate::ecr::{Failure, FailureKind};

/// The most drafts at the same time, those that wait to be resumed included.
const PLACES: usize = 9;

/// The drafts of one state folder, with our own place among them.
#[derive(Debug)]
pub struct Drafts {
    folder: PathBuf,
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    place: usize,
    /// Locked until it is dropped.
    _lock: File,
}

impl Drafts {
    /// Opens the drafts under this state folder; writes nothing yet.
    pub fn open_in(state_folder: impl Into<PathBuf>) -> Self {
        Self { folder: state_folder.into(), held: None }
    }

    /// Takes the newest draft that no living wizard holds; its place is ours from now on. `None`: there is none. An
    /// error: it cannot be read as text; or, without a place of ours, the folder is not the user's own.
    pub fn take_newest(&mut self) -> Option<io::Result<String>> {
        match disk::check_owned(&self.folder) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return None;
            }
            // What another user can write is no draft of ours.
            Err(error) => return Some(Err(error)),
        }
        let changed = |place| fs::metadata(self.draft_path(place)).and_then(|file| file.modified()).ok();
        let mut waiting: Vec<(SystemTime, usize)> =
            (1..=PLACES).filter_map(|place| Some((changed(place)?, place))).collect();
        waiting.sort_unstable_by(|a, b| b.cmp(a));
        for (_, place) in waiting {
            let Ok(Some(held)) = self.lock_place(place) else { continue };
            match fs::read_to_string(self.draft_path(place)) {
                // Whoever had it was done with it a moment ago.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                read => {
                    self.held = Some(held);
                    return Some(read);
                }
            }
        }
        None
    }

    /// Keeps a draft in our place; without a place it takes a free one first. The whole file is on the disk when this
    /// returns. Blocks for the disk.
    pub fn save_draft(&mut self, text: &str) -> Result<(), Failure> {
        self.write_draft(text).map_err(|error| {
            Failure::new(
                FailureKind::File,
                format!("what you entered cannot be kept in {}: {error}", visible_path(&self.folder)),
                "go on; it is lost only if this program is killed",
            )
        })
    }

    fn write_draft(&mut self, text: &str) -> io::Result<()> {
        let place = match &self.held {
            Some(held) => held.place,
            None => self.take_place()?,
        };
        let passing = format!(".{}.new", file_name(place, "json"));
        // One of ours that a crash left: the place is locked, so nobody writes it now.
        let _ = fs::remove_file(self.folder.join(&passing));
        disk::write_whole(&self.folder, &passing, &file_name(place, "json"), text.as_bytes())
    }

    /// Removes the draft in our place; without a place it removes nothing.
    pub fn remove_draft(&mut self) {
        if let Some(held) = &self.held {
            let _ = fs::remove_file(self.draft_path(held.place));
        }
    }

    /// Leaves the draft in our place for the next start. Later drafts go to another place.
    pub fn leave_draft(&mut self) {
        self.held = None;
    }

    /// Renames the draft in our place, because it cannot be used. Returns the new path; `None`: it could not be
    /// renamed.
    pub fn set_aside(&mut self) -> Option<PathBuf> {
        let held = self.held.as_ref()?;
        let aside = self.folder.join(file_name(held.place, "unreadable"));
        fs::rename(self.draft_path(held.place), &aside).ok()?;
        Some(aside)
    }

    /// Tells whether a place is ours.
    pub fn has_place(&self) -> bool {
        self.held.is_some()
    }

    /// Takes the first place that is free and empty.
    fn take_place(&mut self) -> io::Result<usize> {
        disk::make_folder(&self.folder)?;
        for place in 1..=PLACES {
            if let Some(held) = self.lock_place(place)?
                && !self.draft_path(place).exists()
            {
                self.held = Some(held);
                return Ok(place);
            }
        }
        Err(io::Error::other(format!("{PLACES} drafts are there already")))
    }

    /// Locks a place; `None`: somebody else has it.
    fn lock_place(&self, place: usize) -> io::Result<Option<Held>> {
        let lock = disk::private_options().create(true).open(self.folder.join(file_name(place, "lock")))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Held { place, _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn draft_path(&self, place: usize) -> PathBuf {
        self.folder.join(file_name(place, "json"))
    }

    /// Returns the folder that the drafts are in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn file_name(place: usize, end: &str) -> String {
    if place == 1 { format!("draft.{end}") } else { format!("draft-{place}.{end}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_draft_outlives_its_wizard_and_is_taken_by_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("ecr-grant");
        let mut first = Drafts::open_in(&state);
        assert!(first.take_newest().is_none());
        assert!(!state.exists(), "nothing is made before there is something to keep");
        first.save_draft("one").unwrap();
        first.save_draft("two").unwrap();
        drop(first);
        let mut second = Drafts::open_in(&state);
        assert_eq!(second.take_newest().unwrap().unwrap(), "two");
        second.save_draft("three").unwrap();
        assert_eq!(list_names(&state), ["draft.json", "draft.lock"]);
        second.remove_draft();
        assert_eq!(list_names(&state), ["draft.lock"]);
        drop(second);
        assert!(Drafts::open_in(&state).take_newest().is_none());
    }

    #[test]
    fn two_wizards_neither_overwrite_nor_take_each_others_draft() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = Drafts::open_in(folder.path());
        first.save_draft("of the first").unwrap();
        let mut second = Drafts::open_in(folder.path());
        assert!(second.take_newest().is_none(), "its wizard lives");
        second.save_draft("of the second").unwrap();
        second.remove_draft();
        second.save_draft("of the second again").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("draft.json")).unwrap(), "of the first");
        drop(first);
        assert_eq!(Drafts::open_in(folder.path()).take_newest().unwrap().unwrap(), "of the first");
        assert_eq!(fs::read_to_string(folder.path().join("draft-2.json")).unwrap(), "of the second again");
    }

    #[test]
    fn what_is_left_for_later_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut drafts = Drafts::open_in(folder.path());
        drafts.save_draft("old").unwrap();
        drop(drafts);
        let mut next = Drafts::open_in(folder.path());
        assert_eq!(next.take_newest().unwrap().unwrap(), "old");
        next.leave_draft();
        next.remove_draft();
        next.save_draft("new").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("draft.json")).unwrap(), "old");
        assert_eq!(fs::read_to_string(folder.path().join("draft-2.json")).unwrap(), "new");
    }

    #[test]
    fn the_newest_is_offered_first() {
        let folder = tempfile::tempdir().unwrap();
        let (mut first, mut second) = (Drafts::open_in(folder.path()), Drafts::open_in(folder.path()));
        first.save_draft("older").unwrap();
        second.save_draft("newer").unwrap();
        let hour_ago = SystemTime::now() - std::time::Duration::from_hours(1);
        File::options().write(true).open(folder.path().join("draft.json")).unwrap().set_modified(hour_ago).unwrap();
        drop((first, second));
        let mut next = Drafts::open_in(folder.path());
        assert_eq!(next.take_newest().unwrap().unwrap(), "newer");
        // The other one waits for somebody else.
        assert_eq!(Drafts::open_in(folder.path()).take_newest().unwrap().unwrap(), "older");
    }

    #[test]
    fn what_is_no_text_is_told_and_put_out_of_the_way() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("draft.json"), b"\xff\xfe").unwrap();
        let mut drafts = Drafts::open_in(folder.path());
        assert!(drafts.take_newest().unwrap().is_err());
        assert_eq!(drafts.set_aside().unwrap(), folder.path().join("draft.unreadable"));
        assert!(Drafts::open_in(folder.path()).take_newest().is_none());
        drafts.save_draft("good").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("draft.json")).unwrap(), "good");
    }

    #[test]
    fn half_a_file_of_a_crash_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".draft.json.new"), "{\"half").unwrap();
        let mut drafts = Drafts::open_in(folder.path());
        assert!(drafts.take_newest().is_none());
        drafts.save_draft("whole").unwrap();
        assert_eq!(list_names(folder.path()), ["draft.json", "draft.lock"]);
    }

    #[test]
    fn nobody_is_overwritten_when_all_places_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let mut all: Vec<Drafts> = (0..PLACES).map(|_| Drafts::open_in(folder.path())).collect();
        for (at, drafts) in all.iter_mut().enumerate() {
            drafts.save_draft(&at.to_string()).unwrap();
        }
        let failure = Drafts::open_in(folder.path()).save_draft("one too many").unwrap_err();
        assert!(failure.what.contains("9 drafts"), "{failure}");
        drop(all);
        assert!(
            Drafts::open_in(folder.path()).save_draft("still one too many").is_err(),
            "those that wait are not overwritten"
        );
        assert_eq!(fs::read_to_string(folder.path().join("draft-9.json")).unwrap(), "8");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("deep/ecr-grant");
        Drafts::open_in(&state).save_draft("mine").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&state), 0o700);
        assert_eq!((mode(&state.join("draft.json")), mode(&state.join("draft.lock"))), (0o600, 0o600));
    }

    #[cfg(unix)]
    #[test]
    fn a_draft_in_a_folder_behind_a_link_is_neither_read_nor_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        Drafts::open_in(&real).save_draft("planted").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut drafts = Drafts::open_in(&link);
        assert!(drafts.take_newest().unwrap().unwrap_err().to_string().contains("is a link"));
        assert!(!drafts.has_place());
        assert!(drafts.save_draft("mine").unwrap_err().what.contains("is a link"));
        assert_eq!(fs::read_to_string(real.join("draft.json")).unwrap(), "planted");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told_without_alarm() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let mut drafts = Drafts::open_in(&file);
        assert!(drafts.take_newest().is_none());
        let failure = drafts.save_draft("x").unwrap_err();
        assert!(failure.next.contains("go on"), "{failure}");
    }
}
