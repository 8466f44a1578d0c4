//! Values that stand in an order: addresses, numbers and moments. What conditions name cuts the order into pieces between
//! which no condition can tell; one value of each piece stands for all of it.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use ipnet::IpNet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::super::rules::Cond;
use crate::condition::{Decimal, Family, Known, Order, nanoseconds, range, seconds};

/// All values of one key, or of several that tell the same in several ways.
#[derive(Debug)]
pub(in crate::access) struct Listed {
    pub keys: Vec<Rc<str>>,
    /// Each value, a text for each key.
    pub rows: Vec<Vec<String>>,
    /// Tells whether no value is missing that a condition could tell from these.
    pub is_whole: bool,
}

impl Listed {
    /// Tells which rows match a value of a condition; that the operator is negated does not count here.
    pub fn matching(&self, cond: &Cond) -> Vec<bool> {
        let Some(column) = self.keys.iter().position(|key| **key == *cond.key) else {
            return vec![false; self.rows.len()];
        };
        let texts = || self.rows.iter().map(|row| row.get(column).map_or("", String::as_str));
        let values = || cond.condition.values.iter().map(String::as_str);
        match cond.family() {
            Some(Family::Address) => {
                let ranges = Ranges::new(values().filter_map(range));
                texts().map(|text| text.parse().is_ok_and(|address| ranges.has(address))).collect()
            }
            Some(Family::Number(order)) => {
                numbers_matching(order, &values().filter_map(Decimal::parse).collect::<Vec<_>>(), texts())
            }
            Some(Family::Date(order)) => {
                dates_matching(order, &values().filter_map(nanoseconds).collect::<Vec<_>>(), texts())
            }
            _ => {
                let negated = cond.operator.is_some_and(|o| o.negated);
                let holds = |text: &str| {
                    cond.holds(&|key| {
                        if key == cond.key { Known::Values(vec![text.to_owned()]) } else { Known::Absent }
                    })
                };
                texts().map(|text| holds(text) != negated).collect()
            }
        }
    }
}

fn numbers_matching<'t>(order: Order, values: &[Decimal], texts: impl Iterator<Item = &'t str>) -> Vec<bool> {
    let equal: HashSet<Decimal> = values.iter().copied().collect();
    let least = values.iter().min_by(|a, b| a.cmp(b));
    let most = values.iter().max_by(|a, b| a.cmp(b));
    let is = |text: &str| {
        let Some(actual) = Decimal::parse(text) else { return false };
        let (least, most) = (least.map(|v| actual.cmp(v)), most.map(|v| actual.cmp(v)));
        in_order(order, equal.contains(&actual), least, most)
    };
    texts.map(is).collect()
}

fn dates_matching<'t>(order: Order, values: &[i128], texts: impl Iterator<Item = &'t str>) -> Vec<bool> {
    let equal: HashSet<i128> = values.iter().copied().collect();
    let (least, most) = (values.iter().min(), values.iter().max());
    let is = |text: &str| {
        let Some(actual) = nanoseconds(text) else { return false };
        in_order(order, equal.contains(&actual), least.map(|v| actual.cmp(v)), most.map(|v| actual.cmp(v)))
    };
    texts.map(is).collect()
}

/// Tells whether a value stands as asked to any of several, of which the least and the most decide about order.
fn in_order(order: Order, is_equal: bool, to_least: Option<Ordering>, to_most: Option<Ordering>) -> bool {
    match order {
        Order::Equal => is_equal,
        Order::Less => to_most.is_some_and(Ordering::is_lt),
        Order::LessOrEqual => to_most.is_some_and(Ordering::is_le),
        Order::Greater => to_least.is_some_and(Ordering::is_gt),
        Order::GreaterOrEqual => to_least.is_some_and(Ordering::is_ge),
    }
}

/// Ranges of addresses, joined and sorted; the two families stand apart.
struct Ranges([Vec<(u128, u128)>; 2]);

impl Ranges {
    fn new(ranges: impl Iterator<Item = IpNet>) -> Self {
        let mut sorted = [Vec::new(), Vec::new()];
        for one in ranges {
            let [four, six] = &mut sorted;
            if is_ipv4(&one) { four } else { six }.push(ends(&one));
        }
        Self(sorted.map(|mut list| {
            list.sort_unstable();
            let mut joined: Vec<(u128, u128)> = Vec::new();
            for (first, last) in list {
                match joined.last_mut() {
                    Some((_, end)) if first <= *end => *end = last.max(*end),
                    _ => joined.push((first, last)),
                }
            }
            joined
        }))
    }

    fn has(&self, address: IpAddr) -> bool {
        let [four, six] = &self.0;
        let list = if address.is_ipv4() { four } else { six };
        let number = number(address);
        let after = list.partition_point(|(first, _)| *first <= number);
        after.checked_sub(1).and_then(|at| list.get(at)).is_some_and(|(_, last)| number <= *last)
    }
}

