//! Amazon Resource Names, split into their six fields.

use std::fmt;

use super::{AccountId, Partition, RepositoryName};

/// An ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. The fields are kept as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn {
    /// Second field, such as `aws`.
    pub partition: String,
    /// Third field, such as `iam`.
    pub service: String,
    /// Fourth field; empty for IAM.
    pub region: String,
    /// Fifth field; may be empty.
    pub account: String,
    /// Everything after the fifth colon, its own colons included.
    pub resource: String,
}

impl Arn {
    /// Splits a text that begins with `arn:` and has six fields; says nothing about what the fields hold.
    pub fn parse(text: &str) -> Option<Self> {
        let mut fields = text.trim().splitn(6, ':');
        if fields.next()? != "arn" {
            return None;
        }
        let mut next = || fields.next().map(str::to_owned);
        let arn = Self { partition: next()?, service: next()?, region: next()?, account: next()?, resource: next()? };
        (!arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty()).then_some(arn)
    }

    /// The root ARN of an account, which in a policy stands for the whole account.
    pub fn account_root(partition: Partition, account: &AccountId) -> Self {
        Self {
            partition: partition.as_str().to_owned(),
            service: "iam".to_owned(),
            region: String::new(),
            account: account.as_str().to_owned(),
            resource: "root".to_owned(),
        }
    }

    /// The known partition that the second field names.
    pub fn known_partition(&self) -> Option<Partition> {
        Partition::from_arn_field(&self.partition)
    }

    /// The account of the fifth field, where it holds twelve digits.
    pub fn account_id(&self) -> Option<AccountId> {
        (self.account.len() == 12).then(|| AccountId::parse(&self.account).ok()).flatten()
    }

    /// The repository's name, where this is the ARN of an ECR repository.
    pub fn repository(&self) -> Option<RepositoryName> {
        if self.service != "ecr" {
            return None;
        }
        RepositoryName::parse(self.resource.strip_prefix("repository/")?).ok()
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_colons_of_the_last_field() {
        let text = "arn:aws:lambda:eu-west-2:111111111111:function:thumbnails";
        let arn = Arn::parse(text).unwrap();
        assert_eq!(arn.resource, "function:thumbnails");
        assert_eq!(arn.to_string(), text);
    }

    #[test]
    fn finds_the_repository_of_an_ecr_arn_only() {
        let arn = Arn::parse("arn:aws:ecr:eu-west-2:222222222222:repository/team/vendorapp").unwrap();
        assert_eq!(arn.repository().unwrap().as_str(), "team/vendorapp");
        assert!(Arn::parse("arn:aws:iam::222222222222:role/repository/x").unwrap().repository().is_none());
        assert!(Arn::parse("arn:aws:iam").is_none());
        assert!(Arn::parse("nra:aws:iam::222222222222:root").is_none());
    }
}
