use super::*;
use crate::wizard::testing::{
    PUBLIC_POLICY, VENDOR_POLICY, answer_policies, give_answer, model_with_chosen, paste_text, policy_model,
    policy_view_model, press_key, signed_model, tap_key, test_reference, test_source, type_text,
};
use crate::wizard::{Answer, Code, Key, testing};

const HOST: &str = "222222222222.dkr.ecr.eu-west-2.amazonaws.com";
const MAIL: &str =
    "Hi,\r\nplease let account 111111111111 pull\r\n<222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:1.2>\r\n";
const DENIED: &str = "denied: User: arn:aws:sts::111111111111:assumed-role/node/i-1 is not authorized to perform: \
                      ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp because no \
                      resource-based policy allows the ecr:BatchGetImage action";

fn said(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

/// The answers of the open question.
fn choices(model: &Model) -> Vec<String> {
    let question = model.pasted.question().unwrap_or_else(|| panic!("no question: {:?}", model.notice));
    question.choices.iter().map(|choice| choice.words.clone()).collect()
}

/// Chooses the answer that begins with these words.
fn choose(model: &mut Model, words: &str) -> Vec<Effect> {
    let at = choices(model).iter().position(|choice| choice.starts_with(words));
    let at = at.unwrap_or_else(|| panic!("no `{words}` among {:?}", choices(model)));
    for _ in 0..at {
        tap_key(model, Code::Down);
    }
    tap_key(model, Code::Enter)
}

fn account_model() -> Model {
    let mut model = testing::fresh_model();
    let effects = crate::wizard::start(&mut model);
    let Some(Effect::LoadSources(id)) = effects.first() else { panic!("{effects:?}") };
    give_answer(&mut model, *id, Answer::Sources(Ok(vec![test_source("platform")])));
    model
}

#[test]
fn a_mail_at_account_leads_to_the_owner_and_keeps_who_pulls_for_step_three() {
    let mut model = account_model();
    let effects = paste_text(&mut model, MAIL);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Verify { .. })), "{effects:?}");
    assert_eq!(model.prefill.target, Some(test_reference("vendorapp")));
    assert!(said(&model).starts_with("understood: repository vendorapp of account 222222222222"), "{}", said(&model));
    assert!(said(&model).contains("account 111111111111 as grantee"), "{}", said(&model));
    assert_eq!(model.prefill.grantees.len(), 1);
}

#[test]
fn a_mail_at_repository_chooses_it_and_fills_step_three_in() {
    let mut model = signed_model();
    paste_text(&mut model, MAIL);
    assert_eq!(model.repository.chosen_row().unwrap().repository.name().as_str(), "vendorapp");
    assert_eq!(model.prefill.tag.as_ref().map(ToString::to_string).as_deref(), Some("1.2"));
    assert_eq!((model.step, model.actions.grantee().text()), (Step::Actions, "111111111111"));
}

#[test]
fn two_repositories_and_two_parties_are_asked_for_one_after_the_other() {
    let mut model = signed_model();
    let text = format!("{HOST}/vendorapp:1 or {HOST}/data/feature-store for 111111111111 or 333333333333 please");
    paste_text(&mut model, &text);
    assert_eq!(model.repository.filter().query_text(), "", "nothing is guessed");
    assert_eq!(choices(&model).len(), 3);
    choose(&mut model, "repository data/feature-store");
    assert_eq!(
        choices(&model),
        ["account 111111111111", "account 333333333333", "all of them", "none of them"].map(str::to_owned)
    );
    choose(&mut model, "account 333333333333");
    assert!(model.pasted.question().is_none());
    assert_eq!(model.repository.chosen_row().unwrap().repository.name().as_str(), "data/feature-store");
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.actions.grantee().text(), "333333333333");
}

