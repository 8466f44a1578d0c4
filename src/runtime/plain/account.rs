//! The questions and answers of step 1: which sign-in.

use super::dialogue::{Move, Question, Reply, Then, failure_lines, named_action, numbered_line, read_number};
use crate::ecr::{Region, Source};
use crate::wizard::account::RowGroup;
use crate::wizard::model::{address_problem, target_of};
use crate::wizard::{Choice, Model};

/// The sources that can be chosen by number.
fn usable_sources(model: &Model) -> Vec<&Source> {
    let step = &model.account;
    (0..step.rows().len()).filter_map(|row| step.source_at(row)).filter(|source| source.problem.is_none()).collect()
}

/// Asks which sign-in to use.
pub fn ask(model: &Model) -> Question {
    let step = &model.account;
    let mut told = Vec::new();
    let sources = usable_sources(model);
    if let Some(failure) = step.sources().last_failure() {
        told.extend(failure_lines(failure, model));
    }
    if !sources.is_empty() {
        told.push("Sign-ins:".to_owned());
    }
    for (at, source) in sources.iter().enumerate() {
        let [name, account, _, region] = step.row_columns(source);
        let hint = step.hint_words(source).unwrap_or_default();
        let group = match step.group_of(source) {
            Some(RowGroup::Unknown) => "account not known".to_owned(),
            Some(RowGroup::Other) => "not the one looked for".to_owned(),
            _ => String::new(),
        };
        let facts = [("account ", account), ("", group), ("", hint), ("as ", step.role_of(source)), ("in ", region)];
        let facts = facts.iter().filter(|(_, fact)| !fact.is_empty()).map(|(label, fact)| format!(", {label}{fact}"));
        told.push(numbered_line(at, &(name + &facts.collect::<String>())));
    }
    for source in step.all_sources() {
        if let Some(problem) = &source.problem {
            told.push(format!("Not usable: {}: {problem}.", source.id));
        }
    }
    if let Some(source) = step.chosen_source().filter(|source| source.problem.is_none())
        && let Some(failure) = step.attempt_of(&source.id).last_failure()
    {
        told.push(format!("Signing in with {} failed.", source.id));
        told.extend(failure_lines(failure, model));
    }
    Question {
        told,
        words: "Sign in with which one? A number, a name or an image URI: ".to_owned(),
        help: vec![
            "A number or a name signs in with that one and goes on.".to_owned(),
            "An image URI or the ARN of a repository finds the sign-in of its owner and goes to it.".to_owned(),
            "`region eu-west-2` takes another Region for the sign-in that was chosen last.".to_owned(),
            "`sign-in` logs in for it with the AWS CLI; `retry` asks again after a failure.".to_owned(),
        ],
        is_grave: false,
    }
}

/// Reads an answer.
pub fn answer(model: &Model, text: &str) -> Reply {
    let sources = usable_sources(model);
    if let Some(source) = read_number(text, sources.len()).and_then(|at| sources.get(at)) {
        return choose(source);
    }
    if let Some(source) = model.account.all_sources().iter().find(|source| source.id.to_string() == text) {
        return choose(source);
    }
    if target_of(text).is_some() || address_problem(text).is_some() {
        return Reply::Moves(vec![Move::Paste(text.to_owned())], Some(Then::GoOn));
    }
    if let Some(reply) = read_region(text) {
        return reply;
    }
    named_action(model, text).unwrap_or_else(|| Reply::not_understood(text))
}

/// Reads `region NAME`; `None`: it is something else.
pub fn read_region(text: &str) -> Option<Reply> {
    let name = text.strip_prefix("region ")?;
    Some(match Region::parse(name.trim()) {
        Ok(region) => Reply::Moves(vec![Move::Choose(Choice::Region(region))], None),
        Err(problem) => Reply::Say(format!("{problem}.")),
    })
}

fn choose(source: &Source) -> Reply {
    Reply::Moves(vec![Move::Choose(Choice::Source(source.id.clone()))], None)
}

/// Tells whether the owner of an address is signed in: another account is no answer to the address.
pub fn is_found(model: &Model) -> bool {
    let Some(target) = &model.prefill.target else { return false };
    let verified = model.account.chosen_source().and_then(|source| model.account.attempt_of(&source.id).known_value());
    verified.is_some_and(|verified| verified.identity.account == target.account)
}
