use super::*;
use crate::ecr::{Failure, FailureKind, action};
use crate::wizard::event::CopyReport;
use crate::wizard::testing::{
    model_with_chosen, paste_text, press_key, signed_model, tap_key, test_account, test_region, type_text,
};
use crate::wizard::{Answer, RequestId, go, testing};

fn typed(text: &str) -> Model {
    let mut model = model_with_chosen(&["vendorapp"]);
    type_text(&mut model, text);
    model
}

/// Goes to the list of recipes and so many rows down.
fn to_recipe(model: &mut Model, name: &str) {
    while model.actions.focus != Focus::Recipe {
        tap_key(model, Code::Tab);
    }
    let at = recipe::all_recipes().iter().position(|r| r.name == name).unwrap();
    tap_key(model, Code::Home);
    for _ in 0..at {
        tap_key(model, Code::Down);
    }
}

fn marked(model: &Model) -> Vec<&str> {
    model.actions.marked().iter().map(|a| a.name.as_str()).collect()
}

fn said(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |n| n.text.as_str())
}

#[test]
fn letters_are_text_in_the_fields_and_commands_in_the_lists() {
    let mut model = typed("q?o-a1b2c3d4e5");
    assert_eq!(model.actions.grantee.text(), "q?o-a1b2c3d4e5");
    assert!(model.overlay.is_none());
    tap_key(&mut model, Code::Down);
    type_text(&mut model, "eu-west-2");
    assert_eq!(model.actions.region.text(), "eu-west-2");
    tap_key(&mut model, Code::Up);
    assert_eq!(model.actions.focus, Focus::Grantee);
    tap_key(&mut model, Code::BackTab);
    assert_eq!(model.actions.focus, Focus::Until);
    type_text(&mut model, "q?");
    assert_eq!(model.actions.until.text(), "q?");
    model.actions.until.clear_text();
    tap_key(&mut model, Code::Up);
    assert_eq!(model.actions.focus, Focus::Checklist);
    press_key(&mut model, Key::of_char('?'));
    assert!(model.overlay.is_some());
}

#[test]
fn enter_goes_to_the_first_problem_and_says_it() {
    for (grantee, region, focus, words) in [
        ("", "", Focus::Grantee, "type who will pull"),
        ("1111", "", Focus::Grantee, "this has 4"),
        ("222222222222", "", Focus::Grantee, "owns this registry"),
        ("arn:aws-cn:iam::111111111111:root", "", Focus::Grantee, "no policy reaches across"),
        ("222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:latest", "", Focus::Grantee, "names its owner"),
        ("111111111111, Release", "", Focus::Grantee, "names nobody"),
        ("111111111111", "londno", Focus::Region, "is no Region"),
    ] {
        let mut model = typed(grantee);
        tap_key(&mut model, Code::Tab);
        type_text(&mut model, region);
        tap_key(&mut model, Code::Tab);
        tap_key(&mut model, Code::Enter);
        assert_eq!((model.step, model.actions.focus), (Step::Actions, focus), "{grantee} {region}");
        assert!(said(&model).contains(words), "{grantee}: {}", said(&model));
        assert_eq!(request(&model), None);
        assert_eq!(effect_of_choice(&model), None);
    }
}

#[test]
fn enter_goes_on_to_the_policy_when_everything_is_there() {
    let mut model = typed("1111-1111-1111 o-a1b2c3d4e5");
    let request = request(&model).unwrap();
    assert_eq!(request.recipe.name, "pull");
    assert_eq!(request.grantees.len(), 2);
    assert_eq!(request.owner, testing::test_owner());
    assert_eq!(marked(&model), ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"]);
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Policy);
}

