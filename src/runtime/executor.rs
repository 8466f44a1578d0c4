//! Carries out effects, each in a task of its own, and sends the answers back by number. Keys never wait for it.

use std::collections::HashMap;
use std::future::Future;
use std::time::{SystemTime, UNIX_EPOCH};

use super::workers::Workers;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use crate::apply::{self, Gate};
use crate::aws::{AwsAccess, RepositoryPage};
use crate::ecr::{AccountId, Context, Failure, FailureKind, RepositoryRef, Tags};
use crate::journal::{ChangeStart, Journal};
use crate::plan::{Outcome, Write};
use crate::policy::RegistryPolicy;
use crate::wizard::{Answer, Effect, RequestId};

/// Answers with their numbers, on the way to the wizard.
pub type Answers = mpsc::Sender<(RequestId, Answer)>;

/// A write that ended: its number, its repository, its outcome.
pub type EndedWrite = (RequestId, RepositoryRef, Outcome);

/// The tasks under way.
pub struct Executor {
    access: AwsAccess,
    journal: Journal,
    gate: Gate,
    answers: Answers,
    running: HashMap<RequestId, AbortHandle>,
    workers: Workers,
    writes: JoinSet<EndedWrite>,
}

impl Executor {
    /// Builds an executor that sends its answers there.
    pub fn new(access: AwsAccess, journal: Journal, gate: Gate, answers: Answers) -> Self {
        let workers = Workers::new(answers.clone());
        Self { access, journal, gate, answers, running: HashMap::new(), workers, writes: JoinSet::new() }
    }

    /// Begins an effect. Effects on the terminal and the draft are the loop's own; they do nothing here.
    pub fn begin_effect(&mut self, effect: Effect) {
        let access = self.access.clone();
        match effect {
            Effect::LoadSources(id) => {
                self.spawn_request(id, Answer::Sources, async move { access.list_sources().await });
            }
            Effect::Verify { id, source, region } => {
                self.spawn_request(id, Answer::Verified, async move {
                    access.verify_source(&source, region.as_ref()).await
                });
            }
            Effect::ListRepositories { id, context, owner } => self.list_repositories(id, context, owner),
            Effect::Describe { id, context, owner, name } => {
                self.spawn_request(id, Answer::Described, async move {
                    access.open_registry(&context, &owner).await?.describe_repository(&name).await
                });
            }
            Effect::ReadPolicy { id, context, repository } => {
                let (subject, answers) = (repository.clone(), self.answers.clone());
                self.spawn_request(id, move |read| Answer::Policy(subject, read), async move {
                    let registry = access.open_registry(&context, &repository.account).await?;
                    let stored = registry.read_policy(&repository.name).await?;
                    let around =
                        RegistryPolicy::of_read(registry.read_registry_policy().await.map_err(|failure| failure.what));
                    let RepositoryRef { account, region, .. } = repository;
                    let _ = answers.send((id, Answer::RegistryPolicy(account, region, around))).await;
                    Ok(stored)
                });
            }
            Effect::ReadTags { id, context, repository } => {
                let subject = repository.clone();
                self.spawn_request(id, move |read| Answer::Tags(subject, read), async move {
                    let registry = access.open_registry(&context, &repository.account).await?;
                    let images = registry.read_images(&repository.name, 50).await?;
                    Ok(images.into_iter().map(|image| image.tags).fold(Tags::default(), Tags::joined_with))
                });
            }
            Effect::Save { id, context, write } => self.save_policy(id, context, write),
            Effect::Compute { id, computation } => self.workers.begin_work(id, computation),
            Effect::Cancel(id) => {
                self.workers.cancel_work(id);
                if let Some(task) = self.running.remove(&id) {
                    task.abort();
                }
            }
            Effect::WriteFile { id, name, text } => {
                self.send_answer(id, Answer::FileWritten(super::files::write_here(&name, &text)));
            }
            Effect::OpenUrl { id, url } => {
                let opened = open::that_detached(&url).map_err(|error| {
                    Failure::new(
                        FailureKind::Other,
                        format!("no browser could be started ({error})"),
                        format!("open it yourself: {url}"),
                    )
                });
                self.send_answer(id, Answer::Opened(opened));
            }
            Effect::SignIn { .. }
            | Effect::EditExternally { .. }
            | Effect::Copy { .. }
            | Effect::SaveDraft { .. }
            | Effect::ForgetDraft
            | Effect::LeaveDraft
            | Effect::Suspend
            | Effect::Quit { .. } => {}
        }
    }

    /// Waits for the next write to end; `None`: there are no more. Its answer may have been taken already.
    pub async fn next_ended(&mut self) -> Option<EndedWrite> {
        loop {
            if let Ok(ended) = self.writes.join_next().await? {
                return Some(ended);
            }
        }
    }

