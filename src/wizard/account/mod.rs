//! Step: Account. Every source of credentials on a row; choosing one asks STS who it is, and shows that before going on.

mod groups;
mod leads;
mod shown;
mod sign_in;
pub(in crate::wizard) mod signed;
mod state;

use std::borrow::Cow;

use super::filter::{Filter, NO_MATCH};
use super::keymap::{Action, KeyScope};
use super::layout::Shape;
use super::model::{address_problem, target_of};
use super::overview::registries;
use super::regions::{self, Picked, RegionPicker};
use super::screen::Screen;
use super::{Answer, Effect, Key, Model, Remote, RequestId, Signed, Size, Step, Tone, draft, layout, lead};
use crate::ecr::{Failure, FailureKind, Partition, Region, RepositoryRef, SignInKind, Source, SourceId, Tag};

pub use groups::{ListLine, RowGroup};
pub use leads::leads_to;
use sign_in::{cancel, logged_in, verified, verify};
use signed::take_signed;
pub use state::AccountStep;

/// The step's row in the table of screens.
pub(super) const SCREEN: Screen = Screen {
    title: "Account",
    details_share: 34,
    leads_to_question: false,
    enter: enter_step,
    resume: |_, _| Some(Vec::new()),
    pass: |_| None,
    act: do_action,
    text: type_key,
    paste: paste_text,
    click: click_at,
    resized: fit_size,
    drawn: |_| (),
    answer: take_answer,
    scopes: |model| model.account.key_scopes(),
    why_off,
    label: action_label,
    is_asking: |_| false,
    waiting_since: |model| model.account.waiting_since(),
    compute: |_| Vec::new(),
    endpoint: chosen_endpoint,
};

/// Returns how the body is divided at a size.
pub fn body_shape(size: Size) -> Shape {
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

fn list_height(model: &Model) -> usize {
    usize::from(body_shape(model.size).list)
}

/// Returns why an action does nothing here.
fn why_off(model: &Model, action: Action) -> Option<String> {
    let step = &model.account;
    let chosen = step.chosen_source();
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
            let failed = chosen.is_some_and(|s| step.attempt_of(&s.id).last_failure().is_some());
            let nothing_there = step.sources.last_failure().is_some() || step.all_sources().is_empty();
            (!failed && !nothing_there).then(|| "nothing failed here".to_owned())
        }
        Action::Back => {
            let asking = step.attempts.values().any(|attempt| attempt.loading_since().is_some());
            let something = step.regions.is_some() || step.filter.open || !step.filter.field.is_empty() || asking;
            (!something)
                .then(|| format!("this is the first step; {} leaves", model.key_name(KeyScope::Commands, Action::Quit)))
        }
        Action::FilterDone if step.rows.is_empty() => Some(NO_MATCH.to_owned()),
        Action::Filter if step.all_sources().is_empty() => Some("there is nothing to filter".to_owned()),
        Action::Region | Action::Next if chosen.is_none() => Some("choose a row first".to_owned()),
        Action::Region if chosen.is_some_and(|source| source.problem.is_some()) => {
            Some("this row cannot be used".to_owned())
        }
        _ => None,
    }
}

/// Returns what Enter does to the chosen row, where that is not to go on.
fn action_label(model: &Model, scope: KeyScope, action: Action) -> Option<Cow<'static, str>> {
    let step = &model.account;
    let chosen = step.chosen_source()?;
    let of_filter = (scope, action) == (KeyScope::FilterLine, Action::FilterDone) && step.is_only_match();
    if of_filter && step.attempt_of(&chosen.id).known_value().is_some() {
        return Some(Cow::Borrowed("go on"));
    }
    if !(of_filter || (scope, action) == (KeyScope::Account, Action::Next))
        || step.attempt_of(&chosen.id).known_value().is_some()
    {
        return None;
    }
    Some(Cow::Borrowed(match step.group_of(chosen) {
        _ if chosen.problem.is_some() => "read again",
        Some(RowGroup::Other) => "sign in anyway",
        _ => "sign in",
    }))
}

fn enter_step(model: &mut Model) -> Vec<Effect> {
    if let Some(region) = model.prefill.region.take() {
        model.account.given = Some(region);
    }
    if model.account.sources.known_value().is_none() {
        return load_sources(model);
    }
    match model.prefill.target.clone() {
        Some(target) => aim_at(model, target),
        None => Vec::new(),
    }
}

