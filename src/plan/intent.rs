//! The change that is asked of each repository of a plan.

use super::planned::{Planned, Target, plan_grant, plan_revoke};
use super::request::Request;
use crate::ecr::{ActionInfo, Grantee, Identity, Recipe};
use crate::policy::RevokeOptions;

/// The change that is asked of each repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Grantees receive access.
    Grant {
        /// Whoever receives it.
        grantees: Vec<Grantee>,
        /// The recipe that names the statements.
        recipe: &'static Recipe,
        /// The actions.
        actions: Vec<&'static ActionInfo>,
    },
    /// Grantees lose access.
    Revoke {
        /// Whoever loses it.
        grantees: Vec<Grantee>,
        /// The reach of the revoke.
        options: RevokeOptions,
    },
}

impl Intent {
    /// Plans the change of one repository, from what is stored there.
    pub fn plan_target(&self, target: &Target, caller: Option<&Identity>) -> Planned {
        match self {
            Self::Grant { grantees, recipe, actions } => {
                let request = Request {
                    owner: target.repository.account.clone(),
                    region: target.repository.region.clone(),
                    grantees: grantees.clone(),
                    recipe,
                    actions: actions.clone(),
                };
                plan_grant(target, &request, caller)
            }
            Self::Revoke { grantees, options } => plan_revoke(target, grantees, *options, caller),
        }
    }
}
