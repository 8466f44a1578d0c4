//! The commands of the real binary: their output on each stream, and their exit codes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use ecr_grant::aws::AT_ONCE;
use ecr_grant::sandbox::Trouble;
use serde_json::Value;

use crate::support::owner::OwnerHome;
use crate::support::pty::Pty;
use crate::support::served::Served;
use crate::support::{Finished, clean_command, run, wait_bounded};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecr-grant");

/// Builds a command in an environment that holds a home folder and nothing else.
fn empty_environment(home: &std::path::Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("HOME", home).current_dir(home).stdin(Stdio::null());
    command
}

fn ecr_grant(arguments: &[&str]) -> Finished {
    let home = tempfile::tempdir().unwrap();
    let mut command = empty_environment(home.path());
    command.args(arguments);
    let finished = run(command);
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "{arguments:?} left {left:?} in the home folder");
    finished
}

fn run_demo(arguments: &[&str]) -> Finished {
    ecr_grant(&[&["--demo"], arguments].concat())
}

fn exit_code(finished: &Finished) -> i32 {
    finished.status.code().unwrap_or_else(|| panic!("ended by a signal: {finished:?}"))
}

#[test]
fn show_prints_statements_and_access_to_the_standard_output() {
    let shown = run_demo(&["show", "checkout/web"]);
    let text = shown.expect_text();
    assert!(shown.stderr.is_empty(), "{}", shown.stderr);
    for part in [
        "checkout/web\n  222222222222.dkr.ecr.eu-west-2.amazonaws.com/checkout/web\n",
        "Statement 1: ClustersPull\n  Effect      Allow\n  Principals  arn:aws:iam::555555555555:root\n",
        "\n              arn:aws:iam::777777777777:root\n",
        "\nWho has access: ",
        "\n  account 555555555555: pull (statement 1)\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
    let without = run_demo(&["show", "vendorapp"]);
    assert!(without.expect_text().contains("No policy: only account 222222222222 has access"), "{}", without.stdout);
}

#[test]
fn show_json_keeps_its_field_names() {
    let value = run_demo(&["show", "platform/base-images/rust-builder", "--format", "json"]).expect_json();
    let one = &value["repositories"][0];
    let keys: Vec<&str> = one.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "repository",
            "arn",
            "uri",
            "account",
            "region",
            "policy",
            "problem",
            "statements",
            "class",
            "access",
            "ended",
            "denies",
            "registry_policy",
            "registry_notes",
            "endpoint"
        ]
    );
    assert_eq!(one["arn"], "arn:aws:ecr:eu-west-2:222222222222:repository/platform/base-images/rust-builder");
    let first = &one["statements"][0];
    let keys: Vec<&str> = first.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        ["statement", "sid", "effect", "principals_negated", "principals", "actions_negated", "actions", "conditions"]
    );
    assert_eq!(first["conditions"][0]["key"], "aws:PrincipalOrgID");
    assert_eq!(one["statements"][1]["effect"], "Deny");
    assert_eq!(one["class"], "organization");
    assert_eq!(one["access"][0]["who"]["kind"], "organization");
    assert_eq!(one["access"][0]["who"]["id"], "o-a1b2c3d4e5");
    assert_eq!(one["denies"][0]["who"]["id"], "888888888888");
    // The policy is the text as AWS stores it.
    assert!(serde_json::from_str::<Value>(one["policy"].as_str().unwrap()).is_ok());
}

