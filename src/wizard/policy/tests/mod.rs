mod names;
mod view;

use super::*;
use crate::ecr::FailureKind;
use crate::plan::{Loss, Verdict};
use crate::policy::Policy;
use crate::wizard::page::PageRow;
use crate::wizard::testing::{
    PUBLIC_POLICY, VENDOR_POLICY, answer_policies, give_answer, happen, paste_text, policy_model, policy_reading,
    policy_view_model, press_key, tap_key, test_failure, test_reference, type_text,
};
use crate::wizard::{Code, Event, go, layout, update};
use names::in_actions;

/// A policy of somebody else, with one principal that no longer exists.
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

const OTHER_POLICY: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "Team",
    "Effect" : "Allow",
    "Principal" : {"AWS" : "arn:aws:iam::333333333333:root"},
    "Action" : [ "ecr:BatchGetImage",   "ecr:GetDownloadUrlForLayer" ]
  } ]
}"#;

fn draft(model: &Model) -> &EditedText {
    model.policy.draft().unwrap()
}

fn body(model: &Model) -> &str {
    draft(model).editor.text()
}

fn said(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |n| n.text.as_str())
}

fn f(n: u8) -> Key {
    Key::without_modifiers(Code::F(n))
}

#[test]
fn the_stored_policy_of_each_repository_is_read_once() {
    let (mut model, effects) = policy_reading(&["vendorapp", "data/feature-store"]);
    assert_eq!(effects.iter().filter(|e| matches!(e, Effect::ReadPolicy { .. })).count(), 2);
    assert!(documents_to_save(&model).is_empty());
    assert!(model.waiting_since().is_some());
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Policy);
    assert!(said(&model).contains("still being read"), "{}", said(&model));
    answer_policies(&mut model, &effects, None);
    assert_eq!(documents_to_save(&model).len(), 2);
    assert_eq!(model.waiting_since(), None);
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Actions);
    assert!(tap_key(&mut model, Code::Enter).is_empty(), "nothing changed: nothing is read again");
}

#[test]
fn a_late_answer_of_an_earlier_question_changes_nothing() {
    let (mut model, effects) = policy_reading(&["vendorapp"]);
    tap_key(&mut model, Code::Esc);
    type_text(&mut model, ",333333333333");
    let again = tap_key(&mut model, Code::Enter);
    assert!(again.iter().any(|e| matches!(e, Effect::Cancel(_))), "{again:?}");
    answer_policies(&mut model, &effects, Some(PUBLIC_POLICY));
    assert!(model.policy.draft().is_none());
    answer_policies(&mut model, &again, None);
    assert!(body(&model).contains("333333333333") && !body(&model).contains("AllowAll"));
}

#[test]
fn a_repository_without_a_policy_gets_a_new_document() {
    let model = policy_model(None);
    assert!(body(&model).contains("arn:aws:iam::111111111111:root"), "{}", body(&model));
    assert_eq!(draft(&model).planned.verdict, Verdict::Write);
    assert!(!model.policy.is_edited());
    assert_eq!(documents_to_save(&model)[0].planned.text.as_deref(), Some(body(&model)));
    assert_eq!(draft(&model).size, body(&model).chars().count());
}

#[test]
fn the_grant_is_added_and_every_other_byte_stays() {
    let model = policy_model(Some(OTHER_POLICY));
    let old = OTHER_POLICY.find("{\n    \"Sid\"").unwrap();
    let statement = &OTHER_POLICY[old..OTHER_POLICY.rfind(" ]").unwrap()];
    assert!(body(&model).contains(statement), "{}", body(&model));
    let policy = Policy::read(body(&model)).unwrap();
    let touched = &policy.statements[draft(&model).planned.touched[0]];
    assert_eq!(draft(&model).editor.caret(), touched.span.start, "the caret is at what is new");
}

#[test]
fn what_is_granted_already_is_said_and_goes_on_all_the_same() {
    let mut model = policy_model(Some(VENDOR_POLICY));
    assert!(draft(&model).is_granted());
    assert_eq!(body(&model), VENDOR_POLICY);
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Save);
}

