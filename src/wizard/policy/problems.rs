//! The list of everything that the checks found, and the fix that is shown before it is applied because it changes who
//! has access.

use super::problem_list::{FixEffect, FixPreview, Problems};
use super::{PolicyStep, computations, part_rows, settle};
use crate::policy::Fix;
use crate::policy::lint::apply_fix;
use crate::wizard::computation::fixes::FixToWeigh;
use crate::wizard::computation::{Computation, size_fixes};
use crate::wizard::{Action, KeyScope, Model, Tone};

/// Opens the list at the finding that is spoken about.
pub(super) fn open_list(model: &mut Model) {
    let height = usize::from(part_rows(model.size, &model.policy).list_if_open);
    let step = &mut model.policy;
    let Some(draft) = step.draft() else { return };
    let spoken = draft.spoken_finding().or(draft.gravest_remark()).map(|finding| finding.span.start);
    let row = draft.listed_findings().position(|finding| Some(finding.span.start) == spoken).unwrap_or_default();
    let mut problems = Problems { from: draft.editor.caret(), ..Problems::default() };
    problems.cursor.select_row(row, draft.findings.len(), height);
    step.problems = Some(problems);
    show_chosen(step);
}

/// Chooses the finding in a row of the open list, from 0.
pub(super) fn choose_shown(step: &mut PolicyStep, at: usize, height: usize) {
    let all = step.draft().map_or(0, |draft| draft.findings.len());
    if let Some(problems) = &mut step.problems
        && let Some(chosen) = problems.cursor.shown_rows(all, height).nth(at)
    {
        problems.cursor.select_row(chosen, all, height);
        show_chosen(step);
    }
}

/// Carries out an action of the list; `false`: none of its own.
pub(super) fn in_list(model: &mut Model, action: Action) -> bool {
    let height = usize::from(part_rows(model.size, &model.policy).list);
    let step = &mut model.policy;
    let Some(problems) = &mut step.problems else { return false };
    let from = problems.from;
    match action {
        Action::Next => {
            step.problems = None;
            step.is_editing = true;
        }
        Action::Back | Action::Problems => {
            step.problems = None;
            if let Some(draft) = step.draft_mut() {
                draft.editor.go_to(from);
            }
        }
        Action::Fix | Action::FixOne => {
            apply_or_show(model, action == Action::FixOne);
            return true;
        }
        _ => {
            let len = step
                .documents
                .get(step.current)
                .and_then(super::RepositoryDocument::current_draft)
                .map_or(0, |d| d.findings.len());
            if !problems.cursor.move_by(action, len, height) {
                return false;
            }
            show_chosen(step);
        }
    }
    settle(model);
    true
}

/// Puts the caret at the chosen finding.
fn show_chosen(step: &mut PolicyStep) {
    if let Some(start) = step.listed_finding().map(|finding| finding.span.start)
        && let Some(draft) = step.draft_mut()
    {
        draft.editor.go_to(start);
    }
}

/// Keeps the list and the preview true to a text that changed.
pub(super) fn refresh_list(step: &mut PolicyStep, height: usize) {
    let now = step.draft().map(|draft| (draft.findings.len(), draft.editor.revision()));
    let Some((len, revision)) = now else {
        step.problems = None;
        step.fix = None;
        return;
    };
    step.fix.take_if(|fix| fix.revision != revision);
    if len == 0 {
        step.problems = None;
    }
    if let Some(problems) = &mut step.problems {
        problems.cursor.settle_in(len, height);
    }
}

/// Applies the fixes of the kind at hand, or with `is_single` the one alone; shows first what they do to who has access:
/// that is worked out before.
pub(super) fn apply_or_show(model: &mut Model, is_single: bool) {
    let step = &mut model.policy;
    let Some(document) = step.documents.get(step.current).filter(|document| document.is_examined()) else { return };
    let Some(draft) = document.current_draft() else { return };
    let finding = match step.problems {
        Some(_) => step.listed_finding(),
        None => draft.mended_finding(),
    };
    let fix_of = |finding: &crate::policy::Finding| {
        if is_single { finding.fix.clone() } else { draft.kind_fix(finding).map(|(fix, _)| fix) }
    };
    let Some(fix) = finding.and_then(fix_of) else {
        model.set_notice(Tone::Plain, "this one has no ready fix");
        return;
    };
    let offer = size_fixes::offer_of_fix(&fix, &draft.planned.offers);
    let weighed = FixToWeigh {
        text: draft.editor.text().to_owned(),
        is_offer: offer.is_some(),
        stored: document.stored_text().known_value().cloned().flatten(),
        fix: fix.clone(),
        owner: document.whose_repository().account.clone(),
    };
    let notes = offer.map(size_fixes::offer_note).into_iter().collect();
    computations::weigh_fix(model, fix, notes, Computation::Weigh(weighed));
}

