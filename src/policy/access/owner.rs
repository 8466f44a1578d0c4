//! What the keys of the repository's owner may be: no caller chooses them.

use std::rc::Rc;

use super::together::patterns_of;
use super::values::{Assignment, Ground, Values, fitting, one};
use crate::ecr::AccountId;

/// The organization of the owner, where no condition names it.
pub(super) const OWN_ORGANIZATION: &str = "o-8888888888";

/// What `aws:ResourceAccount` may be: the owner; one that conditions name, where the owner is not known.
pub(super) fn accounts_of_owner(ground: &Ground) -> Vec<String> {
    let (_, named) = patterns_of(ground, "aws:resourceaccount");
    let named = named.into_iter().filter(|id| !ground.fresh.owner_is_known && AccountId::parse(id).is_ok());
    std::iter::once(ground.fresh.owner.clone()).chain(named).collect()
}

/// What `aws:ResourceOrgID` may be, where conditions ask for it.
pub(super) fn organizations_of_owner(ground: &Ground) -> Vec<Values> {
    let key = "aws:resourceorgid";
    if !ground.conds.iter().any(|c| c.reads(key)) {
        return Vec::new();
    }
    let (patterns, _) = patterns_of(ground, key);
    let mut ids = vec![OWN_ORGANIZATION.to_owned()];
    let is_id = |id: &String| id.starts_with("o-") && !id.contains(['*', '?']);
    ids.extend(fitting(&patterns, &ground.fresh.word).into_iter().filter(is_id));
    ids.into_iter().map(one).chain([None]).collect()
}

/// Each assignment with each organization of the owner.
pub(super) fn beside(keys: &[Rc<str>], all: Vec<Assignment>, owners: &[Values]) -> Vec<Assignment> {
    let key = keys.iter().find(|key| key.as_ref() == "aws:resourceorgid");
    let Some(key) = key.filter(|_| !owners.is_empty()) else { return all };
    let with = |one: &Assignment, owner: &Values| {
        let mut one = one.clone();
        one.values.push((Rc::clone(key), owner.clone()));
        one
    };
    all.iter().flat_map(|one| owners.iter().map(|owner| with(one, owner))).collect()
}
