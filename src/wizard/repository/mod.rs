//! Step: Repository. The list streams in; who can pull is read in the background; a pasted address goes straight to its
//! repository.

mod go_to;
mod known;
mod listing;
mod matching;
pub mod order;
mod parties;
pub mod reads;
mod responses;
pub mod row;
pub mod rows;
mod search;
pub(in crate::wizard) mod several;
mod shape;
mod shown;
mod sorting;
mod state;
pub mod tally;
mod unread;

use std::borrow::Cow;

use super::acceptance;
use super::draft::Draft;
use super::filter::{Filter, NO_MATCH};
use super::keymap::{Action, KeyScope};
use super::model::{address_problem, target_of};
use super::overview::{self, entering, registries};
use super::regions::{self, Picked, RegionPicker};
use super::screen::Screen;
use super::{Cursor, Effect, Key, Model, Signed, Step, Tone, layout, lead, review};
use crate::ecr::text::{fit_end, fit_width, make_visible};
use crate::ecr::{Region, Repository, RepositoryName, RepositoryRef};
use crate::plan::RepositorySelector;
use go_to::all_named;
pub(in crate::wizard) use listing::request_list;
use listing::{begin_list, move_to};
pub(in crate::wizard) use listing::{read_chosen, request_policies};
use order::Order;
use reads::Reads;
use responses::take_answer;
use rows::RepositoryRows;
use search::Search;

pub use shape::{body_shape, shown_trouble};
use sorting::{next_order, set_order};
pub use state::{ListingState, RepositoryStep, ShownLayer};
pub use unread::{Knowledge, Unread};

fn list_height(model: &Model) -> usize {
    usize::from(body_shape(model).list)
}

/// The step's row in the table of screens.
pub(super) const SCREEN: Screen = Screen {
    title: "Repository",
    details_share: 36,
    leads_to_question: false,
    enter: enter_step,
    resume,
    pass: pass_named,
    act: do_action,
    text: type_key,
    paste: paste_text,
    click: click_at,
    resized: fit_size,
    drawn: |_| (),
    answer: take_answer,
    scopes: key_scopes,
    why_off,
    label: action_label,
    is_asking: |_| false,
    waiting_since: |model| model.repository.waiting_since().or(model.save.change_planned_since()),
    compute: responses::begin_computations,
    endpoint: |model| several::survey_endpoint(model).or_else(|| model.signed_endpoint()),
};

/// The scopes of keys, innermost first; the review lies over the list.
fn key_scopes(model: &Model) -> Vec<KeyScope> {
    let step = &model.repository;
    if let Some(scopes) = acceptance::key_scopes(model) {
        scopes
    } else if step.review.is_some() {
        vec![KeyScope::Review, KeyScope::List, KeyScope::Commands]
    } else if step.regions.is_some() {
        vec![KeyScope::Regions]
    } else if step.filter.open {
        vec![KeyScope::FilterLine]
    } else if let Some(scopes) = overview::key_scopes(model) {
        scopes
    } else {
        vec![KeyScope::Repository, KeyScope::List, KeyScope::Commands]
    }
}

/// Returns why an action does nothing here.
fn why_off(model: &Model, action: Action) -> Option<String> {
    let step = &model.repository;
    if step.acceptance.is_none() && step.review.is_some() {
        return review::why_off(model, action);
    }
    if step.acceptance.is_some() || step.regions.is_some() {
        return None;
    }
    match action {
        Action::Next if step.rows.decides_by_marks(step.chosen_row()) => None,
        Action::Next | Action::Toggle | Action::ToggleAll | Action::Review if step.chosen_row().is_none() => {
            Some("there is no repository to choose".to_owned())
        }
        Action::FilterDone if on_enter(model) == Enter::Nothing => Some(NO_MATCH.to_owned()),
        Action::Sort | Action::SortBackwards if step.rows.len() < 2 => Some("there is nothing to sort".to_owned()),
        Action::Refresh if matches!(step.listing, ListingState::Loading { .. }) => {
            Some("the list is being read already".to_owned())
        }
        _ if step.overview.is_some() => overview::why_off(model, action),
        _ => None,
    }
}

