//! The only writer: re-read, compare, back up, set, read back; home of read-only and dry-run.
//!
//! `SetRepositoryPolicy` replaces the whole document and knows no condition, so that nothing in AWS stops two writers
//! from wiping each other. What is left to us is a window of one request: the policy is read, compared with what the
//! change was made from, kept in a file, and set, with no other request in between.

use std::path::PathBuf;
use std::time::Duration;

use crate::aws::{Registry, chance, pause};
use crate::ecr::{Failure, FailureKind};
use crate::journal::Journal;
pub use crate::plan::{Outcome, Write};
use crate::policy::canonical::same_meaning;
use crate::policy::document::Policy;
use crate::policy::principal::PrincipalKind;

/// What may be written at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gate {
    /// `--read-only`: every write is refused here.
    pub read_only: bool,
    /// `--dry-run`: everything but the write is done.
    pub dry_run: bool,
}

/// How often AWS may ask to slow down before a write is given up; each time everything is read and compared anew.
const TRIES: u32 = 5;
/// How often the read back is tried: reads may lag behind a write by a moment.
const READS: u32 = 4;

/// Writes one policy, or deletes it. `now`: seconds since 1970-01-01 UTC, for the backup's name.
///
/// Dropped half-way, the write may or may not have been done: read again before anything else.
pub async fn write(registry: &Registry, journal: &Journal, gate: Gate, write: &Write, now: i64) -> Outcome {
    if gate.read_only {
        return Outcome::Refused(Failure::new(
            FailureKind::ReadOnly,
            format!("Nothing was written to {}: this program runs read-only", write.repository.name),
            "start it without --read-only to write",
        ));
    }
    let reached = registry.reference(&write.repository.name);
    if reached != write.repository {
        return Outcome::Refused(Failure::new(
            FailureKind::Defect,
            format!("The write is meant for {}, but {reached} would be asked", write.repository),
            "nothing was written: go back to the repository, then try again",
        ));
    }
    let mut tries = 1;
    loop {
        let outcome = Box::pin(once(registry, journal, gate, write, now)).await;
        match outcome {
            // Refused for its pace, so surely not done; and what is stored may have changed while we wait.
            Outcome::Refused(failure) if failure.kind == FailureKind::Throttled && tries < TRIES => {
                tokio::time::sleep(pause(tries + 1, chance())).await;
                tries += 1;
            }
            other => return other,
        }
    }
}

async fn once(registry: &Registry, journal: &Journal, gate: Gate, write: &Write, now: i64) -> Outcome {
    let name = &write.repository.name;
    let stored = match registry.policy_now(name).await {
        Ok(stored) => stored,
        Err(failure) => return Outcome::Refused(failure),
    };
    if same(stored.as_deref(), write.text.as_deref()) {
        return Outcome::AlreadyThere;
    }
    if !same(stored.as_deref(), write.based_on.as_deref()) {
        return Outcome::Changed { now: stored };
    }
    if gate.dry_run {
        return Outcome::DryRun;
    }
    let backup = match keep(journal, write, stored.clone(), now).await {
        Ok(path) => path,
        Err(failure) => return Outcome::Refused(failure),
    };
    let sent = match &write.text {
        Some(text) => registry.set_policy(name, text).await.map(Some),
        None => registry.delete_policy(name).await.map(|_| None),
    };
    match sent {
        Ok(answer) => read_back(registry, write, stored.as_deref(), answer, backup).await,
        Err(failure) if is_unknown(failure.kind) => find_out(registry, write, stored.as_deref(), failure, backup).await,
        Err(failure) => Outcome::Refused(name_principals(failure, write)),
    }
}

/// ECR says `Principal not found` without saying which: the roles and users that this write brings in are named, or all
/// of the text when it brings in none.
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

/// Whether a failure leaves open if the write was done. Asking to slow down does not.
fn is_unknown(kind: FailureKind) -> bool {
    kind.is_passing() && kind != FailureKind::Throttled || matches!(kind, FailureKind::Other | FailureKind::Tls)
}