#[test]
fn each_grantee_is_read_at_once() {
    for (text, kind, words) in [
        ("1111-1111-1111", NoteKind::Good, "account 111111111111"),
        ("arn:aws:iam::333333333333:role/ci/deploy", NoteKind::Good, "role deploy of 333333333333"),
        ("o-a1b2c3d4e5", NoteKind::Good, "every account in it"),
        ("codebuild.amazonaws.com", NoteKind::Good, "for your own account only"),
        ("*", NoteKind::Warn, "becomes public"),
        ("123456789012", NoteKind::Warn, "samples"),
        ("1111", NoteKind::Problem, "type all 12 digits"),
    ] {
        let model = typed(text);
        let notes = grantee_notes(&model);
        assert_eq!(notes.len(), 1, "{text}");
        assert_eq!(notes[0].kind, kind, "{text}");
        assert!(notes[0].text.contains(words), "{text}: {}", notes[0].text);
    }
}

#[test]
fn a_recipe_sets_the_checks_and_a_check_by_hand_makes_it_custom() {
    let mut model = typed("111111111111");
    to_recipe(&mut model, "release");
    assert_eq!(marked(&model).len(), 7);
    assert_eq!(model.actions.rows().len(), 36);
    press_key(&mut model, Key::of_char(' '));
    assert_eq!(model.actions.focus, Focus::Checklist);
    press_key(&mut model, Key::of_char(' '));
    assert_eq!(model.actions.recipe().unwrap().name, "custom");
    assert_eq!(model.actions.made_from().unwrap().name, "release");
    assert!(said(&model).contains("now custom"));
    assert_eq!(marked(&model).len(), 6);
    press_key(&mut model, Key::of_char(' '));
    assert_eq!(model.actions.recipe().unwrap().name, "release", "the same checks are the recipe again");
}

#[test]
fn what_was_marked_by_hand_is_there_again_after_looking_at_other_recipes() {
    let mut model = typed("111111111111");
    to_recipe(&mut model, "pull");
    tap_key(&mut model, Code::Tab);
    press_key(&mut model, Key::of_char(' '));
    let own: Vec<String> = marked(&model).iter().map(ToString::to_string).collect();
    assert_eq!(own, ["BatchGetImage", "GetDownloadUrlForLayer"]);
    to_recipe(&mut model, "push-pull");
    assert_eq!(marked(&model).len(), 7);
    to_recipe(&mut model, "custom");
    assert_eq!(marked(&model), own);
}

#[test]
fn a_custom_choice_begins_empty_and_needs_an_action() {
    let mut model = typed("111111111111");
    to_recipe(&mut model, "custom");
    assert!(marked(&model).is_empty());
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.actions.focus, Focus::Checklist);
    assert!(said(&model).contains("no action is marked"));
    press_key(&mut model, Key::of_char(' '));
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Policy);
}

#[test]
fn the_token_stays_out_until_t_puts_it_in() {
    let mut model = typed("111111111111");
    to_recipe(&mut model, "release");
    tap_key(&mut model, Code::Tab);
    for _ in 0..4 {
        tap_key(&mut model, Code::Down);
    }
    assert_eq!(model.actions.row().unwrap().name, TOKEN_ACTION);
    press_key(&mut model, Key::of_char(' '));
    assert!(said(&model).contains("identity policy"));
    assert!(!marked(&model).contains(&TOKEN_ACTION));
    press_key(&mut model, Key::of_char('t'));
    assert!(said(&model).contains("ECR may refuse"));
    assert!(request(&model).unwrap().actions.iter().any(|a| a.name == TOKEN_ACTION));
    assert_eq!(model.actions.recipe().unwrap().name, "release");
    press_key(&mut model, Key::of_char('t'));
    assert_eq!(marked(&model).len(), 7);
}

#[test]
fn lambda_takes_whole_accounts() {
    for (text, problem) in [
        ("111111111111", false),
        ("o-a1b2c3d4e5", false),
        ("arn:aws:iam::333333333333:role/ci", true),
        ("lambda.amazonaws.com", true),
        ("*", true),
    ] {
        let mut model = typed(text);
        to_recipe(&mut model, "lambda");
        assert_eq!(request(&model).is_none(), problem, "{text}");
        assert_eq!(
            super::problem(&model).is_some_and(|(_, words)| words.contains("whole accounts")),
            problem,
            "{text}"
        );
    }
    let mut model = typed("111111111111");
    to_recipe(&mut model, "lambda");
    tap_key(&mut model, Code::Tab);
    press_key(&mut model, Key::of_char(' '));
    assert!(said(&model).contains("without the statement for the Lambda service"));
}

