//! The filter while policies are not read: what may belong to it is counted, and never left out of a whole in silence.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use super::filter;
use super::several::{PROFILES, all_regions, answer_of, shown, survey_of, whole_survey};
use crate::ecr::{FailureKind, RepositoryRef};
use crate::view::testing::draw_snapshot;
use crate::wizard::testing::*;
use crate::wizard::{Answer, Code, Effect, Model};

const FILTERS: [&str; 14] = [
    "vendorapp",
    "in",
    "class:public",
    "grantee:111111111111",
    "111111111111",
    "222222222222",
    "name:vendor",
    "account:222222222222",
    "account:222222222222 region:eu-west-2",
    "region:us-east-1 class:cross-account",
    "account:333333333333 finding:s101",
    "name:billing right:read",
    "account:444444444444",
    "nothing-has-this",
];

/// How the policies of some repositories do not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lack {
    Awaited,
    Denied,
}

/// The review of all registries with the policies of these repositories not read.
fn survey_without(unread: &BTreeSet<RepositoryRef>, lack: Lack) -> Model {
    let (mut model, effects) = survey_of(&PROFILES.map(|(name, _)| name), all_regions());
    let mut open = std::collections::VecDeque::from(effects);
    while let Some(effect) = open.pop_front() {
        let answer = match &effect {
            Effect::ReadPolicy { id, repository, .. } if unread.contains(repository) => match lack {
                Lack::Awaited => None,
                Lack::Denied => {
                    Some((*id, Answer::Policy(repository.clone(), Err(test_failure(FailureKind::AccessDenied)))))
                }
            },
            other => answer_of(other),
        };
        if let Some((id, answer)) = answer {
            open.extend(give_answer(&mut model, id, answer));
        }
    }
    model
}

fn shown_set(model: &Model) -> BTreeSet<RepositoryRef> {
    shown(model).into_iter().collect()
}

/// Filters anew.
fn set_filter(model: &mut Model, query: &str) {
    if model.repository.filter().is_narrowing() {
        tap_key(model, Code::Esc);
    }
    filter(model, query);
    // Enter keeps no filter that matches nothing: the line stays open, and is left.
    if model.repository.filter().open {
        model.notice = None;
    }
}

fn exported(effects: &[Effect]) -> Option<&str> {
    effects.iter().find_map(|effect| match effect {
        Effect::WriteFile { text, .. } => Some(text.as_str()),
        _ => None,
    })
}