#[test]
fn a_document_that_ecr_would_refuse_is_not_gone_on_with() {
    let mut model = policy_model(None);
    tap_key(&mut model, Code::End);
    type_text(&mut model, "!");
    assert!(matches!(draft(&model).planned.verdict, Verdict::Refused(_)));
    assert!(!draft(&model).findings.is_empty());
    press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Policy);
    assert!(said(&model).chars().next().unwrap().is_ascii_digit(), "line and column are said: {}", said(&model));
    assert_ne!(draft(&model).editor.caret(), 0, "the caret is at the problem");
    press_key(&mut model, Key::with_ctrl('u'));
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Save);
}

#[test]
fn the_first_document_with_a_problem_is_shown() {
    let (mut model, effects) = policy_reading(&["vendorapp", "data/feature-store"]);
    answer_policies(&mut model, &effects, None);
    press_key(&mut model, f(6));
    assert_eq!(model.policy.current(), 1);
    press_key(&mut model, Key::of_char('e'));
    type_text(&mut model, "?");
    press_key(&mut model, f(6));
    assert_eq!(model.policy.current(), 0);
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!((model.step, model.policy.current()), (Step::Policy, 1));
    assert!(said(&model).starts_with("data/feature-store: "), "{}", said(&model));
    press_key(&mut model, f(5));
    assert_eq!(model.policy.current(), 0);
}

#[test]
fn more_than_ecr_takes_is_not_gone_on_with() {
    let mut model = policy_model(None);
    paste_text(&mut model, &" ".repeat(10_240));
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Policy);
    assert!(said(&model).contains("ECR takes at most 10,240"), "{}", said(&model));
    paste_text(&mut model, &"x".repeat(PASTE_LIMIT + 1));
    assert!(said(&model).contains("nothing was pasted"));
}

#[test]
fn a_failure_is_shown_and_r_tries_again() {
    let (mut model, effects) = policy_reading(&["vendorapp"]);
    let Some(Effect::ReadPolicy { id, .. }) = effects.first() else { panic!("{effects:?}") };
    give_answer(&mut model, *id, Answer::Policy(test_reference("vendorapp"), Err(test_failure(FailureKind::Offline))));
    assert!(model.policy.document().unwrap().read_failure().is_some());
    press_key(&mut model, Key::with_ctrl('s'));
    assert!(said(&model).contains("r tries again"));
    let again = press_key(&mut model, Key::of_char('r'));
    answer_policies(&mut model, &again, None);
    assert!(model.policy.draft().is_some());
    press_key(&mut model, Key::of_char('r'));
    assert!(body(&model).contains('r'), "now letters are text");
}

#[test]
fn letters_are_text_and_the_keys_of_the_table_are_not() {
    let mut model = policy_model(None);
    let before = body(&model).to_owned();
    type_text(&mut model, "q?");
    assert!(model.overlay.is_none());
    assert!(body(&model).contains("q?"));
    assert!(model.is_dirty());
    press_key(&mut model, Key::with_ctrl('u'));
    assert_eq!(body(&model), before);
    press_key(&mut model, Key::with_ctrl('r'));
    assert!(body(&model).contains("q?"));
    press_key(&mut model, f(7));
    assert_eq!(body(&model), before);
    assert!(!model.policy.is_edited());
    press_key(&mut model, Key::with_ctrl('u'));
    assert!(body(&model).contains("q?"), "beginning again can be taken back");
}

#[test]
fn formatting_is_one_step_and_needs_json() {
    let mut model = policy_model(Some(OTHER_POLICY));
    let before = body(&model).to_owned();
    press_key(&mut model, f(3));
    assert_ne!(body(&model), before);
    press_key(&mut model, Key::with_ctrl('u'));
    assert_eq!(body(&model), before);
    type_text(&mut model, "]");
    press_key(&mut model, f(3));
    assert!(said(&model).contains("no JSON"), "{}", said(&model));
}

