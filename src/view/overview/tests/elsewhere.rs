//! The review of what was read elsewhere than ECR: files of collectors, or an aggregator of AWS Config.

use insta::assert_snapshot;
use serde_json::json;

use super::several::{answer_of, shown};
use crate::ecr::{CreationTemplate, FailureKind, RepositoryName, RepositoryRef, SourceId, TemplateOccasion};
use crate::policy::RegistryPolicy;
use crate::review::{FailedPlace, PolicyInput, ReadEvent, RegistryFacts};
use crate::view::testing::draw_snapshot;
use crate::wizard::testing::*;
use crate::wizard::{
    Answer, Code, Effect, Model, Prefill, RequestId, ReviewOrigin, Size, SurveyRegions, SurveyRequest, SurveySources,
    WizardSettings, start,
};

fn reference(account: &str, name: &str) -> RepositoryRef {
    let (account, region) = (test_account(account), test_region("eu-west-2"));
    RepositoryRef { account, region, name: RepositoryName::parse(name).unwrap() }
}

/// Returns what two registries tell: a public repository, one without a policy, one that could not be read, and a trap.
fn events() -> Vec<ReadEvent> {
    let mut trap =
        RegistryFacts::of_policy(test_account("333333333333"), test_region("eu-west-2"), RegistryPolicy::Absent);
    let applied_for = vec![TemplateOccasion::CreateOnPush];
    trap.templates.push(CreationTemplate { prefix: "cache".to_owned(), applied_for, policy: None });
    let own = RegistryFacts::of_policy(test_account("222222222222"), test_region("eu-west-2"), RegistryPolicy::Absent);
    let public = serde_json::from_str(PUBLIC_POLICY).unwrap();
    vec![
        ReadEvent::Note("AWS Config tells of 2 of 3 accounts and Regions; the oldest data is 26 hours old".to_owned()),
        ReadEvent::Registry(own),
        ReadEvent::Repository(reference("222222222222", "open"), Ok(PolicyInput::of_object(Some(public)))),
        ReadEvent::Repository(reference("222222222222", "closed"), Ok(PolicyInput::Absent)),
        ReadEvent::Registry(trap),
        ReadEvent::Repository(reference("333333333333", "lost"), Err(test_failure(FailureKind::AccessDenied))),
        ReadEvent::PlaceFailed(FailedPlace {
            account: Some(test_account("444444444444")),
            region: None,
            words: "444444444444".to_owned(),
            failure: test_failure(FailureKind::Other),
        }),
    ]
}

fn begin(origin: ReviewOrigin) -> (Model, Vec<Effect>) {
    let regions = SurveyRegions::Own;
    let request = SurveyRequest { sources: SurveySources::Elsewhere(origin), regions, org_role: None };
    let source = Some(SourceId::Profile("platform".to_owned()));
    let prefill = Prefill { overview: true, survey: Some(request), source, ..Prefill::default() };
    let mut model = Model::new(WizardSettings::default(), prefill, Size { columns: 120, rows: 40 });
    let effects = start(&mut model);
    (model, effects)
}

/// Answers everything but the reading, whose request it returns.
fn serve(model: &mut Model, effects: Vec<Effect>) -> Option<RequestId> {
    let mut open = std::collections::VecDeque::from(effects);
    let mut reading = None;
    while let Some(effect) = open.pop_front() {
        if let Effect::ReadElsewhere { id, origin, context } = &effect {
            assert_eq!(context.is_some(), matches!(origin, ReviewOrigin::Aggregator(_)), "{effect:?}");
            reading = Some(*id);
        }
        let is_of_ecr =
            matches!(effect, Effect::ListRepositories { .. } | Effect::ReadPolicy { .. } | Effect::ReadRegistry { .. });
        assert!(!is_of_ecr, "ECR is asked for nothing: {effect:?}");
        if let Some((id, answer)) = answer_of(&effect) {
            open.extend(give_answer(model, id, answer));
        }
    }
    reading
}

fn give_part(model: &mut Model, id: RequestId, read: Vec<ReadEvent>, is_last: bool) {
    let effects = give_answer(model, id, Answer::Elsewhere { read: Ok(read), is_last });
    assert_eq!(serve(model, effects), None);
}

fn files() -> ReviewOrigin {
    ReviewOrigin::Files(vec!["collected.jsonl".into()])
}

