//! Checks of `${...}`. Source: IAM user guide, policy elements: variables and tags.

use super::{Test, gap_before, has_variables, is_of_text, keys};
use crate::condition::{Family, Operator, is_multivalued, variable_names};
use crate::ecr::json_string::quote_string;
use crate::ecr::text::make_visible;
use crate::lint::{Fix, Sink, Subject, Written};
use crate::syntax::Span;
use crate::text::layout::{Json, member_on_one_line};

/// Returns the fault in the variables of a value, where the version of the policy has variables.
pub(super) fn variable_problem(does: Operator, text: &str) -> Option<String> {
    why_malformed(does, text).or_else(|| {
        let unknown = is_of_text(does.family) && keys::has_unknown_variable(text);
        unknown.then(|| "a variable stands for a key that there is not".to_owned())
    })
}

fn why_malformed(does: Operator, text: &str) -> Option<String> {
    if !text.contains("${") {
        return None;
    }
    let names = match variable_names(text) {
        Ok(names) => names,
        Err(slip) => return Some(slip.to_owned()),
    };
    // AWS's pages disagree about Bool.
    if !is_of_text(does.family) && does.family != Family::Bool {
        return Some("variables are read only by operators that compare texts or ARNs".to_owned());
    }
    names.into_iter().find_map(|name| {
        if matches!(name, "*" | "?" | "$") {
            return None;
        }
        let shown = make_visible(name);
        if is_multivalued(name) {
            Some(format!("`{shown}` may have several values: it cannot be a variable"))
        } else if !name.contains(':') {
            Some(format!("`${{{shown}}}` names no condition key: it looks like a placeholder that was never filled in"))
        } else if keys::is_bare_tag(name) {
            Some(format!("`${{{shown}}}` names no tag"))
        } else {
            None
        }
    })
}

fn with_variables<'a>(statement: &'a Written) -> impl Iterator<Item = (&'a Test<'a>, Span, &'a str)> {
    let of = |test: &'a Test<'a>| test.texts().map(move |(node, text)| (test, node.span, text));
    statement.tests.iter().flat_map(of).filter(|(_, _, text)| text.contains("${"))
}

pub(in crate::lint) fn variable_form(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let modern = has_variables(subject);
    for (test, span, text) in with_variables(statement) {
        let Some(does) = test.does.filter(|o| modern || !is_of_text(o.family)) else { continue };
        if let Some(problem) = why_malformed(does, text) {
            sink.report(span, problem);
        }
    }
    for pattern in statement.model.iter().flat_map(|m| &m.actions.patterns).filter(|p| p.value.contains("${")) {
        sink.report(pattern.span, "an action takes no variables");
    }
}

pub(in crate::lint) fn variable_of_old_version(subject: &Subject, sink: &mut Sink) {
    let Some(root) = subject.root.filter(|_| !has_variables(subject)) else { return };
    let all = || subject.statements.iter().flat_map(with_variables);
    let is_variable = |test: &Test, text: &str| {
        test.is_of_text()
            && variable_names(text).is_ok_and(|names| names.iter().any(|n| !matches!(*n, "*" | "?" | "$")))
    };
    if !all().any(|(test, _, text)| is_variable(test, text)) {
        return;
    }
    let version = root.get("Version");
    let becomes_sound = all().all(|(test, _, text)| {
        test.does.is_some_and(|does| variable_problem(does, text).is_none() || !is_of_text(does.family))
    });
    let fix = match (version, root.members().first()) {
        _ if !becomes_sound => None,
        (Some(version), _) => {
            Some(Fix::single_edit("write Version 2012-10-17", version.value.span, quote_string("2012-10-17")))
        }
        (None, Some(first)) => {
            let start = first.key.span.start;
            let added =
                member_on_one_line("Version", &Json::text("2012-10-17")) + "," + gap_before(subject.text, start);
            let added = if added.ends_with(',') { format!("{added} ") } else { added };
            Some(Fix::single_edit("add Version 2012-10-17", Span::new(start, start), added))
        }
        (None, None) => None,
    };
    let fix = fix.map(Fix::changing_access);
    for (_, span, _) in all().filter(|(test, _, text)| is_variable(test, text)) {
        let said = if version.is_some() { "in this version of the policy language" } else { "without a Version" };
        sink.report_fix(span, format!("`${{...}}` is no variable {said}: it is compared as it stands"), fix.clone());
    }
}