/// Keeps what is stored, on a thread where waiting for the disk holds nobody up.
async fn keep(journal: &Journal, write: &Write, stored: Option<String>, now: i64) -> Result<PathBuf, Failure> {
    let (journal, repository) = (journal.clone(), write.repository.clone());
    tokio::task::spawn_blocking(move || journal.backup(&repository, stored.as_deref(), now)).await.map_err(|_| {
        Failure::new(
            FailureKind::Defect,
            format!("The policy of {} could not be kept in a file", write.repository.name),
            "nothing was written: please report this",
        )
    })?
}

/// After a write that AWS took: what is stored now?
async fn read_back(
    registry: &Registry,
    write: &Write,
    before: Option<&str>,
    answer: Option<String>,
    backup: PathBuf,
) -> Outcome {
    let took_it = same(answer.as_deref(), write.text.as_deref());
    let mut last = None;
    for read in 1..=READS {
        match registry.policy_now(&write.repository.name).await {
            Ok(now) if same(now.as_deref(), write.text.as_deref()) => {
                return Outcome::Written { stored: now, backup: Some(backup) };
            }
            Ok(now) => last = Some(now),
            Err(failure) if took_it => {
                tracing::warn!(%failure, "written, but not read back");
                break;
            }
            Err(failure) => return Outcome::Unknown(failure),
        }
        wait(read).await;
    }
    // AWS's own answer to the write counts first: reads may lag. But a third text means that somebody else wrote.
    let lags = last.as_ref().is_none_or(|now| same(now.as_deref(), before));
    if took_it && lags {
        return Outcome::Written { stored: answer, backup: Some(backup) };
    }
    Outcome::Unknown(Failure::new(
        FailureKind::Other,
        format!("The policy of {} was sent, but another one is stored now", write.repository.name),
        format!(
            "somebody may have written at the same time: read it again; the text from before is in {}",
            backup.display()
        ),
    ))
}

/// After a write whose answer never came, or was no answer: was it done?
async fn find_out(
    registry: &Registry,
    write: &Write,
    before: Option<&str>,
    failure: Failure,
    backup: PathBuf,
) -> Outcome {
    let mut unchanged = false;
    for read in 1..=READS {
        match registry.policy_now(&write.repository.name).await {
            Ok(now) if same(now.as_deref(), write.text.as_deref()) => {
                return Outcome::Written { stored: now, backup: Some(backup) };
            }
            Ok(now) => unchanged = same(now.as_deref(), before),
            Err(_) => {
                unchanged = false;
                break;
            }
        }
        wait(read).await;
    }
    // An answer, if only a fault, and the old text still there: it was not done.
    if unchanged && matches!(failure.kind, FailureKind::Server | FailureKind::Other) {
        return Outcome::Refused(failure);
    }
    let state = if unchanged { "AWS shows the old policy so far" } else { "nobody knows whether it was written" };
    Outcome::Unknown(Failure {
        next: format!("{state}: read it again; the text from before is in {}", backup.display()),
        what: format!("{} (after the policy of {} was sent)", failure.what, write.repository.name),
        ..failure
    })
}

async fn wait(read: u32) {
    if read < READS {
        tokio::time::sleep(Duration::from_millis(150 * u64::from(read))).await;
    }
}

/// Whether two stored policies mean the same; none equals none alone.
fn same(a: Option<&str>, b: Option<&str>) -> bool {
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
        assert!(same(None, None));
        assert!(same(Some("{}"), Some("{}")));
        assert!(!same(None, Some("{}")));
        assert!(!same(Some(""), None));
    }

    #[test]
    fn a_refusal_is_known_and_a_missing_answer_is_not() {
        for kind in [FailureKind::Timeout, FailureKind::Offline, FailureKind::Server, FailureKind::Tls] {
            assert!(is_unknown(kind), "{kind:?}");
        }
        for kind in [FailureKind::Throttled, FailureKind::AccessDenied, FailureKind::InvalidPolicy] {
            assert!(!is_unknown(kind), "{kind:?}");
        }
    }
}
