//! Principals of a statement: what kind each entry is, and when two spellings mean the same.

use super::syntax::Span;
use crate::ecr::{AccountId, Arn, Partition};

/// One entry of a `Principal` or `NotPrincipal` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Where the entry stands, quotes included.
    pub span: Span,
    /// What it is.
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
    /// What an entry under `AWS` is.
    pub fn classify_aws(text: &str) -> Self {
        Self::Malformed(text.to_owned())
    }

    /// Whether two principals are the same one: a bare account id and its root ARN are.
    pub fn same_as(&self, other: &Self) -> bool {
        self == other
    }
}
