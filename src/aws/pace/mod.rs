//! Pace: how many requests go out at once, how fast, and which are sent again.
//!
//! The SDK's own retries are off. Only reads are sent again; a write is sent again by `apply` alone, after a read. AWS
//! publishes no rates for the operations on repositories and policies; a few at a time has proved to work.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::ecr::{Failure, FailureKind};

/// The number of policies that are read at once.
pub(super) const AT_ONCE: usize = 6;
/// The longest gap between two requests, however often AWS asks to slow down.
const WIDEST_GAP: Duration = Duration::from_secs(2);
const FIRST_GAP: Duration = Duration::from_millis(100);
/// The smallest gap; a shrinking gap below it ends.
const SMALLEST_GAP: Duration = Duration::from_millis(10);
/// The number of unanswered requests in a row after which further ones are held back.
const MOST_SILENT: u32 = 3;
/// The time after which one held-back request is sent all the same, to see whether answers come again.
const HELD_BACK: Duration = Duration::from_secs(10);

/// The pace of one registry: AWS counts requests by account and Region.
#[derive(Debug)]
pub(super) struct Pace {
    many: Semaphore,
    slots: Mutex<Slots>,
    /// True where a request that got no answer in time is sent again.
    patient: bool,
}

#[derive(Debug)]
struct Slots {
    gap: Duration,
    next: Instant,
    silence: Option<Silence>,
}

/// Requests that were not answered in time, with no answer since.
#[derive(Debug)]
struct Silence {
    in_a_row: u32,
    /// The failure of the last one.
    failure: Failure,
    ask_again: Instant,
}

impl Pace {
    pub(super) fn new() -> Self {
        let slots = Mutex::new(Slots { gap: Duration::ZERO, next: Instant::now(), silence: None });
        Self { many: Semaphore::new(AT_ONCE), slots, patient: true }
    }

    /// Builds the pace for a request that somebody waits for. A timeout is told at once; the request is not sent again.
    pub(super) fn without_patience() -> Self {
        Self { patient: false, ..Self::new() }
    }

