//! One value of a request against one value of a condition. Source: IAM user guide, condition operators.

use crate::text::glob::glob;
use std::cmp::Ordering;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use time::{Date, Month};

use super::variable::Piece;
use super::{Family, Order, Truth};

/// The result of comparing a value of the request with a value of the condition.
pub(super) struct Comparison {
    pub truth: Truth,
    /// The reason why AWS's documentation leaves it open, where it does.
    pub doubt: Option<String>,
}

impl From<bool> for Comparison {
    fn from(is: bool) -> Self {
        Self { truth: Truth::of(is), doubt: None }
    }
}

/// Compares by a family that reads no variables. `negated`: the operator is one of the Not forms, for which AWS does
/// not say what a value that it cannot read means.
pub(super) fn compare_plain(family: Family, wanted: &str, actual: &str, negated: bool) -> Comparison {
    let known = match family {
        Family::Bool => {
            let is_bool = ["true", "false"].iter().any(|b| wanted.eq_ignore_ascii_case(b));
            Some(is_bool && wanted.eq_ignore_ascii_case(actual))
        }
        Family::Binary => Some(same_bytes(wanted, actual)),
        Family::Address => {
            range(wanted).zip(actual.parse::<IpAddr>().ok()).map(|(range, actual)| range.contains(&actual))
        }
        Family::Number(order) => return numbers(order, wanted, actual, negated),
        Family::Date(order) => return compare_dates(order, wanted, actual, negated),
        Family::Text | Family::TextIgnoreCase | Family::TextLike | Family::Arn | Family::Null => Some(false),
    };
    known.map_or_else(|| compare_unreadable(wanted, actual, negated), Comparison::from)
}

/// A value that the operator cannot read matches nothing; whether a Not form then holds is not documented.
fn compare_unreadable(wanted: &str, actual: &str, negated: bool) -> Comparison {
    if !negated {
        return false.into();
    }
    let doubt =
        format!("AWS does not say what a negated operator makes of a value it cannot read (`{wanted}`, `{actual}`)");
    Comparison { truth: Truth::Unlikely, doubt: Some(doubt) }
}

/// Compares a text in which nothing is a variable.
pub(super) fn matches_written(family: Family, wanted: &str, actual: &str) -> bool {
    match family {
        Family::Text => wanted == actual,
        Family::TextIgnoreCase => wanted.to_lowercase() == actual.to_lowercase(),
        Family::TextLike => glob(wanted, actual),
        Family::Arn => {
            let (mut wanted, mut actual) = (wanted.splitn(6, ':'), actual.splitn(6, ':'));
            loop {
                match (wanted.next(), actual.next()) {
                    (None, None) => return true,
                    (Some(wanted), Some(actual)) if glob(wanted, actual) => {}
                    _ => return false,
                }
            }
        }
        _ => false,
    }
}

/// Compares texts in which variables have been replaced.
pub(super) fn matches_pieces(family: Family, wanted: &[Piece], actual: &str) -> bool {
    let text = || wanted.iter().map(|p| p.char()).collect::<String>();
    match family {
        Family::Text | Family::TextIgnoreCase => matches_written(family, &text(), actual),
        Family::TextLike => fits(wanted, &actual.chars().collect::<Vec<char>>()),
        Family::Arn => {
            let actual: Vec<Vec<char>> = actual.splitn(6, ':').map(|field| field.chars().collect()).collect();
            let wanted: Vec<&[Piece]> = wanted.splitn(6, |p| p.char() == ':').collect();
            wanted.len() == actual.len() && wanted.iter().zip(&actual).all(|(w, a)| fits(w, a))
        }
        _ => false,
    }
}

