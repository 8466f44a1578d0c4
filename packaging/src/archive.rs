//! Archives whose bytes depend on their files alone, and sums.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use lzma_rust2::{XzOptions, XzWriter};
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

use crate::Result;
use crate::project::{Project, run_for_output};

/// Packs a folder: sorted names, one owner, one time.
pub fn pack_folder(project: &Project, folder: &Path, top: &str, out: &Path) -> Result<()> {
    let mut files = Vec::new();
    find_files(folder, Path::new(""), &mut files)?;
    pack_files(project, folder, files, top, out)
}

/// Packs the files of the last commit that the working tree still has.
pub fn pack_source(project: &Project, out: &Path) -> Result<()> {
    let listed = run_for_output(Command::new("git").args(["ls-files", "-z"]).current_dir(&project.root))?;
    let files = listed.split_terminator('\0').map(PathBuf::from).collect();
    let changed = run_for_output(Command::new("git").args(["status", "--porcelain"]).current_dir(&project.root))?;
    if !changed.is_empty() {
        eprintln!("packaging/dist: the source archive holds changes that are in no commit");
    }
    pack_files(project, &project.root, files, &format!("{}-{}", project.name, project.version), out)
}

/// Finds the files below a folder.
fn find_files(root: &Path, below: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let path = below.join(entry?.file_name());
        if root.join(&path).is_dir() {
            find_files(root, &path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn pack_files(project: &Project, root: &Path, mut files: Vec<PathBuf>, top: &str, out: &Path) -> Result<()> {
    files.sort();
    // One block by one thread: the bytes do not depend on the machine.
    let writer = XzWriter::new(File::create(out)?, XzOptions::with_preset(9))?;
    let mut archive = Builder::new(writer);
    for file in files {
        let path = root.join(&file);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => return Err(format!("{}: {error}", path.display()).into()),
        };
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(bytes.len() as u64);
        header.set_mode(if is_program(&path)? { 0o755 } else { 0o644 });
        header.set_mtime(project.epoch);
        header.set_username("root")?;
        header.set_groupname("root")?;
        header.set_uid(0);
        header.set_gid(0);
        archive.append_data(&mut header, Path::new(top).join(&file), bytes.as_slice())?;
    }
    archive.into_inner()?.finish()?;
    Ok(())
}

#[cfg(unix)]
fn is_program(path: &Path) -> Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::metadata(path)?.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> Result<bool> {
    Ok(path.extension().is_none())
}

/// Returns the SHA-256 of a file.
pub fn file_sha256(file: &Path) -> Result<[u8; 32]> {
    Ok(Sha256::digest(fs::read(file)?).into())
}

/// Returns bytes in hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns the lines that `sha256sum --check` reads, for every file of a folder.
pub fn sum_lines(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    find_files(folder, Path::new(""), &mut files)?;
    files.sort();
    let mut lines = String::new();
    for file in files {
        writeln!(lines, "{}  {}", to_hex(&file_sha256(&folder.join(&file))?), file.display())?;
    }
    Ok(lines)
}
