//! Whatever AWS, a policy or a tag says: no control character of it reaches the terminal.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::ecr::unseen::classify_unseen;
use crate::ecr::{Encryption, Failure, FailureKind, Repository};
use crate::plan::Outcome;
use crate::wizard::draft::{Draft, OfferedDraft};
use crate::wizard::testing::*;
use crate::wizard::{Answer, Code, Effect, Event, Key, Model, Size, Step, update};

/// Clears the screen, sets the title, asks for the cursor, hides, turns writing around; then one of each kind of what
/// nobody sees.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}[8m\u{9b}6n\r\u{8}\u{0}\u{202e}\u{7f}\u{2066}\u{200b}\u{200d}\u{feff}\u{fe0f}\u{34f}\u{3164}\u{a0}\u{2003}\u{2028}\u{e000}\u{ff21}\u{e0041}\u{2800}\u{ad}y";

fn hostile() -> Failure {
    Failure::new(FailureKind::AccessDenied, HOSTILE, HOSTILE).with_command(HOSTILE).with_aws(HOSTILE, HOSTILE, None)
}

fn is_clean(model: &mut Model, what: &str) {
    for (columns, rows) in [(60, 16), (80, 24), (120, 40)] {
        update(model, Event::Resized(Size { columns, rows }));
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let buffer = terminal.draw(|frame| crate::view::draw(frame, model)).unwrap().buffer.clone();
        let raw = buffer.content().iter().find(|cell| cell.symbol().chars().any(|c| classify_unseen(c).is_some()));
        assert_eq!(raw, None, "{what} at {columns}x{rows}");
    }
}

fn read(model: &mut Model, effects: &[Effect], result: &Result<Option<String>, Failure>) {
    for effect in effects {
        if let Effect::ReadPolicy { id, repository, .. } = effect {
            give_answer(model, *id, Answer::Policy(repository.clone(), result.clone()));
        }
    }
}

#[test]
fn words_of_aws_on_every_step_that_shows_them() {
    let mut model = fresh_model();
    let effects = crate::wizard::start(&mut model);
    let Some(Effect::LoadSources(id)) = effects.first() else { panic!("{effects:?}") };
    give_answer(&mut model, *id, Answer::Sources(Ok(vec![test_source(HOSTILE)])));
    is_clean(&mut model, "a profile");
    let effects = tap_key(&mut model, Code::Enter);
    let Some(Effect::Verify { id, .. }) = effects.first() else { panic!("{effects:?}") };
    give_answer(&mut model, *id, Answer::Verified(Err(hostile())));
    is_clean(&mut model, "a failed sign-in");

    let mut model = fresh_model();
    model.signed = Some(test_signed());
    let effects = enter_step(&mut model, Step::Repository);
    let Some(Effect::ListRepositories { id, .. }) = effects.first() else { panic!("{effects:?}") };
    give_answer(&mut model, *id, Answer::ListingFailed(hostile()));
    is_clean(&mut model, "a failed listing");

    let mut model = fresh_model();
    model.signed = Some(test_signed());
    let effects = enter_step(&mut model, Step::Repository);
    let Some(Effect::ListRepositories { id, .. }) = effects.first() else { panic!("{effects:?}") };
    let odd = |name: &str| Repository {
        encryption: Some(Encryption::Kms(Some(HOSTILE.to_owned()))),
        tag_mutability: Some(HOSTILE.to_owned()),
        ..test_repository(name)
    };
    let listed =
        vec![odd("vendorapp"), Repository { encryption: Some(Encryption::Other(HOSTILE.to_owned())), ..odd("worker") }];
    give_answer(&mut model, *id, Answer::Page { repositories: listed, last: true });
    is_clean(&mut model, "repositories of a hostile server");
    tap_key(&mut model, Code::Down);
    is_clean(&mut model, "the second of them");

    let (mut model, effects) = policy_reading(&["vendorapp"]);
    read(&mut model, &effects, &Err(hostile()));
    is_clean(&mut model, "a policy that could not be read");

    for outcome in [Outcome::Refused(hostile()), Outcome::Unknown(hostile())] {
        let mut model = save_model(vec![first_grant("vendorapp")], Some(pull_request()));
        let effects = type_text(&mut model, "y");
        answer_write(&mut model, &effects, outcome);
        is_clean(&mut model, "a write that did not go");
    }
}

#[test]
fn what_policies_and_tags_say() {
    let quoted = HOSTILE.replace('"', "");
    let escaped: String =
        quoted.chars().map(|c| if c.is_control() { format!("\\u{:04x}", c as u32) } else { c.into() }).collect();
    for sid in [&quoted, &escaped] {
        let stored = PUBLIC_POLICY.replace("AllowAll", sid).replace("ecr:BatchGetImage", &format!("ecr:{sid}"));
        let mut model = policy_model(Some(&stored));
        is_clean(&mut model, "the editor");
        tap_key(&mut model, Code::F(4));
        is_clean(&mut model, "the difference");
        let mut model = signed_model();
        let effects = press_key(&mut model, Key::of_char('v'));
        read(&mut model, &effects, &Ok(Some(stored.clone())));
        is_clean(&mut model, "the review");
        let mut plan = first_grant("vendorapp");
        plan.stored = Some(stored);
        let mut model = save_model(vec![plan], Some(pull_request()));
        is_clean(&mut model, "the question before a write");
    }
    let mut model = save_model(vec![first_grant("vendorapp")], Some(pull_request()));
    let effects = type_text(&mut model, "y");
    answer_write(&mut model, &effects, test_written());
    tap_key(&mut model, Code::Enter);
    let entries = model.permissions.entries().to_vec();
    let effects = crate::wizard::testing::hold_policies(&mut model, entries, Some(pull_request()));
    let Some(Effect::ReadTags { id, repository, .. }) = effects.first() else { panic!("{effects:?}") };
    give_answer(&mut model, *id, Answer::Tags(repository.clone(), Ok(crate::ecr::Tags::read_tags([HOSTILE]))));
    for _ in 0..model.permissions.part_titles().len() {
        is_clean(&mut model, "the permissions");
        tap_key(&mut model, Code::Tab);
    }
}

#[test]
fn a_draft_that_somebody_else_wrote() {
    let mut json: serde_json::Value = serde_json::from_str(&test_draft().to_text(7)).unwrap();
    for place in ["/tag", "/grantees", "/puller_region", "/profile", "/texts/0/text"] {
        *json.pointer_mut(place).unwrap() = HOSTILE.into();
    }
    let (draft, _) = Draft::from_text(&json.to_string()).unwrap();
    let mut model = fresh_model();
    crate::wizard::draft::offer_draft(&mut model, OfferedDraft { draft, age: 60 });
    is_clean(&mut model, "the question about a draft");
    tap_key(&mut model, Code::Enter);
    is_clean(&mut model, "a draft gone on with");
}