    fn spawn_request<T: Send + 'static>(
        &mut self,
        id: RequestId,
        wrap: impl FnOnce(Result<T, Failure>) -> Answer + 'static,
        asked: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) {
        let task = tokio::spawn(asked);
        self.watch_task(id, task.abort_handle());
        let answers = self.answers.clone();
        // The asking may fail by a defect; somebody outside of it has to say so.
        tokio::task::spawn_local(async move {
            let result = match task.await {
                Ok(result) => result,
                Err(ended) if ended.is_cancelled() => return,
                Err(_) => Err(task_defect()),
            };
            let _ = answers.send((id, wrap(result))).await;
        });
    }

    fn list_repositories(&mut self, id: RequestId, context: Context, owner: AccountId) {
        let access = self.access.clone();
        let answers = self.answers.clone();
        let pages = answers.clone();
        let task = tokio::spawn(async move {
            let registry = access.open_registry(&context, &owner).await?;
            // A list that is asked for again shows what holds now.
            registry.forget_registry_policy().await;
            let mut listing = registry.list_all();
            while let Some(RepositoryPage { repositories, next }) = listing.next_page().await? {
                if pages.send((id, Answer::Page { repositories, last: next.is_none() })).await.is_err() {
                    break;
                }
            }
            Ok(())
        });
        self.watch_task(id, task.abort_handle());
        tokio::task::spawn_local(async move {
            let failure = match task.await {
                Ok(Ok(())) => return,
                Ok(Err(failure)) => failure,
                Err(ended) if ended.is_cancelled() => return,
                Err(_) => task_defect(),
            };
            let _ = answers.send((id, Answer::ListingFailed(failure))).await;
        });
    }

    /// Starts a write. It is never aborted, so it stays out of `running`.
    fn save_policy(&mut self, id: RequestId, context: Context, write: Write) {
        let (access, journal, gate) = (self.access.clone(), self.journal.clone(), self.gate.clone());
        let (answers, repository) = (self.answers.clone(), write.repository.clone());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(0));
        let task = tokio::spawn(async move {
            match access.open_registry(&context, &write.repository.account).await {
                Ok(registry) => {
                    let change = journal.begin_change(ChangeStart { planned: Some(1), ..ChangeStart::default() });
                    let outcome = apply::write_policy(&registry, &change, &gate, &write, now).await;
                    // It waits for the disk.
                    let ended = tokio::task::spawn_blocking(move || change.end_change()).await;
                    if let Ok(Err(failure)) = ended {
                        tracing::warn!(%failure, "a change of the journal was not ended");
                    }
                    outcome
                }
                Err(failure) => Outcome::Refused(failure),
            }
        });
        self.writes.spawn_local(async move {
            let outcome = task.await.unwrap_or_else(|_| Outcome::Unknown(task_defect()));
            // Nobody may be left to take the answer: the end asks here.
            tokio::task::spawn_local({
                let saved = Answer::Saved(repository.clone(), outcome.clone());
                async move { answers.send((id, saved)).await }
            });
            (id, repository, outcome)
        });
    }

    fn watch_task(&mut self, id: RequestId, task: AbortHandle) {
        self.running.retain(|_, task| !task.is_finished());
        self.running.insert(id, task);
    }

    fn send_answer(&self, id: RequestId, answer: Answer) {
        let answers = self.answers.clone();
        tokio::task::spawn_local(async move {
            let _ = answers.send((id, answer)).await;
        });
    }
}

pub(super) fn task_defect() -> Failure {
    Failure::new(
        FailureKind::Defect,
        "this program has a defect: the request ended inside of it",
        "try again; start with --log-file FILE and report what it says",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::AwsAccess;

    fn executor_in(folder: &std::path::Path) -> (Executor, mpsc::Receiver<(RequestId, Answer)>) {
        let (answers, incoming) = mpsc::channel(8);
        let gate = Gate { read_only: true, ..Gate::default() };
        let access = AwsAccess::from_environment(crate::aws::AwsOptions::default());
        (Executor::new(access, Journal::open_in(folder.to_owned()), gate, answers), incoming)
    }

    #[tokio::test]
    async fn a_panic_in_a_task_is_a_failure_on_the_screen_and_the_next_request_is_answered() {
        let folder = tempfile::tempdir().unwrap();
        let (mut executor, mut incoming) = executor_in(folder.path());
        let local = tokio::task::LocalSet::new();
        local
            .run_until(async {
                executor.spawn_request(RequestId(1), Answer::Sources, async { panic!("a defect") });
                executor.spawn_request(RequestId(2), Answer::Sources, async { Ok(Vec::new()) });
                let mut came = vec![incoming.recv().await.unwrap(), incoming.recv().await.unwrap()];
                came.sort_by_key(|(id, _)| id.0);
                let Answer::Sources(Err(failure)) = &came[0].1 else { panic!("{came:?}") };
                assert_eq!(failure.kind, FailureKind::Defect);
                assert_eq!(came[1], (RequestId(2), Answer::Sources(Ok(Vec::new()))));
            })
            .await;
    }

    #[tokio::test]
    async fn a_stopped_request_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (mut executor, mut incoming) = executor_in(folder.path());
        let local = tokio::task::LocalSet::new();
        local
            .run_until(async {
                executor.spawn_request(RequestId(1), Answer::Sources, std::future::pending());
                executor.begin_effect(Effect::Cancel(RequestId(1)));
                executor.spawn_request(RequestId(2), Answer::Sources, async { Ok(Vec::new()) });
                assert_eq!(incoming.recv().await.unwrap().0, RequestId(2));
                assert!(incoming.try_recv().is_err());
            })
            .await;
    }
}
