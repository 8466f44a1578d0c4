//! Days as files and screens write them.

use time::OffsetDateTime;

/// Returns the day of a moment in seconds since 1970, `YYYY-MM-DD` in UTC; nothing for a time that no calendar holds.
pub fn day_of(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map(|moment| moment.date().to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_ten_characters() {
        assert_eq!((day_of(0), day_of(1_795_920_900)), ("1970-01-01".to_owned(), "2026-11-29".to_owned()));
        assert_eq!(day_of(i64::MAX), "");
    }
}
