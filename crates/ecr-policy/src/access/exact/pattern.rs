//! Patterns of texts, step by step, and the texts that fit one.

use crate::condition::Family;

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::access) enum PatternToken {
    /// This character.
    Char(char),
    /// Any one character (`?`).
    One,
    /// Any one character but a colon.
    OneInField,
    /// Any run of characters (`*`).
    Run,
    /// Any run of characters without a colon.
    RunInField,
}

/// A pattern, step by step.
pub(in crate::access) type Pattern = Vec<PatternToken>;

/// A character of a value of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::access) enum Sign {
    /// As the policy has it: `*` and `?` are wildcards where the operator has wildcards.
    Written(char),
    /// From a variable: itself.
    Exact(char),
}

impl Sign {
    fn char(self) -> char {
        match self {
            Self::Written(c) | Self::Exact(c) => c,
        }
    }
}

/// Returns the signs of a text without variables.
pub(super) fn written(text: &str) -> Vec<Sign> {
    text.chars().map(Sign::Written).collect()
}

/// The pattern of one text.
pub(super) fn exact(text: &str) -> Pattern {
    text.chars().map(PatternToken::Char).collect()
}

/// The pattern of one text, in signs.
pub(super) fn exact_signs(signs: &[Sign]) -> Pattern {
    signs.iter().map(|s| PatternToken::Char(s.char())).collect()
}

/// The pattern of a text with wildcards.
pub(super) fn glob(signs: &[Sign]) -> Pattern {
    signs.iter().map(|sign| token(*sign, true)).collect()
}

/// The pattern of an ARN with wildcards, which is compared field by field: in the first five a wildcard takes no colon.
pub(super) fn arn(signs: &[Sign]) -> Pattern {
    let mut colons = 0;
    // A value of fewer fields fits texts of as many.
    let token = |sign: &Sign| {
        let step = token(*sign, colons >= 5);
        if sign.char() == ':' {
            colons += 1;
        }
        step
    };
    signs.iter().map(token).collect()
}

fn token(sign: Sign, over_colons: bool) -> PatternToken {
    match (sign, over_colons) {
        (Sign::Written('*'), true) => PatternToken::Run,
        (Sign::Written('*'), false) => PatternToken::RunInField,
        (Sign::Written('?'), true) => PatternToken::One,
        (Sign::Written('?'), false) => PatternToken::OneInField,
        (sign, _) => PatternToken::Char(sign.char()),
    }
}

/// The pattern that an operator makes of a value.
pub(in crate::access) fn pattern_of(family: Option<Family>, value: &[Sign]) -> Pattern {
    match family {
        Some(Family::TextLike) => glob(value),
        Some(Family::Arn) if value == [Sign::Written('*')] => anything(),
        Some(Family::Arn) => arn(value),
        _ => exact_signs(value),
    }
}

/// The pattern that everything fits.
pub(super) fn anything() -> Pattern {
    vec![PatternToken::Run]
}

/// Tells whether a text is that of a pattern without wildcards.
pub(super) fn is_text(pattern: &[PatternToken], mut text: impl Iterator<Item = char>) -> bool {
    let is_next = |token: &PatternToken| matches!((token, text.next()), (PatternToken::Char(c), Some(d)) if *c == d);
    pattern.iter().all(is_next) && text.next().is_none()
}

/// The most tokens of a pattern that texts are held against without states.
pub(super) const MOST_TOKENS: usize = 127;

/// Tells whether a text fits a pattern of no more than [`MOST_TOKENS`].
pub(super) fn fits_pattern(pattern: &[PatternToken], folds: bool, text: impl Iterator<Item = char>) -> bool {
    takes_tokens(pattern, folds, text.map(PatternToken::Char))
}

/// Tells whether all texts of a narrower pattern fit a wider one of no more than [`MOST_TOKENS`]; `false` where it takes
/// more than a look at one token after the other.
pub(super) fn covers_pattern(wider: &[PatternToken], folds: bool, narrower: &[PatternToken]) -> bool {
    takes_tokens(wider, folds, narrower.iter().copied())
}

/// Tells whether no text fits both patterns, by how they begin or end; `false` where that does not tell.
pub(super) fn are_apart(one: &[PatternToken], other: &[PatternToken], folds: bool) -> bool {
    let is_run = |token: &PatternToken| matches!(token, PatternToken::Run | PatternToken::RunInField);
    let form = |c: char| if folds { folded(c) } else { c };
    let differ = |(a, b): (&PatternToken, &PatternToken)| match (a, b) {
        (PatternToken::Char(a), PatternToken::Char(b)) => form(*a) != form(*b),
        _ => false,
    };
    let is_fixed = |pattern: &[PatternToken]| !pattern.iter().any(is_run);
    let until_run = |pair: &(&PatternToken, &PatternToken)| !is_run(pair.0) && !is_run(pair.1);
    one.iter().zip(other).take_while(until_run).any(differ)
        || one.iter().rev().zip(other.iter().rev()).take_while(until_run).any(differ)
        || (is_fixed(one) && is_fixed(other) && one.len() != other.len())
}

/// Follows the places of a pattern, bits of a number, over the tokens of another: whatever these stand for is taken. A text
/// is tokens that stand for themselves.
fn takes_tokens(pattern: &[PatternToken], folds: bool, tokens: impl Iterator<Item = PatternToken>) -> bool {
    let end = pattern.len();
    let is_run = |at: usize| matches!(pattern.get(at), Some(PatternToken::Run | PatternToken::RunInField));
    let is_char = |own: char, token: PatternToken| matches!(token, PatternToken::Char(c) if own == c || (folds && folded(own) == folded(c)));
    // A run may be empty.
    let reach = |places: &mut u128, from: usize| {
        let mut at = from;
        *places |= 1 << at;
        while is_run(at) {
            at += 1;
            *places |= 1 << at;
        }
    };
    let mut places = 0;
    reach(&mut places, 0);
    for token in tokens {
        if places == 0 {
            return false;
        }
        let in_field = match token {
            PatternToken::Char(c) => c != ':',
            PatternToken::One | PatternToken::Run => false,
            PatternToken::OneInField | PatternToken::RunInField => true,
        };
        let is_one = !matches!(token, PatternToken::Run | PatternToken::RunInField);
        let mut next = 0;
        while places != 0 {
            let at = places.trailing_zeros() as usize;
            places &= places - 1;
            match pattern.get(at) {
                Some(PatternToken::Run) if at + 1 == end => return true,
                Some(PatternToken::Run) => reach(&mut next, at),
                Some(PatternToken::RunInField) if in_field => reach(&mut next, at),
                Some(PatternToken::Char(own)) if is_char(*own, token) => reach(&mut next, at + 1),
                Some(PatternToken::One) if is_one => reach(&mut next, at + 1),
                Some(PatternToken::OneInField) if is_one && in_field => reach(&mut next, at + 1),
                _ => {}
            }
        }
        places = next;
    }
    places & (1 << end) != 0
}

/// A letter without its case.
pub(super) fn folded(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}
