//! Clicks mean what is drawn where they are: every test looks for words on the screen and clicks on them.

use crate::ecr::{Failure, FailureKind};
use crate::view::testing::screen_text;
use crate::wizard::actions::Focus;
use crate::wizard::testing::*;
use crate::wizard::{Answer, Code, Effect, Event, Key, Model, Overlay, Size, Step, update};

/// Clicks on the first cell of these words, so many cells further right.
fn click_beside(model: &mut Model, words: &str, right: u16) -> Vec<Effect> {
    let text = screen_text(model, model.size.columns, model.size.rows);
    let place = text.lines().enumerate().find_map(|(row, line)| {
        let before = line.split(words).next().filter(|before| before.len() < line.len())?;
        Some((before.chars().count(), row))
    });
    let (column, row) = place.unwrap_or_else(|| panic!("`{words}` is not on the screen:\n{text}"));
    let (column, row) = (u16::try_from(column).unwrap() + right, u16::try_from(row).unwrap());
    update(model, Event::Drawn);
    update(model, Event::Click { column, row })
}

fn click(model: &mut Model, words: &str) -> Vec<Effect> {
    click_beside(model, words, 0)
}

/// At each of the sizes, with a border case of the layouts each.
fn at_sizes(begin: impl Fn() -> Model, look: impl Fn(Model)) {
    for (columns, rows) in [(60, 16), (80, 24), (100, 30), (120, 40), (200, 60)] {
        let mut model = begin();
        update(&mut model, Event::Resized(Size { columns, rows }));
        look(model);
    }
}

fn with_sources() -> Model {
    let mut model = fresh_model();
    let effects = crate::wizard::start(&mut model);
    let Some(Effect::LoadSources(id)) = effects.first() else { panic!("{effects:?}") };
    let names = ["audit", "billing", "platform", "sandbox"];
    give_answer(&mut model, *id, Answer::Sources(Ok(names.map(test_source).into())));
    model
}

#[test]
fn an_account() {
    at_sizes(with_sources, |mut model| {
        click(&mut model, "billing");
        assert_eq!(model.account.chosen_source().unwrap().id.to_string(), "billing");
        let effects = tap_key(&mut model, Code::Enter);
        let Some(Effect::Verify { id, .. }) = effects.first() else { panic!("{effects:?}") };
        let why = Failure::new(FailureKind::SignInExpired, "the session has run out ".repeat(12), "log in again")
            .with_command("aws sso login --profile=billing")
            .with_aws("UnauthorizedException", "Session token not found or invalid. ".repeat(4), None);
        give_answer(&mut model, *id, Answer::Verified(Err(why)));
        // Below the list the words take rows of it: there a click chooses nothing, rather than something else.
        let wanted = if model.size.columns >= 110 { "platform" } else { "billing" };
        if screen_text(&model, model.size.columns, model.size.rows).contains("platform") {
            click(&mut model, "platform");
            assert_eq!(model.account.chosen_source().unwrap().id.to_string(), wanted);
        }
    });
}

#[test]
fn a_repository_and_a_region() {
    at_sizes(signed_model, |mut model| {
        click(&mut model, "vendorapp");
        assert_eq!(model.repository.chosen_row().unwrap().repository.name().as_str(), "vendorapp");
        press_key(&mut model, Key::of_char('R'));
        click(&mut model, "eu-west-1");
        let picker = model.repository.regions().unwrap();
        assert_eq!(picker.rows[picker.cursor.selected].as_str(), "eu-west-1");
    });
}

#[test]
fn a_field_a_recipe_an_action_and_its_box() {
    at_sizes(
        || model_with_chosen(&["vendorapp"]),
        |mut model| {
            type_text(&mut model, "111111111111");
            click_beside(&mut model, "1111", 2);
            type_text(&mut model, "x");
            assert_eq!(model.actions.grantee().text(), "11x1111111111");
            tap_key(&mut model, Code::Backspace);
            click(&mut model, "Where will it be");
            assert_eq!(model.actions.focus(), Focus::Region);
            click(&mut model, "Recipe");
            assert_eq!(model.actions.focus(), Focus::Recipe);
            click(&mut model, "( ) Pull and describe");
            assert!(model.actions.recipe().unwrap().title.contains("describe"));
            if model.size.rows < 35 {
                // Under the other one's list the checklist comes with the next focus.
                tap_key(&mut model, Code::Tab);
            }
            let marked = model.actions.marked().len();
            click(&mut model, "BatchGetImage");
            assert_eq!(model.actions.focus(), Focus::Checklist);
            assert_eq!(model.actions.row().unwrap().name, "BatchGetImage");
            assert_eq!(model.actions.marked().len(), marked, "a name is chosen, not toggled");
            click(&mut model, "[x] BatchGetImage");
            assert_eq!(model.actions.marked().len(), marked - 1);
        },
    );
}

#[test]
fn the_caret_of_the_editor_and_an_offered_name() {
    at_sizes(
        || policy_model(Some(VENDOR_POLICY)),
        |mut model| {
            click_beside(&mut model, "2012-10-17", 4);
            type_text(&mut model, "X");
            assert!(model.policy.draft().unwrap().editor.text().contains("2012X-10-17"));
            press_key(&mut model, Key::with_ctrl('f'));
            click_beside(&mut model, "\"Statement\"", 1);
            type_text(&mut model, "Y");
            assert!(model.policy.draft().unwrap().editor.text().contains("\"YStatement\""), "a line that asks closes");
        },
    );
    let mut model = policy_model(None);
    press_key(&mut model, Key::with_ctrl('g'));
    type_text(&mut model, "9");
    tap_key(&mut model, Code::Enter);
    tap_key(&mut model, Code::End);
    type_text(&mut model, " \"");
    press_key(&mut model, Key::with_ctrl(' '));
    let offers: Vec<String> =
        model.policy.completion().unwrap().all_offers().iter().map(|offer| offer.text.clone()).collect();
    click(&mut model, &offers[2]);
    assert_eq!(model.policy.completion().unwrap().cursor.selected, 2);
}

