//! The review of what is stored: the permissions view of one repository as it is now, read only.

mod state;

use super::keymap::{Action, KeyScope, Keymap};
use super::layout::body_rows;
use super::page::{Ink, TextPage, scroll_rows};
use super::statements::{self, Before, DecidingPolicies};
use super::{Answer, Effect, Model, Remote, RequestId};
use crate::ecr::Repository;
use crate::policy::{Finding, RegistryPolicy, Severity};
pub use state::Review;

/// Rows above the page: the repository's name, and an empty one.
pub const HEAD_ROWS: u16 = 2;

/// Opens the review of a repository and reads its policy.
pub(super) fn open_review(model: &mut Model, repository: Repository) -> Vec<Effect> {
    let mut review = Review { repository, stored: Remote::NotAsked, scroll: 0 };
    let effects = read_policy(model, &mut review);
    model.repository.put_review(review);
    effects
}

fn read_policy(model: &mut Model, review: &mut Review) -> Vec<Effect> {
    let Some(context) = model.signed.as_ref().map(super::Signed::request_context) else { return Vec::new() };
    let id = model.next_request();
    review.stored.begin_request(id, model.now);
    vec![Effect::ReadPolicy { id, context, repository: review.repository.reference.clone() }]
}

/// Rows of the page that are shown at once.
pub fn page_rows(model: &Model) -> usize {
    usize::from(body_rows(model.size).saturating_sub(HEAD_ROWS).max(1))
}

/// The whole page: the statements, who has access, what the checks find. Empty while nothing is known.
pub fn shown_page(model: &Model, review: &Review) -> TextPage {
    let registry = model.registry_policies.policy_around(&review.repository.reference);
    page_of(review, &registry, &model.keymap, usize::from(model.size.columns).saturating_sub(2))
}

fn page_of(review: &Review, registry: &RegistryPolicy, keys: &Keymap, width: usize) -> TextPage {
    let mut page = TextPage::new(width);
    let repository = &review.repository.reference;
    let owner = &repository.account;
    let policies =
        DecidingPolicies { own: review.stored.known_value().and_then(Option::as_deref), registry, repository };
    if let Some(failure) = review.stored.last_failure() {
        page.add_failure(0, failure);
        page.text_row(Ink::Dim, 2, &format!("{} reads again.", keys.key(KeyScope::Review, Action::Refresh)));
        page.add_blank();
    }
    match review.stored.known_value() {
        None => {}
        Some(None) => {
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
            statements::add_registry(&mut page, &policies);
        }
        Some(Some(text)) => {
            let readable = crate::policy::Policy::read(text).is_ok();
            let found =
                if readable { statements::find_findings(text, &review.repository.reference) } else { Vec::new() };
            // What is wrong comes before what there is: a long policy would hide it.
            let grave = found.iter().any(|finding| finding.severity > Severity::Advice);
            if grave {
                add_checks(&mut page, text, &found);
                page.add_blank();
                page.text_row(Ink::Accent, 0, "Statements");
            }
            statements::add_statements(&mut page, text, Before::Unchanged, &policies);
            if readable {
                page.add_blank();
                page.text_row(Ink::Accent, 0, "Who has access");
                statements::add_access(&mut page, &policies);
            }
            if readable && !grave {
                page.add_blank();
                add_checks(&mut page, text, &found);
            }
        }
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
            return match review.stored {
                Remote::Loading { id, .. } => vec![Effect::Cancel(id)],
                _ => Vec::new(),
            };
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

/// Takes the text that was asked for; answers to other requests change nothing.
pub(super) fn take_answer(model: &mut Model, id: RequestId, answer: &Answer) {
    if let Some(review) = model.repository.review_mut()
        && let Answer::Policy(_, stored) = answer
        && review.stored.take_answer(id, stored.clone())
    {
        review.scroll = 0;
    }
}

#[cfg(test)]
mod tests;