fn fits(pattern: &[Piece], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(actual) = text.get(t) {
        match pattern.get(p) {
            Some(Piece::Written('*')) => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            Some(wanted) if *wanted == Piece::Written('?') || wanted.char() == *actual => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        let Some((at, from)) = star else { return false };
        star = Some((at, from + 1));
        p = at + 1;
        t = from + 1;
    }
    pattern.iter().skip(p).all(|piece| *piece == Piece::Written('*'))
}

/// Reads an address, or a range of addresses such as `203.0.113.0/24`. Bits of the base beyond the prefix do not count,
/// and the two families of addresses never match each other.
pub(crate) fn range(text: &str) -> Option<IpNet> {
    match text.split_once('/') {
        Some((base, bits)) if bits.bytes().all(|b| b.is_ascii_digit()) => {
            IpNet::new(base.parse().ok()?, bits.parse().ok()?).ok()
        }
        Some(_) => None,
        None => text.parse::<IpAddr>().ok().map(IpNet::from),
    }
}

/// Tells whether a family of operators can read a value of a condition; a text is anything, an ARN has six fields.
pub(crate) fn is_readable(family: Family, value: &str) -> bool {
    match family {
        Family::Text | Family::TextIgnoreCase | Family::TextLike => true,
        Family::Number(_) => Decimal::parse(value).is_some(),
        Family::Date(_) => read_moment(value).is_some(),
        Family::Bool | Family::Null => ["true", "false"].iter().any(|b| value.eq_ignore_ascii_case(b)),
        Family::Binary => STANDARD.decode(value).is_ok(),
        Family::Address => range(value).is_some(),
        Family::Arn => {
            let mut fields = value.splitn(6, ':');
            value == "*" || (fields.next().is_some_and(|first| glob(first, "arn")) && fields.count() == 5)
        }
    }
}

fn same_bytes(wanted: &str, actual: &str) -> bool {
    wanted == actual || STANDARD.decode(wanted).is_ok_and(|w| STANDARD.decode(actual).is_ok_and(|a| a == w))
}

fn in_order(order: Order, actual_to_wanted: Ordering) -> bool {
    match order {
        Order::Equal => actual_to_wanted.is_eq(),
        Order::Less => actual_to_wanted.is_lt(),
        Order::LessOrEqual => actual_to_wanted.is_le(),
        Order::Greater => actual_to_wanted.is_gt(),
        Order::GreaterOrEqual => actual_to_wanted.is_ge(),
    }
}

/// Compares numbers. Of the forms of a number AWS names integers and decimals alone: what another form means is open.
fn numbers(order: Order, wanted: &str, actual: &str, negated: bool) -> Comparison {
    if let (Some(w), Some(a)) = (Decimal::parse(wanted), Decimal::parse(actual)) {
        let is = in_order(order, a.cmp(&w));
        return if is_usual(wanted) && is_usual(actual) {
            is.into()
        } else {
            odd_form(wanted, actual, is, true, negated)
        };
    }
    let (Some(w), Some(a)) = (plain_number(wanted), plain_number(actual)) else {
        return compare_unreadable(wanted, actual, negated);
    };
    let is = Decimal::parse(&w).zip(Decimal::parse(&a)).is_some_and(|(w, a)| in_order(order, a.cmp(&w)));
    odd_form(wanted, actual, is, false, negated)
}

/// The result for values of a form that AWS does not name: they compare as they seem to, or cannot be read. `is_likely`
/// tells which is the better reading.
fn odd_form(wanted: &str, actual: &str, is: bool, is_likely: bool, negated: bool) -> Comparison {
    if !is && !negated {
        return false.into();
    }
    let doubt = format!("AWS does not say how a value of this form is read (`{wanted}`, `{actual}`)");
    let truth = if is && is_likely { Truth::Likely } else { Truth::Unlikely };
    Comparison { truth, doubt: Some(doubt) }
}

/// Tells whether a number is written as numbers are: no sign but minus, no zero in front, digits around the point.
fn is_usual(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    !digits.starts_with('+')
        && !whole.is_empty()
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(|rest| !rest.is_empty())
}

/// The most digits that an exponent may add.
const MOST_ZEROS: usize = 400;

/// Writes a number with blanks around it or an exponent as a decimal number.
fn plain_number(text: &str) -> Option<String> {
    let text = text.trim();
    let Some((number, exponent)) = text.split_once(['e', 'E']) else {
        return Decimal::parse(text).map(|_| text.to_owned());
    };
    Decimal::parse(number)?;
    let exponent: i32 = exponent.parse().ok()?;
    let zeros = usize::try_from(exponent.unsigned_abs()).ok().filter(|zeros| *zeros <= MOST_ZEROS)?;
    let (sign, digits) = number.strip_prefix('-').map_or(("", number.trim_start_matches('+')), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let padding = "0".repeat(zeros);
    // The point moves over digits that are there or are filled up by zeros.
    let (left, right) = if exponent >= 0 {
        let all = format!("{fraction}{padding}");
        let (moved, rest) = all.split_at_checked(zeros)?;
        (format!("{whole}{moved}"), rest.to_owned())
    } else {
        let all = format!("{padding}{whole}");
        let (rest, moved) = all.split_at_checked(all.len() - zeros)?;
        (rest.to_owned(), format!("{moved}{fraction}"))
    };
    Some(format!("{sign}{left}.{right}"))
}

/// An integer or decimal number of any length, compared exactly: the digits before the point without leading zeros,
/// those behind it without trailing ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Decimal<'a> {
    pub negative: bool,
    pub whole: &'a str,
    pub fraction: &'a str,
}

impl<'a> Decimal<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) || whole.len() + fraction.len() == 0 {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let is_zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: text.starts_with('-') && !is_zero, whole, fraction })
    }

    pub fn cmp(&self, other: &Self) -> Ordering {
        let size = |a: &Self, b: &Self| {
            a.whole
                .len()
                .cmp(&b.whole.len())
                .then_with(|| a.whole.cmp(b.whole))
                .then_with(|| a.fraction.cmp(b.fraction))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => size(self, other),
            (true, true) => size(other, self),
        }
    }
}

