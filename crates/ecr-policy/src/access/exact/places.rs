//! Patterns as one tree of places, in which those that begin alike share their beginning.

use super::pattern::{Pattern, PatternToken, folded};

/// A place in the patterns: what has been read so far, up to the wildcards.
#[derive(Debug, Default)]
pub(super) struct PatternPlace {
    pub(super) chars: Vec<(char, u32)>,
    pub(super) one: Option<u32>,
    pub(super) one_in_field: Option<u32>,
    pub(super) run: Option<u32>,
    pub(super) run_in_field: Option<u32>,
    /// Tells whether the place stays where it is over any character, or any but a colon.
    pub(super) stays: Option<Stay>,
    pub(super) accepts: bool,
    /// The least number of characters that lead to a text of the set.
    pub(super) rest: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stay {
    Always,
    InField,
}

/// The places of patterns.
pub(super) fn places(patterns: &[Pattern], folds: bool) -> Vec<PatternPlace> {
    let mut places = vec![PatternPlace::default()];
    for pattern in patterns {
        let mut at = 0;
        for token in pattern {
            let token = match token {
                PatternToken::Char(c) if folds => PatternToken::Char(folded(*c)),
                other => *other,
            };
            at = next(&mut places, at, token);
        }
        if let Some(place) = places.get_mut(at) {
            place.accepts = true;
        }
    }
    for place in &mut places {
        place.chars.sort_unstable();
    }
    measure(&mut places);
    places
}

impl PatternPlace {
    pub(super) fn next(&self, c: char) -> Option<u32> {
        let found = self.chars.binary_search_by(|(other, _)| other.cmp(&c)).ok()?;
        self.chars.get(found).map(|(_, to)| *to)
    }

    /// Adds the characters that the place tells apart.
    pub(super) fn add_letters(&self, folds: bool, letters: &mut impl Extend<char>) {
        for (c, _) in &self.chars {
            letters.extend([*c]);
            if folds {
                letters.extend(c.to_uppercase());
                // The sign of the kelvin is a `k` where case does not count.
                letters.extend((*c == 'k').then_some('\u{212a}'));
            }
        }
        if self.run_in_field.is_some() || self.one_in_field.is_some() || self.stays == Some(Stay::InField) {
            letters.extend([':']);
        }
    }
}

/// Works out how far each place is from an end; a place is made after those that lead to it.
fn measure(places: &mut [PatternPlace]) {
    for at in (0..places.len()).rev() {
        let Some(place) = places.get(at) else { continue };
        let rest = |to: u32| places.get(to as usize).map_or(u32::MAX, |place| place.rest);
        let by_one = place.chars.iter().map(|(_, to)| *to).chain(place.one).chain(place.one_in_field);
        let free = place.run.into_iter().chain(place.run_in_field).map(rest);
        let least = by_one.map(|to| rest(to).saturating_add(1)).chain(free).min().unwrap_or(u32::MAX);
        let least = if place.accepts { 0 } else { least };
        if let Some(place) = places.get_mut(at) {
            place.rest = least;
        }
    }
}

/// Follows a token from a place, which is made where it is not there.
fn next(places: &mut Vec<PatternPlace>, at: usize, token: PatternToken) -> usize {
    let new = u32::try_from(places.len()).unwrap_or(0);
    let stays = match token {
        PatternToken::Run => Some(Stay::Always),
        PatternToken::RunInField => Some(Stay::InField),
        PatternToken::Char(_) | PatternToken::One | PatternToken::OneInField => None,
    };
    let Some(place) = places.get_mut(at) else { return at };
    // Two runs in a row are one.
    if stays.is_some() && place.stays == stays {
        return at;
    }
    let slot = match token {
        PatternToken::Char(c) => {
            if let Some((_, to)) = place.chars.iter().rev().find(|(other, _)| *other == c) {
                return *to as usize;
            }
            place.chars.push((c, new));
            places.push(PatternPlace::default());
            return new as usize;
        }
        PatternToken::One => &mut place.one,
        PatternToken::OneInField => &mut place.one_in_field,
        PatternToken::Run => &mut place.run,
        PatternToken::RunInField => &mut place.run_in_field,
    };
    if let Some(to) = slot {
        return *to as usize;
    }
    *slot = Some(new);
    places.push(PatternPlace { stays, ..PatternPlace::default() });
    new as usize
}
