//! Removes what is old, or more than is to be kept; never the newest text of a repository, nor what is damaged.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::history::{ChangeState, History};
use super::{Damage, Journal};
use crate::ecr::RepositoryRef;

/// The limits of the journal, by age and size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The age above which a change goes, in days.
    pub days: u32,
    /// The size above which the oldest changes go, in MiB.
    pub mebibytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { days: 400, mebibytes: 64 }
    }
}

/// A file that may be removed.
struct Candidate<'a> {
    path: &'a Path,
    when: i64,
    made: i64,
    size: u64,
    /// The repositories that it has a text of, each with the endpoint.
    texts: Vec<(&'a RepositoryRef, Option<&'a str>)>,
    /// A program is making the change, or may be.
    is_open: bool,
}

impl Journal {
    /// Removes the files that the limits do not let stay. `now`: seconds since 1970-01-01 UTC. What cannot be read stays.
    pub(super) fn prune_old(&self, now: i64) {
        self.remove_halves();
        if !self.is_over_limits(now) {
            return;
        }
        let history = match self.read_history() {
            Ok(history) => history,
            Err(failure) => return tracing::warn!(%failure, "the journal was not pruned"),
        };
        for path in self.find_needless(&history, now) {
            // Another program may have removed it.
            if let Err(error) = fs::remove_file(&path)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(%error, path = %super::visible_path(&path), "an old change was left");
            }
        }
    }

    /// Tells by the names and sizes of the files whether some may have to go: reading all of them takes longer.
    fn is_over_limits(&self, now: i64) -> bool {
        let stamp = time::macros::format_description!("[year][month][day]T[hour][minute][second]Z");
        let oldest = time::OffsetDateTime::from_unix_timestamp(self.oldest_time(now));
        let oldest = oldest.ok().and_then(|time| time.format(stamp).ok()).unwrap_or_default();
        let folders = [self.changes_folder(), self.backups_folder()];
        let files = || folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        let size: u64 = files().filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum();
        size > self.room() || files().any(|entry| *entry.file_name().to_string_lossy() < *oldest)
    }

    fn oldest_time(&self, now: i64) -> i64 {
        now.saturating_sub(i64::from(self.limits.days) * 86_400)
    }

    fn room(&self) -> u64 {
        u64::from(self.limits.mebibytes) * 1024 * 1024
    }

    fn find_needless(&self, history: &History, now: i64) -> Vec<PathBuf> {
        let is_damaged = |path: &Path| history.damaged.iter().any(|damage: &Damage| damage.path == path);
        let changes = history.changes.iter().map(|change| Candidate {
            path: &change.path,
            when: change.when,
            made: change.made,
            size: change.size,
            texts: change.writes.iter().map(|write| (&write.repository, write.endpoint.as_deref())).collect(),
            is_open: !matches!(change.state, ChangeState::Ended | ChangeState::Interrupted),
        });
        let backups = history.backups.iter().map(|backup| Candidate {
            path: &backup.path,
            when: backup.when,
            made: 0,
            size: fs::metadata(&backup.path).map_or(0, |file| file.len()),
            texts: vec![(&backup.repository, None)],
            is_open: false,
        });
        let mut all: Vec<Candidate<'_>> = changes.chain(backups).collect();
        all.sort_by(|a, b| (b.when, b.made, b.path).cmp(&(a.when, a.made, a.path)));
        let (oldest, room) = (self.oldest_time(now), self.room());
        let (mut kept, mut known, mut needless) = (0_u64, HashSet::new(), Vec::new());
        let mut has_room = true;
        for candidate in all {
            // What is being made may go by itself when nothing was sent: it stands for no other text.
            let has_newest = !candidate.is_open && candidate.texts.iter().any(|text| !known.contains(text));
            // Once one is too many, all that are older are.
            has_room &= kept.saturating_add(candidate.size) <= room;
            let fits = candidate.when >= oldest && has_room;
            if has_newest || fits || candidate.is_open || is_damaged(candidate.path) {
                kept = kept.saturating_add(candidate.size);
                if !candidate.is_open {
                    known.extend(candidate.texts);
                }
            } else {
                needless.push(candidate.path.to_owned());
            }
        }
        needless
    }

    /// Removes files that a crash left before they got their name: nothing was sent for them.
    fn remove_halves(&self) {
        let Ok(entries) = fs::read_dir(self.changes_folder()) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            let is_half = path.extension().is_some_and(|extension| extension == "new");
            let is_left = || fs::File::open(&path).is_ok_and(|file| file.try_lock_shared().is_ok());
            // Its maker locks it right after it made it.
            let is_old = || {
                let changed = fs::metadata(&path).and_then(|file| file.modified()).ok();
                changed.and_then(|time| time.elapsed().ok()).is_some_and(|age| age.as_secs() > 3600)
            };
            if is_half && is_old() && is_left() {
                let _ = fs::remove_file(&path);
            }
        }
    }
}
