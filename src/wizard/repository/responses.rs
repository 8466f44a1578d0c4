//! Takes the answers of AWS: pages of the list, repositories asked for by name, and policies.

use super::reads::{FoundAccess, PullAccess};
use super::rows::RepositoryRows;
use super::{ListingState, go_to, known, list_height, request_policies};
use crate::ecr::{Failure, FailureKind, Repository, RepositoryName, RepositoryRef};
use crate::wizard::computation::{Computation, Computed};
use crate::wizard::keymap::{Action, KeyScope};
use crate::wizard::overview::{self, around, registries};
use crate::wizard::{Answer, Effect, Model, RequestId, Step, Tone, acceptance, review};

/// The pause between two sortings of a review while policies still come, in milliseconds.
const SORT_PAUSE: u64 = 1000;

/// Takes an answer, and asks for what is to be read next.
pub(super) fn take_answer(model: &mut Model, id: RequestId, answer: &Answer) -> Vec<Effect> {
    if let Some(effects) = acceptance::take_answer(model, id, answer) {
        return effects;
    }
    if let Some(effects) = registries::take_answer(model, id, answer) {
        settle_cursor(model);
        return effects;
    }
    if let Some(effects) = around::take_answer(model, id, answer) {
        return effects;
    }
    match answer {
        Answer::Page { repositories, last } => take_page(model, id, repositories, *last),
        Answer::ListingFailed(failure) => {
            if !matches!(model.repository.listing, ListingState::Loading { id: asked, .. } if asked == id) {
                return Vec::new();
            }
            if failure.kind.is_sign_in()
                && let Some(signed) = &model.signed
            {
                model.account.note_lost(&signed.source.id, failure.clone());
            }
            model.repository.listing = ListingState::Failed(failure.clone());
            settle_cursor(model);
            request_policies(model)
        }
        Answer::Described(result) => {
            let mut effects = go_to::take_described(model, id, result.clone());
            effects.extend(request_policies(model));
            effects
        }
        Answer::Policy(reference, result) => {
            let for_review = model.repository.review.as_ref().is_some_and(|r| r.stored.is_awaiting(id));
            if for_review {
                review::take_answer(model, id, answer);
            }
            policy_read(model, id, for_review, reference, result.clone())
        }
        Answer::Computed(Ok(Computed::Access(access))) => take_access(model, id, access.clone()),
        Answer::Computed(Ok(Computed::Read(policies))) => {
            review::take_policies(model, id, Ok(policies.clone()));
            Vec::new()
        }
        Answer::Computed(Err(failure)) => {
            review::take_policies(model, id, Err(failure.clone()));
            take_access(model, id, PullAccess::Failed(failure.clone()).into())
        }
        _ => Vec::new(),
    }
}

/// Begins to work out the access of the policies that were read, and what the open review shows.
pub(super) fn begin_computations(model: &mut Model) -> Vec<Effect> {
    known::settle_parties(model);
    let known = model.repository.parties.known().cloned();
    let mut reads = std::mem::take(&mut model.repository.reads);
    let begun = reads.begin_work(|| model.next_request());
    model.repository.reads = reads;
    let now = model.unix_now();
    let computations = begun.into_iter().map(|(id, policy)| {
        let (policy, known) = (Box::new(policy), known.clone());
        (id, Computation::FindAccess { policy, known, now })
    });
    overview::refresh_grantees(model, list_height(model));
    let of_review = review::begin_computation(model);
    review::keep_page(model);
    let computations = computations.chain(of_review).map(|(id, computation)| Effect::Compute { id, computation });
    let mut effects: Vec<Effect> = computations.collect();
    effects.extend(acceptance::begin_read(model));
    effects
}

/// Takes who can pull from a repository.
fn take_access(model: &mut Model, id: RequestId, access: FoundAccess) -> Vec<Effect> {
    let step = &mut model.repository;
    let Some(repository) = step.reads.take_access(&mut step.rows, id, access) else { return Vec::new() };
    // It may have been judged before an account that it names signed in.
    known::settle_row(model, &repository);
    let effects = request_policies(model);
    sort_by_access(model);
    effects
}

/// Sorts the rows by access when all is known: in between, rows would jump under the eyes. A review whose reader has not
/// moved is sorted meanwhile too, not more often than a person can read.
fn sort_by_access(model: &mut Model) {
    let height = list_height(model);
    let now = model.now;
    let step = &mut model.repository;
    let is_idle = step.reads.is_idle();
    let is_due = match &mut step.overview {
        Some(overview) if !step.moved && now >= overview.sorted_at + SORT_PAUSE => {
            overview.sorted_at = now;
            true
        }
        _ => is_idle,
    };
    if step.rows.current_order().by.is_by_policy() && is_due {
        step.change_rows(height, RepositoryRows::sort_again);
    }
}

fn take_page(model: &mut Model, id: RequestId, repositories: &[Repository], last: bool) -> Vec<Effect> {
    if !matches!(model.repository.listing, ListingState::Loading { id: asked, .. } if asked == id) {
        return Vec::new();
    }
    let height = list_height(model);
    let names: Vec<RepositoryName> = repositories.iter().map(|r| r.name().clone()).collect();
    let step = &mut model.repository;
    let Some(place) = step.listed_place() else { return Vec::new() };
    step.change_rows(height, |rows| {
        rows.put_rows(repositories.to_vec());
        if last {
            rows.finish_listing(&place);
        }
    });
    if last {
        step.listing = ListingState::Complete;
        step.reads.rows_changed();
    }
    go_to::note_arrivals(model, &names, last);
    settle_cursor(model);
    request_policies(model)
}

/// After a change of the screen's shape: the chosen row is still shown.
fn settle_cursor(model: &mut Model) {
    let height = list_height(model);
    let step = &mut model.repository;
    step.cursor.settle_in(step.rows.shown_indexes().len(), height);
}

fn policy_read(
    model: &mut Model,
    id: RequestId,
    for_review: bool,
    repository: &RepositoryRef,
    result: Result<Option<String>, Failure>,
) -> Vec<Effect> {
    let registry = model.registry_policies.policy_around(repository);
    let step = &mut model.repository;
    if for_review {
        model.stored_policies.take_read(repository, &result);
        if let Ok(stored) = result {
            step.reads.take_learned(&mut step.rows, repository, stored.as_deref(), &registry);
        }
        return Vec::new();
    }
    let had_stopped = step.reads.why_stopped_at(repository).is_some();
    if !step.reads.take_answer(&mut step.rows, id, &registry, result.clone()) {
        return Vec::new();
    }
    model.stored_policies.take_read(repository, &result);
    if let Some(failure) = step.reads.why_stopped_at(repository).filter(|_| !had_stopped) {
        let words = if failure.kind == FailureKind::AccessDenied {
            "this role may not read policies (ecr:GetRepositoryPolicy)".to_owned()
        } else {
            let again = model.keymap.key(KeyScope::Repository, Action::Refresh);
            format!("stopped reading who can pull: {}; {again} tries again", failure.what)
        };
        if model.step == Step::Repository {
            model.set_notice(Tone::Plain, words);
        }
    }
    let effects = request_policies(model);
    sort_by_access(model);
    effects
}