#[test]
fn show_takes_patterns_uris_arns_and_all() {
    let names = |arguments: &[&str]| -> Vec<String> {
        let value = run_demo(&[&["show", "--format", "json"], arguments].concat()).expect_json();
        let list = value["repositories"].as_array().unwrap();
        list.iter().map(|r| r["repository"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&["checkout/*"]), ["checkout/cart-service", "checkout/tax-calculator", "checkout/web"]);
    assert_eq!(names(&["222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:latest"]), ["vendorapp"]);
    assert_eq!(
        names(&["vendorapp", "arn:aws:ecr:eu-west-2:222222222222:repository/checkout/web", "vendorapp", "*-worker"]),
        ["vendorapp", "checkout/web", "vendorapp-worker"]
    );
    assert!(names(&["--all"]).len() > 40);
}

#[test]
fn every_kind_of_failure_has_its_exit_code() {
    let cases: [(&[&str], i32, &str); 12] = [
        (&["--demo", "show", "no-such-repository"], 4, "no-such-repository"),
        (&["--demo", "show", "no-such-*"], 4, "matches no-such-*"),
        (&["--demo", "show", "vendorapp", "no-such-repository"], 6, "no-such-repository"),
        (&["--demo", "show", "Vendor"], 2, "is no repository"),
        (&["--demo", "show"], 2, "REPOSITORY"),
        (&["--demo", "--profile", "last-week", "show", "vendorapp"], 3, "aws sso login --profile=last-week"),
        (&["--demo", "--profile", "nobody", "show", "vendorapp"], 3, "nobody"),
        (&["show", "vendorapp"], 3, "no AWS credentials"),
        (
            &["--demo", "--region", "us-east-1", "show", "222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp"],
            2,
            "--region",
        ),
        (&["--demo"], 2, "ecr-grant show"),
        (&["--demo", "vendorapp", "show", "vendorapp"], 2, "after the command"),
        (&["--nonsense"], 2, "--nonsense"),
    ];
    for (arguments, expected, words) in cases {
        let finished = ecr_grant(arguments);
        assert_eq!(exit_code(&finished), expected, "{arguments:?}: {finished:?}");
        assert!(finished.stderr.contains(words), "{arguments:?}: {}", finished.stderr);
    }
    let owner = OwnerHome::new();
    let mut offline = clean_command(PROGRAM, owner.home.path());
    offline.args(["show", "vendorapp", "--endpoint-url", &format!("http://127.0.0.1:{}", crate::support::free_port())]);
    let finished = run(offline);
    assert_eq!(exit_code(&finished), 7, "{finished:?}");
}

#[test]
fn one_unreadable_repository_does_not_stop_the_others() {
    let shown = run_demo(&["show", "vendorapp", "no-such-repository", "checkout/web", "--format", "json"]);
    assert_eq!(exit_code(&shown), 6);
    let value: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(value["repositories"].as_array().unwrap().len(), 3);
    assert_eq!(value["repositories"][1]["failure"]["exit_code"], 4);
    assert_eq!(value["repositories"][2]["class"], "cross-account");
}

#[test]
fn a_first_grant_is_written_once_and_backed_up() {
    let owner = OwnerHome::new();
    let arguments = ["grant", "vendorapp", "--to", "111111111111", "--recipe", "release", "--yes"];
    let granted = owner.run(&arguments);
    assert_eq!(exit_code(&granted), 0, "{granted:?}");
    assert_eq!(granted.stdout, "vendorapp: granted: owner side done\n");
    assert!(granted.stderr.contains("+ "), "who gains what is said: {}", granted.stderr);
    let policy: Value = serde_json::from_str(&owner.stored_policy("vendorapp").unwrap()).unwrap();
    let statement = &policy["Statement"][0];
    assert_eq!(statement["Sid"], "EcrGrantRelease");
    assert_eq!(statement["Action"].as_array().unwrap().len(), 7);
    assert_eq!(owner.count_writes(), 1);
    assert_eq!(owner.list_backups().len(), 1, "{:?}", owner.list_backups());

    let again = owner.run(&arguments);
    assert_eq!(
        (exit_code(&again), again.stdout.as_str()),
        (0, "vendorapp: already granted: owner side done; nothing was written\n")
    );
    assert_eq!(owner.count_writes(), 1, "a second run writes nothing");
}

#[test]
fn a_second_grantee_keeps_the_first() {
    let owner = OwnerHome::new();
    let before: Value = serde_json::from_str(&owner.stored_policy("checkout/web").unwrap()).unwrap();
    let granted =
        owner.run(&["grant", "checkout/web", "--to", "111111111111", "o-a1b2c3d4e5", "--yes", "--format", "json"]);
    let value = granted.expect_json();
    let one = &value["repositories"][0];
    let keys: Vec<&str> = one.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "repository",
            "arn",
            "uri",
            "account",
            "region",
            "endpoint",
            "result",
            "words",
            "gains",
            "losses",
            "owned_by",
            "denied_by",
            "denied_by_registry",
            "registry_notes",
            "findings",
            "diff",
            "policy",
            "backup",
            "failure"
        ]
    );
    assert_eq!(one["result"], "written");
    assert_eq!(one["losses"], serde_json::json!([]));
    let gained: Vec<&str> = one["gains"].as_array().unwrap().iter().map(|g| g["who"]["id"].as_str().unwrap()).collect();
    assert!(gained.contains(&"111111111111") && gained.contains(&"o-a1b2c3d4e5") && gained.len() == 2, "{gained:?}");
    assert!(std::path::Path::new(one["backup"].as_str().unwrap()).exists());
    let after: Value = serde_json::from_str(&owner.stored_policy("checkout/web").unwrap()).unwrap();
    assert_eq!(after["Statement"][0], before["Statement"][0]);
    assert_eq!(after["Statement"].as_array().unwrap().len(), 3);
}

