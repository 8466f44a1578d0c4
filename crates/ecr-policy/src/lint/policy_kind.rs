//! The kinds of policies.

/// The documents that ECR takes as a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PolicyKind {
    /// The policy of one repository.
    #[default]
    Repository,
    /// The policy of a registry, which speaks of its repositories by `Resource`.
    Registry,
}

impl PolicyKind {
    /// Returns the name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::Registry => "registry",
        }
    }
}
