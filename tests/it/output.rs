//! The output of the real binary: lost output is an error, lines come as soon as they are known, and exit codes are
//! those of the table in docs/exit-codes.md.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};
use ecr_grant::sandbox::{Clock, Service, Trouble};
use tempfile::TempDir;

use crate::support::served::Served;
use crate::support::{clean_command, run, wait_bounded};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecr-grant");
const LIMIT: Duration = Duration::from_mins(1);
const PULL: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"},
  "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]}"#;

/// Returns a home folder with policies in it.
fn home_with_policies() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("pull.json"), PULL).unwrap();
    std::fs::write(home.path().join("none.json"), "").unwrap();
    std::fs::write(home.path().join("wrong.json"), "{").unwrap();
    let case = serde_json::json!({"id": 1, "policy": PULL, "principal": "111111111111", "action": "ecr:BatchGetImage",
        "resource": "arn:aws:ecr:eu-west-2:222222222222:repository/app"});
    std::fs::write(home.path().join("cases.jsonl"), format!("{case}\n")).unwrap();
    home
}

fn program_in(home: &Path, line: &str) -> Command {
    let mut command = clean_command(PROGRAM, home);
    command.args(line.split_whitespace());
    command
}

const CAN: &str = "can --policy pull.json --action BatchGetImage \
                   --repository arn:aws:ecr:eu-west-2:222222222222:repository/app --principal";

/// Returns commands that print to the standard output, each in its formats.
fn printing_commands() -> Vec<String> {
    let mut lines: Vec<String> =
        ["--help", "--version", "grant --help", "completions bash", "man", "man grant"].map(str::to_owned).to_vec();
    for format in ["text", "json", "jsonl"] {
        lines.push(format!("--demo show vendorapp --format {format}"));
        lines.push(format!("--demo grant vendorapp --to 111111111111 --yes --format {format}"));
        lines.push(format!("--demo grant vendorapp --to 111111111111 --dry-run --format {format}"));
        lines.push(format!("check pull.json wrong.json --format {format}"));
        lines.push(format!("{CAN} 111111111111 --format {format}"));
        lines.push(format!("{CAN} 333333333333 --format {format}"));
        lines.push(format!("delta none.json pull.json --format {format}"));
        lines.push(format!("can --cases cases.jsonl --format {format}"));
    }
    lines.push("check pull.json --format sarif".to_owned());
    lines.push("sandbox".to_owned());
    lines
}

#[test]
fn an_output_that_cannot_be_written_is_an_error_of_every_command() {
    for line in printing_commands() {
        let home = home_with_policies();
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = program_in(home.path(), &line);
        let mut child = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
        let status = wait_bounded(&mut child, LIMIT).unwrap_or_else(|| panic!("{line} goes on without an output"));
        let said = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
        assert_eq!(status.code(), Some(4), "{line}: {said}");
        assert!(said.contains("error: the standard output cannot be written: No space left"), "{line}: {said}");
    }
}

#[test]
fn a_reader_that_went_away_is_no_error_of_any_command() {
    for line in printing_commands().iter().filter(|line| *line != "sandbox") {
        let usual = run(program_in(home_with_policies().path(), line));
        let home = home_with_policies();
        let mut child = program_in(home.path(), line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let status = wait_bounded(&mut child, LIMIT).unwrap();
        let said = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
        assert_eq!(status.code(), usual.status.code(), "{line}: {said}");
        assert!(!said.contains("cannot be written") && !said.contains("panicked"), "{line}: {said}");
    }
}

#[test]
fn questions_without_an_end_are_not_answered_to_nobody() {
    let home = home_with_policies();
    let question = std::fs::read_to_string(home.path().join("cases.jsonl")).unwrap();
    let mut command = program_in(home.path(), "can --cases -");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    drop(child.stdout.take());
    let begun = Instant::now();
    while input.write_all(question.as_bytes()).is_ok() {
        assert!(begun.elapsed() < LIMIT, "it reads on");
    }
    assert_eq!(wait_bounded(&mut child, LIMIT).unwrap().code(), Some(0));
}

/// Returns the time of the first line, and the time at which the command ended.
fn first_and_last(mut command: Command) -> (Duration, Duration, Child) {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    serde_json::from_str::<serde_json::Value>(&first).unwrap();
    let at = begun.elapsed();
    assert!(lines.all(|line| line.is_ok()));
    (at, begun.elapsed(), child)
}

#[test]
fn lines_of_repositories_come_as_soon_as_they_are_known() {
    let home = home_with_policies();
    let served = Served::serve_many(Duration::from_millis(800));
    for line in ["show --all --format jsonl", "grant --all --to 111111111111 --yes --format jsonl"] {
        let line = format!("--endpoint-url {} {line}", served.url);
        let (first, last, mut child) = first_and_last(program_in(home.path(), &line));
        assert!(last.saturating_sub(first) > Duration::from_millis(600), "{line}: {first:?} of {last:?}");
        assert!(wait_bounded(&mut child, LIMIT).is_some());
    }
}

#[test]
fn lines_of_files_come_as_soon_as_they_are_known() {
    let home = home_with_policies();
    let pipe = home.path().join("later.json");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut command = program_in(home.path(), "check pull.json later.json --format jsonl");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The second file is not even open for writing yet.
    assert!(lines.next().unwrap().unwrap().contains("pull.json"));
    std::fs::write(&pipe, PULL).unwrap();
    assert!(lines.next().unwrap().unwrap().contains("later.json"));
    assert_eq!(wait_bounded(&mut child, LIMIT).unwrap().code(), Some(0));
}

/// Serves the owner's repository on a sandbox; returns the flags that lead there too.
fn serve_repository(service: Service, latency: Duration) -> (Served, String) {
    let served = Served::new(service, latency);
    let flags = format!("--endpoint-url {}", served.url);
    (served, flags)
}

fn reference_to(name: &str) -> RepositoryRef {
    RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse(name).unwrap(),
    }
}

