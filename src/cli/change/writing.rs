//! The writes of a command: many at once, each planned anew where its policy changed underneath.

use std::num::NonZero;
use std::time::Duration;

use tokio::time::Instant;

use super::repository_run::RepositoryRun;
use super::{ChangeCommand, plan_text};
use crate::apply::{Gate, Job, JobEvent, PRINCIPAL_PATIENCE, Pool, Progress, Stopper, write_many};
use crate::cli::args::Format;
use crate::cli::interrupt::Interrupted;
use crate::cli::output::unix_time;
use crate::cli::output::{can_ask, tell_line};
use crate::ecr::text::make_visible;
use crate::journal::Change;
use crate::plan::{Outcome, Planned, Target, Write, needed_confirmation};

use super::question::ask_confirmed;

/// The most repositories that are written at once.
const AT_ONCE: NonZero<usize> = NonZero::new(crate::aws::AT_ONCE).unwrap();
/// The most times that a policy may change underneath before the command gives up on a repository.
const ATTEMPTS: usize = 3;
/// The time between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(2);

/// The writes of one command.
pub(super) struct Writing<'a> {
    /// The command.
    pub(super) command: &'a ChangeCommand<'a>,
    /// The change of the journal that holds them.
    pub(super) change: &'a Change,
    /// The signals that stop it.
    pub(super) interrupted: &'a Interrupted,
    /// True where lines of progress are of use.
    pub(super) is_many: bool,
}

/// The answer to a policy that is not the one that was planned from.
enum Replanned {
    /// The same parties gain and lose the same: it is written without a question.
    Same(Write),
    /// There is nothing to write any more.
    Settled,
    /// Others gain or lose: it has to be confirmed anew.
    Differs,
}

