//! Registry host names and image URIs. The host name of an image names the account that *owns* it, never the puller.

use std::fmt;

use super::{AccountId, Digest, Partition, Region, RepositoryName, RepositoryRef, Tag};

/// The host name of a private registry, such as `222222222222.dkr.ecr.eu-west-2.amazonaws.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryHost {
    /// The account that owns the registry.
    pub account: AccountId,
    /// The registry's Region.
    pub region: Region,
    /// Tells whether it is a FIPS host.
    pub fips: bool,
    /// Tells whether it is a dual-stack host (`dkr-ecr`, `on.aws`).
    pub dual_stack: bool,
}

impl RegistryHost {
    /// Recognises the hosts that AWS's own credential helper recognises: anchored, no port, so that a look-alike such
    /// as `...amazonaws.com.example.com` is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (account, rest) = text.split_once('.')?;
        if account.len() != 12 {
            return None;
        }
        let account = AccountId::parse(account).ok()?;
        let (dual_stack, rest) = match rest.strip_prefix("dkr.ecr") {
            Some(rest) => (false, rest),
            None => (true, rest.strip_prefix("dkr-ecr")?),
        };
        let (fips, rest) = match rest.strip_prefix("-fips") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (region, suffix) = rest.strip_prefix('.')?.split_once('.')?;
        let region = Region::parse(region).ok()?;
        let partition = region.partition();
        let expected = if dual_stack { partition.dual_stack_suffix()? } else { partition.registry_suffix() };
        (suffix == expected).then_some(Self { account, region, fips, dual_stack })
    }
}

/// An image URI of a private registry, such as `222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageUri {
    /// The registry.
    pub host: RegistryHost,
    /// The repository.
    pub repository: RepositoryName,
    /// The tag, where one is given.
    pub tag: Option<Tag>,
    /// The digest, `sha256:...`, where one is given.
    pub digest: Option<Digest>,
}

impl ImageUri {
    /// Reads an image URI; a scheme such as `https://` or `docker://` and blanks around it are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let (host, path) = text.split_once('/')?;
        let host = RegistryHost::parse(host)?;
        let (path, digest) = match path.split_once('@') {
            Some((path, digest)) => (path, Some(Digest::parse(digest)?)),
            None => (path, None),
        };
        let (name, tag) = match path.split_once(':') {
            Some((name, tag)) => (name, Some(Tag::parse(tag)?)),
            None => (path, None),
        };
        let repository = RepositoryName::parse(name).ok()?;
        Some(Self { host, repository, tag, digest })
    }

    /// The repository that holds the image.
    pub fn repository_ref(&self) -> RepositoryRef {
        RepositoryRef {
            account: self.host.account.clone(),
            region: self.host.region.clone(),
            name: self.repository.clone(),
        }
    }

    /// The partition of the registry.
    pub fn partition(&self) -> Partition {
        self.host.region.partition()
    }
}

impl fmt::Display for ImageUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository_ref().uri())?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_guides_image() {
        let image = ImageUri::parse("222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:latest").unwrap();
        assert_eq!(image.host.account.as_str(), "222222222222");
        assert_eq!(image.host.region.as_str(), "eu-west-2");
        assert_eq!(image.repository.as_str(), "vendorapp");
        assert_eq!(image.tag.as_ref().map(Tag::as_str), Some("latest"));
    }

    #[test]
    fn reads_the_other_hosts_that_aws_uses() {
        for text in [
            "222222222222.dkr.ecr-fips.us-east-1.amazonaws.com/app",
            &format!("222222222222.dkr-ecr.eu-west-2.on.aws/team/app@sha256:{}", "0a".repeat(32)),
            "222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn/app:1",
            "https://222222222222.dkr.ecr.eusc-de-east-1.amazonaws.eu/app:1",
        ] {
            assert!(ImageUri::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn look_alikes_are_no_registry() {
        for text in [
            "222222222222.dkr.ecr.eu-west-2.amazonaws.com.fake.example.com/app",
            "222222222222.dkr.ecr.eu-west-2.amazonaws.com:443/app",
            "222222222222.dkr.ecr.eu-west-2.amazonaws.com.cn/app",
            "public.ecr.aws/app/app:1",
            "22222222222.dkr.ecr.eu-west-2.amazonaws.com/app",
            "vendorapp:latest",
            "222222222222.dkr.ecr.eu-west-2.amazonaws.com/app:.x",
            "222222222222.dkr.ecr.eu-west-2.amazonaws.com/app:a\u{1b}[2J",
            "222222222222.dkr.ecr.eu-west-2.amazonaws.com/app:$(id)",
            "222222222222.dkr.ecr.eu-west-2.amazonaws.com/app@sha256:00",
            "222222222222.dkr.ecr.eu-west-2.amazonaws.com/app@sha256:\u{202e}",
        ] {
            assert!(ImageUri::parse(text).is_none(), "{text}");
        }
    }
}
