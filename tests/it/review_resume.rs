//! `review --resume`: a review that is killed goes on with what it had read, and says the same as one that was not.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use ecr_grant::sandbox::{Service, Trouble};
use serde_json::{Value, json};

use super::review::{PULL, ReviewHome, allow, exit_code, policy_of};
use super::support::clean_command;

const READ: &str = "GetRepositoryPolicy";
const COUNT: usize = 120;

/// Every tenth has no policy, every fifth one of its own, in odd layouts.
fn sample_home() -> ReviewHome {
    let policies: Vec<(String, Value)> = (0..COUNT)
        .map(|number| {
            let account = format!("{:012}", 300_000_000_000_usize + number % 5);
            (format!("team/app-{number:03}"), policy_of(&allow(&json!({"AWS": account}), &json!({}))))
        })
        .collect();
    let home = ReviewHome::of_policies(&policies);
    for number in (0..COUNT).step_by(10) {
        home.store(&format!("team/app-{number:03}"), None);
    }
    for number in (1..COUNT).step_by(5) {
        let own = json!([{"Sid": format!("Ü\t{number}"), "Effect": "Allow", "Principal": "*", "Action": PULL}]);
        home.store(&format!("team/app-{number:03}"), Some(&policy_of(&own)));
    }
    home
}

/// Counts the repositories whose policy was asked for. A request of a program that was killed may still come in: it is
/// about a repository that no record holds.
fn count_reads(service: &Service) -> usize {
    let calls = service.recorded_calls();
    calls.iter().filter(|call| call.operation == READ).map(|call| &call.repository).collect::<BTreeSet<_>>().len()
}

impl ReviewHome {
    fn record(&self) -> PathBuf {
        self.home.path().join("record.jsonl")
    }

    fn record_length(&self) -> usize {
        std::fs::read(self.record()).map_or(0, |bytes| bytes.split(|byte| *byte == b'\n').count() - 1)
    }

