//! Values of condition keys: one for each way in which the conditions can tell values apart.

use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

use super::Class;
use super::boundaries::{between_addresses, between_dates, between_numbers, is_narrow, moment};
use super::linked_keys::{TOGETHER, organizations, sources, times};
use super::owner_keys::{OWN_ORGANIZATION, accounts_of_owner};
use super::pattern_overlap::{common, common_arns, members};
use super::rules::Cond;
use super::sample_callers::{Atom, Fresh, exact_account};
use crate::condition::{Family, Known, filled, is_multivalued, range, seconds};

/// The values of a key in a request; none: the key is absent.
pub(super) type Values = Option<Rc<[String]>>;

/// One value of a key.
#[expect(clippy::unnecessary_wraps, reason = "the other choice is an absent key")]
pub(super) fn one(text: impl Into<String>) -> Values {
    Some(Rc::from([text.into()]))
}

/// Values for keys that belong together.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    pub values: Vec<(Rc<str>, Values)>,
    /// Who can have them: `Public` stands for anybody, `Network` for somebody at a listed place, `Organization` for a
    /// member of a named one, `CrossAccount` for one named identity.
    pub rank: Class,
}

/// The most assignments of keys that belong together.
pub(super) const MOST: usize = 4_000;

/// How many keys that belong together may still have all their assignments: two values each make that many.
const FEW_KEYS: usize = 12;

/// The most assignments of so many keys. More keys than a few have too many in any case, and what each assignment costs
/// grows with the keys: as many are looked at as cost about the same.
fn most(keys: usize) -> usize {
    (MOST * FEW_KEYS.pow(2) / keys.max(FEW_KEYS).pow(2)).max(1)
}

/// Who asks, and what conditions there are.
pub(super) struct Ground<'a> {
    pub atom: &'a Atom,
    pub fresh: &'a Fresh,
    /// The conditions on the keys in question.
    pub conds: Vec<&'a Cond>,
}

/// All assignments of keys that belong together; `false`: there are more.
pub(super) fn assignments(keys: &[Rc<str>], ground: &Ground) -> (Vec<Assignment>, bool) {
    let mut done: Vec<Assignment> = vec![Assignment { values: Vec::new(), rank: Class::Public }];
    let mut left: Vec<&Rc<str>> = keys.iter().collect();
    let (mut complete, most) = (true, most(keys.len()));
    for (group, make) in TOGETHER.iter().zip([organizations as fn(&[Rc<str>], &Ground) -> _, times, sources]) {
        if left.iter().any(|k| group.contains(&k.as_ref())) {
            complete &= join(&mut done, &make(keys, ground), most);
            left.retain(|k| !group.contains(&k.as_ref()));
        }
    }
    // Keys that others take their values from come first.
    let is_taken = |key: &str| ground.conds.iter().any(|c| c.key != key && c.variables.iter().any(|v| v == key));
    left.sort_by_key(|key| !is_taken(key));
    for key in left {
        let env =
            if ground.conds.iter().any(|c| !c.variables.is_empty()) { environment(&done) } else { HashMap::new() };
        complete &= join(&mut done, &single(key, ground, &env), most);
    }
    (done, complete)
}

/// Every assignment so far with every further one, up to a number; `false`: there are more.
fn join(done: &mut Vec<Assignment>, more: &[Assignment], most: usize) -> bool {
    let whole = done.len().saturating_mul(more.len()) <= most;
    if let [only] = done.as_slice()
        && only.values.is_empty()
        && whole
    {
        *done = more.to_vec();
        return whole;
    }
    let mut joined = Vec::new();
    for one in done.iter() {
        for other in more {
            if joined.len() < most {
                let values = one.values.iter().chain(&other.values).cloned().collect();
                joined.push(Assignment { values, rank: one.rank.max(other.rank) });
            }
        }
    }
    *done = joined;
    whole
}

