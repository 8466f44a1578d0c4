//! Checks of what has no effect: statements that never match, that another repeats, that a Deny takes back.

use super::condition::has_variables;
use super::registry_policy::covers_resource;
use super::unsatisfiable::find_impossible;
use super::{MOST_COMPARED, Sink, Subject, Written};
use crate::access::Class;
use crate::condition::{Family, Known, Operator, Order, Truth, holds, normal_all, range};
use crate::ecr::text::make_visible;
use crate::model::actions::ActionSet;
use crate::model::document::{Condition, Effect, Statement};
use crate::model::principal::PrincipalKind;
use crate::model::principal::is_session_of;
use crate::syntax::{Node, Value};
use crate::text::glob::glob;

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

pub(super) fn never_matches(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(model) = &statement.model else { return };
    for name in ["Action", "Principal"] {
        if let Some(member) = statement.node.get(name) {
            if is_empty(&member.value) {
                sink.report(member.value.span, format!("`{name}` is empty: the statement never matches"));
            } else if name == "Principal" && model.principals.entries.is_empty() {
                sink.report(member.value.span, "`Principal` names nobody: the statement never matches");
            }
        }
    }
    if model.principals.negated && model.principals.entries.iter().any(|p| p.kind == PrincipalKind::Everyone) {
        sink.report(model.principals.span, "`NotPrincipal` excepts everyone: the statement never matches");
    }
    let every = |p: &str| matches!(p, "*" | "*:*") || p.eq_ignore_ascii_case("ecr:*");
    let excepted = statement.node.get("NotAction").filter(|_| model.actions.negated && statement.given.is_empty());
    if let Some(member) = excepted {
        let whole = model.actions.patterns.iter().find(|p| every(&p.value));
        let span = whole.map_or(member.value.span, |p| p.span);
        sink.report(span, "`NotAction` excepts every action: the statement never matches");
    }
    if let Some((span, message)) = find_impossible(subject, statement) {
        sink.report(span, message);
    }
}

/// Tells whether whoever is meant by `b` is meant by `a` too. An account among the principals of an Allow hands the
/// decision to that account: of the owner's own account a role beside it may do more.
fn covers_principal(a: &PrincipalKind, b: &PrincipalKind, subject: &Subject, effect: Effect) -> bool {
    match (a, b) {
        (PrincipalKind::Everyone, _) => !matches!(b, PrincipalKind::Malformed(_)),
        (
            PrincipalKind::Account(id, partition),
            PrincipalKind::Role(arn) | PrincipalKind::User(arn) | PrincipalKind::Session(arn),
        ) => {
            arn.account == id.as_str()
                && arn.partition == partition.unwrap_or(subject.options.home_partition()).as_str()
                && (effect == Effect::Deny || subject.options.owner.as_ref() != Some(id))
        }
        (PrincipalKind::Role(role), PrincipalKind::Session(session)) => is_session_of(session, role),
        _ => is_same(a, b, subject),
    }
}

fn is_same(a: &PrincipalKind, b: &PrincipalKind, subject: &Subject) -> bool {
    match (a, b) {
        (PrincipalKind::Account(_, p), PrincipalKind::Account(_, q)) => {
            a.same_as(b)
                && p.unwrap_or(subject.options.home_partition()) == q.unwrap_or(subject.options.home_partition())
        }
        _ => a.same_as(b),
    }
}

pub(super) fn redundant_principal(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(model) = statement.model.as_ref().filter(|m| !m.principals.negated) else { return };
    let all: Vec<_> = model.principals.entries.iter().take(MOST_COMPARED).collect();
    for (at, principal) in all.iter().enumerate() {
        let wider = all.iter().enumerate().find(|(i, other)| {
            let same = is_same(&other.kind, &principal.kind, subject);
            if same { *i < at } else { covers_principal(&other.kind, &principal.kind, subject, model.effect) }
        });
        let Some((_, wider)) = wider else { continue };
        let (shown, other) = (make_visible(&principal.text), make_visible(&wider.text));
        let message = if wider.text == principal.text {
            format!("`{shown}` is there twice")
        } else if is_same(&wider.kind, &principal.kind, subject) {
            format!("`{shown}` is the same as `{other}`")
        } else {
            format!("`{shown}` is within `{other}`")
        };
        sink.report(principal.span, message);
    }
}

/// The requests that a statement matches, worked out once for each.
struct StatementReach<'a> {
    statement: &'a Statement,
    actions: &'a ActionSet,
    conditions: Vec<Condition>,
}

