//! Policies of a registry: how one is told from that of a repository, and the checks of its `Resource`. Source: ECR user
//! guide, registry permissions.

use super::PolicyKind;
use super::pasted_formats::taken_out;
use super::{Fix, Sink, Subject, Written, apply_fix, is_too_long};
use crate::ecr::id_form::may_be_account;
use crate::ecr::text::make_visible;
use crate::model::document::{Effect, Policy, Resource, Statement};
use crate::syntax::{Member, Node, Span, parse};
use crate::text::TextEdit;
use crate::text::glob::glob;

/// Tells which kind a text is, by its resources and actions: patterns of repositories, or nothing but copies of images.
/// A repository's own ARN is what people put into its policy by mistake.
pub fn recognised_kind(text: &str) -> PolicyKind {
    // Of such a text no check asks for the kind.
    if is_too_long(text) {
        return PolicyKind::Repository;
    }
    let inner = taken_out(text).map(|(_, fix)| apply_fix(text, &fix));
    let parsed = parse(inner.as_deref().unwrap_or(text));
    let statements = parsed.root.as_ref().and_then(|root| root.get("Statement"));
    let statements = statements.map_or(&[][..], |m| m.value.one_or_many());
    let is_whole = |s: &Node| has_principal(s) && (speaks_of_repositories(s) || copies_alone(s));
    let is_sign = |s: &Node| resource_of(s).is_some() && (has_pattern(s) || copies_alone(s));
    if statements.iter().all(is_whole) && statements.iter().any(is_sign) {
        PolicyKind::Registry
    } else {
        PolicyKind::Repository
    }
}

/// The actions that only a registry's policy has a use for: replication and pull through caches.
const COPYING: [&str; 3] = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:ReplicateImage"];

fn has_principal(statement: &Node) -> bool {
    ["Principal", "NotPrincipal"].into_iter().any(|name| statement.get(name).is_some())
}

fn resource_of(statement: &Node) -> Option<&Member> {
    ["Resource", "NotResource"].into_iter().find_map(|name| statement.get(name))
}

fn resource_texts(statement: &Node) -> impl Iterator<Item = &str> {
    resource_of(statement).into_iter().flat_map(|m| m.value.one_or_many()).filter_map(Node::as_str)
}

fn speaks_of_repositories(statement: &Node) -> bool {
    let mut all = resource_texts(statement).peekable();
    all.peek().is_some()
        && all.all(|text| text == "*" || text.starts_with("arn:") && text.split(':').nth(2) == Some("ecr"))
}

fn has_pattern(statement: &Node) -> bool {
    resource_texts(statement).any(|text| {
        text.splitn(6, ':').nth(5).is_some_and(|name| name.starts_with("repository/") && name.contains(['*', '?']))
    })
}

fn copies_alone(statement: &Node) -> bool {
    let mut all = statement.get("Action").into_iter().flat_map(|m| m.value.one_or_many()).peekable();
    let is_copying =
        |node: &Node| node.as_str().is_some_and(|text| COPYING.iter().any(|known| known.eq_ignore_ascii_case(text)));
    all.peek().is_some() && all.all(is_copying)
}

/// A statement that does not say which repositories it is about.
pub(super) fn resource_missing(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let members = statement.node.members();
    let Some(last) = members.last().filter(|_| resource_of(statement.node).is_none()) else { return };
    let fix = resource_of_others(subject).map(|element| {
        let between = match members {
            [.., a, b] => Span::new(a.value.span.end, b.key.span.start).text_in(subject.text),
            _ => ", ",
        };
        let end = last.value.span.end;
        let edits = vec![TextEdit { span: Span::new(end, end), text: format!("{between}{element}") }];
        let title = "write the `Resource` of the other statements".to_owned();
        Fix { title, changes_access: false, edits }.changing_access()
    });
    let message = "the statement has no `Resource`: a registry policy says which repositories it is about";
    sink.report_fix(statement.node.opening_bracket(), message, fix);
}

/// The `Resource` that all statements with one have, as it is written; `None` where one would be refused, as its copy
/// would.
fn resource_of_others<'t>(subject: &Subject<'t>) -> Option<&'t str> {
    let written = |s: &Written| {
        let member = resource_of(s.node)?;
        Some(Span::new(member.key.span.start, member.value.span.end).text_in(subject.text))
    };
    if !subject.statements.iter().all(is_well_formed) {
        return None;
    }
    let mut all = subject.statements.iter().filter_map(written);
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// Tells whether a statement has no resource, or one in which nothing is wrong.
fn is_well_formed(statement: &Written) -> bool {
    let values = || resource_of(statement.node).map(|member| member.value.one_or_many());
    values().is_none_or(|values| !values.is_empty() && values.iter().all(|node| node.as_str().is_some()))
        && each_resource(statement).all(|(_, text)| resource_fault(text).is_none())
}

