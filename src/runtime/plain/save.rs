//! The questions and answers of step 5: the plan, the confirmation, and what became of it.

use super::dialogue::{Move, Question, Reply, named_action, numbered_line, page_lines, read_number, read_yes_no};
use crate::ecr::RepositoryName;
use crate::plan::{self, Confirmation};
use crate::wizard::event::Choice;
use crate::wizard::save::{Phase, whole_page};
use crate::wizard::{Action, Model};

/// The ways on when nothing is asked, with their words.
const WAYS: [(Action, &str); 2] = [
    (Action::Next, "Go on: to what holds, or to the question again where somebody else changed the policy"),
    (Action::Retry, "Try again what failed"),
];

fn ways_on(model: &Model) -> Vec<(Action, &'static str)> {
    let words = |(action, words)| match action {
        Action::Next if model.save.has_proposal() => (action, "Go on: to what would be written, for whoever writes it"),
        _ => (action, words),
    };
    WAYS.into_iter().filter(|(action, _)| model.why_off(*action).is_none()).map(words).collect()
}

/// The question that the confirmation answers, in the words of the screen.
fn asked_about(model: &Model) -> plan::Question {
    let asked = model.save.entries().iter().filter(|entry| entry.is_asked()).map(|entry| &entry.planned);
    plan::Question::about(asked, model.signed.as_ref().and_then(|signed| signed.endpoint.as_deref()))
}

/// Asks for the confirmation, or for the way on.
pub fn ask(model: &Model) -> Question {
    let step = &model.save;
    let mut told = Vec::new();
    let of_several = if step.is_many() {
        vec!["`only NAME, NAME` writes those alone; `mend NAME` mends what stops one.".to_owned()]
    } else {
        Vec::new()
    };
    let with_plan = |mut help: Vec<String>| {
        help.extend(of_several.iter().cloned());
        help.push("`write-plan` saves the plan in a file that `ecr-grant apply` takes.".to_owned());
        help
    };
    if let Some(signed) = &model.signed {
        told.push(format!("Writes as {} in account {}.", signed.identity.short_name(), signed.owner_account()));
    }
    if model.settings.dry_run {
        told.push("Dry run: everything but the write is done.".to_owned());
    }
    told.extend(page_lines(&whole_page(model)));
    let asked = step.entries().iter().filter(|entry| entry.is_asked());
    let names: Vec<String> = asked.map(|entry| entry.planned.repository.name.to_string()).collect();
    if step.is_asking() && names.len() > 1 {
        // Equal ones are folded into one row of the page: here each has its name.
        told.push(format!("To be written: {}.", names.join(", ")));
    }
    match step.phase() {
        Phase::Asking(Confirmation::Plain) => {
            let asked = asked_about(model);
            told.push(format!("If it is saved, {}.", asked.parties_words()));
            Question {
                told,
                words: format!("{} Yes or no: ", asked.what),
                help: with_plan(vec![
                    "`yes` saves what is told above; `no` and `back` go back, and nothing is written.".to_owned(),
                ]),
                is_grave: true,
            }
        }
        Phase::Asking(typed) => {
            let asked = asked_about(model);
            told.push(format!("{} {}.", asked.what, asked.parties_words()));
            Question {
                told,
                words: format!("Nothing is saved yet: {}: ", typed.what_to_type()),
                help: with_plan(vec!["Only the very word saves; `back` goes back, and nothing is written.".to_owned()]),
                is_grave: true,
            }
        }
        Phase::Writing | Phase::Nothing | Phase::ReadOnly | Phase::Ended => {
            if *step.phase() == Phase::ReadOnly {
                told.push("Read-only: nothing is saved.".to_owned());
            }
            let ways = ways_on(model);
            told.extend(ways.iter().enumerate().map(|(at, (_, words))| numbered_line(at, words)));
            let words = if ways.is_empty() { "Back or quit? " } else { "What next? A number, back or quit: " };
            Question {
                told,
                words: words.to_owned(),
                help: with_plan(vec![
                    "A number goes on; `back` goes back to the policy.".to_owned(),
                    "`undo` plans to take back what was written here, and asks.".to_owned(),
                ]),
                is_grave: false,
            }
        }
    }
}

/// Reads an answer. A typed confirmation is the whole of it, even where it looks like a command.
pub fn answer(model: &Model, text: &str) -> Reply {
    if !is_word(model, text)
        && let Some(reply) = answer_about_plan(model, text)
    {
        return reply;
    }
    match model.save.phase() {
        Phase::Asking(Confirmation::Plain) => match read_yes_no(text) {
            Some(true) => Reply::act(Action::Yes),
            Some(false) => Reply::act(Action::No),
            None => Reply::Say("Nothing was saved: answer `yes` or `no`.".to_owned()),
        },
        // Other letters are keys on the screen of several repositories.
        Phase::Asking(Confirmation::Typed { word, .. }) if word != text => {
            Reply::Say(format!("Nothing was saved: type `{word}` exactly, or `back`."))
        }
        Phase::Asking(Confirmation::Typed { .. }) => {
            // Where there are several, the screen takes letters as keys until it is asked for the word.
            let begin = model.save.is_many().then_some(Move::Act(Action::Yes));
            let word = [Move::Clear, Move::Type(text.to_owned()), Move::Act(Action::Next)];
            Reply::Moves(begin.into_iter().chain(word).collect(), None)
        }
        Phase::Writing | Phase::Nothing | Phase::ReadOnly | Phase::Ended => {
            let ways = ways_on(model);
            match read_number(text, ways.len()).and_then(|at| ways.get(at)) {
                Some((action, _)) => Reply::act(*action),
                None if text.is_empty() && !ways.is_empty() => Reply::act(Action::Next),
                None => named_action(model, text).unwrap_or_else(|| Reply::not_understood(text)),
            }
        }
    }
}

/// Reads an answer that changes the plan or keeps it; `None`: it is none.
fn answer_about_plan(model: &Model, text: &str) -> Option<Reply> {
    if text == Action::WritePlan.name() {
        return named_action(model, text);
    }
    let read = |name: &str| RepositoryName::parse(name.trim()).map_err(|_| name.trim().to_owned());
    let names = |text: &str| text.split(',').map(read).collect::<Result<Vec<_>, _>>();
    let choice = if let Some(text) = text.strip_prefix("only ") {
        names(text).map(Choice::Ticked)
    } else {
        read(text.strip_prefix("mend ")?).map(Choice::Mended)
    };
    Some(match choice {
        Ok(choice) => Reply::Moves(vec![Move::Choose(choice)], None),
        Err(name) => Reply::Say(format!("`{name}` is no name of a repository.")),
    })
}

/// Tells whether an answer is the word that is asked for, and so no command.
pub fn is_word(model: &Model, text: &str) -> bool {
    matches!(model.save.phase(), Phase::Asking(Confirmation::Typed { word, .. }) if word == text)
}
