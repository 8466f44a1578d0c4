//! The plan for several repositories: exceptions, ticks, mending, folding, and writes that are stopped half-way.

use super::{refused, writes};
use crate::ecr::RepositoryRef;
use crate::plan::{Intent, Outcome, PlanFile, PlanKind, Planned, Progress, Target, plan_grant};
use crate::wizard::event::SaveNews;
use crate::wizard::page::PageRow;
use crate::wizard::save::{Phase, WriteState, whole_page};
use crate::wizard::testing::{
    VENDOR_POLICY, answer_write, answer_writes, first_grant, give_answer, policy_reading, press_key, pull_request,
    save_model, tap_key, test_change, test_identity, test_reference, test_written, type_text,
};
use crate::wizard::{Answer, Code, Effect, Key, Model, Step};

/// A policy that names a role that was deleted: ECR refuses every text that does.
const DELETED: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Old","Effect":"Allow","Principal":{"AWS":["AROAEXAMPLEEXAMPLE123","arn:aws:iam::333333333333:root"]},"Action":"ecr:BatchGetImage"}]}"#;

/// A Deny that voids the grant.
const DENYING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"Nobody","Effect":"Deny","Principal":"*","Action":"ecr:*"}]}"#;

/// At Save with 42 repositories of which these have something stored, by keys and answers; account 111111111111 is to pull.
fn at_save(stored: &[(usize, &str)]) -> Model {
    let (mut model, effects) = at_policy();
    for effect in &effects {
        let Effect::ReadPolicy { id, repository, .. } = effect else { continue };
        let text = stored.iter().find(|(at, _)| *repository == numbered(*at)).map(|(_, text)| (*text).to_owned());
        give_answer(&mut model, *id, Answer::Policy(repository.clone(), Ok(text)));
    }
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Save, "{:?}", model.notice);
    model
}

