//! Plans in files: written by `--plan-out`, read by `apply`.

use std::io::{Read as _, Write as _};
use std::path::Path;

use super::output::Stop;
use crate::ecr::{Failure, FailureKind};
use crate::plan::PlanFile;
use crate::runtime::files::new_file;

/// The largest plan that is read, in bytes: 10,000 repositories with policies as long as ECR takes.
const LONGEST: u64 = 512 * 1024 * 1024;

/// Refuses a file that exists, before anything is read from AWS.
pub(super) fn check_new(path: &Path) -> Result<(), Stop> {
    if path.exists() {
        return Err(Stop::wrong_usage(
            format!("{} exists already", path.display()),
            "name another file for --plan-out",
        ));
    }
    Ok(())
}

/// Writes a plan to a new file, readable for the user alone (0600).
pub(super) fn save_plan(path: &Path, plan: &PlanFile) -> Result<(), Failure> {
    let written = new_file().open(path).and_then(|mut file| {
        file.write_all(plan.to_text().as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| {
        Failure::new(
            FailureKind::File,
            format!("the plan cannot be written to {}: {error}", path.display()),
            "nothing was written to AWS: name another file for --plan-out",
        )
    })
}

/// Reads a plan from a file, or from the standard input for `-`.
pub(super) fn load_plan(path: &Path) -> Result<PlanFile, Stop> {
    let shown = if path.as_os_str() == "-" { "the standard input".to_owned() } else { path.display().to_string() };
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text))
    };
    read.map_err(|error| {
        Failure::new(
            FailureKind::File,
            format!("{shown} cannot be read: {error}"),
            "name a file that --plan-out has written",
        )
    })?;
    PlanFile::parse(&text).map_err(|problem| Stop::wrong_usage(format!("{shown}: {}", problem.what), problem.next))
}
