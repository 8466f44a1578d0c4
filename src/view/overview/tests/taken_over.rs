//! A registry to which two profiles lead, of which the one that was named second answers first.

use std::collections::VecDeque;

use super::several::{all_regions, answer_of, shown, survey_of};
use crate::ecr::{FailureKind, SourceId};
use crate::wizard::overview::Overview;
use crate::wizard::repository::Knowledge;
use crate::wizard::testing::*;
use crate::wizard::{Answer, Effect, Model, RequestId};

/// The things that the second profile may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Denied {
    Nothing,
    Lists,
    Policies,
    LostSignIn,
}

fn source_of(effect: &Effect) -> Option<&SourceId> {
    match effect {
        Effect::Verify { source, .. } => Some(source),
        Effect::ListRepositories { context, .. } | Effect::ReadPolicy { context, .. } => Some(&context.source),
        _ => None,
    }
}

fn answer(effect: &Effect, denied: Denied) -> Option<(RequestId, Answer)> {
    let is_second = source_of(effect) == Some(&SourceId::Profile("again".to_owned()));
    let kind = if denied == Denied::LostSignIn { FailureKind::SignInExpired } else { FailureKind::AccessDenied };
    match effect {
        Effect::ListRepositories { id, .. } if is_second && matches!(denied, Denied::Lists | Denied::LostSignIn) => {
            Some((*id, Answer::ListingFailed(test_failure(kind))))
        }
        Effect::ReadPolicy { id, repository, .. } if is_second && denied == Denied::Policies => {
            Some((*id, Answer::Policy(repository.clone(), Err(test_failure(kind)))))
        }
        other => answer_of(other),
    }
}

/// Serves the second profile for so many answers, then the first one, then all.
fn served(after: usize, denied: Denied) -> (Model, usize) {
    let (mut model, effects) = survey_of(&["platform", "again"], all_regions());
    let mut open = VecDeque::from(effects);
    let mut held = None;
    let mut count = 0;
    loop {
        if count > after || open.is_empty() {
            // The first profile answers now.
            open.extend(held.take());
        }
        let Some(effect) = open.pop_front() else { return (model, count) };
        let is_first = matches!(&effect, Effect::Verify { source, .. } if source.to_string() == "platform");
        if is_first && count <= after && !open.is_empty() {
            held = Some(effect);
            continue;
        }
        if let Effect::Cancel(cancelled) = effect {
            open.retain(|one| request_of(one) != Some(cancelled));
        } else if let Some((id, answer)) = answer(&effect, denied) {
            count += 1;
            let follows = give_answer(&mut model, id, answer);
            // What is cancelled is answered no more.
            let (cancels, others): (Vec<_>, Vec<_>) =
                follows.into_iter().partition(|one| matches!(one, Effect::Cancel(_)));
            open.extend(others);
            for cancel in cancels {
                open.push_front(cancel);
            }
        }
    }
}

/// The number of a request that can be cancelled.
fn request_of(effect: &Effect) -> Option<RequestId> {
    match effect {
        Effect::ListRepositories { id, .. } | Effect::ReadPolicy { id, .. } => Some(*id),
        _ => None,
    }
}

#[test]
fn what_the_second_profile_could_not_read_the_first_one_reads_whenever_it_answers() {
    for denied in [Denied::Nothing, Denied::Lists, Denied::Policies, Denied::LostSignIn] {
        for after in 0..14 {
            let (model, count) = served(after, denied);
            assert!(count > 5, "{denied:?} {after}: {count}");
            let survey = model.repository.overview().and_then(Overview::survey).unwrap();
            let failures: Vec<String> = survey.failures().map(|row| row.words()).collect();
            assert!(failures.is_empty() && survey.has_ended(), "{denied:?} {after}: {failures:?}");
            assert!(survey.registries().iter().all(|one| one.signed.source.id.to_string() == "platform"));
            assert_eq!(survey.registries().iter().map(|one| one.repositories).sum::<usize>(), 4);
            assert_eq!(shown(&model).len(), 4);
            let rows = model.repository.rows();
            for at in 0..rows.len() {
                let row = rows.get(at).unwrap();
                assert_eq!(model.repository.knowledge_of(row), Knowledge::Read, "{denied:?} {after}: {row:?}");
            }
            assert!(model.repository.reads().is_idle() && model.repository.why_incomplete().is_none());
        }
    }
}
