use crate::plan::{Outcome, Planned, Target, plan_grant};
use crate::view::testing::{draw_snapshot, screen_text};
use crate::wizard::permissions::begin_with;
use crate::wizard::save::begin_visit;
use crate::wizard::testing::{
    VENDOR_POLICY, answer_write, answer_writes, give_answer, granted_before, hold_policies, press_key, pull_request,
    save_model, tap_key, test_identity, test_reference, to_save,
};
use crate::wizard::{Action, Answer, Code, Effect, Event, Key, Model, Size, update};

const DENYING: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "NobodyElse",
    "Effect" : "Deny",
    "Principal" : "*",
    "Action" : "ecr:BatchGetImage",
    "Condition" : { "StringNotEquals" : { "aws:PrincipalOrgID" : "o-a1b2c3d4e5" } }
  }, {
    "Effect" : "Allow",
    "Principal" : { "AWS" : [ "arn:aws:iam::333333333333:root" ], "Service" : "codebuild.amazonaws.com" },
    "Action" : "ecr:*"
  } ]
}"#;

/// At Permissions after these plans were saved, with the kit of the request.
fn after(plans: Vec<Planned>) -> Model {
    let mut model = save_model(plans, Some(pull_request()));
    let effects = press_key(&mut model, Key::of_char('y'));
    answer_writes(&mut model, &effects, |write| Outcome::Written { stored: write.text.clone(), backup: None });
    tap_key(&mut model, Code::Enter);
    let entries = model.permissions.entries().to_vec();
    let effects = hold_policies(&mut model, entries, Some(pull_request()));
    if let Some(Effect::ReadTags { id, repository, .. }) = effects.first() {
        give_answer(&mut model, *id, Answer::Tags(repository.clone(), Ok(crate::ecr::Tags::read_tags(["1.4.2"]))));
    }
    model
}

fn granting(name: &str, stored: Option<&str>) -> Planned {
    let target = Target {
        repository: test_reference(name),
        stored: stored.map(str::to_owned),
        registry: crate::policy::RegistryPolicy::NotAsked,
        now: None,
    };
    plan_grant(&target, &pull_request(), Some(&test_identity()))
}

fn at_part(mut model: Model, title: &str) -> Model {
    let part = model.permissions.part_titles().iter().position(|t| t.contains(title)).unwrap();
    let parts = model.permissions.part_titles().len();
    for _ in 0..(parts + part - model.permissions.part()) % parts {
        tap_key(&mut model, Code::Tab);
    }
    model
}

macro_rules! states {
    ($($name:ident: $model:expr;)*) => {$(
        #[test]
        fn $name() {
            let mut model: Model = $model;
            insta::assert_snapshot!(concat!(stringify!($name), "_80x24"), draw_snapshot(&mut model, 80, 24));
            insta::assert_snapshot!(concat!(stringify!($name), "_120x40"), draw_snapshot(&mut model, 120, 40));
        }
    )*};
}

states! {
    it_is_still_being_checked: {
        let mut model = after(vec![granting("vendorapp", Some(DENYING))]);
        let entries = model.permissions.entries().to_vec();
        begin_with(&mut model, entries, Some(pull_request()));
        update(&mut model, Event::Clock(1_000));
        update(&mut model, Event::Clock(1_300));
        model
    };
    a_first_grant_is_shown: at_part(after(vec![granting("vendorapp", None)]), "Statements");
    a_grant_beside_others_and_a_deny: at_part(after(vec![granting("vendorapp", Some(DENYING))]), "Statements");
    a_second_grantee_joins_a_statement: at_part(after(vec![
        granting("vendorapp", Some(VENDOR_POLICY.replace("111111111111", "333333333333").as_str()))]), "Statements");
    who_has_access: at_part(after(vec![granting("vendorapp", Some(DENYING))]), "Who has access");
    what_is_left_to_do: at_part(after(vec![granting("vendorapp", None)]), "What is left");
    a_part_with_commands: at_part(after(vec![granting("vendorapp", None)]), "Log in");
    a_message_to_send: at_part(after(vec![granting("vendorapp", None)]), "Message");
    the_last_part: at_part(after(vec![granting("vendorapp", None)]), "Registry");
    what_it_opens_on: after(vec![granting("vendorapp", Some(DENYING))]);
    several_repositories: {
        let mut model = after(vec![granting("data/feature-store", None), granting("platform/billing-api", Some(DENYING))]);
        press_key(&mut model, Key::of_char(' '));
        model
    };
    it_was_granted_before: {
        let mut model = save_model(vec![granted_before("vendorapp")], Some(pull_request()));
        tap_key(&mut model, Code::Enter);
        model
    };
    edited_by_hand_so_that_the_grant_is_not_in_it: {
        let mut model = after(vec![granting("vendorapp", None)]);
        let mut entries = model.permissions.entries().to_vec();
        entries[0].text = Some(VENDOR_POLICY.replace("111111111111", "333333333333"));
        hold_policies(&mut model, entries, Some(pull_request()));
        at_part(model, "What is left")
    };
    read_only_shows_what_would_be_written: {
        let mut model = save_model(vec![granting("vendorapp", Some(DENYING))], None);
        model.settings.read_only = true;
        let documents = to_save(vec![granting("vendorapp", Some(DENYING))], Some(&pull_request()));
        begin_visit(&mut model, documents, Some(pull_request()));
        tap_key(&mut model, Code::Enter);
        let entries = model.permissions.entries().to_vec();
        hold_policies(&mut model, entries, Some(pull_request()));
        at_part(model, "whoever writes")
    };
    a_dry_run_is_no_grant: {
        let mut model = save_model(vec![granting("vendorapp", None)], Some(pull_request()));
        model.settings.dry_run = true;
        let effects = press_key(&mut model, Key::of_char('y'));
        answer_write(&mut model, &effects, Outcome::DryRun);
        tap_key(&mut model, Code::Enter);
        model
    };
}

