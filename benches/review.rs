//! The figures of docs/figures.md about reviews of many repositories, on the sandbox on a loopback port:
//!
//! - `speed`: `review` and a reader with boto3 on 1,000 and 10,000 repositories, at 0 and 20 ms a request;
//! - `throttle`: both under throttling, beside the least possible time;
//! - `keys`: the screen with 10,000 and 100,000 repositories, all of them read: the time from a key to its frame;
//! - `memory`: `review` in several forms with 10,000 and 100,000 repositories, whose policies are equal or all different.
//!
//! `cargo bench --bench review` prints them all, `cargo bench --bench review -- speed` some; nothing decides by them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement fails by panicking"
)]

use std::process::Command;
use std::time::{Duration, Instant};

#[path = "../tests/it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests use more of it")]
mod support;

use ecr_grant::sandbox::{Clock, FaultShares, Service};
use serde_json::{Value, json};
use support::pty::Pty;
use support::python::python_command;
use support::served::Served;
use support::{clean_command, run};

const READ: &str = "GetRepositoryPolicy";

/// Runs a command; tells its time, the time of its first line, what it used, and how many lines it wrote.
const MEASURED: &str = r#"
import json, resource, subprocess, sys, time
began = time.monotonic()
with subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
    first, lines, size = None, 0, 0
    for line in child.stdout:
        first = first or time.monotonic() - began
        lines, size = lines + 1, size + len(line)
    said = child.stderr.read().decode()
    code = child.wait()
seconds, used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"seconds": seconds, "first": first or seconds, "cpu": used.ru_utime + used.ru_stime,
                  "mib": used.ru_maxrss / 1024, "code": code, "lines": lines, "size": size, "said": said[-400:]}))
"#;

/// Reads all policies and writes a line for each; does not judge them.
const BOTO3: &str = r#"
import concurrent.futures, json, sys
import boto3
from botocore.config import Config
url, threads, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
config = Config(max_pool_connections=threads, retries={"mode": mode, "max_attempts": 10})
ecr = boto3.client("ecr", endpoint_url=url, region_name="eu-west-2", config=config)
def read(name):
    try:
        return json.dumps({"name": name, "policy": json.loads(ecr.get_repository_policy(repositoryName=name)["policyText"])})
    except ecr.exceptions.RepositoryPolicyNotFoundException:
        return json.dumps({"name": name, "policy": None})
    except ecr.exceptions.ClientError:
        return None
pages = ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 500})
names = [found["repositoryName"] for page in pages for found in page["repositories"]]
with concurrent.futures.ThreadPoolExecutor(threads) as pool:
    for line in pool.map(read, names):
        if line:
            print(line)
"#;

