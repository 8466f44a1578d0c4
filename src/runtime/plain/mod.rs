//! The wizard as questions and answers, line by line: for screen readers, for dumb terminals, and for programs that
//! answer. The questions are made from the model, and the answers become what keys would be. No byte of the output is an
//! escape sequence.

mod account;
mod actions;
mod dialogue;
mod lines;
mod overlay;
mod permissions;
mod policy;
mod repository;
mod save;

use std::collections::{HashSet, VecDeque};
use std::io::{self, Write as _};

use tokio::sync::mpsc;

use super::drafts::{Keeper, keep_effect, keep_latest};
use super::executor::Executor;
use super::keyboard::{Signalled, Signals};
use super::run::{ANSWERS, model_settings, start_keeper, terminal_failure, wait_writes};
use super::terminal::forget_typed;
use super::{Start, WizardEnd, external, login};
use crate::apply::Gate;
use crate::aws::descendants;
use crate::ecr::text::make_visible;
use crate::ecr::{Failure, Recipe};
use crate::journal::Journal;
use crate::wizard::event::CopyReport;
use crate::wizard::keymap::Keymap;
use crate::wizard::save::whole_page;
use crate::wizard::slowness::awaited_slowdown;
use crate::wizard::{
    Action, Answer, Code, Effect, Event, Key, Model, RequestId, Size, Step, actions as choice_of_actions, start,
    summary_sentences, update,
};
use dialogue::{Move, Question, Reply, Then, with_stop};

/// A window in which every page has room: what is told is told whole, and lines are wrapped by whoever shows them.
const WHOLE: Size = Size { columns: 400, rows: 10_000 };
/// Milliseconds of the model's clock between a question and its answer. A question is answered by the line that is read
/// after it, however soon that comes.
const TURN: u64 = 1_000;

/// Runs the wizard until the user leaves, the input ends or a signal comes.
pub async fn run(begin: Start) -> Result<WizardEnd, Failure> {
    let signals = Signals::new().map_err(|error| terminal_failure(&error))?;
    let mut settings = model_settings(begin.settings);
    (settings.ascii, settings.no_color) = (true, true);
    let mut model = Model::new(settings, begin.prefill, WHOLE);
    model.keymap = Keymap::in_words();
    let (answers, incoming) = mpsc::channel(ANSWERS);
    let gate = Gate {
        read_only: model.settings.read_only,
        dry_run: model.settings.dry_run,
        patterns: model.settings.read_only_patterns.clone(),
    };
    // A program that answers must not meet a question that depends on what came before it.
    let keeps_drafts = !model.settings.demo && lines::is_typed();
    let keeper = keeps_drafts.then(|| start_keeper(&mut model, &begin.state_dir, answers.clone(), begin.has_arguments));
    let journal = Journal::open_in(begin.state_dir).with_limits(begin.limits);
    let executor = Executor::new(begin.access, journal, gate, answers);
    let effects = start(&mut model);
    let mut talk = Talk {
        model,
        executor,
        keeper,
        own: VecDeque::new(),
        incoming,
        signals,
        told: Vec::new(),
        awaited: HashSet::new(),
        is_answered: false,
        then: None,
        clock: 0,
    };
    let ended = talk.run_turns(effects).await;
    talk.end_program(ended).await
}

struct Talk {
    model: Model,
    executor: Executor,
    keeper: Option<Keeper>,
    /// Answers of the loop's own, ahead of all others.
    own: VecDeque<(RequestId, Answer)>,
    incoming: mpsc::Receiver<(RequestId, Answer)>,
    signals: Signals,
    /// The lines that were told before the last question.
    told: Vec<String>,
    /// Requests that no screen waits for, and whose answers change what is told.
    awaited: HashSet<RequestId>,
    /// Tells whether the last line was an answer.
    is_answered: bool,
    /// The move that follows the answer once all that it asked for is there.
    then: Option<Then>,
    /// The model's clock: it goes by questions, not by time.
    clock: u64,
}

/// What was said of AWS's wish to slow down since somebody began to wait: each rate would be a line too many.
#[derive(Debug, Default)]
struct ToldSlowdown {
    asks: bool,
    rate: bool,
}

impl ToldSlowdown {
    /// Returns the words where they tell something new: that AWS asks, or at last a rate.
    fn take_news(&mut self, words: Option<String>) -> Option<String> {
        let words = words?;
        let has_rate = words.contains(": ");
        let is_new = !self.asks || (has_rate && !self.rate);
        (self.asks, self.rate) = (true, self.rate || has_rate);
        is_new.then_some(words)
    }
}

