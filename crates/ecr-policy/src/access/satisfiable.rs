//! Tells whether anybody can be what a statement is about.

use super::Class;
use super::budget::StepBudget;
use super::rules::{Space, partitions};
use super::search::{Question, SearchAnswer, Searches, Want};
use crate::ecr::AccountId;
use crate::model::document::{Policy, Statement};

/// Tells whether no request at all meets a statement, whoever sends it; `false` where that is not proved.
pub(crate) fn meets_nobody(statement: Statement, owner: Option<&AccountId>, budget: &StepBudget) -> bool {
    is_nothing(vec![statement], owner, Want::Anything, budget)
}

/// Tells whether a Deny leaves nobody anything that an Allow gives; `false` where that is not proved.
pub(crate) fn leaves_nobody(allow: Statement, deny: Statement, owner: Option<&AccountId>, budget: &StepBudget) -> bool {
    is_nothing(vec![allow, deny], owner, Want::NoDeny, budget)
}

/// Tells whether no request is as wanted of which one of the rules of the first statement speaks.
fn is_nothing(statements: Vec<Statement>, owner: Option<&AccountId>, want: Want, budget: &StepBudget) -> bool {
    let Some(first) = statements.first() else { return true };
    let (span, effect) = (first.span, first.effect);
    let alone = Policy { version: None, id: None, statements, statement_is_list: true, span };
    partitions([Some(&alone), None]).into_iter().all(|partition| {
        let space = Space::new([Some(&alone), None], partition, owner);
        let searches = Searches::new(&space, budget);
        let asked = space.rules.iter().enumerate().filter(|(_, rule)| rule.effect == effect).flat_map(|(at, rule)| {
            let firsts = space.groups.iter().filter_map(|group| group.first().copied());
            firsts.filter(|action| rule.has(0, *action)).map(move |action| (at, action))
        });
        asked.into_iter().all(|(at, action)| {
            let question = Question { rules: &[at], action, standing: None, limit: Class::None, want };
            matches!(searches.find(&question), SearchAnswer::Nothing)
        })
    })
}
