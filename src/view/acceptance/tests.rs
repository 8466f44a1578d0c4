use insta::assert_snapshot;

use crate::view::overview::tests::overview_of;
use crate::view::testing::draw_snapshot;
use crate::wizard::testing::{give_answer, press_key, tap_key, type_text};
use crate::wizard::{Answer, Code, Effect, Key, Model};

const SIZES: [(u16, u16); 4] = [(40, 10), (60, 16), (80, 24), (120, 40)];

const TWO: &str = r#"{"Version":"2012-10-17","Statement":[
{"Sid":"All","Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"},
{"Sid":"Build","Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"ecr:BatchGetImage"}]}"#;

/// Answers for the file and the user.
fn serve(model: &mut Model, effects: Vec<Effect>) {
    for effect in effects {
        let (id, answer) = match effect {
            Effect::ReadAccepted { id, .. } => (id, Answer::AcceptedRead(Ok(None))),
            Effect::FindUser(id) => (id, Answer::UserFound("Ana <ana@example.com>".to_owned())),
            Effect::WriteAccepted { id, .. } => (id, Answer::AcceptedWritten(Ok(()))),
            _ => continue,
        };
        let effects = give_answer(model, id, answer);
        serve(model, effects);
    }
}

#[test]
fn a_finding_is_chosen_and_its_entry_filled_in() {
    let mut model = overview_of(&[("team/app", Some(TWO)), ("team/other", None)]);
    let effects = type_text(&mut model, "a");
    serve(&mut model, effects);
    for (columns, rows) in SIZES {
        assert_snapshot!(format!("choice_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
    let effects = tap_key(&mut model, Code::Enter);
    serve(&mut model, effects);
    type_text(&mut model, "a public \"sample\" for customers");
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    type_text(&mut model, "2020-01-01");
    tap_key(&mut model, Code::Enter);
    for (columns, rows) in SIZES {
        assert_snapshot!(format!("form_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
    press_key(&mut model, Key::with_ctrl('a'));
    type_text(&mut model, "2099-12-31");
    let effects = tap_key(&mut model, Code::Enter);
    serve(&mut model, effects);
    for (columns, rows) in [(80, 24), (120, 40)] {
        assert_snapshot!(format!("accepted_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
}
