//! Step: Account. Every source of credentials on a row; choosing one asks STS who it is, and shows that before going on.

mod shown;
mod sign_in;
mod state;

use std::borrow::Cow;

use super::filter::{Filter, NO_MATCH};
use super::keymap::{Action, KeyScope};
use super::layout::Shape;
use super::model::{address_problem, target_of};
use super::regions::{self, Picked, RegionPicker};
use super::screen::Screen;
use super::{Answer, Effect, Key, Model, Remote, RequestId, Signed, Size, Step, Tone, draft, layout};
use crate::ecr::{Failure, FailureKind, Partition, Region, RepositoryRef, Source, SourceId};

use sign_in::{cancel, logged_in, verified, verify};
pub use state::AccountStep;

/// The step's row in the table of screens.
pub(super) const SCREEN: Screen = Screen {
    title: "Account",
    details_share: 34,
    leads_to_question: false,
    enter,
    resume: |_, _| Some(Vec::new()),
    act,
    text,
    paste,
    click,
    resized,
    drawn: |_| (),
    answer,
    scopes: |model| model.account.scopes(),
    why_off,
    label,
    is_asking: |_| false,
    waiting_since: |model| model.account.waiting_since(),
    endpoint,
};

/// Returns how the body is divided at a size.
pub fn shape(size: Size) -> Shape {
    let body = layout::body_rows(size);
    if body < 9 {
        // So little room: what it is about, two rows of the list, the rest for the chosen one.
        let list = 2.min(body.saturating_sub(1));
        return Shape { head: 1, list, below: body.saturating_sub(1 + list), rule: false };
    }
    if layout::has_details(size) {
        return Shape { head: 3, list: body.saturating_sub(3), below: 0, rule: false };
    }
    let below = (body.saturating_sub(4) / 2).min(5);
    Shape { head: 3, list: body.saturating_sub(4 + below), below, rule: true }
}

fn height(model: &Model) -> usize {
    usize::from(shape(model.size).list)
}

/// Returns why an action does nothing here.
fn why_off(model: &Model, action: Action) -> Option<String> {
    let step = &model.account;
    let chosen = step.chosen();
    match action {
        Action::SignIn => {
            if model.settings.demo {
                return Some("the demo needs no login".to_owned());
            }
            let Some(source) = chosen else { return Some("there is nothing to log in to".to_owned()) };
            let Some(login) = &source.login else {
                return Some(format!("only SSO and `aws login` profiles log in; this one: {}", source.kind.as_words()));
            };
            let command = || login.shell_command(model.settings.is_remote);
            (!model.settings.has_aws_cli)
                .then(|| format!("the AWS CLI is not installed here: log in with `{}` elsewhere", command()))
        }
        Action::Retry => {
            let failed = chosen.is_some_and(|s| step.attempt(&s.id).failure().is_some());
            let nothing_there = step.sources.failure().is_some() || step.all().is_empty();
            (!failed && !nothing_there).then(|| "nothing failed here".to_owned())
        }
        Action::Back => {
            let asking = step.attempts.values().any(|attempt| attempt.loading_since().is_some());
            let something = step.regions.is_some() || step.filter.open || !step.filter.field.is_empty() || asking;
            (!something)
                .then(|| format!("this is the first step; {} leaves", model.key(KeyScope::Commands, Action::Quit)))
        }
        Action::FilterDone if step.rows.is_empty() => Some(NO_MATCH.to_owned()),
        Action::Filter if step.all().is_empty() => Some("there is nothing to filter".to_owned()),
        Action::Region | Action::Next if chosen.is_none() => Some("choose a row first".to_owned()),
        Action::Region if chosen.is_some_and(|source| source.problem.is_some()) => {
            Some("this row cannot be used".to_owned())
        }
        _ => None,
    }
}

