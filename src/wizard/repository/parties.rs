//! The known parties of the review on the screen: those that somebody named, and the accounts that it covers.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ecr::AccountId;
use crate::review::KnownParties;

/// The accounts that the list covers, told apart without looking at each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coverage {
    /// That of the sign-in.
    Own(Option<AccountId>),
    /// The accounts of several registries.
    Several {
        /// The number of registries.
        registries: usize,
        /// Tells whether no sign-in is awaited.
        are_all_signed_in: bool,
    },
}

/// The known parties, as they were last.
#[derive(Debug, Default)]
pub struct ReviewParties {
    coverage: Option<Coverage>,
    accounts: BTreeSet<AccountId>,
    known: Option<Arc<KnownParties>>,
}

impl ReviewParties {
    /// Returns the known parties; none: nobody said who is known.
    pub(super) fn known(&self) -> Option<&Arc<KnownParties>> {
        self.known.as_ref()
    }

    /// Tells whether these accounts were taken last.
    pub(super) fn has_coverage(&self, coverage: &Coverage) -> bool {
        self.coverage.as_ref() == Some(coverage)
    }

    /// Takes the accounts that the list covers beside the parties that somebody named. True: others are known than before.
    pub(super) fn take_accounts(
        &mut self,
        named: &KnownParties,
        coverage: Coverage,
        mut accounts: BTreeSet<AccountId>,
    ) -> bool {
        if matches!(coverage, Coverage::Several { are_all_signed_in: false, .. }) {
            // Accounts that sign in again are no strangers meanwhile.
            accounts.extend(self.accounts.iter().cloned());
        }
        self.coverage = Some(coverage);
        if self.known.is_some() && self.accounts == accounts {
            return false;
        }
        let mut known = named.clone();
        for account in &accounts {
            known.add_account(account.clone());
        }
        (self.known, self.accounts) = (Some(Arc::new(known)), accounts);
        true
    }
}
