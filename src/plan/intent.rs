//! The change that is asked of each repository of a plan.

use super::baseline::Baseline;
use super::planned::{Planned, Target};
use super::request::Request;
use crate::ecr::{ActionInfo, Grantee, Identity, Recipe};
use crate::policy::RevokeOptions;

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
    },
    /// Grantees lose access.
    Revoke {
        /// The parties that lose it.
        grantees: Vec<Grantee>,
        /// The reach of the revoke.
        options: RevokeOptions,
    },
}

impl Intent {
    /// Plans the change of one repository, from what is stored there.
    pub fn plan_target(&self, target: &Target, caller: Option<&Identity>) -> Planned {
        let baseline = Baseline::of(target.clone());
        let baseline = if self.remove_deleted { baseline.without_deleted() } else { baseline };
        match &self.ask {
            Ask::Grant { grantees, recipe, actions } => {
                let request = Request {
                    owner: target.repository.account.clone(),
                    region: target.repository.region.clone(),
                    grantees: grantees.clone(),
                    recipe,
                    actions: actions.clone(),
                };
                baseline.plan_request_to_fit(&request, caller)
            }
            Ask::Revoke { grantees, options } => baseline.plan_revoke(grantees, *options, caller),
        }
    }
}
