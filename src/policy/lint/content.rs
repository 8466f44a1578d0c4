//! Checks of what stands in the elements: principals, actions, condition operators.

use super::{Fix, Sink, Subject, TextEdit, Written, nearest, removal};
use crate::ecr::action;
use crate::ecr::text::visible;
use crate::policy::access::fits;
use crate::policy::document::{Actions, Effect, Statement};
use crate::policy::principal::{Principal, PrincipalKind};
use crate::policy::syntax::{Span, Spanned, Value, quote};

fn entries<'a>(statement: &'a Written) -> impl Iterator<Item = &'a Principal> {
    statement.model.iter().flat_map(|m| &m.principals.entries)
}

fn malformed<'a>(statement: &'a Written) -> impl Iterator<Item = (&'a Principal, &'a str)> {
    entries(statement).filter_map(|p| match &p.kind {
        PrincipalKind::Malformed(text) => Some((p, text.as_str())),
        _ => None,
    })
}

pub(super) fn principal_wildcard(_: &Subject, statement: &Written, sink: &mut Sink) {
    for (principal, text) in malformed(statement).filter(|(_, t)| is_wild(t)) {
        sink.report(principal.span, format!("`{}` has a wildcard inside", visible(text)));
    }
}

fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

pub(super) fn aws_principal(_: &Subject, statement: &Written, sink: &mut Sink) {
    for (principal, text) in malformed(statement).filter(|(_, t)| !is_wild(t)) {
        let shown = visible(text);
        let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let resource = text.splitn(6, ':').nth(5).unwrap_or_default();
        let (message, fix) = if all_digits && digits.len() == 12 {
            (format!("`{shown}`: an account id is 12 digits, nothing between them"), Some(digits))
        } else if all_digits {
            (format!("`{shown}`: an account id has 12 digits, this has {}", digits.len()), None)
        } else if text.contains(['$', '<', '{']) || text.contains("ACCOUNT") {
            (format!("`{shown}` is a placeholder that was never filled in"), None)
        } else if text.ends_with(".amazonaws.com") {
            (format!("`{shown}` is a service: it belongs under `Service`"), None)
        } else if resource.starts_with("group/") {
            ("an IAM group is no principal: grant its users, a role, or the account".to_owned(), None)
        } else if resource.starts_with("instance-profile/") {
            ("an instance profile is no principal: name the role inside it".to_owned(), None)
        } else if resource.starts_with("assumed-role/") && text.contains(":iam:") {
            (format!("`{shown}`: a session's ARN is of sts, not iam"), Some(text.replacen(":iam:", ":sts:", 1)))
        } else if text.trim() != text {
            (format!("`{shown}` has blanks around it"), Some(text.trim().to_owned()))
        } else {
            (format!("`{shown}` is no account, role, user or session"), None)
        };
        let fix = fix
            .filter(|f| !matches!(PrincipalKind::classify_aws(f), PrincipalKind::Malformed(_)))
            .map(|f| Fix::one(format!("write `{f}`"), principal.span, quote(&f)));
        sink.report_fix(principal.span, message, fix);
    }
}

pub(super) fn service_form(_: &Subject, statement: &Written, sink: &mut Sink) {
    for principal in entries(statement) {
        let PrincipalKind::Service(name) = &principal.kind else { continue };
        if is_service(name) {
            continue;
        }
        let bare = name.trim().trim_start_matches("https://").trim_end_matches('/').to_ascii_lowercase();
        let meant = [bare.clone(), format!("{bare}.amazonaws.com")].into_iter().find(|n| is_service(n));
        let fix = meant.map(|m| Fix::one(format!("write `{m}`"), principal.span, quote(&m)));
        sink.report_fix(principal.span, format!("`{}` is no service name", visible(name)), fix);
    }
}

fn is_service(name: &str) -> bool {
    let part = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let stem = name.strip_suffix(".amazonaws.com").or_else(|| name.strip_suffix(".amazonaws.com.cn"));
    // A few services have names of their own kind, such as pullthroughcache.ecr.
    name.split('.').all(part)
        && name.contains('.')
        && stem.is_none_or(|s| !s.is_empty())
        && (stem.is_some() || name.split('.').next_back() == Some("ecr"))
}

