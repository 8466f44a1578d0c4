//! The questions and answers of step 4: what the policy will be.

use super::dialogue::{
    Move, Question, Reply, failure_lines, named_action, numbered_line, page_lines, read_number, read_yes_no, with_stop,
};
use crate::policy::explain::{gain_words, loss_words};
use crate::wizard::actions::effect_of_choice;
use crate::wizard::page::CONTEXT_LINES;
use crate::wizard::policy::{FixEffect, FixPreview, RepositoryDocument, make_view};
use crate::wizard::{Action, Model};

/// Asks whether the policies are as they should be.
pub fn ask(model: &Model) -> Question {
    let step = &model.policy;
    if let Some(fix) = step.fix_preview() {
        return ask_fix(fix);
    }
    let mut told = Vec::new();
    if let Some(words) = effect_of_choice(model) {
        told.push(format!("Grant: {}", with_stop(&(words.as_sentence() + words.caveat))));
    }
    let mut fixes = 0;
    for document in step.documents() {
        told.push(format!("The policy of {}:", document.whose_repository().name));
        told.extend(document_lines(document, model, &mut fixes));
    }
    let is_many = step.documents().len() > 1;
    told.push(numbered_line(0, "Go on to save"));
    told.push(numbered_line(1, if is_many { "Edit a policy in your editor" } else { "Edit it in your editor" }));
    Question {
        told,
        words: "Go on, edit or back? ".to_owned(),
        help: vec![
            "`1`, `yes` or `go on` goes on to the question of step 5; nothing is written before.".to_owned(),
            "`2` or `edit` opens the text in $VISUAL or $EDITOR; `edit NAME` that of one of several repositories."
                .to_owned(),
            "`fix N` makes a fix by its number; one that changes access is told first. `undo` takes it back."
                .to_owned(),
            "`narrow` cuts new statements down to what a pull needs; what goes is told first.".to_owned(),
            "`begin-again` gives up what was changed by hand; `retry` reads again what could not be read.".to_owned(),
        ],
        is_grave: false,
    }
}

/// Asks whether a fix that changes access is made.
fn ask_fix(fix: &FixPreview) -> Question {
    let mut told = vec![format!("To do: {}", with_stop(&fix.title))];
    told.extend(fix.notes.iter().map(|note| with_stop(note)));
    match &fix.effect {
        FixEffect::Known(delta) | FixEffect::AgainstStored(delta) => {
            if matches!(fix.effect, FixEffect::AgainstStored(_)) {
                told.push("Against what is stored:".to_owned());
            }
            told.extend(delta.gains.iter().map(|gain| with_stop(&gain_words(gain))));
            told.extend(delta.losses.iter().map(|loss| with_stop(&loss_words(loss))));
            if delta.is_empty() {
                told.push("Nobody's access changes by it.".to_owned());
            }
        }
        FixEffect::Unknown => {
            told.push("It may change access: other problems of the text hide by how much.".to_owned());
        }
    }
    Question {
        told,
        words: "Make this change of the text? Yes or no: ".to_owned(),
        help: vec!["`yes` changes the text here; nothing is written before step 5. `no` leaves it.".to_owned()],
        is_grave: false,
    }
}

/// Returns who gains and who loses, the difference of the text, and the findings. `fixes` counts those told so far.
fn document_lines(document: &RepositoryDocument, model: &Model, fixes: &mut usize) -> Vec<String> {
    if let Some(failure) = document.read_failure() {
        return failure_lines(failure, model);
    }
    let mut lines = make_view(document, usize::from(model.size.columns), CONTEXT_LINES, &model.account_names)
        .map(|view| page_lines(&view.page))
        .unwrap_or_default();
    if let Some(draft) = document.current_draft() {
        for finding in draft.listed_findings() {
            let place = draft.position_of(finding.span.start);
            let (id, severity) = (finding.id, finding.severity.name());
            let line = format!("Line {}, {severity} {id}: {}", place.line, with_stop(&finding.message));
            lines.push(match &finding.fix {
                Some(fix) => {
                    *fixes += 1;
                    format!("{line} Fix {fixes}: {}", with_stop(&fix.title))
                }
                None => line,
            });
        }
    }
    lines
}

/// Reads an answer.
pub fn answer(model: &Model, text: &str) -> Reply {
    if model.policy.fix_preview().is_some() {
        return match read_yes_no(text) {
            Some(true) => Reply::act(Action::Next),
            Some(false) => Reply::act(Action::Back),
            None => Reply::Say("Nothing was changed: answer `yes` or `no`.".to_owned()),
        };
    }
    match text {
        "1" | "yes" | "y" | "go on" | "go-on" | "next" => return Reply::act(Action::GoOn),
        "2" | "edit" => return Reply::act(Action::EditExternally),
        "no" | "n" => return Reply::act(Action::Back),
        _ => {}
    }
    let documents = model.policy.documents();
    if let Some(name) = text.strip_prefix("edit ").map(str::trim) {
        let by_name = || documents.iter().position(|document| document.whose_repository().name.as_str() == name);
        let Some(at) = by_name().or_else(|| read_number(name, documents.len())) else {
            return Reply::not_understood(text);
        };
        let edit = Move::Act(Action::EditExternally);
        return Reply::Moves(go_to_document(model, at).chain([edit]).collect(), None);
    }
    if let Some(number) = text.strip_prefix("fix ").map(str::trim) {
        let fixes = listed_fixes(model);
        let Some((at, row)) = read_number(number, fixes.len()).and_then(|n| fixes.get(n).copied()) else {
            return Reply::Say(format!("There is no fix `{number}`."));
        };
        let in_list = [Action::Problems, Action::First].into_iter();
        let in_list = in_list.chain(std::iter::repeat_n(Action::Down, row)).chain([Action::FixOne]);
        return Reply::Moves(go_to_document(model, at).chain(in_list.map(Move::Act)).collect(), None);
    }
    named_action(model, text).unwrap_or_else(|| Reply::not_understood(text))
}

/// The moves that lead to a document by its place, from 0.
fn go_to_document(model: &Model, at: usize) -> impl Iterator<Item = Move> {
    let all = model.policy.documents().len();
    let turns = (at + all - model.policy.current()) % all.max(1);
    (0..turns).map(|_| Move::Act(Action::NextDocument))
}

/// Returns the fixes in the order in which they are told: the document's place, and the row in its list of findings.
fn listed_fixes(model: &Model) -> Vec<(usize, usize)> {
    let mut fixes = Vec::new();
    for (at, document) in model.policy.documents().iter().enumerate() {
        let Some(draft) = document.current_draft().filter(|_| document.read_failure().is_none()) else { continue };
        let rows = draft.listed_findings().enumerate().filter(|(_, finding)| finding.fix.is_some());
        fixes.extend(rows.map(|(row, _)| (at, row)));
    }
    fixes
}

/// Tells whether the list of findings was opened for a fix, and is to be closed: nothing of it is asked about.
pub fn is_list_open(model: &Model) -> bool {
    model.policy.problems().is_some() && model.policy.fix_preview().is_none()
}
