//! The figures of docs/figures.md about many repositories, on the sandbox on a loopback port:
//!
//! - `peer`: `grant --all` on 1,000 of them and a read-modify-write with boto3 and 32 threads, by turns;
//! - `throttle`: both under throttling, beside the least possible time;
//! - `at-once`: the library alone, with so many repositories at once.
//!
//! `cargo bench --bench many` prints them all, `cargo bench --bench many -- peer` some; nothing decides by them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement fails by panicking"
)]

use std::collections::HashMap;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[path = "../tests/it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests use more of it")]
mod support;

use ecr_grant::apply::{self, Gate, Job, JobEvent, Outcome, PRINCIPAL_PATIENCE, Pool, Stop, Write};
use ecr_grant::aws::{AwsAccess, AwsOptions};
use ecr_grant::ecr::{AccountId, Context, Region, RepositoryName, RepositoryRef, SourceId};
use ecr_grant::journal::{ChangeStart, Journal};
use ecr_grant::sandbox::{Call, Clock, FaultShares, Service};
use serde_json::{Value, json};
use support::python::python_command;
use support::served::Served;
use support::{clean_command, run};

const REPOSITORIES: usize = 1_000;
const THREADS: usize = 32;
const ROUNDS: usize = 5;
/// The latency of the line, in milliseconds, where nothing else is said.
const LATENCY: u64 = 20;
const READ: &str = "GetRepositoryPolicy";
const WRITE: &str = "SetRepositoryPolicy";
/// Names the endpoint in the process that does our part, and how many repositories it works on at once.
const URL: &str = "ECR_GRANT_BENCH_URL";
const AT_ONCE: &str = "ECR_GRANT_BENCH_AT_ONCE";

/// Runs a command, and tells its time and what it used.
const MEASURED: &str = r#"
import json, resource, subprocess, sys, time
began = time.monotonic()
ended = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=500)
seconds, used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss / 1024,
                  "code": ended.returncode, "said": ended.stdout[-400:] + ended.stderr[-400:]}))
"#;

/// Reads, adds the statement and writes. Ends with 1 where a repository failed.
const BOTO3: &str = r#"
import concurrent.futures, json, sys
import boto3
from botocore.config import Config
url, threads, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
config = Config(max_pool_connections=threads, retries={"mode": mode, "max_attempts": 10})
ecr = boto3.client("ecr", endpoint_url=url, region_name="eu-west-2", config=config)
statement = {"Sid": "EcrGrantPull", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111111111111:root"]},
             "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}
def grant(name):
    try:
        document = json.loads(ecr.get_repository_policy(repositoryName=name)["policyText"])
        document["Statement"].append(statement)
        ecr.set_repository_policy(repositoryName=name, policyText=json.dumps(document))
        return True
    except ecr.exceptions.ClientError:
        return False
pages = ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 500})
names = [found["repositoryName"] for page in pages for found in page["repositories"]]
with concurrent.futures.ThreadPoolExecutor(threads) as pool:
    sys.exit(0 if all(list(pool.map(grant, names))) else 1)
"#;

/// The way in which the repositories are granted.
#[derive(Clone, Copy)]
enum Way {
    /// `ecr-grant grant --all`.
    Command,
    /// The library alone, with so many repositories at once.
    Library(usize),
    /// boto3 with this mode of retries.
    Boto3(&'static str),
}

/// One run: its time and what it used, as the operating system counts it, and what the server saw.
struct Run {
    seconds: f64,
    cpu: f64,
    mib: f64,
    requests: usize,
    /// The requests that were throttled.
    refused: usize,
    /// The repositories whose policy holds the grant beside what it held.
    granted: usize,
    /// The milliseconds from the answer to the last read to the arrival of the write, in ascending order.
    windows: Vec<f64>,
}

fn main() {
    if let (Ok(url), Ok(at_once)) = (std::env::var(URL), std::env::var(AT_ONCE)) {
        return grant_all(&url, at_once.parse().unwrap());
    }
    // `cargo test --all-targets` runs benches too; only a bench run measures.
    let args: Vec<String> = std::env::args().collect();
    if !args.iter().any(|arg| arg == "--bench") {
        return;
    }
    let parts: [(&str, fn()); 3] = [("peer", beside_boto3), ("throttle", under_throttle), ("at-once", by_at_once)];
    let is_named = |part: &str| args.iter().any(|arg| arg == part);
    let is_any = parts.iter().any(|(part, _)| is_named(part));
    parts.iter().filter(|(part, _)| !is_any || is_named(part)).for_each(|(_, measure)| measure());
}

const HEAD: &str = "time | requests | CPU | peak memory | window p50, p99";

fn beside_boto3() {
    let ways = [Way::Command, Way::Boto3("standard")];
    println!("\n1,000 repositories at {LATENCY} ms a request, median of {ROUNDS} rounds by turns (least to most):\n");
    println!("| way | {HEAD} |\n| --- | --- | --- | --- | --- | --- |");
    let mut runs = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (way, runs) in ways.into_iter().zip(&mut runs) {
            runs.push(measure_run(way, LATENCY, None));
        }
    }
    for (way, runs) in ways.into_iter().zip(&runs) {
        println!("| {} | {} |", way.in_words(), tell_runs(runs));
    }
    let ratio = |value: fn(&Run) -> f64| median(&runs[1], value) / median(&runs[0], value);
    let (time, cpu, memory) = (ratio(|run| run.seconds), ratio(|run| run.cpu), ratio(|run| run.mib));
    println!("| boto3 / ecr-grant | {time:.1} | | {cpu:.1} | {memory:.1} | |");
}