/// The effect of Enter on the typed filter.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Enter {
    /// It goes to the repository of an address.
    Address(RepositoryRef, Option<crate::ecr::Tag>),
    /// It goes on with the only repository that matches.
    Take(usize),
    /// It asks AWS for a name that the list does not hold.
    Ask(RepositoryName),
    /// It keeps the filter.
    Keep,
    /// Nothing: it matches nothing and is no name.
    Nothing,
}

fn on_enter(model: &Model) -> Enter {
    let step = &model.repository;
    let query = step.filter.query_text().trim();
    if let Some((target, tag)) = target_of(query) {
        return Enter::Address(target, tag);
    }
    match step.rows.matched_indexes() {
        // More of the list might match.
        // A review is read as a list, however short.
        [_] if step.overview.is_some() => return Enter::Keep,
        [only] if !query.is_empty() && step.rows.count_marked() == 0 && step.listing == ListingState::Complete => {
            return Enter::Take(*only);
        }
        [_, ..] => return Enter::Keep,
        [] if query.is_empty() => return Enter::Keep,
        [] => {}
    }
    match RepositorySelector::parse(query) {
        // Of several registries nobody knows which one to ask.
        Ok(RepositorySelector::Name(name)) if !step.has_survey() => Enter::Ask(name),
        _ => Enter::Nothing,
    }
}

/// Returns what Enter does with what is typed, where it does not keep it.
fn action_label(model: &Model, scope: KeyScope, action: Action) -> Option<Cow<'static, str>> {
    /// Cells of a name in the footer.
    const NAME: usize = 26;
    /// Cells of the marked names.
    const MARKED: usize = 44;
    let rows = &model.repository.rows;
    if let Some(label) = acceptance::action_label(model, scope, action) {
        return Some(label);
    }
    match (scope, action) {
        (KeyScope::Repository, Action::Next) if rows.decides_by_marks(model.repository.chosen_row()) => {
            let marked = rows.marked_repositories();
            let names: Vec<&str> = marked.iter().map(|repository| repository.name().as_str()).collect();
            let words = format!("take {} marked: {}", marked.len(), make_visible(&names.join(", ")));
            Some(Cow::Owned(fit_width(&words, MARKED, model.settings.ascii)))
        }
        (KeyScope::Repository, Action::Next) => {
            let name = make_visible(model.repository.chosen_row()?.repository.name().as_str());
            Some(Cow::Owned(format!("take {}", fit_end(&name, NAME, model.settings.ascii))))
        }
        (KeyScope::FilterLine, Action::FilterDone) => match on_enter(model) {
            Enter::Address(..) => Some(Cow::Borrowed("go there")),
            Enter::Ask(_) => Some(Cow::Borrowed("ask AWS for it")),
            Enter::Take(at) => {
                let name = make_visible(rows.get(at)?.repository.name().as_str());
                Some(Cow::Owned(format!("take {}", fit_end(&name, NAME, model.settings.ascii))))
            }
            Enter::Keep | Enter::Nothing => None,
        },
        _ => None,
    }
}

fn enter_step(model: &mut Model) -> Vec<Effect> {
    if let Some(effects) = registries::begin_prefilled(model) {
        return effects;
    }
    let Some(signed) = model.signed.clone() else {
        return super::go(model, Step::Account);
    };
    let base = (signed.request_context(), signed.owner_account().clone());
    let mut effects = if model.repository.has_survey() {
        Vec::new()
    } else if model.repository.base.as_ref() != Some(&base) {
        begin_list(model, &signed)
    } else if matches!(model.repository.listing, ListingState::NotAsked | ListingState::Failed(_)) {
        request_list(model)
    } else {
        Vec::new()
    };
    // What was chosen may have another policy by now.
    let step = &mut model.repository;
    for repository in &model.chosen {
        if let Some(at) = step.rows.find_row(&repository.reference) {
            step.reads.want_row(&mut step.rows, at);
            model.stored_policies.forget_policy(&repository.reference);
        }
    }
    if std::mem::take(&mut model.prefill.overview) {
        model.repository.show_overview(true);
    }
    effects.extend(go_to::take_prefill(model));
    effects.extend(review::read_doubtful(model));
    effects.extend(request_policies(model));
    effects
}

