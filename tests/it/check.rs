//! `check`: findings in each form of output, repairs in place, exit codes.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Finished, clean_command, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecr-grant");

/// A policy with one slip of JSON and one wrong effect.
const SLIPS: &str = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\n    \"Sid\": \"\u{e9}\", \"Effect\": \"allow\",\n    \
                     \"Principal\": {\"AWS\": \"111111111111\"},\n    \"Action\": [\"ecr:BatchGetImage\"],\n  }]\n}\n";

const GOOD: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},
"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}"#;

/// A risk, and nothing wrong.
const RISKY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}"#;

/// Returns a likely mistake, and nothing wrong.
fn half_a_pull() -> String {
    GOOD.replace(",\"ecr:GetDownloadUrlForLayer\"", "")
}

fn folder_with(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn check_command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = clean_command(PROGRAM, folder);
    command.current_dir(folder).arg("check").args(arguments).stdin(Stdio::null());
    command
}

fn run_check(folder: &Path, arguments: &[&str]) -> Finished {
    run(check_command(folder, arguments))
}

fn exit_code(finished: &Finished) -> i32 {
    finished.status.code().unwrap()
}

#[test]
fn the_policy_of_a_registry_is_recognised_or_named() {
    let registry = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Copies", "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
        "Resource": ["arn:aws:ecr:eu-west-2:222222222222:repository/*"]}]});
    let printed = json!({"registryId": "222222222222", "policyText": registry.to_string()});
    let resource = "\"Resource\":\"arn:aws:ecr:eu-west-2:222222222222:repository/web\",\"Effect\"";
    let own = GOOD.replace("\"Effect\"", resource);
    let files = [("registry.json", registry.to_string()), ("printed.json", printed.to_string()), ("own.json", own)];
    let folder = folder_with(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
    let found = |arguments: &[&str]| -> (String, Vec<String>) {
        let told = run_check(folder.path(), &[arguments, &["--owner", "222222222222", "--format", "json"]].concat());
        let file = serde_json::from_str::<Value>(&told.stdout).unwrap()["files"][0].clone();
        let ids = file["findings"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap().to_owned());
        (file["kind"].as_str().unwrap().to_owned(), ids.collect())
    };
    assert_eq!(found(&["registry.json"]), ("registry".to_owned(), Vec::new()));
    assert_eq!(found(&["registry.json", "--kind", "repository"]), ("repository".to_owned(), vec!["E016".to_owned()]));
    assert_eq!(found(&["own.json"]), ("repository".to_owned(), vec!["E016".to_owned()]));
    assert_eq!(found(&["own.json", "--kind", "registry"]), ("registry".to_owned(), Vec::new()));
    let (kind, ids) = found(&["printed.json"]);
    assert!(kind == "registry" && ids.contains(&"W225".to_owned()), "{kind} {ids:?}");
    let told = run_check(folder.path(), &["registry.json", "--owner", "222222222222"]);
    assert_eq!(exit_code(&told), 0);
    assert!(
        told.stdout.contains("nothing found") && told.stdout.contains("the policy of a registry"),
        "{}",
        told.stdout
    );
    let explained = run_check(folder.path(), &["--explain", "missing-resource"]);
    assert!(explained.stdout.contains("in a registry of account"), "{}", explained.stdout);
}

