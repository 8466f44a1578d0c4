//! The difference between two policies, from the cells: each line is held up by a request.

use std::collections::HashMap;
use std::rc::Rc;

use super::budget::StepBudget;
use super::claim::Claim;
use super::exact::Standing;
use super::grantees_of::{covers, denies};
use super::met::Met;
use super::rules::{AccessRule, Space, partitions};
use super::search::{Question, SearchAnswer, Searches, Want};
use super::{Unproved, Who};
use crate::condition::normal_all;
use crate::ecr::condition::find_key;
use crate::ecr::{AccountId, Partition};
use crate::model::actions::sort_actions;
use crate::model::document::{Condition, Effect, Policy};

/// A gain or a loss.
#[derive(Debug, Clone)]
pub(crate) struct ChangeLine {
    pub who: Who,
    pub actions: Vec<String>,
    pub conditions: Rc<Vec<Condition>>,
    /// A request that one policy allows and the other does not; none where it is not proved that there is one.
    pub sample: Option<Sample>,
    /// The reason why there is none.
    pub unproved: Option<Unproved>,
    /// The requests of the groups of actions that the line was made from.
    samples: Vec<(Vec<String>, Sample)>,
    /// The conditions in the form in which equal ones compare equal.
    key: Rc<Vec<Condition>>,
    partition: Partition,
}

/// A request in texts, as a line of evaluation cases has them.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub principal: String,
    /// The name without `ecr:`.
    pub action: String,
    pub resource: String,
    pub own_policies: bool,
    pub context: Vec<(String, Vec<String>)>,
}

/// Returns what the second policy gives over the first, and what it takes.
pub(crate) fn changes(old: Option<&Policy>, new: Option<&Policy>, owner: Option<&AccountId>) -> [Vec<ChangeLine>; 2] {
    changes_within([old, new], owner, &StepBudget::default())
}

/// Returns the same, from the steps that are left.
pub(super) fn changes_within(
    [old, new]: [Option<&Policy>; 2],
    owner: Option<&AccountId>,
    budget: &StepBudget,
) -> [Vec<ChangeLine>; 2] {
    let mut all = [Vec::new(), Vec::new()];
    for partition in partitions([old, new]) {
        let space = Space::new([old, new], partition, owner);
        if space.rules.iter().all(|rule| rule.actions[0] == rule.actions[1]) {
            continue;
        }
        let searches = Searches::new(&space, budget);
        for (lines, [from, to]) in all.iter_mut().zip([[0, 1], [1, 0]]) {
            Collector { searches: &searches, from, to, lines, joined: HashMap::new() }.collect();
        }
    }
    all.map(without_the_covered)
}

/// Conditions, and the same in the form in which equal ones compare equal.
type Keyed = (Rc<Vec<Condition>>, Rc<Vec<Condition>>);

/// Collects what the policy `to` gives over the policy `from`.
struct Collector<'a> {
    searches: &'a Searches<'a>,
    from: usize,
    to: usize,
    lines: &'a mut Vec<ChangeLine>,
    /// The conditions that lines have, by the lists that they were joined from.
    joined: HashMap<[*const Vec<Condition>; 2], Keyed>,
}

