//! Makes the packages of `ecr-grant` from its own binary: `packaging/dist --help`.

mod archive;
mod build;
mod elf;
mod project;
mod sbom;
mod staged;
mod templates;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use project::Project;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const HELP: &str = "\
Makes the packages of ecr-grant in target/packages

Usage: packaging/dist [--url BASE] [--target TRIPLE] [--binary FILE] [--only-archives]

  --url BASE        Address of the folder that the packages will be downloaded from; the
                    templates for Homebrew, AUR and Nix name it. Without it they hold @URL@
  --target TRIPLE   Name of the platform in the file names; without it, that of this machine
  --binary FILE     Package this binary in place of building one
  --only-archives   Leave out .deb and .rpm, and with them the two tools that make them

SOURCE_DATE_EPOCH is the time of every file; without it, the time of the last commit.";

/// The options of the command line.
#[derive(Default)]
struct Wishes {
    url: Option<String>,
    target: Option<String>,
    binary: Option<PathBuf>,
    only_archives: bool,
}

fn read_wishes() -> Result<Option<Wishes>> {
    let mut wishes = Wishes::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--url" => wishes.url = Some(value()?.trim_end_matches('/').to_owned()),
            "--target" => wishes.target = Some(value()?),
            "--binary" => wishes.binary = Some(value()?.into()),
            "--only-archives" => wishes.only_archives = true,
            "-h" | "--help" => return Ok(None),
            other => return Err(format!("unknown argument {other}; see packaging/dist --help").into()),
        }
    }
    Ok(Some(wishes))
}

fn main() -> ExitCode {
    let done = read_wishes().and_then(|wishes| match wishes {
        Some(wishes) => make_packages(&wishes),
        None => {
            println!("{HELP}");
            Ok(())
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("packaging/dist: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make_packages(wishes: &Wishes) -> Result<()> {
    let project = Project::read_project(Path::new("."), wishes.target.as_deref())?;
    let binary = match &wishes.binary {
        Some(file) => file.clone(),
        None => build::build_binary(&project)?,
    };
    let packages = project.root.join("target/packages");
    recreate_folder(&packages)?;

    if project.target.ends_with("-linux-gnu") {
        elf::check_glibc(&project, &binary)?;
    }
    let staged = staged::stage_files(&project, &binary)?;
    let sbom = format!("{}.cdx.json", project.package_stem());
    fs::write(packages.join(&sbom), sbom::list_parts(&project)?)?;
    let tarball = format!("{}.tar.xz", project.package_stem());
    archive::pack_folder(&project, &staged, &project.package_stem(), &packages.join(&tarball))?;
    let source = format!("{}-{}-source.tar.xz", project.name, project.version);
    archive::pack_source(&project, &packages.join(&source))?;
    if project.target.contains("-linux-") && !wishes.only_archives {
        build::build_deb(&project, &packages)?;
        build::build_rpm(&project, &packages)?;
    }
    templates::fill_templates(&project, &packages, wishes.url.as_deref(), &tarball, &source)?;

    let sums = archive::sum_lines(&packages)?;
    fs::write(packages.join("SHA256SUMS"), &sums)?;
    print!("{sums}");
    println!("in target/packages, with SHA256SUMS");
    Ok(())
}

/// Makes an empty folder.
fn recreate_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}