#[test]
fn a_finding_is_shown_under_its_line_with_the_reason_and_the_fix() {
    let folder = folder_with(&[("policy.json", SLIPS), ("half.json", &half_a_pull())]);
    let told = run_check(folder.path(), &["policy.json", "--ascii"]);
    assert_eq!(exit_code(&told), 1, "{told:?}");
    let effect = [
        "error[E006]: `allow` is neither Allow nor Deny",
        " --> policy.json:4:27",
        "  |",
        "4 |     \"Sid\": \"\u{e9}\", \"Effect\": \"allow\",",
        "  |                           ^^^^^^^",
    ];
    let lines: Vec<&str> = told.stdout.lines().skip_while(|l| !l.starts_with("error[E006]")).take(5).collect();
    assert_eq!(lines, effect, "{}", told.stdout);
    assert!(told.stdout.contains("= why: The effect is exactly Allow or Deny."), "{}", told.stdout);
    assert!(told.stdout.contains("write `Allow` (--fix does it)"), "{}", told.stdout);
    let half = run_check(folder.path(), &["half.json"]);
    assert!(half.stdout.contains("(changes who has access)"), "the rest of the pull: {}", half.stdout);
    assert!(told.stdout.trim_end().ends_with("of 10240 characters"), "{}", told.stdout);
    assert!(!told.stdout.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn the_json_form_has_its_documented_fields() {
    let folder = folder_with(&[("policy.json", SLIPS), ("good.json", GOOD)]);
    let told = run_check(folder.path(), &["policy.json", "good.json", "--format", "json", "--owner", "222222222222"]);
    assert_eq!(exit_code(&told), 1);
    let value: Value = serde_json::from_str(&told.stdout).unwrap();
    let good = &value["files"][1];
    assert_eq!(
        *good,
        json!({"file": "good.json", "kind": "repository", "owner": "222222222222", "class": "cross-account", "size": GOOD.chars().count(),
               "findings": []})
    );
    let file = &value["files"][0];
    let effect = file["findings"].as_array().unwrap().iter().find(|f| f["id"] == "E006").unwrap();
    let offset = SLIPS.find("\"allow\"").unwrap();
    for (field, expected) in [
        ("name", json!("invalid-effect")),
        ("severity", json!("error")),
        ("stops", json!(true)),
        ("line", json!(4)),
        ("column", json!(27)),
        ("end_line", json!(4)),
        ("end_column", json!(34)),
        ("offset", json!(offset)),
        ("end_offset", json!(offset + 7)),
        ("pointer", json!("/Statement/0/Effect")),
    ] {
        assert_eq!(effect[field], expected, "{field}");
    }
    assert_eq!(effect["fix"]["changes_access"], false);
    assert_eq!(effect["fix"]["edits"], json!([{"offset": offset, "end_offset": offset + 7, "text": "\"Allow\""}]));
    assert!(effect["message"].is_string() && effect["why"].is_string());
}

#[test]
fn the_owner_or_the_region_tells_the_partition() {
    let china = GOOD.replace("arn:aws:", "arn:aws-cn:");
    let folder = folder_with(&[("china.json", &china), ("usual.json", GOOD)]);
    let found = |arguments: &[&str]| {
        let told = run_check(folder.path(), &[&["china.json", "usual.json", "--format", "json"], arguments].concat());
        let value: Value = serde_json::from_str(&told.stdout).unwrap_or_else(|e| panic!("{e}: {}", told.stderr));
        let s114 = |file: &Value| file["findings"].as_array().unwrap().iter().any(|f| f["id"] == "S114");
        (value["files"][0]["owner"].clone(), s114(&value["files"][0]), s114(&value["files"][1]))
    };
    assert_eq!(found(&[]), (Value::Null, true, false));
    assert_eq!(found(&["--owner", "222222222222"]), (json!("222222222222"), true, false));
    assert_eq!(found(&["--region", "cn-north-1"]), (Value::Null, false, true));
    let root = ["--owner", "arn:aws-cn:iam::222222222222:root"];
    assert_eq!(found(&root), (json!("222222222222"), false, true));
    let both = run_check(folder.path(), &[&["china.json", "--region", "eu-west-2"], &root[..]].concat());
    assert_eq!(exit_code(&both), 2);
    assert!(both.stderr.contains("--owner is of aws-cn, and the Region eu-west-2 of aws"), "{}", both.stderr);
    let role = run_check(folder.path(), &["china.json", "--owner", "arn:aws:s3:::bucket"]);
    assert_eq!(exit_code(&role), 2);
}

#[test]
fn a_line_a_file_is_printed_for_programs_that_stream() {
    let folder = folder_with(&[("a.json", GOOD), ("b.json", "{")]);
    let told = run_check(folder.path(), &["a.json", "b.json", "--format", "jsonl"]);
    let lines: Vec<Value> = told.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["file"], &lines[1]["file"]), (&json!("a.json"), &json!("b.json")));
    assert_eq!(lines[1]["findings"][0]["id"], "E001");
    assert_eq!(lines[0]["owner"], Value::Null);
}

