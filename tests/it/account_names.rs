//! Each command that shows the id of an account with a name shows the name beside it, in what people read, and in nothing that
//! a program reads or that is a text to copy.

use crate::support::owner::OwnerHome;
use crate::support::{Finished, clean_command, run};

/// Accounts with the names that the configuration gives them.
const NAMED: [(&str, &str); 2] = [("111111111111", "Zed vendor"), ("222222222222", "Zed owner")];
/// An account that a profile states, and the profile.
const OF_PROFILE: (&str, &str) = ("333333333333", "profile build");
/// A Sid and a repository that look like accounts.
const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "Pull 111111111111 now",
    "Effect": "Allow",
    "Principal": { "AWS": [ "arn:aws:iam::111111111111:root", "arn:aws:iam::333333333333:root" ] },
    "Action": [ "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer" ],
    "Condition": { "StringEquals": { "aws:SourceAccount": "111111111111" } }
  }]
}"#;

fn named_home() -> OwnerHome {
    let owner = OwnerHome::new();
    let names = NAMED.map(|(id, name)| format!("\"{id}\" = \"{name}\"\n")).concat();
    let folder = owner.home.path().join(".config/ecr-grant");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), format!("[accounts]\n{names}")).unwrap();
    let profile = "[profile build]\nregion = eu-west-2\nrole_arn = arn:aws:iam::333333333333:role/Build\n\
                   source_profile = owner\n[profile owner]\naws_access_key_id = 222222222222\n\
                   aws_secret_access_key = none\n";
    std::fs::write(owner.home.path().join("aws-config"), profile).unwrap();
    for name in ["111111111111", "worker"] {
        owner.served.service.add_repository(&OwnerHome::reference_to(name));
    }
    for name in ["vendorapp", "111111111111"] {
        assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to(name), Some(POLICY)));
    }
    std::fs::write(owner.home.path().join("old.json"), POLICY).unwrap();
    std::fs::write(owner.home.path().join("new.json"), POLICY.replace("333333333333", "444444444444")).unwrap();
    owner
}

/// Tells whether a text continues a word, so that the number beside it is a part of something else.
fn joins(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || "_-/@\"'`*".contains(c))
}

/// Returns each place of an id that stands alone in a line, as what is before and behind it.
fn lone_places<'l>(line: &'l str, id: &str) -> Vec<(&'l str, &'l str)> {
    let places = line.match_indices(id).map(|(at, _)| (&line[..at], &line[at + id.len()..]));
    let is_lone = |(before, behind): &(&str, &str)| {
        let mut next = behind.chars();
        let (first, second) = (next.next(), next.next());
        let goes_on = matches!(first, Some(':' | '.')) && second.is_some_and(|c| !c.is_whitespace());
        let is_joined = goes_on || joins(first) || joins(before.chars().next_back()) || before.ends_with([':', '.']);
        !is_joined
    };
    places.filter(is_lone).collect()
}

/// Tells whether a line is a text to copy: a command, a part of a policy.
fn is_to_copy(line: &str) -> bool {
    line.contains("ecr-grant ") || line.trim_start().trim_start_matches(['+', '-', ' ']).starts_with(['"', '{', '}'])
}

/// Checks what people read: what stands alone and is an account has its name, and a Sid has none.
fn check_told(what: &str, text: &str) {
    let names = NAMED.into_iter().chain([OF_PROFILE]);
    for (id, name) in names {
        for line in text.lines().filter(|line| !is_to_copy(line)) {
            for (before, behind) in lone_places(line, id) {
                let is_named = behind.starts_with(&format!(" ({name})"));
                let is_sid = before.ends_with("Pull ") && behind.starts_with(" now");
                assert!(is_named != is_sid, "{what}: {line}\n{text}");
            }
        }
    }
}

fn run_all(owner: &OwnerHome, commands: &[&[&str]]) -> Vec<(String, Finished)> {
    commands.iter().map(|arguments| (arguments.join(" "), owner.run(arguments))).collect()
}

