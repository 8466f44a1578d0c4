//! The moments between which a condition on the time of the call holds. Source: IAM user guide, date condition operators;
//! global condition keys `aws:CurrentTime` and `aws:EpochTime`, which every request holds.

use super::compare::{Decimal, sure_nanoseconds};
use super::{Family, Operator, Order};
use crate::ecr::AccessEnd;
use crate::model::document::{Condition, Effect, Policy, Statement};

const SECOND: i128 = 1_000_000_000;

/// One side of the time in which a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeBound {
    /// It holds before the moment, and at it where `is_last` says so.
    Until {
        /// The moment.
        moment: AccessEnd,
        /// Tells whether a call at the moment itself is let through.
        is_last: bool,
    },
    /// It holds from the moment on, or right after it.
    From(AccessEnd),
    /// It holds at the moment alone.
    At(AccessEnd),
}

impl TimeBound {
    /// Reads the bound that a condition sets. None: it is about something else, or AWS's documentation leaves open which
    /// moment a value of it means.
    pub fn of_condition(condition: &Condition) -> Option<Self> {
        let operator = Operator::parse(&condition.operator).filter(|o| !o.negated && o.set.is_none())?;
        let key = condition.key.to_ascii_lowercase();
        let (order, read): (Order, fn(&str) -> Option<i128>) = match (operator.family, key.as_str()) {
            (Family::Date(order), "aws:currenttime" | "aws:epochtime") => (order, sure_nanoseconds),
            (Family::Number(order), "aws:epochtime") => (order, whole_seconds),
            _ => return None,
        };
        let moments = condition.values.iter().map(|value| read(value)).collect::<Option<Vec<_>>>()?;
        // Any of the values will do: the widest one counts.
        let (first, last) = (*moments.iter().min()?, *moments.iter().max()?);
        let of = |moment: i128| AccessEnd::of_seconds(i64::try_from(moment.div_euclid(SECOND)).ok()?);
        let is_whole = last.rem_euclid(SECOND) == 0;
        Some(match order {
            Order::Less => Self::Until { moment: of(last)?, is_last: !is_whole },
            Order::LessOrEqual => Self::Until { moment: of(last)?, is_last: true },
            Order::Greater | Order::GreaterOrEqual => Self::From(of(first)?),
            Order::Equal if first == last => Self::At(of(first)?),
            Order::Equal => return None,
        })
    }

    /// Tells whether it surely holds for no call from `now` on, in seconds since 1970.
    pub fn has_ended(self, now: i64) -> bool {
        match self {
            Self::Until { moment, is_last: false } => moment.is_past(now),
            Self::Until { moment, is_last: true } | Self::At(moment) => moment.seconds() < now,
            Self::From(_) => false,
        }
    }

    /// Tells whether it holds right after a moment, in seconds since 1970: for a call in the second that begins then,
    /// the moment itself aside.
    pub(crate) fn holds_after(self, moment: i64) -> bool {
        match self {
            Self::Until { moment: end, .. } => end.seconds() > moment,
            Self::From(begin) => begin.seconds() <= moment,
            Self::At(_) => false,
        }
    }

    /// Returns the moment that it is about.
    pub(crate) fn moment(self) -> AccessEnd {
        match self {
            Self::Until { moment, .. } | Self::From(moment) | Self::At(moment) => moment,
        }
    }

    /// Returns the moment after which no call is let through; none: it sets no end.
    pub fn end(self) -> Option<AccessEnd> {
        match self {
            Self::Until { moment, .. } | Self::At(moment) => Some(moment),
            Self::From(_) => None,
        }
    }
}

/// Reads a number of seconds, without a fraction, as nanoseconds.
fn whole_seconds(text: &str) -> Option<i128> {
    let number = Decimal::parse(text).filter(|number| number.fraction.chars().all(|digit| digit == '0'))?;
    let size: i128 = format!("0{}", number.whole).parse().ok()?;
    (!number.negative).then(|| size.checked_mul(SECOND)).flatten()
}

/// Returns the soonest moment at which the conditions of a statement end it; none: no condition on the time does.
pub fn statement_end(statement: &Statement) -> Option<AccessEnd> {
    soonest_end(&statement.conditions)
}

/// Returns the soonest end that conditions set which must all hold.
pub fn soonest_end(conditions: &[Condition]) -> Option<AccessEnd> {
    conditions.iter().filter_map(TimeBound::of_condition).filter_map(TimeBound::end).min()
}

/// Tells whether a statement surely matches no call from `now` on, in seconds since 1970: one of its conditions has ended.
pub fn has_ended(statement: &Statement, now: i64) -> bool {
    have_ended(&statement.conditions, now)
}

/// Returns the policy as it decides from `now` on, in seconds since 1970: an Allow or a Deny that has ended keeps its place
/// and says nothing, and a Deny that has begun is without the condition that says when.
pub fn in_force(policy: &Policy, now: i64) -> Policy {
    with_silent(&denies_in_force(policy, now), |statement| has_ended(statement, now))
}

/// Returns the same with every Allow as it is: what it says counts, ended or not.
pub fn denies_in_force(policy: &Policy, now: i64) -> Policy {
    let is_ended_deny = |statement: &Statement| statement.effect == Effect::Deny && has_ended(statement, now);
    let mut policy = with_silent(policy, is_ended_deny);
    for statement in policy.statements.iter_mut().filter(|statement| statement.effect == Effect::Deny) {
        statement.conditions.retain(|condition| !has_begun(condition, now));
    }
    policy
}

/// Tells whether a condition surely holds for every call from `now` on, because it sets a beginning that is past.
pub(crate) fn has_begun(condition: &Condition, now: i64) -> bool {
    matches!(TimeBound::of_condition(condition), Some(TimeBound::From(moment)) if moment.seconds() < now)
}

