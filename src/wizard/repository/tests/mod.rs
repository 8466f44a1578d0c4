mod address;
mod filter;
mod known;
mod orders;
mod rows;
mod stale;

use super::reads::{AT_ONCE, PullAccess};
use super::*;
use crate::ecr::{Failure, FailureKind, SourceId};
use crate::policy::access::Class;
use crate::wizard::RequestId;
use crate::wizard::layout::Shape;
use crate::wizard::testing::{
    PUBLIC_POLICY, VENDOR_POLICY, fresh_model, give_answer, paste_text, signed_model, tap_key, test_account,
    test_failure, test_reference, test_region, test_repository, test_signed, test_source, type_text,
};
use crate::wizard::{Answer, Code, Event, Size, go, update};

/// At Repository, the list asked for and nothing answered yet.
fn asked_model() -> (Model, RequestId) {
    let mut model = fresh_model();
    model.signed = Some(test_signed());
    let id = list_id(&go(&mut model, Step::Repository));
    (model, id)
}

fn list_id(effects: &[Effect]) -> RequestId {
    let found = effects.iter().find_map(|e| if let Effect::ListRepositories { id, .. } = e { Some(*id) } else { None });
    found.unwrap_or_else(|| panic!("nothing is listed: {effects:?}"))
}

fn reads(effects: &[Effect]) -> Vec<(RequestId, String)> {
    effects
        .iter()
        .filter_map(|e| match e {
            Effect::ReadPolicy { id, repository, .. } => Some((*id, repository.name.to_string())),
            _ => None,
        })
        .collect()
}

fn describes(effects: &[Effect]) -> Vec<(RequestId, String)> {
    effects
        .iter()
        .filter_map(|e| match e {
            Effect::Describe { id, name, .. } => Some((*id, name.to_string())),
            _ => None,
        })
        .collect()
}

fn page_of(names: &[&str], last: bool) -> Answer {
    Answer::Page { repositories: names.iter().map(|name| test_repository(name)).collect(), last }
}

fn many(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("team-{:02}/service-{n:05}", n % 40)).collect()
}

/// At Repository with so many listed, and what was asked for then.
fn model_with(count: usize) -> (Model, Vec<Effect>) {
    let (mut model, id) = asked_model();
    let names = many(count);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let effects = give_answer(&mut model, id, page_of(&names, true));
    (model, effects)
}

fn shown(model: &Model) -> Vec<String> {
    let rows = &model.repository.rows;
    (0..rows.shown_indexes().len())
        .filter_map(|at| rows.row_at(at))
        .map(|row| row.repository.name().to_string())
        .collect()
}

fn chosen_name(model: &Model) -> String {
    model.repository.chosen_row().map(|row| row.repository.name().to_string()).unwrap_or_default()
}

fn policy(name: &str, text: Option<&str>) -> Answer {
    Answer::Policy(test_reference(name), Ok(text.map(str::to_owned)))
}

/// Answers every read, and those that follow, until nothing is asked any more; in the order of asking.
fn answer_all(
    model: &mut Model,
    effects: &[Effect],
    text: impl Fn(&str) -> Result<Option<String>, Failure>,
) -> Vec<String> {
    let mut waiting: std::collections::VecDeque<_> = reads(effects).into();
    let mut asked = Vec::new();
    while let Some((id, name)) = waiting.pop_front() {
        let result = text(&name);
        let next = give_answer(model, id, Answer::Policy(test_reference(&name), result));
        asked.push(name);
        waiting.extend(reads(&next));
        assert!(waiting.len() <= AT_ONCE);
    }
    asked
}

#[test]
fn the_list_of_the_same_context_is_not_asked_for_twice() {
    let mut model = signed_model();
    go(&mut model, Step::Actions);
    let effects = go(&mut model, Step::Repository);
    assert!(!effects.iter().any(|e| matches!(e, Effect::ListRepositories { .. })), "{effects:?}");
    let other = Signed { source: test_source("platform-ro"), ..test_signed() };
    model.signed = Some(other);
    let effects = go(&mut model, Step::Repository);
    assert!(
        matches!(effects.iter().find(|e| matches!(e, Effect::ListRepositories { .. })), Some(Effect::ListRepositories { context, owner, .. })
            if context.source == SourceId::Profile("platform-ro".to_owned()) && *owner == test_account("222222222222")),
        "{effects:?}"
    );
}

