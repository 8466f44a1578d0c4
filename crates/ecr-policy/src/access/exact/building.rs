//! Builds the words of a component and what is asked of them, once it is chosen which keys are there.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::Class;
use super::super::rules::Cond;
use super::Unproved;
use super::acceptor::Acceptor;
use super::cast::{Names, Standing, Tells, of_cast};
use super::component::{Ask, Components, Feasible, Solution, Values};
use super::grammar::{
    ACCOUNT, ARN, BESIDE, CallerKind, MOST_PATHS, ORGANIZATION, SERVICE, WHOLE, Word, accounts, arns, callers,
    organizations, place, tags, texts, word_of,
};
use super::keys::{Group, KeyGroup, Texts, texts_of};
use super::pattern::Pattern;
use super::presence::Presence;
use super::problem::{Cell, CellForm, Open, ProblemPiece, Solved, View, WordProblem};
use super::reading::{ReadValue, Status, filled};
use super::walk::{Steps, WordTest};
use crate::condition::{Family, Known, SetPrefix};

/// The number of a key's values that a constraint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    /// The one at this place.
    One(usize),
}

/// The steps that it takes to read a value with variables.
const STEPS_A_VALUE: usize = 8;

/// The treatment of conditions that ask for more values of a key than are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// They are left out.
    Left,
    /// Each is put on a value that another asks for.
    Joined,
}

/// A way to meet one condition.
enum Way {
    Set(Rc<Acceptor>),
    /// A set of other fields than those of the key.
    Fields(View, Rc<Acceptor>),
    Equal(View),
    /// A text of the operator's family with variables in it.
    Open(Vec<ProblemPiece>, Option<Family>),
    /// Just the text of another key, letter case aside.
    EqualButForCase(View),
}

/// The problem as far as it is built.
pub(super) struct Building<'b, 'a> {
    all: &'b Components<'a>,
    chosen: &'b HashMap<usize, Presence>,
    ask: &'b Ask<'b>,
    problem: WordProblem,
    /// The words of each key.
    views: HashMap<Rc<str>, Vec<View>>,
    rows: Vec<(Rc<str>, Values)>,
    /// Tells whether letters were compared without their case in a way that is not the evaluator's in all languages.
    is_loose: bool,
    /// Tells whether more values of a key are asked for than are looked for.
    pub is_shared: bool,
    sharing: Sharing,
}

impl<'b, 'a> Building<'b, 'a> {
    pub fn new(
        all: &'b Components<'a>,
        chosen: &'b HashMap<usize, Presence>,
        ask: &'b Ask<'b>,
        sharing: Sharing,
    ) -> Self {
        let (problem, views, rows) = Default::default();
        Self { all, chosen, ask, problem, views, rows, is_loose: false, is_shared: false, sharing }
    }

    fn read(&self, cond: usize) -> Option<&Cond> {
        self.all.space.conds.get(cond)
    }

    fn status(&self, key: &str) -> Status {
        let of = self.all.group_of(key).and_then(|(at, group)| Some((group, self.chosen.get(&at)?)));
        self.all.status(key, of, self.ask.cast)
    }

