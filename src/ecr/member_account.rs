//! An account of an organization.

use super::AccountId;

/// An account of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberAccount {
    /// Its id.
    pub id: AccountId,
    /// Its name; empty where AWS tells none.
    pub name: String,
    /// Tells whether it can be used: a suspended or closed account cannot.
    pub is_active: bool,
}
