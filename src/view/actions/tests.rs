use super::super::testing::draw_snapshot;
use crate::wizard::repository::stored_now;
use crate::wizard::testing::{model_with_chosen, tap_key, type_text};
use crate::wizard::{Code, Key, Model, testing};

fn both(name: &str, mut model: Model) {
    insta::assert_snapshot!(format!("{name}_80x24"), draw_snapshot(&mut model, 80, 24));
    insta::assert_snapshot!(format!("{name}_120x40"), draw_snapshot(&mut model, 120, 40));
}

fn typed(text: &str) -> Model {
    let mut model = model_with_chosen(&["vendorapp"]);
    type_text(&mut model, text);
    model
}

#[test]
fn the_end_is_a_field_below_the_actions() {
    let mut model = typed("111111111111");
    tap_key(&mut model, Code::BackTab);
    both("until_asked", model);
    let mut model = typed("111111111111");
    tap_key(&mut model, Code::BackTab);
    type_text(&mut model, "2027-03-31");
    tap_key(&mut model, Code::BackTab);
    both("until_told", model);
    let mut model = typed("111111111111");
    tap_key(&mut model, Code::BackTab);
    type_text(&mut model, "31.3.2027");
    tap_key(&mut model, Code::BackTab);
    both("until_mistyped", model);
}

/// A grantee typed, and the cursor so many rows down in the list of recipes.
fn with_recipe(text: &str, down: usize) -> Model {
    let mut model = typed(text);
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    for _ in 0..down {
        tap_key(&mut model, Code::Down);
    }
    model
}

#[test]
fn nothing_typed_yet() {
    both("empty", model_with_chosen(&["vendorapp"]));
}

#[test]
fn one_account() {
    both("account", typed("1111-1111-1111"));
}

/// A grantee typed, and these policies read of the chosen repositories.
fn with_policies(text: &str, policies: &[(&str, Option<&str>)]) -> Model {
    let names: Vec<&str> = policies.iter().map(|(name, _)| *name).collect();
    let mut model = model_with_chosen(&names);
    for (name, stored) in policies {
        stored_now(&mut model, &testing::test_reference(name), *stored);
    }
    type_text(&mut model, text);
    model
}

#[test]
fn a_grantee_that_has_it_already_in_all_in_some_and_under_a_deny() {
    let (whole, none) = (Some(testing::VENDOR_POLICY), None);
    both("existing_all", with_policies("111111111111", &[("vendorapp", whole)]));
    let some = [("data/feature-store", whole), ("platform/billing-api", none), ("vendorapp", whole)];
    both("existing_some", with_policies("111111111111, 333333333333", &some));
    let deny = r#"{"Sid":"Ban","Effect":"Deny","Principal":"*","Action":"ecr:BatchGetImage"} ]"#;
    let denied = testing::VENDOR_POLICY.replace("} ]\n}", &format!("}}, {deny}\n}}"));
    both("existing_denied", with_policies("111111111111", &[("vendorapp", Some(&denied))]));
}

#[test]
fn several_grantees() {
    both(
        "several",
        typed("111111111111, arn:aws:iam::333333333333:role/ci/deploy, o-a1b2c3d4e5, lambda.amazonaws.com"),
    );
}

#[test]
fn an_image_uri_and_a_short_id_as_grantees() {
    both("image", typed("222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:latest"));
    both("problems", typed("11111111111, 333333333333"));
    both("own_account", typed("222222222222"));
}

#[test]
fn everyone() {
    both("everyone", typed("*"));
}

#[test]
fn the_release_recipe_with_another_region() {
    let mut model = with_recipe("111111111111", 1);
    tap_key(&mut model, Code::BackTab);
    type_text(&mut model, "us-east-1");
    both("release_other_region", model);
}

#[test]
fn the_way_out_of_a_region_that_does_not_fit_is_seen_at_every_size() {
    let mut model = with_recipe("111111111111", 1);
    tap_key(&mut model, Code::BackTab);
    type_text(&mut model, "us-east-1");
    for (columns, rows) in [(60, 16), (80, 24), (120, 40)] {
        let screen = draw_snapshot(&mut model, columns, rows);
        let words: Vec<&str> = screen.split(['|', ' ', '\n']).filter(|w| !w.is_empty()).collect();
        let text = words.join(" ");
        for wanted in ["this one is in eu-west-2, not us-east-1", "replicate it to us-east-1", "not replicated"] {
            assert!(text.contains(wanted), "{columns}x{rows}: {wanted}: {screen}");
        }
    }
    // Elsewhere on the screen it stays in sight, its beginning at least.
    for _ in 0..4 {
        tap_key(&mut model, Code::Tab);
        assert!(draw_snapshot(&mut model, 60, 16).contains("replicate it to us-east-1"));
        assert!(draw_snapshot(&mut model, 80, 24).contains("policies are not replicated"));
    }
    tap_key(&mut model, Code::Tab);
    insta::assert_snapshot!("release_other_region_60x16", draw_snapshot(&mut model, 60, 16));
}

#[test]
fn a_region_that_is_none() {
    let mut model = typed("111111111111");
    tap_key(&mut model, Code::Tab);
    type_text(&mut model, "london");
    both("no_region", model);
}

#[test]
fn the_list_of_recipes() {
    both("recipes", with_recipe("111111111111", 3));
}

#[test]
fn the_release_checklist_with_the_token_chosen_and_put_in() {
    let mut model = with_recipe("111111111111", 1);
    tap_key(&mut model, Code::Tab);
    for _ in 0..4 {
        tap_key(&mut model, Code::Down);
    }
    both("token", model);
    let mut model = with_recipe("111111111111", 1);
    tap_key(&mut model, Code::Tab);
    testing::press_key(&mut model, Key::of_char('t'));
    both("token_in", model);
}

#[test]
fn lambda_takes_no_role() {
    both("lambda_role", with_recipe("arn:aws:iam::333333333333:role/ci", 4));
}

#[test]
fn push_and_pull_made_custom_by_hand() {
    let mut model = with_recipe("111111111111", 5);
    tap_key(&mut model, Code::Tab);
    testing::press_key(&mut model, Key::of_char(' '));
    both("custom", model);
}

#[test]
fn any_size_can_be_drawn() {
    let mut model = with_recipe("1111-1111-1111, nonsense", 1);
    for focus in 0..5 {
        for (columns, rows) in [(1, 1), (40, 10), (41, 11), (60, 16), (69, 20), (80, 35), (300, 100)] {
            let text = draw_snapshot(&mut model, columns, rows);
            assert!(focus < 5 && !text.is_empty());
        }
        tap_key(&mut model, Code::Tab);
    }
    insta::assert_snapshot!("problem_60x16", draw_snapshot(&mut model, 60, 16));
}
