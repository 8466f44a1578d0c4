//! The learned rate against servers that are simulated event by event, without a clock.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;

/// A server that grants requests from a token bucket.
struct Bucket {
    per_second: f64,
    burst: f64,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    fn new(per_second: f64, burst: f64, now: Instant) -> Self {
        Self { per_second, burst, tokens: burst, filled: now }
    }

    fn grants(&mut self, now: Instant) -> bool {
        let grown = now.duration_since(self.filled).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + grown).min(self.burst);
        self.filled = now;
        let is_granted = self.tokens >= 1.0;
        self.tokens -= f64::from(u8::from(is_granted));
        is_granted
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// A worker asks for its turn.
    Ask,
    Arrive {
        sent: Instant,
    },
    Answer {
        sent: Instant,
        fate: Fate,
    },
}

/// The fate of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Granted,
    Throttled,
    /// Its answer comes a second later.
    Slow,
    /// No answer comes.
    Broken,
}

impl From<bool> for Fate {
    fn from(is_granted: bool) -> Self {
        if is_granted { Self::Granted } else { Self::Throttled }
    }
}

/// The figures of a run.
#[derive(Debug)]
struct Run {
    time: Duration,
    sent: u64,
    throttled: u64,
    broken: u64,
    /// The last rate that was told to people.
    told: Option<u32>,
}

/// Sends `requests` by `workers`, each again until it is granted. An answer takes `round`.
fn run_requests<F: Into<Fate>>(
    requests: u64,
    workers: u64,
    round: Duration,
    mut fate_of: impl FnMut(Instant, Duration) -> F,
) -> Run {
    let began = Instant::now();
    let mut rate = LearnedRate::default();
    let (mut left, mut waiting) = (requests, requests.min(workers));
    let mut run = Run { time: Duration::ZERO, sent: 0, throttled: 0, broken: 0, told: None };
    let mut steps = BinaryHeap::new();
    let mut number = 0_u64;
    let mut push = |steps: &mut BinaryHeap<_>, at: Instant, step: Step| {
        number += 1;
        steps.push(Reverse((at, number, step)));
    };
    left -= waiting;
    push(&mut steps, began, Step::Ask);
    let mut is_asking = true;
    while let Some(Reverse((now, _, step))) = steps.pop() {
        match step {
            // One after the other takes its turn, as behind a gate.
            Step::Ask => {
                is_asking = false;
                while waiting > 0 {
                    match rate.take_turn(now) {
                        Ok(()) => {
                            waiting -= 1;
                            run.sent += 1;
                            push(&mut steps, now + round / 2, Step::Arrive { sent: now });
                        }
                        Err(at) => {
                            is_asking = true;
                            push(&mut steps, at, Step::Ask);
                            break;
                        }
                    }
                }
            }
            Step::Arrive { sent } => {
                let fate = fate_of(now, now.duration_since(began)).into();
                let later = if fate == Fate::Slow { Duration::from_secs(1) } else { Duration::ZERO };
                push(&mut steps, now + round / 2 + later, Step::Answer { sent, fate });
            }
            Step::Answer { sent, fate } => {
                run.time = now.duration_since(began);
                run.told = rate.current_slowdown().map_or(run.told, |slowdown| slowdown.per_second);
                match fate {
                    Fate::Granted | Fate::Slow => {
                        rate.note_answer(sent, now);
                        let next = left.min(1);
                        left -= next;
                        waiting += next;
                    }
                    Fate::Throttled => {
                        run.throttled += 1;
                        rate.note_throttled(sent, now);
                        waiting += 1;
                    }
                    Fate::Broken => {
                        run.broken += 1;
                        rate.note_granted(sent, now);
                        waiting += 1;
                    }
                }
                if waiting > 0 && !is_asking {
                    is_asking = true;
                    push(&mut steps, now, Step::Ask);
                }
            }
        }
    }
    assert_eq!(run.sent, requests + run.throttled + run.broken, "each request came to its answer");
    run
}

const ROUND: Duration = Duration::from_millis(20);

#[test]
fn under_a_token_bucket_all_is_done_within_a_tenth_of_the_least_time() {
    for (per_second, burst) in [(20.0, 20.0), (20.0, 5.0), (20.0, 200.0), (100.0, 200.0), (5.0, 10.0), (400.0, 50.0)] {
        for workers in [1, 8, 32, 128] {
            for round in [5, 20, 100].map(Duration::from_millis) {
                for requests in [1_000_u64, 3_000] {
                    let mut bucket = Bucket::new(per_second, burst, Instant::now());
                    let run = run_requests(requests, workers, round, |now, _| bucket.grants(now));
                    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                    let (bucket_time, line_time) = (
                        ((requests as f64 - burst) / per_second).max(0.0),
                        (requests as f64 / workers as f64) * round.as_secs_f64(),
                    );
                    let least = bucket_time.max(line_time) + round.as_secs_f64();
                    let what = format!("{per_second}/s, burst {burst}, {workers} workers, {round:?}, {requests}");
                    assert!(run.time.as_secs_f64() <= least * 1.1, "{what}: {run:?}, least {least:.1} s");
                    // At the beginning all that is in flight is throttled a few times.
                    assert!(run.throttled <= run.sent / 4 + 15 * workers, "{what}: {run:?}");
                }
            }
        }
    }
}