impl<'a> StatementReach<'a> {
    fn of_statement(written: &'a Written) -> Option<Self> {
        let statement = written.model.as_ref()?;
        Some(Self { statement, actions: &written.given, conditions: normal_all(&statement.conditions) })
    }

    /// Tells whether this statement matches whatever another one matches.
    fn contains(&self, other: &Self, subject: &Subject, effect: Effect) -> bool {
        let principals = |s: &Self| !s.statement.principals.negated && !s.statement.principals.entries.is_empty();
        principals(self)
            && principals(other)
            && covers_resource(self.statement, other.statement)
            && self.conditions.iter().all(|wider| other.conditions.iter().any(|c| is_within(c, wider)))
            && !other.actions.is_empty()
            && other.actions.is_within(self.actions)
            && other.statement.principals.entries.iter().all(|p| {
                self.statement.principals.entries.iter().any(|q| covers_principal(&q.kind, &p.kind, subject, effect))
            })
    }
}

/// Tells whether a condition holds wherever another one does, by their values: equal but for those that make it
/// narrower. Both are in the form in which equal ones compare equal.
fn is_within(narrow: &Condition, wide: &Condition) -> bool {
    let all = |some: &Condition, of: &Condition| some.values.iter().all(|v| of.values.contains(v));
    narrow == wide
        || narrow.operator == wide.operator
            && narrow.key == wide.key
            && Operator::parse(&narrow.operator).is_some_and(|operator| match operator.family {
                Family::Null => false,
                _ if operator.negated => all(wide, narrow),
                _ => all(narrow, wide),
            })
}

fn statement_name(statement: &Statement, index: usize) -> String {
    match &statement.sid {
        Some(sid) if !sid.value.is_empty() => format!("`{}`", make_visible(&sid.value)),
        _ => format!("statement {}", index + 1),
    }
}

/// Every statement's reach beside each statement.
fn all_reaches<'a>(subject: &'a Subject) -> Vec<(&'a Written<'a>, StatementReach<'a>)> {
    let some = subject.statements.iter().take(MOST_COMPARED);
    some.filter_map(|w| Some((w, StatementReach::of_statement(w)?))).collect()
}

/// The Sid, or the opening bracket: a range small enough to underline.
fn underlined_span(written: &Written) -> crate::syntax::Span {
    written.node.get("Sid").map_or_else(|| written.node.opening_bracket(), |m| m.value.span)
}

/// Statements and condition values that others take in.
pub(super) fn redundant(subject: &Subject, sink: &mut Sink) {
    redundant_statements(subject, sink);
    subject.statements.iter().for_each(|s| redundant_values(subject, s, sink));
}

/// A statement that gives, or takes, nothing that another of the same effect does not.
fn redundant_statements(subject: &Subject, sink: &mut Sink) {
    if subject.statements.len() < 2 {
        return;
    }
    let all = all_reaches(subject);
    for (at, (written, this)) in all.iter().enumerate() {
        let effect = this.statement.effect;
        let outer = all.iter().enumerate().find(|(i, (_, other))| {
            other.statement.effect == effect
                && *i != at
                && other.contains(this, subject, effect)
                && (*i < at || !this.contains(other, subject, effect))
        });
        if let Some((index, (_, outer))) = outer {
            let does = if effect == Effect::Deny { "takes" } else { "gives" };
            sink.report(
                underlined_span(written),
                format!("{} {does} all of this already", statement_name(outer.statement, index)),
            );
        }
    }
}

/// An Allow that a Deny, or several, take back whole.
pub(super) fn shadowed(subject: &Subject, sink: &mut Sink) {
    if subject.statements.len() < 2 {
        return;
    }
    let all = all_reaches(subject);
    let denies = || all.iter().enumerate().filter(|(_, (_, s))| s.statement.effect == Effect::Deny);
    for (written, this) in all.iter().filter(|(_, s)| s.statement.effect == Effect::Allow) {
        let outer = denies().find(|(_, (_, other))| other.contains(this, subject, Effect::Deny));
        let message = match outer {
            Some((index, (_, outer))) => Some(format!("{} denies all of this", statement_name(outer.statement, index))),
            None if denies().next().is_none() => None,
            None => taken_by_all(subject, written),
        };
        if let Some(message) = message {
            sink.report(underlined_span(written), format!("{message}: nobody gets it"));
        }
    }
}

