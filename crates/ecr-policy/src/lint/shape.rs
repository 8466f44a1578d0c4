//! Checks of the elements: which exist, of which type, which must be there.

use super::{Fix, Sink, Subject, Written};
use crate::ecr::id_form::may_be_account;
use crate::ecr::json_string::quote_string;
use crate::ecr::text::make_visible;
use crate::model::ReadProblemKind;
use crate::model::principal::PrincipalKind;
use crate::model::reading::{DOCUMENT_ELEMENTS, Expected, Flaw, STATEMENT_ELEMENTS};
use crate::syntax::{Member, Node, Span, Value};
use crate::text::edits::remove_item;
use crate::text::layout::{Json, member_on_one_line};
use crate::text::spelling::nearest_name;

/// The flaws of one kind, in the order of the text.
fn flaws_of<'s, 'a>(subject: &'s Subject<'a>, kind: ReadProblemKind) -> impl Iterator<Item = &'s Flaw<'a>> {
    subject.flaws.iter().filter(move |flaw| flaw.kind() == kind)
}

/// Reports a flaw as the model says it.
fn report(flaw: &Flaw, fix: Option<Fix>, sink: &mut Sink) {
    sink.report_fix(flaw.span(), flaw.message(), fix);
}

pub(super) fn duplicate_keys(subject: &Subject, sink: &mut Sink) {
    flaws_of(subject, ReadProblemKind::DuplicateKey).for_each(|flaw| report(flaw, None, sink));
}

pub(super) fn known_elements(subject: &Subject, sink: &mut Sink) {
    let is_root = |node: &Node| subject.root.is_some_and(|root| std::ptr::eq(root, node));
    // The elements of what is around a policy are not those of one; a long text is looked at no further than its own.
    let is_asked = |node: &Node| if is_root(node) { subject.wrapping.is_none() } else { !subject.is_too_long };
    let unknown = flaws_of(subject, ReadProblemKind::UnknownElement).filter_map(|flaw| match flaw {
        Flaw::UnknownElement(node, member) if is_asked(node) => Some((*node, *member, flaw)),
        _ => None,
    });
    let unknown: Vec<(&Node, &Member, &Flaw)> = unknown.collect();
    for of_one in unknown.chunk_by(|(a, ..), (b, ..)| std::ptr::eq(*a, *b)) {
        let Some((node, ..)) = of_one.first() else { continue };
        let known = if is_root(node) { DOCUMENT_ELEMENTS } else { STATEMENT_ELEMENTS };
        let absent: Vec<&str> = known.iter().copied().filter(|name| node.get(name).is_none()).collect();
        let meant = |m: &Member| nearest_name(&m.key.text, known.iter().copied()).filter(|n| absent.contains(n));
        let of_one: Vec<(&Flaw, &Member, Option<&str>)> = of_one.iter().map(|(_, m, f)| (*f, *m, meant(m))).collect();
        report_names(&of_one, sink);
    }
}

/// Reports names that do not exist, each with the existing one that was meant.
fn report_names(unknown: &[(&Flaw, &Member, Option<&str>)], sink: &mut Sink) {
    // Of two that were meant as the same one, nobody knows which it is.
    let is_meant_once = |near: &str| unknown.iter().filter(|(.., other)| *other == Some(near)).take(2).count() == 1;
    for (flaw, member, near) in unknown {
        let fix = near
            .filter(|near| is_meant_once(near))
            .map(|n| Fix::single_edit(format!("write `{n}`"), member.key.span, quote_string(n)));
        let message = match near {
            Some(near) => format!("{}; did you mean `{near}`?", flaw.message()),
            None => flaw.message(),
        };
        sink.report_fix(flaw.span(), message, fix);
    }
}

pub(super) fn check_types(subject: &Subject, sink: &mut Sink) {
    for flaw in flaws_of(subject, ReadProblemKind::WrongType) {
        let fix = match flaw {
            Flaw::WrongType(_, Expected::Policy) => subject.wrapping.as_ref().and_then(|w| w.fix.clone()),
            Flaw::WrongType(node, Expected::Principals(_)) => quoted_account(node),
            _ => None,
        };
        report(flaw, fix, sink);
    }
}

/// A number where an account may stand gets quotes.
fn quoted_account(node: &Node) -> Option<Fix> {
    match &node.value {
        Value::Number(digits) if may_be_account(digits) => {
            Some(Fix::single_edit("put quotes around the account id", node.span, quote_string(digits)))
        }
        _ => None,
    }
}

