//! The owner of the repository that a policy is checked or compared for.

use super::output::Stop;
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Arn, Partition, Region};

/// The account that owns a repository, and its partition where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    /// The account.
    pub id: AccountId,
    /// The partition, which a root ARN names and a bare id does not.
    pub partition: Option<Partition>,
}

impl Owner {
    /// Reads an account id, or any ARN of the account: its root's, or one of its repositories'.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.starts_with("arn:") {
            let id = AccountId::parse(text).map_err(|problem| problem.to_string())?;
            return Ok(Self { id, partition: None });
        }
        let arn = Arn::parse(text);
        let read = arn.and_then(|arn| Some(Self { id: arn.account_id()?, partition: Some(arn.known_partition()?) }));
        read.ok_or_else(|| {
            format!("`{}` names no account: give its 12 digits, or arn:aws:iam::ID:root", make_visible(text))
        })
    }
}

/// Returns the partition of the repository, by the owner's ARN or by `--region`.
pub(super) fn find_partition(owner: Option<&Owner>, region: Option<&Region>) -> Result<Option<Partition>, Stop> {
    let (told, of_region) = (owner.and_then(|o| o.partition), region.map(Region::partition));
    match (told, of_region, region) {
        (Some(one), Some(other), Some(region)) if one != other => Err(Stop::wrong_usage(
            format!("--owner is of {}, and the Region {region} of {}", one.as_str(), other.as_str()),
            "give both of one partition, or --owner alone",
        )),
        _ => Ok(told.or(of_region)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_an_account_id_or_an_arn_of_the_account() {
        let read = |text: &str| Owner::parse(text).map(|o| (o.id.to_string(), o.partition));
        let id = "222222222222".to_owned();
        assert_eq!(read("2222-2222-2222"), Ok((id.clone(), None)));
        assert_eq!(read("arn:aws-cn:iam::222222222222:root"), Ok((id.clone(), Some(Partition::China))));
        let repository = "arn:aws-us-gov:ecr:us-gov-west-1:222222222222:repository/app";
        assert_eq!(read(repository), Ok((id, Some(Partition::GovCloud))));
        for text in ["222", "arn:aws:iam::x:root", "arn:moon:iam::222222222222:root", "arn:aws:s3:::x"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_partition_comes_from_the_arn_or_from_the_region_which_may_not_differ() {
        let owner = |text: &str| Owner::parse(text).unwrap();
        let china = owner("arn:aws-cn:iam::222222222222:root");
        let region = |name: &str| Region::parse(name).unwrap();
        let told = |owner: Option<&Owner>, at: Option<&str>| find_partition(owner, at.map(region).as_ref()).ok();
        assert_eq!(told(None, None), Some(None));
        assert_eq!(told(Some(&owner("222222222222")), Some("cn-north-1")), Some(Some(Partition::China)));
        assert_eq!(told(None, Some("us-gov-west-1")), Some(Some(Partition::GovCloud)));
        assert_eq!(told(Some(&china), Some("cn-north-1")), Some(Some(Partition::China)));
        assert_eq!(told(Some(&china), Some("eu-west-2")), None);
    }
}