fn each_resource<'a>(statement: &'a Written<'a>) -> impl Iterator<Item = (&'a Node, &'a str)> {
    let values = resource_of(statement.node).into_iter().flat_map(|m| m.value.one_or_many());
    values.filter_map(|node| Some((node, node.as_str()?))).filter(|(_, text)| *text != "*" && !text.contains("${"))
}

/// A `Resource` that is no pattern of ECR repositories.
pub(super) fn resource_form(_: &Subject, statement: &Written, sink: &mut Sink) {
    for (node, text) in each_resource(statement) {
        if let Some(what) = resource_fault(text) {
            sink.report(node.span, format!("`{}` {what}", make_visible(text)));
        }
    }
    if let Some(member) = resource_of(statement.node).filter(|m| m.value.one_or_many().is_empty()) {
        sink.report(
            member.value.span,
            format!("`{}` is empty: it names no repository", make_visible(&member.key.text)),
        );
    }
}

fn resource_fault(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", _, service, region, account, resource] = fields.as_slice() else {
        return Some("is no ARN of repositories: arn:aws:ecr:REGION:ACCOUNT:repository/NAME".to_owned());
    };
    let is_wild = |field: &str| field.contains(['*', '?']);
    if *service != "ecr" {
        Some(format!("is of `{}`: a registry policy is about ECR", make_visible(service)))
    } else if region.is_empty() {
        Some("names no Region in its fourth field".to_owned())
    } else if !is_wild(account) && !may_be_account(account) {
        Some(format!("has `{}` in its fifth field, which is no account id: that is 12 digits", make_visible(account)))
    } else if !resource.starts_with("repository/") && !resource.starts_with('*') {
        Some("names no repositories in its last field: that is repository/NAME, or repository/*".to_owned())
    } else {
        None
    }
}

/// Repositories that are not in the registry.
pub(super) fn resource_elsewhere(subject: &Subject, statement: &Written, sink: &mut Sink) {
    for (node, text) in each_resource(statement).filter(|(_, text)| resource_fault(text).is_none()) {
        let mut fields = text.split(':');
        let (partition, account) = (fields.nth(1).unwrap_or_default(), fields.nth(2).unwrap_or_default());
        let home = subject.options.partition.filter(|home| !glob(partition, home.as_str()));
        let owner = subject.options.owner.as_ref().filter(|owner| !glob(account, owner.as_str()));
        let message = match (owner, home) {
            (Some(owner), _) => {
                format!("`{}` names repositories of another registry than {owner}'s", make_visible(text))
            }
            (None, Some(home)) => format!("`{}` names repositories outside {}", make_visible(text), home.as_str()),
            (None, None) => continue,
        };
        sink.report(node.span, message);
    }
}

/// Tells whether a statement is about every repository that another one is about, by the texts of their resources. A
/// statement without a resource is about all.
pub(super) fn covers_resource(wide: &Statement, narrow: &Statement) -> bool {
    let is_every = |resource: &Resource| !resource.negated && resource.patterns.iter().any(|p| p == "*");
    let takes = |wide: &str, narrow: &str| {
        let is_open = narrow.contains("${") || (narrow.contains('*') && wide.contains('?'));
        wide == narrow || (!is_open && glob(wide, narrow))
    };
    match (&wide.resource, &narrow.resource) {
        (None, _) => true,
        (Some(wide), _) if is_every(wide) => true,
        (Some(wide), Some(narrow)) if wide.negated || narrow.negated => wide == narrow,
        (Some(wide), Some(narrow)) => {
            !narrow.patterns.is_empty()
                && narrow.patterns.iter().all(|n| wide.patterns.iter().any(|w| !w.contains("${") && takes(w, n)))
        }
        (Some(_), None) => false,
    }
}

/// Returns a registry policy as it is for a repository that its Allow statements are about: a Deny of some of these
/// repositories alone takes nothing. The statements keep their places.
pub(super) fn at_its_widest(policy: &Policy) -> Policy {
    let mut widest = policy.clone();
    let allows: Vec<&Statement> = policy.statements.iter().filter(|s| s.effect == Effect::Allow).collect();
    let is_partial = |deny: &Statement| !allows.iter().all(|allow| covers_resource(deny, allow));
    for statement in widest.statements.iter_mut().filter(|s| s.effect == Effect::Deny && is_partial(s)) {
        statement.actions.negated = false;
        statement.actions.patterns.clear();
    }
    widest
}