/// Takes what a repository turned out to have now, after a write.
pub fn stored_now(model: &mut Model, repository: &RepositoryRef, stored: Option<&str>) {
    let registry = model.registry_policies.policy_around(repository);
    model.stored_policies.note_read(repository, stored);
    let step = &mut model.repository;
    step.reads.take_learned(&mut step.rows, repository, stored, &registry);
}

/// Takes all marks away, so that other repositories can be chosen from the same list.
pub fn begin_again(model: &mut Model) {
    model.repository.review = None;
    model.repository.rows.unmark_all();
}

fn do_action(model: &mut Model, action: Action) -> Vec<Effect> {
    if let Some(effects) = acceptance::do_action(model, action) {
        return effects;
    }
    if model.repository.review.is_some() {
        let effects = review::do_action(model, action);
        let height = list_height(model);
        let step = &mut model.repository;
        // The review went through the list, which was not shown.
        step.cursor.settle_in(step.rows.shown_indexes().len(), height);
        return effects;
    }
    let height = list_height(model);
    let mut effects = if model.repository.regions.is_some() {
        in_regions(model, action)
    } else if let Some(effects) = overview::do_action(model, action, height) {
        effects
    } else {
        in_list(model, action)
    };
    if model.step == Step::Repository {
        effects.extend(request_policies(model));
    }
    effects
}

fn in_list(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = list_height(model);
    let step = &mut model.repository;
    match action {
        Action::Back => {
            // What was asked for by name, and why it was not found, go with the filter.
            let put_away = step.search.is_busy();
            let cancelled = step.search.forget_all();
            if step.filter.take_escape() {
                step.change_rows(height, |rows| rows.apply_filter(""));
            } else if !put_away {
                if step.overview.is_some() && !step.has_survey() {
                    step.show_overview(false);
                } else {
                    return super::back(model);
                }
            }
            return cancelled.into_iter().map(Effect::Cancel).collect();
        }
        Action::Filter => step.filter.open = true,
        Action::FilterDone => return filter_done(model),
        Action::Toggle => {
            if let Some(at) = step.rows.shown_indexes().get(step.cursor.selected).copied() {
                let on = step.rows.get(at).is_some_and(|row| !step.rows.is_marked(row));
                step.rows.set_mark(at, on);
                step.moved = true;
            }
        }
        Action::ToggleAll => {
            let query = step.filter.query_text().trim().to_owned();
            let loose = step.rows.mark_shown(&query);
            if loose > 0 {
                let words =
                    format!("only names that hold `{query}` as typed; {loose} more match loosely: mark those singly");
                model.set_notice(Tone::Plain, words);
            }
        }
        Action::Sort => {
            let order = next_order(step);
            set_order(model, order);
        }
        Action::SortBackwards => {
            let order = step.rows.current_order();
            set_order(model, Order { is_backwards: !order.is_backwards, ..order });
        }
        Action::Region => {
            let Some(signed) = &model.signed else { return Vec::new() };
            let partition = signed.identity.arn.known_partition().unwrap_or(signed.region.partition());
            let rows = regions::list_rows(model.size);
            step.regions = Some(RegionPicker::open_at(Some(partition), Some(signed.region.clone()), rows));
        }
        Action::Refresh => {
            step.search.clear_failure();
            let read = if step.overview.is_some() { acceptance::read_again(model) } else { Vec::new() };
            return request_list(model).into_iter().chain(read).collect();
        }
        Action::Review => {
            if let Some(repository) = step.chosen_row().map(|row| row.repository.clone()) {
                return review::open_review(model, repository);
            }
        }
        Action::Overview => step.show_overview(step.overview.is_none()),
        Action::Accept => {
            let chosen = overview::accepted_subject(model);
            return chosen.map(|chosen| acceptance::open_dialog(model, chosen, |_| false)).unwrap_or_default();
        }
        Action::Group => overview::show_grantees(model),
        Action::Export => return overview::export_rows(model),
        Action::Next => return go_on(model),
        _ => {
            if step.cursor.move_by(action, step.rows.shown_indexes().len(), height) {
                step.moved = true;
            }
        }
    }
    Vec::new()
}

