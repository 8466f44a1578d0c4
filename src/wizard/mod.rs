//! The wizard as a pure state machine: `update` takes an event, changes the model, and answers with effects as data.
//! Nothing here waits, reads a clock, or draws.
//!
//! One file per step, each with its row in the table `screens::SCREENS`. To add a key, add a row to `keymap::TABLE` and
//! an arm to the step's `act`.

pub mod acceptance;
pub mod access_rows;
pub mod account;
pub mod actions;
pub mod age;
mod choice;
pub mod computation;
pub mod draft;
pub mod editor;
pub mod effect;
pub mod event;
pub mod field;
pub mod filter;
pub mod fuzzy;
pub mod key;
pub mod keymap;
pub mod layout;
mod lead;
pub mod list;
pub mod model;
mod mouse;
pub mod overview;
pub mod page;
pub mod palette;
pub mod pasted;
pub mod permissions;
pub mod policy;
pub mod question;
pub mod regions;
pub mod remote;
pub mod repository;
pub mod review;
pub mod save;
mod screen;
mod screens;
mod session;
mod settings;
pub mod slowness;
pub mod statements;
mod step;
pub mod stored_policies;
#[cfg(test)]
pub mod test_world;
#[cfg(test)]
pub mod testing;
mod typed_field;

pub use effect::Effect;
pub use event::{Answer, Choice, Event, Size};
pub use key::{Code, Key};
pub use keymap::{Action, KeyScope};
pub use list::Cursor;
pub use model::Model;
pub use remote::{Remote, RequestId};
pub use session::{
    Lead, Overlay, Prefill, RegistryPlace, ReviewOrigin, Signed, SurveyRegions, SurveyRequest, SurveySources, Tone,
    UnopenedAddress,
};
pub use settings::{AcceptedPath, Background, ThemeName, WizardSettings};
pub use step::Step;

use crate::ecr::Failure;

/// Begins with the first step.
pub fn start(model: &mut Model) -> Vec<Effect> {
    lead::begin_lead(model);
    go(model, Step::Account)
}

/// Takes one event: changes the model and tells what is to be done.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    let may_change_the_draft =
        matches!(event, Event::Key(_) | Event::Paste(_) | Event::Click { .. } | Event::Chosen(_) | Event::Answer(..));
    let by_key = matches!(event, Event::Key(_) | Event::Paste(_) | Event::Click { .. } | Event::Chosen(_));
    lead::take_over(model, &event);
    let step_before = model.step;
    let mut effects = take(model, event);
    effects.extend(lead::pass_answered(model));
    if model.step != step_before {
        effects.extend(follow_step(model));
    }
    pasted::advance_kept(model);
    effects.extend(begin_computations(model));
    question::look_again(model, by_key);
    if may_change_the_draft {
        draft::mark_touched(model);
    }
    effects
}

/// Does what follows from another step, whichever way led to it.
fn follow_step(model: &mut Model) -> Vec<Effect> {
    match model.step {
        Step::Actions => repository::read_chosen(model),
        _ => Vec::new(),
    }
}

/// Begins the work beside the key loop that the state wants by now, whichever event led to it.
fn begin_computations(model: &mut Model) -> Vec<Effect> {
    Step::ALL.into_iter().flat_map(|step| (step.screen().compute)(model)).collect()
}

fn take(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::Clock(now) => {
            model.now = now;
            Vec::new()
        }
        Event::Resized(size) => {
            model.size = size;
            model.question.mark_unseen();
            palette::fit_size(model);
            (model.step.screen().resized)(model)
        }
        Event::Drawn => {
            question::mark_drawn(model);
            Vec::new()
        }
        Event::Key(key) if !question::takes_key(model, key) => Vec::new(),
        Event::Key(key) => on_key(model, key),
        Event::Paste(_) | Event::Click { .. } | Event::Chosen(_) if !question::takes_pointer(model) => Vec::new(),
        Event::Paste(text) => on_paste(model, &text),
        Event::Wheel { up } => mouse::turn_wheel(model, up),
        Event::Click { column, row } => mouse::take_click(model, column, row),
        Event::Chosen(choice) => choice::take_choice(model, choice),
        Event::Background(background) => {
            model.settings.background = Some(background);
            Vec::new()
        }
        Event::Quiet => draft::keep_now(model),
        Event::Answer(id, answer) => {
            let mut effects = on_answer(model, id, *answer);
            effects.extend(draft::advance_steps(model));
            effects
        }
    }
}

