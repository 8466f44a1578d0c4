//! Checks of a policy text.
//!
//! A check is a rule in a table (`rules`) and one small function beside its kin: `document` for the text as a whole,
//! `pasted_formats`, `listed` and `convert` for texts that are no policy, `shape` for elements and their types,
//! `principals`, `actions` and `names` for their values, `registry_policy` for the resources of a registry's policy, `condition` for conditions, `incomplete_sets` for actions that belong together, `ineffective` and `unsatisfiable`
//! for statements without effect, `risk` for the owner's dangers.
//! To add one: write the function, which reports a range and a message, and put its row in the table of its severity,
//! with an id that was never used and a name. Its fixtures are a text that fires and a near one that does not; they stand
//! in `tests/lint/ID-NAME/`. `ECR_GRANT_UPDATE=1 cargo test -p ecr-policy lint` writes what the rule says about the first
//! beside it, and `ECR_GRANT_UPDATE=1 cargo test --test it readme` writes the rule into `docs/checks.md`.

mod actions;
mod condition;
mod convert;
mod document;
mod example;
mod finding;
mod incomplete_sets;
mod ineffective;
mod listed;
mod names;
mod pasted_formats;
mod policy_kind;
mod principals;
mod registry_policy;
mod repair;
mod risk;
mod rules;
mod shape;
mod storable;
mod surroundings;
mod unsatisfiable;

use std::cell::OnceCell;

use super::access::{AccessTable, Class, StepBudget, Unproved, table_within};
use super::condition::{has_ended, in_force};
use super::model::document::{Policy, Statement};
use super::model::partial_statement::partial_statement;
use super::model::reading::{Flaw, find_flaws, read_statements};
use super::syntax::{MOST_ERRORS, Node, Parsed, Slip, Span, SyntaxError, parse};
use crate::ecr::POLICY_LIMIT;
use crate::model::actions::ActionSet;
pub use example::{EXAMPLE_OWNER, Example};
pub use finding::{CheckOptions, Concern, Finding, Fix, Rule, Severity, apply_fix};
pub use pasted_formats::policy_inside;
pub use policy_kind::PolicyKind;
pub use registry_policy::recognised_kind;
pub use repair::{RepairObstacle, Repaired, join_fixes, repair, repair_file, repair_input};
pub use storable::{evaluate_text, storable, storable_or_decision, storable_part, unreadable_findings};

/// Returns all rules, in the order of the ids.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    rules::checks().map(|check| &check.rule)
}

/// Finds a rule by its id or its name, in any letter case.
pub fn find_rule(word: &str) -> Option<&'static Rule> {
    rules().find(|rule| [rule.id, rule.name].iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// The results of reading a text once.
#[derive(Debug)]
pub struct Examined {
    /// Its model; `None` where the model would not say what the text says, see [`Policy::read`], or the text is too long.
    pub policy: Option<Policy>,
    /// The findings, in document order.
    pub findings: Vec<Finding>,
    /// The class of the statements that can be understood; `None` where it is no JSON at all, or too long to be looked
    /// at.
    pub class: Option<Class>,
    /// The reason why `class`, the widest that is not excluded, is not proved.
    pub unproved: Option<Unproved>,
    /// Its tree, with the errors of its syntax.
    pub parsed: Parsed,
}

/// Checks a text; findings come in document order.
pub fn check(text: &str, options: &CheckOptions) -> Vec<Finding> {
    let parsed = parse(text);
    let stored = options.stored.as_deref().map(parse);
    all_findings(&new_subject(text, &parsed, options, is_too_long(text)), stored.as_ref())
}

/// Checks a text that is read already, beside no stored one.
pub fn check_read(text: &str, parsed: &Parsed, options: &CheckOptions) -> Vec<Finding> {
    all_findings(&new_subject(text, parsed, options, is_too_long(text)), None)
}

/// Checks a text and says how far it opens the repository, reading it once.
pub fn examine(text: &str, options: &CheckOptions) -> Examined {
    let stored = options.stored.as_deref().map(parse);
    examine_beside(text, options, stored.as_ref())
}

/// Checks a text as [`examine`] does, beside the tree of the stored text in place of `options.stored`: an editor reads
/// the stored text once and the edited one at each key.
pub fn examine_beside(text: &str, options: &CheckOptions, stored: Option<&Parsed>) -> Examined {
    let parsed = parse(text);
    let subject = new_subject(text, &parsed, options, is_too_long(text));
    let findings = all_findings(&subject, stored);
    let is_looked_at = parsed.root.is_some() && !subject.is_too_long;
    let (class, unproved) = match is_looked_at.then(|| subject.class_at_moment()) {
        Some((class, unproved)) => (Some(class), unproved),
        None => (None, None),
    };
    let policy = subject.whole_policy();
    Examined { policy, findings, class, unproved, parsed }
}

/// A text under check, and what is known of it.
pub(crate) struct Subject<'a> {
    pub text: &'a str,
    pub errors: &'a [SyntaxError],
    /// The other language of the text, such as YAML; then there is no root.
    pub language: Option<pasted_formats::Foreign>,
    /// The document around the policy, where there is one.
    pub wrapping: Option<pasted_formats::Foreign>,
    pub root: Option<&'a Node>,
    /// The flaws of the tree that stop reading, beside the errors of the syntax.
    pub flaws: Vec<Flaw<'a>>,
    pub statements: Vec<Written<'a>>,
    /// True when the statements are left alone, because ECR takes no text as long as this.
    pub is_too_long: bool,
    /// The statements that can be understood; `Written::readable` is the index here.
    pub policy: Option<Policy>,
    table: OnceCell<AccessTable>,
    /// The steps that are left for the whole examination.
    steps: StepBudget,
    pub options: &'a CheckOptions,
}