/// Tells whether ranges are so small that they list places: 0.0.0.0/1 and 128.0.0.0/1 together are everywhere.
pub(super) fn is_narrow(ranges: &[IpNet]) -> bool {
    let four: u64 = ranges.iter().filter(|range| is_ipv4(range)).map(|range| 1u64 << (32 - range.prefix_len())).sum();
    let each = |range: &IpNet| range.prefix_len() >= if is_ipv4(range) { 8 } else { 16 };
    ranges.iter().all(each) && four <= 1 << 28
}

fn is_ipv4(range: &IpNet) -> bool {
    matches!(range, IpNet::V4(_))
}

/// Tells which addresses are within ranges.
pub(super) fn within(ranges: &[IpNet], texts: &[&str]) -> Vec<bool> {
    let ranges = Ranges::new(ranges.iter().copied());
    texts.iter().map(|text| text.parse().is_ok_and(|address| ranges.has(address))).collect()
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(a) => u128::from(u32::from(a)),
        IpAddr::V6(a) => u128::from(a),
    }
}

/// First and last address of a range.
fn ends(range: &IpNet) -> (u128, u128) {
    match range {
        IpNet::V4(range) => (u32::from(range.network()).into(), u32::from(range.broadcast()).into()),
        IpNet::V6(range) => (range.network().into(), range.broadcast().into()),
    }
}

