//! The circuit of one endpoint: open while requests get no answer, so that the next ones need not wait in turn.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::ecr::{Failure, FailureKind};

/// The number of unanswered requests in a row after which further ones are held back.
pub(super) const MOST_SILENT: u32 = 3;
/// The time after which one held-back request is sent all the same, to see whether answers come again.
const HELD_BACK: Duration = Duration::from_secs(10);

/// The answers of one endpoint, or their absence. Registries behind the same endpoint share it.
#[derive(Debug, Default)]
pub(in crate::aws) struct Circuit {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    silence: Option<Silence>,
    /// The moment of the last answer that is no fault of the server and not throttled.
    last_answer: Option<Instant>,
}

/// Requests that were not answered in time, with no answer since.
#[derive(Debug)]
struct Silence {
    in_a_row: u32,
    /// The failure of the last one.
    failure: Failure,
    ask_again: Instant,
}

impl Circuit {
    /// Counts unanswered requests; any answer ends the count. A broken connection leaves it as it is.
    pub(super) fn learn_outcome(&self, failure: Option<&Failure>) {
        let mut state = self.lock_state();
        match failure.map(|failure| failure.kind) {
            Some(FailureKind::Timeout) => {
                let in_a_row = state.silence.as_ref().map_or(0, |silence| silence.in_a_row).saturating_add(1);
                let ask_again = Instant::now() + HELD_BACK;
                state.silence = failure.cloned().map(|failure| Silence { in_a_row, failure, ask_again });
            }
            Some(FailureKind::Offline | FailureKind::Tls) => {}
            Some(FailureKind::Server | FailureKind::Throttled) => state.silence = None,
            _ => {
                state.silence = None;
                state.last_answer = Some(Instant::now());
            }
        }
    }

    /// Fails where requests are held back. Lets one through from time to time, unless `is_look`: the caller only wants to
    /// know.
    pub(super) fn pass_request(&self, is_look: bool) -> Result<(), Failure> {
        let mut state = self.lock_state();
        let Some(silence) = state.silence.as_mut().filter(|silence| silence.in_a_row >= MOST_SILENT) else {
            return Ok(());
        };
        let now = Instant::now();
        if now >= silence.ask_again {
            if !is_look {
                silence.ask_again = now + HELD_BACK;
            }
            return Ok(());
        }
        let what = format!(
            "{}: {} requests in a row had no answer, so this one was not sent",
            silence.failure.what, silence.in_a_row
        );
        Err(Failure { what, ..silence.failure.clone() })
    }

    /// Tells whether requests are held back because the last ones got no answer.
    pub(super) fn is_open(&self) -> bool {
        self.lock_state().silence.as_ref().is_some_and(|silence| silence.in_a_row >= MOST_SILENT)
    }

    /// Tells whether the endpoint has given a good answer since then.
    pub(super) fn has_answered_since(&self, moment: Instant) -> bool {
        self.lock_state().last_answer.is_some_and(|last| last >= moment)
    }

    /// Lets the next request through.
    #[cfg(test)]
    pub(super) fn end_wait(&self) {
        if let Some(silence) = self.lock_state().silence.as_mut() {
            silence.ask_again = Instant::now();
        }
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