/// Takes up what fills the wizard in after the question about a draft was answered.
pub(super) fn begin_filled(model: &mut Model) -> Vec<Effect> {
    if !model.draft.is_resuming() {
        lead::begin_lead(model);
    }
    if model.account.sources.known_value().is_none() {
        return enter_step(model);
    }
    model.account.given = model.prefill.region.take();
    take_sources(model)
}

fn load_sources(model: &mut Model) -> Vec<Effect> {
    if model.account.sources.loading_since().is_some() {
        return Vec::new();
    }
    let id = model.next_request();
    let step = &mut model.account;
    // What the files say now decides which of these can be used.
    for source in step.sources.known_value().into_iter().flatten().filter(|source| source.problem.is_some()) {
        step.attempts.remove(&source.id);
    }
    step.sources.begin_request(id, model.now);
    vec![Effect::LoadSources(id)]
}

/// Returns what follows once the sources are there: the one that a flag names, or the owner of a given image, is asked.
fn take_sources(model: &mut Model) -> Vec<Effect> {
    let height = list_height(model);
    model.account.tell_problems();
    model.account.apply_filter(false, height);
    if let Some(target) = &model.prefill.target {
        model.account.given = Some(target.region.clone());
        model.account.seek_account(Some(target.account.clone()), height);
    }
    if let Some(effects) = registries::begin_prefilled(model) {
        return effects;
    }
    if let Some(id) = model.prefill.source.take() {
        if model.account.choose_source(&id, height) {
            if draft::goes_beyond_account(model).unwrap_or(true) {
                model.account.goes_on = Some(id.clone());
            }
            return verify(model, id);
        }
        let words = match &id {
            SourceId::Profile(name) => format!("there is no profile `{name}`: choose one of these"),
            other => format!("there are no credentials from the {other}: choose another row"),
        };
        model.add_notice(Tone::Bad, &words);
        return Vec::new();
    }
    match model.prefill.target.clone() {
        Some(target) => aim_at(model, target),
        None if model.lead.has_any_answer() => take_only_way(model),
        None => Vec::new(),
    }
}

/// Signs in with the only source that can be used, where there is one alone, and goes on.
fn take_only_way(model: &mut Model) -> Vec<Effect> {
    model.account.only_way().cloned().map_or_else(Vec::new, |only| take_source(model, &only))
}

/// Goes to the repository of an address: signs in where its owner is, and goes on from there.
pub(super) fn go_to_address(model: &mut Model, target: RepositoryRef, tag: Option<Tag>) -> Vec<Effect> {
    model.prefill.tag = tag;
    lead::lead_to(model, &target);
    aim_at(model, target)
}

/// Looks for the source that owns a repository, sets its Region, and asks it when there is only one.
pub(super) fn aim_at(model: &mut Model, target: RepositoryRef) -> Vec<Effect> {
    let height = list_height(model);
    let name = target.name.to_string();
    let step = &mut model.account;
    step.picked.clear();
    step.given = Some(target.region.clone());
    step.filter.take_escape();
    step.seek_account(Some(target.account.clone()), height);
    // The rows of the owner stand first: what Enter takes is one of them, where there is one.
    step.cursor.select_row(0, step.rows.len(), height);
    let is_owner = |s: &&Source| step.account_of(s) == Some(&target.account);
    let can_be_asked = |s: &&Source| s.problem.is_none() && s.kind != SignInKind::Nothing;
    let mut owners: Vec<SourceId> =
        step.all_sources().iter().filter(is_owner).filter(can_be_asked).map(|s| s.id.clone()).collect();
    // Who is signed in there already need not choose again.
    if let Some(ready) = owners.iter().find(|id| step.attempt_of(id).known_value().is_some()).cloned() {
        owners = vec![ready];
    }
    // A key id hints at its account; whether it is that one is asked.
    if owners.is_empty() {
        let is_hinted = |s: &&Source| step.account_of(s).is_none() && s.hint.as_ref() == Some(&target.account);
        owners = step.all_sources().iter().filter(is_hinted).filter(can_be_asked).map(|s| s.id.clone()).collect();
    }
    // Of a single way to sign in the files may not tell the account.
    if owners.is_empty()
        && let Some(only) =
            step.only_way().filter(|id| step.find_source(id).is_some_and(|s| step.account_of(s).is_none()))
    {
        owners = vec![only.clone()];
    }
    let (owner, region) = (target.account.clone(), target.region.clone());
    let known = step.sources.known_value().is_some();
    model.prefill.target = Some(target);
    match owners.as_slice() {
        [] if known => {
            model.add_notice(
                Tone::Plain,
                &format!("{name} belongs to account {owner}: no row is known to sign in there"),
            );
            Vec::new()
        }
        [] => Vec::new(),
        [only] => {
            let only = only.clone();
            model.add_notice(Tone::Plain, &format!("{name} belongs to account {owner}: {only}, {region}"));
            take_source(model, &only)
        }
        several => {
            let count = several.len();
            model.add_notice(
                Tone::Plain,
                &format!("{name} belongs to account {owner}: choose one of {count} that sign in there"),
            );
            Vec::new()
        }
    }
}