fn on_key(model: &mut Model, key: Key) -> Vec<Effect> {
    model.notice = None;
    let scopes = model.key_scopes();
    let Some(action) = model.keymap.resolve(key, &scopes) else {
        return match model.overlay {
            Some(Overlay::Palette) => {
                palette::type_key(model, key);
                Vec::new()
            }
            Some(_) => Vec::new(),
            None => (model.step.screen().text)(model, key),
        };
    };
    if model.overlay.is_none()
        && let Some(reason) = model.why_off(action)
    {
        model.set_notice(Tone::Plain, reason);
        question::led_nowhere(model, action);
        return Vec::new();
    }
    let before = model.step;
    let effects = act(model, action);
    if model.step == before && !model.policy.goes_on() {
        question::led_nowhere(model, action);
    }
    effects
}

/// Carries out an action where the model is.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match model.overlay {
        Some(Overlay::Help { scroll }) => return in_help(model, action, scroll),
        Some(Overlay::Leave) => return in_leave_question(model, action),
        Some(Overlay::Palette) => return palette::do_action(model, action),
        Some(Overlay::Draft) => return draft::answer_question(model, action),
        Some(Overlay::Pasted) => return pasted::answer_question(model, action),
        None => {}
    }
    if action == Action::Back || (matches!(action, Action::Next | Action::GoOn) && model.step > Step::Account) {
        draft::stop_resuming(model);
    }
    match action {
        Action::Help => {
            model.overlay = Some(Overlay::Help { scroll: 0 });
            Vec::new()
        }
        Action::Quit | Action::Leave => {
            if model.is_dirty() {
                model.overlay = Some(Overlay::Leave);
                Vec::new()
            } else {
                quit(model)
            }
        }
        Action::Suspend => vec![Effect::Suspend],
        Action::Palette => palette::open_palette(model),
        _ => (model.step.screen().act)(model, action),
    }
}

fn in_help(model: &mut Model, action: Action, scroll: usize) -> Vec<Effect> {
    let page = usize::from(layout::body_rows(model.size)).max(1);
    let scroll = match action {
        Action::Up => scroll.saturating_sub(1),
        Action::Down => scroll.saturating_add(1),
        Action::PageUp => scroll.saturating_sub(page),
        Action::PageDown => scroll.saturating_add(page),
        Action::First => 0,
        Action::Back | Action::Help | Action::Quit => {
            model.overlay = None;
            return Vec::new();
        }
        Action::Leave => {
            model.overlay = None;
            return act(model, Action::Leave);
        }
        _ => scroll,
    };
    // No page of keys is longer than the table; the drawing stops at the last row.
    model.overlay = Some(Overlay::Help { scroll: scroll.min(keymap::TABLE.len()) });
    Vec::new()
}