/// An address in each piece into which ranges cut all addresses.
pub(super) fn between_addresses(ranges: &[IpNet]) -> Vec<String> {
    let mut found = Vec::new();
    for four in [true, false] {
        let most = if four { u128::from(u32::MAX) } else { u128::MAX };
        let mut cuts: Vec<u128> = vec![0];
        for range in ranges.iter().filter(|range| is_ipv4(range) == four) {
            let (first, last) = ends(range);
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
pub(super) fn between_numbers<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut numbers: Vec<(Decimal, &str)> = texts.filter_map(|text| Some((Decimal::parse(text)?, text))).collect();
    numbers.sort_by(|a, b| a.0.cmp(&b.0));
    numbers.dedup_by(|a, b| a.0 == b.0);
    let mut found: Vec<String> = numbers.iter().map(|(_, text)| (*text).to_owned()).collect();
    found.extend(numbers.first().map(|(first, _)| further(first, true)));
    found.extend(numbers.last().map(|(last, _)| further(last, false)));
    found.extend(numbers.iter().zip(numbers.iter().skip(1)).map(|((a, _), (b, _))| between(a, b)));
    found
}

/// A number beyond one, below or above.
fn further(number: &Decimal, below: bool) -> String {
    // A number by one further from zero has one digit more at most.
    let away = |sign: &str| format!("{sign}1{}", if number.whole.is_empty() { "0" } else { number.whole });
    match (below, number.negative) {
        (true, true) => away("-"),
        (true, false) if number.whole.is_empty() && number.fraction.is_empty() => "-1".to_owned(),
        (false, false) => plus_one(number).unwrap_or_else(|| away("")),
        (true, false) | (false, true) => "0".to_owned(),
    }
}

/// The next whole number, where it is a small one.
fn plus_one(number: &Decimal) -> Option<String> {
    let whole: u64 = if number.whole.is_empty() { 0 } else { number.whole.parse().ok()? };
    Some(whole.checked_add(1)?.to_string())
}

/// A number between two.
fn between(a: &Decimal, b: &Decimal) -> String {
    let text = |n: &Decimal, more: &str| {
        let (sign, whole) = (if n.negative { "-" } else { "" }, if n.whole.is_empty() { "0" } else { n.whole });
        format!("{sign}{whole}.{}{more}", n.fraction)
    };
    if a.fraction.is_empty()
        && b.fraction.is_empty()
        && let (Ok(low), Ok(high)) = (text(a, "0").parse::<f64>(), text(b, "0").parse::<f64>())
    {
        let middle = format!("{}", f64::midpoint(low, high));
        let is_between = Decimal::parse(&middle).is_some_and(|m| a.cmp(&m).is_lt() && m.cmp(b).is_lt());
        if is_between {
            return middle;
        }
    }
    if a.negative && !b.negative && !(b.whole.is_empty() && b.fraction.is_empty()) {
        return "0".to_owned();
    }
    // A little further from zero than the one that is nearer to it, by less than the other is.
    let little = format!("{}1", "0".repeat(a.fraction.len().max(b.fraction.len())));
    if a.negative { format!("-{}", text(b, &little).trim_start_matches('-')) } else { text(a, &little) }
}

/// A moment of these days, in seconds since 1970: the early morning of 15 January 2027.
pub(super) const THESE_DAYS: i64 = 1_800_000_000;

/// Each moment in whole seconds, one before all, one after, and one between any two; before and after all of them rather
/// these days than others.
pub(super) fn between_dates(moments: &[i64]) -> Vec<i64> {
    let mut sorted: Vec<i64> = moments.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut found = sorted.clone();
    found.extend(sorted.first().map(|s| s.saturating_sub(86_400).min(THESE_DAYS)));
    found.extend(sorted.last().map(|s| s.saturating_add(86_400).max(THESE_DAYS)));
    found.extend(sorted.iter().zip(sorted.iter().skip(1)).map(|(a, b)| a.midpoint(*b)));
    if found.is_empty() {
        found.push(THESE_DAYS);
    }
    found
}

/// The whole seconds at which a date cuts time: those before and after it, where it is a part of one.
pub(super) fn cuts(text: &str) -> Vec<i64> {
    if let Some(at) = nanoseconds(text) {
        let second = seconds(text);
        let is_whole = at.rem_euclid(1_000_000_000) == 0;
        return second
            .into_iter()
            .flat_map(|s| if is_whole { vec![s] } else { vec![s, s.saturating_add(1)] })
            .collect();
    }
    // Seconds since 1970, of any form that numbers have.
    let Some(number) = Decimal::parse(text) else { return Vec::new() };
    let whole: i64 = if number.whole.is_empty() { 0 } else { number.whole.parse().unwrap_or(i64::MAX) };
    let whole = if number.negative { -whole } else { whole };
    if number.fraction.is_empty() { vec![whole] } else { vec![whole.saturating_sub(1), whole, whole.saturating_add(1)] }
}

/// A moment as a request tells it: as a date, or in seconds since 1970 where there is no such date.
pub(super) fn moment(seconds: i64) -> String {
    let date = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|moment| moment.format(&Rfc3339).ok());
    date.unwrap_or_else(|| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_moment_before_after_and_between_all_however_far_off_they_are() {
        for moments in [vec![i64::MIN, i64::MAX], vec![0], vec![i64::MAX], vec![5, 9], vec![THESE_DAYS]] {
            let (first, last) = (moments[0], moments[moments.len() - 1]);
            let all = between_dates(&moments);
            assert!(all.iter().any(|m| *m < first) || first == i64::MIN, "{all:?}");
            assert!(all.iter().any(|m| *m > last) || last == i64::MAX, "{all:?}");
            assert!(all.iter().all(|m| !moment(*m).is_empty()));
        }
        assert_eq!(between_dates(&[5, 9]), [5, 9, -86_395, THESE_DAYS, 7]);
        assert_eq!((moment(0).as_str(), moment(i64::MAX).as_str()), ("1970-01-01T00:00:00Z", "9223372036854775807"));
        assert_eq!(cuts("1970-01-01T00:00:00.5Z"), [0, 1]);
        assert_eq!((cuts("2"), cuts("-1.5")), (vec![2], vec![-2, -1, 0]));
    }

    #[test]
    fn numbers_are_cut_exactly() {
        for texts in [
            vec!["1", "2"],
            vec!["-1", "0"],
            vec!["0", "0.1", "0.11"],
            vec!["-0.11", "-0.1"],
            vec!["9007199254740992", "9007199254740993"],
            vec!["99999999999999999999999999"],
            vec!["-99999999999999999999999999.5"],
            vec!["-5", "7"],
            vec!["0"],
        ] {
            let cut = between_numbers(texts.iter().copied());
            let sorted = {
                let mut all: Vec<Decimal> = cut.iter().map(|t| Decimal::parse(t).unwrap()).collect();
                all.sort_by(Decimal::cmp);
                all.dedup();
                all
            };
            assert_eq!(sorted.len(), 2 * texts.len() + 1, "{cut:?}");
            for (at, text) in texts.iter().enumerate() {
                assert_eq!(sorted[2 * at + 1], Decimal::parse(text).unwrap(), "{cut:?}");
            }
        }
    }

    #[test]
    fn joined_ranges_hold_what_each_of_them_holds() {
        let ranges: Vec<IpNet> = ["10.0.0.0/8", "10.1.0.0/16", "11.0.0.0/8", "2001:db8::/32", "0.0.0.0/32"]
            .into_iter()
            .filter_map(range)
            .collect();
        let texts = between_addresses(&ranges);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let joined = within(&ranges, &texts);
        for (text, is) in texts.iter().zip(joined) {
            let address: IpAddr = text.parse().unwrap();
            let each = ranges.iter().any(|range| range.contains(&address));
            assert_eq!(is, each, "{text}");
        }
        assert!(texts.len() > 6);
    }
}
