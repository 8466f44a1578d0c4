//! `check --fix` on files: those that it writes in place, and those that it never touches.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Stdio;

use ecr_grant::policy::{CheckOptions, Policy, lint};
use tempfile::TempDir;

use crate::support::{Finished, clean_command, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecr-grant");

const GOOD: &str = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Sid\": \"Pull\",\n      \
                    \"Effect\": \"Allow\",\n      \"Principal\": {\"AWS\": \"arn:aws:iam::111111111111:root\"},\n      \
                    \"Action\": [\"ecr:BatchGetImage\", \"ecr:GetDownloadUrlForLayer\"]\n    }\n  ]\n}";

/// Returns policies that `--fix` can mend.
fn fixable_policies() -> Vec<String> {
    vec![
        GOOD.replace("\"Allow\"", "\"allow\""),
        GOOD.replace("Layer\"]", "Layer\",]"),
        GOOD.replace("\"Version\"", "\"version\""),
        GOOD.replace("\"Version\": \"2012-10-17\",", "// the new one\n  \"Version\": \"2012-10-17\","),
        GOOD.replace('"', "'"),
        GOOD.replace("\"Sid\"", "Sid"),
        GOOD.replace("2012-10-17", "2008-10-17"),
    ]
}

/// Surroundings of a policy beyond blanks, comments and a fence.
const AROUND: &[(&str, &str)] = &[
    (
        "#!/bin/sh\naws ecr set-repository-policy --repository-name app --policy-text file:///dev/stdin <<'EOF'\n",
        "\nEOF\necho done\n",
    ),
    ("cat > policy.json <<EOF\n", "\nEOF\n"),
    ("import json\n\nPOLICY = ", "\n\nprint(json.dumps(POLICY))\n"),
    ("POLICY = '''", "'''\n"),
    ("POLICY = \"\"\"\n", "\n\"\"\"\n"),
    ("export const policy = ", ";\n"),
    ("const p = `", "`;\n"),
    ("policy := `", "`\n"),
    ("module.exports = ", ""),
    ("# Pulling\n\nUse this:\n\n```json\n", "\n```\n\nand tell us.\n"),
    ("## Pulling\n\n", "\n"),
    ("# Pulling\n\n```json\n", "\n```\n"),
    ("```json\n", "\n```\n\n# Next\n"),
    ("```json\n", "\n```\n```sh\nls\n```\n"),
    ("<html><body><pre>", "</pre></body></html>\n"),
    ("<!-- ours -->\n", "\n"),
    ("aws ecr set-repository-policy --repository-name app --policy-text '", "'\n"),
    ("$ cat policy.json\n", "\n$ \n"),
    ("TODO\n", "\n"),
    ("42\n", "\nand a line of notes\n"),
    ("", "\nTODO: ask the vendor\n"),
    ("", "\n/* never closed\n"),
    ("", "\n---\n"),
    ("policy: ", "\n"),
    ("policy = ", "\n"),
    ("resource \"aws_ecr_repository_policy\" \"a\" {\n  policy = <<EOF\n", "\nEOF\n}\n"),
    ("[", "]\n"),
    ("{\"policyText\": ", "}\n"),
    ("{\"Properties\": {\"RepositoryPolicyText\": ", "}}\n"),
    ("{\"registryId\": \"222222222222\", \"policy\": ", "}\n"),
    ("", "\n{\"Version\": \"2012-10-17\", \"Statement\": []}\n"),
    ("{\"Version\": \"2012-10-17\", \"Statement\": []}\n", "\n"),
    ("@@ -1,3 +1,3 @@\n", "\n"),
    ("\"", "\"\n"),
    ("(", ")\n"),
    ("1\t", "\n"),
];

/// Surroundings of a policy that count as nothing.
const NOTHING: &[(&str, &str)] = &[
    ("", ""),
    ("\n\n", "\n"),
    ("// ours\n", "\n"),
    ("/* ours\n   and theirs */\n", "\n// end\n"),
    ("# ours\n", "\n"),
    ("```json\n", "\n```\n"),
    ("\n```\n", "\n```\n\n"),
];

/// Writes a policy in one of the ways in which it stands inside another text.
fn write_in_form(policy: &str, how: usize) -> String {
    let lines = |each: &dyn Fn(usize, &str) -> String| {
        policy.lines().enumerate().map(|(at, line)| each(at, line)).collect::<Vec<_>>().join("\n")
    };
    match how {
        0 => policy.to_owned(),
        1 => lines(&|_, line| format!("    {line}")),
        2 => policy.replace('\n', "\r\n"),
        3 => policy.replace('\\', "\\\\").replace('"', "\\\""),
        4 => policy.replace('&', "&amp;").replace('"', "&quot;"),
        5 => serde_json::to_string(policy).unwrap(),
        6 => lines(&|at, line| format!("{:>3} | {line}", at + 1)),
        7 => lines(&|at, line| format!("{}: {line}", at + 1)),
        8 => lines(&|_, line| format!("+{line}")),
        9 => lines(&|_, line| format!("> {line}")),
        10 => policy.replace('"', "\"\""),
        11 => lines(&|_, line| format!("* {line}")),
        _ => lines(&|at, line| format!("{}\t{line}", at + 1)),
    }
}

/// Returns every way to write a policy inside everything, with whether the file holds only a policy.
fn all_files() -> Vec<(String, bool)> {
    let around = AROUND.iter().map(|around| (around, false)).chain(NOTHING.iter().map(|around| (around, true)));
    let mut slips = fixable_policies().into_iter().cycle();
    let mut files = Vec::new();
    for ((before, after), alone) in around {
        for how in 0..13 {
            let policy = slips.next().unwrap();
            let written = write_in_form(&policy, how);
            let text = format!("{before}{written}{after}");
            let plain = how < 3 || written == policy;
            let windows = files.len() % 3 == 0;
            let text = if windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text };
            files.push((text, alone && plain));
        }
    }
    files
}