fn in_regions(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(picker) = &mut model.repository.regions else { return Vec::new() };
    match picker.do_action(action) {
        Picked::Open => Vec::new(),
        Picked::Closed => {
            model.repository.regions = None;
            Vec::new()
        }
        Picked::Region(region) => {
            model.repository.regions = None;
            move_to(model, region)
        }
    }
}

/// Lists another Region of the same account.
pub(super) fn take_region(model: &mut Model, region: Region) -> Vec<Effect> {
    let mut effects = move_to(model, region);
    effects.extend(request_policies(model));
    effects
}

/// Chooses the repositories that are named, and no others; a name that the list does not hold is asked for.
pub(super) fn take_named(model: &mut Model, choices: Vec<RepositorySelector>) -> Vec<Effect> {
    let step = &mut model.repository;
    let mut effects: Vec<Effect> = step.search.forget_all().into_iter().map(Effect::Cancel).collect();
    step.filter.take_escape();
    step.rows.apply_filter("");
    step.rows.unmark_all();
    step.moved = false;
    effects.extend(go_to::take_choices(model, choices));
    effects.extend(request_policies(model));
    effects
}

/// Enter in the filter line: keeps the filter; an address goes to its repository; a name that the list does not hold is
/// asked for, because a list that is denied or not complete does not say that there is none.
fn filter_done(model: &mut Model) -> Vec<Effect> {
    match on_enter(model) {
        Enter::Address(target, tag) => go_to_address(model, target, tag),
        Enter::Ask(name) => go_to::ask_for(model, name),
        Enter::Take(at) => {
            model.repository.filter.open = false;
            let only = model.repository.rows.get(at).map(|row| row.repository.clone());
            go_on_with(model, only.into_iter().collect())
        }
        Enter::Keep | Enter::Nothing => {
            model.repository.filter.open = false;
            Vec::new()
        }
    }
}

/// Goes on with the marked repositories, or with the chosen one where no mark is in sight.
fn go_on(model: &mut Model) -> Vec<Effect> {
    if let Some(words) = go_to::awaited_words(model) {
        model.set_notice(Tone::Plain, words);
        return Vec::new();
    }
    let step = &model.repository;
    let chosen: Vec<Repository> = if step.rows.decides_by_marks(step.chosen_row()) {
        step.rows.marked_repositories()
    } else {
        step.chosen_row().map(|row| row.repository.clone()).into_iter().collect()
    };
    if chosen.is_empty() { Vec::new() } else { go_on_with(model, chosen) }
}

/// Goes on with the repositories of a draft, once all of them are in the list.
fn resume(model: &mut Model, draft: &Draft) -> Option<Vec<Effect>> {
    let all = all_named(model, &draft.repositories)?;
    if let ([only], true) = (all.as_slice(), draft.edits_stored) {
        return Some(review::resume_edit(model, only.clone()));
    }
    Some(go_on_with(model, all))
}

/// Goes on with the repositories that were named beforehand, once each of them is known.
fn pass_named(model: &mut Model) -> Option<Vec<Effect>> {
    let all = go_to::find_selected(model, &model.lead.repositories)?;
    Some(go_on_with(model, all))
}

/// Goes on with these.
pub(super) fn go_on_with(model: &mut Model, chosen: Vec<Repository>) -> Vec<Effect> {
    let references: Vec<RepositoryRef> = chosen.iter().map(|repository| repository.reference.clone()).collect();
    if let Some(words) = entering::why_not_together(&references) {
        model.set_notice(Tone::Bad, words);
        return Vec::new();
    }
    if let Some(first) = chosen.first()
        && !entering::enter_registry(model, &first.reference)
    {
        return Vec::new();
    }
    let step = &mut model.repository;
    if step.tagged.take_if(|name| !chosen.iter().any(|r| r.name() == name)).is_some() {
        model.prefill.tag = None;
    }
    model.chosen = chosen;
    super::go(model, Step::Actions)
}

