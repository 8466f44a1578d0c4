//! The screen over what was read elsewhere than ECR: it shows what the command tells of the same files, and of the same
//! aggregator, and asks ECR for nothing.

use std::collections::BTreeSet;
use std::path::Path;

use super::review::review_demo;
use super::support::clean_command;
use super::support::owner::OwnerHome;
use super::support::pty::Pty;
use super::support::run;
use super::support::served::Served;

/// Opens the screen, waits until all is read, and writes what it shows to a file. Returns its lines.
fn export_of(args: &[&str], home: &Path, head: &str) -> BTreeSet<String> {
    let mut pty = Pty::start_wizard(args, 140, 40, home);
    pty.wait_until("all is read", |screen| {
        screen.contains(head)
            && screen.contains("worst first")
            && !screen.contains("who can pull:")
            && !screen.contains("so far")
    });
    pty.press_keys("x").wait_for(".csv").press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    let is_export = |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "csv");
    let mut files = std::fs::read_dir(home).unwrap().map(|entry| entry.unwrap().path()).filter(is_export);
    let path = files.next().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    rows_of(&text)
}

fn rows_of(csv: &str) -> BTreeSet<String> {
    csv.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn collected_files_are_reviewed_on_the_screen_without_any_credentials() {
    let home = tempfile::tempdir().unwrap();
    let everything = ["--format", "jsonl", "--with-policy", "--all-profiles", "--all-regions", "--fail-on", "none"];
    let lines = review_demo(&everything).stdout;
    std::fs::write(home.path().join("collected.jsonl"), &lines).unwrap();
    for from in [&["--from", "collected.jsonl"][..], &["--from", "collected.jsonl", "collected.jsonl"]] {
        let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        command.arg("review").args(from).args(["--format", "csv", "--fail-on", "none"]);
        let told = rows_of(&run(command).stdout);
        assert!(told.len() > 60, "{told:?}");
        let shown = export_of(&[&["review"], from].concat(), home.path(), "not from ECR");
        assert!(shown == told, "{from:?}: {:?}", shown.symmetric_difference(&told).take(4).collect::<Vec<_>>());
    }
}

#[test]
fn a_file_that_is_no_collection_is_told_on_the_screen() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("odd.json"), "{\"a\": 1}").unwrap();
    let mut pty = Pty::start_wizard(&["review", "--from", "odd.json"], 100, 30, home.path());
    pty.wait_for("not read: odd.json").wait_for("no line of a review");
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn an_aggregator_is_reviewed_on_the_screen_with_the_age_of_its_data_and_ecr_is_asked_for_nothing() {
    let owner = OwnerHome::new();
    Served::write_profile(owner.home.path());
    let told = owner.run(&[
        "review",
        "--profile",
        "owner",
        "--aggregator",
        "organization",
        "--format",
        "csv",
        "--fail-on",
        "none",
    ]);
    let told = rows_of(told.expect_text());
    owner.served.service.forget_calls();
    let url = owner.served.url.as_str();
    let args = ["review", "--endpoint-url", url, "--profile", "owner", "--aggregator", "organization"];
    let shown = export_of(&args, owner.home.path(), "not from ECR: aggregator organization");
    assert!(shown == told, "{:?}", shown.symmetric_difference(&told).take(4).collect::<Vec<_>>());
    let calls = owner.served.service.recorded_calls();
    let of_ecr = ["DescribeRepositories", "GetRepositoryPolicy", "GetRegistryPolicy"];
    assert!(!calls.iter().any(|call| of_ecr.contains(&call.operation.as_str())), "{calls:?}");
    let mut pty = Pty::start_wizard(&args, 100, 30, owner.home.path());
    pty.wait_for("the oldest data is 3 hours old").wait_for("NOT AWS");
    pty.press_keys("Tab Tab").wait_for("AWS Config tells of 6 of 6 accounts and Regions");
}
