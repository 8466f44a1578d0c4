//! The names that are offered at the caret.

use super::*;

/// At Policy with one empty list of actions, the caret in it.
pub(super) fn in_actions() -> Model {
    let mut model = policy_model(None);
    let text = "{\n  \"Statement\": [\n    {\"Effect\": \"Allow\", \"Action\": []}\n  ]\n}";
    let draft = model.policy.draft_mut().unwrap();
    draft.editor.set_text(text);
    draft.editor.go_to(text.find("[]").unwrap() + 1);
    model
}

fn offered(model: &Model) -> usize {
    model.policy.completion().map_or(0, |c| c.all_offers().len())
}

#[test]
fn names_are_offered_when_asked_for_narrowed_by_typing_and_taken_by_enter() {
    let mut model = in_actions();
    press_key(&mut model, Key::with_ctrl(' '));
    assert_eq!((offered(&model), model.key_scopes().first()), (36, Some(&KeyScope::Completion)));
    tap_key(&mut model, Code::Esc);
    assert_eq!((offered(&model), model.step), (0, Step::Policy), "Escape closes the list alone");
    type_text(&mut model, "\"");
    assert_eq!(offered(&model), 0, "nothing opens by itself");
    tap_key(&mut model, Code::Tab);
    assert_eq!(offered(&model), 36);
    type_text(&mut model, "put");
    assert!((2..10).contains(&offered(&model)), "{}", offered(&model));
    tap_key(&mut model, Code::Backspace);
    tap_key(&mut model, Code::Down);
    let chosen = model.policy.completion().unwrap().chosen_offer().unwrap().text.clone();
    tap_key(&mut model, Code::Enter);
    assert!(body(&model).contains(&format!("[\"{chosen}\"]")), "{}", body(&model));
    type_text(&mut model, ", \"ecr:GetDown");
    tap_key(&mut model, Code::Tab);
    assert!(body(&model).contains(", \"ecr:GetDownloadUrlForLayer\"]"), "the only one is written: {}", body(&model));
    press_key(&mut model, Key::with_ctrl('u'));
    assert!(body(&model).contains(", \"ecr:GetDown\"]"), "in one step: {}", body(&model));
}

#[test]
fn names_are_never_in_the_way_of_typing() {
    let mut model = in_actions();
    type_text(&mut model, "\"");
    press_key(&mut model, Key::with_ctrl(' '));
    type_text(&mut model, "s3:GetObject");
    assert_eq!(offered(&model), 0, "no such name");
    type_text(&mut model, "\", \"x");
    assert!(body(&model).contains("[\"s3:GetObject\", \"x\"]"), "{}", body(&model));
    let before = body(&model).to_owned();
    tap_key(&mut model, Code::Home);
    tap_key(&mut model, Code::Tab);
    assert_eq!(body(&model).len(), before.len() + 2, "outside a string Tab indents");
    press_key(&mut model, Key::with_ctrl('u'));
    press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
    press_key(&mut model, Key::with_ctrl(' '));
    assert!(said(&model).contains("no name is known"), "{}", said(&model));
    let mut model = in_actions();
    press_key(&mut model, Key::with_ctrl(' '));
    tap_key(&mut model, Code::Left);
    assert_eq!(offered(&model), 0, "moving away closes the list");
    press_key(&mut model, Key::with_ctrl('f'));
    assert!(model.policy.prompt().is_some());
}

#[test]
fn what_has_to_be_filled_in_is_selected() {
    let mut model = in_actions();
    let at = body(&model).find("\"Action").unwrap();
    model.policy.draft_mut().unwrap().editor.go_to(at);
    type_text(&mut model, "\"Principal\": {\"AWS\": \"");
    press_key(&mut model, Key::with_ctrl(' '));
    type_text(&mut model, "root");
    tap_key(&mut model, Code::Down);
    tap_key(&mut model, Code::Enter);
    assert_eq!(draft(&model).editor.selected(), Some("ACCOUNT"));
    paste_text(&mut model, "333333333333");
    assert!(body(&model).contains("arn:aws:iam::333333333333:root"), "{}", body(&model));
}
