//! Checks of the document as a whole: JSON, size.

use super::{Fix, Sink, Subject};
use crate::ecr::POLICY_LIMIT;
use crate::syntax::Slip;
use crate::text::TextEdit;
use crate::text::minify;

/// Slips of one kind that can be repaired are one finding, at the first of them, with one fix for all.
///
/// No such fix changes anybody's access: AWS refuses a text that is no JSON, so before it there was no access that the
/// text gave, and what the fix makes of it is what the text says already.
pub(super) fn is_json(subject: &Subject, sink: &mut Sink) {
    if let Some(language) = &subject.language {
        sink.report_fix(language.span, language.message.clone(), language.fix.clone());
        return;
    }
    let mut told: Vec<Slip> = Vec::new();
    for error in subject.errors {
        let Some(repair) = &error.repair else {
            sink.report(error.span, &error.message);
            continue;
        };
        if told.contains(&joined_slip(error.slip)) {
            continue;
        }
        told.push(joined_slip(error.slip));
        let same =
            || subject.errors.iter().filter(|e| joined_slip(e.slip) == joined_slip(error.slip) && e.repair.is_some());
        let mut edits: Vec<TextEdit> = same()
            .filter_map(|e| e.repair.as_ref())
            .flat_map(|r| &r.edits)
            .map(|(span, text)| TextEdit { span: *span, text: text.clone() })
            .collect();
        edits.dedup();
        let count = same().filter(|e| e.slip == error.slip).count();
        let message = if count > 1 { format!("{} ({count} times)", error.message) } else { error.message.clone() };
        sink.report_fix(
            error.span,
            message,
            Some(Fix { title: repair.title.to_owned(), changes_access: false, edits }),
        );
    }
}

/// Joins what stands before the document with what stands after it: mostly they belong together, as a code fence does.
fn joined_slip(slip: Slip) -> Slip {
    if slip == Slip::TextAfter { Slip::TextBefore } else { slip }
}

/// Characters are Unicode scalar values, as the API model counts them. What a policy is wrapped in does not count.
pub(super) fn check_size(subject: &Subject, sink: &mut Sink) {
    let size = subject.text.chars().count();
    let Some(root) = subject.root.filter(|_| size > POLICY_LIMIT && subject.wrapping.is_none()) else { return };
    let small = minify(subject.text);
    let least = small.as_ref().map_or(size, |s| s.chars().count());
    let unseen = if subject.is_too_long { "; in a text this long the statements are not checked" } else { "" };
    let message = format!("{size} characters of {POLICY_LIMIT}; without white space {least}{unseen}");
    let fix = small.filter(|_| least <= POLICY_LIMIT).map(|s| {
        Fix::single_edit(
            format!("remove white space: {size} characters become {least}"),
            crate::syntax::Span::new(0, subject.text.len()),
            s,
        )
    });
    sink.report_fix(root.span, message, fix);
}
