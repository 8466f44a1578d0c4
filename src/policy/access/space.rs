//! Two policies (or one) side by side, cut into rules: what one statement says of one party, and in which of them.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::callers::Fresh;
use super::pattern::literal;
use super::{Claim, all_claims, fits};
use crate::ecr::{AccountId, Partition, action};
use crate::policy::condition::{Family, Known, Operator, Truth, holds, normal};
use crate::policy::document::{Actions, Condition, Effect, Policy, Principals};
use crate::policy::principal::PrincipalKind;

/// A condition, read once.
pub(super) struct Cond {
    pub condition: Condition,
    pub operator: Option<Operator>,
    /// The key, in small letters.
    pub key: String,
    /// The keys of the variables in its values, in small letters.
    pub variables: Vec<String>,
    with_variables: bool,
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
        Self { condition, operator, key, variables, with_variables }
    }

    pub fn family(&self) -> Option<Family> {
        self.operator.map(|o| o.family)
    }

    /// Whether `*` and `?` in its values are wildcards.
    pub fn is_like(&self) -> bool {
        matches!(self.family(), Some(Family::TextLike | Family::Arn))
    }

    /// Whether it compares ARNs, and with any account.
    pub fn takes_any_account(&self) -> bool {
        self.family() == Some(Family::Arn) && self.condition.values.iter().all(|v| v.split(':').nth(4) == Some("*"))
    }

    /// Whether it asks for a key, itself or by a variable.
    pub fn reads(&self, key: &str) -> bool {
        self.key == key || self.variables.iter().any(|v| v == key)
    }

    /// Whether it holds, under the better reading where AWS's documentation leaves it open.
    pub fn holds(&self, lookup: &dyn Fn(&str) -> Known) -> bool {
        holds(&self.condition, self.with_variables, lookup) >= Truth::Likely
    }

    /// Its values as patterns; a variable stands for anything.
    pub fn patterns(&self) -> Vec<String> {
        let pattern = |value: &String| {
            if self.with_variables && value.contains("${") {
                let mut pieces = value.split("${");
                let first = pieces.next().unwrap_or_default().to_owned();
                pieces.fold(first, |all, rest| all + "*" + rest.split_once('}').map_or(rest, |(_, after)| after))
            } else if self.is_like() {
                value.clone()
            } else {
                literal(value)
            }
        };
        self.condition.values.iter().map(pattern).collect()
    }
}

/// A set of small numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub fn set(&mut self, at: usize) {
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    pub fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
}

/// What one or more statements say of one party, in one policy or in both.
pub(super) struct Rule {
    pub effect: Effect,
    pub entry: Rc<Principals>,
    /// The conditions that must all hold, sorted.
    pub conds: Rc<[usize]>,
    /// The actions in the first policy and in the second.
    pub actions: [Bits; 2],
    /// The claims that say it, in the first policy and in the second.
    pub claims: [Vec<Claim>; 2],
    /// The place of the first of them among all claims of its policy.
    places: [usize; 2],
}

