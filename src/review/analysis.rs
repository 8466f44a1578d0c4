//! Analyses policies: each text once within one account and under the same Deny statements of its registry.

use std::collections::HashMap;
use std::sync::Arc;

use super::finding::ReviewFinding;
use super::right::Right;
use crate::ecr::{AccountId, Partition, Region, RepositoryRef};
use crate::policy::access::table;
use crate::policy::document::is_lambdas_own;
use crate::policy::lint::examine;
use crate::policy::{AccessTable, CheckOptions, Class, Condition, Origin, Policy, RegistryPolicy, Span, Unproved, Who};

/// The access of one party under one set of conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GranteeAccess {
    /// The party.
    pub who: Who,
    /// The strongest right among the actions.
    pub right: Right,
    /// The actions that remain after every Deny, without `ecr:`, in the order of the action table.
    pub actions: Vec<String>,
    /// The conditions; all of them must hold.
    pub conditions: Vec<Condition>,
    /// The statements that give it, from 1.
    pub statements: Vec<usize>,
    /// How far it opens the repository.
    pub class: Class,
    /// The reason why `class` is not proved; none: it is.
    pub unproved: Option<Unproved>,
}

impl GranteeAccess {
    /// Returns the parties of a table: those that have something after every Deny, and deleted principals.
    pub(super) fn of_table(table: &AccessTable) -> Vec<Self> {
        let rows = table.rows.iter().filter_map(|row| {
            let actions = row.effective();
            let is_told = !actions.is_empty() || row.who.is_deleted();
            is_told.then(|| Self {
                who: row.who.clone(),
                right: Right::of_actions(actions.iter().map(String::as_str)),
                actions,
                conditions: row.conditions.clone(),
                statements: row.statements.iter().map(|index| index + 1).collect(),
                class: row.class,
                unproved: row.unproved,
            })
        });
        rows.collect()
    }

    /// Tells whether it is about others than the owner's own account, and about somebody who still exists.
    pub fn is_outside(&self) -> bool {
        !matches!(self.class, Class::OwnAccount | Class::None) && !self.who.is_deleted()
    }
}

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
    /// The findings, in document order.
    pub findings: Vec<ReviewFinding>,
    /// The statements that AWS Lambda keeps by itself, from 1.
    pub lambda_statements: Vec<usize>,
    /// The access table.
    pub table: AccessTable,
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

/// Analyses policies and remembers the results.
#[derive(Debug, Default)]
pub struct Analyst {
    known: HashMap<AnalysisKey, Arc<Analysis>>,
}

impl Analyst {
    /// Returns how many analyses were made.
    pub fn analysis_count(&self) -> usize {
        self.known.len()
    }

    /// Returns the analysis of a repository's policy (none: it has none) under its registry's policy.
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
        if let Some(known) = self.known.get(&key) {
            return Arc::clone(known);
        }
        let made = Arc::new(analyse_policy(repository, key.text.clone(), registry));
        self.known.insert(key, Arc::clone(&made));
        made
    }
}

fn analyse_policy(repository: &RepositoryRef, text: Option<Arc<str>>, registry: &RegistryPolicy) -> Analysis {
    let owner = &repository.account;
    let Some(text) = text else {
        let table = table(&registry.around(None, repository), owner);
        return Analysis { class: Some(table.class), text: None, ..Analysis::of_table(table) };
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
        return Analysis { text: Some(text), findings, class: None, ..Analysis::of_table(AccessTable::empty()) };
    };
    let table = table(&registry.around(Some(policy), repository), owner);
    Analysis {
        class: Some(table.class),
        findings,
        lambda_statements: lambda_statements(policy, owner),
        text: Some(text),
        ..Analysis::of_table(table)
    }
}

impl Analysis {
    fn of_table(table: AccessTable) -> Self {
        let grantees = GranteeAccess::of_table(&table);
        Self {
            text: None,
            class: None,
            unproved: table.unproved,
            grantees,
            findings: Vec::new(),
            lambda_statements: Vec::new(),
            table,
        }
    }
}

fn lambda_statements(policy: &Policy, owner: &AccountId) -> Vec<usize> {
    let statements = policy.statements.iter().enumerate();
    statements.filter(|(_, statement)| is_lambdas_own(statement, Some(owner))).map(|(index, _)| index + 1).collect()
}
