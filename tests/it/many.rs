//! Many repositories at once: every fault by chance, a stop half-way, and the next run that goes on.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use ecr_grant::apply::{self, Gate, Job, JobEvent, Notice, Outcome, Pool, Progress, Stop, Stopper, Write};
use ecr_grant::aws::{AwsAccess, Credentials, Registry};
use ecr_grant::ecr::{AccessEnd, AccountId, Context, FailureKind, Region, RepositoryName, RepositoryRef, SourceId};
use ecr_grant::journal::{ChangeStart, Journal};
use ecr_grant::policy::canonical::same_meaning;
use ecr_grant::sandbox::{self, Clock, Service, Trouble};
use serde_json::{Value, json};

const NOW: i64 = 1_795_429_882;

/// A registry of many repositories, each with a statement of another team.
struct Land {
    service: Arc<Service>,
    registry: Registry,
    journal: Journal,
    runtime: tokio::runtime::Runtime,
    names: Vec<RepositoryName>,
    _folder: tempfile::TempDir,
}

fn theirs(number: usize) -> Value {
    json!({
        "Sid": format!("Team{number}"),
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::333333333333:root"},
        "Action": "ecr:BatchGetImage",
    })
}

fn ours() -> Value {
    json!({
        "Sid": "EcrGrantPull",
        "Effect": "Allow",
        "Principal": {"AWS": ["arn:aws:iam::111111111111:root"]},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    })
}