#[test]
fn f8_goes_through_the_problems_and_f2_mends_the_one_at_the_caret() {
    let mut model = policy_model(Some(ORPHAN_POLICY));
    let orphan = body(&model).find("\"AROA").unwrap();
    let stops: Vec<_> = draft(&model).findings.iter().filter(|f| f.stops).collect();
    assert_eq!(stops.len(), 1, "{:?}", draft(&model).findings);
    press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
    for _ in 0..draft(&model).findings.len() {
        press_key(&mut model, f(8));
        if draft(&model).spoken_finding().is_some_and(|f| f.stops) {
            break;
        }
    }
    let caret = draft(&model).editor.caret();
    assert!((caret..=caret + 1).contains(&orphan) || draft(&model).spoken_finding().unwrap().span.start == caret);
    press_key(&mut model, f(2));
    assert!(model.policy.fix_preview().is_some() && body(&model).contains("AROA"), "it changes access: shown first");
    press_key(&mut model, f(2));
    assert!(!body(&model).contains("AROA"), "{}", body(&model));
    assert!(body(&model).contains("333333333333"));
    assert_eq!(draft(&model).planned.verdict, Verdict::Write);
    press_key(&mut model, Key::with_ctrl('u'));
    assert!(body(&model).contains("AROA"), "the fix is one step");
}

#[test]
fn a_selection_is_copied_by_ctrl_c_which_leaves_otherwise() {
    let mut model = policy_model(None);
    let before = body(&model).to_owned();
    press_key(&mut model, Key::with_shift(Code::End));
    let line = draft(&model).editor.selected().unwrap().to_owned();
    let effects = press_key(&mut model, Key::with_ctrl('c'));
    assert!(matches!(effects.as_slice(), [Effect::Copy { text, .. }] if *text == line));
    press_key(&mut model, Key::with_ctrl('x'));
    assert_eq!(body(&model).len(), before.len() - line.len());
    press_key(&mut model, Key::with_ctrl('u'));
    assert_eq!(body(&model), before);
    press_key(&mut model, Key::with_shift(Code::Left));
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Policy, "Escape gives the selection up first");
    let effects = press_key(&mut model, Key::with_ctrl('c'));
    assert!(matches!(effects.as_slice(), [Effect::Quit { .. }]) || model.overlay.is_some());
}

#[test]
fn an_edit_by_hand_is_kept_when_the_grantees_change_and_f7_begins_again() {
    let mut model = policy_model(None);
    paste_text(&mut model, " ");
    let mine = body(&model).to_owned();
    tap_key(&mut model, Code::Esc);
    tap_key(&mut model, Code::Esc);
    type_text(&mut model, ",333333333333");
    let effects = tap_key(&mut model, Code::Enter);
    assert!(said(&model).contains("F7 begins again"), "{}", said(&model));
    answer_policies(&mut model, &effects, None);
    assert_eq!(body(&model), mine);
    press_key(&mut model, f(7));
    assert!(body(&model).contains("333333333333"));
    assert!(!model.policy.is_edited());
}

#[test]
fn a_draft_that_nobody_edited_follows_the_grantees() {
    let mut model = policy_view_model(None);
    tap_key(&mut model, Code::Esc);
    type_text(&mut model, ",333333333333");
    let effects = tap_key(&mut model, Code::Enter);
    answer_policies(&mut model, &effects, None);
    assert!(body(&model).contains("333333333333"));
}

/// Tells what turned out to be stored, and lets it be worked out.
fn now_stored(model: &mut Model, repository: &crate::ecr::RepositoryRef, text: Option<String>) {
    stored_changed(model, repository, text);
    let now = model.now;
    happen(model, Event::Clock(now));
}

#[test]
fn what_turns_out_to_be_stored_is_taken_as_the_new_ground() {
    let mut model = policy_model(None);
    now_stored(&mut model, &test_reference("vendorapp"), Some(OTHER_POLICY.to_owned()));
    assert!(body(&model).contains("333333333333") && body(&model).contains("111111111111"));
    let mut model = policy_model(None);
    paste_text(&mut model, " ");
    let mine = body(&model).to_owned();
    now_stored(&mut model, &test_reference("vendorapp"), Some(OTHER_POLICY.to_owned()));
    assert_eq!(body(&model), mine);
    assert_eq!(documents_to_save(&model)[0].planned.stored.as_deref(), Some(OTHER_POLICY));
    now_stored(&mut model, &test_reference("vendorapp"), Some(mine.clone()));
    assert!(!model.policy.is_edited(), "what is stored now is no draft any more");
}