/// A moment, in nanoseconds since 1970 in UTC, in each way in which a text can be read.
struct Moment {
    best: i128,
    /// Other readings: four digits are a year or a number of seconds, eight a date, thirteen milliseconds; a time without a
    /// zone may be anybody's.
    others: Option<[i128; 2]>,
}

const SECOND: i128 = 1_000_000_000;
const HOUR: i128 = 3_600 * SECOND;
const DAY: i128 = 24 * HOUR;

fn compare_dates(order: Order, wanted: &str, actual: &str, negated: bool) -> Comparison {
    let (Some(w), Some(a)) = (read_moment(wanted), read_moment(actual)) else {
        let odd = odd_moment(wanted).zip(odd_moment(actual));
        return match odd {
            Some((w, a)) => odd_form(wanted, actual, in_order(order, a.best.cmp(&w.best)), false, negated),
            None => compare_unreadable(wanted, actual, negated),
        };
    };
    let best = in_order(order, a.best.cmp(&w.best));
    let readings = |m: &Moment| {
        let [first, last] = m.others.unwrap_or([m.best; 2]);
        [m.best, first, last]
    };
    let open = readings(&w).iter().any(|w| readings(&a).iter().any(|a| in_order(order, a.cmp(w)) != best));
    if !open {
        return best.into();
    }
    let doubt = format!("AWS does not say how a date of this form is read (`{wanted}`, `{actual}`)");
    Comparison { truth: if best { Truth::Likely } else { Truth::Unlikely }, doubt: Some(doubt) }
}

/// Reads a date of the W3C profile of ISO 8601, or seconds since 1970. Source: IAM user guide, date condition operators.
fn read_moment(text: &str) -> Option<Moment> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && text.len() != 4 {
        let best = text.parse::<i64>().ok().map(i128::from)? * SECOND;
        // Eight digits may be a date without dashes, thirteen a number of milliseconds.
        let other = match text.len() {
            8 => with_dashes(text).and_then(|date| read_moment(&date)).map(|date| date.best),
            13 => Some(best / 1000),
            _ => None,
        };
        return Some(Moment { best, others: other.map(|other| [other; 2]) });
    }
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = read_digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |p| read_digits(p, 2))?;
    let day = parts.next().map_or(Some(1), |p| read_digits(p, 2))?;
    if parts.next().is_some() || (time.is_some() && date.len() != 10) {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    let epoch = Date::from_ordinal_date(1970, 1).ok()?;
    let midnight = i128::from((date - epoch).whole_days()) * DAY;
    let Some(time) = time else {
        let seconds = (text.len() == 4).then(|| [i128::from(year) * SECOND; 2]);
        return Some(Moment { best: midnight, others: seconds });
    };
    let (clock, ahead) = match time.strip_suffix('Z') {
        Some(clock) => (clock, Some(0)),
        None => match time.rfind(['+', '-']) {
            Some(at) => (time.get(..at)?, Some(read_zone(time.get(at..)?)?)),
            None => (time, None),
        },
    };
    let best = midnight + of_day(clock)? - ahead.unwrap_or(0);
    // Clocks on Earth are up to 14 hours ahead of UTC and up to 12 behind.
    let anywhere = [best - 14 * HOUR, best + 12 * HOUR];
    Some(Moment { best, others: ahead.is_none().then_some(anywhere) })
}

