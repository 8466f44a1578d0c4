//! The arguments of the commands that read policies in files.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::cli::owner::Owner;
use crate::policy::lint::{PolicyKind, Rule, find_rule, rules};
use crate::policy::text::spelling::nearest_name;

/// `check`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArgs {
    /// Policy files; `-` is the standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// The account that owns the repository, as its id or root ARN, which tells the partition too; `--region` tells it as
    /// well. Without an owner every named account counts as another's
    #[arg(long, value_name = "ID|ARN", value_parser = Owner::parse)]
    pub(in crate::cli) owner: Option<Owner>,
    /// The kind of policy; without it the text tells, by its resources and actions
    #[arg(long, value_enum, value_name = "KIND")]
    pub(in crate::cli) kind: Option<DocumentKind>,
    /// Apply the fixes that change nobody's access: a file with nothing but a policy is rewritten, anything else is
    /// printed mended
    #[arg(long)]
    pub(in crate::cli) fix: bool,
    /// The least grave finding that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "SEVERITY")]
    pub(in crate::cli) fail_on: FailOn,
    /// Explain a rule by its name or id, with an example; no file is read
    #[arg(long, value_name = "NAME|ID", value_parser = RuleParser, hide_possible_values = true)]
    #[arg(conflicts_with_all = ["files", "owner", "kind", "fix", "fail_on"])]
    pub(in crate::cli) explain: Option<&'static Rule>,
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
pub(in crate::cli) enum DocumentKind {
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
pub(in crate::cli) enum FailOn {
    /// Errors alone
    Error,
    /// Risks for the owner too
    Security,
    /// Likely mistakes too
    Warning,
}

/// `can`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CanArgs {
    /// The repository policy; `-` is the standard input
    #[arg(long, value_name = "FILE", required_unless_present = "cases")]
    pub(in crate::cli) policy: Option<PathBuf>,
    /// The policy of the registry, whose Deny statements count too; with --cases for all questions
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) registry_policy: Option<PathBuf>,
    /// Caller: ARN of a role, user, session or root user, account id, service name, or `anonymous`
    #[arg(long, value_name = "ARN", required_unless_present = "cases")]
    pub(in crate::cli) principal: Option<String>,
    /// The action, such as ecr:BatchGetImage
    #[arg(long, value_name = "ACTION", required_unless_present = "cases")]
    pub(in crate::cli) action: Option<String>,
    /// The repository's ARN; its account owns the repository
    #[arg(long, value_name = "ARN", required_unless_present = "cases")]
    pub(in crate::cli) repository: Option<String>,
    /// Permissions that the caller's own policies give
    #[arg(long, value_enum, default_value_t = OwnPolicies::All, value_name = "WHAT")]
    pub(in crate::cli) identity: OwnPolicies,
    /// A condition key of the request; twice the same key: two values
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_context)]
    pub(in crate::cli) context: Vec<(String, String)>,
    /// Answer one question a line of this file, or of the standard input (`-`), as JSON
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["policy", "principal", "action", "repository", "identity", "context"]
    )]
    pub(in crate::cli) cases: Option<PathBuf>,
}

/// `delta`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DeltaArgs {
    /// The policy that was; `-` is the standard input, an empty file a repository without a policy
    #[arg(value_name = "OLD")]
    pub(in crate::cli) old: PathBuf,
    /// The policy that is to be; `-` is the standard input, an empty file a repository without a policy
    #[arg(value_name = "NEW")]
    pub(in crate::cli) new: PathBuf,
    /// The account that owns the repository, as its id or root ARN; without it every named account counts as another's
    #[arg(long, value_name = "ID|ARN", value_parser = Owner::parse)]
    pub(in crate::cli) owner: Option<Owner>,
}

/// The permissions that the caller's own policies give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OwnPolicies {
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
