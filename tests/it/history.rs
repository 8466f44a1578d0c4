//! `history` and `undo` of the real binary, what is left after a kill, and two programs at once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;

use ecr_grant::policy::canonical::same_meaning;
use ecr_grant::sandbox::Trouble;
use serde_json::Value;

use super::support::owner::OwnerHome;
use super::support::{Finished, run};

const VENDOR: &str = "111111111111";

fn exit_code(finished: &Finished) -> i32 {
    finished.status.code().unwrap_or_else(|| panic!("ended by a signal: {finished:?}"))
}

fn theirs(account: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Theirs","Effect":"Allow","Principal":{{"AWS":["arn:aws:iam::{account}:root"]}},"Action":["ecr:BatchGetImage"]}}]}}"#
    )
}

/// Adds a statement of another team to a stored policy.
fn with_another(stored: &str, account: &str) -> String {
    let mut value: Value = serde_json::from_str(stored).unwrap();
    let statement = serde_json::json!({
        "Sid": format!("Team{account}"), "Effect": "Allow",
        "Principal": {"AWS": [format!("arn:aws:iam::{account}:root")]}, "Action": ["ecr:BatchGetImage"],
    });
    value["Statement"].as_array_mut().unwrap().push(statement);
    value.to_string()
}

fn grant(owner: &OwnerHome, repository: &str) {
    owner.run(&["grant", repository, "--to", VENDOR, "--yes"]).expect_text();
}

fn history(owner: &OwnerHome) -> Value {
    owner.run(&["history", "--format", "json"]).expect_json()
}

fn put_policy(owner: &OwnerHome, name: &str, text: Option<&str>) {
    let reference = OwnerHome::reference_to(name);
    owner.served.service.add_repository(&reference);
    assert!(owner.served.service.set_policy_directly(&reference, text));
}

fn change_files(owner: &OwnerHome) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = owner.list_backups();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    files
}

#[test]
fn a_change_is_listed_shown_taken_back_and_brought_again() {
    let owner = OwnerHome::new();
    let empty = owner.run(&["history"]);
    assert_eq!(empty.expect_text(), "no change was made yet\n");
    assert_eq!(exit_code(&owner.run(&["undo", "--yes"])), 2);
    grant(&owner, "vendorapp");
    let granted = owner.stored_policy("vendorapp").unwrap();

    let listed = history(&owner);
    let change = &listed["changes"][0];
    let keys: Vec<&str> = change.as_object().unwrap().keys().map(String::as_str).collect();
    let all = [
        "id",
        "when",
        "state",
        "command",
        "caller",
        "program",
        "undoes",
        "undone_by",
        "undone",
        "planned",
        "repositories",
        "outcomes",
        "file",
    ];
    assert_eq!(keys, all);
    assert_eq!((&change["state"], &change["outcomes"]), (&"ended".into(), &serde_json::json!({"written": 1})));
    let command = change["command"].as_str().unwrap();
    assert!(command.starts_with("ecr-grant grant vendorapp --to 111111111111 --yes"), "{command}");
    assert!(change["caller"].as_str().unwrap().contains(":222222222222:"), "{change}");
    let id = change["id"].as_str().unwrap();
    assert_eq!(listed["damaged"], serde_json::json!([]));
    let lines = owner.run(&["history", "--format", "jsonl"]);
    assert_eq!(serde_json::from_str::<Value>(lines.expect_text()).unwrap(), *change);
    let told = owner.run(&["history"]);
    assert!(told.expect_text().contains("vendorapp: 1 written\n"), "{}", told.stdout);

    let shown = owner.run(&["history", "show", &id[..4], "-v"]);
    let text = shown.expect_text();
    for part in [
        "account 111111111111 gains pull",
        "EcrGrantPull",
        "AWS's request ",
        ".jsonl",
        "vendorapp (222222222222, eu-west-2): written",
    ] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
    let shown = owner.run(&["history", "show", "last", "--format", "json"]).expect_json();
    let one = &shown["repositories"][0];
    let keys: Vec<&str> = one.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys[5..],
        [
            "endpoint",
            "when",
            "result",
            "words",
            "request_id",
            "gains",
            "losses",
            "diff",
            "old",
            "new",
            "undone",
            "backup"
        ]
    );
    assert_eq!((&one["old"], &one["result"]), (&Value::Null, &"written".into()));
    assert!(same_meaning(one["new"].as_str().unwrap(), &granted));
    assert!(PathBuf::from(one["backup"].as_str().unwrap()).exists());

    // A dry run writes nothing; the undo deletes what was not there before; its own undo brings it again.
    let dry = owner.run(&["undo", "--dry-run"]);
    assert!(dry.stderr.contains("there was no policy before: it is removed"), "{}", dry.stderr);
    assert_eq!(owner.stored_policy("vendorapp").as_deref(), Some(granted.as_str()));
    let undone = owner.run(&["undo", "--yes", "--format", "json"]).expect_json();
    assert_eq!(undone["repositories"][0]["result"], "undone");
    assert_eq!(undone["repositories"][0]["way"], "exact");
    assert_eq!(owner.stored_policy("vendorapp"), None);
    let again = history(&owner);
    assert_eq!((&again["changes"][0]["undoes"], again["changes"].as_array().unwrap().len()), (&id.into(), 2));
    owner.run(&["undo", id, "--yes"]).expect_text();
    assert_eq!(owner.stored_policy("vendorapp"), None, "nothing of it is left: nothing is written");
    owner.run(&["undo", "--yes"]).expect_text();
    assert_eq!(owner.stored_policy("vendorapp").as_deref(), Some(granted.as_str()), "the undo of the undo");
    for (name, words) in [("zzz", "there is no change zzz"), ("", "more than one change")] {
        let refused = owner.run(&["history", "show", name]);
        assert!(exit_code(&refused) == 2 && refused.stderr.contains(words), "{refused:?}");
    }
}

