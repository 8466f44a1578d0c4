//! The questions and answers of step 6: what holds, and what is left to do.

use super::dialogue::{Move, Question, Reply, named_action, numbered_line, page_lines, read_number};
use crate::wizard::permissions::shown_page;
use crate::wizard::{Action, Model};

/// Tells the chosen part, and asks which one is next.
pub fn ask(model: &Model) -> Question {
    let step = &model.permissions;
    let titles = step.part_titles();
    let mut told = Vec::new();
    if let Some(shown) = step.shown_repository() {
        let title = titles.get(step.part()).copied().unwrap_or_default();
        told.push(format!("{}: {title}", shown.repository.name()));
        told.push(shown.state_words().1);
    }
    told.extend(page_lines(&shown_page(model)));
    let parts = titles.iter().enumerate().map(|(at, title)| numbered_line(at, title));
    let parts: Vec<String> = ["Parts:".to_owned()].into_iter().chain(parts).collect();
    if step.is_opening() {
        told.extend(parts.iter().cloned());
    }
    let mut help = vec![
        "A number or a title tells that part.".to_owned(),
        "`write` writes the part that was told last to a file in this folder; `write all` writes all of them."
            .to_owned(),
        "`message` tells the text to send to whoever acts next.".to_owned(),
        "`another-repository` and `another-grantee` begin the next grant.".to_owned(),
    ];
    help.extend(parts);
    if step.entries().len() > 1 {
        help.push("`next-document` goes to the next repository.".to_owned());
    }
    Question {
        told,
        words: "Which part? A number, write, another-grantee, another-repository or quit: ".to_owned(),
        help,
        is_grave: false,
    }
}

/// Reads an answer.
pub fn answer(model: &Model, text: &str) -> Reply {
    let step = &model.permissions;
    let titles = step.part_titles();
    let by_title = || titles.iter().position(|title| title.eq_ignore_ascii_case(text));
    let by_word = || step.message_part().filter(|_| text == "message");
    if let Some(at) = read_number(text, titles.len()).or_else(by_title).or_else(by_word) {
        let turns = (at + titles.len() - step.part()) % titles.len();
        return Reply::Moves((0..turns).map(|_| Move::Act(Action::FocusNext)).collect(), None);
    }
    match text {
        "write" => Reply::act(Action::WriteFile),
        "write all" => Reply::act(Action::WriteAll),
        _ => named_action(model, text).unwrap_or_else(|| Reply::not_understood(text)),
    }
}
