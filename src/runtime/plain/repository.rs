//! The questions and answers of step 2: which repositories.

use super::account::read_region;
use super::dialogue::{Move, Question, Reply, Then, failure_lines, named_action, numbered_line, read_number};
use crate::plan::RepositorySelector;
use crate::wizard::repository::reads::PullAccess;
use crate::wizard::repository::row::RepositoryRow;
use crate::wizard::repository::shown_trouble;
use crate::wizard::{Action, Choice, Model};

/// A list of more repositories than these is not told before words narrow it.
const LISTED: usize = 60;

/// The rows that are told and can be chosen by number.
fn listed_rows(model: &Model) -> Vec<&RepositoryRow> {
    let rows = model.repository.rows();
    let shown = rows.matched_indexes();
    let listed = if shown.len() <= LISTED { shown } else { &[] };
    listed.iter().filter_map(|at| rows.get(*at)).collect()
}

/// Tells whether who can pull from a listed repository is still being read.
pub fn is_reading(model: &Model) -> bool {
    let is_stopped = model.repository.reads().why_stopped().is_some() || model.repository.reads().is_idle();
    !is_stopped && listed_rows(model).iter().any(|row| row.access == PullAccess::Unknown)
}

/// Asks which repositories the grant is for.
pub fn ask(model: &Model) -> Question {
    let step = &model.repository;
    let mut told = Vec::new();
    if let Some(signed) = &model.signed {
        let (who, account) = (signed.identity.short_name(), signed.owner_account());
        told.push(format!("Signed in as {who} in account {account}, Region {}.", signed.region));
    }
    let (all, rows) = (step.rows().len(), listed_rows(model));
    let matched = step.rows().matched_indexes().len();
    let query = step.filter().query_text().trim();
    told.push(match (query.is_empty(), matched) {
        (true, 1) => "1 repository:".to_owned(),
        (true, count) if count > LISTED => format!("{all} repositories: type words that a name holds to list them."),
        (true, count) => format!("{count} repositories{}", if count == 0 { "." } else { ":" }),
        (false, count) if count > LISTED => format!("{count} of {all} match `{query}`: type more of the name."),
        (false, count) => format!("{count} of {all} match `{query}`{}", if count == 0 { "." } else { ":" }),
    });
    for (at, row) in rows.iter().enumerate() {
        let access =
            if row.access == PullAccess::Unknown { "who can pull is not known" } else { row.access.in_words() };
        told.push(numbered_line(at, &format!("{}: {access}", row.repository.name())));
    }
    if let Some(failure) = shown_trouble(model) {
        told.extend(failure_lines(failure, model));
    }
    let taken = taken_names(model);
    if !taken.is_empty() {
        told.push(format!("Chosen: {}.", taken.join(", ")));
    }
    let default = if taken.is_empty() { "" } else { ", or nothing for those chosen" };
    Question {
        told,
        words: format!("Which repositories? Numbers, names, a pattern or words to look for{default}: "),
        help: vec![
            "Numbers or names, several with commas between, choose repositories and go on.".to_owned(),
            "A pattern such as `team/*` chooses all that it matches, and asks again.".to_owned(),
            "Other words list the repositories whose name or grantees hold them.".to_owned(),
            "An image URI or an ARN goes to its repository. `region eu-west-2` lists another Region.".to_owned(),
            "`refresh` lists again.".to_owned(),
        ],
        is_grave: false,
    }
}

/// The names that an empty answer goes on with.
fn taken_names(model: &Model) -> Vec<String> {
    let step = &model.repository;
    if step.rows().count_marked() > 0 {
        let marked = step.rows().marked_repositories();
        return marked.iter().map(|repository| repository.name().to_string()).collect();
    }
    let named = step.chosen_row().filter(|_| step.is_moved() && !step.filter().is_narrowing());
    named.into_iter().map(|row| row.repository.name().to_string()).collect()
}

/// Reads an answer.
pub fn answer(model: &Model, text: &str) -> Reply {
    if text.is_empty() {
        return match taken_names(model).as_slice() {
            [] => Reply::Say("Nothing is chosen yet: name a repository.".to_owned()),
            names => choose(&names.iter().map(String::as_str).collect::<Vec<_>>()),
        };
    }
    if let Some(reply) = read_region(text).or_else(|| named_action(model, text)) {
        return reply;
    }
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let rows = listed_rows(model);
    let by_number = |part: &str| Some(rows.get(read_number(part, rows.len())?)?.repository.name().as_str());
    let names: Vec<&str> = parts.iter().map(|part| by_number(part).unwrap_or(part)).collect();
    let is_listed = |name: &&str| matches!(RepositorySelector::parse(name), Ok(RepositorySelector::Name(name)) if model.repository.find_named(&name).is_some());
    let is_pattern = |name: &&str| RepositorySelector::parse(name).is_ok_and(|choice| choice.needs_list());
    let is_address = |name: &&str| matches!(RepositorySelector::parse(name), Ok(RepositorySelector::Exact { .. }));
    if names.len() > 1 || names.iter().all(|name| is_listed(name) || is_pattern(name) || is_address(name)) {
        return choose(&names);
    }
    let anew = Move::Choose(Choice::Repositories(Vec::new()));
    Reply::Moves(vec![anew, Move::Paste(text.to_owned())], Some(Then::Look))
}

/// Chooses by names and patterns. What a pattern takes is told before it is gone on with.
fn choose(names: &[&str]) -> Reply {
    let choices: Result<Vec<_>, _> = names.iter().map(|name| RepositorySelector::parse(name)).collect();
    match choices {
        Ok(choices) => {
            let then = (!choices.iter().any(RepositorySelector::needs_list)).then_some(Then::GoOn);
            Reply::Moves(vec![Move::Choose(Choice::Repositories(choices))], then)
        }
        Err(problem) => Reply::Say(format!("{problem}.")),
    }
}

/// Tells whether the list holds nothing of the words, so that AWS is asked for them as a name.
pub fn is_unlisted(model: &Model) -> bool {
    let step = &model.repository;
    step.filter().open && step.rows().matched_indexes().is_empty()
}

/// Tells whether all that was named is there.
pub fn is_found(model: &Model) -> bool {
    let step = &model.repository;
    !step.filter().open && step.search().search_failure().is_none() && model.why_off(Action::Next).is_none()
}
