//! `completions` and `man`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::Cli;
use super::exit::Exit;
use super::output::{Stop, print_raw};
use crate::ecr::{Failure, FailureKind};

/// Prints a shell's completions.
pub(super) fn print_completions(shell: Shell) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ecr-grant", &mut text);
    print_raw(&text);
    Exit::Done
}

/// Prints a manual page in roff: the program's, or a command's.
pub(super) fn print_page(name: Option<&str>) -> Result<Exit, Stop> {
    let mut program = Cli::command();
    program.build();
    let command = match name {
        None => program,
        Some(name) => {
            let Some(command) = program.find_subcommand(name) else {
                let known: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
                return Err(Stop::wrong_usage(
                    format!("there is no command `{name}`"),
                    format!("there are {}", known.join(", ")),
                ));
            };
            command.clone()
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text).map_err(|error| {
        Failure::new(FailureKind::Defect, format!("the page cannot be made: {error}"), "report this")
    })?;
    print_raw(&text);
    Ok(Exit::Done)
}
