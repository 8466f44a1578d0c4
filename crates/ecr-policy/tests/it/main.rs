//! The engine as its users meet it: laws, samples and long texts, in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test fails by panicking, and may read the source and the clock"
)]

mod access;
mod agreement;
mod cases;
mod delta;
mod dice;
mod edit;
mod exact;
mod exact_all;
mod floors;
mod fuzzed;
mod laws;
mod lint;
mod long_texts;
mod policies;
mod requests;
mod services;
mod syntax;

#[path = "../../fuzz/properties/mod.rs"]
mod properties;
