//! The project by Cargo and Git.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Result;

/// The project whose packages are made.
pub struct Project {
    /// The folder of the workspace, without symbolic links.
    pub root: PathBuf,
    pub name: String,
    pub version: String,
    /// The platform of the binary.
    pub target: String,
    /// The time of every file in the packages, in seconds since 1970.
    pub epoch: u64,
    /// The answer of `cargo metadata`, with the dependencies on the platform of the binary.
    pub metadata: Value,
}

impl Project {
    /// Reads the project in a folder.
    pub fn read_project(root: &Path, target: Option<&str>) -> Result<Self> {
        let root = root.canonicalize()?;
        let target = match target {
            Some(target) => target.to_owned(),
            None => host_platform(&root)?,
        };
        let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", &target];
        let metadata: Value =
            serde_json::from_str(&run_for_output(Command::new(cargo_path()).args(arguments).current_dir(&root))?)?;
        let packages = metadata["packages"].as_array().ok_or("cargo metadata names no packages")?;
        let package = packages
            .iter()
            .find(|package| package["id"] == metadata["resolve"]["root"])
            .ok_or("the workspace has no root package")?;
        let word = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        let (name, version) = (word("name"), word("version"));
        let epoch = match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(text) => text,
            Err(_) => run_for_output(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(&root))?,
        };
        let epoch = epoch.trim().parse().map_err(|_| format!("no time in seconds: {epoch}"))?;
        Ok(Self { root, name, version, target, epoch, metadata })
    }

    /// Returns the name of the packages without their ending.
    pub fn package_stem(&self) -> String {
        format!("{}-{}-{}", self.name, self.version, self.target)
    }

    /// Returns a table under `package.metadata` in `Cargo.toml`.
    pub fn settings_of(&self, table: &str) -> &Value {
        let packages = self.metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let package = packages.iter().find(|package| package["id"] == self.metadata["resolve"]["root"]);
        package.map_or(&Value::Null, |package| &package["metadata"][table])
    }
}

/// Returns the Cargo that runs this program.
pub fn cargo_path() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

/// Returns the platform of this machine.
fn host_platform(root: &Path) -> Result<String> {
    let words = run_for_output(Command::new("rustc").arg("-vV").current_dir(root))?;
    let line = words.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.ok_or("rustc -vV names no host")?.to_owned())
}

/// Runs a command and returns its standard output.
pub fn run_for_output(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{} failed: {}", command.get_program().display(), words.trim()).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a command whose output goes to the terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", command.get_program().display()).into()) }
}
