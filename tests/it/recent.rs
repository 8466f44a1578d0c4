//! The sign-ins of earlier sessions order the list of the next one: the real binary in a terminal, against the sandbox on
//! a loopback port that the profiles name themselves.

use std::path::{Path, PathBuf};

use crate::support::pty::Pty;
use crate::support::served::Served;

const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

/// Writes profiles that ask the sandbox without any flag.
fn write_profiles(served: &Served, home: &Path) {
    let profile = |name: &str| {
        format!(
            "[profile {name}]\nregion = eu-west-2\nendpoint_url = {}\naws_access_key_id = 222222222222\n\
             aws_secret_access_key = none\n",
            served.url
        )
    };
    std::fs::write(home.join("aws-config"), NAMES.map(profile).concat()).unwrap();
}

fn sign_ins_file(home: &Path) -> PathBuf {
    home.join("state/ecr-grant/sign-ins.json")
}

/// Returns the profiles in the order of the rows, and the last line that is told of the chosen one.
fn shown_order(pty: &mut Pty) -> Vec<String> {
    pty.wait_for("3 ways to sign in");
    let text = pty.screen_text();
    let rows = text.lines().filter(|line| line.contains("access keys") && line.contains("eu-west-2"));
    let named = rows.filter_map(|row| NAMES.iter().find(|name| row.contains(*name)));
    named.map(|name| (*name).to_owned()).collect()
}

/// Signs in with a profile by its row and leaves.
fn sign_in_with(home: &Path, name: &str) {
    let mut pty = Pty::start_wizard(&[], 100, 30, home);
    pty.wait_for("3 ways to sign in").type_text("/").type_text(name).wait_for("1 of 3");
    pty.press_keys("Enter").wait_for("you are in account 222222222222").press_keys("Esc").wait_for("ways to sign in");
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn the_profile_that_signed_in_last_stands_first_at_the_next_start() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    write_profiles(&served, home.path());
    let mut pty = Pty::start_wizard(&[], 100, 30, home.path());
    assert_eq!(shown_order(&mut pty), ["alpha", "beta", "gamma"]);
    assert!(!pty.screen_text().contains("used "));
    drop(pty);
    sign_in_with(home.path(), "beta");
    sign_in_with(home.path(), "gamma");
    let mut pty = Pty::start_wizard(&[], 100, 30, home.path());
    assert_eq!(shown_order(&mut pty), ["gamma", "beta", "alpha"]);
    pty.wait_for("used a moment ago");
    drop(pty);
    let kept = std::fs::read_to_string(sign_ins_file(home.path())).unwrap();
    assert!(!kept.contains("222222222222") && !kept.contains("none"), "a key is in it: {kept}");
    // A broken file is no failure: the order is that of the files again.
    std::fs::write(sign_ins_file(home.path()), "{\"form").unwrap();
    let mut pty = Pty::start_wizard(&[], 100, 30, home.path());
    assert_eq!(shown_order(&mut pty), ["alpha", "beta", "gamma"]);
    drop(pty);
    sign_in_with(home.path(), "gamma");
    assert!(std::fs::read_to_string(sign_ins_file(home.path())).unwrap().contains("gamma"));
}

#[test]
fn two_wizards_at_once_keep_both_sign_ins() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    write_profiles(&served, home.path());
    let mut open: Vec<Pty> = (0..2).map(|_| Pty::start_wizard(&[], 100, 30, home.path())).collect();
    for (pty, name) in open.iter_mut().zip(["beta", "gamma"]) {
        pty.wait_for("3 ways to sign in").type_text("/").type_text(name).wait_for("1 of 3");
    }
    for pty in &mut open {
        pty.press_keys("Enter");
    }
    for pty in &mut open {
        pty.wait_for("you are in account 222222222222").press_keys("Ctrl-C");
        assert_eq!(pty.exit_code(), 0);
    }
    let kept = std::fs::read_to_string(sign_ins_file(home.path())).unwrap();
    assert!(kept.contains("beta") && kept.contains("gamma"), "{kept}");
}

#[test]
fn a_state_folder_that_cannot_be_made_stops_no_sign_in() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    write_profiles(&served, home.path());
    std::fs::write(home.path().join("state"), "a file where the folder would be").unwrap();
    sign_in_with(home.path(), "beta");
    let mut pty = Pty::start_wizard(&[], 100, 30, home.path());
    assert_eq!(shown_order(&mut pty), ["alpha", "beta", "gamma"]);
}

#[test]
fn the_demo_and_another_endpoint_neither_keep_nor_read_a_sign_in() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    write_profiles(&served, home.path());
    let kept = "{\"format\":\"ecr-grant sign-ins 1\",\"sign_ins\":[{\"credentials\":\"profile\",\"name\":\"gamma\",\"when\":1},\
                {\"credentials\":\"profile\",\"name\":\"vendor\",\"when\":1}]}";
    std::fs::create_dir_all(home.path().join("state/ecr-grant")).unwrap();
    std::fs::write(sign_ins_file(home.path()), kept).unwrap();
    for (args, waits) in [
        (["--endpoint-url", served.url.as_str()].as_slice(), "3 ways to sign in"),
        (["--demo"].as_slice(), "ways to sign in"),
    ] {
        let mut pty = Pty::start_wizard(args, 100, 30, home.path());
        pty.wait_for(waits);
        if args.len() > 1 {
            assert_eq!(shown_order(&mut pty), ["alpha", "beta", "gamma"]);
        }
        let first = pty.screen_text();
        assert!(!first.contains("used "), "{first}");
        pty.press_keys("Enter").wait_for("you are in account").press_keys("Ctrl-C");
        assert_eq!(pty.exit_code(), 0);
        assert_eq!(std::fs::read_to_string(sign_ins_file(home.path())).unwrap(), kept, "{args:?}");
    }
}