#[test]
fn the_line_of_a_bracket_out_of_sight_stands_above_the_text() {
    let mut model = policy_model(Some(VENDOR_POLICY));
    let last = model.policy.draft().unwrap().editor.text().trim_end().lines().count();
    update(&mut model, Event::Resized(Size { columns: 80, rows: 16 }));
    press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
    let shown = screen_text(&model, 80, 16);
    assert!(shown.contains(&format!("bracket: line {last} ")), "{shown}");
    update(&mut model, Event::Resized(Size { columns: 60, rows: 16 }));
    assert!(!screen_text(&model, 60, 16).contains("bracket:"), "the words of the title need the room");
}

#[test]
fn a_finding_of_the_list() {
    let stored = PUBLIC_POLICY.replace("ecr:BatchGetImage", "ecr:BogusAction").replace("AllowAll", "Allow All");
    let mut model = policy_model(Some(&stored));
    tap_key(&mut model, Code::F(9));
    let draft = model.policy.draft().unwrap();
    let all: Vec<String> = draft.listed_findings().map(|finding| finding.message.clone()).collect();
    let other = all.iter().position(|message| *message != all[0]).expect("findings of two kinds");
    let words: String = all[other].chars().take(20).collect();
    click(&mut model, &words);
    assert_eq!(model.policy.problems().unwrap().cursor.selected, other);
}

#[test]
fn a_row_of_save_a_part_of_the_permissions_and_an_action() {
    let many = || save_model(["app-a", "app-b", "app-c"].map(first_grant).into(), Some(pull_request()));
    at_sizes(many, |mut model| {
        tap_key(&mut model, Code::End);
        tap_key(&mut model, Code::Right);
        click(&mut model, "app-b  ");
        let rows = crate::wizard::save::whole_page(&model);
        assert_eq!(rows.all_rows()[model.save.cursor().selected].owner, Some(1));
        assert!(model.save.entries().iter().all(crate::wizard::save::SaveEntry::is_asked), "a click writes nothing");
    });
    let done = || {
        let mut model = save_model(vec![first_grant("vendorapp")], Some(pull_request()));
        let effects = type_text(&mut model, "y");
        answer_write(&mut model, &effects, test_written());
        tap_key(&mut model, Code::Enter);
        let entries = model.permissions.entries().to_vec();
        crate::wizard::testing::hold_policies(&mut model, entries, Some(pull_request()));
        model
    };
    at_sizes(done, |mut model| {
        // In a narrow window the line of parts begins with the shown one.
        while model.permissions.part() != 0 {
            tap_key(&mut model, Code::BackTab);
        }
        click(&mut model, "Who has access");
        assert_eq!(model.permissions.part(), 1);
        let next = model.permissions.part_titles()[2].to_owned();
        click(&mut model, &next);
        assert_eq!(model.permissions.part(), 2);
    });
    at_sizes(signed_model, |mut model| {
        press_key(&mut model, Key::with_ctrl('p'));
        click(&mut model, "view policy");
        let palette = &model.palette;
        assert_eq!(palette.entry_at(palette.cursor.selected).unwrap().name, "view policy");
        assert_eq!(model.overlay, Some(Overlay::Palette));
    });
}

#[test]
fn a_step_of_the_rail_that_was_passed() {
    let mut model = policy_model(None);
    click(&mut model, "5 Save");
    assert_eq!(model.step, Step::Policy, "forward is the user's own way");
    tap_key(&mut model, Code::F(4));
    click(&mut model, "2 Repository");
    assert_eq!(model.step, Step::Repository);
    // The draft stays.
    click(&mut model, "1 Account");
    assert_eq!((model.step, model.actions.grantee().text()), (Step::Account, "111111111111"));
    // Confirmed writes go on, and the step with them.
    let mut model = save_model(vec![first_grant("vendorapp")], Some(pull_request()));
    type_text(&mut model, "y");
    click(&mut model, "4 Policy");
    assert_eq!(model.step, Step::Save);
    // A window without room for the rail has none to click on.
    let mut model = policy_model(None);
    update(&mut model, Event::Resized(Size { columns: 60, rows: 16 }));
    update(&mut model, Event::Click { column: 3, row: 0 });
    assert_eq!(model.step, Step::Policy);
}

#[test]
fn no_click_anywhere_panics_or_writes() {
    let screens: [fn() -> Model; 6] = [
        with_sources,
        signed_model,
        || model_with_chosen(&["vendorapp"]),
        || policy_model(Some(PUBLIC_POLICY)),
        || save_model(vec![first_grant("vendorapp")], Some(pull_request())),
        || save_model(["app-a", "app-b"].map(first_grant).into(), None),
    ];
    for begin in screens {
        for (columns, rows) in [(40, 10), (60, 16), (80, 24), (120, 40)] {
            let mut model = begin();
            update(&mut model, Event::Resized(Size { columns, rows }));
            for row in 0..rows + 2 {
                for column in (0..columns + 2).step_by(7).chain([u16::MAX]) {
                    let effects = update(&mut model, Event::Click { column, row });
                    assert!(!effects.iter().any(|e| matches!(e, Effect::Save { .. } | Effect::Quit { .. })));
                }
            }
        }
    }
}
