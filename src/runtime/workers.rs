//! Carries out computations on threads of their own. The loop never waits for them, and neither does the end of the
//! program: a thread that is still at work ends with the process.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::defect::task_defect;
use super::executor::Answers;
use crate::ecr::{Failure, FailureKind};
use crate::wizard::computation::{AnalysisMemory, Computation};
use crate::wizard::{Answer, RequestId};

/// The stack of a thread, in bytes: as large as the main thread usually has it.
const STACK: usize = 8 * 1024 * 1024;

/// Two lanes, each with one computation at a time: work that somebody waits for never stands behind the work ahead.
pub(super) struct Workers {
    waited_for: Lane,
    ahead: Lane,
    answers: Answers,
}

impl Workers {
    /// Builds workers that send their answers there. Threads begin with the first work.
    pub(super) fn new(answers: Answers) -> Self {
        Self { waited_for: Lane::default(), ahead: Lane::default(), answers }
    }

    /// Puts a computation in its lane.
    pub(super) fn begin_work(&mut self, id: RequestId, computation: Computation) {
        let lane = if computation.is_waited_for() { &mut self.waited_for } else { &mut self.ahead };
        if let Err(error) = lane.put_work((id, computation), &self.answers) {
            let next = "close other programs, then try again";
            let failure = Failure::new(FailureKind::Other, format!("no thread could be started: {error}"), next);
            let answers = self.answers.clone();
            tokio::task::spawn_local(async move { answers.send((id, Answer::Computed(Err(failure)))).await });
        }
    }

    /// Takes a computation out of its lane that has not begun.
    pub(super) fn cancel_work(&self, id: RequestId) {
        for lane in [&self.waited_for, &self.ahead] {
            lock_queue(&lane.queue.0).waiting.retain(|(waiting, _)| *waiting != id);
        }
    }
}

type Work = (RequestId, Computation);

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Work>,
    is_closed: bool,
}

#[derive(Default)]
struct Lane {
    queue: Arc<(Mutex<Queue>, Condvar)>,
    has_thread: bool,
}

/// Puts the thread behind the one that answers keys, where the system knows priorities of threads: a key that comes while
/// each core works is answered first.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(10) {
        tracing::debug!(%error, "computations have the priority of the keys");
    }
}

/// Locks a queue. No code that holds the lock can leave it half done.
fn lock_queue(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lane {
    fn put_work(&mut self, work: Work, answers: &Answers) -> std::io::Result<()> {
        if !self.has_thread {
            let (queue, answers) = (self.queue.clone(), answers.clone());
            let run = move || {
                give_way();
                work_through(&queue, &answers);
            };
            thread::Builder::new().name("computation".to_owned()).stack_size(STACK).spawn(run)?;
            self.has_thread = true;
        }
        lock_queue(&self.queue.0).waiting.push_back(work);
        self.queue.1.notify_one();
        Ok(())
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        lock_queue(&self.queue.0).is_closed = true;
        self.queue.1.notify_one();
    }
}

/// Carries out what is in a queue, one after another, until it is closed or nobody takes answers.
fn work_through(queue: &(Mutex<Queue>, Condvar), answers: &Answers) {
    let mut memory = AnalysisMemory::default();
    while let Some((id, computation)) = next_work(queue) {
        let carried_out = AssertUnwindSafe(|| computation.carry_out_with(&mut memory));
        let computed = std::panic::catch_unwind(carried_out).map_err(|_| task_defect());
        if computed.is_err() {
            // It may be half done.
            memory = AnalysisMemory::default();
        }
        if answers.blocking_send((id, Answer::Computed(computed))).is_err() {
            return;
        }
    }
}

/// Waits for the next work; `None`: there will be none.
fn next_work(queue: &(Mutex<Queue>, Condvar)) -> Option<Work> {
    let is_idle = |queue: &mut Queue| queue.waiting.is_empty() && !queue.is_closed;
    let mut open = queue.1.wait_while(lock_queue(&queue.0), is_idle).unwrap_or_else(PoisonError::into_inner);
    if open.is_closed { None } else { open.waiting.pop_front() }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::wizard::computation::Computed;
    use crate::wizard::computation::fixes::{Narrowed, TextToNarrow};
    use crate::wizard::testing::test_owner;

    /// Work whose answer is at once there, however long its text is.
    fn narrowing(text: &str) -> Computation {
        let text = text.to_owned();
        Computation::Narrow(TextToNarrow { text, caret: 0, touched: Vec::new(), stored: None, owner: test_owner() })
    }

    #[tokio::test]
    async fn work_is_answered_by_its_number_in_the_order_in_which_it_was_asked_for() {
        let (answers, mut incoming) = mpsc::channel(8);
        let mut workers = Workers::new(answers);
        for id in 1..=5 {
            workers.begin_work(RequestId(id), narrowing("{"));
        }
        for id in 1..=5 {
            let computed = Answer::Computed(Ok(Computed::Narrowed(Narrowed::Unreadable)));
            assert_eq!(incoming.recv().await, Some((RequestId(id), computed)));
        }
    }

    /// The priorities of all threads of this process with a name, as Linux numbers them: higher gives way.
    #[cfg(target_os = "linux")]
    fn priorities_of(name: &str) -> Vec<i32> {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let stats = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("stat")).ok());
        let nice = |stat: String| {
            let (head, fields) = stat.rsplit_once(')')?;
            let is_named = head.split_once('(')?.1 == name;
            is_named.then(|| fields.split_whitespace().nth(16)?.parse().ok()).flatten()
        };
        stats.filter_map(nice).collect()
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn computations_give_way_to_the_thread_that_answers_keys() {
        let own = rustix::process::getpriority_process(None).unwrap();
        let (answers, mut incoming) = mpsc::channel(8);
        let mut workers = Workers::new(answers);
        workers.begin_work(RequestId(1), narrowing("{"));
        incoming.recv().await.unwrap();
        let found = priorities_of("computation");
        assert!(!found.is_empty() && found.iter().all(|nice| *nice >= (own + 10).min(19)), "{own}: {found:?}");
        assert_eq!(rustix::process::getpriority_process(None).unwrap(), own);
    }

    #[tokio::test]
    async fn work_that_was_cancelled_before_it_began_is_not_done() {
        // One answer has room: the thread stands still with the second one.
        let (answers, mut incoming) = mpsc::channel(1);
        let mut workers = Workers::new(answers);
        for id in 1..=4 {
            workers.begin_work(RequestId(id), narrowing("{"));
        }
        workers.cancel_work(RequestId(4));
        let mut came = Vec::new();
        for _ in 1..=3 {
            came.push(incoming.recv().await.unwrap().0);
        }
        workers.begin_work(RequestId(5), narrowing("{"));
        came.push(incoming.recv().await.unwrap().0);
        assert_eq!(came, [1, 2, 3, 5].map(RequestId));
    }

    #[tokio::test]
    async fn the_end_waits_for_no_work() {
        let (answers, mut incoming) = mpsc::channel(1);
        let mut workers = Workers::new(answers);
        for id in 1..=3 {
            workers.begin_work(RequestId(id), narrowing("{"));
        }
        // The thread stands still for want of room, and yet this returns.
        drop(workers);
        while let Some((id, _)) = incoming.recv().await {
            assert!(id <= RequestId(3));
        }
    }
}
