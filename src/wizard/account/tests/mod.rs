//! The step Account from the sources to the sign-in.

mod address;

use super::*;
use crate::plan::RepositorySelector;
use crate::wizard::event::Verified;
use crate::wizard::testing::{
    fresh_model, give_answer, paste_text, tap_key, test_account, test_failure, test_identity, test_region,
    test_repository, test_signed, test_source, type_text,
};
use crate::wizard::{Code, Prefill, RequestId, Size, start};

/// `platform` (SSO), `legacy` (keys, no account told) and `vendor-eu` (SSO, another account).
pub fn sources() -> Vec<Source> {
    let mut legacy = test_source("legacy");
    legacy.kind = SignInKind::Keys;
    legacy.account = None;
    legacy.role = None;
    legacy.region = None;
    legacy.sso_session = None;
    legacy.login = None;
    let mut vendor = test_source("vendor-eu");
    vendor.account = Some(test_account("111111111111"));
    vendor.role = Some("ReadOnly".to_owned());
    vec![test_source("platform"), legacy, vendor]
}

fn loaded_with(prefill: Prefill) -> (Model, Vec<Effect>) {
    let mut model = fresh_model();
    model.prefill = prefill;
    let effects = start(&mut model);
    let [Effect::LoadSources(id)] = effects.as_slice() else { panic!("{effects:?}") };
    let effects = give_answer(&mut model, *id, Answer::Sources(Ok(sources())));
    (model, effects)
}

fn loaded_model() -> Model {
    loaded_with(Prefill::default()).0
}

fn profile(name: &str) -> SourceId {
    SourceId::Profile(name.to_owned())
}

fn verify_id(effects: &[Effect]) -> RequestId {
    let found = effects.iter().find_map(|e| if let Effect::Verify { id, .. } = e { Some(*id) } else { None });
    found.unwrap_or_else(|| panic!("nothing is verified: {effects:?}"))
}

fn verified_as(account_id: &str) -> Answer {
    let mut identity = test_identity();
    identity.account = test_account(account_id);
    Answer::Verified(Ok(Verified { identity, region: test_region("eu-west-2"), endpoint: None, ignored: Vec::new() }))
}

fn chosen_name(model: &Model) -> String {
    model.account.chosen_source().map(|s| s.id.to_string()).unwrap_or_default()
}

#[test]
fn the_sources_are_asked_for_once() {
    let mut model = fresh_model();
    assert_eq!(start(&mut model).len(), 1);
    assert!(enter_step(&mut model).is_empty(), "while they are being read");
    let mut model = loaded_model();
    assert!(enter_step(&mut model).is_empty(), "when they are there");
    assert_eq!(model.account.rows.len(), 3);
}

#[test]
fn enter_asks_who_it_is_and_only_a_second_enter_goes_on() {
    let mut model = loaded_model();
    let asked = tap_key(&mut model, Code::Enter);
    assert!(
        matches!(&asked[..], [Effect::Verify { source, region: Some(r), .. }] if *source == profile("platform") && *r == test_region("eu-west-2")),
        "{asked:?}"
    );
    assert!(tap_key(&mut model, Code::Enter).is_empty(), "while it is being asked");
    let effects = give_answer(&mut model, verify_id(&asked), verified_as("222222222222"));
    assert_eq!(effects, [Effect::NoteSignIn(profile("platform"))]);
    assert_eq!((model.step, &model.signed), (Step::Account, &None));
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Repository);
    assert_eq!(model.signed, Some(test_signed()));
}

/// A row that cannot be used.
fn unusable(id: SourceId) -> Source {
    Source { problem: Some(test_failure(FailureKind::Setup)), ..Source::new(id, SignInKind::Unusable) }
}

#[test]
fn a_row_that_cannot_be_used_tells_its_problem_and_only_reads_the_files_again() {
    for id in [profile("platform"), SourceId::File("~/.aws/config, line 3".to_owned())] {
        for key in [Code::Enter, Code::Char('r')] {
            let mut model = fresh_model();
            let effects = start(&mut model);
            let [Effect::LoadSources(first)] = effects.as_slice() else { panic!("{effects:?}") };
            give_answer(&mut model, *first, Answer::Sources(Ok(vec![unusable(id.clone()), test_source("other")])));
            assert_eq!(model.account.attempt_of(&id).last_failure(), Some(&test_failure(FailureKind::Setup)));
            // It stands below those that work.
            assert_eq!(chosen_name(&model), "other");
            tap_key(&mut model, Code::End);
            assert!(why_off(&model, Action::Region).is_some() && why_off(&model, Action::SignIn).is_some());
            let again = tap_key(&mut model, key);
            let [Effect::LoadSources(second)] = again.as_slice() else { panic!("{again:?}") };
            give_answer(&mut model, *second, Answer::Sources(Ok(vec![test_source("platform"), test_source("other")])));
            assert_eq!(*model.account.attempt_of(&id), Remote::NotAsked, "what was told of the old files is gone");
        }
    }
}

