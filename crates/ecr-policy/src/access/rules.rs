//! Two policies (or one) side by side, cut into rules: what one statement says of one party, and in which of them.

use std::collections::HashMap;
use std::rc::Rc;

use super::exact::{Pattern, Sign, pattern_of};
use super::fresh::Fresh;
use super::{Claim, all_claims};
use crate::condition::{Family, Known, Operator, Truth, holds, is_multivalued, normal};
use crate::ecr::{AccountId, Partition, action};
use crate::model::actions::ActionSet;
use crate::model::actions::action_names;
use crate::model::actions::pattern_fits;
use crate::model::document::{Actions, Condition, Effect, Policy, Principals};
use crate::model::principal::PrincipalKind;

/// A condition, read once.
pub(super) struct Cond {
    pub condition: Condition,
    pub operator: Option<Operator>,
    /// The key, in small letters.
    pub key: String,
    /// The keys of the variables in its values, in small letters.
    pub variables: Vec<String>,
    with_variables: bool,
    /// Tells whether it holds one text of a key against texts and wildcards alone.
    pub is_of_one_text: bool,
    /// Tells whether no request meets it, because every ECR endpoint is HTTPS.
    is_of_no_request: bool,
}

impl Cond {
    fn new(condition: Condition, with_variables: bool) -> Self {
        let inside = |v: &String| v.split("${").skip(1).map(str::to_ascii_lowercase).collect::<Vec<_>>();
        let name = |text: String| text.split([',', '}']).next().unwrap_or_default().to_owned();
        let mut variables: Vec<String> = Vec::new();
        if with_variables {
            variables = condition.values.iter().flat_map(inside).map(name).collect();
            variables.retain(|v| !matches!(v.as_str(), "*" | "?" | "$"));
            variables.sort();
            variables.dedup();
        }
        let (operator, key) = (Operator::parse(&condition.operator), condition.key.to_ascii_lowercase());
        let texts = [Family::Text, Family::TextIgnoreCase, Family::TextLike, Family::Arn];
        let is_text = |o: Operator| o.set.is_none() && texts.contains(&o.family) && !is_multivalued(&key);
        let is_of_one_text =
            operator.is_some_and(is_text) && !(with_variables && condition.values.iter().any(|v| v.contains("${")));
        let is_of_tls = key == "aws:securetransport" && variables.is_empty();
        let mut read =
            Self { condition, operator, key, variables, with_variables, is_of_one_text, is_of_no_request: false };
        read.is_of_no_request = is_of_tls && !read.holds(&|_| Known::Values(vec!["true".to_owned()]));
        read
    }

    pub fn family(&self) -> Option<Family> {
        self.operator.map(|o| o.family)
    }

    /// Tells whether `*` and `?` in its values are wildcards.
    pub fn is_like(&self) -> bool {
        matches!(self.family(), Some(Family::TextLike | Family::Arn))
    }

    /// Tells whether it asks for a key, itself or by a variable.
    pub fn reads(&self, key: &str) -> bool {
        self.key == key || self.variables.iter().any(|v| v == key)
    }

    /// Tells whether it holds, under the better reading where AWS's documentation leaves it open.
    pub fn holds(&self, lookup: &dyn Fn(&str) -> Known) -> bool {
        holds(&self.condition, self.with_variables, lookup) >= Truth::Likely
    }

    /// Tells whether `${...}` in its values is a variable.
    pub fn has_variables(&self) -> bool {
        self.with_variables
    }

    /// One of its values as the pattern that its operator makes of it.
    pub fn pattern(&self, value: &[Sign]) -> Pattern {
        pattern_of(self.family(), value)
    }
}

/// A set of small numbers; those below 64, which is nearly always all, need no room of their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Bits {
    first: u64,
    rest: Vec<u64>,
}

impl Bits {
    pub fn set(&mut self, at: usize) {
        if at < 64 {
            self.first |= 1 << at;
            return;
        }
        let place = at / 64 - 1;
        if self.rest.len() <= place {
            self.rest.resize(place + 1, 0);
        }
        if let Some(word) = self.rest.get_mut(place) {
            *word |= 1 << (at % 64);
        }
    }

