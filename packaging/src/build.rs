//! Builds the binary and, with tools of the registry, .deb and .rpm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::project::{Project, cargo_path, run};

/// The tools that make .deb and .rpm, each with the version whose output was looked at.
const DEB: (&str, &str) = ("cargo-deb", "3.8.0");
const RPM: (&str, &str) = ("cargo-generate-rpm", "0.21.1");

/// Builds the binary with the `dist` profile, and returns it. No path of this machine stays in it.
pub fn build_binary(project: &Project) -> Result<PathBuf> {
    let folder = project.root.join("target/packaging/build");
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .ok_or("neither CARGO_HOME nor a home folder is known")?;
    let mut flags = vec![
        format!("--remap-path-prefix={}=cargo", cargo_home.display()),
        format!("--remap-path-prefix={}=.", project.root.display()),
    ];
    if let Ok(more) = std::env::var("RUSTFLAGS") {
        flags.extend(more.split_whitespace().map(str::to_owned));
    }
    run(Command::new(cargo_path())
        .args(["build", "--locked", "--profile", "dist", "--bin", &project.name, "--target-dir"])
        .arg(&folder)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("SOURCE_DATE_EPOCH", project.epoch.to_string())
        .current_dir(&project.root))?;
    Ok(folder.join("dist").join(&project.name))
}

/// Makes the package for Debian and its kin from the staged files.
pub fn build_deb(project: &Project, packages: &Path) -> Result<()> {
    let tool = find_tool(project, DEB)?;
    run(Command::new(tool)
        .args(["--no-build", "--no-strip", "--locked", "--quiet", "--output"])
        .arg(packages.join(format!("{}.deb", project.package_stem())))
        .env("SOURCE_DATE_EPOCH", project.epoch.to_string())
        .env("CARGO_TARGET_DIR", project.root.join("target"))
        .current_dir(&project.root))
}

/// Makes the package for Fedora and its kin from the staged files.
pub fn build_rpm(project: &Project, packages: &Path) -> Result<()> {
    let tool = find_tool(project, RPM)?;
    run(Command::new(tool)
        .args(["--auto-req", "disabled", "--payload-compress", "xz", "--output"])
        .arg(packages.join(format!("{}.rpm", project.package_stem())))
        .arg("--source-date")
        .arg(project.epoch.to_string())
        .env("SOURCE_DATE_EPOCH", project.epoch.to_string())
        .env("CARGO_TARGET_DIR", project.root.join("target"))
        .current_dir(&project.root))
}

/// Returns a tool in `target/tools`; installs it first where that version is missing.
fn find_tool(project: &Project, (name, version): (&str, &str)) -> Result<PathBuf> {
    let folder = project.root.join("target/tools").join(format!("{name}-{version}"));
    let file = folder.join("bin").join(name);
    if !file.exists() {
        fs::create_dir_all(&folder)?;
        run(Command::new(cargo_path())
            .args(["install", name, "--version", version, "--locked", "--quiet", "--root"])
            .arg(&folder)
            .arg("--target-dir")
            .arg(project.root.join("target/tools/build"))
            .current_dir(&folder))?;
    }
    Ok(file)
}