#[test]
fn sarif_names_the_rule_the_place_and_only_fixes_that_keep_access() {
    let folder = folder_with(&[("my policy.json", SLIPS), ("half.json", &half_a_pull())]);
    let told = run_check(folder.path(), &["my policy.json", "half.json", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"], "{result}");
    }
    let of = |id: &str| results.iter().find(|r| r["ruleId"] == id).unwrap();
    let place = &of("E006")["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "my%20policy.json");
    let region = &place["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&json!(4), &json!(27)));
    assert_eq!(of("E006")["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], "\"Allow\"");
    assert_eq!(of("W204")["fixes"], json!([]), "it would give more than was written");
    assert_eq!((&of("E006")["level"], &of("W204")["level"]), (&json!("error"), &json!("warning")));
    let other = run_elsewhere(folder.path());
    assert_eq!(exit_code(&other), 2, "{other:?}");
}

fn run_elsewhere(folder: &Path) -> Finished {
    let mut show = clean_command(PROGRAM, folder);
    show.args(["--demo", "show", "vendorapp", "--format", "sarif"]);
    run(show)
}

#[test]
fn the_least_grave_failure_is_chosen_by_flag() {
    let folder = folder_with(&[
        ("wrong.json", SLIPS),
        ("risky.json", RISKY),
        ("likely.json", &half_a_pull()),
        ("good.json", GOOD),
    ]);
    for (file, fail_on, expected) in [
        ("wrong.json", "error", 1),
        ("risky.json", "error", 0),
        ("risky.json", "security", 1),
        ("likely.json", "security", 0),
        ("likely.json", "warning", 1),
        ("good.json", "warning", 0),
    ] {
        let told = run_check(folder.path(), &[file, "--fail-on", fail_on]);
        assert_eq!(exit_code(&told), expected, "{file} {fail_on}: {}", told.stdout);
    }
    assert_eq!(exit_code(&run_check(folder.path(), &["risky.json"])), 0, "errors alone by default");
    let missing = run_check(folder.path(), &["no-such-file", "wrong.json"]);
    assert_eq!(exit_code(&missing), 2);
    assert!(missing.stdout.contains("E006"), "the others are checked: {missing:?}");
    assert_eq!(exit_code(&run_check(folder.path(), &["-", "-"])), 2);
}

#[test]
fn fix_turns_other_languages_into_json_on_the_standard_output() {
    let yaml = "Version: 2012-10-17\nStatement:\n- Effect: allow\n  Principal: {AWS: '111111111111'}\n  Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']\n";
    let folder = folder_with(&[("policy.yaml", yaml)]);
    let told = run_check(folder.path(), &["policy.yaml"]);
    assert!(
        told.stdout.contains("write the policy as JSON (--fix writes it to the standard output)"),
        "{}",
        told.stdout
    );
    let told = run_check(folder.path(), &["--fix", "policy.yaml"]);
    assert_eq!(exit_code(&told), 1);
    assert_eq!(serde_json::from_str::<Value>(&told.stdout).unwrap()["Statement"][0]["Effect"], "Allow");
    assert!(told.stderr.contains("policy.yaml: the file stays as it is: this is YAML"), "{}", told.stderr);
    assert_eq!(std::fs::read_to_string(folder.path().join("policy.yaml")).unwrap(), yaml, "the file stays YAML");
    let (mended, told) = mended_input(folder.path(), yaml);
    let policy: Value = serde_json::from_str(&mended).unwrap();
    assert_eq!(policy["Statement"][0]["Effect"], "Allow");
    assert!(told.contains("-: E001: write the policy as JSON"), "{told}");
}

#[test]
fn fix_mends_files_in_place_and_never_what_somebody_may_do() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder_with(&[("policy.json", SLIPS)]);
    let path = folder.path().join("policy.json");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    for flag in ["--dry-run", "--read-only"] {
        let told = run_check(folder.path(), &["--fix", "policy.json", flag]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), SLIPS, "{flag}: {told:?}");
    }
    assert_eq!(exit_code(&run_check(folder.path(), &["--fix", "policy.json", "--read-only"])), 4);
    let told = run_check(folder.path(), &["--fix", "policy.json"]);
    let mended = SLIPS.replace("\"allow\"", "\"Allow\"").replace("],\n  }]", "]\n  }]");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), mended);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    assert!(told.stderr.contains("E006: write `Allow`"), "{}", told.stderr);
    assert!(told.stdout.contains("W204") && !told.stdout.contains("E006"), "what is left is told: {}", told.stdout);
    assert_eq!(exit_code(&told), 0);
}

