//! The walk through all automata at once: the first word that every test takes, or the proof that there is none.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::rc::Rc;

use super::acceptor::{ALL, Acceptor, DEAD};
use super::example::Examples;
use super::excluded::excludes_all;
use super::grammar::{Field, FieldText, LetterClass, Shape, Word, WordFields};

/// A test of some fields of a word: what they must be, or must not be.
#[derive(Debug, Clone)]
pub(super) struct WordTest {
    pub set: Rc<Acceptor>,
    pub is_in: bool,
    pub reads: WordFields,
}

impl WordTest {
    pub fn holds(&self, word: &Word) -> bool {
        self.set.has(word.chars(self.reads)) == self.is_in
    }
}

/// The result of a walk.
#[derive(Debug)]
pub(super) enum Walked {
    Word(Word),
    /// All words were gone through, and none was it.
    Nothing,
    /// The steps were spent before the end.
    Spent,
}

/// Steps that are left.
#[derive(Debug)]
pub(in crate::access) struct Steps(pub usize);

impl Steps {
    /// Takes steps; `false`: there are no more.
    pub fn take(&mut self, steps: usize) -> bool {
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// A place in the walk.
struct WalkNode {
    shape: usize,
    field: usize,
    count: usize,
    /// The characters so far, without those of fixed fields.
    taken: usize,
    states: Rc<[u32]>,
    before: Option<usize>,
    letter: Option<char>,
}

/// The mark of a test whose last field has been read and that holds.
const SETTLED: u32 = u32::MAX;

/// Finds a word that all tests take: one that people know where there is one, else the shortest.
/// `hints`: words that may be it, tried before all.
pub(super) fn walk(shapes: &[Shape], tests: &[WordTest], hints: &[Word], steps: &mut Steps) -> Walked {
    if !steps.take(tests.len()) {
        return Walked::Spent;
    }
    let usual = shapes.iter().map(usual);
    if let Some(word) = hints.iter().cloned().chain(usual).find(|word| tests.iter().all(|test| test.holds(word))) {
        return Walked::Word(word);
    }
    if excludes_all(shapes, tests) {
        return Walked::Nothing;
    }
    if !steps.take(20 * tests.len()) {
        return Walked::Spent;
    }
    let examples = Examples::new(shapes, tests);
    if let Some(word) = examples.first(tests) {
        return Walked::Word(known(word, shapes, tests));
    }
    let run = |steps: &mut Steps| Walk::new(shapes, tests).run(steps);
    // A short walk finds the shortest word. Where it is not enough, a longer word may be put together at once.
    let given = steps.0.min(SHORT_WALK);
    let mut short = Steps(given);
    let walked = run(&mut short);
    steps.take(given - short.0);
    let walked = match walked {
        Walked::Spent => match examples.mended(shapes, tests, steps) {
            Some(word) => Walked::Word(word),
            None => run(steps),
        },
        walked => walked,
    };
    match walked {
        Walked::Word(word) => Walked::Word(known(word, shapes, tests)),
        other => other,
    }
}

/// The steps of a walk before a word is put together of what patterns spell out.
const SHORT_WALK: usize = 400;

pub(super) fn usual(shape: &Shape) -> Word {
    let text = |field: &Field| match &field.text {
        FieldText::Fixed(text) => text.clone(),
        FieldText::Free { usual, .. } => usual.clone(),
    };
    Word(shape.iter().map(|field| (field.is, text(field))).collect())
}

/// The word with texts that people know, as far as the tests allow it.
fn known(mut word: Word, shapes: &[Shape], tests: &[WordTest]) -> Word {
    let is_of = |shape: &&Shape| {
        shape.len() == word.0.len() && shape.iter().zip(&word.0).all(|(field, (is, _))| field.is == *is)
    };
    let Some(shape) = shapes.iter().find(is_of) else { return word };
    for (at, field) in shape.iter().enumerate() {
        let FieldText::Free { class, least, most, usual } = &field.text else { continue };
        let Some(text) = word.0.get(at).map(|(_, text)| text.clone()).filter(|text| text != usual) else { continue };
        let put = |word: &mut Word, text: &str| {
            if let Some((_, own)) = word.0.get_mut(at) {
                text.clone_into(own);
            }
        };
        let others = [usual.clone(), format!("{text}{usual}"), format!("{usual}{text}")];
        let is_found = others.iter().any(|other| {
            if !(*least..=*most).contains(&other.chars().count()) || !other.chars().all(|c| class.has(c)) {
                return false;
            }
            put(&mut word, other);
            tests.iter().filter(|test| test.reads & field.is != 0).all(|test| test.holds(&word))
        });
        if !is_found {
            put(&mut word, &text);
        }
    }
    word
}

/// The characters of a field that matter.
#[derive(Default)]
struct FieldLetters {
    /// A character that stands for all that are not mentioned.
    other: Option<char>,
    /// The characters that a test mentions, sorted.
    mentioned: Vec<char>,
}

/// Shape, field, characters in it as far as they count, and the states of the tests.
type Seen = (usize, usize, usize, Rc<[u32]>);

struct Walk<'a> {
    shapes: &'a [Shape],
    tests: &'a [WordTest],
    nodes: Vec<WalkNode>,
    seen: HashMap<Seen, usize>,
    /// The places to go on from, those first from which the end may be nearest.
    queue: BinaryHeap<Reverse<(usize, usize)>>,
}

impl<'a> Walk<'a> {
    fn new(shapes: &'a [Shape], tests: &'a [WordTest]) -> Self {
        Self { shapes, tests, nodes: Vec::new(), seen: HashMap::new(), queue: BinaryHeap::new() }
    }

