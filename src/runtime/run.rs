//! The loop: signals first, then keys, then answers; everything that waits is applied, then the screen is drawn once.
//! With nothing under way nothing wakes it.

use std::io::{self, Write as _};
use std::panic::AssertUnwindSafe;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crossterm::event::EventStream;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::executor::Executor;
use super::input::translate;
use super::terminal::Screen;
use super::{Ended, Start};
use crate::apply::Gate;
use crate::ecr::{Failure, FailureKind, SourceId};
use crate::journal::Journal;
use crate::plan::{Choice, Outcome};
use crate::wizard::event::CopyReport;
use crate::wizard::{Answer, Effect, Event, Model, Prefill, RequestId, Settings, start, update};

/// Answers that may wait; a listing waits for room.
const ANSWERS: usize = 1024;
/// A spinner shows after this long, in milliseconds.
const PATIENCE: u64 = 120;
/// How long the end waits for a write under way.
const LAST_WAIT: Duration = Duration::from_secs(20);

/// Runs the wizard until the user leaves or a signal ends it. Takes the terminal over and gives it back whatever
/// happens.
pub async fn run(begin: Start) -> Result<Ended, Failure> {
    let said: std::sync::Arc<Mutex<Option<String>>> = std::sync::Arc::default();
    let keep = said.clone();
    // Printing would wreck the screen: what was said is kept and printed when the terminal is given back. A panic in a
    // task becomes an error on the screen.
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        tracing::error!("{info}");
        if let Ok(mut kept) = keep.lock() {
            *kept = Some(info.to_string());
        }
    }));
    let local = tokio::task::LocalSet::new();
    let ended = Box::pin(local.run_until(AssertUnwindSafe(run_inside(begin)).catch_unwind())).await;
    std::panic::set_hook(before);
    ended.unwrap_or_else(|_| {
        let words = said.lock().ok().and_then(|mut kept| kept.take()).unwrap_or_default();
        Err(Failure::new(
            FailureKind::Defect,
            format!("this program has a defect and had to stop: {words}"),
            "report it with what you did last",
        ))
    })
}

async fn run_inside(begin: Start) -> Result<Ended, Failure> {
    let mut model = Model::new(settings(&begin), prefill(&begin), Screen::size());
    model.keymap = begin.keymap;
    let mut screen = Screen::enter().map_err(|error| terminal_failure(&error))?;
    let (answers, incoming) = mpsc::channel(ANSWERS);
    let gate = Gate { read_only: begin.read_only, dry_run: begin.dry_run };
    let executor = Executor::new(begin.access, Journal::at(begin.state_dir), gate, answers.clone());
    let effects = start(&mut model);
    // The first frame is there before anything is asked.
    screen.draw(&model).map_err(|error| terminal_failure(&error))?;
    let signals = Signals::new().map_err(|error| terminal_failure(&error))?;
    let mut wizard = Loop {
        model,
        screen,
        executor,
        answers,
        incoming,
        signals,
        began: Instant::now(),
        keyboard: Keyboard::default(),
    };
    wizard.run(effects).await
}

struct Loop {
    model: Model,
    screen: Screen,
    executor: Executor,
    answers: mpsc::Sender<(RequestId, Answer)>,
    incoming: mpsc::Receiver<(RequestId, Answer)>,
    signals: Signals,
    began: Instant,
    keyboard: Keyboard,
}

/// The terminal's events, read by a task of its own. A closed keyboard reads nothing: a child program may have the
/// terminal then.
///
/// The stream is awaited by that task alone: polled once with another waker, crossterm never wakes the first again.
#[derive(Default)]
struct Keyboard {
    reading: Option<(JoinHandle<()>, mpsc::Receiver<Event>)>,
}

impl Keyboard {
    fn open(&mut self) {
        let (send, events) = mpsc::channel(ANSWERS);
        let task = tokio::task::spawn_local(async move {
            let mut stream = EventStream::new();
            // An error or the end means that the terminal is gone (SSH dropped).
            while let Some(Ok(event)) = stream.next().await {
                if let Some(event) = translate(event)
                    && send.send(event).await.is_err()
                {
                    break;
                }
            }
        });
        self.reading = Some((task, events));
    }

