//! What every log in SARIF 2.1.0 has in common: its envelope, its rules, and texts without links.

use serde_json::{Value, json};

use crate::ecr::text::make_visible;
use crate::policy::Severity;
use crate::policy::lint::Rule;

/// Builds a log. Source: OASIS, Static Analysis Results Interchange Format 2.1.0. `is_whole`: true where everything that was
/// asked for could be read.
pub(super) fn build_log(rules: &[Value], results: &[Value], is_whole: bool) -> Value {
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "ecr-grant", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "invocations": [{"executionSuccessful": is_whole}],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// Builds the description of a rule of the checks.
pub(super) fn check_rule(rule: &Rule) -> Value {
    let mut described = describe_rule(rule.id, rule.name, rule.what, rule.why, rule.severity);
    if let Some(properties) = described.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("stops".to_owned(), rule.stops.into());
    }
    described
}

/// Builds the description of any rule.
pub(super) fn describe_rule(id: &str, name: &str, what: &str, why: &str, severity: Severity) -> Value {
    json!({
        "id": id,
        "name": name,
        "shortDescription": {"text": plain_message(what)},
        "fullDescription": {"text": plain_message(why)},
        "defaultConfiguration": {"level": sarif_level(severity)},
        "properties": {"tags": [severity.name()]},
    })
}

/// Returns the level in SARIF, which has three: a security risk is an error there, advice a note.
pub(super) fn sarif_level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error | Severity::Security => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

/// Escapes a text as a plain message without links: viewers make one of `[words](target)`, and those of a policy must
/// not count. Source: SARIF 2.1.0, section 3.11.6.
pub(super) fn plain_message(text: &str) -> String {
    let mut message = String::with_capacity(text.len());
    for c in make_visible(text).chars() {
        if matches!(c, '[' | ']' | '\\') {
            message.push('\\');
        }
        message.push(c);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_makes_no_link_and_hides_nothing() {
        assert_eq!(
            plain_message("`[log in](https://x.example)\\` a\u{202e}b"),
            "`\\[log in\\](https://x.example)\\\\` a<U+202E>b"
        );
    }
}
