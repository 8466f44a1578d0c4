//! The search for a request: a caller and values of condition keys for which chosen rules hold and what the policies
//! answer is as wanted. All requests between which no rule can tell are one cell, and one of each is looked at.

use std::cell::{Cell as Count, OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::Class;
use super::independent_keys::{Component, Options, components, parts};
use super::rules::{Rule, Space};
use super::sample_callers::{Atom, Callers, Standing, callers};
use super::sample_values::Values;
use crate::condition::Known;
use crate::evaluate::{Answer, Caller, outcome, speaks_of};
use crate::model::document::{Effect, Principals};
use crate::model::principal::PrincipalKind;

/// How much is looked at for one question about one caller, and for all questions together: choices, and conditions asked.
const MOST_A_CALLER: usize = 20_000;
const MOST_IN_ALL: usize = 1_500_000;

/// The most rules that may stand in the way of one request.
const MOST_RULES: usize = 256;

/// What a question came to.
pub(super) enum Found {
    Cell(Cell),
    Nothing,
    /// There are more cells than are looked at, and none of those was it.
    TooMany,
}

impl Found {
    /// Tells whether a cell may be there.
    pub fn may_be(&self) -> bool {
        !matches!(self, Self::Nothing)
    }
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub atom: usize,
    pub values: Vec<(Rc<str>, Values)>,
    /// Tells whether the caller's own policies allow everything, or nothing.
    pub own_policies: bool,
}

/// What the policies must make of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Anything.
    Anything,
    /// No Deny of the first policy speaks of it.
    NoDeny,
    /// The policy `to` allows it and the policy `from` does not.
    Change { from: usize, to: usize },
}

/// What a cell must be like.
pub(super) struct Question<'a> {
    /// Rules that must hold.
    pub rules: &'a [usize],
    /// The action, by its place among the names.
    pub action: usize,
    /// Which callers.
    pub callers: &'a dyn Fn(&Atom) -> bool,
    /// How far the values of the keys may be out of an outsider's reach.
    pub limit: Class,
    pub want: Want,
}

/// A set of rules that stand in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Mask([u128; 2]);

impl Mask {
    const NONE: Self = Self([0; 2]);

    fn set(&mut self, at: usize) {
        if let Some(half) = self.0.get_mut(at / 128) {
            *half |= 1 << (at % 128);
        }
    }

    fn and(self, other: Self) -> Self {
        Self([self.0[0] & other.0[0], self.0[1] & other.0[1]])
    }

    fn is_empty(self) -> bool {
        self == Self::NONE
    }

    fn is_within(self, other: Self) -> bool {
        self.and(other) == self
    }

    fn count(self) -> u32 {
        self.0[0].count_ones() + self.0[1].count_ones()
    }
}

/// One component's distinct ways to leave rules in the way, each with the first assignment that does.
struct Axis {
    options: Rc<Options>,
    pieces: Vec<(Mask, usize)>,
}

/// What is known of a caller.
struct Prepared {
    /// For each rule that speaks of the caller, conditions on other keys aside: whether by the account alone.
    meant: Vec<Option<bool>>,
    own: RefCell<HashMap<usize, Rc<Options>>>,
    /// Tells whether another caller that was looked at before fares alike in everything.
    has_twin: bool,
}

/// A space with everything that searches need; made when the first question is asked.
pub(super) struct Cells<'a> {
    pub space: &'a Space,
    pub callers: Callers,
    /// The component of each condition; none: the caller alone decides about it.
    component_of: Vec<Option<usize>>,
    components: Vec<Component>,
    entries: Vec<Rc<Principals>>,
    entry_of: Vec<usize>,
    /// The conditions of each rule by component.
    parts: Vec<Vec<(usize, Vec<usize>)>>,
    /// Tells whether a condition compares what the caller tells with a value of the request.
    callers_differ: bool,
    /// What came of the conditions that the caller alone decides about, by the value that it tells.
    told: Vec<RefCell<HashMap<String, bool>>>,
    /// The callers of which no other fares alike.
    different: OnceCell<Vec<usize>>,
    kinds: RefCell<HashSet<Kind>>,
    prepared: Vec<OnceCell<Prepared>>,
    spent: Count<usize>,
}

