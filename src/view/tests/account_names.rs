//! The name of an account stands beside its id wherever a row has room for it, and the id is whole where it has not.

use std::collections::BTreeMap;

use crate::ecr::{AccountNames, Source};
use crate::view::testing::screen_text;
use crate::wizard::test_world::World;
use crate::wizard::testing::{
    enter_step, fresh_model, happen, press_key, tap_key, test_account, test_signed, test_source, type_text,
};
use crate::wizard::{Code, Event, Key, Model, Size, Step};

/// Access of an account, of a role and for a service on behalf of an account, and a Deny.
const STORED: &str = r#"{"Version":"2012-10-17","Statement":[
 {"Sid":"EcrGrantPull","Effect":"Allow","Principal":{"AWS":["111111111111","arn:aws:iam::333333333333:role/ci"]},
  "Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer","ecr:BatchCheckLayerAvailability"]},
 {"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"ecr:BatchGetImage",
  "Condition":{"StringEquals":{"aws:SourceAccount":"333333333333"}}},
 {"Sid":"Ban","Effect":"Deny","Principal":{"AWS":"111111111111"},"Action":"ecr:PutImage"}]}"#;

const OTHER: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Other","Effect":"Allow",
 "Principal":{"AWS":"333333333333"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}"#;

fn names() -> AccountNames {
    let names = [("111111111111", "Release"), ("333333333333", "Build farm")];
    AccountNames::new(
        names.map(|(id, name)| (test_account(id), name.to_owned())).into_iter().collect::<BTreeMap<_, _>>(),
    )
}

fn named(mut model: Model) -> Model {
    model.settings.account_names = names();
    model.account_names = names();
    model
}

/// Every screen on which the ids of others stand, with names for them.
fn screens() -> Vec<(&'static str, Model)> {
    let world = || World { stored: Some(STORED), ..World::default() };
    let listed = || {
        let mut model = named(fresh_model());
        model.signed = Some(test_signed());
        let effects = enter_step(&mut model, Step::Repository);
        world().serve(&mut model, effects);
        model
    };
    let press = |mut model: Model, keys: &str| {
        for c in keys.chars() {
            let effects = press_key(&mut model, Key::of_char(c));
            world().serve(&mut model, effects);
        }
        model
    };
    let mut account = named(fresh_model());
    let effects = enter_step(&mut account, Step::Account);
    let source = |name: &str, id: &str| Source { account: Some(test_account(id)), ..test_source(name) };
    let sources = vec![source("farm", "333333333333"), source("release-admin", "111111111111")];
    World { sources, ..World::default() }.serve(&mut account, effects);
    let to_actions = |stored| {
        let mut model = named(fresh_model());
        model.signed = Some(test_signed());
        let world = World { stored: Some(stored), ..World::default() };
        let effects = enter_step(&mut model, Step::Repository);
        world.serve(&mut model, effects);
        let effects = tap_key(&mut model, Code::Enter);
        world.serve(&mut model, effects);
        type_text(&mut model, "111111111111");
        (model, world)
    };
    let mut grantees = press(listed(), "V");
    tap_key(&mut grantees, Code::Tab);
    let (actions, _) = to_actions(STORED);
    let (mut policy, world_of_policy) = to_actions(OTHER);
    let effects = tap_key(&mut policy, Code::Enter);
    world_of_policy.serve(&mut policy, effects);
    let (mut save, world_of_save) = to_actions(OTHER);
    for code in [Code::Enter, Code::Enter] {
        let effects = tap_key(&mut save, code);
        world_of_save.serve(&mut save, effects);
    }
    assert_eq!((policy.step, save.step), (Step::Policy, Step::Save));
    vec![
        ("account", account),
        ("repository", listed()),
        ("review", press(listed(), "v")),
        ("overview", press(listed(), "V")),
        ("grantees", grantees),
        ("actions", actions),
        ("policy", policy),
        ("save", save),
    ]
}

/// Rows of fields and of policy text: what is typed and what is stored hold ids alone.
fn is_copied(row: &str) -> bool {
    row.contains("Grantee  ") || row.contains('"')
}

#[test]
fn an_id_that_has_a_name_and_room_beside_it_has_the_name_on_every_screen() {
    for (screen, mut model) in screens() {
        happen(&mut model, Event::Resized(Size { columns: 300, rows: 70 }));
        let text = screen_text(&model, 300, 70);
        assert!(
            text.contains("111111111111 (Release)") || text.contains("333333333333 (Build farm)"),
            "{screen}:\n{text}"
        );
        for row in text.lines().filter(|row| !is_copied(row)) {
            assert_eq!(names().beside_ids(row), row, "{screen}");
        }
    }
}

#[test]
fn no_name_costs_a_character_of_an_id_at_any_size() {
    for (screen, mut model) in screens() {
        for (columns, rows) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
            happen(&mut model, Event::Resized(Size { columns, rows }));
            let with = screen_text(&model, columns, rows);
            for (at, _) in with.match_indices(" (Release").chain(with.match_indices(" (Build")) {
                let before = with[..at].chars().rev().take(12).filter(char::is_ascii_digit).count();
                assert_eq!(before, 12, "{screen} at {columns}x{rows}:\n{with}");
            }
            // What stands in a column is cut no sooner than without names.
            let cuts = |text: &str| text.matches('…').count();
            let is_column = matches!(screen, "account" | "repository" | "overview" | "grantees");
            if is_column {
                let names = (model.account_names.clone(), model.settings.account_names.clone());
                (model.account_names, model.settings.account_names) = Default::default();
                let without = screen_text(&model, columns, rows);
                (model.account_names, model.settings.account_names) = names;
                assert!(cuts(&with) <= cuts(&without), "{screen} at {columns}x{rows}:\n{with}\n{without}");
            }
        }
    }
}
