//! Carries out the confirmed writes of the wizard: many at once, as one change of the journal. Each outcome is told, and
//! after a defect in between, that it is not known.

use std::collections::HashMap;
use std::num::NonZero;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::defect::task_defect;
use super::executor::{Answers, registry_around};
use super::pace_news::PaceNews;
use crate::apply::{Gate, Job, JobEvent, PRINCIPAL_PATIENCE, Pool, Stop, write_many};
use crate::aws::{AwsAccess, Registry};
use crate::ecr::{AccountId, Context, Failure, Region, RepositoryRef};
use crate::journal::{ChangeStart, Journal};
use crate::plan::{Outcome, Write};
use crate::wizard::event::SaveNews;
use crate::wizard::{Answer, RequestId};

/// The most repositories that are written at once.
const AT_ONCE: NonZero<usize> = NonZero::new(crate::aws::AT_ONCE).unwrap();

/// Confirmed writes, with all that they need.
pub(super) struct Save {
    pub(super) access: AwsAccess,
    pub(super) journal: Journal,
    pub(super) gate: Gate,
    pub(super) context: Context,
    pub(super) writes: Vec<Write>,
    /// The id of the change that they take back.
    pub(super) undoes: Option<String>,
    pub(super) stop: Stop,
    /// Tells where AWS asks to slow down.
    pub(super) pace_news: PaceNews,
}

/// Begins the writes. They are never aborted: what was sent is read back.
pub(super) fn begin_save(id: RequestId, save: Save, answers: Answers) {
    let (news, told) = mpsc::unbounded_channel();
    let work = tokio::spawn(Box::pin(save.carry_out(news)));
    tokio::task::spawn_local(async move {
        // The silence of the work is its end, by a defect too.
        let under_way = pass_on(id, told, &answers).await;
        for repository in under_way {
            let _ = answers.send((id, Answer::Saved(repository, Outcome::Unknown(task_defect())))).await;
        }
        let failure = work.await.unwrap_or_else(|_| Some(task_defect()));
        let _ = answers.send((id, Answer::Saving(SaveNews::Over(failure)))).await;
    });
}

/// Passes news on until there are no more. Returns the repositories whose write began and did not end.
async fn pass_on(id: RequestId, mut told: UnboundedReceiver<Answer>, answers: &Answers) -> Vec<RepositoryRef> {
    let mut under_way = Vec::new();
    while let Some(answer) = told.recv().await {
        match &answer {
            Answer::Saving(SaveNews::Begun(repository)) => under_way.push(repository.clone()),
            Answer::Saved(repository, _) => under_way.retain(|begun| begun != repository),
            _ => {}
        }
        let _ = answers.send((id, answer)).await;
    }
    under_way
}

impl Save {
    /// Writes, and tells how it goes. Returns the failure of the journal, where a line of it was lost.
    async fn carry_out(self, news: UnboundedSender<Answer>) -> Option<Failure> {
        let tell = |answer: Answer| {
            // Without a listener the program ends.
            let _ = news.send(answer);
        };
        let Self { access, journal, gate, context, writes, undoes, stop, pace_news } = self;
        let planned = Some(writes.len());
        let change = journal.begin_change(ChangeStart { planned, undoes, command: None });
        tell(Answer::Saving(SaveNews::Started(change.id().to_owned())));
        let mut registries: HashMap<(AccountId, Region), Result<Registry, Failure>> = HashMap::new();
        let mut jobs = Vec::new();
        for write in writes {
            let place = (write.repository.account.clone(), write.repository.region.clone());
            if !registries.contains_key(&place) {
                let opened = registry_around(&access, &context, &write.repository).await;
                if let Ok(registry) = &opened {
                    pace_news.begin_watch(registry);
                }
                registries.insert(place.clone(), opened);
            }
            match registries.get(&place) {
                Some(Ok(registry)) => jobs.push(Job { registry: registry.clone(), write }),
                Some(Err(failure)) => tell(Answer::Saved(write.repository, Outcome::Refused(failure.clone()))),
                None => {}
            }
        }
        let repositories: Vec<RepositoryRef> = jobs.iter().map(|job| job.write.repository.clone()).collect();
        let pool = Pool { at_once: AT_ONCE, stop, patience: PRINCIPAL_PATIENCE };
        let on_event = |event: JobEvent, progress: &_| {
            let (JobEvent::Begun(at) | JobEvent::Noticed(at, _) | JobEvent::Ended(at, _)) = &event;
            let repository = repositories.get(*at)?.clone();
            tell(match event {
                JobEvent::Begun(_) => Answer::Saving(SaveNews::Begun(repository)),
                JobEvent::Noticed(_, notice) => Answer::Saving(SaveNews::Noticed(repository, notice.in_words())),
                JobEvent::Ended(_, outcome) => Answer::Saved(repository, outcome),
            });
            tell(Answer::Saving(SaveNews::Moved(crate::plan::Progress::clone(progress))));
            // What changed underneath is asked about by the wizard.
            None
        };
        write_many(jobs, &change, &gate, unix_time, &pool, on_event).await;
        // It waits for the disk.
        let ended = tokio::task::spawn_blocking(move || change.end_change()).await;
        ended.ok().and_then(Result::err)
    }
}

pub(super) fn unix_time() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(0))
}
