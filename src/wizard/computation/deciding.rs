//! Reads the policies that decide about a repository, for the screens that show what is stored.

use crate::ecr::RepositoryRef;
use crate::plan::{Request, Target, Verdict, plan_grant};
use crate::policy::access::table_at;
use crate::policy::canonical::same_access;
use crate::policy::explain::change_words;
use crate::policy::lint::{check, unreadable_findings};
use crate::policy::syntax::parse;
use crate::policy::{AccessTable, CheckOptions, Finding, Origin, Policy, RegistryPolicy, Statement};

/// All that decides about a repository, with what it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidingPolicies {
    /// The repository's own policy, as stored.
    pub own: Option<String>,
    /// The repository.
    pub repository: RepositoryRef,
    /// The statements that decide, and what they come to; else what stops the reading of the own policy.
    pub deciding: Result<(Policy, AccessTable), Vec<Finding>>,
    /// The change of each of these statements.
    pub novelties: Vec<Novelty>,
    /// The notes on the registry policy beside the access that is worked out.
    pub notes: Vec<String>,
    /// The findings in the own policy, the gravest first; empty where nobody asked for them.
    pub findings: Vec<Finding>,
}

/// The change of a statement against the policy from before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// It was there.
    Old,
    /// It is new.
    New,
    /// One of its name was there and said something else.
    Joined,
}

/// The statements that were there before the write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nothing was written: no statement is marked.
    Unchanged,
    /// The text from before; `None`: there was no policy.
    Text(Option<String>),
}

/// Policies that are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoliciesToRead {
    /// The repository's own policy.
    pub own: Option<String>,
    /// The text from before the write.
    pub before: Before,
    /// The policy of the registry.
    pub registry: RegistryPolicy,
    /// The repository.
    pub repository: RepositoryRef,
    /// Tells whether the own policy is checked too.
    pub is_checked: bool,
    /// The moment, in seconds since 1970: the access that has ended by then counts for no class.
    pub now: i64,
}

impl PoliciesToRead {
    /// Reads them.
    pub fn read_all(&self) -> DecidingPolicies {
        let Self { own, before, registry, repository, is_checked, now } = self;
        let decide = |own: Option<Policy>| {
            let all = registry.around(own.as_ref(), repository);
            let table = table_at(&all, &repository.account, Some(*now)).with_ended_rows();
            (all, table)
        };
        let text = own.as_deref().unwrap_or_default();
        let read = own.as_deref().map(Policy::read).transpose();
        let deciding = read.map(decide).map_err(|_| unreadable_findings(text, &parse(text)));
        let old = match before {
            Before::Unchanged => None,
            Before::Text(text) => Some(text.as_deref().and_then(|text| Policy::read(text).ok())),
        };
        let novelty = |statement: &Statement| match (&old, statement.origin) {
            (Some(old), Origin::Repository) => novelty_of(statement, old.as_ref()),
            _ => Novelty::Old,
        };
        let statements = deciding.iter().flat_map(|(policy, _)| &policy.statements);
        let novelties = statements.map(novelty).collect();
        let is_readable = deciding.is_ok();
        let checked = own.as_deref().filter(|_| *is_checked && is_readable);
        let findings = checked.map(|text| find_findings(text, repository)).unwrap_or_default();
        let notes = registry.note_words(repository);
        DecidingPolicies { own: own.clone(), repository: repository.clone(), deciding, novelties, notes, findings }
    }
}

fn novelty_of(statement: &Statement, before: Option<&Policy>) -> Novelty {
    let Some(before) = before else { return Novelty::New };
    if before.statements.iter().any(|old| same_access(old, statement)) {
        return Novelty::Old;
    }
    let sid = statement.sid.as_ref().map(|sid| &sid.value);
    let was_there = sid.is_some() && before.statements.iter().any(|old| old.sid.as_ref().map(|s| &s.value) == sid);
    if was_there { Novelty::Joined } else { Novelty::New }
}

/// Returns what the checks find in a text, the gravest first.
fn find_findings(text: &str, repository: &RepositoryRef) -> Vec<Finding> {
    let options = CheckOptions {
        owner: Some(repository.account.clone()),
        partition: Some(repository.region.partition()),
        stored: None,
        ..CheckOptions::default()
    };
    let mut found = check(text, &options);
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    found
}

/// A policy that was asked for and holds now, to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldToRead {
    /// The policies.
    pub policies: PoliciesToRead,
    /// The request; `None`: nothing was asked for.
    pub request: Option<Request>,
}

/// The policies that a repository has now, and what they lack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPolicies {
    /// The policies that decide.
    pub policies: DecidingPolicies,
    /// The part of the request that the policy lacks; in words.
    pub lacks: Option<String>,
}

impl HeldToRead {
    /// Reads them.
    pub fn read_all(&self) -> HeldPolicies {
        let lacks = self.request.as_ref().and_then(|request| lacking_words(&self.policies, request));
        HeldPolicies { policies: self.policies.read_all(), lacks }
    }
}

/// Returns what was asked for and is not in what a repository has, in words: the document may have been edited by hand.
fn lacking_words(held: &PoliciesToRead, request: &Request) -> Option<String> {
    let PoliciesToRead { own, registry, repository, now, .. } = held.clone();
    let target = Target { repository, stored: own, registry, now: Some(now) };
    let planned = plan_grant(&target, request, None);
    // What a Deny voids is there all the same; that it is void is told of the plan.
    let is_there = planned.verdict == Verdict::Blocked && planned.text == target.stored;
    if planned.verdict == Verdict::AlreadyGranted || is_there {
        return None;
    }
    let gains: Vec<String> = planned.delta.gains.iter().map(change_words).collect();
    Some(if gains.is_empty() { "all that was asked for".to_owned() } else { gains.join("; ") })
}
