//! Groups principals by the tests that tell them apart: of those that no test does, one answers for all.

use super::exact::Components;
use super::rules::{AccessRule, Cond, Space};
use crate::condition::Family;
use crate::ecr::{AccountId, Arn};
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

/// The facts that tell principals apart.
pub(super) struct Likenesses<'a> {
    space: &'a Space,
    /// The conditions on what callers of one kind may tell differently.
    tests: Vec<usize>,
    /// The principals that a Deny names, or spares.
    denied: Vec<&'a PrincipalKind>,
}

impl<'a> Likenesses<'a> {
    pub fn new(space: &'a Space) -> Self {
        let tests = (0..space.conds.len()).filter(|at| space.conds.get(*at).is_some_and(is_telling)).collect();
        let of_denies = space.rules.iter().filter(|rule| rule.effect == Effect::Deny);
        let kinds = of_denies.flat_map(|rule| &rule.entry.entries).map(|p| &p.kind);
        let denied = kinds.filter(|kind| **kind != PrincipalKind::Everyone).collect();
        Self { space, tests, denied }
    }

    /// Returns the group of the principal of a rule.
    pub fn of(&self, index: usize, rule: &AccessRule, components: &Components) -> Likeness {
        only_kind(rule).and_then(|kind| self.find(kind, components)).unwrap_or(Likeness::Single(index))
    }

    fn find(&self, kind: &PrincipalKind, components: &Components) -> Option<Likeness> {
        let fresh = &self.space.fresh;
        let is_here = |arn: &Arn| arn.partition == fresh.partition.as_str();
        let place = |account: &str, is_here: bool| Place { is_own: account == fresh.owner, is_here };
        let is_apart = !self.tests.is_empty() || !self.denied.is_empty();
        match kind {
            PrincipalKind::Account(id, named) => {
                let is_denied = |kind: &&PrincipalKind| kind.account().is_some_and(|other| other == *id);
                if self.denied.iter().any(is_denied) {
                    return None;
                }
                let states = account_states(self.space, components, id, self.tests.iter().copied())?;
                let is_here = named.is_none_or(|named| named == fresh.partition);
                Some(Likeness::Account(place(id.as_str(), is_here), states))
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

/// The principal of a rule that names one.
fn only_kind(rule: &AccessRule) -> Option<&PrincipalKind> {
    let [only] = rule.entry.entries.as_slice() else { return None };
    (!rule.entry.negated).then_some(&only.kind)
}

/// Tells whether two callers of one kind and one place may differ in what a condition reads.
fn is_telling(cond: &Cond) -> bool {
    TELLING.iter().any(|key| cond.reads(key)) && cond.family() != Some(Family::Null)
}

/// Returns where the digits of an account lead the conditions that read it; none: one of them is not read here.
fn account_states(
    space: &Space,
    components: &Components,
    id: &AccountId,
    conds: impl Iterator<Item = usize>,
) -> Option<Vec<u32>> {
    let partition = space.fresh.partition.as_str();
    let mut states = Vec::new();
    for at in conds {
        let cond = space.conds.get(at)?;
        if !is_telling(cond) {
            continue;
        }
        let is_arn = cond.key == "aws:principalarn";
        let is_read = cond.is_of_one_text && (is_arn || cond.key == "aws:principalaccount");
        let set = components.plain(at).filter(|_| is_read)?;
        if is_arn {
            states.extend(["iam", "sts"].map(|service| set.after(&format!("arn:{partition}:{service}::{id}"))));
        } else {
            states.push(set.after(id.as_str()));
        }
    }
    Some(states)
}

/// A question about callers of one named account, without that account: the other principal elements, whether the account
/// is of the partition, and where its digits lead the conditions.
pub(super) type WithoutAccount = (Vec<(usize, bool)>, bool, Vec<u32>);

/// Returns how a question about callers of one named account goes on where that account does not matter: the other
/// principal elements, and where its digits lead the conditions.
pub(super) fn without_account(
    space: &Space,
    components: &Components,
    conds: &[(usize, bool)],
    entries: &[(usize, bool)],
) -> Option<WithoutAccount> {
    let account = |(rule, wanted): &(usize, bool)| match only_kind(space.rules.get(*rule)?)? {
        PrincipalKind::Account(id, named) if *wanted => Some((id, *named)),
        _ => None,
    };
    let at = entries.iter().position(|entry| account(entry).is_some())?;
    let (id, named) = entries.get(at).and_then(account)?;
    let mut others = entries.to_vec();
    others.remove(at);
    let is_of_it = |(rule, _): &(usize, bool)| {
        let kinds = space.rules.get(*rule).into_iter().flat_map(|rule| &rule.entry.entries);
        kinds.map(|p| &p.kind).any(|kind| kind.account().is_some_and(|other| other == *id))
    };
    if others.iter().any(is_of_it) {
        return None;
    }
    let is_here = named.is_none_or(|named| named == space.fresh.partition);
    Some((others, is_here, account_states(space, components, id, conds.iter().map(|(cond, _)| *cond))?))
}

/// Tells whether an ARN is of the form that most have: a path may hold another ARN, which no request has.
fn is_usual(arn: &Arn) -> bool {
    arn.resource.len() <= 64 && arn.resource.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&b))
}
