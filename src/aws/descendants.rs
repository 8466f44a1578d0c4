//! Ends the programs that this one has started, and their own children, when nobody waits for them any more.

use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Signal, getpgrp, getpid, kill_current_process_group, kill_process};

/// The time that a program has to put the terminal in order before it is killed.
const GRACE: Duration = Duration::from_millis(500);
/// The pause between two looks for programs that have ended.
const LOOK: Duration = Duration::from_millis(10);

/// A process, by its number and its start. The number alone may soon belong to another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Process {
    id: Pid,
    parent: Option<Pid>,
    began: u64,
}

/// Ends all programs that descend from this one; kills those that go on. `waiting` is the future that waits for them.
/// It has to be polled meanwhile, or the ended programs stay in the system's table.
pub async fn end_all(waiting: impl Future) {
    let all = find_descendants(getpid());
    if all.is_empty() {
        // This system does not tell. In a group of our own everybody is ours, and we end anyway.
        if getpgrp() == getpid() {
            let _ = kill_current_process_group(Signal::TERM);
        }
        let _ = tokio::time::timeout(GRACE, waiting).await;
        return;
    }
    for process in &all {
        let _ = kill_process(process.id, Signal::TERM);
    }
    let ended = async {
        while all.iter().any(is_running) {
            tokio::time::sleep(LOOK).await;
        }
    };
    let ended = async { tokio::join!(waiting, ended) };
    if tokio::time::timeout(GRACE, ended).await.is_err() {
        for process in all.iter().filter(|process| is_running(process)) {
            let _ = kill_process(process.id, Signal::KILL);
        }
    }
}

/// Asks a program and all that descend from it to end, and waits for none of them.
pub fn ask_to_end(program: Pid) {
    // Found before the first one ends: whose parent is gone is nobody's.
    for process in find_descendants(program) {
        let _ = kill_process(process.id, Signal::TERM);
    }
    let _ = kill_process(program, Signal::TERM);
}

fn is_running(process: &Process) -> bool {
    read_process(process.id).is_some_and(|now| now.began == process.began)
}

/// Returns all processes that descend from a program; empty where the system does not tell.
fn find_descendants(program: Pid) -> Vec<Process> {
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let all: Vec<Process> = numbers.filter_map(Pid::from_raw).filter_map(read_process).collect();
    let mut ours = vec![program];
    let mut found: Vec<Process> = Vec::new();
    while let Some(parent) = ours.pop() {
        let children = all.iter().filter(|process| process.parent == Some(parent) && !found.contains(process));
        let children: Vec<Process> = children.copied().collect();
        ours.extend(children.iter().map(|process| process.id));
        found.extend(children);
    }
    found
}

/// Reads `/proc/ID/stat` (proc(5)): after the name in brackets come state, parent, and 18 fields later the start. None
/// for a zombie, which has ended and waits for its parent.
fn read_process(id: Pid) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero())).ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    let parent = Pid::from_raw(fields.next()?.parse().ok()?);
    Some(Process { id, parent, began: fields.nth(17)?.parse().ok()? })
}
