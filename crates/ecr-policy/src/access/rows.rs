//! The access table, from the cells.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::budget::StepBudget;
use super::exact::Standing;
use super::likeness::Likeness;
use super::plain::plain_class;
use super::rules::{AccessRule, Space, partitions};
use super::search::{Question, SearchAnswer, Searches, Want};
use super::{AccessRow, AccessTable, Claim, Class, DenyRow, Unproved, all_claims, claims};
use crate::ecr::AccountId;
use crate::model::Wanted;
use crate::model::actions::sort_actions;
use crate::model::document::{Effect, Policy, Statement};

/// The access table; an owner that is not known is another account than any that is named.
pub(super) fn table(policy: &Policy, owner: Option<&AccountId>, budget: &StepBudget) -> AccessTable {
    let mut of_statements = vec![Class::None; policy.statements.len()];
    let mut rows: Vec<(Claim, AccessRow)> = Vec::new();
    let mut denies: Vec<DenyRow> = Vec::new();
    for (at, partition) in partitions([Some(policy), None]).into_iter().enumerate() {
        let space = Space::new([Some(policy), None], partition, owner);
        let mut judge = Judge::new(&space, budget);
        for (index, rule) in space.rules.iter().enumerate() {
            let said = rule.claims.iter().flatten();
            if rule.effect == Effect::Deny {
                denies.extend(said.filter(|_| at == 0).map(deny_row));
                continue;
            }
            let judged = judge.judge(index, rule);
            for claim in said {
                let (row, class) = row(&space, &judged, claim);
                if let Some(widest) = of_statements.get_mut(claim.statement) {
                    *widest = class.min(*widest);
                }
                add(&mut rows, claim, row);
            }
        }
    }
    rows.sort_by_key(|(_, row)| row.statements.first().copied());
    denies.sort_by_key(|row| row.statement);
    let rows: Vec<AccessRow> = rows.into_iter().map(|(_, row)| row).collect();
    let class = rows.iter().map(|row| row.class).min().unwrap_or(Class::None);
    // One row that proves the class is enough.
    let widest = || rows.iter().filter(|row| row.class == class);
    let unproved =
        if widest().any(|row| row.unproved.is_none()) { None } else { widest().find_map(|row| row.unproved) };
    AccessTable { rows, denies, class, of_statements, unproved }
}

fn deny_row(claim: &Claim) -> DenyRow {
    DenyRow {
        who: claim.who.clone(),
        actions: claim.actions.names(),
        conditions: claim.conditions.to_vec(),
        statement: claim.statement,
    }
}

/// Joins a row to the one with the same party and conditions.
fn add(rows: &mut Vec<(Claim, AccessRow)>, claim: &Claim, new: AccessRow) {
    let same = |(other, _): &&mut (Claim, AccessRow)| {
        other.who == claim.who
            && other.key == claim.key
            && (other.partition == claim.partition || other.partition.is_none() || claim.partition.is_none())
    };
    let Some((_, row)) = rows.iter_mut().find(same) else {
        rows.push((claim.clone(), new));
        return;
    };
    // What one of them gives is given.
    let given = |row: &AccessRow, name: &String| row.actions.contains(name) && !row.void.contains(name);
    let mut void: Vec<String> = row.void.iter().chain(&new.void).cloned().collect();
    void.retain(|name| !given(row, name) && !given(&new, name));
    sort_actions(&mut void);
    row.void = void;
    row.actions.extend(new.actions);
    sort_actions(&mut row.actions);
    let is_as_wide = row.class == new.class;
    if new.class < row.class || (is_as_wide && new.unproved.is_none()) {
        row.unproved = new.unproved;
    }
    row.class = row.class.min(new.class);
    for (list, more) in [(&mut row.statements, new.statements), (&mut row.blocked, new.blocked)] {
        list.extend(more);
        list.sort_unstable();
        list.dedup();
    }
}

/// The result of a rule, by groups of actions.
struct Judged {
    /// The actions by their places, and how far the rule opens the repository with them: `None` where nobody has them.
    groups: Vec<(Vec<usize>, Opening)>,
    /// The Deny statements that take something of it from somebody, each with the actions.
    blocked: Vec<(usize, Vec<usize>)>,
    /// Tells whether a caller can be what the rule names at all.
    is_somebody: bool,
}

/// The class of a rule: the widest that is not excluded, and the reason where it is not proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Opening {
    class: Class,
    unproved: Option<Unproved>,
}

/// The class that a rule opens the repository to with an action, and the Deny rules that take something of it from somebody.
#[derive(Debug, Clone)]
struct Verdict {
    opening: Opening,
    denies: Rc<[usize]>,
}

