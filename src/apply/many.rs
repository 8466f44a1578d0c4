//! Work on many repositories at once: bounded, in the order of completion, and stopped without a doubt.

use std::collections::VecDeque;
use std::num::NonZero;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Gate, Notice, Outcome, Progress, Stop, Watcher, Write, write_watched};
use crate::aws::Registry;
use crate::ecr::{Failure, RepositoryName};
use crate::journal::Change;

/// One write, and the registry that it goes to.
#[derive(Debug, Clone)]
pub struct Job {
    /// The registry.
    pub registry: Registry,
    /// The write.
    pub write: Write,
}

/// The bounds of work on many repositories.
#[derive(Debug, Clone)]
pub struct Pool {
    /// The most that are worked on at once.
    pub at_once: NonZero<usize>,
    /// Stops the work: nothing new begins, and what is in flight ends.
    pub stop: Stop,
    /// The time for which a role or user may be unknown, for each write.
    pub patience: Duration,
}

/// A step of the work on many repositories. The number is that of the job, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEvent {
    /// Its work begins.
    Begun(usize),
    /// It waits for something.
    Noticed(usize, Notice),
    /// It has ended. The answer may be another write for the same repository, which then begins in its turn.
    Ended(usize, Outcome),
}

/// Writes many policies as one change of the journal, each as [`write_watched`] does. Jobs without an `Ended` event were not begun. `now` tells the
/// seconds since 1970-01-01 UTC. Nothing is retried by dropping: a dropped future leaves writes unread.
///
/// `on_event` is told each step and the progress after it. To an `Ended` event it may answer with another write.
pub async fn write_many(
    jobs: Vec<Job>,
    change: &Change,
    gate: &Gate,
    now: impl Fn() -> i64,
    pool: &Pool,
    mut on_event: impl FnMut(JobEvent, &Progress) -> Option<Write>,
) -> Progress {
    let began = Instant::now();
    let mut progress = Progress::new(jobs.len());
    let mut waiting: VecDeque<(usize, Job)> = jobs.into_iter().enumerate().collect();
    let (notices, mut told) = mpsc::unbounded_channel();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < pool.at_once.get() && !pool.stop.is_stopped() {
            let Some((number, job)) = waiting.pop_front() else { break };
            progress.begin_one();
            on_event(JobEvent::Begun(number), &progress);
            running.push(run_job(number, job, change, gate, now(), pool, notices.clone()));
        }
        let ended = tokio::select! {
            biased;
            Some((number, notice)) = told.recv() => {
                on_event(JobEvent::Noticed(number, notice), &progress);
                continue;
            }
            ended = running.next() => ended,
        };
        let Some((number, job, outcome)) = ended else { return progress };
        let is_done = is_done(&outcome);
        progress.end_one(is_done, began.elapsed());
        if let Some(write) = on_event(JobEvent::Ended(number, outcome), &progress)
            && !pool.stop.is_stopped()
        {
            progress.return_one(is_done);
            waiting.push_front((number, Job { write, ..job }));
        }
    }
}

async fn run_job(
    number: usize,
    job: Job,
    change: &Change,
    gate: &Gate,
    now: i64,
    pool: &Pool,
    notices: mpsc::UnboundedSender<(usize, Notice)>,
) -> (usize, Job, Outcome) {
    let tell = move |notice| {
        let _ = notices.send((number, notice));
    };
    let watcher = Watcher { tell: &tell, stop: &pool.stop, patience: pool.patience };
    let outcome = Box::pin(write_watched(&job.registry, change, gate, &job.write, now, watcher)).await;
    (number, job, outcome)
}

/// Tells whether a repository is as was asked for.
fn is_done(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Written { .. } | Outcome::WrittenBesideOthers { .. } | Outcome::AlreadyThere | Outcome::DryRun => true,
        Outcome::Replaced { .. } | Outcome::Changed { .. } | Outcome::Refused(_) | Outcome::Unknown(_) => false,
    }
}

/// Reads the policies of many repositories. `on_read` is told each answer with its number, from 0, and the progress
/// after it. Those without an answer were not begun.
pub async fn read_many(
    reads: Vec<(Registry, RepositoryName)>,
    pool: &Pool,
    mut on_read: impl FnMut(usize, Result<Option<String>, Failure>, &Progress),
) -> Progress {
    let began = Instant::now();
    let mut progress = Progress::new(reads.len());
    let mut waiting = reads.into_iter().enumerate();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < pool.at_once.get() && !pool.stop.is_stopped() {
            let Some((number, (registry, name))) = waiting.next() else { break };
            progress.begin_one();
            running.push(async move { (number, Box::pin(registry.read_policy_now(&name)).await) });
        }
        let Some((number, answer)) = running.next().await else { return progress };
        progress.end_one(answer.is_ok(), began.elapsed());
        on_read(number, answer, &progress);
    }
}
