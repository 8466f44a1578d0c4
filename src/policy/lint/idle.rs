//! Checks of what has no effect: statements that never match, that another repeats, that a Deny takes back.

use super::{MOST_COMPARED, Sink, Subject, Written};
use crate::ecr::text::visible;
use crate::policy::access::{ActionSet, is_session_of};
use crate::policy::condition::{Family, Operator, glob, normal_all};
use crate::policy::document::{Condition, Effect, Statement};
use crate::policy::principal::PrincipalKind;
use crate::policy::syntax::{Member, Node, Value};

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

pub(super) fn never_matches(_: &Subject, statement: &Written, sink: &mut Sink) {
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
    if let Some(pattern) = model.actions.patterns.iter().find(|p| model.actions.negated && every(&p.value)) {
        sink.report(pattern.span, "`NotAction` excepts every action: the statement never matches");
    }
    if let Some((member, message)) = impossible(statement) {
        sink.report(member.key.span, message);
    }
}

/// Two conditions on one key that cannot both hold: the later one, and why. All conditions of a statement must hold.
fn impossible<'a>(statement: &'a Written) -> Option<(&'a Member, String)> {
    let operators = statement.node.get("Condition").map_or(&[][..], |m| m.value.members());
    let all = || {
        operators
            .iter()
            .filter_map(|o| Some((Operator::parse(&o.key.text)?, o.value.members())))
            .flat_map(|(o, keys)| keys.iter().map(move |k| (o, k)))
            .take(MOST_COMPARED)
    };
    let texts = |m: &'a Member| m.value.one_or_many().iter().filter_map(Node::as_str);
    for (later, (operator, key)) in all().enumerate() {
        for (other, earlier) in all().take(later).filter(|(_, k)| k.key.text.eq_ignore_ascii_case(&key.key.text)) {
            let name = visible(&key.key.text);
            let absent = |o: Operator, k: &'a Member| {
                o.family == Family::Null && texts(k).next().is_some_and(|v| v.eq_ignore_ascii_case("true"))
            };
            if (absent(other, earlier) && operator.restricts()) || (absent(operator, key) && other.restricts()) {
                return Some((
                    key,
                    format!("`{name}` must be absent and must have a value: the statement never matches"),
                ));
            }
            let (yes, no) = if operator.negated { ((other, earlier), key) } else { ((operator, key), earlier) };
            let plain = operator.family == Family::Text
                && other.family == Family::Text
                && operator.set.is_none()
                && other.set.is_none()
                && yes.0.restricts()
                && operator.negated != other.negated;
            if plain && texts(yes.1).all(|v| texts(no).any(|w| w == v)) {
                return Some((
                    key,
                    format!("`{name}` must and must not have the same value: the statement never matches"),
                ));
            }
        }
    }
    None
}

/// Whether whoever is meant by `b` is meant by `a` too. An account among the principals of an Allow hands the decision
/// to that account: of the owner's own account a role beside it may do more.
fn covers(a: &PrincipalKind, b: &PrincipalKind, subject: &Subject, effect: Effect) -> bool {
    match (a, b) {
        (PrincipalKind::Everyone, _) => !matches!(b, PrincipalKind::Malformed(_)),
        (
            PrincipalKind::Account(id, _),
            PrincipalKind::Role(arn) | PrincipalKind::User(arn) | PrincipalKind::Session(arn),
        ) => arn.account == id.as_str() && (effect == Effect::Deny || subject.options.owner.as_ref() != Some(id)),
        (PrincipalKind::Role(role), PrincipalKind::Session(session)) => is_session_of(session, role),
        _ => a.same_as(b),
    }
}

pub(super) fn redundant_principal(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(model) = statement.model.as_ref().filter(|m| !m.principals.negated) else { return };
    let all: Vec<_> = model.principals.entries.iter().take(MOST_COMPARED).collect();
    for (at, principal) in all.iter().enumerate() {
        let wider = all.iter().enumerate().find(|(i, other)| {
            let same = other.kind.same_as(&principal.kind);
            if same { *i < at } else { covers(&other.kind, &principal.kind, subject, model.effect) }
        });
        let Some((_, wider)) = wider else { continue };
        let (shown, other) = (visible(&principal.text), visible(&wider.text));
        let message = if wider.text == principal.text {
            format!("`{shown}` is there twice")
        } else if wider.kind.same_as(&principal.kind) {
            format!("`{shown}` is the same as `{other}`")
        } else {
            format!("`{shown}` is within `{other}`")
        };
        sink.report(principal.span, message);
    }
}

