use std::time::Duration;

use crate::ecr::{Failure, FailureKind, PolicySlowdowns, Slowdown};
use crate::plan::{Loss, Outcome, Planned, Progress, Target, Verdict, plan_grant, plan_text};
use crate::view::testing::{draw_snapshot, screen_text};
use crate::wizard::event::SaveNews;
use crate::wizard::save::begin_visit;
use crate::wizard::testing::{
    PUBLIC_POLICY, VENDOR_POLICY, answer_write, first_grant, give_answer, granted_before, press_key, pull_request,
    save_model, tap_key, test_change, test_identity, test_reference, test_signed, test_written, to_save, type_text,
};
use crate::wizard::{Answer, Code, Effect, Event, Key, Model, RequestId, Size, update};

/// Another team's grant.
const OTHERS: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "TeamData",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : [ "arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:role/deploy" ]
    },
    "Action" : [ "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer" ]
  } ]
}"#;

/// The same with a Deny that voids every grant.
const DENYING: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "NobodyElse",
    "Effect" : "Deny",
    "Principal" : "*",
    "Action" : "ecr:BatchGetImage",
    "Condition" : { "StringNotEquals" : { "aws:PrincipalOrgID" : "o-a1b2c3d4e5" } }
  } ]
}"#;

fn granting(name: &str, stored: Option<&str>) -> Planned {
    let target = Target {
        repository: test_reference(name),
        stored: stored.map(str::to_owned),
        registry: crate::policy::RegistryPolicy::NotAsked,
        now: None,
    };
    plan_grant(&target, &pull_request(), Some(&test_identity()))
}

fn one(stored: Option<&str>) -> Model {
    save_model(vec![granting("vendorapp", stored)], Some(pull_request()))
}

fn several() -> Model {
    let mut too_long = first_grant("platform/billing-api");
    too_long.verdict = Verdict::TooLong(10_412);
    let plans = vec![
        granting("data/feature-store", None),
        too_long,
        granted_before("platform/web"),
        granting("vendorapp", Some(OTHERS)),
    ];
    save_model(plans, Some(pull_request()))
}

fn removing() -> Model {
    let mut plan = granting("vendorapp", Some(OTHERS));
    plan.delta.gains.push(test_change("555555555555", &["PutImage", "DeleteRepository"]));
    plan.delta.losses = vec![test_change("333333333333", &["BatchGetImage", "GetDownloadUrlForLayer"])];
    save_model(vec![plan], None)
}

fn refusal() -> Outcome {
    Outcome::Refused(
        Failure::new(
            FailureKind::PrincipalNotFound,
            "ECR does not know a role or user that the policy names",
            "check the names; a role that was just created is known after a few seconds",
        )
        .with_aws(
            "InvalidParameterException",
            "Invalid parameter at 'PolicyText': 'Principal not found'",
            None,
        ),
    )
}

