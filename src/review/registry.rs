//! The registry around the repositories: its policy, the templates of tomorrow's repositories, and its replicas.

use super::acceptance::{Acceptance, AcceptedFindings, FindingSubject};
use super::analysis::Analyst;
use super::finding::{CREATE_ON_PUSH, OPENING_TEMPLATE, ReviewFinding};
use super::grantee_access::GranteeAccess;
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, CreationTemplate, Failure, Region, ReplicationRule, RepositoryRef, TemplateOccasion};
use crate::policy::explain::access_words;
use crate::policy::{Answer, Class, IdentityPolicies, RegistryPolicy, evaluate, evaluate::Request};

/// All that was read of a registry beside its repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryFacts {
    /// The owner.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// Its policy.
    pub policy: RegistryPolicy,
    /// The setting `REGISTRY_POLICY_SCOPE`; none: not asked, or not told.
    pub policy_scope: Option<String>,
    /// The reason why the setting could not be read; none: it was, or nobody asked.
    pub unread_scope: Option<String>,
    /// The creation templates.
    pub templates: Vec<CreationTemplate>,
    /// The rules by which images are copied elsewhere.
    pub replications: Vec<ReplicationRule>,
    /// What could not be read of it, each with its failure.
    pub failures: Vec<Failure>,
}

/// The scope in which the registry policy counts for every request. Source: ECR user guide, registry permissions.
const WHOLE_SCOPE: &str = "V2";

/// Says which Regions an account has not enabled.
pub fn not_enabled_words(account: &AccountId, regions: &[&Region]) -> String {
    let names: Vec<&str> = regions.iter().map(|region| region.as_str()).collect();
    format!("account {account} has not enabled {}: AWS knows its keys, but not there", names.join(", "))
}

impl RegistryFacts {
    /// Tells whether the policy counts for every request. A scope that AWS does not tell is the documented one.
    pub fn is_policy_counted(&self) -> bool {
        self.policy_scope.as_deref().is_none_or(|scope| scope == WHOLE_SCOPE)
    }

    /// Returns the policy, as far as it counts for pulls and pushes.
    pub fn counted_policy(&self) -> RegistryPolicy {
        if self.is_policy_counted() { self.policy.clone() } else { RegistryPolicy::NotAsked }
    }

    /// Returns the policy, as far as it counts for pulls and pushes, which says itself that its scope could not be read. It
    /// stands where nothing else tells of the registry.
    pub fn told_policy(&self) -> RegistryPolicy {
        match &self.unread_scope {
            Some(why) => self.counted_policy().with_unread_scope(why),
            None => self.counted_policy(),
        }
    }

    /// Builds the facts of a registry of which only the policy was asked for.
    pub fn of_policy(account: AccountId, region: Region, policy: RegistryPolicy) -> Self {
        Self {
            account,
            region,
            policy,
            policy_scope: None,
            unread_scope: None,
            templates: Vec::new(),
            replications: Vec::new(),
            failures: Vec::new(),
        }
    }
}

/// A registry that was reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryEntry {
    /// The facts.
    pub facts: RegistryFacts,
    /// The parties that its policy names in an Allow.
    pub grants: Vec<GranteeAccess>,
    /// The parties from which its policy takes something, in words.
    pub denies: Vec<String>,
    /// The findings.
    pub findings: Vec<ReviewFinding>,
    /// The acceptances of the findings, in their order; empty: none is accepted.
    acceptances: Vec<Option<Acceptance>>,
}

/// An account that no policy of an owner names but by chance, for a question about outsiders.
const OUTSIDERS: [&str; 2] = ["908172635445", "918273645546"];

impl RegistryEntry {
    /// Reviews a registry.
    pub fn review(facts: RegistryFacts, analyst: &mut Analyst) -> Self {
        let (mut grants, mut denies, mut findings) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(policy) = stored_policy(&facts.policy) {
            let table = crate::policy::access::table(&policy, &facts.account);
            denies = table
                .denies
                .iter()
                .map(|row| {
                    format!(
                        "statement {} denies {}: {}",
                        row.statement + 1,
                        row.who.words(),
                        crate::policy::explain::actions_words(&row.actions)
                    )
                })
                .collect();
            grants = GranteeAccess::of_table(&table);
        }
        for template in &facts.templates {
            findings.extend(review_template(template, &facts, analyst));
        }
        Self { facts, grants, denies, findings, acceptances: Vec::new() }
    }

