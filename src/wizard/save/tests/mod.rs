mod many;
mod undo;

use super::*;
use crate::ecr::{Failure, FailureKind};
use crate::plan::Verdict;
use crate::policy::Severity;
use crate::wizard::event::SaveNews;
use crate::wizard::testing::{
    PUBLIC_POLICY, VENDOR_POLICY, answer_write, first_grant, give_answer, granted_before, paste_text, policy_reading,
    press_key, pull_request, save_model, tap_key, test_change, test_written, to_save, type_text,
};
use crate::wizard::{Code, Event, Size, update};

fn writes(effects: &[Effect]) -> Vec<String> {
    let writes = |effect: &Effect| match effect {
        Effect::Save { writes, .. } => writes.clone(),
        _ => Vec::new(),
    };
    effects.iter().flat_map(writes).map(|write| write.repository.name.to_string()).collect()
}

fn refused() -> Outcome {
    Outcome::Refused(Failure::new(
        FailureKind::PrincipalNotFound,
        "ECR does not know a role that the policy names",
        "check its name",
    ))
}

fn unknown() -> Outcome {
    Outcome::Unknown(Failure::new(FailureKind::Timeout, "no answer came in 20 s", "look at what is stored"))
}

/// One repository where somebody loses access: the confirmation is typed.
fn removal() -> Model {
    let mut plan = first_grant("vendorapp");
    plan.stored = Some("{}".to_owned());
    plan.delta.losses = vec![test_change("333333333333", &["BatchGetImage"])];
    save_model(vec![plan], None)
}

#[test]
fn no_is_chosen_at_first_and_enter_gives_the_chosen_answer() {
    let mut model = save_model(vec![first_grant("vendorapp")], None);
    assert!(!model.save.yes);
    assert!(tap_key(&mut model, Code::Enter).is_empty());
    assert_eq!(model.step, Step::Policy);

    let mut model = save_model(vec![first_grant("vendorapp")], None);
    for code in [Code::Right, Code::Left, Code::Left] {
        tap_key(&mut model, code);
    }
    assert_eq!(writes(&tap_key(&mut model, Code::Enter)), ["vendorapp"]);
}

