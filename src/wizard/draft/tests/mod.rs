mod damaged;

use super::keeping::{LONGEST, QUIET};
use super::*;
use crate::ecr::FailureKind;
use crate::ecr::Grantee;
use crate::ecr::Verified;
use crate::plan::Outcome;
use crate::plan::RepositorySelector;
use crate::wizard::test_world::World;
use crate::wizard::testing::{
    VENDOR_POLICY, answer_policies, answer_write, edit_text, fresh_model, give_answer as reply, model_with_chosen,
    policy_model, press_key, tap_key, test_account, test_draft, test_failure, test_region, test_written, type_text,
};
use crate::wizard::{
    Action, Answer, Code, Effect, Event, Key, KeyScope, Model, Overlay, Prefill, Signed, start, update,
};

/// A start that has found a draft, at the question.
fn asked(draft: Draft, flags: Prefill) -> (Model, Vec<Effect>) {
    let mut model = Model::new(crate::wizard::WizardSettings::default(), flags, fresh_model().size);
    model.draft.on = true;
    offer_draft(&mut model, OfferedDraft { draft, age: 90 });
    let effects = start(&mut model);
    (model, effects)
}

/// As `asked`, gone on with as far as it goes by itself.
fn gone_on(draft: Draft, world: &World) -> Model {
    let (mut model, effects) = asked(draft, Prefill::default());
    world.serve(&mut model, effects);
    let effects = tap_key(&mut model, Code::Enter);
    world.serve(&mut model, effects);
    model
}