#[test]
fn a_stored_policy_that_cannot_be_read_is_mended_first() {
    let broken = OTHER_POLICY.replace("\"Allow\",", "\"Allow\"");
    let mut model = policy_model(Some(&broken));
    assert_eq!(body(&model), broken);
    assert!(!draft(&model).is_readable());
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Policy);
    press_key(&mut model, f(2));
    press_key(&mut model, f(7));
    assert!(body(&model).contains("333333333333") && body(&model).contains("111111111111"), "{}", body(&model));
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Save, "{}", said(&model));
}

#[test]
fn without_grantees_there_is_no_document() {
    let mut model = crate::wizard::testing::model_with_chosen(&["vendorapp"]);
    assert!(go(&mut model, Step::Policy).is_empty());
    assert!(documents_to_save(&model).is_empty());
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Policy);
}

#[test]
fn forgetting_reads_afresh() {
    let mut model = policy_model(None);
    forget(&mut model);
    assert!(go(&mut model, Step::Policy).iter().any(|e| matches!(e, Effect::ReadPolicy { .. })));
}

#[test]
fn a_key_in_a_large_policy_is_worked_out_only_when_it_changes_the_text() {
    let mut model = policy_model(None);
    let statements: Vec<String> = (0..40)
        .map(|n| {
            format!(
                "{{\"Sid\": \"Team{n}\", \"Effect\": \"Allow\", \"Principal\": {{\"AWS\": \"arn:aws:iam::3333333333{n:02}:root\"}}, \
                 \"Action\": [\"ecr:BatchGetImage\", \"ecr:GetDownloadUrlForLayer\", \"ecr:DescribeImages\"]}}"
            )
        })
        .collect();
    let large = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{}]}}", statements.join(",\n"));
    now_stored(&mut model, &test_reference("vendorapp"), Some(large));
    let worked_out = draft(&model).paints.as_ptr();
    for _ in 0..5 {
        tap_key(&mut model, Code::Down);
    }
    assert_eq!(draft(&model).paints.as_ptr(), worked_out, "a movement works nothing out again");
    // One change: after a second one, the first memory may be in use again.
    type_text(&mut model, "x");
    assert_ne!(draft(&model).paints.as_ptr(), worked_out, "a change does");
}

#[test]
fn a_document_that_would_lock_the_caller_out_is_not_gone_on_with() {
    let mut model = policy_model(None);
    let fence = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
        "Action": "ecr:SetRepositoryPolicy"}]}"#;
    press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
    press_key(&mut model, Key { ctrl: true, shift: true, ..Key::without_modifiers(Code::End) });
    paste_text(&mut model, fence);
    assert_eq!(body(&model), fence);
    assert!(
        matches!(draft(&model).planned.verdict, Verdict::LocksOut(Loss::Denied(0))),
        "{:?}",
        draft(&model).planned.verdict
    );
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Policy);
    assert!(said(&model).contains("lock you out"), "{}", said(&model));
    assert_eq!(draft(&model).editor.caret(), fence.find("{\"Effect").unwrap());
}