fn lost() -> Outcome {
    Outcome::Unknown(Failure::new(
        FailureKind::Timeout,
        "ECR did not answer the write within 20 seconds",
        "look at what is stored before you try again",
    ))
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
    a_first_grant_is_asked_for: one(None);
    a_grant_beside_another_teams: one(Some(OTHERS));
    yes_is_chosen: {
        let mut model = one(None);
        tap_key(&mut model, Code::Right);
        model
    };
    a_grant_that_a_deny_may_void: one(Some(DENYING));
    a_text_without_line_ends: {
        let one_line: String = OTHERS.replace('\n', " ").replace("  ", "") + &" ".repeat(200);
        one(Some(&one_line))
    };
    a_word_must_be_typed: removing();
    the_word_is_typed: {
        let mut model = removing();
        type_text(&mut model, "vendorapp");
        model
    };
    another_word_was_typed: {
        let mut model = removing();
        type_text(&mut model, "vendor");
        tap_key(&mut model, Code::Enter);
        model
    };
    several_are_folded: several();
    one_of_several_is_unfolded: {
        let mut model = several();
        for _ in 0..8 {
            tap_key(&mut model, Code::Down);
        }
        press_key(&mut model, Key::of_char(' '));
        model
    };
    several_that_gain_the_same: save_model(
        ["app-a", "app-b", "app-c"].map(|name| granting(name, None)).into(), Some(pull_request()));
    all_was_granted_before: save_model(vec![granted_before("vendorapp")], None);
    the_document_is_refused: {
        let mut model = one(None);
        let mut plan = model.save.entries()[0].planned.clone();
        plan.verdict = Verdict::LocksOut(Loss::Denied(1));
        model = save_model(vec![plan], None);
        model
    };
    read_only_asks_nothing: {
        let mut model = one(None);
        model.settings.read_only = true;
        begin_visit(&mut model, to_save(vec![granting("vendorapp", None)], Some(&pull_request())), Some(pull_request()));
        model
    };
    a_risk_that_the_checks_found: {
        let text = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Build", "Effect": "Allow",
            "Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "ecr:BatchGetImage"}]}"#;
        let target = Target { repository: test_reference("vendorapp"), stored: None, registry: crate::policy::RegistryPolicy::NotAsked, now: None };
        save_model(vec![plan_text(&target, Some(text.to_owned()), None)], None)
    };
    a_dry_run_is_said_before: {
        let mut model = one(None);
        model.settings.dry_run = true;
        model
    };
    nothing_was_planned: save_model(Vec::new(), None);
    writes_are_under_way: {
        let mut model = several();
        update(&mut model, Event::Clock(1_000));
        let effects = press_key(&mut model, Key::of_char('y'));
        answer_write(&mut model, &effects, test_written());
        tap_key(&mut model, Code::Esc);
        update(&mut model, Event::Clock(1_350));
        model
    };
    it_is_saved: {
        let mut model = one(None);
        let effects = press_key(&mut model, Key::of_char('y'));
        answer_write(&mut model, &effects, test_written());
        model
    };
    it_is_refused: {
        let mut model = one(None);
        let effects = press_key(&mut model, Key::of_char('y'));
        answer_write(&mut model, &effects, refusal());
        model
    };
    ecr_does_not_say_what_is_wrong: {
        let mut plan = granting("vendorapp", Some(PUBLIC_POLICY));
        assert!(!plan.findings.is_empty());
        plan.findings.truncate(2);
        let mut model = save_model(vec![plan], None);
        let effects = press_key(&mut model, Key::of_char('y'));
        let failure = Failure::new(FailureKind::InvalidPolicy, "ECR refuses the policy text", "check the account ids");
        answer_write(&mut model, &effects, Outcome::Refused(failure));
        model
    };
    its_outcome_is_not_known: {
        let mut model = one(None);
        let effects = press_key(&mut model, Key::of_char('y'));
        answer_write(&mut model, &effects, lost());
        model
    };
    somebody_else_wrote_beside_it: {
        let mut model = one(Some(OTHERS));
        let effects = press_key(&mut model, Key::of_char('y'));
        let stored = Some(PUBLIC_POLICY.to_owned());
        let backup = Some("/state/backups/kept.json".into());
        answer_write(&mut model, &effects, Outcome::WrittenBesideOthers { stored, backup });
        model
    };
    somebody_else_replaced_it: {
        let mut model = one(Some(OTHERS));
        let effects = press_key(&mut model, Key::of_char('y'));
        let now = Some(PUBLIC_POLICY.to_owned());
        answer_write(&mut model, &effects, Outcome::Replaced { now, backup: Some("/state/backups/kept.json".into()) });
        model
    };
    some_are_saved_and_some_are_not: {
        let mut model = several();
        let effects = press_key(&mut model, Key::of_char('y'));
        let effects = answer_write(&mut model, &effects, test_written());
        answer_write(&mut model, &effects, refusal());
        model
    };
    it_changed_underneath: {
        let mut model = one(Some(OTHERS));
        let effects = press_key(&mut model, Key::of_char('y'));
        answer_write(&mut model, &effects, Outcome::Changed { now: Some(PUBLIC_POLICY.to_owned()) });
        model
    };
    the_grant_is_asked_for_again_on_the_changed_text: {
        let mut model = one(Some(OTHERS));
        let effects = press_key(&mut model, Key::of_char('y'));
        answer_write(&mut model, &effects, Outcome::Changed { now: Some(PUBLIC_POLICY.to_owned()) });
        tap_key(&mut model, Code::Enter);
        model
    };
    an_edit_by_hand_changed_underneath: {
        let mut model = save_model(vec![granting("vendorapp", Some(OTHERS))], None);
        let effects = press_key(&mut model, Key::of_char('y'));
        answer_write(&mut model, &effects, Outcome::Changed { now: None });
        model
    };
    a_dry_run_ended: {
        let mut model = one(Some(VENDOR_POLICY.replace("111111111111", "333333333333").as_str()));
        model.settings.dry_run = true;
        let effects = press_key(&mut model, Key::of_char('y'));
        answer_write(&mut model, &effects, Outcome::DryRun);
        model
    };
}

