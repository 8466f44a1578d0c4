//! The caller, as AWS names it.

use super::{AccountId, Arn};

/// The identity of a source, from `sts:GetCallerIdentity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: AccountId,
    /// The caller's ARN, as STS wrote it.
    pub arn: Arn,
}

impl Identity {
    /// Tells whether another answer of STS names the same caller: the same account, and the same role or user. A role's
    /// session may have another name.
    pub fn is_same_caller(&self, other: &Self) -> bool {
        let stable = |identity: &Self| {
            let mut parts = identity.arn.resource.split('/');
            match (parts.next(), parts.next()) {
                (Some("assumed-role"), Some(role)) => format!("assumed-role/{role}"),
                _ => identity.arn.resource.clone(),
            }
        };
        self.account == other.account && self.arn.service == other.arn.service && stable(self) == stable(other)
    }

    /// A short name for a badge: `role Admin`, `user ana`, `root`. A role that IAM Identity Center made is named as its
    /// permission set, which is what people chose: `role Admin` for `AWSReservedSSO_Admin_0123456789abcdef`.
    pub fn short_name(&self) -> String {
        let mut parts = self.arn.resource.split('/');
        match parts.next() {
            Some("assumed-role") => {
                let role = parts.next().unwrap_or_default();
                let set = role.strip_prefix("AWSReservedSSO_").and_then(|rest| rest.rsplit_once('_'));
                format!("role {}", set.map_or(role, |(set, _)| set))
            }
            Some("user") => format!("user {}", parts.next_back().unwrap_or_default()),
            Some("root") => "root user".to_owned(),
            _ => self.arn.resource.clone(),
        }
    }
}