/// How a caller stands, whether it is the owner's root user, and which rules speak of it.
type Kind = (Standing, bool, Vec<Option<bool>>);

impl<'a> Cells<'a> {
    pub fn new(space: &'a Space) -> Self {
        let mut entries: Vec<Rc<Principals>> = Vec::new();
        let mut places: HashMap<*const Principals, usize> = HashMap::new();
        let mut entry_of = Vec::new();
        for rule in &space.rules {
            let place = *places.entry(Rc::as_ptr(&rule.entry)).or_insert_with(|| {
                entries.push(Rc::clone(&rule.entry));
                entries.len() - 1
            });
            entry_of.push(place);
        }
        let named: Vec<&Principals> = entries.iter().map(AsRef::as_ref).collect();
        let callers = callers(&space.fresh, &named, &space.conds);
        let (components, component_of) = components(space);
        let prepared = callers.atoms.iter().map(|_| OnceCell::new()).collect();
        let parts = space.rules.iter().map(|rule| parts(&rule.conds, &component_of)).collect();
        let callers_differ = components.iter().any(|c| c.depends_on_caller);
        let spent = Count::new(0);
        let (told, kinds) = (space.conds.iter().map(|_| RefCell::default()).collect(), RefCell::default());
        Self {
            space,
            callers,
            component_of,
            components,
            entries,
            entry_of,
            parts,
            callers_differ,
            told,
            different: OnceCell::new(),
            kinds,
            prepared,
            spent,
        }
    }

    /// The callers that an entry may name, without those that fare as another one does where they are many.
    fn callers_of(&self, entry: &Principals) -> &[usize] {
        let named = self.callers.of(entry);
        if named.len() < self.callers.atoms.len() {
            return named;
        }
        let is_first = |at: &usize| {
            let atom = self.callers.atoms.get(*at);
            atom.and_then(|atom| self.prepared(*at, atom)).is_some_and(|prepared| !prepared.has_twin)
        };
        self.different.get_or_init(|| named.iter().copied().filter(is_first).collect())
    }

    /// A cell that is as the question wants it.
    pub fn find(&self, question: &Question) -> Found {
        let Some(first) = question.rules.first().and_then(|at| self.space.rules.get(*at)) else {
            return Found::Nothing;
        };
        let mut too_many = !self.callers.complete;
        for at in self.callers_of(&first.entry) {
            let Some(atom) = self.callers.atoms.get(*at).filter(|atom| (question.callers)(atom)) else { continue };
            let Some(prepared) = self.prepared(*at, atom).filter(|prepared| !prepared.has_twin) else { continue };
            let meant = |rule: &usize| prepared.meant.get(*rule).copied().flatten();
            if !question.rules.iter().all(|rule| meant(rule).is_some()) {
                continue;
            }
            let speaks = |rule: &Rule| rule.has(0, question.action) || rule.has(1, question.action);
            let all = self.space.rules.iter().enumerate().filter(|(_, rule)| speaks(rule));
            let relevant: Vec<(usize, bool)> = all.filter_map(|(at, _)| Some((at, meant(&at)?))).collect();
            match self.ask(*at, atom, &relevant, question) {
                Found::Nothing => {}
                Found::TooMany => too_many = true,
                found @ Found::Cell(_) => return found,
            }
        }
        if too_many { Found::TooMany } else { Found::Nothing }
    }

