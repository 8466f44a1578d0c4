//! The moment at which access ends, as people type it, as a policy writes it, and in words.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, Time, UtcOffset};

use super::Problem;
use crate::ecr::text::make_visible;

/// The longest duration that is read, in days: a hundred years.
const LONGEST_DAYS: i64 = 36_525;

/// The moment at which access ends, in whole seconds; a call at that moment is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccessEnd(OffsetDateTime);

impl AccessEnd {
    /// The operator of the condition that ends access.
    pub const OPERATOR: &'static str = "DateLessThan";
    /// The key of that condition.
    pub const KEY: &'static str = "aws:CurrentTime";

    /// Reads a date, whose day is meant to its end in UTC; a moment of RFC 3339; or a number of days or weeks from `now`,
    /// in seconds since 1970, of which the last day counts whole. A moment that is not later than `now` is a problem.
    pub fn parse(text: &str, now: i64) -> Result<Self, Problem> {
        let text = text.trim();
        let end = read_end(text, now).ok_or_else(|| Problem {
            what: format!("`{}` is no date at which access can end", make_visible(text)),
            next: "write a day such as 2027-03-31, a moment such as 2027-03-31T18:00:00Z, or a time from today such as 90d \
                   or 12w"
                .to_owned(),
        })?;
        if end.is_past(now) {
            let what = format!("`{}` is past: that access ended on {}", make_visible(text), end.words());
            return Err(Problem { what, next: "name a later date".to_owned() });
        }
        Ok(end)
    }

    /// Reads a moment as [`Self::policy_value`] writes it, past or not.
    pub fn read_value(text: &str) -> Option<Self> {
        Self::of_moment(OffsetDateTime::parse(text, &Rfc3339).ok()?)
    }

    /// Builds the end at so many seconds since 1970. None: the year has more than four digits.
    pub fn of_seconds(seconds: i64) -> Option<Self> {
        Self::of_moment(OffsetDateTime::from_unix_timestamp(seconds).ok()?)
    }

    fn of_moment(moment: OffsetDateTime) -> Option<Self> {
        let moment = moment.checked_to_offset(UtcOffset::UTC)?.replace_nanosecond(0).ok()?;
        (0..=9999).contains(&moment.year()).then_some(Self(moment))
    }

    /// Returns the seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// Tells whether access has ended at a moment, in seconds since 1970.
    pub fn is_past(self, now: i64) -> bool {
        self.seconds() <= now
    }

    /// Returns the value as a condition on `aws:CurrentTime` has it: `2027-03-31T23:59:59Z`.
    pub fn policy_value(self) -> String {
        self.0.format(&Rfc3339).unwrap_or_default()
    }

    /// Returns the moment in words: `2027-03-31 23:59 UTC`. Seconds are told where there are any; the last second of a day
    /// is told as its last minute.
    pub fn words(self) -> String {
        let to_minutes = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
        let to_seconds = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
        let written = match self.0.time().as_hms() {
            (_, _, 0) | (23, 59, 59) => self.0.format(&to_minutes),
            _ => self.0.format(&to_seconds),
        };
        written.unwrap_or_default()
    }
}

impl AccessEnd {
    /// Returns the day of the moment in UTC, where there is room for no more: `2027-03-31`.
    pub fn day_words(self) -> String {
        self.0.format(&format_description!("[year]-[month]-[day]")).unwrap_or_default()
    }
}

/// Writes it as short as people type it: `2027-03-31` for the end of that day, else `2027-03-31T18:00:00Z`.
impl std::fmt::Display for AccessEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.policy_value();
        f.write_str(value.strip_suffix("T23:59:59Z").unwrap_or(&value))
    }
}

fn read_end(text: &str, now: i64) -> Option<AccessEnd> {
    let end_of_day = |day: Date| AccessEnd::of_moment(day.with_time(Time::from_hms(23, 59, 59).ok()?).assume_utc());
    if let Some(days) = read_days(text) {
        let today = OffsetDateTime::from_unix_timestamp(now).ok()?.date();
        return end_of_day(today.checked_add(Duration::days(days))?);
    }
    let day = format_description!("[year]-[month]-[day]");
    match Date::parse(text, &day) {
        Ok(day) if text.len() == "2027-03-31".len() => end_of_day(day),
        _ => AccessEnd::read_value(text),
    }
}

