//! Checks of principals.

use std::cell::OnceCell;

use super::condition::is_wild;
use super::{Fix, MOST_COMPARED, Sink, Subject, Written};
use crate::ecr::json_string::quote_string;
use crate::ecr::principal::{principal_fault, principal_list};
use crate::ecr::service::{find_service, is_service_form, service_stem};
use crate::ecr::text::make_visible;
use crate::ecr::{Address, Arn, Partition};
use crate::model::document::Effect;
use crate::model::principal::is_session_of;
use crate::model::principal::{Principal, PrincipalKind};
use crate::syntax::{Node, Span, Value};
use crate::text::TextEdit;
use crate::text::edits::remove_item;
use crate::text::layout::{Json, join_quoted, member_on_one_line};

fn principal_entries<'a>(statement: &'a Written) -> impl Iterator<Item = &'a Principal> {
    statement.understood_part().into_iter().flat_map(|m| &m.principals.entries)
}

fn malformed_entries<'a>(statement: &'a Written) -> impl Iterator<Item = (&'a Principal, &'a str)> {
    principal_entries(statement).filter_map(|p| match &p.kind {
        PrincipalKind::Malformed(text) => Some((p, text.as_str())),
        _ => None,
    })
}

pub(super) fn principal_wildcard(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let condition = OnceCell::new();
    for (principal, text) in malformed_entries(statement).filter(|(_, t)| is_wild(t)) {
        let by_condition = || condition.get_or_init(|| by_condition(subject, statement)).clone();
        let fix = without_wildcard(principal, text).or_else(by_condition);
        sink.report_fix(principal.span, format!("`{}` has a wildcard inside", make_visible(text)), fix);
    }
}

/// The principal that says the same without a wildcard: the account, or the role whose sessions are meant.
fn without_wildcard(principal: &Principal, text: &str) -> Option<Fix> {
    let arn = Arn::parse(text)?;
    let id = arn.account_id()?;
    let partition = arn.known_partition()?;
    let meant = match (arn.service.as_str(), arn.resource.as_str()) {
        ("iam" | "sts", "*") => Arn::account_root(partition, &id).to_string(),
        ("sts", resource) => {
            let role = resource.strip_prefix("assumed-role/")?.strip_suffix("/*")?;
            format!("arn:{}:iam::{id}:role/{role}", arn.partition)
        }
        _ => return None,
    };
    let is_principal = !matches!(PrincipalKind::classify_aws(&meant), PrincipalKind::Malformed(_));
    is_principal
        .then(|| Fix::single_edit(format!("write `{meant}`"), principal.span, quote_string(&meant)).changing_access())
}

/// The accounts in the principal, and a condition on `aws:PrincipalArn`, where wildcards are taken. The condition holds
/// for the whole statement: everyone in it has to be of a kind that the condition can name.
fn by_condition(subject: &Subject, statement: &Written) -> Option<Fix> {
    let element = &statement.node.get("Principal")?.value;
    if principal_entries(statement).nth(MOST_COMPARED).is_some() {
        return None;
    }
    let mut roots: Vec<String> = Vec::new();
    let mut patterns: Vec<String> = Vec::new();
    for principal in principal_entries(statement) {
        let (arn, pattern) = match &principal.kind {
            PrincipalKind::Role(arn) | PrincipalKind::User(arn) => (arn.clone(), arn.to_string()),
            PrincipalKind::Account(id, partition) => {
                let root = Arn::account_root(partition.unwrap_or(Partition::Aws), id);
                let all = Arn { resource: "*".to_owned(), ..root.clone() };
                (root, all.to_string())
            }
            PrincipalKind::Malformed(text) => {
                let arn = Arn::parse(text).filter(|a| a.service == "iam")?;
                let named = arn.resource.starts_with("role/") || arn.resource.starts_with("user/");
                (arn, named.then(|| text.clone())?)
            }
            _ => return None,
        };
        let root = Arn::account_root(arn.known_partition()?, &arn.account_id()?).to_string();
        if !roots.contains(&root) {
            roots.push(root);
        }
        patterns.push(pattern);
    }
    let condition = add_condition(subject, statement, "ArnLike", "aws:PrincipalArn", &patterns)?;
    let who = TextEdit { span: element.span, text: Json::object([("AWS", Json::one_or_list(&roots))]).on_one_line() };
    let title = "name the account, and the roles in a condition on aws:PrincipalArn".to_owned();
    Some(Fix { title, changes_access: false, edits: vec![who, condition] }.changing_access())
}

