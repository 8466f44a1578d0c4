//! One repository of a review.

use std::sync::Arc;

use super::acceptance::{Acceptance, AcceptedFindings, FindingSubject};
use super::analysis::{Analysis, Analyst};
use super::finding::{OPENING_REGISTRY, REGISTRY_VARIABLE, ReviewFinding, UNKNOWN_ACCOUNT};
use super::grantee_access::GranteeAccess;
use super::known::KnownParties;
use crate::ecr::{Failure, RepositoryRef};
use crate::policy::{Class, RegistryPolicy};

/// The policy of a repository, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyInput {
    /// The text that ECR stores.
    Text(String),
    /// An object from elsewhere: the size of the text and keys that stood twice are lost.
    Object(Arc<serde_json::Value>),
    /// The repository has none.
    Absent,
}

impl PolicyInput {
    /// Builds it from what ECR stores; `None`: nothing.
    pub fn of_stored(stored: Option<String>) -> Self {
        stored.map_or(Self::Absent, Self::Text)
    }

    /// Builds it from an object from elsewhere; `None`: there is no policy.
    pub fn of_object(object: Option<serde_json::Value>) -> Self {
        object.map_or(Self::Absent, |object| Self::Object(Arc::new(object)))
    }

    /// Returns the text, or one that says the same; `None`: there is no policy.
    pub fn to_text(&self) -> Option<std::borrow::Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(text.into()),
            Self::Object(value) => Some(value.to_string().into()),
            Self::Absent => None,
        }
    }
}

/// A repository that was reviewed, or could not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryEntry {
    /// The repository.
    pub reference: RepositoryRef,
    /// Its policy; a failure: it could not be read.
    pub outcome: Result<ReviewedPolicy, Failure>,
    /// The acceptances of the findings, in their order; empty: none is accepted.
    acceptances: Vec<Option<Acceptance>>,
}

/// A reviewed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewedPolicy {
    /// The analysis, which equal policies share.
    pub analysis: Arc<Analysis>,
    /// The size in characters, as ECR counts them; none: no policy, or one that came as an object.
    pub size: Option<usize>,
    /// The findings about this repository alone: what its registry's policy may do to it.
    pub own_findings: Vec<ReviewFinding>,
}

impl RepositoryEntry {
    /// Reviews what was read of a repository.
    pub fn review(
        reference: RepositoryRef,
        read: Result<PolicyInput, Failure>,
        registry: &RegistryPolicy,
        analyst: &mut Analyst,
    ) -> Self {
        let outcome = read.map(|policy| {
            let (text, size) = match policy {
                PolicyInput::Text(text) => {
                    let size = text.chars().count();
                    (Some(text), Some(size))
                }
                PolicyInput::Object(value) => (Some(value.to_string()), None),
                PolicyInput::Absent => (None, None),
            };
            let analysis = analyst.analyse(&reference, text.as_deref(), registry);
            ReviewedPolicy { analysis, size, own_findings: registry_findings(registry, &reference) }
        });
        Self { reference, outcome, acceptances: Vec::new() }
    }

    /// Marks the findings that somebody accepted.
    pub fn accept_findings(&mut self, accepted: &mut AcceptedFindings) {
        let find =
            |finding| accepted.find_acceptance(FindingSubject::Repository(&self.reference), finding, self.grantees());
        let acceptances: Vec<Option<Acceptance>> = self.findings().map(find).collect();
        if acceptances.iter().any(Option::is_some) {
            self.acceptances = acceptances;
        }
    }

    /// Marks the findings that somebody accepted, and those alone.
    pub fn mark_accepted(&mut self, accepted: &AcceptedFindings) {
        let find = |finding| {
            accepted.find_lasting(FindingSubject::Repository(&self.reference), finding, self.grantees()).cloned()
        };
        let acceptances: Vec<Option<Acceptance>> = self.findings().map(find).collect();
        self.acceptances = if acceptances.iter().any(Option::is_some) { acceptances } else { Vec::new() };
    }

