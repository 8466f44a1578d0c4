//! One repository on its way through a command that writes.

use crate::cli::exit::Exit;
use crate::cli::session::CommandTarget;
use crate::ecr::Failure;
use crate::plan::{Outcome, Planned, Removal};

/// One repository on its way through the command.
pub(in crate::cli) struct RepositoryRun {
    /// The repository, and the registry to ask.
    pub(in crate::cli) place: CommandTarget,
    /// The failure of the reading: there is no plan then.
    pub(in crate::cli) unread: Option<Failure>,
    /// The plan, the last one where the policy changed underneath.
    pub(in crate::cli) planned: Option<Planned>,
    /// The outcome of its write; none: nothing was sent.
    pub(in crate::cli) outcome: Option<Outcome>,
}

impl RepositoryRun {
    /// Returns the repository's name.
    pub(super) fn repository_name(&self) -> &str {
        self.place.repository.name.as_str()
    }

    /// Tells whether a read showed the new text.
    pub(super) fn is_written(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.seen_text().is_some())
    }

    /// Tells whether a revoke is done as far as it goes, and a statement without conditions lets a grantee in all the same.
    fn is_incomplete(&self) -> bool {
        self.planned.as_ref().and_then(|planned| planned.removal.as_ref()).is_some_and(Removal::is_incomplete)
    }

    /// Returns the exit that this repository alone would give.
    pub(super) fn exit_status(&self) -> Exit {
        match (&self.unread, &self.outcome, &self.planned) {
            (Some(failure), ..) => Exit::from(failure),
            // What is surely denied is not granted, whatever was written.
            (None, Some(Outcome::Written { .. } | Outcome::AlreadyThere), Some(planned)) if planned.is_denied() => {
                Exit::Refused
            }
            (None, None, Some(planned)) if planned.is_denied() && !planned.will_write() => Exit::Refused,
            (None, Some(Outcome::Written { .. } | Outcome::AlreadyThere), _) if self.is_incomplete() => Exit::Refused,
            (None, Some(outcome), _) => Exit::from(outcome),
            // Confirmed, and never begun.
            (None, None, Some(planned)) if planned.will_write() => Exit::Refused,
            (None, None, Some(_)) if self.is_incomplete() => Exit::Refused,
            (None, None, Some(planned)) => Exit::from(&planned.verdict),
            (None, None, None) => Exit::Refused,
        }
    }
}