/// The values that keys have so far.
fn environment(done: &[Assignment]) -> HashMap<String, Vec<String>> {
    let mut env: HashMap<String, Vec<String>> = HashMap::new();
    for (key, values) in done.iter().flat_map(|a| &a.values) {
        let known = env.entry(key.to_string()).or_default();
        for value in values.iter().flat_map(|values| values.iter()) {
            if !known.contains(value) {
                known.push(value.clone());
            }
        }
    }
    env
}

/// The assignments of a key that stands alone.
fn single(name: &Rc<str>, ground: &Ground, env: &HashMap<String, Vec<String>>) -> Vec<Assignment> {
    let key = name.as_ref();
    let of = |values: Values, rank| Assignment { values: vec![(Rc::clone(name), values)], rank };
    // A key has a prefix: one without is in no request.
    let known = if key.contains(':') { ground.atom.known(key) } else { Known::Absent };
    match known {
        Known::Absent => return vec![of(None, Class::Public)],
        Known::Values(values) => return vec![of(Some(values.into()), Class::Public)],
        Known::Unknown => {}
    }
    if key == "aws:viaawsservice" {
        return ["false", "true"].map(|v| of(one(v), Class::Public)).into();
    }
    if key == "aws:resourceaccount" {
        return accounts_of_owner(ground).into_iter().map(|owner| of(one(owner), Class::Public)).collect();
    }
    let texts = texts(key, ground, env);
    let rank = |text: &str| rank(key, text, ground);
    let mut found: Vec<Assignment> = texts.iter().map(|t| of(one(t.as_str()), rank(t))).collect();
    if is_list(key, ground) {
        let lists = pairs(key, &texts, ground);
        found.extend(lists.into_iter().map(|list| {
            let widest = list.iter().map(|t| rank(t)).max().unwrap_or(Class::Public);
            of(Some(list.into()), widest)
        }));
    }
    let absent = of(None, Class::Public);
    // A call has an address more often than not; other keys are rather missing.
    if key == "aws:sourceip" {
        found.push(absent);
    } else {
        found.insert(0, absent);
    }
    found
}

/// Tells whether a request may hold several values of a key.
fn is_list(key: &str, ground: &Ground) -> bool {
    let asked = || ground.conds.iter().any(|c| c.key == key && c.operator.is_some_and(|o| o.set.is_some()));
    is_multivalued(key) || (crate::ecr::condition::find_key(key).is_none() && asked())
}

/// Lists of two texts that no condition tells alike, and of all of them.
fn pairs(key: &str, texts: &[String], ground: &Ground) -> Vec<Vec<String>> {
    let conds: Vec<&&Cond> = ground.conds.iter().filter(|c| c.key == key).collect();
    let mut seen: Vec<Vec<bool>> = Vec::new();
    let mut distinct: Vec<&String> = Vec::new();
    for text in texts {
        let lookup = |k: &str| if k == key { Known::Values(vec![text.clone()]) } else { ground.atom.known(k) };
        let truths: Vec<bool> = conds.iter().map(|c| c.holds(&lookup)).collect();
        if !seen.contains(&truths) {
            seen.push(truths);
            distinct.push(text);
        }
    }
    let mut lists = Vec::new();
    for (at, one) in distinct.iter().enumerate().take(40) {
        for other in distinct.iter().skip(at + 1).take(40) {
            lists.push(vec![(*one).clone(), (*other).clone()]);
        }
    }
    if distinct.len() > 2 {
        lists.push(distinct.into_iter().cloned().collect());
    }
    lists
}

