//! Words that patterns spell out themselves, which are tried before all words are gone through.

use super::grammar::{Field, FieldText, Shape, Word, WordFields};
use super::pattern::{Pattern, PatternToken};
use super::walk::{Steps, WordTest, usual};

/// The most tests, and patterns of a test, whose own texts are tried.
const MOST_EXAMPLES: usize = 4;

/// Words that patterns spell out, each with the number of its last characters that the pattern has at its end.
pub(super) struct Examples<'s>(Vec<(&'s Shape, Word, usize)>);

impl<'s> Examples<'s> {
    /// Spells out the first patterns of the first tests, with nothing in place of their wildcards, or with one character in
    /// place of the last.
    pub fn new(shapes: &'s [Shape], tests: &[WordTest]) -> Self {
        let mut all = Vec::new();
        for test in tests.iter().filter(|test| test.is_in).take(MOST_EXAMPLES) {
            for pattern in spelt_patterns(test) {
                let tail = pattern.iter().rev().take_while(|token| !is_run(**token)).count();
                for last in ["", "x"] {
                    let text = spelt_out(pattern, last);
                    let words =
                        shapes.iter().filter_map(|shape| Some((shape, word_in(shape, test.reads, &text)?, tail)));
                    all.extend(words);
                }
            }
        }
        Self(all)
    }

    /// Returns the first that all tests take.
    pub fn first(&self, tests: &[WordTest]) -> Option<Word> {
        let words = self.0.iter().map(|(_, word, _)| word);
        words.into_iter().find(|word| tests.iter().all(|test| test.holds(word))).cloned()
    }

    /// Returns one, or a usual word, into which what further patterns spell out is put until all tests take it.
    pub fn mended(self, shapes: &'s [Shape], tests: &[WordTest], steps: &mut Steps) -> Option<Word> {
        let usual = shapes.iter().map(|shape| (shape, usual(shape), 0));
        self.0.into_iter().chain(usual).find_map(|(shape, word, tail)| mended(shape, word, tail, tests, steps))
    }
}

fn is_run(token: PatternToken) -> bool {
    matches!(token, PatternToken::Run | PatternToken::RunInField)
}

/// The first patterns of a test that have no wildcard for one character.
fn spelt_patterns(test: &WordTest) -> impl Iterator<Item = &Pattern> {
    let is_one = |token: &PatternToken| matches!(token, PatternToken::One | PatternToken::OneInField);
    test.set.patterns.iter().take(MOST_EXAMPLES).filter(move |pattern| !pattern.iter().any(is_one))
}

/// The text of a pattern with nothing in place of each wildcard but the last.
fn spelt_out(pattern: &[PatternToken], last: &str) -> String {
    let end = pattern.iter().rposition(|token| is_run(*token));
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

/// Reads a text as the fields of a shape that a test reads; the others, and those that would be too short without a
/// character, have their usual texts.
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
            FieldText::Free { class, least, usual, .. } => {
                let next = shape.iter().skip(at + 1).find(|later| later.is & reads != 0);
                let end = match next.map(|next| &next.text) {
                    None => rest.len(),
                    Some(FieldText::Fixed(sign)) if sign.chars().all(|c| class.has(c)) => rest.rfind(sign.as_str())?,
                    Some(FieldText::Fixed(sign)) => rest.find(sign.as_str())?,
                    Some(FieldText::Free { .. }) => return None,
                };
                let (own, after) = rest.split_at_checked(end)?;
                rest = after;
                let own = if own.is_empty() && *least > 0 { usual.as_str() } else { own };
                may_hold(field, own).then_some(own)?
            }
        };
        fields.push((field.is, own.to_owned()));
    }
    rest.is_empty().then_some(Word(fields))
}

/// Tells whether a free field may hold a text.
fn may_hold(field: &Field, text: &str) -> bool {
    let FieldText::Free { class, least, most, .. } = &field.text else { return false };
    (*least..=*most).contains(&text.chars().count()) && text.chars().all(|c| class.has(c))
}

/// Puts what the patterns of tests spell out into free fields of a word, one test after the other, until all tests hold.
/// It is put at the end of a field, before its last characters (`tail`), or at its beginning.
fn mended(shape: &Shape, mut word: Word, tail: usize, tests: &[WordTest], steps: &mut Steps) -> Option<Word> {
    let asking: Vec<&WordTest> = tests.iter().filter(|test| test.is_in).collect();
    for (at, test) in asking.iter().enumerate() {
        if test.holds(&word) {
            continue;
        }
        let before = asking.get(..=at)?;
        word = spelt_patterns(test).find_map(|pattern| {
            let missing = missing_pieces(pattern, &word.view(test.reads));
            shape.iter().enumerate().filter(|(_, field)| field.is & test.reads != 0).find_map(|(place, field)| {
                let (_, own) = word.0.get(place)?;
                let cut = tail.checked_sub(1).and_then(|at| own.char_indices().rev().nth(at)).map(|(cut, _)| cut);
                [Some(own.len()), cut, Some(0)].into_iter().flatten().find_map(|cut| {
                    let (begin, end) = own.split_at_checked(cut)?;
                    let text = format!("{begin}{missing}{end}");
                    if !may_hold(field, &text) || !steps.take(before.len()) {
                        return None;
                    }
                    let mut changed = word.clone();
                    changed.0.get_mut(place)?.1 = text;
                    before.iter().all(|test| test.holds(&changed)).then_some(changed)
                })
            })
        })?;
    }
    tests.iter().all(|test| test.holds(&word)).then_some(word)
}

/// The pieces between the wildcards of a pattern that a text does not have one after the other.
fn missing_pieces(pattern: &[PatternToken], text: &str) -> String {
    let mut rest = text;
    let mut missing = String::new();
    for piece in pattern.split(|token| is_run(*token)) {
        let piece: String =
            piece.iter().filter_map(|token| if let PatternToken::Char(c) = token { Some(*c) } else { None }).collect();
        match rest.find(&piece).filter(|_| missing.is_empty()) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            None => missing.push_str(&piece),
        }
    }
    missing
}