fn do_action(model: &mut Model, action: Action) -> Vec<Effect> {
    if model.account.regions.is_some() {
        return in_regions(model, action);
    }
    let height = list_height(model);
    let step = &mut model.account;
    match action {
        Action::Back => {
            if step.filter.take_escape() {
                step.apply_filter(false, height);
                return Vec::new();
            }
            let stopped = cancel(model);
            if stopped.is_empty() {
                return super::back(model);
            }
            model.account.goes_on = None;
            model.set_notice(Tone::Plain, "stopped asking");
            stopped
        }
        Action::Filter => {
            step.filter.open = true;
            Vec::new()
        }
        Action::FilterDone => {
            let acts = step.is_only_match();
            step.filter.open = false;
            if acts { do_action(model, Action::Next) } else { Vec::new() }
        }
        Action::Region => {
            let Some(source) = step.chosen_source().cloned() else { return Vec::new() };
            let partition = partition_of(step, &source);
            let picker = RegionPicker::open_at(partition, step.region_of(&source), regions::list_rows(model.size));
            model.account.regions = Some(picker);
            Vec::new()
        }
        // Only the files tell whether it can be used by now.
        Action::Retry | Action::Next if step.chosen_source().is_some_and(|s| s.problem.is_some()) => {
            load_sources(model)
        }
        Action::Retry => match step.chosen_source().map(|s| s.id.clone()) {
            Some(id) if step.attempt_of(&id).last_failure().is_some() => verify(model, id),
            _ => load_sources(model),
        },
        Action::SignIn => {
            let Some(source) = step.chosen_source() else { return Vec::new() };
            let (source, Some(login)) = (source.id.clone(), source.login.clone()) else { return Vec::new() };
            let mut effects = cancel(model);
            let id = model.next_request();
            model.account.login = Some((id, source));
            effects.push(Effect::SignIn { id, login });
            effects
        }
        Action::Next => {
            let Some(id) = step.chosen_source().map(|s| s.id.clone()) else { return Vec::new() };
            match step.attempt_of(&id) {
                Remote::Ready(_) => go_on(model, &id),
                Remote::Loading { .. } => {
                    let back = model.key_name(KeyScope::Global, Action::Back);
                    model.set_notice(Tone::Plain, format!("still asking; {back} stops it"));
                    Vec::new()
                }
                Remote::NotAsked | Remote::Failed { .. } => {
                    // Nothing else could be chosen, or the account is known that it has to be.
                    if step.only_way() == Some(&id) || model.prefill.target.is_some() {
                        model.account.goes_on = Some(id.clone());
                    }
                    verify(model, id)
                }
            }
        }
        _ => {
            step.cursor.move_by(action, step.rows.len(), step.rows_in(height));
            Vec::new()
        }
    }
}

/// The partition that the source's account is in, where that is known.
fn partition_of(step: &AccountStep, source: &Source) -> Option<Partition> {
    step.attempt_of(&source.id)
        .known_value()
        .and_then(|v| v.identity.arn.known_partition())
        .or_else(|| source.region.as_ref().map(Region::partition))
}

fn in_regions(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(picker) = &mut model.account.regions else { return Vec::new() };
    let region = match picker.do_action(action) {
        Picked::Open => return Vec::new(),
        Picked::Closed => {
            model.account.regions = None;
            return Vec::new();
        }
        Picked::Region(region) => region,
    };
    model.account.regions = None;
    take_region(model, region)
}

/// Chooses a source, signs in with it where nobody did yet, and goes on.
pub(super) fn take_source(model: &mut Model, id: &SourceId) -> Vec<Effect> {
    let height = list_height(model);
    if !model.account.choose_source(id, height) {
        return Vec::new();
    }
    if model.account.attempt_of(id).known_value().is_none() {
        model.account.goes_on = Some(id.clone());
    }
    do_action(model, Action::Next)
}

