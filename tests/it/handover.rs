//! Hand-overs that one person prepares with read-only and another one writes: the files of the hand-over, run by a shell.

use std::path::Path;
use std::process::Command;

use crate::plain::{answer_with, then};
use crate::support::owner::OwnerHome;
use crate::support::python::python_environment;
use crate::support::{Finished, clean_command, run};

/// Prepares a grant with read-only, writes one part of it to a file, and returns the text of the file.
fn prepared_part(owner: &OwnerHome, part: &'static str, file: &str) -> String {
    let finished = answer_with(owner, &["--read-only"], &then(&["yes", "1", part, "write", "quit"]));
    let told = finished.expect_text();
    assert!(told.contains(&format!("written to {file}")), "{told}");
    assert_eq!(owner.count_writes(), 0, "it was only prepared");
    std::fs::read_to_string(owner.home.path().join(file)).unwrap()
}

/// Runs a script as the owner's administrator, against this sandbox.
fn run_script(owner: &OwnerHome, script: &str) -> Finished {
    let program = Path::new(env!("CARGO_BIN_EXE_ecr-grant")).parent().unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", python_environment().join("bin").display(), program.display());
    let mut command: Command = clean_command("sh", owner.home.path());
    command.args(["-ec", script]).env("PATH", path).env("AWS_ENDPOINT_URL", &owner.served.url);
    run(command)
}

/// Returns the policy that this program stores for the same grant.
fn granted_policy() -> serde_json::Value {
    let owner = OwnerHome::new();
    let granted = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--recipe", "pull", "--yes"]);
    assert_eq!(granted.status.code(), Some(0), "{granted:?}");
    serde_json::from_str(&owner.stored_policy("vendorapp").unwrap()).unwrap()
}

#[test]
fn what_read_only_prepares_somebody_else_writes_with_either_program() {
    let scripts = [
        ("AWS CLI", "ecr-grant-111111111111-set-repository-policy.sh", ""),
        ("ecr-grant", "ecr-grant-111111111111-ecr-grant.sh", " --yes"),
    ];
    for (part, file, more) in scripts {
        let owner = OwnerHome::new();
        let script = prepared_part(&owner, part, file);
        let finished = run_script(&owner, &format!("{}{more}", script.trim_end()));
        assert_eq!(finished.status.code(), Some(0), "{script}\n{finished:?}");
        let stored: serde_json::Value = serde_json::from_str(&owner.stored_policy("vendorapp").unwrap()).unwrap();
        assert_eq!(stored, granted_policy(), "{part}");
        assert_eq!(owner.count_writes(), 1, "{part}");
    }
}