#[test]
fn escape_takes_nothing_and_an_unseen_question_takes_no_answer() {
    let mut model = signed_model();
    paste_text(&mut model, &format!("{HOST}/one {HOST}/two"));
    // The frame with the question is not out yet.
    crate::wizard::update(&mut model, crate::wizard::Event::Key(Key::without_modifiers(Code::Enter)));
    assert!(model.pasted.question().is_some());
    tap_key(&mut model, Code::Esc);
    assert!(model.pasted.question().is_none() && model.overlay.is_none());
    assert!(said(&model).contains("nothing was taken"));
}

#[test]
fn an_id_without_a_repository_is_asked_about() {
    let mut model = signed_model();
    paste_text(&mut model, "our account is 111111111111");
    choose(&mut model, "account 111111111111 receives access");
    assert!(said(&model).contains("account 111111111111 as grantee"), "{}", said(&model));
    let mut model = signed_model();
    paste_text(&mut model, "our account is 111111111111");
    choose(&mut model, "show the rows");
    assert_eq!(model.repository.filter().query_text(), "111111111111");
}

#[test]
fn plain_words_are_typed_as_before() {
    let mut model = signed_model();
    for text in ["feature", "111111111111"] {
        paste_text(&mut model, text);
        assert!(model.pasted.question().is_none());
        assert_eq!(model.repository.filter().query_text(), text);
        tap_key(&mut model, Code::Esc);
    }
}

#[test]
fn a_mail_at_actions_names_who_pulls_and_never_the_owner() {
    let mut model = model_with_chosen(&["vendorapp"]);
    paste_text(&mut model, MAIL);
    assert_eq!(model.actions.grantee().text(), "111111111111");
    assert!(said(&model).starts_with("understood: "), "{}", said(&model));
    // A second mail adds, and says the same party once.
    paste_text(&mut model, "and arn:aws:iam::333333333333:role/ci, in eu-central-1");
    paste_text(&mut model, MAIL);
    assert_eq!(model.actions.grantee().text(), "111111111111, arn:aws:iam::333333333333:role/ci");
    assert_eq!(model.actions.region().text(), "eu-central-1");
    let mut model = model_with_chosen(&["vendorapp"]);
    paste_text(&mut model, &format!("the image {HOST}/vendorapp of account 222222222222"));
    assert_eq!(model.actions.grantee().text(), "");
    assert!(said(&model).contains("an address names its owner, not who pulls"), "{}", said(&model));
    paste_text(&mut model, &format!("the image {HOST}/other"));
    assert!(said(&model).contains("another repository than the chosen"), "{}", said(&model));
}

#[test]
fn an_error_is_explained_and_its_caller_taken_as_role_or_account() {
    let mut model = model_with_chosen(&["vendorapp"]);
    paste_text(&mut model, DENIED);
    let told = model.pasted.question().unwrap().told.join(" ");
    assert!(told.contains("no repository or registry policy allows it"), "{told}");
    assert!(told.contains("The owner's side (yours) has to act"), "{told}");
    choose(&mut model, "role node of 111111111111");
    assert_eq!(model.actions.grantee().text(), "arn:aws:iam::111111111111:role/node");
    // At Repository the same text leads to the repository too.
    let mut model = signed_model();
    paste_text(&mut model, DENIED);
    choose(&mut model, "account 111111111111 receives access");
    assert_eq!(model.repository.chosen_row().unwrap().repository.name().as_str(), "vendorapp");
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.actions.grantee().text(), "111111111111");
    // At Policy nothing of it is typed into the document.
    let mut model = policy_model(None);
    let before = model.policy.draft().unwrap().editor.text().to_owned();
    paste_text(&mut model, DENIED);
    assert_eq!(choices(&model), ["leave it at that"]);
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.policy.draft().unwrap().editor.text(), before);
}

const WIDE: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Vendor", "Effect": "Allow",
  "Principal": {"AWS": "arn:aws:iam::333333333333:root"}, "Action": ["ecr:BatchGetImage", "ecr:PutImage"]}]}"#;

fn body(model: &Model) -> &str {
    model.policy.draft().unwrap().editor.text()
}

