//! Patterns of read-only repositories hold for whatever writes.

use serde_json::Value;

use super::journeys::{await_policy, open_as_owner};
use super::support::Finished;
use super::support::owner::OwnerHome;
use super::support::served::Served;

const VENDOR: &str = "111111111111";
const HELD: &str = "vendorapp";
const FREE: &str = "vendorapp-worker";

/// Each kind of thing that a pattern is matched with; all match `vendorapp`, and the first three match it alone.
const PATTERNS: [&str; 8] = [
    "vendor?pp",
    "222222222222/VENDORAPP",
    "*.eu-west-2.amazonaws.com/vendorapp",
    "222222222222",
    "2222222222??",
    "own*",
    "222222222222/*",
    "*",
];

/// A command that writes both repositories, and what has to be there before it.
struct Caller {
    name: &'static str,
    prepare: fn(&OwnerHome),
    arguments: &'static [&'static str],
}

const CALLERS: [Caller; 5] = [
    Caller { name: "grant", prepare: |_| {}, arguments: &["grant", HELD, FREE, "--to", VENDOR] },
    Caller { name: "revoke", prepare: grant_both, arguments: &["revoke", HELD, FREE, "--from", VENDOR] },
    Caller { name: "apply", prepare: save_plan, arguments: &["apply", "plan.json"] },
    Caller { name: "undo", prepare: grant_both, arguments: &["undo"] },
    Caller {
        name: "undo of a revoke that deleted a policy",
        prepare: |owner| {
            grant_both(owner);
            owner.run(&["revoke", HELD, FREE, "--from", VENDOR, "--yes"]).expect_text();
        },
        arguments: &["undo"],
    },
];

fn grant_both(owner: &OwnerHome) {
    owner.run(&["grant", HELD, FREE, "--to", VENDOR, "--yes"]).expect_text();
}

fn save_plan(owner: &OwnerHome) {
    let saved = owner.run(&["grant", HELD, FREE, "--to", VENDOR, "--plan-out", "plan.json"]);
    assert!(saved.status.success(), "{saved:?}");
}

fn new_owner() -> OwnerHome {
    let owner = OwnerHome::new();
    Served::write_profile(owner.home.path());
    for name in [HELD, FREE] {
        assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to(name), None));
    }
    owner
}

fn write_patterns(owner: &OwnerHome, patterns: &[&str]) {
    let text = format!("# mine\nread_only = {patterns:?}\n");
    std::fs::write(owner.home.path().join("own.toml"), text).unwrap();
}

/// Runs a command with the profile and the configuration.
fn run_held(owner: &OwnerHome, arguments: &[&str], more: &[&str]) -> Finished {
    let usual = ["--profile", "owner", "--config", "own.toml", "--format", "json"];
    owner.run(&[arguments, &usual, more].concat())
}

/// Returns the repositories that a write was sent for.
fn written_names(owner: &OwnerHome) -> Vec<String> {
    let calls = owner.served.service.recorded_calls();
    let writes =
        calls.into_iter().filter(|c| matches!(c.operation.as_str(), "SetRepositoryPolicy" | "DeleteRepositoryPolicy"));
    let mut names: Vec<String> = writes.filter_map(|call| call.repository).collect();
    names.sort();
    names
}

fn result_of<'v>(value: &'v Value, name: &str) -> &'v Value {
    value["repositories"].as_array().unwrap().iter().find(|one| one["repository"] == name).unwrap()
}

#[test]
fn no_command_sends_a_write_to_what_a_pattern_matches_and_the_others_go_on() {
    for Caller { name, prepare, arguments } in CALLERS {
        for (at, pattern) in PATTERNS.into_iter().enumerate() {
            let owner = new_owner();
            prepare(&owner);
            owner.served.service.forget_calls();
            write_patterns(&owner, &["nothing-*", pattern]);
            let ended = run_held(&owner, arguments, &["--yes"]);
            let value: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {ended:?}"));
            let held = result_of(&value, HELD);
            let why = format!("not written: read-only by pattern \"{pattern}\" of own.toml:2");
            assert_eq!((&held["result"], &held["words"]), (&"refused".into(), &why.clone().into()), "{name}: {value}");
            let is_alone = at < 3;
            let (expected, code) = if is_alone { (vec![FREE.to_owned()], 6) } else { (Vec::new(), 4) };
            assert_eq!(written_names(&owner), expected, "{name} {pattern}: {ended:?}");
            assert_eq!(ended.status.code(), Some(code), "{name} {pattern}: {ended:?}");
            // The exception is told before what is written.
            let told = ended.stderr.find(&why).unwrap_or_else(|| panic!("{name}: {ended:?}"));
            let written = ended.stderr.find(&format!("{FREE} (222222222222"));
            assert!(!is_alone || written.is_some_and(|at| at > told), "{name}: {ended:?}");
        }
    }
}