#[test]
fn pages_stream_in_and_the_same_repository_stays_chosen() {
    let (mut model, id) = asked_model();
    give_answer(&mut model, id, page_of(&["mm", "pp"], false));
    assert_eq!(chosen_name(&model), "mm");
    give_answer(&mut model, id, page_of(&["bb"], false));
    assert_eq!(chosen_name(&model), "bb", "nobody has moved: the list stays at its top");
    tap_key(&mut model, Code::Down);
    tap_key(&mut model, Code::Down);
    assert_eq!(chosen_name(&model), "pp");
    give_answer(&mut model, id, page_of(&["aa", "nn", "zz"], true));
    assert_eq!(chosen_name(&model), "pp");
    assert_eq!(shown(&model), ["aa", "bb", "mm", "nn", "pp", "zz"]);
    assert_eq!(model.repository.listing, ListingState::Complete);
}

#[test]
fn a_page_of_another_listing_is_dropped() {
    let (mut model, id) = asked_model();
    type_text(&mut model, "R");
    type_text(&mut model, "us-east-1");
    let effects = tap_key(&mut model, Code::Enter);
    assert!(effects.contains(&Effect::Cancel(id)), "{effects:?}");
    give_answer(&mut model, id, page_of(&["late"], true));
    assert!(model.repository.rows.is_empty());
    assert_eq!(model.signed.as_ref().map(|s| s.region.clone()), Some(test_region("us-east-1")));
}

#[test]
fn at_most_six_policies_are_read_at_once_and_the_visible_ones_first() {
    let (mut model, effects) = model_with(300);
    let first = reads(&effects);
    assert_eq!(first.len(), AT_ONCE);
    let visible: Vec<String> = shown(&model).into_iter().take(list_height(&model)).collect();
    assert_eq!(first.iter().map(|(_, name)| name.clone()).collect::<Vec<_>>(), visible[..AT_ONCE]);
    // Going to the end makes the end visible: it comes next.
    assert!(tap_key(&mut model, Code::End).is_empty(), "six are under way");
    let next = give_answer(&mut model, first[0].0, policy(&first[0].1, None));
    let last_page = shown(&model).split_off(300 - list_height(&model));
    assert!(last_page.contains(&reads(&next)[0].1), "{next:?}");
}

#[test]
fn all_are_read_once_and_no_more_than_two_thousand_ahead() {
    let (mut model, effects) = model_with(40);
    let asked = answer_all(&mut model, &effects, |_| Ok(None));
    let distinct: std::collections::BTreeSet<_> = asked.iter().collect();
    assert_eq!((asked.len(), distinct.len()), (40, 40));
    assert_eq!(model.repository.reads.read_progress(40), None);
    let (mut model, effects) = model_with(2300);
    assert_eq!(answer_all(&mut model, &effects, |_| Ok(None)).len(), reads::READ_AHEAD);
    let effects = tap_key(&mut model, Code::End);
    assert!(!reads(&effects).is_empty(), "what is looked at is read all the same");
}

#[test]
fn the_column_says_who_can_pull() {
    let mut model = signed_model();
    let effects = type_text(&mut model, "r");
    let id = list_id(&effects);
    let effects = give_answer(&mut model, id, page_of(&["private", "public", "unreadable", "vendor", "denied"], true));
    let denied = test_failure(FailureKind::AccessDenied);
    answer_all(&mut model, &effects, |name| match name {
        "vendor" => Ok(Some(VENDOR_POLICY.to_owned())),
        "public" => Ok(Some(PUBLIC_POLICY.to_owned())),
        "unreadable" => Ok(Some("{ no".to_owned())),
        "denied" => Err(denied.clone()),
        _ => Ok(None),
    });
    let access = |name: &str| {
        let rows = &model.repository.rows;
        rows.find_row(&test_repository(name).reference)
            .and_then(|at| rows.get(at))
            .map(|row| row.access.clone())
            .unwrap()
    };
    assert_eq!(access("private"), PullAccess::NoPolicy);
    assert_eq!(access("unreadable"), PullAccess::Unreadable);
    assert_eq!(access("denied").in_words(), "not allowed to read");
    let PullAccess::Known { words, class, grantees, .. } = access("vendor") else { panic!() };
    assert_eq!((class, grantees.len()), (Class::CrossAccount, 1));
    assert!(words.contains("111111111111") && grantees[0].contains("111111111111"), "{words} {grantees:?}");
    assert!(matches!(access("public"), PullAccess::Known { class: Class::Public, .. }));
}

