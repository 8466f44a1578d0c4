//! The questions and answers of step 3: who, where, and which actions.

use super::dialogue::{Move, Question, Reply, Then, numbered_line, read_number, with_stop};
use crate::ecr::{Recipe, recipe};
use crate::wizard::actions::{Focus, NoteKind, access_end, grantee_notes, region_note};
use crate::wizard::{Action, Model};

/// Asks for the part of the step that has the focus.
pub fn ask(model: &Model) -> Question {
    match model.actions.focus() {
        Focus::Grantee => ask_grantee(model),
        Focus::Region => ask_region(model),
        Focus::Recipe => ask_recipe(model),
        Focus::Checklist => ask_actions(model),
        Focus::Until => ask_until(model),
    }
}

fn with_default(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" (nothing keeps {text})") }
}

/// Tells whether the grantee that was typed is none.
fn has_problem(model: &Model) -> bool {
    grantee_notes(model).iter().any(|note| note.kind == NoteKind::Problem)
}

fn ask_grantee(model: &Model) -> Question {
    let names: Vec<String> = model.chosen.iter().map(|repository| repository.name().to_string()).collect();
    // What cannot be gone on with is not offered again.
    let text = if has_problem(model) { "" } else { model.actions.grantee().text() };
    Question {
        told: vec![format!("Repositories: {}.", names.join(", "))],
        words: format!("Who receives access? An account id, an ARN, o-..., ou-..., a service or *{}: ", with_default(text)),
        help: vec![
            "A 12-digit account id, the ARN of a role or user, an organization, an organizational unit, an AWS service, \
             or * for everyone; several with commas between."
                .to_owned(),
        ],
        is_grave: false,
    }
}

fn ask_region(model: &Model) -> Question {
    let text = model.actions.region().text();
    let default = if text.is_empty() { ", or nothing where that is not known".to_owned() } else { with_default(text) };
    Question {
        told: grantee_notes(model).iter().map(|note| format!("Grantee: {}", with_stop(&note.text))).collect(),
        words: format!("In which Region will it be pulled? A Region{default}: "),
        help: vec!["A Region such as eu-west-1 tells what a pull across Regions needs; `none` empties it.".to_owned()],
        is_grave: false,
    }
}

fn ask_recipe(model: &Model) -> Question {
    let mut told = Vec::new();
    if let Some(note) = region_note(model) {
        told.push(format!("Region: {}", with_stop(&note.text)));
        told.extend(note.way_out.map(|way_out| format!("Way out: {}", with_stop(&way_out))));
    }
    match access_end(model) {
        Ok(None) => {}
        Ok(Some(end)) => told.push(format!("Ends: {}.", end.words())),
        Err(problem) => told.push(format!("Ends: {}", with_stop(&problem.to_string()))),
    }
    told.push("What they may do:".to_owned());
    told.extend(
        recipe::all_recipes()
            .iter()
            .enumerate()
            .map(|(at, recipe)| numbered_line(at, &format!("{} ({}): {}", recipe.title, recipe.name, recipe.words))),
    );
    let kept = model.actions.recipe().map(|recipe| recipe.name.as_str()).unwrap_or_default();
    Question {
        told,
        words: format!("Which one? A number or a name{}: ", with_default(kept)),
        help: vec![
            "A number or a name of the list; `custom` asks for single actions.".to_owned(),
            "`until DATE` first says when the access ends: 2027-03-31, 2027-03-31T18:00:00Z, 90d, 12w or never."
                .to_owned(),
        ],
        is_grave: false,
    }
}

fn ask_until(model: &Model) -> Question {
    let problem = access_end(model).err();
    Question {
        told: problem.iter().map(|problem| with_stop(&problem.what)).collect(),
        words: "When does it end? A day, 90d, 12w or never: ".to_owned(),
        help: vec!["A day such as 2027-03-31 counts to its end in UTC; 90d and 12w count from today.".to_owned()],
        is_grave: false,
    }
}