    fn run(&mut self, steps: &mut Steps) -> Walked {
        let mut letters: HashMap<(usize, usize), FieldLetters> = HashMap::new();
        for shape in 0..self.shapes.len() {
            let states: Option<Vec<u32>> = self.tests.iter().map(|test| self.begun(test, shape)).collect();
            if let Some(states) = states
                && let Some(word) = self.enter(shape, 0, states.into(), None, steps)
            {
                return Walked::Word(word);
            }
        }
        let mut next: Vec<u32> = Vec::new();
        while let Some(Reverse((_, at))) = self.queue.pop() {
            let Some(node) = self.nodes.get(at) else { continue };
            let (shape, field, count) = (node.shape, node.field, node.count);
            let states = node.states.clone();
            let shapes = self.shapes;
            let Some(read) = shapes.get(shape).and_then(|shape| shape.get(field)) else { continue };
            let FieldText::Free { class, least, most, .. } = &read.text else { continue };
            let (class, least, most) = (*class, *least, *most);
            if count >= least
                && let Some(left) = self.left(shape, field, &states)
                && let Some(word) = self.enter(shape, field + 1, left, Some(at), steps)
            {
                return Walked::Word(word);
            }
            if count >= most {
                continue;
            }
            let reading: Vec<usize> =
                (0..self.tests.len()).filter(|t| self.reads(*t, read.is) && states.get(*t) != Some(&SETTLED)).collect();
            let mut reached: Vec<Rc<[u32]>> = Vec::new();
            let telling = if let Some(only) = self.only_letters(class, &reading, &states) {
                only
            } else {
                let own = letters.entry((shape, field)).or_insert_with(|| self.letters(read));
                self.telling(own, &reading, &states)
            };
            for c in telling {
                if !steps.take(reading.len() + 1) {
                    return Walked::Spent;
                }
                if !self.step_all(&reading, &states, c, &mut next, steps)
                    || reached.iter().any(|there| **there == *next.as_slice())
                {
                    continue;
                }
                let next: Rc<[u32]> = next.as_slice().into();
                reached.push(Rc::clone(&next));
                self.add(shape, field, count + 1, next, (Some(at), Some(c)), (least, most));
            }
        }
        Walked::Nothing
    }

    fn field(&self, shape: usize, field: usize) -> Option<&Field> {
        self.shapes.get(shape).and_then(|shape| shape.get(field))
    }

    fn reads(&self, test: usize, is: WordFields) -> bool {
        self.tests.get(test).is_some_and(|test| test.reads & is != 0)
    }

    /// The state of a test before the first field; none: it reads nothing of the shape, and does not hold.
    fn begun(&self, test: &WordTest, shape: usize) -> Option<u32> {
        let start = test.set.start();
        if self.shapes.get(shape).is_some_and(|shape| shape.iter().any(|field| test.reads & field.is != 0)) {
            return may_hold(test, start).then_some(start);
        }
        (test.set.accepts(start) == test.is_in).then_some(SETTLED)
    }

