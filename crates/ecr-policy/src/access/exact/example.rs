//! Words that patterns spell out themselves, which are tried before all words are gone through.

use super::grammar::{FieldText, Shape, Word, WordFields};
use super::pattern::{Pattern, PatternToken};
use super::walk::WordTest;

/// The most tests, and patterns of a test, whose own texts are tried.
const MOST_EXAMPLES: usize = 4;

/// Returns a word that all tests take among those that the patterns spell out themselves: with nothing in place of their
/// wildcards, or with one character in place of the last.
pub(super) fn by_example(shapes: &[Shape], tests: &[WordTest]) -> Option<Word> {
    let is_spelt =
        |pattern: &&Pattern| !pattern.iter().any(|token| matches!(token, PatternToken::One | PatternToken::OneInField));
    for test in tests.iter().filter(|test| test.is_in).take(MOST_EXAMPLES) {
        for pattern in test.set.patterns.iter().take(MOST_EXAMPLES).filter(is_spelt) {
            for last in ["", "x"] {
                let text = spelt_out(pattern, last);
                let words = shapes.iter().filter_map(|shape| word_in(shape, test.reads, &text));
                let found = words.into_iter().find(|word| tests.iter().all(|test| test.holds(word)));
                if found.is_some() {
                    return found;
                }
            }
        }
    }
    None
}

/// The text of a pattern with nothing in place of each wildcard but the last.
fn spelt_out(pattern: &[PatternToken], last: &str) -> String {
    let is_run = |token: &PatternToken| matches!(token, PatternToken::Run | PatternToken::RunInField);
    let end = pattern.iter().rposition(is_run);
    let mut text = String::with_capacity(pattern.len());
    for (at, token) in pattern.iter().enumerate() {
        match token {
            PatternToken::Char(c) => text.push(*c),
            _ if Some(at) == end => text.push_str(last),
            _ => {}
        }
    }
    text
}

/// Reads a text as the fields of a shape that a test reads; the others have their usual texts.
fn word_in(shape: &Shape, reads: WordFields, text: &str) -> Option<Word> {
    let mut rest = text;
    let mut fields = Vec::with_capacity(shape.len());
    for (at, field) in shape.iter().enumerate() {
        let own = match &field.text {
            FieldText::Fixed(own) if field.is & reads == 0 => own.as_str(),
            FieldText::Free { usual, .. } if field.is & reads == 0 => usual.as_str(),
            FieldText::Fixed(own) => {
                rest = rest.strip_prefix(own.as_str())?;
                own.as_str()
            }
            FieldText::Free { class, least, most, .. } => {
                let next = shape.iter().skip(at + 1).find(|later| later.is & reads != 0);
                let end = match next.map(|next| &next.text) {
                    None => rest.len(),
                    Some(FieldText::Fixed(sign)) if sign.chars().all(|c| class.has(c)) => rest.rfind(sign.as_str())?,
                    Some(FieldText::Fixed(sign)) => rest.find(sign.as_str())?,
                    Some(FieldText::Free { .. }) => return None,
                };
                let (own, after) = rest.split_at_checked(end)?;
                rest = after;
                let fits = (*least..=*most).contains(&own.chars().count()) && own.chars().all(|c| class.has(c));
                fits.then_some(own)?
            }
        };
        fields.push((field.is, own.to_owned()));
    }
    rest.is_empty().then_some(Word(fields))
}
