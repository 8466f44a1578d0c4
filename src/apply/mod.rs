//! The only writer: re-reads, compares, backs up, sets, reads back; home of read-only and dry-run.
//!
//! `SetRepositoryPolicy` replaces the whole document and knows no condition. So nothing in AWS stops two writers from
//! wiping each other. Only the window between AWS's answer to a read and our request can be made small. The text that
//! the change was made from is kept in a file first. Then `Registry::swap_policy` reads, compares and sets, waiting for
//! nothing in between. The outcome is the one that later reads show. A write that reads prove undone begins anew.

mod many;
mod settle;
mod stop;

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use crate::aws::{Registry, Swap, WriteTurn, is_refusal, pause_after};
use crate::ecr::{Failure, FailureKind, RepositoryRef, SourceId};
use crate::journal::{Change, PlannedWrite, PreparedWrite, SettledOutcome};
use crate::plan::ReadOnlyPatterns;
pub use crate::plan::{Outcome, Progress, Write};
use crate::policy::canonical::same_meaning;
use crate::policy::document::Policy;
use crate::policy::principal::PrincipalKind;
pub use many::{Job, JobEvent, Pool, read_many, write_many};
use settle::{Settled, find_out, read_back, somebody_elses};
pub use stop::{Stop, Stopper};

/// The flags and settings that restrict writing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gate {
    /// `--read-only`: every write is refused here.
    pub read_only: bool,
    /// `--dry-run`: everything but the write is done.
    pub dry_run: bool,
    /// The patterns of the configuration: writes to repositories that one matches are refused here.
    pub patterns: ReadOnlyPatterns,
}

impl Gate {
    /// Returns why a repository may not be written with these credentials; none: it may.
    fn find_refusal(&self, repository: &RepositoryRef, source: &SourceId) -> Option<Failure> {
        if self.read_only {
            return Some(Failure::new(
                FailureKind::ReadOnly,
                format!("Nothing was written to {}: this program runs read-only", repository.name),
                "start it without --read-only to write",
            ));
        }
        self.patterns.find_match(repository, source).map(|found| found.to_failure(repository))
    }
}

/// Something that a write waits for, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// ECR does not know a role or user that the policy names. A new one is known after some seconds.
    PrincipalNotFound {
        /// The refusal.
        failure: Failure,
        /// The time until the write is begun again.
        again_in: Duration,
    },
    /// No answer confirmed the write, and reads showed the text from before: it is begun again.
    SentAgain {
        /// The cause.
        failure: Failure,
    },
}

impl Notice {
    /// Returns the notice in words.
    pub fn in_words(&self) -> String {
        match self {
            Self::PrincipalNotFound { failure, again_in } => {
                format!("{}: it may be new, so the write is tried again in {} s", failure.what, again_in.as_secs())
            }
            Self::SentAgain { failure } => {
                format!("{}; reads show the policy from before, so the write is tried again", failure.what)
            }
        }
    }
}

/// The one who watches a write: is told of waits, and can end them.
#[derive(Clone, Copy)]
pub struct Watcher<'a> {
    /// Is told what the write waits for.
    pub tell: &'a (dyn Fn(Notice) + Send + Sync),
    /// Ends waiting. What was sent is read back all the same.
    pub stop: &'a Stop,
    /// The time for which a role or user may be unknown. Zero: the first refusal counts.
    pub patience: Duration,
}

/// The time for which a role or user may be unknown to ECR: a new one takes some seconds to be known everywhere.
pub const PRINCIPAL_PATIENCE: Duration = Duration::from_secs(30);
/// The longest pause between two tries of a policy with an unknown role or user.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// The faults in a row up to which pauses grow: reads of other repositories are answered meanwhile, or it ends soon.
const LONGEST_PAUSES: u32 = 4;
/// The most times that a policy in another layout is backed up and compared anew.
const LAYOUTS: u32 = 3;
/// The most times that one write is sent while reads prove it undone each time.
const SENDS: u32 = 8;