    /// The characters that tests tell apart in a field, and one that stands for all others.
    fn letters(&self, field: &Field) -> FieldLetters {
        let FieldText::Free { class, usual, .. } = &field.text else { return FieldLetters::default() };
        let reading = self.tests.iter().filter(|test| test.reads & field.is != 0);
        let mut mentioned: Vec<char> = reading.flat_map(|test| test.set.letters()).copied().collect();
        mentioned.sort_unstable();
        mentioned.dedup();
        let other = class.other(usual, &|c| mentioned.binary_search(&c).is_ok());
        mentioned.retain(|c| class.has(*c));
        FieldLetters { other, mentioned }
    }

    /// The characters with which words can go on at all, where a test that must hold takes few.
    fn only_letters(&self, class: LetterClass, reading: &[usize], states: &[u32]) -> Option<Vec<char>> {
        reading.iter().find_map(|at| {
            let (test, state) = (self.tests.get(*at).filter(|test| test.is_in)?, states.get(*at)?);
            let mut letters = Vec::new();
            let is_closed = test.set.tell(*state, &mut letters);
            letters.retain(|c| class.has(*c));
            is_closed.then_some(letters)
        })
    }

    /// The characters that tests tell apart in their states, one that stands for all others among them.
    fn telling(&self, own: &FieldLetters, reading: &[usize], states: &[u32]) -> Vec<char> {
        let mut letters: Vec<char> = Vec::new();
        for (test, state) in reading.iter().filter_map(|at| Some((self.tests.get(*at)?, *states.get(*at)?))) {
            test.set.tell(state, &mut letters);
        }
        letters.sort_unstable();
        letters.dedup();
        let is_told = |c: &char| letters.binary_search(c).is_ok();
        let Some(other) = own.other else {
            // The first that is not told apart stands for all of its like.
            let mut has_one = false;
            return own
                .mentioned
                .iter()
                .copied()
                .filter(|c| is_told(c) || !std::mem::replace(&mut has_one, true))
                .collect();
        };
        let has = |c: &char| own.mentioned.binary_search(c).is_ok();
        std::iter::once(other).chain(letters.iter().copied().filter(has)).collect()
    }

    /// Takes a character from `states` to `next`; `false`: no word goes on from there.
    fn step_all(&self, reading: &[usize], states: &[u32], c: char, next: &mut Vec<u32>, steps: &mut Steps) -> bool {
        next.clear();
        next.extend_from_slice(states);
        let mut spent = 0;
        let may_go_on = reading.iter().all(|at| {
            let (Some(test), Some(state)) = (self.tests.get(*at), next.get_mut(*at)) else { return false };
            *state = test.set.step(*state, c, &mut spent);
            may_hold(test, *state)
        });
        steps.take(spent);
        may_go_on
    }

    /// The states when a field is behind: tests that read no further one hold, or no word goes on from there.
    fn left(&self, shape: usize, field: usize, states: &Rc<[u32]>) -> Option<Rc<[u32]>> {
        let later = self.shapes.get(shape)?.get(field + 1..)?;
        let is = self.field(shape, field)?.is;
        let mut next: Option<Vec<u32>> = None;
        for (at, (test, state)) in self.tests.iter().zip(states.iter()).enumerate() {
            let ends = *state != SETTLED && test.reads & is != 0 && !later.iter().any(|f| test.reads & f.is != 0);
            if ends {
                if test.set.accepts(*state) != test.is_in {
                    return None;
                }
                if let Some(state) = next.get_or_insert_with(|| states.to_vec()).get_mut(at) {
                    *state = SETTLED;
                }
            }
        }
        Some(next.map_or_else(|| Rc::clone(states), Rc::from))
    }

    /// Goes through fields of a fixed text up to a free one. The word, where it is at its end.
    fn enter(
        &mut self,
        shape: usize,
        mut field: usize,
        mut states: Rc<[u32]>,
        before: Option<usize>,
        steps: &mut Steps,
    ) -> Option<Word> {
        loop {
            let shapes = self.shapes;
            let Some(Field { is, text }) = shapes.get(shape).and_then(|shape| shape.get(field)) else {
                return Some(self.word(shape, before));
            };
            match text {
                FieldText::Free { least, most, .. } => {
                    self.add(shape, field, 0, states, (before, None), (*least, *most));
                    return None;
                }
                FieldText::Fixed(text) => {
                    let reading: Vec<usize> = (0..self.tests.len())
                        .filter(|t| self.reads(*t, *is) && states.get(*t) != Some(&SETTLED))
                        .collect();
                    steps.take(text.len() * reading.len());
                    let (mut from, mut to) = (states.to_vec(), Vec::new());
                    for c in text.chars() {
                        if !self.step_all(&reading, &from, c, &mut to, steps) {
                            return None;
                        }
                        std::mem::swap(&mut from, &mut to);
                    }
                    states = from.into();
                    states = self.left(shape, field, &states)?;
                    field += 1;
                }
            }
        }
    }