fn under_throttle() {
    println!("\n1,000 repositories at {LATENCY} ms a request, throttled:\n");
    println!("| bucket | way | least | ratio | refused | granted | {HEAD} |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for rate in [100, 20] {
        for way in [Way::Command, Way::Boto3("standard"), Way::Boto3("adaptive")] {
            let burst = 200;
            let run = measure_run(way, LATENCY, Some(&format!("rate={rate}/s,burst={burst}")));
            // The plan's read, the last read before the write, and the read after it; boto3 reads once.
            let reads = if matches!(way, Way::Boto3(_)) { 1 } else { 3 };
            let least = (reads * REPOSITORIES - burst) as f64 / f64::from(rate);
            println!(
                "| {rate}/s, burst {burst} | {} | {least:.0} s | {:.3} | {} | {} | {} |",
                way.in_words(),
                run.seconds / least,
                run.refused,
                run.granted,
                tell_runs(std::slice::from_ref(&run))
            );
        }
    }
}

fn by_at_once() {
    let numbers = [8, 16, 32, 64, 128];
    println!("\nThe library alone on 1,000 repositories:\n");
    println!("| line | at once | refused | {HEAD} |\n| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (latency, faults, rounds) in
        [(0, None, 3), (20, None, 3), (100, None, 1), (20, Some("rate=100/s,burst=200"), 1)]
    {
        let mut runs: Vec<Vec<Run>> = numbers.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            for (at_once, runs) in numbers.iter().zip(&mut runs) {
                runs.push(measure_run(Way::Library(*at_once), latency, faults));
            }
        }
        for (at_once, runs) in numbers.iter().zip(&runs) {
            let (line, refused) = (faults.unwrap_or("no limit"), median(runs, |run| run.refused as f64));
            println!("| {latency} ms, {line} | {at_once} | {refused} | {} |", tell_runs(runs));
        }
    }
}

impl Way {
    fn in_words(self) -> String {
        match self {
            Self::Command => "`ecr-grant grant --all`".to_owned(),
            Self::Library(at_once) => format!("the library, {at_once} at once"),
            Self::Boto3(mode) => format!("boto3, {THREADS} threads, {mode} retries"),
        }
    }

    fn to_command(self, url: &str, home: &Path) -> Command {
        let mut command = match self {
            Self::Command => clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home),
            Self::Library(_) => clean_command(std::env::current_exe().unwrap(), home),
            Self::Boto3(_) => python_command(home),
        };
        match self {
            Self::Command => command.args(["grant", "--all", "--to", "111111111111", "--yes", "--endpoint-url", url]),
            Self::Library(at_once) => command.env(URL, url).env(AT_ONCE, at_once.to_string()),
            Self::Boto3(mode) => command.args(["-c", BOTO3, url, &THREADS.to_string(), mode]),
        };
        command
    }
}

/// Grants all repositories of a new sandbox once. Ours must grant them all.
fn measure_run(way: Way, latency: u64, faults: Option<&str>) -> Run {
    let line = Duration::from_millis(latency);
    let (served, home) = (serve_many(line, faults), tempfile::tempdir().unwrap());
    let command = way.to_command(&served.url, home.path());
    let mut measured = python_command(home.path());
    measured.args(["-c", MEASURED]).arg(command.get_program()).args(command.get_args());
    measured.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let told = run(measured).expect_json();
    let number = |name: &str| told[name].as_f64().unwrap();
    let calls = served.service.recorded_calls();
    let run = Run {
        seconds: number("seconds"),
        cpu: number("cpu"),
        mib: number("mib"),
        requests: calls.len(),
        refused: calls
            .iter()
            .filter(|call| [READ, WRITE].contains(&call.operation.as_str()) && !call.carried_out)
            .count(),
        granted: (0..REPOSITORIES).filter(|number| is_granted(&served.service, *number)).count(),
        windows: find_windows(calls, line),
    };
    let is_whole = run.granted == REPOSITORIES && told["code"] == 0;
    assert!(is_whole || matches!(way, Way::Boto3(_)), "{}: {} granted, {told}", way.in_words(), run.granted);
    run
}

/// Returns the time of each write since the last read of its repository was answered. The server waits for the latency
/// after it has looked at the policy.
fn find_windows(calls: Vec<Call>, line: Duration) -> Vec<f64> {
    let mut read_at = HashMap::new();
    let mut windows = Vec::new();
    for call in calls.into_iter().filter(|call| call.carried_out) {
        let Some(repository) = call.repository else { continue };
        if call.operation == READ {
            read_at.insert(repository, call.at);
        } else if let Some(read_at) = read_at.get(&repository) {
            windows.push(call.at.duration_since(*read_at).saturating_sub(line).as_secs_f64() * 1e3);
        }
    }
    windows.sort_by(f64::total_cmp);
    windows
}

