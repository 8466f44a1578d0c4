//! Values of keys that belong together, under which conditions hold and others do not.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::super::Class;
use super::super::rules::Space;
use super::Unproved;
use super::acceptor::Acceptor;
use super::building::{Building, Sharing};
use super::cast::{Cast, NamedTexts, Names, Tells, names};
use super::grammar::{CallerKind, Word};
use super::keys::{Group, KeyGroup, groups};
use super::pattern::{Pattern, written};
use super::presence::{Presence, presences};
use super::reading::Status;
use super::walk::Steps;
use crate::condition::{Family, Known};

/// The most choices of which keys are there that are all tried.
const MOST_CHOICES: usize = 4096;

/// The values of a key in a request; none: the key is absent.
pub(in crate::access) type Values = Option<Rc<[String]>>;

/// Values for the keys of a component.
#[derive(Debug, Clone, Default)]
pub(in crate::access) struct Solution {
    pub values: Vec<(Rc<str>, Values)>,
    pub caller: Option<Word>,
}

/// True when there are such values.
#[derive(Debug, Clone)]
pub(in crate::access) enum Feasible {
    Yes(Rc<Solution>),
    No,
    Unproved(Unproved),
}

/// A question to a component.
#[derive(Debug, Clone)]
pub(in crate::access) struct Ask<'a> {
    pub cast: &'a Cast,
    /// The limit on how far values may be out of an outsider's reach.
    pub limit: Class,
    /// Conditions that hold, or do not.
    pub conds: &'a [(usize, bool)],
    /// Principal elements that name the caller, or do not, by their places.
    pub entries: &'a [(usize, bool)],
    pub hints: &'a [Word],
}

/// All components of a space.
pub(in crate::access) struct Components<'a> {
    pub space: &'a Space,
    pub groups: Vec<KeyGroup>,
    /// The groups of each condition.
    of_conds: Vec<Vec<usize>>,
    /// The groups of each component; the first is that of the caller.
    pub all: Vec<Vec<usize>>,
    component_of: Vec<usize>,
    plain: Vec<OnceCell<Rc<Acceptor>>>,
    singled: RefCell<HashMap<Rc<str>, Rc<NamedTexts>>>,
    names: RefCell<HashMap<(usize, CallerKind), Names>>,
}

impl<'a> Components<'a> {
    pub fn new(space: &'a Space) -> Self {
        let (mut groups, of_conds) = groups(space);
        let caller = groups.iter().position(|g| g.group == Group::Caller).unwrap_or_else(|| {
            groups.push(KeyGroup::new(Group::Caller));
            groups.len() - 1
        });
        let mut component: Vec<usize> = (0..groups.len()).collect();
        for own in &of_conds {
            let roots: Vec<usize> = own.iter().filter_map(|g| component.get(*g).copied()).collect();
            let Some(first) = roots.first().copied() else { continue };
            component.iter_mut().filter(|c| roots.contains(c)).for_each(|c| *c = first);
        }
        let of_caller = component.get(caller).copied().unwrap_or_default();
        let mut roots = vec![of_caller];
        for root in &component {
            if !roots.contains(root) {
                roots.push(*root);
            }
        }
        let of = |root: &usize| component.iter().enumerate().filter(|(_, c)| *c == root).map(|(g, _)| g).collect();
        let components: Vec<Vec<usize>> = roots.iter().map(of).collect();
        let place = |group: usize| components.iter().position(|c| c.contains(&group)).unwrap_or_default();
        let component_of = of_conds.iter().map(|own| own.first().map_or(0, |g| place(*g))).collect();
        let plain = space.conds.iter().map(|_| OnceCell::new()).collect();
        let (singled, names) = Default::default();
        Self { space, groups, of_conds, all: components, component_of, plain, singled, names }
    }

    /// The component of a condition.
    pub fn of(&self, cond: usize) -> usize {
        self.component_of.get(cond).copied().unwrap_or_default()
    }