#[test]
fn a_dry_run_shows_the_difference_and_writes_nothing() {
    let owner = OwnerHome::new();
    let dry = owner.run(&["grant", "checkout/web", "vendorapp", "--to", "111111111111", "--dry-run"]);
    assert_eq!(exit_code(&dry), 0, "{dry:?}");
    assert!(dry.stdout.contains("checkout/web: dry run: nothing was written"), "{}", dry.stdout);
    assert!(
        dry.stderr.contains("+      \"Sid\": \"EcrGrantPull\"") || dry.stderr.contains("EcrGrantPull"),
        "{}",
        dry.stderr
    );
    assert!(dry.stderr.lines().any(|l| l.trim_start().starts_with("@@ ")), "{}", dry.stderr);
    assert_eq!(owner.count_writes(), 0);
    assert!(owner.stored_policy("vendorapp").is_none());
    assert!(owner.list_backups().is_empty());
}

#[test]
fn without_a_terminal_a_grant_needs_yes() {
    let owner = OwnerHome::new();
    let finished = owner.run(&["grant", "vendorapp", "--to", "111111111111"]);
    assert_eq!(exit_code(&finished), 2);
    assert!(finished.expect_failure().contains("--yes"), "{}", finished.stderr);
    // A piped yes is no answer: nobody saw the question.
    let mut piped = owner.command(&["grant", "vendorapp", "--to", "111111111111"]);
    let mut child = piped.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(b"y\n");
    assert_eq!(wait_bounded(&mut child, Duration::from_secs(30)).unwrap().code(), Some(2));
    assert!(owner.served.service.recorded_calls().is_empty(), "it is said before anything is asked");
}

#[test]
fn a_danger_needs_the_flag_that_names_it() {
    let owner = OwnerHome::new();
    let cases: [(&[&str], &[&str]); 5] = [
        (&["--to", "123456789012"], &["--allow-risk"]),
        (&["--to", "*"], &["--allow-public"]),
        (&["--to", "111111111111", "--recipe", "push-pull"], &["--allow-push"]),
        (&["--to", "111111111111", "--actions", "BatchDeleteImage,PutImage"], &["--allow-delete", "--allow-push"]),
        (&["--to", "111111111111", "--actions", "SetRepositoryPolicy"], &["--allow-policy-management"]),
    ];
    for (request, flags) in cases {
        let arguments = [&["grant", "vendorapp", "--yes"], request].concat();
        let refused = owner.run(&arguments);
        assert_eq!(exit_code(&refused), 4, "{request:?}: {refused:?}");
        for flag in flags {
            assert!(refused.stderr.contains(flag), "{request:?}: {}", refused.stderr);
        }
        let others = owner.run(&[&arguments[..], &["--allow-removal"]].concat());
        assert_eq!(exit_code(&others), 4, "another flag does not cover it: {request:?}");
        assert_eq!(owner.count_writes(), 0, "{request:?}");
    }
    for (request, flags) in cases {
        let before = owner.count_writes();
        let granted = owner.run(&[&["grant", "vendorapp", "--yes"], request, flags].concat());
        assert_eq!(exit_code(&granted), 0, "{request:?}: {granted:?}");
        assert_eq!(owner.count_writes(), before + 1, "{request:?}");
    }
}

/// Runs a grant at a terminal, up to its question.
fn open_question(owner: &OwnerHome, request: &[&str]) -> Pty {
    Served::write_profile(owner.home.path());
    let url = owner.served.url.clone();
    let arguments = [&["grant", "vendorapp", "--profile", "owner", "--endpoint-url", &url], request].concat();
    Pty::start_wizard(&arguments, 120, 40, owner.home.path())
}

#[test]
fn at_a_terminal_a_grant_asks_and_no_is_the_default() {
    let owner = OwnerHome::new();
    for (answer, expected) in [("\n", 0), ("n\n", 0), ("yse\n", 0), ("y\n", 1)] {
        let mut terminal = open_question(&owner, &["--to", "111111111111"]);
        terminal.wait_for("[y/N]").type_text(answer);
        assert_eq!(terminal.exit_code(), 0, "{answer:?}");
        assert_eq!(owner.count_writes(), expected, "{answer:?}");
    }
}