fn in_leave_question(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Yes => quit(model),
        Action::KeepDraft => draft::keep_and_leave(model),
        Action::No | Action::Back | Action::Leave => {
            model.overlay = None;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Returns what is left in the scrollback: first what needs a look. Of writes under way the end of the program tells
/// what came of them.
pub fn summary_sentences(model: &Model) -> Vec<String> {
    if model.save.is_writing() {
        return model.done.clone();
    }
    [model.save.unfinished_sentences(), model.done.clone(), model.save.done_sentences()].concat()
}

/// Leaves; while a write is under way its outcome is said to be unknown.
fn quit(model: &Model) -> Vec<Effect> {
    let summary = summary_sentences(model);
    let mut effects = Vec::from_iter(draft::left_deliberately(model));
    effects.push(Effect::Quit { summary });
    effects
}

fn on_paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.overlay == Some(Overlay::Palette) {
        palette::paste_text(model, text);
    }
    if model.overlay.is_some() {
        return Vec::new();
    }
    model.notice = None;
    pasted::take_paste(model, text).unwrap_or_else(|| (model.step.screen().paste)(model, text))
}

/// Hands an answer to all steps, whichever is shown by now; each takes what it waits for, and drops what is late.
fn on_answer(model: &mut Model, id: RequestId, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::RegistryPolicy(owner, region, policy) => {
            model.registry_policies.set_policy(owner, region, policy);
            Vec::new()
        }
        Answer::Replication(owner, region, replication) => {
            model.replications.set_replication(owner, region, replication);
            review::replication_known(model);
            Vec::new()
        }
        Answer::Slowdowns(context, owner, now) => {
            model.slowdowns.set_slowdowns(context, owner, now);
            Vec::new()
        }
        Answer::Ownership(repository, ownership) => {
            model.owners.insert(repository, ownership);
            Vec::new()
        }
        Answer::Copied(copied) if model.unopened.as_ref().is_some_and(|unopened| unopened.copy == id) => {
            say_unopened(model, &copied);
            Vec::new()
        }
        Answer::Copied(Ok(event::CopyReport::WrittenTo(name))) => {
            model.set_notice(Tone::Plain, format!("no clipboard here: written to {name}"));
            Vec::new()
        }
        Answer::Copied(Ok(event::CopyReport::SentToTerminal)) => {
            model.set_notice(Tone::Good, "sent to the terminal; it does not say if it took it");
            Vec::new()
        }
        Answer::DraftNotKept(failure) => {
            draft::not_kept(model, &failure);
            Vec::new()
        }
        Answer::DraftLeft(result) => draft::left_for_later(model, id, result),
        Answer::FileWritten(Ok(path)) => {
            model.set_notice(Tone::Good, format!("written to {path}"));
            Vec::new()
        }
        Answer::PlanWritten(Ok(name)) => {
            save::say_plan_written(model, &name);
            Vec::new()
        }
        Answer::Opened(_, Ok(())) => {
            model.set_notice(Tone::Good, "handed to the browser");
            Vec::new()
        }
        Answer::Opened(url, Err(failure)) => {
            let copy = model.next_request();
            model.unopened = Some(UnopenedAddress { copy, why: failure.what, url: url.clone() });
            vec![Effect::Copy { id: copy, text: url }]
        }
        Answer::Copied(Err(failure)) | Answer::FileWritten(Err(failure)) | Answer::PlanWritten(Err(failure)) => {
            model.set_notice(Tone::Bad, failure.to_string());
            Vec::new()
        }
        answer => Step::ALL.into_iter().flat_map(|step| (step.screen().answer)(model, id, &answer)).collect(),
    }
}

/// Says where the address is that no browser took.
fn say_unopened(model: &mut Model, copied: &Result<event::CopyReport, Failure>) {
    let Some(UnopenedAddress { why, url, .. }) = model.unopened.take() else { return };
    match copied {
        Ok(event::CopyReport::SentToTerminal) => {
            model.set_notice(Tone::Plain, format!("{why}: the address was sent to the terminal's clipboard: {url}"));
        }
        Ok(event::CopyReport::WrittenTo(name)) => {
            model.set_notice(Tone::Plain, format!("{why}, and no clipboard: the address is in {name}: {url}"));
        }
        Err(failure) => model.set_notice(Tone::Bad, format!("{why}, and no copy ({}): {url}", failure.what)),
    }
}

/// Goes to a step and lets it begin.
fn go(model: &mut Model, step: Step) -> Vec<Effect> {
    model.step = step;
    (step.screen().enter)(model)
}

/// Goes back to the list of repositories, and to the review where one lies over it: what is stored is read again.
fn return_to_review(model: &mut Model) -> Vec<Effect> {
    model.repository.doubt_review();
    go(model, Step::Repository)
}

/// Goes back one step without changing anything there.
fn back(model: &mut Model) -> Vec<Effect> {
    lead::end_lead(model);
    if let Some(before) = model.step.step_before() {
        model.step = before;
    } else {
        let quit = model.key_name(KeyScope::Commands, Action::Quit);
        model.set_notice(Tone::Plain, format!("this is the first step; {quit} leaves"));
    }
    Vec::new()
}