fn said(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

fn shown(model: &Model) -> &str {
    model.policy.draft().map_or("", |draft| draft.editor.text())
}

/// Time goes on, and where the model asked for it, that it is quiet is told.
fn passes(model: &mut Model, milliseconds: u64) -> Vec<Effect> {
    let now = model.now + milliseconds;
    update(model, Event::Clock(now));
    if due_at(model).is_some_and(|due| due <= now) { update(model, Event::Quiet) } else { Vec::new() }
}

/// At Actions with `vendorapp` chosen, drafts kept, nothing typed.
fn keeping() -> Model {
    let mut model = model_with_chosen(&["vendorapp"]);
    model.draft.on = true;
    model
}

#[test]
fn an_unknown_version_is_no_draft() {
    let text = test_draft().to_text(7).replace("draft 1", "draft 2");
    assert!(Draft::from_text(&text).unwrap_err().contains("format"));
    for (from, to) in [
        ("222222222222", "22"),
        ("\"step\": \"Policy\"", "\"step\": \"Permissions\""),
        ("\"credentials\": \"profile\"", "\"credentials\": \"stolen\""),
        ("BatchGetImage", "BatchStealImage"),
        ("\"tag\"", "\"secret\""),
    ] {
        let text = test_draft().to_text(7);
        assert!(text.contains(from), "{from}");
        // The first place alone: the rest is the policy's text.
        assert!(Draft::from_text(&text.replacen(from, to, 1)).is_err(), "{to}");
    }
}

#[test]
fn nothing_is_kept_before_something_is_entered() {
    let mut model = keeping();
    tap_key(&mut model, Code::Tab);
    assert_eq!(due_at(&model), None);
    assert_eq!(Draft::of(&model), None);
}

#[test]
fn what_was_entered_is_kept_after_a_quiet_time_once() {
    let mut model = keeping();
    type_text(&mut model, "11111111111");
    assert!(passes(&mut model, QUIET - 1).is_empty());
    type_text(&mut model, "1");
    assert!(passes(&mut model, QUIET - 1).is_empty(), "the last key counts");
    let effects = passes(&mut model, 1);
    let [Effect::SaveDraft { draft, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((draft.step, draft.grantees.as_str()), (Step::Actions, "111111111111"));
    assert_eq!(draft.repositories.iter().map(RepositoryName::as_str).collect::<Vec<_>>(), ["vendorapp"]);
    // Nothing wakes an idle program.
    assert_eq!(due_at(&model), None);
    tap_key(&mut model, Code::Left);
    assert!(passes(&mut model, QUIET).is_empty(), "the caret alone is no change");
    assert_eq!(due_at(&model), None);
}

#[test]
fn who_types_without_a_pause_is_not_kept_waiting_for_ever() {
    let mut model = keeping();
    let mut kept_after = None;
    for n in 0..100_u64 {
        type_text(&mut model, "1");
        if !passes(&mut model, 100).is_empty() {
            kept_after = Some((n + 1) * 100);
            break;
        }
    }
    assert_eq!(kept_after, Some(LONGEST));
}

#[test]
fn a_click_may_change_what_is_kept_too() {
    let mut model = keeping();
    type_text(&mut model, "111111111111");
    passes(&mut model, QUIET);
    assert_eq!(due_at(&model), None);
    update(&mut model, Event::Click { column: 5, row: 5 });
    assert!(due_at(&model).is_some());
    update(&mut model, Event::Background(crate::wizard::Background::Dark));
    passes(&mut model, QUIET);
    assert_eq!(due_at(&model), None);
}

#[test]
fn where_nothing_is_kept_nobody_is_woken() {
    let mut model = keeping();
    model.draft.on = false;
    type_text(&mut model, "111111111111");
    assert_eq!(due_at(&model), None);
    assert!(update(&mut model, Event::Quiet).is_empty());
    assert!(!tap_key(&mut model, Code::Esc).contains(&Effect::ForgetDraft));
}

#[test]
fn a_policy_changed_by_hand_is_kept_with_what_it_was_based_on() {
    let mut model = policy_model(Some(VENDOR_POLICY));
    press_key(&mut model, Key::of_char('x'));
    let draft = Draft::of(&model).unwrap();
    assert_eq!((draft.step, draft.shown.as_ref().map(RepositoryName::as_str)), (Step::Policy, Some("vendorapp")));
    let [edited] = draft.texts.as_slice() else { panic!("{:?}", draft.texts) };
    assert_eq!(edited.text, shown(&model));
    assert_eq!(edited.stored.as_deref(), Some(VENDOR_POLICY));
    press_key(&mut model, Key::with_ctrl('u'));
    assert_eq!(Draft::of(&model).unwrap().texts, []);
}

#[test]
fn what_is_saved_is_no_draft_any_more() {
    let mut model = policy_model(None);
    model.draft.on = true;
    press_key(&mut model, Key::with_ctrl('s'));
    assert!(
        matches!(passes(&mut model, QUIET).as_slice(), [Effect::SaveDraft { draft, .. }] if draft.step == Step::Save)
    );
    let effects = press_key(&mut model, Key::of_char('y'));
    assert!(passes(&mut model, QUIET).is_empty(), "the outcome is not known yet");
    answer_write(&mut model, &effects, test_written());
    assert_eq!(passes(&mut model, QUIET), [Effect::ForgetDraft]);
    assert!(!model.is_dirty());
}

#[test]
fn what_was_refused_is_still_a_draft() {
    let mut model = policy_model(None);
    model.draft.on = true;
    press_key(&mut model, Key::with_ctrl('s'));
    passes(&mut model, QUIET);
    let effects = press_key(&mut model, Key::of_char('y'));
    answer_write(&mut model, &effects, Outcome::Refused(test_failure(FailureKind::AccessDenied)));
    assert!(passes(&mut model, QUIET).is_empty());
    assert!(Draft::of(&model).is_some());
}

#[test]
fn who_leaves_deliberately_leaves_no_draft() {
    let mut model = keeping();
    type_text(&mut model, "111111111111");
    assert!(press_key(&mut model, Key::with_ctrl('c')).is_empty(), "it is asked first");
    let effects = press_key(&mut model, Key::of_char('y'));
    assert!(matches!(effects.as_slice(), [Effect::ForgetDraft, Effect::Quit { .. }]), "{effects:?}");
}

#[test]
fn who_keeps_the_draft_leaves_once_it_is_on_the_disk() {
    for kept in [true, false] {
        let mut model = keeping();
        type_text(&mut model, "111111111111");
        press_key(&mut model, Key::with_ctrl('c'));
        let effects = press_key(&mut model, Key::of_char('k'));
        let [Effect::KeepAndLeave { id, draft: Some(draft) }] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!(draft.grantees, "111111111111");
        assert!(press_key(&mut model, Key::of_char('k')).is_empty(), "once");
        assert!(passes(&mut model, QUIET).is_empty(), "no second file");
        let result = if kept { Ok(()) } else { Err(test_failure(FailureKind::File)) };
        let effects = reply(&mut model, *id, Answer::DraftLeft(result));
        if kept {
            let [Effect::Quit { summary }] = effects.as_slice() else { panic!("{effects:?}") };
            assert!(summary.last().is_some_and(|line| line.starts_with("The draft is kept")));
        } else {
            assert!(effects.is_empty() && model.overlay.is_none());
            assert!(said(&model).contains("did not answer"), "{}", said(&model));
        }
    }
}

#[test]
fn a_draft_that_is_not_all_in_its_place_is_left_as_it_is() {
    let (mut model, effects) = asked(test_draft(), Prefill::default());
    World::default().serve(&mut model, effects);
    let held = tap_key(&mut model, Code::Enter);
    assert!(model.draft.is_resuming() && !held.is_empty());
    press_key(&mut model, Key::with_ctrl('c'));
    let effects = press_key(&mut model, Key::of_char('k'));
    assert!(matches!(effects.as_slice(), [Effect::KeepAndLeave { draft: None, .. }]), "{effects:?}");
}

#[test]
fn where_no_draft_is_kept_none_is_offered() {
    let mut model = keeping();
    model.draft.on = false;
    type_text(&mut model, "111111111111");
    press_key(&mut model, Key::with_ctrl('c'));
    assert!(!can_keep(&model));
    assert!(press_key(&mut model, Key::of_char('k')).is_empty());
    assert_eq!(model.overlay, Some(Overlay::Leave));
}

#[test]
fn a_draft_that_cannot_be_kept_is_told_once_and_tried_again() {
    let mut model = keeping();
    type_text(&mut model, "1");
    let refuse = |model: &mut Model, effects: &[Effect]| {
        let [Effect::SaveDraft { id, .. }] = effects else { panic!("{effects:?}") };
        reply(model, *id, Answer::DraftNotKept(test_failure(FailureKind::File)));
    };
    let effects = passes(&mut model, QUIET);
    refuse(&mut model, &effects);
    assert!(said(&model).contains("did not answer"));
    type_text(&mut model, "1");
    let effects = passes(&mut model, QUIET);
    refuse(&mut model, &effects);
    assert_eq!(said(&model), "", "told once");
}

/// The draft of a wizard that was left at a step.
fn left_at(step: Step, names: &[&str], prepare: impl Fn(&mut Model)) -> Draft {
    let mut model = model_with_chosen(names);
    let typed = "111111111111, 333333333333";
    type_text(&mut model, typed);
    tap_key(&mut model, Code::Tab);
    type_text(&mut model, "eu-west-2");
    tap_key(&mut model, Code::Tab);
    prepare(&mut model);
    if step >= Step::Policy {
        let effects = press_key(&mut model, Key::with_ctrl('s'));
        answer_policies(&mut model, &effects, None);
    }
    if step == Step::Save {
        press_key(&mut model, Key::with_ctrl('s'));
    }
    while model.step > step {
        tap_key(&mut model, Code::Esc);
    }
    assert_eq!(model.step, step);
    let draft = Draft::of(&model).unwrap();
    assert_eq!(draft.grantees, typed);
    draft
}

#[test]
fn every_step_is_gone_on_with_as_it_was() {
    let own_actions = |model: &mut Model| {
        tap_key(model, Code::Tab);
        tap_key(model, Code::Char(' '));
    };
    let release = |model: &mut Model| {
        tap_key(model, Code::Down);
    };
    for step in [Step::Actions, Step::Policy, Step::Save] {
        for names in [&["vendorapp"][..], &["vendorapp", "worker"]] {
            for draft in
                [left_at(step, names, |_| {}), left_at(step, names, own_actions), left_at(step, names, release)]
            {
                let mut model = gone_on(draft.clone(), &World::default());
                assert_eq!(model.step, step, "{}", said(&model));
                assert!(!model.draft.is_resuming());
                assert_eq!(Draft::of(&model), Some(draft));
                assert!(model.is_dirty());
                assert!(passes(&mut model, QUIET).is_empty(), "the file is as it should be");
            }
        }
    }
}

#[test]
fn an_earlier_step_is_gone_on_with_and_what_comes_later_is_there() {
    for step in [Step::Account, Step::Repository] {
        let draft = left_at(step, &["vendorapp"], |_| {});
        let mut model = gone_on(draft.clone(), &World::default());
        assert_eq!(model.step, step);
        assert!(model.is_dirty(), "leaving would lose it");
        assert!(due_at(&model).is_none(), "the file knows more than the screens");
        for _ in model.step.number()..Step::Actions.number() {
            let effects = tap_key(&mut model, Code::Enter);
            World::default().serve(&mut model, effects);
        }
        assert_eq!((model.step, model.actions.grantee().text()), (Step::Actions, "111111111111, 333333333333"));
        assert_eq!(Draft::of(&model), Some(Draft { step: Step::Actions, ..draft }));
    }
}

#[test]
fn a_text_changed_by_hand_comes_back_with_its_caret_and_undo_gives_the_grant_alone() {
    let mut model = policy_model(None);
    let granted = shown(&model).to_owned();
    press_key(&mut model, Key::without_modifiers(Code::Home));
    type_text(&mut model, " ");
    let draft = Draft::of(&model).unwrap();
    let caret = model.policy.draft().unwrap().editor.caret();
    let mut model = gone_on(draft.clone(), &World::default());
    assert_eq!(Draft::of(&model), Some(draft));
    assert_eq!(model.policy.draft().unwrap().editor.caret(), caret);
    press_key(&mut model, Key::with_ctrl('u'));
    assert_eq!(shown(&model), granted);
}

/// An edit of a stored policy has no grantee: it is gone on with over its review, and never as a grant.
#[test]
fn an_edit_of_a_stored_policy_is_gone_on_with_as_one() {
    let world = World { stored: Some(VENDOR_POLICY), ..World::default() };
    let mut model = crate::wizard::testing::signed_model();
    let effects = press_key(&mut model, Key::of_char('v'));
    world.serve(&mut model, effects);
    let effects = press_key(&mut model, Key::of_char('e'));
    world.serve(&mut model, effects);
    let kept = |model: &Model| {
        let draft = Draft::of(model).unwrap();
        assert!(draft.edits_stored && draft.grantees.is_empty());
        let (read, _) = Draft::from_text(&draft.to_text(7)).unwrap();
        assert_eq!(read, draft);
        draft
    };
    type_text(&mut model, " ");
    let typed = shown(&model).to_owned();
    let mut again = gone_on(kept(&model), &world);
    assert_eq!((again.step, shown(&again), again.policy.edits_stored()), (Step::Policy, typed.as_str(), true));
    // A text that means what is stored is no change; another one was at its question.
    edit_text(&mut again, &VENDOR_POLICY.replace("111111111111", "444444444444"));
    press_key(&mut again, Key::with_ctrl('s'));
    assert_eq!(again.step, Step::Save);
    let mut again = gone_on(kept(&again), &world);
    assert_eq!(again.step, Step::Save);
    // Back to the document, and from there to the review.
    for step in [Step::Policy, Step::Repository] {
        tap_key(&mut again, Code::Esc);
        while again.step == Step::Policy && step == Step::Repository {
            tap_key(&mut again, Code::Esc);
        }
        assert_eq!(again.step, step);
    }
    assert!(again.repository.review().is_some());
    // A draft of before has no such word, and is a grant.
    assert!(!test_draft().to_text(7).contains("edits_stored"));
}

#[test]
fn a_policy_that_changed_underneath_is_said_and_not_gone_over() {
    let mut model = policy_model(None);
    edit_text(&mut model, VENDOR_POLICY);
    press_key(&mut model, Key::with_ctrl('s'));
    let draft = Draft::of(&model).unwrap();
    assert_eq!((draft.step, draft.texts.len()), (Step::Save, 1));
    // Nothing changed: the question is asked again.
    assert_eq!(gone_on(draft.clone(), &World::default()).step, Step::Save);
    let others = VENDOR_POLICY.replace("111111111111", "999999999999").replace("EcrGrantPull", "Others");
    let world = World { stored: Some(others.leak()), ..World::default() };
    let mut model = gone_on(draft, &world);
    assert_eq!(model.step, Step::Policy);
    assert!(
        said(&model).contains("vendorapp has another policy now: below is how your text differs"),
        "{}",
        said(&model)
    );
    assert_eq!(shown(&model), VENDOR_POLICY, "the text is kept");
    // What is lost against what is stored now is in the plan.
    assert!(!model.policy.draft().unwrap().planned.delta.losses.is_empty());
    let effects = press_key(&mut model, Key::with_ctrl('s'));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Save { .. })));
    assert_eq!(model.step, Step::Save);
}

