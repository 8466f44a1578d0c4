//! Reading policies: what can be understood, and what ECR would store.

use std::borrow::Cow;

use super::rules::NO_STATEMENT;
use super::{Check, CheckOptions, Finding, Severity, is_too_long, new_subject, run_checks, subject_of};
use crate::ecr::POLICY_LIMIT;
use crate::evaluate::{Answer, Decision, Request, evaluate};
use crate::model::document::Policy;
use crate::syntax::{Node, Parsed, Value, parse};
use crate::text::minify;

impl Policy {
    /// Reads a policy. `Err` holds the findings that stop reading it: those after which the model would not say what
    /// the text says. Mistakes inside a readable statement, such as a malformed principal, do not stop it.
    pub fn read(text: &str) -> Result<Self, Vec<Finding>> {
        readable(text)
    }
}

/// Reads a text of any length; `Err` holds the findings after which the model would not say what the text says.
fn readable(text: &str) -> Result<Policy, Vec<Finding>> {
    passed(text, false, |check| check.rule.stops_reading)
}

/// Reads a policy as [`Policy::read`] does, from the tree of its text.
pub fn read_tree(text: &str, parsed: &Parsed) -> Result<Policy, Vec<Finding>> {
    passed_tree(text, parsed, false, |check| check.rule.stops_reading)
}

/// Reads a text that ECR would store; `Err` holds the findings for which it would refuse the text. A deleted principal is
/// not among them: it may be stored already.
pub fn storable(text: &str) -> Result<Policy, Vec<Finding>> {
    passed(text, is_too_long(text), stops_storing)
}

/// Reads a policy that is a part of a valid text; `None` where ECR would refuse it, or where the text around it is too
/// long to tell.
pub(crate) fn storable_part(text: &str, policy: &Node) -> Option<Policy> {
    let options = CheckOptions::default();
    let subject = subject_of(text, Some(policy), &options, is_too_long(text));
    run_checks(&subject, stops_storing).is_empty().then(|| subject.whole_policy()).flatten()
}

fn stops_storing(check: &Check) -> bool {
    check.rule.stops && check.rule.severity == Severity::Error
}

/// Reads a text in which the wanted checks find nothing; `is_long` leaves only the rules for long texts.
fn passed(text: &str, is_long: bool, wanted: fn(&Check) -> bool) -> Result<Policy, Vec<Finding>> {
    passed_tree(text, &parse(text), is_long, wanted)
}

fn passed_tree(text: &str, parsed: &Parsed, is_long: bool, wanted: fn(&Check) -> bool) -> Result<Policy, Vec<Finding>> {
    let options = CheckOptions::default();
    let subject = new_subject(text, parsed, &options, is_long);
    let findings = run_checks(&subject, wanted);
    if findings.is_empty() { subject.whole_policy().ok_or(findings) } else { Err(findings) }
}

/// Decides about the text of a policy: one that ECR would refuse is not evaluated.
pub fn evaluate_text(text: &str, request: &Request) -> Decision {
    read(text).map_or_else(|refused| refused, |policy| evaluate(&policy, request))
}

/// Reads a text that ECR would store; `Err` holds the decision that it would not, with the reasons.
pub fn read(text: &str) -> Result<Policy, Decision> {
    storable(text).map_err(|findings| {
        let notes = findings.iter().map(|f| format!("ECR would refuse this policy: {} [{}]", f.message, f.id));
        let notes = notes.collect();
        // The grammar of the policy language has a list, and does not say how long it is.
        let is_empty = matches!(findings.as_slice(), [one] if one.id == NO_STATEMENT) && is_empty_list(text);
        let unsure = is_empty.then(|| "AWS does not say whether ECR takes an empty list of statements".to_owned());
        Decision { notes, unsure: unsure.into_iter().collect(), ..Decision::of(Answer::Refused) }
    })
}

fn is_empty_list(text: &str) -> bool {
    let parsed = parse(text);
    let statements = parsed.root.as_ref().and_then(|root| root.get("Statement"));
    statements.is_some_and(|m| matches!(&m.value.value, Value::Array(elements) if elements.is_empty()))
}

/// Reads a policy that is a part of a valid JSON text, without parsing that again; on `None`, [`read`] decides.
pub fn read_part(text: &str, policy: &Node) -> Option<Policy> {
    storable_part(text, policy)
}

/// Returns the text to send for a policy that came as an object: its layout is dropped only where it does not fit.
pub fn sendable(text: &str) -> Cow<'_, str> {
    // No text has more characters than bytes.
    if text.len() <= POLICY_LIMIT || text.chars().count() <= POLICY_LIMIT {
        return Cow::from(text);
    }
    minify(text).map_or(Cow::from(text), Cow::from)
}
