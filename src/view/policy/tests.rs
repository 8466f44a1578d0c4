use super::super::testing::draw_snapshot;
use crate::ecr::FailureKind;
use crate::wizard::testing::{
    PUBLIC_POLICY, VENDOR_POLICY, answer_policies, give_answer, paste_text, policy_model, policy_reading,
    policy_view_model, press_key, tap_key, test_failure, test_reference, type_text,
};
use crate::wizard::{Answer, Code, Effect, Event, Key, Model, update};

const ORPHAN_POLICY: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "Team",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : [ "arn:aws:iam::333333333333:root", "AROAEXAMPLEEXAMPLE123" ]
    },
    "Action" : [ "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer" ]
  } ]
}"#;

const DENY_POLICY: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "Fence",
    "Effect" : "Deny",
    "Principal" : "*",
    "Action" : "ecr:BatchGetImage",
    "Condition" : {
      "StringNotEquals" : {
        "aws:PrincipalOrgID" : "o-a1b2c3d4e5"
      }
    }
  } ]
}"#;

fn both(name: &str, mut model: Model) {
    insta::assert_snapshot!(format!("{name}_80x24"), draw_snapshot(&mut model, 80, 24));
    insta::assert_snapshot!(format!("{name}_120x40"), draw_snapshot(&mut model, 120, 40));
}

fn f(n: u8) -> Key {
    Key::without_modifiers(Code::F(n))
}

#[test]
fn reading_and_failing() {
    let (mut model, effects) = policy_reading(&["vendorapp", "data/feature-store"]);
    update(&mut model, Event::Clock(400));
    both("reading", model);
    let (mut model, _) = (policy_reading(&["vendorapp"]).0, effects);
    let Some(Effect::ReadPolicy { id, .. }) =
        policy_reading(&["vendorapp"]).1.into_iter().find(|e| matches!(e, Effect::ReadPolicy { .. }))
    else {
        panic!("nothing is read");
    };
    give_answer(&mut model, id, Answer::Policy(test_reference("vendorapp"), Err(test_failure(FailureKind::Offline))));
    both("failed", model);
}

#[test]
fn a_new_document() {
    both("new", policy_model(None));
}

#[test]
fn the_grant_added_to_todays_policy() {
    both("merged", policy_model(Some(&VENDOR_POLICY.replace("1111", "3333").replace("EcrGrant", "Team"))));
    both("public", policy_model(Some(PUBLIC_POLICY)));
}

#[test]
fn already_granted() {
    both("granted", policy_model(Some(VENDOR_POLICY)));
}

#[test]
fn a_grant_that_a_deny_may_void() {
    both("blocked", policy_model(Some(DENY_POLICY)));
}

#[test]
fn a_slip_while_typing() {
    let mut model = policy_model(None);
    press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
    tap_key(&mut model, Code::Down);
    tap_key(&mut model, Code::End);
    tap_key(&mut model, Code::Backspace);
    both("error", model);
}

#[test]
fn several_documents_and_one_with_a_refused_principal() {
    let (mut model, effects) = policy_reading(&["platform/billing-api", "vendorapp", "data/feature-store"]);
    answer_policies(&mut model, &effects, Some(ORPHAN_POLICY));
    press_key(&mut model, f(6));
    press_key(&mut model, f(8));
    both("orphan", model);
}

#[test]
fn the_difference() {
    both("difference", policy_view_model(Some(PUBLIC_POLICY)));
}

#[test]
fn the_view_of_a_new_policy_of_one_that_is_granted_and_of_one_that_cannot_be_read() {
    both("view-new", policy_view_model(None));
    both("view-granted", policy_view_model(Some(VENDOR_POLICY)));
    both("view-unreadable", policy_view_model(Some("{\"Version\": \"2012-10-17\", \"Statement\": [}")));
}

#[test]
fn too_long() {
    let mut model = policy_model(None);
    press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::End) });
    paste_text(&mut model, &" ".repeat(9_300));
    insta::assert_snapshot!("nearly_full_80x24", draw_snapshot(&mut model, 80, 24));
    paste_text(&mut model, &" ".repeat(3_000));
    press_key(&mut model, Key::with_ctrl('s'));
    both("too_long", model);
}

#[test]
fn the_ways_to_make_a_grant_fit() {
    let fill = "x".repeat(9_700);
    let blanks = " ".repeat(150);
    let stored = format!(
        r#"{{"Version":"2012-10-17","Statement":{blanks}[{{"Sid":"Theirs","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::333333333333:root"}},"Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}},
{{"Sid":"{fill}","Effect":"Deny","Principal":{{"AWS":"arn:aws:iam::444444444444:root"}},"Action":"ecr:PutImage"}}]}}"#
    );
    let mut model = policy_model(Some(&stored));
    press_key(&mut model, f(9));
    press_key(&mut model, Key::without_modifiers(Code::Down));
    insta::assert_snapshot!("ways_listed_80x24", draw_snapshot(&mut model, 80, 24));
    press_key(&mut model, f(2));
    both("way_shown", model);
}