impl Collector<'_> {
    /// A request that `to` allows and `from` does not: an Allow speaks of it that only `to` has, or a Deny did that only
    /// `from` has. So these rules alone are asked.
    fn collect(&mut self) {
        let space = self.searches.space;
        let mut changed: Vec<usize> = (0..space.rules.len()).collect();
        changed.sort_by_key(|at| space.rules.get(*at).map(|rule| self.place(rule)));
        for index in changed {
            let Some(rule) = space.rules.get(index) else { continue };
            for group in &space.groups {
                let Some(action) = group.first().copied() else { continue };
                let (before, after) = (rule.has(self.from, action), rule.has(self.to, action));
                match rule.effect {
                    Effect::Allow if after && !before => {
                        if let Some(claim) = rule.claim(self.to) {
                            let found = self.find(&[index], action, false);
                            self.add(found, claim.who.clone(), [&claim.conditions, &claim.conditions], group);
                        }
                    }
                    Effect::Deny if before && !after => self.lifted(index, action, group),
                    _ => {}
                }
            }
        }
    }

    /// Lines stand in the order of the policy that they come from, whichever way the two are compared.
    fn place(&self, rule: &AccessRule) -> (bool, usize) {
        match rule.effect {
            Effect::Allow => (false, rule.place(self.to)),
            Effect::Deny => (true, rule.place(self.from)),
        }
    }

    /// Finds what the removal of a Deny gives to those whom the policy allows it.
    fn lifted(&mut self, deny: usize, action: usize, group: &[usize]) {
        let space = self.searches.space;
        let Some(claim) = space.rules.get(deny).and_then(|rule| rule.claim(self.from)) else { return };
        let mut allows: Vec<(usize, &AccessRule)> = space.rules.iter().enumerate().collect();
        allows.sort_by_key(|(_, rule)| rule.place(self.to));
        for (index, rule) in allows {
            let stays = rule.has(self.from, action) && rule.has(self.to, action);
            let Some(allowing) = rule.claim(self.to).filter(|_| rule.effect == Effect::Allow && stays) else {
                continue;
            };
            let found = self.find(&[deny, index], action, false);
            if !matches!(found, SearchAnswer::Nothing) {
                let (who, conditions) = meet(allowing, claim);
                self.add(found, who, conditions, group);
            }
        }
        // In the owner's account nothing has to allow it.
        let fresh = &space.fresh;
        if fresh.owner_is_known
            && let Ok(owner) = AccountId::parse(&fresh.owner)
        {
            let found = self.find(&[deny], action, true);
            let is_one = matches!(&claim.who, Who::Account(_) | Who::Role(_) | Who::User(_) | Who::Session(_));
            let (who, conditions) =
                if is_one { (claim.who.clone(), &claim.conditions) } else { (Who::Account(owner), &claim.full) };
            self.add(found, who, [conditions, conditions], group);
        }
    }

    fn find(&self, rules: &[usize], action: usize, own: bool) -> SearchAnswer {
        let question = Question {
            rules,
            action,
            standing: own.then_some(Standing::Own),
            limit: super::Class::None,
            want: Want::Change { from: self.from, to: self.to },
        };
        self.searches.find(&question)
    }

    fn add(&mut self, found: SearchAnswer, who: Who, conditions: [&Rc<Vec<Condition>>; 2], group: &[usize]) {
        let space = self.searches.space;
        let first = group.first().and_then(|at| space.name(*at));
        let (sample, unproved) = match (found, first) {
            (SearchAnswer::Nothing, _) | (_, None) => return,
            (SearchAnswer::Request(met), Some(action)) => (Some(self.sample(&met, action)), None),
            (SearchAnswer::Unproved(why), _) => (None, Some(why)),
        };
        let names = group.iter().filter_map(|at| space.name(*at)).map(str::to_owned);
        let (conditions, key) =
            self.joined.entry(conditions.map(Rc::as_ptr)).or_insert_with(|| join(conditions)).clone();
        let partition = space.fresh.partition;
        let has_key = |line: &ChangeLine| Rc::ptr_eq(&line.key, &key) || line.key == key;
        let same =
            |line: &&mut ChangeLine| line.who == who && line.sample.is_some() == sample.is_some() && has_key(line);
        let names: Vec<String> = names.collect();
        let samples: Vec<(Vec<String>, Sample)> = sample.iter().map(|s| (names.clone(), s.clone())).collect();
        if let Some(line) = self.lines.iter_mut().find(same) {
            line.samples.extend(samples);
            line.actions.extend(names);
            sort_actions(&mut line.actions);
            return;
        }
        let mut actions = names;
        sort_actions(&mut actions);
        self.lines.push(ChangeLine { who, actions, conditions, sample, unproved, samples, key, partition });
    }

    /// The request in texts: every key that a condition asks for and the request has.
    fn sample(&self, met: &Met, action: &str) -> Sample {
        let space = self.searches.space;
        let mut context: Vec<(String, Vec<String>)> = Vec::new();
        let mut asked: Vec<(&str, &str)> = Vec::new();
        for cond in &space.conds {
            let variables = cond.variables.iter().map(|v| (v.as_str(), find_key(v).map_or(v.as_str(), |k| &k.name)));
            for (key, written) in std::iter::once((cond.key.as_str(), cond.condition.key.as_str())).chain(variables) {
                if !asked.iter().any(|(k, _)| *k == key) {
                    asked.push((key, if written.ends_with('/') { key } else { written }));
                }
            }
        }
        for (key, written) in asked {
            context.extend(met.values(key).map(|values| (written.to_owned(), values)));
        }
        let partition = space.fresh.partition;
        let resource = format!("arn:{}:ecr:{}:{}:repository/app", partition.as_str(), region(partition), met.owner);
        let (principal, own_policies) = (met.principal(), met.own_policies);
        Sample { principal, action: action.to_owned(), resource, own_policies, context }
    }
}

