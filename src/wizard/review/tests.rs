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
    assert!(text.starts_with("! 1 risk: public:"), "what is grave leads: {text}");
    assert!(text.find("Who has access") < text.find("\nChecks"), "{text}");
    assert!(text.find("\nChecks") < text.find("\nStatements"), "{text}");
    assert!(!text.contains("ok "), "no good sign stands beside a risk: {text}");
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
    let [Effect::ReadPolicy { id: second, .. }, ..] = again.as_slice() else { panic!("{again:?}") };
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
    reply(&mut model, id, Ok(Some(VENDOR_POLICY.to_owned())));
    let copied = press(&mut model, Key::of_char('c'));
    assert!(matches!(copied.as_slice(), [Effect::Copy { text, .. }] if text == VENDOR_POLICY));
}

const MANY: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "All", "Effect": "Allow", "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
     "Principal": {"AWS": ["111111111111", "333333333333", "444444444444", "555555555555", "666666666666",
        "AROAEXAMPLEID12345678", "AIDAEXAMPLEID12345678"]}},
    {"Sid": "Fence", "Effect": "Deny", "Action": "ecr:*", "Principal": "*",
     "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
    {"Sid": "Again", "Effect": "Deny", "Action": "ecr:*", "Principal": "*",
     "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}]}"#;

#[test]
fn equal_rows_are_folded_with_a_count_and_unfold_where_the_cursor_is() {
    let (mut model, id) = opened();
    model.size = Size { columns: 120, rows: 40 };
    reply(&mut model, id, Ok(Some(MANY.to_owned())));
    let text = shown(&model);
    assert!(
        text.contains("5 accounts") && text.contains("111111111111, 333333333333, 444444444444 and 2 more"),
        "{text}"
    );
    assert!(text.contains("2 deleted roles and users  nothing"), "{text}");
    assert!(text.contains("everyone") && text.contains("not from organization o-a1b2c3d4e5"), "{text}");
    assert!(text.contains("Fence, Again"), "equal Deny rows are one: {text}");
    tap(&mut model, Code::Enter);
    let text = shown(&model);
    for account in ["111111111111", "333333333333", "444444444444", "555555555555", "666666666666"] {
        assert!(text.contains(&format!("account {account}")), "{text}");
    }
    tap(&mut model, Code::Down);
    tap(&mut model, Code::Enter);
    assert!(shown(&model).contains("5 accounts"), "any of them folds them again: {}", shown(&model));
    tap(&mut model, Code::Down);
    tap(&mut model, Code::Enter);
    assert!(shown(&model).contains("deleted role AROAEXAMPLEID12345678"), "{}", shown(&model));
    assert!(shown(&model).contains("deleted user AIDAEXAMPLEID12345678"), "{}", shown(&model));
}

/// Every row of access and every finding is reached by Down alone, and each is in the window while the cursor is on it.
#[test]
fn the_cursor_reaches_all_rows_in_windows_of_any_size() {
    for (columns, rows) in [(40, 10), (60, 12), (80, 24), (120, 40)] {
        let (mut model, id) = opened();
        model.size = Size { columns, rows };
        reply(&mut model, id, Ok(Some(MANY.to_owned())));
        let count = model.repository.review().unwrap().count_entries();
        let mut reached = std::collections::BTreeSet::new();
        for code in [Code::Down, Code::Up] {
            reached.clear();
            for _ in 0..200 {
                let review = model.repository.review().unwrap();
                let page = shown_page(&model, review);
                if moving::is_in_sight(review, &page, page_rows(&model)) {
                    reached.insert(review.selected);
                }
                drop(page);
                tap(&mut model, code);
            }
            assert_eq!(reached.len(), count, "{columns}x{rows} {code:?}: {reached:?}");
        }
        assert_eq!(model.repository.review().unwrap().scroll, 0, "the first rows are shown again");
    }
}

#[test]
fn a_click_chooses_the_row_under_the_pointer_and_x_asks_for_a_look_at_one_out_of_sight() {
    let (mut model, id) = opened();
    model.size = Size { columns: 80, rows: 14 };
    reply(&mut model, id, Ok(Some(MANY.to_owned())));
    let row_of = |model: &Model, at: usize| {
        let review = model.repository.review().unwrap();
        let page = shown_page(model, review);
        u16::try_from(moving::row_of(&page, at).unwrap() - review.scroll).unwrap()
    };
    let row = row_of(&model, 1);
    click_at(&mut model, HEAD_ROWS + row);
    assert_eq!(model.repository.review().unwrap().selected, 1);
    for beside in [0, 1, HEAD_ROWS, u16::MAX] {
        click_at(&mut model, beside);
        assert_eq!(model.repository.review().unwrap().selected, 1, "{beside}");
    }
    // At the end of the page the statements alone are shown.
    model.repository.review_mut().unwrap().scroll = usize::MAX;
    let effects = press(&mut model, Key::of_char('x'));
    assert!(effects.is_empty() && said(&model).contains("this is the chosen row"), "{effects:?} {}", said(&model));
    let effects = press(&mut model, Key::of_char('x'));
    assert!(matches!(effects.as_slice(), [Effect::ReadPolicy { for_write: true, .. }]), "{effects:?}");
}

#[test]
fn the_next_repository_is_shown_in_the_review_and_the_list_goes_along() {
    let (mut model, id) = opened();
    reply(&mut model, id, Ok(Some(VENDOR_POLICY.to_owned())));
    let first = model.repository.chosen_row().unwrap().repository.clone();
    let effects = press(&mut model, Key::of_char('n'));
    let [Effect::ReadPolicy { repository, .. }, ..] = effects.as_slice() else { panic!("{effects:?}") };
    assert_ne!(*repository, first.reference);
    assert_eq!(model.repository.chosen_row().unwrap().repository.reference, *repository);
    assert!(shown(&model).is_empty(), "nothing of the other one is shown");
    press(&mut model, Key::of_char('p'));
    assert_eq!(model.repository.review().unwrap().repository, first);
    let count = model.repository.rows().shown_indexes().len();
    for _ in 0..count {
        press(&mut model, Key::of_char('n'));
    }
    assert_eq!(model.repository.review().unwrap().repository, first, "after the last one comes the first");
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

fn begin(model: &mut Model, key: Key, stored: Option<&str>) {
    let effects = crate::wizard::testing::press_key(model, key);
    let read = effects.iter().find_map(|effect| match effect {
        Effect::ReadPolicy { id, for_write: true, .. } => Some(*id),
        _ => None,
    });
    if let Some(id) = read {
        let reference = test_repository("vendorapp").reference;
        happen(model, Event::Answer(id, Box::new(Answer::Policy(reference, Ok(stored.map(str::to_owned))))));
    }
}

#[test]
fn each_row_that_names_a_grantee_is_taken_out_and_the_others_say_why_not() {
    let org = r#"{"Effect":"Allow","Principal":"*","Action":"ecr:*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}"#;
    let entry = |principal: &str| format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"ecr:*"}}"#);
    let aws = |text: &str| entry(&format!(r#"{{"AWS":"{text}"}}"#));
    let others = r#"{"Sid":"Other","Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"ecr:DescribeImages"}"#;
    let rows = [
        org.to_owned(),
        entry(r#""*""#),
        aws("111111111111"),
        aws("arn:aws:iam::111111111111:role/ci"),
        aws("arn:aws:iam::111111111111:user/ana"),
        aws("arn:aws:sts::111111111111:assumed-role/ci/build"),
        aws("AROAEXAMPLEID12345678"),
        entry(r#"{"Service":"codebuild.amazonaws.com"}"#),
    ];
    for statement in rows {
        let stored = format!(r#"{{"Version":"2012-10-17","Statement":[{statement},{others}]}}"#);
        let (mut model, id) = opened();
        reply(&mut model, id, Ok(Some(stored.clone())));
        begin(&mut model, Key::of_char('x'), Some(&stored));
        assert_eq!(model.step, crate::wizard::Step::Save, "{statement}: {:?}", model.notice);
        let planned = &model.save.entries()[0].planned;
        assert!(planned.will_write(), "{statement}: {:?}", planned.verdict);
        let text = planned.text.as_deref().unwrap();
        assert!(text.contains(others) && text.matches("Effect").count() == 1, "{text}");
        // Nothing was sent: back in the review, on the same row.
        tap_step(&mut model, Code::Esc);
        assert!(model.step == crate::wizard::Step::Repository && model.repository.review().is_some());
    }
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"ecr:*"}"#;
    let (mut model, id) = opened();
    reply(&mut model, id, Ok(Some(format!(r#"{{"Version":"2012-10-17","Statement":[{deny}]}}"#))));
    begin(&mut model, Key::of_char('x'), None);
    assert!(said(&model).contains("a Deny gives nobody anything"), "{}", said(&model));
}

fn said(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

fn tap_step(model: &mut Model, code: Code) {
    crate::wizard::testing::tap_key(model, code);
}

/// What lets somebody in is never deleted for want of a look at it: without a policy there is nothing to change.
#[test]
fn a_change_needs_a_policy_that_was_read() {
    for key in [Key::of_char('x'), Key::of_char('D'), Key::without_modifiers(Code::F(2))] {
        let (mut model, id) = opened();
        begin(&mut model, key, None);
        assert_eq!(said(&model), "the policy is not read yet");
        reply(&mut model, id, Ok(None));
        begin(&mut model, key, None);
        assert_eq!((said(&model), model.step), ("there is no policy", crate::wizard::Step::Repository));
    }
}

#[test]
fn a_change_that_is_given_up_while_it_is_planned_comes_up_nowhere() {
    for key in [Key::without_modifiers(Code::Esc), Key::of_char('n')] {
        let (mut model, id) = opened();
        reply(&mut model, id, Ok(Some(VENDOR_POLICY.to_owned())));
        let effects = crate::wizard::testing::press_key(&mut model, Key::of_char('D'));
        let [Effect::ReadPolicy { id, repository, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        crate::wizard::testing::press_key(&mut model, key);
        let answer = Answer::Policy(repository.clone(), Ok(Some(VENDOR_POLICY.to_owned())));
        happen(&mut model, Event::Answer(*id, Box::new(answer)));
        assert_eq!(model.step, crate::wizard::Step::Repository);
        assert!(model.save.entries().is_empty());
    }
}

/// A text that was typed for a grant is not lost to an edit of a stored policy, whichever repository that is of.
#[test]
fn the_documents_of_a_grant_are_set_aside_and_come_back() {
    let mut model = crate::wizard::testing::policy_model(Some(VENDOR_POLICY));
    crate::wizard::testing::type_text(&mut model, "  ");
    let typed = model.policy.draft().unwrap().editor.text().to_owned();
    let chosen = model.chosen.clone();
    edit_and_leave(&mut model);
    assert_eq!((model.policy.draft().unwrap().editor.text(), &model.chosen), (typed.as_str(), &chosen));
    assert!(!model.policy.edits_stored());
    // What was still awaited is asked for again, and never awaited in vain.
    let (mut model, _) = crate::wizard::testing::policy_reading(&["vendorapp"]);
    edit_and_leave(&mut model);
    assert_eq!(model.policy.waiting_since(), None);
    let effects = crate::wizard::go(&mut model, crate::wizard::Step::Policy);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ReadPolicy { .. })), "{effects:?}");
}

/// Edits the stored policy of a repository from its review, and goes back without saving.
fn edit_and_leave(model: &mut Model) {
    model.step = crate::wizard::Step::Repository;
    let effects = open_review(model, test_repository("vendorapp"));
    let Some(Effect::ReadPolicy { id, .. }) = effects.first() else { panic!("{effects:?}") };
    reply(model, *id, Ok(Some(PUBLIC_POLICY.to_owned())));
    begin(model, Key::of_char('e'), Some(PUBLIC_POLICY));
    assert_eq!(model.policy.draft().unwrap().editor.text(), PUBLIC_POLICY, "something was added");
    tap_step(model, Code::Esc);
    tap_step(model, Code::Esc);
    assert!(model.step == crate::wizard::Step::Repository && model.repository.review().is_some());
}

#[test]
fn replication_is_asked_once_for_a_registry_and_told_as_unknown_until_it_is_known() {
    use crate::ecr::{Replication, ReplicationDestination, ReplicationRule};
    let asks = |effects: &[Effect]| effects.iter().filter(|e| matches!(e, Effect::ReadReplication { .. })).count();
    let mut model = signed_model();
    let effects = open_review(&mut model, test_repository("vendorapp"));
    assert_eq!(asks(&effects), 1);
    let Some(Effect::ReadPolicy { id, .. }) = effects.first() else { panic!("{effects:?}") };
    reply(&mut model, *id, Ok(Some(VENDOR_POLICY.to_owned())));
    assert!(!shown(&model).contains("cop"), "nothing is claimed before it is known: {}", shown(&model));
    let reference = test_repository("vendorapp").reference;
    let tell = |model: &mut Model, replication: Replication| {
        let answer = Answer::Replication(reference.account.clone(), reference.region.clone(), replication);
        happen(model, Event::Answer(RequestId(0), Box::new(answer)));
    };
    tell(&mut model, Replication::Unreadable("access was denied".to_owned()));
    assert!(shown(&model).contains("is not known (access was denied)"), "{}", shown(&model));
    // What was refused is asked again, what is known is not.
    assert_eq!(asks(&open_review(&mut model, test_repository("vendorapp"))), 1);
    let place = ReplicationDestination { region: "eu-central-1".to_owned(), account: "333333333333".to_owned() };
    tell(&mut model, Replication::Known(vec![ReplicationRule { destinations: vec![place], filters: Vec::new() }]));
    for stored in [Some(VENDOR_POLICY.to_owned()), None] {
        let effects = open_review(&mut model, test_repository("vendorapp"));
        let [Effect::ReadPolicy { id, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        reply(&mut model, *id, Ok(stored));
        assert!(shown(&model).contains("copied to eu-central-1 of account 333333333333"), "{}", shown(&model));
    }
}

#[test]
fn what_has_ended_is_told_as_nothing_and_when_it_ended() {
    let ending = VENDOR_POLICY.replacen(
        "\"Effect\"",
        "\"Condition\": {\"DateLessThan\": {\"aws:CurrentTime\": \"2026-01-01T00:00:00Z\"}}, \"Effect\"",
        1,
    );
    for (now, told, untold) in [
        (1_767_225_599, "until 2026-01-01 00:00 UTC", "ended on"),
        (1_767_225_600, "ended on 2026-01-01 00:00 UTC", "until"),
    ] {
        let (mut model, id) = opened();
        model.settings.started_at = now;
        model.now = 0;
        reply(&mut model, id, Ok(Some(ending.clone())));
        let text = shown(&model);
        assert!(text.contains(told) && !text.contains(untold), "{text}");
        let row = text.lines().find(|line| line.starts_with("account 111111111111")).unwrap();
        assert_eq!(row.contains("nothing"), told.starts_with("ended"), "{row}");
    }
}
