//! The failure of a task that ended by a defect of this program.

use crate::ecr::{Failure, FailureKind};

/// Returns the failure of a task that nobody stopped.
pub(super) fn task_defect() -> Failure {
    Failure::new(
        FailureKind::Defect,
        "this program has a defect: the request ended inside of it",
        "try again; start with --log-file FILE and report what it says",
    )
}