/// What a statement comes to, made once for each.
struct Reach<'a> {
    statement: &'a Statement,
    actions: &'a ActionSet,
    conditions: Vec<Condition>,
}

impl<'a> Reach<'a> {
    fn of(written: &'a Written) -> Option<Self> {
        let statement = written.model.as_ref()?;
        Some(Self { statement, actions: &written.given, conditions: normal_all(&statement.conditions) })
    }

    /// Whether this statement matches whatever another one matches.
    fn contains(&self, other: &Self, subject: &Subject, effect: Effect) -> bool {
        let principals = |s: &Self| !s.statement.principals.negated && !s.statement.principals.entries.is_empty();
        principals(self)
            && principals(other)
            && (self.conditions.is_empty() || self.conditions == other.conditions)
            && !other.actions.is_empty()
            && other.actions.is_within(self.actions)
            && other
                .statement
                .principals
                .entries
                .iter()
                .all(|p| self.statement.principals.entries.iter().any(|q| covers(&q.kind, &p.kind, subject, effect)))
    }
}

fn name(statement: &Statement, index: usize) -> String {
    match &statement.sid {
        Some(sid) if !sid.value.is_empty() => format!("`{}`", visible(&sid.value)),
        _ => format!("statement {}", index + 1),
    }
}

/// A statement that gives, or takes, nothing that another of the same effect does not, and an Allow that a Deny takes
/// back whole.
fn held_against_others(subject: &Subject, mut tell: impl FnMut(&Written, String), same_effect: bool) {
    if subject.statements.len() < 2 {
        return;
    }
    let all: Vec<(&Written, Reach)> =
        subject.statements.iter().take(MOST_COMPARED).filter_map(|w| Some((w, Reach::of(w)?))).collect();
    for (at, (written, this)) in all.iter().enumerate() {
        let effect = this.statement.effect;
        let outer = all.iter().enumerate().find(|(i, (_, other))| {
            let fits = if same_effect {
                other.statement.effect == effect
            } else {
                effect == Effect::Allow && other.statement.effect == Effect::Deny
            };
            fits && *i != at
                && other.contains(this, subject, other.statement.effect)
                && (*i < at || !same_effect || !this.contains(other, subject, effect))
        });
        if let Some((index, (_, outer))) = outer {
            tell(written, name(outer.statement, index));
        }
    }
}

/// The Sid, or the opening bracket: a range small enough to underline.
fn place(written: &Written) -> crate::policy::syntax::Span {
    written.node.get("Sid").map_or_else(|| super::shape::opening(written.node), |m| m.value.span)
}

/// Statements and condition values that others take in.
pub(super) fn redundant(subject: &Subject, sink: &mut Sink) {
    redundant_statements(subject, sink);
    subject.statements.iter().for_each(|s| redundant_values(s, sink));
}

fn redundant_statements(subject: &Subject, sink: &mut Sink) {
    held_against_others(
        subject,
        |written, outer| {
            let does = if written.model.as_ref().is_some_and(|m| m.effect == Effect::Deny) { "takes" } else { "gives" };
            sink.report(place(written), format!("{outer} {does} all of this already"));
        },
        true,
    );
}

pub(super) fn shadowed(subject: &Subject, sink: &mut Sink) {
    let tell = |written: &Written, outer: String| {
        sink.report(place(written), format!("{outer} denies all of this: nobody gets it"));
    };
    held_against_others(subject, tell, false);
}

/// Values of a condition that another value of the same list takes in. All values of a list are alternatives.
fn redundant_values(statement: &Written, sink: &mut Sink) {
    for operator in statement.node.get("Condition").map_or(&[][..], |m| m.value.members()) {
        let family = Operator::parse(&operator.key.text).map(|o| o.family);
        for key in operator.value.members() {
            let values: Vec<&Node> = key.value.one_or_many().iter().take(MOST_COMPARED).collect();
            for (at, value) in values.iter().enumerate() {
                let Some(text) = value.as_str() else { continue };
                let within = |wider: &str| {
                    family == Some(Family::TextLike)
                        && wider.contains('*')
                        && !wider.contains(['?', '$'])
                        && !text.contains('$')
                        && glob(wider, text)
                };
                let wider = values.iter().enumerate().find_map(|(i, other)| {
                    let other = other.as_str()?;
                    (i != at && if other == text { i < at } else { within(other) }).then_some(other)
                });
                match wider {
                    Some(same) if same == text => {
                        sink.report(value.span, format!("`{}` is there twice", visible(text)));
                    }
                    Some(wider) => {
                        sink.report(value.span, format!("`{}` is within `{}`", visible(text), visible(wider)));
                    }
                    None => {}
                }
            }
        }
    }
}
