//! Regions that an account has not enabled: named in the list of registries, and no failure where nobody named them.

use insta::assert_snapshot;

use super::several::{answer_of, shown, survey_of};
use crate::ecr::{Failure, FailureKind};
use crate::view::testing::draw_snapshot;
use crate::wizard::overview::Overview;
use crate::wizard::testing::*;
use crate::wizard::{Answer, Code, Effect, Model, SurveyRegions};

/// Reads a review of which the account has not enabled the Regions that are off by default.
fn survey_in(regions: SurveyRegions) -> Model {
    let (mut model, effects) = survey_of(&["platform"], regions);
    let mut open = std::collections::VecDeque::from(effects);
    while let Some(effect) = open.pop_front() {
        let answer = match &effect {
            Effect::ListRepositories { id, context, home, .. } if context.region.needs_opt_in() => {
                assert!(home.is_some(), "nobody can tell why {} fails", context.region);
                let failure = Failure::new(FailureKind::AccessDenied, "The account has not enabled it", "enable it");
                Some((*id, Answer::NotEnabled(failure)))
            }
            other => answer_of(other),
        };
        if let Some((id, answer)) = answer {
            open.extend(give_answer(&mut model, id, answer));
        }
    }
    model
}

#[test]
fn a_region_that_is_not_enabled_is_named_and_is_no_failure() {
    let mut model = survey_in(SurveyRegions::All);
    let survey = model.repository.overview().and_then(Overview::survey).unwrap();
    let off: Vec<String> = survey
        .registries()
        .iter()
        .filter(|registry| !registry.is_enabled)
        .map(|registry| registry.signed.region.to_string())
        .collect();
    assert!(off.len() > 10 && off.iter().all(|name| test_region(name).needs_opt_in()), "{off:?}");
    assert!(survey.failures().next().is_none() && survey.has_ended());
    assert_eq!(survey.count_regions() + off.len(), survey.registries().len());
    assert!(!shown(&model).is_empty() && shown(&model).iter().all(|one| !one.region.needs_opt_in()));
    let effects = type_text(&mut model, "x");
    let Some(Effect::WriteFile { name, text, .. }) = effects.first() else { panic!("{:?}", model.notice) };
    assert!(!text.contains("not enabled"), "{text}");
    assert!(!name.contains(&survey_count(&model).to_string()), "{name}");
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::End);
    assert_snapshot!("not_enabled_80x24", draw_snapshot(&mut model, 80, 24));
}

fn survey_count(model: &Model) -> usize {
    model.repository.overview().and_then(Overview::survey).unwrap().registries().len()
}

#[test]
fn a_region_that_somebody_named_is_a_failure_where_it_is_not_enabled() {
    let named = ["eu-west-2", "af-south-1"].map(test_region);
    let model = survey_in(SurveyRegions::Named(named.into()));
    let survey = model.repository.overview().and_then(Overview::survey).unwrap();
    let failures: Vec<String> = survey.failures().map(|row| row.words()).collect();
    assert_eq!(failures, ["222222222222 in af-south-1"]);
}

#[test]
fn what_stood_in_a_region_that_was_disabled_meanwhile_goes() {
    let (mut model, effects) = survey_of(&["platform"], SurveyRegions::All);
    super::several::serve(&mut model, effects, false);
    let in_milan = |model: &Model| shown(model).iter().filter(|one| one.region.as_str() == "eu-south-1").count();
    assert_eq!(in_milan(&model), 1);
    let mut open = std::collections::VecDeque::from(type_text(&mut model, "r"));
    while let Some(effect) = open.pop_front() {
        let answer = match &effect {
            Effect::ListRepositories { id, context, .. } if context.region.as_str() == "eu-south-1" => {
                Some((*id, Answer::NotEnabled(test_failure(FailureKind::AccessDenied))))
            }
            other => answer_of(other),
        };
        if let Some((id, answer)) = answer {
            open.extend(give_answer(&mut model, id, answer));
        }
    }
    assert_eq!(in_milan(&model), 0);
}
