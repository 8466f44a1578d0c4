//! The review of what is stored: the permissions view of one repository as it is now, read only.

mod state;

use std::borrow::Cow;
use std::sync::Arc;

use super::computation::Computation;
use super::computation::deciding::{Before, DecidingPolicies, PoliciesToRead};
use super::keymap::{Action, KeyScope, Keymap};
use super::layout::body_rows;
use super::page::{Ink, KeptPage, TextPage, scroll_rows};
use super::statements;
use super::{Answer, Effect, Model, Remote, RequestId};
use crate::ecr::{Failure, Repository};
use crate::policy::{Finding, Severity};
use state::PageKey;
pub use state::Review;

/// Rows above the page: the repository's name, and an empty one.
pub const HEAD_ROWS: u16 = 2;

/// Opens the review of a repository and reads its policy.
pub(super) fn open_review(model: &mut Model, repository: Repository) -> Vec<Effect> {
    let mut review = Review {
        repository,
        stored: Remote::NotAsked,
        policies: Remote::NotAsked,
        is_to_read: false,
        changes: 0,
        page: None,
        scroll: 0,
    };
    let effects = read_policy(model, &mut review);
    model.repository.put_review(review);
    effects
}

fn read_policy(model: &mut Model, review: &mut Review) -> Vec<Effect> {
    let Some(context) = model.signed.as_ref().map(super::Signed::request_context) else { return Vec::new() };
    let id = model.next_request();
    review.changes += 1;
    review.stored.begin_request(id, model.now);
    vec![Effect::ReadPolicy { id, context, repository: review.repository.reference.clone(), for_write: false }]
}

/// Rows of the page that are shown at once.
pub fn page_rows(model: &Model) -> usize {
    usize::from(body_rows(model.size).saturating_sub(HEAD_ROWS).max(1))
}

/// The whole page: the statements, who has access, what the checks find. Empty while nothing is known.
pub fn shown_page<'r>(model: &Model, review: &'r Review) -> Cow<'r, TextPage> {
    match KeptPage::page_of(&review.page, &page_key(model, review)) {
        Some(page) => Cow::Borrowed(page),
        None => Cow::Owned(make_page(model, review)),
    }
}

fn page_key(model: &Model, review: &Review) -> PageKey {
    let named =
        [(KeyScope::Review, Action::Refresh), (KeyScope::Global, Action::Back), (KeyScope::Repository, Action::Next)];
    let named_keys = named.map(|(scope, action)| model.key_name(scope, action));
    PageKey { width: model.size.columns, changes: review.changes, named_keys }
}

fn make_page(model: &Model, review: &Review) -> TextPage {
    page_of(review, &model.keymap, usize::from(model.size.columns).saturating_sub(2))
}

/// Keeps the page of the open review: it may be long, and is drawn and scrolled more often than it changes.
pub(super) fn keep_page(model: &mut Model) {
    let Some(mut review) = model.repository.take_review() else { return };
    let mut page = review.page.take();
    KeptPage::keep(&mut page, page_key(model, &review), || make_page(model, &review));
    review.page = page;
    model.repository.put_review(review);
}

fn page_of(review: &Review, keys: &Keymap, width: usize) -> TextPage {
    let mut page = TextPage::new(width);
    let owner = &review.repository.reference.account;
    for failure in [review.stored.last_failure(), review.policies.last_failure()].into_iter().flatten() {
        page.add_failure(0, failure);
        page.text_row(Ink::Dim, 2, &format!("{} reads again.", keys.key(KeyScope::Review, Action::Refresh)));
        page.add_blank();
    }
    let Some(policies) = review.policies.known_value() else { return page };
    let Some(text) = &policies.own else {
        let back = keys.key(KeyScope::Global, Action::Back);
        let next = keys.key(KeyScope::Repository, Action::Next);
        page.text_row(Ink::Strong, 0, "This repository has no policy.");
        page.text_row(
            Ink::Plain,
            0,
            &format!(
                "Identities of account {owner} can use it as far as their own policies allow; it lets nobody else in. To \
                 let somebody pull: {back}, then {next}."
            ),
        );
        statements::add_registry(&mut page, policies);
        return page;
    };
    let found = &policies.findings;
    let is_readable = policies.deciding.is_ok();
    // What is wrong comes before what there is: a long policy would hide it.
    let is_grave = found.iter().any(|finding| finding.severity > Severity::Advice);
    if is_grave {
        add_checks(&mut page, text, found);
        page.add_blank();
        page.text_row(Ink::Accent, 0, "Statements");
    }
    statements::add_statements(&mut page, policies);
    if is_readable {
        page.add_blank();
        page.text_row(Ink::Accent, 0, "Who has access");
        statements::add_access(&mut page, policies);
    }
    if is_readable && !is_grave {
        page.add_blank();
        add_checks(&mut page, text, found);
    }
    page
}

fn add_checks(page: &mut TextPage, text: &str, found: &[Finding]) {
    page.text_row(Ink::Accent, 0, "Checks");
    statements::add_findings(page, text, found);
}

pub(super) fn do_action(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(mut review) = model.repository.take_review() else { return Vec::new() };
    let (len, height) = (shown_page(model, &review).len(), page_rows(model));
    let mut effects = Vec::new();
    match action {
        Action::Back => {
            let asked = [review.stored.awaited_request(), review.policies.awaited_request()];
            return asked.into_iter().flatten().map(Effect::Cancel).collect();
        }
        Action::Refresh if review.stored.loading_since().is_none() => effects = read_policy(model, &mut review),
        Action::Copy => {
            if let Some(Some(text)) = review.stored.known_value() {
                effects = vec![Effect::Copy { id: model.next_request(), text: text.clone() }];
            } else {
                model.set_notice(super::Tone::Plain, "there is no policy to copy");
            }
        }
        _ => {
            scroll_rows(&mut review.scroll, action, len, height);
        }
    }
    model.repository.put_review(review);
    effects
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
    let (id, now) = (model.next_request(), model.now);
    let review = model.repository.review_mut()?;
    review.is_to_read = false;
    review.changes += 1;
    review.policies.begin_request(id, now);
    let own = review.stored.known_value().cloned().flatten();
    let repository = review.repository.reference.clone();
    let policies = PoliciesToRead { own, before: Before::Unchanged, registry, repository, is_checked: true };
    Some((id, Computation::Read(Box::new(policies))))
}

/// Takes what was read; a late result changes nothing.
pub(super) fn take_policies(model: &mut Model, id: RequestId, result: Result<Arc<DecidingPolicies>, Failure>) {
    if let Some(review) = model.repository.review_mut()
        && review.policies.take_answer(id, result)
    {
        review.changes += 1;
        review.scroll = 0;
    }
}

#[cfg(test)]
mod tests;
