//! Throughput beside two programs that do comparable work, as whole processes over the same files: `check` beside
//! parliament (Python), `can --cases` beside iam-simulate (Node; AGPL, so only ever run, never linked).
//! `cargo bench --bench peers` fetches both into `target/tmp` and prints the ratios; nothing decides by them.
//! `ECR_GRANT_CASES` names another folder with `evaluation.jsonl` and, where there are some, `policies/*.json`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement fails by panicking"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The copies of each policy and case, so that more is measured than the start of a process.
const COPIES: usize = 20;
const RUNS: usize = 5;

fn main() {
    // `cargo test --all-targets` runs benches too; only a bench run measures.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let peers = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("peers");
    install_peers(&peers);
    let work = tempfile::tempdir().unwrap();
    let given = std::env::var_os("ECR_GRANT_CASES").map(PathBuf::from);
    let cases = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/ecr-policy/tests/cases"));
    let binary = Path::new(env!("CARGO_BIN_EXE_ecr-grant"));

    let all = policy_texts(&cases);
    let parliament = peers.join("venv/bin/parliament");
    let texts = read_by(&parliament, &all);
    println!("{} of {} policies; parliament cannot read the others", texts.len(), all.len());
    let policies = write_policies(&texts, COPIES, &work.path().join("policies"));
    println!("{policies} policy files, {RUNS} runs each, median:");
    let files: Vec<PathBuf> =
        std::fs::read_dir(work.path().join("policies")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let ours = median_time(|| {
        let mut command = Command::new(binary);
        command.args(["check", "--format", "jsonl"]).args(&files);
        command
    });
    // Without a Resource, which ECR refuses, parliament stops at its first finding: there would be nothing to compare.
    let with_resource = work.path().join("with-resource");
    give_resource(&work.path().join("policies"), &with_resource);
    let theirs = median_time(|| parliament_on(&parliament, &with_resource));
    print_ratio("ecr-grant check", ours, "parliament", theirs, policies);

    let asked = work.path().join("cases.jsonl");
    let questions = write_cases(&cases, &asked);
    println!("{questions} questions, {RUNS} runs each, median:");
    let ours = median_time(|| {
        let mut command = Command::new(binary);
        command.args(["can", "--cases"]).arg(&asked);
        command
    });
    let theirs = median_time(|| {
        let mut command = Command::new("node");
        command.arg(peers.join("simulate.mjs")).arg(&asked);
        command
    });
    print_ratio("ecr-grant can --cases", ours, "iam-simulate", theirs, questions);
}

/// Installs the other programs, once.
fn install_peers(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("simulate.mjs"), include_str!("peers/simulate.mjs")).unwrap();
    if !folder.join("venv/bin/parliament").exists() {
        run_successfully(Command::new("python3").args(["-m", "venv"]).arg(folder.join("venv")));
        run_successfully(Command::new(folder.join("venv/bin/pip")).args(["install", "--quiet", "parliament==1.6.4"]));
    }
    if !folder.join("node_modules/@cloud-copilot/iam-simulate").exists() {
        run_successfully(Command::new("npm").current_dir(folder).args([
            "install",
            "--silent",
            "@cloud-copilot/iam-simulate@0.1.173",
        ]));
    }
}

fn run_successfully(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

fn parliament_on(parliament: &Path, folder: &Path) -> Command {
    let mut command = Command::new(parliament);
    command.args(["--json", "--include_policy_extension", "json", "--directory"]).arg(folder);
    command
}

/// Returns the policies that parliament reads to their end. At any other it crashes, and the rest of its run is lost.
fn read_by(parliament: &Path, texts: &[String]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (plain, given) = (folder.path().join("plain"), folder.path().join("given"));
    write_policies(texts, 1, &plain);
    give_resource(&plain, &given);
    let output = parliament_on(parliament, &given).stdin(Stdio::null()).output().unwrap();
    if !String::from_utf8_lossy(&output.stderr).contains("Traceback") {
        return texts.to_vec();
    }
    let (first, second) = texts.split_at(texts.len() / 2);
    if first.is_empty() {
        return Vec::new();
    }
    [first, second].iter().flat_map(|half| read_by(parliament, half)).collect()
}

/// Returns the policies of the cases, and those beside them, that every program can read as JSON.
fn policy_texts(cases: &Path) -> Vec<String> {
    let mut texts: Vec<String> = case_rows(cases).iter().map(|row| policy_text(&row["policy"])).collect();
    if let Ok(beside) = std::fs::read_dir(cases.join("policies")) {
        texts.extend(beside.filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok()));
    }
    texts.sort();
    texts.dedup();
    texts.retain(|text| serde_json::from_str::<Value>(text).is_ok_and(|value| value["Statement"].is_array()));
    texts
}

/// Writes each policy so many times as a file; returns the number of files.
fn write_policies(texts: &[String], copies: usize, folder: &Path) -> usize {
    std::fs::create_dir_all(folder).unwrap();
    for (at, text) in texts.iter().enumerate() {
        for copy in 0..copies {
            std::fs::write(folder.join(format!("{at}-{copy}.json")), text).unwrap();
        }
    }
    texts.len() * copies
}

/// Writes the same files with a Resource in each statement.
fn give_resource(policies: &Path, folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for entry in std::fs::read_dir(policies).unwrap() {
        let path = entry.unwrap().path();
        let mut policy: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for statement in policy["Statement"].as_array_mut().unwrap() {
            if let Some(statement) = statement.as_object_mut() {
                statement.insert("Resource".to_owned(), Value::from("arn:aws:ecr:eu-west-2:222222222222:repository/a"));
            }
        }
        std::fs::write(folder.join(path.file_name().unwrap()), policy.to_string()).unwrap();
    }
}

fn write_cases(cases: &Path, path: &Path) -> usize {
    let rows = case_rows(cases);
    let mut file = std::fs::File::create(path).unwrap();
    for _ in 0..COPIES {
        for row in &rows {
            writeln!(file, "{row}").unwrap();
        }
    }
    rows.len() * COPIES
}

fn case_rows(cases: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(cases.join("evaluation.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn policy_text(policy: &Value) -> String {
    policy.as_str().map_or_else(|| policy.to_string(), str::to_owned)
}

fn median_time(command: impl Fn() -> Command) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let mut command = command();
            let began = Instant::now();
            let output = command.stdin(Stdio::null()).output().unwrap();
            let took = began.elapsed();
            // Exit code 1 is findings, for both checkers; anything else is a crash, whose time says nothing.
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "{command:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(!output.stdout.is_empty(), "{command:?} said nothing");
            took
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn print_ratio(our_name: &str, ours: Duration, their_name: &str, theirs: Duration, count: usize) {
    for (name, took) in [(our_name, ours), (their_name, theirs)] {
        println!("  {name}: {took:.3?}, {:.0} a second", count as f64 / took.as_secs_f64());
    }
    println!("  ratio: {:.0}", theirs.as_secs_f64() / ours.as_secs_f64());
}