    /// Puts the question about one caller as searches for requests of which some rules must speak and some must not.
    fn ask(&self, at: usize, atom: &Atom, relevant: &[(usize, bool)], question: &Question) -> Found {
        let rule = |at: usize| self.space.rules.get(at);
        let is = |at: usize, effect: Effect, side: usize| {
            rule(at).is_some_and(|r| r.effect == effect && r.has(side, question.action))
        };
        let of = |effect: Effect, side: usize| {
            relevant.iter().filter(move |(at, _)| is(*at, effect, side)).copied().collect::<Vec<_>>()
        };
        let places = |rules: &[(usize, bool)]| rules.iter().map(|(at, _)| *at).collect::<Vec<usize>>();
        let (from, to) = match question.want {
            Want::Anything => return self.search(at, atom, question.rules, &[], question.limit, true),
            Want::NoDeny => {
                let denies = places(&of(Effect::Deny, 0));
                return self.search(at, atom, question.rules, &denies, question.limit, true);
            }
            Want::Change { from, to } => (from, to),
        };
        let own = atom.standing == Standing::Own;
        let denies = places(&of(Effect::Deny, to));
        let mut too_many = false;
        for own_policies in [true, false] {
            if !own && !own_policies {
                break;
            }
            let allows = |direct: bool, account: bool| {
                outcome(&atom.caller, own, own_policies, false, (direct, account)) == Answer::Allow
            };
            let counts = |by_account: bool| allows(!by_account, by_account);
            let by_itself = allows(false, false);
            let must_allow = relevant.iter().any(|(at, by_account)| {
                question.rules.contains(at) && is(*at, Effect::Allow, to) && counts(*by_account)
            });
            if !by_itself && !must_allow {
                continue;
            }
            let mut look = |must: &[usize], not: &[usize]| {
                let found = self.search(at, atom, must, not, question.limit, own_policies);
                too_many |= matches!(found, Found::TooMany);
                if let Found::Cell(cell) = found { Some(cell) } else { None }
            };
            // A Deny that only the other policy has, or nothing there that allows it.
            if question.rules.iter().any(|at| is(*at, Effect::Deny, from)) {
                if let Some(cell) = look(question.rules, &denies) {
                    return Found::Cell(cell);
                }
                continue;
            }
            if !by_itself {
                let mut not = denies.clone();
                not.extend(
                    of(Effect::Allow, from).iter().filter(|(_, by_account)| counts(*by_account)).map(|(at, _)| at),
                );
                if let Some(cell) = look(question.rules, &not) {
                    return Found::Cell(cell);
                }
            }
            for (deny, _) in of(Effect::Deny, from) {
                if !denies.contains(&deny) {
                    let must: Vec<usize> = question.rules.iter().copied().chain([deny]).collect();
                    if let Some(cell) = look(&must, &denies) {
                        return Found::Cell(cell);
                    }
                }
            }
        }
        if too_many { Found::TooMany } else { Found::Nothing }
    }