/// Makes a fix that changes nobody's access; shows any other first.
pub(super) fn make_or_show(model: &mut Model, fix: Fix, effect: FixEffect, notes: Vec<String>) {
    let harmless = !fix.changes_access && !matches!(&effect, FixEffect::Known(delta) if !delta.is_empty());
    if harmless {
        write_fix(model, &fix);
    } else {
        set_preview(&mut model.policy, effect, fix, notes);
    }
}

/// Shows an edit before it is applied, with what it does to who has access and what is to be known about it.
pub(super) fn set_preview(step: &mut PolicyStep, effect: FixEffect, fix: Fix, notes: Vec<String>) {
    let Some(revision) = step.draft().map(|draft| draft.editor.revision()) else { return };
    step.fix = Some(FixPreview { title: fix.title.clone(), effect, notes, fix, revision });
}

fn write_fix(model: &mut Model, fix: &Fix) {
    let undo = model.key_name(KeyScope::Policy, Action::Undo);
    let Some(draft) = model.policy.draft_mut() else { return };
    let text = apply_fix(draft.editor.text(), fix);
    draft.editor.set_text(&text);
    if let Some(first) = fix.edits.iter().map(|edit| edit.span.start).min() {
        draft.editor.go_to(first);
    }
    model.set_notice(Tone::Good, format!("done: {} ({undo} takes it back)", fix.title));
}

/// Carries out an answer to the fix that is shown.
pub(super) fn in_preview(model: &mut Model, action: Action) -> bool {
    match action {
        Action::Next => {
            if let Some(preview) = model.policy.fix.take() {
                write_fix(model, &preview.fix);
            }
        }
        Action::Back => model.policy.fix = None,
        _ => return false,
    }
    settle(model);
    true
}

#[cfg(test)]
mod tests {
    use super::super::problem_list::Counts;
    use super::*;
    use crate::policy::Finding;
    use crate::wizard::testing::{edit_text, paste_text, policy_model, press_key, tap_key, type_text};
    use crate::wizard::{Code, Key};

