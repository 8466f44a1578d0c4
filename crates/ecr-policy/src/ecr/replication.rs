//! Replication: the places that the images of a repository are copied to.
//!
//! Source: ECR user guide, private image replication; API model of `DescribeRegistry`. A rule without a filter is about all
//! repositories, and one with filters about those whose names begin with one of them. The repository's policy is not copied.

use super::text::make_visible;
use super::{AccountId, RepositoryRef};

/// The replication of a registry, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Replication {
    /// Nobody asked for it.
    #[default]
    NotAsked,
    /// Its rules.
    Known(Vec<ReplicationRule>),
    /// It cannot be read, for this reason: a clause.
    Unreadable(String),
}

/// A rule of replication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationRule {
    /// The places that images are copied to.
    pub destinations: Vec<ReplicationDestination>,
    /// The filters; none: the rule is about all repositories.
    pub filters: Vec<ReplicationFilter>,
}

/// A place that images are copied to, as AWS gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationDestination {
    /// The Region.
    pub region: String,
    /// The account.
    pub account: String,
}

/// A filter of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplicationFilter {
    /// The repository's name begins so.
    Prefix(String),
    /// Another kind of filter, which this program does not know.
    Other(String),
}

impl ReplicationFilter {
    /// Reads what [`Self::words`] gave.
    pub fn of_words(words: &str) -> Self {
        match words.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(kind) => Self::Other(kind.to_owned()),
            None => Self::Prefix(words.to_owned()),
        }
    }

    /// Returns the prefix, or the kind of a filter that is not known.
    pub fn words(&self) -> String {
        match self {
            Self::Prefix(prefix) => prefix.clone(),
            Self::Other(kind) => format!("({kind})"),
        }
    }
}

impl ReplicationRule {
    /// Tells whether the rule is about a repository; `None`: a filter of an unknown kind decides.
    fn is_about(&self, repository: &RepositoryRef) -> Option<bool> {
        let name = repository.name.as_str();
        let fits = |filter: &ReplicationFilter| matches!(filter, ReplicationFilter::Prefix(prefix) if name.starts_with(prefix.as_str()));
        if self.filters.is_empty() || self.filters.iter().any(fits) {
            return Some(true);
        }
        let is_unknown = |filter: &ReplicationFilter| matches!(filter, ReplicationFilter::Other(_));
        (!self.filters.iter().any(is_unknown)).then_some(false)
    }
}

impl ReplicationDestination {
    /// Returns the place in words: the account is named where it is another one than the owner's.
    fn words(&self, owner: &AccountId) -> String {
        let region = make_visible(&self.region);
        if self.account == owner.as_str() {
            region
        } else {
            format!("{region} of account {}", make_visible(&self.account))
        }
    }
}

impl Replication {
    /// Takes the outcome of a read: the rules, or why they are not known, a clause.
    pub fn of_read(read: Result<Vec<ReplicationRule>, String>) -> Self {
        read.map_or_else(Self::Unreadable, Self::Known)
    }

    /// Tells whether the rules are known.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// Says where the images of a repository are copied to, a clause each. Empty: nothing is known yet.
    pub fn copy_words(&self, repository: &RepositoryRef) -> Vec<String> {
        let rules = match self {
            Self::NotAsked => return Vec::new(),
            Self::Unreadable(why) => {
                return vec![format!("whether images are copied elsewhere is not known ({})", make_visible(why))];
            }
            Self::Known(rules) => rules,
        };
        let mut clauses: Vec<String> = Vec::new();
        for rule in rules {
            let how = match rule.is_about(repository) {
                Some(true) => "images are copied to",
                None => "images may be copied to",
                Some(false) => continue,
            };
            for place in &rule.destinations {
                let clause = format!("{how} {}; this policy does not go along", place.words(&repository.account));
                if !clauses.contains(&clause) {
                    clauses.push(clause);
                }
            }
        }
        if clauses.is_empty() {
            clauses.push("no rule of replication copies images of this repository elsewhere".to_owned());
        }
        clauses
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::{Region, RepositoryName};

    fn repository(name: &str) -> RepositoryRef {
        RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("eu-west-2").unwrap(),
            name: RepositoryName::parse(name).unwrap(),
        }
    }

    fn rule(filters: &[ReplicationFilter], account: &str) -> ReplicationRule {
        let place = ReplicationDestination { region: "eu-central-1".into(), account: account.into() };
        ReplicationRule { destinations: vec![place], filters: filters.to_vec() }
    }

    fn words(rules: Vec<ReplicationRule>, name: &str) -> String {
        Replication::Known(rules).copy_words(&repository(name)).join(" | ")
    }

    #[test]
    fn a_rule_counts_for_the_repositories_whose_names_begin_as_its_filters_say() {
        let prefix = |text: &str| ReplicationFilter::Prefix(text.to_owned());
        let none = "no rule of replication copies images of this repository elsewhere";
        let copied = "images are copied to eu-central-1; this policy does not go along";
        assert_eq!(words(Vec::new(), "vendorapp"), none);
        assert_eq!(words(vec![rule(&[], "222222222222")], "vendorapp"), copied);
        assert_eq!(words(vec![rule(&[prefix("vendor"), prefix("x")], "222222222222")], "vendorapp"), copied);
        assert_eq!(words(vec![rule(&[prefix("payments")], "222222222222")], "vendorapp"), none);
        assert_eq!(words(vec![rule(&[prefix("app")], "222222222222")], "vendorapp"), none, "in the middle of the name");
        let other = words(vec![rule(&[], "333333333333")], "vendorapp");
        assert_eq!(other, "images are copied to eu-central-1 of account 333333333333; this policy does not go along");
        // The same place by two rules is told once.
        assert_eq!(words(vec![rule(&[], "222222222222"), rule(&[prefix("v")], "222222222222")], "vendorapp"), copied);
    }

    #[test]
    fn what_is_not_known_is_never_told_as_none() {
        let unknown = ReplicationFilter::Other("TAG_MATCH".to_owned());
        assert!(words(vec![rule(&[unknown], "222222222222")], "vendorapp").starts_with("images may be copied to"));
        let unread = Replication::of_read(Err("access was denied".to_owned())).copy_words(&repository("vendorapp"));
        assert_eq!(unread, ["whether images are copied elsewhere is not known (access was denied)"]);
        assert!(Replication::NotAsked.copy_words(&repository("vendorapp")).is_empty());
    }
}