    /// Adds a place, unless it has been there with as few characters in the field.
    fn add(
        &mut self,
        shape: usize,
        field: usize,
        count: usize,
        states: Rc<[u32]>,
        (before, letter): (Option<usize>, Option<char>),
        (least, most): (usize, usize),
    ) {
        let key = (shape, field, count.min(least), states.clone());
        match self.seen.get_mut(&key) {
            Some(fewest) if most == usize::MAX || *fewest <= count => return,
            Some(fewest) => *fewest = count,
            None => {
                self.seen.insert(key, count);
            }
        }
        let far = |(test, state): (&WordTest, &u32)| {
            if test.is_in && *state != SETTLED { test.set.rest(*state) as usize } else { 0 }
        };
        let ahead = self.tests.iter().zip(states.iter()).map(far).max().unwrap_or_default();
        let taken = before.and_then(|at| self.nodes.get(at)).map_or(0, |node| node.taken);
        let taken = taken + usize::from(letter.is_some());
        self.nodes.push(WalkNode { shape, field, count, taken, states, before, letter });
        self.queue.push(Reverse((taken.saturating_add(ahead), self.nodes.len() - 1)));
    }

    /// The word that led to a place, which is the last one of it.
    fn word(&self, shape: usize, mut at: Option<usize>) -> Word {
        let fields = self.shapes.get(shape).map_or(&[][..], Vec::as_slice);
        let mut texts: Vec<String> = vec![String::new(); fields.len()];
        while let Some(node) = at.and_then(|at| self.nodes.get(at)) {
            if let (Some(letter), Some(text)) = (node.letter, texts.get_mut(node.field)) {
                text.push(letter);
            }
            at = node.before;
        }
        let text = |(field, found): (&Field, String)| match &field.text {
            FieldText::Fixed(text) => (field.is, text.clone()),
            FieldText::Free { .. } => (field.is, found.chars().rev().collect()),
        };
        Word(fields.iter().zip(texts).map(text).collect())
    }
}

fn may_hold(test: &WordTest, state: u32) -> bool {
    state != if test.is_in { DEAD } else { ALL }
}

#[cfg(test)]
mod tests {
    use super::super::grammar::{ACCOUNT, ARN, CallerKind, NAME, ROLE_OF_SESSION, WHOLE, callers, texts};
    use super::super::pattern::{arn, glob, written};
    use super::*;

    fn test(pattern: &str, is_in: bool, reads: WordFields) -> WordTest {
        WordTest { set: Rc::new(Acceptor::new([glob(&written(pattern))], false)), is_in, reads }
    }

    fn found(shapes: &[Shape], tests: &[WordTest]) -> Option<String> {
        match walk(shapes, tests, &[], &mut Steps(1_000_000)) {
            Walked::Word(word) => {
                assert!(tests.iter().all(|t| t.holds(&word)), "{word:?}");
                Some(word.view(WHOLE))
            }
            Walked::Nothing => None,
            Walked::Spent => panic!("spent"),
        }
    }

    fn role() -> Vec<Shape> {
        callers(CallerKind::Role, "aws", "999999999999", "other")
    }

    #[test]
    fn a_word_that_people_know_comes_first() {
        let role = |tests: &[WordTest]| found(&role(), tests).unwrap();
        assert_eq!(role(&[]), "arn:aws:iam::999999999999:role/other");
        assert_eq!(role(&[test("*:role/ci-*", true, ARN)]), "arn:aws:iam::999999999999:role/ci-other");
        assert_eq!(
            role(&[test("*:role/ci-*", true, ARN), test("*-prod", true, ARN)]),
            "arn:aws:iam::999999999999:role/ci-prod"
        );
        assert_eq!(
            role(&[test("1*", true, ACCOUNT), test("other", false, NAME)]),
            "arn:aws:iam::199999999999:role/xother"
        );
    }