/// The review of files with everything read.
fn whole() -> Model {
    let (mut model, effects) = begin(files());
    let id = serve(&mut model, effects).unwrap();
    give_part(&mut model, id, events(), false);
    give_part(&mut model, id, Vec::new(), true);
    model
}

#[test]
fn what_was_collected_is_reviewed_like_what_ecr_tells_and_says_where_it_comes_from() {
    let mut model = whole();
    let names: Vec<String> = shown(&model).iter().map(|one| one.name.to_string()).collect();
    assert_eq!(names, ["open", "closed", "lost"]);
    for (columns, rows) in [(80, 24), (120, 40)] {
        assert_snapshot!(format!("elsewhere_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    for (columns, rows) in [(80, 24), (120, 40)] {
        assert_snapshot!(format!("elsewhere_registries_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
}

#[test]
fn nothing_that_was_collected_leads_to_a_change_or_passes_for_what_ecr_has() {
    for key in ["g", "v"] {
        let mut model = whole();
        let effects = type_text(&mut model, key);
        assert!(effects.is_empty(), "{key}: {effects:?}");
    }
    let mut model = whole();
    let effects = tap_key(&mut model, Code::Enter);
    let notice = model.notice.clone().map(|notice| notice.text).unwrap_or_default();
    assert!(
        effects.is_empty() && notice.contains("this is from collected.jsonl, not from ECR"),
        "{effects:?} {notice}"
    );
    assert!(model.signed.is_none() && model.chosen.is_empty());
    tap_key(&mut model, Code::Tab);
    let effects = type_text(&mut model, "x");
    let notice = model.notice.clone().map(|notice| notice.text).unwrap_or_default();
    assert!(effects.is_empty() && notice.contains("no reading of ECR"), "{effects:?} {notice}");
}

#[test]
fn an_aggregator_is_asked_with_who_is_signed_in_and_says_first_how_old_its_data_is() {
    let (mut model, effects) = begin(ReviewOrigin::Aggregator("organization".to_owned()));
    let id = serve(&mut model, effects).unwrap();
    assert_eq!(model.signed.as_ref().unwrap().owner_account().as_str(), "222222222222");
    give_part(&mut model, id, events().into_iter().take(1).collect(), false);
    let drawn = draw_snapshot(&mut model, 120, 40);
    assert!(drawn.contains("not from ECR: aggregator organization"), "{drawn}");
    assert!(drawn.contains("the oldest data is 26 hours old"), "{drawn}");
    give_part(&mut model, id, events().into_iter().skip(1).collect(), true);
    assert_eq!(shown(&model).len(), 3);
}

#[test]
fn a_reading_that_fails_midway_is_told_and_what_came_stays() {
    let (mut model, effects) = begin(files());
    let id = serve(&mut model, effects).unwrap();
    give_part(&mut model, id, events().into_iter().take(4).collect(), false);
    let failure = test_failure(FailureKind::Throttled);
    let words = failure.what.clone();
    let effects = give_answer(&mut model, id, Answer::Elsewhere { read: Err(failure), is_last: true });
    serve(&mut model, effects);
    let drawn = draw_snapshot(&mut model, 120, 40);
    assert!(drawn.contains(&format!("not read: collected.jsonl: {words}")) && drawn.contains("open"), "{drawn}");
    let effects = type_text(&mut model, "x");
    let text = effects.iter().find_map(|effect| match effect {
        Effect::WriteFile { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert!(text.unwrap().contains(&words), "a half review is no whole one");
}

#[test]
fn reading_again_drops_what_is_no_longer_there_and_late_parts_change_nothing() {
    let mut model = whole();
    let effects = type_text(&mut model, "r");
    let id = serve(&mut model, effects).unwrap();
    let late = RequestId(id.0 - 1);
    give_part(
        &mut model,
        late,
        vec![ReadEvent::Repository(reference("222222222222", "late"), Ok(PolicyInput::Absent))],
        false,
    );
    let kept = events()
        .into_iter()
        .filter(|event| !matches!(event, ReadEvent::Repository(one, _) if one.name.as_str() == "closed"));
    give_part(&mut model, id, kept.collect(), true);
    let names: Vec<String> = shown(&model).iter().map(|one| one.name.to_string()).collect();
    assert_eq!(names, ["open", "lost"]);
}

#[test]
fn without_a_size_no_finding_about_it_is_made() {
    let (mut model, effects) = begin(files());
    let id = serve(&mut model, effects).unwrap();
    let long = "x".repeat(12_000);
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": long, "Effect": "Allow", "Principal": {"AWS": "111111111111"},
        "Action": "ecr:BatchGetImage"}]});
    let facts =
        RegistryFacts::of_policy(test_account("222222222222"), test_region("eu-west-2"), RegistryPolicy::Absent);
    let one = ReadEvent::Repository(reference("222222222222", "long"), Ok(PolicyInput::of_object(Some(policy))));
    give_part(&mut model, id, vec![ReadEvent::Registry(facts), one], true);
    let entry = model.repository.rows().get(0).unwrap().entry.clone().unwrap();
    assert_eq!(entry.outcome.as_ref().unwrap().size, None);
}

#[test]
fn a_second_reading_that_fails_midway_leaves_nothing_that_waits_for_ever() {
    let mut model = whole();
    let effects = type_text(&mut model, "r");
    let id = serve(&mut model, effects).unwrap();
    let without_open = events()
        .into_iter()
        .filter(|event| !matches!(event, ReadEvent::Repository(one, _) if one.name.as_str() == "open"));
    give_part(&mut model, id, without_open.collect(), false);
    let failure = test_failure(FailureKind::Throttled);
    let effects = give_answer(&mut model, id, Answer::Elsewhere { read: Err(failure), is_last: true });
    serve(&mut model, effects);
    let names: Vec<String> = shown(&model).iter().map(|one| one.name.to_string()).collect();
    assert_eq!(names, ["closed", "lost"], "nothing tells of the other any more");
    assert_eq!(model.repository.why_incomplete(), None);
}

#[test]
fn what_a_registry_opens_that_is_no_longer_there_counts_no_more() {
    let mut model = whole();
    let around = |model: &Model| model.repository.overview().unwrap().around().open_findings().count();
    assert!(around(&model) > 0);
    let effects = type_text(&mut model, "r");
    let id = serve(&mut model, effects).unwrap();
    give_part(&mut model, id, events().into_iter().take(4).collect(), true);
    assert_eq!(around(&model), 0);
    let drawn = draw_snapshot(&mut model, 120, 40);
    assert!(!drawn.contains("333333333333"), "{drawn}");
}

#[test]
fn the_name_of_a_file_is_made_visible_while_it_is_read() {
    let (mut model, effects) = begin(ReviewOrigin::Files(vec!["odd\u{1b}]0;x\u{202e}.jsonl".into()]));
    serve(&mut model, effects).unwrap();
    model.now += 10_000;
    let drawn = draw_snapshot(&mut model, 120, 40);
    assert!(drawn.contains("reading odd") && !drawn.contains(['\u{1b}', '\u{202e}']), "{drawn}");
}

#[test]
fn an_account_of_which_a_file_tells_no_repository_is_known_by_nobody() {
    let known = std::sync::Arc::new(crate::review::KnownParties::default());
    let (mut model, effects) = begin(files());
    model.settings.known = Some(known);
    let id = serve(&mut model, effects).unwrap();
    let vendor =
        RegistryFacts::of_policy(test_account("111111111111"), test_region("eu-west-2"), RegistryPolicy::Absent);
    let own = RegistryFacts::of_policy(test_account("222222222222"), test_region("eu-west-2"), RegistryPolicy::Absent);
    let policy = PolicyInput::of_object(serde_json::from_str(VENDOR_POLICY).unwrap());
    let one = ReadEvent::Repository(reference("222222222222", "vendorapp"), Ok(policy));
    give_part(&mut model, id, vec![ReadEvent::Registry(vendor), ReadEvent::Registry(own), one], false);
    give_part(&mut model, id, Vec::new(), true);
    let entry = model.repository.rows().get(0).unwrap().entry.clone().unwrap();
    assert!(entry.findings().any(|finding| finding.name == "unknown-account"), "as the command tells it");
}

#[test]
fn a_repository_that_comes_twice_is_counted_once() {
    let (mut model, effects) = begin(files());
    let id = serve(&mut model, effects).unwrap();
    let twice = events().into_iter().chain(events().into_iter().filter(|one| matches!(one, ReadEvent::Repository(..))));
    give_part(&mut model, id, twice.collect(), true);
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    let drawn = draw_snapshot(&mut model, 120, 40);
    assert!(drawn.contains("  2 repositories ") && drawn.contains("3 repositories · worst"), "{drawn}");
}