fn tell_runs(runs: &[Run]) -> String {
    let spread = |value: fn(&Run) -> f64, unit: &str| {
        let (least, most) = runs.iter().map(value).fold((f64::MAX, 0.0), |(a, b), v| (v.min(a), v.max(b)));
        let middle = median(runs, value);
        if runs.len() == 1 {
            format!("{middle:.2} {unit}")
        } else {
            format!("{middle:.2} {unit} ({least:.2} to {most:.2})")
        }
    };
    format!(
        "{} | {} | {} | {:.0} MiB | {:.1} ms, {:.1} ms",
        spread(|run| run.seconds, "s"),
        median(runs, |run| run.requests as f64),
        spread(|run| run.cpu, "s"),
        median(runs, |run| run.mib),
        median(runs, |run| share_of(&run.windows, 50)),
        median(runs, |run| share_of(&run.windows, 99)),
    )
}

fn share_of(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100]
}

fn median(runs: &[Run], value: fn(&Run) -> f64) -> f64 {
    let mut values: Vec<f64> = runs.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn name_of(number: usize) -> String {
    format!("load/service-{number:04}")
}

fn serve_many(latency: Duration, faults: Option<&str>) -> Served {
    let statement = |number: usize| {
        let principal = json!({"AWS": "arn:aws:iam::333333333333:root"});
        json!({"Sid": format!("Team{number}"), "Effect": "Allow", "Principal": principal, "Action": "ecr:BatchGetImage"})
    };
    let repository = |number: usize| {
        let policy = json!({"Version": "2012-10-17", "Statement": [statement(number)]});
        json!({"name": name_of(number), "created": 0, "policy": policy})
    };
    let all: Vec<Value> = (0..REPOSITORIES).map(repository).collect();
    let registries = json!({"registries": [{"account": "222222222222", "region": "eu-west-2", "repositories": all}]});
    let service = Service::from_json(&registries.to_string(), Clock::System).unwrap();
    if let Some(faults) = faults {
        service.set_faults(faults.parse::<FaultShares>().unwrap());
    }
    Served::new(service, latency)
}

/// Tells whether the grant stands beside the statement that was there.
fn is_granted(service: &Service, number: usize) -> bool {
    let repository = RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse(&name_of(number)).unwrap(),
    };
    let policy: Value = serde_json::from_str(&service.policy_of(&repository).unwrap()).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let has_theirs = statements.iter().any(|statement| statement["Sid"] == format!("Team{number}"));
    statements.len() == 2 && has_theirs && policy.to_string().contains("111111111111")
}

/// Lists, reads and writes through the library, in a process of its own.
fn grant_all(url: &str, at_once: NonZero<usize>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime.block_on(async {
        let options = AwsOptions { endpoint_url: Some(url.to_owned()), ..AwsOptions::default() };
        let access = AwsAccess::from_environment(options);
        let region = Region::parse("eu-west-2").unwrap();
        let context = Context { source: SourceId::Environment, region };
        let owner = AccountId::parse("222222222222").unwrap();
        let registry = access.open_registry(&context, &owner).await.unwrap();
        let mut listing = registry.list_all();
        let mut names: Vec<RepositoryName> = Vec::new();
        while let Some(page) = listing.next_page().await.unwrap() {
            names.extend(page.repositories.iter().map(|found| found.name().clone()));
        }
        let pool = Pool { at_once, stop: Stop::never(), patience: PRINCIPAL_PATIENCE };
        let reads = names.iter().map(|name| (registry.clone(), name.clone())).collect();
        let mut stored = vec![None; names.len()];
        apply::read_many(reads, &pool, |number, read, _| stored[number] = read.unwrap()).await;
        let jobs = names.iter().zip(stored).map(|(name, based_on)| {
            let text = Some(add_statement(based_on.as_deref()));
            Job {
                registry: registry.clone(),
                write: Write { repository: registry.reference_to(name), based_on, text, until: None },
            }
        });
        let change = Journal::open_in(folder.path()).begin_change(ChangeStart::default());
        let gate = Gate::default();
        let progress = apply::write_many(
            jobs.collect(),
            &change,
            &gate,
            || 1_795_429_882,
            &pool,
            |event, _| {
                if let JobEvent::Ended(number, outcome) = event {
                    assert!(matches!(outcome, Outcome::Written { .. }), "{number}: {outcome:?}");
                }
                None
            },
        );
        assert_eq!(progress.await.done, names.len());
        change.end_change().unwrap();
    });
}

fn add_statement(stored: Option<&str>) -> String {
    let mut document: Value = stored
        .map_or_else(|| json!({"Version": "2012-10-17", "Statement": []}), |text| serde_json::from_str(text).unwrap());
    document["Statement"].as_array_mut().unwrap().push(json!({
        "Sid": "EcrGrantPull",
        "Effect": "Allow",
        "Principal": {"AWS": ["arn:aws:iam::111111111111:root"]},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }));
    document.to_string()
}
