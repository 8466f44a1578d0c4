//! Findings of a review: those of the checks, and those that need more than one policy to see.

use crate::policy::{Finding, Severity, Span};

/// A rule that only a review can check.
#[derive(Debug, PartialEq, Eq)]
pub struct ReviewRule {
    /// Its id, such as `R401`; it is never used for another rule.
    pub id: &'static str,
    /// Its name, such as `unknown-account`.
    pub name: &'static str,
    /// The weight of its findings.
    pub severity: Severity,
    /// Names what it finds, in a few words without a full stop.
    pub what: &'static str,
    /// Says why that matters, in one sentence without a full stop.
    pub why: &'static str,
}

/// The rules, in the order of the ids.
pub const RULES: [ReviewRule; 7] = [
    UNKNOWN_ACCOUNT,
    CREATE_ON_PUSH,
    OPENING_TEMPLATE,
    OPENING_REGISTRY,
    REGISTRY_VARIABLE,
    ENDED_ACCESS,
    ENDING_ACCESS,
];

pub(super) const UNKNOWN_ACCOUNT: ReviewRule = ReviewRule {
    id: "R401",
    name: "unknown-account",
    severity: Severity::Security,
    what: "access of an account or organization that the list of known ones lacks",
    why: "nobody has said who that is",
};

pub(super) const CREATE_ON_PUSH: ReviewRule = ReviewRule {
    id: "R402",
    name: "create-on-push",
    severity: Severity::Security,
    what: "repositories that outsiders can create by a push",
    why: "a template applies for pushes, and the registry policy does not deny ecr:CreateRepository to other accounts",
};

pub(super) const OPENING_TEMPLATE: ReviewRule = ReviewRule {
    id: "R403",
    name: "opening-template",
    severity: Severity::Warning,
    what: "a creation template whose policy lets others in",
    why: "each repository that is made by it will grant the same",
};

pub(super) const OPENING_REGISTRY: ReviewRule = ReviewRule {
    id: "R404",
    name: "opening-registry",
    severity: Severity::Warning,
    what: "a registry policy that may let others in beside the repositories' own policies",
    why: "AWS does not document whether an Allow of the registry alone lets other accounts in",
};

pub(super) const REGISTRY_VARIABLE: ReviewRule = ReviewRule {
    id: "R405",
    name: "registry-variable",
    severity: Severity::Warning,
    what: "a Deny of the registry policy that names repositories by a variable",
    why: "it may void what the repository grants, and is not counted",
};

pub(super) const ENDED_ACCESS: ReviewRule = ReviewRule {
    id: "R406",
    name: "ended-access",
    severity: Severity::Advice,
    what: "a statement whose access has ended",
    why: "it lets nobody in, and `revoke --expired` takes it out",
};

pub(super) const ENDING_ACCESS: ReviewRule = ReviewRule {
    id: "R407",
    name: "ending-access",
    severity: Severity::Advice,
    what: "access that ends within 14 days",
    why: "pulls are refused from then on",
};

/// A finding of a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewFinding {
    /// The rule's id.
    pub id: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// The weight.
    pub severity: Severity,
    /// Says what is found, in one clause.
    pub message: String,
    /// The reason why it matters.
    pub why: &'static str,
    /// The statement that it is in, from 1; none: the policy as a whole, or no policy.
    pub statement: Option<usize>,
    /// The one grantee that it is about, by its id; none: whoever has it by the statement.
    pub grantee: Option<String>,
    /// The range in the policy's text, for a finding of the checks.
    pub span: Option<Span>,
}

impl ReviewFinding {
    /// Takes a finding of the checks. Advice is left out: a review tells risks and mistakes.
    pub(super) fn of_check(finding: &Finding, statements: &[Span]) -> Option<Self> {
        let Finding { rule, severity, message, why, span, .. } = finding;
        let is_inside = |around: &Span| around.start <= span.start && span.end <= around.end;
        (*severity > Severity::Advice).then(|| Self {
            id: rule.id,
            name: rule.name,
            severity: *severity,
            message: message.clone(),
            why,
            statement: statements.iter().position(is_inside).map(|index| index + 1),
            grantee: None,
            span: Some(*span),
        })
    }

    pub(super) fn of_rule(rule: &'static ReviewRule, message: String, statement: Option<usize>) -> Self {
        let ReviewRule { id, name, severity, why, .. } = *rule;
        Self { id, name, severity, message, why, statement, grantee: None, span: None }
    }
}

/// Returns the ids of findings, each once, the gravest first.
pub fn finding_ids<'a>(findings: impl IntoIterator<Item = &'a ReviewFinding>) -> String {
    let mut findings: Vec<&ReviewFinding> = findings.into_iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut ids: Vec<&str> = Vec::new();
    for finding in findings {
        if !ids.contains(&finding.id) {
            ids.push(finding.id);
        }
    }
    ids.join(" ")
}

/// Counts findings by severity, the gravest first; a severity without any is left out.
pub fn count_severities<'a>(findings: impl IntoIterator<Item = &'a ReviewFinding>) -> Vec<(Severity, usize)> {
    let mut counts: Vec<(Severity, usize)> = Vec::new();
    for finding in findings {
        match counts.iter_mut().find(|(severity, _)| *severity == finding.severity) {
            Some((_, count)) => *count += 1,
            None => counts.push((finding.severity, 1)),
        }
    }
    counts.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    counts
}