    /// Waits for one of the few places for reads that come in masses. Dropping it frees the place.
    pub(super) async fn wait_place(&self) -> Option<SemaphorePermit<'_>> {
        self.many.acquire().await.ok()
    }

    /// Tells whether AWS asked to slow down a moment ago.
    pub(super) fn is_slowed(&self) -> bool {
        !self.lock_slots().gap.is_zero()
    }

    /// Sends a read, again where that may help, within bounds.
    pub(super) async fn send_read<T, F, Fut>(&self, mut send: F) -> Result<T, Failure>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        let mut tries = 0;
        loop {
            self.wait_turns(1).await?;
            let outcome = send().await;
            tries += 1;
            self.learn_outcome(&outcome);
            match outcome {
                Err(failure) if tries < self.max_tries(failure.kind) && !self.is_silent() => {
                    tokio::time::sleep(pause_after(tries)).await;
                }
                other => return other,
            }
        }
    }

    /// Waits until so many requests may go out one after the other; nobody waits while AWS is content. Fails at once
    /// when the last requests got no answer in time, so that the callers of a hanging registry do not wait in turn.
    pub(super) async fn wait_turns(&self, requests: u32) -> Result<(), Failure> {
        let at = {
            let mut slots = self.lock_slots();
            slots.held_back()?;
            if slots.gap.is_zero() {
                return Ok(());
            }
            let at = slots.next.max(Instant::now()) + slots.gap * requests.saturating_sub(1);
            slots.next = at + slots.gap;
            at
        };
        tokio::time::sleep_until(at).await;
        Ok(())
    }

    /// Tells whether requests are held back because the last ones got no answer.
    fn is_silent(&self) -> bool {
        self.lock_slots().silence.as_ref().is_some_and(|silence| silence.in_a_row >= MOST_SILENT)
    }

    /// Slows down when AWS asks for it, and speeds up again bit by bit.
    pub(super) fn learn_outcome<T>(&self, outcome: &Result<T, Failure>) {
        let mut slots = self.lock_slots();
        slots.count_silence(outcome.as_ref().err());
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

    /// Returns how often a read is sent at most, by the kind of its failure.
    fn max_tries(&self, kind: FailureKind) -> u32 {
        match kind {
            FailureKind::Throttled => 8,
            FailureKind::Server => 3,
            FailureKind::Timeout if !self.patient => 1,
            FailureKind::Offline | FailureKind::Timeout => 2,
            _ => 1,
        }
    }

    fn lock_slots(&self) -> std::sync::MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    /// Counts unanswered requests; any answer ends the count. A broken connection leaves it as it is.
    fn count_silence(&mut self, failure: Option<&Failure>) {
        match failure {
            Some(failure) if failure.kind == FailureKind::Timeout => {
                let in_a_row = self.silence.as_ref().map_or(0, |silence| silence.in_a_row).saturating_add(1);
                let ask_again = Instant::now() + HELD_BACK;
                self.silence = Some(Silence { in_a_row, failure: failure.clone(), ask_again });
            }
            Some(failure) if matches!(failure.kind, FailureKind::Offline | FailureKind::Tls) => {}
            _ => self.silence = None,
        }
    }

    fn held_back(&mut self) -> Result<(), Failure> {
        let Some(silence) = self.silence.as_mut().filter(|silence| silence.in_a_row >= MOST_SILENT) else {
            return Ok(());
        };
        let now = Instant::now();
        if now >= silence.ask_again {
            silence.ask_again = now + HELD_BACK;
            return Ok(());
        }
        let what = format!(
            "{}: {} requests in a row had no answer, so this one was not sent",
            silence.failure.what, silence.in_a_row
        );
        Err(Failure { what, ..silence.failure.clone() })
    }
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
mod tests {
    use std::cell::Cell;

    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(work)
    }

    fn failure_of(kind: FailureKind) -> Failure {
        Failure::new(kind, "what", "next")
    }

    #[test]
    fn a_read_is_sent_again_where_that_may_help_and_a_refusal_is_not() {
        for (kind, times) in [(FailureKind::Server, 3), (FailureKind::Offline, 2), (FailureKind::AccessDenied, 1)] {
            let sent = Cell::new(0);
            let outcome: Result<(), _> = run(Pace::new().send_read(|| {
                sent.set(sent.get() + 1);
                async move { Err(failure_of(kind)) }
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
                .send_read(|| {
                    tries.set(tries.get() + 1);
                    let n = tries.get();
                    async move { if n < 3 { Err(failure_of(FailureKind::Throttled)) } else { Ok(n) } }
                })
                .await;
            assert_eq!(outcome, Ok(3));
            assert!(began.elapsed() >= Duration::from_millis(200), "two pauses were kept");
            assert!(pace.is_slowed());
            for _ in 0..20 {
                pace.learn_outcome(&Ok(()));
            }
            assert!(!pace.is_slowed());
        });
    }

    #[test]
    fn a_registry_that_hangs_is_not_asked_by_everybody_in_turn() {
        run(async {
            let pace = Pace::new();
            let sent = Cell::new(0);
            let read = async || {
                pace.send_read(|| {
                    sent.set(sent.get() + 1);
                    async { Err::<(), _>(failure_of(FailureKind::Timeout)) }
                })
                .await
                .unwrap_err()
            };
            for _ in 0..13 {
                assert_eq!(read().await.kind, FailureKind::Timeout);
            }
            assert_eq!(sent.get(), MOST_SILENT);
            assert!(read().await.what.contains("was not sent"), "{}", read().await);
            pace.lock_slots().silence.as_mut().unwrap().ask_again = Instant::now();
            assert!(!read().await.what.contains("was not sent"), "one sees whether answers come again");
            assert_eq!(sent.get(), MOST_SILENT + 1);
            assert!(pace.wait_turns(2).await.is_err(), "and no write goes out meanwhile");
            pace.learn_outcome(&Ok(()));
            assert_eq!(pace.wait_turns(2).await, Ok(()), "an answer lets all go on");
        });
    }

    #[test]
    fn one_waiting_pays_for_the_read_and_the_write_that_follows_it() {
        run(async {
            let pace = Pace::new();
            pace.learn_outcome(&Err::<(), _>(failure_of(FailureKind::Throttled)));
            let began = Instant::now();
            pace.wait_turns(2).await.unwrap();
            assert!(began.elapsed() >= FIRST_GAP * 2, "the gap before the read, and the one before the write");
            assert!(pace.lock_slots().next >= Instant::now() + FIRST_GAP / 2, "the next request waits behind both");
        });
    }

    #[test]
    fn pauses_grow_and_have_an_end() {
        assert!(pause_by(1, 0.0) >= Duration::from_millis(75));
        assert!(pause_by(2, 0.5) > pause_by(1, 0.5));
        assert!(pause_by(99, 1.0) <= Duration::from_secs(5));
        assert!((75..=150).contains(&pause_after(1).as_millis()));
    }
}
