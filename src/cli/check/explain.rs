//! `check --explain`: a rule, its example and its fix.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::args::Format;
use super::super::exit::Exit;
use super::super::output::{Stop, print_data, print_json};
use super::text::fix_words;
use crate::ecr::json::to_compact;
use crate::ecr::{Failure, FailureKind};
use crate::policy::LineIndex;
use crate::policy::lint::{EXAMPLE_OWNER, Example, Rule};

/// The longest example that is printed for people, in characters.
const LONGEST: usize = 4_000;

/// Prints the explanation of a rule.
pub(super) fn run(format: Format, rule: &'static Rule) -> Result<Exit, Stop> {
    let example = rule.checked_example().ok_or_else(|| {
        Failure::new(FailureKind::Defect, format!("the example of {} does not show it", rule.id), "report this")
    })?;
    match format {
        Format::Text => print_data(&explain_words(rule, &example)),
        Format::Json => print_json(&rule_json(rule, &example)),
        Format::Jsonl => print_data(&to_compact(&rule_json(rule, &example))),
        _ => {
            return Err(Stop::wrong_usage(
                "a rule is told in words or as an object",
                "use text, json or jsonl with --explain",
            ));
        }
    }
    Ok(Exit::Done)
}

fn explain_words(rule: &Rule, example: &Example) -> String {
    let Example { finding, mended } = example;
    let save = if rule.stops { "stops a save" } else { "does not stop a save" };
    let place = LineIndex::new(rule.example).position_of(finding.span.start);
    let mut words = format!(
        "{} {} ({}, {save})\n\nIt finds {}.\n{}\n\nExample, in a {} of account {EXAMPLE_OWNER}:\n\n{}\n\n\
         Line {}, column {}: {}",
        rule.id,
        rule.name,
        rule.severity.name(),
        rule.what,
        rule.why,
        rule.kind.unwrap_or_default().name(),
        indent_text(rule.example),
        place.line,
        place.column,
        finding.message,
    );
    if let (Some(fix), Some(mended)) = (&finding.fix, mended) {
        let _ = write!(words, "\nFix: {}\n\n{}", fix_words(rule, fix), indent_text(mended));
    }
    words
}

/// Indents a text; a very long one is replaced by its length.
fn indent_text(text: &str) -> String {
    let length = text.chars().count();
    if length > LONGEST {
        return format!("    (a text of {length} characters)");
    }
    let lines: Vec<String> =
        text.lines().map(|line| if line.is_empty() { String::new() } else { format!("    {line}") }).collect();
    lines.join("\n")
}

fn rule_json(rule: &Rule, example: &Example) -> Value {
    let Example { finding, mended } = example;
    let lines = LineIndex::new(rule.example);
    let (start, end) = (lines.position_of(finding.span.start), lines.position_of(finding.span.end));
    let fix = finding
        .fix
        .as_ref()
        .map(|fix| json!({"title": fix.title, "changes_access": fix.changes_access, "mended": mended.as_deref()}));
    json!({
        "id": rule.id,
        "name": rule.name,
        "severity": rule.severity.name(),
        "stops": rule.stops,
        "what": rule.what,
        "why": rule.why,
        "example": {
            "text": rule.example,
            "owner": EXAMPLE_OWNER,
            "message": finding.message,
            "line": start.line,
            "column": start.column,
            "end_line": end.line,
            "end_column": end.column,
            "offset": start.offset,
            "end_offset": end.offset,
            "fix": fix,
        },
    })
}
