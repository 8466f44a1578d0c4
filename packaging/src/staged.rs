//! The files of the packages: the binary, its manual pages and completions, and the texts of the project.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::project::{Project, run_for_output};
use crate::{Result, recreate_folder};

/// The texts of the project that go with the binary.
const TEXTS: [&str; 5] = ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-NOTICES.txt"];

/// The shells, each with the name of its file of completions.
const SHELLS: [(&str, &str); 5] = [
    ("bash", "ecr-grant.bash"),
    ("elvish", "ecr-grant.elv"),
    ("fish", "ecr-grant.fish"),
    ("powershell", "_ecr-grant.ps1"),
    ("zsh", "_ecr-grant"),
];

/// Lays the files of the packages into a folder, and returns it.
pub fn stage_files(project: &Project, binary: &Path) -> Result<PathBuf> {
    let folder = project.root.join("target/packaging/staged");
    recreate_folder(&folder)?;
    let program = folder.join(&project.name);
    fs::copy(binary, &program).map_err(|error| format!("{}: {error}", binary.display()))?;
    for text in TEXTS {
        fs::copy(project.root.join(text), folder.join(text)).map_err(|error| format!("{text}: {error}"))?;
    }

    let version = run_binary(&program, &["--version"])?;
    if version.trim() != format!("{} {}", project.name, project.version) {
        return Err(format!("the binary says `{}`, Cargo.toml says {}", version.trim(), project.version).into());
    }
    let pages = folder.join("man");
    fs::create_dir(&pages)?;
    fs::write(pages.join(format!("{}.1", project.name)), run_binary(&program, &["man"])?)?;
    for command in list_commands(&run_binary(&program, &["--help"])?) {
        fs::write(pages.join(format!("{}-{command}.1", project.name)), run_binary(&program, &["man", &command])?)?;
    }
    let completions = folder.join("completions");
    fs::create_dir(&completions)?;
    for (shell, name) in SHELLS {
        fs::write(completions.join(name), run_binary(&program, &["completions", shell])?)?;
    }
    Ok(folder)
}

/// Returns what the binary prints.
fn run_binary(program: &Path, arguments: &[&str]) -> Result<String> {
    let text = run_for_output(Command::new(program).args(arguments).env_clear())?;
    if text.trim().is_empty() {
        return Err(format!("the binary prints nothing for `{}`", arguments.join(" ")).into());
    }
    Ok(text)
}

/// Returns the commands that the help lists, without `help` itself.
fn list_commands(help: &str) -> Vec<String> {
    let rows = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = rows.filter(|row| !row.starts_with("   ")).filter_map(|row| row.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::list_commands;

    #[test]
    fn the_commands_are_those_of_the_help() {
        let help = "Words.\n\nCommands:\n  show    Print\n          more\n  check   Check\n  help    Print\n\nOptions:\n  -h\n";
        assert_eq!(list_commands(help), ["show", "check"]);
    }
}