/// Writes one policy, or deletes it, as a part of a change of the journal. `now`: seconds since 1970-01-01 UTC, the time of
/// the write there. Nobody watches: an unknown role or user is a refusal at once.
///
/// Dropped half-way, the write may or may not have been done: read again before anything else.
pub async fn write_policy(registry: &Registry, change: &Change, gate: &Gate, write: &Write, now: i64) -> Outcome {
    let (tell, stop) = (|_| {}, Stop::never());
    let watcher = Watcher { tell: &tell, stop: &stop, patience: Duration::ZERO };
    write_watched(registry, change, gate, write, now, watcher).await
}

/// Writes as [`write_policy`] does, while somebody watches.
pub async fn write_watched(
    registry: &Registry,
    change: &Change,
    gate: &Gate,
    write: &Write,
    now: i64,
    watcher: Watcher<'_>,
) -> Outcome {
    let refusal = gate.find_refusal(&write.repository, &registry.context().source);
    if let Some(failure) = refusal.or_else(|| write.find_past_end(now)) {
        return Outcome::Refused(failure);
    }
    let reached = registry.reference_to(&write.repository.name);
    if reached != write.repository {
        return Outcome::Refused(Failure::new(
            FailureKind::Defect,
            format!("The write is meant for {}, but {reached} would be asked", write.repository),
            "nothing was written: go back to the repository, then try again",
        ));
    }
    if gate.dry_run || means_same(write.based_on.as_deref(), write.text.as_deref()) {
        return match Box::pin(registry.read_policy_now(&write.repository.name)).await {
            Ok(stored) => find_needless(write, stored).unwrap_or(Outcome::DryRun),
            Err(failure) => Outcome::Refused(failure),
        };
    }
    let attempt = Attempt {
        registry,
        change,
        write,
        now,
        watcher,
        expected: write.based_on.clone(),
        kept: None,
        was_sent: false,
        request_id: None,
        began: Instant::now(),
        faults: 0,
        layouts: 0,
        unconfirmed: Vec::new(),
        unknown_since: None,
        pause: Duration::from_secs(1),
    };
    Box::pin(attempt.run_to_outcome()).await
}

/// One write on its way to its outcome.
struct Attempt<'a> {
    registry: &'a Registry,
    change: &'a Change,
    write: &'a Write,
    now: i64,
    watcher: Watcher<'a>,
    /// The stored text, byte for byte, as the last read showed it.
    expected: Option<String>,
    /// The line of the journal that keeps it and the text that is sent.
    kept: Option<PreparedWrite>,
    /// True where a write of that line was sent that AWS did not merely put off.
    was_sent: bool,
    /// The id of AWS's answer to it.
    request_id: Option<String>,
    began: Instant,
    /// The faults that stopped the write before it was sent.
    faults: u32,
    layouts: u32,
    /// The failures of the writes that were sent and that reads then proved undone.
    unconfirmed: Vec<Failure>,
    /// The moment since which ECR does not know a role or user.
    unknown_since: Option<Instant>,
    /// The next pause before such a write is tried again.
    pause: Duration,
}