#[test]
fn throttled_answers_without_a_bucket_behind_them_do_not_stop_the_work() {
    for share in [0.02, 0.1] {
        for seed in 0..40 {
            let mut random = fastrand::Rng::with_seed(seed);
            let run = run_requests(3_000, 32, ROUND, |_, _| random.f64() >= share);
            let least = 3_000.0 / 32.0 * ROUND.as_secs_f64();
            assert!(run.time.as_secs_f64() <= least * 2.0, "{share}, {seed}: {run:?}, least {least:.1} s");
        }
    }
}

#[test]
fn a_tenth_of_each_fault_leaves_the_line_the_limit() {
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let run = run_requests(3_000, 32, ROUND, |_, _| match random.u32(0..10) {
            0 => Fate::Throttled,
            1 => Fate::Slow,
            2 | 3 => Fate::Broken,
            _ => Fate::Granted,
        });
        // Of seven requests that come to their answer, one takes a second longer.
        let least = 3_000.0 / 32.0 * (ROUND.as_secs_f64() * 10.0 / 7.0 + 1.0 / 7.0);
        assert!(run.time.as_secs_f64() <= least * 2.0, "{seed}: {run:?}, least {least:.1} s");
    }
}

#[test]
fn a_second_of_throttling_costs_about_as_long_again() {
    for (outage, most) in [(1.0, 3.5), (10.0, 13.0)] {
        let run = run_requests(4_000, 32, ROUND, |_, time| !(0.5..0.5 + outage).contains(&time.as_secs_f64()));
        assert!(run.time.as_secs_f64() <= 2.5 + most, "{run:?}");
    }
}

#[test]
fn a_bucket_that_changes_is_followed() {
    for (before, after) in [(20.0, 200.0), (200.0, 20.0)] {
        let mut bucket = Bucket::new(before, 10.0, Instant::now());
        let run = run_requests(2_000, 32, ROUND, |now, time| {
            bucket.per_second = if time.as_secs_f64() < 5.0 { before } else { after };
            bucket.grants(now)
        });
        let least = 5.0 + (2_000.0 - 5.0 * before) / after;
        assert!(run.time.as_secs_f64() <= least * 1.15, "{before} -> {after}: {run:?}, least {least}");
    }
}

#[test]
fn throttled_answers_that_were_in_flight_together_count_once() {
    let began = Instant::now();
    let at = |ms: u64| began + Duration::from_millis(ms);
    let mut rate = LearnedRate::default();
    for n in 0..100 {
        rate.take_turn(at(n)).unwrap();
        rate.note_answer(at(n), at(n));
    }
    assert_eq!(rate.current_slowdown(), None);
    for n in 0..32 {
        rate.note_throttled(at(90), at(100 + n));
    }
    let first = rate.limit.as_ref().unwrap().per_second;
    assert!(first > 900.0, "{first}");
    rate.note_throttled(at(140), at(150));
    assert!(rate.limit.as_ref().unwrap().per_second < first, "sent after the first cut");
}

#[test]
fn a_limit_that_nobody_waits_for_ends() {
    let mut rate = LearnedRate::default();
    let mut now = Instant::now();
    rate.note_throttled(now, now + ROUND);
    assert!(rate.current_slowdown().is_some());
    for _ in 0..=UNUSED {
        now += Duration::from_secs(1);
        assert_eq!(rate.take_turn(now), Ok(()));
        rate.note_answer(now, now);
    }
    assert_eq!(rate.current_slowdown(), None);
}

#[test]
fn the_told_rate_is_what_the_bucket_grants_and_not_what_is_tried() {
    for (per_second, burst) in [(5.0, 5.0), (5.0, 60.0), (20.0, 20.0), (100.0, 200.0)] {
        for workers in [6, 64] {
            let mut bucket = Bucket::new(per_second, burst, Instant::now());
            let run = run_requests(1_000, workers, ROUND, |now, _| bucket.grants(now));
            let told = f64::from(run.told.unwrap());
            assert!((per_second * 0.8..=per_second * 1.2).contains(&told), "{per_second} {burst} {workers}: {run:?}");
        }
    }
}

#[test]
fn without_a_throttled_answer_nothing_is_told() {
    let run = run_requests(500, 64, ROUND, |_, _| true);
    assert_eq!((run.throttled, run.told), (0, None));
}
