//! A value that comes from somewhere else, in every state it can be in.

use crate::ecr::Failure;

/// The time for which nothing is said about waiting, in milliseconds.
pub const PATIENCE: u64 = 120;

/// The number of a request. Answers carry it; an answer whose number is no longer current is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

impl RequestId {
    /// The number of news that no request asked for.
    pub const OF_NEWS: Self = Self(0);
}

/// A value that was asked for, or not yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Remote<T> {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// Under way.
    Loading {
        /// The request whose answer counts.
        id: RequestId,
        /// The time of the request, in milliseconds of the model's clock.
        since: u64,
        /// The value known before, still shown meanwhile.
        previous: Option<T>,
    },
    /// There.
    Ready(T),
    /// It did not work.
    Failed {
        /// The reason.
        failure: Failure,
        /// The value known before.
        previous: Option<T>,
    },
}

impl<T> Remote<T> {
    /// The newest known value, also while a newer one is under way or failed to come.
    pub fn known_value(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Loading { previous, .. } | Self::Failed { previous, .. } => previous.as_ref(),
            Self::NotAsked => None,
        }
    }

    /// The failure, where the last request failed.
    pub fn last_failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed { failure, .. } => Some(failure),
            _ => None,
        }
    }

    /// Returns when the request under way was asked, where one is.
    pub fn loading_since(&self) -> Option<u64> {
        match self {
            Self::Loading { since, .. } => Some(*since),
            _ => None,
        }
    }

    /// Returns the request whose answer counts, where one is under way.
    pub fn awaited_request(&self) -> Option<RequestId> {
        match self {
            Self::Loading { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// Tells whether this is the request whose answer counts.
    pub fn is_awaiting(&self, answered: RequestId) -> bool {
        matches!(self, Self::Loading { id, .. } if *id == answered)
    }

    /// Goes to `Loading`, keeping what is known.
    pub fn begin_request(&mut self, id: RequestId, since: u64) {
        let previous = self.take_value();
        *self = Self::Loading { id, since, previous };
    }

    /// Takes the answer of the current request; a late one of another request changes nothing and gives `false`.
    pub fn take_answer(&mut self, id: RequestId, result: Result<T, Failure>) -> bool {
        if !self.is_awaiting(id) {
            return false;
        }
        *self = match result {
            Ok(value) => Self::Ready(value),
            Err(failure) => Self::Failed { failure, previous: self.take_value() },
        };
        true
    }

    /// Gives up the request under way, where one is, and keeps what is known. Returns its number: nobody waits for it any more.
    pub fn give_up(&mut self) -> Option<RequestId> {
        let id = self.awaited_request()?;
        *self = self.take_value().map_or(Self::NotAsked, Self::Ready);
        Some(id)
    }

    fn take_value(&mut self) -> Option<T> {
        match std::mem::take(self) {
            Self::Ready(value) => Some(value),
            Self::Loading { previous, .. } | Self::Failed { previous, .. } => previous,
            Self::NotAsked => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::FailureKind;

    #[test]
    fn a_late_answer_is_dropped() {
        let mut remote = Remote::NotAsked;
        remote.begin_request(RequestId(1), 0);
        remote.begin_request(RequestId(2), 5);
        assert!(!remote.take_answer(RequestId(1), Ok("late")));
        assert_eq!(remote.known_value(), None);
        assert!(remote.take_answer(RequestId(2), Ok("current")));
        assert_eq!(remote.known_value(), Some(&"current"));
    }

    #[test]
    fn a_refresh_that_fails_keeps_what_was_known() {
        let mut remote = Remote::Ready(7);
        remote.begin_request(RequestId(1), 0);
        assert_eq!(remote.known_value(), Some(&7));
        assert!(remote.take_answer(RequestId(1), Err(Failure::new(FailureKind::Offline, "no network", "try again"))));
        assert_eq!(remote.known_value(), Some(&7));
        assert!(remote.last_failure().is_some());
    }
}
