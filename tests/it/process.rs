//! A `credential_process` while a command signs in: signals end it, and it may ask at the terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::pty::Pty;
use crate::support::served::Served;
use crate::support::{clean_command, wait_bounded};

/// Writes a `credential_process` that names the number of its child and goes on for long, also without its terminal.
fn slow_process(home: &Path) -> PathBuf {
    let script = home.join("slow.sh");
    let text = "trap '' HUP\ncd \"$(dirname \"$0\")\"\nsleep 90 &\necho $! > child.new\nmv child.new child\nwait\n";
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
        wait_for("what it started ends", || has_ended(&id));
    }
}

#[test]
fn a_signal_ends_what_a_command_has_started_at_its_terminal() {
    let home = tempfile::tempdir().unwrap();
    let child = slow_process(home.path());
    let mut pty = Pty::start_wizard(&["show", "vendorapp", "--profile", "slow"], 100, 30, home.path());
    pty.wait_until("the process runs", |_| child.exists());
    let id = std::fs::read_to_string(&child).unwrap();
    let number = pty.process_id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &number]).status().unwrap().success());
    assert_eq!(pty.exit_code(), 143);
    wait_for("what it started ends", || has_ended(&id));
}

/// Tells whether a process has ended, zombies included.
fn has_ended(id: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).map_or(true, |stat| stat.contains(") Z"))
}

fn wait_for(what: &str, holds: impl Fn() -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(std::time::Instant::now() < end, "{what}: not within 20 seconds");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Writes a profile whose `credential_process` asks for a code, without showing it, and gives keys for the right one.
fn asking_process(home: &Path) {
    let script = home.join("asks.sh");
    let text = "stty -echo < /dev/tty\nprintf 'Code: ' > /dev/tty\nread code\nstty echo < /dev/tty\n\
                echo 'thank you' >&2\n[ \"$code\" = 1234 ] || exit 9\n\
                echo '{\"Version\":1,\"AccessKeyId\":\"222222222222\",\"SecretAccessKey\":\"s\"}'\n";
    std::fs::write(&script, text).unwrap();
    let config = format!("[profile asks]\nregion = eu-west-2\ncredential_process = sh {}\n", script.display());
    std::fs::write(home.join("aws-config"), config).unwrap();
}

fn run_show(served: &Served, home: &Path) -> Pty {
    asking_process(home);
    Pty::start_wizard(&["show", "vendorapp", "--profile", "asks", "--endpoint-url", &served.url], 100, 30, home)
}

#[test]
fn a_process_that_asks_at_the_terminal_is_answered_in_a_command() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = run_show(&served, home.path());
    pty.wait_for("Code:").type_text("1234\r").wait_for("thank you").wait_for("vendorapp");
    assert_eq!(pty.exit_code(), 0, "{}", pty.screen_text());
    assert!(!pty.screen_text().contains("1234"), "the code is not shown:\n{}", pty.screen_text());

    let mut pty = run_show(&served, home.path());
    pty.wait_for("Code:").type_text("4321\r").wait_for("ended with status 9: its output is above");
    assert_eq!(pty.exit_code(), 3);
}

#[test]
fn ctrl_c_at_a_process_that_asks_ends_it_and_gives_the_terminal_back_as_it_was() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = run_show(&served, home.path());
    pty.wait_for("Code:");
    assert!(!pty.is_cooked(), "the echo is off");
    pty.press_keys("Ctrl-C").wait_for("Interrupted");
    assert_eq!(pty.exit_code(), 130);
    assert!(pty.is_cooked(), "the echo is on again");
    assert!(!pty.screen_text().contains("credential_process"), "no failure is told:\n{}", pty.screen_text());
}
