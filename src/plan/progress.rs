//! The progress of work on many repositories, from counts and the time that has passed.

use std::collections::VecDeque;
use std::time::Duration;

/// The stretch over which the rate is measured.
const STRETCH: Duration = Duration::from_secs(10);
/// The length of its pieces.
const PIECE: Duration = Duration::from_millis(250);

/// The counts so far, and what follows from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// All repositories.
    pub total: usize,
    /// The repositories that have begun and not ended.
    pub in_flight: usize,
    /// The repositories that ended as was asked for.
    pub done: usize,
    /// The repositories that ended otherwise.
    pub failed: usize,
    elapsed: Duration,
    /// The ended ones at moments of the last stretch, the oldest first.
    ended_at: VecDeque<(Duration, usize)>,
}

impl Progress {
    /// Begins the count of so many repositories.
    pub fn new(total: usize) -> Self {
        let ended_at = VecDeque::from([(Duration::ZERO, 0)]);
        Self { total, in_flight: 0, done: 0, failed: 0, elapsed: Duration::ZERO, ended_at }
    }

    /// Counts one that begins.
    pub fn begin_one(&mut self) {
        self.in_flight += 1;
    }

    /// Counts one that ends, this long after the beginning of all.
    pub fn end_one(&mut self, is_done: bool, elapsed: Duration) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.done += usize::from(is_done);
        self.failed += usize::from(!is_done);
        self.elapsed = self.elapsed.max(elapsed);
        if self.ended_at.back().is_none_or(|(at, _)| self.elapsed.saturating_sub(*at) >= PIECE) {
            self.ended_at.push_back((self.elapsed, self.ended()));
        }
        // The oldest one stays at the far end of the stretch, or beyond it.
        while self.ended_at.get(1).is_some_and(|(at, _)| self.elapsed.saturating_sub(*at) >= STRETCH) {
            self.ended_at.pop_front();
        }
    }

    /// Counts one anew that had ended: its work begins again later.
    pub fn return_one(&mut self, was_done: bool) {
        let count = if was_done { &mut self.done } else { &mut self.failed };
        *count = count.saturating_sub(1);
    }

    /// Returns the number of those that ended.
    pub fn ended(&self) -> usize {
        self.done + self.failed
    }

    /// Returns the number of those that have not ended, in flight or not begun.
    pub fn left(&self) -> usize {
        self.total.saturating_sub(self.ended())
    }

    /// Returns the repositories a second over the last stretch; none: too little has ended.
    #[expect(clippy::cast_precision_loss, reason = "counts of repositories are far below 2^52")]
    pub fn rate(&self) -> Option<f64> {
        let (since, before) = self.ended_at.front()?;
        let time = self.elapsed.saturating_sub(*since);
        let ended = self.ended().saturating_sub(*before);
        (!time.is_zero() && ended > 0).then(|| ended as f64 / time.as_secs_f64())
    }

    /// Returns the rate to the nearest whole number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the bounds are those of the type")]
    pub fn whole_rate(&self) -> Option<u32> {
        self.rate().map(|rate| rate.round().clamp(0.0, f64::from(u32::MAX)) as u32)
    }

    /// Returns the counts, the rate and the time that is left, in one line.
    pub fn in_words(&self) -> String {
        let failed = if self.failed == 0 { String::new() } else { format!(", {} failed", self.failed) };
        let rate = self.rate().map_or_else(String::new, |rate| format!("; {rate:.0} a second"));
        let left = self.time_left().map_or_else(String::new, |left| format!(", {} s left", left.as_secs() + 1));
        format!("{} of {} done{failed}{rate}{left}", self.done, self.total)
    }

    /// Returns the time until all have ended at the present rate; none: it cannot be told.
    #[expect(clippy::cast_precision_loss, reason = "counts of repositories are far below 2^52")]
    pub fn time_left(&self) -> Option<Duration> {
        let seconds = self.left() as f64 / self.rate()?;
        Duration::try_from_secs_f64(seconds).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_times_follow_from_what_ended() {
        let mut progress = Progress::new(1_000);
        assert_eq!((progress.left(), progress.rate(), progress.time_left()), (1_000, None, None));
        progress.begin_one();
        progress.begin_one();
        assert_eq!(progress.in_flight, 2);
        progress.end_one(true, Duration::from_secs(1));
        progress.end_one(false, Duration::from_secs(2));
        assert_eq!((progress.done, progress.failed, progress.left(), progress.in_flight), (1, 1, 998, 0));
        assert_eq!(progress.rate(), Some(1.0));
        assert_eq!(progress.time_left(), Some(Duration::from_secs(998)));
        assert_eq!(progress.in_words(), "1 of 1000 done, 1 failed; 1 a second, 999 s left");
        progress.return_one(false);
        assert_eq!((progress.failed, progress.left()), (0, 999));
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut progress = Progress::new(10_000);
        for n in 0..2_000_u64 {
            progress.end_one(true, Duration::from_millis(n));
        }
        for n in 1..=400_u64 {
            progress.end_one(true, Duration::from_secs(2) + Duration::from_millis(n * 50));
        }
        let rate = progress.rate().unwrap();
        assert!((19.0..21.0).contains(&rate), "{rate}");
        assert!(progress.ended_at.len() < 50);
    }

    #[test]
    fn a_time_that_no_clock_can_hold_is_not_told() {
        let mut progress = Progress::new(usize::MAX);
        progress.end_one(true, Duration::from_secs(u64::MAX / 2));
        assert_eq!(progress.time_left(), None);
    }
}