impl Attempt<'_> {
    async fn run_to_outcome(mut self) -> Outcome {
        let outcome = loop {
            if let Some(outcome) = self.try_once().await {
                break outcome;
            }
        };
        match self.kept.take() {
            Some(kept) if self.was_sent => settle_write(self.change, kept, outcome, self.request_id).await,
            kept => {
                if let Some(kept) = kept {
                    withdraw_write(self.change, kept).await;
                }
                note_unsent(self.change, self.write, outcome).await
            }
        }
    }

    /// Keeps both texts, then lets the registry compare and write, and reads back. None: begin again.
    async fn try_once(&mut self) -> Option<Outcome> {
        // On the disk before the last read: the disk may take seconds.
        if self.kept.is_none() {
            match keep_texts(self.registry, self.change, self.write, self.expected.clone(), self.now).await {
                Ok(kept) => self.kept = Some(kept),
                Err(failure) => return Some(self.end_refused(failure)),
            }
        }
        let turn = match self.wait_turn().await {
            Ok(turn) => turn,
            Err(failure) => return self.end_or_retry(failure).await,
        };
        // The answer of a person, other writes and the pace may have taken long.
        let passed = i64::try_from(self.began.elapsed().as_secs()).unwrap_or(i64::MAX);
        if let Some(failure) = self.write.find_past_end(self.now.saturating_add(passed)) {
            return Some(self.end_refused(failure));
        }
        let (write, expected) = (self.write, self.expected.as_deref());
        let swap = self.registry.swap_policy(turn, &write.repository.name, expected, write.text.as_deref()).await;
        self.note_sent(&swap);
        match swap {
            Swap::Accepted(_) => {
                Some(read_back(self.registry, write, self.expected.as_deref(), self.backup_file()).await)
            }
            Swap::Sent(failure) if !is_refusal(&failure) => self.settle_unanswered(failure).await,
            Swap::Sent(failure) if failure.kind == FailureKind::PrincipalNotFound => {
                let failure = name_principals(failure, write);
                if self.wait_for_principal(&failure).await { None } else { Some(self.end_refused(failure)) }
            }
            Swap::Sent(failure) if failure.kind != FailureKind::Throttled => {
                Some(self.end_refused(name_principals(failure, write)))
            }
            Swap::Sent(failure) | Swap::NotSent(failure) => self.end_or_retry(failure).await,
            Swap::Differs(stored) => self.take_difference(stored).await,
        }
    }

    /// Notes whether the write was sent. One that AWS puts off for its pace leaves nothing to be told.
    fn note_sent(&mut self, swap: &Swap) {
        let request_id = match swap {
            Swap::Accepted(request_id) => request_id.clone(),
            Swap::Sent(failure) if failure.kind != FailureKind::Throttled || !is_refusal(failure) => {
                find_request_id(failure)
            }
            Swap::Sent(_) | Swap::NotSent(_) | Swap::Differs(_) => return,
        };
        (self.was_sent, self.request_id) = (true, request_id);
    }

    fn backup_file(&self) -> Option<PathBuf> {
        self.kept.as_ref().map(|kept| kept.path.clone())
    }

    /// Waits for credentials and a turn in the pace, or until it is stopped.
    async fn wait_turn(&self) -> Result<WriteTurn, Failure> {
        let stopped = || {
            Failure::new(
                FailureKind::Other,
                format!("Nothing was written to {}: it was stopped before", self.write.repository.name),
                "the same command goes on with it",
            )
        };
        if self.watcher.stop.is_stopped() {
            return Err(stopped());
        }
        tokio::select! {
            turn = self.registry.wait_write_turn(self.write.text.is_none()) => turn,
            () = self.watcher.stop.wait_stopped() => Err(stopped()),
        }
    }

    /// Finds out what came of a write whose answer never came, or was not AWS's. None: it was not done, begin again.
    async fn settle_unanswered(&mut self, failure: Failure) -> Option<Outcome> {
        let expected = self.expected.as_deref();
        let is_last = self.unconfirmed.len() + 1 >= SENDS as usize || self.watcher.stop.is_stopped();
        match find_out(self.registry, self.write, expected, failure, self.backup_file(), is_last).await {
            Settled::Known(outcome) => Some(outcome),
            Settled::NotDone(failure) => {
                (self.watcher.tell)(Notice::SentAgain { failure: failure.clone() });
                self.unconfirmed.push(failure);
                None
            }
        }
    }

    /// Ends the write that was stopped before it was carried out, or waits before it is begun again. What is stored may
    /// change while we wait.
    async fn end_or_retry(&mut self, failure: Failure) -> Option<Outcome> {
        let deletes = self.write.text.is_none();
        self.faults += u32::from(failure.kind != FailureKind::Throttled);
        let is_stopped = self.watcher.stop.is_stopped();
        if is_stopped || !self.registry.is_worth_another_try(deletes, &failure, self.faults, self.began) {
            return Some(self.end_refused(failure));
        }
        // The pace itself makes a throttled write wait.
        if failure.kind != FailureKind::Throttled {
            self.sleep_unless_stopped(pause_after(self.faults.min(LONGEST_PAUSES))).await;
        }
        None
    }

    /// Waits until a role or user may be known. False: it was waited for long enough, or nobody waits any more.
    async fn wait_for_principal(&mut self, failure: &Failure) -> bool {
        let waited = self.unknown_since.get_or_insert_with(Instant::now).elapsed();
        let again_in = self.pause.min(self.watcher.patience.saturating_sub(waited));
        if again_in.is_zero() || self.watcher.stop.is_stopped() {
            return false;
        }
        (self.watcher.tell)(Notice::PrincipalNotFound { failure: failure.clone(), again_in });
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.sleep_unless_stopped(again_in).await;
        !self.watcher.stop.is_stopped()
    }

    async fn sleep_unless_stopped(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.watcher.stop.wait_stopped() => {}
        }
    }

    /// Goes on from a stored text that is not the expected one. None: it means the same, begin again.
    async fn take_difference(&mut self, stored: Option<String>) -> Option<Outcome> {
        if let Some(failure) = self.unconfirmed.last() {
            // Reads that lagged behind had shown the text from before.
            let (write, expected) = (self.write, self.expected.as_deref());
            if let Some(outcome) = settle::find_ours(write, expected, stored.clone(), self.backup_file()) {
                return Some(outcome);
            }
            if !means_same(stored.as_deref(), write.based_on.as_deref()) {
                return Some(somebody_elses(write, failure.clone(), self.backup_file().as_deref()));
            }
        } else if let Some(outcome) = find_needless(self.write, stored.clone()) {
            return Some(outcome);
        }
        // The same policy in another layout: its bytes are kept too.
        self.layouts += 1;
        if self.layouts < LAYOUTS {
            self.leave_line().await;
            self.expected = stored;
            return None;
        }
        Some(self.end_refused(Failure::new(
            FailureKind::Other,
            format!(
                "The policy of {} comes in another layout at each read, so that it cannot be compared",
                self.write.repository.name
            ),
            "nothing was written: try again",
        )))
    }

    /// Ends the present line of the journal, since another one takes its place.
    async fn leave_line(&mut self) {
        let Some(kept) = self.kept.take() else { return };
        match self.unconfirmed.last() {
            Some(failure) if self.was_sent => {
                let outcome = Outcome::Unknown(failure.clone());
                settle_write(self.change, kept, outcome, self.request_id.take()).await;
            }
            _ => withdraw_write(self.change, kept).await,
        }
        self.was_sent = false;
    }

    /// Returns the refusal. What was sent before it, and proved undone, leaves a doubt.
    fn end_refused(&self, failure: Failure) -> Outcome {
        match self.unconfirmed.last() {
            None => Outcome::Refused(failure),
            Some(sent) => Outcome::Unknown(Failure {
                what: format!("{}; then: {}", sent.what, failure.what),
                next: settle::next_words("AWS shows the old policy so far", self.backup_file().as_deref()),
                ..failure
            }),
        }
    }
}