#[test]
fn whatever_is_not_read_a_filter_hides_nothing_in_silence() {
    let mut whole = whole_survey(false);
    let all: Vec<RepositoryRef> = shown_set(&whole).into_iter().collect();
    let mut refused = 0;
    for (lack, subset) in [Lack::Awaited, Lack::Denied].into_iter().flat_map(|lack| (0..64).map(move |at| (lack, at))) {
        let is_in = |at: &usize| subset & (1 << at) != 0;
        let unread: BTreeSet<RepositoryRef> = (0..all.len()).filter(is_in).map(|at| all[at].clone()).collect();
        let mut model = survey_without(&unread, lack);
        for query in FILTERS {
            set_filter(&mut whole, query);
            set_filter(&mut model, query);
            let (truth, now) = (shown_set(&whole), shown_set(&model));
            assert!(now.is_subset(&truth), "{query} {lack:?} {unread:?}: {now:?}");
            let missed: BTreeSet<&RepositoryRef> = truth.difference(&now).collect();
            let counted = model.repository.count_unread();
            assert!(missed.iter().all(|one| unread.contains(one)), "{query} {lack:?}: {missed:?}");
            assert!(missed.len() <= counted.unjudged(), "{query} {lack:?} {unread:?}: {missed:?} {counted:?}");
            let shown_unread = now.intersection(&unread).count();
            assert_eq!(counted.shown, if lack == Lack::Awaited { shown_unread } else { 0 }, "{query} {unread:?}");
            // What its place alone decides about is decided.
            if query.split(' ').all(|word| ["name:", "account:", "region:"].iter().any(|label| word.starts_with(label)))
            {
                assert_eq!((&now, counted.unjudged()), (&truth, 0), "{query} {unread:?}");
            }
            if model.repository.filter().open {
                continue;
            }
            let effects = type_text(&mut model, "x");
            let is_whole = counted.shown + counted.unjudged() == 0;
            assert_eq!(exported(&effects).is_some(), is_whole, "{query} {lack:?} {unread:?}: {:?}", model.notice);
            if let Some(text) = exported(&effects) {
                assert!(truth.iter().all(|one| text.contains(&one.arn().to_string())), "{query}: {text}");
            } else {
                refused += 1;
            }
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn a_grantee_is_not_taken_out_of_a_part_that_passes_for_the_whole() {
    let target = |model: &Model| shown(model).into_iter().find(|one| one.region.as_str() == "us-east-1").unwrap();
    let late = target(&whole_survey(false));
    for (lack, query, words) in [
        (Lack::Awaited, "grantee:111111111111 account:222222222222", "1 not read yet cannot be judged by the filter"),
        (Lack::Denied, "grantee:111111111111 account:222222222222", "1 that could not be read cannot be judged"),
        (Lack::Awaited, "account:222222222222", "1 of the shown repositories is not read yet"),
        (Lack::Awaited, "account:222222222222 region:eu-west-2", ""),
        (Lack::Denied, "account:222222222222 region:eu-west-2", ""),
    ] {
        let mut model = survey_without(&BTreeSet::from([late.clone()]), lack);
        filter(&mut model, query);
        tap_key(&mut model, Code::Tab);
        let list = model.repository.overview().unwrap().grantees().unwrap();
        let place = list.rows.iter().position(|row| row.who.id() == "111111111111").unwrap();
        (0..place).for_each(|_| drop(tap_key(&mut model, Code::Down)));
        let effects = type_text(&mut model, "x");
        let is_begun = effects.iter().any(|effect| matches!(effect, Effect::ReadPolicy { for_write: true, .. }));
        let notice = model.notice.clone().map(|notice| notice.text).unwrap_or_default();
        assert_eq!(is_begun, words.is_empty(), "{query}: {notice}");
        assert!(notice.contains(words), "{query}: {notice}");
    }
}

#[test]
fn the_filter_line_counts_what_is_not_read_and_what_it_cannot_judge() {
    let whole = shown(&whole_survey(false));
    let late: BTreeSet<RepositoryRef> = whole.into_iter().filter(|one| one.name.as_str() == "vendorapp").collect();
    let mut model = survey_without(&late, Lack::Awaited);
    set_filter(&mut model, "class:public");
    assert_snapshot!("unjudged_80x24", draw_snapshot(&mut model, 80, 24));
    set_filter(&mut model, "account:222222222222");
    assert_snapshot!("unread_120x40", draw_snapshot(&mut model, 120, 40));
    let drawn = draw_snapshot(&mut model, 60, 16);
    assert!(drawn.contains("4 of 6, 2 not read"), "{drawn}");
}

#[test]
fn a_policy_that_cannot_be_read_anew_is_not_exported_as_it_was() {
    let mut model = whole_survey(false);
    let effects = type_text(&mut model, "r");
    let lost = shown(&model)[0].clone();
    let mut open = std::collections::VecDeque::from(effects);
    while let Some(effect) = open.pop_front() {
        // What stands around the repositories is no row of the export.
        if matches!(effect, Effect::ReadRegistry { .. }) {
            continue;
        }
        let answer = match &effect {
            Effect::ReadPolicy { id, repository, .. } if *repository == lost => {
                let failure = test_failure(FailureKind::Timeout);
                Some((*id, Answer::Policy(repository.clone(), Err(failure))))
            }
            other => answer_of(other),
        };
        // What was read before is not what there is now.
        let early = type_text(&mut model, "x");
        assert!(exported(&early).is_none(), "{:?}", model.notice);
        if let Some((id, answer)) = answer {
            open.extend(give_answer(&mut model, id, answer));
        }
    }
    let effects = type_text(&mut model, "x");
    let text = exported(&effects).unwrap();
    let line = text.lines().find(|line| line.contains(&lost.arn().to_string())).unwrap();
    assert!(line.contains("did not answer") && !line.contains("public"), "{line}");
}