    /// Tells whether [`Self::mark_accepted`] would change a mark.
    pub fn is_judged_otherwise(&self, accepted: &AcceptedFindings) -> bool {
        let find =
            |finding| accepted.find_lasting(FindingSubject::Repository(&self.reference), finding, self.grantees());
        let has_any = !self.acceptances.is_empty() || !accepted.is_empty();
        has_any && self.judged_findings().any(|(finding, before)| find(finding) != before)
    }

    /// Tells whether it has the findings about unknown parties that it would have with these known ones. It has others where
    /// an account became known after its policy was judged.
    pub fn agrees_with(&self, known: &KnownParties) -> bool {
        let told = self.findings().filter(|finding| finding.id == UNKNOWN_ACCOUNT.id);
        told.eq(&known.find_unknown(self.grantees()))
    }

    /// Returns the findings, each with its acceptance.
    pub fn judged_findings(&self) -> impl Iterator<Item = (&ReviewFinding, Option<&Acceptance>)> {
        let acceptances = self.acceptances.iter().map(Option::as_ref).chain(std::iter::repeat(None));
        self.findings().zip(acceptances)
    }

    /// Returns the findings that nobody accepted.
    pub fn open_findings(&self) -> impl Iterator<Item = &ReviewFinding> {
        self.judged_findings().filter(|(_, acceptance)| acceptance.is_none()).map(|(finding, _)| finding)
    }

    /// Returns the class in a word or two.
    pub fn class_words(&self) -> String {
        match &self.outcome {
            Err(_) => "not read".to_owned(),
            Ok(reviewed) => match (reviewed.analysis.class, reviewed.analysis.unproved) {
                (None, _) => "unreadable".to_owned(),
                (Some(class), None) => class.name().to_owned(),
                (Some(class), Some(_)) => format!("{} (unproved)", class.name()),
            },
        }
    }

    /// Returns the class; none: it is not known.
    pub fn class(&self) -> Option<Class> {
        self.outcome.as_ref().ok().and_then(|reviewed| reviewed.analysis.class)
    }

    /// Returns the findings, those of the policy first.
    pub fn findings(&self) -> impl Iterator<Item = &ReviewFinding> {
        let reviewed = self.outcome.as_ref().ok().into_iter();
        reviewed.flat_map(|reviewed| reviewed.analysis.findings.iter().chain(&reviewed.own_findings))
    }

    /// Returns the accesses.
    pub fn grantees(&self) -> &[GranteeAccess] {
        self.outcome.as_ref().map_or(&[], |reviewed| &reviewed.analysis.grantees)
    }

    /// Returns the accesses that have ended by the time of the review.
    pub fn ended(&self) -> &[GranteeAccess] {
        self.outcome.as_ref().map_or(&[], |reviewed| &reviewed.analysis.ended)
    }

    /// Returns the key that puts the worst first: what is not known, then the class, then the gravest finding.
    pub fn badness(&self) -> impl Ord + use<> {
        let gravest = self.open_findings().map(|finding| finding.severity).max();
        (self.class(), std::cmp::Reverse(gravest), self.reference.clone())
    }
}

/// Finds what the registry's policy may do to a repository beside the Deny statements that are counted.
fn registry_findings(registry: &RegistryPolicy, repository: &RepositoryRef) -> Vec<ReviewFinding> {
    let perhaps = registry.perhaps_denied_words(repository).into_iter();
    let mut findings: Vec<ReviewFinding> =
        perhaps.map(|words| ReviewFinding::of_rule(&REGISTRY_VARIABLE, words, None)).collect();
    if registry.may_open(repository) {
        let words = registry.opening_words(repository).join("; ");
        findings.push(ReviewFinding::of_rule(&OPENING_REGISTRY, words, None));
    }
    findings
}
