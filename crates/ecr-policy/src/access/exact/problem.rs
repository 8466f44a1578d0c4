//! Words that must be found together: cells of words, tests on them, and variables that make one of two.

use std::collections::HashMap;
use std::rc::Rc;

use super::Unproved;
use super::acceptor::Acceptor;
use super::grammar::{FieldText, LetterClass, Shape, WHOLE, Word, WordFields};
use super::pattern::{Pattern, PatternToken, Sign, exact, glob, pattern_of, written};
use super::walk::{Steps, Walked, WordTest, walk};
use crate::condition::Family;

/// Some fields of the word of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct View {
    pub cell: usize,
    pub fields: WordFields,
}

/// Words of one form, of which one is looked for.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub shapes: Vec<Shape>,
    pub tests: Vec<WordTest>,
    pub hints: Vec<Word>,
    /// Tells which words may stand in for this one where a variable makes both one.
    pub form: CellForm,
}

/// The form that stands in for the word of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellForm {
    /// Any text, of a character at least or not.
    AnyText(usize),
    /// Any text of a tag.
    Tag(usize),
    /// A text of the same form alone.
    Account,
    Arn,
    Organization,
    Other,
}

/// A part of a value with variables that stand for words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ProblemPiece {
    Sign(Sign),
    Variable(View),
}

/// A pattern that a view must fit, or must not.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub view: View,
    pub value: Vec<ProblemPiece>,
    pub family: Option<Family>,
    pub is_in: bool,
}

/// Words that must be found together.
#[derive(Debug, Clone, Default)]
pub(super) struct WordProblem {
    pub cells: Vec<Cell>,
    pub equal: Vec<(View, View)>,
    /// Views that differ; the third tells whether in more than letter case.
    pub unequal: Vec<(View, View, bool)>,
    pub open: Vec<Open>,
    /// Tells whether something was left out that could be met: then nothing found proves nothing.
    pub is_partial: bool,
    aliases: HashMap<usize, View>,
}

/// The result of a problem.
pub(super) enum Solved {
    /// A text for each view.
    Words(Vec<Option<Word>>, HashMap<usize, View>),
    Nothing,
    Unproved(Unproved),
}

/// The mark of a variable that may stand for anything.
const ANYTHING_CHAR: char = '\0';
const ANYTHING: Sign = Sign::Exact(ANYTHING_CHAR);

/// The number of words of a variable that are tried where no more is known of it.
const TRIED: usize = 6;

/// The number of variables, one after the other, of which more than one word is tried.
const MOST_BRANCHES: usize = 5;

impl WordProblem {
    /// The view through what variables have made one.
    fn resolved(&self, mut view: View) -> View {
        while let Some(alias) = self.aliases.get(&view.cell) {
            view = if view.fields & alias.fields == alias.fields || view.fields == WHOLE {
                *alias
            } else {
                View { cell: alias.cell, fields: alias.fields & view.fields }
            };
        }
        view
    }

    pub fn solve(mut self, steps: &mut Steps) -> Solved {
        for (one, other) in std::mem::take(&mut self.equal) {
            self.join(one, other);
        }
        self.fill(steps, 0)
    }