/// Returns the outcome of a text that needs no write or must not be written. The stored text means the same already, or
/// is another one than the change was made from. None: the write may go on.
fn find_needless(write: &Write, stored: Option<String>) -> Option<Outcome> {
    if means_same(stored.as_deref(), write.text.as_deref()) {
        return Some(Outcome::AlreadyThere);
    }
    (!means_same(stored.as_deref(), write.based_on.as_deref())).then_some(Outcome::Changed { now: stored })
}

/// Lets the journal work on a thread where waiting for the disk blocks nobody.
async fn in_journal<T: Send + 'static>(change: &Change, work: impl FnOnce(&Change) -> T + Send + 'static) -> Option<T> {
    let change = change.clone();
    tokio::task::spawn_blocking(move || work(&change)).await.ok()
}

/// Notes the outcome of a write that was sent. Passes it on.
async fn settle_write(change: &Change, kept: PreparedWrite, outcome: Outcome, request_id: Option<String>) -> Outcome {
    let settled = SettledOutcome { request_id, ..settled_outcome(&outcome) };
    in_journal(change, move |change| change.settle_write(&kept, settled)).await;
    outcome
}

/// Notes that a write was not sent.
async fn withdraw_write(change: &Change, kept: PreparedWrite) {
    in_journal(change, move |change| change.withdraw_write(&kept)).await;
}