/// The judge of the rules of a policy: of rules that are alike, one is judged.
struct Judge<'a> {
    space: &'a Space,
    budget: &'a StepBudget,
    /// Made when first asked for: plain policies need no search.
    searches: OnceCell<Searches<'a>>,
    verdicts: HashMap<(Likeness, Rc<[usize]>, usize), Verdict>,
}

impl<'a> Judge<'a> {
    fn new(space: &'a Space, budget: &'a StepBudget) -> Self {
        Self { space, budget, searches: OnceCell::new(), verdicts: HashMap::new() }
    }

    fn judge(&mut self, index: usize, rule: &AccessRule) -> Judged {
        let mut judged = Judged { groups: Vec::new(), blocked: Vec::new(), is_somebody: is_somebody(rule) };
        let rules = &self.space.rules;
        for group in &self.space.groups {
            let Some(action) = group.first().copied().filter(|a| rule.has(0, *a)) else { continue };
            if let Some(class) = plain_class(self.space, rule, action) {
                judged.groups.push((group.clone(), Opening { class, unproved: None }));
                continue;
            }
            let searches = self.searches.get_or_init(|| Searches::new(self.space, self.budget));
            let key = (searches.likeness(index, rule), Rc::clone(&rule.conds), action);
            let verdict = self.verdicts.entry(key).or_insert_with(|| verdict(searches, index, action));
            judged.groups.push((group.clone(), verdict.opening));
            for deny in verdict.denies.iter().filter_map(|at| rules.get(*at)) {
                let statements = deny.claims.iter().flatten().map(|claim| claim.statement);
                judged.blocked.extend(statements.map(|s| (s, group.clone())));
            }
        }
        judged
    }
}

fn verdict(searches: &Searches, index: usize, action: usize) -> Verdict {
    let opening = opening(searches, index, action);
    let rules = searches.space.rules.iter().enumerate();
    let denies = rules.filter(|(_, deny)| deny.effect == Effect::Deny && !deny.is_silent && deny.has(0, action));
    let denies = denies.filter(|(at, _)| overlap(searches, index, *at, action)).map(|(at, _)| at).collect();
    Verdict { opening, denies }
}

/// Tells whether anybody can be what a rule names.
fn is_somebody(rule: &AccessRule) -> bool {
    rule.entry.negated || rule.entry.entries.iter().any(|p| p.kind.can_call())
}

/// The row of a claim, and how far its statement opens the repository by it.
fn row(space: &Space, judged: &Judged, claim: &Claim) -> (AccessRow, Class) {
    let is_given = |place: &usize| claim.actions.has_place(*place, || space.name(*place));
    let (mut class, mut unproved) = (Class::None, None);
    let mut void: Vec<String> = Vec::new();
    for (group, widest) in &judged.groups {
        let of_claim = group.iter().filter(|place| is_given(place));
        let names: Vec<String> = of_claim.filter_map(|place| space.name(*place)).map(str::to_owned).collect();
        if !names.is_empty() {
            let is_as_wide = widest.class == class && widest.unproved.is_none();
            if widest.class < class || is_as_wide {
                unproved = widest.unproved;
            }
            class = class.min(widest.class);
        }
        if widest.class == Class::None && judged.is_somebody {
            void.extend(names);
        }
    }
    sort_actions(&mut void);
    let here = judged.blocked.iter().filter(|(_, group)| group.iter().any(is_given));
    let mut blocked: Vec<usize> = here.map(|(statement, _)| *statement).collect();
    blocked.sort_unstable();
    blocked.dedup();
    let row = AccessRow {
        who: claim.who.clone(),
        actions: claim.actions.names(),
        conditions: claim.conditions.to_vec(),
        statements: vec![claim.statement],
        blocked,
        void,
        class,
        unproved,
        begins: None,
        ends: None,
    };
    (row, class)
}

/// Tells whether a request may be of both rules.
fn overlap(searches: &Searches, one: usize, other: usize, action: usize) -> bool {
    let question = Question { rules: &[one, other], action, standing: None, limit: Class::None, want: Want::Anything };
    !matches!(searches.find(&question), SearchAnswer::Nothing)
}

