//! A text in the user's own editor, by way of a file that only the user can read.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::ecr::{Failure, FailureKind};

/// The largest file that is taken back, in bytes; a policy has at most 10,240 characters.
const LARGEST: u64 = 256 * 1024;
/// The shell's exit codes for a program that is missing, and for one that cannot be run.
const NOT_STARTED: [i32; 2] = [127, 126];

/// Returns the editor's command line: `$VISUAL`, else `$EDITOR`, else `vi`. It may have arguments.
pub fn editor_command(variable: impl Fn(&str) -> Option<String>) -> String {
    let named = |name| variable(name).filter(|value| !value.trim().is_empty());
    named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned())
}

/// A folder of our own with one file in it. Dropping it removes both, with anything that the editor put beside the
/// file.
struct EditorFile {
    folder: PathBuf,
    file: PathBuf,
}

impl EditorFile {
    fn new(text: &str) -> std::io::Result<Self> {
        let temporary = std::env::temp_dir();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
        let folder = temporary.join(format!("ecr-grant-{}-{now:x}", std::process::id()));
        // A folder that somebody made beforehand is an error here, never used.
        DirBuilder::new().mode(0o700).create(&folder)?;
        let draft = Self { file: folder.join("policy.json"), folder };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft.file)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(draft)
    }
}

impl Drop for EditorFile {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Lets an editor work on a text. `None`: the text is unchanged. The terminal must be the editor's already.
pub async fn edit_text(command: &str, text: &str) -> Result<Option<String>, Failure> {
    let draft = EditorFile::new(text).map_err(|error| {
        file_failure(&format!("no temporary file could be made: {error}"), "look at $TMPDIR and the room on that disk")
    })?;
    // As git does it: the shell knows quotes and arguments, the file's name is never part of its text.
    let ended = tokio::process::Command::new("sh")
        .arg("-c")
        .arg(format!("{command} \"$@\""))
        .arg(command)
        .arg(&draft.file)
        .stdin(Stdio::inherit())
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit())
        .status()
        .await;
    let next = "set VISUAL or EDITOR to an editor that is installed, such as EDITOR=nano";
    match ended {
        Err(error) => Err(Failure::new(FailureKind::Setup, format!("`{command}` could not be started: {error}"), next)),
        Ok(status) if status.code().is_some_and(|code| NOT_STARTED.contains(&code)) => {
            Err(Failure::new(FailureKind::Setup, format!("`{command}` could not be started"), next))
        }
        Ok(status) if !status.success() => Err(Failure::new(
            FailureKind::Other,
            format!("`{command}` did not succeed ({status}): the text here is as it was"),
            "edit here, or open the editor again",
        )),
        Ok(_) => take_back(&draft.file, text),
    }
}

/// Reads the text that the editor left; `None`: it is unchanged.
fn take_back(file: &Path, before: &str) -> Result<Option<String>, Failure> {
    let lost = |error: &std::io::Error| {
        file_failure(&format!("the editor's file could not be read: {error}"), "the text here is as it was")
    };
    let size = fs::metadata(file).map_err(|error| lost(&error))?.len();
    if size > LARGEST {
        return Err(file_failure(
            &format!("the editor left {size} bytes, too many for a policy"),
            "the text here is as it was",
        ));
    }
    let bytes = fs::read(file).map_err(|error| lost(&error))?;
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(file_failure("the editor left a file that is no UTF-8 text", "the text here is as it was"));
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // Editors end the last line of a file; that alone is no change.
    let text = if before.ends_with('\n') { text } else { text.strip_suffix('\n').unwrap_or(text) };
    Ok((text != before).then(|| text.to_owned()))
}

fn file_failure(what: &str, next: &str) -> Failure {
    Failure::new(FailureKind::File, what, next)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    async fn edit_sample(command: &str) -> Result<Option<String>, String> {
        edit_text(command, "{}").await.map_err(|failure| failure.what)
    }

    #[test]
    fn the_command_comes_from_visual_then_editor_then_vi() {
        let with = |set: &[(&str, &str)]| {
            let set: Vec<_> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            editor_command(move |asked| set.iter().find(|(name, _)| name == asked).map(|(_, value)| value.clone()))
        };
        assert_eq!(with(&[("VISUAL", "code --wait"), ("EDITOR", "nano")]), "code --wait");
        assert_eq!(with(&[("VISUAL", " "), ("EDITOR", "nano")]), "nano");
        assert_eq!(with(&[]), "vi");
    }

    #[tokio::test]
    async fn an_editor_with_arguments_changes_the_text() {
        assert_eq!(edit_sample("sed -i 's/}/1}/'").await, Ok(Some("{1}".to_owned())));
        assert_eq!(edit_sample("true --wait").await, Ok(None));
        // The end of the last line alone is no change.
        assert_eq!(edit_sample("f() { echo >> \"$1\"; }; f").await, Ok(None));
    }

    #[tokio::test]
    async fn an_editor_that_fails_or_is_missing_changes_nothing() {
        assert!(edit_sample("false").await.unwrap_err().contains("did not succeed"));
        assert!(edit_sample("f() { echo new > \"$1\"; return 3; }; f").await.unwrap_err().contains("did not succeed"));
        assert!(edit_sample("no-such-editor-anywhere 2>/dev/null").await.unwrap_err().contains("could not be started"));
        assert!(edit_sample("rm").await.unwrap_err().contains("could not be read"));
        assert!(edit_sample("f() { printf '\\377' > \"$1\"; }; f").await.unwrap_err().contains("UTF-8"));
        let large = "f() { head -c 300000 /dev/zero > \"$1\"; }; f";
        assert!(edit_sample(large).await.unwrap_err().contains("too many"));
    }

    #[test]
    fn only_the_user_can_read_the_file_and_it_goes_away() {
        let draft = EditorFile::new("{}").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&draft.folder), mode(&draft.file)), (0o700, 0o600));
        assert_eq!(draft.file.extension().unwrap(), "json");
        fs::write(draft.folder.join(".policy.json.swp"), "left over").unwrap();
        let folder = draft.folder.clone();
        drop(draft);
        assert!(!folder.exists());
    }
}