#[test]
fn at_a_terminal_a_danger_asks_for_the_repositorys_name() {
    let owner = OwnerHome::new();
    for (answer, expected) in [("y\n", 0), ("vendor\n", 0), ("vendorapp\n", 1)] {
        let mut terminal = open_question(&owner, &["--to", "*"]);
        terminal.wait_for("Type the repository's name, `vendorapp`, to go on:").type_text(answer);
        assert_eq!(terminal.exit_code(), 0, "{answer:?}");
        assert_eq!(owner.count_writes(), expected, "{answer:?}");
    }
}

#[test]
fn an_interrupt_ends_after_the_writes_under_way_and_says_what_was_not_written() {
    let served = Served::serve_many(Duration::from_millis(300));
    let owner = OwnerHome { served, home: tempfile::tempdir().unwrap() };
    let mut command =
        owner.command(&["grant", "--all", "--to", "111111111111", "--yes", "--allow-owned-by-code", "--verbose"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    while owner.count_writes() == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", &format!("kill -INT {}", child.id())]);
    run(kill).expect_text();
    assert_eq!(wait_bounded(&mut child, Duration::from_secs(30)).unwrap().code(), Some(130));
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    let count = |words: &str| said.lines().filter(|line| line.contains(words)).count();
    let (granted, left) =
        (count("granted: owner side done") + count(": written, but"), count("not written: interrupted"));
    assert_eq!(granted, owner.count_writes(), "{said}");
    assert!(granted > 0 && left > 0, "{said}");
    assert_eq!(granted + left, 2 * AT_ONCE, "each plan that writes is told once: {said}");
}

#[test]
fn grantees_that_cannot_be_are_explained_before_anything_is_asked() {
    for (grantee, words) in [
        ("222222222222", "owns this registry"),
        ("11111", "12 digits"),
        ("222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp", "names its owner"),
        ("arn:aws-cn:iam::111111111111:root", "aws-cn"),
    ] {
        let finished = run_demo(&["grant", "vendorapp", "--yes", "--to", grantee]);
        assert_eq!(exit_code(&finished), 2, "{grantee}: {finished:?}");
        assert!(finished.stderr.contains(words), "{grantee}: {}", finished.stderr);
    }
}

#[test]
fn another_region_is_warned_of_with_the_way_out() {
    let dry = run_demo(&[
        "grant",
        "vendorapp",
        "--to",
        "111111111111",
        "--recipe",
        "release",
        "--puller-region",
        "us-east-1",
        "--dry-run",
    ]);
    assert_eq!(exit_code(&dry), 0);
    assert!(dry.stderr.contains("warning: Release wants the repository"), "{}", dry.stderr);
    assert!(dry.stderr.contains("policies are not replicated"), "{}", dry.stderr);
}

#[test]
fn read_only_refuses_and_asks_nothing() {
    let owner = OwnerHome::new();
    let refused = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--read-only", "--yes"]);
    assert_eq!(exit_code(&refused), 4, "{refused:?}");
    assert!(refused.stderr.contains("read-only"), "{}", refused.stderr);
    assert_eq!(owner.count_writes(), 0);
    assert_eq!(exit_code(&owner.run(&["grant", "vendorapp", "--to", "111111111111", "--read-only"])), 4);
}

#[test]
fn what_aws_refuses_is_explained_and_the_others_are_written() {
    let owner = OwnerHome::new();
    owner.served.service.remove_repository(&OwnerHome::reference_to("vendorapp-worker"));
    let finished = owner.run(&[
        "grant",
        "vendorapp",
        "vendorapp-worker",
        "--to",
        "arn:aws:iam::111111111111:role/release-deploy",
        "--yes",
    ]);
    assert_eq!(exit_code(&finished), 6, "{finished:?}");
    assert!(finished.stdout.contains("vendorapp: granted"), "{}", finished.stdout);
    assert!(finished.stdout.contains("vendorapp-worker: failed"), "{}", finished.stdout);
    let unknown = owner.run(&["grant", "vendorapp", "--to", "arn:aws:iam::111111111111:role/no-such-role", "--yes"]);
    assert_eq!(exit_code(&unknown), 4, "{unknown:?}");
    assert!(unknown.stdout.starts_with("vendorapp: refused"), "{}", unknown.stdout);
    assert!(unknown.stderr.contains("Principal not found"), "AWS's own words are kept: {}", unknown.stderr);
}

#[test]
fn the_kit_goes_to_a_new_file_and_never_over_another() {
    let owner = OwnerHome::new();
    let image = "222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:1.4.2";
    let arguments = ["grant", image, "--to", "111111111111", "--recipe", "release", "--yes", "--kit", "kit.md"];
    assert_eq!(exit_code(&owner.run(&arguments)), 0);
    let kit = std::fs::read_to_string(owner.home.path().join("kit.md")).unwrap();
    for part in [
        "docker pull 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:1.4.2",
        "\"ecr:GetAuthorizationToken\"",
        "has_repo: false",
        "aws ecr set-repository-policy",
        "ecr-grant grant 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp --to 111111111111 --recipe release",
    ] {
        assert!(kit.contains(part), "{part} is not in:\n{kit}");
    }
    let again = owner.run(&arguments);
    assert_eq!(exit_code(&again), 2, "{again:?}");
    assert_eq!(owner.count_writes(), 1);
}

#[test]
fn the_kit_goes_to_the_standard_output_where_that_is_free() {
    let owner = OwnerHome::new();
    let arguments = ["grant", "vendorapp", "--to", "111111111111", "--yes", "--kit", "-"];
    let granted = owner.run(&arguments);
    assert_eq!(exit_code(&granted), 0, "{granted:?}");
    assert!(
        granted.stdout.contains("docker pull 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp"),
        "{granted:?}"
    );
    assert!(!granted.stdout.contains("vendorapp: granted") && granted.stderr.contains("vendorapp: granted"));
    assert!(!owner.home.path().join("-").exists());
    for format in ["json", "jsonl"] {
        let refused = owner.run(&[&arguments[..], &["--format", format]].concat());
        assert_eq!(exit_code(&refused), 2, "{format}");
        assert!(refused.stderr.contains("where the results would go too"), "{}", refused.stderr);
    }
    assert_eq!(owner.count_writes(), 1);
}

#[test]
fn a_name_that_is_not_there_is_told_with_the_one_that_was_meant() {
    for arguments in [
        &["show", "vendorap"][..],
        &["grant", "vendorap", "--to", "111111111111", "--yes"],
        &["show", "vendorap", "vendorapp"],
    ] {
        let told = run_demo(arguments);
        assert!(told.stderr.contains("did you mean vendorapp? Otherwise"), "{arguments:?}: {}", told.stderr);
    }
    let far = run_demo(&["show", "nothing-like-it"]);
    assert!(!far.stderr.contains("did you mean"), "{}", far.stderr);
}

#[test]
fn a_name_that_is_kept_for_a_command_is_no_repository() {
    for arguments in [&["verify", "vendorapp"][..], &["explain"], &["--region", "eu-west-2", "kit"]] {
        let refused = run_demo(arguments);
        assert_eq!(exit_code(&refused), 2, "{arguments:?}");
        assert!(refused.stderr.contains("is reserved for a future command"), "{}", refused.stderr);
    }
    assert_eq!(exit_code(&run_demo(&["show", "review"])), 4);
    assert!(run_demo(&["wizard", "review"]).stderr.contains("the wizard needs a terminal"));
}

#[test]
fn a_grant_that_a_deny_voids_is_never_called_done_by_the_command_nor_in_its_kit() {
    let owner = OwnerHome::new();
    let fence = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Fence","Effect":"Deny","Principal":{"AWS":"888888888888"},"Action":"ecr:*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}]}"#;
    assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to("vendorapp"), Some(fence)));
    let arguments = ["grant", "vendorapp", "--to", "888888888888", "--recipe", "pull", "--yes", "--kit", "kit.md"];
    for (how, word) in [("written, but", "a first time"), ("already granted, but", "again")] {
        let _ = std::fs::remove_file(owner.home.path().join("kit.md"));
        let granted = owner.run(&arguments);
        assert!(granted.stdout.contains(how), "{word}: {granted:?}");
        let fence = "owner side not done: pull for account 888888888888 is blocked by statement 1 (Fence) for calls \
                     that do not come through VPC endpoint vpce-1";
        assert!(granted.stdout.contains(fence), "{granted:?}");
        assert!(!granted.stdout.contains("side done"), "{granted:?}");
        let kit = std::fs::read_to_string(owner.home.path().join("kit.md")).unwrap();
        assert!(kit.to_lowercase().contains(&fence.to_lowercase()) && !kit.contains("side done"), "{kit}");
    }
}

