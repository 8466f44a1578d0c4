//! Groups keys that tell of one thing, with their values, and those of them that are out of an outsider's reach.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::super::Class;
use super::super::rules::{Cond, Space};
use super::acceptor::Acceptor;
use super::listed::{Listed, between_addresses, between_dates, between_numbers, cuts, is_narrow, moment, within};
use super::pattern::{Pattern, arn, exact, glob, written};
use crate::condition::{Family, is_multivalued, range};
use crate::ecr::condition::{Form, ValueKind, find_key};

/// The thing that keys tell of. Keys of one group are fields of one word, or texts of one value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::access) enum Group {
    /// The caller.
    Caller,
    /// An organization and the places in it, by the beginning of the keys.
    Organization(&'static str),
    /// The resource on whose behalf a service calls.
    Source,
    /// The moment.
    Time,
    Single(Rc<str>),
}

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

const OF_ORGANIZATIONS: [(&str, &str, &str); 4] = [
    ("aws:principal", "aws:principalorgid", "aws:principalorgpaths"),
    ("aws:resource", "aws:resourceorgid", "aws:resourceorgpaths"),
    ("aws:source", "aws:sourceorgid", "aws:sourceorgpaths"),
    ("aws:vpce", "aws:vpceorgid", "aws:vpceorgpaths"),
];

impl Group {
    pub fn of(key: &str) -> Self {
        if is_of_caller(key) || matches!(key, "aws:username" | "aws:resourceaccount") {
            return Self::Caller;
        }
        if let Some((begin, ..)) = OF_ORGANIZATIONS.iter().find(|(_, id, paths)| *id == key || *paths == key) {
            return Self::Organization(begin);
        }
        match key {
            "aws:sourcearn" | "aws:sourceaccount" => Self::Source,
            "aws:currenttime" | "aws:epochtime" => Self::Time,
            other => Self::Single(other.into()),
        }
    }
}

/// Keys that tell something of one another.
const TOGETHER: &[&[&str]] = &[
    &["aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid"],
    &["aws:currenttime", "aws:epochtime"],
    &["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"],
    &["aws:principalarn", "aws:principalaccount", "aws:username"],
    &["aws:vpceorgid", "aws:vpceorgpaths"],
];

/// Tells whether one of two keys tells something of the other; letter case does not count.
pub(crate) fn are_together(one: &str, other: &str) -> bool {
    let within = |group: &[&str], key: &str| group.iter().any(|k| k.eq_ignore_ascii_case(key));
    TOGETHER.iter().any(|group| within(group, one) && within(group, other))
}

/// Tells whether a text is that of an organization's id.
pub(super) fn is_id_of_organization(key: &str) -> bool {
    OF_ORGANIZATIONS.iter().any(|(_, id, _)| *id == key)
}

/// A group with what the policies say of it.
#[derive(Debug)]
pub(in crate::access) struct KeyGroup {
    pub group: Group,
    /// The keys that are asked for.
    pub keys: Vec<Rc<str>>,
    pub conds: Vec<usize>,
    listed: OnceCell<Option<Listing>>,
    beyond: [OnceCell<Option<Rc<Acceptor>>>; 3],
}

/// The values of a group that stand in an order, and which conditions they match.
#[derive(Debug)]
pub(in crate::access) struct Listing {
    pub listed: Listed,
    /// The distance of each row from an outsider's reach.
    pub ranks: Vec<Class>,
    matching: Vec<OnceCell<Vec<bool>>>,
    conds: Vec<usize>,
}

impl Listing {
    /// The rows that match a value of a condition.
    pub fn matching(&self, cond: usize, read: &Cond) -> &[bool] {
        let place = self.conds.iter().position(|c| *c == cond);
        let cell = place.and_then(|place| self.matching.get(place));
        cell.map_or(&[][..], |cell| cell.get_or_init(|| self.listed.matching(read)))
    }
}

impl KeyGroup {
    pub fn new(group: Group) -> Self {
        Self { group, keys: Vec::new(), conds: Vec::new(), listed: OnceCell::new(), beyond: Default::default() }
    }

    /// Tells whether a request may hold several values of a single key.
    pub fn is_many(&self, space: &Space) -> bool {
        let Group::Single(key) = &self.group else { return false };
        let asked = || {
            let conds = self.conds.iter().filter_map(|c| space.conds.get(*c));
            conds.filter(|c| *c.key == **key).any(|c| c.operator.is_some_and(|o| o.set.is_some()))
        };
        is_multivalued(key) || (find_key(key).is_none() && asked())
    }

