//! Keys that tell the same in several ways: they are given values together.

use std::collections::HashSet;
use std::rc::Rc;

use super::Class;
use super::boundaries::{THESE_DAYS, between_dates, moment};
use super::owner_keys::{beside, organizations_of_owner};
use super::pattern_overlap::{common, common_arns};
use super::rules::Cond;
use super::sample_values::{Assignment, Ground, MOST, Values, fitting, is_wild, one};
use crate::condition::{Family, seconds};
use crate::ecr::Arn;

/// Keys that tell the same in two ways: they are given values together.
pub(super) const TOGETHER: &[&[&str]] = &[
    &["aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid"],
    &["aws:currenttime", "aws:epochtime"],
    &["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"],
];

/// Tells whether one of two keys tells something of the other; letter case does not count.
pub(crate) fn are_together(one: &str, other: &str) -> bool {
    let within = |group: &[&str], key: &str| group.iter().any(|k| k.eq_ignore_ascii_case(key));
    TOGETHER.iter().any(|group| within(group, one) && within(group, other))
}

/// Returns what is told, as far as it is asked for.
pub(super) fn asked_of<const N: usize>(keys: &[Rc<str>], told: [(&str, Values); N], rank: Class) -> Assignment {
    let asked = |(key, values)| keys.iter().find(|k| k.as_ref() == key).map(|key| (Rc::clone(key), values));
    Assignment { values: told.into_iter().filter_map(asked).collect(), rank }
}

/// The values under every condition on a key.
fn values_of<'a>(ground: &'a Ground, key: &'a str) -> impl Iterator<Item = (&'a Cond, &'a String)> {
    let conds = ground.conds.iter().filter(move |c| c.key == key);
    conds.flat_map(|c| c.condition.values.iter().map(move |v| (*c, v)))
}

/// The moment, told in two ways.
pub(super) fn times(keys: &[Rc<str>], ground: &Ground) -> Vec<Assignment> {
    let mut moments: Vec<i64> = values_of(ground, "aws:currenttime").filter_map(|(_, v)| seconds(v)).collect();
    moments.extend(values_of(ground, "aws:epochtime").filter_map(|(_, v)| seconds(v).or_else(|| v.parse().ok())));
    let mut all = between_dates(&moments);
    if all.is_empty() {
        all.push(THESE_DAYS);
    }
    let assignment = |second: &i64| {
        let told = [("aws:currenttime", one(moment(*second))), ("aws:epochtime", one(second.to_string()))];
        asked_of(keys, told, Class::Public)
    };
    all.iter().map(assignment).collect()
}

/// The caller's organization and where the caller is in it: both are there or neither.
pub(super) fn organizations(keys: &[Rc<str>], ground: &Ground) -> Vec<Assignment> {
    let of = |org: Values, paths: Values, rank| {
        asked_of(keys, [("aws:principalorgid", org), ("aws:principalorgpaths", paths)], rank)
    };
    let is_asked = |key: &str| keys.iter().any(|k| k.as_ref() == key);
    let owners = organizations_of_owner(ground);
    let mut all = vec![of(None, None, Class::Public)];
    if ground.atom.is_service() || !(is_asked("aws:principalorgid") || is_asked("aws:principalorgpaths")) {
        return beside(keys, all, &owners);
    }
    let word = &ground.fresh.word;
    let (ids, id_texts) = patterns_of(ground, "aws:principalorgid");
    let (paths, _) = patterns_of(ground, "aws:principalorgpaths");
    let mut named: Vec<String> = id_texts;
    named.extend(paths.iter().filter_map(|(p, _)| p.split_once('/')).map(|(org, _)| org.to_owned()));
    named.extend(owners.iter().flatten().flat_map(|ids| ids.iter().cloned()));
    named.retain(|org| !is_wild(org) && !org.is_empty());
    let stranger = "o-9999999999".to_owned();
    let mut orgs = vec![stranger.clone()];
    orgs.extend(named.iter().cloned());
    orgs.extend(fitting(&ids, word));
    orgs.extend(paths.iter().filter(|(p, _)| is_wild(p)).flat_map(|(p, _)| {
        let met = common(p, "o-*/*", word);
        met.into_iter().filter_map(|path| path.split_once('/').map(|(org, _)| org.to_owned()))
    }));
    let mut seen = HashSet::new();
    orgs.retain(|org| !org.is_empty() && !is_wild(org) && seen.insert(org.clone()));
    for org in &orgs {
        let rank = if named.contains(org) { Class::Organization } else { Class::Public };
        if !is_asked("aws:principalorgpaths") {
            all.push(of(one(org.as_str()), None, rank));
            continue;
        }
        let mut places = vec![format!("{org}/r-{word}/ou-{word}/")];
        for (pattern, _) in &paths {
            places.extend(common(pattern, &format!("{org}/*"), word));
        }
        if paths.len() <= 12 {
            let wild: Vec<&(String, bool)> = paths.iter().filter(|(p, _)| is_wild(p)).collect();
            for (at, (one, _)) in wild.iter().enumerate() {
                for (other, _) in wild.iter().skip(at + 1) {
                    for text in common(one, other, word) {
                        places.extend(common(&text, &format!("{org}/*"), word));
                    }
                }
            }
        }
        places.sort_by_key(String::len);
        places.dedup();
        for place in places {
            all.push(of(one(org.as_str()), one(place), rank));
        }
    }
    beside(keys, all, &owners)
}

