//! Keeps drafts and sign-ins on the disk, in a thread of its own, so that a slow disk delays no key. Tasks are done in
//! their order. The thread sleeps until it is asked.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use super::executor::Answers;
use crate::ecr::SourceId;
use crate::journal::{Drafts, SignIns};
use crate::wizard::draft::{Draft, OfferedDraft};
use crate::wizard::{Answer, Effect, Event, Model, RequestId, update};

/// A task of the thread.
enum Task {
    Save(RequestId, Box<Draft>),
    KeepAndLeave(RequestId, Option<Box<Draft>>),
    Forget,
    Leave,
    NoteSignIn(SourceId),
}

/// The thread. Dropping it waits until all its tasks are done.
pub struct Keeper {
    tasks: Option<mpsc::Sender<Task>>,
    thread: Option<JoinHandle<()>>,
}

/// Finds the draft to offer. An error says in a sentence why it cannot be used.
pub fn find_offer(drafts: &mut Drafts) -> Option<Result<OfferedDraft, String>> {
    let read = match drafts.take_newest()? {
        Err(error) if !drafts.has_place() => {
            tracing::warn!(%error, "drafts are neither offered nor kept");
            return Some(Err(format!("drafts are neither offered nor kept: {error}")));
        }
        read => read.map_err(|error| error.to_string()).and_then(|text| Draft::from_text(&text)),
    };
    Some(match read {
        Ok((draft, when)) => {
            if let Some(tag) = &draft.dropped_tag {
                tracing::warn!(tag, "the draft's tag is no tag: dropped");
            }
            Ok(OfferedDraft { draft, age: u64::try_from(unix_time().saturating_sub(when)).unwrap_or_default() })
        }
        Err(why) => {
            tracing::warn!(why, "a draft cannot be read");
            let aside = drafts.set_aside().and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
            let kept = aside.map(|name| format!("; it is kept as {name}")).unwrap_or_default();
            Err(format!("a draft of an earlier session cannot be read{kept}"))
        }
    })
}

/// Hands an effect on the draft or the sign-ins to the keeper, where there is one.
pub fn keep_effect(keeper: Option<&Keeper>, effect: Effect) {
    match (keeper, effect) {
        (Some(keeper), Effect::SaveDraft { id, draft }) => keeper.save_draft(id, draft),
        (Some(keeper), Effect::KeepAndLeave { id, draft }) => keeper.keep_and_leave(id, draft),
        (Some(keeper), Effect::ForgetDraft) => keeper.remove_draft(),
        (Some(keeper), Effect::LeaveDraft) => keeper.leave_draft(),
        (Some(keeper), Effect::NoteSignIn(source)) => keeper.ask_thread(Task::NoteSignIn(source)),
        _ => {}
    }
}

/// Keeps a draft of the latest changes of a model, where there are any.
pub fn keep_latest(keeper: Option<&Keeper>, model: &mut Model) {
    for effect in update(model, Event::Quiet) {
        keep_effect(keeper, effect);
    }
}

impl Keeper {
    /// Starts the thread; a failure about drafts is sent as an answer. Without `sign_ins` no sign-in is kept.
    pub fn new(drafts: Drafts, sign_ins: Option<SignIns>, answers: Answers) -> Self {
        let (tasks, asked) = mpsc::channel();
        let work = move || work_tasks(drafts, sign_ins.as_ref(), &asked, &answers);
        let thread = std::thread::Builder::new().name("drafts".to_owned()).spawn(work);
        // Without a thread nothing is kept: that harms nothing else.
        Self { tasks: Some(tasks), thread: thread.ok() }
    }

    /// Keeps a draft.
    pub fn save_draft(&self, id: RequestId, draft: Box<Draft>) {
        self.ask_thread(Task::Save(id, draft));
    }

    /// Keeps a draft and leaves it for the next start; no draft: the one that is kept already.
    pub fn keep_and_leave(&self, id: RequestId, draft: Option<Box<Draft>>) {
        self.ask_thread(Task::KeepAndLeave(id, draft));
    }

    /// Removes the draft.
    pub fn remove_draft(&self) {
        self.ask_thread(Task::Forget);
    }

    /// Leaves the draft for the next start.
    pub fn leave_draft(&self) {
        self.ask_thread(Task::Leave);
    }

    fn ask_thread(&self, task: Task) {
        if let Some(tasks) = &self.tasks {
            let _ = tasks.send(task);
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.tasks.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work_tasks(mut drafts: Drafts, sign_ins: Option<&SignIns>, asked: &mpsc::Receiver<Task>, answers: &Answers) {
    for task in asked {
        match task {
            Task::Save(id, draft) => {
                if let Err(failure) = drafts.save_draft(&draft.to_text(unix_time())) {
                    tracing::warn!(%failure, "a draft cannot be kept");
                    // Not waiting for room: the one who reads may wait for this thread.
                    let _ = answers.try_send((id, Answer::DraftNotKept(failure)));
                }
            }
            Task::KeepAndLeave(id, draft) => {
                let kept = draft.map_or(Ok(()), |draft| drafts.save_draft(&draft.to_text(unix_time())));
                if kept.is_ok() {
                    drafts.leave_draft();
                }
                let _ = answers.try_send((id, Answer::DraftLeft(kept)));
            }
            Task::Forget => drafts.remove_draft(),
            Task::Leave => drafts.leave_draft(),
            Task::NoteSignIn(source) => {
                // It only orders a list: nobody is told.
                if let Some(Err(error)) = sign_ins.map(|sign_ins| sign_ins.note_source(&source, unix_time())) {
                    tracing::warn!(%error, "a sign-in cannot be kept");
                }
            }
        }
    }
}

fn unix_time() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::testing::{test_account, test_region};

    #[test]
    fn a_draft_of_any_time_is_offered() {
        let draft = Draft {
            step: crate::wizard::Step::Save,
            source: crate::ecr::SourceId::Environment,
            account: test_account("222222222222"),
            region: test_region("eu-west-2"),
            repositories: Vec::new(),
            tag: None,
            dropped_tag: None,
            grantees: String::new(),
            puller_region: String::new(),
            until: String::new(),
            recipe: crate::ecr::recipe::find_recipe("pull").unwrap(),
            made_from: None,
            actions: Vec::new(),
            texts: Vec::new(),
            shown: None,
            edits_stored: false,
        };
        for (when, age) in [(i64::MIN, i64::MAX.unsigned_abs()), (i64::MAX, 0), (unix_time() + 60, 0)] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("draft.json"), draft.to_text(when)).unwrap();
            let offer = find_offer(&mut Drafts::open_in(folder.path())).unwrap().unwrap();
            assert_eq!(offer, OfferedDraft { draft: draft.clone(), age }, "kept at {when}");
        }
    }
}
