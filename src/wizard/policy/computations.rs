//! The computations of the step: begins those that are wanted, takes their results, and keeps what waits for them.

use super::pending::{PendingEdit, PendingKind, Progress};
use super::{RepositoryDocument, caller, go_on, problems, restore, say_begun_again, settle, stored_edit};
use crate::ecr::Failure;
use crate::plan::Target;
use crate::policy::Fix;
use crate::wizard::computation::examination::NextGrant;
use crate::wizard::computation::fixes::Narrowed;
use crate::wizard::computation::{Computation, Computed};
use crate::wizard::{Action, Effect, KeyScope, Model, RequestId, Step, Tone, question};

/// Begins every computation that is wanted; those of older texts that have not begun are given up.
pub(super) fn begin_all(model: &mut Model) -> Vec<Effect> {
    if model.overlay.is_some() || model.step != Step::Policy {
        // What was remembered is not carried out behind something else.
        model.policy.goes_on = false;
    }
    let mut effects = Vec::new();
    let caller = caller(model);
    for at in 0..model.policy.documents.len() {
        let Some(document) = model.policy.documents.get_mut(at) else { break };
        effects.extend(document.take_unwanted().map(Effect::Cancel));
        if !document.wants_computation() {
            continue;
        }
        let (id, now, unix_now) = (model.next_request(), model.now, model.unix_now());
        let document = model.policy.documents.get_mut(at);
        let begun = document.and_then(|d| d.begin_computation(id, now, unix_now, caller.clone()));
        effects.extend(begun.map(|computation| Effect::Compute { id, computation }));
    }
    if let Some(pending) = model.policy.pending.take()
        && model.policy.is_of_shown(&pending)
    {
        let Progress::Wanted(computation) = pending.progress else {
            model.policy.pending = Some(pending);
            return effects;
        };
        let id = model.next_request();
        model.policy.pending = Some(PendingEdit { progress: Progress::Running(id), ..pending });
        effects.push(Effect::Compute { id, computation });
    }
    effects
}

fn set_pending(model: &mut Model, kind: PendingKind, computation: Computation) {
    let asked_at = model.now;
    let step = &mut model.policy;
    let (Some(document), Some(draft)) = (step.document(), step.draft()) else { return };
    let (repository, revision) = (document.whose_repository().clone(), draft.editor.revision());
    step.pending = Some(PendingEdit { repository, revision, asked_at, kind, progress: Progress::Wanted(computation) });
}

/// Adds the grant to a text that was mended.
pub(super) fn grant_in_mended(model: &mut Model, target: Target) {
    let Some(request) = model.policy.document().map(|document| document.made_for().clone()) else { return };
    let next = NextGrant { target, request, caller: caller(model) };
    set_pending(model, PendingKind::Grant, Computation::Grant(Box::new(next)));
}

/// Works out what a fix does to who has access.
pub(super) fn weigh_fix(model: &mut Model, fix: Fix, notes: Vec<String>, computation: Computation) {
    set_pending(model, PendingKind::Fix { fix, notes }, computation);
}

/// Works out what narrowing cuts.
pub(super) fn narrow(model: &mut Model, computation: Computation) {
    set_pending(model, PendingKind::Narrowing, computation);
}

/// Tells whether a key is held off because one to go on is remembered: the text stays as it is until then, and the key
/// that goes back takes the remembered one back.
pub(super) fn holds_key(model: &mut Model, action: Option<Action>) -> bool {
    if !model.policy.goes_on || matches!(action, Some(Action::Copy)) {
        return false;
    }
    let back = model.key_name(KeyScope::Global, Action::Back);
    if action == Some(Action::Back) {
        model.policy.goes_on = false;
        model.set_notice(Tone::Plain, "stays here; the check goes on");
    } else {
        model.set_notice(Tone::Plain, format!("the text is being checked, then it goes on to Save; {back} stays here"));
    }
    true
}

/// Takes the result of a computation, and carries out what waited for it. A late one changes nothing.
pub(super) fn take_result(model: &mut Model, id: RequestId, result: &Result<Computed, Failure>) -> Vec<Effect> {
    if let Some(pending) =
        model.policy.pending.take_if(|p| matches!(p.progress, Progress::Running(asked) if asked == id))
    {
        take_pending(model, pending, result);
        return Vec::new();
    }
    let taken = model.policy.documents.iter_mut().find_map(|document| {
        let prepared = document.take_computed(id, result)?;
        Some((document.whose_repository().clone(), prepared))
    });
    let Some((repository, is_prepared)) = taken else { return Vec::new() };
    if is_prepared {
        restore::put_back(model, &repository);
        stored_edit::make_fix(model, &repository);
    }
    settle(model);
    if !model.policy.goes_on || model.policy.documents.iter().any(RepositoryDocument::is_being_checked) {
        return Vec::new();
    }
    model.policy.goes_on = false;
    let effects = go_on(model);
    question::follow_key(model, Action::GoOn, Step::Policy);
    effects
}