/// Returns what Enter does to the chosen row, where that is not to go on.
fn label(model: &Model, scope: KeyScope, action: Action) -> Option<Cow<'static, str>> {
    let step = &model.account;
    let chosen = step.chosen()?;
    if (scope, action) != (KeyScope::Account, Action::Next) || step.attempt(&chosen.id).value().is_some() {
        return None;
    }
    Some(Cow::Borrowed(if chosen.problem.is_some() { "read again" } else { "sign in" }))
}

fn enter(model: &mut Model) -> Vec<Effect> {
    if let Some(region) = model.prefill.region.take() {
        model.account.given = Some(region);
    }
    if model.account.sources.value().is_none() {
        return load(model);
    }
    match model.prefill.target.clone() {
        Some(target) => aim(model, target),
        None => Vec::new(),
    }
}

/// Takes up what fills the wizard in after the question about a draft was answered.
pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    if model.account.sources.value().is_none() {
        return enter(model);
    }
    model.account.given = model.prefill.region.take();
    loaded(model)
}

fn load(model: &mut Model) -> Vec<Effect> {
    if model.account.sources.loading_since().is_some() {
        return Vec::new();
    }
    let id = model.request();
    let step = &mut model.account;
    // What the files say now decides which of these can be used.
    for source in step.sources.value().into_iter().flatten().filter(|source| source.problem.is_some()) {
        step.attempts.remove(&source.id);
    }
    step.sources.ask(id, model.now);
    vec![Effect::LoadSources(id)]
}

/// Returns what follows once the sources are there: the one that a flag names, or the owner of a given image, is asked.
fn loaded(model: &mut Model) -> Vec<Effect> {
    let height = height(model);
    model.account.tell_problems();
    model.account.narrow(false, height);
    if let Some(target) = &model.prefill.target {
        model.account.given = Some(target.region.clone());
    }
    if let Some(id) = model.prefill.source.take() {
        if model.account.choose(&id, height) {
            let is_led = !model.prefill.names.is_empty() || model.prefill.target.is_some();
            if draft::goes_beyond_account(model).unwrap_or(is_led) {
                model.account.goes_on = Some(id.clone());
            }
            return verify(model, id);
        }
        let words = match &id {
            SourceId::Profile(name) => format!("there is no profile `{name}`: choose one of these"),
            other => format!("there are no credentials from the {other}: choose another row"),
        };
        model.say(Tone::Bad, words);
        return Vec::new();
    }
    match model.prefill.target.clone() {
        Some(target) => aim(model, target),
        None => Vec::new(),
    }
}

