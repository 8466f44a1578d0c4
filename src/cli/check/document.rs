//! Findings for programs: our own JSON, and SARIF 2.1.0 for code scanners.

use serde::Serialize;
use serde_json::{Value, json};

use super::Checked;
use crate::cli::output::FindingWords;
use crate::cli::sarif::{self, plain_message, sarif_level};
use crate::ecr::AccountId;
use crate::ecr::json::{to_compact, to_pretty};
use crate::policy::lint::rules;
use crate::policy::{Class, Finding, LineIndex, TextEdit, Unproved};

/// The document for several files.
#[derive(Serialize)]
struct FindingsDocument<'a> {
    files: Vec<CheckedFile<'a>>,
}

#[derive(Serialize)]
struct CheckedFile<'a> {
    #[serde(rename = "file")]
    name: &'a str,
    kind: &'static str,
    owner: Option<&'a str>,
    class: Option<&'static str>,
    /// The reason that the class, the widest that is not excluded, is not proved; left out where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    unproved: Option<&'static str>,
    size: usize,
    findings: Vec<FindingObject<'a>>,
}

#[derive(Serialize)]
struct FindingObject<'a> {
    #[serde(flatten)]
    words: FindingWords<'a>,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    offset: usize,
    end_offset: usize,
    pointer: String,
    fix: Option<FixObject<'a>>,
}

#[derive(Serialize)]
struct FixObject<'a> {
    title: &'a str,
    changes_access: bool,
    edits: Vec<EditObject<'a>>,
}

#[derive(Serialize)]
struct EditObject<'a> {
    offset: usize,
    end_offset: usize,
    text: &'a str,
}

/// Builds one JSON document of all files.
pub(super) fn json_document(files: &[Checked]) -> String {
    to_pretty(&FindingsDocument { files: files.iter().map(file_object).collect() })
}

/// Writes one file as JSON in one line.
pub(super) fn json_line(checked: &Checked) -> String {
    to_compact(&file_object(checked))
}

fn file_object(checked: &Checked) -> CheckedFile<'_> {
    let lines = LineIndex::new(&checked.text);
    CheckedFile {
        name: &checked.name,
        kind: checked.kind.name(),
        owner: checked.owner.as_ref().map(AccountId::as_str),
        class: checked.class.map(Class::name),
        unproved: checked.unproved.map(Unproved::words),
        size: checked.size,
        findings: checked.findings.iter().map(|f| finding_object(checked, &lines, f)).collect(),
    }
}

fn finding_object<'a>(checked: &'a Checked, lines: &LineIndex, finding: &'a Finding) -> FindingObject<'a> {
    let (start, end) = (lines.position_of(finding.span.start), lines.position_of(finding.span.end));
    let edit = |e: &'a TextEdit| EditObject { offset: e.span.start, end_offset: e.span.end, text: &e.text };
    let fix = finding.fix.as_ref().map(|fix| FixObject {
        title: &fix.title,
        changes_access: fix.changes_access,
        edits: fix.edits.iter().map(edit).collect(),
    });
    FindingObject {
        words: finding.into(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        offset: start.offset,
        end_offset: end.offset,
        pointer: checked.pointer_to(finding.span),
        fix,
    }
}

/// Builds one SARIF log of all files. Source: OASIS, Static Analysis Results Interchange Format 2.1.0. `all_read`: true
/// where each named file could be read.
pub(super) fn sarif_log(files: &[Checked], all_read: bool) -> Value {
    let results: Vec<Value> = files
        .iter()
        .flat_map(|checked| {
            let lines = LineIndex::new(&checked.text);
            checked.findings.iter().map(move |f| sarif_result(checked, &lines, f)).collect::<Vec<_>>()
        })
        .collect();
    sarif::build_log(&rules().map(sarif::check_rule).collect::<Vec<_>>(), &results, all_read)
}

fn sarif_result(checked: &Checked, lines: &LineIndex, finding: &Finding) -> Value {
    let region = |start: usize, end: usize| {
        let (start, end) = (lines.position_of(start), lines.position_of(end));
        json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
            "byteOffset": start.offset,
            "byteLength": end.offset - start.offset,
        })
    };
    let artifact = json!({"uri": path_uri(&checked.name)});
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
                "description": {"text": plain_message(&fix.title)},
                "artifactChanges": [{
                    "artifactLocation": artifact,
                    "replacements": replacements.collect::<Vec<_>>(),
                }],
            })
        })
        .collect();
    // The whole document, or what is no JSON, has no name inside it.
    let pointer = checked.pointer_to(finding.span);
    let inside = Some(pointer).filter(|p| !p.is_empty()).map(|p| json!({"fullyQualifiedName": p}));
    let place = json!({
        "physicalLocation": {
            "artifactLocation": artifact,
            "region": region(finding.span.start, finding.span.end),
        },
        "logicalLocations": inside.into_iter().collect::<Vec<Value>>(),
    });
    json!({
        "ruleId": finding.id,
        // -1 is SARIF's own word for no such rule.
        "ruleIndex": rules().position(|rule| rule.id == finding.id).map_or(json!(-1), |index| json!(index)),
        "level": sarif_level(finding.severity),
        "message": {"text": plain_message(&format!("{}. {}", finding.message, finding.why))},
        "locations": [place],
        "fixes": fixes,
        "properties": {"stops": finding.stops},
    })
}

/// Writes a path as a URI reference (RFC 3986): everything but unreserved characters and the slash is percent-encoded.
/// Only a whole URI may begin at the root.
fn path_uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        uri.push_str("file://");
    }
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
        assert_eq!(path_uri("policies/a b#\u{e9}.json"), "policies/a%20b%23%C3%A9.json");
        assert_eq!(path_uri("a:b.json"), "a%3Ab.json");
        assert_eq!(path_uri("/srv/a b.json"), "file:///srv/a%20b.json");
    }
}