    /// The accounts that the policies single out, beside an owner.
    pub(super) fn named(&self, owner: &Rc<str>, steps: &mut Steps) -> Rc<NamedTexts> {
        if let Some(there) = self.singled.borrow().get(owner) {
            return Rc::clone(there);
        }
        let made = Rc::new(NamedTexts::new(self.space, owner, steps));
        self.singled.borrow_mut().insert(Rc::clone(owner), Rc::clone(&made));
        made
    }

    /// Returns the callers of one kind that an element names.
    pub fn names(&self, rule: usize, kind: CallerKind) -> Names {
        let Some(read) = self.space.rules.get(rule) else { return Names::Nobody };
        let key = (Rc::as_ptr(&read.entry) as usize, kind);
        if let Some(there) = self.names.borrow().get(&key) {
            return there.clone();
        }
        let made = names(&read.entry, kind, &self.space.fresh);
        self.names.borrow_mut().insert(key, made.clone());
        made
    }

    /// Finds values for a component.
    pub fn solve(&self, component: usize, ask: &Ask, steps: &mut Steps) -> Feasible {
        let Some(groups) = self.all.get(component) else { return Feasible::No };
        let touched = |g: &usize| {
            (component == 0 && self.groups.get(*g).is_some_and(|g| g.group == Group::Caller))
                || ask.conds.iter().any(|(c, _)| self.of_conds.get(*c).is_some_and(|own| own.contains(g)))
        };
        let (active, idle): (Vec<usize>, Vec<usize>) = groups.iter().copied().partition(touched);
        let mut choices: Vec<(usize, Vec<Presence>)> = Vec::new();
        let mut count = 1usize;
        for group in active {
            let Some(read) = self.groups.get(group) else { continue };
            let mut all = presences(self, read, ask);
            all.retain(|presence| self.is_viable(read, presence, ask));
            if all.is_empty() {
                return Feasible::No;
            }
            count = count.saturating_mul(all.len());
            choices.push((group, all));
        }
        // Of too many choices those are tried in which all groups are there, or are not, in the same way.
        let is_part = count > MOST_CHOICES;
        let tried = if is_part { choices.iter().map(|(_, all)| all.len()).max().unwrap_or_default() } else { count };
        let mut unproved = is_part.then_some(Unproved::Steps);
        let mut chosen: HashMap<usize, Presence> = HashMap::new();
        for number in 0..tried {
            let mut rest = number;
            // The last group changes first, so that what is usual of the first ones stays longest.
            for (group, all) in choices.iter().rev() {
                let at = if is_part { number.min(all.len() - 1) } else { rest % all.len() };
                chosen.insert(*group, all.get(at).cloned().unwrap_or(Presence::Absent));
                rest /= all.len();
            }
            if !steps.take(1) {
                return Feasible::Unproved(Unproved::Steps);
            }
            match self.with(&chosen, ask, steps) {
                Feasible::Yes(solution) => {
                    let mut solution = Rc::unwrap_or_clone(solution);
                    for group in &idle {
                        self.leave(*group, ask, &mut solution);
                    }
                    return Feasible::Yes(Rc::new(solution));
                }
                Feasible::No => {}
                Feasible::Unproved(why) => unproved = Some(why),
            }
        }
        unproved.map_or(Feasible::No, Feasible::Unproved)
    }

    /// Tells whether conditions on keys that are then absent are as they should be.
    fn is_viable(&self, group: &KeyGroup, presence: &Presence, ask: &Ask) -> bool {
        ask.conds.iter().all(|(cond, wanted)| {
            let Some(read) = self.space.conds.get(*cond) else { return false };
            if !group.keys.iter().any(|k| **k == *read.key) {
                return true;
            }
            match self.status(&read.key, Some((group, presence)), ask.cast) {
                Status::Absent => read.holds(&|_| Known::Absent) == *wanted,
                Status::Empty => {
                    read.holds(&|k| if k == read.key { Known::Values(Vec::new()) } else { Known::Absent }) == *wanted
                }
                Status::Fixed(_) | Status::Word | Status::Row => {
                    read.family() != Some(Family::Null)
                        || (read.holds(&|_| Known::Values(vec!["x".to_owned()])) == *wanted)
                }
            }
        })
    }