pub(super) fn has_statement(subject: &Subject, sink: &mut Sink) {
    for flaw in flaws_of(subject, ReadProblemKind::NoStatement) {
        match (flaw, &subject.wrapping) {
            // Around a policy no name is held to be a misspelt one.
            (Flaw::NoStatement(root), None) if is_misspelt(root, DOCUMENT_ELEMENTS, "Statement") => {}
            (Flaw::NoStatement(_), Some(wrapping)) => {
                let message = format!("{}: {}", flaw.message(), wrapping.message);
                sink.report_fix(flaw.span(), message, wrapping.fix.clone());
            }
            _ => report(flaw, None, sink),
        }
    }
}

pub(super) fn check_effect(subject: &Subject, sink: &mut Sink) {
    for flaw in flaws_of(subject, ReadProblemKind::InvalidEffect) {
        let fix = match flaw {
            Flaw::NoEffect(statement) if is_misspelt(statement, STATEMENT_ELEMENTS, "Effect") => continue,
            Flaw::UnknownEffect(node, effect) => {
                let near = nearest_name(effect.trim(), ["Allow", "Deny"]);
                near.map(|n| Fix::single_edit(format!("write `{n}`"), node.span, quote_string(n)))
            }
            _ => None,
        };
        report(flaw, fix, sink);
    }
}

/// Tells whether an element of that name is there, but misspelt: E003 says so, and mends it.
fn is_misspelt(node: &Node, known: &[&str], name: &str) -> bool {
    let unknown = node.members().iter().map(|m| m.key.text.as_str()).filter(|k| !known.contains(k));
    unknown.into_iter().any(|k| nearest_name(k, known.iter().copied()) == Some(name))
}

fn has_misspelt(statement: &Node, names: [&str; 2]) -> bool {
    names.into_iter().any(|name| is_misspelt(statement, STATEMENT_ELEMENTS, name))
}

pub(super) fn has_action(subject: &Subject, sink: &mut Sink) {
    for flaw in flaws_of(subject, ReadProblemKind::NoAction) {
        if !matches!(flaw, Flaw::NoAction(statement) if has_misspelt(statement, ["Action", "NotAction"])) {
            report(flaw, None, sink);
        }
    }
}

pub(super) fn has_principal(subject: &Subject, sink: &mut Sink) {
    for flaw in flaws_of(subject, ReadProblemKind::NoPrincipal) {
        if !matches!(flaw, Flaw::NoPrincipal(statement) if has_misspelt(statement, ["Principal", "NotPrincipal"])) {
            report(flaw, None, sink);
        }
    }
}

pub(super) fn check_version(subject: &Subject, sink: &mut Sink) {
    let Some(member) = subject.root.and_then(|r| r.get("Version")) else { return };
    if let Some(version) = member.value.as_str().filter(|v| !matches!(*v, "2012-10-17" | "2008-10-17")) {
        let message = format!("`{}` is neither 2012-10-17 nor 2008-10-17", make_visible(version));
        let fix = (!may_hold_variables(subject))
            .then(|| Fix::single_edit("write `2012-10-17`", member.value.span, quote_string("2012-10-17")));
        sink.report_fix(member.value.span, message, fix);
    }
}

/// Tells whether a condition value would be read in another way under the newer version.
fn may_hold_variables(subject: &Subject) -> bool {
    let tests = subject.statements.iter().flat_map(|s| &s.tests);
    tests.flat_map(super::condition::Test::texts).any(|(_, text)| text.contains("${"))
}

pub(super) fn version_missing(subject: &Subject, sink: &mut Sink) {
    let Some(root) = subject.root.filter(|r| r.get("Statement").is_some() && r.get("Version").is_none()) else {
        return;
    };
    // A misspelt one is there: E003 mends it.
    if is_misspelt(root, DOCUMENT_ELEMENTS, "Version") {
        return;
    }
    let Some(first) = root.members().first().map(|m| m.key.span.start) else { return };
    let lead = Span::new(root.span.start + 1, first).text_in(subject.text);
    let between = if lead.trim().is_empty() && !lead.is_empty() { lead } else { " " };
    let text = member_on_one_line("Version", &Json::text("2012-10-17")) + "," + between;
    let fix =
        (!may_hold_variables(subject)).then(|| Fix::single_edit("write `2012-10-17`", Span::new(first, first), text));
    sink.report_fix(root.opening_bracket(), "no `Version`: it is read as 2008-10-17, without variables", fix);
}