/// Adds a condition to a statement that does not have one of that operator.
fn add_condition(
    subject: &Subject,
    statement: &Written,
    operator: &str,
    key: &str,
    values: &[String],
) -> Option<TextEdit> {
    let written = member_on_one_line(operator, &Json::Object(vec![(key.to_owned(), Json::one_or_list(values))]));
    let Some(block) = statement.node.get("Condition") else {
        let members = statement.node.members();
        let last = members.last()?;
        let between = match members {
            [.., a, b] => Span::new(a.value.span.end, b.key.span.start).text_in(subject.text),
            _ => ", ",
        };
        let at = last.value.span.end;
        let text = format!("{between}\"Condition\": {{{written}}}");
        return Some(TextEdit { span: Span::new(at, at), text });
    };
    let operators = block.value.members();
    if !matches!(block.value.value, Value::Object(_))
        || operators.iter().any(|o| o.key.text.eq_ignore_ascii_case(operator))
    {
        return None;
    }
    let at = block.value.span.start + 1;
    let text = if operators.is_empty() { written } else { format!("{written}, ") };
    Some(TextEdit { span: Span::new(at, at), text })
}

/// Names in a `NotPrincipal` with Deny that do not spare whom they name. Source: IAM user guide, `NotPrincipal`: the account
/// is named with the user, or the account with the role and the session.
pub(super) fn half_excepted(subject: &Subject, statement: &Written, sink: &mut Sink) {
    if statement.model.as_ref().is_none_or(|m| m.effect == Effect::Allow || !m.principals.negated) {
        return;
    }
    let kinds: Vec<&PrincipalKind> = principal_entries(statement).map(|p| &p.kind).take(MOST_COMPARED).collect();
    let account = |id: &str| kinds.iter().any(|k| matches!(k, PrincipalKind::Account(a, _) if a.as_str() == id));
    let role = |session: &Arn| kinds.iter().any(|k| matches!(k, PrincipalKind::Role(r) if is_session_of(session, r)));
    let session = |role: &Arn| kinds.iter().any(|k| matches!(k, PrincipalKind::Session(s) if is_session_of(s, role)));
    let inside = |id: &str| {
        kinds.iter().any(|k| !matches!(k, PrincipalKind::Account(..)) && k.account().is_some_and(|a| a.as_str() == id))
    };
    let incomplete = principal_entries(statement).take(MOST_COMPARED).find_map(|p| {
        let lacking = match &p.kind {
            PrincipalKind::Account(id, _) if !inside(id.as_str()) => "everybody in the account but its root user",
            PrincipalKind::User(arn) if !account(&arn.account) => "the user: its account is not named",
            PrincipalKind::Role(arn) if !account(&arn.account) => "the role: its account is not named",
            PrincipalKind::Role(arn) if !session(arn) => "the role's sessions: they are not named",
            PrincipalKind::Session(arn) if arn.resource.starts_with("assumed-role/") && !role(arn) => {
                "the session: its role is not named"
            }
            _ => return None,
        };
        Some((p, lacking))
    });
    let Some((principal, lacking)) = incomplete else { return };
    let fix = excepted_by_condition(subject, statement);
    sink.report_fix(principal.span, format!("this may still deny {lacking}"), fix);
}

/// `Principal "*"` and a condition on `aws:PrincipalArn`, which covers a role's sessions too.
fn excepted_by_condition(subject: &Subject, statement: &Written) -> Option<Fix> {
    let element = statement.node.get("NotPrincipal")?;
    if principal_entries(statement).nth(MOST_COMPARED).is_some() {
        return None;
    }
    let named = |id: &str| {
        principal_entries(statement).any(|p| {
            !matches!(p.kind, PrincipalKind::Account(..)) && p.kind.account().is_some_and(|a| a.as_str() == id)
        })
    };
    let mut spared: Vec<String> = Vec::new();
    for principal in principal_entries(statement) {
        let pattern = match &principal.kind {
            // It stands there for the sake of those named in it.
            PrincipalKind::Account(id, _) if named(id.as_str()) => continue,
            PrincipalKind::Account(id, partition) => {
                let root = Arn::account_root(partition.unwrap_or(Partition::Aws), id);
                Arn { resource: "*".to_owned(), ..root }.to_string()
            }
            PrincipalKind::Role(arn) | PrincipalKind::User(arn) => arn.to_string(),
            PrincipalKind::Session(arn) => {
                let role = arn.resource.strip_prefix("assumed-role/")?.split('/').next()?;
                let role = Arn { service: "iam".to_owned(), resource: format!("role/{role}"), ..arn.clone() };
                let has_role = principal_entries(statement)
                    .any(|p| matches!(&p.kind, PrincipalKind::Role(r) if is_session_of(arn, r)));
                if has_role {
                    continue;
                }
                role.to_string()
            }
            _ => return None,
        };
        if !spared.contains(&pattern) {
            spared.push(pattern);
        }
    }
    let condition = add_condition(subject, statement, "ArnNotEquals", "aws:PrincipalArn", &spared)?;
    // Where the exceptions come last, the condition would be added inside them.
    let end = element.value.span.end;
    let span = Span::new(element.key.span.start, end);
    let everyone = member_on_one_line("Principal", &Json::text("*"));
    let edits = if condition.span.start == end {
        vec![TextEdit { span, text: format!("{everyone}{}", condition.text) }]
    } else {
        vec![TextEdit { span, text: everyone }, condition]
    };
    let title = "deny everyone but these, by a condition on aws:PrincipalArn".to_owned();
    Some(Fix { title, changes_access: false, edits }.changing_access())
}

