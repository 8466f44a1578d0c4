//! Carries out effects, each in a task of its own, and sends the answers back by number. Keys never wait for it.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use super::defect::task_defect;
use super::elsewhere::read_elsewhere;
use super::pace_news::PaceNews;
use super::registry_facts::{read_policy_of_registry, read_settings_of_registry};
use super::saving::{self, Save};
use super::workers::Workers;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::apply::{Gate, Stopper};
use crate::aws::{AwsAccess, Registry, RepositoryPage};
use crate::ecr::Replication;
use crate::ecr::{AccountId, Context, Failure, FailureKind, Ownership, Region, RepositoryName, RepositoryRef, Tags};
use crate::journal::Journal;
use crate::wizard::{Answer, Effect, RequestId};

/// Answers with their numbers, on the way to the wizard.
pub type Answers = mpsc::Sender<(RequestId, Answer)>;

/// The tasks under way.
pub struct Executor {
    access: AwsAccess,
    journal: Journal,
    gate: Gate,
    answers: Answers,
    running: HashMap<RequestId, AbortHandle>,
    workers: Workers,
    pace_news: PaceNews,
    /// The saves, with what stops each of them.
    saves: HashMap<RequestId, Stopper>,
}

impl Executor {
    /// Builds an executor that sends its answers there.
    pub fn new(access: AwsAccess, journal: Journal, gate: Gate, answers: Answers) -> Self {
        let (workers, pace_news) = (Workers::new(answers.clone()), PaceNews::new(answers.clone()));
        Self { access, journal, gate, answers, running: HashMap::new(), workers, pace_news, saves: HashMap::new() }
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
            Effect::ListRepositories { id, context, owner, home } => self.list_repositories(id, context, owner, home),
            Effect::Describe { id, context, owner, name } => {
                self.spawn_request(id, Answer::Described, async move {
                    access.open_registry(&context, &owner).await?.describe_repository(&name).await
                });
            }
            Effect::ReadPolicy { id, context, repository, for_write } => {
                let (subject, answers) = (repository.clone(), self.answers.clone());
                let pace_news = self.pace_news.clone();
                self.spawn_request(id, move |read| Answer::Policy(subject, read), async move {
                    let registry = registry_around(&access, &context, &repository).await?;
                    pace_news.begin_watch(&registry);
                    let (stored, ownership) = if for_write {
                        let tags = find_owner(&registry, &repository.name);
                        let (stored, ownership) = tokio::join!(registry.read_policy(&repository.name), tags);
                        (stored?, Some(ownership))
                    } else {
                        (registry.read_policy(&repository.name).await?, None)
                    };
                    let around = read_policy_of_registry(&registry).await.told_policy();
                    if let Some(ownership) = ownership {
                        let _ = answers.send((id, Answer::Ownership(repository.clone(), ownership))).await;
                    }
                    let RepositoryRef { account, region, .. } = repository;
                    let _ = answers.send((id, Answer::RegistryPolicy(account, region, around))).await;
                    Ok(stored)
                });
            }
            Effect::ReadElsewhere { id, origin, context } => {
                let answers = self.answers.clone();
                let task =
                    tokio::spawn(read_elsewhere(access, origin, context, saving::unix_time(), (id, answers.clone())));
                self.watch_task(id, task.abort_handle());
                tokio::task::spawn_local(async move {
                    if task.await.is_err_and(|ended| !ended.is_cancelled()) {
                        let _ = answers.send((id, Answer::Elsewhere { read: Err(task_defect()), is_last: true })).await;
                    }
                });
            }
            Effect::ListMembers { id, context } => {
                self.spawn_request(id, Answer::Members, async move {
                    access.open_members(&context).await?.list_accounts().await
                });
            }
            Effect::ReadRegistry { id, context, owner } => {
                let wrap = |read: Result<_, Failure>| Answer::RegistryRead(read.map(Box::new));
                self.spawn_request(id, wrap, async move {
                    let registry = access.open_registry(&context, &owner).await?;
                    let facts = read_policy_of_registry(&registry).await;
                    Ok(read_settings_of_registry(&registry, facts).await)
                });
            }
            Effect::ReadReplication { id, context, owner } => {
                let (account, region) = (owner.clone(), context.region.clone());
                let wrap = move |read: Result<_, Failure>| {
                    Answer::Replication(account, region, Replication::of_read(read.map_err(|failure| failure.what)))
                };
                self.spawn_request(id, wrap, async move {
                    access.open_registry(&context, &owner).await?.read_replication().await
                });
            }
            Effect::ReadTags { id, context, repository } => {
                let subject = repository.clone();
                self.spawn_request(id, move |read| Answer::Tags(subject, read), async move {
                    let registry = registry_around(&access, &context, &repository).await?;
                    let images = registry.read_images(&repository.name, 50).await?;
                    Ok(images.into_iter().map(|image| image.tags).fold(Tags::default(), Tags::joined_with))
                });
            }
            Effect::Save { id, context, writes, undoes } => {
                let (stopper, stop) = Stopper::new();
                self.saves.insert(id, stopper);
                let (journal, gate) = (self.journal.clone(), self.gate.clone());
                let pace_news = self.pace_news.clone();
                let save = Save { access, journal, gate, context, writes, undoes, stop, pace_news };
                saving::begin_save(id, save, self.answers.clone());
            }
            Effect::StopSave(id) => {
                if let Some(stopper) = self.saves.get(&id) {
                    stopper.stop_work();
                }
            }
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
            Effect::ReadAccepted { id, path } => {
                self.send_answer(id, Answer::AcceptedRead(super::accepted::read_list(&path)));
            }
            Effect::WriteAccepted { id, path, before, text } => {
                let written = super::accepted::write_list(&path, before.as_deref(), &text);
                self.send_answer(id, Answer::AcceptedWritten(written));
            }
            Effect::FindUser(id) => {
                let wrap = |user: Result<String, Failure>| Answer::UserFound(user.unwrap_or_default());
                self.spawn_request(id, wrap, async { Ok(super::user::find_user().await) });
            }
            Effect::WritePlan { id, name, plan } => {
                let text = plan.made_at(saving::unix_time()).to_text();
                self.send_answer(id, Answer::PlanWritten(super::files::write_here(&name, &text)));
            }
            Effect::OpenUrl { id, url } => {
                let address = url.clone();
                let wrap = move |opened| Answer::Opened(address, opened);
                self.spawn_request(id, wrap, super::browser::open_address(url));
            }
            Effect::SignIn { .. }
            | Effect::EditExternally { .. }
            | Effect::Copy { .. }
            | Effect::SaveDraft { .. }
            | Effect::KeepAndLeave { .. }
            | Effect::ForgetDraft
            | Effect::LeaveDraft
            | Effect::NoteSignIn(_)
            | Effect::Suspend
            | Effect::Quit { .. } => {}
        }
    }

    /// Lets no further write begin; those under way end and are told.
    pub fn stop_saves(&self) {
        self.saves.values().for_each(Stopper::stop_work);
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

    fn list_repositories(&mut self, id: RequestId, context: Context, owner: AccountId, home: Option<Region>) {
        let access = self.access.clone();
        let answers = self.answers.clone();
        let pages = answers.clone();
        let task = tokio::spawn(async move {
            let registry = access.open_registry(&context, &owner).await?;
            // A list that is asked for again shows what holds now.
            registry.forget_registry_policy().await;
            let mut listing = registry.list_all();
            loop {
                let (repositories, next) = match listing.next_page().await {
                    Ok(Some(RepositoryPage { repositories, next })) => (repositories, next),
                    Ok(None) => return Ok(()),
                    Err(failure) => {
                        let disabled = match &home {
                            Some(home) => registry.find_disabled(&failure, home).await,
                            None => None,
                        };
                        let Some(disabled) = disabled else { return Err(failure) };
                        let _ = pages.send((id, Answer::NotEnabled(disabled))).await;
                        return Ok(());
                    }
                };
                if pages.send((id, Answer::Page { repositories, last: next.is_none() })).await.is_err() {
                    return Ok(());
                }
            }
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

/// Returns the registry in which a repository stands. A context of another Region is refused: a repository of the same name
/// may stand there.
pub(super) async fn registry_around(
    access: &AwsAccess,
    context: &Context,
    repository: &RepositoryRef,
) -> Result<Registry, Failure> {
    if context.region != repository.region {
        return Err(Failure::new(
            FailureKind::Defect,
            format!("{} was to be asked for in {}: nothing was sent", repository.uri(), context.region),
            "choose the repository again; start with --log-file FILE and report what it says",
        ));
    }
    access.open_registry(context, &repository.account).await
}

/// Reads the tags of a repository for the code that owns it. The policy waits for them, so there is an end to it.
async fn find_owner(registry: &Registry, name: &RepositoryName) -> Ownership {
    const LONGEST: Duration = Duration::from_secs(5);
    match tokio::time::timeout(LONGEST, Box::pin(registry.read_tags(name))).await {
        Ok(read) => Ownership::of_read(read),
        Err(_) => Ownership::NotKnown("the tags did not come within 5 seconds".to_owned()),
    }
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
    async fn a_repository_of_another_region_than_the_context_is_asked_for_nowhere() {
        let access = AwsAccess::from_environment(crate::aws::AwsOptions::default());
        let region = |name: &str| crate::ecr::Region::parse(name).unwrap();
        let repository = crate::wizard::testing::test_reference("vendorapp");
        for name in ["us-east-1", "eu-west-1", "eu-west-2"] {
            let source = crate::ecr::SourceId::Environment;
            let context = Context { source, region: region(name) };
            let opened = registry_around(&access, &context, &repository).await;
            let is_refused = opened.as_ref().is_err_and(|failure| failure.kind == FailureKind::Defect);
            assert_eq!(is_refused, repository.region != region(name), "{name}: {:?}", opened.err());
        }
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
