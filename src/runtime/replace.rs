//! Replaces a file, or creates one: at each moment one whole version of it is on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};

/// A reason why a file was not replaced. The file keeps its text.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Something about the file would be lost; a clause names it.
    Loss(String),
    /// The file changed since it was read.
    Changed,
    /// The system refused.
    Failed(io::Error),
    /// The new text is there but may not be on the disk yet; a file of its own keeps the old one.
    Unsynced(PathBuf, io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl Refused {
    fn would_lose(what: impl Into<String>) -> Self {
        Self::Loss(what.into())
    }
}

/// Replaces a file that holds `before`. The new file has its owner, mode and attributes; a symbolic link stays one. The
/// old file is kept beside it until the new one is on the disk.
pub(crate) fn replace_file(path: &Path, before: &[u8], text: &str) -> Result<(), Refused> {
    let path = fs::canonicalize(path)?;
    if !fs::metadata(&path)?.is_file() {
        return Err(Refused::would_lose("it is no regular file"));
    }
    // Writing is not needed for a new name in the folder, but a file that may not be written is meant to stay.
    let mut old = OpenOptions::new().read(true).write(true).open(&path)?;
    let about = old.metadata()?;
    if about.nlink() > 1 {
        let names = about.nlink();
        return Err(Refused::would_lose(format!(
            "it has {names} names (hard links), and only one of them would be mended"
        )));
    }
    let mut read = Vec::with_capacity(before.len());
    old.read_to_end(&mut read)?;
    if read != before {
        return Err(Refused::Changed);
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    let (new, mut file) = create_beside(folder, "new")?;
    let new = Scrap::new(new);
    file.write_all(text.as_bytes())?;
    copy_attributes(&old, &file)?;
    let made = file.metadata()?;
    if (made.uid(), made.gid()) != (about.uid(), about.gid()) {
        fchown(&file, Some(about.uid()), Some(about.gid()))
            .map_err(|_| Refused::would_lose("its owner would be another: only its owner or root can mend it"))?;
    }
    file.set_permissions(fs::Permissions::from_mode(about.mode() & 0o7777))?;
    file.sync_all()?;
    drop(file);
    let copy = Scrap::new(keep_copy(folder, &path, before)?);
    let now = fs::symlink_metadata(&path)?;
    if (now.dev(), now.ino()) != (about.dev(), about.ino()) || fs::read(&path)? != before {
        return Err(Refused::Changed);
    }
    fs::rename(&new.path, &path)?;
    new.is_gone();
    // A program that had the file open may have written between the last look and the rename: its text goes back.
    if fs::read(&copy.path)? != before {
        fs::rename(&copy.path, &path)?;
        copy.is_gone();
        return Err(Refused::Changed);
    }
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        let kept = copy.path.clone();
        copy.is_gone();
        return Err(Refused::Unsynced(kept, error));
    }
    Ok(())
}

/// Creates a file that nobody else can read. Refuses where something of its name is there: that stays.
pub(crate) fn create_file(path: &Path, text: &str) -> Result<(), Refused> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (new, mut file) = create_beside(folder, "new")?;
    let new = Scrap::new(new);
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    drop(file);
    // A second name is given only where there is none; a rename would take the place of another file.
    match fs::hard_link(&new.path, path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(Refused::Changed),
        // A file system without second names.
        Err(_) if fs::symlink_metadata(path).is_ok() => return Err(Refused::Changed),
        Err(_) => {
            fs::rename(&new.path, path)?;
            new.is_gone();
        }
    }
    // Not every file system flushes folders: the file itself is whole.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// A file that is removed when this is dropped.
struct Scrap {
    path: PathBuf,
    is_there: std::cell::Cell<bool>,
}

impl Scrap {
    fn new(path: PathBuf) -> Self {
        Self { path, is_there: std::cell::Cell::new(true) }
    }

    /// Gives up the file, so that dropping this removes nothing.
    fn is_gone(&self) {
        self.is_there.set(false);
    }
}

impl Drop for Scrap {
    fn drop(&mut self) {
        if self.is_there.get() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The most names that are tried for a file beside another; an earlier run that was killed may have left some.
const MOST_NAMES: usize = 100;

/// Returns a short name, which fits wherever the file's own does.
fn name_beside(folder: &Path, number: usize, ending: &str) -> PathBuf {
    folder.join(format!(".ecr-grant-{}-{number}.{ending}", std::process::id()))
}

/// Finds a name that is free, by taking it.
fn take_name<T>(folder: &Path, ending: &str, take: impl Fn(&Path) -> io::Result<T>) -> io::Result<(PathBuf, T)> {
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for number in 0..MOST_NAMES {
        let path = name_beside(folder, number, ending);
        match take(&path) {
            Ok(taken) => return Ok((path, taken)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Creates a file that nobody else can read.
fn create_beside(folder: &Path, ending: &str) -> io::Result<(PathBuf, File)> {
    let options = || {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        options
    };
    take_name(folder, ending, |path| options().open(path))
}

/// Keeps the old file under a second name; on a file system without those, its bytes in a new file.
fn keep_copy(folder: &Path, path: &Path, before: &[u8]) -> io::Result<PathBuf> {
    if let Ok((copy, ())) = take_name(folder, "before", |copy| fs::hard_link(path, copy)) {
        return Ok(copy);
    }
    let (copy, mut file) = create_beside(folder, "before")?;
    let scrap = Scrap::new(copy.clone());
    file.write_all(before)?;
    file.sync_all()?;
    scrap.is_gone();
    Ok(copy)
}

/// The most bytes of one attribute, and of all names. Source: xattr(7), the limits of Linux.
const MOST_BYTES: usize = 64 * 1024;

/// Copies extended attributes, access lists among them. Attributes of the new file stay.
fn copy_attributes(old: &File, new: &File) -> Result<(), Refused> {
    let lost = |name: &[u8]| {
        let name = String::from_utf8_lossy(name).into_owned();
        Refused::Loss(format!("its attribute {name} cannot be kept"))
    };
    let mut names = vec![0_u8; MOST_BYTES];
    let Ok(length) = flistxattr(old, &mut names[..]) else { return Ok(()) };
    names.truncate(length);
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let value = |file: &File| {
            let mut value = vec![0_u8; MOST_BYTES];
            let length = fgetxattr(file, name, &mut value[..]).ok()?;
            value.truncate(length);
            Some(value)
        };
        let theirs = value(old).ok_or_else(|| lost(name))?;
        if value(new).as_ref() != Some(&theirs) {
            fsetxattr(new, name, &theirs, XattrFlags::empty()).map_err(|_| lost(name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temp_folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.json");
        fs::write(&path, "before").unwrap();
        (folder, path)
    }

    fn count_names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn mode_attributes_and_links_survive_and_nothing_is_left_behind() {
        let (folder, path) = temp_folder();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let attribute = fsetxattr(File::open(&path).unwrap(), "user.note", b"ours", XattrFlags::empty()).is_ok();
        let link = folder.path().join("link.json");
        std::os::unix::fs::symlink("policy.json", &link).unwrap();
        replace_file(&link, b"before", "after").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);
        if attribute {
            let mut value = [0_u8; 4];
            fgetxattr(File::open(&path).unwrap(), "user.note", &mut value[..]).unwrap();
            assert_eq!(&value, b"ours");
        }
        assert_eq!(count_names(folder.path()), 2);
    }

    #[test]
    fn what_would_be_lost_or_has_changed_stays() {
        let (folder, path) = temp_folder();
        assert!(matches!(replace_file(&path, b"read earlier", "after"), Err(Refused::Changed)));
        fs::hard_link(&path, folder.path().join("twin.json")).unwrap();
        assert!(
            matches!(replace_file(&path, b"before", "after"), Err(Refused::Loss(what)) if what.contains("hard links"))
        );
        assert!(matches!(replace_file(folder.path(), b"", "after"), Err(Refused::Loss(_))));
        assert!(matches!(replace_file(&folder.path().join("none"), b"", "after"), Err(Refused::Failed(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(count_names(folder.path()), 2);
    }

    #[test]
    fn a_new_file_is_whole_and_takes_the_place_of_nothing() {
        let (folder, path) = temp_folder();
        assert!(matches!(create_file(&path, "after"), Err(Refused::Changed)));
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        let link = folder.path().join("link.json");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert!(matches!(create_file(&link, "after"), Err(Refused::Changed)));
        let new = folder.path().join("new.json");
        create_file(&new, "after").unwrap();
        assert_eq!(fs::read_to_string(&new).unwrap(), "after");
        assert_eq!(fs::metadata(&new).unwrap().mode() & 0o777, 0o600);
        assert!(matches!(create_file(&folder.path().join("none/new.json"), "after"), Err(Refused::Failed(_))));
        assert_eq!(count_names(folder.path()), 3);
    }

    #[test]
    fn what_a_killed_run_left_is_in_nobodys_way_and_names_as_long_as_can_be_fit() {
        let (folder, path) = temp_folder();
        for ending in ["new", "before"] {
            fs::write(name_beside(folder.path(), 0, ending), "left").unwrap();
        }
        let long = folder.path().join("n".repeat(255));
        fs::rename(&path, &long).unwrap();
        replace_file(&long, b"before", "after").unwrap();
        assert_eq!(fs::read_to_string(&long).unwrap(), "after");
        assert_eq!(count_names(folder.path()), 3);
        assert_eq!(fs::read_to_string(name_beside(folder.path(), 0, "before")).unwrap(), "left");
    }

    #[test]
    fn a_new_file_is_closed_to_others_from_its_first_byte() {
        let (folder, _) = temp_folder();
        let (_, file) = create_beside(folder.path(), "new").unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
    }
}
