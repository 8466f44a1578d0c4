use std::cell::Cell;

use super::circuit::MOST_SILENT;
use super::*;
use crate::ecr::Slowdown;

const READ: &str = "GetRepositoryPolicy";
const WRITE: &str = "SetRepositoryPolicy";

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(work)
}

fn new_pace() -> Pace {
    Pace::with_circuit(Arc::default())
}

fn failure_of(kind: FailureKind) -> Failure {
    Failure::new(kind, "what", "next")
}

#[test]
fn a_read_is_sent_again_where_that_may_help_and_a_refusal_is_not() {
    for (kind, times) in [(FailureKind::Server, FAULTS), (FailureKind::Offline, BREAKS), (FailureKind::AccessDenied, 1)]
    {
        let sent = Cell::new(0);
        let outcome: Result<(), _> = run(new_pace().send_read(READ, || {
            sent.set(sent.get() + 1);
            async move { Err(failure_of(kind)) }
        }));
        assert_eq!(outcome.unwrap_err().kind, kind);
        assert_eq!(sent.get(), times, "{kind:?}");
    }
}

#[test]
fn a_fault_passes_where_the_endpoint_answers_others() {
    run(async {
        let pace = new_pace();
        let began = Instant::now();
        for kind in [FailureKind::Server, FailureKind::Offline] {
            assert!(pace.max_tries(kind, began) < PASSING_FAULTS);
        }
        pace.learn_outcome(WRITE, began, &Err::<(), _>(failure_of(FailureKind::Throttled)));
        assert!(pace.max_tries(FailureKind::Server, began) < PASSING_FAULTS, "that answer tells nothing");
        pace.learn_outcome(WRITE, began, &Ok(()));
        for kind in [FailureKind::Server, FailureKind::Offline] {
            assert_eq!(pace.max_tries(kind, began), PASSING_FAULTS);
        }
        assert_eq!(pace.max_tries(FailureKind::AccessDenied, began), 1);
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert!(pace.max_tries(FailureKind::Server, Instant::now()) < PASSING_FAULTS, "an answer from before");
    });
}

#[test]
fn asking_to_slow_down_slows_this_operation_down_until_answers_come_again() {
    run(async {
        let pace = new_pace();
        let mut watched = pace.watch_slowdowns();
        let tries = Cell::new(0);
        let began = Instant::now();
        let outcome = pace
            .send_read(READ, || {
                tries.set(tries.get() + 1);
                let n = tries.get();
                async move { if n < 3 { Err(failure_of(FailureKind::Throttled)) } else { Ok(n) } }
            })
            .await;
        assert_eq!(outcome, Ok(3));
        assert!(began.elapsed() >= Duration::from_millis(50), "two pauses were kept");
        assert_eq!(watched.borrow_and_update().reads, Some(Slowdown { per_second: None }), "too few were granted");
        assert_eq!(watched.borrow().writes, None);
        let other = lock(&pace.operation_pace(WRITE).rate).take_turn(Instant::now());
        assert_eq!(other, Ok(()), "AWS counts each operation by itself");
        for _ in 0..100 {
            pace.learn_outcome(READ, Instant::now(), &Ok(()));
        }
        assert!(watched.has_changed().unwrap());
        assert_eq!(*watched.borrow(), PolicySlowdowns::default());
    });
}

#[test]
fn a_read_that_is_throttled_is_sent_again_while_its_operation_is_answered_at_all() {
    run(async {
        let pace = new_pace();
        let long_ago = Instant::now().checked_sub(THROTTLED_FOR).unwrap();
        assert!(!pace.is_given_up(READ, Instant::now()));
        assert!(pace.is_given_up(READ, long_ago));
        pace.learn_outcome(WRITE, Instant::now(), &Ok(()));
        assert!(pace.is_given_up(READ, long_ago), "the other operation's answers tell nothing");
        pace.learn_outcome(READ, Instant::now(), &Ok(()));
        assert!(!pace.is_given_up(READ, long_ago));
    });
}

#[test]
fn a_registry_that_hangs_is_not_asked_by_everybody_in_turn() {
    run(async {
        let paces = Paces::default();
        let pace_of = |endpoint, account: &str| {
            let region = Region::parse("eu-west-2").unwrap();
            paces.pace_for(endpoint, &AccountId::parse(account).unwrap(), &region)
        };
        let (pace, neighbour) = (pace_of(None, "222222222222"), pace_of(None, "333333333333"));
        let elsewhere = pace_of(Some("http://127.0.0.1:1"), "222222222222");
        let sent = Cell::new(0);
        let read = async || {
            pace.send_read(READ, || {
                sent.set(sent.get() + 1);
                async { Err::<(), _>(failure_of(FailureKind::Timeout)) }
            })
            .await
            .unwrap_err()
        };
        for _ in 0..13 {
            assert_eq!(read().await.kind, FailureKind::Timeout);
        }
        assert_eq!(sent.get(), MOST_SILENT);
        assert!(read().await.what.contains("was not sent"), "{}", read().await);
        pace.circuit.end_wait();
        assert!(!read().await.what.contains("was not sent"), "one sees whether answers come again");
        assert_eq!(sent.get(), MOST_SILENT + 1);
        assert!(pace.wait_turns(&[WRITE, READ]).await.is_err(), "and no write goes out meanwhile");
        assert!(neighbour.wait_turns(&[READ]).await.is_err(), "nor to another account behind the same endpoint");
        assert_eq!(elsewhere.wait_turns(&[READ]).await, Ok(()), "another endpoint is another one");
        pace.learn_outcome(READ, Instant::now(), &Ok(()));
        assert_eq!(neighbour.wait_turns(&[WRITE, READ]).await, Ok(()), "an answer lets all go on");
    });
}

#[test]
fn one_account_and_region_has_one_pace_and_another_has_its_own() {
    let paces = Paces::default();
    let (london, paris) = (Region::parse("eu-west-2").unwrap(), Region::parse("eu-west-3").unwrap());
    let (a, b) = (AccountId::parse("222222222222").unwrap(), AccountId::parse("333333333333").unwrap());
    let pace = paces.pace_for(None, &a, &london);
    assert!(Arc::ptr_eq(&pace, &paces.pace_for(None, &a, &london)));
    for other in [(None, &b, &london), (None, &a, &paris), (Some("http://localhost:1"), &a, &london)] {
        assert!(!Arc::ptr_eq(&pace, &paces.pace_for(other.0, other.1, other.2)));
    }
}

#[test]
fn a_write_waits_for_the_turns_of_both_its_operations() {
    run(async {
        let pace = new_pace();
        pace.learn_outcome(WRITE, Instant::now(), &Err::<(), _>(failure_of(FailureKind::Throttled)));
        let began = Instant::now();
        pace.wait_turns(&[WRITE, READ]).await.unwrap();
        assert!(began.elapsed() >= Duration::from_millis(99), "{:?}", began.elapsed());
        pace.learn_outcome(READ, Instant::now(), &Err::<(), _>(failure_of(FailureKind::Throttled)));
        let again = Instant::now();
        pace.wait_turns(&[WRITE, READ]).await.unwrap();
        assert!(again.elapsed() >= Duration::from_millis(95), "{:?}", again.elapsed());
    });
}

#[test]
fn pauses_grow_and_have_an_end() {
    assert!(pause_by(1, 0.0) >= Duration::from_millis(75));
    assert!(pause_by(2, 0.5) > pause_by(1, 0.5));
    assert!(pause_by(99, 1.0) <= Duration::from_secs(5));
    assert!((75..=150).contains(&pause_after(1).as_millis()));
}