/// Returns who pulls in the place of a service that does not.
pub(super) fn puller_instead(service: &str) -> Option<&'static str> {
    find_service(service)?.instead.as_deref()
}

pub(super) fn service_does_not_pull(_: &Subject, statement: &Written, sink: &mut Sink) {
    if statement.model.as_ref().is_none_or(|m| m.effect == Effect::Deny || m.principals.negated) {
        return;
    }
    for principal in principal_entries(statement) {
        if let PrincipalKind::Service(name) = &principal.kind
            && let Some(who) = puller_instead(name)
        {
            sink.report(principal.span, format!("`{}` does not pull by itself: {who}", make_visible(name)));
        }
    }
}

fn partition_of(kind: &PrincipalKind) -> Option<Partition> {
    match kind {
        PrincipalKind::Account(_, partition) => *partition,
        PrincipalKind::Role(arn) | PrincipalKind::User(arn) | PrincipalKind::Session(arn) => arn.known_partition(),
        _ => None,
    }
}

/// A principal that can never call this repository, or is a sample's.
pub(super) fn from_elsewhere(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let home = subject.options.home_partition();
    let owner = subject.options.owner.as_ref();
    for principal in principal_entries(statement) {
        let other = partition_of(&principal.kind).filter(|p| *p != home);
        if let Some(partition) = other {
            let message = format!("an account of {} reaches repositories of that partition only", partition.as_str());
            let unless = if subject.options.partition.is_none() { ": is the repository there?" } else { "" };
            sink.report(principal.span, message + unless);
        } else if let Some(id) = principal.kind.account().filter(|id| id.is_sample() && owner != Some(id)) {
            sink.report(principal.span, format!("{id} is the account of samples: put the one in that you mean"));
        }
    }
}

pub(super) fn own_account(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(owner) = &subject.options.owner else { return };
    let home = subject.options.home_partition();
    if statement.model.as_ref().is_none_or(|m| m.effect == Effect::Deny || m.principals.negated) {
        return;
    }
    for principal in principal_entries(statement) {
        let is_own = |id, partition: &Option<Partition>| id == owner && partition.is_none_or(|p| p == home);
        if matches!(&principal.kind, PrincipalKind::Account(id, partition) if is_own(id, partition)) {
            let message = "the repository's own account: its identity policies decide with or without this";
            sink.report(principal.span, message);
        }
    }
}

pub(super) fn bare_account(_: &Subject, statement: &Written, sink: &mut Sink) {
    for principal in principal_entries(statement) {
        if let PrincipalKind::Account(id, None) = &principal.kind {
            sink.report(
                principal.span,
                format!("AWS may give `{id}` back as `arn:aws:iam::{id}:root`: it is the same"),
            );
        }
    }
}

/// Several principals in one text, each as an entry of its own.
fn each_apart(statement: &Written, principal: &Principal, text: &str) -> Option<Fix> {
    let parts = principal_list(text)?;
    let written = join_quoted(parts, ", ");
    let elements = ["Principal", "NotPrincipal"].into_iter().filter_map(|name| statement.node.get(name));
    let is_in_list = |value: &Node| match &value.value {
        Value::Array(entries) => entries.iter().any(|entry| entry.span == principal.span),
        _ => false,
    };
    let mut kinds = elements.flat_map(|element| element.value.members());
    let is_listed = kinds.any(|kind| is_in_list(&kind.value));
    let written = if is_listed { written } else { format!("[{written}]") };
    Some(Fix::single_edit("write each in its own string", principal.span, written).changing_access())
}