#[test]
fn a_statement_that_would_lock_the_caller_out() {
    let mut model = policy_model(None);
    press_key(&mut model, Key { ctrl: true, shift: true, ..Key::without_modifiers(Code::End) });
    press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
    press_key(&mut model, Key { ctrl: true, shift: true, ..Key::without_modifiers(Code::End) });
    let statement = r#"{"Sid": "Fence", "Effect": "Deny", "Principal": "*", "Action": "ecr:SetRepositoryPolicy"}"#;
    paste_text(&mut model, &format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{statement}]\n}}"));
    insta::assert_snapshot!("locked_out_80x24", draw_snapshot(&mut model, 80, 24));
}

#[test]
fn a_selection_and_control_characters() {
    let mut model = policy_model(None);
    paste_text(&mut model, "\u{1b}[2J\t\u{202e}名前\n");
    press_key(&mut model, Key::with_shift(Code::Up));
    press_key(&mut model, Key::with_shift(Code::Down));
    press_key(&mut model, Key::with_shift(Code::Down));
    insta::assert_snapshot!("selection_80x24", draw_snapshot(&mut model, 80, 24));
}

#[test]
fn finding_and_going_to_a_line() {
    let mut model = policy_model(Some(ORPHAN_POLICY));
    press_key(&mut model, Key::with_ctrl('f'));
    type_text(&mut model, "ecr:");
    both("find", model);
    let mut model = policy_model(None);
    press_key(&mut model, Key::with_ctrl('f'));
    type_text(&mut model, "nobody");
    insta::assert_snapshot!("find_nothing_80x24", draw_snapshot(&mut model, 80, 24));
    tap_key(&mut model, Code::Esc);
    press_key(&mut model, Key::with_ctrl('g'));
    insta::assert_snapshot!("line_80x24", draw_snapshot(&mut model, 80, 24));
    type_text(&mut model, "99");
    tap_key(&mut model, Code::Enter);
    insta::assert_snapshot!("line_wrong_60x16", draw_snapshot(&mut model, 60, 16));
}

/// The caret goes to where a text begins, and past it.
fn go_behind(model: &mut Model, text: &str) {
    press_key(model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
    press_key(model, Key::with_ctrl('f'));
    press_key(model, Key::with_ctrl('u'));
    type_text(model, text);
    tap_key(model, Code::Esc);
    tap_key(model, Code::Right);
}

#[test]
fn names_that_can_stand_at_the_caret() {
    let mut model = policy_model(None);
    go_behind(&mut model, "\"ecr:BatchCheckLayerAvailability\"");
    type_text(&mut model, ", \"ecr:");
    press_key(&mut model, Key::with_ctrl(' '));
    tap_key(&mut model, Code::Down);
    both("names_actions", model);

    let mut model = policy_model(Some(DENY_POLICY));
    go_behind(&mut model, "\"StringNotEquals\" : {");
    press_key(&mut model, Key::with_ctrl(' '));
    both("names_keys", model);

    let mut model = policy_model(None);
    go_behind(&mut model, "\"AWS\": [");
    press_key(&mut model, Key::with_ctrl(' '));
    insta::assert_snapshot!("names_principals_80x24", draw_snapshot(&mut model, 80, 24));
    insta::assert_snapshot!("names_principals_60x16", draw_snapshot(&mut model, 60, 16));
    for (columns, rows) in [(1, 1), (40, 10), (41, 11), (79, 20), (300, 100)] {
        assert!(!draw_snapshot(&mut model, columns, rows).is_empty());
    }
    tap_key(&mut model, Code::Down);
    tap_key(&mut model, Code::Enter);
    insta::assert_snapshot!("names_taken_80x24", draw_snapshot(&mut model, 80, 24));
}

#[test]
fn any_size_can_be_drawn() {
    let mut model = policy_model(Some(ORPHAN_POLICY));
    for _ in 0..2 {
        for (columns, rows) in [(1, 1), (40, 10), (41, 11), (60, 16), (79, 20), (300, 100)] {
            assert!(!draw_snapshot(&mut model, columns, rows).is_empty());
        }
        press_key(&mut model, f(4));
    }
    press_key(&mut model, f(8));
    type_text(&mut model, "x");
    insta::assert_snapshot!("error_60x16", draw_snapshot(&mut model, 60, 16));
}

/// Returns the lines of a drawn difference that begin with a sign.
fn signed_lines(drawn: &str) -> usize {
    drawn.lines().filter(|line| line.starts_with("| + ") || line.starts_with("| - ")).count()
}

#[test]
fn the_view_opens_on_a_changed_line_in_every_window() {
    let team = VENDOR_POLICY.replace("1111", "3333").replace("EcrGrant", "Team");
    for stored in [None, Some(team.as_str()), Some(PUBLIC_POLICY), Some(ORPHAN_POLICY), Some(DENY_POLICY), Some(MANY)] {
        for (columns, rows) in [(60, 16), (60, 20), (80, 24), (100, 30), (120, 40), (200, 60)] {
            let drawn = draw_snapshot(&mut policy_view_model(stored), columns, rows);
            // What a Deny keeps from the grantee comes first, and a low window has no room for both.
            let is_full = stored == Some(DENY_POLICY) && rows < 20;
            assert!(is_full || signed_lines(&drawn) > 0, "{columns}x{rows}:\n{drawn}");
        }
    }
}

/// A stored policy with several findings of every kind, and a fix that changes access among theirs.
const MANY: &str = r#"{
  "Version": "2008-10-17",
  "Statement": [
    {
      "Sid": "Open",
      "Effect": "Allow",
      "Principal": "*",
      "Action": ["ecr:BatchGetImage", "ecr:PutImage", "ecr:BatchGetImages", "ecr:GetAuthorizationToken"]
    },
    {
      "Sid": "Team",
      "Effect": "Allow",
      "Principal": {"AWS": ["arn:aws:iam::333333333333:root", "AROAEXAMPLEEXAMPLE123"]},
      "Action": "ecr:BatchGetImage"
    }
  ]
}"#;