fn run_fix(folder: &Path, arguments: &[&str]) -> Finished {
    let mut command = clean_command(PROGRAM, folder);
    command.current_dir(folder).args(["check", "--fix"]).args(arguments).stdin(Stdio::null());
    run(command)
}

fn folder_with(name: &str, text: impl AsRef<[u8]>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    folder
}

fn count_findings(text: &str) -> usize {
    lint::check(text, &CheckOptions::default()).len()
}

#[test]
fn a_file_keeps_every_byte_unless_nothing_but_a_policy_stands_in_it() {
    let files = all_files();
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..files.len()).map(|at| format!("{at}.json")).collect();
    for (name, (text, _)) in names.iter().zip(&files) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    run_fix(folder.path(), &names.iter().map(String::as_str).collect::<Vec<_>>());
    for (name, (text, alone)) in names.iter().zip(&files) {
        let now = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(now != *text, *alone, "{text}\nbecame\n{now}");
        if *alone {
            assert!(Policy::read(&now).is_ok() && count_findings(&now) < count_findings(text), "{text}\nbecame\n{now}");
            assert!(now.contains("\r\n") || !text.contains("\r\n"), "{now:?}");
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), files.len(), "nothing is left behind");
}

#[test]
fn a_policy_amid_something_else_goes_mended_to_the_output_with_the_reason() {
    for (name, before, after, reason) in [
        ("notes.md", "Use this:\n\n", "\n", "`Use this:` stands beside it"),
        ("set.sh", AROUND[0].0, AROUND[0].1, "`#!/bin/sh` stands beside it"),
        ("get.json", "{\"policyText\": ", "}", "get-repository-policy"),
    ] {
        let slip = GOOD.replace("\"Allow\"", "\"allow\"");
        let inner = if name == "get.json" { serde_json::to_string(&slip).unwrap() } else { slip };
        let text = format!("{before}{inner}{after}");
        let folder = folder_with(name, &text);
        let told = run_fix(folder.path(), &[name]);
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).unwrap(), text);
        assert_eq!(told.stdout.trim_end(), GOOD, "{}", told.stderr);
        let kept = format!("{name}: the file stays as it is: ");
        let line = told.stderr.lines().find(|line| line.starts_with(&kept)).unwrap_or_else(|| panic!("{told:?}"));
        assert!(line.ends_with("; the mended policy is on the standard output") && line.contains(reason), "{line}");
        let json = run_fix(folder.path(), &[name, "--format", "json"]);
        serde_json::from_str::<serde_json::Value>(&json.stdout).unwrap();
        assert!(json.stderr.contains("leave out --format to have the mended policy"), "{}", json.stderr);
    }
}

#[test]
fn a_version_in_lower_case_is_renamed_and_not_written_twice() {
    let folder = folder_with("policy.json", GOOD.replace("\"Version\"", "\"version\""));
    run_fix(folder.path(), &["policy.json"]);
    assert_eq!(std::fs::read_to_string(folder.path().join("policy.json")).unwrap(), GOOD);
}

#[test]
fn what_cannot_be_mended_stays_as_it_is() {
    let doubled = GOOD.replace('"', "\"\"");
    for text in [doubled.as_str(), "42\nand a line of notes\n", "TODO\nask\n", "", "\n", "{\"a\": 1,}", "[1, 2,]\n"] {
        let folder = folder_with("policy.json", text);
        let told = run_fix(folder.path(), &["policy.json"]);
        assert_eq!(std::fs::read_to_string(folder.path().join("policy.json")).unwrap(), text, "{told:?}");
    }
}

