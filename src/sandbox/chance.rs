//! Faults by chance: each meets a share of the calls, as a long-running service meets them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::str::FromStr;
use std::time::{Duration, Instant};

use super::call_log::Call;
use super::faults::Trouble;

/// The time that a slow answer takes longer.
const SLOW: Duration = Duration::from_secs(1);

/// The most operations and repositories whose calls are counted. A client that makes up names fills no memory.
const COUNTED: usize = 100_000;

/// The faults of ECR's calls by chance, read from a text such as `throttle=10%,reset=2%,seed=7`. STS is spared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaultShares {
    /// The part of the calls, from 0 to 1, that each fault meets.
    shares: Vec<(ChanceFault, f64)>,
    seed: u64,
    bucket: Option<BucketSize>,
    /// The time that each answer takes; none: as the server is told otherwise.
    pub latency: Option<Duration>,
}

/// A fault by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChanceFault {
    Throttle,
    Error,
    Reset,
    LostAnswer,
    StaleRead,
    Slow,
}

/// The bucket of tokens that each operation of an account and Region has.
#[derive(Debug, Clone, Copy, PartialEq)]
struct BucketSize {
    per_second: f64,
    burst: f64,
}

/// The text is no list of faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultTextError(String);

const NAMES: [(&str, ChanceFault); 6] = [
    ("throttle", ChanceFault::Throttle),
    ("error", ChanceFault::Error),
    ("reset", ChanceFault::Reset),
    ("lost-answer", ChanceFault::LostAnswer),
    ("stale-read", ChanceFault::StaleRead),
    ("slow", ChanceFault::Slow),
];

impl FromStr for FaultShares {
    type Err = FaultTextError;

    fn from_str(text: &str) -> Result<Self, FaultTextError> {
        let mut shares = Self::default();
        let (mut rate, mut burst) = (None, None);
        for part in text.split(',').map(str::trim) {
            let refuse = |form: &str| FaultTextError(format!("`{part}` is no fault: write {form}"));
            let Some((name, value)) = part.split_once('=') else {
                return Err(refuse("NAME=VALUE, such as throttle=10%"));
            };
            match name {
                "seed" => shares.seed = value.parse().map_err(|_| refuse("seed=NUMBER"))?,
                "rate" => {
                    let number = value.strip_suffix("/s").and_then(read_positive);
                    rate = Some(number.ok_or_else(|| refuse("a rate such as rate=20/s"))?);
                }
                "burst" => burst = Some(read_positive(value).ok_or_else(|| refuse("a number such as burst=200"))?),
                "latency" => {
                    let number = value.strip_suffix("ms").and_then(|number| number.parse().ok());
                    shares.latency =
                        Some(Duration::from_millis(number.ok_or_else(|| refuse("a time such as latency=20ms"))?));
                }
                _ => {
                    let Some((_, fault)) = NAMES.into_iter().find(|(known, _)| *known == name) else {
                        let names = NAMES.map(|(known, _)| known).join(", ");
                        return Err(refuse(&format!("one of {names}, rate, burst, latency, seed")));
                    };
                    let percent = value.strip_suffix('%').and_then(|number| number.parse::<f64>().ok());
                    let share =
                        percent.filter(|percent| (0.0..=100.0).contains(percent)).map(|percent| percent / 100.0);
                    shares.shares.push((fault, share.ok_or_else(|| refuse("a share such as 10%"))?));
                }
            }
        }
        if shares.shares.iter().map(|(_, share)| share).sum::<f64>() > 1.0 {
            return Err(FaultTextError(
                "the shares are more than 100% together: a call meets one fault at most".into(),
            ));
        }
        shares.bucket = match (rate, burst) {
            (Some(per_second), burst) => Some(BucketSize { per_second, burst: burst.unwrap_or(per_second).max(1.0) }),
            (None, Some(_)) => return Err(FaultTextError("a burst needs a rate beside it, such as rate=20/s".into())),
            (None, None) => None,
        };
        Ok(shares)
    }
}

fn read_positive(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0)
}

/// The fate of a call.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Draw {
    pub trouble: Option<Trouble>,
    /// The time that the answer takes longer.
    pub delay: Duration,
}

/// The chance faults of a service, and what they count.
#[derive(Debug, Default)]
pub(super) struct Chance {
    shares: FaultShares,
    /// The calls of each operation on each repository so far: chance depends on them, not on the order of all calls.
    calls: HashMap<(String, Option<String>), u64>,
    buckets: HashMap<(String, String, String), TokenBucket>,
}

#[derive(Debug)]
struct TokenBucket {
    tokens: f64,
    filled: Instant,
}

impl Chance {
    pub fn new(shares: FaultShares) -> Self {
        Self { shares, ..Self::default() }
    }

