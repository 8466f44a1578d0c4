//! Signals that end a command before it has anything to finish. The wait is dropped, and with it every process started
//! for it, such as a `credential_process`. A command that writes takes signals over before it asks.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::signal::unix::{SignalKind, signal};

use super::exit::Exit;
use super::output::{Stop, tell_line};

/// True where the command answers signals itself.
static TAKEN_OVER: AtomicBool = AtomicBool::new(false);

/// Leaves signals to the command from now on.
pub(super) fn take_over() {
    TAKEN_OVER.store(true, Ordering::Relaxed);
}

/// Runs a command until it ends, or until a signal does that the command has not taken over.
pub(super) async fn until_signalled(command: impl Future<Output = Result<Exit, Stop>>) -> Result<Exit, Stop> {
    tokio::select! {
        // A program that shares the terminal gets the same signal: its end is not told as a failure.
        biased;
        number = wait_signal() => {
            tell_line("Interrupted: nothing was written.");
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