    pub fn has(&self, at: usize) -> bool {
        let word = if at < 64 { Some(&self.first) } else { self.rest.get(at / 64 - 1) };
        word.is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    fn add(&mut self, other: &Self) {
        self.first |= other.first;
        if self.rest.len() < other.rest.len() {
            self.rest.resize(other.rest.len(), 0);
        }
        self.rest.iter_mut().zip(&other.rest).for_each(|(a, b)| *a |= b);
    }
}

/// The words of one or more statements about one party, in one policy or in both.
pub(super) struct AccessRule {
    pub effect: Effect,
    pub entry: Rc<Principals>,
    /// The conditions that must all hold, sorted.
    pub conds: Rc<[usize]>,
    /// The actions in the first policy and in the second.
    pub actions: [Bits; 2],
    /// The claims that say it, in the first policy and in the second.
    pub claims: [Vec<Claim>; 2],
    /// Tells whether a condition of it is one that no request meets.
    pub is_silent: bool,
    /// The place of the first of them among all claims of its policy.
    places: [usize; 2],
}

impl AccessRule {
    /// A claim that says it: that of the policy asked for, else the other's.
    pub fn claim(&self, side: usize) -> Option<&Claim> {
        let of = |at: usize| self.claims.get(at).and_then(|c| c.first());
        of(side).or_else(|| of(1 - side.min(1)))
    }

    /// Its place in a policy, the Allows first.
    pub fn place(&self, side: usize) -> usize {
        self.places.get(side).copied().unwrap_or_default()
    }

    pub fn has(&self, side: usize, action: usize) -> bool {
        self.actions.get(side).is_some_and(|bits| bits.has(action))
    }
}

/// The policies, cut up.
pub(super) struct Space {
    pub fresh: Fresh,
    pub conds: Vec<Cond>,
    pub rules: Vec<AccessRule>,
    /// The actions in question that the table lacks; their places come after those of the table.
    newer: Vec<String>,
    /// Actions that no statement tells apart.
    pub groups: Vec<Vec<usize>>,
}

/// The partitions that principals name, the usual one first; a repository may be in any of them.
pub(super) fn partitions(policies: [Option<&Policy>; 2]) -> Vec<Partition> {
    let statements = policies.into_iter().flatten().flat_map(|p| &p.statements);
    let mut found: Vec<Partition> = Vec::new();
    for entry in statements.flat_map(|s| &s.principals.entries) {
        let named = match &entry.kind {
            PrincipalKind::Account(_, named) => *named,
            PrincipalKind::Role(arn) | PrincipalKind::User(arn) | PrincipalKind::Session(arn) => arn.known_partition(),
            _ => None,
        };
        found.extend(named.filter(|p| !found.contains(p)));
    }
    found.sort_by_key(|p| *p != Partition::Aws);
    if found.is_empty() {
        found.push(Partition::Aws);
    }
    found
}

impl Space {
    pub fn new<'p>(policies: [Option<&'p Policy>; 2], partition: Partition, owner: Option<&AccountId>) -> Self {
        let mut claims: Vec<(usize, Claim)> = Vec::new();
        for (side, policy) in policies.iter().enumerate() {
            for effect in [Effect::Allow, Effect::Deny] {
                let of_policy = policy.map(|p| all_claims(p, effect)).unwrap_or_default();
                claims.extend(of_policy.into_iter().map(|claim| (side, claim)));
            }
        }
        let newer = newer(&claims);
        let bits = |policy: &'p Policy| policy.statements.iter().map(|s| bits(&s.actions, &newer)).collect();
        let actions: Vec<Vec<Bits>> = policies.into_iter().map(|p| p.map(bits).unwrap_or_default()).collect();
        let mut known: HashMap<(Condition, bool), usize> = HashMap::new();
        let mut conds: Vec<Cond> = Vec::new();
        let mut sets: HashMap<*const Condition, Rc<[usize]>> = HashMap::new();
        let mut found: HashMap<(Effect, EntryKey, Rc<[usize]>), usize> = HashMap::new();
        let mut rules: Vec<AccessRule> = Vec::new();
        for (place, (side, claim)) in claims.into_iter().enumerate() {
            let address = claim.full.as_ptr();
            let set = sets.entry(address).or_insert_with(|| {
                let ids = claim.full.iter().map(|c| {
                    let form = (normal(c), claim.variables && c.values.iter().any(|v| v.contains("${")));
                    let modern = form.1;
                    *known.entry(form).or_insert_with(|| {
                        conds.push(Cond::new(c.clone(), modern));
                        conds.len() - 1
                    })
                });
                let mut ids: Vec<usize> = ids.collect();
                ids.sort_unstable();
                ids.dedup();
                ids.into()
            });
            let set = if claim.full.is_empty() { Rc::from([]) } else { Rc::clone(set) };
            let key = (claim.effect, key(&claim.entry, partition), Rc::clone(&set));
            let at = *found.entry(key).or_insert_with(|| {
                let (effect, entry) = (claim.effect, Rc::clone(&claim.entry));
                let (actions, claims) = Default::default();
                let is_silent = set.iter().any(|cond| conds.get(*cond).is_some_and(|c| c.is_of_no_request));
                rules.push(AccessRule { effect, entry, conds: set, actions, claims, is_silent, places: [0; 2] });
                rules.len() - 1
            });
            let given = actions.get(side).and_then(|s| s.get(claim.statement));
            if let (Some(rule), Some(given)) = (rules.get_mut(at), given) {
                if let Some(bits) = rule.actions.get_mut(side) {
                    bits.add(given);
                }
                if let (Some(claims), Some(first)) = (rule.claims.get_mut(side), rule.places.get_mut(side)) {
                    if claims.is_empty() {
                        *first = place;
                    }
                    claims.push(claim);
                }
            }
        }
        let fresh = Fresh::new(partition, owner, &texts(&rules, &conds));
        let groups = groups(&rules, action_names().len() + newer.len());
        Self { fresh, conds, rules, newer, groups }
    }

    /// The name of an action, without `ecr:`.
    pub fn name(&self, place: usize) -> Option<&str> {
        let newer = || self.newer.get(place - action_names().len()).map(String::as_str);
        action_names().get(place).copied().or_else(newer)
    }
}

