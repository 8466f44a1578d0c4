//! Pace: how many requests go out at once, how fast, and which are sent again.
//!
//! The SDK's own retries are off. Only reads are sent again here; a write is sent again by `apply` alone, after reads.
//! AWS counts requests by operation, account and Region, and publishes no rates for the operations on policies: each
//! rate is learned from its answers.

mod circuit;
mod rate;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::Instant;

pub(super) use circuit::Circuit;
use rate::LearnedRate;

use crate::ecr::{AccountId, Failure, FailureKind, PolicySlowdowns, Region};

/// The number of policies that are read or written at once. docs/figures.md has the measurement.
pub const AT_ONCE: usize = 64;
/// The time after which a request is given up that is throttled each time, while nothing else of its operation is
/// answered.
const THROTTLED_FOR: Duration = Duration::from_secs(30);
/// The same time for a request that somebody waits for.
const WAITED_FOR: Duration = Duration::from_secs(5);
/// The most times that a read is sent while the server fails or the connection breaks.
const FAULTS: u32 = 5;
const BREAKS: u32 = 3;
/// The same number while the endpoint answers other requests: the fault passes.
const PASSING_FAULTS: u32 = 12;
/// The pauses that grow meanwhile.
const PASSING_PAUSES: u32 = 3;

/// The operations on the policies of repositories.
const POLICY_READ: &str = "GetRepositoryPolicy";
const POLICY_WRITES: [&str; 2] = ["SetRepositoryPolicy", "DeleteRepositoryPolicy"];

/// The pace of one registry.
#[derive(Debug)]
pub(super) struct Pace {
    many: Semaphore,
    operations: Mutex<HashMap<&'static str, Arc<OperationPace>>>,
    circuit: Arc<Circuit>,
    /// The newest slowdowns, for who wants to tell them.
    slowdowns: watch::Sender<PolicySlowdowns>,
    /// True where a request that got no answer in time is sent again.
    patient: bool,
}

/// The pace of one operation.
#[derive(Debug, Default)]
struct OperationPace {
    /// Requests take their turns one after the other, in the order in which they came.
    gate: tokio::sync::Mutex<()>,
    rate: Mutex<LearnedRate>,
}

/// The paces of all registries that were opened, and the circuits of their endpoints.
#[derive(Debug, Default)]
pub(super) struct Paces {
    circuits: Mutex<HashMap<String, Arc<Circuit>>>,
    paces: Mutex<HashMap<(String, AccountId, Region), Arc<Pace>>>,
}

impl Paces {
    /// Returns the pace of an account and Region behind an endpoint: whoever asks there shares it.
    pub(super) fn pace_for(&self, endpoint: Option<&str>, owner: &AccountId, region: &Region) -> Arc<Pace> {
        let endpoint = endpoint.map_or_else(|| format!("ecr in {region}"), str::to_owned);
        let circuit = lock(&self.circuits).entry(endpoint.clone()).or_default().clone();
        let key = (endpoint, owner.clone(), region.clone());
        lock(&self.paces).entry(key).or_insert_with(|| Arc::new(Pace::with_circuit(circuit))).clone()
    }
}

impl Pace {
    fn with_circuit(circuit: Arc<Circuit>) -> Self {
        Self {
            many: Semaphore::new(AT_ONCE),
            operations: Mutex::default(),
            circuit,
            slowdowns: watch::Sender::default(),
            patient: true,
        }
    }

    /// Builds the pace of a service that is asked by one asker alone.
    pub(super) fn of_one_service() -> Self {
        Self::with_circuit(Arc::default())
    }

    /// Builds the pace for a request that somebody waits for. A timeout is told at once; the request is not sent again.
    pub(super) fn without_patience() -> Self {
        Self { patient: false, ..Self::with_circuit(Arc::default()) }
    }

