//! Reads the parts of a statement that cannot be understood as a whole: one slip in it must not hide the others.

use super::document::{Actions, Effect, Origin, Principals, Statement};
use super::principal::{Principal, PrincipalKind};
use crate::syntax::{Node, Spanned};

/// A statement of those principals and actions that are texts where texts belong. Its effect is not known, and it has no
/// conditions: it is looked at for the form of its parts alone.
pub(crate) fn partial_statement(node: &Node) -> Statement {
    Statement {
        span: node.span,
        sid: None,
        effect: Effect::Deny,
        principals: readable_principals(node),
        actions: readable_actions(node),
        conditions: Vec::new(),
        resource: None,
        has_variables: false,
        origin: Origin::Repository,
    }
}

fn readable_principals(node: &Node) -> Principals {
    let negated = node.get("Principal").is_none();
    let value = node.get("Principal").or_else(|| node.get("NotPrincipal")).map(|m| &m.value);
    let members = value.map_or(&[][..], Node::members);
    let each = members.iter().flat_map(|kind| kind.value.one_or_many().iter().map(move |entry| (kind, entry)));
    let entries = each.filter_map(|(kind, entry)| {
        let text = entry.as_str()?.to_owned();
        let kind = PrincipalKind::classify(&kind.key.text, &text)?;
        Some(Principal { span: entry.span, kind, text })
    });
    Principals { negated, entries: entries.collect(), span: value.map_or(node.span, |v| v.span) }
}

fn readable_actions(node: &Node) -> Actions {
    let negated = node.get("Action").is_none();
    let value = node.get("Action").or_else(|| node.get("NotAction")).map(|m| &m.value);
    let texts = value.map_or(&[][..], Node::one_or_many).iter();
    let patterns = texts.filter_map(|n| Some(Spanned { span: n.span, value: n.as_str()?.to_owned() }));
    Actions { negated, patterns: patterns.collect() }
}