/// A Region of a partition.
fn region(partition: Partition) -> &'static str {
    match partition {
        Partition::China => "cn-north-1",
        Partition::GovCloud => "us-gov-west-1",
        Partition::EuropeanSovereign => "eusc-de-east-1",
        Partition::Iso => "us-iso-east-1",
        Partition::IsoB => "us-isob-east-1",
        _ => "eu-west-2",
    }
}

/// Returns who is in both, and the two lists of what must hold besides.
fn meet<'c>(allow: &'c Claim, deny: &'c Claim) -> (Who, [&'c Rc<Vec<Condition>>; 2]) {
    let (who, conditions) = if allow.who == deny.who {
        (&allow.who, [&allow.conditions, &deny.conditions])
    } else if denies(&allow.who, &deny.who) {
        (&deny.who, [&deny.conditions, &allow.full])
    } else {
        let except = deny.entry.negated;
        (&allow.who, [&allow.conditions, if except { &deny.conditions } else { &deny.full }])
    };
    (who.clone(), conditions)
}

/// Joins two lists of conditions.
fn join([one, more]: [&Rc<Vec<Condition>>; 2]) -> Keyed {
    let mut conditions = Rc::clone(one);
    for condition in more.iter() {
        if !conditions.contains(condition) {
            Rc::make_mut(&mut conditions).push(condition.clone());
        }
    }
    let key = Rc::new(normal_all(&conditions));
    (conditions, key)
}

/// Leaves out what another line says of a wider party.
fn without_the_covered(lines: Vec<ChangeLine>) -> Vec<ChangeLine> {
    let is_wider = |other: &ChangeLine, line: &ChangeLine| {
        covers(&other.who, &line.who)
            && (other.who != line.who || other.key != line.key)
            && other.partition == line.partition
            && other.sample.is_some()
            && other.key.iter().all(|c| line.key.contains(c))
    };
    let left_of = |line: &ChangeLine| {
        let wider: Vec<&ChangeLine> = lines.iter().filter(|other| is_wider(other, line)).collect();
        let covered = |action: &String| wider.iter().any(|other| other.actions.contains(action));
        line.actions.iter().filter(|a| !covered(a)).cloned().collect::<Vec<String>>()
    };
    let left: Vec<Vec<String>> = lines.iter().map(left_of).collect();
    let kept = lines.into_iter().zip(left).filter_map(|(line, actions)| {
        // The request is about an action that is left.
        let sample = line.samples.iter().find_map(|(names, sample)| {
            let name = names.iter().find(|name| actions.contains(name))?;
            Some(Sample { action: name.clone(), ..sample.clone() })
        });
        (!actions.is_empty()).then_some(ChangeLine { actions, sample, ..line })
    });
    kept.collect()
}