/// Reads a date in a form near those that AWS names: small letters, a blank for the `T`, no dashes or colons, single
/// digits, the end of a day, a long fraction, a zone in another form, a number of seconds with a sign or a fraction.
fn odd_moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    if let Some(read) = read_moment(text) {
        return Some(read);
    }
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    if let Some(number) = Decimal::parse(text) {
        let whole: i128 = format!("0{}", number.whole.get(..number.whole.len().min(20))?).parse().ok()?;
        let digits: String = number.fraction.chars().chain("000000000".chars()).take(9).collect();
        let size = whole * SECOND + digits.parse::<i128>().ok()?;
        return Some(Moment { best: if number.negative { -size } else { size }, others: None });
    }
    let upper = text.to_ascii_uppercase().replace('/', "-");
    let (date, time) = match upper.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time.trim_start())),
        None => (upper.strip_suffix('Z').unwrap_or(&upper), None),
    };
    let date = match with_dashes(date) {
        Some(date) => date,
        None => date.split('-').map(|part| format!("{part:0>2}")).collect::<Vec<_>>().join("-"),
    };
    let Some(time) = time else { return read_moment(&date) };
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(zone_at)?;
    let zone = match zone.len() {
        3 => format!("{zone}:00"),
        5 if !zone.contains(':') => format!("{}:{}", zone.get(..3)?, zone.get(3..)?),
        _ => zone.to_owned(),
    };
    let clock = clock.trim_end().replace(',', ".");
    let (clock, fraction) = clock.split_once('.').unwrap_or((&clock, "0"));
    let clock = match (clock.len(), clock.contains(':')) {
        (4, false) => format!("{}:{}", clock.get(..2)?, clock.get(2..)?),
        (6, false) => format!("{}:{}:{}", clock.get(..2)?, clock.get(2..4)?, clock.get(4..)?),
        _ => clock.split(':').map(|part| format!("{part:0>2}")).collect::<Vec<_>>().join(":"),
    };
    let ends_day = matches!(clock.as_str(), "24:00" | "24:00:00");
    let clock = if ends_day { "00:00:00".to_owned() } else { clock };
    let seconds = if clock.len() == 5 { ":00" } else { "" };
    let fraction = fraction.get(..fraction.len().min(9))?;
    let mut read = read_moment(&format!("{date}T{clock}{seconds}.{fraction}{zone}"))?;
    read.best += if ends_day { DAY } else { 0 };
    Some(read)
}

/// Puts the dashes into a date of eight digits.
fn with_dashes(date: &str) -> Option<String> {
    let is_date = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
    is_date.then(|| Some(format!("{}-{}-{}", date.get(..4)?, date.get(4..6)?, date.get(6..)?))).flatten()
}

/// The moment of a date as seconds since 1970, under the better reading.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    i64::try_from(read_moment(text)?.best.div_euclid(SECOND)).ok()
}

/// The same in nanoseconds.
pub(crate) fn nanoseconds(text: &str) -> Option<i128> {
    Some(read_moment(text)?.best)
}

/// The same where AWS's documentation leaves no other reading open.
pub(crate) fn sure_nanoseconds(text: &str) -> Option<i128> {
    let moment = read_moment(text)?;
    moment.others.is_none().then_some(moment.best)
}

