//! The state of the dialog that accepts a finding, apart from the model.

use super::form::AcceptanceForm;
use crate::ecr::RepositoryRef;
use crate::review::{Acceptance, RepositoryEntry, ReviewFinding};
use crate::wizard::Cursor;

/// The dialog.
#[derive(Debug, Clone)]
pub struct AcceptanceDialog {
    /// The repository.
    pub repository: RepositoryRef,
    /// Its findings that nobody accepted, the gravest first.
    pub findings: Vec<OpenFinding>,
    /// The chosen one.
    pub cursor: Cursor,
    /// The fields, once a finding is chosen.
    pub form: Option<AcceptanceForm>,
}

/// A finding that can be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFinding {
    /// The finding.
    pub finding: ReviewFinding,
    /// The narrowest entry that accepts it, without a reason.
    pub entry: Acceptance,
    /// The other open findings that this entry accepts too.
    pub others: usize,
}

impl AcceptanceDialog {
    /// Returns the chosen finding.
    pub fn chosen(&self) -> Option<&OpenFinding> {
        self.findings.get(self.cursor.selected)
    }
}

/// Returns the findings of a repository that nobody accepted, the gravest first. Those that one entry accepts together stand
/// there once.
pub(super) fn open_findings(entry: &RepositoryEntry) -> Vec<OpenFinding> {
    let (reference, accesses) = (&entry.reference, entry.grantees());
    let mut found: Vec<OpenFinding> = Vec::new();
    for finding in entry.open_findings() {
        let narrowest = Acceptance::narrowest(reference, finding, accesses);
        match found.iter_mut().find(|one| one.entry == narrowest) {
            Some(one) => one.others += 1,
            None => found.push(OpenFinding { finding: finding.clone(), entry: narrowest, others: 0 }),
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.finding.severity));
    found
}
