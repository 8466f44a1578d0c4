//! The review of what is stored: who has access to one repository now, what the checks find, and its statements.

mod changes;
mod moving;
mod page;
pub(in crate::wizard) mod state;

use std::borrow::Cow;
use std::sync::Arc;

use super::acceptance::{self, AcceptanceSubject};
use super::access_rows::AccessEntry;
use super::computation::Computation;
use super::computation::deciding::{Before, DecidingPolicies, PoliciesToRead};
use super::keymap::{Action, KeyScope};
use super::layout::body_rows;
use super::overview::entering;
use super::page::{KeptPage, TextPage};
use super::{Answer, Effect, Model, RequestId};
use crate::ecr::{Failure, Repository};
pub(super) use changes::{read_doubtful, resume_edit};
use page::{NamedKeys, page_of};
pub use state::Review;
use state::{Chosen, PageKey};

/// Rows above the page: the repository's name, and an empty one.
pub const HEAD_ROWS: u16 = 2;

/// Opens the review of a repository and reads its policy.
pub(super) fn open_review(model: &mut Model, repository: Repository) -> Vec<Effect> {
    if !entering::enter_registry(model, &repository.reference) {
        return Vec::new();
    }
    let mut review = Review::of(repository);
    let effects = read_policy(model, &mut review);
    model.repository.put_review(review);
    effects
}

/// Makes the page anew where it tells of replication that is known by now.
pub(super) fn replication_known(model: &mut Model) {
    if let Some(review) = model.repository.review_mut() {
        review.changes += 1;
    }
}

fn read_policy(model: &mut Model, review: &mut Review) -> Vec<Effect> {
    let Some(context) = model.signed.as_ref().map(super::Signed::request_context) else { return Vec::new() };
    let id = model.next_request();
    review.changes += 1;
    review.stored.begin_request(id, model.now);
    let repository = review.repository.reference.clone();
    let owner = repository.account.clone();
    let mut effects = vec![Effect::ReadPolicy { id, context: context.clone(), repository, for_write: false }];
    if !model.replications.replication_around(&review.repository.reference).is_known() {
        effects.push(Effect::ReadReplication { id: model.next_request(), context, owner });
    }
    effects
}

/// Stops all that a review waits for.
fn cancel_all(review: &Review) -> Vec<Effect> {
    let asked = [review.stored.awaited_request(), review.policies.awaited_request()];
    asked.into_iter().flatten().map(Effect::Cancel).collect()
}

/// Rows of the page that are shown at once.
pub fn page_rows(model: &Model) -> usize {
    usize::from(body_rows(model.size).saturating_sub(HEAD_ROWS).max(1))
}

/// The whole page: who has access, what the checks find, the statements. Empty while nothing is known.
pub fn shown_page<'r>(model: &Model, review: &'r Review) -> Cow<'r, TextPage> {
    match KeptPage::page_of(&review.page, &page_key(model, review)) {
        Some(page) => Cow::Borrowed(page),
        None => Cow::Owned(make_page(model, review)),
    }
}

/// The row of the page that the cursor is on.
pub fn chosen_row(page: &TextPage, review: &Review) -> Option<usize> {
    moving::row_of(page, review.selected)
}

fn page_key(model: &Model, review: &Review) -> PageKey {
    let NamedKeys { refresh, back, next, fix } = named_keys(model);
    PageKey { width: model.size.columns, changes: review.changes, named_keys: [refresh, back, next, fix] }
}

fn named_keys(model: &Model) -> NamedKeys {
    let key = |scope, action| model.key_name(scope, action);
    NamedKeys {
        refresh: key(KeyScope::Review, Action::Refresh),
        back: key(KeyScope::Global, Action::Back),
        next: key(KeyScope::Repository, Action::Next),
        fix: key(KeyScope::Review, Action::Fix),
    }
}