/// Reads `90d` or `12w` as a number of days.
fn read_days(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let days = match unit {
        "d" | "D" => 1,
        "w" | "W" => 7,
        _ => return None,
    };
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let count: i64 = is_number.then(|| number.parse().ok()).flatten()?;
    count.checked_mul(days).filter(|days| (1..=LONGEST_DAYS).contains(days))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2026-11-29T02:55:00Z.
    const NOW: i64 = 1_795_920_900;

    #[test]
    fn a_day_is_meant_to_its_end_and_a_moment_as_it_is() {
        for (text, value, words) in [
            ("2027-03-31", "2027-03-31T23:59:59Z", "2027-03-31 23:59 UTC"),
            (" 2026-11-29 ", "2026-11-29T23:59:59Z", "2026-11-29 23:59 UTC"),
            ("2027-03-31T18:00:00Z", "2027-03-31T18:00:00Z", "2027-03-31 18:00 UTC"),
            ("2027-03-31T18:00:30+02:00", "2027-03-31T16:00:30Z", "2027-03-31 16:00:30 UTC"),
            ("2027-03-31T18:00:00.75Z", "2027-03-31T18:00:00Z", "2027-03-31 18:00 UTC"),
            ("2027-03-31T18:00:59Z", "2027-03-31T18:00:59Z", "2027-03-31 18:00:59 UTC"),
            ("90d", "2027-02-27T23:59:59Z", "2027-02-27 23:59 UTC"),
            ("12W", "2027-02-21T23:59:59Z", "2027-02-21 23:59 UTC"),
        ] {
            let end = AccessEnd::parse(text, NOW).unwrap();
            assert_eq!((end.policy_value().as_str(), end.words().as_str()), (value, words), "{text}");
        }
    }

    #[test]
    fn whatever_is_past_or_no_date_is_a_problem_with_a_way_out() {
        for text in ["2026-11-28", "2026-11-29T02:55:00Z", "2026-11-29T03:55:00+01:00", "1970-01-01"] {
            let problem = AccessEnd::parse(text, NOW).unwrap_err();
            assert!(problem.what.contains("is past"), "{text}: {problem}");
        }
        for text in [
            "",
            "d",
            "0d",
            "-3d",
            "+3d",
            "90",
            "99999999999999999999d",
            "1000000w",
            "2027-02-30",
            "2027-3-1",
            "31.03.2027",
            "2027-03-31T18:00:00",
            "2027-03-31 18:00",
            "tomorrow",
            "１d",
            "+2027-03-31",
            "9999-12-31T23:59:59-01:00",
        ] {
            let problem = AccessEnd::parse(text, NOW).unwrap_err();
            assert!(problem.what.contains("is no date") && problem.next.contains("90d"), "{text}: {problem}");
        }
    }

    proptest! {
        #[test]
        fn an_end_is_read_back_from_what_a_policy_says(seconds in 0i64..253_402_300_800) {
            let end = AccessEnd::of_seconds(seconds).unwrap();
            prop_assert_eq!(AccessEnd::read_value(&end.policy_value()), Some(end));
            prop_assert_eq!(AccessEnd::parse(&end.to_string(), seconds - 1), Ok(end));
            prop_assert_eq!(crate::condition::seconds(&end.policy_value()), Some(seconds));
            prop_assert!(end.is_past(seconds) && !end.is_past(seconds - 1));
        }

        #[test]
        fn no_text_is_an_end_that_is_past(text in "[0-9dwTZ:+-]{0,26}", now in 0i64..4_000_000_000) {
            if let Ok(end) = AccessEnd::parse(&text, now) {
                prop_assert!(!end.is_past(now));
            }
        }
    }
}
