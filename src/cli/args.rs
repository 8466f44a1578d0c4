//! The command line's arguments.

use std::ffi::OsStr;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::examples;
use super::owner::Owner;
use crate::ecr::{ActionInfo, Grantee, Recipe, Region, SourceId, recipe};
use crate::journal::Limits;
use crate::plan::{Peril, ReadOnlyPatterns, RepositorySelector, parse_actions};
use crate::policy::lint::{PolicyKind, Rule, find_rule, rules};
use crate::policy::text::spelling::nearest_name;
use crate::sandbox::FaultShares;
use crate::wizard::ThemeName;

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
    /// SARIF 2.1.0, of check alone
    Sarif,
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

/// The grantees and actions of a request.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct RequestArgs {
    /// Grantee: 12-digit account id, role or user ARN, organization id, OU path, service name
    #[arg(long, num_args = 1.., value_name = "GRANTEE")]
    pub(super) to: Vec<String>,
    /// Named set of actions: pull, release, pull-describe, watch, lambda, push-pull
    #[arg(long, value_name = "NAME", value_parser = parse_recipe)]
    pub(super) recipe: Option<&'static Recipe>,
    /// Actions, separated by commas, in place of the recipe's
    #[arg(long, value_name = "LIST", value_parser = parse_action_list)]
    pub(super) actions: Option<ActionList>,
    /// Region in which the images will be pulled
    #[arg(long, value_name = "REGION", value_parser = Region::parse)]
    pub(super) puller_region: Option<Region>,
}

/// A list of actions, as one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ActionList(pub(super) Vec<&'static ActionInfo>);

fn parse_action_list(text: &str) -> Result<ActionList, String> {
    parse_actions(text).map(ActionList).map_err(|problem| problem.to_string())
}

fn parse_recipe(text: &str) -> Result<&'static Recipe, String> {
    recipe::find_recipe(text).ok_or_else(|| {
        let names: Vec<&str> = recipe::all_recipes().iter().map(|r| r.name.as_str()).collect();
        format!("there is no such recipe; there are {}", names.join(", "))
    })
}

impl RequestArgs {
    /// Reads the grantees; an error names the first one that is none.
    pub(super) fn read_grantees(&self) -> Result<Vec<Grantee>, String> {
        parse_grantees(&self.to)
    }
}

/// Reads grantees, several of them in one text perhaps; an error names the first one that is none.
pub(super) fn parse_grantees(texts: &[String]) -> Result<Vec<Grantee>, String> {
    let read: Result<Vec<Grantee>, _> = Grantee::parse_list(&texts.join("\n")).into_iter().collect();
    read.map_err(|problem| problem.to_string())
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
        let RequestArgs { to, recipe, actions, puller_region } = &self.request;
        self.repositories.is_empty()
            && to.is_empty()
            && recipe.is_none()
            && actions.is_none()
            && puller_region.is_none()
    }
}

/// `show`.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    pub(super) which: Which,
}

/// The choice of repositories.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Which {
    /// Repositories: names, patterns such as 'team/*', image URIs or ARNs
    #[arg(value_name = "REPOSITORY", value_parser = RepositorySelector::parse)]
    pub(super) repositories: Vec<RepositorySelector>,
    /// Every repository of the registry
    #[arg(long)]
    pub(super) all: bool,
}

impl Which {
    /// Returns the choices, `--all` as one of them.
    pub(super) fn choices(&self) -> Vec<RepositorySelector> {
        if self.all { vec![RepositorySelector::All] } else { self.repositories.clone() }
    }
}

/// `grant`.
#[derive(Debug, Args)]
pub(super) struct GrantArgs {
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    pub(super) request: RequestArgs,
    /// Read grantees from a file, one a line, each with a label behind a comma if you like; `-` is the standard input
    #[arg(long, value_name = "FILE")]
    pub(super) from_file: Option<PathBuf>,
    /// Write the puller's kit to this new file, as Markdown; `-` is the standard output
    #[arg(long, value_name = "FILE")]
    pub(super) kit: Option<PathBuf>,
    #[command(flatten)]
    pub(super) planning: Planning,
    #[command(flatten)]
    pub(super) allowed: Allowed,
}