impl Subject<'_> {
    /// Returns who may do what under the statements that can be understood; made when first asked for.
    pub fn table(&self) -> &AccessTable {
        self.table.get_or_init(|| {
            let owner = self.options.owner.as_ref();
            let table = match &self.policy {
                Some(policy) if self.options.kind == PolicyKind::Registry => {
                    table_within(&registry_policy::at_its_widest(policy), owner, &self.steps)
                }
                Some(policy) => table_within(policy, owner, &self.steps),
                None => AccessTable::empty(),
            };
            self.steps.release();
            table
        })
    }

    /// Returns the class at the moment of the options, with the reason where it is not proved.
    fn class_at_moment(&self) -> (Class, Option<Unproved>) {
        let ended = |policy: &&Policy, now: i64| policy.statements.iter().any(|statement| has_ended(statement, now));
        let is_own = self.options.kind != PolicyKind::Registry;
        let moment = self.options.now.filter(|_| is_own);
        let decides = moment.and_then(|now| Some(in_force(self.policy.as_ref().filter(|p| ended(p, now))?, now)));
        match decides {
            Some(decides) => {
                let table = table_within(&decides, self.options.owner.as_ref(), self.steps_behind_table());
                (table.class, table.unproved)
            }
            None => (self.table().class, self.table().unproved),
        }
    }

    /// Returns the steps that the table leaves to the questions behind it.
    pub fn steps_behind_table(&self) -> &StepBudget {
        self.table();
        &self.steps
    }

    /// Returns the policy as [`Policy::read`] does; `None` too where the text is too long to be looked at.
    fn whole_policy(self) -> Option<Policy> {
        let is_whole = self.errors.is_empty() && self.flaws.is_empty() && !self.is_too_long;
        self.policy.filter(|_| is_whole)
    }
}

/// A statement as written, and as understood where it can be.
pub(crate) struct Written<'a> {
    pub node: &'a Node,
    pub model: Option<Statement>,
    /// Its principals and actions, where it cannot be understood as a whole.
    parts: Option<Statement>,
    pub readable: Option<usize>,
    /// The actions that it is about.
    pub given: ActionSet,
    /// Its conditions, one for each operator and key.
    pub tests: Vec<condition::Test<'a>>,
}

impl Written<'_> {
    /// Returns the part that can be understood: all, or principals and actions alone.
    pub fn understood_part(&self) -> Option<&Statement> {
        self.model.as_ref().or(self.parts.as_ref())
    }
}

/// One check: a row of a table in `rules`.
pub(crate) struct Check {
    pub rule: Rule,
    pub run: Run,
}

/// The most entries, or statements, that are compared with one another. A document of the size that ECR takes has hardly
/// more of them; a much larger one is refused for its size, and that must be said at once.
pub(crate) const MOST_COMPARED: usize = 150;

/// The scope of a check.
pub(crate) enum Run {
    /// Once, at the whole text.
    Text(fn(&Subject, &mut Sink)),
    /// At each statement.
    Statement(fn(&Subject, &Written, &mut Sink)),
}

/// Takes what a check finds.
pub(crate) struct Sink {
    check: &'static Check,
    /// No more than so many are kept.
    most: usize,
    findings: Vec<Finding>,
}

impl Sink {
    pub fn report(&mut self, span: Span, message: impl Into<String>) {
        self.report_fix(span, message, None);
    }

    pub fn report_fix(&mut self, span: Span, message: impl Into<String>, fix: Option<Fix>) {
        if self.findings.len() >= self.most {
            return;
        }
        let rule = &self.check.rule;
        let Rule { id, severity, stops, why, .. } = *rule;
        self.findings.push(Finding { rule, id, severity, stops, message: message.into(), why, span, fix });
    }
}

/// Runs all checks and excuses the statements that are stored already.
fn all_findings(subject: &Subject, stored: Option<&Parsed>) -> Vec<Finding> {
    let mut findings = run_checks(subject, |_| true);
    if let Some(stored) = stored {
        excuse_stored(&mut findings, subject, stored);
    }
    findings
}

