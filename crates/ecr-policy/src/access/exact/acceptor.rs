//! Sets of texts: those that fit one of several patterns, as an automaton that is determinised as far as it is asked.
//!
//! Patterns that begin alike share their beginning, so that a list of 780 patterns is one automaton with few live places.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::pattern::{MOST_TOKENS, Pattern, PatternToken, exact, fits_pattern, folded, is_text};
use super::places::{PatternPlace, Stay, places};

/// The state that no text leads out of to a text of the set.
pub(super) const DEAD: u32 = 0;
/// The state in which every text is in the set, whatever follows.
pub(super) const ALL: u32 = 1;

const NOT_YET: u32 = u32::MAX;

/// The letters that a state tells apart.
#[derive(Debug, Default)]
struct ToldLetters {
    /// The letters, sorted; all others lead to one state.
    letters: Vec<char>,
    /// Tells whether any other letter leads nowhere.
    is_closed: bool,
}

/// The states of an automaton that were reached so far.
#[derive(Debug, Default)]
struct KnownStates {
    sets: Vec<Rc<[u32]>>,
    by_set: HashMap<Rc<[u32]>, u32>,
    accepts: Vec<bool>,
    rests: Vec<u32>,
    /// A row of next states for each state, one for each class of characters.
    rows: Vec<u32>,
    told: Vec<Option<Rc<ToldLetters>>>,
}

/// The form in which a set is kept. Places and automata are built when a state is asked for: most texts are held against
/// few patterns, and once.
#[derive(Debug)]
enum Form {
    /// One text; a state is the number of characters that are read, after the two states that all sets have.
    One,
    /// Texts without wildcards; a state is a place.
    Texts(OnceCell<Vec<PatternPlace>>),
    /// Patterns; a state is a set of places.
    Patterns(OnceCell<Box<Automaton>>),
}

/// Patterns, determinised as far as they are asked.
#[derive(Debug)]
struct Automaton {
    places: Vec<PatternPlace>,
    known: RefCell<KnownStates>,
    /// The characters that texts are told apart by, sorted; all others are one class.
    letters: Vec<char>,
    /// The class of each ASCII character.
    classes: [u8; 128],
    start: u32,
}

/// A set of texts.
#[derive(Debug)]
pub(in crate::access) struct Acceptor {
    form: Form,
    pub patterns: Vec<Pattern>,
    /// Tells whether letter case does not count.
    pub folds: bool,
    /// Tells whether letters beyond ASCII are compared without their case, which is done here letter by letter.
    pub is_loose: bool,
    letters: OnceCell<Vec<char>>,
}

/// The first state that is not one of the two that all sets have.
const FIRST: u32 = 2;

impl Acceptor {
    /// The texts that fit one of the patterns. `folds`: letter case does not count.
    pub fn new(patterns: impl IntoIterator<Item = Pattern>, folds: bool) -> Self {
        Self::of(patterns.into_iter().collect(), folds)
    }

    /// One text.
    pub fn of_text(text: &str) -> Self {
        Self::of(vec![exact(text)], false)
    }

    fn of(patterns: Vec<Pattern>, folds: bool) -> Self {
        let is_char = |token: &PatternToken| matches!(token, PatternToken::Char(_));
        let are_texts = !folds && patterns.iter().flatten().all(is_char);
        let is_beyond_ascii = |token: &PatternToken| matches!(token, PatternToken::Char(c) if !c.is_ascii());
        let is_loose = folds && patterns.iter().flatten().any(is_beyond_ascii);
        let form = match (are_texts, patterns.len()) {
            (true, 1) => Form::One,
            (true, _) => Form::Texts(OnceCell::new()),
            (false, _) => Form::Patterns(OnceCell::new()),
        };
        Self { form, patterns, folds, is_loose, letters: OnceCell::new() }
    }