    /// The presence of a key.
    pub(super) fn status(&self, key: &str, of: Option<(&KeyGroup, &Presence)>, cast: &Cast) -> Status {
        match cast.tells(key) {
            Tells::Absent => return Status::Absent,
            Tells::Fixed(text) => return Status::Fixed(text),
            Tells::Reads(_) => return Status::Word,
            Tells::MayRead(_) | Tells::Free => {}
        }
        let Some((group, presence)) = of else { return Status::Absent };
        match presence {
            Presence::Absent => Status::Absent,
            Presence::Empty => Status::Empty,
            Presence::Only(only) if *only != key => Status::Absent,
            Presence::Row(row) => {
                let column = group.keys.iter().position(|k| **k == *key).unwrap_or_default();
                let listing = group.listing(self.space);
                let text = listing.and_then(|l| l.listed.rows.get(*row)).and_then(|r| r.get(column).or(r.first()));
                text.map_or(Status::Absent, |text| Status::Fixed(text.clone()))
            }
            Presence::Only(_) | Presence::Present => {
                if group.listing(self.space).is_some() {
                    Status::Row
                } else {
                    Status::Word
                }
            }
        }
    }

    /// Gives an untouched group its usual values.
    fn leave(&self, group: usize, ask: &Ask, solution: &mut Solution) {
        let Some(read) = self.groups.get(group) else { return };
        let presence = presences(self, read, ask).into_iter().next().unwrap_or(Presence::Absent);
        for (at, key) in read.keys.iter().enumerate() {
            let values: Values = match self.status(key, Some((read, &presence)), ask.cast) {
                Status::Fixed(text) => Some(Rc::from([text])),
                Status::Row => read.listing(self.space).and_then(|listing| {
                    let rows = listing.listed.rows.iter().zip(&listing.ranks);
                    let row = rows.filter(|(_, rank)| **rank <= ask.limit).map(|(row, _)| row).next()?;
                    let column = listing.listed.keys.iter().position(|k| k == key).unwrap_or(at);
                    Some(Rc::from([row.get(column)?.clone()]))
                }),
                Status::Absent | Status::Empty | Status::Word => None,
            };
            solution.values.push((Rc::clone(key), values));
        }
    }

    pub fn plain(&self, cond: usize) -> Option<Rc<Acceptor>> {
        let read = self.space.conds.get(cond)?;
        let made = || {
            let patterns: Vec<Pattern> = read.condition.values.iter().map(|v| read.pattern(&written(v))).collect();
            Rc::new(Acceptor::new(patterns, read.family() == Some(Family::TextIgnoreCase)))
        };
        self.plain.get(cond).map(|cell| Rc::clone(cell.get_or_init(made)))
    }

    /// Finds values once it is chosen which keys are there.
    fn with(&self, chosen: &HashMap<usize, Presence>, ask: &Ask, steps: &mut Steps) -> Feasible {
        let mut groups: Vec<usize> = chosen.keys().copied().collect();
        groups.sort_unstable();
        // Where a request has more values than are looked for, it has no solution if the first of them have none; several
        // are put on one value then, which finds a solution or proves nothing.
        for sharing in [Sharing::Left, Sharing::Joined] {
            let mut building = Building::new(self, chosen, ask, sharing);
            for group in &groups {
                match building.begin(*group, steps) {
                    Feasible::Yes(_) => {}
                    other => return other,
                }
            }
            let is_whole = !building.is_shared;
            let found = building.finish(steps);
            if is_whole || sharing == Sharing::Joined || !matches!(found, Feasible::Yes(_)) {
                return found;
            }
        }
        Feasible::Unproved(Unproved::Steps)
    }

    pub(super) fn group_of(&self, key: &str) -> Option<(usize, &KeyGroup)> {
        let group = Group::of(key);
        self.groups.iter().enumerate().find(|(_, g)| g.group == group)
    }
}