#[test]
fn a_text_is_found_as_it_is_typed_and_escape_stays_at_the_match() {
    let mut model = policy_model(None);
    let selected = |model: &Model| draft(model).editor.selected().map(str::to_owned);
    let count = |model: &Model| match model.policy.prompt() {
        Some(Prompt::Find(find)) => find.match_number(),
        other => panic!("{other:?}"),
    };
    press_key(&mut model, Key::with_ctrl('f'));
    assert_eq!((model.key_scopes().first(), count(&model)), (Some(&KeyScope::FindLine), None));
    type_text(&mut model, "ecr:");
    assert_eq!((selected(&model).as_deref(), count(&model)), (Some("ecr:"), Some((1, 3))));
    tap_key(&mut model, Code::Enter);
    press_key(&mut model, Key::with_ctrl('f'));
    assert_eq!(count(&model), Some((3, 3)));
    tap_key(&mut model, Code::Down);
    assert_eq!(count(&model), Some((1, 3)), "from the last to the first");
    tap_key(&mut model, Code::Up);
    type_text(&mut model, "z");
    assert_eq!((selected(&model), count(&model)), (None, None));
    tap_key(&mut model, Code::Backspace);
    assert_eq!(count(&model), Some((3, 3)), "back where it was");
    let before = body(&model).to_owned();
    tap_key(&mut model, Code::Esc);
    assert!(model.policy.prompt().is_none());
    assert_eq!((model.step, selected(&model).as_deref()), (Step::Policy, Some("ecr:")));
    assert_eq!(body(&model), before, "nothing is typed into the text");
    tap_key(&mut model, Code::Right);
    press_key(&mut model, Key::with_ctrl('f'));
    assert_eq!(count(&model), Some((1, 3)), "what was looked for last is there again");
    let effects = press_key(&mut model, Key::with_ctrl('c'));
    assert!(matches!(effects.as_slice(), [Effect::Copy { text, .. }] if text == "ecr:"), "{effects:?}");
    press_key(&mut model, Key::with_ctrl('x'));
    assert_eq!(count(&model), Some((1, 2)), "the text is looked through again");
}

#[test]
fn what_is_selected_is_looked_for_and_a_paste_goes_into_the_line() {
    let mut model = policy_model(None);
    let at = body(&model).find("Version").unwrap();
    model.policy.draft_mut().unwrap().editor.select(at..at + 7);
    press_key(&mut model, Key::with_ctrl('f'));
    let Some(Prompt::Find(find)) = model.policy.prompt() else { panic!("no prompt") };
    assert_eq!((find.field.text(), find.match_number()), ("Version", Some((1, 1))));
    press_key(&mut model, Key::with_ctrl('u'));
    paste_text(&mut model, "Effect\nSid");
    let Some(Prompt::Find(find)) = model.policy.prompt() else { panic!("no prompt") };
    assert_eq!(find.field.text(), "Effect");
    assert!(!model.policy.is_edited());
}

#[test]
fn a_line_is_gone_to_and_one_that_is_not_there_is_refused() {
    let mut model = policy_model(None);
    press_key(&mut model, Key::with_ctrl('g'));
    type_text(&mut model, "5:8");
    tap_key(&mut model, Code::Enter);
    assert!(model.policy.prompt().is_none());
    assert!(body(&model)[draft(&model).editor.caret()..].starts_with("Sid\""));
    press_key(&mut model, Key::with_ctrl('g'));
    type_text(&mut model, "500");
    tap_key(&mut model, Code::Enter);
    assert!(matches!(model.policy.prompt(), Some(Prompt::Line(line)) if line.is_wrong));
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Policy);
    assert!(body(&model)[draft(&model).editor.caret()..].starts_with("Sid\""), "the caret stays");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_typed_found_and_taken_undoing_all_gives_the_first_text(
        pressed in proptest::collection::vec(0..30usize, 0..50),
    ) {
        let keys: Vec<Key> = "\"[{}]:,ep12\\ "
            .chars()
            .map(Key::of_char)
            .chain(['f', 'g', ' ', 'x'].map(Key::with_ctrl))
            .chain([Code::Enter, Code::Tab, Code::Backspace, Code::Delete, Code::Up, Code::Down, Code::Left].map(Key::without_modifiers))
            .chain([Code::Right, Code::End].map(Key::with_shift))
            .chain([f(2), f(3), Key::without_modifiers(Code::Esc)])
            .collect();
        let mut model = in_actions();
        let first = policy_model(None);
        for at in pressed {
            let Some(key) = keys.get(at) else {
                paste_text(&mut model, "\"ecr:\r\n");
                continue;
            };
            let is_open = model.policy.prompt().is_some() || model.policy.completion().is_some();
            if key.code == Code::Esc && !is_open && draft(&model).editor.selection().is_none() {
                continue;
            }
            press_key(&mut model, *key);
            proptest::prop_assert_eq!(model.step, Step::Policy);
            proptest::prop_assert!(draft(&model).editor.text().is_char_boundary(draft(&model).editor.caret()));
        }
        let last = body(&model).to_owned();
        let editor = &mut model.policy.draft_mut().unwrap().editor;
        while editor.undo() {}
        proptest::prop_assert_eq!(editor.text(), body(&first));
        while editor.redo() {}
        proptest::prop_assert_eq!(editor.text(), last.as_str());
    }
}

