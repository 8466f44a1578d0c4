//! Checks of actions: their form, and whether ECR has them.

use super::{Fix, MOST_COMPARED, PolicyKind, Sink, Subject, Written};
use crate::ecr::action;
use crate::ecr::json_string::quote_string;
use crate::ecr::text::make_visible;
use crate::model::actions::{nearest_action, pattern_fits};
use crate::syntax::{Span, Spanned, Value};
use crate::text::edits::remove_item;
use crate::text::glob::glob;
use crate::text::layout::join_quoted;

fn action_patterns<'a>(statement: &'a Written) -> impl Iterator<Item = &'a Spanned<String>> {
    statement.understood_part().into_iter().flat_map(|m| &m.actions.patterns)
}

pub(super) fn action_form(_: &Subject, statement: &Written, sink: &mut Sink) {
    for pattern in action_patterns(statement) {
        let text = pattern.value.as_str();
        if text == "*" || text == "*:*" || (text.contains(':') && action::find_action(text).is_some()) {
            continue;
        }
        let shown = make_visible(text);
        let parts: Vec<&str> = text.split([',', ';']).map(str::trim).filter(|p| !p.is_empty()).collect();
        if parts.len() > 1 && parts.iter().all(|p| p.matches(':').count() == 1) {
            let fix = in_place(statement, pattern, "write each action in its own string", &parts);
            sink.report_fix(pattern.span, format!("several actions in one string: `{shown}`"), Some(fix));
            continue;
        }
        let (message, fix) = match text.split_once(':') {
            None if action::find_action(text.trim()).is_some() => {
                (format!("`{shown}` lacks its service: `ecr:{}`", text.trim()), Some(format!("ecr:{}", text.trim())))
            }
            None if name_after_dot(text).is_some() => {
                let meant = format!("ecr:{}", name_after_dot(text).unwrap_or_default());
                (format!("`{shown}` has no colon between service and name: `{meant}`"), Some(meant))
            }
            None if text.is_empty() => ("an empty text is no action".to_owned(), None),
            None => (format!("`{shown}` is no action: an action is service:name"), None),
            Some((_, name)) if name.contains(':') => {
                let meant = name.rsplit(':').next().filter(|n| action::find_action(n).is_some());
                (format!("`{shown}` has more than one colon"), meant.map(|n| format!("ecr:{n}")))
            }
            Some((service, _)) if service.contains(['*', '?']) => {
                (format!("`{shown}` has a wildcard in the service"), None)
            }
            Some((service, _))
                if service.is_empty() || !service.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') =>
            {
                let meant =
                    Some(text.split_whitespace().collect::<String>()).filter(|t| action::find_action(t).is_some());
                (format!("`{}` is no service", make_visible(service)), meant)
            }
            Some(_) => continue,
        };
        let fix =
            fix.map(|f| Fix::single_edit(format!("write `{f}`"), pattern.span, quote_string(&f)).changing_access());
        sink.report_fix(pattern.span, message, fix);
    }
}

/// The name of an ECR action behind its service and something else than a colon.
fn name_after_dot(text: &str) -> Option<&str> {
    let (service, name) = text.trim().split_at_checked(3)?;
    let name = name.trim_start_matches(['.', '/', '-', '_', ' ']);
    (service.eq_ignore_ascii_case("ecr") && action::find_action(name).is_some()).then_some(name)
}

/// Writes several actions in the place of one; where that one stood alone, as a list.
fn in_place(statement: &Written, pattern: &Spanned<String>, title: &str, names: &[&str]) -> Fix {
    let quoted = join_quoted(names, ", ");
    let written = if names.len() == 1 || is_list(statement) { quoted } else { format!("[{quoted}]") };
    Fix::single_edit(title, pattern.span, written).changing_access()
}

/// Tells whether the actions stand in a list.
fn is_list(statement: &Written) -> bool {
    let list = ["Action", "NotAction"].into_iter().find_map(|n| statement.node.get(n));
    list.is_some_and(|m| matches!(m.value.value, Value::Array(_)))
}

