//! Analyses policies: each text once within one account and under the same Deny statements of its registry.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::ended::{ended_findings, ending_findings};
use super::finding::ReviewFinding;
use super::grantee_access::GranteeAccess;
use super::known::KnownParties;
use crate::ecr::{AccountId, Partition, Region, RepositoryRef};
use crate::policy::document::is_lambdas_own;
use crate::policy::explain::access_column;
use crate::policy::lint::examine;
use crate::policy::{
    AccessAt, AccessTable, CheckOptions, Class, Origin, Policy, RegistryPolicy, Span, Unproved, Who, table_at,
};

/// A policy inside its registry, analysed. Equal policies share one.
#[derive(Debug, PartialEq, Eq)]
pub struct Analysis {
    /// The text; none: the repository has no policy.
    pub text: Option<Arc<str>>,
    /// How far the repository is open; none: the policy cannot be read.
    pub class: Option<Class>,
    /// The reason why `class`, the widest that is not excluded, is not proved.
    pub unproved: Option<Unproved>,
    /// The parties with access, in the order of the statements; deleted principals too, which have none.
    pub grantees: Vec<GranteeAccess>,
    /// The accesses that have ended by the moment of the review; they count nowhere else.
    pub ended: Vec<GranteeAccess>,
    /// The findings, in document order.
    pub findings: Vec<ReviewFinding>,
    /// The statements that AWS Lambda keeps by itself, from 1.
    pub lambda_statements: Vec<usize>,
    /// The parties with access, in a few words for a column.
    pub column: String,
    /// The access table.
    pub table: AccessTable,
    /// All statements that decide: the repository's own, then the registry's Deny statements about it.
    pub decided: Policy,
}

impl Analysis {
    /// Returns the ids of deleted roles and users that the policy still names.
    pub fn deleted_principals(&self) -> impl Iterator<Item = &Who> {
        self.grantees.iter().map(|access| &access.who).filter(|who| who.is_deleted())
    }
}

/// All that the result of an analysis depends on.
#[derive(Debug, PartialEq, Eq, Hash)]
struct AnalysisKey {
    account: AccountId,
    partition: Partition,
    text: Option<Arc<str>>,
    /// The Deny statements of the registry's policy about the repository; none: no Region matters.
    denies: Option<(Region, Vec<usize>)>,
}

/// The parts of analyses that are kept. Those of many repositories are large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptParts {
    /// Keeps the texts.
    pub has_texts: bool,
    /// Keeps the access tables, and the statements that decide.
    pub has_tables: bool,
    /// The results that are remembered at least; none: all.
    pub remembered: Option<usize>,
}

impl Default for KeptParts {
    /// Keeps everything.
    fn default() -> Self {
        Self { has_texts: true, has_tables: true, remembered: None }
    }
}

/// Analyses policies and remembers the results.
#[derive(Debug, Default)]
pub struct Analyst {
    recent: HashMap<AnalysisKey, Arc<Analysis>>,
    /// With a limit: the results before the recent ones. What is used again becomes recent.
    older: HashMap<AnalysisKey, Arc<Analysis>>,
    /// The lists of actions that accesses share.
    action_lists: HashSet<Arc<[String]>>,
    parties: Option<Arc<KnownParties>>,
    kept: KeptParts,
    made: usize,
    /// The moment of the review, in seconds since 1970; none: nothing has ended.
    now: Option<i64>,
}

impl Analyst {
    /// Builds one that tells of parties that are not known; none: nobody said who is.
    pub fn with_known(parties: Option<Arc<KnownParties>>) -> Self {
        Self { parties, ..Self::default() }
    }

    /// Keeps these parts alone.
    #[must_use]
    pub fn keeping(self, kept: KeptParts) -> Self {
        Self { kept, ..self }
    }

    /// Sets the moment of the review, in seconds since 1970: what has ended by then is no access.
    #[must_use]
    pub fn at_moment(self, now: i64) -> Self {
        Self { recent: HashMap::new(), older: HashMap::new(), now: Some(now), ..self }
    }

    /// Returns how many analyses were made.
    pub fn analysis_count(&self) -> usize {
        self.made
    }