pub(super) fn aws_principal(_: &Subject, statement: &Written, sink: &mut Sink) {
    for (principal, text) in malformed_entries(statement).filter(|(_, t)| !is_wild(t)) {
        let Some(fault) = principal_fault(text) else { continue };
        let message = fault.sentence_about(text);
        if let Some(fix) = each_apart(statement, principal, text) {
            sink.report_fix(principal.span, message, Some(fix));
            continue;
        }
        let fix = fault
            .meant
            .filter(|meant| !matches!(PrincipalKind::classify_aws(meant), PrincipalKind::Malformed(_)))
            .map(|meant| {
                Fix::single_edit(format!("write `{meant}`"), principal.span, quote_string(&meant)).changing_access()
            });
        sink.report_fix(principal.span, message, fix);
    }
}

pub(super) fn service_form(_: &Subject, statement: &Written, sink: &mut Sink) {
    for principal in principal_entries(statement) {
        let PrincipalKind::Service(name) = &principal.kind else { continue };
        if let Some(address) = Address::find_in(name) {
            let owner = address.owner_account().map(|id| format!(": {id} owns it")).unwrap_or_default();
            let message = format!("`{}` is an address of ECR, not a service that pulls{owner}", make_visible(name));
            sink.report(principal.span, message);
            continue;
        }
        if is_service(name) {
            continue;
        }
        let fix = service_meant(name)
            .map(|m| Fix::single_edit(format!("write `{m}`"), principal.span, quote_string(&m)).changing_access());
        sink.report_fix(principal.span, format!("`{}` is no service name", make_visible(name)), fix);
    }
}

/// Returns the service that a malformed name means: the name in its right spelling, or one of the table. No other name is
/// made up.
fn service_meant(name: &str) -> Option<String> {
    let bare = name.trim().to_ascii_lowercase();
    let bare = ["https://", "http://"].into_iter().find_map(|scheme| bare.strip_prefix(scheme)).unwrap_or(&bare);
    let bare = bare.trim_end_matches(['/', '.']);
    if is_service(bare) {
        return Some(bare.to_owned());
    }
    let stem = ["amazonaws.com", "amazonaws", "amazon.com", "aws.amazon.com", "aws.com", "aws", "com"]
        .into_iter()
        .find_map(|end| bare.strip_suffix(end)?.strip_suffix(['.', '-']))
        .unwrap_or(bare);
    let stem = stem.strip_suffix(".aws").unwrap_or(stem);
    Some(find_service(&format!("{stem}.amazonaws.com"))?.principal_name())
}

fn is_service(name: &str) -> bool {
    // A few services have names of their own kind, such as pullthroughcache.ecr.
    service_stem(name).is_some() || (is_service_form(name) && name.split('.').next_back() == Some("ecr"))
}

pub(super) fn foreign_principal(_: &Subject, statement: &Written, sink: &mut Sink) {
    for principal in principal_entries(statement) {
        let kind = match principal.kind {
            PrincipalKind::Federated(_) => "Federated",
            PrincipalKind::Canonical(_) => "CanonicalUser",
            _ => continue,
        };
        sink.report(principal.span, format!("ECR takes no `{kind}` principal"));
    }
}

/// The unique id of a deleted role or user. Source: ECR repository policies name such an id once its owner is gone.
pub(super) fn check_orphan(subject: &Subject, statement: &Written, sink: &mut Sink) {
    for principal in principal_entries(statement) {
        let PrincipalKind::Orphan(id) = &principal.kind else { continue };
        let negated = statement.understood_part().is_some_and(|m| m.principals.negated);
        let edit = if negated { None } else { principal_removal(subject, statement, principal.span) };
        let fix = edit.map(|edit| {
            Fix { title: "remove the deleted principal".to_owned(), changes_access: false, edits: vec![edit] }
                .changing_access()
        });
        sink.report_fix(principal.span, format!("`{}` was a role or user that is deleted", make_visible(id)), fix);
    }
}

/// Takes one principal out: from its list, with its type when it was the only one, with the whole statement when
/// nobody else is named. `None` where it is the only principal of the only statement.
fn principal_removal(subject: &Subject, statement: &Written, span: Span) -> Option<TextEdit> {
    let types = statement.node.get("Principal")?.value.members();
    let at = types.iter().position(|t| t.value.one_or_many().iter().any(|e| e.span == span))?;
    let list: Vec<Span> = types.get(at)?.value.one_or_many().iter().map(|e| e.span).collect();
    if list.len() > 1 {
        return remove_item(&list, list.iter().position(|s| *s == span)?);
    }
    if types.len() > 1 {
        let members: Vec<Span> = types.iter().map(|t| Span::new(t.key.span.start, t.value.span.end)).collect();
        return remove_item(&members, at);
    }
    let statements: Vec<Span> = subject.statements.iter().map(|s| s.node.span).collect();
    if statements.len() < 2 {
        return None;
    }
    remove_item(&statements, statements.iter().position(|s| *s == statement.node.span)?)
}