/// The end of a turn.
enum Turn {
    On,
    End(WizardEnd, Option<Vec<String>>),
}

impl Talk {
    async fn run_turns(&mut self, effects: Vec<Effect>) -> Result<(WizardEnd, Option<Vec<String>>), Failure> {
        let mut turn = self.carry_out(effects).await?;
        loop {
            if let Turn::End(end, summary) = turn {
                return Ok((end, summary));
            }
            turn = self.settle().await?;
            if matches!(turn, Turn::End(..)) {
                continue;
            }
            if let Some(moves) = self.follow() {
                // A key takes the notice away, and this one is nobody's answer to it.
                let notice = self.model.notice.take();
                turn = self.make_moves(moves).await?;
                self.model.notice = self.model.notice.take().or(notice);
                continue;
            }
            if self.is_answered && self.model.notice.is_none() {
                // What is asked for again may have the same outcome, and that is news.
                self.told.clear();
            }
            self.is_answered = false;
            keep_latest(self.keeper.as_ref(), &mut self.model);
            let question = self.ask()?;
            let line = tokio::select! {
                biased;
                signal = self.signals.next_signal() => match signal {
                    Signalled::End(number) => return Ok((WizardEnd::Signal(number), None)),
                    // The shell had the terminal: the question is asked again.
                    Signalled::Continued => continue,
                },
                line = lines::next_line() => line,
            };
            let Some(line) = line else {
                say("")?;
                return Ok((WizardEnd::Left, None));
            };
            turn = self.take_line(line.trim(), question).await?;
        }
    }

    /// Waits until all that somebody would wait for is there.
    async fn settle(&mut self) -> Result<Turn, Failure> {
        let mut told = ToldSlowdown::default();
        loop {
            if self.is_waiting()
                && let Some(words) = told.take_news(awaited_slowdown(&self.model))
            {
                say(&with_stop(&words))?;
            }
            let answer = if let Some(own) = self.own.pop_front() {
                own
            } else if self.is_waiting() {
                tokio::select! {
                    biased;
                    signal = self.signals.next_signal() => match signal {
                        Signalled::End(number) => return Ok(Turn::End(WizardEnd::Signal(number), None)),
                        Signalled::Continued => continue,
                    },
                    Some(answer) = self.incoming.recv() => answer,
                }
            } else if let Ok(answer) = self.incoming.try_recv() {
                answer
            } else {
                return Ok(Turn::On);
            };
            self.awaited.remove(&answer.0);
            let effects = update(&mut self.model, Event::Answer(answer.0, Box::new(answer.1)));
            let turn = self.carry_out(effects).await?;
            if matches!(turn, Turn::End(..)) {
                return Ok(turn);
            }
        }
    }

    fn is_waiting(&self) -> bool {
        self.model.overlay.is_none()
            && (!self.awaited.is_empty()
                || self.model.waiting_since().is_some()
                || (self.model.step == Step::Repository && repository::is_reading(&self.model)))
    }

    /// Returns the moves that an answer left for later.
    fn follow(&mut self) -> Option<Vec<Move>> {
        if self.model.step == Step::Policy && policy::is_list_open(&self.model) {
            return Some(vec![Move::Act(Action::Back)]);
        }
        let then = self.then.take()?;
        let model = &self.model;
        let of_action = |action| Some(vec![Move::Act(action)]);
        match (then, model.step) {
            (Then::GoOn, Step::Account) if account::is_found(model) => of_action(Action::Next),
            (Then::GoOn, Step::Repository) if repository::is_found(model) => of_action(Action::Next),
            (Then::Look, Step::Repository) if repository::is_unlisted(model) => {
                self.then = Some(Then::GoOn);
                of_action(Action::FilterDone)
            }
            (Then::LeaveField, Step::Actions) => match choice_of_actions::problem(model) {
                Some((focus, words)) if focus == model.actions.focus() => {
                    self.model.set_notice(crate::wizard::Tone::Bad, words);
                    None
                }
                _ => of_action(Action::FocusNext),
            },
            (Then::LeaveRecipe, Step::Actions) => {
                let is_custom = model.actions.recipe().is_some_and(Recipe::is_custom);
                of_action(if is_custom { Action::FocusNext } else { Action::GoOn })
            }
            _ => None,
        }
    }

