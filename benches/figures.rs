//! The figures of docs/figures.md: the shipped binary in a terminal of its own, on the sandbox with 10,000 repositories.
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

#[path = "../crates/ecr-policy/benches/adversary/mod.rs"]
#[allow(dead_code, reason = "the engine's measurements use more of it")]
mod adversary;

use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};
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
    measure_first_frame(home.path());
    measure_long_list(home.path());
    measure_editor(home.path());
    measure_hard_texts(home.path());
}

/// The costs of keys: the time to their frames, and the bytes of these.
#[derive(Default)]
struct Keys {
    times: Vec<Duration>,
    bytes: Vec<usize>,
}

impl Keys {
    fn press_key(&mut self, pty: &mut Pty, key: &[u8]) {
        let (time, bytes) = pty.time_key(key);
        self.times.push(time);
        self.bytes.push(bytes);
    }

    fn report_keys(mut self, what: &str) {
        report_times(&format!("{what}, key to frame"), &mut self.times);
        report_times(&format!("{what}, bytes to the terminal"), &mut self.bytes);
    }
}

/// Measures the time from start to the first whole frame in the terminal.
fn measure_first_frame(home: &std::path::Path) {
    let mut times = Vec::new();
    for _ in 0..30 {
        let began = Instant::now();
        let pty = Pty::start_wizard(&["--demo"], 100, 30, home);
        while !pty.screen_text().contains("1 Account") {
            std::hint::spin_loop();
        }
        times.push(began.elapsed());
    }
    report_times("first frame after start", &mut times);
}

/// Starts the wizard as the owner of the repositories, in a terminal of 100x30.
fn open_as_owner(served: &served::Served, home: &std::path::Path, more: &[&str]) -> Pty {
    served::Served::write_profile(home);
    let args = [&["--endpoint-url", &served.url, "--profile", "owner"], more].concat();
    Pty::start_wizard(&args, 100, 30, home)
}

/// Measures keys in a list of 10,000: the time from the key to the bytes of its frame.
fn measure_long_list(home: &std::path::Path) {
    let served = served::Served::new(Service::with_many(10_000, Clock::System), Duration::ZERO);
    let began = Instant::now();
    let mut pty = open_as_owner(&served, home, &[]);
    pty.wait_for("Who can pull").wait_for("team-000");
    let calls = served.service.recorded_calls();
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
    let (mut arrows, mut pages, mut filter) = (Keys::default(), Keys::default(), Keys::default());
    for turn in 0..1000 {
        if turn % 100 < 60 { arrows.press_key(&mut pty, b"\x1b[B") } else { pages.press_key(&mut pty, b"\x1b[5~") }
    }
    arrows.report_keys("arrows in the list");
    pages.report_keys("page keys in the list");
    pty.press_keys("/");
    for key in b"api-\x7f\x7f\x7f\x7f".repeat(60) {
        filter.press_key(&mut pty, &[key]);
    }
    filter.report_keys("typing in the filter");
    measure_idle(&pty);
    let status = std::fs::read_to_string(format!("/proc/{}/status", pty.process_id())).unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown");
    println!("peak memory of the wizard with 10,000 repositories: {peak}");
}

/// Measures typing in a policy of about 10 kB, within the name of a statement: the document is read and checked at each
/// key.
fn measure_editor(home: &std::path::Path) {
    let served = served::Served::new(Service::with_many(1, Clock::System), Duration::ZERO);
    let statement = |n: usize| {
        let (sid, account) = (format!("Reader{n:02}"), format!("{:012}", 300_000_000_000 + n));
        format!(
            r#"{{"Sid": "{sid}", "Effect": "Allow", "Principal": {{"AWS": "{account}"}}, "Action": "ecr:BatchGetImage"}}"#
        )
    };
    let statements: Vec<String> = (0..56).map(statement).collect();
    let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [\n{}\n]}}", statements.join(",\n"));
    assert!(served.service.set_policy_directly(&only_repository(), Some(&text)));
    let mut pty = open_as_owner(&served, home, &["vendorapp", "--to", "111111111111"]);
    pty.wait_for("EcrGrantPull").press_keys("e").wait_for(" of 10,240");
    pty.press_keys("Ctrl-F")
        .type_text("Reader40")
        .press_keys("Esc")
        .wait_for("Ctrl-X cut")
        .press_keys("Right")
        .wait_gone("Ctrl-X cut");
    let size = |text: &str| {
        let before = text.split(" of 10,240").next().unwrap().rsplit(' ').next().unwrap();
        before.replace(',', "").parse::<usize>().unwrap()
    };
    let began_with = size(&pty.screen_text());
    let mut typed = Keys::default();
    for _ in 0..5 {
        for key in [&b"a"[..], b"\x7f"].iter().flat_map(|key| std::iter::repeat_n(key, 100)) {
            typed.press_key(&mut pty, key);
        }
    }
    typed.report_keys(&format!("typing in a policy of {began_with} characters"));
    // Nothing waits for frames here: every key has to arrive all the same.
    pty.type_text(&"b".repeat(200));
    pty.wait_until("all 200 characters", |text| size(text) == began_with + 200);
    println!("200 keys at once in the policy: none was dropped");
}