fn policy_of(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn wanted(number: usize) -> String {
    policy_of(&[theirs(number), ours()])
}

impl Land {
    fn new(count: usize, latency: Duration) -> Self {
        let repositories: Vec<Value> = (0..count)
            .map(|n| json!({"name": format!("load/service-{n:04}"), "created": 0, "policy": {"Version": "2012-10-17", "Statement": [theirs(n)]}}))
            .collect();
        let registries =
            json!({"registries": [{"account": "222222222222", "region": "eu-west-2", "repositories": repositories}]});
        let service = Arc::new(Service::from_json(&registries.to_string(), Clock::System).unwrap());
        let sources = sandbox::demo_sources()
            .into_iter()
            .map(|(source, id, secret)| (source, Credentials::new(id, secret, None, None, "sandbox")))
            .collect();
        let access = AwsAccess::with_sources(sources, sandbox::connector(service.clone(), latency));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let region = Region::parse("eu-west-2").unwrap();
        let context = Context { source: SourceId::Profile("release-owner".into()), region };
        let owner = AccountId::parse("222222222222").unwrap();
        let registry = runtime.block_on(access.open_registry(&context, &owner)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open_in(folder.path());
        let names = (0..count).map(|n| RepositoryName::parse(&format!("load/service-{n:04}")).unwrap()).collect();
        Self { service, registry, journal, runtime, names, _folder: folder }
    }

    fn reference(&self, number: usize) -> RepositoryRef {
        self.registry.reference_to(&self.names[number])
    }

    fn stored(&self, number: usize) -> Option<String> {
        self.service.policy_of(&self.reference(number))
    }

    /// Reads all policies, as a plan does.
    fn read_all(&self, pool: &Pool) -> Vec<Option<String>> {
        let reads = self.names.iter().map(|name| (self.registry.clone(), name.clone())).collect();
        let mut texts = vec![None; self.names.len()];
        let progress = self.runtime.block_on(apply::read_many(reads, pool, |number, read, _| {
            texts[number] = read.unwrap_or_else(|failure| panic!("{number}: {failure}"));
        }));
        assert_eq!((progress.done, progress.failed, progress.left()), (self.names.len(), 0, 0));
        texts
    }

    fn jobs(&self, based_on: Vec<Option<String>>) -> Vec<Job> {
        based_on
            .into_iter()
            .enumerate()
            .map(|(number, based_on)| {
                let write =
                    Write { repository: self.reference(number), based_on, text: Some(wanted(number)), until: None };
                Job { registry: self.registry.clone(), write }
            })
            .collect()
    }

    fn write_all(
        &self,
        jobs: Vec<Job>,
        pool: &Pool,
        on_event: impl FnMut(JobEvent, &Progress) -> Option<Write>,
    ) -> Progress {
        let change = self.journal.begin_change(ChangeStart::default());
        let progress =
            self.runtime.block_on(apply::write_many(jobs, &change, &Gate::default(), || NOW, pool, on_event));
        change.end_change().unwrap();
        progress
    }
}

fn pool(at_once: usize) -> Pool {
    Pool { at_once: NonZero::new(at_once).unwrap(), stop: Stop::never(), patience: Duration::ZERO }
}

fn is_long() -> bool {
    std::env::var_os("ECR_GRANT_LONG").is_some()
}

#[test]
fn with_a_tenth_of_every_fault_every_grant_ends_there_and_the_report_is_true() {
    let count = if is_long() { 1_000 } else { 200 };
    for seed in if is_long() { 0..5 } else { 0..1 } {
        let land = Land::new(count, Duration::from_millis(2));
        let faults = format!("throttle=10%,error=10%,reset=10%,lost-answer=10%,stale-read=10%,slow=10%,seed={seed}");
        land.service.set_faults(faults.parse().unwrap());
        let before = land.read_all(&pool(32));
        for (number, text) in before.iter().enumerate() {
            assert!(same_meaning(text.as_deref().unwrap(), &policy_of(&[theirs(number)])), "{number}");
        }
        land.service.forget_calls();
        let mut outcomes: BTreeMap<usize, Outcome> = BTreeMap::new();
        let progress = land.write_all(land.jobs(before), &pool(32), |event, _| {
            if let JobEvent::Ended(number, outcome) = event {
                assert!(outcomes.insert(number, outcome).is_none(), "{number} ended twice");
            }
            None
        });
        let others: Vec<_> = outcomes.iter().filter(|(_, o)| !matches!(o, Outcome::Written { .. })).collect();
        assert_eq!((progress.done, progress.failed, progress.left()), (count, 0, 0), "seed {seed}: {others:?}");
        let mut carried_out: HashMap<String, usize> = HashMap::new();
        for call in land.service.recorded_calls() {
            assert!(!call.force);
            let is_write = call.operation == "SetRepositoryPolicy" && call.carried_out;
            *carried_out.entry(call.repository.unwrap()).or_default() += usize::from(is_write);
        }
        let mut kept: BTreeMap<String, (Option<String>, String)> = BTreeMap::new();
        for write in land.journal.read_history().unwrap().changes.into_iter().flat_map(|change| change.writes) {
            let told = (write.old.clone(), write.outcome_name().to_owned());
            assert!(kept.insert(write.repository.name.to_string(), told).is_none(), "one line for each write");
        }
        for (number, name) in land.names.iter().enumerate() {
            let stored = land.stored(number).unwrap();
            assert!(same_meaning(&stored, &wanted(number)), "{number}: {stored}");
            let Outcome::Written { stored: Some(seen), .. } = &outcomes[&number] else {
                panic!("{number}: {:?}", outcomes[&number])
            };
            assert_eq!(*seen, stored, "{number}");
            let (old, told) = &kept[name.as_str()];
            assert!(same_meaning(old.as_deref().unwrap(), &policy_of(&[theirs(number)])), "{number}: {old:?}");
            assert_eq!(told, "written", "{number}");
            assert_eq!(carried_out[name.as_str()], 1, "{number}: written twice, or by nobody");
        }
    }
}

#[test]
fn a_stop_ends_what_is_in_flight_begins_nothing_new_and_the_next_run_goes_on() {
    let land = Land::new(60, Duration::from_millis(5));
    let before = land.read_all(&pool(16));
    let (stopper, stop) = Stopper::new();
    let stopped_pool = Pool { stop, ..pool(4) };
    let (begun, ended) = (RefCell::new(Vec::new()), RefCell::new(BTreeMap::new()));
    let progress = land.write_all(land.jobs(before.clone()), &stopped_pool, |event, progress| {
        match event {
            JobEvent::Begun(number) => {
                assert!(ended.borrow().len() < 10, "{number} began after the stop");
                begun.borrow_mut().push(number);
            }
            JobEvent::Ended(number, outcome) => {
                ended.borrow_mut().insert(number, outcome);
                assert_eq!(progress.ended(), ended.borrow().len());
                if progress.ended() == 10 {
                    stopper.stop_work();
                }
            }
            JobEvent::Noticed(..) => {}
        }
        None
    });
    let ended = ended.into_inner();
    assert_eq!(ended.len(), begun.into_inner().len(), "all that began have ended");
    assert_eq!((progress.ended(), progress.left(), progress.in_flight), (ended.len(), 60 - ended.len(), 0));
    assert!((10..=14).contains(&ended.len()), "{}", ended.len());
    for number in 0..60 {
        let is_there = same_meaning(&land.stored(number).unwrap(), &wanted(number));
        let said = matches!(ended.get(&number), Some(Outcome::Written { .. }));
        assert_eq!(is_there, said, "{number}: {:?}", ended.get(&number));
    }
    let mut there_already = 0;
    let progress = land.write_all(land.jobs(before), &pool(4), |event, _| {
        there_already += usize::from(matches!(event, JobEvent::Ended(_, Outcome::AlreadyThere)));
        None
    });
    assert_eq!((progress.done, progress.failed, progress.left()), (60, 0, 0));
    let first = ended.values().filter(|outcome| matches!(outcome, Outcome::Written { .. })).count();
    assert_eq!(there_already, first);
    assert!((0..60).all(|number| same_meaning(&land.stored(number).unwrap(), &wanted(number))));
}

#[test]
fn a_policy_that_changed_is_planned_again_by_the_caller_in_the_same_run() {
    let land = Land::new(20, Duration::ZERO);
    let before = land.read_all(&pool(8));
    let more =
        json!({"Sid": "Late", "Effect": "Allow", "Principal": {"AWS": "444444444444"}, "Action": "ecr:BatchGetImage"});
    for number in [3, 7] {
        let text = policy_of(&[theirs(number), more.clone()]);
        assert!(land.service.set_policy_directly(&land.reference(number), Some(&text)));
    }
    let mut changed = Vec::new();
    let progress = land.write_all(land.jobs(before), &pool(8), |event, _| match event {
        JobEvent::Ended(number, Outcome::Changed { now }) => {
            changed.push(number);
            let text = policy_of(&[theirs(number), more.clone(), ours()]);
            Some(Write { repository: land.reference(number), based_on: now, text: Some(text), until: None })
        }
        _ => None,
    });
    changed.sort_unstable();
    assert_eq!(changed, [3, 7]);
    assert_eq!((progress.done, progress.failed, progress.left()), (20, 0, 0));
    assert!(same_meaning(&land.stored(7).unwrap(), &policy_of(&[theirs(7), more, ours()])));
}

/// Makes the next `times` writes meet ECR's refusal of an unknown role.
fn hide_principal(service: &Service, times: u32) {
    let words = "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Principal not found'";
    let refusal = Trouble::Error(400, "InvalidParameterException".to_owned(), words.to_owned());
    service.add_trouble(Some("SetRepositoryPolicy"), 0, times, refusal);
}

#[test]
fn a_role_that_is_not_known_yet_is_waited_for_and_that_is_told() {
    let land = Land::new(1, Duration::ZERO);
    let before = land.read_all(&pool(1));
    hide_principal(&land.service, 2);
    let mut notices = Vec::new();
    let patient = Pool { patience: Duration::from_secs(30), ..pool(1) };
    let mut last = None;
    land.write_all(land.jobs(before), &patient, |event, _| {
        match event {
            JobEvent::Noticed(0, notice) => notices.push(notice),
            JobEvent::Ended(0, outcome) => last = Some(outcome),
            _ => {}
        }
        None
    });
    assert!(matches!(last, Some(Outcome::Written { .. })), "{last:?}");
    let [Notice::PrincipalNotFound { failure, again_in }, Notice::PrincipalNotFound { again_in: next, .. }] =
        notices.as_slice()
    else {
        panic!("{notices:?}")
    };
    assert_eq!(failure.kind, FailureKind::PrincipalNotFound);
    assert!(again_in < next);
    assert!(notices[0].in_words().contains("tried again in 1 s"), "{}", notices[0].in_words());
}

#[test]
fn waiting_for_a_role_ends_with_the_patience_or_with_the_stop() {
    let land = Land::new(1, Duration::ZERO);
    let before = land.read_all(&pool(1));
    hide_principal(&land.service, 99);
    let (stopper, stop) = Stopper::new();
    let pools = [
        Pool { patience: Duration::from_millis(300), ..pool(1) },
        Pool { patience: Duration::from_hours(1), stop, ..pool(1) },
    ];
    for (number, pool) in pools.into_iter().enumerate() {
        let mut last = None;
        let progress = land.write_all(land.jobs(before.clone()), &pool, |event, _| {
            match event {
                JobEvent::Noticed(..) if number == 1 => stopper.stop_work(),
                JobEvent::Ended(_, outcome) => last = Some(outcome),
                JobEvent::Noticed(..) | JobEvent::Begun(_) => {}
            }
            None
        });
        assert_eq!((progress.failed, progress.left()), (1, 0));
        assert!(matches!(&last, Some(Outcome::Refused(f)) if f.kind == FailureKind::PrincipalNotFound), "{last:?}");
    }
    assert!(same_meaning(&land.stored(0).unwrap(), &policy_of(&[theirs(0)])));
}

#[test]
fn no_write_of_many_is_sent_once_the_end_of_its_access_is_past() {
    // The second write meets a role that ECR knows only a second later; the third begins after the end.
    let land = Land::new(3, Duration::ZERO);
    let before = land.read_all(&pool(1));
    let mut jobs = land.jobs(before);
    for job in &mut jobs {
        job.write.until = AccessEnd::of_seconds(NOW + 1);
    }
    let mut ended = Vec::new();
    let patient = Pool { patience: Duration::from_secs(30), ..pool(1) };
    let (begun, change) = (std::cell::Cell::new(0), land.journal.begin_change(ChangeStart::default()));
    let now = || {
        begun.set(begun.get() + 1);
        NOW + i64::from(begun.get() > 2) * 60
    };
    let on_event = |event: JobEvent, _: &Progress| {
        if let JobEvent::Ended(number, outcome) = event {
            if number == 0 {
                hide_principal(&land.service, 1);
            }
            ended.push(outcome);
        }
        None
    };
    land.runtime.block_on(apply::write_many(jobs, &change, &Gate::default(), now, &patient, on_event));
    change.end_change().unwrap();
    let [Outcome::Written { .. }, Outcome::Refused(second), Outcome::Refused(third)] = ended.as_slice() else {
        panic!("{ended:?}")
    };
    for failure in [second, third] {
        assert!(failure.what.contains("is past") && failure.next.contains("a later end"), "{failure}");
    }
    for number in [1, 2] {
        assert!(same_meaning(&land.stored(number).unwrap(), &policy_of(&[theirs(number)])), "{number}");
    }
}