#[test]
fn every_command_of_the_table_writes_both_where_no_pattern_matches() {
    for Caller { name, prepare, arguments } in CALLERS {
        for flags in [&["--yes"][..], &["--yes", "--read-only=false"]] {
            let owner = new_owner();
            prepare(&owner);
            owner.served.service.forget_calls();
            let patterns: &[&str] = if flags.len() == 1 { &["vendor", "333*", "other"] } else { &["*"] };
            write_patterns(&owner, patterns);
            let ended = run_held(&owner, arguments, flags);
            assert_eq!(ended.status.code(), Some(0), "{name}: {ended:?}");
            assert_eq!(written_names(&owner), [HELD, FREE], "{name} {flags:?}");
        }
    }
}

#[test]
fn the_flag_stands_over_the_patterns() {
    let owner = new_owner();
    write_patterns(&owner, &["nothing-*"]);
    let ended = run_held(&owner, &["grant", HELD, "--to", VENDOR, "--yes", "--read-only"], &[]);
    assert_eq!((ended.status.code(), written_names(&owner)), (Some(4), Vec::new()), "{ended:?}");
}

#[test]
fn a_plan_for_a_file_is_saved_and_told_to_be_refused_here() {
    let owner = new_owner();
    write_patterns(&owner, &[HELD]);
    let saved = run_held(&owner, &["grant", HELD, FREE, "--to", VENDOR, "--plan-out", "plan.json"], &[]);
    assert_eq!(saved.status.code(), Some(0), "{saved:?}");
    assert!(saved.stderr.contains("note: apply will refuse vendorapp here: read-only by pattern"), "{saved:?}");
    let text = std::fs::read_to_string(owner.home.path().join("plan.json")).unwrap();
    assert_eq!(text.matches("\"writes\": true").count(), 2, "{text}");
}

#[test]
fn a_wrong_pattern_stops_every_command_at_its_line() {
    let owner = new_owner();
    std::fs::write(owner.home.path().join("own.toml"), "read_only = [\n  \"prod-*\",\n  \"22222222222\",\n]\n")
        .unwrap();
    let refused = run_held(&owner, &["grant", HELD, "--to", VENDOR, "--yes"], &[]);
    assert_eq!((refused.status.code(), written_names(&owner)), (Some(2), Vec::new()), "{refused:?}");
    assert!(refused.stderr.contains("own.toml:3: read_only: `22222222222`: an account id is 12 digits"), "{refused:?}");
}

#[test]
fn files_that_check_mends_are_of_no_repository() {
    let owner = new_owner();
    let smart = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"ecr:BatchGetImage",}]}"#;
    for (setting, code, is_mended) in [("[\"*\"]", 0, true), ("true", 4, false)] {
        let path = owner.home.path().join("policy.json");
        std::fs::write(&path, smart).unwrap();
        std::fs::write(owner.home.path().join("own.toml"), format!("read_only = {setting}\n")).unwrap();
        let mended = owner.run(&["check", "--fix", "policy.json", "--config", "own.toml"]);
        assert_eq!(mended.status.code(), Some(code), "{mended:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap() != smart, is_mended, "{mended:?}");
    }
}

#[test]
fn the_wizard_shows_the_reason_and_asks_nothing() {
    for pattern in ["vendorapp", "222222222222", "owner"] {
        let owner = new_owner();
        write_patterns(&owner, &[pattern]);
        let config = owner.home.path().join("own.toml");
        let arguments = ["--config", config.to_str().unwrap(), HELD, "--to", VENDOR];
        let mut pty = open_as_owner(&owner.served, owner.home.path(), &arguments);
        await_policy(&mut pty);
        pty.press_keys("Ctrl-S");
        pty.wait_for(&format!("not written: read-only by pattern \"{pattern}\""));
        assert!(!pty.screen_text().contains("Save this?"), "{}", pty.screen_text());
        pty.press_keys("y").press_keys("Enter").wait_for("This is what would be written");
        assert_eq!(written_names(&owner), [""; 0], "{}", pty.screen_text());
    }
}