    /// The values, where they stand in an order; none: they are texts.
    pub fn listing(&self, space: &Space) -> Option<&Listing> {
        self.listed.get_or_init(|| self.list(space)).as_ref()
    }

    fn list(&self, space: &Space) -> Option<Listing> {
        let own: Vec<&Cond> = self
            .conds
            .iter()
            .filter_map(|c| space.conds.get(*c))
            .filter(|c| self.keys.iter().any(|k| **k == *c.key))
            .collect();
        let listed = match &self.group {
            Group::Time => times(&own),
            Group::Single(key) => single(key, &own)?,
            Group::Caller | Group::Organization(_) | Group::Source => return None,
        };
        let is_address = matches!(&self.group, Group::Single(key) if **key == *"aws:sourceip");
        let ranks = if is_address { ranks_of_addresses(&listed, &own) } else { vec![Class::Public; listed.rows.len()] };
        let matching = self.conds.iter().map(|_| OnceCell::new()).collect();
        Some(Listing { listed, ranks, matching, conds: self.conds.clone() })
    }

    /// The texts of a key that are further out of reach than a limit.
    pub fn beyond(&self, space: &Space, limit: Class, owner: &str) -> Option<Rc<Acceptor>> {
        let at = match limit {
            Class::Public => 0,
            Class::Network => 1,
            Class::Organization => 2,
            Class::CrossAccount | Class::Service | Class::OwnAccount | Class::None => return None,
        };
        self.beyond.get(at)?.get_or_init(|| self.out_of_reach(space, limit, owner)).clone()
    }

    fn out_of_reach(&self, space: &Space, limit: Class, owner: &str) -> Option<Rc<Acceptor>> {
        let conds = || self.conds.iter().filter_map(|c| space.conds.get(*c));
        let (rank, plain, folding) = match &self.group {
            Group::Organization("aws:principal") => {
                let (plain, folding) = named_organizations(conds());
                (Class::Organization, plain, folding)
            }
            Group::Organization("aws:vpce") => {
                let (plain, folding) = named_organizations(conds());
                (Class::Network, plain, folding)
            }
            Group::Single(key) => of_key(key, &conds().filter(|c| *c.key == **key).collect::<Vec<_>>(), owner)?,
            Group::Caller | Group::Organization(_) | Group::Source | Group::Time => return None,
        };
        if rank <= limit || (plain.is_empty() && folding.is_empty()) {
            return None;
        }
        // Where case does not count for one of them it is not counted for any: that keeps more out of reach.
        let all: Vec<Pattern> = plain.into_iter().chain(folding.iter().cloned()).collect();
        Some(Rc::new(Acceptor::new(all, !folding.is_empty())))
    }
}

fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// The values that a condition spells out.
fn spelt(cond: &Cond) -> impl Iterator<Item = &str> {
    let values = cond.condition.values.iter().map(String::as_str);
    values.filter(|v| !(v.contains("${") || (cond.is_like() && is_wild(v))))
}

fn is_folding(cond: &Cond) -> bool {
    cond.family() == Some(Family::TextIgnoreCase)
}

/// The ids of organizations that conditions on an id or on paths spell out; those whose case does not count apart.
fn named_organizations<'c>(conds: impl Iterator<Item = &'c Cond>) -> (Vec<Pattern>, Vec<Pattern>) {
    let (mut plain, mut folding) = (Vec::new(), Vec::new());
    for cond in conds {
        let list = if is_folding(cond) { &mut folding } else { &mut plain };
        if is_id_of_organization(&cond.key) {
            list.extend(spelt(cond).filter(|v| !v.is_empty() && !is_wild(v)).map(exact));
        } else if cond.key.ends_with("orgpaths") {
            let ids = cond.condition.values.iter().filter_map(|v| v.split_once('/')).map(|(id, _)| id);
            list.extend(ids.filter(|id| !is_wild(id) && !id.contains("${")).map(exact));
        }
    }
    (plain, folding)
}