#[test]
fn it_fits_a_small_window_in_ascii() {
    let mut model = after(vec![granting("vendorapp", Some(DENYING))]);
    model.settings.ascii = true;
    insta::assert_snapshot!(draw_snapshot(&mut model, 60, 16));
}

#[test]
fn what_somebody_else_changed_since_is_never_called_done() {
    let mut model = save_model(vec![granting("vendorapp", None)], Some(pull_request()));
    let effects = press_key(&mut model, Key::of_char('y'));
    let stored = Some(DENYING.to_owned());
    answer_write(&mut model, &effects, Outcome::WrittenBesideOthers { stored, backup: None });
    tap_key(&mut model, Code::Enter);
    for _ in 0..model.permissions.part_titles().len() {
        let screen = draw_snapshot(&mut model, 120, 40);
        assert!(screen.contains("! saved, but owner side unproved: somebody else wrote since"), "{screen}");
        assert!(!screen.contains("side done") && !screen.contains("side is done"), "{screen}");
        tap_key(&mut model, Code::Tab);
    }
}

#[test]
fn the_message_to_send_has_its_key_in_the_footer_of_every_window() {
    // The way to the next repository has its room before it.
    let windows =
        [(1, 60), (3, 79)].into_iter().flat_map(|(count, from)| (from..=120).map(move |width| (count, width)));
    for (names, columns) in windows {
        let plans = ["vendorapp", "worker", "base/python"].into_iter().take(names);
        let mut model = after(plans.map(|name| granting(name, None)).collect());
        update(&mut model, Event::Resized(Size { columns, rows: 24 }));
        assert!(model.why_off(Action::CopyMessage).is_none());
        let screen = screen_text(&model, columns, 24);
        let footer = screen.lines().last().unwrap_or_default();
        assert!(footer.contains("m message") && footer.contains("c copy"), "{columns}, {names}: {footer}");
        // Each part has it, and the key for the next one.
        tap_key(&mut model, Code::Tab);
        let screen = screen_text(&model, columns, 24);
        assert!(screen.lines().last().unwrap_or_default().contains("m message"), "{columns}: {screen}");
    }
}

#[test]
fn no_word_of_the_heading_is_lost_in_a_window_of_any_width() {
    let mut model = after(vec![granting("platform/billing-api", Some(DENYING))]);
    let words = model.permissions.shown_repository().unwrap().state_words().1;
    assert!(words.contains("NobodyElse") && words.len() > 80, "{words}");
    for columns in (60..=220).step_by(4) {
        let screen = draw_snapshot(&mut model, columns, 40);
        let rows: Vec<&str> =
            screen.lines().skip(3).take(7).map(|row| row.trim_start_matches(['|', ' ', '!'])).collect();
        let shown: String = rows.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(&words), "{columns}: {words}\nis not in\n{screen}");
    }
}

#[test]
fn nothing_ever_claims_that_a_pull_works() {
    let mut model = after(vec![granting("vendorapp", None)]);
    let screen = draw_snapshot(&mut model, 120, 40);
    assert!(screen.contains("owner side done"), "{screen}");
    assert!(!screen.contains("works"), "{screen}");
}
