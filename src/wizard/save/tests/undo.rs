//! Taking back what was just written: the plan for it, its confirmation, and the way back to the outcome.

use super::writes;
use crate::plan::{Outcome, UndoWay};
use crate::wizard::event::SaveNews;
use crate::wizard::save::Phase;
use crate::wizard::testing::{answer_writes, first_grant, give_answer, press_key, pull_request, save_model, tap_key};
use crate::wizard::{Answer, Code, Effect, Key, Model, Step};

const BEFORE: &str = r#"{ "Version":"2012-10-17" ,"Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"ecr:BatchGetImage"}] }"#;

/// After a save of two repositories, in the change `c0ffee0001`; one of them had a policy before.
fn saved() -> Model {
    let stored = [None, Some(BEFORE.to_owned())];
    let plans = ["worker", "vendorapp"].into_iter().zip(stored).map(|(name, stored)| {
        let repository = crate::wizard::testing::test_reference(name);
        let target =
            crate::plan::Target { repository, stored, registry: crate::policy::RegistryPolicy::Absent, now: None };
        crate::plan::plan_grant(&target, &pull_request(), None)
    });
    let mut model = save_model(plans.collect(), Some(pull_request()));
    tap_key(&mut model, Code::PageDown);
    let effects = press_key(&mut model, Key::of_char('y'));
    let [Effect::Save { id, undoes: None, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    give_answer(&mut model, *id, Answer::Saving(SaveNews::Started("c0ffee0001".to_owned())));
    answer_writes(&mut model, &effects, |write| Outcome::Written { stored: write.text.clone(), backup: None });
    assert_eq!(model.save.phase, Phase::Ended);
    model
}

/// Presses the key of an undo, and answers its reads with what the save has stored, changed by `edit`.
fn plan_undo(model: &mut Model, edit: impl Fn(&str, String) -> String) {
    let stored: Vec<_> =
        model.save.entries.iter().map(|e| (e.planned.repository.clone(), e.planned.text.clone())).collect();
    let reads = press_key(model, Key::of_char('u'));
    assert_eq!(reads.len(), stored.len(), "{reads:?}");
    for read in &reads {
        let Effect::ReadPolicy { id, repository, .. } = read else { panic!("{read:?}") };
        let text = stored.iter().find(|(known, _)| known == repository).and_then(|(_, text)| text.clone());
        let text = text.map(|text| edit(repository.name.as_str(), text));
        give_answer(model, *id, Answer::Policy(repository.clone(), Ok(text)));
    }
}

#[test]
fn an_undo_of_a_bulk_save_brings_each_document_back_to_the_byte() {
    for from_permissions in [false, true] {
        let mut model = saved();
        if from_permissions {
            tap_key(&mut model, Code::Enter);
            assert_eq!(model.step, Step::Permissions);
        }
        plan_undo(&mut model, |_, text| text);
        assert_eq!(model.step, Step::Save);
        assert!(model.save.is_undo() && model.save.is_asking(), "{:?}", model.save.phase);
        let ways: Vec<_> = model.save.entries.iter().map(|e| e.planned.undo.as_ref().unwrap().way.clone()).collect();
        assert_eq!(ways, [UndoWay::Exact, UndoWay::Exact]);
        tap_key(&mut model, Code::PageDown);
        let effects = press_key(&mut model, Key::of_char('y'));
        let [Effect::Save { id, writes, undoes, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!(undoes.as_deref(), Some("c0ffee0001"));
        let texts: Vec<_> =
            writes.iter().map(|write| (write.repository.name.as_str(), write.text.as_deref())).collect();
        assert_eq!(texts, [("worker", None), ("vendorapp", Some(BEFORE))]);
        give_answer(&mut model, *id, Answer::Saving(SaveNews::Started("c0ffee0002".to_owned())));
        answer_writes(&mut model, &effects, |write| Outcome::Written { stored: write.text.clone(), backup: None });
        tap_key(&mut model, Code::Enter);
        assert_eq!(model.step, Step::Permissions);
        assert!(model.permissions.kit().is_none(), "nothing is left to do for who has no access");
        // It is a change of its own, so that it can be taken back too.
        plan_undo(&mut model, |_, text| text);
        let effects = press_key(&mut model, Key::of_char('y'));
        let effects = if effects.is_empty() {
            tap_key(&mut model, Code::PageDown);
            press_key(&mut model, Key::of_char('y'))
        } else {
            effects
        };
        let [Effect::Save { undoes, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!(undoes.as_deref(), Some("c0ffee0002"));
    }
}

#[test]
fn where_others_wrote_since_only_what_was_added_is_taken_out() {
    let mut model = saved();
    let theirs = r#"{"Sid":"New","Effect":"Allow","Principal":{"AWS":"555555555555"},"Action":"ecr:ListImages"},"#;
    plan_undo(&mut model, |name, text| match name {
        "vendorapp" => text.replacen("{\"Sid\":\"Theirs\"", &format!("{theirs}{{\"Sid\":\"Theirs\""), 1),
        _ => text,
    });
    let planned = &model.save.entries[1].planned;
    assert_eq!(planned.undo.as_ref().unwrap().way, UndoWay::Partial);
    let text = planned.text.as_deref().unwrap();
    assert!(text.contains("555555555555") && text.contains("333333333333") && !text.contains("111111111111"), "{text}");
}

#[test]
fn a_no_goes_back_to_the_outcome_and_writes_nothing() {
    for key in [Key::of_char('n'), Key::without_modifiers(Code::Esc)] {
        let mut model = saved();
        plan_undo(&mut model, |_, text| text);
        assert!(press_key(&mut model, key).is_empty());
        assert_eq!((model.step, &model.save.phase, model.save.is_undo()), (Step::Save, &Phase::Ended, false));
        tap_key(&mut model, Code::Enter);
        assert_eq!(model.step, Step::Permissions);
        assert_eq!(model.permissions.entries().len(), 2);
    }
}

#[test]
fn somebody_who_goes_elsewhere_meanwhile_is_not_called_back() {
    let mut model = saved();
    let reads = press_key(&mut model, Key::of_char('u'));
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Permissions);
    for read in &reads {
        let Effect::ReadPolicy { id, repository, .. } = read else { continue };
        give_answer(&mut model, *id, Answer::Policy(repository.clone(), Ok(None)));
    }
    assert_eq!(model.step, Step::Permissions);
    assert!(!model.save.is_undo());
}

#[test]
fn what_could_not_be_read_stops_no_other_undo() {
    let mut model = saved();
    let reads = press_key(&mut model, Key::of_char('u'));
    for (at, read) in reads.iter().enumerate() {
        let Effect::ReadPolicy { id, repository, .. } = read else { continue };
        let failure = crate::wizard::testing::test_failure(crate::ecr::FailureKind::Timeout);
        let text = model.save.entries[at].planned.text.clone();
        let answer = if at == 0 { Err(failure) } else { Ok(text) };
        give_answer(&mut model, *id, Answer::Policy(repository.clone(), answer));
    }
    tap_key(&mut model, Code::PageDown);
    assert_eq!(writes(&press_key(&mut model, Key::of_char('y'))), ["vendorapp"]);
}

#[test]
fn an_undo_that_meets_another_text_is_planned_again_on_it() {
    let mut model = saved();
    plan_undo(&mut model, |_, text| text);
    tap_key(&mut model, Code::PageDown);
    let effects = press_key(&mut model, Key::of_char('y'));
    let now = model.save.entries[0].planned.stored.clone().unwrap();
    let now = now.replacen(
        "\"Statement\": [",
        "\"Statement\": [{\"Sid\":\"New\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"555555555555\"},\"Action\":\"ecr:ListImages\"},",
        1,
    );
    assert!(now.contains("555555555555"), "{now}");
    answer_writes(&mut model, &effects, |write| match write.repository.name.as_str() {
        "worker" => Outcome::Changed { now: Some(now.clone()) },
        _ => Outcome::Written { stored: write.text.clone(), backup: None },
    });
    tap_key(&mut model, Code::Enter);
    assert!(model.save.is_asking(), "{:?} {:?}", model.save.phase, model.notice);
    let planned = &model.save.entries[0].planned;
    assert_eq!(planned.undo.as_ref().unwrap().way, UndoWay::Partial);
    assert!(planned.text.as_deref().unwrap().contains("555555555555"));
}

#[test]
fn without_a_write_there_is_nothing_to_take_back() {
    let mut model = save_model(vec![first_grant("vendorapp")], Some(pull_request()));
    let effects = press_key(&mut model, Key::of_char('y'));
    answer_writes(&mut model, &effects, |_| Outcome::DryRun);
    assert!(press_key(&mut model, Key::of_char('u')).is_empty());
    assert!(model.notice.as_ref().unwrap().text.contains("nothing was written"), "{:?}", model.notice);
}
