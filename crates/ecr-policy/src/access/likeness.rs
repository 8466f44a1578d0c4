//! Groups principals by the tests that tell them apart: of those that no test does, one answers for all.

use std::rc::Rc;

use super::exact::{Acceptor, Components};
use super::rules::{AccessRule, Cond, Space};
use crate::condition::Family;
use crate::ecr::Arn;
use crate::model::document::Effect;
use crate::model::principal::PrincipalKind;

/// The group of a principal that a rule names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Likeness {
    /// An account; the second tells where its digits lead every test to that reads them.
    Account(Place, Vec<u32>),
    /// A role, a user or a service, where nothing tells two of them apart.
    Role(Place),
    User(Place),
    Service,
    /// A principal that is compared with no other, by its rule.
    Single(usize),
}

/// Where the account of a principal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    is_own: bool,
    is_here: bool,
}

/// The keys whose values two callers of one kind and one place may tell differently.
const TELLING: [&str; 5] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:username",
    "aws:principalservicename",
    "aws:principalservicenameslist",
];

/// What tells principals apart.
pub(super) struct Likenesses<'a> {
    space: &'a Space,
    /// Conditions on the account or the ARN of a caller, with the key; none: there is one that is not read here.
    tests: Option<Vec<(Rc<Acceptor>, bool)>>,
    /// The principals that a Deny names, or spares.
    denied: Vec<&'a PrincipalKind>,
}

impl<'a> Likenesses<'a> {
    pub fn new(space: &'a Space, components: &Components) -> Self {
        let mut tests = Some(Vec::new());
        let telling = |cond: &Cond| TELLING.iter().any(|key| cond.reads(key)) && cond.family() != Some(Family::Null);
        for (at, cond) in space.conds.iter().enumerate().filter(|(_, cond)| telling(cond)) {
            let is_arn = cond.key == "aws:principalarn";
            let is_read = cond.is_of_one_text && (is_arn || cond.key == "aws:principalaccount");
            match (components.plain(at).filter(|_| is_read), &mut tests) {
                (Some(set), Some(tests)) => tests.push((set, is_arn)),
                _ => tests = None,
            }
        }
        let of_denies = space.rules.iter().filter(|rule| rule.effect == Effect::Deny);
        let kinds = of_denies.flat_map(|rule| &rule.entry.entries).map(|p| &p.kind);
        let denied = kinds.filter(|kind| **kind != PrincipalKind::Everyone).collect();
        Self { space, tests, denied }
    }

    /// Returns the group of the principal of a rule.
    pub fn of(&self, index: usize, rule: &AccessRule) -> Likeness {
        let only = rule.entry.entries.first().filter(|_| !rule.entry.negated && rule.entry.entries.len() == 1);
        only.and_then(|only| self.find(&only.kind)).unwrap_or(Likeness::Single(index))
    }

    fn find(&self, kind: &PrincipalKind) -> Option<Likeness> {
        let tests = self.tests.as_ref()?;
        let fresh = &self.space.fresh;
        let is_here = |arn: &Arn| arn.partition == fresh.partition.as_str();
        let place = |account: &str, is_here: bool| Place { is_own: account == fresh.owner, is_here };
        let is_apart = !tests.is_empty() || !self.denied.is_empty();
        match kind {
            PrincipalKind::Account(id, named) => {
                let is_denied = |kind: &&PrincipalKind| kind.account().is_some_and(|other| other == *id);
                if self.denied.iter().any(is_denied) {
                    return None;
                }
                let partition = fresh.partition.as_str();
                let states = tests.iter().flat_map(|(set, is_arn)| {
                    let after = |service: &str| set.after(&format!("arn:{partition}:{service}::{id}"));
                    if *is_arn { vec![after("iam"), after("sts")] } else { vec![set.after(id.as_str())] }
                });
                let is_here = named.is_none_or(|named| named == fresh.partition);
                Some(Likeness::Account(place(id.as_str(), is_here), states.collect()))
            }
            PrincipalKind::Role(arn) if !is_apart && is_usual(arn) => {
                Some(Likeness::Role(place(&arn.account, is_here(arn))))
            }
            PrincipalKind::User(arn) if !is_apart && is_usual(arn) => {
                Some(Likeness::User(place(&arn.account, is_here(arn))))
            }
            PrincipalKind::Service(_) if !is_apart => Some(Likeness::Service),
            _ => None,
        }
    }
}

/// Tells whether an ARN is of the form that most have: a path may hold another ARN, which no request has.
fn is_usual(arn: &Arn) -> bool {
    arn.resource.len() <= 64 && arn.resource.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&b))
}
