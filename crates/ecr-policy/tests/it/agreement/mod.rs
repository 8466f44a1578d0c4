//! The engine's claims about generated pairs of policies, each asked of the evaluator by sampled requests.
//!
//! `pairs` piles conditions up, `asking` makes requests of the policies' own texts, `claims` knows what a request can
//! refute. `ECR_GRANT_LONG=1` looks at ten thousand pairs and more, and with `--nocapture` prints the figures.

mod asking;
pub mod claims;
mod pairs;

use asking::{Materials, known_owner};
use claims::{Claims, Tally, read, wanted};
use pairs::THEMES;

use crate::dice::{Dice, is_long};

fn pairs_of_a_theme() -> usize {
    if is_long() { 1_500 } else { 30 }
}

fn requests_of_a_pair() -> usize {
    if is_long() { 160 } else { 25 }
}

/// Makes one pair of a theme, and asks requests about all that is said of it.
pub fn look_at_pair(theme: usize, dice: &mut Dice, requests: usize, tally: &mut Tally) {
    let pair = THEMES[theme % THEMES.len()].pair(dice);
    let owner = known_owner(dice);
    let both = [read(&pair.old), read(&pair.new)];
    let wanted = wanted(dice, &[&both[0], &both[1]]);
    let claims = Claims::new(&pair.old, &pair.new, owner, &wanted, tally);
    let materials = Materials::new(&claims.policies(), owner);
    for _ in 0..requests {
        let action = dice.pick(&["ecr:BatchGetImage", "ecr:BatchGetImage", "ecr:PutImage", "ecr:TagResource"]);
        claims.hold(&materials.request(dice, action), tally);
    }
    // What shows a difference refutes nothing that is said of one policy.
    for request in claims.witnesses() {
        claims.hold(&request, tally);
    }
}

/// Looks at pairs of one theme, the same each time.
fn look_at(theme: usize) -> Tally {
    let (mut dice, mut tally) = (Dice::new(0x5eed_1000 + theme as u64), Tally::default());
    for _ in 0..pairs_of_a_theme() {
        look_at_pair(theme, &mut dice, requests_of_a_pair(), &mut tally);
    }
    if is_long() {
        report(&format!("{}: {tally:?}", THEMES[theme].name));
    }
    tally
}

#[allow(clippy::disallowed_macros, reason = "a long run tells its figures")]
fn report(figures: &str) {
    println!("{figures}");
}

/// Each kind of claim was made, and requests told policies apart: otherwise the test would ask nothing.
fn is_telling(tally: &Tally) {
    assert!(tally.changes > tally.pairs / 4, "{tally:?}");
    assert!(tally.lines > tally.pairs / 4 && tally.no_difference > 0, "{tally:?}");
    // What is unproved counts as a danger, so that it must be rare, however many patterns stand on one key; a few pairs
    // may hold one or two.
    assert!(tally.unproved_lines <= 2 + tally.lines / 8, "{tally:?}");
    assert!(tally.unproved_tables <= 2 + tally.tables / 40, "{tally:?}");
}

macro_rules! themes {
    ($($name:ident: $at:literal,)+) => {
        $(#[test]
        fn $name() {
            is_telling(&look_at($at));
        })+

        #[test]
        fn each_theme_has_a_test() {
            assert_eq!([$($at),+].as_slice(), (0..THEMES.len()).collect::<Vec<_>>());
        }
    };
}

themes! {
    patterns_of_roles_and_accounts_agree: 0,
    many_patterns_on_one_key_agree: 1,
    sources_of_services_agree: 2,
    tags_and_variables_agree: 3,
    organizations_and_their_units_agree: 4,
    keys_with_several_values_agree: 5,
    networks_agree: 6,
    numbers_and_moments_agree: 7,
    sessions_that_a_deny_alone_names_agree: 8,
}
