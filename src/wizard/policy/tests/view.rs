//! The view of what changes: it is looked at, gone on from, and left for the editor.

use super::*;

#[test]
fn the_step_opens_as_a_view_that_nothing_types_into_and_enter_goes_on() {
    let mut model = policy_view_model(Some(OTHER_POLICY));
    let DocumentView { page, added, removed } = model.policy.view().unwrap();
    let rows: Vec<String> = page.all_rows().iter().map(PageRow::plain_text).collect();
    assert!(rows[0].starts_with("gains") && rows[0].contains("111111111111"), "who gains leads: {rows:?}");
    assert!(rows.iter().any(|row| row.starts_with("+ ")), "{rows:?}");
    assert!(*added > 3 && *removed <= 2, "+{added} -{removed}");
    let before = body(&model).to_owned();
    for key in ["x", "y", "n", "}", " ", "\""] {
        type_text(&mut model, key);
        update(&mut model, Event::Paste("pasted".to_owned()));
        assert_eq!((body(&model), model.step), (before.as_str(), Step::Policy), "{key}");
    }
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Save);
}

#[test]
fn e_begins_the_editor_and_escape_leaves_it_with_the_text() {
    for end in [Key::without_modifiers(Code::Esc), f(4)] {
        let mut model = policy_view_model(Some(OTHER_POLICY));
        press_key(&mut model, Key::of_char('e'));
        assert!(model.policy.view().is_none());
        type_text(&mut model, " ");
        let typed = body(&model).to_owned();
        press_key(&mut model, end);
        assert!(model.policy.view().is_some() && model.step == Step::Policy);
        assert_eq!(body(&model), typed);
        tap_key(&mut model, Code::Esc);
        assert_eq!(model.step, Step::Actions);
        tap_key(&mut model, Code::Enter);
        assert!(model.policy.is_viewing() && body(&model) == typed, "the step opens as a view again");
    }
}

#[test]
fn a_click_into_the_view_begins_the_editor() {
    let mut model = policy_view_model(None);
    assert!(model.policy.is_viewing());
    update(&mut model, Event::Click { column: 9, row: layout::HEAD_ROWS + 5 });
    assert!(!model.policy.is_viewing() && model.policy.draft().is_some());
}

#[test]
fn enter_on_a_document_that_ecr_would_refuse_says_the_problem_and_types_nothing() {
    let mut model = policy_model(None);
    type_text(&mut model, "}");
    tap_key(&mut model, Code::Esc);
    let text = body(&model).to_owned();
    tap_key(&mut model, Code::Enter);
    assert!(model.step == Step::Policy && model.policy.is_viewing());
    let said = model.notice.as_ref().unwrap().text.clone();
    assert!(said.contains("e edits there"), "{said}");
    tap_key(&mut model, Code::Enter);
    assert_eq!(body(&model), text);
    let caret = draft(&model).editor.caret();
    press_key(&mut model, Key::of_char('e'));
    assert_eq!(draft(&model).editor.caret(), caret);
    assert!(draft(&model).findings.iter().any(|finding| finding.stops && finding.span.start == caret));
}
