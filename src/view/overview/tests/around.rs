//! Tests of the policy, templates and replication around the repositories of a registry.

use insta::assert_snapshot;

use super::{filter, overview};
use crate::ecr::{AccountId, CreationTemplate, FailureKind, Region, TemplateOccasion};
use crate::policy::RegistryPolicy;
use crate::review::RegistryFacts;
use crate::view::testing::draw_snapshot;
use crate::wizard::testing::*;
use crate::wizard::{Answer, Code, Effect, Model, RequestId, SurveyRegions};

/// The facts of a registry in which a push of another account makes repositories that everybody reads.
fn open_facts(account: &AccountId, region: &Region) -> RegistryFacts {
    let template = CreationTemplate {
        prefix: "cache".to_owned(),
        applied_for: vec![TemplateOccasion::CreateOnPush],
        policy: Some(PUBLIC_POLICY.to_owned()),
    };
    let mut facts = RegistryFacts::of_policy(account.clone(), region.clone(), RegistryPolicy::Absent);
    facts.templates.push(template);
    facts
}

/// Returns the request for the registry among effects.
fn asked_registry(effects: &[Effect]) -> Option<(RequestId, AccountId, Region)> {
    effects.iter().find_map(|effect| match effect {
        Effect::ReadRegistry { id, context, owner } => Some((*id, owner.clone(), context.region.clone())),
        _ => None,
    })
}

/// The review of one account and Region, whose registry is being read.
fn asking() -> (Model, RequestId, RegistryFacts) {
    let mut model = overview();
    let effects = type_text(&mut model, "r");
    super::serve(&mut model, effects.clone());
    // The list of `serve` is answered: the registry is asked for once.
    let overview = model.repository.overview().unwrap();
    let place = model.signed.as_ref().unwrap().registry_place();
    let id = overview.around().known_at(&place).and_then(crate::wizard::Remote::awaited_request).unwrap();
    let facts = open_facts(&place.account, &place.region);
    (model, id, facts)
}