#[test]
fn the_region_of_the_puller_is_judged_by_the_recipe() {
    for (recipe, typed_region, kind, words) in [
        ("release", "us-east-1", NoteKind::Warn, "replicate it to us-east-1"),
        ("pull", "us-east-1", NoteKind::Good, "can be pulled in us-east-1"),
        ("release", "eu-west-2", NoteKind::Good, "own Region"),
        ("release", "EU-WEST-2", NoteKind::Good, "own Region"),
        ("pull", "eu-west-77", NoteKind::Warn, "check the spelling"),
        ("pull", "londno", NoteKind::Problem, "is no Region"),
    ] {
        let mut model = typed("111111111111");
        to_recipe(&mut model, recipe);
        tap_key(&mut model, Code::BackTab);
        type_text(&mut model, typed_region);
        let note = region_note(&model).unwrap();
        assert_eq!(note.kind, kind, "{recipe} {typed_region}");
        let said = format!("{} {}", note.text, note.way_out.unwrap_or_default());
        assert!(said.contains(words), "{recipe} {typed_region}: {said}");
    }
    assert_eq!(region_note(&typed("111111111111")), None);
}

#[test]
fn flags_fill_the_step_once() {
    let mut model = signed_model();
    model.prefill.grantees = Grantee::parse_list("111111111111").into_iter().map(Result::unwrap).collect();
    model.prefill.recipe = recipe::find_recipe("release");
    model.prefill.puller_region = Some(test_region("eu-west-1"));
    model.chosen = vec![testing::test_repository("vendorapp")];
    go(&mut model, Step::Actions);
    let asked = request(&model).unwrap();
    assert_eq!(asked.grantees, [Grantee::Account { id: test_account("111111111111"), partition: None }]);
    assert_eq!(asked.recipe.name, "release");
    assert_eq!(puller_region(&model), Some(test_region("eu-west-1")));
    assert!(!model.is_dirty(), "what flags filled in is not lost by leaving");
    type_text(&mut model, ",333333333333");
    assert!(model.is_dirty());
    go(&mut model, Step::Actions);
    assert_eq!(request(&model).unwrap().grantees.len(), 2, "coming back keeps what was typed");
}

#[test]
fn actions_by_flag_are_a_custom_choice() {
    let mut model = signed_model();
    model.prefill.grantees = Grantee::parse_list("111111111111").into_iter().map(Result::unwrap).collect();
    model.prefill.actions = ["BatchGetImage", "PutImage"].map(|n| action::find_action(n).unwrap()).into();
    go(&mut model, Step::Actions);
    assert_eq!(marked(&model), ["BatchGetImage", "PutImage"]);
    assert_eq!(request(&model).unwrap().recipe.name, "custom");
}

#[test]
fn the_link_of_the_chosen_row_is_opened() {
    let mut model = typed("111111111111");
    to_recipe(&mut model, "pull");
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Down);
    let effects = press_key(&mut model, Key::of_char('o'));
    assert!(matches!(effects.as_slice(), [Effect::OpenUrl { url, .. }] if url.ends_with("API_BatchGetImage.html")));
    let Some(Effect::OpenUrl { id, url }) = effects.first() else { panic!("no effect") };
    testing::give_answer(&mut model, *id, Answer::Opened(url.clone(), Ok(())));
    assert!(said(&model).contains("browser"));
}