    fn places<'s>(&self, cell: &'s OnceCell<Vec<PatternPlace>>) -> &'s [PatternPlace] {
        cell.get_or_init(|| places(&self.patterns, self.folds))
    }

    fn automaton<'s>(&self, cell: &'s OnceCell<Box<Automaton>>) -> &'s Automaton {
        cell.get_or_init(|| Box::new(Automaton::new(places(&self.patterns, self.folds), self.folds)))
    }

    /// Returns the texts of the set, where it is a list of texts.
    pub fn listed(&self) -> Option<impl Iterator<Item = impl Iterator<Item = char> + Clone>> {
        let char_of = |token: &PatternToken| if let PatternToken::Char(c) = token { Some(*c) } else { None };
        let texts = self.patterns.iter().map(move |pattern| pattern.iter().filter_map(char_of));
        (!matches!(self.form, Form::Patterns(_))).then_some(texts)
    }

    /// The characters of the only text.
    fn only(&self) -> &[PatternToken] {
        self.patterns.first().map_or(&[], Vec::as_slice)
    }

    pub fn start(&self) -> u32 {
        match &self.form {
            Form::One | Form::Texts(_) => FIRST,
            Form::Patterns(cell) => self.automaton(cell).start,
        }
    }

    pub fn accepts(&self, state: u32) -> bool {
        match &self.form {
            Form::One => state >= FIRST && (state - FIRST) as usize == self.only().len(),
            Form::Texts(cell) => place_of(self.places(cell), state).is_some_and(|place| place.accepts),
            Form::Patterns(cell) => {
                self.automaton(cell).known.borrow().accepts.get(state as usize).copied().unwrap_or_default()
            }
        }
    }

    /// Returns the least number of characters that lead from a state to a text of the set.
    pub fn rest(&self, state: u32) -> u32 {
        match &self.form {
            _ if state == DEAD => u32::MAX,
            Form::One => {
                let read = state.saturating_sub(FIRST) as usize;
                u32::try_from(self.only().len().saturating_sub(read)).unwrap_or(u32::MAX)
            }
            Form::Texts(cell) => place_of(self.places(cell), state).map_or(0, |place| place.rest),
            Form::Patterns(cell) => {
                self.automaton(cell).known.borrow().rests.get(state as usize).copied().unwrap_or_default()
            }
        }
    }

    /// Returns the state after one more character. What it cost goes to `spent`.
    pub fn step(&self, state: u32, c: char, spent: &mut usize) -> u32 {
        if state <= ALL {
            return state;
        }
        match &self.form {
            Form::One => match self.only().get((state - FIRST) as usize) {
                Some(PatternToken::Char(next)) if *next == c => state + 1,
                _ => DEAD,
            },
            Form::Texts(cell) => {
                let next = place_of(self.places(cell), state).and_then(|place| place.next(c));
                next.map_or(DEAD, |next| next + FIRST)
            }
            Form::Patterns(cell) => self.automaton(cell).step(state, c, self.folds, spent),
        }
    }

    /// Returns the state after a text.
    pub fn after(&self, text: &str) -> u32 {
        let mut spent = 0;
        text.chars().fold(self.start(), |state, c| self.step(state, c, &mut spent))
    }

    /// Tells whether a text is in the set.
    pub fn has(&self, text: impl Iterator<Item = char> + Clone) -> bool {
        match &self.form {
            Form::One => return is_text(self.only(), text),
            Form::Texts(cell) if self.patterns.len() <= MOST_DIRECT && cell.get().is_none() => {
                return self.patterns.iter().any(|pattern| is_text(pattern, text.clone()));
            }
            Form::Patterns(cell)
                if cell.get().is_none()
                    && self.patterns.len() <= MOST_DIRECT
                    && self.patterns.iter().all(|pattern| pattern.len() <= MOST_TOKENS) =>
            {
                return self.patterns.iter().any(|pattern| fits_pattern(pattern, self.folds, text.clone()));
            }
            Form::Texts(_) | Form::Patterns(_) => {}
        }
        self.has_by_states(text)
    }

    /// Tells the same by the states of the set.
    fn has_by_states(&self, text: impl Iterator<Item = char>) -> bool {
        let mut spent = 0;
        let mut state = self.start();
        for c in text {
            state = self.step(state, c, &mut spent);
            if state <= ALL {
                return state == ALL;
            }
        }
        self.accepts(state)
    }

    /// The characters that texts are told apart by, sorted.
    pub fn letters(&self) -> &[char] {
        if let Form::Patterns(cell) = &self.form {
            return &self.automaton(cell).letters;
        }
        self.letters.get_or_init(|| {
            let chars = self.patterns.iter().flatten().filter_map(|token| match token {
                PatternToken::Char(c) => Some(*c),
                _ => None,
            });
            let letters: BTreeSet<char> = chars.collect();
            letters.into_iter().collect()
        })
    }

    /// Adds the letters that a state tells apart; `true`: any other letter leads nowhere.
    pub fn tell(&self, state: u32, letters: &mut Vec<char>) -> bool {
        match &self.form {
            _ if state <= ALL => state == DEAD,
            Form::One => {
                let next = self.only().get((state - FIRST) as usize);
                letters.extend(next.and_then(|token| if let PatternToken::Char(c) = token { Some(*c) } else { None }));
                true
            }
            Form::Texts(cell) => {
                let place = place_of(self.places(cell), state);
                letters.extend(place.into_iter().flat_map(|place| &place.chars).map(|(c, _)| *c));
                true
            }
            Form::Patterns(cell) => {
                let told = self.automaton(cell).told(state, self.folds);
                letters.extend_from_slice(&told.letters);
                told.is_closed
            }
        }
    }
}