    /// Looks for values under which all rules of `must` hold and none of `not`.
    fn search(&self, at: usize, atom: &Atom, must: &[usize], not: &[usize], limit: Class, own_policies: bool) -> Found {
        if must.iter().any(|rule| not.contains(rule)) {
            return Found::Nothing;
        }
        let parts = |rule: &usize| self.parts.get(*rule).map_or(&[][..], Vec::as_slice);
        // What no value turns away.
        if not.iter().any(|rule| parts(rule).is_empty()) {
            return Found::Nothing;
        }
        if not.len() > MOST_RULES || self.spent.get() > MOST_IN_ALL {
            return Found::TooMany;
        }
        let involved: BTreeSet<usize> = must.iter().chain(not).flat_map(parts).map(|(c, _)| *c).collect();
        let mut complete = true;
        let mut axes: Vec<(usize, Axis)> = Vec::new();
        for component in involved {
            let Some(options) = self.options(component, at, atom) else { continue };
            complete &= options.complete;
            let pieces = self.pieces(component, &options, atom, (must, not), limit);
            if pieces.is_empty() {
                return if complete { Found::Nothing } else { Found::TooMany };
            }
            axes.push((component, Axis { options, pieces }));
        }
        axes.sort_by_key(|(_, axis)| axis.pieces.len());
        let order: Vec<usize> = axes.iter().map(|(component, _)| *component).collect();
        // The rules of which every component is chosen, by how many are.
        let mut decided = vec![Mask::NONE; axes.len() + 1];
        for (place, rule) in not.iter().enumerate() {
            let last = parts(rule).iter().filter_map(|(c, _)| order.iter().position(|o| o == c)).max();
            for mask in decided.iter_mut().skip(last.map_or(0, |last| last + 1)) {
                mask.set(place);
            }
        }
        let mut all = Mask::NONE;
        (0..not.len()).for_each(|place| all.set(place));
        let axes: Vec<Axis> = axes.into_iter().map(|(_, axis)| axis).collect();
        let mut budget = MOST_A_CALLER;
        let mut chosen = Vec::new();
        let hit = walk(&axes, &decided, all, &mut chosen, &mut budget);
        self.spent.set(self.spent.get() + MOST_A_CALLER - budget);
        if hit {
            let value = |(axis, chosen): (&Axis, &usize)| axis.options.list.get(*chosen).map(|a| a.values.clone());
            let values = axes.iter().zip(&chosen).filter_map(value).flatten().collect();
            return Found::Cell(Cell { atom: at, values, own_policies });
        }
        if budget > 0 && complete { Found::Nothing } else { Found::TooMany }
    }

    /// The ways in which a component leaves rules in the way while all that must hold do; those that leave more than
    /// another way are left out.
    fn pieces(
        &self,
        component: usize,
        options: &Options,
        atom: &Atom,
        (must, not): (&[usize], &[usize]),
        limit: Class,
    ) -> Vec<(Mask, usize)> {
        let here = |rule: &usize| {
            let parts = self.parts.get(*rule).into_iter().flatten();
            parts.filter(|(c, _)| *c == component).flat_map(|(_, conds)| conds).copied().collect::<Vec<usize>>()
        };
        let musts: Vec<usize> = must.iter().flat_map(here).collect();
        let nots: Vec<Vec<usize>> = not.iter().map(here).collect();
        let mut asked = 0;
        let mut pieces: Vec<(Mask, usize)> = Vec::new();
        let mut seen: HashSet<Mask> = HashSet::new();
        for (at, assignment) in options.list.iter().enumerate() {
            let holds = |c: &usize| options.holds(self.space, at, assignment, *c, atom);
            if assignment.rank > limit || !musts.iter().all(holds) {
                continue;
            }
            let mut mask = Mask::NONE;
            for (place, conds) in nots.iter().enumerate() {
                if conds.iter().all(holds) {
                    mask.set(place);
                }
            }
            asked += nots.len() / 8 + 1;
            if seen.insert(mask) {
                pieces.push((mask, at));
            }
        }
        self.spent.set(self.spent.get() + asked);
        pieces.sort_by_key(|(mask, at)| (mask.count(), *at));
        let mut least: Vec<(Mask, usize)> = Vec::new();
        for piece in pieces {
            if !least.iter().any(|(kept, _)| kept.is_within(piece.0)) {
                least.push(piece);
            }
        }
        least
    }

    fn prepared(&self, at: usize, atom: &Atom) -> Option<&Prepared> {
        self.prepared.get(at).map(|cell| cell.get_or_init(|| self.prepare(atom)))
    }