#[test]
fn an_address_that_no_browser_takes_is_copied_and_both_are_said() {
    let failures = || Failure::new(FailureKind::Other, "no browser over SSH", "open it yourself");
    let copies = [
        (Ok(CopyReport::SentToTerminal), "was sent to the terminal's clipboard"),
        (Ok(CopyReport::WrittenTo("ecr-grant-copy.txt".to_owned())), "is in ecr-grant-copy.txt"),
        (Err(Failure::new(FailureKind::File, "the folder is full", "make room")), "the folder is full"),
    ];
    for (copied, words) in copies {
        let mut model = typed("111111111111");
        to_recipe(&mut model, "pull");
        let effects = press_key(&mut model, Key::of_char('o'));
        let Some(Effect::OpenUrl { id, url }) = effects.first() else { panic!("{effects:?}") };
        let effects = testing::give_answer(&mut model, *id, Answer::Opened(url.clone(), Err(failures())));
        let Some(Effect::Copy { id: copy, text }) = effects.first() else { panic!("{effects:?}") };
        assert_eq!((text, effects.len()), (url, 1));
        testing::give_answer(&mut model, *copy, Answer::Copied(copied));
        let words_said = said(&model);
        assert!(words_said.starts_with("no browser over SSH") && words_said.contains(words), "{words_said}");
        assert!(words_said.ends_with(url), "{words_said}");
        // A later copy of something else is told as what it is.
        testing::give_answer(&mut model, RequestId(900), Answer::Copied(Ok(CopyReport::SentToTerminal)));
        assert!(!said(&model).contains("browser"));
    }
}

#[test]
fn a_paste_goes_into_the_field_with_the_focus() {
    let mut model = typed("");
    paste_text(&mut model, "111111111111\r\n333333333333\n");
    assert_eq!(grantees(&model).len(), 2);
    tap_key(&mut model, Code::BackTab);
    paste_text(&mut model, " 2027-03-31\n");
    assert_eq!(model.actions.until.text(), "2027-03-31");
    tap_key(&mut model, Code::BackTab);
    paste_text(&mut model, "444444444444");
    assert_eq!(grantees(&model).len(), 2);
    assert!(said(&model).contains("nothing can be pasted"));
}

#[test]
fn escape_goes_back_and_keeps_everything() {
    let mut model = typed("111111111111");
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Repository);
    go(&mut model, Step::Actions);
    assert_eq!(model.actions.grantee.text(), "111111111111");
    begin_again(&mut model);
    assert!(model.actions.grantee.is_empty());
    assert!(!model.is_dirty());
}