pub(super) fn version_old(subject: &Subject, sink: &mut Sink) {
    let Some(member) = subject.root.and_then(|r| r.get("Version")) else { return };
    if member.value.as_str() != Some("2008-10-17") {
        return;
    }
    let fix = (!may_hold_variables(subject))
        .then(|| Fix::single_edit("write `2012-10-17`", member.value.span, quote_string("2012-10-17")));
    sink.report_fix(member.value.span, "2008-10-17 is the old version of the policy language, without variables", fix);
}

pub(super) fn no_contraries(subject: &Subject, sink: &mut Sink) {
    flaws_of(subject, ReadProblemKind::ContraryElements).for_each(|flaw| report(flaw, None, sink));
}

pub(super) fn principal_form(subject: &Subject, sink: &mut Sink) {
    for flaw in flaws_of(subject, ReadProblemKind::PrincipalForm) {
        let Flaw::PrincipalForm(member) = flaw else { continue };
        let value = &member.value;
        let entries: Vec<&str> = value.one_or_many().iter().filter_map(Node::as_str).collect();
        let service = |e: &&str| e.contains(".amazonaws.com");
        let kind = if !entries.is_empty() && entries.iter().all(service) { "Service" } else { "AWS" };
        let understood = !entries.is_empty()
            && entries.len() == value.one_or_many().len()
            && (kind == "Service"
                || entries.iter().all(|e| !matches!(PrincipalKind::classify_aws(e), PrincipalKind::Malformed(_))));
        let written = value.span.text_in(subject.text);
        let fix = understood.then(|| {
            Fix::single_edit(format!("put it under `{kind}`"), value.span, format!("{{\"{kind}\": {written}}}"))
        });
        report(flaw, fix, sink);
    }
}

pub(super) fn principal_types(subject: &Subject, sink: &mut Sink) {
    let unknown = flaws_of(subject, ReadProblemKind::PrincipalType).filter_map(|flaw| match flaw {
        Flaw::PrincipalType(element, kind) => Some((*element, *kind, flaw)),
        _ => None,
    });
    let unknown: Vec<(&Member, &Member, &Flaw)> = unknown.collect();
    for of_one in unknown.chunk_by(|(a, ..), (b, ..)| std::ptr::eq(*a, *b)) {
        let meant = |element: &Member, kind: &Member| {
            nearest_name(&kind.key.text, PrincipalKind::TYPES)
                .or_else(|| type_of(kind))
                .filter(|n| element.value.get(n).is_none())
        };
        let of_one: Vec<(&Flaw, &Member, Option<&str>)> =
            of_one.iter().map(|(element, kind, flaw)| (*flaw, *kind, meant(element, kind))).collect();
        report_names(&of_one, sink);
    }
}

/// The type under which entries belong, by their form.
fn type_of(kind: &Member) -> Option<&'static str> {
    let entries: Option<Vec<&str>> = kind.value.one_or_many().iter().map(Node::as_str).collect();
    let entries = entries.filter(|e| !e.is_empty())?;
    if entries.iter().all(|e| e.ends_with(".amazonaws.com")) {
        return Some("Service");
    }
    let known = |e: &&str| !matches!(PrincipalKind::classify_aws(e), PrincipalKind::Malformed(_));
    entries.iter().all(known).then_some("AWS")
}

pub(super) fn no_resource(_: &Subject, statement: &Written, sink: &mut Sink) {
    let members = statement.node.members();
    let spans: Vec<Span> = members.iter().map(|m| Span::new(m.key.span.start, m.value.span.end)).collect();
    for (at, member) in members.iter().enumerate() {
        if !matches!(member.key.text.as_str(), "Resource" | "NotResource") {
            continue;
        }
        // `"*"` says nothing; what names certain resources may have been meant to keep others out.
        let whole = member.key.text == "Resource" && member.value.one_or_many().iter().any(|v| v.as_str() == Some("*"));
        let fix = remove_item(&spans, at).map(|edit| Fix {
            title: format!("drop `{}`", member.key.text),
            changes_access: !whole,
            edits: vec![edit],
        });
        sink.report_fix(member.key.span, format!("ECR refuses `{}`", member.key.text), fix);
    }
}