/// A blank, a comma or nothing where the name should be: AWS takes the text, and it fits no action.
pub(super) fn blank_name(_: &Subject, statement: &Written, sink: &mut Sink) {
    for pattern in action_patterns(statement) {
        let Some((service, name)) = pattern.value.split_once(':') else { continue };
        let blank = name.trim().is_empty() || name.contains(|c: char| c == ',' || c.is_whitespace());
        if !service.eq_ignore_ascii_case("ecr") || name.contains(':') || !blank {
            continue;
        }
        let shown = make_visible(&pattern.value);
        let names: Vec<&str> = name.split(|c: char| c == ',' || c.is_whitespace()).filter(|n| !n.is_empty()).collect();
        if names.is_empty() {
            sink.report_fix(pattern.span, format!("`{shown}` names no action"), remove_entry(statement, pattern.span));
            continue;
        }
        let meant: Option<Vec<String>> = names
            .iter()
            .map(|n| action::all_actions().iter().any(|a| a.name == *n).then(|| format!("ecr:{n}")))
            .collect();
        let fix = meant.map(|meant| {
            let meant: Vec<&str> = meant.iter().map(String::as_str).collect();
            let title = if let [one] = meant.as_slice() {
                format!("write `{one}`")
            } else {
                "write each in its own string".to_owned()
            };
            in_place(statement, pattern, &title, &meant)
        });
        let what = if name.contains(',') { "a comma" } else { "a blank" };
        sink.report_fix(pattern.span, format!("`{shown}` has {what} in the name: it fits no action"), fix);
    }
}

/// Takes an entry that fits no action out of its list.
fn remove_entry(statement: &Written, span: Span) -> Option<Fix> {
    let list = ["Action", "NotAction"].into_iter().find_map(|n| statement.node.get(n))?;
    let Value::Array(elements) = &list.value.value else { return None };
    let spans: Vec<Span> = elements.iter().map(|e| e.span).collect();
    let edit = remove_item(&spans, spans.iter().position(|s| *s == span)?).filter(|_| spans.len() > 1)?;
    Some(Fix { title: "remove it".to_owned(), changes_access: false, edits: vec![edit] })
}

/// A pattern all of whose actions another pattern of the same element fits.
pub(super) fn redundant_action(_: &Subject, statement: &Written, sink: &mut Sink) {
    let all: Vec<&Spanned<String>> = action_patterns(statement).take(MOST_COMPARED).collect();
    for (at, pattern) in all.iter().enumerate() {
        let same = |other: &Spanned<String>| other.value.eq_ignore_ascii_case(&pattern.value);
        let wider = all.iter().enumerate().find(|(i, other)| {
            if same(other) {
                *i < at
            } else {
                other.value.contains(['*', '?']) && is_within(&pattern.value, &other.value)
            }
        });
        let Some((_, wider)) = wider else { continue };
        let shown = make_visible(&pattern.value);
        let message = if same(wider) {
            format!("`{shown}` is there twice")
        } else {
            format!("`{shown}` is within `{}`", make_visible(&wider.value))
        };
        sink.report(pattern.span, message);
    }
}

/// Tells whether each action that a pattern fits is one that a wider pattern fits, by their texts: a wildcard of the
/// wider one takes any letters, those of the narrower one's wildcards too.
fn is_within(pattern: &str, wider: &str) -> bool {
    if matches!(wider, "*" | "*:*") {
        return true;
    }
    // `?` takes one character, and a `*` in its place may stand for more.
    let takes_runs = pattern.contains('*') && wider.contains('?');
    !takes_runs && glob(&wider.to_ascii_lowercase(), &pattern.to_ascii_lowercase())
}

/// The part of an `ecr:` pattern after the colon, where it can be a name.
fn ecr_name(pattern: &str) -> Option<&str> {
    let (service, name) = pattern.split_once(':')?;
    let is_name = !name.contains(|c: char| matches!(c, ':' | ',') || c.is_whitespace());
    (service.eq_ignore_ascii_case("ecr") && is_name).then_some(name)
}

