#![no_main]

#[path = "../../tests/it/agreement/mod.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod agreement;
#[path = "../../tests/it/dice.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod dice;

use libfuzzer_sys::fuzz_target;

// The first byte chooses what conditions pile up on, the others each roll of the dice.
fuzz_target!(|bytes: &[u8]| {
    let Some((theme, rolls)) = bytes.split_first() else { return };
    let mut tally = agreement::claims::Tally::default();
    agreement::look_at_pair(usize::from(*theme), &mut dice::Dice::of_bytes(rolls), 24, &mut tally);
});