/// The commands that sign in or read the history, in an order in which each has something to tell.
const COMMANDS: [&[&str]; 16] = [
    &["show", "vendorapp"],
    &["show", "vendorapp", "--format", "table"],
    &["review", "vendorapp"],
    &["review", "vendorapp", "--regions", "eu-west-2,us-east-1"],
    &["review", "vendorapp", "--format", "table"],
    &["review", "vendorapp", "--format", "markdown"],
    &["review", "vendorapp", "--grantee", "111111111111", "--format", "text"],
    &["grant", "worker", "--to", "111111111111", "--yes"],
    &["grant", "worker", "--to", "111111111111", "--yes"],
    &["grant", "vendorapp", "--to", "111111111111", "--dry-run"],
    &["history"],
    &["history", "show", "last"],
    &["history", "show", "last", "-v"],
    &["revoke", "worker", "--from", "111111111111", "--yes"],
    &["undo", "last", "--yes"],
    &["history"],
];
/// Those that read files.
const OF_FILES: [&[&str]; 3] = [
    &["delta", "old.json", "new.json", "--owner", "222222222222"],
    &[
        "can",
        "--policy",
        "old.json",
        "--principal",
        "111111111111",
        "--action",
        "ecr:BatchGetImage",
        "--repository",
        "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp",
    ],
    &["history"],
];

#[test]
fn each_command_shows_the_name_beside_the_id() {
    let owner = named_home();
    let mut all = run_all(&owner, &COMMANDS);
    for arguments in OF_FILES {
        let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), owner.home.path());
        command.args(arguments);
        all.push((arguments.join(" "), run(command)));
    }
    let mut silent = Vec::new();
    for (what, finished) in &all {
        let told = format!("{}{}", finished.stdout, finished.stderr);
        assert!(matches!(finished.status.code(), Some(0 | 1)), "{what}: {told}");
        check_told(what, &told);
        let shows_id = |text: &str| NAMED.iter().any(|(id, _)| text.contains(id));
        let shows_name = |text: &str| NAMED.iter().any(|(_, name)| text.contains(&format!("({name})")));
        if shows_id(&finished.stdout) && !shows_name(&told) {
            silent.push(what.clone());
        }
    }
    assert_eq!(silent, Vec::<String>::new());
    let told: String = all.iter().map(|(_, finished)| finished.stdout.clone() + &finished.stderr).collect();
    assert!(told.contains("333333333333 (profile build)"), "{told}");
}

#[test]
fn what_looks_like_an_account_and_is_none_has_no_name() {
    let owner = named_home();
    let shown = owner.run(&["show", "111111111111"]);
    let text = shown.expect_text();
    assert!(text.starts_with("111111111111\n"), "{text}");
    assert!(text.contains("Statement 1: Pull 111111111111 now\n"), "{text}");
    assert!(text.contains("account 111111111111 (Zed vendor)"), "{text}");
    assert!(text.contains("333333333333 (profile build)"), "{text}");
    for (arguments, line) in [
        (&["review", "111111111111"][..], "    in 111111111111"),
        (&["review", "111111111111", "--format", "table"], "  111111111111  "),
    ] {
        let finished = owner.run(arguments);
        assert!(finished.stdout.contains(line), "{arguments:?}: {}", finished.stdout);
        assert!(!finished.stdout.contains(&format!("{} (Zed vendor)", line.trim_end())), "{}", finished.stdout);
    }
}

#[test]
fn what_programs_read_and_the_demo_have_no_names() {
    let owner = named_home();
    owner.run(&["grant", "worker", "--to", "111111111111", "--yes"]).expect_text();
    for arguments in [
        &["show", "vendorapp", "--format", "json"][..],
        &["show", "vendorapp", "--format", "jsonl"],
        &["review", "--format", "json"],
        &["review", "--format", "jsonl"],
        &["review", "--format", "csv"],
        &["review", "--format", "sarif"],
        &["review", "--grantee", "111111111111", "--format", "json"],
        &["grant", "vendorapp", "--to", "111111111111", "--dry-run", "--format", "json"],
        &["history", "--format", "json"],
        &["history", "show", "last", "--format", "jsonl"],
    ] {
        let finished = owner.run(arguments);
        assert!(finished.stdout.contains("111111111111"), "{arguments:?}: {} {}", finished.stdout, finished.stderr);
        for name in ["Zed vendor", "Zed owner", "profile build"] {
            assert!(!finished.stdout.contains(name), "{arguments:?}: {}", finished.stdout);
        }
    }
    let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), owner.home.path());
    command.args(["show", "vendorapp", "--demo"]);
    let text = run(command).expect_text().to_owned();
    assert!(text.contains("222222222222") && !text.contains("Zed owner") && !text.contains("profile"), "{text}");
}
