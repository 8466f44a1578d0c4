//! What the keys of the repository's owner may be: no caller chooses them.

use std::rc::Rc;

use super::Class;
use super::linked_keys::patterns_of;
use super::sample_values::{Assignment, Ground, Values, fitting, one};
use crate::ecr::AccountId;

/// The organization of the owner, where no condition names it.
pub(super) const OWN_ORGANIZATION: &str = "o-8888888888";

/// Returns what `aws:ResourceAccount` may be: the owner; one that conditions name, where the owner is not known.
pub(super) fn accounts_of_owner(ground: &Ground) -> Vec<String> {
    let (_, named) = patterns_of(ground, "aws:resourceaccount");
    let named = named.into_iter().filter(|id| !ground.fresh.owner_is_known && AccountId::parse(id).is_ok());
    std::iter::once(ground.fresh.owner.clone()).chain(named).collect()
}

/// Returns what `aws:ResourceOrgID` may be, where conditions ask for it.
pub(super) fn organizations_of_owner(ground: &Ground) -> Vec<Values> {
    let key = "aws:resourceorgid";
    if !ground.conds.iter().any(|c| c.reads(key)) {
        return Vec::new();
    }
    let (patterns, _) = patterns_of(ground, key);
    let mut ids = vec![OWN_ORGANIZATION.to_owned()];
    let is_id = |id: &String| id.starts_with("o-") && !id.contains(['*', '?']);
    ids.extend(fitting(&patterns, &ground.fresh.word).into_iter().filter(is_id));
    // What is compared with the owner's organization may have to be one that is named.
    let named = ground.conds.iter().flat_map(|c| &c.condition.values).filter(|v| is_id(v) && !v.contains(['/', '$']));
    ids.extend(named.cloned());
    ids.sort();
    ids.dedup();
    ids.into_iter().map(one).chain([None]).collect()
}

/// Each assignment with each organization of the owner, the caller's among them: then the caller is a member of it.
pub(super) fn beside(keys: &[Rc<str>], all: Vec<Assignment>, owners: &[Values]) -> Vec<Assignment> {
    let key = keys.iter().find(|key| key.as_ref() == "aws:resourceorgid");
    let Some(key) = key.filter(|_| !owners.is_empty()) else { return all };
    let with = |one: &Assignment, owner: Values, rank: Class| {
        let mut one = Assignment { rank: one.rank.max(rank), ..one.clone() };
        one.values.push((Rc::clone(key), owner));
        one
    };
    let mut joined = Vec::new();
    for one in &all {
        let told = one.values.iter().find(|(key, _)| key.as_ref() == "aws:principalorgid");
        let of_caller = told.and_then(|(_, org)| org.clone());
        let others = owners.iter().filter(|owner| of_caller.is_none() || **owner != of_caller);
        joined.extend(others.map(|owner| with(one, owner.clone(), Class::Public)));
        joined.extend(of_caller.clone().map(|org| with(one, Some(org), Class::Organization)));
    }
    joined
}
