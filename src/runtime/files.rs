//! Files that the user asks for. They go into the current folder, never over an existing one, readable for the user
//! alone (0600): they name accounts, and the user decides who gets them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use crate::ecr::json_string::escape_unseen;
use crate::ecr::unseen::classify_unseen;
use crate::ecr::{Failure, FailureKind};

/// The longest name that file systems take, in bytes.
const LONGEST_NAME: usize = 255;
/// The bytes of a number that tells files of one name apart, such as `-99`.
const NUMBER: usize = 3;
/// The longest extension of a name, in bytes with its dot.
const LONGEST_END: usize = 32;

/// Writes a text to `name` in `folder`, or to `name-2`, `name-3`, ... when it exists. Returns the file's name.
pub fn write_new(folder: &Path, name: &str, text: &str) -> Result<String, Failure> {
    // A name never leads out of the folder.
    let is_odd = |c: char| matches!(c, '/' | '\\') || classify_unseen(c).is_some();
    let name: String = name.chars().map(|c| if is_odd(c) { '-' } else { c }).collect();
    let (stem, end) = name.rsplit_once('.').map_or((name.as_str(), String::new()), |(s, e)| (s, format!(".{e}")));
    let end = if end.len() > LONGEST_END { cut_name(&end, LONGEST_END).to_owned() } else { end };
    let stem = cut_name(stem, LONGEST_NAME.saturating_sub(end.len() + NUMBER));
    let name = format!("{stem}{end}");
    // A policy's own characters, as JSON writes them: a terminal that shows the file shows all of it.
    let text = escape_hidden(text);
    for attempt in 1..=99 {
        let candidate = if attempt == 1 { name.clone() } else { format!("{stem}-{attempt}{end}") };
        let opened = new_file().open(folder.join(&candidate));
        match opened {
            Ok(mut file) => {
                return file
                    .write_all(text.as_bytes())
                    .and_then(|()| file.sync_all())
                    .map(|()| candidate.clone())
                    .map_err(|error| write_failure(&candidate, &error));
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(write_failure(&candidate, &error)),
        }
    }
    Err(Failure::new(FailureKind::File, format!("{name} exists 99 times"), "move the old ones away"))
}

/// Returns the options that open a new file for the user alone (0600).
pub fn new_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Returns a text for a file or the clipboard: line feeds and tabs stay, and unseen characters are written as `\uXXXX`.
/// Only a policy may hold some, and there the escape means the same character.
pub fn escape_hidden(text: &str) -> String {
    escape_unseen(&text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Cuts a name to so many bytes, between characters.
fn cut_name(name: &str, bytes: usize) -> &str {
    name.split_at(name.floor_char_boundary(bytes.min(name.len()))).0
}

/// Writes a new file in the current folder, as `write_new` does.
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

fn write_failure(name: &str, error: &std::io::Error) -> Failure {
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
    fn a_name_is_cut_to_what_a_file_system_takes() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["a".repeat(300) + "-handover.md", "\u{6f22}".repeat(200) + ".json", "x.".to_owned() + &"y".repeat(400)]
        {
            for _ in 0..12 {
                let written = write_new(folder.path(), &name, "x").unwrap();
                assert!(written.len() <= 255 && folder.path().join(&written).exists(), "{written}");
            }
        }
        let written = write_new(folder.path(), &("b".repeat(300) + ".md"), "x").unwrap();
        assert!(written.ends_with("b.md"), "the end of a name stays: {written}");
    }

    #[cfg(unix)]
    #[test]
    fn the_user_alone_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let name = write_new(folder.path(), "kit.md", "x").unwrap();
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn neither_name_nor_text_holds_what_cannot_be_seen() {
        let folder = tempfile::tempdir().unwrap();
        let policy = "{\r\n\t\"Sid\": \"a\u{202e}\u{9b}\u{7f}b\"}\r";
        let name = write_new(folder.path(), "a\u{1b}\u{202e}b.json", policy).unwrap();
        assert_eq!(name, "a--b.json");
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(text, "{\n\t\"Sid\": \"a\\u202e\\u009b\\u007fb\"}\n");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&text), value(policy));
    }

    #[test]
    fn a_folder_that_is_gone_is_said_so() {
        let said = write_new(Path::new("/nonexistent-folder"), "kit.md", "x").unwrap_err();
        assert_eq!(said.kind, FailureKind::File);
        assert!(said.what.contains("kit.md"));
    }
}