    /// Stops reading; when it returns, nothing holds the terminal any more.
    async fn close(&mut self) {
        if let Some((task, _)) = self.reading.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// The next event; `None`: the terminal is gone.
    async fn next(&mut self) -> Option<Event> {
        match &mut self.reading {
            Some((_, events)) => events.recv().await,
            None => std::future::pending().await,
        }
    }

    /// The next event that is there already.
    fn waiting(&mut self) -> Option<Event> {
        self.reading.as_mut().and_then(|(_, events)| events.try_recv().ok())
    }
}

/// What woke the loop.
enum Woken {
    Signal(i32),
    Event(Event),
    Nothing,
    TerminalGone,
}

/// Whether the loop goes on.
enum Next {
    On,
    End(Vec<String>),
}

impl Loop {
    async fn run(&mut self, effects: Vec<Effect>) -> Result<Ended, Failure> {
        self.keyboard.open();
        let mut pending = self.carry_out(effects).await?;
        loop {
            if let Next::End(summary) = pending {
                return Ok(self.end(&summary).await);
            }
            match self.wake().await {
                Woken::Signal(number) => {
                    self.end(&self.model.done.clone()).await;
                    return Ok(Ended::Signal(number));
                }
                Woken::TerminalGone => return Ok(Ended::Signal(1)),
                Woken::Nothing => {
                    self.clock();
                    pending = Next::On;
                }
                Woken::Event(event) => {
                    self.clock();
                    let mut effects = update(&mut self.model, event);
                    // Everything that waits already goes into the same frame.
                    while let Some(event) = self.waiting() {
                        effects.extend(update(&mut self.model, event));
                    }
                    pending = self.carry_out(effects).await?;
                }
            }
            if matches!(pending, Next::On) {
                self.screen.draw(&self.model).map_err(|error| terminal_failure(&error))?;
            }
        }
    }

    fn clock(&mut self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        update(&mut self.model, Event::Clock(now));
    }

    /// When a spinner has to move; `None`: nothing moves and nothing wakes us.
    fn animation(&self) -> Option<Duration> {
        let since = self.model.waiting_since()?;
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let waited = now.saturating_sub(since);
        Some(Duration::from_millis(if waited < PATIENCE { PATIENCE - waited } else { 100 }))
    }

    async fn wake(&mut self) -> Woken {
        let animation = self.animation();
        tokio::select! {
            biased;
            number = self.signals.next() => Woken::Signal(number),
            event = self.keyboard.next() => event.map_or(Woken::TerminalGone, Woken::Event),
            Some((id, answer)) = self.incoming.recv() => Woken::Event(Event::Answer(id, Box::new(answer))),
            () = tokio::time::sleep(animation.unwrap_or(Duration::MAX)), if animation.is_some() => Woken::Nothing,
        }
    }

    /// The next event that is there already.
    fn waiting(&mut self) -> Option<Event> {
        if let Some(event) = self.keyboard.waiting() {
            return Some(event);
        }
        self.incoming.try_recv().ok().map(|(id, answer)| Event::Answer(id, Box::new(answer)))
    }

    /// Carries out effects: those of the terminal here, the rest in the executor.
    async fn carry_out(&mut self, effects: Vec<Effect>) -> Result<Next, Failure> {
        for effect in effects {
            match effect {
                Effect::Quit { summary } => return Ok(Next::End(summary)),
                Effect::Suspend => self.suspend().await?,
                Effect::SignIn { id, profile, console_login } => {
                    let done = self.sign_in(&profile, console_login).await?;
                    self.answer(id, Answer::SignedIn(done)).await;
                }
                Effect::Copy { id, text } => {
                    let copied = self.screen.copy(&text).map(|()| CopyReport::SentToTerminal);
                    let copied = copied.map_err(|error| terminal_failure(&error));
                    self.answer(id, Answer::Copied(copied)).await;
                }
                other => self.executor.begin(other),
            }
        }
        Ok(Next::On)
    }

    async fn answer(&self, id: RequestId, answer: Answer) {
        let _ = self.answers.send((id, answer)).await;
    }

    async fn suspend(&mut self) -> Result<(), Failure> {
        self.keyboard.close().await;
        self.screen.leave();
        // Raw mode keeps the terminal from doing this itself.
        let stopped = signal_hook::low_level::raise(signal_hook::consts::SIGTSTP);
        self.screen.enter_again().and(stopped).map_err(|error| terminal_failure(&error))?;
        self.keyboard.open();
        Ok(())
    }