/// Runs `--fix -` on an input; returns the mended text and the messages.
fn mended_input(folder: &Path, input: &str) -> (String, String) {
    let mut command = check_command(folder, &["--fix", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let told = text(output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    (text(output.stdout), told)
}

#[test]
fn fix_writes_the_mended_input_to_the_output() {
    let folder = folder_with(&[]);
    assert_eq!(mended_input(folder.path(), &GOOD.replace("\"Allow\"", "\"allow\"")).0, GOOD);
    assert_eq!(exit_code(&run_check(folder.path(), &["--fix", "-", "--format", "json"])), 2);
}

#[test]
fn a_file_that_is_no_text_is_a_finding_and_its_signs_never_reach_the_terminal() {
    let folder = folder_with(&[("escape.json", "{\"Version\": \"\u{1b}[31m\u{9b}2J\u{202e}\"}")]);
    let wide: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.path().join("wide.json"), wide).unwrap();
    let told = run_check(folder.path(), &["wide.json", "--format", "json"]);
    let value: Value = serde_json::from_str(&told.stdout).unwrap();
    let findings = value["files"][0]["findings"].as_array().unwrap();
    assert_eq!((findings.len(), &findings[0]["id"]), (1, &json!("E001")));
    assert!(findings[0]["message"].as_str().unwrap().contains("UTF-16"), "{findings:?}");
    let told = run_check(folder.path(), &["escape.json"]);
    assert!(told.stdout.contains("escape.json"), "{told:?}");
    assert!(!told.stdout.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{}", told.stdout);
}

#[test]
fn a_line_without_end_is_shown_around_each_finding_with_its_own_column() {
    let statement = r#"{"Effect":"allow","Principal":"*","Action":"ecr:*"}"#;
    let text = format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{}]}}", [statement; 180].join(","));
    let folder = folder_with(&[("policy.json", &text)]);
    let told = run_check(folder.path(), &["policy.json", "--ascii"]);
    let last = text.rfind("\"allow\"").unwrap();
    assert!(told.stdout.contains(&format!(" --> policy.json:1:{}\n", last + 1)), "{}", told.stdout);
    assert!(told.stdout.lines().all(|line| line.chars().count() <= 110), "{}", told.stdout);
    let marked = told.stdout.lines().filter(|line| line.contains("^^^^^^^")).count();
    assert_eq!(marked, 180);
}

#[test]
fn the_line_ends_of_windows_are_not_drawn() {
    let folder = folder_with(&[("policy.json", &SLIPS.replace('\n', "\r\n"))]);
    let told = run_check(folder.path(), &["policy.json"]);
    assert!(told.stdout.contains("policy.json:4:27") && !told.stdout.contains('\u{240d}'), "{}", told.stdout);
}

#[test]
fn a_rule_is_explained_by_its_name_or_its_id_with_an_example_and_its_fix() {
    let folder = folder_with(&[]);
    let told = run_check(folder.path(), &["--explain", "wildcard-principal"]);
    assert_eq!((exit_code(&told), told.stderr.as_str()), (0, ""));
    for part in [
        "E013 wildcard-principal (error, stops a save)\n\nIt finds a wildcard inside a principal.\nECR takes no wildcard",
        "\n        \"AWS\": \"arn:aws:iam::111111111111:role/*\"\n",
        "\nLine 8, column 16: `arn:aws:iam::111111111111:role/*` has a wildcard inside\nFix: name the account",
        "(changes who has access)\n\n    {\n",
        "{\"ArnLike\": {\"aws:PrincipalArn\": \"arn:aws:iam::111111111111:role/*\"}}",
    ] {
        assert!(
            told.stdout.contains(&part.replace("\n        \"AWS\"", "\n            \"AWS\"")),
            "{part}: {}",
            told.stdout
        );
    }
    assert_eq!(run_check(folder.path(), &["--explain", "e013"]).stdout, told.stdout);
    let told = run_check(folder.path(), &["--explain", "E013", "--format", "json"]);
    let rule: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(
        (&rule["id"], &rule["name"], &rule["stops"]),
        (&json!("E013"), &json!("wildcard-principal"), &json!(true))
    );
    let example = rule["example"]["text"].as_str().unwrap();
    std::fs::write(folder.path().join("example.json"), example).unwrap();
    let checked = run_check(folder.path(), &["example.json", "--format", "json", "--owner", "222222222222"]);
    let checked: Value = serde_json::from_str(&checked.stdout).unwrap();
    let finding = &checked["files"][0]["findings"][0];
    for field in ["message", "line", "column", "end_line", "end_column", "offset", "end_offset"] {
        assert_eq!(finding[field], rule["example"][field], "{field}");
    }
    assert!(rule["example"]["fix"]["mended"].as_str().unwrap().contains("ArnLike"));
    let line = run_check(folder.path(), &["--explain", "E029", "--format", "jsonl"]);
    assert_eq!((exit_code(&line), line.stdout.lines().count()), (0, 1));
    assert!(run_check(folder.path(), &["--explain", "too-long"]).stdout.contains("(a text of 11285 characters)"));
}

#[test]
fn a_rule_that_is_not_there_is_a_wrong_command_line() {
    let folder = folder_with(&[]);
    let told = run_check(folder.path(), &["--explain", "wildcrad-principal"]);
    assert_eq!(exit_code(&told), 2);
    assert!(told.stderr.contains("did you mean wildcard-principal?"), "{}", told.stderr);
    assert_eq!(exit_code(&run_check(folder.path(), &["--explain", "E013", "--format", "sarif"])), 2);
    let mut completions = clean_command(PROGRAM, folder.path());
    completions.args(["completions", "bash"]);
    assert!(run(completions).stdout.contains(" wildcard-principal "), "names are offered");
}