    /// Tells what is new and asks the question. What was typed before a grave one stood there is no answer to it.
    fn ask(&mut self) -> Result<Question, Failure> {
        let question = make_question(&self.model);
        if let Some(notice) = self.model.notice.take() {
            say(&with_stop(&notice.text))?;
        }
        if question.told != self.told {
            for line in &question.told {
                say(line)?;
            }
            self.told.clone_from(&question.told);
        }
        let mut out = io::stdout();
        write!(out, "{}", make_visible(&question.words))
            .and_then(|()| out.flush())
            .map_err(|error| terminal_failure(&error))?;
        if question.is_grave && lines::is_typed() {
            forget_typed();
        }
        self.note_told();
        Ok(question)
    }

    /// Tells the model that all pages of what it shows were told.
    fn note_told(&mut self) {
        update(&mut self.model, Event::Drawn);
        self.turn_clock();
        let is_asking = self.model.step == Step::Save && self.model.save.is_asking();
        let pages = if is_asking { whole_page(&self.model).len() / usize::from(WHOLE.rows) + 1 } else { 0 };
        for _ in 0..pages {
            if let Some(key) = self.model.keymap.key_for(Action::PageDown, &self.model.key_scopes()) {
                update(&mut self.model, Event::Key(key));
                update(&mut self.model, Event::Drawn);
                self.turn_clock();
            }
        }
    }

    fn turn_clock(&mut self) {
        self.clock += TURN;
        update(&mut self.model, Event::Clock(self.clock));
    }

    async fn take_line(&mut self, text: &str, question: Question) -> Result<Turn, Failure> {
        if !lines::is_typed() {
            // Nobody's terminal has ended the line.
            say("")?;
        }
        let reply = match text {
            _ if self.model.overlay.is_none() && self.model.step == Step::Save && save::is_word(&self.model, text) => {
                save::answer(&self.model, text)
            }
            "help" | "?" => {
                for line in &question.help {
                    say(line)?;
                }
                say("`back` goes back, `quit` leaves, and the end of the input leaves too.")?;
                self.told.clear();
                return Ok(Turn::On);
            }
            "quit" => Reply::act(Action::Leave),
            "back" if self.model.overlay.is_none() && self.model.step == Step::Actions => actions::back(&self.model),
            "back" => Reply::act(Action::Back),
            text => read_answer(&self.model, text),
        };
        match reply {
            Reply::Say(words) => {
                say(&words)?;
                Ok(Turn::On)
            }
            Reply::Moves(moves, then) => {
                self.then = then;
                self.is_answered = true;
                self.make_moves(moves).await
            }
        }
    }

    /// Carries out the parts of an answer as the screens' own events.
    async fn make_moves(&mut self, moves: Vec<Move>) -> Result<Turn, Failure> {
        for part in moves {
            let events = match part {
                Move::Act(action) => {
                    let key = self.model.keymap.key_for(action, &self.model.key_scopes());
                    if key.is_none() {
                        say("That does nothing here.")?;
                    }
                    key.map(Event::Key).into_iter().collect()
                }
                Move::Clear => {
                    vec![Event::Key(Key::without_modifiers(Code::End)), Event::Key(Key::with_ctrl('u'))]
                }
                Move::Type(text) => text.chars().map(|c| Event::Key(Key::of_char(c))).collect(),
                Move::Paste(text) => vec![Event::Paste(text)],
                Move::Choose(choice) => vec![Event::Chosen(choice)],
            };
            for event in events {
                let effects = update(&mut self.model, event);
                let turn = self.carry_out(effects).await?;
                if matches!(turn, Turn::End(..)) {
                    return Ok(turn);
                }
            }
        }
        Ok(Turn::On)
    }