/// `revoke`.
#[derive(Debug, Args)]
pub(super) struct RevokeArgs {
    #[command(flatten)]
    pub(super) which: Which,
    /// Grantee who loses access: 12-digit account id, role or user ARN, organization id, OU path, service name, `*`
    #[arg(long, num_args = 1.., value_name = "GRANTEE", required_unless_present = "from_file")]
    pub(super) from: Vec<String>,
    /// Read them from a file, one a line, each with a label behind a comma if you like; `-` is the standard input
    #[arg(long, value_name = "FILE")]
    pub(super) from_file: Option<PathBuf>,
    /// Take out whatever belongs to them too: roles, users and sessions of an account, units of an organization
    #[arg(long)]
    pub(super) include_members: bool,
    /// Take them out of the statement that AWS Lambda keeps for its functions too
    #[arg(long)]
    pub(super) include_lambda: bool,
    #[command(flatten)]
    pub(super) planning: Planning,
    #[command(flatten)]
    pub(super) allowed: Allowed,
}

/// The manner of planning, and the file for the plan.
#[derive(Debug, Args)]
pub(super) struct Planning {
    /// Take deleted roles and users (AROA..., AIDA...) out in the same write: ECR refuses a policy that names one
    #[arg(long)]
    pub(super) remove_deleted: bool,
    /// Save the plan in this new file for `ecr-grant apply`, and write nothing to AWS
    #[arg(long, value_name = "FILE")]
    pub(super) plan_out: Option<PathBuf>,
}

/// `apply`.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// The plan; `-` is the standard input, which needs --yes
    #[arg(value_name = "PLAN")]
    pub(super) plan: PathBuf,
    #[command(flatten)]
    pub(super) allowed: Allowed,
}

/// `history`.
#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    #[command(subcommand)]
    pub(super) command: Option<HistoryCommand>,
}

/// The commands of `history`.
#[derive(Debug, Subcommand)]
pub(super) enum HistoryCommand {
    /// Show a change: outcomes, who gained and who lost, the difference of the texts
    Show {
        /// Id of the change, or the beginning of it; `last` is the newest
        #[arg(value_name = "CHANGE")]
        change: String,
    },
}

/// `undo`.
#[derive(Debug, Args)]
pub(super) struct UndoArgs {
    /// Id of the change, or the beginning of it; `last` is the newest
    #[arg(value_name = "CHANGE", default_value = "last")]
    pub(super) change: String,
    /// Repositories of the change to take back, by name or pattern; without one: all
    #[arg(value_name = "REPOSITORY", value_parser = RepositorySelector::parse)]
    pub(super) repositories: Vec<RepositorySelector>,
    /// Save the plan in this new file for `ecr-grant apply`, and write nothing to AWS
    #[arg(long, value_name = "FILE")]
    pub(super) plan_out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) allowed: Allowed,
}

/// The permissions that a write with `--yes` needs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Permissions for --yes")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct Allowed {
    /// Give everyone access
    #[arg(long)]
    allow_public: bool,
    /// Give the right to push images
    #[arg(long)]
    allow_push: bool,
    /// Give the right to delete
    #[arg(long)]
    allow_delete: bool,
    /// Give the right to change the policy
    #[arg(long)]
    allow_policy_management: bool,
    /// Add a statement that the checks call a security risk
    #[arg(long)]
    allow_risk: bool,
    /// Take access away
    #[arg(long)]
    allow_removal: bool,
    /// Write a repository that code owns, as tags of AWS prove
    #[arg(long)]
    allow_owned_by_code: bool,
}

impl Allowed {
    /// Tells whether the flag for this peril was given.
    pub(super) fn is_allowed(&self, peril: Peril) -> bool {
        match peril {
            Peril::Public => self.allow_public,
            Peril::PolicyManagement => self.allow_policy_management,
            Peril::Delete => self.allow_delete,
            Peril::Push => self.allow_push,
            Peril::Risk => self.allow_risk,
            Peril::Removal => self.allow_removal,
            Peril::OwnedByCode => self.allow_owned_by_code,
        }
    }
}

/// `check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Policy files; `-` is the standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(super) files: Vec<PathBuf>,
    /// The account that owns the repository, as its id or root ARN, which tells the partition too; `--region` tells it as
    /// well. Without an owner every named account counts as another's
    #[arg(long, value_name = "ID|ARN", value_parser = Owner::parse)]
    pub(super) owner: Option<Owner>,
    /// The kind of policy; without it the text tells, by its resources and actions
    #[arg(long, value_enum, value_name = "KIND")]
    pub(super) kind: Option<DocumentKind>,
    /// Apply the fixes that change nobody's access: a file with nothing but a policy is rewritten, anything else is
    /// printed mended
    #[arg(long)]
    pub(super) fix: bool,
    /// The least grave finding that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "SEVERITY")]
    pub(super) fail_on: FailOn,
    /// Explain a rule by its name or id, with an example; no file is read
    #[arg(long, value_name = "NAME|ID", value_parser = RuleParser, hide_possible_values = true)]
    #[arg(conflicts_with_all = ["files", "owner", "kind", "fix", "fail_on"])]
    pub(super) explain: Option<&'static Rule>,
}