#[test]
fn the_same_policy_in_other_layout_is_no_change() {
    let mut model = policy_model(Some(VENDOR_POLICY));
    tap_key(&mut model, Code::Char('x'));
    let draft = Draft::of(&model).unwrap();
    let other: String = VENDOR_POLICY.split_whitespace().collect::<Vec<_>>().join(" ");
    let model = gone_on(draft, &World { stored: Some(other.leak()), ..World::default() });
    assert_eq!(said(&model), "");
}

#[test]
fn nothing_of_the_command_line_is_mixed_into_a_draft_that_is_gone_on_with() {
    let flags = Prefill {
        source: Some(SourceId::Profile("other".to_owned())),
        region: Some(test_region("us-west-2")),
        names: vec![RepositorySelector::parse("worker").unwrap()],
        grantees: Grantee::parse_list("444444444444").into_iter().map(Result::unwrap).collect(),
        ..Prefill::default()
    };
    let (mut model, effects) = asked(test_draft(), flags.clone());
    let rest = World::default().serve(&mut model, effects);
    assert_eq!((model.step, model.overlay), (Step::Account, Some(Overlay::Draft)), "it waits for the answer: {rest:?}");
    assert!(model.signed.is_none());
    let effects = tap_key(&mut model, Code::Enter);
    World::default().serve(&mut model, effects);
    assert_eq!(Draft::of(&model), Some(test_draft()));
    // Without it the command line holds.
    for (code, effect) in [(Code::Char('n'), Effect::ForgetDraft), (Code::Esc, Effect::LeaveDraft)] {
        let (mut model, effects) = asked(test_draft(), flags.clone());
        World::default().serve(&mut model, effects);
        let effects = tap_key(&mut model, code);
        let rest = World::default().serve(&mut model, effects);
        assert_eq!(rest, [effect, Effect::NoteSignIn(SourceId::Profile("other".to_owned()))]);
        let Some(Signed { source, region, .. }) = &model.signed else { panic!("nobody is signed in") };
        assert_eq!((source.id.to_string().as_str(), region.as_str()), ("other", "us-west-2"));
        tap_key(&mut model, Code::Enter);
        assert_eq!(model.actions.grantee().text(), "444444444444");
    }
}