/// Returns the values of a key that stands alone that are out of reach, and how far.
fn of_key(key: &str, conds: &[&Cond], owner: &str) -> Option<(Class, Vec<Pattern>, Vec<Pattern>)> {
    let (mut plain, mut folding) = (Vec::new(), Vec::new());
    let mut listed = |make: &dyn Fn(&str) -> Option<Pattern>| {
        for cond in conds {
            let list = if is_folding(cond) { &mut folding } else { &mut plain };
            list.extend(spelt(cond).filter_map(make));
        }
    };
    let account = |value: &str| {
        let id = value.split(':').nth(4).filter(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()))?;
        Some(arn(&written(&format!("*:*:*:*:{id}:*"))))
    };
    let rank = match key {
        "aws:sourceip" | "aws:sourcevpc" | "aws:sourcevpce" | "aws:ec2instancesourcevpc" => {
            listed(&|value| Some(exact(value)));
            Class::Network
        }
        "aws:vpceaccount" => {
            listed(&|value| Some(exact(value)));
            if conds.iter().any(|c| c.variables.iter().any(|v| v == "aws:resourceaccount")) {
                plain.push(exact(owner));
            }
            Class::Network
        }
        "aws:sourcevpcarn"
        | "ec2:sourceinstancearn"
        | "lambda:sourcefunctionarn"
        | "ssm:sourceinstancearn"
        | "aws:chatbotsourcearn" => {
            if key == "aws:sourcevpcarn" {
                listed(&|value| Some(exact(value)));
            }
            // The account of an ARN cannot be chosen, whatever else of it is open.
            for cond in conds {
                let list = if is_folding(cond) { &mut folding } else { &mut plain };
                let values = cond.condition.values.iter().filter(|v| !v.contains("${"));
                let over_colons =
                    |v: &str| cond.family() == Some(Family::TextLike) && v.split(':').take(4).any(|f| f.contains('*'));
                list.extend(values.filter(|v| !over_colons(v)).filter_map(|v| account(v)));
            }
            if key == "aws:sourcevpcarn" { Class::Network } else { Class::CrossAccount }
        }
        // An identity's unique id cannot be chosen; its session's name can.
        "aws:userid" => {
            for cond in conds {
                let list = if is_folding(cond) { &mut folding } else { &mut plain };
                for value in cond.condition.values.iter().filter(|v| !v.contains("${")) {
                    let id = value.split(':').next().unwrap_or_default();
                    if id.len() >= 12 && !(cond.is_like() && is_wild(id)) {
                        list.push(exact(id));
                        let signs = exact(&format!("{id}:"));
                        list.push(signs.into_iter().chain(glob(&written("*"))).collect());
                    }
                }
            }
            Class::CrossAccount
        }
        _ => return None,
    };
    Some((rank, plain, folding))
}

fn ranks_of_addresses(listed: &Listed, conds: &[&Cond]) -> Vec<Class> {
    let texts: Vec<&str> = listed.rows.iter().map(|row| row.first().map_or("", String::as_str)).collect();
    let mut is_near = vec![false; texts.len()];
    for cond in conds.iter().filter(|c| c.family() == Some(Family::Address)) {
        let ranges = cond.condition.values.iter().filter_map(|v| range(v));
        let narrow: Vec<_> = ranges.filter(|r| is_narrow(&[*r])).collect();
        if is_narrow(&narrow) {
            is_near.iter_mut().zip(within(&narrow, &texts)).for_each(|(near, is)| *near |= is);
        }
    }
    for cond in conds.iter().filter(|c| c.family() != Some(Family::Address)) {
        is_near
            .iter_mut()
            .zip(&texts)
            .for_each(|(near, text)| *near |= spelt(cond).any(|v| v.eq_ignore_ascii_case(text)));
    }
    is_near.into_iter().map(|near| if near { Class::Network } else { Class::Public }).collect()
}

/// The moment, told in two ways.
fn times(conds: &[&Cond]) -> Listed {
    let cut: Vec<i64> = conds.iter().flat_map(|c| &c.condition.values).flat_map(|v| cuts(v)).collect();
    let rows = between_dates(&cut).iter().map(|s| vec![moment(*s), s.to_string()]).collect();
    // Texts of moments are compared as texts by no more than a few policies.
    let is_whole =
        conds.iter().all(|c| matches!(c.family(), Some(Family::Date(_) | Family::Number(_) | Family::Null) | None));
    Listed { keys: vec!["aws:currenttime".into(), "aws:epochtime".into()], rows, is_whole }
}

