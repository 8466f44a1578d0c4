//! Condition keys that are given values together, and which conditions hold under each choice of values.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use super::linked_keys::TOGETHER;
use super::rules::Space;
use super::sample_callers::Atom;
use super::sample_values::{Assignment, Ground, assignments};
use crate::condition::Known;

/// Keys about which the caller itself decides.
pub(crate) fn is_of_caller(key: &str) -> bool {
    matches!(
        key,
        "aws:principalarn"
            | "aws:principalaccount"
            | "aws:principaltype"
            | "aws:principalisawsservice"
            | "aws:principalservicename"
            | "aws:principalservicenameslist"
            | "aws:securetransport"
    )
}

/// Keys that are given values together, and the conditions on them.
pub(super) struct Component {
    keys: Vec<Rc<str>>,
    /// In their order.
    conds: Rc<[usize]>,
    /// Tells whether variables take the caller into it.
    pub depends_on_caller: bool,
    people: OnceCell<Rc<Options>>,
    services: OnceCell<Rc<Options>>,
}

impl Component {
    /// The choices of a caller like this one, where callers of its kind do not differ; worked out once.
    pub fn shared(&self, space: &Space, atom: &Atom) -> Rc<Options> {
        let shared = if atom.is_service() { &self.services } else { &self.people };
        Rc::clone(shared.get_or_init(|| Rc::new(self.options(space, atom))))
    }

    /// The choices of a caller.
    pub fn options(&self, space: &Space, atom: &Atom) -> Options {
        let conds = self.conds.iter().filter_map(|c| space.conds.get(*c)).collect();
        let (list, complete) = assignments(&self.keys, &Ground { atom, fresh: &space.fresh, conds });
        let truths = RefCell::new(vec![None; list.len() * self.conds.len()]);
        Options { list, complete, conds: Rc::clone(&self.conds), truths }
    }
}

/// The choices of values for a component's keys.
pub(super) struct Options {
    pub list: Vec<Assignment>,
    /// Tells whether there are no more.
    pub complete: bool,
    conds: Rc<[usize]>,
    /// Which conditions hold under each, as far as was asked.
    truths: RefCell<Vec<Option<bool>>>,
}

impl Options {
    /// Tells whether a condition holds under a choice, which stands at this place of the list.
    pub fn holds(&self, space: &Space, at: usize, choice: &Assignment, cond: usize, atom: &Atom) -> bool {
        let Ok(place) = self.conds.binary_search(&cond) else { return false };
        let place = at * self.conds.len() + place;
        if let Some(known) = self.truths.borrow().get(place).copied().flatten() {
            return known;
        }
        let lookup = |key: &str| match choice.values.iter().find(|(k, _)| k.as_ref() == key) {
            Some((_, Some(values))) => Known::Values(values.to_vec()),
            Some((_, None)) => Known::Absent,
            None => atom.known(key),
        };
        let truth = space.conds.get(cond).is_some_and(|c| c.holds(&lookup));
        if let Some(known) = self.truths.borrow_mut().get_mut(place) {
            *known = Some(truth);
        }
        truth
    }
}

/// The conditions of a rule by component; those that the caller alone decides about are in none.
pub(super) fn parts(conds: &[usize], component_of: &[Option<usize>]) -> Vec<(usize, Vec<usize>)> {
    let mut parts: Vec<(usize, Vec<usize>)> = Vec::new();
    for cond in conds {
        let Some(component) = component_of.get(*cond).copied().flatten() else { continue };
        match parts.iter_mut().find(|(c, _)| *c == component) {
            Some((_, list)) => list.push(*cond),
            None => parts.push((component, vec![*cond])),
        }
    }
    parts
}

/// Joins keys that conditions or their meaning tie together; answers with the component of each condition.
pub(super) fn components(space: &Space) -> (Vec<Component>, Vec<Option<usize>>) {
    // Keys that tell the same in two ways go by the first of them.
    let group = |key: &str| TOGETHER.iter().find(|g| g.contains(&key)).and_then(|g| g.first()).copied();
    let mut components: Vec<(BTreeSet<&str>, Vec<usize>)> = Vec::new();
    for (at, cond) in space.conds.iter().enumerate() {
        let asked = std::iter::once(&cond.key).chain(&cond.variables).map(String::as_str);
        let keys: BTreeSet<&str> = asked.filter(|k| !is_of_caller(k)).map(|k| group(k).unwrap_or(k)).collect();
        if keys.is_empty() {
            continue;
        }
        let (touched, rest): (Vec<_>, Vec<_>) = components.into_iter().partition(|(g, _)| !g.is_disjoint(&keys));
        components = rest;
        let mut joined = (keys, Vec::new());
        for (keys, conds) in touched {
            joined.0.extend(keys);
            joined.1.extend(conds);
        }
        joined.1.push(at);
        joined.1.sort_unstable();
        components.push(joined);
    }
    let mut component_of = vec![None; space.conds.len()];
    let mut made = Vec::with_capacity(components.len());
    for (place, (_, conds)) in components.into_iter().enumerate() {
        let (mut keys, mut depends_on_caller) = (BTreeSet::new(), false);
        for at in &conds {
            let Some(cond) = space.conds.get(*at) else { continue };
            if let Some(of) = component_of.get_mut(*at) {
                *of = Some(place);
            }
            for key in std::iter::once(&cond.key).chain(&cond.variables) {
                depends_on_caller |= is_of_caller(key) || key == "aws:username";
                if !is_of_caller(key) {
                    keys.insert(Rc::from(key.as_str()));
                }
            }
        }
        let (people, services) = (OnceCell::new(), OnceCell::new());
        let keys = keys.into_iter().collect();
        made.push(Component { keys, conds: conds.into(), depends_on_caller, people, services });
    }
    (made, component_of)
}