    /// One error that stops the save, with a fix that changes access; two risks; a warning with a harmless fix.
    const MANY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Open",
      "Effect": "Allow",
      "Principal": "*",
      "Action": ["ecr:BatchGetImage", "ecr:PutImage", "ecr:BatchGetImages"]
    },
    {
      "Sid": "Team",
      "Effect": "Allow",
      "Principal": {"AWS": ["arn:aws:iam::333333333333:root", "AROAEXAMPLEEXAMPLE123"]},
      "Action": "ecr:BatchGetImage"
    }
  ]
}"#;

    fn f(n: u8) -> Key {
        Key::without_modifiers(Code::F(n))
    }

    fn many() -> Model {
        let mut model = policy_model(Some(MANY));
        assert!(model.policy.draft().unwrap().findings.len() > 2, "{:?}", model.policy.draft().unwrap().findings);
        press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
        model
    }

    fn body(model: &Model) -> &str {
        model.policy.draft().unwrap().editor.text()
    }

    fn chosen(model: &Model) -> &Finding {
        model.policy.listed_finding().unwrap()
    }

    fn choose(model: &mut Model, wanted: impl Fn(&Finding) -> bool) {
        for _ in 0..model.policy.draft().unwrap().findings.len() {
            if wanted(chosen(model)) {
                return;
            }
            tap_key(model, Code::Down);
        }
        panic!("no such finding is listed");
    }

    #[test]
    fn what_stops_the_save_comes_first_then_what_a_key_mends_then_the_graver() {
        let model = many();
        let rank = |f: &Finding| (f.stops, f.fix.is_some(), f.severity);
        let ranks: Vec<_> = model.policy.draft().unwrap().listed_findings().map(rank).collect();
        assert!(ranks.is_sorted_by(|a, b| a >= b) && ranks.len() > 2, "{ranks:?}");
    }

    const TWICE: &str = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "A", "Effect": "allow", "Principal": {"AWS": "111111111111"}, "Action": "ecr:BatchGetImage", "Resource": "*"},
        {"Sid": "B", "Effect": "Allow", "Principal": {"AWS": "333333333333"}, "Action": "ecr:BatchGetImage", "Resource": "*"},
        {"Sid": "C", "Effect": "Allow", "Principal": {"AWS": "444444444444"}, "Action": "ecr:BatchGetImage", "Resource": "*"}
    ]}"#;

    /// How often an element stands in the text that the list is about.
    fn resources(model: &Model) -> usize {
        body(model).matches("Resource").count()
    }

    #[test]
    fn one_key_mends_all_of_a_kind_as_one_step_and_another_the_chosen_one_alone() {
        let is_resource = |finding: &Finding| finding.id == "E016";
        let open = || {
            let mut model = policy_model(None);
            edit_text(&mut model, TWICE);
            tap_key(&mut model, f(9).code);
            choose(&mut model, is_resource);
            model
        };
        let mut model = open();
        tap_key(&mut model, f(2).code);
        assert_eq!(resources(&model), 0, "{}", body(&model));
        assert!(body(&model).contains("\"allow\""), "another kind was mended too");
        assert!(model.notice.as_ref().unwrap().text.contains("all 3 of this kind"));
        tap_key(&mut model, Code::Esc);
        press_key(&mut model, Key::with_ctrl('u'));
        assert_eq!(body(&model), TWICE);
        let mut model = open();
        tap_key(&mut model, Code::Char('o'));
        assert_eq!(resources(&model), 2, "{}", body(&model));
    }

    #[test]
    fn the_list_shows_the_place_of_each_and_enter_stays_there() {
        let mut model = many();
        press_key(&mut model, f(9));
        let first = chosen(&model).span.start;
        tap_key(&mut model, Code::Down);
        let second = chosen(&model).span.start;
        assert_ne!(first, second);
        assert_eq!(model.policy.draft().unwrap().editor.caret(), second, "the caret goes along");
        tap_key(&mut model, Code::Enter);
        assert!(model.policy.problems().is_none());
        assert_eq!(model.policy.draft().unwrap().editor.caret(), second);
    }

    #[test]
    fn escape_closes_the_list_and_goes_back_to_the_old_place() {
        let mut model = many();
        let before = model.policy.draft().unwrap().editor.caret();
        press_key(&mut model, f(9));
        tap_key(&mut model, Code::Down);
        tap_key(&mut model, Code::Esc);
        assert!(model.policy.problems().is_none());
        assert_eq!(model.policy.draft().unwrap().editor.caret(), before);
    }

    #[test]
    fn letters_are_no_text_while_the_list_is_open() {
        let mut model = many();
        let before = body(&model).to_owned();
        press_key(&mut model, f(9));
        type_text(&mut model, "jkx");
        assert_eq!(body(&model), before);
        paste_text(&mut model, "x");
        assert_eq!(body(&model), before);
        assert!(model.policy.problems().is_some());
    }

    #[test]
    fn a_fix_that_changes_access_is_shown_first() {
        let mut model = many();
        let before = body(&model).to_owned();
        press_key(&mut model, f(9));
        choose(&mut model, |finding| finding.fix.as_ref().is_some_and(|fix| fix.changes_access));
        press_key(&mut model, f(2));
        let shown = model.policy.fix_preview().expect("nothing is shown");
        assert!(matches!(shown.effect, FixEffect::Known(_)), "{:?}", shown.effect);
        assert_eq!(body(&model), before, "nothing is changed yet");
        tap_key(&mut model, Code::Esc);
        assert!(model.policy.fix_preview().is_none() && model.policy.problems().is_some());
        assert_eq!(body(&model), before);
        press_key(&mut model, f(2));
        tap_key(&mut model, Code::Enter);
        assert_ne!(body(&model), before);
        assert!(model.policy.fix_preview().is_none() && model.policy.problems().is_some(), "the list stays open");
        tap_key(&mut model, Code::Esc);
        press_key(&mut model, Key::with_ctrl('u'));
        assert_eq!(body(&model), before, "one step takes it back");
    }

    /// A policy of so many characters, of which no blank can be spared, with a statement that allows what is asked for.
    fn nearly_full(length: usize) -> String {
        let text = |fill: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Theirs","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::333333333333:root"}},"Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}},{{"Sid":"{fill}","Effect":"Deny","Principal":{{"AWS":"arn:aws:iam::444444444444:root"}},"Action":"ecr:PutImage"}}]}}"#
            )
        };
        text(&"x".repeat(length - text("").len()))
    }

    #[test]
    fn a_grant_too_long_for_ecr_is_made_to_fit_by_joining_another_statement_after_a_look() {
        let mut model = policy_model(Some(&nearly_full(10_100)));
        let long = body(&model).to_owned();
        assert!(matches!(model.policy.draft().unwrap().planned.verdict, crate::plan::Verdict::TooLong(_)));
        press_key(&mut model, f(9));
        choose(&mut model, |finding| finding.id == "E029");
        assert_eq!(model.policy.draft().unwrap().counts.stops, 1, "the ways are no further problems");
        press_key(&mut model, f(2));
        let shown = model.policy.fix_preview().expect("joining another's statement is shown first");
        assert_eq!(shown.title, "join statement 1 (Theirs)");
        assert!(shown.notes[0].ends_with("characters; it allows the same already"), "{:?}", shown.notes);
        let FixEffect::AgainstStored(delta) = &shown.effect else { panic!("{:?}", shown.effect) };
        assert_eq!((delta.gains.len(), delta.losses.len()), (1, 0));
        assert!(body(&model) == long, "nothing is done yet");
        tap_key(&mut model, Code::Enter);
        assert!(body(&model).contains(r#"["arn:aws:iam::333333333333:root","#));
        let planned = &model.policy.draft().unwrap().planned;
        assert!(planned.will_write() && planned.delta.gains.len() == 1, "{:?}", planned.verdict);
        assert!(model.policy.problems().is_none(), "nothing is left to be listed");
        press_key(&mut model, Key::with_ctrl('u'));
        assert!(body(&model) == long, "one step takes it back");
        press_key(&mut model, Key::with_ctrl('r'));
        press_key(&mut model, Key::with_ctrl('s'));
        assert_eq!(model.step, crate::wizard::Step::Save);
    }

    #[test]
    fn each_way_to_make_a_grant_fit_has_a_row() {
        let spaced = nearly_full(9_900).replace("\"Statement\":", &format!("\"Statement\":{}", " ".repeat(250)));
        let mut model = policy_model(Some(&spaced));
        press_key(&mut model, f(9));
        let listed = |model: &Model| -> Vec<(String, bool)> {
            let all = model.policy.draft().unwrap().listed_findings().filter(|f| f.id == "E029");
            all.map(|f| (f.fix.as_ref().unwrap().title.clone(), f.fix.as_ref().unwrap().changes_access)).collect()
        };
        let rows = listed(&model);
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(rows[0].0.starts_with("remove white space: 10") && !rows[0].1, "{rows:?}");
        assert_eq!(rows[1], ("join statement 1 (Theirs)".to_owned(), true));
        choose(&mut model, |finding| finding.message.starts_with("or join statement 1"));
        press_key(&mut model, f(2));
        tap_key(&mut model, Code::Enter);
        assert!(model.policy.draft().unwrap().planned.will_write());
        assert_eq!(listed(&model), [], "it fits");
    }

    #[test]
    fn the_list_follows_the_text() {
        let mut model = many();
        press_key(&mut model, f(9));
        tap_key(&mut model, Code::Home);
        let count = model.policy.draft().unwrap().findings.len();
        choose(&mut model, |finding| finding.fix.is_some());
        press_key(&mut model, f(2));
        if model.policy.fix_preview().is_some() {
            tap_key(&mut model, Code::Enter);
        }
        assert!(model.policy.draft().unwrap().findings.len() < count, "what is mended is still listed");
        assert!(model.policy.listed_finding().is_some());
    }

    #[test]
    fn without_findings_there_is_no_list() {
        let mut model = policy_model(None);
        model.policy.draft_mut().unwrap().findings.clear();
        press_key(&mut model, f(9));
        assert!(model.policy.problems().is_none());
        assert!(model.notice.as_ref().unwrap().text.contains("found nothing"), "{:?}", model.notice);
    }

    #[test]
    fn counts_name_the_gravest_first() {
        let model = many();
        let counts = Counts::count_findings(&model.policy.draft().unwrap().findings);
        assert_eq!(counts.count_all(), model.policy.draft().unwrap().findings.len());
        let counts = Counts { stops: 1, errors: 0, security: 2, warnings: 1, advice: 12 };
        assert_eq!(counts.count_words(), ["1 stops the save", "2 risks", "1 warning", "12 advice"]);
    }
}
