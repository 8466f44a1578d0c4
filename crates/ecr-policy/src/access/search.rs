//! The search for a request: a caller and values of condition keys for which chosen rules hold and what the policies
//! answer is as wanted.
//!
//! Values are found for the rules that must hold. A rule that must not hold and does is then made to fail, by one of its
//! conditions after the other or by another caller, until none is left or all ways are gone through. Each request is
//! replayed by the evaluator's own tests before it is returned.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::Class;
use super::budget::{STEPS_A_QUESTION, StepBudget};
use super::exact::{Ask, CallerKind, Cast, Components, Feasible, Solution, Standing, Steps, Unproved, Word};
use super::likeness::{Likeness, Likenesses, WithoutAccount, without_account};
use super::met::Met;
use super::rules::{AccessRule, Space};
use crate::condition::Known;
use crate::evaluate::{Answer, Caller, outcome, speaks_of};
use crate::model::document::Effect;
use crate::model::principal::PrincipalKind;

/// The answer to a question.
#[derive(Debug)]
pub(super) enum SearchAnswer {
    Request(Box<Met>),
    /// All ways were gone through.
    Nothing,
    Unproved(Unproved),
}

/// Returns the kinds of callers, beside roles, that the principal elements of a space name.
fn named_kinds(space: &Space) -> Vec<CallerKind> {
    let kinds: Vec<&PrincipalKind> =
        space.rules.iter().flat_map(|rule| &rule.entry.entries).map(|principal| &principal.kind).collect();
    let names = |is: &dyn Fn(&PrincipalKind) -> bool| kinds.iter().any(|kind| is(kind));
    let mut found = Vec::new();
    if names(&|kind| matches!(kind, PrincipalKind::User(_))) {
        found.push(CallerKind::User);
    }
    if names(&|kind| matches!(kind, PrincipalKind::Session(_))) {
        found.extend([CallerKind::Session, CallerKind::Federated]);
    }
    found
}

/// The answer that the policies must give to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Anything.
    Anything,
    /// No Deny of the first policy speaks of it.
    NoDeny,
    /// The policy `to` allows it and the policy `from` does not.
    Change { from: usize, to: usize },
}

/// The request that is looked for.
pub(super) struct Question<'a> {
    /// Rules that must hold.
    pub rules: &'a [usize],
    /// The action, by its place among the names.
    pub action: usize,
    /// The callers; none: all.
    pub standing: Option<Standing>,
    /// The limit on how far the values of the keys may be out of an outsider's reach.
    pub limit: Class,
    pub want: Want,
}

/// A part of a rule that holds or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum RulePart {
    /// A condition.
    Cond(usize),
    /// The principal element of a rule names the caller.
    Entry(usize),
}

/// The parts that hold, and those that do not.
type Literals = Vec<(RulePart, bool)>;
/// A question that is the same for all accounts that nothing tells apart: the cast, the limit, the conditions, the rest.
type AlikeKey = (Cast, Class, Vec<(usize, bool)>, WithoutAccount);
type MemoKey = (usize, Cast, Class, Vec<(usize, bool)>, Vec<(usize, bool)>);

/// A space with everything that searches need.
pub(super) struct Searches<'a> {
    pub space: &'a Space,
    components: Components<'a>,
    /// Tells whether anything tells the kinds of callers apart.
    kinds_differ: bool,
    /// The kinds that some principal element names: a rule that must fail may name one too.
    named_kinds: Vec<CallerKind>,
    memo: RefCell<HashMap<MemoKey, Feasible>>,
    /// Questions that have no solution, or none within so many steps.
    failed: RefCell<HashMap<AlikeKey, (Option<Unproved>, usize)>>,
    truths: RefCell<HashMap<(usize, String), bool>>,
    hints: RefCell<HashMap<CallerKind, Vec<Word>>>,
    budget: &'a StepBudget,
    likenesses: OnceCell<Likenesses<'a>>,
}

