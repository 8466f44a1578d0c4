//! The present access of the named grantees to the chosen repositories: what was found, its sum, and the words for it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::ecr::RepositoryRef;
use crate::plan::{ExistingAccess, Request, Target};
use crate::policy::RegistryPolicy;
use crate::wizard::RequestId;
use crate::wizard::stored_policies::TextNumber;

/// The repositories for which an answer holds: all with the same text, or one alone where its registry has a policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PolicyKey(pub(super) TextNumber, pub(super) Option<RepositoryRef>);

/// All that an answer depends on beside the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Basis {
    pub(super) request: Arc<Request>,
    pub(super) registry: RegistryPolicy,
    pub(super) chosen: Vec<RepositoryRef>,
    pub(super) version: u64,
}

/// The answers that were worked out for the request of the screen.
#[derive(Debug, Default)]
pub(super) struct ExistingState {
    pub(super) basis: Option<Basis>,
    pub(super) found: HashMap<PolicyKey, Vec<ExistingAccess>>,
    /// The computation under way, and the repositories that its answers are for.
    pub(super) asked: Option<(RequestId, Vec<PolicyKey>)>,
    /// The policies that are still to be looked at.
    pub(super) open: Vec<(PolicyKey, Target)>,
    /// The sum of what is known, made anew with each answer.
    pub(super) sum: Option<ExistingSum>,
}

/// The present access of the grantees to all chosen repositories together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExistingSum {
    /// The number of chosen repositories.
    pub(super) repositories: usize,
    /// The name of the repository, where it is the only one.
    pub(super) only_name: Option<String>,
    /// The repositories whose policies are not known, with the reason of the first.
    pub(super) unknown: usize,
    pub(super) reason: &'static str,
    /// The access of each grantee.
    pub(super) grantees: Vec<GranteeSum>,
    /// The chosen actions as a clause, such as `pull from`.
    pub(super) actions: String,
}

/// The present access of one grantee: counts of repositories.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct GranteeSum {
    pub(super) whole: usize,
    /// Counts those of them that have no end, where one is asked for.
    pub(super) endless: usize,
    pub(super) partial: usize,
    /// Tells whether something may take a part of one of them.
    pub(super) is_partly_doubtful: bool,
    pub(super) doubtful: usize,
    /// The first repository with a part of it, and the parts.
    pub(super) first_partial: Option<(String, String)>,
    /// The first repository where something may take it, and what.
    pub(super) first_doubt: Option<(String, String)>,
}

/// The words about one grantee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExistingWords {
    pub(super) text: String,
    /// Tells whether something may take the access.
    pub(super) is_doubtful: bool,
}

impl ExistingSum {
    /// Tells whether every grantee surely has all of it in every repository: the grant would change nothing.
    pub fn is_all_there(&self) -> bool {
        !self.grantees.is_empty() && self.grantees.iter().all(|grantee| grantee.whole == self.repositories)
    }

    /// Tells whether the policies say all of it already, and something takes some of it or may take it.
    pub fn is_all_doubtful(&self) -> bool {
        let is_said = |grantee: &GranteeSum| grantee.whole + grantee.doubtful == self.repositories;
        !self.grantees.is_empty() && self.grantees.iter().all(is_said) && !self.is_all_there()
    }

    /// Says what a grantee has already; none: nothing, or nothing that is known.
    pub(super) fn words_of(&self, grantee: usize) -> Option<ExistingWords> {
        let grantee = self.grantees.get(grantee)?;
        let in_place = |name: &str, count: usize| match count {
            1 if self.only_name.is_some() => "already".to_owned(),
            1 => format!("in {name} already"),
            more => format!("in {name} and {} more already", more - 1),
        };
        if let Some((name, doubt)) = &grantee.first_doubt {
            let text = format!("allowed {}, but {doubt}", in_place(name, grantee.doubtful));
            return Some(ExistingWords { text, is_doubtful: true });
        }
        let mut parts = Vec::new();
        if grantee.whole > 0 {
            let places = match (&self.only_name, grantee.whole) {
                (Some(name), _) => name.clone(),
                (None, whole) if whole < self.repositories => format!("{whole} of {}", self.repositories),
                (None, 2) => "both".to_owned(),
                (None, whole) => format!("all {whole}"),
            };
            let endless = match grantee.endless {
                0 => String::new(),
                all if all == grantee.whole => ", without an end".to_owned(),
                some => format!(", without an end in {some}"),
            };
            parts.push(format!("can {} {places} already{endless}", self.actions));
        }
        if let Some((name, clauses)) = &grantee.first_partial {
            parts.push(format!("has a part {}: {clauses}", in_place(name, grantee.partial)));
        }
        (!parts.is_empty()).then(|| ExistingWords { text: parts.join("; "), is_doubtful: grantee.is_partly_doubtful })
    }

    /// Says of how many repositories it is not known what the grantees have, and why; none: it is known of all.
    pub(super) fn unknown_words(&self) -> Option<String> {
        let reason = self.reason;
        match (self.unknown, &self.only_name) {
            (0, _) => None,
            (_, Some(_)) => Some(format!("present access is not known: the policy {reason}")),
            (unknown, None) => {
                Some(format!("present access is not known in {unknown} of {}: a policy {reason}", self.repositories))
            }
        }
    }
}