#[test]
fn what_a_registry_opens_is_counted_told_and_listed_with_its_settings() {
    let (mut model, id, facts) = asking();
    let before = draw_snapshot(&mut model, 80, 24);
    give_answer(&mut model, id, Answer::RegistryRead(Ok(Box::new(facts))));
    for (columns, rows) in [(80, 24), (120, 40)] {
        assert_snapshot!(format!("around_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
    assert!(!before.contains("R402") && !before.contains("R401"), "{before}");
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    for (columns, rows) in [(80, 24), (120, 40)] {
        assert_snapshot!(format!("around_settings_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
    tap_key(&mut model, Code::Enter);
    assert!(model.repository.overview().unwrap().registries().is_none());
    assert_eq!(model.repository.filter().query_text(), "", "one registry needs no filter");
}

#[test]
fn a_filter_counts_the_findings_of_its_rows_alone() {
    let (mut model, id, facts) = asking();
    give_answer(&mut model, id, Answer::RegistryRead(Ok(Box::new(facts))));
    let with_all = draw_snapshot(&mut model, 120, 40);
    filter(&mut model, "name:nothing-has-this-name");
    let narrowed = draw_snapshot(&mut model, 120, 40);
    assert!(with_all.contains("risks") && !narrowed.contains("risk"), "{narrowed}");
}

#[test]
fn settings_that_cannot_be_read_are_told_with_the_registry() {
    let (mut model, id, _) = asking();
    let failure = test_failure(FailureKind::AccessDenied);
    let words = failure.what.clone();
    give_answer(&mut model, id, Answer::RegistryRead(Err(failure)));
    let drawn = draw_snapshot(&mut model, 80, 24);
    assert!(drawn.contains("not all is known of the registry 222222222222 in eu-west-2 (Tab Tab)"), "{drawn}");
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    let drawn = draw_snapshot(&mut model, 120, 40);
    assert!(drawn.contains("its settings are not known") && !drawn.contains("no registry policy"), "{words}: {drawn}");
}

#[test]
fn a_registry_is_read_again_with_the_list_and_a_late_answer_changes_nothing() {
    let (mut model, first, facts) = asking();
    let effects = type_text(&mut model, "r");
    assert!(effects.contains(&Effect::Cancel(first)), "{effects:?}");
    let listing = effects.iter().find_map(|effect| match effect {
        Effect::ListRepositories { id, .. } => Some(*id),
        _ => None,
    });
    assert!(asked_registry(&effects).is_none(), "it is asked for once the list is there");
    let listed = Answer::Page { repositories: vec![test_repository("vendorapp")], last: true };
    let effects = give_answer(&mut model, listing.unwrap(), listed);
    let (second, ..) = asked_registry(&effects).unwrap();
    give_answer(&mut model, first, Answer::RegistryRead(Ok(Box::new(facts.clone()))));
    let around = |model: &Model| model.repository.overview().unwrap().around().open_findings().count();
    assert_eq!(around(&model), 0, "a late answer");
    give_answer(&mut model, second, Answer::RegistryRead(Ok(Box::new(facts))));
    assert_eq!(around(&model), 2);
}

#[test]
fn a_registry_without_policy_templates_and_replication_is_said_to_have_none() {
    let (mut model, id, mut facts) = asking();
    facts.templates.clear();
    give_answer(&mut model, id, Answer::RegistryRead(Ok(Box::new(facts))));
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    let drawn = draw_snapshot(&mut model, 80, 24);
    assert!(drawn.contains("no registry policy, no creation template, no replication"), "{drawn}");
}

#[test]
fn a_head_without_room_gives_up_the_order_first_and_shows_where_it_is_cut() {
    let (mut model, id, facts) = asking();
    give_answer(&mut model, id, Answer::RegistryRead(Ok(Box::new(facts))));
    type_text(&mut model, "A");
    let whole = "7 repositories · 1 public, 2 errors, 2 risks · ✓ 7 marked";
    for columns in 40..=100 {
        let drawn = draw_snapshot(&mut model, columns, 24);
        let head = drawn.lines().find(|line| line.contains("7 repositories")).unwrap();
        // Beside the list of a wide window stand the details.
        let head = head.trim_start_matches('|').split('│').next().unwrap().trim();
        let is_whole = head == whole || head.contains("worst first") && head.ends_with("7 marked");
        assert!(is_whole || head.ends_with('…'), "{columns}: {head}");
        // One cell stands before it.
        assert!(is_whole || usize::from(columns) <= whole.chars().count(), "{columns}: {head}");
    }
}

#[test]
fn registries_that_were_being_read_when_all_is_read_again_hold_no_other_back() {
    let regions: Vec<Region> = test_region("eu-west-2").partition().regions().collect();
    assert!(regions.len() >= 32, "{regions:?}");
    let count = regions.len();
    let named = SurveyRegions::Named(regions);
    let (mut model, effects) = super::several::survey_of(&["platform"], named);
    let asked = |model: &mut Model, effects: Vec<Effect>| {
        let others = super::several::serve(model, effects, false);
        others.iter().filter(|effect| matches!(effect, Effect::ReadRegistry { .. })).count()
    };
    let first = asked(&mut model, effects);
    assert!(first >= 32, "{first} of {count}");
    let effects = type_text(&mut model, "r");
    assert_eq!(asked(&mut model, effects), first, "those of before are not answered");
}

#[test]
fn what_was_known_of_settings_stands_beside_no_failure() {
    let (mut model, id, mut facts) = asking();
    facts.templates.clear();
    give_answer(&mut model, id, Answer::RegistryRead(Ok(Box::new(facts))));
    let effects = type_text(&mut model, "r");
    super::serve(&mut model, effects);
    let place = model.signed.as_ref().unwrap().registry_place();
    let around = model.repository.overview().unwrap().around();
    let id = around.known_at(&place).and_then(crate::wizard::Remote::awaited_request).unwrap();
    give_answer(&mut model, id, Answer::RegistryRead(Err(test_failure(FailureKind::AccessDenied))));
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    let drawn = draw_snapshot(&mut model, 120, 40);
    assert!(drawn.contains("its settings are not known") && !drawn.contains("no registry policy"), "{drawn}");
}

#[test]
fn what_a_registry_opens_is_asked_for_where_its_repositories_may_not_be_listed() {
    for (kind, is_wanted) in [(FailureKind::AccessDenied, true), (FailureKind::SignInExpired, false)] {
        let (mut model, ..) = asking();
        let effects = type_text(&mut model, "r");
        let listing = effects.iter().find_map(|effect| match effect {
            Effect::ListRepositories { id, .. } => Some(*id),
            _ => None,
        });
        let effects = give_answer(&mut model, listing.unwrap(), Answer::ListingFailed(test_failure(kind)));
        assert_eq!(asked_registry(&effects).is_some(), is_wanted, "{kind:?}: {effects:?}");
        let (mut model, effects) = super::several::survey_of(&["data"], super::several::all_regions());
        let mut open = std::collections::VecDeque::from(effects);
        let mut asked = Vec::new();
        while let Some(effect) = open.pop_front() {
            let answered = match &effect {
                Effect::ListRepositories { id, .. } => Some((*id, Answer::ListingFailed(test_failure(kind)))),
                Effect::ReadRegistry { context, .. } => {
                    asked.push(context.region.clone());
                    None
                }
                other => super::several::answer_of(other),
            };
            if let Some((id, answer)) = answered {
                open.extend(give_answer(&mut model, id, answer));
            }
        }
        assert_eq!(asked.len(), if is_wanted { 2 } else { 0 }, "{kind:?}: {asked:?}");
    }
}

#[test]
fn a_region_that_is_not_enabled_is_not_asked_for_its_settings() {
    let (mut model, effects) = super::several::survey_of(&["data"], super::several::all_regions());
    let mut open = std::collections::VecDeque::from(effects);
    while let Some(effect) = open.pop_front() {
        assert!(!matches!(effect, Effect::ReadRegistry { .. }), "{effect:?}");
        let answered = match &effect {
            Effect::ListRepositories { id, .. } => {
                Some((*id, Answer::NotEnabled(test_failure(FailureKind::AccessDenied))))
            }
            other => super::several::answer_of(other),
        };
        if let Some((id, answer)) = answered {
            open.extend(give_answer(&mut model, id, answer));
        }
    }
}

#[test]
fn a_low_window_shows_what_a_registry_opens_under_the_list() {
    let (mut model, id, facts) = asking();
    give_answer(&mut model, id, Answer::RegistryRead(Ok(Box::new(facts))));
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    let drawn = draw_snapshot(&mut model, 60, 16);
    assert!(drawn.contains("R402 security") && drawn.contains("R402 R403"), "{drawn}");
}
