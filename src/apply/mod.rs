//! The only writer: re-reads, compares, backs up, sets, reads back; home of read-only and dry-run.
//!
//! `SetRepositoryPolicy` replaces the whole document and knows no condition. So nothing in AWS stops two writers from
//! wiping each other. Only the window between AWS's answer to a read and our request can be made small. The text that
//! the change was made from is kept in a file first. Then `Registry::swap_policy` reads, compares and sets, waiting for
//! nothing in between. The outcome is the one that later reads show.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::aws::{Registry, Swap, is_refusal, pause_after};
use crate::ecr::{Failure, FailureKind};
use crate::journal::{Change, PlannedWrite, PreparedWrite, SettledOutcome};
pub use crate::plan::{Outcome, Write};
use crate::policy::canonical::{same_access, same_meaning};
use crate::policy::document::{Policy, Statement};
use crate::policy::principal::PrincipalKind;

/// The flags that restrict writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gate {
    /// `--read-only`: every write is refused here.
    pub read_only: bool,
    /// `--dry-run`: everything but the write is done.
    pub dry_run: bool,
}

/// The most times that a write is begun while AWS asks to slow down. Each time everything is read and compared anew.
const TRIES: u32 = 5;
/// The most times that a policy in another layout is backed up and compared anew.
const LAYOUTS: u32 = 3;
/// The most reads after a write: they may lag behind it by a moment.
const READS: u32 = 4;