#[test]
fn the_list_of_findings_and_a_fix_that_changes_access() {
    let mut model = policy_model(Some(MANY));
    press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
    press_key(&mut model, f(9));
    for (columns, rows) in [(60, 16), (80, 24), (120, 40)] {
        insta::assert_snapshot!(format!("findings_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
    for (columns, rows) in [(1, 1), (40, 10), (41, 11), (79, 20), (300, 100)] {
        assert!(!draw_snapshot(&mut model, columns, rows).is_empty());
    }
    while !model.policy.listed_finding().unwrap().fix.as_ref().is_some_and(|fix| fix.changes_access) {
        tap_key(&mut model, Code::Down);
    }
    press_key(&mut model, f(2));
    for (columns, rows) in [(60, 16), (80, 24)] {
        insta::assert_snapshot!(
            format!("fix_from_the_list_{columns}x{rows}"),
            draw_snapshot(&mut model, columns, rows)
        );
    }
    for _ in 0..2 {
        tap_key(&mut model, Code::Esc);
    }
    press_key(&mut model, f(2));
    for (columns, rows) in [(60, 16), (80, 24)] {
        insta::assert_snapshot!(format!("fix_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
    for (columns, rows) in [(1, 1), (40, 10), (41, 11), (79, 20), (300, 100)] {
        assert!(!draw_snapshot(&mut model, columns, rows).is_empty());
    }
}

#[test]
fn what_narrowing_cuts_is_shown_before_it_is_done() {
    let vendor = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Vendor",
      "Effect": "Allow",
      "Principal": "*",
      "Action": ["ecr:Get*", "ecr:PutImage", "ecr:SetRepositoryPolicy", "ecr:BatchDeleteImage", "ecr:ListImages"],
      "Resource": "*"
    }
  ]
}"#;
    let mut model = policy_model(Some(vendor));
    let statement = model.policy.draft().unwrap().editor.text().find("Vendor").unwrap();
    press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
    while model.policy.draft().unwrap().editor.caret() < statement {
        tap_key(&mut model, Code::Down);
    }
    press_key(&mut model, Key::with_ctrl('n'));
    for (columns, rows) in [(60, 16), (80, 24), (120, 40)] {
        insta::assert_snapshot!(format!("narrow_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
    for (columns, rows) in [(1, 1), (40, 10), (41, 11), (79, 20), (300, 100)] {
        assert!(!draw_snapshot(&mut model, columns, rows).is_empty());
    }
}

#[test]
fn a_frame_parses_nothing() {
    let parses = crate::policy::syntax::parses;
    for stored in [None, Some(PUBLIC_POLICY), Some(ORPHAN_POLICY), Some(DENY_POLICY), Some("{")] {
        let model = policy_model(stored);
        let before = parses();
        super::super::testing::screen_text(&model, 120, 40);
        assert_eq!(parses(), before, "{stored:?}");
    }
}

/// A text whose examination has not come back for so long that the screen says so.
fn long_checked(keys: &[Key]) -> Model {
    let mut model = policy_model(Some(PUBLIC_POLICY));
    for key in keys {
        update(&mut model, Event::Key(*key));
    }
    update(&mut model, Event::Clock(420));
    model
}

#[test]
fn a_text_that_is_still_being_checked() {
    both("checking", long_checked(&[Key::of_char('x')]));
    both("checking_to_go_on", long_checked(&[Key::of_char('x'), Key::with_ctrl('s')]));
    let mut model = long_checked(&[Key::of_char('x')]);
    model.settings.no_color = true;
    both("checking_no_color", model);
    // A short examination is not told.
    let mut model = policy_model(Some(PUBLIC_POLICY));
    update(&mut model, Event::Key(Key::of_char('x')));
    update(&mut model, Event::Clock(119));
    assert!(!draw_snapshot(&mut model, 80, 24).contains("checking"));
    let (mut model, effects) = policy_reading(&["vendorapp"]);
    let Some(Effect::ReadPolicy { id, repository, .. }) = effects.first() else { panic!("{effects:?}") };
    let read = Answer::Policy(repository.clone(), Ok(Some(PUBLIC_POLICY.to_owned())));
    update(&mut model, Event::Answer(*id, Box::new(read)));
    update(&mut model, Event::Clock(420));
    both("checking_what_was_read", model);
}