/// The names of actions that no action of the table fits, with what they are without `ecr:`.
fn unknown_actions<'a>(statement: &'a Written) -> impl Iterator<Item = (&'a Spanned<String>, &'a str)> {
    action_patterns(statement).filter_map(|pattern| {
        let name = ecr_name(&pattern.value).filter(|n| !n.is_empty() && !n.contains("${"))?;
        let is_known = action::all_actions().iter().any(|a| pattern_fits(&pattern.value, &a.name));
        (!is_known).then_some((pattern, name))
    })
}

/// Tells whether AWS may have, or get, an action of that name: the table here may be older than it.
fn may_be_action(name: &str) -> bool {
    let letters = name.trim_start_matches(['*', '?']);
    action::authorised_as(name).is_none()
        && letters.chars().next().is_none_or(|c| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '*' | '?'))
}

/// A name that is no action's, whatever AWS adds.
pub(super) fn action_known(_: &Subject, statement: &Written, sink: &mut Sink) {
    unknown_actions(statement)
        .filter(|(_, name)| !may_be_action(name))
        .for_each(|(p, name)| report_unknown(p, name, sink));
}

/// A name that an action may have of which the table does not know.
pub(super) fn action_listed(_: &Subject, statement: &Written, sink: &mut Sink) {
    unknown_actions(statement)
        .filter(|(_, name)| may_be_action(name))
        .for_each(|(p, name)| report_unknown(p, name, sink));
}

fn report_unknown(pattern: &Spanned<String>, name: &str, sink: &mut Sink) {
    let shown = make_visible(name);
    let is_wild = name.contains(['*', '?']);
    let authorised = action::authorised_as(name);
    let near = authorised.or_else(|| nearest_action(name));
    let fix = near.map(|n| {
        Fix::single_edit(format!("write `ecr:{n}`"), pattern.span, quote_string(&format!("ecr:{n}"))).changing_access()
    });
    let message = match near {
        Some(near) if authorised.is_some() => {
            format!("the call `{shown}` has no action of its own: `{near}` is what allows it")
        }
        Some(near) => format!("no action `{shown}` of ECR is known here; did you mean `{near}`?"),
        None if is_wild => format!("no action of ECR that is known here fits `{shown}`"),
        None => format!("no action `{shown}` of ECR is known here"),
    };
    sink.report_fix(pattern.span, message, fix);
}

/// Tells whether a pattern fits actions, and none of those of a repository.
fn fits_registry_alone(pattern: &str) -> bool {
    let mut fitting = action::all_actions().iter().filter(|a| pattern_fits(pattern, &a.name)).peekable();
    fitting.peek().is_some() && fitting.all(|a| !a.is_repository_level())
}

/// Actions of the registry or of other services. Source: service authorization reference, resource types.
pub(super) fn action_elsewhere(subject: &Subject, statement: &Written, sink: &mut Sink) {
    if statement.model.as_ref().is_none_or(|m| m.actions.negated) {
        return;
    }
    for pattern in action_patterns(statement) {
        let message = match ecr_name(&pattern.value) {
            // A registry's policy may hold every action of ECR. Source: ECR user guide, registry permissions.
            Some(_) if subject.options.kind == PolicyKind::Registry => continue,
            Some(name) => match action::find_action(name).filter(|a| !a.is_repository_level()) {
                Some(found) if found.name == "GetAuthorizationToken" => {
                    "`GetAuthorizationToken` belongs in the puller's identity policy, with Resource \"*\"".to_owned()
                }
                Some(found) => format!("`{}` acts on the whole registry", found.name),
                None if fits_registry_alone(&pattern.value) => {
                    format!("`{}` fits only actions on the whole registry", make_visible(&pattern.value))
                }
                None => continue,
            },
            None => match pattern.value.split_once(':') {
                Some((service, name))
                    if !service.eq_ignore_ascii_case("ecr")
                        && !name.contains([':', ','])
                        && !service.contains(['*', '?', ' '])
                        && !service.is_empty() =>
                {
                    format!("`{}` is an action of another service", make_visible(&pattern.value))
                }
                _ => continue,
            },
        };
        sink.report(pattern.span, message);
    }
}