/// A principal element in the form in which equal ones compare equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum EntryKey {
    One(PrincipalKind),
    AllBut(Vec<PrincipalKind>),
}

fn key(entry: &Principals, partition: Partition) -> EntryKey {
    let kind = |kind: &PrincipalKind| match kind {
        // An id and the root ARN of the repository's partition are the same.
        PrincipalKind::Account(id, named) => PrincipalKind::Account(id.clone(), Some(named.unwrap_or(partition))),
        other => other.clone(),
    };
    let mut all: Vec<PrincipalKind> = entry.entries.iter().map(|p| kind(&p.kind)).collect();
    if !entry.negated && all.len() == 1 {
        return EntryKey::One(all.swap_remove(0));
    }
    all.sort();
    all.dedup();
    EntryKey::AllBut(all)
}

/// The actions that a statement names and the table lacks.
fn newer(claims: &[(usize, Claim)]) -> Vec<String> {
    let mut newer: Vec<String> = Vec::new();
    for name in claims.iter().flat_map(|(_, claim)| claim.actions.unknown_names()) {
        if action::authorised_as(name).is_none() && !newer.contains(name) {
            newer.push(name.clone());
        }
    }
    newer
}

/// Returns what a statement is about.
fn bits(actions: &Actions, newer: &[String]) -> Bits {
    let fits_one = |name: &String| actions.patterns.iter().any(|pattern| pattern_fits(&pattern.value, name));
    let mut bits = Bits { first: ActionSet::of(actions).known_bits(), rest: Vec::new() };
    let fitting = newer.iter().enumerate().filter(|(_, name)| fits_one(name) != actions.negated);
    fitting.for_each(|(at, _)| bits.set(action_names().len() + at));
    bits
}

/// Actions that no rule tells apart, by their places.
fn groups(rules: &[AccessRule], actions: usize) -> Vec<Vec<usize>> {
    let mut distinct: Vec<&Bits> = rules.iter().flat_map(|r| &r.actions).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let mut groups: Vec<Vec<usize>> = vec![(0..actions).collect()];
    for bits in distinct {
        let mut cut = Vec::with_capacity(groups.len() + 1);
        for group in groups {
            let (within, without): (Vec<usize>, Vec<usize>) = group.into_iter().partition(|at| bits.has(*at));
            cut.extend([within, without].into_iter().filter(|part| !part.is_empty()));
        }
        groups = cut;
    }
    groups.sort_unstable();
    groups
}

/// Everything that the policies name, one after the other.
fn texts(rules: &[AccessRule], conds: &[Cond]) -> String {
    let principals = rules.iter().flat_map(|r| &r.entry.entries).map(|p| p.text.as_str());
    let values = conds.iter().flat_map(|c| &c.condition.values).map(String::as_str);
    principals.chain(values).collect::<Vec<_>>().join("\n")
}
