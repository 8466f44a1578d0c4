//! Files that the user asks for, written into the current folder, never over an existing one.

use std::io::Write as _;
use std::path::Path;

use crate::ecr::{Failure, FailureKind};

/// Writes a text to `name` in `folder`, or to `name-2`, `name-3`, ... when it exists. Gives the file's name.
pub fn write_new(folder: &Path, name: &str, text: &str) -> Result<String, Failure> {
    // A name never leads out of the folder.
    let name: String = name.chars().map(|c| if matches!(c, '/' | '\\') || c.is_control() { '-' } else { c }).collect();
    let (stem, end) = name.rsplit_once('.').map_or((name.as_str(), String::new()), |(s, e)| (s, format!(".{e}")));
    for attempt in 1..=99 {
        let candidate = if attempt == 1 { name.clone() } else { format!("{stem}-{attempt}{end}") };
        let opened = std::fs::OpenOptions::new().write(true).create_new(true).open(folder.join(&candidate));
        match opened {
            Ok(mut file) => {
                return file
                    .write_all(text.as_bytes())
                    .and_then(|()| file.sync_all())
                    .map(|()| candidate.clone())
                    .map_err(|error| failure(&candidate, &error));
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failure(&candidate, &error)),
        }
    }
    Err(Failure::new(FailureKind::File, format!("{name} exists 99 times"), "move the old ones away"))
}

/// As `write_new`, in the current folder.
pub fn write_here(name: &str, text: &str) -> Result<String, Failure> {
    let folder = std::env::current_dir().map_err(|error| {
        Failure::new(
            FailureKind::File,
            format!("the current folder cannot be used: {error}"),
            "start in another folder",
        )
    })?;
    write_new(&folder, name, text)
}

fn failure(name: &str, error: &std::io::Error) -> Failure {
    Failure::new(
        FailureKind::File,
        format!("{name} could not be written here: {error}"),
        "start the program in a folder that you may write to",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_ever_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(write_new(folder.path(), "kit.md", "one").unwrap(), "kit.md");
        assert_eq!(write_new(folder.path(), "kit.md", "two").unwrap(), "kit-2.md");
        assert_eq!(std::fs::read_to_string(folder.path().join("kit.md")).unwrap(), "one");
        assert_eq!(std::fs::read_to_string(folder.path().join("kit-2.md")).unwrap(), "two");
    }

    #[test]
    fn a_name_never_leads_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let name = write_new(folder.path(), "../../team/app.json", "x").unwrap();
        assert!(folder.path().join(&name).exists(), "{name}");
    }

    #[test]
    fn a_folder_that_is_gone_is_said_so() {
        let said = write_new(Path::new("/nonexistent-folder"), "kit.md", "x").unwrap_err();
        assert_eq!(said.kind, FailureKind::File);
        assert!(said.what.contains("kit.md"));
    }
}