    /// Draws the fault of a call that comes at this moment.
    pub fn draw_fault(&mut self, call: &Call, now: Instant) -> Draw {
        if let Some(size) = self.shares.bucket {
            let key = (call.operation.clone(), call.key_id.clone(), call.region.clone());
            if self.buckets.len() >= COUNTED {
                self.buckets.clear();
            }
            let bucket = self.buckets.entry(key).or_insert(TokenBucket { tokens: size.burst, filled: now });
            if !bucket.take_token(size, now) {
                return Draw { trouble: Some(Trouble::Throttled), ..Draw::default() };
            }
        }
        if self.shares.shares.is_empty() {
            return Draw::default();
        }
        let key = (call.operation.clone(), call.repository.clone());
        if self.calls.len() >= COUNTED {
            self.calls.clear();
        }
        let count = self.calls.entry(key.clone()).or_default();
        *count += 1;
        let mut hasher = DefaultHasher::new();
        (self.shares.seed, key, *count).hash(&mut hasher);
        let mut drawn = fastrand::Rng::with_seed(hasher.finish()).f64();
        for (fault, share) in &self.shares.shares {
            if drawn < *share {
                return match fault {
                    ChanceFault::Slow => Draw { trouble: None, delay: SLOW },
                    fault => Draw { trouble: fault.trouble(), ..Draw::default() },
                };
            }
            drawn -= share;
        }
        Draw::default()
    }
}

impl ChanceFault {
    fn trouble(self) -> Option<Trouble> {
        match self {
            Self::Throttle => Some(Trouble::Throttled),
            Self::Error => Some(Trouble::ServerError),
            Self::Reset => Some(Trouble::Broken),
            Self::LostAnswer => Some(Trouble::AnswerLost),
            Self::StaleRead => Some(Trouble::RecentStaleRead),
            Self::Slow => None,
        }
    }
}

impl TokenBucket {
    fn take_token(&mut self, size: BucketSize, now: Instant) -> bool {
        let grown = now.saturating_duration_since(self.filled).as_secs_f64() * size.per_second;
        self.tokens = (self.tokens + grown).min(size.burst);
        self.filled = now;
        let has_token = self.tokens >= 1.0;
        if has_token {
            self.tokens -= 1.0;
        }
        has_token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(operation: &str, repository: &str) -> Call {
        Call {
            operation: operation.into(),
            repository: Some(repository.into()),
            key_id: "222222222222".into(),
            region: "eu-west-2".into(),
            force: false,
            at: Instant::now(),
            carried_out: false,
        }
    }

    #[test]
    fn each_fault_meets_its_share_of_the_calls_and_the_same_calls_again() {
        let shares: FaultShares =
            "throttle=10%,error=10%,reset=10%,lost-answer=10%,stale-read=10%,slow=10%,seed=3".parse().unwrap();
        let draw_all = |shares: &FaultShares| {
            let mut chance = Chance::new(shares.clone());
            let now = Instant::now();
            (0..10_000).map(|n| chance.draw_fault(&call("Get", &format!("r{}", n % 500)), now)).collect::<Vec<_>>()
        };
        let drawn = draw_all(&shares);
        assert_eq!(drawn, draw_all(&shares));
        assert_ne!(drawn, draw_all(&FaultShares { seed: 4, ..shares.clone() }));
        for trouble in
            [Trouble::Throttled, Trouble::ServerError, Trouble::Broken, Trouble::AnswerLost, Trouble::RecentStaleRead]
        {
            let count = drawn.iter().filter(|draw| draw.trouble.as_ref() == Some(&trouble)).count();
            assert!((850..1_150).contains(&count), "{trouble:?}: {count}");
        }
        let slow = drawn.iter().filter(|draw| draw.delay == SLOW).count();
        assert!((850..1_150).contains(&slow), "{slow}");
    }

    #[test]
    fn a_bucket_of_tokens_grants_its_burst_and_then_its_rate_to_each_operation() {
        let mut chance = Chance::new("rate=20/s,burst=200".parse().unwrap());
        let began = Instant::now();
        let mut granted = |operation: &str, seconds: f64, calls: u32| {
            let now = began + Duration::from_secs_f64(seconds);
            (0..calls).filter(|_| chance.draw_fault(&call(operation, "a"), now).trouble.is_none()).count()
        };
        assert_eq!(granted("Get", 0.0, 500), 200);
        assert_eq!(granted("Set", 0.0, 500), 200);
        assert_eq!(granted("Get", 1.001, 500), 20);
        assert_eq!(granted("Get", 100.0, 500), 200);
    }

    #[test]
    fn a_text_that_is_no_list_of_faults_is_refused_with_the_form_that_is_meant() {
        for (text, words) in [
            ("", "NAME=VALUE"),
            ("throttle", "NAME=VALUE"),
            ("throttle=10", "10%"),
            ("throttle=101%", "10%"),
            ("throttle=-1%", "10%"),
            ("error=NaN%", "10%"),
            ("trottle=10%", "one of throttle"),
            ("rate=20", "rate=20/s"),
            ("rate=0/s", "rate=20/s"),
            ("burst=3", "needs a rate"),
            ("seed=x", "seed=NUMBER"),
            ("latency=20", "latency=20ms"),
            ("throttle=60%,error=50%", "more than 100%"),
        ] {
            let error = text.parse::<FaultShares>().unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
        let read: FaultShares = "rate=20/s, latency=20ms".parse().unwrap();
        assert_eq!(read.latency, Some(Duration::from_millis(20)));
        assert_eq!(read.bucket, Some(BucketSize { per_second: 20.0, burst: 20.0 }));
    }
}