/// Texts that stand for all values of a key.
fn texts(key: &str, ground: &Ground, env: &HashMap<String, Vec<String>>) -> Vec<String> {
    let mut found: Vec<String> = vec![fresh_value(key, ground.fresh)];
    let mut patterns: Vec<(String, bool)> = Vec::new();
    let (mut numbers, mut dates, mut ranges) = (Vec::new(), Vec::new(), Vec::new());
    let mut letter_case = false;
    for cond in ground.conds.iter().filter(|c| c.key == key) {
        let Some(family) = cond.family() else { continue };
        for value in &cond.condition.values {
            if cond.variables.is_empty() {
                match family {
                    Family::Number(_) => numbers.push(value.clone()),
                    Family::Date(_) => dates.extend(seconds(value)),
                    Family::Address => ranges.extend(range(value)),
                    Family::Bool => found.extend(["true", "false"].map(str::to_owned)),
                    Family::Binary => found.push(value.clone()),
                    _ => {}
                }
            } else {
                found.extend(fillings(value, ground.atom, env));
            }
        }
        letter_case |= family == Family::TextIgnoreCase;
        if matches!(family, Family::Text | Family::TextIgnoreCase | Family::TextLike | Family::Arn) {
            for pattern in cond.patterns() {
                let one = (pattern, family == Family::Arn);
                if !patterns.contains(&one) {
                    patterns.push(one);
                }
            }
        }
    }
    for cond in ground.conds.iter().filter(|c| c.key != key && c.variables.iter().any(|v| v == key)) {
        found.extend(taken_from(&cond.key, ground, env));
    }
    found.extend(fitting(&patterns, &ground.fresh.word));
    if letter_case {
        let swap = |c: char| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        let swapped: Vec<String> = found.iter().map(|t| t.chars().map(swap).collect()).collect();
        found.extend(swapped);
    }
    found.extend(between_numbers(&numbers));
    found.extend(between_dates(&dates).iter().map(|s| moment(*s)));
    found.extend(between_addresses(&ranges));
    let mut seen = std::collections::HashSet::new();
    found.retain(|text| !text.is_empty() && seen.insert(text.clone()));
    found
}

/// Texts that fit each pattern, and two at once.
pub(super) fn fitting(patterns: &[(String, bool)], word: &str) -> Vec<String> {
    let mut found: Vec<String> = patterns.iter().flat_map(|(p, _)| members(p, word)).collect();
    let wild: Vec<&(String, bool)> = patterns.iter().filter(|(p, _)| p.contains(['*', '?'])).collect();
    if wild.len() > 24 {
        return found;
    }
    let mut twos: Vec<(String, bool)> = Vec::new();
    for (at, (one, is_arn)) in wild.iter().enumerate() {
        for (other, other_arn) in wild.iter().skip(at + 1) {
            let is_arn = *is_arn && *other_arn;
            let met = if is_arn { common_arns(one, other, word) } else { common(one, other, word) };
            twos.extend(met.into_iter().map(|text| (text, is_arn)));
        }
    }
    found.extend(twos.into_iter().map(|(text, _)| text));
    found
}

/// The texts that a value with variables may stand for.
fn fillings(value: &str, atom: &Atom, env: &HashMap<String, Vec<String>>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    found.extend(filled(value, &|key| atom.known(key)));
    for (key, texts) in env {
        for text in texts.iter().filter(|_| value.to_ascii_lowercase().contains(key.as_str())) {
            let lookup = |k: &str| if k == key { Known::Values(vec![text.clone()]) } else { atom.known(k) };
            found.extend(filled(value, &lookup));
        }
    }
    found.sort();
    found
}

/// The values of another key, and their pieces: a variable may have to be one of them.
fn taken_from(key: &str, ground: &Ground, env: &HashMap<String, Vec<String>>) -> Vec<String> {
    let known = if let Known::Values(values) = ground.atom.known(key) { values } else { Vec::new() };
    let all = known.iter().chain(env.get(key).into_iter().flatten());
    all.flat_map(|text| std::iter::once(text.as_str()).chain(text.split(['/', ':']))).map(str::to_owned).collect()
}

/// A value that no condition names.
fn fresh_value(key: &str, fresh: &Fresh) -> String {
    let word = &fresh.word;
    match key {
        "aws:sourcevpce" => "vpce-09999999".to_owned(),
        "aws:sourcevpc" => "vpc-09999999".to_owned(),
        "aws:sourceip" => "198.18.0.1".to_owned(),
        "aws:vpcsourceip" => "10.255.255.1".to_owned(),
        "aws:vpceaccount" => fresh.account.clone(),
        "aws:userid" => format!("AROA{}:{word}", "9".repeat(17)),
        _ => word.clone(),
    }
}