#[test]
fn it_fits_a_small_window_in_ascii() {
    let mut model = removing();
    model.settings.ascii = true;
    insta::assert_snapshot!(draw_snapshot(&mut model, 60, 16));
    let mut model = one(Some(OTHERS));
    update(&mut model, Event::Resized(Size { columns: 60, rows: 16 }));
    tap_key(&mut model, Code::End);
    insta::assert_snapshot!(draw_snapshot(&mut model, 60, 16));
}

/// A save of many under way, a third of it done, and AWS asks to slow down.
fn slowed_save() -> Model {
    let names: Vec<String> = (0..30).map(|number| format!("app/service-{number:02}")).collect();
    let plans = names.iter().map(|name| granting(name, None)).collect();
    let mut model = save_model(plans, Some(pull_request()));
    let effects = press_key(&mut model, Key::of_char('y'));
    let Some(Effect::Save { id, writes, .. }) = effects.first() else { panic!("{effects:?}") };
    let mut progress = Progress::new(writes.len());
    for write in writes.iter().take(16) {
        let begun = SaveNews::Begun(write.repository.clone());
        give_answer(&mut model, *id, Answer::Saving(begun));
    }
    for (number, write) in (1..).zip(writes.iter().take(10)) {
        progress.begin_one();
        progress.end_one(true, Duration::from_millis(500 * number));
        give_answer(&mut model, *id, Answer::Saved(write.repository.clone(), test_written()));
    }
    give_answer(&mut model, *id, Answer::Saving(SaveNews::Moved(progress)));
    let signed = test_signed();
    let now = PolicySlowdowns { reads: Some(Slowdown { per_second: Some(5) }), writes: None };
    let news = Answer::Slowdowns(signed.request_context(), signed.owner_account().clone(), now);
    give_answer(&mut model, RequestId::OF_NEWS, news);
    model
}

