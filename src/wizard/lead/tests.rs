use super::*;
use crate::ecr::{Failure, FailureKind, Grantee, Region, Source, SourceId};
use crate::wizard::model::target_of;
use crate::wizard::test_world::World;
use crate::wizard::testing::{
    fresh_model, give_answer, paste_text, tap_key, test_account, test_failure, test_source, type_text,
};
use crate::wizard::{Answer, Code, Overlay, Prefill, RequestId, start};

const IMAGE: &str = "222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:1.4";

fn profile(name: &str) -> SourceId {
    SourceId::Profile(name.to_owned())
}

fn named(names: &[&str]) -> Vec<RepositorySelector> {
    names.iter().map(|name| RepositorySelector::parse(name).unwrap()).collect()
}

fn grantee(text: &str) -> Vec<Grantee> {
    vec![Grantee::parse(text).unwrap()]
}

/// All that the steps ask.
fn whole() -> Prefill {
    Prefill {
        source: Some(profile("platform")),
        names: named(&["vendorapp"]),
        grantees: grantee("111111111111"),
        ..Prefill::default()
    }
}

/// A start with these arguments, not served yet.
fn started(prefill: Prefill) -> (Model, Vec<Effect>) {
    let mut model = fresh_model();
    model.prefill = prefill;
    let effects = start(&mut model);
    (model, effects)
}

/// A start with these arguments, as far as it goes by itself.
fn opened_in(world: &World, prefill: Prefill) -> Model {
    let (mut model, effects) = started(prefill);
    world.serve(&mut model, effects);
    model
}

fn opened(prefill: Prefill) -> Model {
    opened_in(&World::default(), prefill)
}

fn chosen(model: &Model) -> Vec<&str> {
    model.chosen.iter().map(|repository| repository.name().as_str()).collect()
}

