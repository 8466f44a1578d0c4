//! Repositories that are asked for by name or by address.

use super::*;

#[test]
fn a_name_can_be_asked_for_when_listing_is_denied() {
    let (mut model, id) = asked_model();
    give_answer(&mut model, id, Answer::ListingFailed(test_failure(FailureKind::AccessDenied)));
    type_text(&mut model, "/vendorapp");
    let effects = tap_key(&mut model, Code::Enter);
    let [(id, name)] = &describes(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(name, "vendorapp");
    let effects = give_answer(&mut model, *id, Answer::Described(Ok(test_repository("vendorapp"))));
    assert_eq!(reads(&effects).len(), 1, "who can pull it is read too");
    tap_key(&mut model, Code::Enter);
    assert_eq!((model.step, &model.chosen), (Step::Actions, &vec![test_repository("vendorapp")]));
}

#[test]
fn a_name_that_does_not_exist_is_a_failure_that_escape_puts_away() {
    let mut model = signed_model();
    type_text(&mut model, "/nothing-like-it");
    let effects = tap_key(&mut model, Code::Enter);
    let id = describes(&effects)[0].0;
    give_answer(&mut model, id, Answer::Described(Err(test_failure(FailureKind::RepositoryNotFound))));
    assert!(shown_trouble(&model).is_some());
    tap_key(&mut model, Code::Esc);
    assert!(shown_trouble(&model).is_none());
    assert_eq!((model.step, shown(&model).len()), (Step::Repository, 3));
}

#[test]
fn a_name_that_does_not_exist_is_told_with_the_one_that_was_meant() {
    let next = |model: &Model| model.repository.search.search_failure().unwrap().next.clone();
    // The list is there before the answer, and after it.
    let mut model = signed_model();
    type_text(&mut model, "/vendorapx");
    let id = describes(&tap_key(&mut model, Code::Enter))[0].0;
    give_answer(&mut model, id, Answer::Described(Err(test_failure(FailureKind::RepositoryNotFound))));
    assert!(next(&model).starts_with("did you mean vendorapp? Otherwise"), "{}", next(&model));
    let (mut model, _) = asked_model();
    type_text(&mut model, "/nothing-like-it");
    let id = describes(&tap_key(&mut model, Code::Enter))[0].0;
    give_answer(&mut model, id, Answer::Described(Err(test_failure(FailureKind::RepositoryNotFound))));
    assert!(!next(&model).contains("did you mean"));
}

#[test]
fn escape_stops_asking_for_a_name() {
    let mut model = signed_model();
    type_text(&mut model, "/nothing-like-it");
    let id = describes(&tap_key(&mut model, Code::Enter))[0].0;
    assert!(model.waiting_since().is_some());
    assert!(tap_key(&mut model, Code::Esc).contains(&Effect::Cancel(id)));
    give_answer(&mut model, id, Answer::Described(Ok(test_repository("nothing-like-it"))));
    assert_eq!((shown(&model).len(), model.waiting_since()), (3, None));
}

#[test]
fn an_address_without_a_repository_is_named_and_never_asked_for() {
    const HOST: &str = "222222222222.dkr.ecr.eu-west-2.amazonaws.com";
    let mut model = signed_model();
    assert!(paste_text(&mut model, HOST).is_empty());
    assert!(model.notice.as_ref().unwrap().text.contains("without a repository"));
    let mut model = signed_model();
    type_text(&mut model, &format!("/{HOST}"));
    assert!(tap_key(&mut model, Code::Enter).is_empty());
    let mut model = signed_model();
    paste_text(&mut model, &format!("FROM {HOST}/vendorapp:1 AS base"));
    assert_eq!(chosen_name(&model), "vendorapp");
}

#[test]
fn a_pasted_image_is_chosen_also_from_the_filter() {
    for keys in ["", "/bill"] {
        let mut model = signed_model();
        type_text(&mut model, keys);
        paste_text(&mut model, "222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:latest");
        assert_eq!(chosen_name(&model), "vendorapp", "{keys}");
        assert_eq!(shown(&model).len(), 3);
        assert_eq!(model.prefill.tag.as_ref().map(crate::ecr::Tag::as_str), Some("latest"));
        // It is all that the step asks.
        assert_eq!((model.step, &model.chosen), (Step::Actions, &vec![test_repository("vendorapp")]));
        tap_key(&mut model, Code::Esc);
        tap_key(&mut model, Code::Home);
        tap_key(&mut model, Code::Enter);
        assert_eq!(model.prefill.tag, None, "the tag belongs to the other repository");
    }
}

#[test]
fn a_pasted_image_does_not_go_on_past_marks_made_by_hand() {
    let mut model = signed_model();
    tap_key(&mut model, Code::Char(' '));
    paste_text(&mut model, "222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:latest");
    assert_eq!((model.step, chosen_name(&model).as_str()), (Step::Repository, "vendorapp"));
}

#[test]
fn an_address_typed_into_the_filter_goes_there_too() {
    let mut model = signed_model();
    type_text(&mut model, "/arn:aws:ecr:eu-west-2:222222222222:repository/platform/billing-api");
    tap_key(&mut model, Code::Enter);
    assert_eq!((chosen_name(&model).as_str(), model.repository.filter.open), ("platform/billing-api", false));
}

#[test]
fn an_address_in_another_region_lists_there() {
    let mut model = signed_model();
    model.chosen = vec![test_repository("vendorapp")];
    let effects = paste_text(&mut model, "arn:aws:ecr:us-east-1:222222222222:repository/team/app");
    let id = list_id(&effects);
    assert_eq!(describes(&effects).len(), 1, "the name is asked for at once: {effects:?}");
    assert!(model.notice.as_ref().unwrap().text.contains("us-east-1"));
    assert_eq!((model.signed.as_ref().unwrap().region.clone(), model.chosen.len()), (test_region("us-east-1"), 0));
    let mut there = test_repository("team/app");
    there.reference.region = test_region("us-east-1");
    give_answer(&mut model, id, Answer::Page { repositories: vec![there], last: true });
    assert_eq!(chosen_name(&model), "team/app");
}

#[test]
fn an_address_of_another_account_goes_back_to_account() {
    let mut model = signed_model();
    paste_text(&mut model, "333333333333.dkr.ecr.eu-west-2.amazonaws.com/team/app:2");
    assert_eq!(model.step, Step::Account);
    assert_eq!(model.prefill.target.as_ref().map(|t| t.account.clone()), Some(test_account("333333333333")));
}
