//! The review over several accounts and Regions.

use insta::assert_snapshot;

use super::{PUSHER, filter};
use crate::ecr::{
    Arn, Context, Failure, FailureKind, Identity, Region, Repository, RepositoryRef, Source, SourceId, Verified,
};
use crate::view::testing::draw_snapshot;
use crate::wizard::testing::*;
use crate::wizard::{
    Answer, Code, Effect, Event, Model, Prefill, Size, Step, SurveyRegions, SurveyRequest, SurveySources,
    WizardSettings, start, update,
};

/// The profiles with their accounts; none: its session has expired.
pub(super) const PROFILES: [(&str, Option<&str>); 4] = [
    ("platform", Some("222222222222")),
    ("data", Some("333333333333")),
    ("again", Some("222222222222")),
    ("dev", None),
];
const REGIONS: [&str; 2] = ["eu-west-2", "us-east-1"];

/// The repositories of an account in a Region. The same name stands in all of them, with other policies.
fn repositories_in(account: &str, region: &str) -> Result<Vec<(&'static str, Option<&'static str>)>, Failure> {
    match (account, region) {
        ("222222222222", "eu-west-2") => {
            Ok(vec![("vendorapp", Some(VENDOR_POLICY)), ("data/ingest", Some(PUBLIC_POLICY)), ("billing", None)])
        }
        ("222222222222", _) => Ok(vec![("vendorapp", Some(PUSHER))]),
        ("333333333333", "eu-west-2") => Ok(vec![("vendorapp", None), ("models", Some(PUBLIC_POLICY))]),
        _ => Err(Failure::new(
            FailureKind::AccessDenied,
            "us-east-1 is not enabled in account 333333333333",
            "enable it, or leave it out",
        )),
    }
}

pub(super) fn profile(name: &str) -> Source {
    let account = PROFILES.iter().find(|(known, _)| *known == name).and_then(|(_, account)| *account);
    Source { account: account.map(test_account), ..test_source(name) }
}

/// Answers a request as AWS would; none: it is no request.
pub(super) fn answer_of(effect: &Effect) -> Option<(crate::wizard::RequestId, Answer)> {
    Some(match effect {
        Effect::LoadSources(id) => (*id, Answer::Sources(Ok(PROFILES.map(|(name, _)| profile(name)).into()))),
        Effect::Verify { id, source, region } => {
            let SourceId::Profile(name) = source else { panic!("{source}") };
            let account = PROFILES.iter().find(|(known, _)| known == name).and_then(|(_, account)| *account);
            let expired = || Failure::new(FailureKind::SignInExpired, "the session has expired", "sign in again");
            let verified = |account: &str| Verified {
                identity: Identity {
                    account: test_account(account),
                    arn: Arn::parse(&format!("arn:aws:sts::{account}:assumed-role/{name}-role/ana")).unwrap(),
                },
                region: region.clone().unwrap_or_else(|| test_region("eu-west-2")),
                endpoint: None,
                ignored: Vec::new(),
            };
            (*id, Answer::Verified(account.map(verified).ok_or_else(expired)))
        }
        Effect::ListRepositories { id, context, owner, .. } => {
            let listed = repositories_in(owner.as_str(), context.region.as_str());
            let repository = |(name, _): &(&str, _)| {
                let (account, region) = (owner.clone(), context.region.clone());
                let one = test_repository(name);
                Repository { reference: RepositoryRef { account, region, ..one.reference.clone() }, ..one }
            };
            let page = |all: Vec<_>| Answer::Page { repositories: all.iter().map(repository).collect(), last: true };
            (*id, listed.map_or_else(Answer::ListingFailed, page))
        }
        Effect::ReadPolicy { id, context, repository, .. } => {
            assert_right_place(context, repository);
            let there = repositories_in(repository.account.as_str(), repository.region.as_str()).unwrap();
            let stored = there.iter().find(|(name, _)| *name == repository.name.as_str()).unwrap().1;
            (*id, Answer::Policy(repository.clone(), Ok(stored.map(str::to_owned))))
        }
        _ => return None,
    })
}