/// A question about one cast: what must hold, what must not.
struct Search<'s> {
    cast: &'s Cast,
    must: &'s [usize],
    not: &'s [usize],
    limit: Class,
    own_policies: bool,
}

enum Decided {
    Met(Box<Met>),
    No,
    Unproved(Unproved),
}

impl<'a> Searches<'a> {
    pub fn new(space: &'a Space, budget: &'a StepBudget) -> Self {
        let telling = ["aws:principalarn", "aws:principaltype", "aws:username", "aws:userid"];
        let kinds_differ = space.rules.iter().any(|rule| rule.entry.negated)
            || space.conds.iter().any(|c| telling.iter().any(|k| c.reads(k)));
        let (memo, failed, truths, hints) = Default::default();
        Self {
            space,
            components: Components::new(space),
            kinds_differ,
            named_kinds: named_kinds(space),
            memo,
            failed,
            truths,
            hints,
            budget,
            likenesses: OnceCell::new(),
        }
    }

    /// Returns the group of a rule's principal: no test of the space tells it from another of its group.
    pub fn likeness(&self, index: usize, rule: &AccessRule) -> Likeness {
        self.likenesses.get_or_init(|| Likenesses::new(self.space)).of(index, rule, &self.components)
    }

    fn rule(&self, at: usize) -> Option<&'a AccessRule> {
        self.space.rules.get(at)
    }

    /// Finds a request that is as the question wants it.
    pub fn find(&self, question: &Question) -> SearchAnswer {
        let is_silent = |rule: &usize| self.rule(*rule).is_some_and(|rule| rule.is_silent);
        if question.rules.iter().any(is_silent) {
            return SearchAnswer::Nothing;
        }
        let mut unproved = None;
        for cast in self.casts(question) {
            let names = |rule: &usize| !matches!(self.components.names(*rule, cast.kind), super::exact::Names::Nobody);
            if !question.rules.iter().all(names) {
                continue;
            }
            match self.ask(&cast, question) {
                Decided::Met(met) => return SearchAnswer::Request(met),
                Decided::No => {}
                Decided::Unproved(why) => unproved = Some(why),
            }
        }
        unproved.map_or(SearchAnswer::Nothing, SearchAnswer::Unproved)
    }

    /// The owners that the repository may have: an owner that is not known may be one that conditions name.
    fn owners(&self) -> Vec<Rc<str>> {
        let fresh = &self.space.fresh;
        let mut owners: Vec<Rc<str>> = vec![fresh.owner.as_str().into()];
        if !fresh.owner_is_known {
            let conds = self.space.conds.iter().filter(|c| c.key == "aws:resourceaccount");
            for id in conds.flat_map(|c| &c.condition.values) {
                if id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) && !owners.iter().any(|o| **o == **id) {
                    owners.push(id.as_str().into());
                }
            }
        }
        owners
    }

    /// The callers that a question is about, those first who come from furthest.
    fn casts(&self, question: &Question) -> Vec<Cast> {
        let fresh = &self.space.fresh;
        let has_own = fresh.owner_is_known || self.space.conds.iter().any(|c| c.reads("aws:resourceaccount"));
        let musts: Vec<&AccessRule> = question.rules.iter().filter_map(|at| self.rule(*at)).collect();
        let entries = || musts.iter().filter(|r| !r.entry.negated).flat_map(|r| &r.entry.entries).map(|p| &p.kind);
        let account = entries().find_map(PrincipalKind::account);
        let is_service = entries().any(|k| matches!(k, PrincipalKind::Service(_)));
        let mut casts = Vec::new();
        for owner in self.owners() {
            for standing in [Standing::Stranger, Standing::Named, Standing::Service, Standing::Own] {
                if question.standing.is_some_and(|s| s != standing) || (standing == Standing::Own && !has_own) {
                    continue;
                }
                let of_account = account
                    .as_ref()
                    .map(|id| if has_own && *id.as_str() == *owner { Standing::Own } else { Standing::Named });
                let is_of = of_account.is_none_or(|s| s == standing);
                if !is_of || (is_service && standing != Standing::Service) {
                    continue;
                }
                let mut kinds: Vec<CallerKind> = match standing {
                    Standing::Service => vec![CallerKind::Service],
                    _ if self.kinds_differ => vec![
                        CallerKind::Role,
                        CallerKind::User,
                        CallerKind::Root,
                        CallerKind::Federated,
                        CallerKind::Session,
                    ],
                    Standing::Own => vec![CallerKind::Role, CallerKind::User, CallerKind::Root],
                    Standing::Stranger | Standing::Named => vec![CallerKind::Role],
                };
                if standing != Standing::Service {
                    kinds.extend(
                        self.named_kinds.iter().filter(|kind| !kinds.contains(kind)).copied().collect::<Vec<_>>(),
                    );
                }
                casts.extend(kinds.into_iter().map(|kind| Cast { kind, standing, owner: Rc::clone(&owner) }));
            }
        }
        casts
    }

    /// Tells whether a rule names callers by their whole account alone, which hands the decision to the account.
    fn is_by_account(&self, rule: usize) -> bool {
        let entry = self.rule(rule).map(|r| &r.entry).filter(|entry| !entry.negated);
        entry.is_some_and(
            |entry| matches!(entry.entries.as_slice(), [p] if matches!(p.kind, PrincipalKind::Account(..))),
        )
    }

    /// Puts the question about one cast as searches for requests of which some rules must speak and some must not.
    fn ask(&self, cast: &Cast, question: &Question) -> Decided {
        let is = |at: usize, effect: Effect, side: usize| {
            self.rule(at).is_some_and(|r| r.effect == effect && r.has(side, question.action))
        };
        let speaks = |at: usize| self.rule(at).is_some_and(|rule| !rule.is_silent);
        let of = |effect: Effect, side: usize| {
            (0..self.space.rules.len()).filter(|at| speaks(*at) && is(*at, effect, side)).collect::<Vec<usize>>()
        };
        let look = |must: &[usize], not: &[usize], own_policies: bool| {
            self.search(&Search { cast, must, not, limit: question.limit, own_policies })
        };
        let (from, to) = match question.want {
            Want::Anything => return look(question.rules, &[], true),
            Want::NoDeny => return look(question.rules, &of(Effect::Deny, 0), true),
            Want::Change { from, to } => (from, to),
        };
        let own = cast.standing == Standing::Own;
        let caller = sample(cast.kind, &self.space.fresh.account, self.space.fresh.partition.as_str());
        let denies = of(Effect::Deny, to);
        let mut unproved = None;
        for own_policies in [true, false] {
            if !own && !own_policies {
                break;
            }
            let allows = |direct: bool, account: bool| {
                outcome(&caller, own, own_policies, false, (direct, account)) == Answer::Allow
            };
            let counts = |rule: usize| {
                let by_account = self.is_by_account(rule);
                allows(!by_account, by_account)
            };
            let by_itself = allows(false, false);
            let must_allow = question.rules.iter().any(|at| is(*at, Effect::Allow, to) && counts(*at));
            if !by_itself && !must_allow {
                continue;
            }
            let mut searches: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
            if question.rules.iter().any(|at| is(*at, Effect::Deny, from)) {
                // A Deny that only the other policy has.
                searches.push((question.rules.to_vec(), denies.clone()));
            } else {
                if !by_itself {
                    // Nothing there that allows it.
                    let others = of(Effect::Allow, from).into_iter().filter(|at| counts(*at));
                    searches.push((question.rules.to_vec(), denies.iter().copied().chain(others).collect()));
                }
                let more = of(Effect::Deny, from).into_iter().filter(|deny| !denies.contains(deny));
                let with = |deny: usize| question.rules.iter().copied().chain([deny]).collect::<Vec<usize>>();
                searches.extend(more.map(|deny| (with(deny), denies.clone())));
            }
            for (must, not) in searches {
                match look(&must, &not, own_policies) {
                    Decided::No => {}
                    Decided::Unproved(why) => unproved = Some(why),
                    met @ Decided::Met(_) => return met,
                }
            }
        }
        unproved.map_or(Decided::No, Decided::Unproved)
    }

    /// Looks for a request of which all rules of `must` speak and none of `not`.
    fn search(&self, search: &Search) -> Decided {
        if search.must.iter().any(|rule| search.not.contains(rule)) {
            return Decided::No;
        }
        let mut literals: Literals = Vec::new();
        for at in search.must {
            let Some(rule) = self.rule(*at) else { return Decided::No };
            literals.push((RulePart::Entry(*at), true));
            literals.extend(rule.conds.iter().map(|c| (RulePart::Cond(*c), true)));
        }
        // What has one way to fail fails by it.
        for at in search.not {
            match self.ways(*at, search.cast).as_slice() {
                [] => return Decided::No,
                [only] => literals.push((*only, false)),
                _ => {}
            }
        }
        literals.sort_unstable();
        literals.dedup();
        if literals.windows(2).any(|pair| matches!(pair, [a, b] if a.0 == b.0)) {
            return Decided::No;
        }
        let left = self.budget.left();
        let given = left.min(STEPS_A_QUESTION);
        let mut steps = Steps(given);
        let decided = self.decide(search, &literals, &mut steps);
        self.budget.take(given - steps.0);
        decided
    }

    /// The parts by which a rule can fail for a cast.
    fn ways(&self, rule: usize, cast: &Cast) -> Vec<RulePart> {
        let Some(read) = self.rule(rule) else { return Vec::new() };
        let entry = match self.components.names(rule, cast.kind) {
            super::exact::Names::All => None,
            super::exact::Names::Nobody | super::exact::Names::Texts { .. } => Some(RulePart::Entry(rule)),
        };
        read.conds.iter().map(|c| RulePart::Cond(*c)).chain(entry).collect()
    }

    fn decide(&self, search: &Search, literals: &Literals, steps: &mut Steps) -> Decided {
        if !steps.take(4) {
            return Decided::Unproved(Unproved::Steps);
        }
        let mut involved: Vec<usize> = vec![0];
        let rules = search.must.iter().chain(search.not).filter_map(|at| self.rule(*at));
        for cond in rules.flat_map(|rule| rule.conds.iter()) {
            let component = self.components.of(*cond);
            if !involved.contains(&component) {
                involved.push(component);
            }
        }
        let mut model: Vec<Rc<Solution>> = Vec::new();
        let mut unproved = None;
        for component in involved {
            match self.solve(component, search, literals, steps) {
                Feasible::Yes(solution) => model.push(solution),
                Feasible::No => return Decided::No,
                Feasible::Unproved(why) => unproved = Some(why),
            }
        }
        if let Some(why) = unproved {
            return Decided::Unproved(why);
        }
        let Some(met) = met(search, &model) else { return Decided::Unproved(Unproved::Values) };
        // The rule that has the fewest ways left to fail.
        let mut next: Option<Vec<RulePart>> = None;
        for rule in search.not.iter().filter(|rule| self.may_speak(**rule, &met)) {
            let mut ways = self.ways(*rule, search.cast);
            ways.retain(|part| !literals.contains(&(*part, true)));
            if ways.iter().any(|part| literals.contains(&(*part, false))) {
                // It should fail, and the evaluator says otherwise.
                return Decided::Unproved(Unproved::Values);
            }
            if next.as_ref().is_none_or(|fewest| ways.len() < fewest.len()) {
                next = Some(ways);
            }
        }
        let Some(ways) = next else {
            let is_it = search.must.iter().all(|rule| self.speaks(*rule, &met))
                && !search.not.iter().any(|rule| self.speaks(*rule, &met));
            if !is_it {
                return Decided::Unproved(Unproved::Values);
            }
            self.remember(&met, &model);
            return Decided::Met(Box::new(met));
        };
        let mut literals = literals.clone();
        let mut unproved = None;
        for part in ways {
            literals.push((part, false));
            match self.decide(search, &literals, steps) {
                met @ Decided::Met(_) => return met,
                Decided::No => {
                    // Then it holds, whatever else.
                    if let Some(last) = literals.last_mut() {
                        last.1 = true;
                    }
                }
                Decided::Unproved(why) => {
                    literals.pop();
                    unproved = Some(why);
                    if why == Unproved::Steps {
                        break;
                    }
                }
            }
        }
        unproved.map_or(Decided::No, Decided::Unproved)
    }

    /// Solves a component, once for each set of literals.
    fn solve(&self, component: usize, search: &Search, literals: &Literals, steps: &mut Steps) -> Feasible {
        let of_cond = |part: &(RulePart, bool)| match part {
            (RulePart::Cond(c), wanted) if self.components.of(*c) == component => Some((*c, *wanted)),
            _ => None,
        };
        let of_entry = |part: &(RulePart, bool)| match part {
            (RulePart::Entry(e), wanted) if component == 0 => Some((*e, *wanted)),
            _ => None,
        };
        let mut conds: Vec<(usize, bool)> = literals.iter().filter_map(of_cond).collect();
        let mut entries: Vec<(usize, bool)> = literals.iter().filter_map(of_entry).collect();
        conds.sort_unstable();
        entries.sort_unstable();
        let mut cast = search.cast.clone();
        if component > 0 && !cast.is_service() {
            // What does not tell callers apart is the same for all.
            (cast.kind, cast.standing) = (CallerKind::Role, Standing::Stranger);
        }
        // The words of callers know no limit; nor does what is asked of them alone.
        let is_of_caller_alone = component == 0 && self.components.all.first().is_some_and(|groups| groups.len() == 1);
        let limit = if is_of_caller_alone { Class::None } else { search.limit };
        let key = (component, cast, limit, conds, entries);
        if let Some(there) = self.memo.borrow().get(&key) {
            return there.clone();
        }
        let is_of_callers = component == 0 && !key.1.is_service();
        let alike = if is_of_callers { without_account(self.space, &self.components, &key.3, &key.4) } else { None };
        let alike = alike.map(|rest| (key.1.clone(), key.2, key.3.clone(), rest));
        match alike.as_ref().and_then(|alike| self.failed.borrow().get(alike).copied()) {
            Some((None, _)) => return Feasible::No,
            Some((Some(why), given)) if given >= steps.0 => return Feasible::Unproved(why),
            _ => {}
        }
        let given = steps.0;
        let hints = self.hints.borrow().get(&search.cast.kind).cloned().unwrap_or_default();
        let (_, cast, limit, conds, entries) = &key;
        let ask = Ask { cast, limit: *limit, conds, entries, hints: &hints };
        let found = self.components.solve(component, &ask, steps);
        let failure = match &found {
            Feasible::Yes(_) => None,
            Feasible::No => Some(None),
            Feasible::Unproved(why) => Some(Some(*why)),
        };
        if let (Some(alike), Some(failure)) = (alike, failure) {
            self.failed.borrow_mut().insert(alike, (failure, given));
        }
        if !matches!(found, Feasible::Unproved(Unproved::Steps)) {
            self.memo.borrow_mut().insert(key, found.clone());
        }
        found
    }

    /// Keeps a caller's word: another question may be about one like it.
    fn remember(&self, met: &Met, model: &[Rc<Solution>]) {
        let Some(word) = model.iter().find_map(|solution| solution.caller.clone()) else { return };
        let mut hints = self.hints.borrow_mut();
        let own = hints.entry(met.cast.kind).or_default();
        let without_account =
            |word: &Word| Word(word.0.iter().filter(|(is, _)| *is != super::exact::ACCOUNT).cloned().collect());
        if !own.iter().any(|there| without_account(there) == without_account(&word)) {
            own.insert(0, word);
            own.truncate(3);
        }
    }

    /// Tells whether a rule speaks of a request, by the sets of texts where there are such: the evaluator has the last word.
    fn may_speak(&self, rule: usize, met: &Met) -> bool {
        let Some(read) = self.rule(rule) else { return false };
        let may_hold = |cond: usize| {
            let Some(condition) = self.space.conds.get(cond) else { return false };
            let value = if condition.is_of_one_text { met.value(&condition.key) } else { None };
            let set = || self.components.plain(cond).filter(|set| !set.is_loose);
            match value.and_then(|value| Some((set()?, value))) {
                Some((set, value)) => set.has(value.chars()) != condition.operator.is_some_and(|o| o.negated),
                None => self.holds(cond, met),
            }
        };
        let names = || speaks_of(&read.entry, &met.caller, self.space.fresh.partition.as_str()).0;
        may_name(read, met) && names() && read.conds.iter().all(|cond| may_hold(*cond))
    }

    /// Replays a rule: tells whether it speaks of a request, by the evaluator's own tests.
    fn speaks(&self, rule: usize, met: &Met) -> bool {
        let Some(read) = self.rule(rule) else { return false };
        let conds = || read.conds.iter().all(|cond| self.holds(*cond, met));
        may_name(read, met) && speaks_of(&read.entry, &met.caller, self.space.fresh.partition.as_str()).0 && conds()
    }

    fn holds(&self, cond: usize, met: &Met) -> bool {
        let Some(read) = self.space.conds.get(cond) else { return false };
        let lookup = |key: &str| met.values(key).map_or(Known::Absent, Known::Values);
        let mut told = String::new();
        for key in std::iter::once(&read.key).chain(&read.variables) {
            match met.values(key) {
                None => told.push('\u{1}'),
                Some(values) => values.iter().for_each(|value| {
                    told.push('\u{2}');
                    told.push_str(value);
                }),
            }
            told.push('\u{3}');
        }
        let key = (cond, told);
        if let Some(known) = self.truths.borrow().get(&key) {
            return *known;
        }
        let truth = read.holds(&lookup);
        self.truths.borrow_mut().insert(key, truth);
        truth
    }
}

