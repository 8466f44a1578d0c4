//! Creation templates: the settings and the policy that a registry gives to repositories which it makes by itself.
//!
//! Source: API model of `DescribeRepositoryCreationTemplates`; ECR user guide, repository creation templates.

use super::{AccountId, Region, RepositoryName, RepositoryRef};

/// The prefix of the template for all repositories that no other template fits.
const ROOT: &str = "ROOT";

/// The occasions at which a template makes a repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TemplateOccasion {
    /// A pull through a cache.
    PullThroughCache,
    /// A replication.
    Replication,
    /// A push into a repository that is not there.
    CreateOnPush,
    /// One that this program does not know, by AWS's name.
    Other(String),
}

impl TemplateOccasion {
    /// Reads AWS's name.
    pub fn parse(name: &str) -> Self {
        match name {
            "PULL_THROUGH_CACHE" => Self::PullThroughCache,
            "REPLICATION" => Self::Replication,
            "CREATE_ON_PUSH" => Self::CreateOnPush,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Returns AWS's name.
    pub fn name(&self) -> &str {
        match self {
            Self::PullThroughCache => "PULL_THROUGH_CACHE",
            Self::Replication => "REPLICATION",
            Self::CreateOnPush => "CREATE_ON_PUSH",
            Self::Other(name) => name,
        }
    }
}

/// A creation template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreationTemplate {
    /// The prefix of the repositories' names, or `ROOT`.
    pub prefix: String,
    /// The occasions.
    pub applied_for: Vec<TemplateOccasion>,
    /// The policy that each repository gets.
    pub policy: Option<String>,
}

impl CreationTemplate {
    /// Returns a repository that it would make; `None`: its prefix begins no name.
    pub fn sample_repository(&self, account: &AccountId, region: &Region) -> Option<RepositoryRef> {
        let prefix = if self.prefix == ROOT { "" } else { self.prefix.trim_end_matches('/') };
        let name = if prefix.is_empty() { "any-repository".to_owned() } else { format!("{prefix}/any-repository") };
        let name = RepositoryName::parse(&name).ok()?;
        Some(RepositoryRef { account: account.clone(), region: region.clone(), name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_makes_repositories_of_its_prefix() {
        let sample = |prefix: &str| {
            let template = CreationTemplate { prefix: prefix.to_owned(), applied_for: Vec::new(), policy: None };
            let (account, region) = (AccountId::parse("222222222222").unwrap(), Region::parse("eu-west-2").unwrap());
            template.sample_repository(&account, &region).map(|reference| reference.name.to_string())
        };
        assert_eq!(sample("ROOT").as_deref(), Some("any-repository"));
        assert_eq!(sample("team").as_deref(), Some("team/any-repository"));
        assert_eq!(sample("team/").as_deref(), Some("team/any-repository"));
        assert_eq!(sample("Team"), None);
        for name in ["PULL_THROUGH_CACHE", "REPLICATION", "CREATE_ON_PUSH", "SOMETHING_NEW"] {
            assert_eq!(TemplateOccasion::parse(name).name(), name);
        }
    }
}
