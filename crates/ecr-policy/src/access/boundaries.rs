//! Addresses, numbers and moments: one in each piece into which what conditions name cuts them.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Tells whether ranges are so small that they list places: 0.0.0.0/1 and 128.0.0.0/1 together are everywhere.
pub(super) fn is_narrow(ranges: &[IpNet]) -> bool {
    let is_ipv4 = |range: &&IpNet| matches!(range, IpNet::V4(_));
    let four: u64 = ranges.iter().filter(is_ipv4).map(|range| 1u64 << (32 - range.prefix_len())).sum();
    let each = |range: &IpNet| range.prefix_len() >= if is_ipv4(&range) { 8 } else { 16 };
    ranges.iter().all(each) && four <= 1 << 28
}

/// First and last address of a range.
fn ends(range: &IpNet) -> (u128, u128) {
    match range {
        IpNet::V4(range) => (u32::from(range.network()).into(), u32::from(range.broadcast()).into()),
        IpNet::V6(range) => (range.network().into(), range.broadcast().into()),
    }
}

/// An address in each piece into which the ranges cut all addresses.
pub(super) fn between_addresses(ranges: &[IpNet]) -> Vec<String> {
    let mut found = Vec::new();
    for four in [true, false] {
        let most = if four { u128::from(u32::MAX) } else { u128::MAX };
        let mut cuts: Vec<u128> = vec![0];
        for range in ranges.iter().filter(|range| matches!(range, IpNet::V4(_)) == four) {
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
pub(super) fn between_numbers(texts: &[String]) -> Vec<String> {
    let mut numbers: Vec<f64> = texts.iter().filter_map(|t| t.parse().ok()).filter(|n: &f64| n.is_finite()).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    let mut found: Vec<String> = texts.to_vec();
    found.extend(numbers.first().map(|n| format!("{}", n - 1.0)));
    found.extend(numbers.last().map(|n| format!("{}", n + 1.0)));
    found.extend(numbers.iter().zip(numbers.iter().skip(1)).map(|(a, b)| format!("{}", f64::midpoint(*a, *b))));
    found
}

/// A moment of these days, in seconds since 1970: the early morning of 15 January 2027.
pub(super) const THESE_DAYS: i64 = 1_800_000_000;

/// The same for moments, in seconds since 1970; before and after all of them rather these days than others.
pub(super) fn between_dates(moments: &[i64]) -> Vec<i64> {
    let mut sorted: Vec<i64> = moments.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut found = sorted.clone();
    found.extend(sorted.first().map(|s| s.saturating_sub(86_400).min(THESE_DAYS)));
    found.extend(sorted.last().map(|s| s.saturating_add(86_400).max(THESE_DAYS)));
    found.extend(sorted.iter().zip(sorted.iter().skip(1)).map(|(a, b)| a.midpoint(*b)));
    found
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
    }
}