/// Says which Denies leave nothing of an Allow, each of them something.
fn taken_by_all(subject: &Subject, written: &Written) -> Option<String> {
    let at = written.readable.filter(|_| written.model.as_ref().is_some_and(|m| m.effect == Effect::Allow))?;
    let table = subject.table();
    let policy = subject.policy.as_ref().filter(|_| table.of_statements.get(at) == Some(&Class::None))?;
    let mut denies: Vec<usize> =
        table.rows.iter().filter(|r| r.statements.contains(&at)).flat_map(|r| r.blocked.clone()).collect();
    denies.sort_unstable();
    denies.dedup();
    let statements: Option<Vec<(usize, &Statement)>> =
        denies.iter().map(|at| Some((*at, policy.statements.get(*at)?))).collect();
    // Whom a NotPrincipal spares is not always clear.
    let statements = statements.filter(|s| !s.is_empty() && s.iter().all(|(_, s)| !s.principals.negated))?;
    if find_impossible(subject, written).is_some() {
        return None;
    }
    let names: Vec<String> = statements.iter().map(|(at, s)| statement_name(s, *at)).collect();
    Some(denying_words(&names))
}

/// Names one Deny or several as the subject of a clause.
fn denying_words(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("{one} denies all of this"),
        [one, other] => format!("{one} and {other} together deny all of this"),
        [first @ .., last] => format!("{} and {last} together deny all of this", first.join(", ")),
    }
}

/// Values of a condition that another value of the same list takes in. All values of a list are alternatives.
fn redundant_values(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let modern = has_variables(subject);
    for test in &statement.tests {
        let Some(operator) = test.does else { continue };
        let values: Vec<(&Node, &str)> = test.texts().take(MOST_COMPARED).collect();
        for (at, (node, text)) in values.iter().enumerate() {
            let is_in = |one: &str, other: &str| {
                one == other
                    || !(modern && (one.contains("${") || other.contains("${"))) && covers_value(operator, other, one)
            };
            let wider = values
                .iter()
                .enumerate()
                .find(|(i, (_, other))| *i != at && is_in(text, other) && (*i < at || !is_in(other, text)));
            let Some((_, (_, wider))) = wider else { continue };
            let (shown, other) = (make_visible(text), make_visible(wider));
            let message = if wider == text {
                format!("`{shown}` is there twice")
            } else if is_in(wider, text) {
                format!("`{shown}` is the same as `{other}`")
            } else {
                format!("`{shown}` is within `{other}`")
            };
            sink.report(node.span, message);
        }
    }
}

/// Tells whether whatever meets one value of an operator meets another too. For texts with wildcards `?` is no longer
/// than one character, so that only a `*` takes in other wildcards.
fn covers_value(operator: Operator, wide: &str, narrow: &str) -> bool {
    let takes = |wide: &str, narrow: &str| !(narrow.contains('*') && wide.contains('?')) && glob(wide, narrow);
    let name = match operator.family {
        Family::Text | Family::Null => return false,
        Family::TextLike => return takes(wide, narrow),
        Family::Arn => {
            let fields = |text| str::splitn(text, 6, ':').collect::<Vec<&str>>();
            let (wide, narrow) = (fields(wide), fields(narrow));
            return wide.len() == 6 && narrow.len() == 6 && wide.iter().zip(narrow).all(|(w, n)| takes(w, n));
        }
        Family::Address => {
            let ranges = range(wide).zip(range(narrow));
            return ranges.is_some_and(|(wide, narrow)| wide.contains(&narrow));
        }
        Family::TextIgnoreCase => "StringEqualsIgnoreCase",
        Family::Bool => "Bool",
        Family::Binary => "BinaryEquals",
        Family::Number(Order::Equal) => "NumericEquals",
        Family::Number(Order::Less | Order::LessOrEqual) => "NumericLessThanEquals",
        Family::Number(Order::Greater | Order::GreaterOrEqual) => "NumericGreaterThanEquals",
        Family::Date(Order::Equal) => "DateEquals",
        Family::Date(Order::Less | Order::LessOrEqual) => "DateLessThanEquals",
        Family::Date(Order::Greater | Order::GreaterOrEqual) => "DateGreaterThanEquals",
    };
    // The one value as that of a request.
    let wanted = Condition { operator: name.to_owned(), key: String::new(), values: vec![wide.to_owned()] };
    holds(&wanted, false, &|_| Known::Values(vec![narrow.to_owned()])) == Truth::Yes
}

#[cfg(test)]
mod tests {
    use super::denying_words;

    #[test]
    fn the_statements_that_deny_are_one_subject() {
        let words = |names: &[&str]| denying_words(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(words(&["`A`"]), "`A` denies all of this");
        assert_eq!(words(&["`A`", "statement 3"]), "`A` and statement 3 together deny all of this");
        assert_eq!(words(&["`A`", "`B`", "`C`"]), "`A`, `B` and `C` together deny all of this");
    }
}