/// Returns who can have a value.
fn rank(key: &str, text: &str, ground: &Ground) -> Class {
    let conds = || ground.conds.iter().filter(|c| c.key == key);
    let is_value = |c: &Cond, v: &String| match c.family() {
        Some(Family::TextIgnoreCase) => v.eq_ignore_ascii_case(text),
        _ => v == text && !(c.is_like() && is_wild(v)),
    };
    let is_listed = || conds().any(|c| c.condition.values.iter().any(|v| is_value(c, v)));
    // The account of an ARN cannot be chosen either.
    let is_of_listed_account = || {
        let account = text.split(':').nth(4);
        let exact = |c: &Cond, v: &String| exact_account(v, c.family()).is_some_and(|id| account == Some(id.as_str()));
        conds().any(|c| c.condition.values.iter().any(|v| exact(c, v)))
    };
    let is_of_listed_organization = || {
        let own = |path: &str| path.split_once('/').map(|(org, _)| org.to_owned()).filter(|org| !is_wild(org));
        conds().any(|c| c.condition.values.iter().any(|v| own(v).is_some_and(|org| own(text) == Some(org))))
    };
    let is_owners = || {
        let of = |variable: &str, own: &str| text == own && conds().any(|c| c.variables.iter().any(|v| v == variable));
        of("aws:resourceorgid", OWN_ORGANIZATION) || of("aws:resourceaccount", &ground.fresh.owner)
    };
    match key {
        "aws:sourceip" => {
            let Ok(address) = text.parse::<IpAddr>() else { return Class::Public };
            let within = |c: &&Cond| -> bool {
                let ranges = c.condition.values.iter().filter_map(|v| range(v));
                let narrow: Vec<_> = ranges.filter(|r| is_narrow(&[*r])).collect();
                c.family() == Some(Family::Address) && is_narrow(&narrow) && narrow.iter().any(|r| r.contains(&address))
            };
            let is_text = |c: &&&Cond| matches!(c.family(), Some(Family::Text | Family::TextIgnoreCase));
            let spelt = conds().filter(is_text).any(|c| c.condition.values.iter().any(|v| is_value(c, v)));
            if spelt || conds().any(within) { Class::Network } else { Class::Public }
        }
        "aws:sourcevpc" | "aws:sourcevpce" | "aws:ec2instancesourcevpc" if is_listed() => Class::Network,
        "aws:vpceaccount" | "aws:vpceorgid" if is_listed() || is_owners() => Class::Network,
        "aws:sourcevpcarn" if is_listed() || is_of_listed_account() => Class::Network,
        "aws:vpceorgpaths" if is_of_listed_organization() => Class::Network,
        "ec2:sourceinstancearn" | "lambda:sourcefunctionarn" | "ssm:sourceinstancearn" | "aws:chatbotsourcearn"
            if is_of_listed_account() =>
        {
            Class::CrossAccount
        }
        // An identity's unique id cannot be chosen; its session's name can.
        "aws:userid" => {
            let id = text.split(':').next().unwrap_or_default();
            let is_id = id.len() >= 12 && !id.contains(&"9".repeat(17));
            let spelt = conds().any(|c| {
                c.condition.values.iter().any(|v| v.split(':').next() == Some(id) && !(c.is_like() && is_wild(id)))
            });
            if is_id && spelt { Class::CrossAccount } else { Class::Public }
        }
        _ => Class::Public,
    }
}

pub(super) fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_keys_that_belong_together_do_not_cost_more() {
        assert_eq!((most(1), most(FEW_KEYS)), (MOST, MOST));
        for keys in FEW_KEYS + 1..500 {
            let whole = 1usize.checked_shl(u32::try_from(keys).unwrap()).unwrap_or(usize::MAX);
            assert!(whole > MOST, "{keys} keys with two values each never fit, so that nothing is lost");
            assert!((1..=MOST * FEW_KEYS / keys).contains(&most(keys)), "{keys}: {}", most(keys));
        }
    }
}
