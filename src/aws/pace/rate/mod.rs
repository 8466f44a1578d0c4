//! The rate of one operation, learned from AWS's answers.
//!
//! AWS grants requests from a token bucket: so many at once, then so many a second. Neither number is published for the
//! operations on policies. Requests go out unpaced until AWS first asks to slow down. From then on a throttled answer
//! means an empty bucket, so the answers between two of them tell the bucket's rate. Requests go out at that
//! rate, then faster with each answer, until the next throttled one. What a slower stretch leaves in the bucket is spent by
//! a faster one. Time comes in as data.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::ecr::Slowdown;

/// The part by which the rate grows with one answer. One in ten requests that are throttled for another reason leave the
/// rate about as it is.
const GROWTH: f64 = 1.0 / 40.0;
/// The answers after which that part doubles with each further one, so many times: the bucket has become another. At a
/// low rate a second and a few answers are enough.
const LONG_STRETCH: u32 = 12;
const FEW_ANSWERS: u32 = 2;
const FAST_DOUBLINGS: u32 = 4;
/// The most by which the rate grows while one request is under way: until then nothing tells that it is too high.
const STEEPEST: f64 = 0.35;
const LONG_TIME: Duration = Duration::from_secs(1);
/// The answers from which a rate is measured, where there are so many.
const MEASURED: u64 = 16;
/// The answers from which a measured rate is told to people.
const TOLD: u64 = 4;
/// The first limit as a multiple of the rate so far, which may have had no limit but the callers' need.
const FIRST_SHARE: f64 = 2.0;
/// The lowest rate, in requests a second: it shows within a second whether AWS answers again.
const LOWEST_RATE: f64 = 4.0;
/// The part of the rate that one throttled answer leaves at least: half where enough answers were measured, otherwise
/// about the part that was granted. Where no request waited, the rate was not reached.
const CUT: f64 = 0.5;
const DEEPEST_CUT: f64 = 0.1;
const LIGHT_CUT: f64 = 0.9;
/// The answers that are added to few: one that is throttled first may be chance.
const LUCK: u64 = 2;
/// The answers without a wait after which the limit ends: fewer requests come than it allows.
const UNUSED: u32 = 64;
/// The time that a late request may make up for. A timer is late by up to a millisecond.
const LATENESS: Duration = Duration::from_millis(5);
/// The pieces of time over which the rate before the first throttled answer is measured, and the shortest time.
const LATELY: Duration = Duration::from_secs(1);
const SHORT: Duration = Duration::from_millis(50);

/// The part by which a slower round counts.
const ROUND_SHARE: u32 = 64;

/// The rate of one operation in one registry.
#[derive(Debug, Default)]
pub(super) struct LearnedRate {
    limit: Option<Limit>,
    /// The requests so far that were not throttled.
    granted: u64,
    /// The time of a round, from the quick ones.
    round: Option<Duration>,
    last_answer: Option<Instant>,
    /// The requests of this second and of the one before it.
    lately: VecDeque<(Instant, u64)>,
}

#[derive(Debug)]
struct Limit {
    per_second: f64,
    /// The earliest moment of the next request.
    next: Instant,
    /// The moment of the last cut. Requests that were sent before it tell nothing about the rate after it.
    cut: Instant,
    /// The answers to requests that were sent after the last cut.
    answers: u32,
    /// The throttled answers since the last cut, those to requests from before it too.
    refused: u64,
    /// The throttled answers that count, each with the answers before it.
    throttled: VecDeque<(Instant, u64)>,
    /// The rate that AWS granted between throttled answers; none: too few answers were among them.
    granted_rate: Option<f64>,
    /// True where a request waited for its turn since the last cut.
    has_waited: bool,
    /// The answers since the last request that waited.
    unused: u32,
}

impl LearnedRate {
    /// Takes the next turn. `Err`: the moment to ask again.
    pub(super) fn take_turn(&mut self, now: Instant) -> Result<(), Instant> {
        if let Some(limit) = self.limit.as_mut() {
            if limit.next > now {
                limit.has_waited = true;
                limit.unused = 0;
                return Err(limit.next);
            }
            let earliest = now.checked_sub(LATENESS).unwrap_or(now);
            limit.next = limit.next.max(earliest) + limit.gap();
        }
        match self.lately.back_mut() {
            Some((began, count)) if now.saturating_duration_since(*began) < LATELY => *count += 1,
            _ => self.lately.push_back((now, 1)),
        }
        if self.lately.len() > 2 {
            self.lately.pop_front();
        }
        Ok(())
    }

    /// Learns from an answer that was not throttled, to a request that was sent at `sent`.
    pub(super) fn note_answer(&mut self, sent: Instant, now: Instant) {
        self.last_answer = Some(now);
        self.note_granted(sent, now);
    }