/// Chooses the row that is shown at a place of the list, from 0.
fn choose_shown(model: &mut Model, at: usize) -> Vec<Effect> {
    let height = list_height(model);
    if overview::choose_shown(model, at, height) {
        return Vec::new();
    }
    let step = &mut model.repository;
    let count = step.rows.shown_indexes().len();
    if let Some(row) = step.cursor.shown_rows(count, height).nth(at) {
        step.cursor.select_row(row, count, height);
        step.moved = true;
    }
    request_policies(model)
}

/// Chooses the row under the pointer.
fn click_at(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    if model.repository.acceptance.is_some() {
        return Vec::new();
    }
    if let Some(picker) = &mut model.repository.regions {
        picker.choose_shown(row);
        return Vec::new();
    }
    if model.repository.review.is_some() {
        review::click_at(model, row);
        return Vec::new();
    }
    if layout::is_in_details(Step::Repository, model.size, column) {
        return Vec::new();
    }
    body_shape(model).list_place(row).map_or_else(Vec::new, |at| choose_shown(model, at))
}

fn fit_size(model: &mut Model) -> Vec<Effect> {
    let height = list_height(model);
    let step = &mut model.repository;
    step.cursor.settle_in(step.rows.shown_indexes().len(), height);
    if let Some(picker) = &mut step.regions {
        picker.fit_height(regions::list_rows(model.size));
    }
    overview::fit_size(model, height);
    review::fit_size(model);
    request_policies(model)
}

fn type_key(model: &mut Model, key: Key) -> Vec<Effect> {
    if acceptance::type_key(model, key) {
        return Vec::new();
    }
    if let Some(picker) = &mut model.repository.regions {
        picker.type_key(key);
        return Vec::new();
    }
    let step = &mut model.repository;
    if step.review.is_some() || !step.filter.open || !step.filter.take_key(key) {
        return Vec::new();
    }
    apply_typed(model)
}

/// After a change of what is typed: the best match is chosen.
fn apply_typed(model: &mut Model) -> Vec<Effect> {
    let height = list_height(model);
    let step = &mut model.repository;
    step.search.clear_failure();
    step.rows.apply_filter(step.filter.query_text());
    step.cursor.select_row(step.rows.first_match(), step.rows.shown_indexes().len(), height);
    step.moved = true;
    request_policies(model)
}

/// Goes to the repository of an address.
pub(super) fn go_to_address(model: &mut Model, target: RepositoryRef, tag: Option<crate::ecr::Tag>) -> Vec<Effect> {
    if model.repository.has_survey() {
        return choose_listed(model, &target);
    }
    // Marks made by hand are decided about by hand.
    if model.repository.rows.count_marked() == 0 {
        lead::lead_to(model, &target);
    }
    let mut effects = go_to::go_to(model, target, tag);
    if model.step == Step::Repository {
        effects.extend(request_policies(model));
    }
    effects
}

/// Chooses the repository of an address in the list of several registries.
fn choose_listed(model: &mut Model, target: &RepositoryRef) -> Vec<Effect> {
    let height = list_height(model);
    let step = &mut model.repository;
    match step.rows.find_row(target) {
        Some(at) => {
            step.choose_row(at, height);
            step.filter.open = false;
        }
        None => model.set_notice(Tone::Bad, format!("{} is not in this review", target.uri())),
    }
    request_policies(model)
}

fn paste_text(model: &mut Model, text: &str) -> Vec<Effect> {
    if acceptance::paste_text(model, text) {
        return Vec::new();
    }
    let step = &mut model.repository;
    if step.review.is_some() {
        return Vec::new();
    }
    if let Some(picker) = &mut step.regions {
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
    let step = &mut model.repository;
    step.filter.open = true;
    step.filter.paste_text(text);
    apply_typed(model)
}

#[cfg(test)]
mod tests;
