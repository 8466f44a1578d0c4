//! The arguments of the commands that write, and of the journal.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::output::unix_time;
use crate::ecr::{AccessEnd, ActionInfo, Grantee, Recipe, Region, recipe};
use crate::plan::{Peril, RepositorySelector, parse_actions};

/// The grantees and actions of a request.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct RequestArgs {
    /// Grantee: 12-digit account id, role or user ARN, organization id, OU path, service name
    #[arg(long, num_args = 1.., value_name = "GRANTEE")]
    pub(in crate::cli) to: Vec<String>,
    /// Named set of actions: pull, release, pull-describe, watch, lambda, push-pull
    #[arg(long, value_name = "NAME", value_parser = parse_recipe)]
    pub(in crate::cli) recipe: Option<&'static Recipe>,
    /// Actions, separated by commas, in place of the recipe's
    #[arg(long, value_name = "LIST", value_parser = parse_action_list)]
    pub(in crate::cli) actions: Option<ActionList>,
    /// End of the access: a day, to its end in UTC (2027-03-31), a moment (2027-03-31T18:00:00Z), or days or weeks from
    /// today (90d, 12w)
    #[arg(long, value_name = "DATE", value_parser = parse_end)]
    pub(in crate::cli) until: Option<AccessEnd>,
    /// Region in which the images will be pulled
    #[arg(long, value_name = "REGION", value_parser = Region::parse)]
    pub(in crate::cli) puller_region: Option<Region>,
}

/// A list of actions, as one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct ActionList(pub(in crate::cli) Vec<&'static ActionInfo>);

fn parse_action_list(text: &str) -> Result<ActionList, String> {
    parse_actions(text).map(ActionList).map_err(|problem| problem.to_string())
}

/// Reads when access ends, as seen from the clock of this machine; the clock of AWS decides later.
fn parse_end(text: &str) -> Result<AccessEnd, String> {
    AccessEnd::parse(text, unix_time()).map_err(|problem| problem.to_string())
}

fn parse_recipe(text: &str) -> Result<&'static Recipe, String> {
    recipe::find_recipe(text).ok_or_else(|| {
        let names: Vec<&str> = recipe::all_recipes().iter().map(|r| r.name.as_str()).collect();
        format!("there is no such recipe; there are {}", names.join(", "))
    })
}

impl RequestArgs {
    /// Reads the grantees; an error names the first one that is none.
    pub(in crate::cli) fn read_grantees(&self) -> Result<Vec<Grantee>, String> {
        parse_grantees(&self.to)
    }
}

/// Reads grantees, several of them in one text perhaps; an error names the first one that is none.
pub(in crate::cli) fn parse_grantees(texts: &[String]) -> Result<Vec<Grantee>, String> {
    let read: Result<Vec<Grantee>, _> = Grantee::parse_list(&texts.join("\n")).into_iter().collect();
    read.map_err(|problem| problem.to_string())
}

/// The choice of repositories.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Which {
    /// Repositories: names, patterns such as 'team/*', image URIs or ARNs
    #[arg(value_name = "REPOSITORY", value_parser = RepositorySelector::parse)]
    pub(in crate::cli) repositories: Vec<RepositorySelector>,
    /// Every repository of the registry
    #[arg(long)]
    pub(in crate::cli) all: bool,
}

impl Which {
    /// Returns the choices, `--all` as one of them.
    pub(in crate::cli) fn choices(&self) -> Vec<RepositorySelector> {
        if self.all { vec![RepositorySelector::All] } else { self.repositories.clone() }
    }
}

/// `grant`.
#[derive(Debug, Args)]
pub(in crate::cli) struct GrantArgs {
    #[command(flatten)]
    pub(in crate::cli) which: Which,
    #[command(flatten)]
    pub(in crate::cli) request: RequestArgs,
    /// Read grantees from a file, one a line, each with a label behind a comma if you like; `-` is the standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) from_file: Option<PathBuf>,
    /// Write the puller's kit to this new file, as Markdown; `-` is the standard output
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) kit: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) planning: Planning,
    #[command(flatten)]
    pub(in crate::cli) allowed: Allowed,
}

/// `revoke`.
#[derive(Debug, Args)]
pub(in crate::cli) struct RevokeArgs {
    #[command(flatten)]
    pub(in crate::cli) which: Which,
    /// Grantee who loses access: 12-digit account id, role or user ARN, organization id, OU path, service name, `*`
    #[arg(long, num_args = 1.., value_name = "GRANTEE", required_unless_present_any = ["from_file", "expired"])]
    pub(in crate::cli) from: Vec<String>,
    /// Read them from a file, one a line, each with a label behind a comma if you like; `-` is the standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) from_file: Option<PathBuf>,
    /// Take out all statements whose access has ended by the clock of this machine, whoever had it
    #[arg(long, conflicts_with_all = ["from", "from_file", "include_members", "include_lambda"])]
    pub(in crate::cli) expired: bool,
    /// Take out whatever belongs to them too: roles, users and sessions of an account, units of an organization
    #[arg(long)]
    pub(in crate::cli) include_members: bool,
    /// Take them out of the statement that AWS Lambda keeps for its functions too
    #[arg(long)]
    pub(in crate::cli) include_lambda: bool,
    #[command(flatten)]
    pub(in crate::cli) planning: Planning,
    #[command(flatten)]
    pub(in crate::cli) allowed: Allowed,
}

/// The manner of planning, and the file for the plan.
#[derive(Debug, Args)]
pub(in crate::cli) struct Planning {
    /// Take deleted roles and users (AROA..., AIDA...) out in the same write: ECR refuses a policy that names one
    #[arg(long)]
    pub(in crate::cli) remove_deleted: bool,
    /// Save the plan in this new file for `ecr-grant apply`, and write nothing to AWS
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) plan_out: Option<PathBuf>,
}

/// `apply`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ApplyArgs {
    /// The plan; `-` is the standard input, which needs --yes
    #[arg(value_name = "PLAN")]
    pub(in crate::cli) plan: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) allowed: Allowed,
}

/// `history`.
#[derive(Debug, Args)]
pub(in crate::cli) struct HistoryArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<HistoryCommand>,
}

/// The commands of `history`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum HistoryCommand {
    /// Show a change: outcomes, who gained and who lost, the difference of the texts
    Show {
        /// Id of the change, or the beginning of it; `last` is the newest
        #[arg(value_name = "CHANGE")]
        change: String,
    },
}

/// `undo`.
#[derive(Debug, Args)]
pub(in crate::cli) struct UndoArgs {
    /// Id of the change, or the beginning of it; `last` is the newest
    #[arg(value_name = "CHANGE", default_value = "last")]
    pub(in crate::cli) change: String,
    /// Repositories of the change to take back, by name or pattern; without one: all
    #[arg(value_name = "REPOSITORY", value_parser = RepositorySelector::parse)]
    pub(in crate::cli) repositories: Vec<RepositorySelector>,
    /// Save the plan in this new file for `ecr-grant apply`, and write nothing to AWS
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) plan_out: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) allowed: Allowed,
}

/// The permissions that a write with `--yes` needs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Permissions for --yes")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(in crate::cli) struct Allowed {
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
    pub(in crate::cli) fn is_allowed(&self, peril: Peril) -> bool {
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
