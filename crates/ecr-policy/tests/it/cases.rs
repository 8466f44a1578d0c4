//! How many cases the property tests look at, and which.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

use crate::dice::is_long;

/// The configuration of a property test: the same cases each time in short, others each time in long.
pub fn cases(short: u32, long: u32) -> ProptestConfig {
    let (cases, rng_seed) = if is_long() { (long, RngSeed::Random) } else { (short, RngSeed::Fixed(20_261_123)) };
    ProptestConfig {
        cases,
        rng_seed,
        failure_persistence: None,
        max_global_rejects: u32::MAX,
        ..ProptestConfig::default()
    }
}