/// Each request has the profile and the Region of its repository.
fn assert_right_place(context: &Context, repository: &RepositoryRef) {
    assert_eq!(context.region, repository.region, "{repository}");
    let SourceId::Profile(name) = &context.source else { panic!("{context:?}") };
    let account = PROFILES.iter().find(|(known, _)| known == name).unwrap().1;
    assert_eq!(account, Some(repository.account.as_str()), "{name}: {repository}");
}

/// Answers everything that is asked, the last request first or in order. Returns the other effects.
pub(super) fn serve(model: &mut Model, effects: Vec<Effect>, is_last_first: bool) -> Vec<Effect> {
    let mut open = std::collections::VecDeque::from(effects);
    let mut others = Vec::new();
    while let Some(effect) = if is_last_first { open.pop_back() } else { open.pop_front() } {
        match answer_of(&effect) {
            Some((id, answer)) => open.extend(give_answer(model, id, answer)),
            None => others.push(effect),
        }
    }
    others
}

pub(super) fn survey_of(profiles: &[&str], regions: SurveyRegions) -> (Model, Vec<Effect>) {
    let named = profiles.iter().map(|name| SourceId::Profile((*name).to_owned())).collect();
    let request = SurveyRequest { sources: SurveySources::Named(named), regions, org_role: None };
    let prefill = Prefill { overview: true, survey: Some(request), ..Prefill::default() };
    let mut model = Model::new(WizardSettings::default(), prefill, Size { columns: 120, rows: 40 });
    let effects = start(&mut model);
    (model, effects)
}

pub(super) fn all_regions() -> SurveyRegions {
    SurveyRegions::Named(REGIONS.map(test_region).into())
}

/// The review of all profiles and Regions, with everything read.
pub(super) fn whole_survey(is_last_first: bool) -> Model {
    let (mut model, effects) = survey_of(&PROFILES.map(|(name, _)| name), all_regions());
    serve(&mut model, effects, is_last_first);
    model
}

pub(super) fn shown(model: &Model) -> Vec<RepositoryRef> {
    let rows = model.repository.rows();
    rows.shown_indexes().iter().map(|at| rows.get(*at).unwrap().repository.reference.clone()).collect()
}

fn shown_words(model: &Model) -> Vec<String> {
    shown(model).iter().map(|one| format!("{} {} {}", one.name, one.account, one.region)).collect()
}

