//! `delta`: each line with a request that shows it, held against `can`, word for word.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Finished, run};

const OWNER: &str = "222222222222";

fn run_program(folder: &Path, arguments: &[&str]) -> Finished {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecr-grant"));
    command.env_clear().env("HOME", folder).current_dir(folder).stdin(Stdio::null()).args(arguments);
    run(command)
}

/// Returns the folder with the two policies, and the difference as JSON with the exit code.
fn compare_policies(old: &Value, new: &Value, more: &[&str]) -> (tempfile::TempDir, Value, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, policy) in [("old.json", old), ("new.json", new)] {
        let text = if policy.is_null() { String::new() } else { policy.to_string() };
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let arguments = [&["delta", "old.json", "new.json", "--format", "json"], more].concat();
    let finished = run_program(folder.path(), &arguments);
    let value = serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("{finished:?}"));
    (folder, value, finished.status.code())
}

/// Returns the answer of `can` to a witness under a policy file; an empty file allows nothing.
fn ask_can(folder: &Path, policy: &str, witness: &Value) -> bool {
    if std::fs::read_to_string(folder.join(policy)).unwrap().is_empty() {
        return false;
    }
    let text = |name: &str| witness[name].as_str().unwrap().to_owned();
    let mut arguments: Vec<String> = ["can", "--policy", policy, "--principal"].map(str::to_owned).into();
    arguments.extend([text("principal"), "--action".into(), text("action"), "--repository".into(), text("resource")]);
    arguments.extend(["--identity".into(), text("identity")]);
    for (key, value) in witness["context"].as_object().unwrap() {
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for value in values {
            arguments.extend(["--context".to_owned(), format!("{key}={}", value.as_str().unwrap())]);
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let finished = run_program(folder, &arguments);
    assert!(matches!(finished.status.code(), Some(0 | 1)), "{finished:?}");
    finished.status.code() == Some(0)
}

#[expect(clippy::needless_pass_by_value, reason = "what is made for the call is given away")]
fn statement_of(effect: &str, who: Value, actions: Value, condition: Value) -> Value {
    json!({"Effect": effect, "Principal": who, "Action": actions, "Condition": condition})
}

fn policy_of(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

#[test]
fn every_witness_is_answered_by_can_word_for_word() {
    let pull = json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
    let account = statement_of("Allow", json!({"AWS": "111111111111"}), pull.clone(), json!({}));
    let paths = json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-aaaaaaaaaa/r-ab12/*"}});
    let org = statement_of("Allow", json!("*"), pull.clone(), paths);
    let window = json!({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let timed = statement_of("Allow", json!({"AWS": "arn:aws:iam::333333333333:role/team/ci"}), json!("ecr:*"), window);
    let lambda = statement_of(
        "Allow",
        json!({"Service": "lambda.amazonaws.com"}),
        pull.clone(),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:lambda:*:111111111111:function:*"}}),
    );
    let tagged = json!({"StringLike": {"aws:PrincipalTag/team": "${aws:username}-*"}});
    let variable =
        statement_of("Allow", json!({"AWS": "arn:aws:iam::111111111111:user/ana"}), json!("ecr:PutImage"), tagged);
    let fence = json!({"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-11111111"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}});
    let deny = statement_of("Deny", json!("*"), json!("*"), fence);
    let pairs = [
        (
            json!(null),
            policy_of(&[account.clone(), org.clone(), timed.clone(), lambda.clone(), variable.clone()]),
            5,
            0,
        ),
        (
            policy_of(&[account.clone(), lambda.clone()]),
            policy_of(&[account.clone(), lambda.clone(), deny.clone()]),
            0,
            1,
        ),
        (policy_of(&[timed, deny.clone()]), policy_of(&[org, variable, deny]), 2, 1),
        (policy_of(&[account, lambda]), json!(null), 0, 2),
    ];
    for (old, new, gains, losses) in pairs {
        let (folder, value, code) = compare_policies(&old, &new, &[]);
        assert_eq!(code, Some(1));
        let count = |name: &str| value[name].as_array().unwrap().len();
        assert_eq!((count("gains"), count("losses")), (gains, losses), "{value:#}");
        for (name, yes, no) in [("gains", "new.json", "old.json"), ("losses", "old.json", "new.json")] {
            for change in value[name].as_array().unwrap() {
                let fields: Vec<&String> = change.as_object().unwrap().keys().collect();
                assert_eq!(fields, ["grantee", "grantee_kind", "actions", "conditions", "witness"]);
                assert!(change["actions"].as_array().unwrap().contains(&change["witness"]["action"]), "{change}");
                assert!(ask_can(folder.path(), yes, &change["witness"]), "{change}");
                assert!(!ask_can(folder.path(), no, &change["witness"]), "{change}");
            }
        }
    }
}

#[test]
fn no_difference_says_so_whatever_the_spelling() {
    let one = policy_of(&[statement_of("Allow", json!({"AWS": ["111111111111"]}), json!(["ecr:Batch*"]), json!({}))]);
    let root = json!({"AWS": "arn:aws:iam::111111111111:root"});
    let other = policy_of(&[
        statement_of("Allow", root.clone(), json!("ecr:batch*"), json!({})),
        statement_of("Allow", root, json!("ecr:BatchGetImage"), json!({"Bool": {"aws:SecureTransport": "true"}})),
        statement_of("Deny", json!("*"), json!("*"), json!({"Bool": {"aws:SecureTransport": "false"}})),
    ]);
    let (folder, value, code) = compare_policies(&one, &other, &[]);
    assert_eq!((code, value), (Some(0), json!({"gains": [], "losses": []})));
    let told = run_program(folder.path(), &["delta", "old.json", "new.json"]);
    assert_eq!((told.status.code(), told.stdout.as_str()), (Some(0), "no difference: nobody gains, nobody loses\n"));
}

#[test]
fn the_owner_decides_what_a_grant_to_its_own_account_is_worth() {
    let to =
        |who: &str| policy_of(&[statement_of("Allow", json!({"AWS": who}), json!("ecr:BatchGetImage"), json!({}))]);
    let owner = ["--owner", OWNER];
    let (_, value, code) = compare_policies(&json!(null), &to(OWNER), &owner);
    assert_eq!(code, Some(0), "its identities have it by their own policies: {value}");
    assert_eq!(compare_policies(&json!(null), &to(OWNER), &[]).2, Some(1), "another account would gain");
    let (folder, value, _) = compare_policies(&json!(null), &to("arn:aws:iam::222222222222:role/ci"), &owner);
    assert_eq!(value["gains"][0]["witness"]["identity"], "none", "{value}");
    assert!(ask_can(folder.path(), "new.json", &value["gains"][0]["witness"]));
    let deny = policy_of(&[statement_of("Deny", json!("*"), json!("ecr:PutImage"), json!({}))]);
    let (_, value, _) = compare_policies(&json!(null), &deny, &owner);
    assert_eq!(value["losses"][0]["grantee"], OWNER, "nobody else had it: {value}");
    assert_eq!(compare_policies(&json!(null), &deny, &[]).2, Some(0));
}

#[test]
fn lines_are_told_in_words_and_one_a_line() {
    let who = json!({"AWS": "111111111111"});
    let old = policy_of(&[statement_of("Allow", who.clone(), json!("ecr:BatchGetImage"), json!({}))]);
    let narrow = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let new = policy_of(&[statement_of("Allow", who, json!(["ecr:BatchGetImage", "ecr:PutImage"]), narrow)]);
    let (folder, _, _) = compare_policies(&old, &new, &[]);
    let told = run_program(folder.path(), &["delta", "old.json", "new.json"]);
    assert_eq!(told.status.code(), Some(1));
    for words in
        ["- account 111111111111 loses BatchGetImage", "+ account 111111111111 gains", "who may now ecr:PutImage"]
    {
        assert!(told.stdout.contains(words), "{words}: {}", told.stdout);
    }
    let lines = run_program(folder.path(), &["delta", "old.json", "new.json", "--format", "jsonl"]);
    let objects: Vec<Value> = lines.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.iter().map(|o| o["change"].as_str().unwrap()).collect::<Vec<_>>(), ["gain", "loss"]);
}

#[test]
fn a_policy_that_is_none_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let good = policy_of(&[statement_of("Allow", json!("*"), json!("ecr:*"), json!({}))]).to_string();
    std::fs::write(folder.path().join("good.json"), good).unwrap();
    std::fs::write(folder.path().join("bad.json"), "{\n  \"Statement\": [}\n}").unwrap();
    for (arguments, words) in [
        (["delta", "good.json", "bad.json"], "bad.json:2:"),
        (["delta", "bad.json", "good.json"], "bad.json:2:"),
        (["delta", "good.json", "gone.json"], "gone.json cannot be read"),
        (["delta", "-", "-"], "named twice"),
    ] {
        let finished = run_program(folder.path(), &arguments);
        assert_eq!(finished.status.code(), Some(2), "{finished:?}");
        assert!(finished.stderr.contains(words), "{finished:?}");
    }
}