fn said(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

/// A source of access keys, whose account no file tells.
fn keys_source(name: &str) -> Source {
    Source { account: None, ..test_source(name) }
}

#[test]
fn each_argument_passes_its_step_and_the_first_that_is_missing_is_where_it_opens() {
    let (target, tag) = target_of(IMAGE).unwrap();
    let image = Prefill { target: Some(target), tag, ..Prefill::default() };
    for (prefill, step) in [
        (Prefill::default(), Step::Account),
        (Prefill { source: Some(profile("platform")), ..Prefill::default() }, Step::Repository),
        (Prefill { grantees: Vec::new(), ..whole() }, Step::Actions),
        (Prefill { names: Vec::new(), ..whole() }, Step::Repository),
        // Two profiles could be meant.
        (Prefill { source: None, ..whole() }, Step::Account),
        (Prefill { source: Some(profile("platform")), ..image.clone() }, Step::Actions),
        (Prefill { source: Some(profile("platform")), grantees: grantee("111111111111"), ..image }, Step::Policy),
        (whole(), Step::Policy),
    ] {
        let words = format!("{prefill:?}");
        assert_eq!(opened(prefill).step, step, "{words}");
    }
}

#[test]
fn all_arguments_need_one_key_before_the_question() {
    let world = World::default();
    let mut model = opened_in(&world, whole());
    assert_eq!((model.step, chosen(&model)), (Step::Policy, vec!["vendorapp"]));
    let effects = tap_key(&mut model, Code::Enter);
    world.serve(&mut model, effects);
    assert!(model.step == Step::Save && model.save.is_asking());
}

#[test]
fn the_steps_are_passed_in_whatever_order_the_answers_come() {
    // The list first, and the question for the name later or never; or the other way round.
    for list_first in [true, false] {
        let world = World::default();
        let (mut model, effects) = started(whole());
        let rest = |effect: &Effect| matches!(effect, Effect::ListRepositories { .. } | Effect::Describe { .. });
        let mut open = effects;
        let mut held = Vec::new();
        while let Some(effect) = open.pop() {
            if rest(&effect) {
                held.push(effect);
            } else {
                open.extend(
                    world.answer(&effect).map(|(id, answer)| give_answer(&mut model, id, answer)).into_iter().flatten(),
                );
            }
        }
        assert_eq!((model.step, held.len()), (Step::Repository, 2));
        held.sort_by_key(|effect| matches!(effect, Effect::ListRepositories { .. }) != list_first);
        let (id, answer) = world.answer(&held[0]).unwrap();
        give_answer(&mut model, id, answer);
        assert_eq!(model.step, Step::Policy, "the list first: {list_first}");
        let (id, answer) = world.answer(&held[1]).unwrap();
        give_answer(&mut model, id, answer);
        assert_eq!((model.step, chosen(&model)), (Step::Policy, vec!["vendorapp"]));
    }
}

#[test]
fn several_names_and_patterns_wait_until_all_of_them_are_known() {
    for (names, taken) in [
        (&["vendorapp", "worker"][..], &["vendorapp", "worker"][..]),
        (&["worker", "vendorapp", "worker"], &["worker", "vendorapp"]),
        (&["*"], &["data/feature-store", "vendorapp", "worker"]),
        (&["w*", "worker"], &["worker"]),
    ] {
        let model = opened(Prefill { names: named(names), ..whole() });
        assert_eq!((model.step, chosen(&model)), (Step::Policy, taken.to_vec()), "{names:?}");
    }
    for names in [&["vendorapp", "nope"][..], &["nope"], &["x*"], &["vendorapp", "x*"]] {
        let model = opened(Prefill { names: named(names), ..whole() });
        assert_eq!((model.step, chosen(&model)), (Step::Repository, Vec::new()), "{names:?}");
    }
}

#[test]
fn a_failure_stops_it_where_it_happens() {
    let offline = || -> Result<crate::ecr::Verified, Failure> { Err(test_failure(FailureKind::Offline)) };
    let world = World { verified: Box::new(offline), ..World::default() };
    let model = opened_in(&world, whole());
    assert_eq!((model.step, model.signed.is_none()), (Step::Account, true));
    let world = World::default();
    let (mut model, effects) = started(whole());
    let listed = |id: RequestId, model: &mut Model| {
        give_answer(model, id, Answer::ListingFailed(test_failure(FailureKind::AccessDenied)))
    };
    let mut open = effects;
    while let Some(effect) = open.pop() {
        open.extend(match &effect {
            Effect::ListRepositories { id, .. } => listed(*id, &mut model),
            Effect::Describe { id, .. } => {
                give_answer(&mut model, *id, Answer::Described(Err(test_failure(FailureKind::AccessDenied))))
            }
            other => world.answer(other).map(|(id, answer)| give_answer(&mut model, id, answer)).unwrap_or_default(),
        });
    }
    assert_eq!((model.step, chosen(&model)), (Step::Repository, Vec::new()));
}

#[test]
fn a_grantee_that_cannot_be_granted_to_is_shown_with_its_reason() {
    // The owner has it all already.
    let model = opened(Prefill { grantees: grantee("222222222222"), ..whole() });
    assert_eq!(model.step, Step::Actions);
    assert!(!said(&model).is_empty());
    assert!(opened(Prefill { recipe: crate::ecr::recipe::find_recipe("custom"), ..whole() }).step == Step::Actions);
}

#[test]
fn one_way_to_sign_in_is_taken_where_arguments_lead_further_and_needs_one_enter_otherwise() {
    let nothing = Source { kind: crate::ecr::SignInKind::Nothing, ..test_source("bare") };
    let broken = Source { problem: Some(test_failure(FailureKind::Setup)), ..test_source("broken") };
    let world = World { sources: vec![nothing, keys_source("platform"), broken], ..World::default() };
    let model = opened_in(&world, Prefill { source: None, ..whole() });
    assert_eq!(model.step, Step::Policy);
    let (target, _) = target_of(IMAGE).unwrap();
    let model = opened_in(&world, Prefill { target: Some(target), ..Prefill::default() });
    assert_eq!(model.step, Step::Actions);
    let mut model = opened_in(&world, Prefill::default());
    assert_eq!((model.step, model.waiting_since()), (Step::Account, None), "nothing is asked unasked");
    // It stands first: the others cannot work.
    let effects = tap_key(&mut model, Code::Enter);
    world.serve(&mut model, effects);
    assert_eq!(model.step, Step::Repository);
}

#[test]
fn a_pasted_address_needs_the_grantee_alone() {
    let world = World { sources: vec![test_source("platform"), other_account("vendor-eu")], ..World::default() };
    let mut model = opened_in(&world, Prefill::default());
    let effects = paste_text(&mut model, IMAGE);
    world.serve(&mut model, effects);
    assert_eq!((model.step, chosen(&model)), (Step::Actions, vec!["vendorapp"]));
    type_text(&mut model, "111111111111");
    let effects = tap_key(&mut model, Code::Enter);
    world.serve(&mut model, effects);
    let effects = tap_key(&mut model, Code::Enter);
    world.serve(&mut model, effects);
    assert!(model.step == Step::Save && model.save.is_asking());
}

fn other_account(name: &str) -> Source {
    Source { account: Some(test_account("111111111111")), ..test_source(name) }
}

#[test]
fn an_address_of_another_account_than_the_sign_in_turns_out_to_be_stops_there() {
    let world = World { sources: vec![keys_source("platform")], ..World::default() };
    let mut model = opened_in(&world, Prefill::default());
    let effects = paste_text(&mut model, "333333333333.dkr.ecr.eu-west-2.amazonaws.com/vendorapp");
    world.serve(&mut model, effects);
    assert_eq!((model.step, &model.signed), (Step::Account, &None));
    // Going on by hand leaves the address aside, and nothing is passed with it.
    let effects = tap_key(&mut model, Code::Enter);
    world.serve(&mut model, effects);
    assert_eq!((model.step, chosen(&model)), (Step::Repository, Vec::new()));
}

#[test]
fn whoever_chooses_on_a_step_decides_there() {
    let world = World::default();
    for key in [Code::Down, Code::Char('/'), Code::Char(' '), Code::Char('v')] {
        let (mut model, held) = at_repository(&world);
        // A list to choose from, without what was named.
        for effect in &held {
            if let Effect::ListRepositories { id, .. } = effect {
                let page = vec![crate::wizard::testing::test_repository("worker")];
                give_answer(&mut model, *id, Answer::Page { repositories: page, last: false });
            }
        }
        tap_key(&mut model, key);
        world.serve(&mut model, held);
        assert_eq!(model.step, Step::Repository, "{key:?}");
    }
    // Help is looked at, not chosen with; and Enter takes no other one while what was named is awaited.
    let (mut model, held) = at_repository(&world);
    tap_key(&mut model, Code::Char('?'));
    assert!(matches!(model.overlay, Some(Overlay::Help { .. })));
    world.serve(&mut model, held);
    assert_eq!(model.step, Step::Repository, "not under the page of keys");
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Policy);
    let (mut model, held) = at_repository(&world);
    for effect in &held {
        if let Effect::ListRepositories { id, .. } = effect {
            let page = vec![crate::wizard::testing::test_repository("worker")];
            give_answer(&mut model, *id, Answer::Page { repositories: page, last: false });
        }
    }
    tap_key(&mut model, Code::Enter);
    assert_eq!((model.step, chosen(&model)), (Step::Repository, Vec::new()));
    assert!(said(&model).contains("still looking for vendorapp"), "{}", said(&model));
    world.serve(&mut model, held);
    assert_eq!((model.step, chosen(&model)), (Step::Policy, vec!["vendorapp"]));
}