fn place_of(places: &[PatternPlace], state: u32) -> Option<&PatternPlace> {
    places.get(state.checked_sub(FIRST)? as usize)
}

/// The most patterns that a text is held against one by one, without states.
const MOST_DIRECT: usize = 8;

impl Automaton {
    fn new(places: Vec<PatternPlace>, folds: bool) -> Self {
        let mut letters = BTreeSet::new();
        for place in &places {
            place.add_letters(folds, &mut letters);
        }
        let letters: Vec<char> = letters.into_iter().collect();
        let mut classes = [0; 128];
        for (at, c) in letters.iter().enumerate().filter(|(_, c)| c.is_ascii()) {
            if let (Some(class), Ok(at)) = (classes.get_mut(*c as usize), u8::try_from(at + 1)) {
                *class = at;
            }
        }
        let mut automaton = Self { places, known: RefCell::default(), letters, classes, start: DEAD };
        let first = automaton.closed(vec![0]);
        {
            let mut known = automaton.known.borrow_mut();
            let classes = automaton.letters.len() + 1;
            known.add(Rc::from([]), false, u32::MAX, classes);
            known.add(Rc::from([u32::MAX]), true, 0, classes);
        }
        automaton.start = automaton.intern(first);
        automaton
    }

    /// The class of a character: those that no pattern names are the first.
    fn class(&self, c: char) -> usize {
        match self.classes.get(c as usize) {
            Some(class) => usize::from(*class),
            None => self.letters.binary_search(&c).map_or(0, |at| at + 1),
        }
    }

    fn step(&self, state: u32, c: char, folds: bool, spent: &mut usize) -> u32 {
        let cell = state as usize * (self.letters.len() + 1) + self.class(c);
        let from = {
            let known = self.known.borrow();
            if let Some(next) = known.rows.get(cell).filter(|next| **next != NOT_YET) {
                return *next;
            }
            known.sets.get(state as usize).map(Rc::clone)
        };
        let folded = if folds { folded(c) } else { c };
        let from = from.as_deref().unwrap_or_default();
        *spent += from.len();
        let mut reached: Vec<u32> = Vec::with_capacity(from.len());
        for at in from {
            let Some(place) = self.places.get(*at as usize) else { continue };
            match place.stays {
                Some(Stay::Always) => reached.push(*at),
                Some(Stay::InField) if c != ':' => reached.push(*at),
                _ => {}
            }
            reached.extend(place.next(folded));
            reached.extend(place.one);
            reached.extend(place.one_in_field.filter(|_| c != ':'));
        }
        let next = self.intern(self.closed(reached));
        if let Some(to) = self.known.borrow_mut().rows.get_mut(cell) {
            *to = next;
        }
        next
    }

