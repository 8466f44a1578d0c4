//! The record of calls, for tests that count requests.

use std::collections::VecDeque;
use std::time::Instant;

/// A call that reached the service, successful or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The operation, such as `GetRepositoryPolicy`.
    pub operation: String,
    /// `repositoryName`, where the request has one.
    pub repository: Option<String>,
    /// The access key id that signed the call.
    pub key_id: String,
    /// The Region of the credential scope.
    pub region: String,
    /// True where `force` was sent.
    pub force: bool,
    /// The moment at which it reached the service.
    pub at: Instant,
    /// True where it was carried out, whether or not its answer came.
    pub carried_out: bool,
}

/// The last calls: enough for a test, and few in a long-running service.
#[derive(Debug, Default)]
pub(super) struct Calls {
    recorded: VecDeque<Call>,
}

const KEPT: usize = 50_000;

impl Calls {
    pub fn record_call(&mut self, call: Call) {
        if self.recorded.len() == KEPT {
            self.recorded.pop_front();
        }
        self.recorded.push_back(call);
    }

    pub fn all_calls(&self) -> Vec<Call> {
        self.recorded.iter().cloned().collect()
    }

    /// Notes that the call that is being answered was carried out.
    pub fn note_carried_out(&mut self) {
        if let Some(call) = self.recorded.back_mut() {
            call.carried_out = true;
        }
    }

    /// Returns the repository of the call that is being answered.
    pub fn last_repository(&self) -> Option<String> {
        self.recorded.back().and_then(|call| call.repository.clone())
    }

    pub fn forget_all(&mut self) {
        self.recorded.clear();
    }
}
