//! `can`: one question by flags, and questions by the line, held against cases with documented answers.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Finished, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecr-grant");
const REPOSITORY: &str = "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp";
const ROLE: &str = "arn:aws:iam::111111111111:role/ci";

fn run_can(folder: &Path, arguments: &[&str]) -> Finished {
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("HOME", folder).current_dir(folder).stdin(Stdio::null()).arg("can").args(arguments);
    run(command)
}

fn exit_code(finished: &Finished) -> Option<i32> {
    finished.status.code()
}

/// Returns the answers to the lines of a file.
fn read_answers(cases: &Path) -> Vec<Value> {
    let home = tempfile::tempdir().unwrap();
    let finished = run_can(home.path(), &["--cases", cases.to_str().unwrap()]);
    assert_eq!(exit_code(&finished), Some(0), "{}", finished.stderr);
    finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Checks the answers to a file; an unsure case takes any answer that says so.
fn count_agreeing(cases: &Path) -> usize {
    let text = std::fs::read_to_string(cases).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answers = read_answers(cases);
    assert_eq!(rows.len(), answers.len());
    let mut wrong = Vec::new();
    for (row, answer) in rows.iter().zip(&answers) {
        assert_eq!(row["id"], answer["id"]);
        let agrees = if row["unsure"] == json!(true) {
            answer["unsure"] == json!(true) && !answer["notes"].as_array().unwrap().is_empty()
        } else {
            row["expected"] == answer["result"]
        };
        if !agrees {
            wrong.push(format!("{} expects {}: {answer}", row["id"], row["expected"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    rows.len()
}

#[test]
fn the_chosen_cases_have_their_documented_answers() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/ecr-policy/tests/cases/evaluation.jsonl");
    assert!(count_agreeing(&cases) >= 60);
    // Nothing is called unsure that is documented.
    let text = std::fs::read_to_string(&cases).unwrap();
    for (line, answer) in text.lines().zip(read_answers(&cases)) {
        let row: Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["unsure"], answer["unsure"], "{}: {answer}", row["id"]);
        assert_eq!(row["expected"], answer["result"], "{}: {answer}", row["id"]);
    }
}

#[test]
fn all_sample_cases_beside_the_checkout_have_their_documented_answers() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/evaluation.jsonl");
    if cases.exists() {
        assert!(count_agreeing(&cases) > 1000);
    }
}

/// Makes a folder with a policy that lets an organization pull, except on Mondays.
fn policy_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.json");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Org", "Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
        {"Sid": "NotCi", "Effect": "Deny", "Principal": "*", "Action": "ecr:*",
            "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/forbidden"}}},
    ]});
    std::fs::write(&path, policy.to_string()).unwrap();
    (folder, path)
}

#[test]
fn one_question_is_answered_in_words_and_by_the_exit_code() {
    let (home, policy) = policy_folder();
    let policy = policy.to_str().unwrap();
    let ask = |principal: &str, more: &[&str]| {
        let question =
            ["--policy", policy, "--principal", principal, "--action", "ecr:BatchGetImage", "--repository", REPOSITORY];
        run_can(home.path(), &[&question, more].concat())
    };
    let member = ["--context", "aws:PrincipalOrgID=o-a1b2c3d4e5"];
    let yes = ask(ROLE, &member);
    assert_eq!(exit_code(&yes), Some(0), "{}", yes.stdout);
    for words in ["allowed: ecr:BatchGetImage on vendorapp", "statement 1 \"Org\" (Allow) allows it", "out of sight"] {
        assert!(yes.stdout.contains(words), "{words}: {}", yes.stdout);
    }
    let stranger = ask(ROLE, &[]);
    assert_eq!(exit_code(&stranger), Some(1));
    assert!(stranger.stdout.contains("nothing allows it"), "{}", stranger.stdout);
    assert!(stranger.stdout.contains("--context does not give it: aws:PrincipalOrgID\n"), "{}", stranger.stdout);
    // The caller's own ARN is a condition key that need not be given.
    let denied =
        ask("arn:aws:sts::111111111111:assumed-role/forbidden/x", &[&member[..], &["--format", "json"]].concat());
    assert_eq!(exit_code(&denied), Some(1));
    let object: Value = serde_json::from_str(&denied.stdout).unwrap();
    assert_eq!(object["result"], "deny-explicit");
    assert_eq!((&object["allow"], &object["deny"], &object["unsure"]), (&json!([1]), &json!([2]), &json!(false)));
    assert_eq!(exit_code(&ask(ROLE, &[&member[..], &["--identity", "none"]].concat())), Some(1));
}

