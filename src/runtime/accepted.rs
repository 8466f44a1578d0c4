//! The file of accepted findings on the disk.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use super::replace::{Refused, create_file, replace_file};
use crate::ecr::{Failure, FailureKind};
use crate::review::AcceptedFindings;

/// Reads the file; none: there is no file.
pub(super) fn read_list(path: &Path) -> Result<Option<String>, Failure> {
    let refuse = |why: String| {
        let what = format!("{} cannot be read: {why}", path.display());
        Err(Failure::new(FailureKind::File, what, "mend that, or name another file with --accepted"))
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return refuse(error.to_string()),
    };
    let mut text = String::new();
    match file.take(AcceptedFindings::LARGEST_FILE + 1).read_to_string(&mut text) {
        Ok(length) if length as u64 > AcceptedFindings::LARGEST_FILE => {
            refuse(format!("it is larger than {} bytes", AcceptedFindings::LARGEST_FILE))
        }
        Ok(_) => Ok(Some(text)),
        Err(error) => refuse(error.to_string()),
    }
}

/// Writes the file where it still has the text that was read, or where there is none still.
pub(super) fn write_list(path: &Path, before: Option<&str>, text: &str) -> Result<(), Failure> {
    let written = match before {
        Some(before) => replace_file(path, before.as_bytes(), text),
        None => create_file(path, text),
    };
    let path = path.display();
    let (what, next) = match written {
        Ok(()) => return Ok(()),
        Err(Refused::Changed) => (
            format!("{path} was changed by somebody else since it was read; what they wrote stays"),
            "it is read again: look, and accept once more".to_owned(),
        ),
        Err(Refused::Unsynced(kept, error)) => (
            format!("{path} has the entry, but may not be on the disk yet: {error}"),
            format!("the text from before is in {}", kept.display()),
        ),
        Err(Refused::Loss(why)) => (format!("{path} is not written: {why}"), "add the entry by hand".to_owned()),
        Err(Refused::Failed(error)) => {
            (format!("{path} cannot be written: {error}"), "check who may write the file and its folder".to_owned())
        }
    };
    Err(Failure::new(FailureKind::File, what, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_written_and_kept_where_somebody_else_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accepted.toml");
        assert_eq!(read_list(&path).unwrap(), None);
        write_list(&path, None, "one").unwrap();
        assert_eq!(read_list(&path).unwrap().as_deref(), Some("one"));
        assert!(write_list(&path, None, "two").unwrap_err().what.contains("changed by somebody else"));
        std::fs::write(&path, "theirs").unwrap();
        assert!(write_list(&path, Some("one"), "two").unwrap_err().what.contains("changed by somebody else"));
        assert_eq!(read_list(&path).unwrap().as_deref(), Some("theirs"));
        write_list(&path, Some("theirs"), "two").unwrap();
        assert_eq!(read_list(&path).unwrap().as_deref(), Some("two"));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(write_list(&path, Some("two"), "three").unwrap_err().kind, FailureKind::File);
    }

    #[test]
    fn what_is_no_text_or_too_large_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accepted.toml");
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(read_list(&path).unwrap_err().what.contains("cannot be read"));
        let large = usize::try_from(AcceptedFindings::LARGEST_FILE).unwrap() + 1;
        std::fs::write(&path, "#".repeat(large)).unwrap();
        assert!(read_list(&path).unwrap_err().what.contains("larger than"));
        assert!(read_list(folder.path()).unwrap_err().what.contains("cannot be read"));
    }
}
