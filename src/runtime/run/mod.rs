//! The loop: signals first, then keys, then answers. Everything that waits is applied, then the screen is drawn once.
//! Without work nothing wakes it.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::sync::mpsc;

use super::background::{self, Listener};
use super::clipboard::ClipboardRoute;
use super::drafts::{Keeper, find_offer, keep_effect, keep_latest};
use super::executor::{Answers, Executor};
use super::keyboard::{self, Keyboard, Signalled, Signals};
use super::terminal::TerminalScreen;
use super::{Start, WizardEnd};
use super::{external, login, plain};
use crate::apply::Gate;
use crate::aws::descendants;
use crate::ecr::{Failure, FailureKind};
use crate::journal::{Drafts, Journal, SignIns};
use crate::wizard::event::CopyReport;
use crate::wizard::remote::PATIENCE;
use crate::wizard::{
    Answer, Effect, Event, Model, RequestId, Tone, WizardSettings, draft, start, summary_sentences, update,
};

/// The most answers that wait; a listing waits for room.
pub(super) const ANSWERS: usize = 1024;
/// The longest that the end waits for a write under way.
const LAST_WAIT: Duration = Duration::from_secs(20);

/// Runs the wizard until the user leaves or a signal ends it. Takes the terminal over and always gives it back, unless it
/// asks line by line.
pub async fn run(begin: Start) -> Result<WizardEnd, Failure> {
    if begin.plain {
        return Box::pin(tokio::task::LocalSet::new().run_until(plain::run(begin))).await;
    }
    Box::pin(catch_panics(run_inside(begin))).await
}