#[test]
fn a_policy_at_policy_is_merged_narrowed_replaced_or_typed_as_asked() {
    let fresh = || policy_model(Some(PUBLIC_POLICY));
    let mut model = fresh();
    let before = body(&model).to_owned();
    paste_text(&mut model, &format!("use this:\n```\n{WIDE}\n```\n"));
    assert_eq!(body(&model), before, "nothing is done before the answer");
    choose(&mut model, "merge its statements: 1 new");
    assert!(body(&model).contains("AllowAll") && body(&model).contains("ecr:PutImage"));
    assert!(model.policy.is_viewing(), "what changes is shown");
    assert!(model.policy.view().unwrap().page.text().contains("333333333333"));
    press_key(&mut model, Key::with_ctrl('u'));
    assert_eq!(body(&model), before);

    let mut model = fresh();
    paste_text(&mut model, WIDE);
    assert!(model.pasted.question().unwrap().told.iter().any(|line| line.contains("ecr:PutImage")), "the cut is named");
    choose(&mut model, "merge them cut down");
    assert!(body(&model).contains("AllowAll") && body(&model).contains("333333333333"));
    assert!(!body(&model).contains("ecr:PutImage"));

    let mut model = fresh();
    paste_text(&mut model, WIDE);
    choose(&mut model, "replace all");
    assert_eq!(body(&model), WIDE);

    let mut model = fresh();
    paste_text(&mut model, WIDE);
    choose(&mut model, "insert it as text");
    assert_eq!(body(&model).replace(WIDE, ""), before);
}

#[test]
fn over_all_that_is_selected_a_policy_is_typed_unasked() {
    let mut model = policy_model(None);
    press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
    press_key(&mut model, Key { ctrl: true, shift: true, ..Key::without_modifiers(Code::End) });
    paste_text(&mut model, WIDE);
    assert!(model.pasted.question().is_none());
    assert_eq!(body(&model), WIDE);
}

#[test]
fn what_is_there_already_is_not_merged_again() {
    let mut model = policy_view_model(Some(VENDOR_POLICY));
    paste_text(&mut model, VENDOR_POLICY);
    assert!(model.pasted.question().unwrap().told.iter().any(|line| line.contains("in the document already")));
    assert!(choices(&model).iter().all(|choice| !choice.starts_with("merge") && !choice.starts_with("insert")));
}