    /// Hands the terminal to the AWS CLI's login and comes back whatever it did.
    async fn sign_in(&mut self, profile: &str, console_login: bool) -> Result<Result<(), Failure>, Failure> {
        self.keyboard.close().await;
        self.screen.leave();
        let words: &[&str] = if console_login { &["login", "--profile"] } else { &["sso", "login", "--profile"] };
        let command = format!("aws {} {profile}", words.join(" "));
        let _ = writeln!(io::stdout(), "$ {command}");
        let ended = tokio::process::Command::new("aws")
            .args(words)
            .arg(profile)
            .stdin(Stdio::inherit())
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit())
            .status()
            .await;
        self.screen.enter_again().map_err(|error| terminal_failure(&error))?;
        self.keyboard.open();
        Ok(match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::new(
                FailureKind::SignInExpired,
                format!("`{command}` did not succeed ({status})"),
                "run it in another terminal, then try again here",
            )
            .with_command(command)),
            Err(error) => Err(Failure::new(
                FailureKind::Setup,
                format!("`{command}` could not be started: {error}"),
                "install the AWS CLI, or run the login elsewhere and try again here",
            )
            .with_command(command)),
        })
    }

    /// Gives the terminal back, waits for a write under way, and leaves the summary in the scrollback.
    async fn end(&mut self, summary: &[String]) -> Ended {
        self.keyboard.close().await;
        self.screen.leave();
        let mut out = io::stdout();
        for text in summary {
            let _ = writeln!(out, "{}", crate::ecr::text::visible(text));
        }
        if self.executor.is_writing() {
            let _ = writeln!(out, "A write is under way; waiting at most 20 seconds for its outcome.");
            match tokio::time::timeout(LAST_WAIT, self.executor.finish_writes()).await {
                Ok(ended) => {
                    for (repository, outcome) in ended {
                        let _ = writeln!(out, "{}: {}", repository.name, outcome_words(&outcome));
                    }
                }
                Err(_) => {
                    let _ = writeln!(out, "No answer yet: the outcome is unknown. Look with `ecr-grant show`.");
                }
            }
        }
        let _ = out.flush();
        Ended::Left
    }
}

/// What came of a write, in a clause for the scrollback.
fn outcome_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Written { backup: Some(path), .. } => format!("written; the text before is in {}", path.display()),
        Outcome::Written { backup: None, .. } => "written".to_owned(),
        Outcome::AlreadyThere => "already so; nothing was written".to_owned(),
        Outcome::Changed { .. } => "changed underneath; nothing was written".to_owned(),
        Outcome::Refused(failure) => format!("refused: {failure}"),
        Outcome::Unknown(failure) => format!("unknown: {failure}"),
        Outcome::DryRun => "dry run; nothing was written".to_owned(),
    }
}

/// The signals that end the program, with the terminal given back.
struct Signals {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.hangup.recv() => 1,
            _ = self.interrupt.recv() => 2,
            _ = self.terminate.recv() => 15,
        }
    }
}

fn settings(begin: &Start) -> Settings {
    Settings {
        read_only: begin.read_only,
        dry_run: begin.dry_run,
        demo: begin.demo,
        ascii: begin.ascii,
        no_color: begin.no_color,
        endpoint: begin.endpoint.clone(),
        has_aws_cli: !begin.demo && is_on_path("aws"),
    }
}

fn prefill(begin: &Start) -> Prefill {
    let mut prefill = Prefill {
        source: begin.profile.clone().map(SourceId::Profile),
        region: begin.region.clone(),
        grantees: begin.grantees.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        recipe: begin.recipe,
        actions: begin.actions.clone(),
        puller_region: begin.puller_region.clone(),
        ..Prefill::default()
    };
    for choice in &begin.targets {
        match choice {
            Choice::All => prefill.names.push("*".to_owned()),
            Choice::Name(name) => prefill.names.push(name.to_string()),
            Choice::Glob(pattern) => prefill.names.push(pattern.clone()),
            Choice::Exact { reference, tag } => {
                prefill.target = Some(reference.clone());
                prefill.tag.clone_from(tag);
            }
        }
    }
    prefill
}

fn is_on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn terminal_failure(error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Other,
        format!("the terminal cannot be used: {error}"),
        "use a command instead: ecr-grant show, ecr-grant grant (see --help)",
    )
}
