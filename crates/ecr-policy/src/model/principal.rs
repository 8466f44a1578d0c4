//! Principals of a statement: what kind each entry is, and when two spellings mean the same.

use crate::ecr::principal::principal_arn;
use crate::ecr::{AccountId, Arn, Partition};
use crate::syntax::Span;

/// One entry of a `Principal` or `NotPrincipal` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The range of the entry, with its quotes.
    pub span: Span,
    /// The kind of principal.
    pub kind: PrincipalKind,
    /// The entry as the document has it, unescaped.
    pub text: String,
}

/// The kinds of principals.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// `*`, alone or under `AWS`: every authenticated principal.
    Everyone,
    /// A whole account, by id (no partition) or by root ARN.
    Account(AccountId, Option<Partition>),
    /// A role.
    Role(Arn),
    /// A user.
    User(Arn),
    /// A session of a role or of a federated user.
    Session(Arn),
    /// An AWS service.
    Service(String),
    /// A federated identity; grants nothing on ECR.
    Federated(String),
    /// A canonical user id; grants nothing on ECR.
    Canonical(String),
    /// The unique id that a deleted role or user leaves behind.
    Orphan(String),
    /// Nothing that AWS takes.
    Malformed(String),
}

impl PrincipalKind {
    /// The types under which entries stand in a principal element.
    pub(crate) const TYPES: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

    /// Tells whether a caller can be of this kind at all.
    pub fn can_call(&self) -> bool {
        match self {
            Self::Everyone
            | Self::Account(..)
            | Self::Role(_)
            | Self::User(_)
            | Self::Session(_)
            | Self::Service(_) => true,
            Self::Federated(_) | Self::Canonical(_) | Self::Orphan(_) | Self::Malformed(_) => false,
        }
    }

    /// Returns what an entry under `AWS` is. Source: the principal table of the IAM user guide; ECR takes no wildcard
    /// inside an ARN and no group.
    pub fn classify_aws(text: &str) -> Self {
        if text == "*" {
            return Self::Everyone;
        }
        if is_unique_id(text) {
            return Self::Orphan(text.to_owned());
        }
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            return AccountId::parse(text)
                .map_or_else(|_| Self::Malformed(text.to_owned()), |id| Self::Account(id, None));
        }
        Self::from_arn(text).unwrap_or_else(|| Self::Malformed(text.to_owned()))
    }

    fn from_arn(text: &str) -> Option<Self> {
        let arn = principal_arn(text)?;
        match arn.resource.split('/').next().unwrap_or_default() {
            "root" => Some(Self::Account(arn.account_id()?, arn.known_partition())),
            "role" => Some(Self::Role(arn)),
            "user" => Some(Self::User(arn)),
            _ => Some(Self::Session(arn)),
        }
    }

    /// Returns what an entry under another type than `AWS` is; `None` for a type that does not exist.
    pub fn classify(kind: &str, text: &str) -> Option<Self> {
        match kind {
            "AWS" => Some(Self::classify_aws(text)),
            "Service" => Some(Self::Service(text.to_owned())),
            "Federated" => Some(Self::Federated(text.to_owned())),
            "CanonicalUser" => Some(Self::Canonical(text.to_owned())),
            _ => None,
        }
    }

    /// Tells whether two principals are the same one: a bare account id and its root ARN are.
    pub fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Account(a, p), Self::Account(b, q)) => a == b && (p.is_none() || q.is_none() || p == q),
            _ => self == other,
        }
    }

    /// The account that it belongs to, where it is one account's.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account(id, _) => Some(id.clone()),
            Self::Role(arn) | Self::User(arn) | Self::Session(arn) => arn.account_id(),
            _ => None,
        }
    }
}

