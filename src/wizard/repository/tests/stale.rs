//! Texts that may be another policy by now: nothing at step 3 is told from them, and they are read anew.

use super::super::reads::READ_AHEAD;
use super::*;
use crate::plan::Outcome;
use crate::wizard::testing::{answer_write, first_grant, policy_reading, pull_request, save_model, test_signed};

const NAME: &str = "vendorapp";

/// Reads until nothing is asked; the policy of one repository ends as told, all others have none.
fn serve(model: &mut Model, effects: Vec<Effect>, of_name: &dyn Fn() -> Read) {
    let mut open = effects;
    while let Some(effect) = open.pop() {
        let (id, answer) = match effect {
            Effect::ReadPolicy { id, repository, .. } => {
                let result = if repository.name.as_str() == NAME { of_name() } else { Ok(None) };
                (id, Answer::Policy(repository, result))
            }
            Effect::ListRepositories { id, .. } => (id, page_of(&["billing", NAME], true)),
            _ => continue,
        };
        open.extend(give_answer(model, id, answer));
    }
}

type Read = Result<Option<String>, Failure>;

/// A way, in words, and what leads there: the model and the requests left open.
type Way = (&'static str, fn() -> (Model, Vec<Effect>));

const STORED: fn() -> Read = || Ok(Some(VENDOR_POLICY.to_owned()));
const FAILED: fn() -> Read = || Err(test_failure(FailureKind::Timeout));

/// At Repository with everything read, on the repository of that name.
fn read_model() -> Model {
    let mut model = fresh_model();
    model.signed = Some(test_signed());
    let effects = go(&mut model, Step::Repository);
    serve(&mut model, effects, &STORED);
    tap_key(&mut model, Code::End);
    assert_eq!(chosen_name(&model), NAME);
    assert!(is_known(&model));
    model
}

fn is_known(model: &Model) -> bool {
    model.stored_policies.policy_of(&test_reference(NAME)).is_some()
}

/// The ways on which what is stored may become another text than the one that was read.
fn ways() -> Vec<Way> {
    vec![
        ("a new listing begins", || {
            let mut model = read_model();
            let open = type_text(&mut model, "r");
            (model, open)
        }),
        ("the list's own read fails", || {
            let mut model = read_model();
            let effects = type_text(&mut model, "r");
            serve(&mut model, effects, &FAILED);
            (model, Vec::new())
        }),
        ("other credentials list the same registry", || {
            let mut model = read_model();
            model.signed = Some(Signed { source: test_source("platform-ro"), ..test_signed() });
            let open = go(&mut model, Step::Repository);
            (model, open)
        }),
        ("the review's read fails", || {
            let mut model = read_model();
            let effects = type_text(&mut model, "v");
            serve(&mut model, effects, &FAILED);
            (model, Vec::new())
        }),
        ("the read of a change of the review fails", || {
            let mut model = read_model();
            let effects = type_text(&mut model, "v");
            serve(&mut model, effects, &STORED);
            let effects = type_text(&mut model, "D");
            assert!(effects.iter().any(|effect| matches!(effect, Effect::ReadPolicy { .. })));
            serve(&mut model, effects, &FAILED);
            (model, Vec::new())
        }),
        ("the read of step 4 fails", || {
            let (mut model, effects) = policy_reading(&[NAME]);
            model.stored_policies.note_read(&test_reference(NAME), Some(VENDOR_POLICY));
            serve(&mut model, effects, &FAILED);
            (model, Vec::new())
        }),
        ("nobody knows what a write came to", || {
            let mut model = save_model(vec![first_grant(NAME)], Some(pull_request()));
            model.stored_policies.note_read(&test_reference(NAME), None);
            let effects = type_text(&mut model, "y");
            answer_write(&mut model, &effects, Outcome::Unknown(test_failure(FailureKind::Timeout)));
            (model, Vec::new())
        }),
    ]
}

#[test]
fn a_text_is_forgotten_as_soon_as_it_may_be_another_one() {
    for (way, lead_there) in ways() {
        assert!(!is_known(&lead_there().0), "{way}");
    }
}

#[test]
fn going_on_asks_for_what_is_not_read_so_that_the_note_ends_by_itself() {
    for (way, lead_there) in ways().into_iter().take(4) {
        let (mut model, open) = lead_there();
        tap_key(&mut model, Code::Esc);
        model.step = Step::Repository;
        model.repository.review = None;
        let effects = tap_key(&mut model, Code::Enter);
        assert_eq!((model.step, is_known(&model)), (Step::Actions, false), "{way}");
        serve(&mut model, [open, effects].concat(), &STORED);
        assert!(is_known(&model), "{way}");
    }
}

#[test]
fn coming_back_from_policy_asks_for_what_could_not_be_read_there() {
    let mut model = read_model();
    tap_key(&mut model, Code::Enter);
    type_text(&mut model, "111111111111");
    let effects = tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Policy);
    serve(&mut model, effects, &FAILED);
    assert!(!is_known(&model));
    let effects = tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Actions);
    serve(&mut model, effects, &STORED);
    assert!(is_known(&model));
    assert!(model.actions.existing_sum().is_some_and(crate::wizard::actions::ExistingSum::is_all_there));
}

#[test]
fn all_chosen_ones_are_read_at_step_3_however_many_and_wherever_they_stand() {
    let (mut model, effects) = model_with(READ_AHEAD + 300);
    answer_all(&mut model, &effects, |_| Ok(None));
    let chosen: Vec<_> = (0..model.repository.rows.len()).rev().take(200).collect();
    let chosen: Vec<_> = chosen.iter().map(|at| model.repository.rows.get(*at).unwrap().repository.clone()).collect();
    let is_read =
        |model: &Model| chosen.iter().filter(|one| model.stored_policies.policy_of(&one.reference).is_some()).count();
    assert!(is_read(&model) < 200);
    for one in &chosen {
        let at = model.repository.rows.find_row(&one.reference).unwrap();
        model.repository.rows.set_mark(at, true);
    }
    let effects = tap_key(&mut model, Code::Enter);
    let mut effects = effects;
    if model.step == Step::Repository {
        // The cursor stands on a row that is not marked.
        tap_key(&mut model, Code::End);
        effects = tap_key(&mut model, Code::Enter);
    }
    assert_eq!((model.step, model.chosen.len()), (Step::Actions, 200), "{:?}", model.notice);
    answer_all(&mut model, &effects, |_| Ok(None));
    assert_eq!(is_read(&model), 200);
}
