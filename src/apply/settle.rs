//! The outcome of a write that was sent, as later reads show it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Outcome, Write, means_same};
use crate::aws::Registry;
use crate::ecr::{Failure, FailureKind};
use crate::policy::canonical::same_access;
use crate::policy::document::{Policy, Statement};

/// The pauses between the reads after a write that AWS accepted: reads may lag behind it by a moment.
const UNTIL_SEEN: [u64; 7] = [150, 300, 450, 600, 900, 1_200, 1_800];
/// The pauses between the reads after a write without an answer. Four reads of the old text within a second, and a fifth
/// right before the next write, prove it undone: AWS carries out a policy at once or not at all. Were the proof wrong,
/// the same text would be stored twice, and nothing else: the next write compares like the first.
const UNTIL_PROVED: [u64; 3] = [150, 300, 450];

/// The pauses after reads that failed, in milliseconds. A read gives up sooner where nobody else's requests are answered;
/// after a write that would leave its outcome unknown for a fault that passes.
const UNTIL_READ: [u64; 4] = [300, 600, 1_200, 2_400];

/// The result of the reads after a write without an answer.
pub(super) enum Settled {
    /// It is known, or known to be unknown.
    Known(Outcome),
    /// It was not done; the failure is the write's.
    NotDone(Failure),
}

/// The result of the reads after a write.
enum Seen {
    /// All statements that were sent, and perhaps others beside them.
    Ours(Outcome),
    /// The text from before the write, until the last read.
    Before,
    /// Another text, until the last read.
    Other(Option<String>),
    /// No text: the last read failed.
    Nothing(Failure),
}

/// Returns the outcome of a stored text that holds all that was sent.
pub(super) fn find_ours(
    write: &Write,
    before: Option<&str>,
    stored: Option<String>,
    backup: Option<PathBuf>,
) -> Option<Outcome> {
    if means_same(stored.as_deref(), write.text.as_deref()) {
        return Some(Outcome::Written { stored, backup });
    }
    is_beside_others(before, write.text.as_deref(), stored.as_deref())
        .then_some(Outcome::WrittenBesideOthers { stored, backup })
}

/// Reads until the text that was sent is seen, with these pauses in milliseconds. A read that fails proves nothing and is
/// made again, within a bound; one that had no answer in time is not.
async fn read_until_seen(
    registry: &Registry,
    write: &Write,
    before: Option<&str>,
    backup: Option<&Path>,
    pauses: &[u64],
) -> Seen {
    let (mut pauses, mut unread) = (pauses.iter(), UNTIL_READ.iter());
    loop {
        let stored = match Box::pin(registry.read_policy_now(&write.repository.name)).await {
            Ok(stored) => stored,
            Err(failure) => {
                let is_passing = failure.kind.is_passing() && failure.kind != FailureKind::Timeout;
                let Some(pause) = unread.next().filter(|_| is_passing) else { return Seen::Nothing(failure) };
                tokio::time::sleep(Duration::from_millis(*pause)).await;
                continue;
            }
        };
        if let Some(outcome) = find_ours(write, before, stored.clone(), backup.map(Path::to_owned)) {
            return Seen::Ours(outcome);
        }
        let Some(pause) = pauses.next() else {
            return if means_same(stored.as_deref(), before) { Seen::Before } else { Seen::Other(stored) };
        };
        tokio::time::sleep(Duration::from_millis(*pause)).await;
    }
}

/// Finds the outcome of a write that AWS accepted, by reading it back.
pub(super) async fn read_back(
    registry: &Registry,
    write: &Write,
    before: Option<&str>,
    backup: Option<PathBuf>,
) -> Outcome {
    let name = &write.repository.name;
    let unknown = |kind, what: String, backup: Option<&Path>| {
        Outcome::Unknown(Failure::new(kind, what, backup_words("read it again", backup)))
    };
    match read_until_seen(registry, write, before, backup.as_deref(), &UNTIL_SEEN).await {
        Seen::Ours(outcome) => outcome,
        Seen::Other(now) => Outcome::Replaced { now, backup },
        Seen::Before => unknown(
            FailureKind::Other,
            format!(
                "AWS accepted the policy of {name}, but still shows the one from before: somebody may have put it back"
            ),
            backup.as_deref(),
        ),
        Seen::Nothing(failure) => unknown(
            failure.kind,
            format!("AWS accepted the policy of {name}, but it could not be read back: {}", failure.what),
            backup.as_deref(),
        ),
    }
}

/// Finds the outcome of a write whose answer never came, or was not AWS's. `is_last`: it is not sent again.
pub(super) async fn find_out(
    registry: &Registry,
    write: &Write,
    before: Option<&str>,
    failure: Failure,
    backup: Option<PathBuf>,
    is_last: bool,
) -> Settled {
    let failure = Failure {
        what: format!("{} (after the policy of {} was sent)", failure.what, write.repository.name),
        ..failure
    };
    let state = match read_until_seen(registry, write, before, backup.as_deref(), &UNTIL_PROVED).await {
        Seen::Ours(outcome) => return Settled::Known(outcome),
        Seen::Before if !is_last => return Settled::NotDone(failure),
        Seen::Before => "AWS shows the old policy so far",
        Seen::Other(_) => return Settled::Known(somebody_elses(write, failure, backup.as_deref())),
        Seen::Nothing(_) => "it may or may not be written",
    };
    Settled::Known(Outcome::Unknown(Failure { next: next_words(state, backup.as_deref()), ..failure }))
}

/// Returns the outcome of a write without an answer, where a later read shows neither its text nor the one from before.
pub(super) fn somebody_elses(write: &Write, failure: Failure, backup: Option<&Path>) -> Outcome {
    tracing::info!(repository = %write.repository, "another policy is stored after a write without an answer");
    Outcome::Unknown(Failure { next: next_words("somebody else's policy is stored now", backup), ..failure })
}

/// Returns the next step for a write of which only this state is known.
pub(super) fn next_words(state: &str, backup: Option<&Path>) -> String {
    backup_words(&format!("{state}: read it again"), backup)
}

fn backup_words(step: &str, backup: Option<&Path>) -> String {
    match backup {
        Some(path) => format!("{step}; the text from before is in {}", path.display()),
        None => step.to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