    /// The conditions of the question on a key that are no matter of its presence.
    fn on<'k>(&'k self, key: &'k str) -> impl Iterator<Item = (usize, bool, &'k Cond)> {
        let all = self.ask.conds.iter().filter_map(|(c, wanted)| Some((*c, *wanted, self.read(*c)?)));
        all.filter(move |(_, _, read)| read.key == key && read.family() != Some(Family::Null))
    }

    /// Tells whether a condition of the question asks for one value among several, and not for all.
    fn is_some(wanted: bool, read: &Cond) -> bool {
        let set = read.operator.and_then(|o| o.set);
        wanted == (set == Some(SetPrefix::ForAnyValue))
    }

    /// Makes the cells of a group.
    pub fn begin(&mut self, at: usize, steps: &mut Steps) -> Feasible {
        let yes = || Feasible::Yes(Rc::default());
        let Some(group) = self.all.groups.get(at) else { return Feasible::No };
        let space = self.all.space;
        let fresh = &space.fresh;
        let (partition, word) = (fresh.partition.as_str(), fresh.word.as_str());
        let present = matches!(self.chosen.get(&at), Some(Presence::Present | Presence::Only(_)));
        match &group.group {
            Group::Caller => self.caller(group, steps),
            _ if !present => yes(),
            Group::Time => self.rows(group),
            Group::Organization(begin) => {
                let paths = format!("{begin}orgpaths");
                let somes = self.on(&paths).filter(|(_, wanted, read)| Self::is_some(*wanted, read)).count();
                self.is_shared |= somes > MOST_PATHS;
                let count = if group.keys.iter().any(|k| **k == *paths) { somes.clamp(1, MOST_PATHS) } else { 0 };
                let id = if *begin == "aws:resource" { "8888888888" } else { "9999999999" };
                let cell = self.add(organizations(id, count, word), CellForm::Organization);
                self.keep_near(cell, group, ORGANIZATION);
                self.views.insert(format!("{begin}orgid").as_str().into(), vec![View { cell, fields: ORGANIZATION }]);
                let views = (0..count).map(|n| View { cell, fields: ORGANIZATION | place(n) }).collect();
                self.views.insert(paths.as_str().into(), views);
                self.apart();
                yes()
            }
            Group::Source => {
                let is_there = |key: &str| self.status(key) == Status::Word && group.keys.iter().any(|k| **k == *key);
                let (arn, account) = (is_there("aws:sourcearn"), is_there("aws:sourceaccount"));
                let cell = if arn {
                    // An ARN without an account says nothing of the account that is told beside it.
                    let mut shapes = arns(partition, &fresh.account, word);
                    if account && let Some(without) = shapes.pop() {
                        shapes.push(with_account(without, &fresh.account));
                    }
                    self.add(shapes, CellForm::Arn)
                } else {
                    self.add(accounts(&fresh.account), CellForm::Account)
                };
                if arn {
                    self.views.insert("aws:sourcearn".into(), vec![View { cell, fields: ARN }]);
                }
                if account {
                    self.views.insert(
                        "aws:sourceaccount".into(),
                        vec![View { cell, fields: if arn { ACCOUNT | BESIDE } else { ACCOUNT } }],
                    );
                }
                yes()
            }
            Group::Single(key) => {
                if group.listing(space).is_some() {
                    return self.rows(group);
                }
                let somes = self.on(key).filter(|(_, wanted, read)| Self::is_some(*wanted, read)).count();
                let is_many = group.is_many(space);
                let count = if is_many { somes.max(1) } else { 1 };
                let has_sets = self.on(key).any(|(_, _, read)| read.operator.is_some_and(|o| o.set.is_some()));
                let mut views = Vec::new();
                for _ in 0..count {
                    let form = texts_of(key);
                    let (shapes, form, fields) = match form {
                        Texts::Account => (accounts(&fresh.account), CellForm::Account, ACCOUNT),
                        Texts::Arn => (arns(partition, &fresh.account, word), CellForm::Arn, WHOLE),
                        Texts::Tag(least) | Texts::Any(least) => {
                            // An empty text counts as no value there.
                            let least = if is_many || has_sets { 1 } else { least };
                            if matches!(form, Texts::Tag(_)) {
                                (tags(least, &usual(key, fresh)), CellForm::Tag(least), WHOLE)
                            } else {
                                (texts(least, &usual(key, fresh)), CellForm::AnyText(least), WHOLE)
                            }
                        }
                    };
                    let cell = self.add(shapes, if is_many { CellForm::Other } else { form });
                    self.keep_near(cell, group, fields);
                    views.push(View { cell, fields });
                }
                self.views.insert(Rc::clone(key), views);
                yes()
            }
        }
    }

    fn add(&mut self, shapes: Vec<super::grammar::Shape>, form: CellForm) -> usize {
        // What is not of Lambda's form is of another service.
        let lambda = || Rc::new(Acceptor::of_text("lambda"));
        let has_service = shapes.iter().flatten().any(|field| field.is & SERVICE != 0);
        let tests =
            if has_service { vec![WordTest { set: lambda(), is_in: false, reads: SERVICE }] } else { Vec::new() };
        self.problem.cells.push(Cell { shapes, tests, hints: Vec::new(), form });
        self.problem.cells.len() - 1
    }

    /// Leaves out what is further out of reach than the question has it.
    fn keep_near(&mut self, cell: usize, group: &KeyGroup, reads: u16) {
        if let Some(set) = group.beyond(self.all.space, self.ask.limit, &self.ask.cast.owner)
            && let Some(cell) = self.problem.cells.get_mut(cell)
        {
            cell.tests.push(WordTest { set, is_in: false, reads });
        }
    }

    /// Makes members of the owner's organization members of one that is meant.
    fn apart(&mut self) {
        if self.ask.limit >= Class::Organization {
            return;
        }
        let view = |key: &str| self.views.get(key).and_then(|v| v.first()).copied();
        let Some(owner) = view("aws:resourceorgid") else { return };
        for key in ["aws:principalorgid", "aws:vpceorgid"] {
            let is_near = key == "aws:vpceorgid" && self.ask.limit >= Class::Network;
            if let Some(own) = view(key)
                && !is_near
                && !self.problem.unequal.contains(&(own, owner, false))
            {
                self.problem.unequal.push((own, owner, false));
            }
        }
    }

    fn caller(&mut self, group: &KeyGroup, steps: &mut Steps) -> Feasible {
        let space = self.all.space;
        let (fresh, cast) = (&space.fresh, self.ask.cast);
        let named = self.all.named(&cast.owner, steps);
        if !named.is_whole {
            return Feasible::Unproved(Unproved::Steps);
        }
        let mut tests = of_cast(cast, &named);
        let mut account = match cast.standing {
            Standing::Own => Some(cast.owner.to_string()),
            Standing::Named => named.all.iter().find(|id| **id != *cast.owner).cloned(),
            Standing::Stranger | Standing::Service => None,
        };
        let mut hints: Vec<Word> = Vec::new();
        for (rule, wanted) in self.ask.entries {
            match (self.all.names(*rule, cast.kind), wanted) {
                (Names::All, true) | (Names::Nobody, false) => {}
                (Names::All, false) | (Names::Nobody, true) => return Feasible::No,
                (Names::Texts { reads, set, is_in, first }, wanted) => {
                    if is_in && *wanted && reads == ACCOUNT {
                        account = first;
                    } else if is_in
                        && *wanted
                        && cast.kind != CallerKind::Service
                        && let Some(first) = first
                    {
                        let partition = fresh.partition.as_str();
                        hints.extend(match cast.kind {
                            CallerKind::Role | CallerKind::User => word_of(&first, None),
                            CallerKind::Session => word_of(&format!("arn:{partition}:iam::{first}"), Some(&fresh.word)),
                            CallerKind::Root | CallerKind::Federated | CallerKind::Service => None,
                        });
                        account = first
                            .split(':')
                            .find(|f| f.len() == 12 && f.bytes().all(|b| b.is_ascii_digit()))
                            .map(str::to_owned)
                            .or(account);
                    }
                    tests.push(WordTest { set, is_in: is_in == *wanted, reads });
                }
            }
        }
        let account = account.unwrap_or_else(|| fresh.account.clone());
        for hint in self.ask.hints {
            let of = |(is, text): &(u16, String)| (*is, if *is == ACCOUNT { account.clone() } else { text.clone() });
            hints.push(Word(hint.0.iter().map(of).collect()));
        }
        let shapes = callers(cast.kind, fresh.partition.as_str(), &account, &fresh.word);
        self.problem.cells.push(Cell { shapes, tests, hints, form: CellForm::Other });
        let cell = self.problem.cells.len() - 1;
        for key in &group.keys {
            if let (Tells::Reads(fields) | Tells::MayRead(fields), Status::Word) = (cast.tells(key), self.status(key)) {
                self.views.insert(Rc::clone(key), vec![View { cell, fields }]);
            }
        }
        self.views.insert("".into(), vec![View { cell, fields: WHOLE }]);
        Feasible::Yes(Rc::default())
    }

    /// Chooses rows of values that stand in an order.
    fn rows(&mut self, group: &KeyGroup) -> Feasible {
        let Some(listing) = group.listing(self.all.space) else { return Feasible::No };
        let count = listing.listed.rows.len();
        let mut every: Vec<bool> = listing.ranks.iter().map(|rank| *rank <= self.ask.limit).collect();
        let mut somes: Vec<Vec<bool>> = Vec::new();
        let mut is_exact = listing.listed.is_whole;
        let is_many = group.is_many(self.all.space);
        for key in &listing.listed.keys {
            for (cond, wanted, read) in self.on(key) {
                let negated = read.operator.is_some_and(|o| o.negated);
                if read.condition.values.iter().any(|v| v.contains("${")) && read.has_variables() {
                    return Feasible::Unproved(Unproved::Values);
                }
                let is_in = wanted != negated;
                is_exact |= is_in && read.family() == Some(Family::Text);
                let mut fits: Vec<bool> = listing.matching(cond, read).iter().map(|m| *m == is_in).collect();
                fits.resize(count, false);
                if is_many && Self::is_some(wanted, read) {
                    somes.push(fits);
                } else {
                    every.iter_mut().zip(&fits).for_each(|(all, fits)| *all &= fits);
                }
            }
        }
        if somes.is_empty() {
            somes.push(vec![true; count]);
        }
        let mut chosen: Vec<usize> = Vec::new();
        for some in &somes {
            let mut rows = every.iter().zip(some).enumerate().filter(|(_, (all, some))| **all && **some);
            match rows.next() {
                Some((row, _)) => chosen.push(row),
                None if is_exact => return Feasible::No,
                None => return Feasible::Unproved(Unproved::Values),
            }
        }
        chosen.sort_unstable();
        chosen.dedup();
        for (column, key) in listing.listed.keys.iter().enumerate() {
            let texts = chosen.iter().filter_map(|row| listing.listed.rows.get(*row)?.get(column).cloned());
            self.rows.push((Rc::clone(key), Some(texts.collect())));
        }
        Feasible::Yes(Rc::default())
    }

    /// Adds the conditions, and solves.
    pub fn finish(mut self, steps: &mut Steps) -> Feasible {
        let mut choices: Vec<(View, Vec<Way>)> = Vec::new();
        let mut used: HashMap<String, usize> = HashMap::new();
        let asked: Vec<(usize, bool)> = self.ask.conds.to_vec();
        for (cond, wanted) in asked {
            let Some(read) = self.all.space.conds.get(cond) else { return Feasible::No };
            let Some(operator) = read.operator else {
                // What has no such operator never holds.
                if wanted {
                    return Feasible::No;
                }
                continue;
            };
            if operator.family == Family::Null {
                continue;
            }
            match self.status(&read.key) {
                Status::Absent | Status::Empty | Status::Row => {}
                Status::Fixed(text) => match self.fixed(&text, cond, wanted, read, &mut choices) {
                    Feasible::Yes(_) => {}
                    other => return other,
                },
                Status::Word => {
                    let is_in = wanted != operator.negated;
                    let some = Self::is_some(wanted, read);
                    let views = self.views.get(read.key.as_str()).cloned().unwrap_or_default();
                    let which = if some && views.len() > 1 {
                        let next = used.entry(read.key.clone()).or_default();
                        *next += 1;
                        Which::One(*next - 1)
                    } else {
                        Which::All
                    };
                    let views: Vec<View> = match which {
                        Which::All => views,
                        Which::One(at) if at >= views.len() && self.sharing == Sharing::Left => continue,
                        Which::One(at) => views.get(at % views.len()).copied().into_iter().collect(),
                    };
                    // To replace the variables of a list is work, too.
                    if !read.variables.is_empty() && !steps.take(STEPS_A_VALUE * read.condition.values.len()) {
                        return Feasible::Unproved(Unproved::Steps);
                    }
                    match self.constrain(&views, cond, is_in, read, &mut choices) {
                        Feasible::Yes(_) => {}
                        other => return other,
                    }
                }
            }
        }
        let count = choices.iter().fold(1usize, |all, (_, ways)| all.saturating_mul(ways.len()));
        if count > 256 {
            return Feasible::Unproved(Unproved::Variable);
        }
        let is_joined = self.is_shared && self.sharing == Sharing::Joined;
        let mut unproved = self.is_loose.then_some(Unproved::Values).or(is_joined.then_some(Unproved::Steps));
        for number in 0..count {
            let is_last = number + 1 == count;
            let open = self.problem.cells.iter().map(|cell| cell.tests.len()).sum::<usize>() + self.problem.open.len();
            if !steps.take(open) {
                return Feasible::Unproved(Unproved::Steps);
            }
            let mut problem = if is_last { std::mem::take(&mut self.problem) } else { self.problem.clone() };
            let mut rest = number;
            for (view, ways) in &choices {
                if let Some(way) = ways.get(rest % ways.len()) {
                    apply(&mut problem, *view, way, true);
                }
                rest /= ways.len();
            }
            match problem.solve(steps) {
                Solved::Words(words, aliases) => return Feasible::Yes(Rc::new(self.solution(&words, &aliases))),
                Solved::Nothing => {}
                Solved::Unproved(Unproved::Steps) => return Feasible::Unproved(Unproved::Steps),
                Solved::Unproved(why) => unproved = Some(why),
            }
        }
        unproved.map_or(Feasible::No, Feasible::Unproved)
    }

    /// A condition on a key whose value is known.
    fn fixed(
        &mut self,
        text: &str,
        cond: usize,
        wanted: bool,
        read: &Cond,
        choices: &mut Vec<(View, Vec<Way>)>,
    ) -> Feasible {
        let is_open = read.variables.iter().any(|v| matches!(self.status(v), Status::Word | Status::Row));
        let lookup = |key: &str| match self.status(key) {
            Status::Fixed(text) => Known::Values(vec![text]),
            Status::Empty => Known::Values(Vec::new()),
            Status::Absent | Status::Word | Status::Row => Known::Absent,
        };
        if !is_open {
            return if read.holds(&lookup) == wanted { Feasible::Yes(Rc::default()) } else { Feasible::No };
        }
        // The variable has to be, or not to be, the text.
        let is_in = wanted != read.operator.is_some_and(|o| o.negated);
        let cell = self.add(vec![vec![super::grammar::fixed(1, text)]], CellForm::Other);
        self.constrain(&[View { cell, fields: WHOLE }], cond, is_in, read, choices)
    }

    /// Keeps words to what a condition asks for. What can be met in several ways by variables goes to `choices`.
    fn constrain(
        &mut self,
        views: &[View],
        cond: usize,
        is_in: bool,
        read: &Cond,
        choices: &mut Vec<(View, Vec<Way>)>,
    ) -> Feasible {
        let yes = || Feasible::Yes(Rc::default());
        let family = read.family();
        let is_text = matches!(family, Some(Family::Text | Family::TextIgnoreCase | Family::TextLike | Family::Arn));
        if !is_text {
            // Accounts are digits, and may be read as numbers or moments; no other such text can be.
            let is_account = read.key.ends_with("account");
            let may_match = matches!(family, Some(Family::Binary))
                || (is_account && matches!(family, Some(Family::Number(_) | Family::Date(_))));
            return match (may_match, is_in) {
                (true, _) => Feasible::Unproved(Unproved::Values),
                (false, true) => Feasible::No,
                (false, false) => yes(),
            };
        }
        let folds = family == Some(Family::TextIgnoreCase);
        if !read.has_variables() || read.variables.is_empty() && !read.condition.values.iter().any(|v| v.contains("${"))
        {
            let Some(set) = self.all.plain(cond) else { return Feasible::No };
            self.is_loose |= set.is_loose;
            for view in views {
                apply(&mut self.problem, *view, &Way::Set(Rc::clone(&set)), is_in);
            }
            return yes();
        }
        let mut plain: Vec<Pattern> = Vec::new();
        let mut ways: Vec<Way> = Vec::new();
        for value in &read.condition.values {
            let status = |key: &str| self.status(key);
            let view_of = |key: &str| self.views.get(key).and_then(|v| v.first()).copied();
            match filled(read, value, &status, &view_of, self.ask.cast.kind, &self.all.space.fresh) {
                ReadValue::Dropped => {}
                ReadValue::Pattern(pattern) => plain.push(pattern),
                ReadValue::Fields(view, pattern) => {
                    ways.push(Way::Fields(view, Rc::new(Acceptor::new([pattern], folds))));
                }
                ReadValue::Equal(view) if folds && is_in => {
                    // The same text is one way; another case of its letters is tried.
                    ways.push(Way::Equal(view));
                    ways.push(Way::Open(vec![ProblemPiece::Variable(view)], family));
                }
                ReadValue::Equal(view) if folds => ways.push(Way::EqualButForCase(view)),
                ReadValue::Equal(view) => ways.push(Way::Equal(view)),
                ReadValue::Open(pieces) => ways.push(Way::Open(pieces, family)),
                ReadValue::Unknown => self.problem.is_partial = true,
            }
        }
        if self.problem.is_partial {
            return Feasible::Unproved(Unproved::Variable);
        }
        if !plain.is_empty() || ways.is_empty() {
            let set = Rc::new(Acceptor::new(plain, folds));
            self.is_loose |= set.is_loose;
            ways.insert(0, Way::Set(set));
        }
        if !is_in {
            for view in views {
                for way in &ways {
                    apply(&mut self.problem, *view, way, false);
                }
            }
            return yes();
        }
        if let [only] = ways.as_slice() {
            for view in views {
                apply(&mut self.problem, *view, only, true);
            }
            return yes();
        }
        for view in views {
            let own = ways.iter().map(|way| match way {
                Way::Set(set) => Way::Set(Rc::clone(set)),
                Way::Fields(view, set) => Way::Fields(*view, Rc::clone(set)),
                Way::Equal(view) => Way::Equal(*view),
                Way::EqualButForCase(view) => Way::EqualButForCase(*view),
                Way::Open(pieces, family) => Way::Open(pieces.clone(), *family),
            });
            choices.push((*view, own.collect()));
        }
        yes()
    }

    fn solution(&self, words: &[Option<Word>], aliases: &HashMap<usize, View>) -> Solution {
        let mut solution = Solution { values: self.rows.clone(), caller: None };
        for (key, views) in &self.views {
            if key.is_empty() {
                let cell = views.first().and_then(|view| words.get(view.cell));
                solution.caller = cell.and_then(Clone::clone);
                continue;
            }
            let mut texts: Vec<String> =
                views.iter().filter_map(|view| WordProblem::text(words, aliases, *view)).collect();
            let mut seen = std::collections::HashSet::new();
            texts.retain(|text| seen.insert(text.clone()));
            if self.all.groups.iter().any(|g| g.keys.contains(key)) {
                solution.values.push((Rc::clone(key), Some(texts.into())));
            }
        }
        for (at, presence) in self.chosen {
            let Some(group) = self.all.groups.get(*at) else { continue };
            for key in &group.keys {
                if solution.values.iter().any(|(k, _)| k == key) {
                    continue;
                }
                let values: Values = match self.all.status(key, Some((group, presence)), self.ask.cast) {
                    Status::Fixed(text) => Some(Rc::from([text])),
                    Status::Empty => Some(Rc::from([])),
                    Status::Absent | Status::Word | Status::Row => None,
                };
                solution.values.push((Rc::clone(key), values));
            }
        }
        solution
    }
}