#[test]
fn y_saves_exactly_what_is_shown() {
    let mut model = save_model(vec![first_grant("vendorapp")], None);
    let effects = press_key(&mut model, Key::of_char('y'));
    let [Effect::Save { writes, context, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let [write] = writes.as_slice() else { panic!("{writes:?}") };
    assert_eq!(write.text.as_deref(), Some(VENDOR_POLICY));
    assert_eq!(write.based_on, None);
    assert_eq!(*context, model.signed.as_ref().unwrap().request_context());
    assert!(model.is_dirty());
}

#[test]
fn n_and_escape_write_nothing_and_keep_the_draft() {
    for key in [Key::of_char('n'), Key::without_modifiers(Code::Esc)] {
        let mut model = save_model(vec![first_grant("vendorapp")], None);
        assert!(press_key(&mut model, key).is_empty());
        assert_eq!(model.step, Step::Policy);
    }
}

#[test]
fn a_typed_confirmation_takes_the_word_exactly_and_no_paste() {
    let mut model = removal();
    assert!(matches!(&model.save.phase, Phase::Asking(Confirmation::Typed { word, .. }) if word == "vendorapp"));
    type_text(&mut model, "vendorap");
    assert!(tap_key(&mut model, Code::Enter).is_empty());
    assert!(model.notice.as_ref().is_some_and(|notice| notice.tone == Tone::Bad));
    paste_text(&mut model, "p");
    assert_eq!(model.save.typed.text(), "vendorap");
    type_text(&mut model, "P");
    assert!(tap_key(&mut model, Code::Enter).is_empty());
    tap_key(&mut model, Code::Backspace);
    type_text(&mut model, "p");
    assert_eq!(writes(&tap_key(&mut model, Code::Enter)), ["vendorapp"]);
}

#[test]
fn y_and_other_letters_are_text_in_a_typed_confirmation() {
    let mut model = removal();
    assert!(type_text(&mut model, "yqn?").is_empty());
    assert_eq!(model.save.typed.text(), "yqn?");
    assert_eq!(model.step, Step::Save);
    assert!(model.overlay.is_none());
}

#[test]
fn what_was_typed_or_chosen_is_void_in_the_next_visit() {
    let mut model = removal();
    type_text(&mut model, "vendorapp");
    tap_key(&mut model, Code::Esc);
    let plans: Vec<Planned> = model.save.entries.iter().map(|entry| entry.planned.clone()).collect();
    model.step = Step::Save;
    begin_visit(&mut model, to_save(plans, None), None);
    assert!(tap_key(&mut model, Code::Enter).is_empty());
    assert!(matches!(model.save.phase, Phase::Asking(_)));
}

#[test]
fn nothing_is_confirmed_while_the_window_shows_nothing() {
    let mut model = save_model(vec![first_grant("vendorapp")], None);
    update(&mut model, Event::Resized(Size { columns: 30, rows: 5 }));
    assert!(press_key(&mut model, Key::of_char('y')).is_empty());
    update(&mut model, Event::Resized(Size { columns: 80, rows: 24 }));
    assert_eq!(writes(&press_key(&mut model, Key::of_char('y'))), ["vendorapp"]);
}

#[test]
fn writes_go_together_and_only_those_planned() {
    let plans = vec![first_grant("vendorapp"), granted_before("billing"), first_grant("worker")];
    let mut model = save_model(plans, None);
    let first = press_key(&mut model, Key::of_char('y'));
    assert_eq!(writes(&first), ["vendorapp", "worker"]);
    let second = answer_write(&mut model, &first, test_written());
    assert!(model.save.is_writing());
    assert!(answer_write(&mut model, &second, refused()).is_empty());
    assert_eq!(model.save.phase, Phase::Ended);
    assert!(!model.save.is_writing());
    let done = model.save.done_sentences();
    assert_eq!(done.len(), 1);
    assert!(done[0].starts_with("vendorapp: ") && done[0].contains("owner side done"), "{done:?}");
    assert!(
        model.save.unfinished_sentences()[0].contains("worker: not saved"),
        "{:?}",
        model.save.unfinished_sentences()
    );
}

#[test]
fn a_late_or_foreign_answer_changes_nothing() {
    let mut model = save_model(vec![first_grant("vendorapp")], None);
    let effects = press_key(&mut model, Key::of_char('y'));
    let Some(Effect::Save { writes, .. }) = effects.first() else { panic!("no write") };
    let answer = Answer::Saved(writes[0].repository.clone(), test_written());
    update(&mut model, Event::Answer(RequestId(999), Box::new(answer)));
    assert!(model.save.is_writing());
    answer_write(&mut model, &effects, test_written());
    answer_write(&mut model, &effects, refused());
    assert!(matches!(model.save.entries[0].state, WriteState::Ended(Outcome::Written { .. })));
}

#[test]
fn escape_stops_what_is_not_begun_and_leaving_asks() {
    let mut model = save_model(vec![first_grant("vendorapp"), first_grant("worker")], None);
    let effects = press_key(&mut model, Key::of_char('y'));
    let [Effect::Save { id, writes, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(tap_key(&mut model, Code::Esc), [Effect::StopSave(*id)]);
    assert!(tap_key(&mut model, Code::Esc).is_empty(), "it is stopped once");
    assert_eq!(model.step, Step::Save);
    assert!(model.notice.is_some());
    press_key(&mut model, Key::of_char('q'));
    assert!(model.overlay.is_some());
    // Answers are taken while the question stands.
    answer_write(&mut model, &effects, test_written());
    let begun = Answer::Saving(SaveNews::Begun(writes[1].repository.clone()));
    give_answer(&mut model, *id, begun);
    let left = press_key(&mut model, Key::of_char('y'));
    let [Effect::Quit { summary }] = left.as_slice() else { panic!("{left:?}") };
    // The end waits for the write and says what came of it, or this.
    assert!(summary.iter().all(|line| !line.starts_with("worker")), "{summary:?}");
    let words = model.save.unanswered_sentences();
    assert!(words.len() == 1 && words[0].starts_with("worker: its write was under way"), "{words:?}");
}

#[test]
fn with_nothing_to_write_nothing_is_asked_and_enter_shows_the_permissions() {
    let mut model = save_model(vec![granted_before("vendorapp")], None);
    assert_eq!(model.save.phase, Phase::Nothing);
    assert!(press_key(&mut model, Key::of_char('y')).is_empty());
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Permissions);
}

#[test]
fn with_everything_refused_there_is_only_the_way_back() {
    let mut plan = first_grant("vendorapp");
    plan.verdict = Verdict::TooLong(10_400);
    let mut model = save_model(vec![plan], None);
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Save);
    assert!(model.notice.is_some());
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Policy);
}

#[test]
fn the_failed_ones_are_tried_again_after_a_new_confirmation() {
    for outcome in [refused(), unknown()] {
        let mut model = save_model(vec![first_grant("vendorapp"), first_grant("worker")], None);
        let first = press_key(&mut model, Key::of_char('y'));
        let second = answer_write(&mut model, &first, outcome);
        answer_write(&mut model, &second, test_written());
        assert!(press_key(&mut model, Key::of_char('r')).is_empty());
        assert!(matches!(model.save.phase, Phase::Asking(_)));
        assert!(!model.save.yes);
        let again = press_key(&mut model, Key::of_char('y'));
        assert_eq!(writes(&again), ["vendorapp"]);
        answer_write(&mut model, &again, Outcome::AlreadyThere);
        assert!(model.save.unfinished_sentences().is_empty());
        tap_key(&mut model, Code::Enter);
        assert_eq!(model.step, Step::Permissions);
        assert_eq!(model.permissions.entries().len(), 2);
    }
}

#[test]
fn a_document_edited_by_hand_goes_back_to_its_editor_when_the_stored_text_changed() {
    let mut model = save_model(vec![first_grant("vendorapp")], None);
    let effects = press_key(&mut model, Key::of_char('y'));
    answer_write(&mut model, &effects, Outcome::Changed { now: Some(VENDOR_POLICY.to_owned()) });
    assert_eq!(model.save.phase, Phase::Ended);
    assert!(tap_key(&mut model, Code::Enter).is_empty());
    assert_eq!(model.step, Step::Policy);
}

#[test]
fn a_change_underneath_that_names_only_the_owning_account_changes_nobodys_access() {
    let mut model = save_model(vec![first_grant("vendorapp")], None);
    let owner = crate::wizard::testing::test_reference("vendorapp").account;
    let now = VENDOR_POLICY.replace("111111111111", owner.as_str());
    let effects = press_key(&mut model, Key::of_char('y'));
    answer_write(&mut model, &effects, Outcome::Changed { now: Some(now) });
    let underneath = model.save.entries[0].underneath.as_ref().unwrap();
    assert!(underneath.delta.is_empty(), "its callers' own policies were enough: {:?}", underneath.delta);
}

#[test]
fn a_grant_is_made_again_on_the_changed_text_and_confirmed_again() {
    let request = pull_request();
    let target = |stored| Target {
        repository: crate::wizard::testing::test_reference("vendorapp"),
        stored,
        registry: crate::policy::RegistryPolicy::NotAsked,
        now: None,
    };
    let planned = plan::plan_grant(&target(None), &request, None);
    let mut model = save_model(vec![planned], Some(request));
    assert!(!model.save.entries[0].by_hand);
    let effects = press_key(&mut model, Key::of_char('y'));
    let now = crate::wizard::testing::PUBLIC_POLICY.to_owned();
    answer_write(&mut model, &effects, Outcome::Changed { now: Some(now.clone()) });
    assert!(tap_key(&mut model, Code::Enter).is_empty(), "nothing is written before the new confirmation");
    assert!(matches!(model.save.phase, Phase::Asking(_)));
    assert!(tap_key(&mut model, Code::Enter).is_empty());
    assert_eq!(model.step, Step::Policy);
    model.step = Step::Save;
    let again = press_key(&mut model, Key::of_char('y'));
    let [Effect::Save { writes, .. }] = again.as_slice() else { panic!("{again:?}") };
    let [write] = writes.as_slice() else { panic!("{writes:?}") };
    assert_eq!(write.based_on.as_ref(), Some(&now));
    let text = write.text.as_deref().unwrap();
    assert!(text.contains("AllowAll") && text.contains("111111111111"), "{text}");
}

#[test]
fn scrolling_ends_with_the_page_and_a_cursor_goes_through_several_repositories() {
    let mut model = save_model(vec![first_grant("vendorapp")], None);
    update(&mut model, Event::Resized(Size { columns: 60, rows: 16 }));
    for _ in 0..100 {
        tap_key(&mut model, Code::Down);
    }
    assert_eq!(model.save.first_row(), whole_page(&model).len() - page_rows(&model));

    let mut model = save_model((0..30).map(|n| first_grant(&format!("app{n}"))).collect(), None);
    tap_key(&mut model, Code::End);
    tap_key(&mut model, Code::Right);
    let folded = whole_page(&model).len();
    tap_key(&mut model, Code::End);
    tap_key(&mut model, Code::Tab);
    assert!(model.save.entries[29].open);
    assert!(whole_page(&model).len() > folded);
    tap_key(&mut model, Code::Tab);
    assert_eq!(whole_page(&model).len(), folded);
}

#[test]
fn every_confirmation_answers_to_a_named_repository_count() {
    let mut plans: Vec<Planned> = (0..3).map(|n| first_grant(&format!("app{n}"))).collect();
    plans[1].delta.losses = vec![test_change("333333333333", &["BatchGetImage"])];
    let mut model = save_model(plans, None);
    type_text(&mut model, "3 repositories");
    assert_eq!(writes(&tap_key(&mut model, Code::Enter)), ["app0", "app1", "app2"]);
}

#[test]
fn the_list_of_repositories_knows_what_was_saved() {
    let mut model = crate::wizard::testing::signed_model();
    model.step = Step::Save;
    begin_visit(&mut model, to_save(vec![first_grant("vendorapp")], None), None);
    let effects = press_key(&mut model, Key::of_char('y'));
    answer_write(&mut model, &effects, test_written());
    let rows = model.repository.rows();
    let row = rows.find_row(&crate::wizard::testing::test_reference("vendorapp")).and_then(|at| rows.get(at)).unwrap();
    assert!(row.access.in_words().contains("111111111111"), "{}", row.access.in_words());
}

/// The plan for this document in a repository without a policy.
fn by_hand(text: &str) -> Planned {
    let target = Target {
        repository: crate::wizard::testing::test_reference("vendorapp"),
        stored: None,
        registry: crate::policy::RegistryPolicy::NotAsked,
        now: None,
    };
    plan::plan_text(&target, Some(text.to_owned()), None)
}

fn statement(members: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", {members}}}]}}"#)
}

#[test]
fn whatever_is_a_risk_asks_for_a_typed_word() {
    let vendor = r#""Principal": {"AWS": "arn:aws:iam::111111111111:root"}"#;
    for (name, members) in [
        ("public", r#""Principal": "*", "Action": "ecr:BatchGetImage""#.to_owned()),
        (
            "Allow with NotPrincipal",
            r#""NotPrincipal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "ecr:BatchGetImage""#.to_owned(),
        ),
        ("push for everybody", r#""Principal": "*", "Action": "ecr:PutImage""#.to_owned()),
        ("policy management", format!(r#"{vendor}, "Action": "ecr:SetRepositoryPolicy""#)),
        ("Allow with NotAction", format!(r#"{vendor}, "NotAction": "ecr:PutImage""#)),
        (
            "a service without a source",
            r#""Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "ecr:BatchGetImage""#.to_owned(),
        ),
    ] {
        let planned = by_hand(&statement(&members));
        if !planned.will_write() {
            // What the checks stop needs no confirmation.
            assert!(matches!(planned.verdict, Verdict::Refused(_)), "{name}: {:?}", planned.verdict);
            continue;
        }
        let model = save_model(vec![planned], None);
        assert!(matches!(&model.save.phase, Phase::Asking(Confirmation::Typed { .. })), "{name}");
    }
    let harmless = by_hand(&statement(&format!(r#"{vendor}, "Action": "ecr:BatchGetImage""#)));
    let model = save_model(vec![harmless], None);
    assert_eq!(model.save.phase, Phase::Asking(Confirmation::Plain), "a pull is no risk");
}

#[test]
fn a_risk_that_only_the_checks_see_is_the_reason_for_the_word() {
    let service = r#""Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "ecr:BatchGetImage""#;
    let planned = by_hand(&statement(service));
    let risk = planned.findings.iter().find(|f| f.severity == Severity::Security).expect("no risk is found").clone();
    let model = save_model(vec![planned], None);
    let Phase::Asking(asked @ Confirmation::Typed { word, .. }) = &model.save.phase else { panic!("{:?}", model.save) };
    assert_eq!(word, "vendorapp");
    assert!(asked.is_for_findings_alone(), "{asked:?}");
    let shown = whole_page(&model).text();
    let start: String = risk.message.chars().take(30).collect();
    assert!(shown.starts_with(&format!("! {start}")), "{shown}");
    assert_eq!(shown.matches(&start).count(), 1, "{shown}");
}

/// The ownership that the tags of a `CloudFormation` stack prove.
fn owned_by_stack() -> crate::ecr::Ownership {
    crate::ecr::Ownership::of_tags(&[("aws:cloudformation:stack-name".to_owned(), "registry".to_owned())])
}

/// The command asks for a flag for each reason of the plan's confirmation.
#[test]
fn the_screen_names_each_danger_for_which_the_command_wants_a_flag() {
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut flags = std::collections::BTreeSet::new();
    for rule in crate::policy::lint::rules() {
        for stored in [None, Some(statement(r#""Principal": {"AWS": "555555555555"}, "Action": "ecr:ListImages""#))] {
            let target = Target {
                repository: crate::wizard::testing::test_reference("vendorapp"),
                stored,
                registry: crate::policy::RegistryPolicy::NotAsked,
                now: None,
            };
            let plain = plan::plan_text(&target, Some(rule.example.to_owned()), None);
            let owned = plan::Planned { ownership: owned_by_stack(), ..plain.clone() };
            for planned in [plain, owned] {
                let wanted = plan::needed_confirmation(std::slice::from_ref(&planned));
                let model = save_model(vec![planned.clone()], None);
                let is_typed = matches!(&model.save.phase, Phase::Asking(Confirmation::Typed { .. }));
                assert_eq!(is_typed, !wanted.all_reasons().is_empty(), "{rule:?}: {wanted:?}");
                let shown = squeezed(&whole_page(&model).text());
                for reason in wanted.all_reasons() {
                    flags.insert(reason.flag);
                    let of_checks: Vec<&str> = planned.added.iter().map(|finding| finding.message.as_str()).collect();
                    let is_named = match reason.peril {
                        plan::Peril::Risk => {
                            of_checks.iter().any(|m| reason.words.contains(m) && shown.contains(&squeezed(m)))
                        }
                        _ => shown.contains(&squeezed(&reason.words)),
                    };
                    assert!(is_named, "{rule:?} {}: {} is not in {shown}", reason.flag, reason.words);
                }
            }
        }
    }
    assert_eq!(flags.len(), plan::Peril::ALL.len(), "{flags:?}");
}

#[test]
fn a_risk_in_a_statement_of_somebody_else_asks_for_nothing() {
    let theirs = statement(r#""Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "ecr:BatchGetImage""#);
    let target = Target {
        repository: crate::wizard::testing::test_reference("vendorapp"),
        stored: Some(theirs),
        registry: crate::policy::RegistryPolicy::NotAsked,
        now: None,
    };
    let planned = plan::plan_grant(&target, &pull_request(), None);
    assert!(planned.findings.iter().any(|f| f.severity == Severity::Security), "{:?}", planned.findings);
    assert_eq!(save_model(vec![planned], None).save.phase, Phase::Asking(Confirmation::Plain));
}

#[test]
fn read_only_asks_nothing_and_says_so() {
    let mut model = save_model(vec![first_grant("vendorapp")], None);
    model.settings.read_only = true;
    begin_visit(&mut model, to_save(vec![first_grant("vendorapp")], None), None);
    assert_eq!(model.save.phase, Phase::ReadOnly);
    assert!(press_key(&mut model, Key::of_char('y')).is_empty());
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Policy);
}

#[test]
fn a_yes_counts_only_when_every_gain_and_loss_was_on_the_screen() {
    let several = || {
        let plan = |at: usize| {
            let mut planned = first_grant(&format!("app-{at}"));
            planned.delta.gains = vec![test_change(&format!("{:012}", at + 1), &["BatchGetImage"])];
            planned
        };
        save_model((0..9).map(plan).collect(), Some(pull_request()))
    };
    let mut model = several();
    assert_eq!(writes(&press_key(&mut model, Key::of_char('y'))).len(), 0);
    let words = model.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
    assert!(words.contains("not shown yet"), "{words}");
    // From one end to the other, or with one look at a larger window.
    for _ in 0..3 {
        tap_key(&mut model, Code::PageDown);
    }
    assert_eq!(writes(&press_key(&mut model, Key::of_char('y'))).len(), 9);
    let mut model = several();
    update(&mut model, Event::Resized(Size { columns: 120, rows: 60 }));
    assert_eq!(writes(&press_key(&mut model, Key::of_char('y'))).len(), 9);
    // In a window without a row for them nothing is ever seen.
    let mut model = several();
    update(&mut model, Event::Resized(Size { columns: 40, rows: 10 }));
    for key in [Key::without_modifiers(Code::PageDown), Key::without_modifiers(Code::End), Key::of_char('y')] {
        assert_eq!(writes(&press_key(&mut model, key)).len(), 0);
    }
}

#[test]
fn a_change_underneath_is_asked_about_when_it_is_compared_and_not_before() {
    let mut model = save_model(vec![first_grant("vendorapp")], Some(pull_request()));
    let effects = press_key(&mut model, Key::of_char('y'));
    let [Effect::Save { id, writes, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let [write] = writes.as_slice() else { panic!("{writes:?}") };
    let changed = Outcome::Changed { now: Some(PUBLIC_POLICY.to_owned()) };
    let answer = Answer::Saved(write.repository.clone(), changed);
    let effects = update(&mut model, Event::Answer(*id, Box::new(answer)));
    let remaking: Vec<_> = effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Compute { id, computation: computation @ Computation::Remake(_) } => Some((id, computation)),
            _ => None,
        })
        .collect();
    let [(id, computation)] = remaking.as_slice() else { panic!("{remaking:?}") };
    super::super::question::read(&mut model);
    assert!(update(&mut model, Event::Key(Key::without_modifiers(Code::Enter))).is_empty());
    assert_eq!(model.save.phase, Phase::Ended, "a plan on the old text is asked about");
    assert!(model.notice.as_ref().unwrap().text.starts_with("checking..."), "{:?}", model.notice);
    // A result of another request changes nothing.
    let computed = || Box::new(Answer::Computed(Ok(computation.carry_out())));
    update(&mut model, Event::Answer(RequestId(u64::MAX), computed()));
    assert!(model.save.entries[0].underneath.is_none());
    update(&mut model, Event::Answer(*id, computed()));
    assert!(model.save.entries[0].underneath.is_some());
    tap_key(&mut model, Code::Enter);
    assert!(model.save.is_asking());
    assert_eq!(model.save.entries[0].planned.stored.as_deref(), Some(PUBLIC_POLICY));
}

#[test]
fn long_conditions_of_many_are_said_once_and_who_has_them_each_time() {
    let condition = |values: usize| crate::policy::Condition {
        operator: "StringLike".to_owned(),
        key: "aws:PrincipalTag/team".to_owned(),
        values: (0..values).map(|n| format!("*team-{n}*")).collect(),
    };
    let page = |values: usize| {
        let mut planned = first_grant("vendorapp");
        planned.delta.gains = (0..40)
            .map(|n| {
                let mut change = test_change(&format!("{n:012}"), &["BatchGetImage"]);
                change.conditions = vec![condition(if n == 39 { 61 } else { values })];
                change
            })
            .collect();
        whole_page(&save_model(vec![planned], None)).text()
    };
    let long = page(60);
    assert_eq!(long.matches("*team-17*").count(), 2, "two different conditions");
    let squeezed = long.split_whitespace().collect::<Vec<_>>().join(" ");
    let names: Vec<String> = (0..40).map(|n| format!("account {n:012}: ")).collect();
    assert!(names.iter().all(|name| squeezed.contains(name)), "{squeezed}");
    assert_eq!(squeezed.matches("under the same conditions as account 000000000000").count(), 38);
    let short = page(1);
    assert!(!short.contains("same conditions"), "short ones stand where they belong: {short}");
}

#[test]
fn the_tags_of_a_repository_that_is_to_be_written_decide_about_its_question() {
    let ask = |ownership: crate::ecr::Ownership| {
        let (mut model, effects) = policy_reading(&["vendorapp"]);
        let Some(Effect::ReadPolicy { id, repository, for_write, .. }) =
            effects.iter().find(|effect| matches!(effect, Effect::ReadPolicy { .. }))
        else {
            panic!("{effects:?}")
        };
        assert!(for_write);
        give_answer(&mut model, *id, Answer::Ownership(repository.clone(), ownership));
        give_answer(&mut model, *id, Answer::Policy(repository.clone(), Ok(None)));
        tap_key(&mut model, Code::Enter);
        assert_eq!(model.step, Step::Save);
        let is_typed = matches!(model.save.phase, Phase::Asking(Confirmation::Typed { .. }));
        (is_typed, whole_page(&model).text().split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let of_tag = |key: &str, value: &str| crate::ecr::Ownership::of_tags(&[(key.to_owned(), value.to_owned())]);
    let (is_typed, page) = ask(owned_by_stack());
    assert!(is_typed && page.contains("stack registry"), "{page}");
    let (is_typed, page) = ask(of_tag("ManagedBy", "Terraform"));
    assert!(!is_typed && page.contains("Terraform"), "{page}");
    let (is_typed, page) = ask(crate::ecr::Ownership::NotKnown("you may not ecr:ListTagsForResource".to_owned()));
    assert!(!is_typed && page.contains("not known"), "{page}");
    let (is_typed, page) = ask(of_tag("team", "payments"));
    assert!(!is_typed && !page.contains("payments"), "{page}");
}

#[test]
fn a_yes_after_the_end_of_the_access_sends_nothing_and_says_to_name_a_later_end() {
    let end = crate::ecr::AccessEnd::read_value("2027-01-01T00:01:00Z").unwrap();
    let request = crate::plan::Request { until: Some(end), ..pull_request() };
    for (passed, is_sent) in [(59_999, true), (60_000, false)] {
        let target = Target {
            repository: first_grant("vendorapp").repository,
            stored: None,
            registry: crate::policy::RegistryPolicy::Absent,
            // 2027-01-01T00:00:00Z.
            now: Some(1_798_761_600),
        };
        let planned = plan::plan_grant(&target, &request, None);
        let mut model = save_model(vec![planned], Some(request.clone()));
        model.settings.started_at = 1_798_761_600;
        update(&mut model, Event::Clock(passed));
        let effects = press_key(&mut model, Key::of_char('y'));
        assert_eq!(effects.iter().any(|effect| matches!(effect, Effect::Save { .. })), is_sent, "{effects:?}");
        let notice = model.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
        let is_told = notice.contains("2027-01-01 00:01 UTC, is past; name a later end");
        assert_eq!(is_told, !is_sent, "{notice}");
    }
}
