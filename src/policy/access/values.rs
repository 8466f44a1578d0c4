//! Values of condition keys: one for each way in which the conditions can tell values apart.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Class;
use super::callers::{Atom, Fresh, exact_account};
use super::owner::{OWN_ORGANIZATION, accounts_of_owner, beside, organizations_of_owner};
use super::pattern::{common, common_arns, members};
use super::space::Cond;
use crate::ecr::Arn;
use crate::policy::condition::{Family, Known, filled, is_multivalued, range, seconds};

/// The values of a key in a request; none: the key is absent.
pub(super) type Values = Option<Vec<String>>;

/// Values for keys that belong together.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    pub values: Vec<(String, Values)>,
    /// Who can have them: `Public` stands for anybody, `Network` for somebody at a listed place, `Organization` for a
    /// member of a named one, `CrossAccount` for one named identity.
    pub rank: Class,
}

/// The most assignments of keys that belong together.
const MOST: usize = 4_000;

/// How many keys that belong together may still have all their assignments: two values each make that many.
const FEW_KEYS: usize = 12;

/// The most assignments of so many keys. More keys than a few have too many in any case, and what each assignment costs
/// grows with the keys: as many are looked at as cost about the same.
fn most(keys: usize) -> usize {
    (MOST * FEW_KEYS.pow(2) / keys.max(FEW_KEYS).pow(2)).max(1)
}

/// Keys that tell the same in two ways: they are given values together.
pub(super) const TOGETHER: &[&[&str]] = &[
    &["aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid"],
    &["aws:currenttime", "aws:epochtime"],
    &["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"],
];

/// Who asks, and what conditions there are.
pub(super) struct Ground<'a> {
    pub atom: &'a Atom,
    pub fresh: &'a Fresh,
    /// The conditions on the keys in question.
    pub conds: Vec<&'a Cond>,
}

/// All assignments of keys that belong together; `false`: there are more.
pub(super) fn assignments(keys: &[String], ground: &Ground) -> (Vec<Assignment>, bool) {
    let mut done: Vec<Assignment> = vec![Assignment { values: Vec::new(), rank: Class::Public }];
    let mut left: Vec<String> = keys.to_vec();
    let (mut complete, most) = (true, most(keys.len()));
    let has = |left: &[String], group: &[&str]| left.iter().any(|k| group.contains(&k.as_str()));
    for (group, make) in TOGETHER.iter().zip([organizations as fn(&Ground) -> Vec<Assignment>, times, sources]) {
        if has(&left, group) {
            complete &= join(&mut done, &make(ground), most);
            left.retain(|k| !group.contains(&k.as_str()));
        }
    }
    // Keys that others take their values from come first.
    left.sort_by_key(|k| !ground.conds.iter().any(|c| c.key != *k && c.variables.contains(k)));
    for key in &left {
        let env = environment(&done);
        complete &= join(&mut done, &single(key, ground, &env), most);
    }
    for assignment in &mut done {
        assignment.values.retain(|(key, _)| keys.contains(key));
    }
    (done, complete)
}

/// Every assignment so far with every further one, up to a number; `false`: there are more.
fn join(done: &mut Vec<Assignment>, more: &[Assignment], most: usize) -> bool {
    let whole = done.len().saturating_mul(more.len()) <= most;
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
        let known = env.entry(key.clone()).or_default();
        for value in values.iter().flatten() {
            if !known.contains(value) {
                known.push(value.clone());
            }
        }
    }
    env
}

