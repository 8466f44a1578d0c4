//! The questions and answers of step 4: what the policy will be.

use super::dialogue::{
    Move, Question, Reply, failure_lines, named_action, numbered_line, page_lines, read_number, with_stop,
};
use crate::wizard::actions::effect_of_choice;
use crate::wizard::policy::{RepositoryDocument, make_view};
use crate::wizard::{Action, Model};

/// Asks whether the policies are as they should be.
pub fn ask(model: &Model) -> Question {
    let step = &model.policy;
    let mut told = Vec::new();
    if let Some(words) = effect_of_choice(model) {
        told.push(format!("Grant: {}", with_stop(&(words.as_sentence() + words.caveat))));
    }
    for document in step.documents() {
        told.push(format!("The policy of {}:", document.whose_repository().name));
        told.extend(document_lines(document, model));
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
            "`begin-again` gives up what was changed by hand; `retry` reads again what could not be read.".to_owned(),
        ],
        is_grave: false,
    }
}

/// Returns who gains and who loses, the difference of the text, and the findings.
fn document_lines(document: &RepositoryDocument, model: &Model) -> Vec<String> {
    if let Some(failure) = document.read_failure() {
        return failure_lines(failure, model);
    }
    let mut lines =
        make_view(document, usize::from(model.size.columns)).map(|view| page_lines(&view.page)).unwrap_or_default();
    if let Some(draft) = document.current_draft() {
        for finding in draft.listed_findings() {
            let place = draft.position_of(finding.span.start);
            let (id, severity) = (finding.id, finding.severity.name());
            lines.push(format!("Line {}, {severity} {id}: {}", place.line, with_stop(&finding.message)));
        }
    }
    lines
}

/// Reads an answer.
pub fn answer(model: &Model, text: &str) -> Reply {
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
        let turns = (at + documents.len() - model.policy.current()) % documents.len();
        let mut moves: Vec<Move> = (0..turns).map(|_| Move::Act(Action::NextDocument)).collect();
        moves.push(Move::Act(Action::EditExternally));
        return Reply::Moves(moves, None);
    }
    named_action(model, text).unwrap_or_else(|| Reply::not_understood(text))
}