#[test]
fn who_leaves_at_the_question_has_answered_nothing() {
    let (mut model, _) = asked(test_draft(), Prefill::default());
    assert_eq!(press_key(&mut model, Key::with_ctrl('c')), [Effect::Quit { summary: Vec::new() }]);
    for key in
        [Key::of_char('q'), Key::without_modifiers(Code::F(1)), Key::with_ctrl('p'), Key::without_modifiers(Code::Down)]
    {
        assert!(press_key(&mut model, key).is_empty());
        assert_eq!(model.overlay, Some(Overlay::Draft), "{key}");
    }
    assert_eq!(due_at(&model), None);
}

#[test]
fn another_account_than_the_drafts_is_said_and_not_gone_on_with() {
    let elsewhere = || {
        let arn = crate::ecr::Arn::parse("arn:aws:sts::999999999999:assumed-role/Admin/ana").unwrap();
        Ok(Verified {
            identity: crate::ecr::Identity { account: test_account("999999999999"), arn },
            region: test_region("eu-west-2"),
            endpoint: None,
            ignored: Vec::new(),
        })
    };
    let world = World { verified: Box::new(elsewhere), ..World::default() };
    let mut model = gone_on(test_draft(), &world);
    assert_eq!(model.step, Step::Account);
    assert!(said(&model).contains("this is account 999999999999; the draft is of 222222222222"), "{}", said(&model));
    // Going on all the same leaves the draft for another time.
    let effects = tap_key(&mut model, Code::Enter);
    assert!(effects.contains(&Effect::LeaveDraft), "{effects:?}");
    assert!(!model.draft.is_resuming() && !model.is_dirty());
    assert!(said(&model).contains("left as it is"), "{}", said(&model));
}