    /// Waits for one of the places for reads that come in masses. Dropping it frees the place.
    pub(super) async fn wait_place(&self) -> Option<SemaphorePermit<'_>> {
        self.many.acquire().await.ok()
    }

    /// Returns a watch of the operations that AWS asks to slow down.
    pub(super) fn watch_slowdowns(&self) -> watch::Receiver<PolicySlowdowns> {
        self.slowdowns.subscribe()
    }

    /// Tells those who watch where an answer changed a slowdown.
    fn tell_slowdowns(&self) {
        let of = |operation| {
            let known = lock(&self.operations).get(operation).cloned();
            known.and_then(|pace: Arc<OperationPace>| lock(&pace.rate).current_slowdown())
        };
        let now = PolicySlowdowns { reads: of(POLICY_READ), writes: POLICY_WRITES.into_iter().find_map(of) };
        self.slowdowns.send_if_modified(|known| std::mem::replace(known, now) != now);
    }

    /// Sends a read, again where that may help. Throttled, it is sent again for as long as its operation is answered at
    /// all; after other faults, within a bound.
    pub(super) async fn send_read<T, F, Fut>(&self, operation: &'static str, mut send: F) -> Result<T, Failure>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        let began = Instant::now();
        let mut faults = 0;
        loop {
            self.wait_turns(&[operation]).await?;
            let left_at = Instant::now();
            let outcome = send().await;
            self.learn_outcome(operation, left_at, &outcome);
            let Err(failure) = outcome else { return outcome };
            if failure.kind == FailureKind::Throttled {
                if self.is_given_up(operation, began) {
                    return Err(failure);
                }
                continue;
            }
            faults += 1;
            if faults >= self.max_tries(failure.kind, began) || self.circuit.is_open() {
                return Err(failure);
            }
            let passes = self.circuit.has_answered_since(began);
            tokio::time::sleep(pause_after(if passes { faults.min(PASSING_PAUSES) } else { faults })).await;
        }
    }

    /// Waits until a request of each of these operations may go out; nobody waits while AWS is content. Fails at once
    /// when the last requests got no answer in time, so that the callers of a hanging registry do not wait in turn.
    pub(super) async fn wait_turns(&self, operations: &[&'static str]) -> Result<(), Failure> {
        self.circuit.pass_request(true)?;
        for operation in operations {
            let pace = self.operation_pace(operation);
            let _turn = pace.gate.lock().await;
            loop {
                let taken = lock(&pace.rate).take_turn(Instant::now());
                match taken {
                    Ok(()) => break,
                    Err(at) => tokio::time::sleep_until(at).await,
                }
            }
        }
        self.circuit.pass_request(false)
    }

    /// Learns the rate of an operation, and whether the endpoint answers. `sent`: the moment at which the request went
    /// out.
    pub(super) fn learn_outcome<T>(&self, operation: &'static str, sent: Instant, outcome: &Result<T, Failure>) {
        let failure = outcome.as_ref().err();
        self.circuit.learn_outcome(failure);
        let pace = self.operation_pace(operation);
        let mut rate = lock(&pace.rate);
        match failure.map(|failure| failure.kind) {
            Some(FailureKind::Throttled) => rate.note_throttled(sent, Instant::now()),
            Some(FailureKind::Offline | FailureKind::Timeout | FailureKind::Tls) => {
                rate.note_granted(sent, Instant::now());
            }
            _ => rate.note_answer(sent, Instant::now()),
        }
        drop(rate);
        self.tell_slowdowns();
    }

    /// Tells whether a request that is throttled since `began` is given up: nothing of its operation was answered for
    /// long.
    pub(super) fn is_given_up(&self, operation: &'static str, began: Instant) -> bool {
        let last = lock(&self.operation_pace(operation).rate).last_answer();
        let since = last.map_or(began, |last| last.max(began));
        since.elapsed() >= if self.patient { THROTTLED_FOR } else { WAITED_FOR }
    }

    /// Returns how often a request that was begun then is sent at most, by the kind of its failure.
    pub(super) fn max_tries(&self, kind: FailureKind, began: Instant) -> u32 {
        let faults = match kind {
            FailureKind::Server => FAULTS,
            FailureKind::Offline => BREAKS,
            FailureKind::Timeout if self.patient => return 2,
            _ => return 1,
        };
        if self.circuit.has_answered_since(began) { PASSING_FAULTS } else { faults }
    }

    fn operation_pace(&self, operation: &'static str) -> Arc<OperationPace> {
        lock(&self.operations).entry(operation).or_default().clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the pause after the `sent`th try. It doubles each time, and half of it is left to chance, so that many
/// waiting requests do not come back at once.
pub(crate) fn pause_after(sent: u32) -> Duration {
    pause_by(sent, fastrand::f64())
}

/// Returns the pause for a number from 0 to 1 that chance gives.
fn pause_by(sent: u32, chance: f64) -> Duration {
    let whole = Duration::from_millis(150 * 2u64.pow(sent.saturating_sub(1).min(5)));
    whole.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests;