fn at_policy() -> (Model, Vec<Effect>) {
    let names: Vec<String> = (0..42).map(|at| numbered(at).name.to_string()).collect();
    policy_reading(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

fn numbered(at: usize) -> RepositoryRef {
    test_reference(&format!("app-{at:02}"))
}

fn text_rows(model: &Model) -> Vec<String> {
    whole_page(model).all_rows().iter().map(PageRow::plain_text).collect()
}

fn go_to_row(model: &mut Model, words: &str) {
    tap_key(model, Code::Home);
    for _ in 0..whole_page(model).len() {
        if text_rows(model)[model.save.cursor.selected].contains(words) {
            return;
        }
        tap_key(model, Code::Down);
    }
    panic!("no row has `{words}`: {:#?}", text_rows(model));
}

fn f2() -> Key {
    Key::without_modifiers(Code::F(2))
}

#[test]
fn one_of_42_that_cannot_go_stands_first_and_stops_none_of_the_others() {
    for (bad, kind) in [(DELETED, PlanKind::Undecided), (DENYING, PlanKind::Blocked)] {
        let mut model = at_save(&[(17, bad)]);
        let entry = &model.save.entries[17];
        assert_eq!((entry.planned.kind(), entry.is_ticked, entry.is_asked()), (kind, false, false));
        let rows = text_rows(&model);
        let first = rows.iter().position(|row| row.contains("app-")).unwrap();
        // A reason that is too long for the row stands below it, in full.
        let first = rows[first..first + 2].join(" ");
        assert!(first.contains("[ ] app-17") && first.contains("not written"), "{first}");
        let effects = press_key(&mut model, Key::of_char('y'));
        let written = writes(&effects);
        assert_eq!(written.len(), 41);
        assert!(!written.contains(&"app-17".to_owned()));
        assert_eq!(effects.len(), 1, "one save is one change: {effects:?}");
        answer_writes(&mut model, &effects, |_| test_written());
        assert_eq!(model.save.phase, Phase::Ended);
        let first = text_rows(&model).into_iter().find(|row| row.contains("app-")).unwrap();
        assert!(first.contains("app-17"), "it leads the outcome too: {first}");
    }
}

#[test]
fn a_repository_that_could_not_be_read_is_read_again_in_the_plan() {
    let (mut model, effects) = at_policy();
    let failure = crate::wizard::testing::test_failure(crate::ecr::FailureKind::Timeout);
    for effect in &effects {
        let Effect::ReadPolicy { id, repository, .. } = effect else { continue };
        let read = if *repository == numbered(3) { Err(failure.clone()) } else { Ok(None) };
        give_answer(&mut model, *id, Answer::Policy(repository.clone(), read));
    }
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!((model.step, model.save.entries[3].planned.kind()), (Step::Save, PlanKind::Unread));
    go_to_row(&mut model, "app-03");
    press_key(&mut model, Key::of_char(' '));
    assert!(!model.save.entries[3].is_ticked, "what cannot be written is never ticked");
    let reads = press_key(&mut model, f2());
    let [Effect::ReadPolicy { id, repository, .. }] = reads.as_slice() else { panic!("{reads:?}") };
    assert_eq!(*repository, numbered(3));
    give_answer(&mut model, *id, Answer::Policy(repository.clone(), Ok(None)));
    assert_eq!(model.save.entries[3].planned.kind(), PlanKind::Write);
    assert_eq!(writes(&press_key(&mut model, Key::of_char('y'))).len(), 42);
}

#[test]
fn deleted_principals_go_in_the_same_plan_for_one_or_for_all_of_the_kind() {
    let stored = [(4, DELETED), (9, DELETED), (30, DENYING)];
    let undecided =
        |model: &Model| model.save.entries.iter().filter(|entry| entry.planned.kind() == PlanKind::Undecided).count();
    let mut one = at_save(&[(4, DELETED), (30, DENYING)]);
    go_to_row(&mut one, "app-04");
    press_key(&mut one, f2());
    assert_eq!(undecided(&one), 0);
    let mut all = at_save(&stored);
    go_to_row(&mut all, "app-04");
    press_key(&mut all, Key::of_char('A'));
    assert_eq!(undecided(&all), 0);
    for (model, at) in [(&one, 4), (&all, 4), (&all, 9)] {
        let planned = &model.save.entries[at].planned;
        assert!(planned.will_write() && model.save.entries[at].is_ticked);
        let text = planned.text.as_deref().unwrap();
        assert!(
            !text.contains("AROAEXAMPLE") && text.contains("333333333333") && text.contains("111111111111"),
            "{text}"
        );
        // The plan is the one of `--remove-deleted`, byte for byte.
        let target = Target {
            repository: numbered(at),
            stored: planned.stored.clone(),
            registry: planned.registry.clone(),
            now: planned.now,
        };
        let command = Intent::of_request(&pull_request(), true).plan_target(&target, Some(&test_identity()));
        assert_eq!(*planned, command);
    }
    // What goes along is told, and folds with no plan without it.
    let told = text_rows(&all).iter().filter(|row| row.contains("AROAEXAMPLEEXAMPLE123")).count();
    assert_eq!(told, 1, "{:#?}", text_rows(&all));
    // A Deny is nothing that this mends: F2 leads to the document.
    go_to_row(&mut all, "app-30");
    press_key(&mut all, f2());
    assert_eq!((all.step, all.policy.current()), (Step::Policy, 30));
}

#[test]
fn a_grant_that_is_too_long_gives_its_layout_up() {
    let stored = VENDOR_POLICY.replace("111111111111", "333333333333");
    let spaced = stored.replacen('{', &format!("{{{}", " ".repeat(10_239 - stored.chars().count())), 1);
    let mut model = at_save(&[(7, &spaced)]);
    assert_eq!(
        model.save.entries[7].planned.kind(),
        PlanKind::Undecided,
        "{:?}",
        model.save.entries[7].planned.verdict
    );
    go_to_row(&mut model, "app-07");
    press_key(&mut model, f2());
    let planned = &model.save.entries[7].planned;
    assert!(planned.is_compacted && planned.will_write(), "{:?}", planned.verdict);
}

#[test]
fn a_tick_taken_away_or_a_repository_left_out_is_not_written() {
    let mut model = at_save(&[]);
    go_to_row(&mut model, "41 more: the same gain");
    tap_key(&mut model, Code::Enter);
    go_to_row(&mut model, "app-05");
    press_key(&mut model, Key::of_char(' '));
    go_to_row(&mut model, "app-06");
    press_key(&mut model, Key::of_char('x'));
    assert_eq!((model.save.entries.len(), model.save.left_out), (41, 1));
    let written = writes(&press_key(&mut model, Key::of_char('y')));
    assert_eq!(written.len(), 40);
    assert!(!written.iter().any(|name| name == "app-05" || name == "app-06"), "{written:?}");
}

#[test]
fn the_typed_word_follows_the_ticks() {
    let plans = (0..3).map(|at| {
        let mut plan = first_grant(&format!("app-{at}"));
        plan.delta.losses = vec![test_change("333333333333", &["BatchGetImage"])];
        plan
    });
    let mut model = save_model(plans.collect(), Some(pull_request()));
    go_to_row(&mut model, "[x] app-0");
    press_key(&mut model, Key::of_char(' '));
    type_text(&mut model, "3 repositories");
    assert!(tap_key(&mut model, Code::Enter).is_empty(), "two are ticked");
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Save, "the typing ends first");
    press_key(&mut model, Key::of_char('y'));
    type_text(&mut model, "2 repositories");
    assert_eq!(writes(&tap_key(&mut model, Code::Enter)), ["app-1", "app-2"]);
}

#[test]
fn the_typed_word_saves_from_whatever_row_the_cursor_is_on() {
    let plans = || {
        (0..5).map(|at| {
            let mut plan = first_grant(&format!("app-{at}"));
            plan.delta.losses = vec![test_change("333333333333", &["BatchGetImage"])];
            plan
        })
    };
    let rows = text_rows(&save_model(plans().collect(), Some(pull_request())));
    assert!(rows.iter().any(|row| row.contains("4 more")), "{rows:#?}");
    for row in 0..rows.len() {
        for begin in [Some('y'), None] {
            let mut model = save_model(plans().collect(), Some(pull_request()));
            for _ in 0..row {
                tap_key(&mut model, Code::Down);
            }
            begin.map(|c| press_key(&mut model, Key::of_char(c)));
            type_text(&mut model, "5 repositories");
            assert_eq!(writes(&tap_key(&mut model, Code::Enter)).len(), 5, "row {row}");
        }
    }
}

#[test]
fn equal_changes_are_one_row_that_unfolds_and_folds() {
    let mut model = at_save(&[(40, VENDOR_POLICY), (41, DELETED)]);
    let folded = text_rows(&model);
    assert!(folded.len() < 20, "{folded:#?}");
    assert!(folded.iter().any(|row| row.contains("39 more: the same gain")), "{folded:#?}");
    for (unfold, fold) in [(Code::Enter, Code::Left), (Code::Right, Code::Left)] {
        go_to_row(&mut model, "39 more");
        tap_key(&mut model, unfold);
        let unfolded = text_rows(&model);
        assert_eq!(unfolded.len(), folded.len() + 38);
        for at in 0..42 {
            assert_eq!(unfolded.iter().filter(|row| row.contains(&format!("app-{at:02}"))).count(), 1);
        }
        tap_key(&mut model, fold);
        assert_eq!(text_rows(&model), folded);
    }
}

#[test]
fn a_save_that_is_stopped_half_way_says_what_was_not_begun_and_goes_on_with_it() {
    let mut model = at_save(&[]);
    let effects = press_key(&mut model, Key::of_char('y'));
    let [Effect::Save { id, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let id = *id;
    let news = |model: &mut Model, news: SaveNews| give_answer(model, id, Answer::Saving(news));
    news(&mut model, SaveNews::Started("c0ffee0001".to_owned()));
    let mut left = effects.clone();
    for at in 0..20 {
        left = answer_write(&mut model, &left, if at == 3 { refused() } else { test_written() });
    }
    news(&mut model, SaveNews::Begun(numbered(20)));
    let mut progress = Progress::new(42);
    for at in 0..20 {
        progress.begin_one();
        progress.end_one(at != 3, std::time::Duration::from_millis(100 * (at + 1)));
    }
    news(&mut model, SaveNews::Moved(progress));
    assert_eq!(tap_key(&mut model, Code::Esc), [Effect::StopSave(id)]);
    assert!(model.save.is_writing(), "the write under way ends first");
    answer_write(&mut model, &left, test_written());
    news(&mut model, SaveNews::Over(None));
    assert_eq!(model.save.phase, Phase::Ended);
    let done =
        model.save.entries.iter().filter(|e| matches!(e.state, WriteState::Ended(Outcome::Written { .. }))).count();
    let not_begun = model.save.entries.iter().filter(|entry| entry.is_asked()).count();
    assert_eq!((done, not_begun), (20, 21));
    assert!(
        text_rows(&model).iter().find(|row| row.contains("app-")).unwrap().contains("app-03"),
        "the failed one leads"
    );
    let sentences = model.save.unfinished_sentences();
    assert!(sentences.contains(&"21 confirmed writes were not begun".to_owned()), "{sentences:?}");
    // It goes on with what is left, after a confirmation.
    assert!(press_key(&mut model, Key::of_char('r')).is_empty());
    let again = press_key(&mut model, Key::of_char('y'));
    let written = writes(&again);
    assert_eq!(written.len(), 22);
    assert!(written.contains(&"app-03".to_owned()) && !written.contains(&"app-20".to_owned()));
    answer_writes(&mut model, &again, |_| test_written());
    assert!(model.save.is_done() && model.save.unfinished_sentences().is_empty());
}

#[test]
fn a_late_word_of_a_save_that_is_over_changes_nothing() {
    let mut model = save_model(vec![first_grant("app-0"), first_grant("app-1")], Some(pull_request()));
    let effects = press_key(&mut model, Key::of_char('y'));
    let [Effect::Save { id, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    give_answer(&mut model, *id, Answer::Saving(SaveNews::Over(None)));
    assert_eq!(model.save.phase, Phase::Ended);
    answer_write(&mut model, &effects, test_written());
    assert!(model.save.entries.iter().all(|entry| entry.state == WriteState::Planned));
}

#[test]
fn the_saved_plan_is_that_of_the_command_without_what_is_not_ticked() {
    for read_only in [false, true] {
        let mut model = at_save(&[(2, DENYING), (5, VENDOR_POLICY)]);
        model.settings.read_only = read_only;
        super::super::ask_again(&mut model);
        go_to_row(&mut model, "39 more");
        tap_key(&mut model, Code::Right);
        go_to_row(&mut model, "app-09");
        press_key(&mut model, Key::of_char(' '));
        let effects = press_key(&mut model, Key::of_char('w'));
        let [Effect::WritePlan { id, name, plan }] = effects.as_slice() else { panic!("{effects:?}") };
        let plans: Vec<Planned> = (0..42)
            .filter(|at| *at != 9)
            .map(|at| {
                let stored = match at {
                    2 => Some(DENYING.to_owned()),
                    5 => Some(VENDOR_POLICY.to_owned()),
                    _ => None,
                };
                let registry = model.save.entries[0].planned.registry.clone();
                let target = Target { repository: numbered(at), stored, registry, now: None };
                plan_grant(&target, &pull_request(), Some(&test_identity()))
            })
            .collect();
        let command = PlanFile::of(&Intent::of_request(&pull_request(), false), &plans, &test_identity(), None, 0);
        assert_eq!(plan.to_text(), command.to_text());
        give_answer(&mut model, *id, Answer::PlanWritten(Ok(name.clone())));
        assert_eq!(model.notice.as_ref().unwrap().text, "plan saved: ecr-grant apply 41-repositories-plan.json");
    }
}
