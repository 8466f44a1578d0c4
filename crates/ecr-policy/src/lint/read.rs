//! Reading policies: what can be understood, and what ECR would store.

use std::borrow::Cow;

use super::{Check, CheckOptions, Finding, Severity, findings, is_too_long, subject, subject_of};
use crate::ecr::POLICY_LIMIT;
use crate::evaluate::{Answer, Decision, Request, evaluate};
use crate::model::document::Policy;
use crate::syntax::{Node, parse};
use crate::text::minify;

impl Policy {
    /// Reads a policy. `Err` holds the findings that stop reading it: those after which the model would not say what
    /// the text says. Mistakes inside a readable statement, such as a malformed principal, do not stop it.
    pub fn read(text: &str) -> Result<Self, Vec<Finding>> {
        readable(text)
    }
}

/// The policy of a text, or the findings after which the model would not say what the text says. Its length is no matter.
fn readable(text: &str) -> Result<Policy, Vec<Finding>> {
    passed(text, false, |check| check.rule.stops_reading)
}

/// The policy of a text that ECR would store, or the findings for which it would refuse it. An orphan is none of them:
/// it may be stored already.
pub fn storable(text: &str) -> Result<Policy, Vec<Finding>> {
    passed(text, is_too_long(text), stops_storing)
}

/// The same for a policy that is a part of a valid text; `None` where ECR would refuse it, or where the text around it is
/// too long to tell.
pub(crate) fn storable_part(text: &str, policy: &Node) -> Option<Policy> {
    let options = CheckOptions::default();
    let subject = subject_of(text, Some(policy), &options, is_too_long(text));
    findings(&subject, stops_storing).is_empty().then(|| subject.whole()).flatten()
}

fn stops_storing(check: &Check) -> bool {
    check.rule.stops && check.rule.severity == Severity::Error
}

/// The policy of a text in which some checks find nothing; `is_long`: only those of long texts are made.
fn passed(text: &str, is_long: bool, wanted: fn(&Check) -> bool) -> Result<Policy, Vec<Finding>> {
    let parsed = parse(text);
    let options = CheckOptions::default();
    let subject = subject(text, &parsed, &options, is_long);
    let findings = findings(&subject, wanted);
    if findings.is_empty() { subject.whole().ok_or(findings) } else { Err(findings) }
}

/// Decides about the text of a policy: one that ECR would refuse is not evaluated.
pub fn evaluate_text(text: &str, request: &Request) -> Decision {
    read(text).map_or_else(|refused| refused, |policy| evaluate(&policy, request))
}

/// The policy of a text that ECR would store; `Err`: the decision that it would not, with the reasons.
pub fn read(text: &str) -> Result<Policy, Decision> {
    storable(text).map_err(|findings| {
        let notes = findings.iter().map(|f| format!("ECR would refuse this policy: {} [{}]", f.message, f.id));
        Decision { notes: notes.collect(), ..Decision::of(Answer::Refused) }
    })
}

/// The policy that is a part of a valid JSON text, without reading that again; `None`: [`read`] says why, or that it is
/// one all the same.
pub fn read_part(text: &str, policy: &Node) -> Option<Policy> {
    storable_part(text, policy)
}

/// The text that ECR would be sent for a policy that came as an object: without its layout, unless that fits.
pub fn sendable(text: &str) -> Cow<'_, str> {
    // No text has more characters than bytes.
    if text.len() <= POLICY_LIMIT || text.chars().count() <= POLICY_LIMIT {
        return Cow::from(text);
    }
    minify(text).map_or(Cow::from(text), Cow::from)
}
