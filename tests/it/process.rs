//! A `credential_process` while a command signs in: signals end it, and it may ask at the terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{clean_command, wait_bounded};

/// A `credential_process` that tells the number of what it has started, and goes on for long.
fn slow_process(home: &Path) -> PathBuf {
    let script = home.join("slow.sh");
    let text = "cd \"$(dirname \"$0\")\"\nsleep 90 &\necho $! > child.new\nmv child.new child\nwait\n";
    std::fs::write(&script, text).unwrap();
    let config = format!("[profile slow]\nregion = eu-west-2\ncredential_process = sh {}\n", script.display());
    std::fs::write(home.join("aws-config"), config).unwrap();
    home.join("child")
}

#[test]
fn a_signal_ends_a_command_that_signs_in_and_what_it_has_started() {
    let grant: &[&str] = &["grant", "vendorapp", "--to", "111111111111", "--yes"];
    for (arguments, signal, code) in
        [(grant, "TERM", 143), (&["show", "vendorapp"], "INT", 130), (&["show", "vendorapp"], "HUP", 129)]
    {
        let home = tempfile::tempdir().unwrap();
        let child = slow_process(home.path());
        let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
        command.args(arguments).args(["--profile", "slow"]).stderr(Stdio::piped());
        let mut started = command.spawn().unwrap();
        wait_for("the process runs", || child.exists());
        let id = std::fs::read_to_string(&child).unwrap();
        let number = started.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &number]).status().unwrap().success());
        let status = wait_bounded(&mut started, Duration::from_secs(10)).expect("the command ends");
        assert_eq!(status.code(), Some(code), "{signal}");
        let stat = || std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
        wait_for("what it started ends", || stat().is_empty() || stat().contains(") Z"));
    }
}

fn wait_for(what: &str, holds: impl Fn() -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(std::time::Instant::now() < end, "{what}: not within 20 seconds");
        std::thread::sleep(Duration::from_millis(10));
    }
}
