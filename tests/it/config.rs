//! The configuration file, as the program takes it.

use std::path::Path;

use crate::support::pty::Pty;
use crate::support::served::Served;
use crate::support::{clean_command, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecr-grant");

fn write_config(home: &Path, text: &str) {
    let folder = home.join("config/ecr-grant");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), text).unwrap();
}

/// Runs a command with the profile `owner` and a configuration.
fn with_config(served: &Served, home: &Path, arguments: &[&str]) -> crate::support::Finished {
    let mut command = clean_command(PROGRAM, home);
    command.env("XDG_CONFIG_HOME", home.join("config"));
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        command.env_remove(name);
    }
    command.args(arguments).args(["--endpoint-url", &served.url]);
    run(command)
}

#[test]
fn profile_region_and_read_only_come_from_the_file() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    Served::write_profile(home.path());
    // The profile alone says eu-west-2.
    write_config(home.path(), "profile = \"owner\"\nregion = \"us-east-1\"\nread_only = true\n");
    let shown = with_config(&served, home.path(), &["show", "--all", "--format", "json"]);
    assert!(shown.stdout.contains("us-east-1") && !shown.stdout.contains("eu-west-2"), "{shown:?}");
    let shown = with_config(&served, home.path(), &["show", "vendorapp", "--region", "eu-west-2", "--format", "json"]);
    assert!(shown.stdout.contains("eu-west-2"), "a flag counts more: {shown:?}");
    let address = "222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp";
    let shown = with_config(&served, home.path(), &["show", address, "--format", "json"]);
    assert!(shown.stdout.contains("eu-west-2"), "an address counts more: {shown:?}");
    let grant = ["grant", address, "--to", "111111111111", "--yes"];
    assert_eq!(with_config(&served, home.path(), &grant).status.code(), Some(4));
    let once = [&grant[..], &["--read-only=false", "--dry-run"]].concat();
    assert_eq!(with_config(&served, home.path(), &once).status.code(), Some(0));
}

#[test]
fn what_the_file_may_not_say_is_an_error_with_its_line() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    write_config(home.path(), "# mine\nregio = \"eu-west-2\"\n\n[keys.policy]\nfix = [\"Ctrl-M\"]\n");
    let refused = with_config(&served, home.path(), &["show", "vendorapp"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("config.toml:2: there is no setting `regio`; did you mean `region`?"),
        "{refused:?}"
    );
    assert!(refused.stderr.contains("config.toml:5: Ctrl-M cannot be bound"), "{refused:?}");
    let missing = with_config(&served, home.path(), &["show", "vendorapp", "--config", "nowhere.toml"]);
    assert_eq!(missing.status.code(), Some(2), "{missing:?}");
    assert!(missing.stderr.contains("nowhere.toml"), "{missing:?}");
}

#[test]
fn the_demo_reads_no_file() {
    let home = tempfile::tempdir().unwrap();
    write_config(home.path(), "this is no configuration");
    let mut command = clean_command(PROGRAM, home.path());
    command.env("XDG_CONFIG_HOME", home.path().join("config")).args(["--demo", "show", "vendorapp"]);
    assert_eq!(run(command).status.code(), Some(0));
    let mut both = clean_command(PROGRAM, home.path());
    both.args(["--demo", "--config", "x.toml", "show", "vendorapp"]);
    assert_eq!(run(both).status.code(), Some(2));
}

#[test]
fn own_keys_are_shown_and_do_what_they_say() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    Served::write_profile(home.path());
    write_config(
        home.path(),
        "profile = \"owner\"\n[keys.policy]\ngo-on = \"Ctrl-O\"\n[keys.policy-view]\nedit = \"E\"\n[keys.global]\nhelp = \"F10\"\n[keys.commands]\nquit = \"Q\"\n",
    );
    let args = ["--endpoint-url", served.url.as_str(), "vendorapp", "--to", "111111111111"];
    let mut pty = Pty::start_wizard(&args, 100, 30, home.path());
    pty.wait_for("EcrGrantPull");
    // `q` is no key here: nothing leaves.
    pty.wait_for("Enter go on")
        .press_keys("q E")
        .wait_for("Ctrl-O go on")
        .press_keys("F10")
        .wait_for("Keys: Policy")
        .wait_until("the own key", |text| text.contains("Ctrl-O"));
    pty.press_keys("Esc").wait_gone("Keys: Policy").press_keys("Ctrl-O").wait_for("gains").press_keys("Q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn the_mouse_and_the_theme_of_the_file_hold_in_the_wizard() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    Served::write_profile(home.path());
    write_config(home.path(), "profile = \"owner\"\ntheme = \"mono\"\nmouse = true\n");
    let is_mono = |pty: &Pty| {
        pty.with_screen(|screen| {
            let mut cells = (0..30).flat_map(|row| (0..100).filter_map(move |column| screen.cell(row, column)));
            cells.all(|cell| cell.fgcolor() == vt100::Color::Default)
        })
    };
    let has_mouse = |pty: &Pty| pty.with_screen(|s| s.mouse_protocol_mode() != vt100::MouseProtocolMode::None);
    let url = ["--endpoint-url", served.url.as_str()];
    let mut pty = Pty::start_wizard(&url, 100, 30, home.path());
    pty.wait_for("42 repositories");
    assert!(is_mono(&pty) && has_mouse(&pty));
    let mut pty = Pty::start_wizard(&[&url[..], &["--mouse=false", "--theme=dark"]].concat(), 100, 30, home.path());
    pty.wait_for("42 repositories");
    assert!(!is_mono(&pty) && !has_mouse(&pty), "flags count more");
}