#[test]
fn denials_alone_stop_the_reading_and_are_said_once() {
    let (mut model, effects) = model_with(100);
    let asked = answer_all(&mut model, &effects, |_| Err(test_failure(FailureKind::AccessDenied)));
    assert!(asked.len() <= 3 + AT_ONCE, "{asked:?}");
    assert!(model.notice.take().unwrap().text.contains("may not read policies"));
    assert!(model.repository.reads.why_stopped().is_some());
    assert!(tap_key(&mut model, Code::End).is_empty());
    assert!(model.notice.is_none());
    let effects = type_text(&mut model, "r");
    assert!(model.repository.reads.why_stopped().is_none(), "{effects:?}");
}

#[test]
fn one_answer_among_denials_keeps_the_reading_going() {
    let (mut model, effects) = model_with(60);
    let first = shown(&model)[0].clone();
    let asked = answer_all(&mut model, &effects, |name| {
        if name == first { Ok(None) } else { Err(test_failure(FailureKind::AccessDenied)) }
    });
    assert_eq!(asked.len(), 60);
}

#[test]
fn without_a_network_the_reading_rests() {
    let (mut model, effects) = model_with(100);
    let asked = answer_all(&mut model, &effects, |_| Err(test_failure(FailureKind::Offline)));
    assert!(asked.len() <= 6 + AT_ONCE, "{}", asked.len());
    assert!(model.notice.unwrap().text.contains("r tries again"));
}

#[test]
fn sorting_goes_to_the_first_row_of_the_new_order() {
    let (mut model, id) = asked_model();
    let mut all: Vec<Repository> = ["aa", "bb", "cc"].map(test_repository).into();
    all[2].created = Some(1_800_000_000);
    let effects = give_answer(&mut model, id, Answer::Page { repositories: all, last: true });
    answer_all(&mut model, &effects, |name| Ok((name == "bb").then(|| PUBLIC_POLICY.to_owned())));
    tap_key(&mut model, Code::Down);
    type_text(&mut model, "s");
    assert_eq!((shown(&model), chosen_name(&model).as_str()), (vec!["cc".into(), "aa".into(), "bb".into()], "cc"));
    tap_key(&mut model, Code::Down);
    type_text(&mut model, "s");
    assert_eq!((shown(&model)[0].as_str(), chosen_name(&model).as_str()), ("bb", "bb"));
    type_text(&mut model, "s");
    assert_eq!((shown(&model), chosen_name(&model).as_str()), (vec!["aa".into(), "bb".into(), "cc".into()], "aa"));
}

#[test]
fn sorted_by_access_the_rows_wait_until_all_is_known() {
    let (mut model, effects) = model_with(20);
    let last = shown(&model)[19].clone();
    type_text(&mut model, "ss");
    let before = shown(&model);
    let first = reads(&effects);
    give_answer(&mut model, first[0].0, policy(&first[0].1, None));
    assert_eq!(shown(&model), before);
    // Begin again, because one answer is used up.
    let effects = type_text(&mut model, "r");
    let id = list_id(&effects);
    let names = many(20);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let more = give_answer(&mut model, id, page_of(&names, true));
    answer_all(&mut model, &[effects, more].concat(), |name| Ok((name == last).then(|| PUBLIC_POLICY.to_owned())));
    assert_eq!(shown(&model)[0], last);
}

#[test]
fn enter_goes_on_with_the_chosen_one_or_with_the_marked_ones() {
    let mut model = signed_model();
    tap_key(&mut model, Code::End);
    tap_key(&mut model, Code::Enter);
    assert_eq!((model.step, &model.chosen), (Step::Actions, &vec![test_repository("vendorapp")]));
    let mut model = signed_model();
    type_text(&mut model, " ");
    tap_key(&mut model, Code::End);
    type_text(&mut model, " ");
    tap_key(&mut model, Code::Up);
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.chosen, [test_repository("data/feature-store"), test_repository("vendorapp")]);
}

#[test]
fn a_refresh_keeps_the_marks() {
    let mut model = signed_model();
    type_text(&mut model, "a");
    assert_eq!(model.repository.rows.count_marked(), 3);
    let effects = type_text(&mut model, "r");
    assert_eq!(model.repository.rows.len(), 3, "what is known stays");
    give_answer(&mut model, list_id(&effects), page_of(&["vendorapp", "new"], true));
    assert_eq!((shown(&model), model.repository.rows.count_marked()), (vec!["new".into(), "vendorapp".into()], 1));
}

