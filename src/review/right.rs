//! The strongest right among actions.

use crate::ecr::Risk;
use crate::ecr::action::find_action;

/// What a party may do at most, from the mildest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Right {
    /// Pulls, or sees names, tags, settings or the policy.
    Read,
    /// Puts images in.
    Push,
    /// Makes images or the repository vanish.
    Delete,
    /// Changes the policy or the settings.
    Manage,
}

impl Right {
    /// Returns the name for programs and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Push => "push",
            Self::Delete => "delete",
            Self::Manage => "manage",
        }
    }

    /// Finds a right by its name.
    pub fn find_name(name: &str) -> Option<Self> {
        [Self::Read, Self::Push, Self::Delete, Self::Manage].into_iter().find(|right| right.name() == name)
    }

    /// Returns the strongest right among actions, named without `ecr:`. An action that the table lacks adds none: a rule
    /// of the checks tells of it.
    pub fn of_actions<'a>(actions: impl IntoIterator<Item = &'a str>) -> Self {
        let rights = actions.into_iter().filter_map(|name| Some(Self::of_risk(find_action(name)?.risk)));
        rights.max().unwrap_or(Self::Read)
    }

    fn of_risk(risk: Risk) -> Self {
        match risk {
            Risk::Account | Risk::Pull | Risk::Browse | Risk::Leak => Self::Read,
            Risk::Push => Self::Push,
            Risk::Delete => Self::Delete,
            Risk::Settings | Risk::Policy => Self::Manage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::action::{PULL, PUSH, repository_level};

    #[test]
    fn the_strongest_action_decides() {
        assert_eq!(Right::of_actions(PULL.iter().copied()), Right::Read);
        assert_eq!(Right::of_actions(PULL.iter().chain(PUSH).copied()), Right::Push);
        assert_eq!(Right::of_actions(["BatchGetImage", "BatchDeleteImage", "PutImage"]), Right::Delete);
        assert_eq!(Right::of_actions(repository_level().map(|action| action.name.as_str())), Right::Manage);
        assert_eq!(Right::of_actions(["NotInTheTable"]), Right::Read);
        for right in [Right::Read, Right::Push, Right::Delete, Right::Manage] {
            assert_eq!(Right::find_name(right.name()), Some(right));
        }
    }
}