#[test]
fn escape_stops_a_verification_and_its_late_answer_changes_nothing() {
    let mut model = loaded_model();
    let asked = tap_key(&mut model, Code::Enter);
    let id = verify_id(&asked);
    assert_eq!(tap_key(&mut model, Code::Esc), [Effect::Cancel(id)]);
    give_answer(&mut model, id, verified_as("222222222222"));
    assert_eq!(*model.account.attempt_of(&profile("platform")), Remote::NotAsked);
    assert!(model.waiting_since().is_none());
}

#[test]
fn asking_another_source_stops_the_first() {
    let mut model = loaded_model();
    let first = verify_id(&tap_key(&mut model, Code::Enter));
    tap_key(&mut model, Code::Down);
    let effects = tap_key(&mut model, Code::Enter);
    assert_eq!(effects.first(), Some(&Effect::Cancel(first)));
    assert!(
        matches!(effects.last(), Some(Effect::Verify { source, region: None, .. }) if *source == profile("legacy"))
    );
}

#[test]
fn a_failure_stays_at_its_row_and_r_tries_again() {
    let mut model = loaded_model();
    assert!(model.why_off(Action::Retry).is_some());
    let id = verify_id(&tap_key(&mut model, Code::Enter));
    give_answer(&mut model, id, Answer::Verified(Err(test_failure(FailureKind::Offline))));
    assert!(model.account.attempt_of(&profile("platform")).last_failure().is_some());
    assert!(model.why_off(Action::Retry).is_none());
    assert!(verify_id(&type_text(&mut model, "r")) > id);
    tap_key(&mut model, Code::Down);
    assert!(model.why_off(Action::Retry).is_some(), "another row did not fail");
}

#[test]
fn l_logs_in_where_it_can_and_says_why_not_elsewhere() {
    let mut model = loaded_model();
    assert!(model.why_off(Action::SignIn).unwrap().contains("AWS CLI is not installed"));
    model.settings.has_aws_cli = true;
    let effects = type_text(&mut model, "l");
    let [Effect::SignIn { id, login }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(login.shell_command(false), "aws sso login --profile=platform");
    let effects = give_answer(&mut model, *id, Answer::SignedIn(Ok(())));
    verify_id(&effects);
    tap_key(&mut model, Code::Down);
    assert!(model.why_off(Action::SignIn).unwrap().contains("access keys"));
    assert!(type_text(&mut model, "l").is_empty());
    model.settings.demo = true;
    assert!(model.why_off(Action::SignIn).unwrap().contains("demo"));
}

#[test]
fn one_login_serves_the_other_profiles_of_its_session() {
    let mut model = loaded_model();
    model.settings.has_aws_cli = true;
    for name in ["platform", "vendor-eu"] {
        model.account.choose_source(&profile(name), 10);
        let id = verify_id(&tap_key(&mut model, Code::Enter));
        give_answer(&mut model, id, Answer::Verified(Err(test_failure(FailureKind::SignInExpired))));
    }
    model.account.choose_source(&profile("platform"), 10);
    let effects = type_text(&mut model, "l");
    let Some(Effect::SignIn { id, .. }) = effects.first() else { panic!("{effects:?}") };
    give_answer(&mut model, *id, Answer::SignedIn(Ok(())));
    assert_eq!(*model.account.attempt_of(&profile("vendor-eu")), Remote::NotAsked);
}

#[test]
fn a_login_that_fails_is_shown_at_its_row() {
    let mut model = loaded_model();
    model.settings.has_aws_cli = true;
    let effects = type_text(&mut model, "l");
    let Some(Effect::SignIn { id, .. }) = effects.first() else { panic!("{effects:?}") };
    assert!(give_answer(&mut model, *id, Answer::SignedIn(Err(test_failure(FailureKind::SignInExpired)))).is_empty());
    assert!(model.account.attempt_of(&profile("platform")).last_failure().is_some());
}

#[test]
fn the_filter_looks_at_name_account_role_and_region() {
    for (query, found) in [("vend", "vendor-eu"), ("1111", "vendor-eu"), ("readon", "vendor-eu"), ("lega", "legacy")] {
        let mut model = loaded_model();
        type_text(&mut model, "/");
        type_text(&mut model, query);
        assert_eq!(chosen_name(&model), found, "{query}");
        let columns = model.account.row_columns(model.account.chosen_source().unwrap());
        assert_eq!(model.account.match_marks(&columns).iter().map(Vec::len).sum::<usize>(), query.len());
        tap_key(&mut model, Code::Enter);
        assert!(model.account.filter.is_narrowing() && !model.account.filter.open);
        tap_key(&mut model, Code::Esc);
        assert_eq!((chosen_name(&model).as_str(), model.account.rows.len()), (found, 3));
    }
}

#[test]
fn letters_are_text_in_the_filter() {
    let mut model = loaded_model();
    type_text(&mut model, "/qRrl?");
    assert_eq!(model.account.filter.query_text(), "qRrl?");
    assert!(model.overlay.is_none() && model.account.regions.is_none());
}

#[test]
fn the_region_is_changed_in_place_and_the_identity_stays() {
    let mut model = loaded_model();
    let id = verify_id(&tap_key(&mut model, Code::Enter));
    give_answer(&mut model, id, verified_as("222222222222"));
    type_text(&mut model, "R");
    assert_eq!(model.key_scopes(), [KeyScope::Regions, KeyScope::Global]);
    type_text(&mut model, "us-east-1");
    assert!(tap_key(&mut model, Code::Enter).is_empty());
    assert!(model.account.regions.is_none());
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.signed.as_ref().map(|s| s.region.clone()), Some(test_region("us-east-1")));
}

