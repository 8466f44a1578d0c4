//! The terminal's events, read by a task of its own, and the signals that concern it.

use std::future::poll_fn;
use std::io;
use std::os::fd::AsFd;
use std::task::Poll;
use std::time::{Duration, Instant};

use crossterm::event::EventStream;
use futures_util::StreamExt as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::background::{Heard, Listener};
use super::input::translate_event;
use crate::wizard::Event;

/// The most events that wait.
const WAITING: usize = 1024;

/// Waits until the terminal is closed at its other end. Where no signal tells it, crossterm reads an endless end of the
/// input and says nothing.
async fn wait_gone() {
    #[expect(deprecated, reason = "what is to replace it is unsafe; the standard input stays open as long as we run")]
    // Where it cannot be watched, the signal and a failed drawing are left.
    let Ok(input) = AsyncFd::with_interest(io::stdin(), Interest::READABLE) else {
        return std::future::pending().await;
    };
    while let Ok(mut readable) = input.readable().await {
        if readable.ready().is_read_closed() {
            return;
        }
        readable.clear_ready();
    }
}

/// Tells whether a terminal is closed at its other end. The runtime may not know it yet, and crossterm never returns
/// from reading a closed terminal.
fn is_closed(input: impl AsFd) -> bool {
    let mut input = [PollFd::new(&input, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let asked = poll(&mut input, Some(&at_once)).is_ok();
    asked && input.iter().any(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR))
}

/// Tells whether bytes wait at the terminal, or events that crossterm has read already.
fn has_unread() -> bool {
    if is_closed(io::stdin()) {
        return false;
    }
    let input = io::stdin();
    let mut input = [PollFd::new(&input, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut input, Some(&at_once)).is_ok_and(|ready| ready > 0)
        || crossterm::event::poll(Duration::ZERO).unwrap_or_default()
}

/// Puts a silent pipe in the place of a closed terminal's input. Otherwise crossterm's thread reads the end over and
/// over while the program waits for a write. The pipe has no end while the returned writer is held.
pub fn silence_closed() -> Option<io::PipeWriter> {
    if !is_closed(io::stdin()) {
        return None;
    }
    let (silent, held) = io::pipe().ok()?;
    rustix::stdio::dup2_stdin(silent).ok()?;
    Some(held)
}

/// The events of the terminal. A closed keyboard reads nothing: a child program may have the terminal then.
///
/// The stream is awaited by its task alone: polled once with another waker, crossterm never wakes the first again.
#[derive(Default)]
pub struct Keyboard {
    reading: Option<Reading>,
}

struct Reading {
    task: JoinHandle<()>,
    events: mpsc::Receiver<Event>,
    /// Answered as soon as everything is read.
    emptied: mpsc::Sender<oneshot::Sender<()>>,
}

/// The longest that typed-ahead keys are read; somebody may type without an end.
const EMPTYING: Duration = Duration::from_millis(200);

impl Keyboard {
    /// Begins to read; the listener takes out the answer about the background.
    pub fn open_input(&mut self, mut listener: Listener) {
        let (send, events) = mpsc::channel(WAITING);
        let (emptied, mut asked) = mpsc::channel::<oneshot::Sender<()>>(1);
        let task =
            tokio::task::spawn_local(async move {
                let mut stream = EventStream::new();
                let mut gone = std::pin::pin!(wait_gone());
                loop {
                    // An error or the end means that the terminal is gone (SSH dropped).
                    let next = poll_fn(|context| {
                        if is_closed(io::stdin()) { Poll::Ready(None) } else { stream.poll_next_unpin(context) }
                    });
                    let event = tokio::select! {
                        biased;
                        () = &mut gone => return,
                        next = next => next,
                        // Only when there was no next event.
                        Some(done) = asked.recv() => {
                            let _ = done.send(());
                            continue;
                        }
                    };
                    let Some(Ok(event)) = event else { return };
                    let events = match listener.hear_event(event, Instant::now()) {
                        Heard::Events(events) => events.into_iter().filter_map(translate_event).collect(),
                        Heard::Background(background) => vec![Event::Background(background)],
                    };
                    for event in events {
                        if send.send(event).await.is_err() {
                            return;
                        }
                    }
                }
            });
        self.reading = Some(Reading { task, events, emptied });
    }

    /// Stops reading; when it returns, nothing holds the terminal any more.
    pub async fn close_input(&mut self) {
        if let Some(reading) = self.reading.take() {
            reading.task.abort();
            let _ = reading.task.await;
        }
    }

    /// Reads all events sent before now. `None`: they came without an end, so nothing is certain.
    ///
    /// Without such events this does not wait: an answer may come right after the frame.
    pub async fn sent_ahead(&mut self) -> Option<Vec<Event>> {
        let mut ahead = Vec::new();
        let Some(reading) = &mut self.reading else { return Some(ahead) };
        let emptying = async {
            loop {
                ahead.extend(std::iter::from_fn(|| reading.events.try_recv().ok()));
                if !has_unread() {
                    return;
                }
                let (done, mut emptied) = oneshot::channel();
                if reading.emptied.send(done).await.is_err() {
                    return;
                }
                loop {
                    tokio::select! {
                        biased;
                        event = reading.events.recv() => match event {
                            Some(event) => ahead.push(event),
                            None => return,
                        },
                        _ = &mut emptied => break,
                    }
                }
            }
        };
        tokio::time::timeout(EMPTYING, emptying).await.is_ok().then_some(ahead)
    }

    /// Waits for the next event; `None`: the terminal is gone.
    pub async fn next_event(&mut self) -> Option<Event> {
        match &mut self.reading {
            Some(reading) => reading.events.recv().await,
            None => std::future::pending().await,
        }
    }

    /// Returns the next event that is already there.
    pub fn waiting_event(&mut self) -> Option<Event> {
        self.reading.as_mut().and_then(|reading| reading.events.try_recv().ok())
    }
}

/// The signals that end the program after giving the terminal back, and the one that follows a stop.
pub struct Signals {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
    proceed: Signal,
}

/// A signal that came.
pub enum Signalled {
    /// End, by this signal.
    End(i32),
    /// The program was stopped and goes on: another program had the terminal in the meantime.
    Continued,
}

impl Signals {
    /// Begins to listen.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            proceed: signal(continue_signal())?,
        })
    }

    /// Waits for the next signal.
    pub async fn next_signal(&mut self) -> Signalled {
        tokio::select! {
            biased;
            _ = self.hangup.recv() => Signalled::End(1),
            _ = self.terminate.recv() => Signalled::End(15),
            _ = self.interrupt.recv() => Signalled::End(2),
            _ = self.proceed.recv() => Signalled::Continued,
        }
    }

    /// Waits for a signal that ends the program even while a child program has the terminal; returns its number.
    pub async fn next_ending(&mut self) -> i32 {
        tokio::select! {
            biased;
            _ = self.hangup.recv() => signal_hook::consts::SIGHUP,
            _ = self.terminate.recv() => signal_hook::consts::SIGTERM,
        }
    }

    /// Forgets signals meant for a child program: Ctrl-C and stops reach every process of the terminal.
    pub async fn forget_the_childs(&mut self) -> io::Result<()> {
        // One turn of the runtime, so that what came is known.
        tokio::task::yield_now().await;
        self.interrupt = signal(SignalKind::interrupt())?;
        self.proceed = signal(continue_signal())?;
        Ok(())
    }

    /// Stops the program for the shell. `false`: no shell could have continued it, so it was not stopped. The system
    /// does not stop a process group that no shell watches (POSIX: an orphaned one).
    pub async fn stop_program(&mut self) -> io::Result<bool> {
        self.proceed = signal(continue_signal())?;
        // Raw mode keeps the terminal from doing this itself.
        signal_hook::low_level::raise(signal_hook::consts::SIGTSTP)?;
        let went_on = tokio::time::timeout(Duration::from_millis(100), self.proceed.recv()).await;
        Ok(went_on.is_ok())
    }
}

fn continue_signal() -> SignalKind {
    SignalKind::from_raw(signal_hook::consts::SIGCONT)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn what_is_closed_at_its_other_end_is_known_at_once_and_keys_that_wait_close_nothing() {
        let (mut there, here) = UnixStream::pair().unwrap();
        assert!(!is_closed(&here));
        there.write_all(b"q").unwrap();
        assert!(!is_closed(&here));
        drop(there);
        assert!(is_closed(&here));
    }
}