    /// Carries out effects: those of the terminal here, the rest in the executor.
    async fn carry_out(&mut self, effects: Vec<Effect>) -> Result<Turn, Failure> {
        for effect in effects {
            match effect {
                Effect::Quit { summary } => return Ok(Turn::End(WizardEnd::Left, Some(summary))),
                Effect::SignIn { id, login } => {
                    let is_remote = self.model.settings.is_remote;
                    match self.lend_terminal(Box::pin(login::sign_in(&login, is_remote))).await? {
                        Ok(done) => self.own.push_back((id, Answer::SignedIn(done))),
                        Err(number) => return Ok(Turn::End(WizardEnd::Signal(number), None)),
                    }
                }
                Effect::EditExternally { id, text } => {
                    let command = external::editor_command(|name| std::env::var(name).ok());
                    match self.lend_terminal(external::edit_text(&command, &text)).await? {
                        Ok(edited) => self.own.push_back((id, Answer::Edited(edited))),
                        Err(number) => return Ok(Turn::End(WizardEnd::Signal(number), None)),
                    }
                }
                // The way to a terminal's clipboard is an escape sequence.
                Effect::Copy { id, text } => {
                    let copied = super::files::write_here("ecr-grant-copy.txt", &text).map(CopyReport::WrittenTo);
                    self.own.push_back((id, Answer::Copied(copied)));
                }
                Effect::WriteFile { id, name, text } => {
                    self.own.push_back((id, Answer::FileWritten(super::files::write_here(&name, &text))));
                }
                Effect::ReadTags { id, .. } | Effect::OpenUrl { id, .. } => {
                    self.awaited.insert(id);
                    self.executor.begin_effect(effect);
                }
                Effect::SaveDraft { .. }
                | Effect::KeepAndLeave { .. }
                | Effect::ForgetDraft
                | Effect::LeaveDraft
                | Effect::NoteSignIn(_) => {
                    keep_effect(self.keeper.as_ref(), effect);
                }
                Effect::Suspend => {}
                other => self.executor.begin_effect(other),
            }
        }
        Ok(Turn::On)
    }

    /// Lets a child program ask and answer in our place; `Err`: the signal that ended both.
    async fn lend_terminal<T>(&mut self, child: impl Future<Output = T>) -> Result<Result<T, i32>, Failure> {
        keep_latest(self.keeper.as_ref(), &mut self.model);
        let mut child = std::pin::pin!(child);
        let done = tokio::select! {
            biased;
            number = self.signals.next_ending() => Err(number),
            done = &mut child => Ok(done),
        };
        if done.is_err() {
            descendants::end_all(child).await;
        }
        self.signals.forget_the_childs().await.map_err(|error| terminal_failure(&error))?;
        Ok(done)
    }

    /// Tells what was done, and waits for a write under way.
    async fn end_program(
        &mut self,
        ended: Result<(WizardEnd, Option<Vec<String>>), Failure>,
    ) -> Result<WizardEnd, Failure> {
        let summary = if let Ok((_, Some(summary))) = &ended {
            summary.clone()
        } else {
            keep_latest(self.keeper.as_ref(), &mut self.model);
            summary_sentences(&self.model)
        };
        let mut out = io::stdout();
        for text in &summary {
            let _ = writeln!(out, "{}", make_visible(text));
        }
        wait_writes(&mut self.executor, &mut self.incoming, &mut self.signals, &mut self.model, &mut out).await;
        ended.map(|(end, _)| end)
    }
}

/// Makes the question that is open.
fn make_question(model: &Model) -> Question {
    if let Some(question) = overlay::ask(model) {
        return question;
    }
    let mut question = match model.step {
        Step::Account => account::ask(model),
        Step::Repository => repository::ask(model),
        Step::Actions => actions::ask(model),
        Step::Policy => policy::ask(model),
        Step::Save => save::ask(model),
        Step::Permissions => permissions::ask(model),
    };
    let step = model.step;
    question.told.insert(0, format!("Step {} of {}: {}.", step.number(), Step::ALL.len(), step.title()));
    question
}

fn read_answer(model: &Model, text: &str) -> Reply {
    if let Some(reply) = overlay::answer(model, text) {
        return reply;
    }
    match model.step {
        Step::Account => account::answer(model, text),
        Step::Repository => repository::answer(model, text),
        Step::Actions => actions::answer(model, text),
        Step::Policy => policy::answer(model, text),
        Step::Save => save::answer(model, text),
        Step::Permissions => permissions::answer(model, text),
    }
}

/// Tells a line.
fn say(line: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{}", make_visible(line)).map_err(|error| terminal_failure(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_to_slow_down_is_told_once_and_its_rate_once() {
        let mut told = ToldSlowdown::default();
        let news: Vec<Option<String>> = [
            None,
            Some("AWS asks to slow down"),
            Some("AWS asks to slow down"),
            Some("AWS asks to slow down: 5 a second"),
            Some("AWS asks to slow down: 4 a second"),
        ]
        .map(|words| told.take_news(words.map(str::to_owned)))
        .to_vec();
        let told: Vec<usize> = (0..news.len()).filter(|at| news[*at].is_some()).collect();
        assert_eq!(told, [1, 3]);
    }
}