fn make_page(model: &Model, review: &Review) -> TextPage {
    // With a cursor the rows begin a cell further right.
    let margin = if review.count_entries() > 0 { 3 } else { 2 };
    let width = usize::from(model.size.columns).saturating_sub(margin);
    let page = TextPage::new(width).with_names(&model.account_names).at_moment(model.unix_now());
    let replication = model.replications.replication_around(&review.repository.reference);
    let rows = model.repository.rows();
    let row = rows.find_row(&review.repository.reference).and_then(|at| rows.get(at));
    let entry = row.and_then(|row| row.entry.as_deref());
    page_of(review, entry, &replication, &named_keys(model), page)
}

/// Keeps the page of the open review: it may be long, and is drawn and scrolled more often than it changes.
pub(super) fn keep_page(model: &mut Model) {
    let Some(mut review) = model.repository.take_review() else { return };
    let mut page = review.page.take();
    KeptPage::keep(&mut page, page_key(model, &review), || make_page(model, &review));
    review.page = page;
    model.repository.put_review(review);
}

/// Returns why an action does nothing here.
pub(super) fn why_off(model: &Model, action: Action) -> Option<String> {
    let review = model.repository.review()?;
    let reason = match action {
        Action::Accept => {
            let subject = AcceptanceSubject::Repository(review.repository.reference.clone());
            return acceptance::why_no_accept(model, Some(&subject));
        }
        Action::NextDocument | Action::PreviousDocument if model.repository.place_of_neighbour(1).is_none() => {
            "there is only one repository"
        }
        Action::Toggle if !matches!(review.chosen(), Some(Chosen::Access(entry)) if is_foldable(review, entry)) => {
            "this row stands for one thing alone"
        }
        Action::Copy if !matches!(review.stored.known_value(), Some(Some(_))) => "there is no policy to copy",
        Action::Edit | Action::Fix | Action::TakeOut | Action::DeletePolicy => {
            return changes::why_off(model, review, action);
        }
        _ => return None,
    };
    Some(reason.to_owned())
}

fn is_foldable(review: &Review, entry: &AccessEntry) -> bool {
    match entry {
        AccessEntry::Folded(_) => true,
        AccessEntry::Party(_) => fold_of(review, entry).is_some(),
        AccessEntry::Denied(_) => false,
    }
}

/// Returns the first row of the folded row that a row of access was shown out of.
fn fold_of(review: &Review, entry: &AccessEntry) -> Option<usize> {
    let policies = review.policies.known_value()?;
    let (_, table) = policies.deciding.as_ref().ok()?;
    let AccessEntry::Party(at) = entry else { return None };
    super::access_rows::list_entries(table, |_| false).into_iter().find_map(|folded| match folded {
        AccessEntry::Folded(all) if all.contains(at) => all.first().copied(),
        _ => None,
    })
}

/// Shows the parties of a folded row one by one, or folds them again.
fn toggle_fold(review: &mut Review) {
    let first = match review.chosen() {
        Some(Chosen::Access(AccessEntry::Folded(all))) => all.first().copied(),
        Some(Chosen::Access(entry)) => fold_of(review, entry),
        _ => None,
    };
    let Some(first) = first else { return };
    if !review.unfolded.remove(&first) {
        review.unfolded.insert(first);
    }
    review.list_access();
    let is_it = |entry: &AccessEntry| match entry {
        AccessEntry::Party(at) => *at == first,
        AccessEntry::Folded(all) => all.first() == Some(&first),
        AccessEntry::Denied(_) => false,
    };
    review.selected = review.access.iter().position(is_it).unwrap_or_default();
}