pub(super) fn foreign_principal(_: &Subject, statement: &Written, sink: &mut Sink) {
    for principal in entries(statement) {
        let kind = match principal.kind {
            PrincipalKind::Federated(_) => "Federated",
            PrincipalKind::Canonical(_) => "CanonicalUser",
            _ => continue,
        };
        sink.report(principal.span, format!("ECR takes no `{kind}` principal"));
    }
}

/// The unique id of a deleted role or user. Source: ECR repository policies name such an id once its owner is gone.
pub(super) fn orphan(subject: &Subject, statement: &Written, sink: &mut Sink) {
    for principal in entries(statement) {
        let PrincipalKind::Orphan(id) = &principal.kind else { continue };
        let negated = statement.model.as_ref().is_some_and(|m| m.principals.negated);
        let edit = if negated { None } else { principal_removal(subject, statement, principal.span) };
        let fix = edit.map(|edit| {
            Fix { title: "remove the deleted principal".to_owned(), changes_access: false, edits: vec![edit] }
                .changing_access()
        });
        sink.report_fix(principal.span, format!("`{}` was a role or user that is deleted", visible(id)), fix);
    }
}

/// Takes one principal out: from its list, with its type when it was the only one, with the whole statement when
/// nobody else is named. `None` where it is the only principal of the only statement.
fn principal_removal(subject: &Subject, statement: &Written, span: Span) -> Option<TextEdit> {
    let types = statement.node.get("Principal")?.value.members();
    let at = types.iter().position(|t| t.value.one_or_many().iter().any(|e| e.span == span))?;
    let list: Vec<Span> = types.get(at)?.value.one_or_many().iter().map(|e| e.span).collect();
    if list.len() > 1 {
        return removal(&list, list.iter().position(|s| *s == span)?);
    }
    if types.len() > 1 {
        let members: Vec<Span> = types.iter().map(|t| Span::new(t.key.span.start, t.value.span.end)).collect();
        return removal(&members, at);
    }
    let statements: Vec<Span> = subject.statements.iter().map(|s| s.node.span).collect();
    if statements.len() < 2 {
        return None;
    }
    removal(&statements, statements.iter().position(|s| *s == statement.node.span)?)
}

fn patterns<'a>(statement: &'a Written) -> impl Iterator<Item = &'a Spanned<String>> {
    statement.model.iter().flat_map(|m| &m.actions.patterns)
}

pub(super) fn action_form(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let list = ["Action", "NotAction"].into_iter().find_map(|n| statement.node.get(n)).map(|m| &m.value);
    for pattern in patterns(statement) {
        let text = pattern.value.as_str();
        let shown = visible(text);
        if text == "*" || text == "*:*" {
            continue;
        }
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
        if parts.len() > 1 && parts.iter().all(|p| p.matches(':').count() == 1) {
            let quoted = parts.iter().map(|p| quote(p)).collect::<Vec<_>>().join(", ");
            let in_list = list.is_some_and(|l| matches!(l.value, Value::Array(_)));
            let written = if in_list { quoted } else { format!("[{quoted}]") };
            let fix = Fix::one("write each action in its own string", pattern.span, written);
            sink.report_fix(pattern.span, format!("several actions in one string: `{shown}`"), Some(fix));
            continue;
        }
        let (message, fix) = match text.split_once(':') {
            None if action::find(text).is_some() => {
                (format!("`{shown}` lacks its service: `ecr:{shown}`"), Some(format!("ecr:{text}")))
            }
            None if text.is_empty() => ("an empty text is no action".to_owned(), None),
            None => (format!("`{shown}` is no action: an action is service:name"), None),
            Some((_, name)) if name.contains(':') => (format!("`{shown}` has more than one colon"), None),
            Some((service, _)) if service.contains(['*', '?']) => {
                (format!("`{shown}` has a wildcard in the service"), None)
            }
            Some((service, _))
                if service.is_empty() || !service.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') =>
            {
                (format!("`{}` is no service", visible(service)), None)
            }
            Some(_) => continue,
        };
        let fix = fix.map(|f| Fix::one(format!("write `{f}`"), pattern.span, quote(&f)).changing_access());
        sink.report_fix(pattern.span, message, fix);
    }
    debug_assert!(subject.text.len() >= statement.node.span.end, "spans are of this text");
}