/// Returns the policy with these statements silent: each keeps its place, and is about no action.
pub(crate) fn with_silent(policy: &Policy, is_silent: impl Fn(&Statement) -> bool) -> Policy {
    let mut policy = policy.clone();
    for statement in policy.statements.iter_mut().filter(|statement| is_silent(statement)) {
        statement.actions.patterns.clear();
        statement.actions.negated = false;
    }
    policy
}

/// Tells whether one of conditions that must all hold has ended.
pub fn have_ended(conditions: &[Condition], now: i64) -> bool {
    conditions.iter().filter_map(TimeBound::of_condition).any(|bound| bound.has_ended(now))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::condition::{Known, Truth, holds};

    fn condition(operator: &str, key: &str, values: &[&str]) -> Condition {
        let values = values.iter().map(ToString::to_string).collect();
        Condition { operator: operator.to_owned(), key: key.to_owned(), values }
    }

    /// Returns whether a condition holds for a call at a moment, in nanoseconds since 1970.
    fn truth_at(condition: &Condition, moment: i128) -> Truth {
        let time = time::OffsetDateTime::from_unix_timestamp_nanos(moment).unwrap();
        let text = time.format(&time::format_description::well_known::Rfc3339).unwrap();
        let seconds = moment.div_euclid(SECOND).to_string();
        holds(condition, true, &|key| match key {
            "aws:currenttime" => Known::Values(vec![text.clone()]),
            "aws:epochtime" => Known::Values(vec![seconds.clone()]),
            _ => Known::Unknown,
        })
    }

    #[test]
    fn only_what_surely_bounds_the_time_is_a_bound() {
        let end = |operator: &str, key: &str, values: &[&str]| {
            TimeBound::of_condition(&condition(operator, key, values)).and_then(TimeBound::end).map(AccessEnd::words)
        };
        let new_year = Some("2027-01-01 00:00 UTC".to_owned());
        for (operator, key, value) in [
            ("DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z"),
            ("datelessthanequalsIfExists", "AWS:currenttime", "2027-01-01"),
            ("DateLessThan", "aws:EpochTime", "2027-01-01T01:00:00+01:00"),
            ("NumericLessThan", "aws:EpochTime", "1798761600"),
            ("DateEquals", "aws:CurrentTime", "1798761600"),
        ] {
            assert_eq!(end(operator, key, &[value]), new_year, "{operator} {key} {value}");
        }
        assert_eq!(end("DateLessThan", "aws:CurrentTime", &["2026-01-01", "2027-01-01"]), new_year, "the later one");
        for (operator, key, values) in [
            ("DateNotEquals", "aws:CurrentTime", vec!["2027-01-01"]),
            ("ForAllValues:DateLessThan", "aws:CurrentTime", vec!["2027-01-01"]),
            ("DateLessThan", "aws:CurrentTime", vec!["2026-01-01", "soon"]),
            ("DateLessThan", "aws:CurrentTime", vec![]),
            ("DateLessThan", "aws:CurrentTime", vec!["2027-01-01T00:00:00"]),
            ("DateLessThan", "aws:CurrentTime", vec!["2027"]),
            ("DateLessThan", "aws:TokenIssueTime", vec!["2027-01-01"]),
            ("NumericLessThan", "aws:CurrentTime", vec!["1798761600"]),
            ("NumericLessThan", "aws:EpochTime", vec!["1798761600.5"]),
            ("StringEquals", "aws:CurrentTime", vec!["2027-01-01"]),
            ("DateGreaterThan", "aws:CurrentTime", vec!["2027-01-01"]),
        ] {
            assert_eq!(end(operator, key, &values), None, "{operator} {key} {values:?}");
        }
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        let operator = prop::sample::select(vec![
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
            "DateEquals",
            "DateNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericEquals",
            "DateLessThanIfExists",
            "ForAnyValue:DateLessThan",
            "ForAllValues:NumericLessThan",
        ]);
        let key = prop::sample::select(vec!["aws:CurrentTime", "aws:EpochTime"]);
        let value = prop::sample::select(vec![
            "100",
            "101",
            "1970-01-01T00:01:40Z",
            "1970-01-01T00:01:40.5Z",
            "1970-01-01T00:01:41",
            "1970-01-01",
            "1971",
            "100.0",
            "1970-01-01T00:01:41+00:00",
            "x",
            "20000101",
            "-100",
        ]);
        (operator, key, prop::collection::vec(value, 0..3)).prop_map(|(o, k, v)| condition(o, k, &v))
    }

    proptest! {
        #[test]
        fn whatever_has_ended_holds_for_no_later_call(
            condition in any_condition(), now in 95i64..105, later in 0i128..10_000_000_000
        ) {
            let Some(bound) = TimeBound::of_condition(&condition) else { return Ok(()) };
            let call = i128::from(now) * SECOND + later;
            if bound.has_ended(now) {
                prop_assert_eq!(truth_at(&condition, call), Truth::No, "{:?} at {}", condition, call);
            }
            if super::has_begun(&condition, now) {
                prop_assert_eq!(truth_at(&condition, call), Truth::Yes, "{:?} at {}", condition, call);
            }
            // Nothing is said to last that has ended: from its first second after the end on it is told as ended.
            if let Some(end) = bound.end() {
                prop_assert!(bound.has_ended(end.seconds() + 1));
                let is_turned_away = truth_at(&condition, i128::from(end.seconds()) * SECOND) == Truth::No;
                let is_until = matches!(bound, TimeBound::Until { .. });
                prop_assert!(!is_until || bound.has_ended(end.seconds()) == is_turned_away, "{:?}", condition);
            }
        }
    }
}