#[test]
fn a_save_that_aws_slows_down_says_what_is_reached_and_what_is_left() {
    for (columns, rows) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        let mut model = slowed_save();
        insta::assert_snapshot!(format!("slowed_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
        let screen = screen_text(&model, columns, rows);
        assert!(screen.contains("AWS asks to slow down: 2 a second, about 10 s left"), "{screen}");
    }
}

/// A plan whose gains and losses need more rows than a small window has.
fn many_changes() -> Model {
    let mut plan = granting("vendorapp", Some(OTHERS));
    let accounts = (0..9).map(|number| format!("{}", 333_333_333_330_u64 + number));
    plan.delta.losses = accounts.map(|id| test_change(&id, &["BatchGetImage"])).collect();
    save_model(vec![plan], None)
}

#[test]
fn a_window_that_hides_gains_or_losses_asks_to_scroll_or_enlarge_before_any_key() {
    for (columns, rows) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        let mut model = many_changes();
        insta::assert_snapshot!(format!("hidden_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
        let hides = |model: &Model| screen_text(model, columns, rows).contains("or enlarge: ");
        assert_eq!(hides(&model), rows < 40, "{}", screen_text(&model, columns, rows));
        // Once the last row was on the screen, nothing is asked for.
        for _ in 0..30 {
            tap_key(&mut model, Code::Down);
        }
        assert!(!hides(&model), "{}", screen_text(&model, columns, rows));
    }
    let model = many_changes();
    assert!(screen_text(&model, 60, 10).contains("enlarge"), "{}", screen_text(&model, 60, 10));
}

#[test]
fn what_was_said_of_a_window_too_low_goes_with_its_size() {
    let plan = |at: usize| {
        let mut plan = granting(&format!("app-{at}"), None);
        plan.delta.gains = vec![test_change(&format!("{:012}", at + 1), &["BatchGetImage"])];
        plan
    };
    let mut model = save_model((0..9).map(plan).collect(), Some(pull_request()));
    let resize = |model: &mut Model, rows| {
        update(model, Event::Resized(Size { columns: 80, rows }));
        // As the loop draws it: nothing is pressed.
        screen_text(model, 80, rows)
    };
    for (rows, said) in [(10, Some("not saved: enlarge")), (24, Some("not shown yet")), (60, None)] {
        resize(&mut model, 10);
        update(&mut model, Event::Drawn);
        press_key(&mut model, Key::of_char('y'));
        assert!(model.notice.as_ref().unwrap().text.contains("not saved: "), "{:?}", model.notice);
        let screen = resize(&mut model, rows);
        let text = model.notice.as_ref().map(|notice| notice.text.clone());
        assert_eq!(text.is_some(), said.is_some(), "{screen}");
        assert!(said.is_none_or(|said| text.unwrap().contains(said)), "{screen}");
        // Another notice is left alone.
        model.set_notice(crate::wizard::Tone::Plain, "something else");
        resize(&mut model, 60);
        assert_eq!(model.notice.take().unwrap().text, "something else");
    }
}

#[test]
fn a_long_name_among_several_is_told_whole() {
    let long = format!("platform/{}/service-at-the-end", "very-long-part".repeat(6));
    for (columns, rows) in [(60, 24), (80, 24), (120, 40), (200, 60)] {
        let mut model = save_model(vec![granting("app-a", None), granting(&long, Some(OTHERS))], Some(pull_request()));
        insta::assert_snapshot!(format!("long_name_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
        let page = crate::wizard::save::whole_page(&model);
        let texts: Vec<String> = page.all_rows().iter().map(|row| row.plain_text().trim().to_owned()).collect();
        assert!(texts.concat().contains(&long), "{texts:#?}");
    }
}

#[test]
fn the_repository_under_way_stays_in_sight_until_somebody_moves() {
    let names: Vec<String> = (0..12).map(|number| format!("app/service-{number:02}")).collect();
    let begin = || {
        let plans = names.iter().map(|name| granting(name, None)).collect();
        let mut model = save_model(plans, Some(pull_request()));
        update(&mut model, Event::Resized(Size { columns: 60, rows: 16 }));
        let effects = press_key(&mut model, Key::of_char('y'));
        let Some(Effect::Save { id, writes, .. }) = effects.into_iter().next() else { panic!("no save") };
        (model, id, writes)
    };
    // Each refused with a cause of its own: such rows come first and are not folded.
    let refuse = |model: &mut Model, id: RequestId, write: &crate::plan::Write| {
        give_answer(model, id, Answer::Saving(SaveNews::Begun(write.repository.clone())));
        give_answer(model, id, Answer::Saved(write.repository.clone(), Outcome::Changed { now: None }));
    };
    let shows = |model: &Model, name: &str| {
        screen_text(model, 60, 16).lines().any(|row| row.contains(name) && row.contains("saving"))
    };
    for moves in [false, true] {
        let (mut model, id, writes) = begin();
        for write in writes.iter().take(8) {
            refuse(&mut model, id, write);
        }
        if moves {
            tap_key(&mut model, Code::Home);
        }
        let next = &writes[8].repository;
        give_answer(&mut model, id, Answer::Saving(SaveNews::Begun(next.clone())));
        assert_eq!(shows(&model, next.name.as_str()), !moves, "{}", screen_text(&model, 60, 16));
    }
}

#[test]
fn a_save_with_a_repository_held_read_only_counts_both() {
    let both = || vec![first_grant("vendorapp"), first_grant("worker")];
    let mut model = save_model(both(), None);
    let pattern = crate::plan::ReadOnlyPattern::parse("vendor*", 1).unwrap();
    model.settings.read_only_patterns = crate::plan::ReadOnlyPatterns::of_file("f", vec![pattern]);
    begin_visit(&mut model, to_save(both(), Some(&pull_request())), Some(pull_request()));
    draw_snapshot(&mut model, 100, 30);
    let effects = press_key(&mut model, Key::of_char('y'));
    answer_write(&mut model, &effects, test_written());
    let drawn = screen_text(&model, 100, 30);
    assert!(drawn.contains("read-only and not saved") && !drawn.contains("nothing is saved"), "{drawn}");
}
