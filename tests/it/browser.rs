//! The link of a row, with a browser and without: the real binary in a terminal.

use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;

use crate::journeys;
use crate::support::pty::Pty;

const PAGE: &str = "https://docs.aws.amazon.com/";

/// Opens Actions in the demo, at a recipe.
fn at_recipe(home: &std::path::Path, env: &[(&str, &str)]) -> Pty {
    let mut pty = Pty::start_wizard_with(&["--demo"], 100, 30, home, env);
    journeys::to_account(&mut pty);
    journeys::to_repositories(&mut pty);
    journeys::to_actions(&mut pty);
    pty.press_keys("Tab Tab").wait_for("› Recipe");
    pty
}

/// Returns the texts that the terminal was sent for its clipboard.
fn copied_texts(pty: &Pty) -> Vec<String> {
    let sent = String::from_utf8_lossy(&pty.sent_bytes()).into_owned();
    let coded = sent.split("\x1b]52;c;").skip(1).filter_map(|rest| rest.split('\x1b').next());
    let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    coded.map(|text| String::from_utf8(decode(text)).unwrap()).collect()
}

/// Writes the program that opens addresses on a desktop, and returns the folder for `PATH`.
fn with_opener(home: &std::path::Path, body: &str) -> String {
    let folder = home.join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let program = folder.join("xdg-open");
    std::fs::write(&program, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder.display().to_string()
}

#[cfg(target_os = "linux")]
#[test]
fn where_no_browser_is_in_reach_the_address_is_copied_and_both_are_said() {
    let home = tempfile::tempdir().unwrap();
    let failing = with_opener(home.path(), "exit 3");
    let empty = home.path().join("none").display().to_string();
    for (env, why) in [
        (&[][..], "no browser without a display"),
        (&[("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")], "no browser over SSH"),
        (&[("DISPLAY", ":7"), ("PATH", failing.as_str())], "no browser could be started"),
        (&[("DISPLAY", ":7"), ("PATH", empty.as_str())], "no browser could be started"),
    ] {
        let mut pty = at_recipe(home.path(), env);
        pty.press_keys("o").wait_for(why).wait_for("was sent to the terminal's clipboard").wait_for(PAGE);
        let copied = copied_texts(&pty);
        let [url] = copied.as_slice() else { panic!("{copied:?}") };
        assert!(url.starts_with(PAGE), "{url}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_browser_that_takes_the_address_leaves_the_clipboard_alone() {
    let home = tempfile::tempdir().unwrap();
    let taken = home.path().join("taken");
    let path = with_opener(home.path(), &format!("echo \"$1\" > {}", taken.display()));
    let mut pty = at_recipe(home.path(), &[("DISPLAY", ":7"), ("PATH", path.as_str())]);
    pty.press_keys("o").wait_for("handed to the browser");
    assert!(copied_texts(&pty).is_empty());
    assert!(std::fs::read_to_string(taken).unwrap().starts_with(PAGE));
}
