//! A change that is being planned is given up as soon as the place that it was begun at is left, by whichever way.

use super::several::{answer_of, serve, shown, whole_survey};
use crate::plan::Outcome;
use crate::wizard::testing::*;
use crate::wizard::{Answer, Code, Effect, Event, Key, Model, RequestId, Step, update};

/// A way to begin a change, in words, with the requests of its plan.
type Beginning = (&'static str, fn() -> (Model, Vec<Effect>));
/// A way away, in words.
type Way = (&'static str, fn(&mut Model) -> Vec<Effect>);

fn press_code(model: &mut Model, code: Code) -> Vec<Effect> {
    press_alone(model, Key::without_modifiers(code))
}

/// The grantees of the review of several registries, of one Region alone.
fn on_grantees() -> (Model, Vec<Effect>) {
    let mut model = whole_survey(false);
    super::filter(&mut model, "account:222222222222 region:us-east-1");
    tap_key(&mut model, Code::Tab);
    let list = model.repository.overview().unwrap().grantees().unwrap();
    let place = list.rows.iter().position(|row| row.who.id() == "111111111111").unwrap();
    (0..place).for_each(|_| drop(tap_key(&mut model, Code::Down)));
    let effects = press_alone(&mut model, Key::of_char('x'));
    (model, effects)
}

fn in_review(key: char) -> (Model, Vec<Effect>) {
    let mut model = whole_survey(false);
    let at = shown(&model).iter().position(|one| one.region.as_str() == "us-east-1").unwrap();
    (0..at).for_each(|_| drop(tap_key(&mut model, Code::Down)));
    let effects = tap_key(&mut model, Code::Enter);
    serve(&mut model, effects, false);
    let effects = press_alone(&mut model, Key::of_char(key));
    (model, effects)
}

fn after_write(at: Step) -> (Model, Vec<Effect>) {
    let mut model = save_model(vec![first_grant("vendorapp")], Some(pull_request()));
    let effects = press_key(&mut model, Key::of_char('y'));
    answer_writes(&mut model, &effects, |write| Outcome::Written { stored: write.text.clone(), backup: None });
    if at == Step::Permissions {
        tap_key(&mut model, Code::Enter);
    }
    assert_eq!(model.step, at);
    let effects = press_alone(&mut model, Key::of_char('u'));
    (model, effects)
}

const BEGINNINGS: [Beginning; 5] = [
    ("x on a grantee", on_grantees),
    ("D in a review", || in_review('D')),
    ("x in a review", || in_review('x')),
    ("u after a save", || after_write(Step::Save)),
    ("u at Permissions", || after_write(Step::Permissions)),
];

const WAYS: [Way; 9] = [
    ("Esc", |model| press_code(model, Code::Esc)),
    ("Enter", |model| press_code(model, Code::Enter)),
    ("Tab", |model| press_code(model, Code::Tab)),
    ("n", |model| press_alone(model, Key::of_char('n'))),
    ("e", |model| press_alone(model, Key::of_char('e'))),
    ("a", |model| press_alone(model, Key::of_char('a'))),
    ("a pasted text", |model| update(model, Event::Paste("vend".to_owned()))),
    ("a repository of another registry", |model| {
        let mut effects = press_code(model, Code::Esc);
        for code in [Code::Esc, Code::Up, Code::Enter, Code::Esc, Code::Tab] {
            effects.extend(press_code(model, code));
        }
        effects
    }),
    ("another Region", |model| {
        let signed = model.signed.as_mut().unwrap();
        signed.region = test_region("ap-south-1");
        update(model, Event::Clock(1))
    }),
];

/// Returns the requests of a plan: reads of what is stored, and computations.
fn requests(effects: &[Effect]) -> Vec<RequestId> {
    let ids = effects.iter().filter_map(|effect| match effect {
        Effect::ReadPolicy { id, for_write: true, .. } | Effect::Compute { id, .. } => Some(*id),
        _ => None,
    });
    ids.collect()
}

/// Answers a request of a plan, without what follows from it.
fn answer_one(model: &mut Model, effect: &Effect) -> Vec<Effect> {
    let (id, answer) = match effect {
        Effect::Compute { id, computation } => (*id, Answer::Computed(Ok(computation.carry_out()))),
        Effect::ReadPolicy { id, repository, .. } if model.repository.overview().is_none() => {
            (*id, Answer::Policy(repository.clone(), Ok(Some(VENDOR_POLICY.to_owned()))))
        }
        other => answer_of(other).unwrap(),
    };
    update(model, Event::Answer(id, Box::new(answer)))
}

fn is_asked(effect: &Effect) -> bool {
    matches!(effect, Effect::ReadPolicy { for_write: true, .. } | Effect::Compute { .. })
}

/// Answers what a plan asks for, as far as told, and returns what is open then.
fn advance(model: &mut Model, effects: Vec<Effect>, reads_answered: bool) -> Vec<Effect> {
    let asked = effects.into_iter().filter(is_asked);
    if !reads_answered {
        return asked.collect();
    }
    asked.flat_map(|effect| answer_one(model, &effect)).filter(is_asked).collect()
}

#[test]
fn a_late_answer_opens_nothing_where_the_place_was_left() {
    let (mut left, mut stayed) = (0, 0);
    for (beginning, begin) in BEGINNINGS {
        for (way, go_away) in WAYS {
            for reads_answered in [false, true] {
                let (mut model, effects) = begin();
                assert!(model.save.change_planned_since().is_some(), "{beginning}: {:?}", model.notice);
                let open = advance(&mut model, effects, reads_answered);
                assert!(!open.is_empty() && model.save.change_planned_since().is_some(), "{beginning} {way}");
                let before = (model.step, model.repository.shown_layer());
                let effects = go_away(&mut model);
                let after = (model.step, model.repository.shown_layer());
                if model.save.change_planned_since().is_some() {
                    // The key leads nowhere here: the plan opens as if it had not been pressed.
                    assert_eq!(before, after, "{beginning} {way}");
                    stayed += 1;
                    continue;
                }
                left += 1;
                let stopped: Vec<RequestId> = effects
                    .iter()
                    .filter_map(|effect| if let Effect::Cancel(id) = effect { Some(*id) } else { None })
                    .collect();
                assert!(requests(&open).iter().all(|id| stopped.contains(id)), "{beginning} {way}: {effects:?}");
                assert!(model.notice.as_ref().is_none_or(|notice| !notice.text.contains("to plan")), "{way}");
                for effect in &open {
                    let more = answer_one(&mut model, effect);
                    assert!(requests(&more).is_empty(), "{beginning} {way}: {more:?}");
                }
                assert_eq!((model.step, model.repository.shown_layer()), after, "{beginning} {way}");
                assert!(!model.save.is_begun_change(), "{beginning} {way}");
            }
        }
    }
    assert!(left > 40 && stayed > 0, "{left} {stayed}");
}

#[test]
fn the_plan_opens_where_nobody_went_away() {
    for (beginning, begin) in BEGINNINGS {
        let (mut model, effects) = begin();
        let open = advance(&mut model, effects, true);
        assert!(model.save.change_planned_since().is_some(), "{beginning}");
        for effect in &open {
            answer_one(&mut model, effect);
        }
        assert!(model.step == Step::Save && model.save.is_begun_change(), "{beginning}");
    }
}