/// Sends a signal to a command right after its first line, and waits for its end.
fn end_by_signal(mut command: Command, signal: &str) -> i32 {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let code = wait_bounded(&mut child, LIMIT).unwrap().code().unwrap();
    if !rest.is_empty() {
        assert!(rest.last().unwrap().contains("interrupted"), "{rest:?}");
    }
    code
}

/// A row of the table of exit codes: its code, and commands that end with it.
type Row = (u8, Vec<String>);

#[test]
fn every_row_of_the_table_of_exit_codes_happens() {
    let page = include_str!("../../docs/exit-codes.md");
    let table: Vec<&str> = page
        .lines()
        .skip_while(|line| !line.starts_with("| 0"))
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim)
        .collect();
    assert_eq!(table, ["0", "1", "2", "3", "4", "5", "6", "7", "129, 130, 143"]);

    let (_plain, endpoint) = serve_repository(Service::demo(Clock::System), Duration::ZERO);
    let wrong_key = "--profile nobody";
    let home = home_with_policies();
    let own = |line: &str| line.to_owned();
    let rows: Vec<Row> = vec![
        (0, vec![own("--demo show vendorapp"), own("--demo grant vendorapp --to 111111111111 --dry-run")]),
        (1, vec![own("check wrong.json"), format!("{CAN} 333333333333"), own("delta none.json pull.json")]),
        (2, vec![own("show"), own("--demo grant vendorapp --to nobody --yes"), own("check missing.json")]),
        (3, vec![format!("{wrong_key} {endpoint} show vendorapp")]),
        (
            4,
            vec![
                own("--demo show not-there"),
                own("--demo grant vendorapp --to * --yes"),
                own("--demo grant vendorapp --to 111111111111 --read-only"),
            ],
        ),
        (
            6,
            vec![
                own("--demo show vendorapp not-there"),
                own("--demo grant vendorapp not-there --to 111111111111 --yes"),
            ],
        ),
        (7, vec![own("--endpoint-url http://127.0.0.1:9 show vendorapp")]),
    ];
    for (code, lines) in rows {
        for line in lines {
            let ended = run(program_in(home.path(), &line));
            assert_eq!(ended.status.code(), Some(i32::from(code)), "{line}: {}{}", ended.stdout, ended.stderr);
        }
    }

    let changing = Service::demo(Clock::System);
    // Another team takes its own statements out and in, faster than anybody confirms.
    for _ in 0..12 {
        changing.write_after("GetRepositoryPolicy", &reference_to("vendorapp"), Some(PULL));
        changing.write_after("GetRepositoryPolicy", &reference_to("vendorapp"), None);
    }
    let (_changing, endpoint) = serve_repository(changing, Duration::ZERO);
    let ended = run(program_in(home.path(), &format!("{endpoint} grant vendorapp --to 333333333333 --yes")));
    assert_eq!(ended.status.code(), Some(5), "{}{}", ended.stdout, ended.stderr);

    for (signal, code) in [("-HUP", 129), ("-INT", 130), ("-TERM", 143)] {
        let served = Served::serve_many(Duration::from_millis(300));
        let line = format!("--endpoint-url {} grant --all --to 111111111111 --yes --format jsonl", served.url);
        assert_eq!(end_by_signal(program_in(home.path(), &line), signal), code, "{signal}");
    }
}

#[test]
fn a_write_that_was_refused_is_never_a_success_whatever_the_form() {
    for format in ["text", "json", "jsonl"] {
        let service = Service::demo(Clock::System);
        let text = "the policy is not taken";
        let refusal = Trouble::Error(400, "InvalidParameterException".to_owned(), text.to_owned());
        service.add_trouble(Some("SetRepositoryPolicy"), 0, 9, refusal);
        let (_served, endpoint) = serve_repository(service, Duration::ZERO);
        let home = home_with_policies();
        let ended = run(program_in(
            home.path(),
            &format!("{endpoint} grant vendorapp --to 111111111111 --yes --format {format}"),
        ));
        assert_eq!(ended.status.code(), Some(4), "{format}: {}", ended.stderr);
    }
}
