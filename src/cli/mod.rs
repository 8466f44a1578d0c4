//! The command line: definitions, one file per command, output formats, exit codes.
//!
//! Data goes to the standard output, words for people to the standard error. Exit codes are in `exit`.

mod apply;
mod args;
mod can;
mod cases;
mod change;
mod check;
pub mod config;
mod delta;
mod examples;
mod exit;
mod grant;
mod grantee_file;
mod history;
mod interrupt;
mod kit;
mod log;
mod output;
mod owner;
mod pages;
mod parallel;
mod permissions;
mod plan_file;
mod reserved;
mod review;
mod revoke;
mod sandbox;
mod sarif;
mod session;
mod show;
mod undo;
mod wizard;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command, Globals};
use exit::Exit;
use output::Stop;

use crate::ecr::{AccountNames, Failure, FailureKind};

/// Reads the arguments, runs the command, and tells its failure.
pub fn run() -> ExitCode {
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    if let Err(stop) = reserved::refuse_reserved(words) {
        return stop.report_stop().into();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => {
            output::clap_words(&told);
            return if told.use_stderr() { Exit::Usage } else { check_output(Exit::Done) }.into();
        }
    };
    check_output(perform_command(cli).unwrap_or_else(|stop| stop.report_stop())).into()
}

/// Returns the exit of the command with its output: an output that could not be written is an error.
fn check_output(exit: Exit) -> Exit {
    let Some(failure) = output::output_failure() else { return exit };
    output::tell_failure(None, &failure);
    exit.without_output()
}

fn perform_command(cli: Cli) -> Result<Exit, Stop> {
    let Cli { mut globals, wizard: first, command } = cli;
    if let Some(path) = &globals.log_file {
        log::begin_log(path)?;
    }
    let command = match command {
        None => Command::Wizard(first),
        Some(_) if !first.is_empty() => {
            return Err(Stop::wrong_usage(
                "an argument stands before the command",
                "put repositories and --to, --recipe, --actions after the command",
            ));
        }
        Some(command) => command,
    };
    refuse_format(globals.format, &command)?;
    // What needs no sign-in and draws nothing reads no configuration.
    let is_plain = match &command {
        Command::Completions { .. } | Command::Man { .. } | Command::Sandbox(_) => true,
        // Its words name accounts; its data does not.
        Command::Delta(_) => globals.format != args::Format::Text,
        // It may write files, which the configuration may forbid.
        Command::Check(args) => !args.fix,
        _ => false,
    };
    let config = if is_plain { config::Config::default() } else { config::load_config(&globals)? };
    config.fill_globals(&mut globals, |name| std::env::var(name).ok());
    output::name_accounts(&if is_plain { globals.account_names.clone() } else { names_with_profiles(&globals)? });
    let signs_in = matches!(
        &command,
        Command::Wizard(_)
            | Command::Show(_)
            | Command::Review(_)
            | Command::Grant(_)
            | Command::Revoke(_)
            | Command::Apply(_)
            | Command::Undo(_)
    );
    if signs_in {
        history::tell_interrupted(&globals);
    }
    match &command {
        Command::History(args) => history::run(&globals, args),
        Command::Undo(args) => wait_for(interrupt::until_signalled(undo::run(&globals, args))),
        Command::Completions { shell } => Ok(pages::print_completions(*shell)),
        Command::Man { command } => pages::print_page(command.as_deref()),
        Command::Check(args) => check::run(&globals, args),
        Command::Can(args) => can::run(&globals, args),
        Command::Delta(args) => delta::run(&globals, args),
        Command::Wizard(args) => wait_for(wizard::run(&globals, config.keymap, args)),
        Command::Show(args) => wait_for(interrupt::until_signalled(show::run(&globals, args))),
        Command::Review(args)
            if wizard::has_terminal()
                && !globals.plain
                && globals.format == args::Format::Text
                && args.is_for_screen() =>
        {
            wait_for(wizard::run_review(&globals, config.keymap, args))
        }
        Command::Review(args) => {
            let path = args.resume.clone();
            let advice = move || review::interrupted_words(path.as_deref()?);
            wait_for(interrupt::until_signalled_or_told(review::run(&globals, args), advice))
        }
        Command::Grant(args) => wait_for(interrupt::until_signalled(grant::run(&globals, args))),
        Command::Apply(args) => wait_for(interrupt::until_signalled(apply::run(&globals, args))),
        Command::Revoke(args) => wait_for(interrupt::until_signalled(revoke::run(&globals, args))),
        Command::Sandbox(args) => wait_for(sandbox::run(&globals, args)),
    }
}

/// Refuses a form of the output that a command does not have.
fn refuse_format(format: args::Format, command: &Command) -> Result<(), Stop> {
    use args::Format;
    let (is_there, what, next) = match format {
        Format::Text | Format::Json | Format::Jsonl => return Ok(()),
        Format::Sarif => (
            matches!(command, Command::Check(_) | Command::Review(_)),
            "SARIF is a form of findings",
            "use it with check or review; json and jsonl are for the others",
        ),
        Format::Table => (
            matches!(command, Command::Show(_) | Command::Review(_)),
            "a table has a line for each repository",
            "use it with show or review; text is for the others",
        ),
        Format::Csv | Format::Markdown | Format::Html => (
            matches!(command, Command::Review(_)),
            "this is a form of a review",
            "use it with review; text, json and jsonl are for the others",
        ),
    };
    if is_there { Ok(()) } else { Err(Stop::wrong_usage(what, next)) }
}

/// Returns the names of the configuration, and for other accounts the profiles whose files state them.
fn names_with_profiles(globals: &Globals) -> Result<AccountNames, Stop> {
    let stated = block_on(async { session::open_access(globals, false).stated_accounts().await })?;
    Ok(globals.account_names.with_profiles(stated.iter().map(|(account, profile)| (account, profile.as_str()))))
}

/// Runs a command that waits.
fn wait_for(command: impl Future<Output = Result<Exit, Stop>>) -> Result<Exit, Stop> {
    block_on(command)?
}

/// Waits for something. One thread is enough for that.
fn block_on<T>(awaited: impl Future<Output = T>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Failure::new(FailureKind::Other, format!("this system gives no timers or sockets: {error}"), "close programs")
    })?;
    let ended = runtime.block_on(awaited);
    // A look-up of a host name may still be stuck in a thread; nobody waits for it.
    runtime.shutdown_background();
    Ok(ended)
}