/// Notes the outcome of a repository that nothing was sent for. Passes it on.
async fn note_unsent(change: &Change, write: &Write, outcome: Outcome) -> Outcome {
    let (repository, settled) = (write.repository.clone(), settled_outcome(&outcome));
    in_journal(change, move |change| change.note_unsent(&repository, settled)).await;
    outcome
}

fn settled_outcome(outcome: &Outcome) -> SettledOutcome {
    let words = outcome.failure().map(|failure| failure.what.clone());
    SettledOutcome { name: outcome.name().to_owned(), request_id: None, words }
}

fn find_request_id(failure: &Failure) -> Option<String> {
    failure.aws.as_ref().and_then(|aws| aws.request_id.clone())
}

/// Names the roles and users that ECR may mean by `Principal not found`: those that this write brings in, or all of the
/// text when it brings in none.
fn name_principals(failure: Failure, write: &Write) -> Failure {
    if failure.kind != FailureKind::PrincipalNotFound {
        return failure;
    }
    let named = |text: &Option<String>| -> Vec<String> {
        let policy = text.as_deref().and_then(|text| Policy::read(text).ok());
        let entries = policy.into_iter().flat_map(|policy| policy.statements).flat_map(|s| s.principals.entries);
        entries
            .filter(|p| matches!(p.kind, PrincipalKind::Role(_) | PrincipalKind::User(_) | PrincipalKind::Session(_)))
            .map(|p| p.text)
            .collect()
    };
    let (before, mut after) = (named(&write.based_on), named(&write.text));
    after.dedup();
    let new: Vec<String> = after.iter().filter(|arn| !before.contains(arn)).cloned().collect();
    let suspects = if new.is_empty() { after } else { new };
    if suspects.is_empty() {
        return failure;
    }
    Failure { what: format!("{}: {}", failure.what, suspects.join(", ")), ..failure }
}

/// Keeps the stored text and the one that is sent.
async fn keep_texts(
    registry: &Registry,
    change: &Change,
    write: &Write,
    stored: Option<String>,
    now: i64,
) -> Result<PreparedWrite, Failure> {
    let planned = PlannedWrite {
        repository: write.repository.clone(),
        endpoint: registry.endpoint().map(str::to_owned),
        caller: registry.known_caller().await,
        old: stored,
        new: write.text.clone(),
        when: now,
    };
    in_journal(change, move |change| change.prepare_write(&planned)).await.unwrap_or_else(|| {
        Err(Failure::new(
            FailureKind::Defect,
            format!("The policy of {} could not be kept in a file", write.repository.name),
            "nothing was written: please report this",
        ))
    })
}

/// Tells whether two stored policies mean the same; a missing policy equals only a missing one.
fn means_same(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same_meaning(a, b),
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_equals_none_alone() {
        assert!(means_same(None, None));
        assert!(means_same(Some("{}"), Some("{}")));
        assert!(!means_same(None, Some("{}")));
        assert!(!means_same(Some(""), None));
    }
}
