//! One statement's words about one party.

use std::rc::Rc;

use super::Who;
use super::grantees_of::{EXCEPT, covers, narrow, who};
use crate::condition::normal_all;
use crate::ecr::Partition;
use crate::model::actions::ActionSet;
use crate::model::document::{Condition, Effect, Policy, Principals, Statement};
use crate::model::principal::PrincipalKind;

/// One statement's words about one party.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub effect: Effect,
    pub who: Who,
    /// The partition, where the principal names one.
    pub partition: Option<Partition>,
    /// The principal alone, or the whole `NotPrincipal`.
    pub entry: Rc<Principals>,
    /// The actions.
    pub actions: Rc<ActionSet>,
    /// The conditions besides being the party.
    pub conditions: Rc<Vec<Condition>>,
    /// The same conditions in the form in which equal ones compare equal.
    pub key: Rc<Vec<Condition>>,
    /// Every condition, of those that list parties the value that is this party alone.
    pub full: Rc<Vec<Condition>>,
    /// Tells whether a value holds `${...}` that is a variable.
    pub variables: bool,
    /// The statement's index.
    pub statement: usize,
}

impl Claim {
    /// Tells whether `outer` speaks of all requests that this one speaks of, actions aside.
    pub fn is_within(&self, outer: &Self) -> bool {
        covers(&outer.who, &self.who)
            && (self.partition == outer.partition || self.partition.is_none() || outer.partition.is_none())
            && self.variables == outer.variables
            && outer.key.iter().all(|c| self.key.contains(c))
    }
}

/// The claims of one statement.
pub(crate) fn claims(statement: &Statement, index: usize) -> Vec<Claim> {
    let actions = Rc::new(ActionSet::of(&statement.actions));
    if actions.is_empty() {
        return Vec::new();
    }
    let has = |conditions: &[Condition]| {
        statement.has_variables && conditions.iter().flat_map(|c| &c.values).any(|v| v.contains("${"))
    };
    let made = |who, partition, entry: &Rc<Principals>, [conditions, key, full]: [&Rc<Vec<Condition>>; 3]| Claim {
        effect: statement.effect,
        who,
        partition,
        entry: Rc::clone(entry),
        actions: Rc::clone(&actions),
        conditions: Rc::clone(conditions),
        key: Rc::clone(key),
        variables: has(full),
        full: Rc::clone(full),
        statement: index,
    };
    let all = Rc::new(statement.conditions.clone());
    if statement.principals.negated {
        let values: Vec<String> = statement.principals.entries.iter().map(|p| p.text.clone()).collect();
        let except = Condition { operator: EXCEPT.to_owned(), key: "Principal".to_owned(), values };
        let conditions: Vec<Condition> = std::iter::once(except).chain(statement.conditions.iter().cloned()).collect();
        let key = Rc::new(normal_all(&conditions));
        let entry = Rc::new(statement.principals.clone());
        return vec![made(Who::Everyone, None, &entry, [&Rc::new(conditions), &key, &all])];
    }
    let key = Rc::new(normal_all(&all));
    let mut found = Vec::new();
    for principal in &statement.principals.entries {
        let span = statement.principals.span;
        let entry = Rc::new(Principals { negated: false, entries: vec![principal.clone()], span });
        match &principal.kind {
            PrincipalKind::Everyone => {
                for (who, rest, full) in narrow(&statement.conditions) {
                    let key = Rc::new(normal_all(&rest));
                    found.push(made(who, None, &entry, [&Rc::new(rest), &key, &Rc::new(full)]));
                }
            }
            kind @ PrincipalKind::Account(_, partition) => {
                found.push(made(who(kind), *partition, &entry, [&all, &key, &all]));
            }
            kind => found.push(made(who(kind), None, &entry, [&all, &key, &all])),
        }
    }
    found
}

/// All claims of a policy with one effect.
pub(super) fn all_claims(policy: &Policy, effect: Effect) -> Vec<Claim> {
    let of_effect = policy.statements.iter().enumerate().filter(|(_, s)| s.effect == effect);
    of_effect.flat_map(|(at, s)| claims(s, at)).collect()
}
