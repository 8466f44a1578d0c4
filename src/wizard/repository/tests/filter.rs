//! The filter: what it finds, what Enter does in it, and the marks beside it.

use super::*;

#[test]
fn escape_takes_the_filter_away_before_it_goes_back() {
    let mut model = signed_model();
    type_text(&mut model, "/a");
    tap_key(&mut model, Code::Enter);
    let few = shown(&model).len();
    assert!(few > 1, "{:?}", shown(&model));
    let chosen = chosen_name(&model);
    tap_key(&mut model, Code::Esc);
    assert_eq!((shown(&model).len(), chosen_name(&model), model.step), (3, chosen, Step::Repository));
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Account);
}

#[test]
fn letters_are_text_in_the_filter() {
    let mut model = signed_model();
    type_text(&mut model, "/qvsaR r?");
    assert_eq!(model.repository.filter.query_text(), "qvsaR r?");
    assert!(model.repository.review.is_none() && model.repository.regions.is_none() && model.overlay.is_none());
}

#[test]
fn enter_in_a_filter_with_one_match_takes_it_once_the_list_is_whole() {
    let mut model = signed_model();
    type_text(&mut model, "/vend");
    tap_key(&mut model, Code::Enter);
    assert_eq!((model.step, &model.chosen), (Step::Actions, &vec![test_repository("vendorapp")]));
    let (mut model, id) = asked_model();
    give_answer(&mut model, id, page_of(&["vendorapp", "other"], false));
    type_text(&mut model, "/vend");
    tap_key(&mut model, Code::Enter);
    assert_eq!((model.step, shown(&model)), (Step::Repository, vec!["vendorapp".to_owned()]));
    // A mark asks for a look at what is taken.
    let mut model = signed_model();
    type_text(&mut model, " /vend");
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Repository);
}

#[test]
fn marked_rows_stay_on_top_of_a_filtered_list_and_the_footer_names_what_enter_takes() {
    let mut model = signed_model();
    let enter = keymap_row(KeyScope::Repository, Action::Next);
    let label = |model: &Model| model.binding_label(enter).into_owned();
    type_text(&mut model, " ");
    let marked = chosen_name(&model);
    assert_ne!(marked, "vendorapp");
    assert_eq!(label(&model), format!("take 1 marked: {marked}"));
    type_text(&mut model, "/vend");
    assert_eq!(shown(&model), [marked.as_str(), "vendorapp"]);
    assert_eq!(model.repository.rows.matched_indexes().len(), 1);
    tap_key(&mut model, Code::Enter);
    // The best match is chosen, and what it does not match decides from its own row alone.
    assert_eq!((chosen_name(&model).as_str(), label(&model).as_str()), ("vendorapp", "take vendorapp"));
    tap_key(&mut model, Code::Up);
    assert_eq!(label(&model), format!("take 1 marked: {marked}"));
    tap_key(&mut model, Code::Down);
    type_text(&mut model, " ");
    assert!(label(&model).starts_with("take 2 marked: "), "{}", label(&model));
    tap_key(&mut model, Code::Enter);
    assert_eq!((model.step, model.chosen.len()), (Step::Actions, 2));
}

#[test]
fn the_filter_finds_who_can_pull_behind_the_names() {
    let mut model = signed_model();
    let access = PullAccess::of_policy(
        Some(VENDOR_POLICY),
        &crate::wizard::testing::test_reference("data/feature-store"),
        &crate::policy::RegistryPolicy::NotAsked,
        0,
    );
    crate::wizard::testing::set_access(&mut model, "data/feature-store", access.clone());
    type_text(&mut model, "/1111");
    assert_eq!(shown(&model), ["data/feature-store"]);
    // What is learned while the filter stands is shown too; a longer word narrows both.
    crate::wizard::testing::set_access(&mut model, "vendorapp", access);
    assert_eq!(shown(&model).len(), 2);
    type_text(&mut model, "11111111 vend");
    assert_eq!(shown(&model), ["vendorapp"]);
    crate::wizard::testing::set_access(&mut model, "vendorapp", PullAccess::Unknown);
    type_text(&mut model, "o");
    assert_eq!(shown(&model), Vec::<String>::new());
}

#[test]
fn enter_in_the_filter_is_called_what_it_does() {
    let row = keymap_row(KeyScope::FilterLine, Action::FilterDone);
    let mut model = signed_model();
    for (typed, label, off) in [
        ("/", "keep filter", false),
        ("vendor", "take vendorapp", false),
        ("zzz", "ask AWS for it", false),
        (" !", "keep filter", true),
    ] {
        type_text(&mut model, typed);
        assert_eq!(
            (model.binding_label(row).as_ref(), model.why_off(Action::FilterDone).is_some()),
            (label, off),
            "{typed}"
        );
    }
    tap_key(&mut model, Code::Esc);
    type_text(&mut model, "/");
    paste_text(&mut model, "x");
    model.repository.filter.set_text("222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp");
    assert_eq!(model.binding_label(row), "go there");
}

fn keymap_row(scope: KeyScope, action: Action) -> &'static crate::wizard::keymap::Binding {
    crate::wizard::keymap::TABLE.iter().find(|row| row.scope == scope && row.action == action).unwrap()
}