/// The part of an `ecr:` pattern after the colon, where the pattern has the form of an action.
fn ecr_name(pattern: &str) -> Option<&str> {
    let (service, name) = pattern.split_once(':')?;
    (service.eq_ignore_ascii_case("ecr") && !name.contains([':', ','])).then_some(name)
}

pub(super) fn action_known(_: &Subject, statement: &Written, sink: &mut Sink) {
    for pattern in patterns(statement) {
        let Some(name) = ecr_name(&pattern.value).filter(|n| !n.contains("${")) else { continue };
        if action::all().iter().any(|a| fits(&pattern.value, &a.name)) {
            continue;
        }
        let near = nearest(name.trim(), action::all().iter().map(|a| a.name.as_str()));
        let fix = near
            .map(|n| Fix::one(format!("write `ecr:{n}`"), pattern.span, quote(&format!("ecr:{n}"))).changing_access());
        let message = match near {
            None if name.trim().is_empty() => format!("`{}` names no action", visible(&pattern.value)),
            Some(near) => format!("ECR has no action `{}`; did you mean `{near}`?", visible(name)),
            None => format!("ECR has no action `{}` that is known here", visible(name)),
        };
        sink.report_fix(pattern.span, message, fix);
    }
}

/// Actions of the registry or of other services. Source: service authorization reference, resource types.
pub(super) fn action_elsewhere(_: &Subject, statement: &Written, sink: &mut Sink) {
    if statement.model.as_ref().is_none_or(|m| m.actions.negated) {
        return;
    }
    for pattern in patterns(statement) {
        let message = match ecr_name(&pattern.value) {
            Some(name) => match action::find(name).filter(|a| !a.is_repository_level()) {
                Some(found) if found.name == "GetAuthorizationToken" => {
                    "`GetAuthorizationToken` belongs in the puller's identity policy, with Resource \"*\"".to_owned()
                }
                Some(found) => format!("`{}` acts on the whole registry", found.name),
                None => continue,
            },
            None => match pattern.value.split_once(':') {
                Some((service, name))
                    if !name.contains([':', ',']) && !service.contains('*') && !service.is_empty() =>
                {
                    format!("`{}` is an action of another service", visible(&pattern.value))
                }
                _ => continue,
            },
        };
        sink.report(pattern.span, message);
    }
}

/// One of the two actions of a pull without the other, unless another statement gives the other to the same parties.
pub(super) fn pull_set(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(model) = statement.model.as_ref().filter(|m| m.effect == Effect::Allow && !m.actions.negated) else {
        return;
    };
    let has = |actions: &Actions, name: &str| actions.patterns.iter().any(|p| fits(&p.value, name)) != actions.negated;
    let (manifest, layers) = ("BatchGetImage", "GetDownloadUrlForLayer");
    let (there, missing) = match (has(&model.actions, manifest), has(&model.actions, layers)) {
        (true, false) => (manifest, layers),
        (false, true) => (layers, manifest),
        _ => return,
    };
    let also = |other: &Statement| {
        other.effect == Effect::Allow
            && has(&other.actions, missing)
            && !other.principals.negated
            && model.principals.entries.iter().all(|p| {
                other.principals.entries.iter().any(|q| q.kind == PrincipalKind::Everyone || p.kind.same_as(&q.kind))
            })
    };
    if subject.policy.iter().flat_map(|p| &p.statements).any(also) {
        return;
    }
    let Some(pattern) = model.actions.patterns.iter().find(|p| fits(&p.value, there)) else { return };
    let added = quote(&format!("ecr:{missing}"));
    let title = format!("add `ecr:{missing}`");
    let list = statement.node.get("Action").is_some_and(|m| matches!(m.value.value, Value::Array(_)));
    let written = pattern.span.of(subject.text);
    let text = if list { format!("{written}, {added}") } else { format!("[{written}, {added}]") };
    let fix = Fix::one(title, pattern.span, text).changing_access();
    sink.report_fix(pattern.span, format!("`{there}` without `{missing}`: no image can be pulled"), Some(fix));
}
