//! The change that is asked of each repository of a plan.

use super::baseline::Baseline;
use super::denied::blocked_rows;
use super::planned::{Planned, Target};
use super::request::Request;
use super::undo::{ChangedTexts, plan_undo};
use crate::ecr::{AccessEnd, ActionInfo, Grantee, Identity, Problem, Recipe, RepositoryRef};
use crate::policy::{AccessRow, RevokeOptions};

/// The change that is asked of each repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The access that is given or taken.
    pub ask: Ask,
    /// Tells whether deleted roles and users go in the same write: ECR refuses every text that names one.
    pub remove_deleted: bool,
}

/// The access that is given or taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Grantees receive access.
    Grant {
        /// The parties that receive it.
        grantees: Vec<Grantee>,
        /// The recipe that names the statements.
        recipe: &'static Recipe,
        /// The actions.
        actions: Vec<&'static ActionInfo>,
        /// The moment at which the access ends; none: it has no end.
        until: Option<AccessEnd>,
    },
    /// Grantees lose access.
    Revoke {
        /// The parties that lose it.
        grantees: Vec<Grantee>,
        /// The reach of the revoke.
        options: RevokeOptions,
    },
    /// Statements whose access has ended are taken out.
    RevokeExpired {
        /// The moment by which it has ended, in seconds since 1970.
        now: i64,
    },
    /// The whole policy is deleted.
    Delete,
    /// A change of the journal is taken back.
    Undo {
        /// The id of the change.
        change: String,
        /// The repositories that it may have written, each with its texts.
        texts: Vec<(RepositoryRef, ChangedTexts)>,
    },
}

impl Ask {
    /// Returns why it cannot be carried out at a moment, in seconds since 1970: the access that it gives has ended, or what it
    /// takes for ended has not by this clock. None: it can be.
    pub fn find_time_problem(&self, now: i64) -> Option<Problem> {
        match self {
            Self::Grant { until: Some(end), .. } if end.is_past(now) => Some(Problem {
                what: format!("the access that is asked for ended on {}", end.words()),
                next: "plan it anew, with a later end".to_owned(),
            }),
            Self::RevokeExpired { now: moment } if *moment > now => Some(Problem {
                what: format!(
                    "it takes out what has ended by {}, and that is to come by the clock of this machine",
                    AccessEnd::of_seconds(*moment).map_or_else(|| moment.to_string(), AccessEnd::words)
                ),
                next: "set the clock of the machine that is wrong, and plan it anew".to_owned(),
            }),
            _ => None,
        }
    }
}

impl Intent {
    /// Builds the change that a request for one registry asks for.
    pub fn of_request(request: &Request, remove_deleted: bool) -> Self {
        let Request { grantees, recipe, actions, until, .. } = request.clone();
        Self { ask: Ask::Grant { grantees, recipe, actions, until }, remove_deleted }
    }

    /// Returns the id of the change that this one takes back; none: it is another change.
    pub fn undone_change(&self) -> Option<&str> {
        match &self.ask {
            Ask::Undo { change, .. } => Some(change),
            Ask::Grant { .. } | Ask::Revoke { .. } | Ask::RevokeExpired { .. } | Ask::Delete => None,
        }
    }

    /// Plans the change of one repository, from what is stored there.
    pub fn plan_target(&self, target: &Target, caller: Option<&Identity>) -> Planned {
        let baseline = Baseline::of(target.clone());
        let baseline = if self.remove_deleted { baseline.without_deleted() } else { baseline };
        match &self.ask {
            Ask::Grant { grantees, recipe, actions, until } => {
                let request = request_for(&target.repository, grantees, recipe, actions, *until);
                baseline.plan_request_to_fit(&request, caller)
            }
            Ask::Revoke { grantees, options } => baseline.plan_revoke(grantees, *options, caller),
            Ask::RevokeExpired { now } => baseline.plan_expired(*now, caller),
            Ask::Delete => baseline.plan_removal(caller),
            Ask::Undo { texts, .. } => {
                let texts = texts.iter().find(|(repository, _)| *repository == target.repository);
                // Without a text of its own a repository stays as it is.
                let stays = || ChangedTexts { old: target.stored.clone(), new: target.stored.clone() };
                plan_undo(target, &texts.map_or_else(stays, |(_, texts)| texts.clone()), caller)
            }
        }
    }

    /// Returns the access asked for that a Deny statement of a plan's text may void; of a revoke nothing can be.
    pub(super) fn blocked_rows(&self, planned: &Planned) -> Vec<AccessRow> {
        let Ask::Grant { grantees, recipe, actions, until } = &self.ask else { return Vec::new() };
        blocked_rows(planned, &request_for(&planned.repository, grantees, recipe, actions, *until))
    }
}

fn request_for(
    repository: &RepositoryRef,
    grantees: &[Grantee],
    recipe: &'static Recipe,
    actions: &[&'static ActionInfo],
    until: Option<AccessEnd>,
) -> Request {
    Request {
        owner: repository.account.clone(),
        region: repository.region.clone(),
        grantees: grantees.to_vec(),
        recipe,
        actions: actions.to_vec(),
        until,
    }
}