    /// Marks the findings that somebody accepted.
    pub fn accept_findings(&mut self, accepted: &mut AcceptedFindings) {
        let subject = FindingSubject::Registry(&self.facts.account, &self.facts.region);
        let find = |finding| accepted.find_acceptance(subject, finding, &self.grants);
        self.acceptances = self.findings.iter().map(find).collect();
    }

    /// Marks the findings that somebody accepted, while nobody counts which acceptances are used.
    pub fn mark_accepted(&mut self, accepted: &AcceptedFindings) {
        let subject = FindingSubject::Registry(&self.facts.account, &self.facts.region);
        let find = |finding| accepted.find_lasting(subject, finding, &self.grants).cloned();
        self.acceptances = self.findings.iter().map(find).collect();
    }

    /// Returns the findings, each with its acceptance.
    pub fn judged_findings(&self) -> impl Iterator<Item = (&ReviewFinding, Option<&Acceptance>)> {
        let acceptances = self.acceptances.iter().map(Option::as_ref).chain(std::iter::repeat(None));
        self.findings.iter().zip(acceptances)
    }

    /// Returns the findings that nobody accepted.
    pub fn open_findings(&self) -> impl Iterator<Item = &ReviewFinding> {
        self.judged_findings().filter(|(_, acceptance)| acceptance.is_none()).map(|(finding, _)| finding)
    }

    /// Tells whether there is anything to say of it.
    pub fn is_noteworthy(&self) -> bool {
        let facts = &self.facts;
        let has_policy = !matches!(facts.policy, RegistryPolicy::Absent | RegistryPolicy::NotAsked);
        has_policy || !facts.templates.is_empty() || !facts.replications.is_empty() || !facts.failures.is_empty()
    }
}

/// Returns the policy of a registry, where it is known.
fn stored_policy(policy: &RegistryPolicy) -> Option<crate::policy::Policy> {
    crate::policy::Policy::read(policy.text()?).ok()
}

fn review_template(template: &CreationTemplate, facts: &RegistryFacts, analyst: &mut Analyst) -> Vec<ReviewFinding> {
    let mut findings = Vec::new();
    let Some(sample) = template.sample_repository(&facts.account, &facts.region) else { return findings };
    let prefix = make_visible(&template.prefix);
    if let Some(text) = &template.policy {
        let analysis = analyst.analyse_whole(&sample, Some(text.as_str().into()), &facts.policy);
        if analysis.class.is_none_or(|class| !matches!(class, Class::OwnAccount | Class::None)) {
            let words = match analysis.class {
                Some(_) => access_words(&analysis.table),
                None => "its policy cannot be read".to_owned(),
            };
            let message = format!("repositories made by the template {prefix}: {words}");
            findings.push(ReviewFinding::of_rule(&OPENING_TEMPLATE, message, None));
        }
    }
    if template.applied_for.contains(&TemplateOccasion::CreateOnPush) && can_outsider_create(&sample, &facts.policy) {
        let message = format!("a push of another account makes repositories by the template {prefix}");
        findings.push(ReviewFinding::of_rule(&CREATE_ON_PUSH, message, None));
    }
    findings
}

/// Tells whether the registry's Deny statements leave an outsider `ecr:CreateRepository` there.
fn can_outsider_create(sample: &RepositoryRef, registry: &RegistryPolicy) -> bool {
    let text = registry.text().unwrap_or_default();
    let outsider = OUTSIDERS.into_iter().find(|id| !text.contains(id) && *id != sample.account.as_str());
    let partition = sample.region.partition().as_str();
    let caller = format!("arn:{partition}:iam::{}:role/outsider", outsider.unwrap_or_default());
    let arn = sample.arn().to_string();
    let request = Request::new(&caller, "ecr:CreateRepository", &arn, IdentityPolicies::All, Vec::new());
    request.is_ok_and(|request| evaluate(&registry.around(None, sample), &request).answer != Answer::ExplicitDeny)
}
