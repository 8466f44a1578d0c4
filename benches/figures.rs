//! The figures of the README: the shipped binary in a terminal of its own, on the sandbox with 10,000 repositories.
//! `cargo bench --bench figures` prints them; nothing decides by them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement fails by panicking"
)]

use std::time::{Duration, Instant};

#[path = "../tests/it/support/pty.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod pty;

#[path = "../tests/it/support/served.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod served;

use ecr_grant::sandbox::{Clock, Service};
use pty::Pty;

fn main() {
    // `cargo test --all-targets` runs benches too; only a bench run measures.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_ecr-grant"));
    println!("binary: {:.1} MB", std::fs::metadata(binary).unwrap().len() as f64 / 1e6);
    first_frame(home.path());
    ten_thousand(home.path());
}

/// From start to the first whole frame in the terminal.
fn first_frame(home: &std::path::Path) {
    let mut times = Vec::new();
    for _ in 0..30 {
        let began = Instant::now();
        let pty = Pty::wizard(&["--demo"], 100, 30, home);
        while !pty.text().contains("1 Account") {
            std::hint::spin_loop();
        }
        times.push(began.elapsed());
    }
    report("first frame after start", &mut times);
}

/// Keys in a list of 10,000: from the key to the bytes of its frame.
fn ten_thousand(home: &std::path::Path) {
    let served = served::Served::new(Service::with_many(10_000, Clock::System), Duration::ZERO);
    served::Served::profile(home);
    let began = Instant::now();
    let mut pty = Pty::wizard(&["--endpoint-url", &served.url, "--profile", "owner"], 100, 30, home);
    pty.wait("you are in account").keys("Enter").wait("Who can pull").wait("team-000");
    let calls = served.service.calls();
    println!(
        "first screen of repositories: {:?} after start, {} requests by then ({} of them list pages)",
        began.elapsed(),
        calls.len(),
        calls.iter().filter(|call| call.operation == "DescribeRepositories").count(),
    );
    pty.wait_until("the whole list and what is read ahead", |text| {
        text.contains("10,000 repositories") && !text.contains("who can pull:")
    });
    println!("10,000 repositories listed and read ahead: {:?} after start", began.elapsed());
    let mut moves = Vec::new();
    for turn in 0..1000 {
        moves.push(pty.time_key(if turn % 100 < 60 { b"\x1b[B" } else { b"\x1b[5~" }));
    }
    report("arrow and page keys, to frame", &mut moves);
    pty.keys("/");
    let mut typed = Vec::new();
    for _ in 0..60 {
        for key in [b"a", b"p", b"i", b"-"] {
            typed.push(pty.time_key(key));
        }
        for _ in 0..4 {
            typed.push(pty.time_key(b"\x7f"));
        }
    }
    report("filter keys, to frame", &mut typed);
    idle(pty.process_id());
    let status = std::fs::read_to_string(format!("/proc/{}/status", pty.process_id())).unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown");
    println!("peak memory of the wizard with 10,000 repositories: {peak}");
}

/// Processor time and wake-ups of an idle program over half a minute.
fn idle(process: u32) {
    let read = || {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap();
        (ticks, line.rsplit('\t').next().unwrap().parse::<u64>().unwrap())
    };
    std::thread::sleep(Duration::from_secs(2));
    let before = read();
    std::thread::sleep(Duration::from_secs(30));
    let after = read();
    println!("idle for 30 s: {} ms of processor time, {} wake-ups", (after.0 - before.0) * 10, after.1 - before.1);
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!("{what}: p50 {:?}, p99 {:?}, most {:?} over {}", at(50), at(99), at(100), times.len());
}