#[test]
fn a_grant_that_a_deny_surely_voids_is_blocked_and_nothing_is_written() {
    let owner = OwnerHome::new();
    let ban = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Ban","Effect":"Deny","Principal":{"AWS":"111111111111"},"Action":"ecr:*"}]}"#;
    assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to("vendorapp"), Some(ban)));
    for _ in 0..2 {
        let granted = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes"]);
        assert_eq!(exit_code(&granted), 4, "{granted:?}");
        assert!(granted.stdout.contains("is blocked by statement 1 (Ban)"), "{granted:?}");
        assert!(!granted.stdout.contains("granted"), "{granted:?}");
    }
    let json = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes", "--format", "json"]);
    assert!(json.stdout.contains(r#""result": "blocked""#), "{json:?}");
    assert_eq!(owner.count_writes(), 0);
    // A part of it: the rest is written, and the code is that of a refusal.
    let part = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--to", "555555555555", "--yes"]);
    assert_eq!((exit_code(&part), owner.count_writes()), (4, 1), "{part:?}");
    assert!(
        part.stdout.contains("written, but owner side not done: pull for account 111111111111 is blocked"),
        "{part:?}"
    );
}

#[test]
fn a_deny_that_somebody_adds_right_after_leaves_nothing_called_done() {
    let owner = OwnerHome::new();
    let theirs = r#"{"Version":"2012-10-17","Statement":[{"Sid":"EcrGrantPull","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root"]},"Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]},{"Sid":"Theirs","Effect":"Deny","Principal":{"AWS":"111111111111"},"Action":"ecr:*"}]}"#;
    owner.served.service.write_after("SetRepositoryPolicy", &OwnerHome::reference_to("vendorapp"), Some(theirs));
    let granted = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes", "--kit", "kit.md"]);
    assert_eq!(exit_code(&granted), 5, "{granted:?}");
    assert!(granted.stdout.contains("written, and somebody else wrote right after"), "{granted:?}");
    let kit = std::fs::read_to_string(owner.home.path().join("kit.md")).unwrap();
    for text in [&granted.stdout, &granted.stderr, &kit] {
        assert!(!text.contains("side is done"), "{text}");
    }
}

#[test]
fn what_a_deny_holds_back_today_needs_the_flag_that_names_it() {
    let fences = r#"{"Version":"2012-10-17","Statement":[{"Sid":"F1","Effect":"Deny","Principal":"*","Action":"ecr:*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ci-*"}}},{"Sid":"F2","Effect":"Deny","Principal":"*","Action":"ecr:*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*-prod"}}},{"Sid":"Svc","Effect":"Deny","Principal":"*","Action":"ecr:*","Condition":{"Bool":{"aws:PrincipalIsAWSService":"true"}}}]}"#;
    let grants: [(&[&str], &[&str]); 2] = [
        (&["--to", "*", "--recipe", "push-pull"], &["--allow-public", "--allow-push"]),
        (
            &["--to", "111111111111", "--actions", "ecr:SetRepositoryPolicy,ecr:DeleteRepository"],
            &["--allow-policy-management", "--allow-delete"],
        ),
    ];
    for (what, flags) in grants {
        let owner = OwnerHome::new();
        assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to("vendorapp"), Some(fences)));
        let all = [&["grant", "vendorapp", "--yes"], what].concat();
        let refused = owner.run(&all);
        assert_eq!((exit_code(&refused), owner.count_writes()), (4, 0), "{refused:?}");
        for flag in flags {
            assert!(refused.stderr.contains(flag), "{flag}: {refused:?}");
            let others: Vec<&str> = flags.iter().filter(|f| f != &flag).copied().collect();
            assert_eq!(exit_code(&owner.run(&[&all[..], &others[..]].concat())), 4, "without {flag}");
        }
        assert_eq!(owner.count_writes(), 0);
        // With all of them it is sent; the sandbox may refuse the caller, whom the Deny meets too.
        let sent = owner.run(&[&all[..], flags].concat());
        assert_eq!(owner.count_writes(), 1, "{sent:?}");
        assert!(!sent.stderr.contains("--yes does not cover"), "{sent:?}");
    }
}