    /// The letters that a state tells apart.
    fn told(&self, state: u32, folds: bool) -> Rc<ToldLetters> {
        if let Some(Some(there)) = self.known.borrow().told.get(state as usize) {
            return Rc::clone(there);
        }
        let set = self.known.borrow().sets.get(state as usize).map(Rc::clone);
        let mut told = ToldLetters { letters: Vec::new(), is_closed: true };
        for place in set.iter().flat_map(|set| set.iter()).filter_map(|at| self.places.get(*at as usize)) {
            place.add_letters(folds, &mut told.letters);
            told.is_closed &= place.stays.is_none() && place.one.is_none() && place.one_in_field.is_none();
        }
        told.letters.sort_unstable();
        told.letters.dedup();
        let told = Rc::new(told);
        if let Some(slot) = self.known.borrow_mut().told.get_mut(state as usize) {
            *slot = Some(Rc::clone(&told));
        }
        told
    }

    /// Adds the places that are reached without a character, sorts and thins out.
    fn closed(&self, mut set: Vec<u32>) -> Vec<u32> {
        let mut at = 0;
        while let Some(place) = set.get(at).and_then(|at| self.places.get(*at as usize)) {
            set.extend(place.run);
            set.extend(place.run_in_field);
            at += 1;
        }
        set.sort_unstable();
        set.dedup();
        set
    }

    fn intern(&self, set: Vec<u32>) -> u32 {
        if set.is_empty() {
            return DEAD;
        }
        let (mut accepts, mut rest) = (false, u32::MAX);
        for place in set.iter().filter_map(|at| self.places.get(*at as usize)) {
            if place.accepts && place.stays == Some(Stay::Always) {
                return ALL;
            }
            accepts |= place.accepts;
            rest = rest.min(place.rest);
        }
        self.known.borrow_mut().add(set.into(), accepts, rest, self.letters.len() + 1)
    }
}