/// The request of what was found for all components.
fn met(search: &Search, model: &[Rc<Solution>]) -> Option<Met> {
    let word = model.iter().find_map(|solution| solution.caller.as_ref())?;
    let (caller, role) = search.cast.caller(word)?;
    let values = model.iter().flat_map(|solution| solution.values.iter().cloned()).collect();
    let owner = Rc::clone(&search.cast.owner);
    Some(Met { caller, role, owner, cast: search.cast.clone(), values, own_policies: search.own_policies })
}

/// A caller of a kind; whichever, as far as the rules of evaluation go.
fn sample(kind: CallerKind, account: &str, partition: &str) -> Caller {
    let arn = crate::ecr::Arn {
        partition: partition.to_owned(),
        service: "iam".to_owned(),
        region: String::new(),
        account: account.to_owned(),
        resource: "root".to_owned(),
    };
    match kind {
        CallerKind::Role => Caller::Role(arn),
        CallerKind::User => Caller::User(arn),
        CallerKind::Root => Caller::Root(arn),
        CallerKind::Session => Caller::Session(arn),
        CallerKind::Federated => Caller::FederatedUser(arn),
        CallerKind::Service => Caller::Service(String::new()),
    }
}

/// Tells whether an entry is not plainly of another account.
fn may_name(rule: &AccessRule, met: &Met) -> bool {
    let [only] = rule.entry.entries.as_slice() else { return true };
    rule.entry.negated
        || only.kind.account().is_none_or(|id| met.caller.arn().is_some_and(|arn| arn.account == id.as_str()))
}
