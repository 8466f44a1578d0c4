use super::*;
use crate::ecr::FailureKind;
use crate::wizard::testing::{PUBLIC_POLICY, VENDOR_POLICY, happen, signed_model, test_failure, test_repository};
use crate::wizard::{Code, Event, Key, KeyScope, Size, keymap, update};

fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    do_action(
        model,
        keymap::Keymap::default().resolve(key, &[KeyScope::Review, KeyScope::List, KeyScope::Global]).unwrap(),
    )
}

fn tap(model: &mut Model, code: Code) -> Vec<Effect> {
    press(model, Key::without_modifiers(code))
}

fn opened() -> (Model, RequestId) {
    let mut model = signed_model();
    let effects = open_review(&mut model, test_repository("vendorapp"));
    let Some(Effect::ReadPolicy { id, .. }) = effects.first() else { panic!("{effects:?}") };
    (model, *id)
}

fn reply(model: &mut Model, id: RequestId, stored: Result<Option<String>, crate::ecr::Failure>) {
    let reference = test_repository("vendorapp").reference;
    take_answer(model, id, &Answer::Policy(reference, stored));
    // Another event: what is wanted by then is begun.
    let now = model.now;
    happen(model, super::super::Event::Clock(now));
}

fn shown(model: &Model) -> String {
    shown_page(model, model.repository.review().unwrap()).text()
}

#[test]
fn what_is_stored_is_shown_with_who_has_access_and_what_the_checks_find() {
    let (mut model, id) = opened();
    assert!(shown(&model).is_empty());
    reply(&mut model, id, Ok(Some(PUBLIC_POLICY.to_owned())));
    let text = shown(&model);
    for words in ["\nAllowAll  Allow", "Allow", "everyone", "Who has access", "Checks", "risk: "] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(text.find("risk: ") < text.find("Statements"), "what is grave leads: {text}");
    assert!(!text.contains('`'), "{text}");
}

#[test]
fn no_policy_a_failure_and_nonsense_are_said_to_be_so() {
    let (mut model, id) = opened();
    reply(&mut model, id, Ok(None));
    assert!(shown(&model).contains("has no policy"));
    let (mut model, id) = opened();
    reply(&mut model, id, Err(test_failure(FailureKind::Offline)));
    assert!(shown(&model).contains("did not answer") && shown(&model).contains("r reads again"));
    let (mut model, id) = opened();
    reply(&mut model, id, Ok(Some("{\"Statement\": [".to_owned())));
    assert!(shown(&model).contains("cannot be read") && shown(&model).contains("{\"Statement\": ["));
}

#[test]
fn reading_again_keeps_what_is_known_until_the_new_text_comes() {
    let (mut model, id) = opened();
    reply(&mut model, id, Ok(Some(VENDOR_POLICY.to_owned())));
    let again = press(&mut model, Key::of_char('r'));
    let [Effect::ReadPolicy { id: second, .. }] = again.as_slice() else { panic!("{again:?}") };
    assert!(shown(&model).contains("111111111111"));
    reply(&mut model, id, Ok(None));
    assert!(shown(&model).contains("111111111111"), "the late answer of the first request is dropped");
    reply(&mut model, *second, Ok(None));
    assert!(shown(&model).contains("has no policy"));
}

#[test]
fn escape_closes_the_review_and_stops_the_reading() {
    let (mut model, id) = opened();
    assert_eq!(tap(&mut model, Code::Esc), [Effect::Cancel(id)]);
    assert!(model.repository.review().is_none());
    assert_eq!(model.step, crate::wizard::Step::Repository);
    reply(&mut model, id, Ok(None));
    assert!(model.repository.review().is_none());
}

#[test]
fn the_text_is_copied_as_stored_and_nothing_is_ever_written() {
    let (mut model, id) = opened();
    assert!(press(&mut model, Key::of_char('c')).is_empty());
    reply(&mut model, id, Ok(Some(VENDOR_POLICY.to_owned())));
    let copied = press(&mut model, Key::of_char('c'));
    assert!(matches!(copied.as_slice(), [Effect::Copy { text, .. }] if text == VENDOR_POLICY));
}

#[test]
fn scrolling_ends_with_the_page() {
    let (mut model, id) = opened();
    reply(&mut model, id, Ok(Some(VENDOR_POLICY.to_owned())));
    model.size = Size { columns: 60, rows: 12 };
    for _ in 0..100 {
        tap(&mut model, Code::Down);
    }
    let review = model.repository.review().unwrap();
    assert_eq!(review.scroll, shown_page(&model, review).len().saturating_sub(page_rows(&model)));
}

#[test]
fn what_is_read_of_an_older_text_is_dropped() {
    let asked = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::Compute { id, computation: computation @ Computation::Read(_) } => Some((id, computation)),
            _ => None,
        })
    };
    let answer = |model: &mut Model, (id, computation): &(RequestId, Computation)| {
        let computed = Answer::Computed(Ok(computation.carry_out()));
        update(model, Event::Answer(*id, Box::new(computed)));
    };
    let (mut model, id) = opened();
    let stored =
        |text: &str| Box::new(Answer::Policy(test_repository("vendorapp").reference, Ok(Some(text.to_owned()))));
    let first = asked(update(&mut model, Event::Answer(id, stored(PUBLIC_POLICY)))).unwrap();
    assert!(shown(&model).is_empty(), "nothing is said before it is read");
    let effects = tap(&mut model, Code::Char('r'));
    let Some(Effect::ReadPolicy { id, .. }) = effects.first() else { panic!("{effects:?}") };
    let second = asked(update(&mut model, Event::Answer(*id, stored(VENDOR_POLICY)))).unwrap();
    answer(&mut model, &first);
    assert!(shown(&model).is_empty(), "what was stored before is shown as what is stored: {}", shown(&model));
    answer(&mut model, &second);
    assert!(shown(&model).contains("EcrGrantPull"));
}