/// Measures keys on policies that are hard to analyse, in the review and in the editor, and in texts that are longer than
/// ECR takes one.
fn measure_hard_texts(home: &std::path::Path) {
    let served = served::Served::new(Service::with_many(1, Clock::System), Duration::ZERO);
    let (mut in_review, mut in_editor) = (Keys::default(), Keys::default());
    // Each session leaves a draft behind, and there is an end to these.
    let new_home = || tempfile::tempdir_in(home).unwrap();
    for hard in adversary::adversaries() {
        let home = new_home();
        assert!(served.service.set_policy_directly(&only_repository(), Some(&hard.text)));
        let mut pty = open_as_owner(&served, home.path(), &["--to", "111111111111"]);
        pty.wait_for("›  vendorapp").press_keys("v").wait_for("Esc back");
        for key in [&b"\x1b[6~"[..], b"\x1b[B", b"\x1b[5~"].repeat(10) {
            in_review.press_key(&mut pty, key);
        }
        pty.press_keys("Esc Enter").wait_for("Enter go on").press_keys("e").wait_for(" of 10,240");
        for key in [&b"a"[..], b"\x7f", b"\"", b"\x7f", b"\x1b[B", b"\r", b"\x7f"].repeat(10) {
            in_editor.press_key(&mut pty, key);
        }
    }
    in_review.report_keys("scrolling in the review of policies that are hard to analyse");
    in_editor.report_keys("typing in policies that are hard to analyse");
    assert!(served.service.set_policy_directly(&only_repository(), None));
    for size in [64_000, 1_000_000] {
        let home = new_home();
        let mut pty = open_as_owner(&served, home.path(), &["vendorapp", "--to", "111111111111"]);
        pty.wait_for("Enter go on").press_keys("e").wait_for(" of 10,240");
        let line =
            "{\"Sid\": \"Reader\", \"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"ecr:BatchGetImage\"},\n";
        pty.paste_text(&line.repeat(size / line.len()));
        pty.wait_for("changed by hand");
        let mut keys = Keys::default();
        for key in [&b"a"[..], b"\x7f", b"\x1b[A", b"\x1b[5~", b"\"", b"\x7f"].repeat(20) {
            keys.press_key(&mut pty, key);
        }
        keys.report_keys(&format!("keys in a pasted text of {size} characters"));
    }
}

/// Returns the repository that a sandbox with one has.
fn only_repository() -> RepositoryRef {
    RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse("vendorapp").unwrap(),
    }
}

/// Measures processor time and wake-ups of an idle program over a minute.
fn measure_idle(pty: &Pty) {
    let read = || (pty.processor_time().unwrap().0, pty.count_wakes(|_| true));
    // The runtime's helper threads end when they had nothing to do for ten seconds.
    std::thread::sleep(Duration::from_secs(15));
    let before = read();
    std::thread::sleep(Duration::from_mins(1));
    let after = read();
    println!("idle for a minute: {} ms of processor time, {} wake-ups", after.0 - before.0, after.1 - before.1);
}

/// Prints the median and the 99th percentile.
fn report_times<T: Ord + std::fmt::Debug>(what: &str, measured: &mut [T]) {
    measured.sort();
    let at = |share: usize| &measured[(measured.len() - 1) * share / 100];
    println!("{what}: p50 {:?}, p99 {:?}, most {:?} over {}", at(50), at(99), at(100), measured.len());
}
