//! The write: replaces one text by another, with nothing of ours between the last read and the request that writes.

use std::pin::Pin;

use aws_sdk_ecr::config;
use aws_types::request_id::RequestId;
use tokio::time::{Duration, Instant};

use super::{Registry, none_for};
use crate::aws::errors::from_sdk;
use crate::ecr::{Failure, FailureKind, RepositoryName};

/// The age above which a read is repeated, because it tells too little of the stored text.
const FRESH: Duration = Duration::from_secs(1);
const READ: &str = "GetRepositoryPolicy";
/// The most times that the last read is sent, on a line where each read takes longer than that.
const READS: u32 = 3;

/// The outcome of replacing one text by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swap {
    /// AWS accepted the write, in an answer with this id. Only a read tells what is stored now.
    Accepted(Option<String>),
    /// No write was sent: another text is stored, even if only its layout differs.
    Differs(Option<String>),
    /// No write was sent.
    NotSent(Failure),
    /// The write was sent, and no answer confirms it.
    Sent(Failure),
}

/// Everything that a write waits for: credentials, and a turn in the pace for its last read and for itself. Dropping it
/// sends nothing.
#[derive(Debug)]
pub struct WriteTurn {
    credentials: config::Builder,
}

impl Registry {
    /// Waits for what a write needs. `deletes`: it deletes the policy.
    pub async fn wait_write_turn(&self, deletes: bool) -> Result<WriteTurn, Failure> {
        let credentials = self.inner.sign_in.get_credentials().await?;
        self.inner.pace.wait_turns(&[write_operation(deletes), READ]).await?;
        Ok(WriteTurn { credentials: config::Builder::new().credentials_provider(credentials) })
    }

    /// Replaces `expected` (none: no policy) by `text` (none: deletes the policy), never with `force`.
    ///
    /// Between the last read and the write nothing is waited for. A read that was sent more than a second ago is
    /// repeated. The write is sent once.
    pub async fn swap_policy(
        &self,
        turn: WriteTurn,
        name: &RepositoryName,
        expected: Option<&str>,
        text: Option<&str>,
    ) -> Swap {
        let WriteTurn { credentials } = turn;
        let write = self.write_request(name, text, &credentials);
        let mut reads = 0;
        loop {
            let began = Instant::now();
            reads += 1;
            match self.read_stored(name, &credentials).await {
                Ok(stored) if stored.as_deref() != expected => return Swap::Differs(stored),
                Ok(_) => {}
                Err(failure) => return Swap::NotSent(failure),
            }
            if began.elapsed() <= FRESH || reads == READS {
                break;
            }
            if let Err(failure) = self.inner.pace.wait_turns(&[READ]).await {
                return Swap::NotSent(failure);
            }
        }
        let sent = Instant::now();
        let outcome = write.await;
        self.inner.pace.learn_outcome(write_operation(text.is_none()), sent, &outcome);
        match self.note_expiry(outcome).await {
            Ok(request_id) => Swap::Accepted(request_id),
            Err(failure) => Swap::Sent(failure),
        }
    }

    /// Tells whether a write is begun once more that was begun at `began` and stopped by so many faults before it was sent.
    pub fn is_worth_another_try(&self, deletes: bool, failure: &Failure, faults: u32, began: Instant) -> bool {
        match failure.kind {
            FailureKind::Throttled => !self.inner.pace.is_given_up(write_operation(deletes), began),
            // The last read had no answer: so does the next one, most likely.
            FailureKind::Timeout => false,
            kind => faults < self.inner.pace.max_tries(kind, began),
        }
    }

    /// Reads the policy once, with these credentials.
    async fn read_stored(
        &self,
        name: &RepositoryName,
        credentials: &config::Builder,
    ) -> Result<Option<String>, Failure> {
        let about = self.about_request(READ, Some(name));
        let request =
            self.inner.client.get_repository_policy().registry_id(self.owner().as_str()).repository_name(name.as_str());
        let (began, sent) = (Instant::now(), Box::pin(request.customize().config_override(credentials.clone()).send()));
        let outcome = none_for(sent.await, "RepositoryPolicyNotFoundException");
        let outcome = outcome.map_err(|error| from_sdk(&error, &about));
        self.inner.pace.learn_outcome(READ, began, &outcome);
        self.note_expiry(outcome).await?.map(|answer| self.policy_text(name, answer)).transpose()
    }

    /// Builds the request that writes or deletes, ready to be sent when it is awaited. It is boxed: the SDK's futures
    /// are 16 KB each. Its outcome is the id of AWS's answer.
    fn write_request<'a>(
        &'a self,
        name: &'a RepositoryName,
        text: Option<&str>,
        credentials: &config::Builder,
    ) -> Pin<Box<dyn Future<Output = Result<Option<String>, Failure>> + Send + 'a>> {
        let (client, owner) = (&self.inner.client, self.owner().as_str());
        if let Some(text) = text {
            let about = self.about_request(write_operation(false), Some(name));
            let request =
                client.set_repository_policy().registry_id(owner).repository_name(name.as_str()).policy_text(text);
            let sent = request.customize().config_override(credentials.clone()).send();
            return Box::pin(async move {
                let answer = sent.await.map_err(|error| from_sdk(&error, &about))?;
                self.is_about(about.operation, answer.registry_id(), Some((name, answer.repository_name())))?;
                Ok(answer.request_id().map(str::to_owned))
            });
        }
        let about = self.about_request(write_operation(true), Some(name));
        let request = client.delete_repository_policy().registry_id(owner).repository_name(name.as_str());
        let sent = request.customize().config_override(credentials.clone()).send();
        Box::pin(async move {
            // That there is none any more is what was asked for.
            let outcome = sent.await;
            let refusal_id = outcome.as_ref().err().and_then(RequestId::request_id).map(str::to_owned);
            match none_for(outcome, "RepositoryPolicyNotFoundException").map_err(|e| from_sdk(&e, &about))? {
                Some(answer) => {
                    self.is_about(about.operation, answer.registry_id(), Some((name, answer.repository_name())))?;
                    Ok(answer.request_id().map(str::to_owned))
                }
                None => Ok(refusal_id),
            }
        })
    }
}

fn write_operation(deletes: bool) -> &'static str {
    if deletes { "DeleteRepositoryPolicy" } else { "SetRepositoryPolicy" }
}

/// Tells whether a failure is AWS's own refusal of a write, so that it was surely not done: it has AWS's code and is no
/// fault of the server. A bare status, such as 403 or 504, may come from anything between AWS and us.
pub fn is_refusal(failure: &Failure) -> bool {
    failure.aws.is_some() && failure.kind != FailureKind::Server
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_of_aws_that_is_no_fault_of_the_server_refuses() {
        let failure = |kind| Failure::new(kind, "what", "next");
        for kind in [FailureKind::AccessDenied, FailureKind::InvalidPolicy, FailureKind::Throttled, FailureKind::Other]
        {
            assert!(is_refusal(&failure(kind).with_aws("Code", "words", None)), "{kind:?}");
            assert!(!is_refusal(&failure(kind)), "{kind:?} without a code may come from a proxy");
        }
        for kind in [FailureKind::Server, FailureKind::Timeout, FailureKind::Offline, FailureKind::Tls] {
            assert!(!is_refusal(&failure(kind)), "{kind:?}");
        }
        assert!(!is_refusal(&failure(FailureKind::Server).with_aws("ServerException", "words", None)));
    }
}
