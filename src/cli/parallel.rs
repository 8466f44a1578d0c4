//! Work on many things at once, on all cores.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{available_parallelism, scope};

/// The fewest things that are worth a thread.
pub(super) const FEW: usize = 16;

/// Returns the result of each thing, in their order.
pub(super) fn map_all<T: Sync, R: Send>(things: &[T], work: &(impl Fn(&T) -> R + Sync)) -> Vec<R> {
    map_with(things, &|| (), &|(), thing| work(thing))
}

/// Returns the results as [`map_all`] does. Each thread keeps a state from one of its things to the next.
pub(super) fn map_with<T: Sync, R: Send, S>(
    things: &[T],
    begin: &(impl Fn() -> S + Sync),
    work: &(impl Fn(&mut S, &T) -> R + Sync),
) -> Vec<R> {
    let all = |part: &[T]| {
        let mut kept = begin();
        part.iter().map(|thing| work(&mut kept, thing)).collect::<Vec<R>>()
    };
    let threads = available_parallelism().map_or(1, NonZero::get).min(things.len() / FEW);
    if threads < 2 {
        return all(things);
    }
    let share = things.len().div_ceil(threads);
    scope(|scope| {
        let parts: Vec<_> = things.chunks(share).map(|part| scope.spawn(|| all(part))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_many_things_is_in_their_order() {
        for count in [0, 1, FEW * 2, 1_000] {
            let things: Vec<usize> = (0..count).collect();
            assert_eq!(map_all(&things, &|thing| thing * 2), things.iter().map(|thing| thing * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_panic_in_a_part_is_a_panic_of_the_whole() {
        let things: Vec<usize> = (0..FEW * 4).collect();
        let fails = || map_all(&things, &|thing| assert_ne!(*thing, FEW * 3));
        assert!(std::panic::catch_unwind(fails).is_err());
    }
}
