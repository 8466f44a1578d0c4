//! The command line's arguments.

mod change;
mod policies;
mod review;

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::examples;
use crate::ecr::{Region, SourceId};
use crate::journal::Limits;
use crate::plan::{ReadOnlyPatterns, RepositorySelector};
use crate::sandbox::FaultShares;
use crate::wizard::ThemeName;
pub(super) use change::{
    Allowed, ApplyArgs, GrantArgs, HistoryArgs, HistoryCommand, RequestArgs, RevokeArgs, UndoArgs, Which,
    parse_grantees,
};
pub(super) use policies::{CanArgs, CheckArgs, DeltaArgs, FailOn, OwnPolicies};
pub(super) use review::{ReviewArgs, ReviewFailOn};

/// Lets another AWS account pull from your private Amazon ECR repositories, and shows who already can.
///
/// Without a command the wizard opens; arguments and flags fill in its steps.
#[derive(Debug, Parser)]
#[command(name = "ecr-grant", version, max_term_width = 100, after_help = examples::PROGRAM, subcommand_precedence_over_arg = true)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) wizard: WizardArgs,
    #[command(flatten)]
    pub(super) globals: Globals,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The wizard: choose account, repository and grantee on screen
    #[command(after_help = examples::WIZARD)]
    Wizard(WizardArgs),
    /// Print a repository's permissions: its statements, and who has access
    #[command(after_help = examples::SHOW)]
    Show(ShowArgs),
    /// Grant access to repositories
    #[command(after_help = examples::GRANT)]
    Grant(GrantArgs),
    /// Take grantees out of repository policies
    #[command(after_help = examples::REVOKE)]
    Revoke(RevokeArgs),
    /// Write a plan that was saved with --plan-out
    #[command(after_help = examples::APPLY)]
    Apply(ApplyArgs),
    /// List what was changed, and show a change
    #[command(after_help = examples::HISTORY)]
    History(HistoryArgs),
    /// Take a change of the history back, without what others wrote since
    #[command(after_help = examples::UNDO)]
    Undo(UndoArgs),
    /// Tell who can pull what, over all repositories of accounts and Regions, with findings
    #[command(after_help = examples::REVIEW)]
    Review(ReviewArgs),
    /// Find refusals of ECR and risks in policy files
    #[command(after_help = examples::CHECK)]
    Check(CheckArgs),
    /// Say whether a policy allows a request, and why
    #[command(after_help = examples::CAN)]
    Can(CanArgs),
    /// Say who gains and who loses between two policies
    #[command(after_help = examples::DELTA)]
    Delta(DeltaArgs),
    /// Run the demo registry on a loopback port, for other clients
    #[command(after_help = examples::sandbox_help())]
    Sandbox(SandboxArgs),
    /// Print the completions of a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, in roff
    #[command(after_help = examples::MAN)]
    Man {
        /// The command that the page is about; without one: the program
        command: Option<String>,
    },
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct Globals {
    /// Profile of the AWS config to use, with its own credentials alone
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Credentials to use that no profile holds: the environment's keys, or a role of this machine
    #[arg(long, global = true, value_enum, value_name = "PLACE", conflicts_with_all = ["profile", "demo"])]
    pub(super) source: Option<SourceArg>,
    /// Region of the registry
    #[arg(long, global = true, value_parser = Region::parse, value_name = "REGION")]
    pub(super) region: Option<Region>,
    /// Ask this endpoint in place of AWS's ECR and STS; it stands on every screen and in every plan
    #[arg(long, global = true, value_name = "URL", conflicts_with = "demo")]
    pub(super) endpoint_url: Option<String>,
    /// Use the built-in demo registry: no account, no network, nothing of yours is read
    #[arg(long, global = true)]
    pub(super) demo: bool,
    /// Let the demo registry answer after this many milliseconds
    #[arg(long, global = true, value_name = "MS", default_value_t = 0)]
    pub(super) latency: u64,
    /// Never write, whatever else is asked
    #[arg(long = "read-only", id = "read-only", global = true, value_name = "true|false", num_args = 0..=1)]
    #[arg(require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(super) read_only_flag: Option<bool>,
    /// True where nothing is written: the flag, else the configuration file.
    #[arg(skip)]
    pub(super) read_only: bool,
    /// The repositories that the configuration file holds read-only, unless the flag speaks.
    #[arg(skip)]
    pub(super) read_only_patterns: ReadOnlyPatterns,
    /// Do not ask before a write
    #[arg(long, global = true)]
    pub(super) yes: bool,
    /// Do everything but the write
    #[arg(long, global = true)]
    pub(super) dry_run: bool,
    /// Tell each repository by itself, also where several come to the same
    #[arg(long, short, global = true)]
    pub(super) verbose: bool,
    /// Form of the output
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORM")]
    pub(super) format: Format,
    /// Draw with ASCII characters only
    #[arg(long = "ascii", id = "ascii", global = true, value_name = "true|false", num_args = 0..=1)]
    #[arg(require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(super) ascii_flag: Option<bool>,
    /// True where only ASCII is drawn: the flag, else the configuration file.
    #[arg(skip)]
    pub(super) ascii: bool,
    /// Styles of the wizard; without it: auto
    #[arg(long = "theme", id = "theme", global = true, value_enum, value_name = "NAME")]
    pub(super) theme_flag: Option<ThemeArg>,
    /// The styles: the flag, else the configuration file where the environment wants colours.
    #[arg(skip)]
    pub(super) theme: ThemeArg,
    /// Let wheel and click choose rows in the wizard; most terminals then select text with Shift held
    #[arg(long = "mouse", id = "mouse", global = true, value_name = "true|false", num_args = 0..=1)]
    #[arg(require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(super) mouse_flag: Option<bool>,
    /// True where wheel and click choose rows: the flag, else the configuration file.
    #[arg(skip)]
    pub(super) mouse: bool,
    /// Ask and answer in the wizard line by line, without a screen; TERM=dumb does so too
    #[arg(long = "plain", id = "plain", global = true, value_name = "true|false", num_args = 0..=1)]
    #[arg(require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(super) plain_flag: Option<bool>,
    /// True where the wizard asks line by line: the flag, else the configuration file, else a terminal that is dumb.
    #[arg(skip)]
    pub(super) plain: bool,
    /// Configuration file to read in place of $XDG_CONFIG_HOME/ecr-grant/config.toml
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "demo")]
    pub(super) config: Option<PathBuf>,
    /// The configuration file's choices, for lack of a flag, a variable or an address.
    #[arg(skip)]
    pub(super) usual: Usual,
    /// The names of accounts: the configuration file's.
    #[arg(skip)]
    pub(super) account_names: crate::ecr::AccountNames,
    /// The limits of the journal: the configuration file's choice.
    #[arg(skip)]
    pub(super) limits: Limits,
    /// Write a log to this file; credentials never go there
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) log_file: Option<PathBuf>,
}

