#![no_main]

use ecr_grant::policy::Policy;
use ecr_grant::policy::delta::delta;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (old, new) = text.split_once('\u{1}').unwrap_or((text, text));
    let (Ok(old), Ok(new)) = (Policy::read(old), Policy::read(new)) else { return };
    assert!(delta(Some(&old), Some(&old)).is_empty());
    let (there, back) = (delta(Some(&old), Some(&new)), delta(Some(&new), Some(&old)));
    assert_eq!((there.gains.len(), there.losses.len()), (back.losses.len(), back.gains.len()));
    assert_eq!(there.is_empty(), back.is_empty());
});