#[test]
fn a_listing_that_fails_after_some_pages_keeps_them_and_r_tries_again() {
    let (mut model, id) = asked_model();
    give_answer(&mut model, id, page_of(&["aa", "bb"], false));
    give_answer(&mut model, id, Answer::ListingFailed(test_failure(FailureKind::Throttled)));
    assert_eq!(shown(&model), ["aa", "bb"]);
    assert!(shown_trouble(&model).is_some() && model.waiting_since().is_none());
    list_id(&type_text(&mut model, "r"));
    assert!(shown_trouble(&model).is_none());
}

#[test]
fn a_sign_in_that_has_run_out_is_mended_on_account_and_the_list_is_asked_for_again() {
    let (mut model, id) = asked_model();
    give_answer(&mut model, id, Answer::ListingFailed(test_failure(FailureKind::SignInExpired)));
    assert!(model.account.attempt_of(&test_signed().source.id).last_failure().is_some());
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Account);
    list_id(&go(&mut model, Step::Repository));
}

#[test]
fn names_and_patterns_given_by_flags_are_marked_as_they_arrive() {
    let mut model = fresh_model();
    model.signed = Some(test_signed());
    model.prefill.names =
        vec![RepositorySelector::parse("vendorapp").unwrap(), RepositorySelector::parse("team/*").unwrap()];
    let effects = go(&mut model, Step::Repository);
    assert_eq!(describes(&effects).len(), 1);
    let id = list_id(&effects);
    give_answer(&mut model, id, page_of(&["team/aa", "other"], false));
    give_answer(&mut model, id, page_of(&["team/bb", "vendorapp"], true));
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.chosen, ["team/aa", "team/bb", "vendorapp"].map(test_repository));
}

#[test]
fn a_single_name_is_chosen_and_not_marked_even_before_the_list_is_there() {
    let mut model = fresh_model();
    model.signed = Some(test_signed());
    model.prefill.names = vec![RepositorySelector::parse("vendorapp").unwrap()];
    let effects = go(&mut model, Step::Repository);
    give_answer(&mut model, describes(&effects)[0].0, Answer::Described(Ok(test_repository("vendorapp"))));
    assert_eq!((chosen_name(&model).as_str(), model.repository.rows.count_marked()), ("vendorapp", 0));
    give_answer(&mut model, list_id(&effects), page_of(&["aa", "vendorapp", "zz"], true));
    assert_eq!((chosen_name(&model).as_str(), shown(&model).len()), ("vendorapp", 3));
}

#[test]
fn a_pattern_that_matches_nothing_is_said() {
    let mut model = fresh_model();
    model.signed = Some(test_signed());
    model.prefill.names = vec![RepositorySelector::parse("nope/*").unwrap()];
    let id = list_id(&go(&mut model, Step::Repository));
    give_answer(&mut model, id, page_of(&["aa"], true));
    assert!(model.notice.unwrap().text.contains("nope/*"));
}

#[test]
fn v_opens_the_review_and_its_answer_is_learnt() {
    let mut model = signed_model();
    tap_key(&mut model, Code::End);
    let effects = type_text(&mut model, "v");
    let (id, name) = reads(&effects).pop().unwrap();
    assert_eq!(name, "vendorapp");
    assert_eq!(model.key_scopes().first(), Some(&KeyScope::Review));
    give_answer(&mut model, id, policy("vendorapp", Some(VENDOR_POLICY)));
    assert!(matches!(&model.repository.chosen_row().unwrap().access, PullAccess::Known { .. }));
    tap_key(&mut model, Code::Esc);
    assert!(model.repository.review.is_none() && model.step == Step::Repository);
}

#[test]
fn the_policies_of_chosen_repositories_are_read_again_when_one_comes_back() {
    let (mut model, id) = asked_model();
    let effects = give_answer(&mut model, id, page_of(&["vendorapp"], true));
    answer_all(&mut model, &effects, |_| Ok(None));
    tap_key(&mut model, Code::Enter);
    let effects = go(&mut model, Step::Repository);
    assert_eq!(reads(&effects).len(), 1);
}

#[test]
fn reading_rests_while_something_is_saved() {
    let (mut model, effects) = model_with(60);
    model.step = Step::Save;
    let (id, name) = reads(&effects)[0].clone();
    assert!(give_answer(&mut model, id, policy(&name, None)).is_empty());
}