/// The configuration file's source and Region, where the environment names none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Usual {
    /// The profile, or another place of credentials.
    pub(super) source: Option<SourceId>,
    /// The Region.
    pub(super) region: Option<Region>,
    /// The file of accepted findings.
    pub(super) accepted: Option<PathBuf>,
}

impl Globals {
    /// Returns the source of credentials that a flag names, else the configuration file's.
    pub(super) fn chosen_source(&self) -> Option<SourceId> {
        let profile = self.profile.clone().filter(|name| !name.trim().is_empty()).map(SourceId::Profile);
        profile.or_else(|| self.source.map(SourceArg::to_id)).or_else(|| self.usual.source.clone())
    }
}

/// The places of credentials beside profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SourceArg {
    /// The access keys of the environment
    Environment,
    /// The token file that the environment names, as in a Kubernetes pod
    WebIdentity,
    /// The role of this container
    Container,
    /// The role of this EC2 instance
    Instance,
}

impl SourceArg {
    /// Returns the source that the place names.
    pub(super) fn to_id(self) -> SourceId {
        match self {
            Self::Environment => SourceId::Environment,
            Self::WebIdentity => SourceId::WebIdentity,
            Self::Container => SourceId::Container,
            Self::Instance => SourceId::Instance,
        }
    }
}

/// Forms of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// One JSON object a line
    Jsonl,
    /// SARIF 2.1.0, of check and review
    Sarif,
    /// One line for each repository, of show and review
    Table,
    /// Comma-separated values for a spreadsheet, of review alone
    Csv,
    /// Markdown, of review alone
    Markdown,
    /// One HTML page, of review alone
    Html,
}

/// The styles of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum ThemeArg {
    /// By the terminal's background; without colours where `NO_COLOR` is set
    #[default]
    Auto,
    /// For a dark background
    Dark,
    /// For a light background
    Light,
    /// Nothing dim, everything that matters bold
    HighContrast,
    /// No colours
    Mono,
    /// Blue and orange in place of green and red
    #[value(alias = "color-blind")]
    ColourBlind,
}

