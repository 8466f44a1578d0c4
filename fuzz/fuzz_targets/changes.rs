#![no_main]

#[path = "../properties/mod.rs"]
#[allow(dead_code, reason = "each target holds one of them")]
mod properties;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| properties::changes::check_bytes(data));
