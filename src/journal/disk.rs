//! Files that are whole or absent, readable for the user alone.

#[cfg(unix)]
use std::fs::File;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Makes a folder with its parents, each for the user alone (0700). Checks that the folder is the user's.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    check_owned(folder)
}

/// Checks that a folder is the user's own, and no link. Closes an open one to everybody else (0700). The folders above
/// it are the user's business: home folders are links on some systems.
pub(super) fn check_owned(folder: &Path) -> io::Result<()> {
    let about = fs::symlink_metadata(folder)?;
    let refused = |why: &str| {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{} {why}", super::visible_path(folder))))
    };
    if about.is_symlink() {
        return refused("is a link, and its owner decides where these files go");
    }
    if !about.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            format!("{} is no folder", super::visible_path(folder)),
        ));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        if about.uid() != rustix::process::geteuid().as_raw() {
            return refused("belongs to another user, who could read and change what is in it");
        }
        if about.mode() & 0o077 != 0 {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        }
    }
    Ok(())
}

/// Returns the options that open a new file for the user alone (0600).
pub(super) fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes `folder/name`. The text first goes to `folder/passing`, which must not exist, is flushed to the disk, and
/// then renamed. A crash leaves the whole new file or the old one. Blocks for the disk.
pub(super) fn write_whole(folder: &Path, passing: &str, name: &str, content: &[u8]) -> io::Result<()> {
    let half = folder.join(passing);
    let outcome = write_through(&half, content).and_then(|()| fs::rename(&half, folder.join(name)));
    if let Err(error) = outcome {
        let _ = fs::remove_file(&half);
        return Err(error);
    }
    flush_folder(folder)
}

/// Waits until the names in a folder are on the disk. Not every file system flushes folders: the files themselves are
/// whole.
pub(super) fn flush_folder(folder: &Path) -> io::Result<()> {
    #[cfg(not(unix))]
    let _ = folder;
    #[cfg(unix)]
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            return Err(error);
        }
        _ => {}
    }
    Ok(())
}

fn write_through(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private_options().create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
