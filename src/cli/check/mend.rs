//! `check --fix`: writes mended texts.

use std::path::Path;

use super::super::args::{Format, Globals};
use super::super::output::{Stop, print_policy, print_raw, tell_line};
use super::{Checked, file_name};
use crate::ecr::text::make_visible;
use crate::ecr::{Failure, FailureKind};
use crate::policy::CheckOptions;
use crate::policy::lint::{RepairObstacle, Repaired, repair_file, repair_input};
use crate::runtime::replace::{Refused, replace_file};

/// Mends the standard input, and writes it to the standard output, mended or unchanged.
pub(super) fn mend_input(path: &Path, text: &str, options: &CheckOptions) -> Checked {
    let repaired = repair_input(text, options);
    tell_done(path, &repaired);
    if let Some(obstacle) = &repaired.obstacle {
        tell_about(path, &format!("the text is written unchanged: {}", obstacle.words()));
    }
    print_policy(&repaired.text);
    Checked { is_beside_output: true, ..Checked::new(file_name(path), repaired.text, options) }
}

/// Mends a file in place. Where the file holds more than a policy, writes the mended policy to the standard output.
pub(super) fn mend_file(globals: &Globals, path: &Path, text: String, options: &CheckOptions) -> Result<Checked, Stop> {
    let repaired = repair_file(&text, options);
    if repaired.obstacle == Some(RepairObstacle::Unreadable) {
        tell_about(path, "the file stays as it is: the fixes make no readable policy of it");
        return Ok(Checked::new(file_name(path), text, options));
    }
    if repaired.text == text {
        return Ok(Checked::new(file_name(path), text, options));
    }
    tell_done(path, &repaired);
    if let Some(obstacle) = &repaired.obstacle {
        return Ok(print_beside(globals, path, text, &repaired, &obstacle.words(), options));
    }
    if globals.read_only {
        return Err(Failure::new(
            FailureKind::ReadOnly,
            format!("read-only: {} is not written", path.display()),
            "leave out --fix, or give --read-only=false",
        )
        .into());
    }
    if globals.dry_run {
        tell_about(path, "dry run: the file stays as it is");
        return Ok(Checked::new(file_name(path), repaired.text, options));
    }
    match replace_file(path, text.as_bytes(), &repaired.text) {
        Ok(()) => Ok(Checked::new(file_name(path), repaired.text, options)),
        Err(Refused::Loss(what)) => Ok(print_beside(globals, path, text, &repaired, &what, options)),
        Err(refused) => Err(replace_failure(path, &refused).into()),
    }
}

fn replace_failure(path: &Path, refused: &Refused) -> Failure {
    let path = path.display();
    let (what, next) = match refused {
        Refused::Changed => (
            format!("{path} was changed by somebody else while it was mended; what they wrote stays"),
            "run the command again".to_owned(),
        ),
        Refused::Unsynced(kept, error) => (
            format!("{path} is mended, but may not be on the disk yet: {error}"),
            format!("the text from before is in {}", kept.display()),
        ),
        Refused::Loss(what) => (format!("{path} is not written: {what}"), "mend it by hand".to_owned()),
        Refused::Failed(error) => {
            (format!("{path} cannot be written: {error}"), "check who may write the file and its folder".to_owned())
        }
    };
    Failure::new(FailureKind::File, what, next)
}

/// Leaves the file as it is. Writes the mended policy to the standard output, unless another format goes there.
fn print_beside(
    globals: &Globals,
    path: &Path,
    text: String,
    repaired: &Repaired,
    why: &str,
    options: &CheckOptions,
) -> Checked {
    let is_text = globals.format == Format::Text;
    let next = if is_text {
        "the mended policy is on the standard output"
    } else {
        "leave out --format to have the mended policy on the standard output"
    };
    tell_about(path, &format!("the file stays as it is: {why}; {next}"));
    if is_text {
        print_policy(&repaired.text);
        if !repaired.text.ends_with('\n') {
            print_raw(b"\n");
        }
    }
    Checked { is_beside_output: is_text, ..Checked::new(file_name(path), text, options) }
}

fn tell_done(path: &Path, repaired: &Repaired) {
    for (id, title) in &repaired.done {
        tell_about(path, &format!("{id}: {title}"));
    }
}

fn tell_about(path: &Path, words: &str) {
    tell_line(&make_visible(&format!("{}: {words}", file_name(path))));
}