/// The assignments of a key that stands alone.
fn single(key: &str, ground: &Ground, env: &HashMap<String, Vec<String>>) -> Vec<Assignment> {
    let of = |values: Values, rank| Assignment { values: vec![(key.to_owned(), values)], rank };
    match ground.atom.known(key) {
        Known::Absent => return vec![of(None, Class::Public)],
        Known::Values(values) => return vec![of(Some(values), Class::Public)],
        Known::Unknown => {}
    }
    if key == "aws:viaawsservice" {
        return ["false", "true"].map(|v| of(Some(vec![v.to_owned()]), Class::Public)).into();
    }
    if key == "aws:resourceaccount" {
        return accounts_of_owner(ground).into_iter().map(|owner| of(Some(vec![owner]), Class::Public)).collect();
    }
    let texts = texts(key, ground, env);
    let rank = |text: &str| rank(key, text, ground);
    let mut found: Vec<Assignment> = texts.iter().map(|t| of(Some(vec![t.clone()]), rank(t))).collect();
    if is_list(key, ground) {
        let lists = pairs(key, &texts, ground);
        found.extend(lists.into_iter().map(|list| {
            let widest = list.iter().map(|t| rank(t)).max().unwrap_or(Class::Public);
            of(Some(list), widest)
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

/// Whether a request may hold several values of a key.
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
    found.extend(between_dates(&dates).iter().filter_map(|s| iso(*s)));
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

/// Who can have a value.
fn rank(key: &str, text: &str, ground: &Ground) -> Class {
    let conds = || ground.conds.iter().filter(|c| c.key == key);
    let is_value = |c: &Cond, v: &String| match c.family() {
        Some(Family::TextIgnoreCase) => v.eq_ignore_ascii_case(text),
        _ => v == text && !(c.is_like() && is_wild(v)),
    };
    let is_listed = || conds().any(|c| c.condition.values.iter().any(|v| is_value(c, v)));
    // The account of an ARN cannot be chosen either.
    let is_of_listed_account = || {
        let account = Arn::parse(text).map(|arn| arn.account);
        let exact = |c: &Cond, v: &String| exact_account(v, c.family()).is_some_and(|id| account == Some(id));
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
                let ranges: Vec<_> = c.condition.values.iter().filter_map(|v| range(v)).collect();
                c.family() == Some(Family::Address) && is_narrow(&ranges) && ranges.iter().any(|r| holds(*r, address))
            };
            let is_text = |c: &&&Cond| matches!(c.family(), Some(Family::Text | Family::TextIgnoreCase));
            let spelt = conds().filter(is_text).any(|c| c.condition.values.iter().any(|v| is_value(c, v)));
            if spelt || conds().any(within) { Class::Network } else { Class::Public }
        }
        "aws:sourcevpc" | "aws:sourcevpce" | "aws:ec2instancesourcevpc" if is_listed() => Class::Network,
        "aws:vpceaccount" | "aws:vpceorgid" if is_listed() || is_owners() => Class::Network,
        "aws:sourcevpcarn" if is_listed() || is_of_listed_account() => Class::Network,
        "aws:vpceorgpaths" if is_of_listed_organization() => Class::Network,
        "ec2:sourceinstancearn" | "lambda:sourcefunctionarn" | "ssm:sourceinstancearn" if is_of_listed_account() => {
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

fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether ranges are so small that they list places: 0.0.0.0/1 and 128.0.0.0/1 together are everywhere.
fn is_narrow(ranges: &[(IpAddr, u32)]) -> bool {
    let four: u64 =
        ranges.iter().filter(|(base, _)| base.is_ipv4()).map(|(_, bits)| 1u64 << (32 - bits.min(&32))).sum();
    let each = |(base, bits): &(IpAddr, u32)| if base.is_ipv4() { *bits >= 8 } else { *bits >= 16 };
    ranges.iter().all(each) && four <= 1 << 28
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(a) => u128::from(u32::from(a)),
        IpAddr::V6(a) => u128::from(a),
    }
}

/// First and last address of a range.
fn ends((base, bits): (IpAddr, u32)) -> (u128, u128) {
    let width = if base.is_ipv4() { 32 } else { 128 };
    let free = width - bits.min(width);
    let rest = if free >= 128 { u128::MAX } else { (1u128 << free) - 1 };
    (number(base) & !rest, number(base) | rest)
}

fn holds(range: (IpAddr, u32), address: IpAddr) -> bool {
    let (first, last) = ends(range);
    range.0.is_ipv4() == address.is_ipv4() && (first..=last).contains(&number(address))
}

/// An address in each piece into which the ranges cut all addresses.
fn between_addresses(ranges: &[(IpAddr, u32)]) -> Vec<String> {
    let mut found = Vec::new();
    for four in [true, false] {
        let most = if four { u128::from(u32::MAX) } else { u128::MAX };
        let mut cuts: Vec<u128> = vec![0];
        for range in ranges.iter().filter(|(base, _)| base.is_ipv4() == four) {
            let (first, last) = ends(*range);
            cuts.push(first);
            cuts.extend(last.checked_add(1).filter(|c| *c <= most));
        }
        cuts.sort_unstable();
        cuts.dedup();
        let usual: [u128; 3] = if four {
            [Ipv4Addr::new(198, 51, 100, 7), Ipv4Addr::new(192, 0, 2, 7), Ipv4Addr::new(8, 8, 8, 8)]
                .map(|a| u128::from(u32::from(a)))
        } else {
            [
                Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7),
                Ipv6Addr::new(0x2001, 0x4860, 0, 0, 0, 0, 0, 7),
                Ipv6Addr::LOCALHOST,
            ]
            .map(u128::from)
        };
        for (at, first) in cuts.iter().enumerate() {
            let last = cuts.get(at + 1).map_or(most, |next| next - 1);
            let common = usual.into_iter().find(|u| (*first..=last).contains(u));
            // The first address of a network is nobody's.
            let chosen = common.unwrap_or_else(|| first.saturating_add(7).min(last).max(*first));
            found.push(if four {
                Ipv4Addr::from(u32::try_from(chosen).unwrap_or(u32::MAX)).to_string()
            } else {
                Ipv6Addr::from(chosen).to_string()
            });
        }
    }
    found
}

/// Each number, one below all, one above, and one between any two that are next to each other.
fn between_numbers(texts: &[String]) -> Vec<String> {
    let mut numbers: Vec<f64> = texts.iter().filter_map(|t| t.parse().ok()).filter(|n: &f64| n.is_finite()).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    let mut found: Vec<String> = texts.to_vec();
    found.extend(numbers.first().map(|n| format!("{}", n - 1.0)));
    found.extend(numbers.last().map(|n| format!("{}", n + 1.0)));
    found.extend(numbers.iter().zip(numbers.iter().skip(1)).map(|(a, b)| format!("{}", f64::midpoint(*a, *b))));
    found
}

/// The same for moments, in seconds since 1970.
fn between_dates(moments: &[i64]) -> Vec<i64> {
    let mut sorted: Vec<i64> = moments.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut found = sorted.clone();
    found.extend(sorted.first().map(|s| s - 86_400));
    found.extend(sorted.last().map(|s| s + 86_400));
    found.extend(sorted.iter().zip(sorted.iter().skip(1)).map(|(a, b)| a + (b - a) / 2));
    found
}

fn iso(seconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
}

/// The values under every condition on a key.
fn values_of<'a>(ground: &'a Ground, key: &'a str) -> impl Iterator<Item = (&'a Cond, &'a String)> {
    let conds = ground.conds.iter().filter(move |c| c.key == key);
    conds.flat_map(|c| c.condition.values.iter().map(move |v| (*c, v)))
}

/// The moment, told in two ways.
fn times(ground: &Ground) -> Vec<Assignment> {
    let mut moments: Vec<i64> = values_of(ground, "aws:currenttime").filter_map(|(_, v)| seconds(v)).collect();
    moments.extend(values_of(ground, "aws:epochtime").filter_map(|(_, v)| seconds(v).or_else(|| v.parse().ok())));
    let mut all = between_dates(&moments);
    if all.is_empty() {
        all.push(1_800_000_000);
    }
    let assignment = |second: &i64| {
        let values = vec![
            ("aws:currenttime".to_owned(), Some(vec![iso(*second)?])),
            ("aws:epochtime".to_owned(), Some(vec![second.to_string()])),
        ];
        Some(Assignment { values, rank: Class::Public })
    };
    all.iter().filter_map(assignment).collect()
}

/// The caller's organization and where the caller is in it: both are there or neither.
fn organizations(ground: &Ground) -> Vec<Assignment> {
    let of = |org: Values, paths: Values, rank| {
        let values = vec![("aws:principalorgid".to_owned(), org), ("aws:principalorgpaths".to_owned(), paths)];
        Assignment { values, rank }
    };
    let owners = organizations_of_owner(ground);
    let mut all = vec![of(None, None, Class::Public)];
    if ground.atom.is_service() {
        return beside(all, &owners);
    }
    let word = &ground.fresh.word;
    let (ids, id_texts) = patterns_of(ground, "aws:principalorgid");
    let (paths, _) = patterns_of(ground, "aws:principalorgpaths");
    let mut named: Vec<String> = id_texts;
    named.extend(paths.iter().filter_map(|(p, _)| p.split_once('/')).map(|(org, _)| org.to_owned()));
    named.extend(owners.iter().flatten().flatten().cloned());
    named.retain(|org| !is_wild(org) && !org.is_empty());
    let stranger = "o-9999999999".to_owned();
    let mut orgs = vec![stranger.clone()];
    orgs.extend(named.iter().cloned());
    orgs.extend(fitting(&ids, word));
    orgs.extend(paths.iter().filter(|(p, _)| is_wild(p)).flat_map(|(p, _)| {
        let met = common(p, "o-*/*", word);
        met.into_iter().filter_map(|path| path.split_once('/').map(|(org, _)| org.to_owned()))
    }));
    let mut seen = std::collections::HashSet::new();
    orgs.retain(|org| !org.is_empty() && !is_wild(org) && seen.insert(org.clone()));
    for org in &orgs {
        let rank = if named.contains(org) { Class::Organization } else { Class::Public };
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
            all.push(of(Some(vec![org.clone()]), Some(vec![place]), rank));
        }
    }
    beside(all, &owners)
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
fn sources(ground: &Ground) -> Vec<Assignment> {
    let of = |arn: Values, account: Values, org: Values, paths: Values| Assignment {
        values: vec![
            ("aws:sourcearn".to_owned(), arn),
            ("aws:sourceaccount".to_owned(), account),
            ("aws:sourceorgid".to_owned(), org),
            ("aws:sourceorgpaths".to_owned(), paths),
        ],
        rank: Class::Public,
    };
    let nothing = of(None, None, None, None);
    if !ground.atom.is_service() {
        return vec![nothing];
    }
    let word = &ground.fresh.word;
    let (arns, _) = patterns_of(ground, "aws:sourcearn");
    let (accounts, _) = patterns_of(ground, "aws:sourceaccount");
    let mut ids = vec![ground.fresh.account.clone()];
    ids.extend(fitting(&accounts, word));
    let field = |arn: &str| Arn::parse(arn).map(|a| a.account).unwrap_or_default();
    ids.extend(arns.iter().map(|(p, _)| field(p)).filter(|a| !is_wild(a) && !a.is_empty()));
    let mut seen = std::collections::HashSet::new();
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
    let mut seen = std::collections::HashSet::new();
    texts.retain(|t| seen.insert(t.clone()));
    let mut found: Vec<(Values, Values)> = Vec::new();
    for text in &texts {
        let account = field(text);
        if account.is_empty() {
            found.extend(ids.iter().map(|id| (Some(vec![text.clone()]), Some(vec![id.clone()]))));
        } else {
            found.push((Some(vec![text.clone()]), Some(vec![account])));
        }
        found.push((Some(vec![text.clone()]), None));
    }
    found.extend(ids.iter().map(|id| (None, Some(vec![id.clone()]))));
    found.insert(0, (None, None));
    let choices = |key: &str| -> Vec<Values> {
        let (patterns, _) = patterns_of(ground, key);
        let mut all: Vec<Values> = vec![None];
        if !patterns.is_empty() || ground.conds.iter().any(|c| c.key == key) {
            all.push(Some(vec![format!("o-9999999999{}", if key.ends_with("paths") { "/" } else { "" })]));
            all.extend(fitting(&patterns, word).into_iter().filter(|t| !t.is_empty()).map(|t| Some(vec![t])));
            if key == "aws:sourceorgid" {
                all.extend(organizations_of_owner(ground).into_iter().flatten().map(Some));
            }
        }
        all
    };
    let (orgs, paths) = (choices("aws:sourceorgid"), choices("aws:sourceorgpaths"));
    let mut all = Vec::new();
    for (arn, account) in &found {
        for org in &orgs {
            for path in &paths {
                all.push(of(arn.clone(), account.clone(), org.clone(), path.clone()));
            }
        }
    }
    all.truncate(MOST);
    all
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