#[test]
fn what_others_wrote_since_stays_when_a_change_is_taken_back() {
    let owner = OwnerHome::new();
    let old = theirs("333333333333");
    put_policy(&owner, "made/undo", Some(&old));
    grant(&owner, "made/undo");
    let beside = with_another(&owner.stored_policy("made/undo").unwrap(), "444444444444");
    put_policy(&owner, "made/undo", Some(&beside));
    let undone = owner.run(&["undo", "--yes"]);
    assert!(undone.expect_text().contains("made/undo: taken back"), "{undone:?}");
    assert!(undone.stderr.contains("others wrote since: only what the change did is taken back"), "{}", undone.stderr);
    assert!(same_meaning(&owner.stored_policy("made/undo").unwrap(), &with_another(&old, "444444444444")));

    // What cannot be told apart is refused, and nothing is written.
    grant(&owner, "vendorapp");
    let edited = owner.stored_policy("vendorapp").unwrap().replace("ecr:BatchGetImage", "ecr:PutImage");
    put_policy(&owner, "vendorapp", Some(&edited));
    let refused = owner.run(&["undo", "--yes"]);
    assert_eq!(exit_code(&refused), 4, "{refused:?}");
    assert!(refused.stderr.contains("others edited statement 1 (EcrGrantPull) since"), "{}", refused.stderr);
    assert_eq!(owner.stored_policy("vendorapp").as_deref(), Some(edited.as_str()));
}

