//! The review of what is stored: the permissions view of one repository as it is now, read only.

mod state;

use super::keymap::{Action, KeyScope, Keymap};
use super::layout::body_rows;
use super::page::{Ink, TextPage, scroll};
use super::statements::{self, Before, DecidingPolicies};
use super::{Answer, Effect, Model, Remote, RequestId};
use crate::ecr::Repository;
use crate::policy::{Finding, RegistryPolicy, Severity};
pub use state::Review;

/// Rows above the page: the repository's name, and an empty one.
pub const HEAD_ROWS: u16 = 2;

/// Opens the review of a repository and reads its policy.
pub(super) fn open(model: &mut Model, repository: Repository) -> Vec<Effect> {
    let mut review = Review { repository, stored: Remote::NotAsked, scroll: 0 };
    let effects = read(model, &mut review);
    model.repository.put_review(review);
    effects
}

fn read(model: &mut Model, review: &mut Review) -> Vec<Effect> {
    let Some(context) = model.signed.as_ref().map(super::Signed::context) else { return Vec::new() };
    let id = model.request();
    review.stored.ask(id, model.now);
    vec![Effect::ReadPolicy { id, context, repository: review.repository.reference.clone() }]
}

/// Rows of the page that are shown at once.
pub fn page_rows(model: &Model) -> usize {
    usize::from(body_rows(model.size).saturating_sub(HEAD_ROWS).max(1))
}

/// The whole page: the statements, who has access, what the checks find. Empty while nothing is known.
pub fn page(model: &Model, review: &Review) -> TextPage {
    let registry = model.registry_policies.around(&review.repository.reference);
    of(review, &registry, &model.keymap, usize::from(model.size.columns).saturating_sub(2))
}

fn of(review: &Review, registry: &RegistryPolicy, keys: &Keymap, width: usize) -> TextPage {
    let mut page = TextPage::new(width);
    let repository = &review.repository.reference;
    let owner = &repository.account;
    let policies = DecidingPolicies { own: review.stored.value().and_then(Option::as_deref), registry, repository };
    if let Some(failure) = review.stored.failure() {
        page.failure(0, failure);
        page.text_row(Ink::Dim, 2, &format!("{} reads again.", keys.key(KeyScope::Review, Action::Refresh)));
        page.blank();
    }
    match review.stored.value() {
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
            statements::registry(&mut page, &policies);
        }
        Some(Some(text)) => {
            let readable = crate::policy::Policy::read(text).is_ok();
            let found = if readable { statements::found(text, &review.repository.reference) } else { Vec::new() };
            // What is wrong comes before what there is: a long policy would hide it.
            let grave = found.iter().any(|finding| finding.severity > Severity::Advice);
            if grave {
                checks(&mut page, text, &found);
                page.blank();
                page.text_row(Ink::Accent, 0, "Statements");
            }
            statements::statements(&mut page, text, Before::Unchanged, &policies);
            if readable {
                page.blank();
                page.text_row(Ink::Accent, 0, "Who has access");
                statements::access(&mut page, &policies);
            }
            if readable && !grave {
                page.blank();
                checks(&mut page, text, &found);
            }
        }
    }
    page
}

fn checks(page: &mut TextPage, text: &str, found: &[Finding]) {
    page.text_row(Ink::Accent, 0, "Checks");
    statements::findings(page, text, found);
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(mut review) = model.repository.take_review() else { return Vec::new() };
    let (len, height) = (page(model, &review).len(), page_rows(model));
    let mut effects = Vec::new();
    match action {
        Action::Back => {
            return match review.stored {
                Remote::Loading { id, .. } => vec![Effect::Cancel(id)],
                _ => Vec::new(),
            };
        }
        Action::Refresh if review.stored.loading_since().is_none() => effects = read(model, &mut review),
        Action::Copy => {
            if let Some(Some(text)) = review.stored.value() {
                effects = vec![Effect::Copy { id: model.request(), text: text.clone() }];
            } else {
                model.say(super::Tone::Plain, "there is no policy to copy");
            }
        }
        _ => {
            scroll(&mut review.scroll, action, len, height);
        }
    }
    model.repository.put_review(review);
    effects
}

/// Takes the text that was asked for; answers to other requests change nothing.
pub(super) fn answer(model: &mut Model, id: RequestId, answer: &Answer) {
    if let Some(review) = model.repository.review_mut()
        && let Answer::Policy(_, stored) = answer
        && review.stored.answer(id, stored.clone())
    {
        review.scroll = 0;
    }
}

#[cfg(test)]
mod tests;