    /// Learns from a request that was sent at `sent` and was not throttled, answered or not.
    pub(super) fn note_granted(&mut self, sent: Instant, now: Instant) {
        self.granted += 1;
        let round = now.saturating_duration_since(sent);
        self.round =
            Some(self.round.map_or(round, |known| round.min(known + round.saturating_sub(known) / ROUND_SHARE)));
        let Some(limit) = self.limit.as_mut() else { return };
        limit.unused += 1;
        limit.answers += u32::from(sent > limit.cut);
        let is_long_ago = now.saturating_duration_since(limit.cut) > LONG_TIME;
        let doublings = if limit.answers > FEW_ANSWERS && is_long_ago {
            FAST_DOUBLINGS
        } else {
            limit.answers.saturating_sub(LONG_STRETCH).min(FAST_DOUBLINGS)
        };
        let in_flight = limit.per_second * self.round.unwrap_or_default().as_secs_f64();
        let steepest = STEEPEST / in_flight.max(1.0);
        limit.per_second *= 1.0 + (GROWTH * f64::from(1_u32 << doublings)).min(steepest);
        if limit.unused > UNUSED {
            self.limit = None;
        }
    }

    /// Learns from a throttled answer to a request that was sent at `sent`. Those that were in flight together count
    /// once.
    pub(super) fn note_throttled(&mut self, sent: Instant, now: Instant) {
        let measured_lately = self.measure_lately(now);
        let Some(limit) = self.limit.as_mut() else {
            let per_second = (measured_lately * FIRST_SHARE).max(LOWEST_RATE);
            let throttled = VecDeque::from([(now, self.granted)]);
            let mut limit = Limit {
                per_second,
                next: now,
                cut: now,
                answers: 0,
                refused: 0,
                throttled,
                granted_rate: None,
                has_waited: false,
                unused: 0,
            };
            limit.next += limit.gap();
            self.limit = Some(limit);
            return;
        };
        limit.refused += 1;
        if sent <= limit.cut {
            return;
        }
        let granted = limit.throttled.back().map_or(0, |(_, before)| self.granted.saturating_sub(*before));
        while limit.throttled.get(1).is_some_and(|(_, before)| self.granted.saturating_sub(*before) >= MEASURED) {
            limit.throttled.pop_front();
        }
        let (answers, measured) = limit.throttled.front().map_or((0, 0.0), |(at, before)| {
            let answers = self.granted.saturating_sub(*before);
            (answers, rate_of(answers, now.saturating_duration_since(*at)))
        });
        if answers >= TOLD {
            limit.granted_rate = Some(measured);
        }
        let left = match limit.has_waited {
            false => LIGHT_CUT,
            true if answers >= MEASURED => CUT,
            true => share_of(granted + LUCK, limit.refused).clamp(DEEPEST_CUT, LIGHT_CUT),
        };
        let lowest = limit.per_second * left;
        limit.per_second = measured.max(lowest).min(limit.per_second).max(LOWEST_RATE);
        limit.next = limit.next.max(now + limit.gap());
        limit.cut = now;
        (limit.answers, limit.refused) = (0, 0);
        limit.has_waited = false;
        limit.throttled.push_back((now, self.granted));
    }

    /// Returns what AWS grants, where requests wait because it asked to slow down.
    pub(super) fn current_slowdown(&self) -> Option<Slowdown> {
        self.limit.as_ref().map(|limit| Slowdown { per_second: limit.granted_rate.map(whole_rate) })
    }

    /// Returns the moment of the last answer that was not throttled.
    pub(super) fn last_answer(&self) -> Option<Instant> {
        self.last_answer
    }

    /// Returns the requests a second of the last one or two seconds.
    fn measure_lately(&self, now: Instant) -> f64 {
        let recent = || self.lately.iter().filter(|(began, _)| now.saturating_duration_since(*began) < LATELY * 2);
        let count = recent().map(|(_, count)| count).sum();
        recent().next().map_or(0.0, |(began, _)| rate_of(count, now.saturating_duration_since(*began).max(SHORT)))
    }
}

impl Limit {
    fn gap(&self) -> Duration {
        Duration::from_secs_f64(1.0 / self.per_second.max(LOWEST_RATE))
    }
}

/// Returns the answers a second. A time that a timer cannot tell from zero counts as a millisecond.
#[expect(clippy::cast_precision_loss, reason = "counts of answers are far below 2^52")]
fn rate_of(count: u64, time: Duration) -> f64 {
    count as f64 / time.max(Duration::from_millis(1)).as_secs_f64()
}

/// Returns a rate to the nearest whole number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the bounds are those of the type")]
fn whole_rate(per_second: f64) -> u32 {
    per_second.round().clamp(0.0, f64::from(u32::MAX)) as u32
}

/// Returns the granted part of so many requests.
#[expect(clippy::cast_precision_loss, reason = "counts of answers are far below 2^52")]
fn share_of(granted: u64, refused: u64) -> f64 {
    granted as f64 / (granted + refused).max(1) as f64
}

#[cfg(test)]
mod tests;
