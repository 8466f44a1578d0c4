//! Repositories: names, references, and what `DescribeRepositories` tells about each.

use std::fmt;

use super::{AccountId, Arn, Region};

/// The name of a repository, such as `team/vendorapp`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct RepositoryName(String);

/// The problem of a text that is no repository name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a repository name has 2 to 256 small letters, digits, and single `.` `_` `-` `/` between them")]
pub struct RepositoryNameProblem;

impl RepositoryName {
    /// Reads a name by the rule of the API model of 2026-04: 2 to 256 characters, parts of `[a-z0-9]+` joined by
    /// `.`, `_`, `__` or a run of `-`, and path segments joined by `/`.
    pub fn parse(text: &str) -> Result<Self, RepositoryNameProblem> {
        let legal = (2..=256).contains(&text.len()) && text.split('/').all(segment_is_legal);
        if legal { Ok(Self(text.to_owned())) } else { Err(RepositoryNameProblem) }
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn segment_is_legal(segment: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    segment.starts_with(is_word)
        && segment.ends_with(is_word)
        && segment
            .split(is_word)
            .all(|between| matches!(between, "" | "." | "_" | "__") || between.bytes().all(|b| b == b'-'))
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One repository of one registry: its owner, Region and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryRef {
    /// The account that owns the registry.
    pub account: AccountId,
    /// The Region of the registry.
    pub region: Region,
    /// The repository's name.
    pub name: RepositoryName,
}

impl RepositoryRef {
    /// `arn:aws:ecr:REGION:ACCOUNT:repository/NAME`, in the Region's partition.
    pub fn arn(&self) -> Arn {
        Arn {
            partition: self.region.partition().as_str().to_owned(),
            service: "ecr".to_owned(),
            region: self.region.as_str().to_owned(),
            account: self.account.as_str().to_owned(),
            resource: format!("repository/{}", self.name),
        }
    }

    /// The host name of the registry, such as `222222222222.dkr.ecr.eu-west-2.amazonaws.com`.
    pub fn registry_host(&self) -> String {
        format!("{}.dkr.ecr.{}.{}", self.account, self.region, self.region.partition().registry_suffix())
    }

    /// The repository's URI, without a tag.
    pub fn uri(&self) -> String {
        format!("{}/{}", self.registry_host(), self.name)
    }
}

impl fmt::Display for RepositoryRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arn().fmt(f)
    }
}

/// The encryption of a repository's images at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// `AES256`, the default.
    Aes256,
    /// A KMS key, with its ARN where AWS tells it; pullers need no right on the key (the repository holds the grant).
    Kms(Option<String>),
    /// `KMS_DSSE`: two layers of KMS.
    KmsDsse(Option<String>),
    /// A type that this program does not know, as AWS wrote it.
    Other(String),
}

/// A repository, as `DescribeRepositories` tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Owner, Region and name.
    pub reference: RepositoryRef,
    /// Creation time in seconds since 1970-01-01 UTC, where told.
    pub created: Option<i64>,
    /// Encryption at rest, where told.
    pub encryption: Option<Encryption>,
    /// `imageTagMutability` as AWS wrote it (`MUTABLE`, `IMMUTABLE`, `..._WITH_EXCLUSION`), where told.
    pub tag_mutability: Option<String>,
    /// Tells whether images are scanned on push, where told.
    pub scan_on_push: Option<bool>,
}

impl Repository {
    /// Builds one of which its place and name alone are known.
    pub fn of_reference(reference: RepositoryRef) -> Self {
        Self { reference, created: None, encryption: None, tag_mutability: None, scan_on_push: None }
    }

    /// The repository's name.
    pub fn name(&self) -> &RepositoryName {
        &self.reference.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rule_of_2026() {
        for good in ["vendorapp", "team/vendorapp", "a1", "a.b_c-d", "a__b", "a---b", "a/b/c9"] {
            assert!(RepositoryName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "Vendor", "-a", "a-", "a//b", "/ab", "ab/", "a..b", "a___b", "a._b", "a b", "a:b", "ä1"] {
            assert!(RepositoryName::parse(bad).is_err(), "{bad}");
        }
        assert!(RepositoryName::parse(&"a".repeat(257)).is_err());
    }

    #[test]
    fn a_reference_knows_its_arn_and_host() {
        let reference = RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("cn-north-1").unwrap(),
            name: RepositoryName::parse("vendorapp").unwrap(),
        };
        assert_eq!(reference.arn().to_string(), "arn:aws-cn:ecr:cn-north-1:222222222222:repository/vendorapp");
        assert_eq!(reference.uri(), "222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn/vendorapp");
    }
}
