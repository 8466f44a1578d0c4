//! Files that are whole or not there, readable for the user alone.

#[cfg(unix)]
use std::fs::File;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Makes a folder and those it is in, each for the user alone (0700). One that is there stays as it is.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// How to open a new file that the user alone can read and write (0600).
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes `folder/name`: first as `folder/passing`, which must not be there, then flushed to the disk and renamed. After
/// a crash there is the whole new file, or what was there before. Blocks for the disk.
pub(super) fn write_whole(folder: &Path, passing: &str, name: &str, content: &[u8]) -> io::Result<()> {
    let half = folder.join(passing);
    let outcome = write_through(&half, content).and_then(|()| fs::rename(&half, folder.join(name)));
    if let Err(error) = outcome {
        let _ = fs::remove_file(&half);
        return Err(error);
    }
    // The rename has to reach the disk too. Not every file system flushes folders: the file itself is whole.
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
    let mut file = private().create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