#[test]
fn the_effect_is_said_in_one_sentence() {
    for (text, recipe, words) in [
        ("1111-1111-1111", "pull", "account 111111111111 will be able to pull from vendorapp"),
        ("111111111111 o-a1b2c3d4e5", "push-pull", "and organization o-a1b2c3d4e5 will be able to push and pull from"),
        ("111111111111 333333333333 444444444444", "pull", "account 111111111111 and 2 others will"),
    ] {
        let mut model = typed(text);
        to_recipe(&mut model, recipe);
        let said = effect_of_choice(&model).unwrap().as_sentence();
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(
        effect_of_choice(&typed("codebuild.amazonaws.com")).unwrap().caveat,
        "",
        "a service has no policies of its own"
    );
}

#[test]
fn what_opens_the_repository_or_lets_others_change_it_is_grave() {
    let of = |text: &str, recipe: &str| {
        let mut model = typed(text);
        to_recipe(&mut model, recipe);
        let outcome = effect_of_choice(&model).unwrap();
        (outcome.who, outcome.is_grave)
    };
    assert_eq!(of("111111111111", "pull"), ("account 111111111111".to_owned(), false));
    assert_eq!(of("*", "pull"), ("PUBLIC: everyone with an AWS account".to_owned(), true));
    assert!(of("111111111111", "push-pull").1);
}

#[test]
fn what_is_being_typed_is_no_problem_as_long_as_it_can_grow_into_a_grantee() {
    let shown = |model: &Model| shown_notes(model).iter().any(|note| note.kind == NoteKind::Problem);
    for whole in [
        "111111111111",
        "1111-1111-1111",
        "o-a1b2c3d4e5",
        "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/",
        "arn:aws:iam::111111111111:root",
        "arn:aws:iam::111111111111:role/team/ci",
        "arn:aws:iam::111111111111:user/ana",
        "ecs-tasks.amazonaws.com",
        "333333333333, arn:aws:iam::111111111111:role/ci",
    ] {
        let mut model = typed("");
        for letter in whole.chars() {
            type_text(&mut model, &letter.to_string());
            assert!(!shown(&model), "{whole}: {}", model.actions.grantee().text());
        }
    }
    // The length cannot grow right, or the field is left.
    for wrong in ["1111111111111", "arn:aws:iam::1111:root", "arn:aws:iam::111111111111:group/x", "Vendor!"] {
        assert!(shown(&typed(wrong)), "{wrong}");
    }
    let mut model = typed("1111");
    assert!(!shown(&model) && problem(&model).is_some(), "it is not gone on with all the same");
    tap_key(&mut model, Code::Tab);
    assert!(shown(&model));
}

#[test]
fn a_session_is_granted_to_knowingly_and_its_role_is_a_key_away() {
    const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/ci/build-7";
    let mut model = typed(SESSION);
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Actions);
    assert!(model.notice.as_ref().is_some_and(|notice| notice.text.contains("F2 takes its role")));
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Policy);

    let mut model = typed(&format!("333333333333, {SESSION}"));
    press_key(&mut model, Key::without_modifiers(Code::F(2)));
    assert_eq!(model.actions.grantee().text(), "333333333333, arn:aws:iam::111111111111:role/ci");
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Policy);

    // Another session is another question.
    let mut model = typed(SESSION);
    tap_key(&mut model, Code::Enter);
    type_text(&mut model, "8");
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Actions);
    // The path of a role of IAM Identity Center is not in a session's ARN.
    let model = typed("arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/ana");
    assert!(model.why_off(Action::Fix).is_some());
}

#[test]
fn a_place_stands_for_its_region() {
    let mut model = typed("111111111111");
    tap_key(&mut model, Code::Tab);
    type_text(&mut model, "Frankfurt");
    assert_eq!(puller_region(&model).map(|region| region.to_string()), Some("eu-central-1".to_owned()));
    let note = region_note(&model).unwrap();
    assert!(note.text.starts_with("Frankfurt is eu-central-1: "), "{}", note.text);
}

#[test]
fn the_end_is_never_until_a_date_is_typed_and_a_mistyped_one_is_told_when_its_field_is_left() {
    let mut model = typed("111111111111");
    model.settings.started_at = 1_795_920_900;
    assert_eq!(request(&model).unwrap().until, None);
    tap_key(&mut model, Code::BackTab);
    assert_eq!(model.actions.focus, Focus::Until);
    type_text(&mut model, "2027-02-30");
    assert_eq!(model.notice, None, "nothing is told while it is typed");
    tap_key(&mut model, Code::Tab);
    assert_eq!(model.actions.focus, Focus::Grantee);
    assert!(said(&model).contains("`2027-02-30` is no date"), "{}", said(&model));
    assert_eq!((request(&model), problem(&model).map(|(focus, _)| focus)), (None, Some(Focus::Until)));
    for (text, words) in [
        ("2027-03-31", Some("2027-03-31 23:59 UTC")),
        (" 90d", Some("2027-02-27 23:59 UTC")),
        ("Never", None),
        ("", None),
    ] {
        model.actions.until = Field::with_text(text.to_owned());
        let end = request(&model).unwrap().until;
        assert_eq!(end.map(AccessEnd::words).as_deref(), words, "{text}");
        let sentence = effect_of_choice(&model).unwrap().as_sentence();
        assert!(words.is_none_or(|words| sentence.ends_with(&format!(", until {words}"))), "{sentence}");
        assert_eq!(sentence.contains("until"), words.is_some(), "{sentence}");
    }
    model.actions.until = Field::with_text("2020-01-01".to_owned());
    assert!(problem(&model).unwrap().1.contains("is past"));
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.actions.focus, Focus::Until, "Enter goes to it");
}