impl Writing<'_> {
    /// Writes all plans that write something. `on_end` is told the index of each repository whose result is known.
    /// Asks about the policies that changed underneath in an unconfirmed way when the others have ended.
    pub(super) async fn write_all(&self, runs: &mut [RepositoryRun], mut on_end: impl FnMut(usize, &RepositoryRun)) {
        let mut open: Vec<usize> = (0..runs.len()).filter(|at| next_write(runs, *at).is_some()).collect();
        for attempt in 1..=ATTEMPTS {
            let changed = self.write_once(runs, &open, &mut on_end).await;
            open.clear();
            for at in changed {
                let Some(run) = runs.get_mut(at) else { continue };
                let is_over = attempt == ATTEMPTS || self.interrupted.signal_number().is_some();
                if is_over || !self.confirms_again(run).await {
                    on_end(at, run);
                } else {
                    run.outcome = None;
                    open.push(at);
                }
            }
            if open.is_empty() {
                return;
            }
        }
    }

    /// Writes some of the plans, many at once. Returns those whose change nobody has confirmed.
    async fn write_once(
        &self,
        runs: &mut [RepositoryRun],
        open: &[usize],
        on_end: &mut impl FnMut(usize, &RepositoryRun),
    ) -> Vec<usize> {
        let globals = self.command.globals;
        let patterns = globals.read_only_patterns.clone();
        let gate = Gate { read_only: globals.read_only, dry_run: globals.dry_run, patterns };
        let (stopper, stop) = Stopper::new();
        let pool = Pool { at_once: AT_ONCE, stop, patience: PRINCIPAL_PATIENCE };
        let jobs: Vec<(usize, Job)> = open.iter().filter_map(|at| Some((*at, next_job(runs, *at)?))).collect();
        let (places, jobs): (Vec<usize>, Vec<Job>) = jobs.into_iter().unzip();
        let mut attempts = vec![1; places.len()];
        let mut changed = Vec::new();
        let mut told_at = Instant::now();
        let on_event = |event: JobEvent, progress: &Progress| {
            let (JobEvent::Begun(number) | JobEvent::Noticed(number, _) | JobEvent::Ended(number, _)) = &event;
            let (number, at) = (*number, *places.get(*number)?);
            let run = runs.get_mut(at)?;
            let outcome = match event {
                JobEvent::Begun(_) => return None,
                JobEvent::Noticed(_, notice) => {
                    tell_line(&format!("{}: {}", run.repository_name(), make_visible(&notice.in_words())));
                    return None;
                }
                JobEvent::Ended(_, outcome) => outcome,
            };
            self.tell_progress(progress, &mut told_at);
            if let Outcome::Changed { now } = &outcome {
                let count = attempts.get_mut(number)?;
                *count += 1;
                match self.plan_again(run, now.clone()) {
                    Replanned::Same(write) if *count <= ATTEMPTS => return Some(write),
                    Replanned::Settled => run.outcome = None,
                    Replanned::Same(_) => run.outcome = Some(outcome),
                    Replanned::Differs => {
                        run.outcome = Some(outcome);
                        changed.push(at);
                        return None;
                    }
                }
            } else {
                tracing::info!(repository = %run.place.repository, ?outcome, "write ended");
                run.outcome = Some(outcome);
            }
            on_end(at, run);
            None
        };
        let work = write_many(jobs, self.change, &gate, unix_time, &pool, on_event);
        self.until_stopped(work, &stopper).await;
        changed
    }

    /// Waits for the end of the work. A signal lets nothing new begin.
    async fn until_stopped(&self, work: impl Future<Output = Progress>, stopper: &Stopper) {
        let mut work = std::pin::pin!(work);
        let mut is_stopped = false;
        loop {
            tokio::select! {
                biased;
                () = self.interrupted.wait_signal(), if !is_stopped => {
                    stopper.stop_work();
                    is_stopped = true;
                }
                _ = &mut work => return,
            }
        }
    }

    /// Plans a repository again from what is stored now.
    fn plan_again(&self, run: &mut RepositoryRun, now: Option<String>) -> Replanned {
        let Some(before) = run.planned.take() else { return Replanned::Differs };
        let registry = before.registry.clone();
        let repository = run.place.repository.clone();
        let target = Target { repository, stored: now, registry, now: Some(unix_time()) };
        let again = self.command.plan_target(&run.place, &target);
        let again = Planned { ownership: before.ownership.clone(), ..again };
        tell_line(&format!("{}: the policy changed underneath; planned anew", run.repository_name()));
        let write = again.to_write();
        let is_same = before.same_change(&again);
        run.planned = Some(again);
        match write {
            None => Replanned::Settled,
            Some(write) if is_same => Replanned::Same(write),
            Some(_) => Replanned::Differs,
        }
    }

    async fn confirms_again(&self, run: &RepositoryRun) -> bool {
        let Some(planned) = &run.planned else { return false };
        plan_text::tell_plan(planned, run.place.endpoint.as_deref());
        let one = std::slice::from_ref(planned);
        let question = needed_confirmation(one);
        let globals = self.command.globals;
        let endpoint = run.place.endpoint.as_deref();
        !globals.yes && !globals.dry_run && can_ask() && ask_confirmed(&question, one, endpoint, self.interrupted).await
    }

    /// Tells how far the writes are, now and then.
    fn tell_progress(&self, progress: &Progress, told_at: &mut Instant) {
        if !self.is_many || self.command.globals.format == Format::Jsonl || told_at.elapsed() < PROGRESS {
            return;
        }
        *told_at = Instant::now();
        tell_line(&progress.in_words());
    }
}

fn next_write(runs: &[RepositoryRun], at: usize) -> Option<Write> {
    runs.get(at).filter(|run| run.outcome.is_none())?.planned.as_ref().and_then(Planned::to_write)
}

fn next_job(runs: &[RepositoryRun], at: usize) -> Option<Job> {
    Some(Job { registry: runs.get(at)?.place.registry.clone(), write: next_write(runs, at)? })
}
