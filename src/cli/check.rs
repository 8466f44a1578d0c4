//! `check`: what ECR would refuse and what is risky, in policy files.

use std::io::Read as _;
use std::path::Path;

use serde_json::{Value, json};

use super::args::{CheckArgs, Format, Globals};
use super::exit::Exit;
use super::output::{Stop, data, json as print_json};
use crate::ecr::text::visible;
use crate::ecr::{Failure, FailureKind};
use crate::policy::lint::check;
use crate::policy::{CheckOptions, Finding, LineIndex, Severity};

/// The largest file that is read, in bytes: a policy has at most 10,240 characters.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Checks each file; a finding above advice makes the exit code 1.
pub(super) fn run(globals: &Globals, args: &CheckArgs) -> Result<Exit, Stop> {
    let options = CheckOptions { owner: args.owner.clone(), stored: None };
    let mut documents: Vec<Value> = Vec::new();
    let mut found = false;
    for path in &args.files {
        let text = read(path)?;
        let lines = LineIndex::new(&text);
        let findings = check(&text, &options);
        found |= findings.iter().any(|f| f.severity > Severity::Advice);
        let name = if path.as_os_str() == "-" { "-".to_owned() } else { path.display().to_string() };
        match globals.format {
            Format::Text => findings.iter().for_each(|finding| data(&line(&name, &lines, finding))),
            Format::Json => documents.push(json!({
                "file": name,
                "findings": findings.iter().map(|f| document(&lines, f)).collect::<Vec<_>>(),
            })),
        }
    }
    if globals.format == Format::Json {
        print_json(&json!({"files": documents}));
    }
    Ok(if found { Exit::Findings } else { Exit::Done })
}

fn line(name: &str, lines: &LineIndex, finding: &Finding) -> String {
    let position = lines.position(finding.span.start);
    visible(&format!(
        "{name}:{}:{}: {}: {} [{}]: {}",
        position.line,
        position.column,
        severity_name(finding.severity),
        finding.message,
        finding.id,
        finding.why
    ))
}

fn document(lines: &LineIndex, finding: &Finding) -> Value {
    let place = |offset| {
        let position = lines.position(offset);
        json!({"line": position.line, "column": position.column})
    };
    json!({
        "id": finding.id,
        "severity": severity_name(finding.severity),
        "stops": finding.stops,
        "message": finding.message,
        "why": finding.why,
        "start": place(finding.span.start),
        "end": place(finding.span.end),
        "fix": finding.fix.as_ref().map(|fix| fix.title.as_str()),
    })
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Advice => "advice",
        Severity::Warning => "warning",
        Severity::Security => "security",
        Severity::Error => "error",
    }
}

/// The text of a file, or of the standard input for `-`.
pub(super) fn read(path: &Path) -> Result<String, Stop> {
    let read = |mut reader: Box<dyn std::io::Read>| {
        let mut bytes = Vec::new();
        reader.as_mut().take(LARGEST).read_to_end(&mut bytes).map(|_| bytes)
    };
    let bytes = if path.as_os_str() == "-" {
        read(Box::new(std::io::stdin()))
    } else {
        std::fs::File::open(path).and_then(|file| read(Box::new(file)))
    };
    let bytes = bytes.map_err(|error| {
        Stop::usage(
            format!("{} cannot be read: {error}", path.display()),
            "name a file that is there, or - for the input",
        )
    })?;
    String::from_utf8(bytes).map_err(|_| {
        Failure::new(
            FailureKind::File,
            format!("{} is no text in UTF-8", path.display()),
            "save it as UTF-8 and try again",
        )
        .into()
    })
}