/// The unique ids that stand in for a role or user: `AROA`, `AIDA`, and the other prefixes of IAM.
fn is_unique_id(text: &str) -> bool {
    let prefixed = ["AROA", "AIDA", "AGPA", "AIPA", "ANPA", "ANVA", "APKA", "ASCA"].iter().any(|p| text.starts_with(p));
    prefixed && (16..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Tells whether a session ARN is one of a role's; the role's path is lost in it.
pub(crate) fn is_session_of(session: &Arn, role: &Arn) -> bool {
    let mut parts = session.resource.split('/');
    session.account == role.account
        && session.partition == role.partition
        && parts.next() == Some("assumed-role")
        && parts.next() == role.resource.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> PrincipalKind {
        PrincipalKind::classify_aws(text)
    }

    #[test]
    fn tells_the_kinds_apart() {
        assert_eq!(kind("*"), PrincipalKind::Everyone);
        assert!(matches!(kind("012345678901"), PrincipalKind::Account(_, None)));
        assert!(matches!(kind("arn:aws-cn:iam::111111111111:root"), PrincipalKind::Account(_, Some(Partition::China))));
        assert!(matches!(kind("arn:aws:iam::111111111111:role/team/ci"), PrincipalKind::Role(_)));
        assert!(matches!(kind("arn:aws:iam::111111111111:user/ana"), PrincipalKind::User(_)));
        assert!(matches!(kind("arn:aws:sts::111111111111:assumed-role/ci/run"), PrincipalKind::Session(_)));
        assert!(matches!(kind("arn:aws:sts::111111111111:federated-user/ana"), PrincipalKind::Session(_)));
        assert!(matches!(kind("AROAEXAMPLEEXAMPLEEX1"), PrincipalKind::Orphan(_)));
        assert!(matches!(kind("AIDAEXAMPLEEXAMPLEEX1"), PrincipalKind::Orphan(_)));
    }

    #[test]
    fn calls_malformed_what_aws_refuses() {
        for text in [
            "11111111111",
            "1111-1111-1111",
            "",
            " 111111111111",
            "ACCOUNT_ID",
            "arn:aws:iam::111111111111:*",
            "arn:aws:iam::111111111111:role/*",
            "arn:aws:iam::$DEV_ACCT:root",
            "arn:aws:iam::111111111111:group/dev",
            "arn:aws:iam::111111111111:instance-profile/x",
            "arn:aws:iam::111111111111:assumed-role/ci/run",
            "arn:aws:sts::111111111111:role/ci",
            "arn:aws:sts::111111111111:assumed-role/ci",
            "arn:aws:iam::111111111111:role/",
            "arn:aws:iam::111111111111:role/my role",
            "arn:aws:iam::111111111111:role/caf\u{e9}",
            "arn:aws:iam::111111111111:user/my team/ana",
            "arn:aws:sts::111111111111:assumed-role/ci//run",
            "arn:aws:sts::111111111111:assumed-role/team/ci/run",
            "arn:aws:sts::111111111111:federated-user/team/ana",
            "arn:aws:iam::111111111111:rooted",
            "arn:aws:iam:eu-west-2:111111111111:root",
            "arn:amazon:iam::111111111111:root",
            "nra:aws:iam::111111111111:root",
            "lambda.amazonaws.com",
        ] {
            assert!(matches!(kind(text), PrincipalKind::Malformed(_)), "{text}: {:?}", kind(text));
            assert!(crate::ecr::principal::principal_fault(text).is_some(), "{text}");
        }
    }

    #[test]
    fn an_id_and_its_root_arn_are_the_same_account() {
        let arn = kind("arn:aws:iam::111111111111:root");
        assert!(kind("111111111111").same_as(&arn) && arn.same_as(&kind("111111111111")));
        assert!(!arn.same_as(&kind("arn:aws-cn:iam::111111111111:root")));
        assert!(!arn.same_as(&kind("222222222222")));
        assert!(!kind("arn:aws:iam::111111111111:role/a").same_as(&kind("arn:aws:iam::111111111111:role/A")));
    }
}