/// At Repository, signed in, with what it asks AWS.
fn at_repository(world: &World) -> (Model, Vec<Effect>) {
    let (mut model, effects) = started(whole());
    let mut open = effects;
    while model.step == Step::Account {
        let effect = open.pop().unwrap();
        let (id, answer) = world.answer(&effect).unwrap();
        open.extend(give_answer(&mut model, id, answer));
    }
    (model, open)
}

#[test]
fn going_back_ends_it() {
    let world = World::default();
    let mut model = opened_in(&world, whole());
    for step in [Step::Actions, Step::Repository, Step::Account] {
        tap_key(&mut model, Code::Esc);
        assert_eq!(model.step, step);
    }
    for step in [Step::Repository, Step::Actions, Step::Policy] {
        let effects = tap_key(&mut model, Code::Enter);
        world.serve(&mut model, effects);
        assert_eq!(model.step, step, "by hand, each with a key");
    }
}

#[test]
fn another_region_of_the_sign_in_is_no_answer_to_the_address() {
    let world = World::default();
    let (target, _) = target_of(IMAGE).unwrap();
    let region = Region::parse("us-east-1").unwrap();
    let prefill = Prefill { source: Some(profile("platform")), region: Some(region), target: Some(target), ..whole() };
    // The address names its Region.
    let model = opened_in(&world, Prefill { names: Vec::new(), ..prefill });
    assert_eq!(model.signed.as_ref().map(|signed| signed.region.to_string()), Some("eu-west-2".to_owned()));
    assert_eq!(model.step, Step::Policy);
}