fn with_account(shape: super::grammar::Shape, account: &str) -> super::grammar::Shape {
    // The account that is told beside an ARN without one is read by no pattern of ARNs.
    let mut shape = shape;
    shape.push(super::grammar::free(super::grammar::BESIDE, super::grammar::LetterClass::Digit, 12, 12, account));
    shape
}

fn apply(problem: &mut WordProblem, view: View, way: &Way, is_in: bool) {
    let mut test = |view: View, set: &Rc<Acceptor>| {
        if let Some(cell) = problem.cells.get_mut(view.cell) {
            cell.tests.push(WordTest { set: Rc::clone(set), is_in, reads: view.fields });
        }
    };
    match way {
        Way::Set(set) => test(view, set),
        Way::Fields(view, set) => test(*view, set),
        Way::Equal(other) if is_in => problem.equal.push((view, *other)),
        Way::Equal(other) => problem.unequal.push((view, *other, false)),
        Way::EqualButForCase(other) => problem.unequal.push((view, *other, true)),
        Way::Open(value, family) => problem.open.push(Open { view, value: value.clone(), family: *family, is_in }),
    }
}

/// A value that no condition names.
fn usual(key: &str, fresh: &super::super::fresh::Fresh) -> String {
    let word = &fresh.word;
    match key {
        "aws:sourcevpce" => "vpce-09999999".to_owned(),
        "aws:sourcevpc" => "vpc-09999999".to_owned(),
        "aws:sourceip" => "198.18.0.1".to_owned(),
        "aws:vpcsourceip" => "10.255.255.1".to_owned(),
        "aws:userid" => format!("AROA{}:{word}", "9".repeat(17)),
        _ => word.clone(),
    }
}
