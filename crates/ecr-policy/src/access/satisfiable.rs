//! Tells whether anybody can be what a statement is about.

use super::Class;
use super::rules::{Space, partitions};
use super::search::{Question, SearchAnswer, Searches, StepBudget, Want};
use crate::ecr::AccountId;
use crate::model::document::{Policy, Statement};

/// Tells whether no request at all meets a statement, whoever sends it; `false` where that is not proved.
pub(crate) fn meets_nobody(statement: Statement, owner: Option<&AccountId>, budget: &StepBudget) -> bool {
    let span = statement.span;
    let alone = Policy { version: None, id: None, statements: vec![statement], statement_is_list: true, span };
    partitions([Some(&alone), None]).into_iter().all(|partition| {
        let space = Space::new([Some(&alone), None], partition, owner);
        let searches = Searches::new(&space, budget);
        let action = space.rules.iter().zip(0..).map(|(rule, at): (_, usize)| {
            let first = space.groups.iter().flatten().copied().find(|action| rule.has(0, *action));
            first.map(|action| (at, action))
        });
        action.flatten().all(|(at, action)| {
            let question = Question { rules: &[at], action, standing: None, limit: Class::None, want: Want::Anything };
            matches!(searches.find(&question), SearchAnswer::Nothing)
        })
    })
}