fn take_pending(model: &mut Model, pending: PendingEdit, result: &Result<Computed, Failure>) {
    if !model.policy.is_of_shown(&pending) {
        return;
    }
    let result = match result {
        Ok(result) => result,
        Err(failure) => {
            model.set_notice(Tone::Bad, failure.to_string());
            return;
        }
    };
    match (pending.kind, result) {
        (PendingKind::Grant, Computed::Granted(planned)) => {
            if let Some(draft) = model.policy.draft_mut() {
                draft.editor.set_text(planned.text.as_deref().unwrap_or_default());
            }
            say_begun_again(model);
        }
        (PendingKind::Fix { fix, notes }, Computed::Weighed(effect)) => {
            problems::make_or_show(model, fix, effect.clone(), notes);
        }
        (PendingKind::Narrowing, Computed::Narrowed(narrowed)) => take_narrowed(model, narrowed.clone()),
        _ => {}
    }
    settle(model);
    question::follow_key(model, Action::Fix, Step::Policy);
}

fn take_narrowed(model: &mut Model, narrowed: Narrowed) {
    match narrowed {
        Narrowed::Unreadable => {
            let key = model.key_name(KeyScope::Policy, Action::NextProblem);
            model.set_notice(
                Tone::Bad,
                format!("a policy that cannot be read cannot be narrowed; {key} goes to the problem"),
            );
        }
        Narrowed::NoStatement => {
            let words = if model.policy.is_viewing() {
                "nothing to narrow: no statement is new or changed but the grant"
            } else {
                "put the caret into the statement to narrow: none is new or changed but the grant"
            };
            model.set_notice(Tone::Plain, words);
        }
        Narrowed::Nothing(words) => model.set_notice(Tone::Plain, words),
        Narrowed::Cut { fix, notes, effect } => problems::set_preview(&mut model.policy, effect, fix, notes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::FailureKind;
    use crate::wizard::testing::{
        PUBLIC_POLICY, VENDOR_POLICY, compute_all, edit_text, policy_model, policy_reading, press_key, test_failure,
        test_reference,
    };
    use crate::wizard::{Answer, Code, Event, Key, Overlay, update};

    type Asked = (RequestId, Computation);

    /// Presses a key and leaves what it asks for unanswered.
    fn press(model: &mut Model, key: Key) -> Vec<Asked> {
        question::read(model);
        let effects = update(model, Event::Key(key));
        asked(effects)
    }

    fn asked(effects: Vec<Effect>) -> Vec<Asked> {
        let of = |effect| match effect {
            Effect::Compute { id, computation } => Some((id, computation)),
            _ => None,
        };
        effects.into_iter().filter_map(of).collect()
    }

    fn answer(model: &mut Model, (id, computation): &Asked) -> Vec<Asked> {
        let computed = Answer::Computed(Ok(computation.carry_out()));
        asked(update(model, Event::Answer(*id, Box::new(computed))))
    }

    fn only(mut all: Vec<Asked>) -> Asked {
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    fn examined_text((_, computation): &Asked) -> &str {
        match computation {
            Computation::Examine(text) => &text.text,
            other => panic!("{other:?}"),
        }
    }

    fn body(model: &Model) -> &str {
        model.policy.draft().unwrap().editor.text()
    }

    fn said(model: &Model) -> &str {
        model.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }

    const GO_ON: Key = Key::with_ctrl('s');
    const FIX: Key = Key::without_modifiers(Code::F(2));

    #[test]
    fn one_examination_runs_at_a_time_and_the_next_is_of_the_newest_text() {
        let mut model = policy_model(None);
        let counts = model.policy.draft().unwrap().counts;
        let first = only(press(&mut model, Key::of_char('x')));
        let of_first = body(&model).to_owned();
        assert_eq!(examined_text(&first), of_first);
        for c in ['y', 'z', 'w'] {
            assert_eq!(press(&mut model, Key::of_char(c)), [], "a second one runs beside the first");
        }
        // The result is late: what it says of the text before is dropped, and the newest text alone is examined.
        let second = only(answer(&mut model, &first));
        assert_eq!(examined_text(&second), body(&model));
        assert_eq!(model.policy.draft().unwrap().counts, counts, "a late result was taken");
        assert!(!model.policy.document().unwrap().is_examined());
        assert_eq!(answer(&mut model, &first), [], "one result counts twice");
        assert_eq!(answer(&mut model, &second), []);
        assert!(model.policy.document().unwrap().is_examined());
        assert!(model.policy.draft().unwrap().counts.stops > 0);
    }

    #[test]
    fn what_was_found_moves_with_its_words_while_another_text_is_examined() {
        let mut model = policy_model(Some(PUBLIC_POLICY));
        let draft = model.policy.draft().unwrap();
        let of = |model: &Model| -> Vec<String> {
            let draft = model.policy.draft().unwrap();
            draft.findings.iter().map(|f| f.span.text_in(draft.editor.text()).to_owned()).collect()
        };
        assert!(draft.findings.iter().any(|f| f.span.start > 0), "{:?}", draft.findings);
        let before = of(&model);
        press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
        press(&mut model, Key::without_modifiers(Code::Enter));
        press(&mut model, Key::without_modifiers(Code::Enter));
        assert_eq!(of(&model), before);
        let draft = model.policy.draft().unwrap();
        let lines: Vec<usize> = draft.findings.iter().map(|f| draft.editor.line_of(f.span.start)).collect();
        assert_eq!(draft.lines, lines);
    }

    #[test]
    fn the_view_says_nothing_of_who_gains_by_a_text_that_is_not_examined() {
        let mut model = policy_model(None);
        let rows = |model: &Model| model.policy.view().unwrap().page.text();
        let examination = only(press(&mut model, Key::of_char(' ')));
        press(&mut model, Key::without_modifiers(Code::Esc));
        let shown = rows(&model);
        assert!(shown.starts_with("who gains and who loses by this text is being worked out"), "{shown}");
        assert!(!shown.contains("gains  ") && !shown.contains("nobody"), "{shown}");
        answer(&mut model, &examination);
        assert!(rows(&model).starts_with("gains  account 111111111111"), "{}", rows(&model));
        // A text that cannot be read: nobody is told to gain or to lose.
        let mut model = policy_model(Some(PUBLIC_POLICY));
        edit_text(&mut model, "{");
        press_key(&mut model, Key::without_modifiers(Code::Esc));
        let shown = rows(&model);
        assert!(shown.starts_with("who gains and who loses is not known"), "{shown}");
        assert!(!shown.contains("nobody"), "{shown}");
    }

    #[test]
    fn a_key_to_go_on_waits_for_the_examination_and_is_carried_out_then() {
        let mut model = policy_model(None);
        let first = only(press(&mut model, Key::of_char(' ')));
        press(&mut model, Key::of_char(' '));
        assert_eq!(press(&mut model, GO_ON), []);
        assert!(model.step == Step::Policy && model.policy.goes_on());
        // The text stays what it was when the key was pressed.
        let text = body(&model).to_owned();
        for key in [Key::of_char('y'), Key::without_modifiers(Code::Backspace), Key::with_ctrl('u'), FIX] {
            press(&mut model, key);
            assert!(body(&model) == text && model.step == Step::Policy, "{key}");
            assert!(said(&model).contains("being checked"), "{key}: {}", said(&model));
        }
        update(&mut model, Event::Paste("pasted".to_owned()));
        assert_eq!(body(&model), text);
        // A late result leads nowhere.
        let second = only(answer(&mut model, &first));
        assert!(model.step == Step::Policy && model.policy.goes_on());
        assert_eq!(answer(&mut model, &second), []);
        assert_eq!(model.step, Step::Save);
        assert_eq!(model.save.entries()[0].planned.text.as_deref(), Some(text.as_str()), "another text is saved");
        // The question comes from the key: read on the screen, it is answered.
        update(&mut model, Event::Drawn);
        let effects = update(&mut model, Event::Key(Key::of_char('y')));
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Save { .. })), "{:?}", model.notice);
    }

    #[test]
    fn the_remembered_key_leads_to_the_problem_where_there_is_one() {
        let mut model = policy_model(None);
        let examination = only(press(&mut model, Key::of_char('}')));
        press(&mut model, GO_ON);
        answer(&mut model, &examination);
        assert!(model.step == Step::Policy && !model.policy.goes_on());
        let (_, words) = model.policy.draft().unwrap().first_obstacle().unwrap();
        assert!(said(&model).contains(&words), "{}", said(&model));
        // An answer to the question that was expected is no text.
        let text = body(&model).to_owned();
        update(&mut model, Event::Drawn);
        update(&mut model, Event::Key(Key::of_char('y')));
        assert_eq!(body(&model), text);
    }

    #[test]
    fn the_key_that_goes_back_and_whatever_lies_over_the_step_take_the_remembered_key_back() {
        let leave = |model: &mut Model| {
            press(model, Key::with_ctrl('c'));
            assert_eq!(model.overlay, Some(Overlay::Leave));
        };
        let back = |model: &mut Model| {
            press(model, Key::without_modifiers(Code::Esc));
        };
        let ways: [&dyn Fn(&mut Model); 2] = [&back, &leave];
        for way in ways {
            let mut model = policy_model(None);
            let examination = only(press(&mut model, Key::of_char(' ')));
            press(&mut model, GO_ON);
            way(&mut model);
            assert!(!model.policy.goes_on());
            answer(&mut model, &examination);
            assert_eq!(model.step, Step::Policy);
        }
    }

    #[test]
    fn no_fix_is_made_of_a_text_that_is_not_examined() {
        let misspelt = VENDOR_POLICY.replace("\"Allow\"", "\"allow\"");
        let mut model = policy_model(None);
        edit_text(&mut model, &misspelt);
        assert!(model.policy.draft().unwrap().mended_finding().is_some());
        let examination = only(press(&mut model, Key::of_char(' ')));
        let text = body(&model).to_owned();
        for key in [FIX, Key::with_ctrl('n')] {
            assert_eq!(press(&mut model, key), []);
            assert!(said(&model).contains("being checked"), "{}", said(&model));
        }
        answer(&mut model, &examination);
        let weighing = only(press(&mut model, FIX));
        assert_eq!(body(&model), text, "nothing is done before its effect is known");
        // An edit in between: what was worked out belongs to another text.
        let examination = only(press(&mut model, Key::of_char(' ')));
        let text = body(&model).to_owned();
        answer(&mut model, &weighing);
        assert!(model.policy.fix_preview().is_none() && body(&model) == text);
        answer(&mut model, &examination);
        let weighing = only(press(&mut model, FIX));
        answer(&mut model, &weighing);
        assert!(model.policy.fix_preview().is_some() || body(&model) != text);
    }

    #[test]
    fn a_defect_of_the_examination_is_said_and_nothing_of_that_text_is_saved() {
        let mut model = policy_model(None);
        let (id, _) = only(press(&mut model, Key::of_char(' ')));
        press(&mut model, GO_ON);
        let failure = test_failure(FailureKind::Defect);
        let effects = update(&mut model, Event::Answer(id, Box::new(Answer::Computed(Err(failure.clone())))));
        assert_eq!(asked(effects), [], "what cannot be examined is not tried without end");
        assert!(model.step == Step::Policy && said(&model).contains(&failure.what), "{}", said(&model));
        press(&mut model, GO_ON);
        assert_eq!(model.step, Step::Policy);
        // Another text is another try.
        let examination = only(press(&mut model, Key::without_modifiers(Code::Backspace)));
        answer(&mut model, &examination);
        press(&mut model, GO_ON);
        assert_eq!(model.step, Step::Save);
    }

    #[test]
    fn a_stored_policy_is_prepared_beside_the_keys_and_an_older_one_is_dropped() {
        let (mut model, effects) = policy_reading(&["vendorapp"]);
        let Some(Effect::ReadPolicy { id, repository, .. }) = effects.first() else { panic!("{effects:?}") };
        let read = Answer::Policy(repository.clone(), Ok(None));
        let first = only(asked(update(&mut model, Event::Answer(*id, Box::new(read)))));
        assert!(model.policy.draft().is_none() && model.policy.waiting_since().is_some());
        super::super::stored_changed(&mut model, &test_reference("vendorapp"), Some(PUBLIC_POLICY.to_owned()));
        let effects = update(&mut model, Event::Clock(1));
        assert!(effects.contains(&Effect::Cancel(first.0)), "{effects:?}");
        let second = only(asked(effects.clone()));
        assert_eq!(answer(&mut model, &first), []);
        assert!(model.policy.draft().is_none(), "the policy that was stored before is shown");
        compute_all(&mut model, vec![Effect::Compute { id: second.0, computation: second.1 }]);
        assert!(body(&model).contains("AllowAll"));
        assert_eq!(model.policy.waiting_since(), None);
    }
}