/// The way in which the policies are read.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// `ecr-grant review` in this form.
    Review(&'static str),
    /// boto3 with so many threads and this mode of retries.
    Boto3(usize, &'static str),
}

/// The policies of the sandbox.
#[derive(Clone, Copy)]
enum Policies {
    /// Forty different ones.
    Forty,
    /// One for each repository.
    Own,
    /// Forty different ones, each with a risk; one of them is public.
    Risky,
}

/// One run: its time and what it used, as the operating system counts it, and what the server saw.
struct Run {
    seconds: f64,
    first: f64,
    cpu: f64,
    mib: f64,
    lines: usize,
    /// The reads that were not carried out.
    refused: usize,
}

fn main() {
    // `cargo test --all-targets` runs benches too; only a bench run measures.
    let args: Vec<String> = std::env::args().collect();
    if !args.iter().any(|arg| arg == "--bench") {
        return;
    }
    let parts: [(&str, fn()); 4] =
        [("speed", compare_speed), ("throttle", under_throttle), ("keys", measure_keys), ("memory", compare_memory)];
    let is_named = |part: &str| args.iter().any(|arg| arg == part);
    let is_any = parts.iter().any(|(part, _)| is_named(part));
    parts.iter().filter(|(part, _)| !is_any || is_named(part)).for_each(|(_, measure)| measure());
}

/// Measures keys in the review, in a terminal of 120x40, and the time until its first rows.
fn measure_keys() {
    println!("\n| repositories, key | p50 | p99 | most |\n| --- | --- | --- | --- |");
    for latency in [0, 20] {
        let served = serve_many(10_000, Policies::Risky, latency, None);
        let mut times: Vec<f64> = (0..7).map(|_| time_first_rows(&served)).collect();
        times.sort_by(f64::total_cmp);
        println!("| 10000, {latency} ms, first rows after the start | {:.0} ms | | {:.0} ms |", times[3], times[6]);
    }
    for count in [10_000, 100_000] {
        let served = serve_many(count, Policies::Risky, 0, None);
        let home = tempfile::tempdir().unwrap();
        Served::write_profile(home.path());
        let args = ["review", "--endpoint-url", served.url.as_str(), "--profile", "owner", "--region", "eu-west-2"];
        let mut pty = Pty::start_wizard(&args, 120, 40, home.path());
        let began = Instant::now();
        let all = format!("{},000 repositories", count / 1_000);
        loop {
            let screen = pty.screen_text();
            if screen.contains(&all) && !screen.contains("so far") && !screen.contains("who can pull:") {
                break;
            }
            assert!(began.elapsed() < Duration::from_hours(1), "not all is read:\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
        println!("| {count}, all read after the start | {:.1} s | | |", began.elapsed().as_secs_f64());
        // The last answers may still be drawn.
        std::thread::sleep(Duration::from_secs(1));
        let down = b"\x1b[B".as_slice();
        let page = b"\x1b[6~".as_slice();
        let erased = [b"\x7f".as_slice(); 20];
        report_keys(count, "arrow", &mut pty, &vec![down; 300]);
        report_keys(count, "page", &mut pty, &vec![page; 100]);
        report_keys(count, "sort by the next column, turn round", &mut pty, &[b"s".as_slice(), b"S"].repeat(20));
        report_keys(count, "Space, mark", &mut pty, &[b" ".as_slice()].repeat(20));
        report_keys(count, "accept, open and close the dialog", &mut pty, &[b"a".as_slice(), b"\x1b"].repeat(10));
        for (what, word) in [
            ("filter by a label, each letter", b"class:public".as_slice()),
            ("filter by a name, each letter", b"service-0099".as_slice()),
        ] {
            let letters: Vec<&[u8]> = word.chunks(1).collect();
            report_keys(count, "open the filter", &mut pty, &[b"/".as_slice()]);
            report_keys(count, what, &mut pty, &letters);
            report_keys(count, "the same, erasing", &mut pty, &erased[..letters.len()]);
            report_keys(count, "close the filter", &mut pty, &[b"\x1b".as_slice()]);
            assert!(pty.screen_text().contains("Who has access"), "the keys left the review:\n{}", pty.screen_text());
        }
    }
}

/// Returns the time from the start of the screen to its first rows, in milliseconds.
fn time_first_rows(served: &Served) -> f64 {
    let home = tempfile::tempdir().unwrap();
    Served::write_profile(home.path());
    let args = ["review", "--endpoint-url", served.url.as_str(), "--profile", "owner", "--region", "eu-west-2"];
    let began = Instant::now();
    let pty = Pty::start_wizard(&args, 120, 40, home.path());
    while !pty.screen_text().contains("load/service-") {
        assert!(began.elapsed() < Duration::from_mins(1), "no rows:\n{}", pty.screen_text());
        std::thread::sleep(Duration::from_millis(1));
    }
    began.elapsed().as_secs_f64() * 1e3
}

fn report_keys(count: usize, what: &str, pty: &mut Pty, keys: &[&[u8]]) {
    let mut times: Vec<f64> = keys.iter().map(|key| pty.time_key(key).0.as_secs_f64() * 1_000.0).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!("| {count}, {what} | {:.2} ms | {:.2} ms | {:.2} ms |", at(50), at(99), at(100));
}

fn compare_speed() {
    println!("\n| repositories, line | way | time | first line | CPU | peak memory | answers |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (count, latency) in [(1_000, 0), (1_000, 20), (10_000, 0), (10_000, 20)] {
        let served = serve_many(count, Policies::Forty, latency, None);
        let mut ways = vec![Way::Review("jsonl"), Way::Boto3(32, "standard")];
        if count == 1_000 {
            ways.push(Way::Boto3(1, "standard"));
        }
        let mut medians = Vec::new();
        for way in ways {
            let rounds = if count == 1_000 && way != Way::Boto3(1, "standard") { 5 } else { 3 };
            let mut runs: Vec<Run> = (0..rounds).map(|_| measure_run(&served, way)).collect();
            runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
            let middle = runs.swap_remove(rounds / 2);
            println!("| {count}, {latency} ms | {} | {} |", way.in_words(), middle.in_words());
            medians.push(middle);
        }
        for other in &medians[1..] {
            let ours = &medians[0];
            let (time, cpu, mib) = (other.seconds / ours.seconds, other.cpu / ours.cpu, other.mib / ours.mib);
            println!("| | boto3 / review | {time:.1} | | {cpu:.1} | {mib:.1} | |");
        }
        let limit = count as f64 * latency as f64 / 1000.0 / ecr_grant::aws::AT_ONCE as f64;
        if limit > 0.0 {
            println!(
                "| | review / limit of {} at once, {limit:.2} s | {:.2} | | | | |",
                ecr_grant::aws::AT_ONCE,
                medians[0].seconds / limit
            );
        }
    }
}

fn under_throttle() {
    println!("\n1,000 repositories at 20 ms a request, throttled:\n");
    println!("| bucket | way | least | ratio | throttled | time | first line | CPU | peak memory | answers |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for rate in [100, 20] {
        for way in [Way::Review("jsonl"), Way::Boto3(32, "standard"), Way::Boto3(32, "adaptive")] {
            let served = serve_many(1_000, Policies::Forty, 20, Some(&format!("rate={rate}/s,burst=200")));
            let run = measure_run(&served, way);
            let least = f64::from(1_000 - 200) / f64::from(rate);
            println!(
                "| {rate}/s, burst 200 | {} | {least:.0} s | {:.2} | {} | {} |",
                way.in_words(),
                run.seconds / least,
                run.refused,
                run.in_words()
            );
        }
    }
}

fn compare_memory() {
    println!("\n| repositories, policies | form | time | first line | CPU | peak memory | lines |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (policies, words) in [(Policies::Forty, "40 different"), (Policies::Own, "all different")] {
        for count in [10_000, 100_000] {
            let served = serve_many(count, policies, 0, None);
            for form in ["jsonl", "table", "text", "csv", "html", "json"] {
                let run = measure_run(&served, Way::Review(form));
                println!("| {count}, {words} | {form} | {} |", run.in_words());
            }
        }
    }
}

impl Way {
    fn in_words(self) -> String {
        match self {
            Self::Review(form) => format!("`ecr-grant review --format {form}`"),
            Self::Boto3(threads, mode) => format!("boto3, {threads} threads, {mode} retries"),
        }
    }

    fn to_command(self, url: &str, home: &std::path::Path) -> Command {
        match self {
            Self::Review(form) => {
                let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home);
                command.args(["review", "--format", form, "--fail-on", "none", "--endpoint-url", url]);
                command
            }
            Self::Boto3(threads, mode) => {
                let mut command = python_command(home);
                command.args(["-c", BOTO3, url, &threads.to_string(), mode]);
                command
            }
        }
    }
}

impl Run {
    fn in_words(&self) -> String {
        format!(
            "{:.2} s | {:.0} ms | {:.2} s | {:.0} MiB | {}",
            self.seconds,
            self.first * 1e3,
            self.cpu,
            self.mib,
            self.lines
        )
    }
}

/// Reads all repositories once. A review has to have every answer.
fn measure_run(served: &Served, way: Way) -> Run {
    let home = tempfile::tempdir().unwrap();
    let command = way.to_command(&served.url, home.path());
    let mut measured = python_command(home.path());
    measured.args(["-c", MEASURED]).arg(command.get_program()).args(command.get_args());
    measured.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    served.service.forget_calls();
    let told = run(measured).expect_json();
    assert_eq!(told["code"], 0, "{}: {told}", way.in_words());
    let number = |name: &str| told[name].as_f64().unwrap();
    let calls = served.service.recorded_calls();
    Run {
        seconds: number("seconds"),
        first: number("first"),
        cpu: number("cpu"),
        mib: number("mib"),
        lines: usize::try_from(told["lines"].as_u64().unwrap()).unwrap(),
        refused: calls.iter().filter(|call| call.operation == READ && !call.carried_out).count(),
    }
}

fn serve_many(count: usize, policies: Policies, latency: u64, faults: Option<&str>) -> Served {
    let repository = |number: usize| {
        let kind = match policies {
            Policies::Forty | Policies::Risky => number % 40,
            Policies::Own => number,
        };
        let account = format!("arn:aws:iam::{:012}:root", 300_000_000_000_usize + kind);
        let pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
        let is_risky = matches!(policies, Policies::Risky);
        let party = if is_risky && kind == 0 { json!("*") } else { json!({"AWS": account}) };
        let condition =
            if is_risky { json!({}) } else { json!({"StringEquals": {"aws:SourceAccount": "222222222222"}}) };
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": format!("Team{kind}"), "Effect": "Allow", "Principal": party, "Action": pull},
            {"Sid": "Build", "Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}, "Action": pull,
             "Condition": condition},
        ]});
        json!({"name": format!("load/service-{number:06}"), "created": 0, "policy": policy})
    };
    let all: Vec<Value> = (0..count).map(repository).collect();
    let registries = json!({"registries": [{"account": "222222222222", "region": "eu-west-2", "repositories": all}]});
    let service = Service::from_json(&registries.to_string(), Clock::System).unwrap();
    if let Some(faults) = faults {
        service.set_faults(faults.parse::<FaultShares>().unwrap());
    }
    Served::new(service, Duration::from_millis(latency))
}