#[test]
fn all_registries_are_one_list_with_the_worst_first_whatever_answers_first() {
    for is_last_first in [false, true] {
        let mut model = whole_survey(is_last_first);
        assert_eq!(
            shown_words(&model),
            [
                "data/ingest 222222222222 eu-west-2",
                "models 333333333333 eu-west-2",
                "vendorapp 222222222222 eu-west-2",
                "vendorapp 222222222222 us-east-1",
                "billing 222222222222 eu-west-2",
                "vendorapp 333333333333 eu-west-2",
            ]
        );
        if !is_last_first {
            for (columns, rows) in [(80, 24), (120, 40)] {
                assert_snapshot!(format!("several_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
            }
        }
    }
}

#[test]
fn what_cannot_be_read_has_its_reason_and_hides_nothing() {
    let mut model = whole_survey(false);
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    for (columns, rows) in [(80, 24), (120, 40)] {
        assert_snapshot!(format!("registries_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
    let survey = model.repository.overview().unwrap().survey().unwrap();
    let failures: Vec<String> = survey.failures().map(|row| row.words()).collect();
    assert_eq!(failures, ["profile dev", "333333333333 in us-east-1"]);
    let enter = tap_key(&mut model, Code::Enter);
    assert!(enter.is_empty() && model.notice.as_ref().unwrap().text.contains("nobody is signed in there"));
    for _ in 0..2 {
        tap_key(&mut model, Code::Down);
    }
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.repository.filter().query_text(), "account:222222222222 region:eu-west-2");
    assert_eq!(shown(&model).len(), 3);
}

#[test]
fn accounts_without_repositories_are_said_to_have_none() {
    let regions = SurveyRegions::Named(vec![test_region("us-east-1"), test_region("ap-south-1")]);
    let (mut model, effects) = survey_of(&["data"], regions);
    let mut open = std::collections::VecDeque::from(effects);
    while let Some(effect) = open.pop_front() {
        let answer = match &effect {
            Effect::ListRepositories { id, .. } => Some((*id, Answer::Page { repositories: Vec::new(), last: true })),
            other => answer_of(other),
        };
        if let Some((id, answer)) = answer {
            open.extend(give_answer(&mut model, id, answer));
        }
    }
    assert_snapshot!("none_80x24", draw_snapshot(&mut model, 80, 24));
}

#[test]
fn nothing_read_at_all_shows_every_reason() {
    let (mut model, effects) = survey_of(&["dev", "unknown"], all_regions());
    serve(&mut model, effects, false);
    let drawn = draw_snapshot(&mut model, 80, 24);
    assert_eq!(drawn.matches("the session has expired").count(), 3, "one for each profile, and the details: {drawn}");
    assert_snapshot!("all_failed_80x24", drawn);
}

#[test]
fn while_profiles_sign_in_the_list_says_so() {
    let (mut model, effects) = survey_of(&["platform", "data"], all_regions());
    let [Effect::LoadSources(id)] = effects.as_slice() else { panic!("{effects:?}") };
    give_answer(&mut model, *id, Answer::Sources(Ok(PROFILES.map(|(name, _)| profile(name)).into())));
    update(&mut model, Event::Clock(500));
    assert_snapshot!("signing_in_80x24", draw_snapshot(&mut model, 80, 24));
}

#[test]
fn a_registry_to_which_two_profiles_lead_is_read_once_and_belongs_to_the_first_that_was_named() {
    for is_last_first in [false, true] {
        for (first, second) in [("platform", "again"), ("again", "platform")] {
            let (mut model, effects) = survey_of(&[first, second], all_regions());
            serve(&mut model, effects, is_last_first);
            let registries = model.repository.overview().unwrap().survey().unwrap().registries();
            let sources: Vec<&SourceId> = registries.iter().map(|one| &one.signed.source.id).collect();
            let named = SourceId::Profile(first.to_owned());
            assert_eq!(sources, [&named; 2]);
            assert!(registries.iter().all(|one| one.others.len() == 1), "{registries:?}");
            assert_eq!(shown(&model).len(), 4);
        }
    }
}

/// Carries a grant through to its write. Returns the write's place and repositories.
fn write_from_here(model: &mut Model, effects: Vec<Effect>) -> (Context, Vec<RepositoryRef>) {
    let mut others = serve(model, effects, false);
    for _ in 0..8 {
        if let Some(Effect::Save { context, writes, .. }) =
            others.iter().find(|effect| matches!(effect, Effect::Save { .. }))
        {
            return (context.clone(), writes.iter().map(|write| write.repository.clone()).collect());
        }
        let key = if model.step == Step::Save { Code::Char('y') } else { Code::Enter };
        draw_snapshot(model, 120, 40);
        let effects = tap_key(model, key);
        others = serve(model, effects, false);
    }
    let drawn = draw_snapshot(model, 120, 40);
    panic!("no write: {drawn}");
}

#[test]
fn a_write_goes_to_the_account_and_region_of_the_chosen_row_by_each_way_out_of_the_list() {
    let count = shown(&whole_survey(false)).len();
    let mut written_by = std::collections::BTreeMap::new();
    for way in ["open", "edit", "take out", "grant"] {
        for at in 0..count {
            let mut model = whole_survey(at % 2 == 1);
            let target = shown(&model)[at].clone();
            // Something else was looked at before: its place must not stay.
            let other = (at + 1) % count;
            for _ in 0..other {
                tap_key(&mut model, Code::Down);
            }
            let effects = tap_key(&mut model, Code::Enter);
            serve(&mut model, effects, false);
            tap_key(&mut model, Code::Esc);
            assert!(model.repository.review().is_none());
            for _ in 0..other {
                tap_key(&mut model, Code::Up);
            }
            for _ in 0..at {
                tap_key(&mut model, Code::Down);
            }
            assert_eq!(model.repository.chosen_row().unwrap().repository.reference, target);
            let effects = if way == "grant" {
                let effects = type_text(&mut model, "g");
                assert_eq!(model.step, Step::Actions);
                let mut more = serve(&mut model, effects, false);
                more.extend(type_text(&mut model, "555555555555"));
                more
            } else {
                let effects = tap_key(&mut model, Code::Enter);
                serve(&mut model, effects, false);
                assert_eq!(model.repository.review().unwrap().repository.reference, target);
                match way {
                    "take out" => type_text(&mut model, "x"),
                    "edit" => type_text(&mut model, "e"),
                    _ => Vec::new(),
                }
            };
            let signed = model.signed.clone().unwrap();
            assert!(signed.registry_place().holds(&target), "{way} {target}: {signed:?}");
            assert_right_place(&signed.request_context(), &target);
            let head = draw_snapshot(&mut model, 120, 40).lines().nth(1).unwrap().to_owned();
            let words = format!("{} · {}", target.account, target.region);
            assert!(head.contains(&words) && head.contains(&signed.source.id.to_string()), "{head}");
            if way == "grant" || (way == "take out" && model.save.change_planned_since().is_some()) {
                let (context, written) = write_from_here(&mut model, effects);
                assert!(written.iter().eq([&target]), "{written:?}");
                assert_right_place(&context, &target);
                *written_by.entry(way).or_insert(0) += 1;
            }
        }
    }
    assert!(written_by["grant"] == count && written_by["take out"] > 1, "{written_by:?}");
}

#[test]
fn going_from_one_repository_to_the_next_goes_to_its_account_and_region() {
    let mut model = whole_survey(false);
    let all = shown(&model);
    let effects = tap_key(&mut model, Code::Enter);
    serve(&mut model, effects, false);
    for target in all.iter().skip(1).chain([&all[0]]) {
        let effects = type_text(&mut model, "n");
        serve(&mut model, effects, false);
        assert_eq!(model.repository.review().unwrap().repository.reference, *target);
        assert!(model.signed.as_ref().unwrap().registry_place().holds(target), "{target}");
    }
}

#[test]
fn wherever_a_registry_is_entered_the_other_accounts_have_the_names_of_their_profiles() {
    let mut model = whole_survey(false);
    for at in 0..shown(&model).len() {
        let entered = shown(&model)[at].account.to_string();
        let effects = tap_key(&mut model, Code::Enter);
        serve(&mut model, effects, false);
        for (name, account) in [("platform", "222222222222"), ("data", "333333333333")] {
            let told = model.account_names.name_of(&test_account(account));
            assert_eq!(told.is_some(), entered != account, "{name} {entered}: {told:?}");
        }
        tap_key(&mut model, Code::Esc);
        tap_key(&mut model, Code::Down);
    }
}

#[test]
fn repositories_of_two_registries_are_not_granted_together() {
    let mut model = whole_survey(false);
    type_text(&mut model, " ");
    tap_key(&mut model, Code::Down);
    type_text(&mut model, " ");
    type_text(&mut model, "g");
    assert_eq!(model.step, Step::Repository);
    let notice = model.notice.clone().unwrap().text;
    assert!(notice.contains("2 registries"), "{notice}");
    // Those of one registry are.
    tap_key(&mut model, Code::Up);
    type_text(&mut model, " ");
    filter(&mut model, "account:333333333333");
    tap_key(&mut model, Code::Down);
    type_text(&mut model, " ");
    type_text(&mut model, "g");
    assert_eq!((model.step, model.chosen.len()), (Step::Actions, 2), "{:?}", model.notice);
}

#[test]
fn a_grantee_of_two_registries_is_taken_out_of_one_at_a_time() {
    let mut model = whole_survey(false);
    tap_key(&mut model, Code::Tab);
    let list = model.repository.overview().unwrap().grantees().unwrap();
    let place = list.rows.iter().position(|row| row.who.id() == "111111111111").unwrap();
    let regions: Vec<&str> = list.rows[place].reaches.iter().map(|(one, _)| one.region.as_str()).collect();
    assert_eq!(regions, REGIONS);
    (0..place).for_each(|_| drop(tap_key(&mut model, Code::Down)));
    let effects = type_text(&mut model, "x");
    assert!(effects.is_empty() && model.notice.as_ref().unwrap().text.contains("2 registries"), "{effects:?}");
    for region in REGIONS {
        let mut model = whole_survey(false);
        filter(&mut model, &format!("account:222222222222 region:{region} grantee:111111111111"));
        tap_key(&mut model, Code::Tab);
        let list = model.repository.overview().unwrap().grantees().unwrap();
        let place = list.rows.iter().position(|row| row.who.id() == "111111111111").unwrap();
        (0..place).for_each(|_| drop(tap_key(&mut model, Code::Down)));
        let effects = type_text(&mut model, "x");
        let (context, written) = write_from_here(&mut model, effects);
        assert_eq!(context.region.as_str(), region);
        assert_eq!(written.len(), 1);
        assert_right_place(&context, &written[0]);
    }
}

#[test]
fn a_profile_that_is_another_account_after_a_refresh_takes_its_rows_along() {
    let (mut model, effects) = survey_of(&["platform", "data"], all_regions());
    serve(&mut model, effects, false);
    assert_eq!(shown(&model).len(), 6);
    let mut open = std::collections::VecDeque::from(type_text(&mut model, "r"));
    while let Some(effect) = open.pop_front() {
        let answer = match &effect {
            // `data` signs in as the account of `platform` by now.
            Effect::Verify { id, source, region } if *source == SourceId::Profile("data".to_owned()) => {
                let as_platform = Effect::Verify { id: *id, source: profile("platform").id, region: region.clone() };
                answer_of(&as_platform)
            }
            other => answer_of(other),
        };
        if let Some((id, answer)) = answer {
            open.extend(give_answer(&mut model, id, answer));
        }
    }
    let accounts: Vec<String> = shown(&model).iter().map(|one| one.account.to_string()).collect();
    assert_eq!(accounts, ["222222222222"; 4]);
}

#[test]
fn step_one_leaves_the_review_of_several_for_the_list_of_one() {
    let mut model = whole_survey(false);
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Account);
    let effects = tap_key(&mut model, Code::Enter);
    let effects = serve(&mut model, effects, false).into_iter().chain(tap_key(&mut model, Code::Enter)).collect();
    serve(&mut model, effects, false);
    assert_eq!(model.step, Step::Repository);
    assert!(model.repository.shown_survey().is_none());
    let signed = model.signed.clone().unwrap();
    let all = shown(&model);
    assert!(!all.is_empty() && all.iter().all(|one| signed.registry_place().holds(one)), "{all:?}");
}

#[test]
fn an_address_leads_to_its_row_or_is_said_to_be_no_part_of_the_review() {
    let mut model = whole_survey(false);
    for target in shown(&model) {
        paste_text(&mut model, &target.uri());
        assert_eq!(model.repository.chosen_row().unwrap().repository.reference, target);
    }
    paste_text(&mut model, "444444444444.dkr.ecr.eu-west-2.amazonaws.com/vendorapp");
    assert!(model.notice.as_ref().unwrap().text.contains("is not in this review"), "{:?}", model.notice);
    assert!(model.repository.shown_survey().is_some());
}

#[test]
fn the_export_names_what_could_not_be_read() {
    let mut model = whole_survey(false);
    let effects = type_text(&mut model, "x");
    let Some(Effect::WriteFile { name, text, .. }) = effects.first() else { panic!("{effects:?} {:?}", model.notice) };
    assert_eq!(name, "ecr-review-4-registries.csv");
    assert!(text.contains("profile dev: the session has expired"), "{text}");
    assert!(text.contains("333333333333,us-east-1,") && text.contains("us-east-1 is not enabled"), "{text}");
    for one in shown(&model) {
        assert!(text.contains(&one.arn().to_string()), "{one}");
    }
}

#[test]
fn more_profiles_and_regions_than_are_asked_at_once_are_all_read() {
    let regions: Vec<Region> = test_region("eu-west-2").partition().regions().collect();
    let (mut model, effects) = survey_of(&["platform"], SurveyRegions::Named(regions.clone()));
    let mut most = 0;
    let mut open = std::collections::VecDeque::from(effects);
    while let Some(effect) = open.pop_front() {
        let listed = |effect: &Effect| matches!(effect, Effect::ListRepositories { .. });
        most = most.max(open.iter().chain([&effect]).filter(|effect| listed(effect)).count());
        if let Some((id, answer)) = answer_of(&effect) {
            open.extend(give_answer(&mut model, id, answer));
        }
    }
    assert!(most <= 32, "{most}");
    assert_eq!(shown(&model).len(), 3 + regions.len() - 1);
}
