//! The arguments of `review`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::ecr::Region;
use crate::plan::RepositorySelector;

/// `review`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct ReviewArgs {
    /// Repositories: names, patterns such as 'team/*', image URIs or ARNs; without one, all of them
    #[arg(value_name = "REPOSITORY", value_parser = RepositorySelector::parse)]
    pub(in crate::cli) repositories: Vec<RepositorySelector>,
    /// Profiles whose accounts are read, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with_all = ["profile", "source", "all_profiles"])]
    pub(in crate::cli) profiles: Vec<String>,
    /// Read the accounts of all profiles, each account once
    #[arg(long, conflicts_with_all = ["profile", "source"])]
    pub(in crate::cli) all_profiles: bool,
    /// Regions that are read, separated by commas
    #[arg(long, value_name = "REGIONS", value_delimiter = ',', value_parser = Region::parse)]
    #[arg(conflicts_with_all = ["region", "all_regions"])]
    pub(in crate::cli) regions: Vec<Region>,
    /// Read all Regions that have ECR
    #[arg(long, conflicts_with = "region")]
    pub(in crate::cli) all_regions: bool,
    /// Read all accounts of the organization too, each through its role of this name
    #[arg(long, value_name = "ROLE", conflicts_with_all = ["profiles", "all_profiles"])]
    pub(in crate::cli) org_role: Option<String>,
    /// Read what this aggregator of AWS Config recorded, in place of ECR
    #[arg(long, value_name = "NAME")]
    #[arg(conflicts_with_all = ["profiles", "all_profiles", "regions", "all_regions", "org_role"])]
    pub(in crate::cli) aggregator: Option<String>,
    /// The least grave finding that makes the exit code 1
    #[arg(long, value_enum, default_value_t = ReviewFailOn::Security, value_name = "SEVERITY")]
    pub(in crate::cli) fail_on: ReviewFailOn,
    /// Write each policy to this file as it is read, and go on with the file that an interrupted review left
    #[arg(long, value_name = "FILE", conflicts_with_all = ["aggregator", "from"])]
    pub(in crate::cli) resume: Option<PathBuf>,
    /// Add each policy as an object, in json and jsonl: what a later --baseline compares with
    #[arg(long)]
    pub(in crate::cli) with_policy: bool,
    /// Review what a collector wrote, in place of AWS: lines of review --with-policy, items of AWS Config, rows of Steampipe, a
    /// folder of iam-collect, or `-` for the standard input
    #[arg(long, value_name = "FILE|DIR", num_args = 1..)]
    #[arg(conflicts_with_all = ["profile", "source", "profiles", "all_profiles", "region", "regions", "all_regions", "aggregator", "org_role"])]
    pub(in crate::cli) from: Vec<PathBuf>,
    /// Tell only what this grantee reaches: account id, role or user ARN, organization, OU path, service name
    #[arg(long, value_name = "GRANTEE", conflicts_with = "baseline")]
    pub(in crate::cli) grantee: Option<String>,
    /// Tell of accounts and organizations that this file lacks: one a line, each with a label behind a comma if you like
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) known: Option<PathBuf>,
    /// Take the findings that this file accepts, in TOML or JSON, out of the exit code
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) accepted: Option<PathBuf>,
    /// Tell only what changed since the review in this file: JSON or JSON lines, made with --with-policy
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) baseline: Option<PathBuf>,
}

impl ReviewArgs {
    /// Tells whether nothing was given but what is read, who is known and what is accepted: then a terminal shows the screen.
    pub(in crate::cli) fn is_for_screen(&self) -> bool {
        self.repositories.is_empty()
            && !self.from.iter().any(|path| is_read_once(path))
            && self.fail_on == ReviewFailOn::Security
            && !self.with_policy
            && self.resume.is_none()
            && self.grantee.is_none()
            && self.baseline.is_none()
    }
}

/// Tells whether a path is the standard input or a pipe: a screen could not read it again.
fn is_read_once(path: &Path) -> bool {
    path.as_os_str() == "-" || path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// The findings that make `review` fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReviewFailOn {
    /// Errors alone
    Error,
    /// Risks for the owner too
    Security,
    /// Likely mistakes too
    Warning,
    /// No finding
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_through_a_pipe_is_read_once() {
        let is_once = |path: &str| is_read_once(Path::new(path));
        assert!(is_once("-") && is_once("/dev/null"));
        assert!(!is_once("Cargo.toml") && !is_once("src") && !is_once("no-such-file"));
    }
}