impl Rule {
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
    pub rules: Vec<Rule>,
    /// The names of all actions in question, without `ecr:`.
    pub names: Vec<String>,
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
        let names = names(&claims);
        // Statements name the same few patterns over and over.
        let mut fitting: HashMap<&str, Bits> = HashMap::new();
        let mut of_statements = |policy: &'p Policy| -> Vec<Bits> {
            policy.statements.iter().map(|s| bits(&s.actions, &names, &mut fitting)).collect()
        };
        let actions: Vec<Vec<Bits>> =
            policies.into_iter().map(|p| p.map(&mut of_statements).unwrap_or_default()).collect();
        let mut known: HashMap<(Condition, bool), usize> = HashMap::new();
        let mut conds: Vec<Cond> = Vec::new();
        let mut sets: HashMap<*const Condition, Rc<[usize]>> = HashMap::new();
        let mut found: HashMap<(Effect, Key, Rc<[usize]>), usize> = HashMap::new();
        let mut rules: Vec<Rule> = Vec::new();
        for (place, (side, claim)) in claims.into_iter().enumerate() {
            let address = claim.full.as_ptr();
            let set = sets.entry(address).or_insert_with(|| {
                let ids = claim.full.iter().map(|c| {
                    let form = (normal(c), claim.variables && c.values.iter().any(|v| v.contains("${")));
                    *known.entry(form.clone()).or_insert_with(|| {
                        conds.push(Cond::new(c.clone(), form.1));
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
                rules.push(Rule { effect, entry, conds: set, actions, claims, places: [0; 2] });
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
        let groups = groups(&rules, names.len());
        Self { fresh, conds, rules, names, groups }
    }
}

/// A principal element in the form in which equal ones compare equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    One(PrincipalKind),
    AllBut(Vec<PrincipalKind>),
}

fn key(entry: &Principals, partition: Partition) -> Key {
    let kind = |kind: &PrincipalKind| match kind {
        // An id and the root ARN of the repository's partition are the same.
        PrincipalKind::Account(id, named) => PrincipalKind::Account(id.clone(), Some(named.unwrap_or(partition))),
        other => other.clone(),
    };
    let mut all: Vec<PrincipalKind> = entry.entries.iter().map(|p| kind(&p.kind)).collect();
    if !entry.negated && all.len() == 1 {
        return Key::One(all.swap_remove(0));
    }
    all.sort();
    all.dedup();
    Key::AllBut(all)
}

/// The actions in question: those of the table and those that a statement names.
fn names(claims: &[(usize, Claim)]) -> Vec<String> {
    let mut names: Vec<String> = action::repository_level().map(|a| a.name.clone()).collect();
    let mut last: Option<&Rc<Vec<String>>> = None;
    for (_, claim) in claims {
        if last.is_some_and(|seen| Rc::ptr_eq(seen, &claim.actions)) {
            continue;
        }
        last = Some(&claim.actions);
        for name in claim.actions.iter() {
            // Source: API model: `ListImageReferrers` is authorised as `BatchGetImage`.
            if action::find(name).is_none() && !name.eq_ignore_ascii_case("ListImageReferrers") && !names.contains(name)
            {
                names.push(name.clone());
            }
        }
    }
    names
}

/// What a statement is about. `fitting`: the names that a pattern fits, once they are known.
fn bits<'p>(actions: &'p Actions, names: &[String], fitting: &mut HashMap<&'p str, Bits>) -> Bits {
    let those = |is_one: &dyn Fn(usize, &str) -> bool| {
        let mut bits = Bits::default();
        names.iter().enumerate().filter(|(at, name)| is_one(*at, name)).for_each(|(at, _)| bits.set(at));
        bits
    };
    let mut fit = Bits::default();
    for pattern in &actions.patterns {
        fit.add(fitting.entry(&pattern.value).or_insert_with(|| those(&|_, name| fits(&pattern.value, name))));
    }
    if actions.negated { those(&|at, _| !fit.has(at)) } else { fit }
}

fn groups(rules: &[Rule], names: usize) -> Vec<Vec<usize>> {
    let mut distinct: Vec<&Bits> = rules.iter().flat_map(|r| &r.actions).collect();
    distinct.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    distinct.dedup();
    let mut groups: BTreeMap<Vec<bool>, Vec<usize>> = BTreeMap::new();
    for name in 0..names {
        groups.entry(distinct.iter().map(|bits| bits.has(name)).collect()).or_default().push(name);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    groups.sort();
    groups
}

/// Everything that the policies name, one after the other.
fn texts(rules: &[Rule], conds: &[Cond]) -> String {
    let principals = rules.iter().flat_map(|r| &r.entry.entries).map(|p| p.text.as_str());
    let values = conds.iter().flat_map(|c| &c.condition.values).map(String::as_str);
    principals.chain(values).collect::<Vec<_>>().join("\n")
}