/// Reads the name or the id of a rule; completions offer the names.
#[derive(Debug, Clone)]
struct RuleParser;

impl TypedValueParser for RuleParser {
    type Value = &'static Rule;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        TypedValueParser::parse_ref(&parse_rule, command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(rules().map(|rule| PossibleValue::new(rule.name))))
    }
}

fn parse_rule(text: &str) -> Result<&'static Rule, String> {
    find_rule(text).ok_or_else(|| {
        let names = || rules().map(|rule| rule.name);
        let word = text.to_ascii_lowercase();
        let alike: Vec<&str> = match nearest_name(text, names()) {
            Some(name) => vec![name],
            None => names().filter(|name| name.split('-').any(|part| part == word)).collect(),
        };
        if alike.is_empty() {
            "there is no such rule; a name is like wildcard-principal, an id like E013".to_owned()
        } else {
            format!("there is no such rule; did you mean {}?", alike.join(" or "))
        }
    })
}

/// The documents that `check` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DocumentKind {
    /// The policy of one repository
    Repository,
    /// The policy of a registry
    Registry,
}

impl From<DocumentKind> for PolicyKind {
    fn from(kind: DocumentKind) -> Self {
        match kind {
            DocumentKind::Repository => Self::Repository,
            DocumentKind::Registry => Self::Registry,
        }
    }
}

/// The findings that make `check` fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Errors alone
    Error,
    /// Risks for the owner too
    Security,
    /// Likely mistakes too
    Warning,
}

/// `can`.
#[derive(Debug, Args)]
pub(super) struct CanArgs {
    /// The repository policy; `-` is the standard input
    #[arg(long, value_name = "FILE", required_unless_present = "cases")]
    pub(super) policy: Option<PathBuf>,
    /// The policy of the registry, whose Deny statements count too; with --cases for all questions
    #[arg(long, value_name = "FILE")]
    pub(super) registry_policy: Option<PathBuf>,
    /// Caller: ARN of a role, user, session or root user, account id, service name, or `anonymous`
    #[arg(long, value_name = "ARN", required_unless_present = "cases")]
    pub(super) principal: Option<String>,
    /// The action, such as ecr:BatchGetImage
    #[arg(long, value_name = "ACTION", required_unless_present = "cases")]
    pub(super) action: Option<String>,
    /// The repository's ARN; its account owns the repository
    #[arg(long, value_name = "ARN", required_unless_present = "cases")]
    pub(super) repository: Option<String>,
    /// Permissions that the caller's own policies give
    #[arg(long, value_enum, default_value_t = OwnPolicies::All, value_name = "WHAT")]
    pub(super) identity: OwnPolicies,
    /// A condition key of the request; twice the same key: two values
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_context)]
    pub(super) context: Vec<(String, String)>,
    /// Answer one question a line of this file, or of the standard input (`-`), as JSON
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["policy", "principal", "action", "repository", "identity", "context"]
    )]
    pub(super) cases: Option<PathBuf>,
}

/// `delta`.
#[derive(Debug, Args)]
pub(super) struct DeltaArgs {
    /// The policy that was; `-` is the standard input, an empty file a repository without a policy
    #[arg(value_name = "OLD")]
    pub(super) old: PathBuf,
    /// The policy that is to be; `-` is the standard input, an empty file a repository without a policy
    #[arg(value_name = "NEW")]
    pub(super) new: PathBuf,
    /// The account that owns the repository, as its id or root ARN; without it every named account counts as another's
    #[arg(long, value_name = "ID|ARN", value_parser = Owner::parse)]
    pub(super) owner: Option<Owner>,
}

/// The permissions that the caller's own policies give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OwnPolicies {
    /// Everything
    All,
    /// Nothing
    None,
}

fn parse_context(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE, such as aws:PrincipalOrgID=o-a1b2c3d4e5".to_owned()),
    }
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
