//! The owner of the demo's registries, who runs commands of the program.

use std::process::Command;
use std::time::Duration;

use ecr_grant::ecr::{ImageUri, RepositoryRef};
use ecr_grant::sandbox::{Clock, Service};

use super::served::Served;
use super::{Finished, clean_command, run};

/// A sandbox with a home folder whose environment leads to it.
pub struct OwnerHome {
    pub served: Served,
    pub home: tempfile::TempDir,
}

impl OwnerHome {
    /// Starts a sandbox with the demo's registries, and makes an empty home.
    pub fn new() -> Self {
        Self { served: Served::new(Service::demo(Clock::System), Duration::ZERO), home: tempfile::tempdir().unwrap() }
    }

    /// Builds a command of the program that asks the sandbox.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), self.home.path());
        command.args(arguments).args(["--endpoint-url", &self.served.url]);
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        run(self.command(arguments))
    }

    /// Returns the reference of a repository of the owner.
    pub fn reference_to(name: &str) -> RepositoryRef {
        ImageUri::parse(&format!("222222222222.dkr.ecr.eu-west-2.amazonaws.com/{name}")).unwrap().repository_ref()
    }

    /// Returns the stored policy.
    pub fn stored_policy(&self, name: &str) -> Option<String> {
        self.served.service.policy_of(&Self::reference_to(name))
    }

    /// Counts the policies that were set.
    pub fn count_writes(&self) -> usize {
        self.served.service.recorded_calls().iter().filter(|c| c.operation == "SetRepositoryPolicy").count()
    }

    /// Returns the files under the state folder.
    pub fn list_backups(&self) -> Vec<std::path::PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.home.path().join(".local/state/ecr-grant")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
        found
    }
}
