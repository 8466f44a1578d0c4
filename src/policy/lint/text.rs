//! Checks of the document as a whole: JSON, double keys, size.

use std::collections::HashSet;

use super::{Fix, Sink, Subject, TextEdit};
use crate::ecr::POLICY_LIMIT;
use crate::ecr::text::visible;
use crate::policy::edit::minify;
use crate::policy::syntax::{Node, Slip, Value};

/// Slips of one kind that can be repaired are one finding, at the first of them, with one fix for all.
pub(super) fn is_json(subject: &Subject, sink: &mut Sink) {
    let mut told: Vec<Slip> = Vec::new();
    for error in subject.errors {
        let Some(repair) = &error.repair else {
            sink.report(error.span, &error.message);
            continue;
        };
        if told.contains(&error.slip) {
            continue;
        }
        told.push(error.slip);
        let same = || subject.errors.iter().filter(|e| e.slip == error.slip);
        let mut edits: Vec<TextEdit> = same()
            .filter_map(|e| e.repair.as_ref())
            .flat_map(|r| &r.edits)
            .map(|(span, text)| TextEdit { span: *span, text: text.clone() })
            .collect();
        edits.dedup();
        let count = same().count();
        let message = if count > 1 { format!("{} ({count} times)", error.message) } else { error.message.clone() };
        sink.report_fix(
            error.span,
            message,
            Some(Fix { title: repair.title.to_owned(), changes_access: false, edits }),
        );
    }
}

/// Names are compared as they read once unescaped; inside a condition, letter case does not count.
pub(super) fn no_key_twice(subject: &Subject, sink: &mut Sink) {
    if let Some(root) = subject.root {
        keys_of(root, false, sink);
    }
}

fn keys_of(node: &Node, ignore_case: bool, sink: &mut Sink) {
    match &node.value {
        Value::Object(members) => {
            let name = |text: &str| if ignore_case { text.to_ascii_lowercase() } else { text.to_owned() };
            let mut seen = HashSet::new();
            for member in members {
                if !seen.insert(name(&member.key.text)) {
                    sink.report(member.key.span, format!("`{}` is there twice", visible(&member.key.text)));
                }
                keys_of(&member.value, ignore_case || member.key.text == "Condition", sink);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|e| keys_of(e, ignore_case, sink)),
        _ => {}
    }
}

/// Characters are Unicode scalar values, as the API model counts them.
pub(super) fn size(subject: &Subject, sink: &mut Sink) {
    let size = subject.text.chars().count();
    let Some(root) = subject.root.filter(|_| size > POLICY_LIMIT) else { return };
    let small = minify(subject.text);
    let least = small.as_ref().map_or(size, |s| s.chars().count());
    let message = format!("{size} characters of {POLICY_LIMIT}; without white space {least}");
    let fix = small
        .filter(|_| least <= POLICY_LIMIT)
        .map(|s| Fix::one("remove white space", crate::policy::Span::new(0, subject.text.len()), s));
    sink.report_fix(root.span, message, fix);
}
