//! The state of the dialog that accepts a finding, apart from the model.

use super::form::AcceptanceForm;
use crate::ecr::RepositoryRef;
use crate::review::{Acceptance, FindingSubject, GranteeAccess, RegistryEntry, RepositoryEntry, ReviewFinding};
use crate::wizard::{Cursor, RegistryPlace};

/// The dialog.
#[derive(Debug, Clone)]
pub struct AcceptanceDialog {
    /// The thing that they are about.
    pub subject: AcceptanceSubject,
    /// Its findings that nobody accepted, the gravest first.
    pub findings: Vec<OpenFinding>,
    /// The chosen one.
    pub cursor: Cursor,
    /// The fields, once a finding is chosen.
    pub form: Option<AcceptanceForm>,
}

/// The thing whose findings are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcceptanceSubject {
    /// A repository.
    Repository(RepositoryRef),
    /// A registry itself.
    Registry(RegistryPlace),
}

impl AcceptanceSubject {
    /// Returns its name for a heading.
    pub fn words(&self) -> String {
        match self {
            Self::Repository(repository) => repository.name.to_string(),
            Self::Registry(place) => format!("registry {} in {}", place.account, place.region),
        }
    }
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

/// The findings of a repository, or of a registry itself.
#[derive(Debug, Clone, Copy)]
pub(super) enum JudgedEntry<'e> {
    /// Of a repository.
    Repository(&'e RepositoryEntry),
    /// Of a registry.
    Registry(&'e RegistryEntry),
}

impl<'e> JudgedEntry<'e> {
    fn parts(self) -> (FindingSubject<'e>, &'e [GranteeAccess]) {
        match self {
            Self::Repository(entry) => (FindingSubject::Repository(&entry.reference), entry.grantees()),
            Self::Registry(entry) => {
                (FindingSubject::Registry(&entry.facts.account, &entry.facts.region), &entry.grants)
            }
        }
    }

    /// Returns the findings, accepted ones too.
    pub fn findings(self) -> Vec<&'e ReviewFinding> {
        match self {
            Self::Repository(entry) => entry.findings().collect(),
            Self::Registry(entry) => entry.findings.iter().collect(),
        }
    }

    /// Returns the findings that nobody accepted.
    pub fn open(self) -> Vec<&'e ReviewFinding> {
        match self {
            Self::Repository(entry) => entry.open_findings().collect(),
            Self::Registry(entry) => entry.open_findings().collect(),
        }
    }
}

/// Returns the findings that nobody accepted, the gravest first. Those that one entry accepts together stand there once.
pub(super) fn open_findings(entry: JudgedEntry<'_>) -> Vec<OpenFinding> {
    let (subject, accesses) = entry.parts();
    let mut found: Vec<OpenFinding> = Vec::new();
    for finding in entry.open() {
        let narrowest = Acceptance::narrowest(subject, finding, accesses);
        match found.iter_mut().find(|one| one.entry == narrowest) {
            Some(one) => one.others += 1,
            None => found.push(OpenFinding { finding: finding.clone(), entry: narrowest, others: 0 }),
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.finding.severity));
    found
}