/// Returns how far an Allow opens the repository with an action: whoever comes first and is not denied.
fn opening(searches: &Searches, index: usize, action: usize) -> Opening {
    let ways = [
        (Standing::Stranger, Class::Public, Class::Public),
        (Standing::Stranger, Class::Network, Class::Network),
        (Standing::Stranger, Class::Organization, Class::Organization),
        (Standing::Stranger, Class::None, Class::CrossAccount),
        (Standing::Named, Class::None, Class::CrossAccount),
        (Standing::Service, Class::None, Class::Service),
        (Standing::Own, Class::None, Class::OwnAccount),
    ];
    for (standing, limit, class) in ways {
        let question = Question { rules: &[index], action, standing: Some(standing), limit, want: Want::NoDeny };
        match searches.find(&question) {
            SearchAnswer::Request(_) => return Opening { class, unproved: None },
            SearchAnswer::Unproved(why) => return Opening { class, unproved: Some(why) },
            SearchAnswer::Nothing => {}
        }
    }
    Opening { class: Class::None, unproved: None }
}

/// Judges each rule of a policy as one of those that are like it, and by itself; `None`: they are judged alike.
#[cfg(test)]
pub(super) fn unlike(policy: &Policy, owner: Option<&AccountId>) -> Option<usize> {
    partitions([Some(policy), None]).into_iter().find_map(|partition| {
        let space = Space::new([Some(policy), None], partition, owner);
        let budget = StepBudget::default();
        let mut judge = Judge::new(&space, &budget);
        space.rules.iter().enumerate().find_map(|(index, rule)| {
            let said = |judged: Judged| {
                let openings: Vec<Opening> = judged.groups.into_iter().map(|(_, opening)| opening).collect();
                (openings, judged.blocked)
            };
            let alone = said(Judge::new(&space, &StepBudget::default()).judge(index, rule));
            (rule.effect == Effect::Allow && said(judge.judge(index, rule)) != alone).then_some(index)
        })
    })
}

/// Returns the first answer that needs no search and is not that of the search.
#[cfg(test)]
pub(super) fn misjudged(policy: &Policy, owner: Option<&AccountId>) -> Option<String> {
    partitions([Some(policy), None]).into_iter().find_map(|partition| {
        let space = Space::new([Some(policy), None], partition, owner);
        let mut all_asked = Space::new([Some(policy), None], partition, owner);
        all_asked.rules.iter_mut().for_each(|rule| rule.is_silent = false);
        let budgets: [StepBudget; 2] = Default::default();
        let [pruned, searches] = [Searches::new(&space, &budgets[0]), Searches::new(&all_asked, &budgets[1])];
        let allows = space.rules.iter().enumerate().filter(|(_, rule)| rule.effect == Effect::Allow);
        allows.into_iter().find_map(|(index, rule)| {
            let firsts = space.groups.iter().filter_map(|group| group.first().copied());
            firsts.filter(|action| rule.has(0, *action)).find_map(|action| {
                let (with, without) = (verdict(&pruned, index, action), verdict(&searches, index, action));
                let said = plain_class(&space, rule, action);
                let is_same = with.opening == without.opening && with.denies == without.denies;
                let is_plain = said.is_none_or(|class| {
                    without.opening == Opening { class, unproved: None }
                        && (class == Class::None || without.denies.is_empty())
                });
                (!is_same || !is_plain).then(|| format!("{:?} {said:?}: {with:?} {without:?}", rule.entry))
            })
        })
    })
}

/// Returns what a policy gives of what is wanted.
pub(super) fn given(policy: &Policy, wanted: &Wanted) -> Vec<AccessRow> {
    let place = policy.statements.len();
    let mut all = policy.clone();
    all.statements.push(Statement { has_variables: policy.has_variables(), ..wanted.as_statement() });
    let allows = all_claims(policy, Effect::Allow);
    let asked = all.statements.last().map(|s| claims(s, place)).unwrap_or_default();
    let partition = partitions([Some(&all), None]).first().copied().unwrap_or(crate::ecr::Partition::Aws);
    let space = Space::new([Some(&all), None], partition, None);
    let budget = StepBudget::default();
    let mut judge = Judge::new(&space, &budget);
    let mut rows = Vec::new();
    for claim in asked {
        let giving: Vec<&Claim> = allows.iter().filter(|allow| claim.is_within(allow)).collect();
        let actions = claim.actions.within(&giving.iter().map(|allow| allow.actions.as_ref()).collect::<Vec<_>>());
        if actions.is_empty() {
            continue;
        }
        let mut statements: Vec<usize> = giving.iter().map(|allow| allow.statement).collect();
        statements.dedup();
        let is_it = |said: &Claim| said.statement == place && said.who == claim.who && said.key == claim.key;
        let rule = space.rules.iter().enumerate().find(|(_, r)| r.claims.iter().flatten().any(is_it));
        let Some((index, rule)) = rule else { continue };
        let narrowed = Claim { actions: std::rc::Rc::new(actions), ..claim };
        let (row, _) = row(&space, &judge.judge(index, rule), &narrowed);
        rows.push(AccessRow { statements, ..row });
    }
    rows
}