    /// Begins a review with a record and kills it once the record has so many lines, or the review is over.
    fn kill_after(&self, lines: usize) {
        let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), self.home.path());
        command.args(["review", "--endpoint-url", &self.served.url, "--profile", "owner", "--resume", "record.jsonl"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while self.record_length() < lines && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn a_review_that_a_signal_ends_names_the_record_that_it_left() {
    for record in [true, false] {
        // A registry of its own: a request of the program that has ended may still come in.
        let home = sample_home();
        home.served.service.set_faults("latency=20ms".parse().unwrap());
        let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.home.path());
        command.args(["review", "--endpoint-url", &home.served.url, "--profile", "owner"]);
        if record {
            command.args(["--resume", "record.jsonl"]);
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let has_begun = || count_reads(&home.served.service) >= 3 && (!record || home.record_length() >= 2);
        while !has_begun() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(130), "{said}");
        assert!(said.contains("Interrupted: nothing was written to AWS."), "{said}");
        assert_eq!(said.contains("goes on with the policies that record.jsonl holds"), record, "{said}");
    }
}

#[test]
fn a_review_that_is_killed_anywhere_goes_on_and_says_the_same_byte_for_byte() {
    let home = sample_home();
    let calm = home.review(&["--format", "json", "--with-policy"]);
    assert_eq!(exit_code(&calm), 1, "{}", calm.stderr);
    // Slow enough that a kill comes in the middle.
    home.served.service.set_faults("latency=5ms".parse().unwrap());
    for lines in [0, 1, 2, 17, 64, 100] {
        let _ = std::fs::remove_file(home.record());
        home.kill_after(lines);
        let known = home.record_length().saturating_sub(1);
        // The last line is torn.
        if let Ok(bytes) = std::fs::read(home.record()) {
            std::fs::write(home.record(), [&bytes[..], b"{\"arn\":\"arn:aws:ecr:eu-w\xc3"].concat())
                .unwrap_or_default();
            if known == 0 && bytes.is_empty() {
                std::fs::write(home.record(), b"{\"rec").unwrap();
            }
        }
        home.served.service.forget_calls();
        let resumed = home.review(&["--format", "json", "--with-policy", "--resume", "record.jsonl"]);
        assert_eq!(exit_code(&resumed), 1, "{lines}: {}", resumed.stderr);
        assert_eq!(resumed.stdout, calm.stdout, "{lines}");
        assert_eq!(
            count_reads(&home.served.service),
            COUNT - known,
            "{lines}: what is recorded is not asked for again"
        );
        assert_eq!(
            resumed.stderr.contains("are those of record.jsonl, at most 0 min old"),
            known > 0,
            "{}",
            resumed.stderr
        );
        assert!(!home.record().exists(), "there is nothing to go on with");
    }
}

#[test]
fn what_failed_is_read_again_and_the_rest_is_not() {
    let home = sample_home();
    let calm = home.review(&["--format", "json"]);
    let refusal = Trouble::Error(400, "AccessDeniedException".into(), "no".into());
    home.served.service.add_trouble(Some(READ), 40, 7, refusal);
    let partly = home.review(&["--format", "json", "--resume", "record.jsonl"]);
    assert_eq!(exit_code(&partly), 6, "{}", partly.stderr);
    assert!(
        partly.stderr.contains("the same command with --resume record.jsonl reads what is missing"),
        "{}",
        partly.stderr
    );
    home.served.service.forget_calls();
    // The form, and what the findings are held to, may be others.
    let table = home.review(&["--format", "table", "--fail-on", "none", "--resume", "record.jsonl"]);
    assert_eq!((exit_code(&table), count_reads(&home.served.service)), (0, 7), "{}", table.stderr);
    assert_eq!(table.stdout, home.review(&["--format", "table"]).stdout);
    // Made anew, gone and new since: the list decides, and no old policy stands for another repository.
    home.served.service.add_trouble(Some(READ), 0, 1, Trouble::Error(400, "AccessDeniedException".into(), "no".into()));
    let partly = home.review(&["--format", "json", "--resume", "record.jsonl"]);
    assert_eq!(exit_code(&partly), 6);
    home.remove("team/app-020");
    home.remove("team/app-021");
    home.add("team/app-021", &policy_of(&allow(&json!({"AWS": "444444444444"}), &json!({}))));
    home.add("team/new", &policy_of(&allow(&json!({"AWS": "444444444444"}), &json!({}))));
    let resumed = home.review(&["--format", "json", "--resume", "record.jsonl"]);
    assert_eq!(resumed.stdout, home.review(&["--format", "json"]).stdout);
    assert!(resumed.stdout.contains("444444444444") && !calm.stdout.contains("444444444444"));
    assert!(resumed.stderr.contains("note: 1 repositories of record.jsonl are gone"), "{}", resumed.stderr);
}

#[test]
fn a_file_of_anything_else_is_refused_and_stays_as_it_is() {
    let home = sample_home();
    home.kill_after(2);
    let record = std::fs::read(home.record()).unwrap();
    assert!(record.starts_with(b"{\"record\":\"ecr-grant review\","));
    let many = "important\n".repeat(3);
    let inside = String::from_utf8_lossy(&record).replacen("\"read\":", "\"rad\":", 1);
    for foreign in ["important", many.as_str(), "{\"a\": 1}\n", "\u{1}", inside.as_str()] {
        std::fs::write(home.record(), foreign).unwrap();
        home.served.service.forget_calls();
        let refused = home.review(&["--resume", "record.jsonl"]);
        assert_eq!(exit_code(&refused), 2, "{foreign}: {}", refused.stderr);
        assert_eq!(std::fs::read_to_string(home.record()).unwrap(), foreign);
        // Reads of the program that was killed may still come in.
        let asked = home.served.service.recorded_calls();
        assert!(asked.iter().all(|call| call.operation == READ), "told before anybody is asked: {asked:?}");
    }
    std::fs::write(home.record(), &record).unwrap();
    for other in [&["--regions", "eu-west-2"][..], &["team/*"], &["--profiles", "owner"]] {
        let refused = home.review(&[other, &["--resume", "record.jsonl"]].concat());
        assert_eq!(exit_code(&refused), 2, "{other:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("the record of a review with --profile owner"), "{}", refused.stderr);
        assert_eq!(std::fs::read(home.record()).unwrap(), record);
    }
    assert_eq!(exit_code(&home.review(&["--resume", "."])), 2);
    let held = std::fs::File::open(home.record()).unwrap();
    held.lock().unwrap();
    let refused = home.review(&["--resume", "record.jsonl"]);
    assert!(exit_code(&refused) == 2 && refused.stderr.contains("another review writes it"), "{}", refused.stderr);
}