/// Looks for the source that owns a repository, sets its Region, and asks it when there is only one.
pub(super) fn aim(model: &mut Model, target: RepositoryRef) -> Vec<Effect> {
    let height = height(model);
    let name = target.name.to_string();
    let step = &mut model.account;
    step.picked.clear();
    step.given = Some(target.region.clone());
    step.filter.escape();
    step.narrow(false, height);
    let mut owners: Vec<SourceId> =
        step.all().iter().filter(|s| step.account_of(s) == Some(&target.account)).map(|s| s.id.clone()).collect();
    // Who is signed in there already need not choose again.
    if let Some(ready) = owners.iter().find(|id| step.attempt(id).value().is_some()).cloned() {
        owners = vec![ready];
    }
    let (owner, region) = (target.account.clone(), target.region.clone());
    let known = step.sources.value().is_some();
    model.prefill.target = Some(target);
    match owners.as_slice() {
        [] if known => {
            model.say(Tone::Plain, format!("{name} belongs to account {owner}: no row is known to sign in there"));
            Vec::new()
        }
        [] => Vec::new(),
        [only] => {
            let only = only.clone();
            model.account.choose(&only, height);
            model.say(Tone::Plain, format!("{name} belongs to account {owner}: {only}, {region}"));
            if model.account.attempt(&only).value().is_some() { Vec::new() } else { verify(model, only) }
        }
        several => {
            let count = several.len();
            model.account.filter.set(owner.as_str());
            model.account.narrow(true, height);
            model.say(
                Tone::Plain,
                format!("{name} belongs to account {owner}: choose one of {count} that sign in there"),
            );
            Vec::new()
        }
    }
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if model.account.regions.is_some() {
        return in_regions(model, action);
    }
    let height = height(model);
    let step = &mut model.account;
    match action {
        Action::Back => {
            if step.filter.escape() {
                step.narrow(false, height);
                return Vec::new();
            }
            let stopped = cancel(model);
            if stopped.is_empty() {
                return super::back(model);
            }
            model.account.goes_on = None;
            model.say(Tone::Plain, "stopped asking");
            stopped
        }
        Action::Filter => {
            step.filter.open = true;
            Vec::new()
        }
        Action::FilterDone => {
            step.filter.open = false;
            Vec::new()
        }
        Action::Region => {
            let Some(source) = step.chosen().cloned() else { return Vec::new() };
            let partition = partition_of(step, &source);
            let picker = RegionPicker::open(partition, step.region_of(&source), regions::list_rows(model.size));
            model.account.regions = Some(picker);
            Vec::new()
        }
        // Only the files tell whether it can be used by now.
        Action::Retry | Action::Next if step.chosen().is_some_and(|s| s.problem.is_some()) => load(model),
        Action::Retry => match step.chosen().map(|s| s.id.clone()) {
            Some(id) if step.attempt(&id).failure().is_some() => verify(model, id),
            _ => load(model),
        },
        Action::SignIn => {
            let Some(source) = step.chosen() else { return Vec::new() };
            let (source, Some(login)) = (source.id.clone(), source.login.clone()) else { return Vec::new() };
            let mut effects = cancel(model);
            let id = model.request();
            model.account.login = Some((id, source));
            effects.push(Effect::SignIn { id, login });
            effects
        }
        Action::Next => {
            let Some(id) = step.chosen().map(|s| s.id.clone()) else { return Vec::new() };
            match step.attempt(&id) {
                Remote::Ready(_) => go_on(model, &id),
                Remote::Loading { .. } => {
                    let back = model.key(KeyScope::Global, Action::Back);
                    model.say(Tone::Plain, format!("still asking; {back} stops it"));
                    Vec::new()
                }
                Remote::NotAsked | Remote::Failed { .. } => verify(model, id),
            }
        }
        _ => {
            step.cursor.act(action, step.rows.len(), height);
            Vec::new()
        }
    }
}

/// The partition that the source's account is in, where that is known.
fn partition_of(step: &AccountStep, source: &Source) -> Option<Partition> {
    step.attempt(&source.id)
        .value()
        .and_then(|v| v.identity.arn.known_partition())
        .or_else(|| source.region.as_ref().map(Region::partition))
}

fn in_regions(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(picker) = &mut model.account.regions else { return Vec::new() };
    let region = match picker.act(action) {
        Picked::Open => return Vec::new(),
        Picked::Closed => {
            model.account.regions = None;
            return Vec::new();
        }
        Picked::Region(region) => region,
    };
    model.account.regions = None;
    let Some(id) = model.account.chosen().map(|s| s.id.clone()) else { return Vec::new() };
    if let Some(target) = model.prefill.target.take_if(|t| t.region != region) {
        model.say(Tone::Plain, format!("{} is in {}: no longer looked for", target.name, target.region));
    }
    model.account.picked.insert(id.clone(), region);
    // Where the Region may have been the reason, the answer is asked for again; an identity that is known stays.
    if model.account.attempt(&id).failure().is_some() { verify(model, id) } else { Vec::new() }
}

