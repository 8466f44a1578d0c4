//! The signal that stops work on many repositories: nothing new begins, and what is in flight ends.

use tokio::sync::watch;

/// The side that stops.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// The side that is stopped. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop(Option<watch::Receiver<bool>>);

impl Stopper {
    /// Builds both sides.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(Some(receiver)))
    }

    /// Stops the work.
    pub fn stop_work(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Builds a signal that never comes.
    pub fn never() -> Self {
        Self(None)
    }

    /// Tells whether the work is stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.as_ref().is_some_and(|receiver| *receiver.borrow())
    }

    /// Waits until the work is stopped; for ever where nobody can stop it.
    pub async fn wait_stopped(&self) {
        if let Some(mut receiver) = self.0.clone()
            && receiver.wait_for(|stopped| *stopped).await.is_ok()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
