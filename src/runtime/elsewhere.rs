//! Reads a review from elsewhere than ECR, part by part.

use tokio::sync::mpsc;

use super::collected::Collection;
use super::defect::task_defect;
use super::recorded::read_recorded;
use crate::aws::AwsAccess;
use crate::ecr::{Context, Failure, FailureKind};
use crate::review::ReadEvent;
use crate::wizard::{Answer, RequestId, ReviewOrigin};

/// The events of a part at most: a frame is drawn between two parts.
const PART: usize = 1_000;

/// Reads a review from elsewhere, and sends each part as soon as it is there. The last one is marked, or tells the failure.
pub(super) async fn read_elsewhere(
    access: AwsAccess,
    origin: ReviewOrigin,
    context: Option<Context>,
    now: i64,
    (id, answers): (RequestId, mpsc::Sender<(RequestId, Answer)>),
) {
    let (send, mut receive) = mpsc::unbounded_channel();
    let reading = async move {
        match origin {
            ReviewOrigin::Files(paths) => {
                let read = tokio::task::spawn_blocking(move || {
                    let collection = Collection::read_files(&paths)?;
                    // Nobody listens once the review is left.
                    collection.replay(|_| true, |_, event| drop(send.send(event)));
                    Ok(())
                });
                read.await.unwrap_or_else(|_| Err(task_defect()))
            }
            ReviewOrigin::Aggregator(name) => {
                let context = context.ok_or_else(|| {
                    Failure::new(FailureKind::NoCredentials, "nobody is signed in", "choose a row of step 1 first")
                })?;
                let aggregator = access.open_aggregator(&context, &name).await?;
                read_recorded(&aggregator, |_| true, now, |_, event| drop(send.send(event))).await
            }
        }
    };
    let sending = async {
        loop {
            let mut part: Vec<ReadEvent> = Vec::new();
            if receive.recv_many(&mut part, PART).await == 0 {
                return;
            }
            let _ = answers.send((id, Answer::Elsewhere { read: Ok(part), is_last: false })).await;
        }
    };
    let (read, ()) = tokio::join!(reading, sending);
    let _ = answers.send((id, Answer::Elsewhere { read: read.map(|()| Vec::new()), is_last: true })).await;
}