impl ThemeArg {
    /// Returns the wizard's name of the style.
    pub(super) fn theme_name(self) -> ThemeName {
        match self {
            Self::Auto => ThemeName::Auto,
            Self::Dark => ThemeName::Dark,
            Self::Light => ThemeName::Light,
            Self::HighContrast => ThemeName::HighContrast,
            Self::Mono => ThemeName::Mono,
            Self::ColourBlind => ThemeName::ColourBlind,
        }
    }
}

/// `[REPOSITORY]...` and the flags that pre-fill the later steps.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct WizardArgs {
    /// Repositories: names, patterns, image URIs or ARNs
    #[arg(value_name = "REPOSITORY", value_parser = RepositorySelector::parse)]
    pub(super) repositories: Vec<RepositorySelector>,
    #[command(flatten)]
    pub(super) request: RequestArgs,
}

impl WizardArgs {
    /// Tells whether no argument was given.
    pub(super) fn is_empty(&self) -> bool {
        let RequestArgs { to, recipe, actions, until, puller_region } = &self.request;
        self.repositories.is_empty()
            && to.is_empty()
            && recipe.is_none()
            && actions.is_none()
            && until.is_none()
            && puller_region.is_none()
    }
}

/// `show`.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    pub(super) which: Which,
}

/// `sandbox`.
#[derive(Debug, Args)]
pub(super) struct SandboxArgs {
    /// Port to listen on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) port: u16,
    /// Address to listen on; only loopback addresses are taken
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = parse_loopback)]
    pub(super) host: IpAddr,
    /// Hold this many made-up repositories in place of the demo's, for measurements
    #[arg(long, value_name = "N", hide = true)]
    pub(super) repositories: Option<usize>,
    /// Let calls of ECR fail by chance, or by a rate: NAME=VALUE, several with commas between them
    #[arg(long, value_name = "FAULTS")]
    pub(super) fault: Option<FaultShares>,
}

fn parse_loopback(text: &str) -> Result<IpAddr, String> {
    let address: IpAddr = text.parse().map_err(|_| "this is no IP address; leave it out for 127.0.0.1".to_owned())?;
    if address.is_loopback() {
        Ok(address)
    } else {
        Err("the sandbox checks no signature, so it listens on loopback addresses only".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn read_line(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("ecr-grant").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_command_arguments_are_the_wizards() {
        let cli =
            read_line("--demo team/app 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:1 --to 111111111111")
                .unwrap();
        assert!(cli.command.is_none() && cli.globals.demo);
        assert_eq!(cli.wizard.repositories.len(), 2);
        assert_eq!(cli.wizard.request.read_grantees().unwrap().len(), 1);
        assert!(read_line("").unwrap().wizard.repositories.is_empty());
    }

    #[test]
    fn globals_stand_before_or_after_the_command() {
        for line in ["--demo --format json show vendorapp", "show vendorapp --demo --format json"] {
            let cli = read_line(line).unwrap();
            assert!(cli.globals.demo && cli.globals.format == Format::Json, "{line}");
            assert!(matches!(cli.command, Some(Command::Show(ShowArgs { which })) if which.choices().len() == 1));
        }
    }

    #[test]
    fn several_grantees_stand_behind_one_flag() {
        let cli =
            read_line("grant vendorapp --to 111111111111 arn:aws:iam::333333333333:role/x --recipe release").unwrap();
        let Some(Command::Grant(args)) = cli.command else { panic!("no grant") };
        assert_eq!(args.request.read_grantees().unwrap().len(), 2);
        assert_eq!(args.request.recipe.unwrap().name, "release");
    }

    #[test]
    fn what_cannot_be_is_said() {
        for (line, words) in [
            ("show", "REPOSITORY"),
            ("show --all vendorapp", "cannot be used with"),
            ("show Vendor", "no repository"),
            ("--region london show vendorapp", "no Region"),
            ("grant vendorapp --to 111111111111 --recipe pul", "there are pull, release"),
            ("grant vendorapp --to 111111111111 --actions ListImage", "did you mean ListImages?"),
            ("sandbox --host 0.0.0.0", "loopback"),
            ("check --explain wildcrad-principal", "did you mean wildcard-principal?"),
            ("check --explain wildcard", "did you mean wildcard-principal or literal-wildcard?"),
            ("check --explain E099", "there is no such rule; a name is like"),
            ("check --explain E013 policy.json", "cannot be used with"),
            ("check --explain E013 --fix", "cannot be used with"),
            ("--demo --endpoint-url http://localhost:1 show vendorapp", "cannot be used with"),
            ("--source environment --profile x show vendorapp", "cannot be used with"),
            ("--source laptop show vendorapp", "environment, web-identity, container, instance"),
        ] {
            let said = read_line(line).unwrap_err().to_string();
            assert!(said.contains(words), "{line}: {said}");
        }
    }
}