    /// Makes one word of two, or leaves it to trying.
    fn join(&mut self, one: View, other: View) {
        let (one, other) = (self.resolved(one), self.resolved(other));
        if one == other {
            return;
        }
        for (constant, word) in [(one, other), (other, one)] {
            if let Some(text) = self.constant(constant) {
                let set = Rc::new(Acceptor::of_text(&text));
                if let Some(cell) = self.cells.get_mut(word.cell) {
                    cell.tests.push(WordTest { set, is_in: true, reads: word.fields });
                }
                return;
            }
        }
        let forms: Vec<CellForm> = self.cells.iter().map(|cell| cell.form).collect();
        let form = |view: View| forms.get(view.cell).copied().unwrap_or(CellForm::Other);
        let is_whole = |view: View| view.fields == WHOLE;
        let may = |from: View, onto: View| {
            from.cell != onto.cell
                && match form(from) {
                    CellForm::AnyText(_) | CellForm::Tag(_) => is_whole(from),
                    CellForm::Account => true,
                    CellForm::Arn => is_whole(from) && form(onto) == CellForm::Arn && is_whole(onto),
                    CellForm::Organization => form(onto) == CellForm::Organization && self.has_no_paths(from.cell),
                    CellForm::Other => false,
                }
                && (form(from) != CellForm::Account || self.is_account(onto))
        };
        let is_any = |view: View| matches!(form(view), CellForm::AnyText(_));
        let (from, onto) = if is_any(other) && may(other, one) {
            (other, one)
        } else if may(one, other) {
            (one, other)
        } else if may(other, one) {
            (other, one)
        } else {
            let value = vec![ProblemPiece::Variable(other)];
            self.open.push(Open { view: one, value, family: Some(Family::Text), is_in: true });
            return;
        };
        let moved = self.cells.get_mut(from.cell).map(|cell| std::mem::take(&mut cell.tests)).unwrap_or_default();
        let least = match form(from) {
            CellForm::AnyText(least) | CellForm::Tag(least) if least > 0 => Some(WordTest {
                set: Rc::new(Acceptor::new([glob(&written("?*"))], false)),
                is_in: true,
                reads: onto.fields,
            }),
            _ => None,
        };
        let is_tag = matches!(form(from), CellForm::Tag(_)) && !matches!(form(onto), CellForm::Tag(_));
        let others = is_tag.then(|| {
            // The other is of visible ASCII characters; those that a tag cannot have are kept out.
            let patterns: Vec<Pattern> = (' '..='~')
                .filter(|c| !LetterClass::Tag.has(*c))
                .map(|c| vec![PatternToken::Run, PatternToken::Char(c), PatternToken::Run])
                .collect();
            WordTest { set: Rc::new(Acceptor::new(patterns, false)), is_in: false, reads: onto.fields }
        });
        let least = least.into_iter().chain(others);
        if let Some(cell) = self.cells.get_mut(onto.cell) {
            let rename =
                |test: WordTest| WordTest { reads: if is_whole(from) { onto.fields } else { test.reads }, ..test };
            cell.tests.extend(moved.into_iter().map(rename).chain(least));
        }
        self.aliases.insert(from.cell, View { cell: onto.cell, fields: onto.fields });
    }

    /// The text of a cell that has no other.
    fn constant(&self, view: View) -> Option<String> {
        let [shape] = self.cells.get(view.cell)?.shapes.as_slice() else { return None };
        let [only] = shape.as_slice() else { return None };
        if let FieldText::Fixed(text) = &only.text { Some(text.clone()) } else { None }
    }

    fn has_no_paths(&self, cell: usize) -> bool {
        self.cells.get(cell).is_some_and(|cell| cell.shapes.iter().all(|shape| shape.len() == 2))
    }

    fn is_account(&self, view: View) -> bool {
        view.fields == super::grammar::ACCOUNT
            || self.cells.get(view.cell).is_some_and(|cell| cell.form == CellForm::Account)
    }

    /// Puts words in place of variables inside of patterns, one after the other.
    fn fill(mut self, steps: &mut Steps, depth: usize) -> Solved {
        let Some(open) = self.open.pop() else { return self.end(steps) };
        let variable = open.value.iter().find_map(|piece| match piece {
            ProblemPiece::Variable(view) => Some(*view),
            ProblemPiece::Sign(_) => None,
        });
        let view = self.resolved(open.view);
        let Some(variable) = variable.map(|v| self.resolved(v)) else {
            let signs: Vec<Sign> =
                open.value.iter().filter_map(|p| if let ProblemPiece::Sign(s) = p { Some(*s) } else { None }).collect();
            let folds = open.family == Some(Family::TextIgnoreCase);
            let set = Rc::new(Acceptor::new([pattern_of(open.family, &signs)], folds));
            let test = WordTest { set, is_in: open.is_in, reads: view.fields };
            if let Some(cell) = self.cells.get_mut(view.cell) {
                cell.tests.push(test);
            }
            return self.fill(steps, depth);
        };
        // With anything in place of the variables, the pattern takes more: where that is nothing, no text is to be tried.
        if let Some(cell) = self.cells.get(view.cell) {
            let signs: Vec<Sign> =
                open.value.iter().map(|p| if let ProblemPiece::Sign(s) = p { *s } else { ANYTHING }).collect();
            let pattern: Pattern = pattern_of(open.family, &signs)
                .into_iter()
                .map(|token| if token == PatternToken::Char(ANYTHING_CHAR) { PatternToken::Run } else { token })
                .collect();
            let set = Rc::new(Acceptor::new([pattern], open.family == Some(Family::TextIgnoreCase)));
            let mut tests = cell.tests.clone();
            tests.push(WordTest { set, is_in: true, reads: view.fields });
            match walk(&cell.shapes, &tests, &cell.hints, steps) {
                Walked::Spent => return Solved::Unproved(Unproved::Steps),
                Walked::Nothing if open.is_in => return Solved::Nothing,
                Walked::Nothing => return self.fill(steps, depth),
                Walked::Word(_) => {}
            }
        }
        let (texts, is_all) = self.candidates(variable, view, &open, steps);
        // Of many variables one text each is tried: that may find words, and proves nothing where it finds none.
        let most = if depth < MOST_BRANCHES { texts.len() } else { 1 };
        let mut is_partial = !is_all || texts.len() > most;
        for text in texts.into_iter().take(most) {
            let mut next = self.clone();
            let pinned = WordTest { set: Rc::new(Acceptor::of_text(&text)), is_in: true, reads: variable.fields };
            if let Some(cell) = next.cells.get_mut(variable.cell) {
                cell.tests.push(pinned);
            }
            let mut filled = open.clone();
            filled.value = open
                .value
                .iter()
                .flat_map(|piece| match piece {
                    ProblemPiece::Variable(v) if self.resolved(*v) == variable => {
                        text.chars().map(|c| ProblemPiece::Sign(Sign::Exact(c))).collect()
                    }
                    other => vec![other.clone()],
                })
                .collect();
            next.open.push(filled);
            match next.fill(steps, depth + 1) {
                found @ Solved::Words(..) => return found,
                Solved::Nothing => {}
                Solved::Unproved(Unproved::Steps) => return Solved::Unproved(Unproved::Steps),
                Solved::Unproved(_) => is_partial = true,
            }
        }
        if is_partial { Solved::Unproved(Unproved::Variable) } else { Solved::Nothing }
    }

