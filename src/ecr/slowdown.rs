//! AWS's wish that requests come more slowly, as far as its answers tell it.

use std::time::Duration;

/// AWS asks to slow down: requests of an operation wait for their turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slowdown {
    /// The requests a second that AWS grants, rounded; none: too few were measured.
    pub per_second: Option<u32>,
}

/// The operations on policies that AWS asks to slow down, in one registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PolicySlowdowns {
    /// Reads of policies.
    pub reads: Option<Slowdown>,
    /// Writes of policies, and deletions.
    pub writes: Option<Slowdown>,
}

impl PolicySlowdowns {
    /// Tells whether a write is slowed down: it reads before and after as well.
    pub fn is_write_slowed(&self) -> bool {
        self.reads.is_some() || self.writes.is_some()
    }
}

impl Slowdown {
    /// Returns the time that so many requests take; none: it cannot be told.
    pub fn time_for(self, requests: usize) -> Option<Duration> {
        let per_second = self.per_second.filter(|rate| *rate > 0)?;
        let seconds = u64::try_from(requests).unwrap_or(u64::MAX).div_ceil(u64::from(per_second));
        Some(Duration::from_secs(seconds))
    }
}

/// Returns the sentence about a slowdown, with what is reached a second and the time that is left, as far as they are
/// known.
pub fn slowdown_words(per_second: Option<u32>, left: Option<Duration>) -> String {
    let Some(rate) = per_second.map(rate_words) else { return ASKS.to_owned() };
    let left = left.map(|left| format!(", about {} left", time_words(left))).unwrap_or_default();
    format!("{ASKS}: {rate}{left}")
}

/// Returns the same about one registry among several.
pub fn slowdown_words_in(registry: &str, per_second: Option<u32>) -> String {
    let rate = per_second.map(|rate| format!(": {}", rate_words(rate))).unwrap_or_default();
    format!("{ASKS} in {registry}{rate}")
}

const ASKS: &str = "AWS asks to slow down";

fn rate_words(per_second: u32) -> String {
    match per_second {
        0 => "less than 1 a second".to_owned(),
        rate => format!("{rate} a second"),
    }
}

/// Returns a time as people say it: seconds below two minutes, else minutes.
fn time_words(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    if seconds < 120 { format!("{} s", seconds.max(1)) } else { format!("{} min", seconds.div_ceil(60)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_the_rate_and_what_is_left() {
        let slowdown = Slowdown { per_second: Some(5) };
        assert_eq!(slowdown.time_for(200), Some(Duration::from_secs(40)));
        assert_eq!(slowdown.time_for(1), Some(Duration::from_secs(1)));
        assert_eq!(slowdown.time_for(0), Some(Duration::ZERO));
        assert_eq!(Slowdown { per_second: Some(0) }.time_for(9), None);
        assert_eq!(Slowdown { per_second: None }.time_for(9), None);
        let _ = Slowdown { per_second: Some(1) }.time_for(usize::MAX);
    }

    #[test]
    fn the_sentence_says_what_is_known_and_no_more() {
        let words = |rate, seconds: Option<u64>| slowdown_words(rate, seconds.map(Duration::from_secs));
        assert_eq!(words(Some(5), Some(40)), "AWS asks to slow down: 5 a second, about 40 s left");
        assert_eq!(words(Some(5), Some(0)), "AWS asks to slow down: 5 a second, about 1 s left");
        assert_eq!(words(Some(5), Some(121)), "AWS asks to slow down: 5 a second, about 3 min left");
        assert_eq!(words(Some(5), None), "AWS asks to slow down: 5 a second");
        assert_eq!(words(Some(0), None), "AWS asks to slow down: less than 1 a second");
        assert_eq!(words(None, Some(9)), "AWS asks to slow down");
        let place = "222222222222 eu-west-2";
        assert_eq!(slowdown_words_in(place, Some(5)), "AWS asks to slow down in 222222222222 eu-west-2: 5 a second");
        assert_eq!(slowdown_words_in(place, None), "AWS asks to slow down in 222222222222 eu-west-2");
    }
}