/// Writes one policy, or deletes it, as a part of a change of the journal. `now`: seconds since 1970-01-01 UTC, the time of
/// the write there.
///
/// Dropped half-way, the write may or may not have been done: read again before anything else.
pub async fn write_policy(registry: &Registry, change: &Change, gate: Gate, write: &Write, now: i64) -> Outcome {
    if gate.read_only {
        return Outcome::Refused(Failure::new(
            FailureKind::ReadOnly,
            format!("Nothing was written to {}: this program runs read-only", write.repository.name),
            "start it without --read-only to write",
        ));
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
    let mut tries = 1;
    loop {
        // Nothing was sent that writes, or AWS refused it for its pace: what is stored may have changed while we wait.
        match Box::pin(write_once(registry, change, write, now)).await {
            Ok(outcome) => return outcome,
            Err(failure) if tries < max_tries(failure.kind) => {
                tokio::time::sleep(pause_after(tries + 1)).await;
                tries += 1;
            }
            Err(failure) => return note_unsent(change, write, Outcome::Refused(failure)).await,
        }
    }
}

/// Returns the most times that a write is begun, by the failure that stopped it before it was sent.
fn max_tries(kind: FailureKind) -> u32 {
    match kind {
        FailureKind::Throttled => TRIES,
        FailureKind::Server | FailureKind::Offline => 3,
        _ => 1,
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

/// Keeps both texts, then lets the registry compare and write. `Err`: nothing was written, and it may be tried again.
async fn write_once(registry: &Registry, change: &Change, write: &Write, now: i64) -> Result<Outcome, Failure> {
    let name = &write.repository.name;
    // On the disk before the last read: the disk may take seconds.
    let mut expected = write.based_on.clone();
    for _ in 0..LAYOUTS {
        let kept = match keep_texts(registry, change, write, expected.clone(), now).await {
            Ok(kept) => kept,
            Err(failure) => return Ok(note_unsent(change, write, Outcome::Refused(failure)).await),
        };
        let backup = kept.path.clone();
        match registry.swap_policy(name, expected.as_deref(), write.text.as_deref()).await {
            Swap::Accepted(request_id) => {
                let outcome = read_back(registry, write, expected.as_deref(), backup).await;
                return Ok(settle_write(change, kept, outcome, request_id).await);
            }
            Swap::Sent(failure) if !is_refusal(&failure) => {
                let request_id = find_request_id(&failure);
                let outcome = find_out(registry, write, expected.as_deref(), failure, backup).await;
                return Ok(settle_write(change, kept, outcome, request_id).await);
            }
            Swap::Sent(failure) if failure.kind != FailureKind::Throttled => {
                let request_id = find_request_id(&failure);
                let outcome = Outcome::Refused(name_principals(failure, write));
                return Ok(settle_write(change, kept, outcome, request_id).await);
            }
            Swap::Sent(failure) | Swap::NotSent(failure) => {
                withdraw_write(change, kept).await;
                return Err(failure);
            }
            Swap::Differs(stored) => {
                withdraw_write(change, kept).await;
                if let Some(outcome) = find_needless(write, stored.clone()) {
                    return Ok(note_unsent(change, write, outcome).await);
                }
                // The same policy in another layout: its bytes are kept too.
                expected = stored;
            }
        }
    }
    Err(Failure::new(
        FailureKind::Other,
        format!("The policy of {name} comes in another layout at each read, so that it cannot be compared"),
        "nothing was written: try again",
    ))
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

/// The result of the reads after a write.
enum Seen {
    /// The text that was sent, by meaning.
    Ours(Option<String>),
    /// All statements that were sent, and others beside them.
    Beside(Option<String>),
    /// The text from before the write, until the last read.
    Before,
    /// Another text, until the last read.
    Other(Option<String>),
    /// No text: the last read failed.
    Nothing(Failure),
}

/// Reads until the text that was sent is seen; reads may lag behind a write by a moment.
async fn read_until_seen(registry: &Registry, write: &Write, before: Option<&str>) -> Seen {
    let mut read = 1;
    loop {
        let seen = match Box::pin(registry.read_policy_now(&write.repository.name)).await {
            Ok(now) if means_same(now.as_deref(), write.text.as_deref()) => return Seen::Ours(now),
            Ok(now) if is_beside_others(before, write.text.as_deref(), now.as_deref()) => return Seen::Beside(now),
            Ok(now) if means_same(now.as_deref(), before) => Seen::Before,
            Ok(now) => Seen::Other(now),
            Err(failure) => return Seen::Nothing(failure),
        };
        if read == READS {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(150 * u64::from(read))).await;
        read += 1;
    }
}

/// Finds the outcome of a write that AWS accepted, by reading it back.
async fn read_back(registry: &Registry, write: &Write, before: Option<&str>, backup: PathBuf) -> Outcome {
    let name = &write.repository.name;
    let unknown = |kind, what: String, backup: &Path| {
        let next = format!("read it again; the text from before is in {}", backup.display());
        Outcome::Unknown(Failure::new(kind, what, next))
    };
    match read_until_seen(registry, write, before).await {
        Seen::Ours(stored) => Outcome::Written { stored, backup: Some(backup) },
        Seen::Beside(stored) => Outcome::WrittenBesideOthers { stored, backup: Some(backup) },
        Seen::Other(now) => Outcome::Replaced { now, backup: Some(backup) },
        Seen::Before => unknown(
            FailureKind::Other,
            format!(
                "AWS accepted the policy of {name}, but still shows the one from before: somebody may have put it back"
            ),
            &backup,
        ),
        Seen::Nothing(failure) => unknown(
            failure.kind,
            format!("AWS accepted the policy of {name}, but it could not be read back: {}", failure.what),
            &backup,
        ),
    }
}

/// Finds the outcome of a write whose answer never came, or was not AWS's.
async fn find_out(
    registry: &Registry,
    write: &Write,
    before: Option<&str>,
    failure: Failure,
    backup: PathBuf,
) -> Outcome {
    let state = match read_until_seen(registry, write, before).await {
        Seen::Ours(stored) => return Outcome::Written { stored, backup: Some(backup) },
        Seen::Beside(stored) => return Outcome::WrittenBesideOthers { stored, backup: Some(backup) },
        // Not a refusal: what was sent may still be carried out.
        Seen::Before => "AWS shows the old policy so far",
        Seen::Other(_) => "somebody else's policy is stored now",
        Seen::Nothing(_) => "nobody knows whether it was written",
    };
    Outcome::Unknown(Failure {
        next: format!("{state}: read it again; the text from before is in {}", backup.display()),
        what: format!("{} (after the policy of {} was sent)", failure.what, write.repository.name),
        ..failure
    })
}

/// Tells whether a text holds every statement that was sent, and none that the write removed.
fn is_beside_others(before: Option<&str>, sent: Option<&str>, now: Option<&str>) -> bool {
    let statements = |text: Option<&str>| -> Option<Vec<Statement>> {
        text.map_or(Some(Vec::new()), |text| Policy::read(text).ok().map(|policy| policy.statements))
    };
    let (Some(before), Some(sent), Some(now)) = (statements(before), statements(sent), statements(now)) else {
        return false;
    };
    let is_in = |list: &[Statement], statement: &Statement| list.iter().any(|other| same_access(other, statement));
    sent.iter().all(|statement| is_in(&now, statement))
        && now.iter().all(|statement| is_in(&sent, statement) || !is_in(&before, statement))
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

    #[test]
    fn only_what_holds_all_that_was_sent_and_nothing_that_was_taken_away_is_ours_beside_others() {
        let policy = |ids: &[&str]| {
            let statement = |id: &&str| {
                format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{id}"}},"Action":"ecr:BatchGetImage"}}"#)
            };
            let all: Vec<String> = ids.iter().map(statement).collect();
            format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","))
        };
        let (a, b, c) = ("111111111111", "222222222222", "333333333333");
        let beside = |before: &[&str], sent: &[&str], now: &[&str]| {
            is_beside_others(Some(&policy(before)), Some(&policy(sent)), Some(&policy(now)))
        };
        assert!(beside(&[a], &[a, b], &[a, b, c]), "added behind ours");
        assert!(beside(&[a], &[a, b], &[c, b, a]), "the order does not count");
        assert!(!beside(&[a], &[a, b], &[a, c]), "ours is not there");
        assert!(!beside(&[a, b], &[a], &[a, b]), "what was taken away is back");
        assert!(!beside(&[a, b], &[a], &[a, b, c]), "what was taken away is back beside another's");
        assert!(is_beside_others(Some(&policy(&[a])), None, Some(&policy(&[c]))), "deleted, then begun anew");
        assert!(!is_beside_others(Some(&policy(&[a])), None, Some(&policy(&[a, c]))));
        assert!(!is_beside_others(None, Some(&policy(&[a])), None));
        assert!(!is_beside_others(None, Some(&policy(&[a])), Some("no policy")));
    }
}
