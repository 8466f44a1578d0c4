//! The caller of a request: reads it from a text, and tells the condition keys that follow from it.

use super::role_path;
use crate::condition::Known;
use crate::ecr::service::is_service_form;
use crate::ecr::{Arn, Identity, Partition};
use crate::model::principal::PrincipalKind;

/// The caller of a request. ARNs are kept as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The root user of an account.
    Root(Arn),
    /// An IAM user.
    User(Arn),
    /// A role, whichever of its sessions.
    Role(Arn),
    /// One session of a role.
    Session(Arn),
    /// A session of a federated user, a principal of its own.
    FederatedUser(Arn),
    /// An AWS service, by its principal name.
    Service(String),
    /// Nobody who signed in.
    Anonymous,
}

/// Returns what is known of a condition key (in small letters) when an AWS service calls by itself; `name` is its
/// principal, where that is known. Source: IAM user guide, global condition keys, "availability" of each.
pub(crate) fn known_of_service(key: &str, name: Option<&str>) -> Known {
    let one = |text: &str| Known::Values(vec![text.to_owned()]);
    match key {
        // Every ECR endpoint is HTTPS.
        "aws:securetransport" | "aws:principalisawsservice" => one("true"),
        "aws:viaawsservice" => one("false"),
        "aws:principalservicename" | "aws:principalservicenameslist" => name.map_or(Known::Unknown, one),
        // A service is nobody's principal.
        "aws:principalaccount"
        | "aws:principalarn"
        | "aws:principalorgid"
        | "aws:principalorgpaths"
        | "aws:principaltype"
        | "aws:username" => Known::Absent,
        _ => Known::Unknown,
    }
}

impl Caller {
    /// Reads an ARN of a role, user, session or root user, a 12-digit account id (its root user, in `partition`), the
    /// name of a service, or `anonymous`. `Err`: what it is not, in words.
    pub fn parse(text: &str, partition: Partition) -> Result<Self, String> {
        if text == "anonymous" {
            return Ok(Self::Anonymous);
        }
        match PrincipalKind::classify_aws(text) {
            PrincipalKind::Account(id, named) => Ok(Self::Root(Arn::account_root(named.unwrap_or(partition), &id))),
            PrincipalKind::Role(arn) => Ok(Self::Role(arn)),
            PrincipalKind::User(arn) => Ok(Self::User(arn)),
            PrincipalKind::Session(arn) if arn.resource.starts_with("federated-user/") => Ok(Self::FederatedUser(arn)),
            PrincipalKind::Session(arn) => Ok(Self::Session(arn)),
            _ if is_service_form(text) => Ok(Self::Service(text.to_owned())),
            PrincipalKind::Everyone => Err("`*` is everyone: ask for one caller, such as a role ARN".to_owned()),
            _ => Err(format!("`{text}` is no role, user, session or root ARN, no service, and not anonymous")),
        }
    }

    /// The caller that AWS says we are; an ARN of a kind not known here counts as a role's.
    pub(crate) fn of(identity: &Identity) -> Self {
        let arn = identity.arn.clone();
        match arn.resource.split('/').next() {
            Some("root") => Self::Root(arn),
            Some("user") => Self::User(arn),
            Some("assumed-role") => Self::Session(arn),
            Some("federated-user") => Self::FederatedUser(arn),
            _ => Self::Role(arn),
        }
    }

    /// The caller's own ARN; a service has none.
    pub fn arn(&self) -> Option<&Arn> {
        match self {
            Self::Root(arn) | Self::User(arn) | Self::Role(arn) | Self::Session(arn) | Self::FederatedUser(arn) => {
                Some(arn)
            }
            Self::Service(_) | Self::Anonymous => None,
        }
    }