    /// Texts that a variable may stand for, and whether they are all.
    fn candidates(&self, variable: View, view: View, open: &Open, steps: &mut Steps) -> (Vec<String>, bool) {
        let mut found: Vec<String> = Vec::new();
        let Some(cell) = self.cells.get(variable.cell) else { return (found, false) };
        let mut tests = cell.tests.clone();
        for _ in 0..TRIED {
            match walk(&cell.shapes, &tests, &cell.hints, steps) {
                Walked::Nothing => return (found, true),
                Walked::Spent => return (found, false),
                Walked::Word(word) => {
                    let text = word.view(variable.fields);
                    let set = Rc::new(Acceptor::of_text(&text));
                    tests.push(WordTest { set, is_in: false, reads: variable.fields });
                    found.push(text);
                }
            }
        }
        // What the pattern has to meet may say what the variable has to be.
        if let (Some(other), true) = (self.cells.get(view.cell), open.is_in) {
            let star = |piece: &ProblemPiece| match piece {
                ProblemPiece::Sign(sign) => *sign,
                ProblemPiece::Variable(_) => Sign::Written('*'),
            };
            let signs: Vec<Sign> = open.value.iter().map(star).collect();
            let family = if open.family == Some(Family::Text) { Some(Family::TextLike) } else { open.family };
            let set = Rc::new(Acceptor::new([pattern_of(family, &signs)], false));
            let mut tests = other.tests.clone();
            tests.push(WordTest { set, is_in: true, reads: view.fields });
            if let Walked::Word(word) = walk(&other.shapes, &tests, &other.hints, steps) {
                let text = word.view(view.fields);
                let begin = open.value.iter().take_while(|p| matches!(p, ProblemPiece::Sign(_))).count();
                let end = open.value.iter().rev().take_while(|p| matches!(p, ProblemPiece::Sign(_))).count();
                let letters: Vec<char> = text.chars().collect();
                let middle =
                    letters.get(begin..letters.len().saturating_sub(end)).map(|c| c.iter().collect::<String>());
                let pieces = text.split(['/', ':', '-', '.']).map(str::to_owned);
                let more: Vec<String> = middle.into_iter().chain(pieces).filter(|t| !found.contains(t)).collect();
                found.extend(more);
            }
        }
        (found, false)
    }