#[test]
fn an_undo_needs_no_flag_for_what_it_takes_and_one_for_a_danger_that_it_brings_back() {
    let owner = OwnerHome::new();
    let open = theirs("333333333333").replace(r#"["arn:aws:iam::333333333333:root"]"#, "\"*\"");
    put_policy(&owner, "made/open", Some(&open));
    owner.run(&["grant", "made/open", "--to", VENDOR, "--recipe", "push-pull", "--yes", "--allow-push"]).expect_text();
    owner.run(&["undo", "--yes"]).expect_text();
    assert!(same_meaning(&owner.stored_policy("made/open").unwrap(), &open));
    let narrow = theirs("333333333333");
    let home = owner.home.path().join(".local/state/ecr-grant/changes");
    // A change that closed the repository, as the wizard makes it.
    let file = change_files(&owner).pop().unwrap();
    let mut lines: Vec<Value> =
        std::fs::read_to_string(&file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines[0]["id"] = "ffffffffff".into();
    lines[0]["when"] = 4_000_000_000_u64.into();
    lines[1]["old"] = open.clone().into();
    lines[1]["new"] = narrow.clone().into();
    let text: String = lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect();
    std::fs::write(home.join("20961002T070640Z_ffffffffff.jsonl"), text).unwrap();
    put_policy(&owner, "made/open", Some(&narrow));
    let refused = owner.run(&["undo", "--yes"]);
    assert_eq!(exit_code(&refused), 4, "{refused:?}");
    assert!(refused.stderr.contains("--allow-public"), "{}", refused.stderr);
    assert!(same_meaning(&owner.stored_policy("made/open").unwrap(), &narrow));
    owner.run(&["undo", "--yes", "--allow-public", "--allow-risk"]).expect_text();
    assert!(same_meaning(&owner.stored_policy("made/open").unwrap(), &open));
}

#[test]
fn a_change_is_taken_back_only_where_it_was_written() {
    let owner = OwnerHome::new();
    grant(&owner, "vendorapp");
    let other = OwnerHome::new();
    let state = other.home.path().join(".local/state/ecr-grant/changes");
    std::fs::create_dir_all(&state).unwrap();
    let file = change_files(&owner).pop().unwrap();
    std::fs::copy(&file, state.join(file.file_name().unwrap())).unwrap();
    let refused = other.run(&["undo", "--yes"]);
    assert_eq!(exit_code(&refused), 2, "{refused:?}");
    assert!(refused.stderr.contains("the change was written to http://127.0.0.1:"), "{}", refused.stderr);
    assert_eq!(other.count_writes(), 0);
}

#[test]
fn a_damaged_history_is_told_and_stops_neither_reading_nor_writing() {
    let owner = OwnerHome::new();
    grant(&owner, "vendorapp");
    let file = change_files(&owner).pop().unwrap();
    let text = std::fs::read_to_string(&file).unwrap().replacen("{\"record\":\"outcome\"", "{\u{9b}", 1);
    std::fs::write(&file, &text).unwrap();
    grant(&owner, "checkout/web");
    let listed = owner.run(&["history"]);
    assert!(listed.expect_text().contains("vendorapp: 1 unknown"), "{}", listed.stdout);
    assert!(listed.stderr.contains("line 3") && listed.stderr.contains("left as it is"), "{}", listed.stderr);
    assert_eq!(history(&owner)["damaged"][0]["line"], 3);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let id = history(&owner)["changes"][1]["id"].as_str().unwrap().to_owned();
    owner.run(&["undo", &id, "--yes"]).expect_text();
    assert_eq!(owner.stored_policy("vendorapp"), None);
}

#[cfg(unix)]
#[test]
fn a_history_that_is_not_ours_is_refused_before_anything_is_written() {
    let owner = OwnerHome::new();
    let elsewhere = owner.home.path().join("elsewhere");
    std::fs::create_dir_all(owner.home.path().join(".local/state")).unwrap();
    std::fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, owner.home.path().join(".local/state/ecr-grant")).unwrap();
    for arguments in [&["history"][..], &["undo", "--yes"], &["grant", "vendorapp", "--to", VENDOR, "--yes"]] {
        let refused = owner.run(arguments);
        assert_eq!(exit_code(&refused), 4, "{refused:?}");
        assert!(refused.stderr.contains("is a link"), "{}", refused.stderr);
    }
    assert_eq!(owner.count_writes(), 0);
}

#[test]
fn two_programs_at_once_keep_a_change_each() {
    let owner = OwnerHome::new();
    let names: Vec<String> = (0..8).map(|at| format!("twin/app-{at}")).collect();
    for name in &names {
        put_policy(&owner, name, None);
    }
    let commands = names.chunks(4).map(|mine| {
        let mine: Vec<&str> = mine.iter().map(String::as_str).collect();
        owner.command(&[&["grant"], &mine[..], &["--to", VENDOR, "--yes"]].concat())
    });
    let threads: Vec<_> = commands.map(|command| std::thread::spawn(move || run(command))).collect();
    for thread in threads {
        thread.join().unwrap().expect_text();
    }
    let read = history(&owner);
    assert_eq!((read["changes"].as_array().unwrap().len(), &read["damaged"]), (2, &serde_json::json!([])));
    for change in read["changes"].as_array().unwrap() {
        assert_eq!((&change["state"], &change["outcomes"]), (&"ended".into(), &serde_json::json!({"written": 4})));
        owner.run(&["undo", change["id"].as_str().unwrap(), "--yes"]).expect_text();
    }
    assert!(names.iter().all(|name| owner.stored_policy(name).is_none()));
}

/// A sequence of numbers from a seed, each with another one behind it. Source: the constants of `SplitMix64`.
struct Numbers(u64);

impl Numbers {
    fn next_below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// Makes repositories without a policy, with another team's, and with one of ours that the vendor joins.
fn make_repositories(owner: &OwnerHome) -> BTreeMap<String, Option<String>> {
    let ours = theirs("333333333333").replace("Theirs", "EcrGrantPull").replace(
        "[\"ecr:BatchGetImage\"]",
        "[\"ecr:BatchCheckLayerAvailability\",\"ecr:BatchGetImage\",\"ecr:GetDownloadUrlForLayer\"]",
    );
    let texts = [None, Some(theirs("444444444444")), Some(ours)];
    let named = (0..9).map(|at| (format!("crash/app-{at}"), texts[at % 3].clone()));
    named.inspect(|(name, text)| put_policy(owner, name, text.as_deref())).collect()
}

fn means_same(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same_meaning(a, b),
        (None, None) => true,
        _ => false,
    }
}

#[test]
fn after_a_kill_at_any_moment_the_history_is_whole_and_undo_brings_all_back() {
    const SET: &str = "SetRepositoryPolicy";
    const GRANT: [&str; 5] = ["grant", "crash/*", "--to", VENDOR, "--yes"];
    let kills = if std::env::var_os("ECR_GRANT_LONG").is_some() { 200 } else { 20 };
    let whole = OwnerHome::new();
    let names: Vec<String> = make_repositories(&whole).into_keys().collect();
    whole.run(&GRANT).expect_text();
    let new: BTreeMap<&str, Option<String>> =
        names.iter().map(|name| (name.as_str(), whole.stored_policy(name))).collect();
    let requests = whole.served.service.recorded_calls().len();
    let mut numbers = Numbers(0x0e5c_2026_1123);
    let (mut interrupted, mut partly) = (0, 0);
    for kill in 0..kills {
        let owner = OwnerHome::new();
        let old = make_repositories(&owner);
        // The moment is that of a request, not of a clock. Every second time no write behind it is answered; else the
        // kill comes a few steps of the scheduler later.
        let (at, steps, is_silent) = (numbers.next_below(requests), numbers.next_below(2_000), kill % 2 == 0);
        let sets = 1 + at % (names.len() - 1);
        let service = &owner.served.service;
        if is_silent {
            service.add_trouble(Some(SET), u32::try_from(sets).unwrap(), u32::MAX, Trouble::Silence);
        }
        let is_time = || {
            let calls = service.recorded_calls();
            if is_silent { calls.iter().filter(|call| call.operation == SET).count() > sets } else { calls.len() > at }
        };
        let mut command = owner.command(&GRANT);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !is_time() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        (0..steps).for_each(|_| std::hint::spin_loop());
        child.kill().unwrap();
        child.wait().unwrap();
        service.end_trouble();
        // The server may still be at the last request.
        let stored: BTreeMap<&str, Option<String>> =
            old.keys().map(|name| (name.as_str(), owner.stored_policy(name))).collect();
        for (name, text) in &stored {
            let is_old = means_same(text.as_deref(), old[*name].as_deref());
            assert!(is_old || means_same(text.as_deref(), new[name].as_deref()), "kill {kill}: {name}: {text:?}");
        }
        let read = owner.run(&["history", "--format", "json"]);
        assert_eq!(read.stderr, "", "kill {kill}");
        let read = read.expect_json();
        assert_eq!(read["damaged"], serde_json::json!([]), "kill {kill}");
        let changes = read["changes"].as_array().unwrap();
        if changes.is_empty() {
            assert!(old.iter().all(|(name, text)| means_same(text.as_deref(), owner.stored_policy(name).as_deref())));
            continue;
        }
        assert_eq!(changes.len(), 1, "kill {kill}");
        let state = changes[0]["state"].as_str().unwrap();
        assert!(["interrupted", "ended"].contains(&state), "kill {kill}: {state}");
        // What differs from before is a write that the journal knows.
        let known = changes[0]["repositories"].as_array().unwrap();
        for (name, text) in &old {
            if !means_same(owner.stored_policy(name).as_deref(), text.as_deref()) {
                assert!(known.contains(&name.as_str().into()), "kill {kill}: {name} was written and not noted");
            }
        }
        if state == "interrupted" {
            interrupted += 1;
            let is_written =
                |(name, text): &(&&str, &Option<String>)| !means_same(text.as_deref(), old[**name].as_deref());
            let written = stored.iter().filter(is_written).count();
            partly += usize::from(written > 0 && written < names.len());
            let next = owner.run(&["show", "crash/app-0"]);
            assert!(next.stderr.contains("was interrupted"), "kill {kill}: {}", next.stderr);
            assert!(!owner.run(&["show", "crash/app-0"]).stderr.contains("was interrupted"), "kill {kill}: told twice");
        }
        let undone = owner.run(&["undo", "--yes"]);
        assert_eq!(exit_code(&undone), 0, "kill {kill}: {undone:?}");
        for (name, text) in &old {
            let now = owner.stored_policy(name);
            assert!(means_same(now.as_deref(), text.as_deref()), "kill {kill}: {name}: {now:?}");
        }
    }
    assert!(interrupted >= kills / 2, "{interrupted} of {kills} were cut short");
    assert!(partly >= kills / 2, "{partly} of {kills} were cut short with a part written");
}