    /// Returns which rules speak of a caller, as far as the caller alone decides.
    fn prepare(&self, atom: &Atom) -> Prepared {
        let partition = self.space.fresh.partition.as_str();
        let names = |entry: &Rc<Principals>| {
            if may_name(entry, atom) { speaks_of(entry, &atom.caller, partition) } else { (false, false) }
        };
        let entries: Vec<(bool, bool)> = self.entries.iter().map(names).collect();
        let mut tells: Vec<(&str, Option<String>)> = Vec::new();
        let mut truths: HashMap<usize, bool> = HashMap::new();
        let meant = self.space.rules.iter().zip(&self.entry_of).map(|(rule, entry)| {
            let (true, by_account) = entries.get(*entry).copied().unwrap_or_default() else { return None };
            let mut of_caller = rule.conds.iter().filter(|c| self.component_of.get(**c).copied().flatten().is_none());
            let all = of_caller.all(|c| *truths.entry(*c).or_insert_with(|| self.tells(*c, atom, &mut tells)));
            all.then_some(by_account)
        });
        let meant: Vec<Option<bool>> = meant.collect();
        // Callers of whom the same rules speak fare alike, unless variables take the caller into conditions.
        let root = atom.standing == Standing::Own && matches!(atom.caller, Caller::Root(_));
        let has_twin = !self.callers_differ && !self.kinds.borrow_mut().insert((atom.standing, root, meant.clone()));
        Prepared { meant, own: RefCell::default(), has_twin }
    }

    /// Tells whether a condition holds that the caller alone decides about. Many callers tell the same of a key.
    fn tells<'k>(&'k self, cond: usize, atom: &Atom, tells: &mut Vec<(&'k str, Option<String>)>) -> bool {
        let (Some(read), Some(told)) = (self.space.conds.get(cond), self.told.get(cond)) else { return false };
        if !tells.iter().any(|(key, _)| *key == read.key) {
            let one = match atom.known(&read.key) {
                Known::Values(mut values) if values.len() == 1 => values.pop(),
                _ => None,
            };
            tells.push((&read.key, one));
        }
        let text = tells.iter().find(|(key, _)| *key == read.key).and_then(|(_, text)| text.as_deref());
        let Some(text) = text.filter(|_| read.variables.is_empty()) else {
            return read.holds(&|key| atom.known(key));
        };
        // A pattern that takes any account tells ARNs apart by what is around it.
        let text = if read.takes_any_account() { text.splitn(6, ':').last().unwrap_or(text) } else { text };
        if let Some(truth) = told.borrow().get(text) {
            return *truth;
        }
        let truth = read.holds(&|key| atom.known(key));
        told.borrow_mut().insert(text.to_owned(), truth);
        truth
    }

    fn options(&self, at: usize, caller: usize, atom: &Atom) -> Option<Rc<Options>> {
        let component = self.components.get(at)?;
        if !component.depends_on_caller {
            return Some(component.shared(self.space, atom));
        }
        let prepared = self.prepared(caller, atom)?;
        let make = || Rc::new(component.options(self.space, atom));
        Some(Rc::clone(prepared.own.borrow_mut().entry(at).or_insert_with(make)))
    }
}

/// Chooses a piece of each axis so that no rule is left in the way; a choice that leaves one for good is taken back.
fn walk(all: &[Axis], decided: &[Mask], alive: Mask, chosen: &mut Vec<usize>, budget: &mut usize) -> bool {
    let depth = chosen.len();
    if decided.get(depth).is_some_and(|decided| !decided.and(alive).is_empty()) {
        return false;
    }
    let Some(axis) = all.get(depth) else { return true };
    for (mask, at) in &axis.pieces {
        if *budget == 0 {
            return false;
        }
        *budget -= 1;
        chosen.push(*at);
        if walk(all, decided, alive.and(*mask), chosen, budget) {
            return true;
        }
        chosen.pop();
    }
    false
}

/// Tells whether an entry is not plainly of another account.
fn may_name(entry: &Principals, atom: &Atom) -> bool {
    let [only] = entry.entries.as_slice() else { return true };
    let of = |account: &str| atom.caller.arn().is_some_and(|arn| arn.account == account);
    entry.negated
        || match &only.kind {
            PrincipalKind::Account(id, _) => of(id.as_str()),
            PrincipalKind::Role(arn) | PrincipalKind::User(arn) | PrincipalKind::Session(arn) => of(&arn.account),
            _ => true,
        }
}