#[test]
fn the_printed_command_does_the_same_grant_again() {
    let grants: &[(&str, &[&str], &[&str])] = &[
        ("vendorapp", &["111111111111"], &["--recipe", "release"]),
        ("vendorapp", &["111111111111", "o-a1b2c3d4e5", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"], &[]),
        ("vendorapp", &["111111111111", "o-a1b2c3d4e5"], &["--recipe", "lambda"]),
        ("vendorapp", &["111111111111"], &["--recipe", "lambda", "--actions", "BatchGetImage"]),
        ("vendorapp", &["*", "codebuild.amazonaws.com"], &["--allow-public"]),
        ("vendorapp", &["111111111111"], &["--recipe", "push-pull", "--allow-push"]),
        ("vendorapp", &["111111111111"], &["--actions", "PutImage,GetAuthorizationToken", "--allow-push"]),
    ];
    for (repository, to, how) in grants {
        let (first, second) = (OwnerHome::new(), OwnerHome::new());
        let arguments = [&["grant", repository, "--yes", "--kit", "kit.md", "--to"][..], to, how].concat();
        let finished = first.run(&arguments);
        let allowed: Vec<&str> = how.iter().copied().filter(|word| word.starts_with("--allow")).collect();
        if exit_code(&finished) == 4 {
            // What ECR refuses (an account-level action) leaves nothing to do again.
            assert!(finished.stdout.contains("refused") || finished.stdout.contains("not written"), "{finished:?}");
            continue;
        }
        assert_eq!(exit_code(&finished), 0, "{arguments:?}: {finished:?}");
        let kit = std::fs::read_to_string(first.home.path().join("kit.md")).unwrap();
        let line = kit.lines().find(|line| line.starts_with("ecr-grant grant ")).expect(&kit);
        // The line names the endpoint that it was made for; the second server takes its place.
        assert!(line.contains(&format!("--endpoint-url {}", first.served.url)), "{line}");
        let line = line.replace(&first.served.url, &second.served.url);
        let words = format!("{line} --yes {}", allowed.join(" "));
        let mut shell = clean_command("/bin/sh", second.home.path());
        let program = std::path::Path::new(PROGRAM).parent().unwrap();
        shell.args(["-c", &words]).env("PATH", program);
        let again = run(shell);
        assert_eq!(exit_code(&again), 0, "{words}: {again:?}");
        let (one, other) = (first.stored_policy(repository).unwrap(), second.stored_policy(repository).unwrap());
        assert!(ecr_grant::policy::canonical::same_meaning(&one, &other), "{words}\n{one}\n{other}");
    }
}

/// Returns `policy` with a new statement of account 999.., as another team leaves it right after our first read.
fn other_policy(principal: &str) -> String {
    format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"Theirs\",\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\
         \"{principal}\"}},\"Action\":[\"ecr:BatchCheckLayerAvailability\",\"ecr:BatchGetImage\",\"ecr:GetDownloadUrlForLayer\"]}}]}}"
    )
}

#[test]
fn a_change_underneath_that_leaves_the_grant_alone_is_kept_and_built_upon() {
    let owner = OwnerHome::new();
    let theirs = other_policy("arn:aws:iam::333333333333:root");
    owner.served.service.write_after("GetRepositoryPolicy", &OwnerHome::reference_to("vendorapp"), Some(&theirs));
    let granted = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes"]);
    assert_eq!(exit_code(&granted), 0, "{granted:?}");
    assert!(granted.stderr.contains("changed underneath"), "{}", granted.stderr);
    let policy = owner.stored_policy("vendorapp").unwrap();
    assert!(policy.contains("333333333333") && policy.contains("111111111111"), "{policy}");
}

#[test]
fn a_change_underneath_that_already_grants_it_ends_without_a_write() {
    let owner = OwnerHome::new();
    let theirs = other_policy("arn:aws:iam::111111111111:root");
    owner.served.service.write_after("GetRepositoryPolicy", &OwnerHome::reference_to("vendorapp"), Some(&theirs));
    let ended = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes"]);
    assert_eq!(exit_code(&ended), 0, "{ended:?}");
    assert!(ended.stdout.contains("already granted"), "{}", ended.stdout);
    assert_eq!(owner.count_writes(), 0);
}

#[test]
fn a_change_underneath_that_changes_the_grant_stops_with_its_code() {
    let owner = OwnerHome::new();
    // One action of three is there already now: what would be gained is not what was said.
    let theirs = other_policy("arn:aws:iam::111111111111:root").replace("\"ecr:BatchCheckLayerAvailability\",", "");
    owner.served.service.write_after("GetRepositoryPolicy", &OwnerHome::reference_to("vendorapp"), Some(&theirs));
    let ended = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes"]);
    assert_eq!(exit_code(&ended), 5, "{ended:?}");
    assert!(ended.stdout.contains("the policy changed underneath"), "{}", ended.stdout);
    assert_eq!(owner.count_writes(), 0);
}

#[test]
fn a_dry_run_asks_nothing_even_when_the_policy_changed_underneath() {
    let owner = OwnerHome::new();
    let theirs = other_policy("arn:aws:iam::111111111111:root").replace("\"ecr:BatchCheckLayerAvailability\",", "");
    owner.served.service.write_after("GetRepositoryPolicy", &OwnerHome::reference_to("vendorapp"), Some(&theirs));
    // At a terminal a question would be possible, and would wait for ever.
    let mut pty = open_question(&owner, &["--to", "111111111111", "--dry-run"]);
    assert_eq!(pty.exit_code(), 5, "{}", pty.screen_text());
    assert!(!pty.screen_text().contains("[y/N]"), "{}", pty.screen_text());
    assert_eq!(owner.count_writes(), 0);
}

#[test]
fn what_is_granted_already_but_denied_names_the_deny() {
    let owner = OwnerHome::new();
    let granted = other_policy("arn:aws:iam::111111111111:root");
    let deny = ",{\"Sid\":\"Fence\",\"Effect\":\"Deny\",\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:root\"},\
                \"Action\":\"ecr:*\"}]}";
    let policy = format!("{}{deny}", granted.strip_suffix("]}").unwrap());
    owner.served.service.set_policy_directly(&OwnerHome::reference_to("vendorapp"), Some(&policy));
    let ended = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes"]);
    assert_eq!(exit_code(&ended), 4, "{ended:?}");
    assert!(ended.stdout.contains("is blocked by statement 2 (Fence)"), "{}", ended.stdout);
    assert_eq!(owner.count_writes(), 0);
}

#[test]
fn a_write_whose_answer_is_lost_is_settled_by_reading() {
    let owner = OwnerHome::new();
    owner.served.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, Trouble::AnswerLost);
    let ended = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes"]);
    assert_eq!(exit_code(&ended), 0, "{ended:?}");
    assert_eq!(owner.count_writes(), 1, "it was done: it is not sent again");
}