#[test]
fn the_repository_and_the_session_tell_no_more_than_they_know() {
    let (home, _) = policy_folder();
    let condition = json!({"StringEquals": {"aws:ResourceAccount": "222222222222", "aws:RequestedRegion": "eu-west-2"},
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/team/*"},
        "StringNotEquals": {"aws:PrincipalTag/team": "${ecr:ResourceTag/team}"}});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", "Condition": condition}]});
    std::fs::write(home.path().join("told.json"), policy.to_string()).unwrap();
    let ask = |more: &[&str]| {
        let session = "arn:aws:sts::111111111111:assumed-role/ci/run";
        let question =
            ["--policy", "told.json", "--principal", session, "--action", "BatchGetImage", "--repository", REPOSITORY];
        run_can(home.path(), &[&question, more].concat())
    };
    let open = ask(&[]);
    assert_eq!(exit_code(&open), Some(1));
    assert!(open.stdout.contains("(unsure)") && open.stdout.contains("path of its role"), "{}", open.stdout);
    let absent = "--context does not give it: aws:PrincipalTag/team, ecr:ResourceTag/team\n";
    assert!(open.stdout.contains(absent), "{}", open.stdout);
    let told = ask(&["--context", "aws:PrincipalArn=arn:aws:iam::111111111111:role/team/ci"]);
    assert_eq!(exit_code(&told), Some(0), "{}", told.stdout);
    assert!(!told.stdout.contains("unsure"), "{}", told.stdout);
    let elsewhere = ask(&["--context", "aws:RequestedRegion=eu-west-1"]);
    assert!(exit_code(&elsewhere) == Some(1) && !elsewhere.stdout.contains("unsure"), "{}", elsewhere.stdout);
}

#[test]
fn a_question_that_cannot_be_asked_is_a_usage_error_and_a_refused_policy_has_no_answer() {
    let (home, policy) = policy_folder();
    let policy = policy.to_str().unwrap();
    for wrong in [
        vec!["--policy", policy, "--principal", ROLE, "--action", "ecr:BatchGetImage"],
        vec!["--policy", policy, "--principal", "bob", "--action", "ecr:BatchGetImage", "--repository", REPOSITORY],
        vec!["--policy", policy, "--principal", ROLE, "--action", "s3:GetObject", "--repository", REPOSITORY],
        vec!["--policy", policy, "--principal", ROLE, "--action", "ecr:BatchGetImage", "--repository", "vendorapp"],
        vec!["--policy", "none.json", "--principal", ROLE, "--action", "ecr:PutImage", "--repository", REPOSITORY],
        vec!["--cases", "none.jsonl"],
        vec!["--cases", "-", "--policy", policy],
    ] {
        assert_eq!(exit_code(&run_can(home.path(), &wrong)), Some(2), "{wrong:?}");
    }
    std::fs::write(home.path().join("bad.json"), r#"{"Statement":[{"Effect":"allow"}]}"#).unwrap();
    let question =
        ["--policy", "bad.json", "--principal", ROLE, "--action", "BatchGetImage", "--repository", REPOSITORY];
    let refused = run_can(home.path(), &question);
    assert_eq!(exit_code(&refused), Some(4));
    assert!(
        refused.stdout.contains("ECR would refuse this policy") && refused.stdout.contains("E006"),
        "{}",
        refused.stdout
    );
}

#[test]
fn every_line_is_answered_whatever_it_holds() {
    let good = json!({"id": 7, "policy": {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}},
        "principal": ROLE, "action": "ecr:PutImage", "resource": REPOSITORY});
    let with = |field: &str, value: Value| {
        let mut row = good.clone();
        row[field] = value;
        row.to_string().into_bytes()
    };
    let deep = "[".repeat(100_000);
    let lines: Vec<(Vec<u8>, &str)> = vec![
        (good.to_string().into_bytes(), "allow"),
        (b"{\"id\":\"x\",".to_vec(), "error"),
        (b"[]".to_vec(), "error"),
        (b"\xff\xfe".to_vec(), "error"),
        (deep.into_bytes(), "error"),
        (with("policy", json!(null)), "error"),
        (with("policy", json!("nonsense")), "error"),
        (with("principal", json!(["a"])), "error"),
        (with("principal", json!("bob")), "error"),
        (with("action", json!("s3:GetObject")), "error"),
        (with("resource", json!("vendorapp")), "error"),
        (with("identity", json!("some")), "error"),
        (with("identity", json!("none")), "deny-implicit"),
        (with("context", json!([1])), "error"),
        (with("context", json!({"aws:x": {"y": 1}})), "error"),
        (with("context", json!({"aws:x": [1, true, "a"], "aws:y": null})), "allow"),
        (vec![b'x'; 5 * 1024 * 1024], "error"),
        (good.to_string().into_bytes(), "allow"),
    ];
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for (line, _) in &lines {
        file.write_all(line).unwrap();
        file.write_all(b"\r\n\n").unwrap();
    }
    let answers = read_answers(file.path());
    let results: Vec<&str> = answers.iter().map(|a| a["result"].as_str().unwrap()).collect();
    assert_eq!(results, lines.iter().map(|(_, expected)| *expected).collect::<Vec<_>>());
    for answer in &answers {
        let fields: Vec<&String> = answer.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["id", "result", "unsure", "allow", "deny", "notes"]);
        assert!(answer["result"] != "error" || !answer["notes"].as_array().unwrap().is_empty(), "{answer}");
    }
    assert_eq!((&answers[0]["id"], &answers[1]["id"], &answers[8]["id"]), (&json!(7), &Value::Null, &json!(7)));
}