/// Takes another Region for the chosen source.
pub(super) fn take_region(model: &mut Model, region: Region) -> Vec<Effect> {
    let Some(id) = model.account.chosen_source().map(|s| s.id.clone()) else { return Vec::new() };
    if let Some(target) = model.prefill.target.take_if(|t| t.region != region) {
        let height = list_height(model);
        model.account.seek_account(None, height);
        model.set_notice(Tone::Plain, format!("{} is in {}: no longer looked for", target.name, target.region));
    }
    model.account.picked.insert(id.clone(), region);
    // Where the Region may have been the reason, the answer is asked for again; an identity that is known stays.
    if model.account.attempt_of(&id).last_failure().is_some() { verify(model, id) } else { Vec::new() }
}

/// Leaves the step with a verified source. What depends on another account or Region is dropped.
fn go_on(model: &mut Model, id: &SourceId) -> Vec<Effect> {
    let step = &model.account;
    let Some(source) = step.find_source(id).cloned() else { return Vec::new() };
    let Some(verified) = step.attempt_of(id).known_value() else { return Vec::new() };
    let region = step.region_of(&source).unwrap_or_else(|| verified.region.clone());
    let signed = Signed { source, identity: verified.identity.clone(), region, endpoint: verified.endpoint.clone() };
    let other = model.prefill.target.take_if(|t| t.account != *signed.owner_account());
    let height = list_height(model);
    model.account.seek_account(None, height);
    take_signed(model, signed);
    let mut effects = registries::leave_survey(model);
    effects.extend(draft::leaves_account(model));
    effects.extend(super::go(model, Step::Repository));
    if let Some(target) = other {
        model.set_notice(
            Tone::Plain,
            format!("{} belongs to account {}: no longer looked for", target.name, target.account),
        );
    }
    effects
}

/// Returns the endpoints of the chosen row once it was asked; before that, those that hold for all.
fn chosen_endpoint(model: &Model) -> Option<&str> {
    model.account.endpoint().unwrap_or(&model.settings.endpoint).as_deref()
}

/// Chooses the row under the pointer.
fn click_at(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    if let Some(picker) = &mut model.account.regions {
        picker.choose_shown(row);
        return Vec::new();
    }
    if layout::is_in_details(Step::Account, model.size, column) {
        return Vec::new();
    }
    let shape = body_shape(model.size);
    // The words about a failed sign-in take rows of the list above them, as many as they need: which, only the drawing
    // knows.
    let failed = model.account.chosen_source().and_then(|s| model.account.attempt_of(&s.id).last_failure()).is_some();
    if failed && shape.below > 0 {
        return Vec::new();
    }
    shape.list_place(row).map_or_else(Vec::new, |at| choose_shown(model, at))
}

/// Chooses the row that is shown at a place of the list, from 0.
fn choose_shown(model: &mut Model, at: usize) -> Vec<Effect> {
    let height = list_height(model);
    let step = &mut model.account;
    if let Some(ListLine::Row(row)) = step.shown_lines(height).lines.get(at).copied() {
        step.cursor.select_row(row, step.rows.len(), step.rows_in(height));
    }
    Vec::new()
}

fn fit_size(model: &mut Model) -> Vec<Effect> {
    let height = list_height(model);
    let step = &mut model.account;
    step.cursor.settle_in(step.rows.len(), step.rows_in(height));
    if let Some(picker) = &mut step.regions {
        picker.fit_height(regions::list_rows(model.size));
    }
    Vec::new()
}

fn type_key(model: &mut Model, key: Key) -> Vec<Effect> {
    let height = list_height(model);
    let step = &mut model.account;
    if let Some(picker) = &mut step.regions {
        picker.type_key(key);
    } else if step.filter.open && step.filter.take_key(key) {
        step.apply_filter(true, height);
    }
    Vec::new()
}

fn paste_text(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(picker) = &mut model.account.regions {
        picker.paste_text(text);
        return Vec::new();
    }
    if let Some((target, tag)) = target_of(text) {
        return go_to_address(model, target, tag);
    }
    if let Some(problem) = address_problem(text) {
        model.set_notice(Tone::Bad, problem);
        return Vec::new();
    }
    let height = list_height(model);
    model.account.filter.open = true;
    model.account.filter.paste_text(text);
    model.account.apply_filter(true, height);
    Vec::new()
}

fn take_answer(model: &mut Model, id: RequestId, answer: &Answer) -> Vec<Effect> {
    match answer {
        Answer::Sources(result) => {
            if model.account.sources.take_answer(id, result.clone()) && model.account.sources.last_failure().is_none() {
                return take_sources(model);
            }
            // Files need nobody who signs in.
            registries::begin_files(model).unwrap_or_default()
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