/// The patterns of a key, and the values as written.
pub(super) fn patterns_of(ground: &Ground, key: &str) -> (Vec<(String, bool)>, Vec<String>) {
    let mut patterns: Vec<(String, bool)> = Vec::new();
    for cond in ground.conds.iter().filter(|c| c.key == key) {
        for pattern in cond.patterns() {
            let one = (pattern, cond.family() == Some(Family::Arn));
            if !patterns.contains(&one) {
                patterns.push(one);
            }
        }
    }
    let literal = |(cond, value): (&Cond, &String)| !(cond.is_like() && is_wild(value));
    let texts = values_of(ground, key).filter(|pair| literal(*pair)).map(|(_, v)| v.clone()).collect();
    (patterns, texts)
}

/// On whose behalf a service calls: the account of the resource is the account that it tells.
pub(super) fn sources(keys: &[Rc<str>], ground: &Ground) -> Vec<Assignment> {
    let of = |arn: &Values, account: &Values, org: &Values, paths: &Values| {
        let told = [
            ("aws:sourcearn", arn.clone()),
            ("aws:sourceaccount", account.clone()),
            ("aws:sourceorgid", org.clone()),
            ("aws:sourceorgpaths", paths.clone()),
        ];
        asked_of(keys, told, Class::Public)
    };
    if !ground.atom.is_service() {
        return vec![of(&None, &None, &None, &None)];
    }
    let is_asked = |key: &str| keys.iter().any(|k| k.as_ref() == key);
    let choices = |key: &str| -> Vec<Values> {
        let mut all: Vec<Values> = vec![None];
        if is_asked(key) {
            let (patterns, _) = patterns_of(ground, key);
            all.push(one(format!("o-9999999999{}", if key.ends_with("paths") { "/" } else { "" })));
            all.extend(fitting(&patterns, &ground.fresh.word).into_iter().filter(|t| !t.is_empty()).map(one));
            if key == "aws:sourceorgid" {
                all.extend(organizations_of_owner(ground).into_iter().flatten().map(Some));
            }
        }
        all
    };
    let resources = if is_asked("aws:sourcearn") || is_asked("aws:sourceaccount") {
        resources(ground, is_asked("aws:sourcearn"), is_asked("aws:sourceaccount"))
    } else {
        vec![(None, None)]
    };
    let (orgs, paths) = (choices("aws:sourceorgid"), choices("aws:sourceorgpaths"));
    let mut all = Vec::new();
    for (arn, account) in &resources {
        for org in &orgs {
            for path in &paths {
                all.push(of(arn, account, org, path));
            }
        }
    }
    all.truncate(MOST);
    all
}

/// The ARN and the account of the resource, as far as they are asked for.
fn resources(ground: &Ground, arn_is_asked: bool, account_is_asked: bool) -> Vec<(Values, Values)> {
    let word = &ground.fresh.word;
    let (arns, _) = patterns_of(ground, "aws:sourcearn");
    let (accounts, _) = patterns_of(ground, "aws:sourceaccount");
    let mut ids = vec![ground.fresh.account.clone()];
    ids.extend(fitting(&accounts, word));
    let field = |arn: &str| arn.split(':').nth(4).unwrap_or_default().to_owned();
    ids.extend(arns.iter().map(|(p, _)| field(p)).filter(|a| !is_wild(a) && !a.is_empty()));
    let mut seen = HashSet::new();
    ids.retain(|id| !id.is_empty() && seen.insert(id.clone()));
    let mut texts: Vec<String> = Vec::new();
    for id in &ids {
        let partition = ground.fresh.partition.as_str();
        texts.push(format!("arn:{partition}:lambda:eu-west-2:{id}:function:{word}"));
        for (pattern, is_arn) in &arns {
            let shape = format!("arn:*:*:*:{id}:*");
            let met = if *is_arn { common_arns(pattern, &shape, word) } else { common(pattern, &shape, word) };
            texts.extend(met);
        }
    }
    texts.extend(fitting(&arns, word).into_iter().filter(|t| Arn::parse(t).is_some()));
    let mut seen = HashSet::new();
    texts.retain(|t| seen.insert(t.clone()));
    let ids: Vec<Values> = ids.into_iter().map(one).collect();
    let mut found: Vec<(Values, Values)> = vec![(None, None)];
    if arn_is_asked {
        for text in texts {
            let account = field(&text);
            let text = one(text);
            if !account_is_asked {
                found.push((text, None));
                continue;
            }
            if account.is_empty() {
                found.extend(ids.iter().map(|id| (text.clone(), id.clone())));
            } else {
                found.push((text.clone(), one(account)));
            }
            found.push((text, None));
        }
    }
    if account_is_asked {
        found.extend(ids.into_iter().map(|id| (None, id)));
    }
    found
}
