//! Names that are kept for future commands: as first word they are never a repository.

use clap::CommandFactory as _;

use super::args::Cli;
use super::output::Stop;

/// The kept names, each with the way to do it today.
const KEPT: [(&str, &str); 4] = [
    ("verify", "ecr-grant can says offline whether a policy allows a pull"),
    ("explain", "ecr-grant show REPOSITORY says who has access, ecr-grant can says why"),
    ("kit", "ecr-grant grant REPOSITORY --to GRANTEE --kit FILE writes what the puller needs"),
    ("sign-in", "aws sso login --profile NAME signs in"),
];

/// Refuses a command line whose first word is such a name, with any words behind it.
pub(super) fn refuse_reserved(arguments: impl Iterator<Item = String>) -> Result<(), Stop> {
    let program = Cli::command();
    let Some(word) = first_word(&program, arguments) else { return Ok(()) };
    let Some((name, today)) = KEPT.iter().find(|(name, _)| *name == word) else { return Ok(()) };
    if program.find_subcommand(name).is_some() {
        return Ok(());
    }
    Err(Stop::wrong_usage(
        format!("`{name}` is reserved for a future command"),
        format!("{today}; a repository of that name: ecr-grant wizard {name}"),
    ))
}

/// Returns the first argument that is neither a flag nor the value of one.
fn first_word(program: &clap::Command, mut arguments: impl Iterator<Item = String>) -> Option<String> {
    let takes_value = |flag: &str| {
        program.get_arguments().any(|argument| {
            argument.get_long() == Some(flag)
                && argument.get_action().takes_values()
                && !argument.is_require_equals_set()
        })
    };
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix("--") {
            Some("") => return arguments.next(),
            Some(flag) if takes_value(flag) => drop(arguments.next()),
            Some(_) => {}
            None if argument.starts_with('-') && argument.len() > 1 => {}
            None => return Some(argument),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal_of(line: &str) -> Option<String> {
        match refuse_reserved(line.split_whitespace().map(str::to_owned)) {
            Err(Stop::Usage(what, next)) => Some(format!("{what}; {next}")),
            _ => None,
        }
    }

    #[test]
    fn a_kept_name_as_first_word_says_what_to_use_today() {
        for (name, today) in KEPT {
            for line in [
                name.to_owned(),
                format!("{name} vendorapp --from 111111111111"),
                format!("--demo --region eu-west-2 {name}"),
                format!("--profile=x --read-only {name} --whatever"),
                format!("-- {name}"),
            ] {
                let said = refusal_of(&line).unwrap_or_else(|| panic!("{line} passes"));
                assert!(said.contains(today) && said.contains(&format!("ecr-grant wizard {name}")), "{line}: {said}");
            }
        }
    }

    #[test]
    fn elsewhere_the_same_word_is_a_name() {
        for line in [
            "wizard verify",
            "show kit",
            "--demo show undo",
            "--profile apply vendorapp",
            "vendorapp verify",
            "verifies",
            "help",
            "222222222222.dkr.ecr.eu-west-2.amazonaws.com/verify",
            "",
        ] {
            assert_eq!(refusal_of(line), None, "{line}");
        }
    }
}
