//! Texts that ECR would store, and why a text cannot be read.

use super::{Check, CheckOptions, Finding, Severity, is_too_long, new_subject, run_checks, subject_of};
use crate::evaluate::{Answer, Decision, Request, evaluate};
use crate::model::ReadProblemKind;
use crate::model::document::Policy;
use crate::syntax::{Node, Parsed, Value, parse};

/// Says why [`Policy::read`] refuses a text; none where it does not. `parsed` is the tree of the text.
pub fn unreadable_findings(text: &str, parsed: &Parsed) -> Vec<Finding> {
    let options = CheckOptions::default();
    run_checks(&new_subject(text, parsed, &options, false), |check| check.rule.read_problem.is_some())
}

/// Reads a text that ECR would store; `Err` holds the findings for which it would refuse the text. A deleted principal is
/// not among them: it may be stored already.
pub fn storable(text: &str) -> Result<Policy, Vec<Finding>> {
    let options = CheckOptions::default();
    let parsed = parse(text);
    let subject = new_subject(text, &parsed, &options, is_too_long(text));
    let findings = run_checks(&subject, stops_storing);
    if findings.is_empty() { subject.whole_policy().ok_or(findings) } else { Err(findings) }
}

/// Reads a policy that is a part of a valid text, without parsing that again; `None` where ECR would refuse it, or where
/// the text around it is too long to tell: then [`storable_or_decision`] decides.
pub fn storable_part(text: &str, policy: &Node) -> Option<Policy> {
    let options = CheckOptions::default();
    let subject = subject_of(text, Some(policy), &options, is_too_long(text));
    run_checks(&subject, stops_storing).is_empty().then(|| subject.whole_policy()).flatten()
}

fn stops_storing(check: &Check) -> bool {
    check.rule.stops && check.rule.severity == Severity::Error
}

/// Decides about the text of a policy: one that ECR would refuse is not evaluated.
pub fn evaluate_text(text: &str, request: &Request) -> Decision {
    storable_or_decision(text).map_or_else(|refused| refused, |policy| evaluate(&policy, request))
}

/// Reads a text that ECR would store; `Err` holds the decision that it would not, with the reasons.
pub fn storable_or_decision(text: &str) -> Result<Policy, Decision> {
    storable(text).map_err(|findings| {
        let notes = findings.iter().map(|f| format!("ECR would refuse this policy: {} [{}]", f.message, f.id));
        let notes = notes.collect();
        // The grammar of the policy language has a list, and does not say how long it is.
        let is_empty = matches!(findings.as_slice(), [one] if one.rule.read_problem == Some(ReadProblemKind::NoStatement)) && is_empty_list(text);
        let unsure = is_empty.then(|| "AWS does not say whether ECR takes an empty list of statements".to_owned());
        Decision { notes, unsure: unsure.into_iter().collect(), ..Decision::of(Answer::Refused) }
    })
}

fn is_empty_list(text: &str) -> bool {
    let parsed = parse(text);
    let statements = parsed.root.as_ref().and_then(|root| root.get("Statement"));
    statements.is_some_and(|m| matches!(&m.value.value, Value::Array(elements) if elements.is_empty()))
}