/// Turns a panic of the loop into a failure, after the terminal was given back.
async fn catch_panics(inside: impl Future<Output = Result<WizardEnd, Failure>>) -> Result<WizardEnd, Failure> {
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
    let ended = Box::pin(local.run_until(AssertUnwindSafe(inside).catch_unwind())).await;
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

async fn run_inside(begin: Start) -> Result<WizardEnd, Failure> {
    // A signal may come as soon as the terminal is ours.
    let signals = Signals::new().map_err(|error| terminal_failure(&error))?;
    let mut model = Model::new(model_settings(begin.settings), begin.prefill, TerminalScreen::read_size());
    model.keymap = begin.keymap;
    let mut screen = TerminalScreen::enter_screen(begin.mouse).map_err(|error| terminal_failure(&error))?;
    let (answers, incoming) = mpsc::channel(ANSWERS);
    let gate = Gate {
        read_only: model.settings.read_only,
        dry_run: model.settings.dry_run,
        patterns: model.settings.read_only_patterns.clone(),
    };
    // What is done in the demo is nobody's work.
    let has_arguments = begin.has_arguments;
    let keeper =
        (!model.settings.demo).then(|| start_keeper(&mut model, &begin.state_dir, answers.clone(), has_arguments));
    let journal = Journal::open_in(begin.state_dir).with_limits(begin.limits);
    let executor = Executor::new(begin.access, journal, gate, answers.clone());
    let effects = start(&mut model);
    // The first frame is there before anything is asked.
    screen.draw(&model).map_err(|error| terminal_failure(&error))?;
    let mut keyboard = Keyboard::default();
    let variable = |name: &str| std::env::var(name).ok();
    if model.settings.wants_background() && background::is_asked(variable) {
        screen.ask_background().map_err(|error| terminal_failure(&error))?;
        keyboard.open_input(Listener::new(Instant::now()));
    } else {
        keyboard.open_input(Listener::default());
    }
    drop(answers);
    let own = VecDeque::new();
    let mut wizard = Loop { model, screen, executor, keeper, own, incoming, signals, began: Instant::now(), keyboard };
    wizard.run(effects).await
}

/// Looks for a draft to offer, unless the arguments name a grant, and for the sign-ins of earlier sessions; starts to keep
/// both.
pub(super) fn start_keeper(model: &mut Model, state_folder: &Path, answers: Answers, has_arguments: bool) -> Keeper {
    let mut drafts = Drafts::open_in(state_folder);
    model.draft.on = true;
    // Who was signed in with at another endpoint was not signed in with at AWS.
    let sign_ins = model.settings.endpoint.is_none().then(|| SignIns::open_in(state_folder));
    if let Some(sign_ins) = &sign_ins {
        model.account.set_recent(sign_ins.read_sources());
    }
    match find_offer(&mut drafts) {
        // What was asked for now stands over what was asked for then.
        Some(Ok(offer)) if has_arguments => {
            draft::say_waiting(model, &offer);
            drafts.leave_draft();
        }
        Some(Ok(offer)) => draft::offer_draft(model, offer),
        Some(Err(words)) => model.set_notice(Tone::Plain, words),
        None => {}
    }
    Keeper::new(drafts, sign_ins, answers)
}

struct Loop {
    model: Model,
    screen: TerminalScreen,
    executor: Executor,
    /// The keeper of the draft, where it is kept.
    keeper: Option<Keeper>,
    /// Events of the loop's own, ahead of all others. They need no room in a queue that only the loop empties.
    own: VecDeque<Event>,
    incoming: mpsc::Receiver<(RequestId, Answer)>,
    signals: Signals,
    began: Instant,
    keyboard: Keyboard,
}

/// The event that woke the loop.
enum Woken {
    Signal(Signalled),
    Event(Event),
    Time,
    TerminalGone,
}

/// The result of lending the terminal.
enum Lent<T> {
    Done(T),
    /// A signal ended the child program, and ends us.
    Signal(i32),
}

/// The loop's next step.
enum Next {
    On,
    End(Vec<String>),
    /// A signal came while a child program had the terminal.
    Signal(i32),
}

impl Loop {
    /// Runs to the end; then gives the terminal back and waits for a write under way.
    async fn run(&mut self, effects: Vec<Effect>) -> Result<WizardEnd, Failure> {
        let ended = self.run_turns(effects).await;
        let summary = if let Ok((_, Some(summary))) = &ended {
            summary.clone()
        } else {
            keep_latest(self.keeper.as_ref(), &mut self.model);
            summary_sentences(&self.model)
        };
        self.end_program(&summary).await;
        ended.map(|(ended, _)| ended)
    }

    async fn run_turns(&mut self, effects: Vec<Effect>) -> Result<(WizardEnd, Option<Vec<String>>), Failure> {
        let mut pending = self.carry_out(effects).await?;
        // The first frame is out.
        self.note_seen().await;
        loop {
            match pending {
                Next::End(summary) => return Ok((WizardEnd::Left, Some(summary))),
                Next::Signal(number) => return Ok((WizardEnd::Signal(number), None)),
                Next::On => {}
            }
            match self.wait_wake().await {
                Woken::Signal(Signalled::End(number)) => return Ok((WizardEnd::Signal(number), None)),
                Woken::Signal(Signalled::Continued) => {
                    // Stopped by somebody else: the shell has put its own modes in place.
                    self.screen.leave_screen();
                    self.screen.enter_again().map_err(|error| terminal_failure(&error))?;
                }
                Woken::TerminalGone => return Ok((WizardEnd::Signal(1), None)),
                Woken::Time => {
                    self.set_clock();
                    pending = Next::On;
                    if draft::due_at(&self.model).is_some_and(|due| due <= self.model.now) {
                        let effects = update(&mut self.model, Event::Quiet);
                        pending = self.carry_out(effects).await?;
                    }
                }
                Woken::Event(event) => {
                    self.set_clock();
                    let mut effects = update(&mut self.model, event);
                    // Everything that waits already goes into the same frame, up to a question: what follows was
                    // pressed before anybody saw it.
                    while !self.model.has_unseen_question()
                        && let Some(event) = self.waiting_event()
                    {
                        effects.extend(update(&mut self.model, event));
                    }
                    pending = self.carry_out(effects).await?;
                }
            }
            if matches!(pending, Next::On) {
                self.screen.draw(&self.model).map_err(|error| terminal_failure(&error))?;
                self.note_seen().await;
            }
        }
    }

    /// Tells the model that the frame is out. Where it shows a question for the first time, earlier keys are no answer.
    async fn note_seen(&mut self) {
        if self.model.has_unseen_question() {
            // Where keys come without an end, the question stays unseen and takes none of them.
            let Some(ahead) = self.keyboard.sent_ahead().await else { return };
            self.set_clock();
            for event in ahead {
                match event {
                    // The model drops them, and knows which key is held down.
                    Event::Key(_) | Event::Paste(_) | Event::Click { .. } | Event::Wheel { .. } => {
                        update(&mut self.model, event);
                    }
                    other => self.own.push_back(other),
                }
            }
        }
        self.set_clock();
        update(&mut self.model, Event::Drawn);
    }

    fn set_clock(&mut self) {
        let now = self.elapsed_millis();
        update(&mut self.model, Event::Clock(now));
    }

    /// Returns the milliseconds since the start.
    fn elapsed_millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Returns the time until a spinner moves or the draft is kept; `None`: neither is due.
    fn next_alarm(&self) -> Option<Duration> {
        let now = self.elapsed_millis();
        let spinner = self.model.waiting_since().map(|since| {
            let waited = now.saturating_sub(since);
            if waited < PATIENCE { PATIENCE - waited } else { 100 }
        });
        let draft = draft::due_at(&self.model).map(|due| due.saturating_sub(now));
        spinner.into_iter().chain(draft).min().map(Duration::from_millis)
    }

    async fn wait_wake(&mut self) -> Woken {
        let alarm = self.next_alarm();
        if let Some(event) = self.own.pop_front() {
            return Woken::Event(event);
        }
        tokio::select! {
            biased;
            signal = self.signals.next_signal() => Woken::Signal(signal),
            event = self.keyboard.next_event() => event.map_or(Woken::TerminalGone, Woken::Event),
            Some((id, answer)) = self.incoming.recv() => Woken::Event(Event::Answer(id, Box::new(answer))),
            () = tokio::time::sleep(alarm.unwrap_or(Duration::MAX)), if alarm.is_some() => Woken::Time,
        }
    }

    /// Returns the next event that is already there.
    fn waiting_event(&mut self) -> Option<Event> {
        if let Some(event) = self.own.pop_front().or_else(|| self.keyboard.waiting_event()) {
            return Some(event);
        }
        self.incoming.try_recv().ok().map(|(id, answer)| Event::Answer(id, Box::new(answer)))
    }

    /// Carries out effects: those of the terminal here, the rest in the executor.
    async fn carry_out(&mut self, effects: Vec<Effect>) -> Result<Next, Failure> {
        for effect in effects {
            match effect {
                Effect::Quit { summary } => return Ok(Next::End(summary)),
                Effect::Suspend => self.suspend_program().await?,
                Effect::SignIn { id, login } => {
                    match self.lend_terminal(Box::pin(login::sign_in(&login, self.model.settings.is_remote))).await? {
                        Lent::Done(done) => self.queue_answer(id, Answer::SignedIn(done)),
                        Lent::Signal(number) => return Ok(Next::Signal(number)),
                    }
                }
                Effect::EditExternally { id, text } => {
                    let command = external::editor_command(|name| std::env::var(name).ok());
                    match self.lend_terminal(external::edit_text(&command, &text)).await? {
                        Lent::Done(edited) => self.queue_answer(id, Answer::Edited(edited)),
                        Lent::Signal(number) => return Ok(Next::Signal(number)),
                    }
                }
                Effect::Copy { id, text } => {
                    let copied = self.copy_text(&text);
                    self.queue_answer(id, Answer::Copied(copied));
                }
                Effect::SaveDraft { .. }
                | Effect::KeepAndLeave { .. }
                | Effect::ForgetDraft
                | Effect::LeaveDraft
                | Effect::NoteSignIn(_) => {
                    keep_effect(self.keeper.as_ref(), effect);
                }
                other => self.executor.begin_effect(other),
            }
        }
        Ok(Next::On)
    }

    fn queue_answer(&mut self, id: RequestId, answer: Answer) {
        self.own.push_back(Event::Answer(id, Box::new(answer)));
    }

    async fn suspend_program(&mut self) -> Result<(), Failure> {
        keep_latest(self.keeper.as_ref(), &mut self.model);
        self.keyboard.close_input().await;
        self.screen.leave_screen();
        let stopped = self.signals.stop_program().await;
        self.screen.enter_again().map_err(|error| terminal_failure(&error))?;
        self.keyboard.open_input(Listener::default());
        self.model.question.mark_unseen();
        if !stopped.map_err(|error| terminal_failure(&error))? {
            self.model.set_notice(Tone::Plain, "no shell could continue this program, so it was not stopped");
        }
        Ok(())
    }

    /// Hands the terminal to a child program, and always takes it back.
    async fn lend_terminal<T>(&mut self, child: impl Future<Output = T>) -> Result<Lent<T>, Failure> {
        keep_latest(self.keeper.as_ref(), &mut self.model);
        self.keyboard.close_input().await;
        self.screen.leave_screen();
        let mut child = std::pin::pin!(child);
        let done = tokio::select! {
            biased;
            number = self.signals.next_ending() => Lent::Signal(number),
            done = &mut child => Lent::Done(done),
        };
        if matches!(done, Lent::Signal(_)) {
            descendants::end_all(child).await;
        }
        let forgotten = self.signals.forget_the_childs().await;
        let entered = self.screen.enter_again().and(forgotten);
        if matches!(done, Lent::Signal(_)) {
            // The terminal may be gone: that is what the signal told.
            return Ok(done);
        }
        entered.map_err(|error| terminal_failure(&error))?;
        self.model.question.mark_unseen();
        self.keyboard.open_input(Listener::default());
        Ok(done)
    }

    /// Puts a text on the clipboard, or into a file where no clipboard is known.
    fn copy_text(&mut self, text: &str) -> Result<CopyReport, Failure> {
        match ClipboardRoute::find_way(|name| std::env::var(name).ok()).bytes_to_send(text) {
            Some(bytes) => {
                self.screen.send_bytes(&bytes).map_err(|error| terminal_failure(&error))?;
                Ok(CopyReport::SentToTerminal)
            }
            None => super::files::write_here("ecr-grant-copy.txt", text).map(CopyReport::WrittenTo),
        }
    }

    /// Gives the terminal back, waits for a write under way, and leaves the summary in the scrollback.
    async fn end_program(&mut self, summary: &[String]) {
        self.keyboard.close_input().await;
        self.screen.leave_screen();
        let mut out = io::stdout();
        for text in summary {
            let _ = writeln!(out, "{}", crate::ecr::text::make_visible(text));
        }
        wait_writes(&mut self.executor, &mut self.incoming, &mut self.signals, &mut self.model, &mut out).await;
    }
}

/// Waits for the writes under way at the end of the program, not for ever, and tells what became of them.
pub(super) async fn wait_writes(
    executor: &mut Executor,
    incoming: &mut mpsc::Receiver<(RequestId, Answer)>,
    signals: &mut Signals,
    model: &mut Model,
    out: &mut impl io::Write,
) {
    if model.save.is_writing() {
        executor.stop_saves();
        let _ = writeln!(out, "A write is under way; waiting at most 20 seconds for its outcome.");
        let _ = out.flush();
        // Once more: not even the outcome is waited for.
        let again = async { while !matches!(signals.next_signal().await, Signalled::End(_)) {} };
        let told = tokio::select! {
            () = take_outcomes(incoming, model) => true,
            () = again => false,
            () = tokio::time::sleep(LAST_WAIT) => false,
        };
        let save = &model.save;
        let unanswered = if told { Vec::new() } else { save.unanswered_sentences() };
        for text in unanswered.into_iter().chain(save.unfinished_sentences()).chain(save.done_sentences()) {
            let _ = writeln!(out, "{}", crate::ecr::text::make_visible(&text));
        }
    }
    let _ = out.flush();
}

/// Lets the model take what comes of the writes under way, until they have ended.
async fn take_outcomes(incoming: &mut mpsc::Receiver<(RequestId, Answer)>, model: &mut Model) {
    // Held: with its other side closed, the silence would be an endless end again.
    let mut silent = None;
    while model.save.is_writing() {
        silent = silent.or_else(keyboard::silence_closed);
        match tokio::time::timeout(Duration::from_millis(100), incoming.recv()).await {
            Ok(None) => return,
            Ok(Some((id, answer))) => {
                update(model, Event::Answer(id, Box::new(answer)));
            }
            Err(_) => {}
        }
    }
}

/// Adds what only the machine tells to what the flags decide.
pub(super) fn model_settings(flags: WizardSettings) -> WizardSettings {
    WizardSettings {
        has_aws_cli: !flags.demo && is_on_path("aws"),
        is_remote: crate::ecr::login::is_remote(|name| std::env::var(name).ok()),
        ..flags
    }
}

fn is_on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

pub(super) fn terminal_failure(error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Other,
        format!("the terminal cannot be used: {error}"),
        "use a command instead: ecr-grant show, ecr-grant grant (see --help)",
    )
}

#[cfg(test)]
mod tests;