fn ask_actions(model: &Model) -> Question {
    let step = &model.actions;
    let line = |(at, info): (usize, &&'static crate::ecr::ActionInfo)| {
        let mark = if step.is_marked(info) { "marked, " } else { "" };
        numbered_line(at, &format!("{}: {mark}{}", info.name, info.words))
    };
    let mut told = vec!["Actions:".to_owned()];
    told.extend(step.rows().iter().enumerate().map(line));
    let kept = if step.marked().is_empty() { "" } else { ", or nothing for those marked" };
    Question {
        told,
        words: format!("Which actions? Numbers or names with commas between{kept}: "),
        help: vec!["Exactly the actions that are named are marked, and then it goes on to the policy.".to_owned()],
        is_grave: false,
    }
}

/// Reads an answer.
pub fn answer(model: &Model, text: &str) -> Reply {
    match model.actions.focus() {
        Focus::Grantee if text.is_empty() && (model.actions.grantee().is_empty() || has_problem(model)) => {
            Reply::Say("Somebody must be named.".to_owned())
        }
        Focus::Region if text == "none" => Reply::Moves(vec![Move::Clear], Some(Then::LeaveField)),
        Focus::Grantee | Focus::Region if text.is_empty() => Reply::Moves(Vec::new(), Some(Then::LeaveField)),
        Focus::Grantee | Focus::Region => {
            Reply::Moves(vec![Move::Clear, Move::Paste(text.to_owned())], Some(Then::LeaveField))
        }
        Focus::Recipe => answer_until(text).unwrap_or_else(|| answer_recipe(text)),
        Focus::Checklist => answer_actions(model, text),
        Focus::Until if text.is_empty() => Reply::act(Action::GoOn),
        Focus::Until => Reply::Moves(vec![Move::Clear, Move::Paste(text.to_owned()), Move::Act(Action::GoOn)], None),
    }
}

/// Reads `until DATE`, which fills the field of the end and comes back to the recipes.
fn answer_until(text: &str) -> Option<Reply> {
    let date = text.strip_prefix("until ")?.trim();
    let there = [Action::FocusNext, Action::FocusNext].map(Move::Act);
    let back = [Action::FocusPrevious, Action::FocusPrevious].map(Move::Act);
    let typed = [Move::Clear, Move::Paste(date.to_owned())];
    Some(Reply::Moves(there.into_iter().chain(typed).chain(back).collect(), None))
}

fn answer_recipe(text: &str) -> Reply {
    let all = recipe::all_recipes();
    let is_named = |recipe: &Recipe| recipe.name.eq_ignore_ascii_case(text) || recipe.title.eq_ignore_ascii_case(text);
    let moves = match read_number(text, all.len()).or_else(|| all.iter().position(is_named)) {
        Some(at) => go_to(at).collect(),
        None if text.is_empty() => Vec::new(),
        None => return Reply::not_understood(text),
    };
    Reply::Moves(moves, Some(Then::LeaveRecipe))
}

/// The moves that lead to a place of a list.
fn go_to(at: usize) -> impl Iterator<Item = Move> {
    std::iter::once(Move::Act(Action::First)).chain((0..at).map(|_| Move::Act(Action::Down)))
}

fn answer_actions(model: &Model, text: &str) -> Reply {
    let rows = model.actions.rows();
    if text.is_empty() {
        return Reply::act(Action::GoOn);
    }
    let mut wanted = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let bare = part.strip_prefix("ecr:").unwrap_or(part);
        let named = || rows.iter().position(|info| info.name.eq_ignore_ascii_case(bare));
        match read_number(part, rows.len()).or_else(named) {
            Some(at) => wanted.push(at),
            None => return Reply::not_understood(part),
        }
    }
    let mut moves = Vec::new();
    for (at, info) in rows.iter().enumerate() {
        if wanted.contains(&at) != model.actions.is_marked(info) {
            moves.extend(go_to(at).chain([Move::Act(Action::Toggle)]));
        }
    }
    moves.push(Move::Act(Action::GoOn));
    Reply::Moves(moves, None)
}

/// Reads `back`: to the part before, or to the step before.
pub fn back(model: &Model) -> Reply {
    Reply::act(if model.actions.focus() == Focus::Grantee { Action::Back } else { Action::FocusPrevious })
}