/// Leaves the step with a verified source. What depends on another account or Region is dropped.
fn go_on(model: &mut Model, id: &SourceId) -> Vec<Effect> {
    let step = &model.account;
    let Some(source) = step.find(id).cloned() else { return Vec::new() };
    let Some(verified) = step.attempt(id).value() else { return Vec::new() };
    let region = step.region_of(&source).unwrap_or_else(|| verified.region.clone());
    let signed = Signed { source, identity: verified.identity.clone(), region, endpoint: verified.endpoint.clone() };
    let same = model.signed.as_ref().is_some_and(|old| old.owner() == signed.owner() && old.region == signed.region);
    if !same {
        model.chosen.clear();
    }
    let other = model.prefill.target.take_if(|t| t.account != *signed.owner());
    model.signed = Some(signed);
    let mut effects = draft::leaves_account(model);
    effects.extend(super::go(model, Step::Repository));
    if let Some(target) = other {
        model.say(Tone::Plain, format!("{} belongs to account {}: no longer looked for", target.name, target.account));
    }
    effects
}

/// Returns the endpoints of the chosen row once it was asked; before that, those that hold for all.
fn endpoint(model: &Model) -> Option<&str> {
    model.account.endpoint().unwrap_or(&model.settings.endpoint).as_deref()
}

/// Chooses the row under the pointer.
fn click(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    if let Some(picker) = &mut model.account.regions {
        picker.choose_shown(row);
        return Vec::new();
    }
    if layout::is_in_details(Step::Account, model.size, column) {
        return Vec::new();
    }
    let shape = shape(model.size);
    // The words about a failed sign-in take rows of the list above them, as many as they need: which, only the drawing
    // knows.
    let failed = model.account.chosen().and_then(|s| model.account.attempt(&s.id).failure()).is_some();
    if failed && shape.below > 0 {
        return Vec::new();
    }
    shape.list_place(row).map_or_else(Vec::new, |at| choose_shown(model, at))
}

/// Chooses the row that is shown at a place of the list, from 0.
fn choose_shown(model: &mut Model, at: usize) -> Vec<Effect> {
    let height = height(model);
    let step = &mut model.account;
    if let Some(row) = step.cursor.shown(step.rows.len(), height).nth(at) {
        step.cursor.select(row, step.rows.len(), height);
    }
    Vec::new()
}

fn resized(model: &mut Model) -> Vec<Effect> {
    let height = height(model);
    let step = &mut model.account;
    step.cursor.settle(step.rows.len(), height);
    if let Some(picker) = &mut step.regions {
        picker.resized(regions::list_rows(model.size));
    }
    Vec::new()
}

fn text(model: &mut Model, key: Key) -> Vec<Effect> {
    let height = height(model);
    let step = &mut model.account;
    if let Some(picker) = &mut step.regions {
        picker.key(key);
    } else if step.filter.open && step.filter.key(key) {
        step.narrow(true, height);
    }
    Vec::new()
}

fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(picker) = &mut model.account.regions {
        picker.paste(text);
        return Vec::new();
    }
    if let Some((target, tag)) = target_of(text) {
        model.prefill.tag = tag;
        return aim(model, target);
    }
    if let Some(problem) = address_problem(text) {
        model.say(Tone::Bad, problem);
        return Vec::new();
    }
    let height = height(model);
    model.account.filter.open = true;
    model.account.filter.paste(text);
    model.account.narrow(true, height);
    Vec::new()
}

fn answer(model: &mut Model, id: RequestId, answer: &Answer) -> Vec<Effect> {
    match answer {
        Answer::Sources(result) => {
            if model.account.sources.answer(id, result.clone()) && model.account.sources.failure().is_none() {
                return loaded(model);
            }
            Vec::new()
        }
        Answer::Verified(result) => verified(model, id, result.clone()),
        Answer::SignedIn(result) => logged_in(model, id, result.clone()),
        _ => Vec::new(),
    }
}

/// Tells whether a failure is about the Region alone, so that choosing one is the way on.
pub fn wants_region(failure: &Failure) -> bool {
    failure.kind == FailureKind::NoRegion
}

#[cfg(test)]
mod tests;