/// Runs the wanted checks; findings come in document order.
fn run_checks(subject: &Subject, wanted: impl Fn(&Check) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_cheap = |check: &Check| !subject.is_too_long || check.rule.is_of_long_texts;
    let is_of_kind = |check: &Check| check.rule.kind.is_none_or(|kind| kind == subject.options.kind);
    for check in rules::checks().filter(|c| wanted(c) && is_cheap(c) && is_of_kind(c)) {
        // Nobody reads the thousands that a long text may have of one kind.
        let most = if subject.is_too_long { MOST_ERRORS } else { usize::MAX };
        let mut sink = Sink { check, most, findings: Vec::new() };
        match check.run {
            Run::Text(run) => run(subject, &mut sink),
            Run::Statement(run) => subject.statements.iter().for_each(|s| run(subject, s, &mut sink)),
        }
        findings.append(&mut sink.findings);
    }
    if subject.errors.iter().any(SyntaxError::is_ambiguous) {
        // An element that seems to be missing may stand in a part that was not understood.
        findings.retain(|f| f.fix.is_some() || !f.rule.is_absence);
        // The content of a string without an end is still being written.
        let open = subject.errors.iter().filter(|e| e.slip == Slip::UnterminatedString).map(|e| e.span);
        let open: Vec<Span> = open.collect();
        findings.retain(|f| f.rule.is_syntax || !open.iter().any(|o| o.start <= f.span.start && f.span.end <= o.end));
    }
    drop_guesses(&mut findings, subject);
    findings.sort_by_key(|f| (f.span.start, f.span.end, f.id));
    findings
}

/// Removes findings about the effect of a condition that ECR would refuse.
fn drop_guesses(findings: &mut Vec<Finding>, subject: &Subject) {
    let within = |outer: Span, inner: Span| outer.start <= inner.start && inner.end <= outer.end;
    let conditions = subject.statements.iter().filter_map(|s| Some((s.node.span, s.node.get("Condition")?.value.span)));
    let errors: Vec<Span> = findings.iter().filter(|f| f.stops).map(|f| f.span).collect();
    let wrong: Vec<Span> =
        conditions.filter(|(_, c)| errors.iter().any(|e| within(*c, *e))).map(|(statement, _)| statement).collect();
    findings.retain(|f| !f.rule.needs_valid_condition || !wrong.iter().any(|s| within(*s, f.span)));
}

fn new_subject<'a>(text: &'a str, parsed: &'a Parsed, options: &'a CheckOptions, is_too_long: bool) -> Subject<'a> {
    let language = pasted_formats::find_language(text, parsed);
    let root = parsed.root.as_ref().filter(|_| language.is_none());
    Subject { errors: &parsed.errors, language, ..subject_of(text, root, options, is_too_long) }
}

/// The longest text whose statements are looked at, in characters: one that ECR takes, laid out wide.
pub(crate) const MOST_ANALYSED: usize = 2 * POLICY_LIMIT;

/// Tells whether a text is so long that only its syntax, its shape and its length are looked at.
pub fn is_too_long(text: &str) -> bool {
    text.len() > MOST_ANALYSED && text.chars().count() > MOST_ANALYSED
}

/// Builds the subject of a tree; the text may hold more than the tree.
fn subject_of<'a>(text: &'a str, root: Option<&'a Node>, options: &'a CheckOptions, is_too_long: bool) -> Subject<'a> {
    let wrapping = root.and_then(|r| pasted_formats::find_wrapping(text, r));
    let mut models = Vec::new();
    let mut statements = Vec::new();
    for (node, model) in root.filter(|_| !is_too_long).map(read_statements).unwrap_or_default() {
        let readable = model.as_ref().map(|m| {
            models.push(m.clone());
            models.len() - 1
        });
        let given = model.as_ref().map(|m| ActionSet::of(&m.actions)).unwrap_or_default();
        let parts = model.is_none().then(|| partial_statement(node));
        statements.push(Written { node, model, parts, readable, given, tests: condition::tests(node) });
    }
    let policy = root.filter(|_| !is_too_long).map(|r| Policy::of_statements(r, models));
    Subject {
        text,
        errors: &[],
        language: None,
        wrapping,
        root,
        flaws: find_flaws(root),
        statements,
        is_too_long,
        policy,
        table: OnceCell::new(),
        steps: StepBudget::of_examination(),
        options,
    }
}

/// Clears `stops` for statements that AWS already holds, unless their rule is never excused: AWS refuses a deleted
/// principal at the next save.
fn excuse_stored(findings: &mut [Finding], subject: &Subject, stored: &Parsed) {
    let Some(stored) = stored.valid_root() else { return };
    let kept = stored.get("Statement").map_or(&[][..], |m| m.value.one_or_many());
    let untouched: Vec<Span> =
        subject.statements.iter().filter(|s| kept.iter().any(|k| k.same_as(s.node))).map(|s| s.node.span).collect();
    let whole = subject.root.is_some_and(|r| r.same_as(stored));
    for finding in findings.iter_mut().filter(|f| !f.rule.never_excused) {
        if whole || untouched.iter().any(|u| u.start <= finding.span.start && finding.span.end <= u.end) {
            finding.stops = false;
        }
    }
}

#[cfg(test)]
mod tests;