    #[test]
    fn a_path_may_hold_colons_and_an_account_has_twelve_digits() {
        let role = |tests: &[WordTest]| found(&role(), tests);
        let elsewhere = || test("111111111111", false, ACCOUNT);
        let met = role(&[test("*:111111111111:role/ci", true, ARN), elsewhere()]).unwrap();
        assert!(met.ends_with(":111111111111:role/ci"), "{met}");
        assert!(crate::ecr::principal::is_principal(&met), "{met}");
        assert_eq!(role(&[test("arn:aws:iam::111111111111*", true, ARN), elsewhere()]), None);
        assert_eq!(role(&[test("111111111111*", true, ACCOUNT), elsewhere()]), None);
        assert!(role(&[test("11111111111?", true, ACCOUNT), elsewhere()]).is_some());
        let field_by_field = WordTest {
            set: Rc::new(Acceptor::new([arn(&written("arn:*:iam::111111111111:role/*"))], false)),
            is_in: true,
            reads: ARN,
        };
        assert_eq!(role(&[field_by_field, elsewhere()]), None);
    }

    #[test]
    fn names_have_an_end() {
        let role = |length: usize| found(&role(), &[test(&"?".repeat(length), true, NAME)]);
        assert!(role(64).is_some() && role(65).is_none());
        // A longer text with a path is another matter.
        let of = |pattern: String| found(&self::role(), &[test(&pattern, true, ARN)]);
        let long = "?".repeat(70);
        assert!(of(format!("arn:aws:iam::999999999999:role/{long}")).is_some());
        assert!(of(format!("arn:aws:iam::999999999999:role/{}", "x".repeat(65))).is_none());
    }

    #[test]
    fn every_small_set_of_tests_is_decided_as_by_trying_all_words() {
        let patterns = ["a*", "*b", "?", "*a?", "a?*b", "b*a*", "??", "*"];
        let words: Vec<String> = {
            let mut all = vec![String::new()];
            for at in 0..1300 {
                for c in ['a', 'b', 'e'] {
                    let word: String = format!("{}{c}", all[at]);
                    all.push(word);
                }
            }
            all.into_iter().filter(|w| !w.is_empty() && w.len() <= 6).collect()
        };
        for mask in 0..3u32.pow(5) {
            let digits = (0..5).map(|at| (mask / 3u32.pow(at)) % 3);
            let tests: Vec<WordTest> = digits
                .enumerate()
                .filter(|(_, d)| *d > 0)
                .map(|(at, d)| test(patterns[(at * 3 + mask as usize) % patterns.len()], d == 1, WHOLE))
                .collect();
            let one = found(&texts(1, "abba"), &tests);
            let is = words.iter().any(|w| tests.iter().all(|t| t.set.has(w.chars()) == t.is_in));
            assert_eq!(one.is_some(), is, "{mask}: {one:?}");
        }
    }

    #[test]
    fn what_is_excluded_at_a_look_is_found_by_no_walk() {
        let mut counts = [0, 0];
        let names = ["b", "ab", "x"].map(|name| {
            let set = Rc::new(Acceptor::of_text(&format!("111111111111:role/{name}")));
            WordTest { set, is_in: true, reads: ROLE_OF_SESSION }
        });
        let patterns = ["*b", "*:role/*ab", "arn:aws:iam::*:role/x", "*/x", "*a?", "*:role/ab*", "*c", "*"];
        let session = callers(CallerKind::Session, "aws", "999999999999", "other");
        for (shapes, named) in
            [(role(), None), (session.clone(), None)].into_iter().chain(names.map(|name| (session.clone(), Some(name))))
        {
            for mask in 0..3u32.pow(4) {
                for from in 0..patterns.len() {
                    let digits = (0..4).map(|at| (mask / 3u32.pow(at)) % 3);
                    let more = digits.enumerate().filter(|(_, d)| *d > 0);
                    let more = more.map(|(at, d)| test(patterns[(from + at) % patterns.len()], d == 1, ARN));
                    let tests: Vec<WordTest> = named.iter().cloned().chain(more).collect();
                    let is_excluded = excludes_all(&shapes, &tests);
                    counts[usize::from(is_excluded)] += 1;
                    let mut walk = Walk::new(&shapes, &tests);
                    let found = is_excluded.then(|| walk.run(&mut Steps(1_000_000)));
                    assert!(matches!(found, None | Some(Walked::Nothing)), "{tests:?} {found:?}");
                }
            }
        }
        assert!(counts.iter().all(|count| *count > 500), "{counts:?}");
    }

    #[test]
    fn steps_that_are_spent_are_told() {
        let tests = [
            test("*a?????????????????", true, NAME),
            test("*b??????????????????", true, NAME),
            test("*c????????????????????", true, NAME),
        ];
        assert!(matches!(walk(&role(), &tests, &[], &mut Steps(500)), Walked::Spent));
    }
}