    /// Returns what the caller tells of a condition key (in small letters) of its requests. Source: IAM user guide,
    /// global condition keys, "availability" of each. A role's path is lost in a session: `aws:PrincipalArn` lacks it
    /// then, but for the roles whose path is known.
    pub(crate) fn known(&self, key: &str) -> Known {
        let one = |text: &str| Known::Values(vec![text.to_owned()]);
        match (key, self) {
            (_, Self::Service(name)) => known_of_service(key, Some(name)),
            // Every ECR endpoint is HTTPS.
            ("aws:securetransport", _) => one("true"),
            // Only services act on behalf of a resource.
            ("aws:principalservicename" | "aws:principalservicenameslist", _)
            | (
                "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceorgid" | "aws:sourceorgpaths",
                Self::Root(_) | Self::User(_) | Self::Role(_) | Self::Session(_) | Self::FederatedUser(_),
            )
            | ("aws:username", Self::Root(_) | Self::Role(_) | Self::Session(_)) => Known::Absent,
            ("aws:principalisawsservice" | "aws:viaawsservice", _) => one("false"),
            ("aws:principaltype", Self::Root(_)) => one("Account"),
            ("aws:principaltype", Self::User(_)) => one("User"),
            ("aws:principaltype", Self::Role(_) | Self::Session(_)) => one("AssumedRole"),
            ("aws:principaltype", Self::FederatedUser(_)) => one("FederatedUser"),
            ("aws:username", Self::User(arn)) => one(arn.resource.rsplit('/').next().unwrap_or_default()),
            ("aws:principalaccount", _) => self.arn().map_or(Known::Absent, |arn| one(&arn.account)),
            (role_path::ROLE_KEY, Self::Session(arn)) => {
                role_path::role_of(arn).map_or(Known::Unknown, |role| one(&role.to_string()))
            }
            ("aws:principalarn", _) => self.arn().map_or(Known::Absent, |arn| one(&arn.to_string())),
            _ => Known::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::condition::{Callers, all_keys};

    #[test]
    fn what_a_caller_lacks_is_what_the_table_of_keys_says() {
        let caller = |text: &str| Caller::parse(text, Partition::Aws).unwrap();
        let service = caller("lambda.amazonaws.com");
        let people = ["111111111111", "arn:aws:iam::111111111111:user/eve", "arn:aws:iam::111111111111:role/ci"];
        for info in all_keys() {
            let key = info.name.to_ascii_lowercase();
            // Of the type of a service's principal AWS says nothing; the table has the key for everybody else.
            let may_lack = info.callers == Callers::Principals || key == "aws:principaltype";
            assert!(service.known(&key) != Known::Absent || may_lack, "{key} of a service");
            for one in people.map(caller) {
                let lacks = one.known(&key) == Known::Absent && key != "aws:username";
                assert_eq!(lacks, info.callers == Callers::Services, "{key} of {one:?}");
            }
        }
    }

    #[test]
    fn every_kind_of_caller_is_read() {
        let read = |text: &str| Caller::parse(text, Partition::China);
        assert!(matches!(read("arn:aws:iam::111111111111:root"), Ok(Caller::Root(_))));
        assert!(matches!(read("111111111111"), Ok(Caller::Root(arn)) if arn.partition == "aws-cn"));
        assert!(matches!(read("arn:aws:iam::111111111111:user/team/eve"), Ok(Caller::User(_))));
        assert!(matches!(read("arn:aws:iam::111111111111:role/ci"), Ok(Caller::Role(_))));
        assert!(matches!(read("arn:aws:sts::111111111111:assumed-role/ci/b"), Ok(Caller::Session(_))));
        assert!(matches!(read("arn:aws:sts::111111111111:federated-user/bob"), Ok(Caller::FederatedUser(_))));
        assert!(matches!(read("lambda.amazonaws.com"), Ok(Caller::Service(_))));
        assert_eq!(read("anonymous"), Ok(Caller::Anonymous));
        for text in ["", "*", "bob", "arn:aws:iam::111111111111:group/x", "Lambda.amazonaws.com", "1111", "o-a1b2"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