/// The values of a key that stands alone, unless all that it is compared with are texts.
fn single(key: &Rc<str>, conds: &[&Cond]) -> Option<Listed> {
    let of = |rows: Vec<String>, is_whole: bool| {
        Some(Listed { keys: vec![Rc::clone(key)], rows: rows.into_iter().map(|text| vec![text]).collect(), is_whole })
    };
    let kind = find_key(key).map(|k| k.kind);
    if kind == Some(ValueKind::Bool) {
        return of(["false", "true"].map(str::to_owned).to_vec(), true);
    }
    let is_text = |f: Family| matches!(f, Family::Text | Family::TextIgnoreCase | Family::TextLike | Family::Arn);
    let families: Vec<Family> = conds.iter().filter_map(|c| c.family()).filter(|f| *f != Family::Null).collect();
    let is_of_texts = families.iter().all(|f| is_text(*f));
    if is_of_texts
        && !(families.is_empty() && matches!(kind, Some(ValueKind::Address | ValueKind::Number | ValueKind::Date)))
    {
        return None;
    }
    let values = |is: &dyn Fn(Family) -> bool| {
        let own = conds.iter().filter(|c| c.family().is_some_and(is));
        own.flat_map(|c| &c.condition.values).map(String::as_str).collect::<Vec<&str>>()
    };
    let mut rows: Vec<String> = Vec::new();
    let mut kinds = 0;
    if families.contains(&Family::Address) || kind == Some(ValueKind::Address) {
        rows.extend(between_addresses(
            &values(&|f| f == Family::Address).into_iter().filter_map(range).collect::<Vec<_>>(),
        ));
        kinds += 1;
    }
    if families.iter().any(|f| matches!(f, Family::Date(_))) || kind == Some(ValueKind::Date) {
        let cut: Vec<i64> = values(&|f| matches!(f, Family::Date(_))).into_iter().flat_map(cuts).collect();
        rows.extend(between_dates(&cut).iter().map(|s| moment(*s)));
        kinds += 1;
    }
    if families.iter().any(|f| matches!(f, Family::Number(_))) || kind == Some(ValueKind::Number) {
        let numbers = values(&|f| matches!(f, Family::Number(_)));
        rows.extend(between_numbers(numbers.into_iter()));
        if rows.is_empty() {
            rows.push("1".to_owned());
        }
        kinds += 1;
    }
    if families.contains(&Family::Bool) {
        rows.extend(["false", "true"].map(str::to_owned));
        kinds += 1;
    }
    if families.contains(&Family::Binary) {
        rows.extend(values(&|f| f == Family::Binary).into_iter().map(str::to_owned));
        kinds += 1;
    }
    let has_text = families.iter().any(|f| is_text(*f));
    if has_text {
        rows.extend(values(&is_text).into_iter().map(|v| v.replace(['*', '?'], "")));
        rows.extend(values(&is_text).into_iter().map(str::to_owned));
    }
    // What no operator can read matches nothing.
    if !matches!(kind, Some(ValueKind::Address | ValueKind::Number | ValueKind::Date)) {
        rows.push("other".to_owned());
    }
    rows.retain(|text| !text.is_empty());
    let mut seen = std::collections::HashSet::new();
    rows.retain(|text| seen.insert(text.clone()));
    of(rows, !has_text && kinds == 1)
}

/// The form of the texts of a key that stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    Account,
    Arn,
    /// A tag's, of so many characters at least.
    Tag(usize),
    /// Any, of so many characters at least.
    Any(usize),
}

pub(super) fn texts_of(key: &str) -> Texts {
    let info = find_key(key);
    let tags = ["aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "ecr:resourcetag/"];
    match info {
        Some(info) if info.form == Some(Form::Account) => Texts::Account,
        Some(info) if info.kind == ValueKind::Arn => Texts::Arn,
        _ if tags.iter().any(|tag| key.starts_with(tag)) => Texts::Tag(0),
        _ if key == "aws:tagkeys" => Texts::Tag(1),
        _ => Texts::Any(1),
    }
}

/// The groups of all keys that conditions and their variables ask for, and those of each condition.
pub(super) fn groups(space: &Space) -> (Vec<KeyGroup>, Vec<Vec<usize>>) {
    let mut groups: Vec<KeyGroup> = Vec::new();
    let mut places: HashMap<Group, usize> = HashMap::new();
    let mut of_conds = Vec::with_capacity(space.conds.len());
    for (at, cond) in space.conds.iter().enumerate() {
        let mut own: Vec<usize> = Vec::new();
        for key in std::iter::once(&cond.key).chain(&cond.variables) {
            let group = Group::of(key);
            let place = *places.entry(group.clone()).or_insert_with(|| {
                groups.push(KeyGroup::new(group));
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place) {
                if !group.keys.iter().any(|k| **k == **key) {
                    group.keys.push(key.as_str().into());
                }
                if group.conds.last() != Some(&at) {
                    group.conds.push(at);
                }
            }
            if !own.contains(&place) {
                own.push(place);
            }
        }
        of_conds.push(own);
    }
    (groups, of_conds)
}