impl KnownStates {
    fn add(&mut self, set: Rc<[u32]>, accepts: bool, rest: u32, classes: usize) -> u32 {
        if let Some(there) = self.by_set.get(&set) {
            return *there;
        }
        let number = u32::try_from(self.sets.len()).unwrap_or(DEAD);
        self.by_set.insert(Rc::clone(&set), number);
        self.sets.push(set);
        self.accepts.push(accepts);
        self.rests.push(rest);
        self.rows.resize(self.rows.len() + classes, NOT_YET);
        self.told.push(None);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::super::pattern::{Sign, are_apart, arn, covers_pattern, glob, written};
    use super::*;
    use crate::text::glob::glob as fits;

    fn set(patterns: &[&str], make: fn(&[Sign]) -> Pattern) -> Acceptor {
        let patterns: Vec<Pattern> = patterns.iter().map(|p| make(&written(p))).collect();
        Acceptor::new(patterns, false)
    }

    /// All texts of a few letters up to a length.
    fn texts(letters: &[char], most: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut from = 0;
        for _ in 0..most {
            let to = all.len();
            for at in from..to {
                for c in letters {
                    all.push(format!("{}{c}", all[at]));
                }
            }
            from = to;
        }
        all
    }

    #[test]
    fn an_automaton_takes_what_the_patterns_take() {
        let patterns = ["a*b", "?", "", "*", "a?b*", "**a", "*a*b*", "ab", "?*?", "*?a", "a*a*a"];
        for one in patterns {
            for other in patterns {
                let both = set(&[one, other], glob);
                for text in texts(&['a', 'b'], 6) {
                    let is = fits(one, &text) || fits(other, &text);
                    assert_eq!(both.has(text.chars()), is, "{one} or {other}: {text}");
                }
            }
        }
    }

    /// Sets of one to three patterns of up to six tokens.
    fn some_patterns(number: usize) -> Vec<Pattern> {
        use PatternToken::{Char, One, OneInField, Run, RunInField};
        let tokens =
            [Char('a'), Char('K'), Char(':'), One, OneInField, Run, RunInField, Char('k'), Run, Char('\u{212a}')];
        let mut seed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut roll = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        (0..=roll(3)).map(|_| (0..roll(7)).map(|_| tokens[roll(tokens.len())]).collect()).collect()
    }

    #[test]
    fn a_set_has_the_same_texts_with_states_and_without() {
        let texts = texts(&['a', 'A', 'k', '\u{212a}', ':'], 4);
        for number in 0..600 {
            for folds in [false, true] {
                let patterns = some_patterns(number);
                let direct = Acceptor::new(patterns.clone(), folds);
                let by_states = Acceptor::new(patterns.clone(), folds);
                for text in &texts {
                    let is = by_states.has_by_states(text.chars());
                    assert_eq!(direct.has(text.chars()), is, "{patterns:?} {folds}: {text}");
                }
            }
        }
    }

    #[test]
    fn what_is_covered_or_apart_is_so_for_every_text() {
        let texts = texts(&['a', 'A', 'k', '\u{212a}', ':'], 4);
        let (mut covered, mut apart) = (0, 0);
        for number in 0..3000 {
            let folds = number % 2 == 0;
            let [one, other] = [number, number + 10_000].map(|n| some_patterns(n).swap_remove(0));
            let [one_set, other_set] = [&one, &other].map(|pattern| Acceptor::new([pattern.clone()], folds));
            if covers_pattern(&one, folds, &other) {
                covered += 1;
                let missing = texts.iter().find(|t| other_set.has(t.chars()) && !one_set.has(t.chars()));
                assert_eq!(missing, None, "{one:?} {other:?} {folds}");
            }
            if are_apart(&one, &other, folds) {
                apart += 1;
                let shared = texts.iter().find(|t| other_set.has(t.chars()) && one_set.has(t.chars()));
                assert_eq!(shared, None, "{one:?} {other:?} {folds}");
            }
        }
        assert!(covered > 100 && apart > 100, "{covered} {apart}");
    }

    #[test]
    fn a_wildcard_of_an_arn_stays_in_its_field() {
        let condition = |value: &str| crate::model::document::Condition {
            operator: "ArnLike".to_owned(),
            key: "aws:K".to_owned(),
            values: vec![value.to_owned()],
        };
        for pattern in ["*:a:::a:*", "a:*", "a:?:::*:a?", "*:*:*:*:*:*", "::::a*:", "*:*", "a:a*:::?:*a"] {
            let own = set(&[pattern], arn);
            let condition = condition(pattern);
            for text in texts(&['a', ':'], 9) {
                let known = crate::condition::Known::Values(vec![text.clone()]);
                let is =
                    crate::condition::holds(&condition, false, &|_| known.clone()) >= crate::condition::Truth::Likely;
                assert_eq!(own.has(text.chars()), is, "{pattern}: {text}");
            }
        }
    }

    #[test]
    fn case_and_exact_signs_count_as_they_should() {
        let folds = Acceptor::new([exact("Ak")], true);
        assert!(folds.has("aK".chars()) && folds.has("a\u{212a}".chars()) && !folds.has("a".chars()));
        let signs = [Sign::Exact('*'), Sign::Written('*')];
        let of_variable = Acceptor::new([glob(&signs)], false);
        assert!(of_variable.has("*x".chars()) && !of_variable.has("x".chars()));
        let wide = set(&["é?"], glob);
        assert!(wide.has("é漢".chars()) && !wide.has("é".chars()));
    }

    #[test]
    fn states_that_nothing_changes_are_told() {
        let own = set(&["ab*"], glob);
        let mut spent = 0;
        let end = "abc".chars().fold(own.start(), |state, c| own.step(state, c, &mut spent));
        assert_eq!(end, ALL);
        assert_eq!(own.step(own.start(), 'b', &mut spent), DEAD);
        assert_eq!(set(&["a:*"], arn).letters(), [':', 'a']);
    }
}
