//! The accounts, organizations and services that somebody vouched for.

use std::collections::BTreeSet;

use super::finding::{ReviewFinding, UNKNOWN_ACCOUNT};
use super::grantee_access::GranteeAccess;
use crate::ecr::{AccountId, Arn, Grantee};
use crate::policy::explain::actions_words;
use crate::policy::{Condition, Who};

/// The condition keys that name the account on whose behalf a service calls, in small letters.
const SOURCE_KEYS: [&str; 2] = ["aws:sourceaccount", "aws:sourcearn"];

/// The known parties. Whoever belongs to a known account or organization is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownParties {
    accounts: BTreeSet<AccountId>,
    organizations: BTreeSet<String>,
    others: BTreeSet<Grantee>,
}

impl KnownParties {
    /// Adds a party.
    pub fn add_grantee(&mut self, grantee: Grantee) {
        match grantee {
            Grantee::Account { id, .. } => {
                self.accounts.insert(id);
            }
            Grantee::Organization(id) => {
                self.organizations.insert(id);
            }
            other => {
                self.others.insert(other);
            }
        }
    }

    /// Adds an account.
    pub fn add_account(&mut self, id: AccountId) {
        self.accounts.insert(id);
    }

    /// Tells whether a party is known. Everyone is a finding of its own, and a deleted principal is nobody.
    pub fn is_known(&self, who: &Who) -> bool {
        let of_organization = |text: &str| self.organizations.contains(text.split('/').next().unwrap_or_default());
        match who {
            Who::Everyone | Who::Orphan(_) | Who::Other(_) | Who::Service(_) => true,
            Who::Organization(id) => of_organization(id),
            Who::OrgUnit(path) => {
                let path = path.trim_end_matches('*');
                of_organization(path) || self.others.contains(&Grantee::OrgUnit(path.to_owned()))
            }
            Who::Account(id) => self.accounts.contains(id),
            Who::Role(arn) => self.has_principal(arn, Grantee::Role),
            Who::User(arn) => self.has_principal(arn, Grantee::User),
            Who::Session(arn) => self.has_principal(arn, Grantee::Session),
        }
    }

    fn has_principal(&self, arn: &Arn, grantee: impl Fn(Arn) -> Grantee) -> bool {
        arn.account_id().is_some_and(|id| self.accounts.contains(&id)) || self.others.contains(&grantee(arn.clone()))
    }

    /// Finds the accesses of parties that are not known, and of services on behalf of accounts that are not.
    pub(super) fn find_unknown(&self, accesses: &[GranteeAccess]) -> Vec<ReviewFinding> {
        let mut findings = Vec::new();
        for access in accesses.iter().filter(|access| access.is_outside()) {
            let mut tell = |words: String| {
                let message = format!("{words}: {}", actions_words(&access.actions));
                let found = ReviewFinding::of_rule(&UNKNOWN_ACCOUNT, message, access.statements.first().copied());
                findings.push(ReviewFinding { grantee: Some(access.who.id()), ..found });
            };
            if !self.is_known(&access.who) {
                tell(format!("{} is not known", access.who.words()));
            }
            if matches!(access.who, Who::Service(_)) {
                let unknown =
                    access.conditions.iter().flat_map(source_accounts).filter(|id| !self.accounts.contains(id));
                for id in unknown.collect::<BTreeSet<AccountId>>() {
                    tell(format!("{} on behalf of account {id}, which is not known", access.who.words()));
                }
            }
        }
        findings
    }
}

/// Returns the accounts on whose behalf a condition lets a service call.
pub(super) fn source_accounts(condition: &Condition) -> impl Iterator<Item = AccountId> + '_ {
    let key = condition.key.to_ascii_lowercase();
    let is_source = SOURCE_KEYS.contains(&key.as_str()) && !condition.operator.contains("Not");
    condition
        .values
        .iter()
        .filter(move |_| is_source)
        .filter_map(|value| AccountId::parse(value).ok().or_else(|| Arn::parse(value).and_then(|arn| arn.account_id())))
}