#[test]
fn line_ends_the_last_one_and_what_stands_before_survive() {
    let slip = GOOD.replace("\"Allow\"", "\"allow\"").replace("  \"Version\": \"2012-10-17\",\n", "");
    for (before, after) in [(slip.clone(), GOOD.to_owned()), (format!("{slip}\n"), format!("{GOOD}\n"))] {
        for (from, to) in [("\n", "\n"), ("\n", "\r\n")] {
            let folder = folder_with("policy.json", before.replace(from, to));
            run_fix(folder.path(), &["policy.json"]);
            let now = std::fs::read_to_string(folder.path().join("policy.json")).unwrap();
            assert_eq!(now, after.replace(from, to));
        }
    }
    let wide: Vec<u8> = format!("\u{feff}{slip}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = folder_with("policy.json", &wide);
    let told = run_fix(folder.path(), &["policy.json"]);
    assert_eq!(std::fs::read(folder.path().join("policy.json")).unwrap(), wide);
    assert!(told.stdout.contains("UTF-16"), "{}", told.stdout);
}

#[test]
fn links_modes_and_odd_names_survive() {
    use std::os::unix::ffi::OsStrExt as _;
    let slip = GOOD.replace("\"Allow\"", "\"allow\"");
    let folder = folder_with("real.json", &slip);
    let real = folder.path().join("real.json");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o604)).unwrap();
    std::os::unix::fs::symlink("real.json", folder.path().join("link.json")).unwrap();
    run_fix(folder.path(), &["link.json"]);
    assert!(std::fs::symlink_metadata(folder.path().join("link.json")).unwrap().is_symlink());
    assert_eq!(std::fs::read_to_string(&real).unwrap(), GOOD);
    assert_eq!(std::fs::metadata(&real).unwrap().mode() & 0o7777, 0o604);

    std::fs::write(&real, &slip).unwrap();
    std::fs::hard_link(&real, folder.path().join("twin.json")).unwrap();
    let told = run_fix(folder.path(), &["twin.json"]);
    assert_eq!(std::fs::read_to_string(&real).unwrap(), slip);
    assert!(told.stderr.contains("hard links") && told.stdout.trim_end() == GOOD, "{told:?}");

    let odd = folder.path().join(std::ffi::OsStr::from_bytes(b"p\xff\n\x1b[31m.json"));
    std::fs::write(&odd, &slip).unwrap();
    let mut command = clean_command(PROGRAM, folder.path());
    command.args(["check", "--fix"]).arg(&odd);
    let told = run(command);
    assert_eq!(std::fs::read_to_string(&odd).unwrap(), GOOD, "{told:?}");
    assert!(!told.stderr.contains('\u{1b}') && !told.stdout.contains('\u{1b}'), "{told:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "nothing is left behind");
}

#[test]
fn the_configuration_may_forbid_it_and_the_flag_allows_it_once() {
    let slip = GOOD.replace("\"Allow\"", "\"allow\"");
    let folder = folder_with("policy.json", &slip);
    std::fs::write(folder.path().join("config.toml"), "read_only = true\n").unwrap();
    let path = folder.path().join("policy.json");
    let told = run_fix(folder.path(), &["policy.json", "--config", "config.toml"]);
    assert_eq!(told.status.code(), Some(4), "{told:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), slip);
    let told = run_fix(folder.path(), &["policy.json", "--config", "config.toml", "--read-only=false"]);
    assert_eq!((told.status.code(), std::fs::read_to_string(&path).unwrap().as_str()), (Some(0), GOOD));
}

#[test]
fn of_a_text_longer_than_ecr_takes_nothing_is_claimed() {
    let statement = GOOD.split_once('[').unwrap().1.rsplit_once(']').unwrap().0.trim();
    let text = GOOD.replace(statement, &vec![statement.replace("ecr:BatchGetImage", "ecr:*"); 300].join(",\n"));
    let folder = folder_with("policy.json", &text);
    let mut command = clean_command(PROGRAM, folder.path());
    command.args(["check", "policy.json"]);
    let told = run(command);
    assert_eq!(told.status.code(), Some(1), "{told:?}");
    assert!(told.stdout.contains("in a text this long the statements are not checked"), "{}", told.stdout);
    assert!(told.stdout.contains("policy.json: 1 error; access unknown; "), "{}", told.stdout);
    let mut command = clean_command(PROGRAM, folder.path());
    command.args(["check", "policy.json", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run(command).stdout).unwrap();
    assert_eq!(json["files"][0]["class"], serde_json::Value::Null);
}