/// At Policy with a registry policy that is read beside the repository's, which has none.
fn model_in(registry: &crate::policy::RegistryPolicy) -> Model {
    let (mut model, effects) = policy_reading(&["vendorapp"]);
    for effect in &effects {
        if let Effect::ReadPolicy { id, repository, .. } = effect {
            let (account, region) = (repository.account.clone(), repository.region.clone());
            give_answer(&mut model, *id, Answer::RegistryPolicy(account, region, registry.clone()));
        }
    }
    answer_policies(&mut model, &effects, None);
    model
}

#[test]
fn a_deny_of_the_registry_policy_stops_the_save_and_an_edit_does_not_lose_it() {
    let ban = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Ban", "Effect": "Deny", "Principal": {"AWS": "111111111111"},
        "Action": "ecr:*", "Resource": "*"}]}"#;
    let mut model = model_in(&crate::policy::RegistryPolicy::of(Some(ban)));
    let obstacle = |model: &Model| model.policy.draft().unwrap().first_obstacle().map(|(_, words)| words);
    let words = "pull for account 111111111111 is blocked by statement 1 (Ban) of the registry policy";
    assert_eq!(obstacle(&model).as_deref(), Some(words));
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Policy);
    assert!(said(&model).contains(words), "{}", said(&model));
    // A text changed by hand is the user's: it is saved, and what the Deny takes is told.
    paste_text(&mut model, "\n");
    let draft = model.policy.draft().unwrap();
    assert_eq!(draft.planned.doubt_words().as_deref(), Some(words), "{:?}", draft.planned);
}

#[test]
fn a_registry_policy_that_cannot_be_read_is_told_to_the_end() {
    let mut model = model_in(&crate::policy::RegistryPolicy::Unreadable("the role may not".to_owned()));
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Save);
    let page = crate::wizard::save::whole_page(&model).text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(page.matches("could not be read (the role may not): a Deny there would").count(), 1, "{page}");
    let effects = press_key(&mut model, Key::of_char('y'));
    crate::wizard::testing::answer_write(&mut model, &effects, crate::wizard::testing::test_written());
    let done = &model.save.done_sentences();
    assert!(!done.is_empty());
    assert!(
        done.iter().any(|line| line.contains("the registry policy could not be read, and may deny it")),
        "{done:?}"
    );
    assert!(!done.iter().any(|line| line.contains("owner side done")), "{done:?}");
}

/// Presses keys; returns how often each made the engine parse a text.
fn parses<const N: usize>(model: &mut Model, keys: [Key; N]) -> [usize; N] {
    let count = crate::policy::syntax::parses;
    keys.map(|key| {
        let before = count();
        press_key(model, key);
        count() - before
    })
}

#[test]
fn a_key_in_the_editor_parses_the_text_once_and_the_stored_policy_never_again() {
    let (a, backspace, right) =
        (Key::of_char('a'), Key::without_modifiers(Code::Backspace), Key::without_modifiers(Code::Right));
    for stored in [None, Some(OTHER_POLICY), Some(ORPHAN_POLICY), Some(VENDOR_POLICY), Some(PUBLIC_POLICY)] {
        let mut model = policy_model(stored);
        let inside = body(&model).find("2012").unwrap();
        model.policy.draft_mut().unwrap().editor.go_to(inside);
        assert_eq!(parses(&mut model, [a, a, backspace, backspace, right]), [1, 1, 1, 1, 0], "{stored:?}");
    }
}

#[test]
fn a_text_that_is_no_json_is_tried_as_what_it_may_be_besides() {
    for stored in [None, Some(OTHER_POLICY), Some("{")] {
        let mut model = policy_model(stored);
        let counts = parses(&mut model, [Key::of_char('a'), Key::of_char('a')]);
        assert!(counts.iter().all(|count| (1..=5).contains(count)), "{stored:?}: {counts:?}");
    }
}