#[test]
fn a_sign_in_that_has_expired_is_mended_and_the_draft_goes_on() {
    let expired = World { verified: Box::new(|| Err(test_failure(FailureKind::SignInExpired))), ..World::default() };
    let mut model = gone_on(test_draft(), &expired);
    assert_eq!(model.step, Step::Account);
    assert!(model.is_dirty(), "leaving would lose the draft");
    let effects = tap_key(&mut model, Code::Char('r'));
    World::default().serve(&mut model, effects);
    assert_eq!(Draft::of(&model), Some(test_draft()));
}

#[test]
fn a_repository_that_is_gone_is_said_and_the_rest_is_there() {
    let world = World { there: vec!["worker"], ..World::default() };
    let mut model = gone_on(test_draft(), &world);
    assert_eq!(model.step, Step::Repository);
    assert!(crate::wizard::repository::shown_trouble(&model).is_some());
    assert!(model.is_dirty());
    // Another one is chosen in its place: what was typed is there, its policy is its own.
    tap_key(&mut model, Code::Esc);
    let effects = tap_key(&mut model, Code::Enter);
    world.serve(&mut model, effects);
    assert_eq!((model.step, model.actions.grantee().text()), (Step::Actions, "111111111111"));
    let effects = tap_key(&mut model, Code::Enter);
    world.serve(&mut model, effects);
    assert!(!model.draft.is_resuming());
    assert!(!model.policy.is_edited());
}