/// Texts that look like policies and cannot be read as one, each with a word of why.
const UNREADABLE: [(&str, &str); 4] = [
    (r#"{"Version": "2012-10-17", "Statement": []}"#, "statement"),
    (r#"{"Version": "2012-10-17", "Statement": ["no statement"]}"#, "a statement is an object"),
    (
        "{\n  \"Statement\": [{\n    \"Effect\": \"Allow\",\n    \"Principle\": \"*\",\n    \"Action\": \"ecr:*\"\n  }]\n}",
        "line 2: the statement has no `Principal`",
    ),
    (
        r#"{"Statement": {"Effect": "Perhaps", "Principal": {"AWS": "arn:aws:iam::333333333333:root"}, "Action": "ecr:*"}}"#,
        "`Perhaps` is neither Allow nor Deny",
    ),
];

#[test]
fn a_text_that_cannot_be_read_as_a_policy_is_offered_as_text_alone_with_the_reason() {
    for (text, why) in UNREADABLE {
        // With the difference shown, with the editor open, and over a document that holds nothing yet.
        let models: [fn() -> Model; 3] =
            [|| policy_view_model(Some(VENDOR_POLICY)), || policy_model(None), || policy_view_model(None)];
        for mut model in models.into_iter().map(|make| make()) {
            let (before, is_editing) = (body(&model).to_owned(), policy::is_editor_open(&model));
            paste_text(&mut model, text);
            let told = model.pasted.question().unwrap_or_else(|| panic!("{text}")).told.join(" ");
            assert!(told.starts_with("It cannot be read as a policy") && told.contains(why), "{text}: {told}");
            let offered = choices(&model);
            assert!(offered.iter().all(|words| !words.contains("merge") && !words.contains("replace")), "{offered:?}");
            assert_eq!(offered.iter().any(|words| words.starts_with("insert it as text")), is_editing);
            choose(&mut model, "edit it as text");
            assert_eq!(body(&model), text);
            assert!(policy::is_editor_open(&model));
            press_key(&mut model, Key::with_ctrl('u'));
            assert_eq!(body(&model), before, "one undo takes it back");
        }
        let mut model = signed_model();
        paste_text(&mut model, text);
        assert!(said(&model).contains("cannot be read as a policy") && said(&model).contains(why), "{}", said(&model));
        let mut model = model_with_chosen(&["vendorapp"]);
        type_text(&mut model, "111111111111");
        paste_text(&mut model, text);
        let offered = choices(&model);
        assert!(offered.iter().all(|words| !words.contains("merge") && !words.contains("grants")), "{offered:?}");
        choose(&mut model, "take it to step 4 as text");
        let effects = tap_key(&mut model, Code::Enter);
        answer_policies(&mut model, &effects, None);
        assert_eq!(body(&model), text);
        assert!(policy::is_editor_open(&model) && said(&model).contains("no policy yet"), "{}", said(&model));
    }
}

fn marked_names(model: &Model) -> Vec<&str> {
    model.actions.marked().iter().map(|info| info.name.as_str()).collect()
}

#[test]
fn a_policy_at_actions_gives_its_actions_as_asked_and_says_what_is_left_out() {
    let fresh = || model_with_chosen(&["vendorapp"]);
    let before = marked_names(&fresh()).iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut model = fresh();
    paste_text(&mut model, WIDE);
    assert!(model.pasted.question().unwrap().told.iter().any(|line| line == "It allows BatchGetImage, PutImage."));
    choose(&mut model, "take who it grants to and its actions");
    assert_eq!(
        (model.actions.grantee().text(), marked_names(&model)),
        ("333333333333", vec!["BatchGetImage", "PutImage"])
    );
    assert!(said(&model).contains("the actions BatchGetImage, PutImage"), "{}", said(&model));

    let mut model = fresh();
    paste_text(&mut model, WIDE);
    choose(&mut model, "take who it grants to: ");
    assert_eq!(marked_names(&model), before, "nothing but the grantee is taken");

    let mut model = fresh();
    type_text(&mut model, "111111111111");
    paste_text(&mut model, WIDE);
    choose(&mut model, "take its actions alone");
    assert_eq!(
        (model.actions.grantee().text(), marked_names(&model)),
        ("111111111111", vec!["BatchGetImage", "PutImage"])
    );
    // The document at step 4 allows them, and nothing else.
    let effects = tap_key(&mut model, Code::Enter);
    answer_policies(&mut model, &effects, None);
    let text = body(&model);
    assert!(text.contains("ecr:PutImage") && !text.contains("GetDownloadUrlForLayer"), "{text}");

    let mut model = fresh();
    let denies = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}]}"#;
    paste_text(&mut model, denies);
    assert!(choices(&model).iter().all(|choice| !choice.contains("actions")), "{:?}", choices(&model));
}

#[test]
fn a_policy_at_actions_names_who_it_grants_to_or_waits_for_step_four() {
    let mut model = model_with_chosen(&["vendorapp"]);
    paste_text(&mut model, WIDE);
    choose(&mut model, "take who it grants to: ");
    assert_eq!(model.actions.grantee().text(), "333333333333");
    let mut model = model_with_chosen(&["vendorapp", "platform/billing-api"]);
    type_text(&mut model, "111111111111");
    paste_text(&mut model, WIDE);
    choose(&mut model, "merge its statements at step 4");
    let effects = tap_key(&mut model, Code::Enter);
    answer_policies(&mut model, &effects, None);
    let texts: Vec<&str> =
        model.policy.documents().iter().map(|document| document.current_draft().unwrap().editor.text()).collect();
    assert_eq!(texts.len(), 2);
    assert!(texts.iter().all(|text| text.contains("EcrGrantPull") && text.contains("ecr:PutImage")), "{texts:?}");
    assert!(said(&model).contains("merged"), "{}", said(&model));
}