#[test]
fn choosing_a_region_after_a_failure_asks_again_there() {
    let mut model = loaded_model();
    tap_key(&mut model, Code::Down);
    let id = verify_id(&tap_key(&mut model, Code::Enter));
    give_answer(&mut model, id, Answer::Verified(Err(test_failure(FailureKind::NoRegion))));
    type_text(&mut model, "R");
    type_text(&mut model, "euc1");
    let effects = tap_key(&mut model, Code::Enter);
    assert!(
        matches!(&effects[..], [Effect::Verify { source, region: Some(r), .. }] if *source == profile("legacy") && *r == test_region("eu-central-1")),
        "{effects:?}"
    );
}

#[test]
fn a_profile_given_by_a_flag_is_asked_at_once_and_is_the_answer() {
    let prefill =
        Prefill { source: Some(profile("vendor-eu")), region: Some(test_region("eu-west-1")), ..Prefill::default() };
    let (mut model, effects) = loaded_with(prefill);
    assert!(
        matches!(&effects[..], [Effect::Verify { region: Some(r), .. }] if *r == test_region("eu-west-1")),
        "{effects:?}"
    );
    assert_eq!(chosen_name(&model), "vendor-eu");
    give_answer(&mut model, verify_id(&effects), verified_as("111111111111"));
    assert_eq!(model.step, Step::Repository);
    assert_eq!(model.signed.as_ref().map(|signed| signed.region.clone()), Some(test_region("eu-west-1")));
}

#[test]
fn with_a_repository_given_too_it_goes_on_by_itself() {
    let prefill = Prefill {
        source: Some(profile("platform")),
        names: vec![RepositorySelector::parse("vendorapp").unwrap()],
        ..Prefill::default()
    };
    let (mut model, effects) = loaded_with(prefill.clone());
    give_answer(&mut model, verify_id(&effects), verified_as("222222222222"));
    assert_eq!(model.step, Step::Repository);

    let (mut model, effects) = loaded_with(prefill.clone());
    give_answer(&mut model, verify_id(&effects), Answer::Verified(Err(test_failure(FailureKind::Offline))));
    assert_eq!(model.step, Step::Account);
    let again = type_text(&mut model, "r");
    give_answer(&mut model, verify_id(&again), verified_as("222222222222"));
    assert_eq!(model.step, Step::Repository, "once it is mended");

    let (mut model, effects) = loaded_with(prefill);
    tap_key(&mut model, Code::Esc);
    give_answer(&mut model, verify_id(&effects), verified_as("222222222222"));
    assert_eq!(model.step, Step::Account, "Esc stopped it");
}

#[test]
fn an_unknown_profile_is_named() {
    let (model, effects) = loaded_with(Prefill { source: Some(profile("nope")), ..Prefill::default() });
    assert!(effects.is_empty());
    assert!(model.notice.unwrap().text.contains("no profile `nope`"));
}