    /// Finds a word for each cell.
    fn end(self, steps: &mut Steps) -> Solved {
        let mut words: Vec<Option<Word>> = vec![None; self.cells.len()];
        let mut extra: Vec<Vec<WordTest>> = vec![Vec::new(); self.cells.len()];
        for at in 0..self.cells.len() {
            if self.aliases.contains_key(&at) {
                continue;
            }
            match self.word(at, &extra, steps) {
                Walked::Word(word) => {
                    if let Some(slot) = words.get_mut(at) {
                        *slot = Some(word);
                    }
                }
                Walked::Spent => return Solved::Unproved(Unproved::Steps),
                Walked::Nothing if self.is_partial => return Solved::Unproved(Unproved::Variable),
                Walked::Nothing => return Solved::Nothing,
            }
        }
        for _ in 0..=2 * self.unequal.len() {
            let text = |view: View, words: &[Option<Word>]| {
                words.get(view.cell).and_then(Option::as_ref).map(|word| word.view(view.fields))
            };
            let is_same = |a: View, b: View, folds: bool| match (text(a, &words), text(b, &words)) {
                (Some(a), Some(b)) => a == b || (folds && a.to_lowercase() == b.to_lowercase()),
                _ => true,
            };
            let mut pairs = self.unequal.iter().map(|(a, b, folds)| (self.resolved(*a), self.resolved(*b), *folds));
            let same = pairs.find(|(a, b, folds)| a == b || is_same(*a, *b, *folds));
            let Some((one, other, folds)) = same else { return Solved::Words(words, self.aliases) };
            if one == other {
                return if self.is_partial { Solved::Unproved(Unproved::Variable) } else { Solved::Nothing };
            }
            let Some(text) = text(one, &words) else { return Solved::Unproved(Unproved::Variable) };
            let mut is_moved = false;
            for view in [one, other] {
                let set = Rc::new(Acceptor::new([exact(&text)], folds));
                let Some(tests) = extra.get_mut(view.cell) else { continue };
                tests.push(WordTest { set, is_in: false, reads: view.fields });
                match self.word(view.cell, &extra, steps) {
                    Walked::Word(word) => {
                        if let Some(slot) = words.get_mut(view.cell) {
                            *slot = Some(word);
                        }
                        is_moved = true;
                        break;
                    }
                    Walked::Spent => return Solved::Unproved(Unproved::Steps),
                    Walked::Nothing => {
                        if let Some(tests) = extra.get_mut(view.cell) {
                            tests.pop();
                        }
                    }
                }
            }
            if !is_moved {
                // Both can be this one text alone, unless what keeps others apart has a part in it.
                let is_alone = self.unequal.len() == 1 && one.cell != other.cell && !self.is_partial;
                return if is_alone { Solved::Nothing } else { Solved::Unproved(Unproved::Variable) };
            }
        }
        Solved::Unproved(Unproved::Variable)
    }

    fn word(&self, at: usize, extra: &[Vec<WordTest>], steps: &mut Steps) -> Walked {
        let Some(cell) = self.cells.get(at) else { return Walked::Nothing };
        let more = extra.get(at).map_or(&[][..], Vec::as_slice);
        if more.is_empty() && cell.tests.iter().filter(|t| !t.is_in).count() < 3 {
            return walk(&cell.shapes, &cell.tests, &cell.hints, steps);
        }
        let tests: Vec<WordTest> = cell.tests.iter().chain(more).cloned().collect();
        walk(&cell.shapes, &joined(tests), &cell.hints, steps)
    }

    /// The text of a view, where words were found.
    pub fn text(words: &[Option<Word>], aliases: &HashMap<usize, View>, view: View) -> Option<String> {
        let mut view = view;
        while let Some(alias) = aliases.get(&view.cell) {
            view = if view.fields & alias.fields == alias.fields || view.fields == WHOLE {
                *alias
            } else {
                View { cell: alias.cell, fields: alias.fields & view.fields }
            };
        }
        Some(words.get(view.cell)?.as_ref()?.view(view.fields))
    }
}

/// Makes one test of those that keep the same fields out of several sets.
fn joined(tests: Vec<WordTest>) -> Vec<WordTest> {
    if tests.iter().filter(|t| !t.is_in).count() < 3 {
        return tests;
    }
    let (apart, mut kept): (Vec<WordTest>, Vec<WordTest>) = tests.into_iter().partition(|t| !t.is_in);
    let mut groups: Vec<(WordFields, bool, Vec<WordTest>)> = Vec::new();
    for test in apart {
        let folds = test.set.folds;
        match groups.iter_mut().find(|(reads, f, _)| *reads == test.reads && *f == folds) {
            Some((.., list)) => list.push(test),
            None => groups.push((test.reads, folds, vec![test])),
        }
    }
    for (reads, folds, list) in groups {
        if list.len() < 3 {
            kept.extend(list);
            continue;
        }
        let patterns: Vec<Pattern> = list.iter().flat_map(|t| t.set.patterns.iter().cloned()).collect();
        kept.push(WordTest { set: Rc::new(Acceptor::new(patterns, folds)), is_in: false, reads });
    }
    kept
}