fn read_digits(text: &str, length: usize) -> Option<i64> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// `hh:mm`, `hh:mm:ss` or with a fraction of a second.
fn of_day(clock: &str) -> Option<i128> {
    let mut parts = clock.split(':');
    let hours = read_digits(parts.next()?, 2).filter(|h| *h < 24)?;
    let minutes = read_digits(parts.next()?, 2).filter(|m| *m < 60)?;
    let (seconds, fraction) = match parts.next() {
        None => (0, ""),
        Some(text) => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
            (read_digits(whole, 2).filter(|s| *s < 60)?, fraction)
        }
    };
    let is_fraction = fraction.len() <= 9 && fraction.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || !is_fraction {
        return None;
    }
    let nanoseconds: i128 = format!("{fraction:0<9}").parse().ok()?;
    Some(i128::from(hours * 3600 + minutes * 60 + seconds) * SECOND + nanoseconds)
}

/// `+hh:mm` or `-hh:mm`: how far a zone is ahead of UTC.
fn read_zone(text: &str) -> Option<i128> {
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let ahead = i128::from(read_digits(hours, 2)? * 3600 + read_digits(minutes, 2)? * 60) * SECOND;
    Some(if text.starts_with('-') { -ahead } else { ahead })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(family: Family, wanted: &str, actual: &str) -> Truth {
        compare_plain(family, wanted, actual, false).truth
    }

    #[test]
    fn numbers_are_compared_exactly_at_any_length() {
        let less = Family::Number(Order::Less);
        for (wanted, actual, expected) in [
            ("9007199254740993", "9007199254740992", Truth::Yes),
            ("10", "9.75", Truth::Yes),
            ("-1", "-1.5", Truth::Yes),
            ("-1.5", "-1", Truth::No),
            ("0.0", "-0", Truth::No),
            ("3600abc", "1", Truth::No),
            ("inf", "1", Truth::No),
            ("", "1", Truth::No),
        ] {
            assert_eq!(truth(less, wanted, actual), expected, "{actual} < {wanted}");
        }
        let equal = Family::Number(Order::Equal);
        for (wanted, actual, expected) in [
            ("7.50", "7.5", Truth::Yes),
            ("0.5", "0.50", Truth::Yes),
            ("-0", "0", Truth::Yes),
            ("007.50", "+7.5", Truth::Likely),
            (".5", "0.5", Truth::Likely),
            ("5.", "5", Truth::Likely),
            ("007", "8", Truth::No),
            ("1e3", "1000", Truth::Unlikely),
            ("-1.25E+1", "-12.5", Truth::Unlikely),
            ("125e-1", "12.5", Truth::Unlikely),
            ("5e-3", "0.005", Truth::Unlikely),
            (" 5", "5", Truth::Unlikely),
            ("1e3", "1001", Truth::No),
            ("1e999999", "1", Truth::No),
            ("0x10", "16", Truth::No),
        ] {
            let found = compare_plain(equal, wanted, actual, false);
            assert_eq!((found.truth, found.doubt.is_some()), (expected, expected.is_open()), "{actual} = {wanted}");
        }
        for (wanted, actual, expected) in [("007", "7", Truth::Likely), ("007", "8", Truth::Unlikely)] {
            assert_eq!(compare_plain(equal, wanted, actual, true).truth, expected, "{actual} = {wanted}, negated");
        }
        let refused = compare_plain(Family::Number(Order::Equal), "3600abc", "1", true);
        assert!(refused.truth == Truth::Unlikely && refused.doubt.is_some());
    }

    #[test]
    fn dates_are_iso_texts_or_seconds() {
        let before = Family::Date(Order::Less);
        for (wanted, actual, expected) in [
            ("2030-01-01T00:00:00Z", "2026-11-23T09:00:00Z", Truth::Yes),
            ("2026-11-23T10:00:00+02:00", "2026-11-23T09:00:00Z", Truth::No),
            ("2026-11-23T10:00:00-02:00", "2026-11-23T09:00:00Z", Truth::Yes),
            ("1795424401", "2026-11-23T09:00:00Z", Truth::Yes),
            ("2026-11-23T09:00Z", "1795424399", Truth::Yes),
            ("2026-11-23T09:00:00.5Z", "2026-11-23T09:00:00.25Z", Truth::Yes),
            ("2027", "2026-12-31", Truth::Likely),
            ("2026-11", "2026-10-31", Truth::Yes),
            ("2026-11-23T10:00:00", "2026-11-23T09:00:00Z", Truth::Likely),
            ("2026-11-23T10:00:00", "2026-11-23T11:00:00Z", Truth::Unlikely),
            ("2026-11-23T10:00:00", "2026-11-24T11:00:00Z", Truth::No),
            ("2026-11-25T10:00:00", "2026-11-23T09:00:00Z", Truth::Yes),
            ("01/02/2030", "2026-11-23T09:00:00Z", Truth::No),
            ("2030-02-30", "2026-11-23", Truth::No),
            ("2030-01-01T24:00:00Z", "2026-11-23", Truth::Unlikely),
            ("2026-11-22T24:00:00Z", "2026-11-23", Truth::No),
            ("2030-01-01t00:00:00z", "2026-11-23", Truth::Unlikely),
            ("2030-01-01 00:00:00Z", "2026-11-23", Truth::Unlikely),
            ("2030-1-1", "2026-11-23", Truth::Unlikely),
            ("2030/01/01", "2026-11-23", Truth::Unlikely),
            ("20300101T000000Z", "2026-11-23", Truth::Unlikely),
            ("2030-01-01T00:00:00+0200", "2026-11-23", Truth::Unlikely),
            ("2030-01-01T00:00:00,5+02", "2026-11-23", Truth::Unlikely),
            ("2030-01-01T00:00:00.0123456789Z", "2026-11-23", Truth::Unlikely),
            ("2030-01-01Z", "2026-11-23", Truth::Unlikely),
            ("1795424400.5", "1795424400", Truth::Unlikely),
            ("0", "-1", Truth::Unlikely),
            ("2020-1-1", "2026-11-23", Truth::No),
            ("20300101", "2026-11-23", Truth::Unlikely),
            ("1795424400000", "2027-11-23", Truth::Likely),
            ("1795424400000", "2026-11-01", Truth::Yes),
            ("2030-01-01T00:00:00Q", "2026-11-23", Truth::No),
            ("tomorrow", "2026-11-23", Truth::No),
        ] {
            assert_eq!(truth(before, wanted, actual), expected, "{actual} before {wanted}");
        }
        assert_eq!(truth(Family::Date(Order::Equal), "1795424400", "2026-11-23T09:00:00Z"), Truth::Yes);
    }

    #[test]
    fn addresses_are_compared_as_addresses() {
        for (wanted, actual, expected) in [
            ("0.0.0.0/0", "8.8.8.8", Truth::Yes),
            ("203.0.113.77/24", "203.0.113.9", Truth::Yes),
            ("203.0.113.7", "203.0.113.7", Truth::Yes),
            ("203.0.113.0/33", "203.0.113.7", Truth::No),
            ("203.0.113.0/+24", "203.0.113.7", Truth::No),
            ("2001:DB8:0::1", "2001:db8::1", Truth::Yes),
            ("::/0", "203.0.113.7", Truth::No),
            ("0.0.0.0/0", "2001:db8::1", Truth::No),
        ] {
            assert_eq!(truth(Family::Address, wanted, actual), expected, "{actual} in {wanted}");
        }
    }

    #[test]
    fn booleans_and_bytes_are_compared_by_value() {
        assert_eq!(truth(Family::Bool, "TRUE", "true"), Truth::Yes);
        assert_eq!(truth(Family::Bool, "yes", "yes"), Truth::No);
        assert_eq!(truth(Family::Binary, "QUJD", "QUJD"), Truth::Yes);
        assert_eq!(truth(Family::Binary, "QUJD", "QUJE"), Truth::No);
    }

    #[test]
    fn a_pattern_takes_any_run_and_single_characters() {
        assert!(glob("a*b?d", "axxbcd") && glob("*", "") && glob("**", "x") && glob("", ""));
        assert!(!glob("a?", "a") && !glob("a", "ab") && !glob("?", "") && !glob("A", "a"));
    }
}