#[test]
fn the_printed_policy_command_means_the_same_to_a_shell() {
    let text = "{\"Sid\":\"it's \\\"$HOME\\\" `x` \\\\ !\"}";
    let quoted = ecr_grant::ecr::shell::quote_word(text);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("printf %s {quoted}")]);
    assert_eq!(run(shell).expect_text(), text);
}

#[test]
fn completions_and_manual_pages_are_printed() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(ecr_grant(&["completions", shell]).expect_text().contains("allow-public"), "{shell}");
    }
    assert!(ecr_grant(&["man"]).expect_text().starts_with(".ie"));
    assert!(ecr_grant(&["man", "grant"]).expect_text().contains("allow\\-public"));
    assert_eq!(exit_code(&ecr_grant(&["man", "nonsense"])), 2);
    assert!(ecr_grant(&["--help"]).expect_text().contains("Exit codes:"));
    assert!(ecr_grant(&["--version"]).expect_text().starts_with("ecr-grant "));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = tempfile::tempdir().unwrap();
    let mut command = empty_environment(home.path());
    let mut child = command
        .args(["--demo", "show", "--all", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(wait_bounded(&mut child, Duration::from_secs(30)).unwrap().code(), Some(0));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
}

#[test]
fn a_log_goes_to_its_file_alone_and_holds_no_secret() {
    use std::os::unix::fs::PermissionsExt as _;
    let owner = OwnerHome::new();
    let log = owner.home.path().join("log.txt");
    let mut command = owner.command(&["grant", "vendorapp", "--to", "111111111111", "--yes", "--log-file", "log.txt"]);
    command.env("AWS_SECRET_ACCESS_KEY", "very-secret-indeed");
    let finished = run(command);
    assert_eq!(exit_code(&finished), 0, "{finished:?}");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("signed in") && text.contains("222222222222"), "{text}");
    assert!(!text.contains("very-secret-indeed") && !text.contains("Signature="), "{text}");
    assert_eq!(std::fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_sandbox_answers_on_its_port_and_ends_on_a_signal() {
    let home = tempfile::tempdir().unwrap();
    let mut command = empty_environment(home.path());
    let mut child =
        command.args(["sandbox", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let address = url.trim().strip_prefix("http://").unwrap_or_else(|| panic!("{url:?} is no address")).to_owned();
    assert!(address.starts_with("127.0.0.1:"), "{address}");

    let mut client = clean_command(PROGRAM, home.path());
    client.args(["show", "checkout/web", "--endpoint-url", url.trim()]);
    assert!(run(client).expect_text().contains("ClustersPull"));

    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", &format!("kill -TERM {}", child.id())]);
    run(kill).expect_text();
    let ended = wait_bounded(&mut child, Duration::from_secs(30)).expect("it ends by itself");
    assert_eq!(ended.code(), Some(143));
    assert!(TcpStream::connect(&address).is_err(), "nobody listens any more");
}

#[test]
fn the_sandbox_listens_on_loopback_only() {
    for host in ["0.0.0.0", "::", "192.0.2.1", "example.com"] {
        let refused = ecr_grant(&["sandbox", "--host", host]);
        assert_eq!(exit_code(&refused), 2, "{host}: {refused:?}");
    }
    assert!(ecr_grant(&["sandbox", "--host", "0.0.0.0"]).stderr.contains("loopback"));
}
