//! Finds what a pasted policy allows, as actions to choose for a grant of one's own.

use crate::ecr::{ActionInfo, action};
use crate::policy::model::actions::ActionSet;
use crate::policy::text::glob::glob_ignoring_case;
use crate::policy::{Effect, Policy, Statement};

/// The actions of a policy's Allow statements, and what a grant of them leaves behind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllowedActions {
    /// The actions that a repository policy can control, each once, in the order of the table; patterns are written out.
    pub actions: Vec<&'static ActionInfo>,
    /// The parts of the policy that are not in a grant of these actions, as noun phrases.
    pub left_out: Vec<String>,
}

impl AllowedActions {
    /// Reads a policy; a text that is none allows nothing.
    pub fn of_policy(text: &str) -> Self {
        let Ok(policy) = Policy::read(text) else { return Self::default() };
        let is_taken = |statement: &&Statement| statement.effect == Effect::Allow && !statement.principals.negated;
        let taken: Vec<&Statement> = policy.statements.iter().filter(is_taken).collect();
        let sets: Vec<ActionSet> = taken.iter().map(|statement| ActionSet::of(&statement.actions)).collect();
        let names = |name: &str| sets.iter().any(|set| set.contains(name));
        let actions = action::repository_level().filter(|info| names(&info.name)).collect();
        Self { actions, left_out: left_out(&policy, &taken, &sets) }
    }
}

/// Names the parts of a policy that a grant of its actions does not have.
fn left_out(policy: &Policy, taken: &[&Statement], sets: &[ActionSet]) -> Vec<String> {
    let count = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let denies = policy.statements.iter().filter(|statement| statement.effect == Effect::Deny).count();
    let negated = policy.statements.len() - denies - taken.len();
    let conditions = taken.iter().map(|statement| statement.conditions.len()).sum();
    let mut parts: Vec<String> = [
        count(conditions, "condition", "conditions"),
        count(denies, "Deny statement", "Deny statements"),
        count(negated, "statement with NotPrincipal", "statements with NotPrincipal"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let patterns = taken.iter().filter(|statement| !statement.actions.negated);
    let mut others: Vec<String> = Vec::new();
    for pattern in patterns.flat_map(|statement| &statement.actions.patterns).map(|pattern| pattern.value.as_str()) {
        let is_in_table = |name: &str| action::find_action(name).is_some_and(ActionInfo::is_repository_level);
        let bare = pattern.split_once(':').filter(|(service, _)| service.eq_ignore_ascii_case("ecr"));
        let is_pattern = pattern.contains(['*', '?']);
        // A pattern is taken where it stands for an action of ECR.
        let of_pattern = |info: &ActionInfo| glob_ignoring_case(pattern, &format!("ecr:{}", info.name));
        let is_of_ecr = is_pattern && action::repository_level().any(of_pattern);
        let is_taken = is_of_ecr || bare.is_some_and(|(_, name)| is_in_table(name));
        if !is_taken && !others.iter().any(|known| known == pattern) {
            others.push(pattern.to_owned());
        }
    }
    parts.extend(others);
    // Each party of a grant receives all of its actions.
    if sets.iter().any(|set| sets.first() != Some(set)) {
        parts.push("which statement allows what".to_owned());
    }
    parts
}
