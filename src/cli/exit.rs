//! Exit codes: the one place that maps outcomes and failures to them.

use std::process::ExitCode;

use crate::ecr::{Failure, FailureKind};
use crate::plan::{Outcome, Verdict};

/// The end of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done, nothing to do, or answered No.
    Done,
    /// Findings.
    Findings,
    /// The answer is no.
    Denied,
    /// The command line is wrong.
    Usage,
    /// Signing in did not work.
    SignIn,
    /// Refused by AWS, by our own checks or by read-only; or another failure on this side.
    Refused,
    /// The policy changed underneath.
    Changed,
    /// Some repositories failed.
    Some,
    /// The network, or the service behind it, failed; or the outcome of a write is unknown.
    Network,
    /// A signal: 1, 2 or 15.
    Signal(i32),
}

impl Exit {
    /// Returns the exit code.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings | Self::Denied => 1,
            Self::Usage => 2,
            Self::SignIn => 3,
            Self::Refused => 4,
            Self::Changed => 5,
            Self::Some => 6,
            Self::Network => 7,
            Self::Signal(number) => u8::try_from(number).map_or(255, |n| n.saturating_add(128)),
        }
    }

    /// Returns the exit of a command whose output could not be written: an error stays; any other exit becomes one.
    pub(super) fn without_output(self) -> Self {
        if matches!(self, Self::Done | Self::Findings | Self::Denied) { Self::Refused } else { self }
    }

    /// Returns the common exit of several repositories: theirs where they agree, else `Some`.
    pub(super) fn of_several(each: impl IntoIterator<Item = Self>) -> Self {
        let mut each = each.into_iter();
        let first = each.next().unwrap_or(Self::Done);
        if each.all(|exit| exit == first) { first } else { Self::Some }
    }
}

impl From<&Failure> for Exit {
    fn from(failure: &Failure) -> Self {
        match failure.kind {
            kind if kind.is_sign_in() => Self::SignIn,
            kind if kind.is_passing() => Self::Network,
            FailureKind::Tls => Self::Network,
            _ => Self::Refused,
        }
    }
}

impl From<&Outcome> for Exit {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Written { .. } | Outcome::AlreadyThere | Outcome::DryRun => Self::Done,
            Outcome::Changed { .. } | Outcome::WrittenBesideOthers { .. } | Outcome::Replaced { .. } => Self::Changed,
            Outcome::Refused(failure) => Self::from(failure),
            // Whatever the failure was: it never passes for a refusal.
            Outcome::Unknown(_) => Self::Network,
        }
    }
}

impl From<&Verdict> for Exit {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Write | Verdict::AlreadyGranted => Self::Done,
            Verdict::Unread(failure) => Self::from(failure),
            Verdict::Blocked
            | Verdict::Refused(_)
            | Verdict::LocksOut(_)
            | Verdict::TooLong(_)
            | Verdict::ReadOnly(_) => Self::Refused,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(kind: FailureKind) -> u8 {
        Exit::from(&Failure::new(kind, "x", "y")).code()
    }

    #[test]
    fn failures_have_the_documented_codes() {
        use FailureKind as K;
        for kind in [K::NoCredentials, K::SignInExpired, K::BadCredentials, K::Setup, K::MfaNeeded, K::NoRegion] {
            assert_eq!(code_of(kind), 3, "{kind:?}");
        }
        for kind in [
            K::AccessDenied,
            K::RepositoryNotFound,
            K::InvalidPolicy,
            K::PrincipalNotFound,
            K::LockOut,
            K::InvalidRequest,
            K::ReadOnly,
        ] {
            assert_eq!(code_of(kind), 4, "{kind:?}");
        }
        for kind in [K::Throttled, K::Offline, K::Timeout, K::Tls, K::Server] {
            assert_eq!(code_of(kind), 7, "{kind:?}");
        }
    }

    #[test]
    fn outcomes_have_the_documented_codes() {
        assert_eq!(Exit::from(&Outcome::DryRun).code(), 0);
        assert_eq!(Exit::from(&Outcome::AlreadyThere).code(), 0);
        for changed in [
            Outcome::Changed { now: None },
            Outcome::WrittenBesideOthers { stored: None, backup: None },
            Outcome::Replaced { now: None, backup: None },
        ] {
            assert_eq!(Exit::from(&changed).code(), 5, "{changed:?}");
        }
        for kind in [FailureKind::Timeout, FailureKind::Other, FailureKind::AccessDenied, FailureKind::Defect] {
            assert_eq!(Exit::from(&Outcome::Unknown(Failure::new(kind, "x", "y"))).code(), 7, "{kind:?}");
        }
        assert_eq!(Exit::from(&Verdict::TooLong(20_000)).code(), 4);
        for (signal, code) in [(1, 129), (2, 130), (15, 143)] {
            assert_eq!(Exit::Signal(signal).code(), code);
        }
    }

    #[test]
    fn an_output_that_was_lost_is_an_error_whatever_it_would_have_said() {
        for (exit, code) in
            [(Exit::Done, 4), (Exit::Findings, 4), (Exit::Denied, 4), (Exit::SignIn, 3), (Exit::Some, 6)]
        {
            assert_eq!(exit.without_output().code(), code, "{exit:?}");
        }
    }

    #[test]
    fn several_repositories_agree_or_some_failed() {
        assert_eq!(Exit::of_several([]), Exit::Done);
        assert_eq!(Exit::of_several([Exit::Refused, Exit::Refused]), Exit::Refused);
        assert_eq!(Exit::of_several([Exit::Done, Exit::Refused]), Exit::Some);
        assert_eq!(Exit::of_several([Exit::Network, Exit::Refused]), Exit::Some);
    }
}
