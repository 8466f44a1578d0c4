//! Tells the wizard where AWS asks to slow down. One task for each registry waits for the next change; without one
//! nothing wakes it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::Sender;

use crate::aws::Registry;
use crate::ecr::{AccountId, Context, PolicySlowdowns};
use crate::wizard::{Answer, RequestId};

/// The registries whose pace is watched, and the way to the wizard.
#[derive(Clone)]
pub(super) struct PaceNews {
    watched: Arc<Mutex<HashSet<(Context, AccountId)>>>,
    answers: Sender<(RequestId, Answer)>,
}

impl PaceNews {
    /// Builds the watch of no registry yet.
    pub(super) fn new(answers: Sender<(RequestId, Answer)>) -> Self {
        Self { watched: Arc::default(), answers }
    }

    /// Watches the pace of a registry from now on, once however often it is opened.
    pub(super) fn begin_watch(&self, registry: &Registry) {
        let (context, owner) = (registry.context().clone(), registry.owner().clone());
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if !watched.insert((context.clone(), owner.clone())) {
            return;
        }
        let (mut slowdowns, answers) = (registry.watch_slowdowns(), self.answers.clone());
        tokio::spawn(async move {
            let mut told = PolicySlowdowns::default();
            loop {
                let now = *slowdowns.borrow_and_update();
                if now != told {
                    told = now;
                    let news = Answer::Slowdowns(context.clone(), owner.clone(), now);
                    if answers.send((RequestId::OF_NEWS, news)).await.is_err() {
                        return;
                    }
                }
                if slowdowns.changed().await.is_err() {
                    return;
                }
            }
        });
    }
}