pub(super) fn do_action(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Accept {
        return begin_accept(model);
    }
    let Some(mut review) = model.repository.take_review() else { return Vec::new() };
    let (page, height) = (shown_page(model, &review).into_owned(), page_rows(model));
    let mut effects = Vec::new();
    match action {
        Action::Back => return cancel_all(&review),
        Action::Edit | Action::Fix | Action::TakeOut | Action::DeletePolicy => {
            return changes::begin_change(model, review, action);
        }
        Action::NextDocument | Action::PreviousDocument => {
            effects = cancel_all(&review);
            let by = if action == Action::NextDocument { 1 } else { -1 };
            let next = model.repository.choose_neighbour(by);
            effects.extend(open_review(model, next.unwrap_or(review.repository)));
            return effects;
        }
        Action::Refresh if review.stored.loading_since().is_none() => effects = read_policy(model, &mut review),
        Action::Copy => {
            if let Some(Some(text)) = review.stored.known_value() {
                effects = vec![Effect::Copy { id: model.next_request(), text: text.clone() }];
            }
        }
        Action::Toggle => {
            toggle_fold(&mut review);
            let page = shown_page(model, &review).into_owned();
            moving::show_chosen(&mut review, &page, height);
        }
        _ => {
            moving::move_view(&mut review, &page, height, action);
        }
    }
    model.repository.put_review(review);
    effects
}

/// Opens the dialog that accepts a finding: the one that the cursor is on, where it is one.
fn begin_accept(model: &mut Model) -> Vec<Effect> {
    let Some(review) = model.repository.review() else { return Vec::new() };
    let subject = AcceptanceSubject::Repository(review.repository.reference.clone());
    let chosen = match review.chosen() {
        Some(Chosen::Finding(finding)) => Some((finding.rule.id, finding.span)),
        _ => None,
    };
    acceptance::open_dialog(model, subject, |finding| {
        chosen.is_some_and(|(id, span)| (finding.id, finding.span) == (id, Some(span)))
    })
}

/// Chooses the thing under the pointer; `row` counts from the top of the body.
pub(super) fn click_at(model: &mut Model, row: u16) {
    let Some(mut review) = model.repository.take_review() else { return };
    let (page, height) = (shown_page(model, &review).into_owned(), page_rows(model));
    let first = review.scroll.min(page.len().saturating_sub(height));
    let at = row.checked_sub(HEAD_ROWS).map(|row| first + usize::from(row));
    if let Some(owner) = at.and_then(|at| page.all_rows().get(at)).and_then(|row| row.owner) {
        review.selected = owner;
    }
    model.repository.put_review(review);
}

/// Keeps the chosen thing in sight in a window of another size.
pub(super) fn fit_size(model: &mut Model) {
    let Some(mut review) = model.repository.take_review() else { return };
    let (page, height) = (shown_page(model, &review).into_owned(), page_rows(model));
    moving::show_chosen(&mut review, &page, height);
    model.repository.put_review(review);
}

/// Takes the text that was asked for; answers to other requests change nothing. The page is made of it when it is read.
pub(super) fn take_answer(model: &mut Model, id: RequestId, answer: &Answer) {
    if let Some(review) = model.repository.review_mut()
        && let Answer::Policy(_, stored) = answer
        && review.stored.take_answer(id, stored.clone())
    {
        review.changes += 1;
        review.is_to_read = stored.is_ok();
    }
}

/// Begins to read the text that came last. What is read of an older one is late then.
pub(super) fn begin_computation(model: &mut Model) -> Option<(RequestId, Computation)> {
    let registry = {
        let review = model.repository.review().filter(|review| review.is_to_read)?;
        model.registry_policies.policy_around(&review.repository.reference)
    };
    let (id, now, unix_now) = (model.next_request(), model.now, model.unix_now());
    let review = model.repository.review_mut()?;
    review.is_to_read = false;
    review.changes += 1;
    review.policies.begin_request(id, now);
    let own = review.stored.known_value().cloned().flatten();
    let repository = review.repository.reference.clone();
    let before = Before::Unchanged;
    let policies = PoliciesToRead { own, before, registry, repository, is_checked: true, now: unix_now };
    Some((id, Computation::Read(Box::new(policies))))
}

/// Takes what was read; a late result changes nothing.
pub(super) fn take_policies(model: &mut Model, id: RequestId, result: Result<Arc<DecidingPolicies>, Failure>) {
    if let Some(review) = model.repository.review_mut()
        && review.policies.take_answer(id, result)
    {
        review.unfolded.clear();
        review.list_access();
        (review.selected, review.scroll) = (0, 0);
    }
}

#[cfg(test)]
mod tests;