    /// Returns the analysis of a repository's policy (none: it has none) under its registry's policy, with the parts that
    /// are kept.
    pub fn analyse(
        &mut self,
        repository: &RepositoryRef,
        text: Option<&str>,
        registry: &RegistryPolicy,
    ) -> Arc<Analysis> {
        let denying = registry.around(None, repository);
        let indexes: Vec<usize> = denying
            .statements
            .iter()
            .filter_map(|statement| match statement.origin {
                Origin::Registry(index) => Some(index),
                Origin::Repository => None,
            })
            .collect();
        let key = AnalysisKey {
            account: repository.account.clone(),
            partition: repository.region.partition(),
            text: text.map(Arc::from),
            denies: (!indexes.is_empty()).then(|| (repository.region.clone(), indexes)),
        };
        if let Some(known) = self.recent.get(&key) {
            return Arc::clone(known);
        }
        let known = self.older.remove(&key);
        let made = known.unwrap_or_else(|| {
            self.made += 1;
            let mut made = self.analyse_whole(repository, key.text.clone(), registry).reduced_to(self.kept);
            self.share_actions(&mut made);
            Arc::new(made)
        });
        if self.kept.remembered.is_some_and(|limit| self.recent.len() >= limit) {
            self.older = std::mem::take(&mut self.recent);
        }
        self.recent.insert(key, Arc::clone(&made));
        made
    }

    /// Lets equal lists of actions share one: most policies have one of a few.
    fn share_actions(&mut self, analysis: &mut Analysis) {
        for access in analysis.grantees.iter_mut().chain(&mut analysis.ended) {
            match self.action_lists.get(&access.actions) {
                Some(shared) => access.actions = Arc::clone(shared),
                None => {
                    self.action_lists.insert(Arc::clone(&access.actions));
                }
            }
        }
    }

    /// Analyses a policy with all parts, and remembers nothing.
    pub fn analyse_whole(
        &self,
        repository: &RepositoryRef,
        text: Option<Arc<str>>,
        registry: &RegistryPolicy,
    ) -> Analysis {
        let mut made = analyse_policy(repository, text, registry, self.now);
        made.findings.extend(ended_findings(&made.ended, &made.grantees));
        made.findings.extend(self.now.into_iter().flat_map(|now| ending_findings(&made.grantees, now)));
        if let Some(parties) = &self.parties {
            made.findings.extend(parties.find_unknown(&made.grantees));
        }
        made
    }
}

fn analyse_policy(
    repository: &RepositoryRef,
    text: Option<Arc<str>>,
    registry: &RegistryPolicy,
    now: Option<i64>,
) -> Analysis {
    let owner = &repository.account;
    let Some(text) = text else {
        return Analysis { text: None, ..Analysis::of_policy(registry.around(None, repository), owner, now) };
    };
    let options = CheckOptions {
        owner: Some(owner.clone()),
        partition: Some(repository.region.partition()),
        stored: Some(text.to_string()),
        ..CheckOptions::default()
    };
    let examined = examine(&text, &options);
    let root = examined.parsed.root.as_ref();
    let statements: Vec<Span> = root
        .and_then(|root| root.get("Statement"))
        .map(|member| member.value.one_or_many().iter().map(|node| node.span).collect())
        .unwrap_or_default();
    let findings = examined.findings.iter().filter_map(|found| ReviewFinding::of_check(found, &statements)).collect();
    let Some(policy) = &examined.policy else {
        return Analysis {
            text: Some(text),
            findings,
            class: None,
            ..Analysis::of_policy(Policy::empty(), owner, now)
        };
    };
    Analysis {
        findings,
        lambda_statements: lambda_statements(policy, owner),
        text: Some(text),
        ..Analysis::of_policy(registry.around(Some(policy), repository), owner, now)
    }
}

impl Analysis {
    fn reduced_to(mut self, kept: KeptParts) -> Self {
        if !kept.has_texts {
            self.text = None;
        }
        if !kept.has_tables {
            self.table = AccessTable::empty();
            self.decided = Policy::empty();
        }
        self
    }

    fn of_policy(decided: Policy, owner: &AccountId, now: Option<i64>) -> Self {
        let AccessAt { present: table, ended } = table_at(&decided, owner, now);
        let ended = GranteeAccess::of_table(&ended);
        let grantees = GranteeAccess::of_table(&table);
        Self {
            column: access_column(&table, owner).text(),
            text: None,
            class: Some(table.class),
            unproved: table.unproved,
            grantees,
            ended,
            findings: Vec::new(),
            lambda_statements: Vec::new(),
            table,
            decided,
        }
    }
}

fn lambda_statements(policy: &Policy, owner: &AccountId) -> Vec<usize> {
    let statements = policy.statements.iter().enumerate();
    statements.filter(|(_, statement)| is_lambdas_own(statement, Some(owner))).map(|(index, _)| index + 1).collect()
}
