//! A review for code scanners, in SARIF 2.1.0. A repository is a place by its ARN; a finding has its range in the policy's
//! text as ECR stores it.

use serde_json::{Value, json};

use super::ReviewResult;
use super::words::repository_words;
use crate::cli::sarif::{build_log, check_rule, describe_rule, plain_message, sarif_level};
use crate::policy::LineIndex;
use crate::policy::lint::rules;
use crate::review::{Acceptance, RULES, RepositoryEntry, ReviewFinding};

/// Builds the log.
pub(super) fn sarif_log(result: &ReviewResult) -> Value {
    let described = rules()
        .map(check_rule)
        .chain(RULES.iter().map(|rule| describe_rule(rule.id, rule.name, rule.what, rule.why, rule.severity)));
    let is_whole = result.failed.is_empty() && result.entries.iter().all(|entry| entry.outcome.is_ok());
    let ids: Vec<&str> = rules().map(|rule| rule.id).chain(RULES.iter().map(|rule| rule.id)).collect();
    let of_entries = result.entries.iter().flat_map(|entry| {
        let text = entry.outcome.as_ref().ok().and_then(|reviewed| reviewed.analysis.text.as_deref());
        let lines = text.map(LineIndex::new);
        let results: Vec<Value> =
            entry.judged_findings().map(|finding| entry_result(entry, lines.as_ref(), finding, &ids)).collect();
        results
    });
    let of_registries = result.registries.iter().flat_map(|registry| {
        let (account, region) = (&registry.facts.account, &registry.facts.region);
        let arn = format!("arn:{}:ecr:{region}:{account}:repository/*", region.partition());
        let words = format!("registry {account} in {region}");
        registry
            .judged_findings()
            .map(|finding| finding_result(finding, &ids, &words, &json!({"uri": uri_of(&arn)}), None))
            .collect::<Vec<_>>()
    });
    let results: Vec<Value> = of_entries.chain(of_registries).collect();
    build_log(&described.collect::<Vec<_>>(), &results, is_whole)
}

/// A finding, and whoever accepted it.
type JudgedFinding<'a> = (&'a ReviewFinding, Option<&'a Acceptance>);

fn entry_result(entry: &RepositoryEntry, lines: Option<&LineIndex>, judged: JudgedFinding, ids: &[&str]) -> Value {
    let region = judged.0.span.zip(lines).map(|(span, lines)| {
        let (start, end) = (lines.position_of(span.start), lines.position_of(span.end));
        json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
            "byteOffset": start.offset,
            "byteLength": end.offset - start.offset,
        })
    });
    let artifact = json!({"uri": uri_of(&entry.reference.arn().to_string())});
    finding_result(judged, ids, &repository_words(&entry.reference), &artifact, region)
}

fn finding_result(
    (finding, acceptance): JudgedFinding,
    ids: &[&str],
    subject: &str,
    artifact: &Value,
    region: Option<Value>,
) -> Value {
    let mut physical = json!({"artifactLocation": artifact});
    if let (Value::Object(fields), Some(region)) = (&mut physical, region) {
        fields.insert("region".to_owned(), region);
    }
    let mut result = json!({
        "ruleId": finding.id,
        "ruleIndex": ids.iter().position(|id| *id == finding.id).map_or(json!(-1), |index| json!(index)),
        "level": sarif_level(finding.severity),
        "message": {"text": plain_message(&format!("{subject}: {}. {}", finding.message, finding.why))},
        "locations": [{"physicalLocation": physical}],
    });
    if let (Value::Object(fields), Some(acceptance)) = (&mut result, acceptance) {
        let words = plain_message(&acceptance.words());
        let suppression = json!({"kind": "external", "status": "accepted", "justification": words});
        fields.insert("suppressions".to_owned(), json!([suppression]));
    }
    result
}

/// Writes an ARN as a URI (RFC 3986) whose scheme is `arn`.
fn uri_of(arn: &str) -> String {
    arn.replace('*', "%2A")
}
