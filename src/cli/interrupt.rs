//! Signals. They end a command before it has anything to finish: the wait is dropped, and with it every process started
//! for it, such as a `credential_process`. A command that writes takes signals over before it asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use super::exit::Exit;
use super::output::{Stop, tell_line};

/// True where the command answers signals itself.
static TAKEN_OVER: AtomicBool = AtomicBool::new(false);

/// Runs a command until it ends, or until a signal does that the command has not taken over.
pub(super) async fn until_signalled(command: impl Future<Output = Result<Exit, Stop>>) -> Result<Exit, Stop> {
    until_signalled_or_told(command, || None).await
}

/// Does the same; `advice` says what else there is to know once a signal has ended the command.
pub(super) async fn until_signalled_or_told(
    command: impl Future<Output = Result<Exit, Stop>>,
    advice: impl FnOnce() -> Option<String>,
) -> Result<Exit, Stop> {
    tokio::select! {
        // A program that shares the terminal gets the same signal: its end is not told as a failure.
        biased;
        number = wait_signal() => {
            tell_line("Interrupted: nothing was written to AWS.");
            if let Some(words) = advice() {
                tell_line(&words);
            }
            Ok(Exit::Signal(number))
        }
        ended = command => ended,
    }
}

/// Waits for a signal that no command has taken over.
async fn wait_signal() -> i32 {
    let mut streams: FuturesUnordered<_> = [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::terminate()]
        .into_iter()
        .filter_map(|kind| Some((kind, signal(kind).ok()?)))
        .map(|(kind, mut stream)| async move {
            while stream.recv().await.is_some() {
                if !TAKEN_OVER.load(Ordering::Relaxed) {
                    return kind.as_raw_value();
                }
            }
            std::future::pending().await
        })
        .collect();
    match streams.next().await {
        Some(number) => number,
        // No signal can be watched: each does what it does by itself.
        None => std::future::pending().await,
    }
}

/// Signals that asked to stop. The first one lets the write under way end, begins no other, and answers a question with
/// No. A second signal ends at once.
pub(super) struct Interrupted {
    number: Arc<AtomicI32>,
    is_asking: Arc<AtomicBool>,
    came: Arc<Notify>,
}

impl Interrupted {
    /// Takes signals over from now on.
    pub(super) fn watch_signals() -> Self {
        TAKEN_OVER.store(true, Ordering::Relaxed);
        let (number, is_asking, came) =
            (Arc::new(AtomicI32::new(0)), Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        for kind in [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::terminate()] {
            let received = kind.as_raw_value();
            let noted = Arc::clone(&number);
            let (asks, came) = (Arc::clone(&is_asking), Arc::clone(&came));
            // From now on, not from the task's first turn.
            let Ok(mut stream) = signal(kind) else { continue };
            tokio::spawn(async move {
                while stream.recv().await.is_some() {
                    if noted.swap(received, Ordering::Relaxed) != 0 {
                        std::process::exit(128 + received);
                    }
                    came.notify_one();
                    if !asks.load(Ordering::Relaxed) {
                        tell_line("Stopping after the write under way; a second signal ends at once.");
                    }
                }
            });
        }
        Self { number, is_asking, came }
    }

    /// Notes that a question opens or closes.
    pub(super) fn set_asking(&self, is_open: bool) {
        self.is_asking.store(is_open, Ordering::Relaxed);
    }

    /// Waits for the first signal.
    pub(super) async fn wait_signal(&self) {
        while self.signal_number().is_none() {
            self.came.notified().await;
        }
    }

    /// Returns the number of the signal that came last.
    pub(super) fn signal_number(&self) -> Option<i32> {
        Some(self.number.load(Ordering::Relaxed)).filter(|n| *n != 0)
    }
}