#[test]
fn a_key_that_goes_back_takes_over() {
    let (mut model, effects) = asked(test_draft(), Prefill::default());
    let world = World::default();
    world.serve(&mut model, effects);
    let effects = tap_key(&mut model, Code::Enter);
    // The identity is being asked for.
    assert!(matches!(effects.as_slice(), [Effect::Verify { .. }]), "{effects:?}");
    let stopped = tap_key(&mut model, Code::Esc);
    assert!(matches!(stopped.as_slice(), [Effect::Cancel(_)]));
    let effects = tap_key(&mut model, Code::Enter);
    world.serve(&mut model, effects);
    assert_eq!(model.step, Step::Account);
    let effects = tap_key(&mut model, Code::Enter);
    world.serve(&mut model, effects);
    assert_eq!(model.step, Step::Repository, "no further by itself");
}

#[test]
fn a_text_that_waits_for_its_document_is_kept_on() {
    let (mut model, effects) = asked(test_draft(), Prefill::default());
    let world = World::default();
    world.serve(&mut model, effects);
    let effects = tap_key(&mut model, Code::Enter);
    // Everything is answered but the policy's read.
    let mut open = effects;
    while model.step < Step::Policy {
        let answers: Vec<_> = open.iter().filter_map(|effect| world.answer(effect)).collect();
        open = answers.into_iter().flat_map(|(id, answer)| reply(&mut model, id, answer)).collect();
    }
    assert_eq!(shown(&model), "");
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Actions);
    type_text(&mut model, ", 333333333333");
    let effects = passes(&mut model, QUIET);
    let [Effect::SaveDraft { draft: kept, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((kept.texts.as_slice(), kept.step), (test_draft().texts.as_slice(), Step::Actions));
}

#[test]
fn the_question_says_what_the_draft_is_in_words() {
    let rows = test_draft().words();
    let row = |name: &str| rows.iter().find(|(row, _)| *row == name).unwrap().1.clone();
    assert_eq!(row("Account"), "222222222222, eu-west-2, platform");
    assert_eq!((row("Repository"), row("Grantee")), ("vendorapp".to_owned(), "111111111111".to_owned()));
    assert!(row("Actions").ends_with(": 3 actions"), "{}", row("Actions"));
    assert_eq!(row("By hand"), "the policy of vendorapp");
    let many: Vec<RepositoryName> =
        ["ab", "cd", "ef", "gh", "ij"].iter().map(|name| RepositoryName::parse(name).unwrap()).collect();
    assert_eq!(listed(&many), "ab, cd, ef and 2 more");
    let words = |age| OfferedDraft { draft: test_draft(), age }.when_and_where();
    assert_eq!(words(5), "Not saved, left a moment ago at step 4, Policy:");
    assert!(words(60).contains("1 minute ago") && words(7200).contains("2 hours ago"));
    assert!(words(86_400 * 3).contains("3 days ago"));
}

#[test]
fn own_keys_answer_the_question() {
    let mut model = fresh_model();
    let own = crate::wizard::keymap::Override {
        scope: KeyScope::DraftQuestion,
        action: Action::Yes,
        keys: vec![Key::without_modifiers(Code::F(9))],
    };
    model.keymap = crate::wizard::keymap::Keymap::rebound(&[own]).unwrap();
    offer_draft(&mut model, OfferedDraft { draft: test_draft(), age: 0 });
    tap_key(&mut model, Code::F(9));
    assert!(model.draft.is_resuming());
}
