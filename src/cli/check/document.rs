//! Findings for programs: our own JSON, and SARIF 2.1.0 for code scanners.

use serde_json::{Value, json};

use super::Checked;
use crate::policy::lint::rules;
use crate::policy::{Class, Finding, LineIndex, Severity};

/// One file as an object of `files[]`.
pub(super) fn file(checked: &Checked) -> Value {
    let lines = LineIndex::new(&checked.text);
    json!({
        "file": checked.name,
        "owner": checked.owner.as_ref().map(ToString::to_string),
        "class": checked.class.map(Class::name),
        "size": checked.size,
        "findings": checked.findings.iter().map(|f| finding(checked, &lines, f)).collect::<Vec<_>>(),
    })
}

fn finding(checked: &Checked, lines: &LineIndex, finding: &Finding) -> Value {
    let (start, end) = (lines.position(finding.span.start), lines.position(finding.span.end));
    let fix = finding.fix.as_ref().map(|fix| {
        let edits = fix.edits.iter().map(|e| json!({"offset": e.span.start, "end_offset": e.span.end, "text": e.text}));
        json!({"title": fix.title, "changes_access": fix.changes_access, "edits": edits.collect::<Vec<_>>()})
    });
    json!({
        "id": finding.id,
        "severity": finding.severity.name(),
        "stops": finding.stops,
        "message": finding.message,
        "why": finding.why,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "offset": start.offset,
        "end_offset": end.offset,
        "pointer": checked.pointer(finding.span),
        "fix": fix,
    })
}

/// All files as one SARIF log. Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
pub(super) fn sarif(files: &[Checked]) -> Value {
    let results: Vec<Value> = files
        .iter()
        .flat_map(|checked| {
            let lines = LineIndex::new(&checked.text);
            checked.findings.iter().map(move |f| result(checked, &lines, f)).collect::<Vec<_>>()
        })
        .collect();
    let table: Vec<Value> = rules()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": {"text": rule.what},
                "fullDescription": {"text": rule.why},
                "defaultConfiguration": {"level": level(rule.severity)},
                "properties": {"tags": [rule.severity.name()], "stops": rule.stops},
            })
        })
        .collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "ecr-grant", "version": env!("CARGO_PKG_VERSION"), "rules": table}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// SARIF has three levels: a security risk is an error there, advice a note.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error | Severity::Security => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

fn result(checked: &Checked, lines: &LineIndex, finding: &Finding) -> Value {
    let region = |start: usize, end: usize| {
        let (start, end) = (lines.position(start), lines.position(end));
        json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
            "byteOffset": start.offset,
            "byteLength": end.offset - start.offset,
        })
    };
    let artifact = json!({"uri": uri(&checked.name)});
    // A viewer applies a fix at a click: only what changes nobody's access is offered there.
    let fixes: Vec<Value> = finding
        .fix
        .iter()
        .filter(|fix| !fix.changes_access)
        .map(|fix| {
            let replacements = fix.edits.iter().map(
                |e| json!({"deletedRegion": region(e.span.start, e.span.end), "insertedContent": {"text": e.text}}),
            );
            json!({
                "description": {"text": fix.title},
                "artifactChanges": [{
                    "artifactLocation": artifact,
                    "replacements": replacements.collect::<Vec<_>>(),
                }],
            })
        })
        .collect();
    json!({
        "ruleId": finding.id,
        // -1 is SARIF's own word for no such rule.
        "ruleIndex": rules().position(|rule| rule.id == finding.id).map_or(json!(-1), |index| json!(index)),
        "level": level(finding.severity),
        "message": {"text": format!("{}. {}", finding.message, finding.why)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": artifact,
                "region": region(finding.span.start, finding.span.end),
            },
            "logicalLocations": [{"fullyQualifiedName": checked.pointer(finding.span)}],
        }],
        "fixes": fixes,
        "properties": {"stops": finding.stops},
    })
}

/// A path as a URI reference (RFC 3986): everything but unreserved characters and the slash is percent-encoded.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("policies/a b#\u{e9}.json"), "policies/a%20b%23%C3%A9.json");
    }
}
