//! Pace: how many requests go out at once, how fast, and which are sent again.
//!
//! The SDK's own retries are off. Only reads are sent again; a write is sent again by `apply` alone, after a read.
//! AWS publishes no rates for the operations on repositories and policies; a few at a time is what works.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::ecr::{Failure, FailureKind};

/// How many policies are read at once.
pub(super) const AT_ONCE: usize = 6;
/// The longest pause that AWS's asking to slow down puts between two requests.
const WIDEST_GAP: Duration = Duration::from_secs(2);
const FIRST_GAP: Duration = Duration::from_millis(100);
/// Below this, a shrinking gap is none.
const SMALLEST_GAP: Duration = Duration::from_millis(10);

/// The pace of one registry: AWS counts requests by account and Region.
#[derive(Debug)]
pub(super) struct Pace {
    many: Semaphore,
    slots: Mutex<Slots>,
    /// Whether a request that was not answered in time is sent again.
    patient: bool,
}

#[derive(Debug)]
struct Slots {
    gap: Duration,
    next: Instant,
}

impl Pace {
    pub(super) fn new() -> Self {
        let slots = Mutex::new(Slots { gap: Duration::ZERO, next: Instant::now() });
        Self { many: Semaphore::new(AT_ONCE), slots, patient: true }
    }

    /// The pace for a request that somebody waits for: silence is told at once, not waited for a second time.
    pub(super) fn impatient() -> Self {
        Self { patient: false, ..Self::new() }
    }

    /// One of the few places for reads that come in masses; given back when dropped.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.many.acquire().await.ok()
    }

    /// Whether AWS has asked to slow down a moment ago.
    pub(super) fn is_slowed(&self) -> bool {
        !self.slots().gap.is_zero()
    }

    /// Sends a read, again where that may help, within bounds.
    pub(super) async fn read<T, F, Fut>(&self, mut send: F) -> Result<T, Failure>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        let mut tries = 0;
        loop {
            self.turn().await;
            let outcome = send().await;
            tries += 1;
            self.learn(&outcome);
            match outcome {
                Err(failure) if tries < self.most(failure.kind) => tokio::time::sleep(pause(tries, chance())).await,
                other => return other,
            }
        }
    }

    /// Waits for the next slot; none are kept while AWS is content.
    pub(super) async fn turn(&self) {
        let at = {
            let mut slots = self.slots();
            if slots.gap.is_zero() {
                return;
            }
            let at = slots.next.max(Instant::now());
            slots.next = at + slots.gap;
            at
        };
        tokio::time::sleep_until(at).await;
    }

    /// Slows down when AWS asks for it, and speeds up again bit by bit.
    pub(super) fn learn<T>(&self, outcome: &Result<T, Failure>) {
        let mut slots = self.slots();
        match outcome {
            Err(failure) if failure.kind == FailureKind::Throttled => {
                slots.gap = (slots.gap * 2).clamp(FIRST_GAP, WIDEST_GAP);
                let earliest = Instant::now() + slots.gap;
                slots.next = slots.next.max(earliest);
            }
            Ok(_) if !slots.gap.is_zero() => {
                slots.gap = slots.gap * 4 / 5;
                if slots.gap < SMALLEST_GAP {
                    slots.gap = Duration::ZERO;
                }
            }
            _ => {}
        }
    }

    /// How often a read is sent at most, by what came of it.
    fn most(&self, kind: FailureKind) -> u32 {
        match kind {
            FailureKind::Throttled => 8,
            FailureKind::Server => 3,
            FailureKind::Timeout if !self.patient => 1,
            FailureKind::Offline | FailureKind::Timeout => 2,
            _ => 1,
        }
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pause after the `sent`th try: it doubles, and half of it is left to chance, so that many waiting requests do
/// not come back at once. `chance`: 0 to 1.
pub(crate) fn pause(sent: u32, chance: f64) -> Duration {
    let whole = Duration::from_millis(150 * 2u64.pow(sent.saturating_sub(1).min(5)));
    whole.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

/// A number from 0 to 1: the keys of the standard library's hash maps are random, no crate is needed for this.
pub(crate) fn chance() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    f64::from((bits >> 32) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(work)
    }

    fn failing(kind: FailureKind) -> Failure {
        Failure::new(kind, "what", "next")
    }

    #[test]
    fn a_read_is_sent_again_where_that_may_help_and_a_refusal_is_not() {
        for (kind, times) in [(FailureKind::Server, 3), (FailureKind::Offline, 2), (FailureKind::AccessDenied, 1)] {
            let sent = Cell::new(0);
            let outcome: Result<(), _> = run(Pace::new().read(|| {
                sent.set(sent.get() + 1);
                async move { Err(failing(kind)) }
            }));
            assert_eq!(outcome.unwrap_err().kind, kind);
            assert_eq!(sent.get(), times, "{kind:?}");
        }
    }

    #[test]
    fn asking_to_slow_down_slows_everything_down_until_answers_come_again() {
        run(async {
            let pace = Pace::new();
            let tries = Cell::new(0);
            let began = Instant::now();
            let outcome = pace
                .read(|| {
                    tries.set(tries.get() + 1);
                    let n = tries.get();
                    async move { if n < 3 { Err(failing(FailureKind::Throttled)) } else { Ok(n) } }
                })
                .await;
            assert_eq!(outcome, Ok(3));
            assert!(began.elapsed() >= Duration::from_millis(200), "two pauses were kept");
            assert!(pace.is_slowed());
            for _ in 0..20 {
                pace.learn(&Ok(()));
            }
            assert!(!pace.is_slowed());
        });
    }

    #[test]
    fn pauses_grow_and_have_an_end() {
        assert!(pause(1, 0.0) >= Duration::from_millis(75));
        assert!(pause(2, 0.5) > pause(1, 0.5));
        assert!(pause(99, 1.0) <= Duration::from_secs(5));
        assert!((0.0..=1.0).contains(&chance()));
    }
}