#[test]
fn the_region_list_holds_the_partition_and_the_same_region_changes_nothing() {
    let mut model = signed_model();
    type_text(&mut model, "R");
    let picker = model.repository.regions.as_ref().unwrap();
    assert_eq!(picker.partition.map(crate::ecr::Partition::as_str), Some("aws"));
    assert!(tap_key(&mut model, Code::Enter).iter().all(|e| matches!(e, Effect::ReadPolicy { .. })));
    assert_eq!(shown(&model).len(), 3);
}

#[test]
fn the_rows_of_the_screen_add_up_at_every_size() {
    let (mut model, id) = asked_model();
    for failed in [false, true] {
        if failed {
            give_answer(&mut model, id, Answer::ListingFailed(test_failure(FailureKind::Offline)));
        }
        for columns in [40, 80, 110, 120] {
            for rows in 10..60 {
                model.size = Size { columns, rows };
                let Shape { head, list, below, rule } = body_shape(&model);
                assert!(list >= 1, "{columns}x{rows}");
                assert_eq!(head + list + below + u16::from(rule), layout::body_rows(model.size), "{columns}x{rows}");
            }
        }
    }
}

#[test]
fn a_larger_window_reads_what_it_shows() {
    let (mut model, effects) = model_with(200);
    assert_eq!(reads(&effects).len(), AT_ONCE);
    answer_all(&mut model, &effects, |_| Ok(None));
    update(&mut model, Event::Resized(Size { columns: 80, rows: 60 }));
    let rows = &model.repository.rows;
    assert!((0..50).filter_map(|at| rows.row_at(at)).all(|row| row.access == PullAccess::NoPolicy));
}

#[test]
fn what_has_ended_by_now_is_no_access_in_the_list() {
    let ending = VENDOR_POLICY.replacen(
        "\"Effect\"",
        "\"Condition\": {\"DateLessThan\": {\"aws:CurrentTime\": \"2026-01-01T00:00:00Z\"}}, \"Effect\"",
        1,
    );
    let end = 1_767_225_600;
    let at = |now| {
        let reference = crate::wizard::testing::test_reference("vendorapp");
        PullAccess::of_policy(Some(&ending), &reference, &crate::policy::RegistryPolicy::NotAsked, now)
    };
    let PullAccess::Known { column, class, .. } = at(end - 1) else { panic!() };
    let until = "111111111111 until 2026-01-01";
    assert_eq!((column.outside.as_str(), class), (until, Class::CrossAccount));
    let PullAccess::Known { column, class, grantees, .. } = at(end) else { panic!() };
    assert_eq!((column.outside.as_str(), class), ("only your account", Class::None));
    assert!(grantees[0].starts_with("account 111111111111: ended on 2026-01-01"), "{grantees:?}");
}

#[test]
fn a_policy_that_names_only_a_deleted_principal_says_so_in_the_list() {
    let of = |principal: &str| {
        PullAccess::of_policy(
            Some(&VENDOR_POLICY.replace("arn:aws:iam::111111111111:root", principal)),
            &crate::wizard::testing::test_reference("vendorapp"),
            &crate::policy::RegistryPolicy::NotAsked,
            0,
        )
    };
    let PullAccess::Known { column, only_deleted, .. } = of("AROAEXAMPLEEXAMPLEEX1") else { panic!() };
    assert_eq!((column.outside.as_str(), only_deleted), ("only your account, 1 deleted", true));
    let PullAccess::Known { only_deleted, .. } = of("222222222222") else { panic!() };
    assert!(!only_deleted);
}

#[test]
fn who_can_pull_is_worked_out_beside_the_keys_and_a_late_result_is_dropped() {
    let (mut model, effects) = model_with(3);
    let (id, name) = reads(&effects).remove(0);
    let computed = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::Compute { id, computation } => Some((id, computation)),
            _ => None,
        })
    };
    let effects = update(&mut model, Event::Answer(id, Box::new(policy(&name, Some(VENDOR_POLICY)))));
    let (of, computation) = computed(effects).expect("nothing is worked out");
    let access = |model: &Model| {
        let at = model.repository.rows.find_row(&test_reference(&name)).unwrap();
        model.repository.rows.get(at).unwrap().access.clone()
    };
    assert_eq!(access(&model), PullAccess::Unknown);
    let answer = || Box::new(Answer::Computed(Ok(computation.carry_out())));
    update(&mut model, Event::Answer(RequestId(u64::MAX), answer()));
    assert_eq!(access(&model), PullAccess::Unknown, "a result of another request was taken");
    update(&mut model, Event::Answer(of, answer()));
    assert!(matches!(access(&model), PullAccess::Known { .. }));
}