#[test]
fn a_pasted_word_filters() {
    let mut model = loaded_model();
    paste_text(&mut model, "vendor\nrm");
    assert_eq!(model.account.filter.query_text(), "vendor");
    assert_eq!(chosen_name(&model), "vendor-eu");
}

#[test]
fn sources_that_cannot_be_read_can_be_read_again() {
    let mut model = fresh_model();
    let Some(Effect::LoadSources(id)) = start(&mut model).pop() else { panic!() };
    give_answer(&mut model, id, Answer::Sources(Err(test_failure(FailureKind::File))));
    assert!(model.account.sources.last_failure().is_some());
    let effects = type_text(&mut model, "r");
    assert!(matches!(&effects[..], [Effect::LoadSources(_)]), "{effects:?}");
}

#[test]
fn the_list_has_rows_at_every_size_that_is_drawn() {
    for columns in 40..140 {
        for rows in 10..60 {
            let size = Size { columns, rows };
            let Shape { head, list, below, rule } = body_shape(size);
            assert!(list >= 2, "{size:?}");
            assert_eq!(head + list + below + u16::from(rule), crate::wizard::layout::body_rows(size), "{size:?}");
        }
    }
}

#[test]
fn a_filter_that_matches_nothing_cannot_be_kept() {
    let mut model = loaded_model();
    let all = model.account.rows.len();
    type_text(&mut model, "/zzz");
    assert!(model.account.rows.is_empty() && model.why_off(Action::FilterDone).is_some());
    tap_key(&mut model, Code::Enter);
    assert!(model.account.filter.open, "the line stays open for another try");
    tap_key(&mut model, Code::Esc);
    assert_eq!((model.account.rows.len(), model.account.filter.open), (all, false));
}

#[test]
fn an_account_that_turns_out_to_be_anothers_when_asked_again_has_to_be_chosen_again() {
    let mut model = loaded_model();
    let effects = tap_key(&mut model, Code::Enter);
    give_answer(&mut model, verify_id(&effects), verified_as("222222222222"));
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Repository);
    assert!(model.signed.is_some());
    let source = model.signed.as_ref().map(|signed| signed.source.id.clone()).unwrap();
    // The same one goes on; another one does not.
    for (account_id, stays) in [("222222222222", true), ("333333333333", false)] {
        let effects = verify(&mut model, source.clone());
        give_answer(&mut model, verify_id(&effects), verified_as(account_id));
        assert_eq!(model.signed.is_some(), stays, "{account_id}");
    }
    assert_eq!(model.step, Step::Account);
    let said = model.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
    assert!(said.contains("in account 333333333333, no longer as"), "{said}");
}

#[test]
fn what_signed_in_lately_stands_first_among_what_can_be_used() {
    let mut model = fresh_model();
    let gone = profile("removed since");
    model.account.set_recent(vec![
        (profile("vendor-eu"), 30),
        (gone, 25),
        (profile("broken"), 40),
        (profile("legacy"), 50),
    ]);
    let Some(Effect::LoadSources(id)) = start(&mut model).pop() else { panic!() };
    let mut all = sources();
    all.insert(0, unusable(profile("broken")));
    all.insert(0, test_source("another"));
    give_answer(&mut model, id, Answer::Sources(Ok(all)));
    let order = |model: &Model| -> Vec<String> {
        let step = &model.account;
        (0..step.rows.len()).map(|row| step.source_at(row).unwrap().id.to_string()).collect()
    };
    let expected = ["vendor-eu", "legacy", "another", "platform", "broken"];
    assert_eq!(order(&model), expected);
    assert_eq!(chosen_name(&model), "vendor-eu");
    // A sign-in of this session moves no row under the eyes, and a failed one keeps nothing.
    tap_key(&mut model, Code::End);
    tap_key(&mut model, Code::Up);
    let id = verify_id(&tap_key(&mut model, Code::Enter));
    let effects = give_answer(&mut model, id, verified_as("222222222222"));
    assert_eq!(effects, [Effect::NoteSignIn(profile("platform"))]);
    assert_eq!(order(&model), expected);
    tap_key(&mut model, Code::Home);
    let id = verify_id(&tap_key(&mut model, Code::Enter));
    assert_eq!(give_answer(&mut model, id, Answer::Verified(Err(test_failure(FailureKind::Offline)))), []);
    assert_eq!(order(&model), expected);
}
