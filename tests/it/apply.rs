//! The only writer, on the sandbox: writes, refusals, and the words for an unknown outcome.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ecr_grant::apply::{self, Gate, Outcome, Write};
use ecr_grant::aws::{AwsAccess, Credentials, Registry};
use ecr_grant::ecr::{AccountId, Context, FailureKind, Region, RepositoryName, RepositoryRef, SourceId};
use ecr_grant::journal::{ChangeStart, Journal, WriteEntry};
use ecr_grant::plan::{ReadOnlyPattern, ReadOnlyPatterns};
use ecr_grant::policy::canonical::same_meaning;
use ecr_grant::sandbox::{self, Clock, Service, Trouble};

const NOW: i64 = 1_795_429_882;
const VENDOR: &str = "111111111111";
const OTHER: &str = "333333333333";

struct World {
    service: Arc<Service>,
    access: AwsAccess,
    journal: Journal,
    repository: RepositoryRef,
    runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self::with_latency(Duration::ZERO)
    }

    fn with_latency(latency: Duration) -> Self {
        let service = Arc::new(Service::demo(Clock::System));
        let sources = sandbox::demo_sources()
            .into_iter()
            .map(|(source, id, secret)| (source, Credentials::new(id, secret, None, None, "sandbox")))
            .collect();
        let access = AwsAccess::with_sources(sources, sandbox::connector(service.clone(), latency));
        let repository = RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("eu-west-2").unwrap(),
            name: RepositoryName::parse("made/for-this").unwrap(),
        };
        service.add_repository(&repository);
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open_in(folder.path());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { service, access, journal, repository, runtime, folder }
    }

    fn registry_of(&self, profile: &str) -> Registry {
        let context = Context { source: SourceId::Profile(profile.into()), region: self.repository.region.clone() };
        self.runtime.block_on(self.access.open_registry(&context, &self.repository.account)).unwrap()
    }

    fn write_as(&self, profile: &str, gate: &Gate, based_on: Option<&str>, text: Option<&str>) -> Outcome {
        let write = Write {
            repository: self.repository.clone(),
            based_on: based_on.map(str::to_owned),
            text: text.map(str::to_owned),
            until: None,
        };
        let registry = self.registry_of(profile);
        let change = self.journal.begin_change(ChangeStart::default());
        let outcome = self.runtime.block_on(apply::write_policy(&registry, &change, gate, &write, NOW));
        change.end_change().unwrap();
        outcome
    }

    /// Returns the writes that the journal holds, the newest first.
    fn kept_writes(&self) -> Vec<WriteEntry> {
        let read = self.journal.read_history().unwrap();
        assert_eq!(read.damaged, []);
        read.changes.into_iter().flat_map(|change| change.writes).collect()
    }

    fn write_policy(&self, based_on: Option<&str>, text: Option<&str>) -> Outcome {
        self.write_as("release-owner", &Gate::default(), based_on, text)
    }

    fn put_directly(&self, text: &str) -> String {
        assert!(self.service.set_policy_directly(&self.repository, Some(text)));
        self.stored_policy().unwrap()
    }

    fn stored_policy(&self) -> Option<String> {
        self.service.policy_of(&self.repository)
    }

    fn called_operations(&self) -> Vec<String> {
        self.service.recorded_calls().into_iter().map(|call| call.operation).collect()
    }

    fn count_writes(&self) -> usize {
        self.called_operations().iter().filter(|o| o.starts_with("Set") || o.starts_with("Delete")).count()
    }
}

fn grant_to(accounts: &[&str]) -> String {
    let principals: Vec<_> = accounts.iter().map(|id| format!("\"arn:aws:iam::{id}:root\"")).collect();
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"EcrGrantPull","Effect":"Allow","Principal":{{"AWS":[{}]}},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}}]}}"#,
        principals.join(",")
    )
}

#[test]
fn the_first_policy_is_written_after_one_read_and_read_back() {
    let world = World::new();
    let text = grant_to(&[VENDOR]);
    let Outcome::Written { stored: Some(stored), backup: Some(backup) } = world.write_policy(None, Some(&text)) else {
        panic!("not written");
    };
    assert!(same_meaning(&stored, &text));
    assert_eq!(world.called_operations(), ["GetRepositoryPolicy", "SetRepositoryPolicy", "GetRepositoryPolicy"]);
    assert!(world.service.recorded_calls().iter().all(|call| !call.force), "force is never sent");
    let [kept] = &world.kept_writes()[..] else { panic!("not kept") };
    assert_eq!(kept.old, None, "that there was none is kept too");
    assert_eq!(kept.new.as_deref(), Some(text.as_str()));
    assert_eq!(kept.outcome_name(), "written");
    let answered = kept.outcome.as_ref().and_then(|outcome| outcome.request_id.as_deref());
    assert_eq!(answered, Some("5a9db0c5-0000-4000-8000-000000000002"), "the id of AWS's answer to the second request");
    assert!(backup.exists());
}

#[test]
fn the_text_from_before_is_kept_byte_for_byte() {
    let world = World::new();
    let old = world.put_directly(&grant_to(&[VENDOR]));
    let outcome = world.write_policy(Some(&old), Some(&grant_to(&[VENDOR, OTHER])));
    assert!(matches!(outcome, Outcome::Written { .. }), "{outcome:?}");
    let kept = world.kept_writes().remove(0);
    assert_eq!(kept.old.as_deref(), Some(old.as_str()));
    assert_eq!((kept.repository, kept.when), (world.repository.clone(), NOW));
}

#[test]
fn a_policy_that_changed_underneath_is_shown_and_not_overwritten() {
    let world = World::new();
    let old = world.put_directly(&grant_to(&[VENDOR]));
    let theirs = world.put_directly(&grant_to(&[VENDOR, "444444444444"]));
    let outcome = world.write_policy(Some(&old), Some(&grant_to(&[VENDOR, OTHER])));
    assert_eq!(outcome, Outcome::Changed { now: Some(theirs.clone()) });
    assert_eq!(world.count_writes(), 0);
    assert_eq!(world.stored_policy(), Some(theirs));
    assert_eq!(world.write_policy(None, Some(&grant_to(&[OTHER]))), Outcome::Changed { now: world.stored_policy() });
    assert_eq!(world.kept_writes(), []);
}

#[test]
fn another_layout_of_the_same_policy_has_not_changed() {
    let world = World::new();
    world.put_directly(&grant_to(&[VENDOR]));
    let same = format!(
        "{{\"Statement\":{{\"Action\":[\"ecr:GetDownloadUrlForLayer\",\"ecr:BatchGetImage\"],\n\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\"{VENDOR}\"}},\"Sid\":\"EcrGrantPull\"}},\"Version\":\"2012-10-17\"}}"
    );
    let outcome = world.write_policy(Some(&same), Some(&grant_to(&[VENDOR, OTHER])));
    assert!(matches!(outcome, Outcome::Written { .. }), "{outcome:?}");
}

#[test]
fn what_is_there_already_is_not_written() {
    let world = World::new();
    let old = world.put_directly(&grant_to(&[VENDOR, OTHER]));
    assert_eq!(world.write_policy(Some(&old), Some(&grant_to(&[OTHER, VENDOR]))), Outcome::AlreadyThere);
    assert_eq!(
        world.write_policy(None, Some(&grant_to(&[OTHER, VENDOR]))),
        Outcome::AlreadyThere,
        "whatever it started from"
    );
    assert_eq!(world.count_writes(), 0);
    assert_eq!(world.kept_writes(), []);
    let none = World::new();
    assert_eq!(none.write_policy(None, None), Outcome::AlreadyThere);
    assert_eq!(none.count_writes(), 0);
}

#[test]
fn a_policy_is_deleted_and_kept() {
    let world = World::new();
    let old = world.put_directly(&grant_to(&[VENDOR]));
    let outcome = world.write_policy(Some(&old), None);
    assert!(matches!(outcome, Outcome::Written { stored: None, backup: Some(_) }), "{outcome:?}");
    assert_eq!(world.stored_policy(), None);
    assert_eq!(world.kept_writes()[0].old, Some(old));
}

#[test]
fn read_only_refuses_before_any_request() {
    let world = World::new();
    for gate in
        [Gate { read_only: true, ..Gate::default() }, Gate { read_only: true, dry_run: true, ..Gate::default() }]
    {
        let outcome = world.write_as("release-owner", &gate, None, Some(&grant_to(&[VENDOR])));
        assert!(matches!(&outcome, Outcome::Refused(f) if f.kind == FailureKind::ReadOnly), "{outcome:?}");
    }
    assert_eq!(world.called_operations(), [""; 0]);
    assert_eq!(world.stored_policy(), None);
}

#[test]
fn a_pattern_refuses_before_any_request_and_one_of_something_else_does_not() {
    let world = World::new();
    let gate = |pattern: &str, dry_run: bool| {
        let patterns = vec![ReadOnlyPattern::parse(pattern, 3).unwrap()];
        Gate { dry_run, patterns: ReadOnlyPatterns::of_file("own.toml", patterns), ..Gate::default() }
    };
    for pattern in ["release-*", "222222222222", "made/*", "222222222222/made/for-this", "*.amazonaws.com/made/*"] {
        for (text, dry_run) in [(Some(grant_to(&[VENDOR])), false), (None, false), (None, true)] {
            let outcome = world.write_as("release-owner", &gate(pattern, dry_run), None, text.as_deref());
            let Outcome::Refused(failure) = &outcome else { panic!("{pattern}: {outcome:?}") };
            assert_eq!(failure.kind, FailureKind::ReadOnly, "{pattern}");
            assert!(failure.what.ends_with(&format!("by pattern \"{pattern}\" of own.toml:3")), "{failure:?}");
        }
    }
    assert_eq!(world.called_operations(), [""; 0]);
    let outcome = world.write_as("release-owner", &gate("made/for", false), None, Some(&grant_to(&[VENDOR])));
    assert!(matches!(outcome, Outcome::Written { .. }), "{outcome:?}");
}

#[test]
fn a_dry_run_reads_and_compares_and_writes_nothing() {
    let world = World::new();
    let gate = Gate { dry_run: true, ..Gate::default() };
    let text = grant_to(&[VENDOR]);
    assert_eq!(world.write_as("release-owner", &gate, None, Some(&text)), Outcome::DryRun);
    assert_eq!(world.called_operations(), ["GetRepositoryPolicy"]);
    assert_eq!(world.kept_writes(), []);
    let now = world.put_directly(&text);
    assert_eq!(
        world.write_as("release-owner", &gate, None, Some(&grant_to(&[OTHER]))),
        Outcome::Changed { now: Some(now) }
    );
}

#[test]
fn a_refusal_of_aws_is_told_and_what_was_stored_stays() {
    let refused = |text: &str, kind: FailureKind| {
        let world = World::new();
        let old = world.put_directly(&grant_to(&[VENDOR]));
        let outcome = world.write_policy(Some(&old), Some(text));
        let Outcome::Refused(failure) = outcome else { panic!("{text}: {outcome:?}") };
        assert_eq!(failure.kind, kind, "{text}: {failure}");
        assert_eq!(world.stored_policy(), Some(old), "{text}");
        assert_eq!(world.count_writes(), 1, "{text}: a refused write is not sent again");
        let [kept] = &world.kept_writes()[..] else { panic!("{text}: not kept before the write") };
        assert_eq!(kept.outcome_name(), "refused", "{text}");
        assert!(kept.outcome.as_ref().is_some_and(|outcome| outcome.request_id.is_some()), "{text}: {kept:?}");
    };
    let with = |principal: &str, more: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"ecr:BatchGetImage"{more}}}]}}"#
        )
    };
    refused(&with(r#"{"AWS":"*"}"#, r#","Resource":"*""#), FailureKind::InvalidPolicy);
    refused(&with(r#"{"AWS":"arn:aws:iam::111111111111:role/nobody-knows-me"}"#, ""), FailureKind::PrincipalNotFound);
    refused("not json", FailureKind::InvalidPolicy);
    let lock = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"ecr:*"}]}"#;
    refused(lock, FailureKind::LockOut);
}

#[test]
fn a_caller_who_may_only_read_is_told_what_is_missing() {
    let world = World::new();
    let outcome = world.write_as("auditor", &Gate::default(), None, Some(&grant_to(&[VENDOR])));
    let Outcome::Refused(failure) = outcome else { panic!("{outcome:?}") };
    assert_eq!(failure.kind, FailureKind::AccessDenied);
    assert!(failure.what.contains("ecr:SetRepositoryPolicy"), "{failure}");
    assert_eq!(world.stored_policy(), None);
}

#[test]
fn without_a_backup_nothing_is_written() {
    let world = World::new();
    let old = world.put_directly(&grant_to(&[VENDOR]));
    std::fs::write(world.folder.path().join("changes"), "in the way").unwrap();
    let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
    assert!(matches!(&outcome, Outcome::Refused(f) if f.kind == FailureKind::File), "{outcome:?}");
    assert_eq!(world.count_writes(), 0);
    assert_eq!(world.stored_policy(), Some(old));
}

#[test]
fn a_lost_answer_is_cleared_up_by_reading_and_never_sent_again() {
    let world = World::new();
    world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, Trouble::AnswerLost);
    let text = grant_to(&[VENDOR]);
    let outcome = world.write_policy(None, Some(&text));
    let Outcome::Written { stored: Some(stored), .. } = outcome else { panic!("{outcome:?}") };
    assert!(same_meaning(&stored, &text));
    assert_eq!(world.count_writes(), 1);
}

/// Returns the faults of a write that is not done, though no refusal of AWS says so.
fn unanswered_troubles() -> Vec<Trouble> {
    let error = |status, code: &str| Trouble::Error(status, code.to_owned(), "words".to_owned());
    let others = [Trouble::ServerError, Trouble::HtmlPage, Trouble::Broken, error(503, "ServiceUnavailable")];
    [403, 408, 429, 500, 502, 503, 504].map(Trouble::GatewayPage).into_iter().chain(others).collect()
}

#[test]
fn a_write_without_an_answer_that_reads_prove_undone_is_sent_again_with_its_read_before() {
    std::thread::scope(|scope| {
        for trouble in unanswered_troubles() {
            scope.spawn(move || {
                let world = World::new();
                let old = world.put_directly(&grant_to(&[VENDOR]));
                world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, trouble.clone());
                let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
                assert!(matches!(outcome, Outcome::Written { .. }), "{trouble:?}: {outcome:?}");
                let operations = world.called_operations();
                let writes: Vec<usize> =
                    (0..operations.len()).filter(|n| operations[*n] == "SetRepositoryPolicy").collect();
                assert_eq!(writes.len(), 2, "{trouble:?}: {operations:?}");
                assert_eq!(writes[1] - writes[0], 6, "four reads prove it, and one is the last one: {operations:?}");
                let [kept] = &world.kept_writes()[..] else { panic!("{trouble:?}: one line is enough") };
                assert_eq!((&kept.old, kept.outcome_name()), (&Some(old), "written"), "{trouble:?}");
            });
        }
    });
}

#[test]
fn a_write_that_never_has_an_answer_is_unknown_after_a_bound_and_never_a_refusal() {
    std::thread::scope(|scope| {
        for trouble in unanswered_troubles() {
            scope.spawn(move || {
                let world = World::new();
                let old = world.put_directly(&grant_to(&[VENDOR]));
                world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 99, trouble.clone());
                let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
                let Outcome::Unknown(failure) = &outcome else { panic!("{trouble:?}: {outcome:?}") };
                let said = failure.next.contains("old policy so far") && failure.next.contains("changes");
                assert!(said, "{trouble:?}: {failure}");
                assert!((2..=8).contains(&world.count_writes()), "{trouble:?}: {}", world.count_writes());
                assert_eq!(world.stored_policy(), Some(old));
                let [kept] = &world.kept_writes()[..] else { panic!("{trouble:?}: not kept") };
                assert_eq!(kept.outcome_name(), "unknown", "{trouble:?}");
            });
        }
    });
}

#[test]
fn a_write_without_an_answer_and_without_a_read_after_it_is_unknown_and_not_sent_again() {
    let world = World::new();
    world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, Trouble::AnswerLost);
    world.service.add_trouble(Some("GetRepositoryPolicy"), 1, 99, Trouble::Broken);
    let outcome = world.write_policy(None, Some(&grant_to(&[OTHER])));
    assert!(matches!(&outcome, Outcome::Unknown(f) if f.next.contains("may or may not be written")), "{outcome:?}");
    assert_eq!(world.count_writes(), 1);
}

#[test]
fn a_write_without_an_answer_is_settled_behind_reads_that_fail_for_some_seconds() {
    let lost = [(Trouble::AnswerLost, 1)].into_iter();
    let troubles: Vec<(Trouble, usize)> = lost.chain(unanswered_troubles().into_iter().map(|t| (t, 2))).collect();
    std::thread::scope(|scope| {
        for (trouble, writes) in troubles {
            for fault in [Trouble::Broken, Trouble::ServerError] {
                for failing in [3, 7] {
                    let trouble = trouble.clone();
                    let fault = fault.clone();
                    scope.spawn(move || {
                        let world = World::new();
                        let old = world.put_directly(&grant_to(&[VENDOR]));
                        world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, trouble.clone());
                        world.service.add_trouble(Some("GetRepositoryPolicy"), 1, failing, fault.clone());
                        let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
                        let place = format!("{trouble:?}, then {failing} of {fault:?}");
                        assert!(matches!(outcome, Outcome::Written { .. }), "{place}: {outcome:?}");
                        assert_eq!(world.count_writes(), writes, "{place}");
                    });
                }
            }
        }
    });
}

#[test]
fn a_refusal_after_a_write_without_an_answer_leaves_it_unknown() {
    let world = World::new();
    let old = world.put_directly(&grant_to(&[VENDOR]));
    let denied = Trouble::Error(400, "AccessDeniedException".to_owned(), "no".to_owned());
    world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, Trouble::ServerError);
    world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, denied);
    let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
    assert!(matches!(&outcome, Outcome::Unknown(f) if f.kind == FailureKind::AccessDenied), "{outcome:?}");
    assert_eq!(world.count_writes(), 2);
}

#[test]
fn a_write_that_was_done_behind_reads_that_lag_is_not_sent_twice() {
    // Four reads and the last one before the next write lag, then none.
    for lagging in [1, 3, 4] {
        let world = World::new();
        let old = world.put_directly(&grant_to(&[VENDOR]));
        world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, Trouble::AnswerLost);
        world.service.add_trouble(Some("GetRepositoryPolicy"), 1, lagging, Trouble::StaleRead);
        let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
        assert!(matches!(outcome, Outcome::Written { .. }), "{lagging}: {outcome:?}");
        assert_eq!(outcome.backup_file().map(Path::exists), Some(true), "{lagging}");
        assert_eq!(world.count_writes(), 1, "{lagging}");
    }
}

#[test]
fn another_writer_between_two_sends_of_a_write_loses_nothing() {
    let world = World::new();
    let old = world.put_directly(&grant_to(&[VENDOR]));
    let theirs = grant_to(&[VENDOR, "444444444444"]);
    world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, Trouble::ServerError);
    world.service.write_after("SetRepositoryPolicy", &world.repository, Some(&theirs));
    let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
    assert!(matches!(&outcome, Outcome::Unknown(f) if f.next.contains("somebody else")), "{outcome:?}");
    assert_eq!(world.count_writes(), 1);
    assert!(same_meaning(&world.stored_policy().unwrap(), &theirs));
}

#[test]
fn a_write_that_was_done_behind_a_gateways_page_is_seen_by_the_read_back() {
    for status in [403, 500, 502, 504] {
        let world = World::new();
        let old = world.put_directly(&grant_to(&[VENDOR]));
        world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, Trouble::DoneBehindPage(status));
        let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
        assert!(matches!(outcome, Outcome::Written { .. }), "{status}: {outcome:?}");
    }
}

#[test]
fn an_accepted_write_that_no_read_shows_is_not_called_written() {
    let mut causes: Vec<(&str, Trouble)> = vec![("still shows the one from before", Trouble::StaleRead)];
    for trouble in [Trouble::Broken, Trouble::ServerError, Trouble::GatewayPage(504)] {
        causes.push(("could not be read back", trouble));
    }
    let denied = Trouble::Error(400, "AccessDeniedException".to_owned(), "no".to_owned());
    causes.push(("could not be read back", denied));
    for (words, trouble) in causes {
        let world = World::new();
        let old = world.put_directly(&grant_to(&[VENDOR]));
        world.service.add_trouble(Some("GetRepositoryPolicy"), 1, 99, trouble.clone());
        let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
        let Outcome::Unknown(failure) = &outcome else { panic!("{trouble:?}: {outcome:?}") };
        assert!(failure.what.contains(words) && failure.next.contains("changes"), "{trouble:?}: {failure}");
    }
    // Somebody (a deployment, say) puts the old text back at once.
    let world = World::new();
    let old = world.put_directly(&grant_to(&[VENDOR]));
    world.service.write_after("SetRepositoryPolicy", &world.repository, Some(&old));
    let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
    assert!(matches!(&outcome, Outcome::Unknown(f) if f.what.contains("put it back")), "{outcome:?}");
}

#[test]
fn another_writer_who_comes_before_the_write_is_sent_loses_nothing() {
    // Each trouble makes us wait before the write; meanwhile somebody else writes.
    let waits = [
        ("GetRepositoryPolicy", Trouble::Throttled),
        ("GetRepositoryPolicy", Trouble::ServerError),
        ("GetRepositoryPolicy", Trouble::Broken),
        ("SetRepositoryPolicy", Trouble::Throttled),
    ];
    for (operation, trouble) in waits {
        let world = World::new();
        let old = world.put_directly(&grant_to(&[VENDOR]));
        let theirs = grant_to(&[VENDOR, "444444444444"]);
        world.service.add_trouble(Some(operation), 0, 1, trouble.clone());
        world.service.write_after(operation, &world.repository, Some(&theirs));
        let outcome = world.write_policy(Some(&old), Some(&grant_to(&[VENDOR, OTHER])));
        assert!(matches!(outcome, Outcome::Changed { .. }), "{operation} {trouble:?}: {outcome:?}");
        assert!(same_meaning(&world.stored_policy().unwrap(), &theirs), "{operation} {trouble:?}");
    }
}

#[test]
fn a_read_that_took_long_is_repeated_before_the_write() {
    let world = World::with_latency(Duration::from_millis(1200));
    let outcome = world.write_policy(None, Some(&grant_to(&[OTHER])));
    assert!(matches!(outcome, Outcome::Written { .. }), "{outcome:?}");
    let operations = world.called_operations();
    assert_eq!(operations.iter().position(|o| o == "SetRepositoryPolicy"), Some(3), "three slow reads: {operations:?}");
}

#[test]
fn the_copy_is_on_the_disk_before_the_last_read() {
    let world = World::new();
    std::fs::write(world.folder.path().join("changes"), "in the way").unwrap();
    let outcome = world.write_policy(None, Some(&grant_to(&[OTHER])));
    assert!(matches!(&outcome, Outcome::Refused(f) if f.kind == FailureKind::File), "{outcome:?}");
    assert_eq!(world.called_operations(), [""; 0], "nothing was even read");
}

#[test]
fn asked_to_slow_down_a_write_starts_over_with_its_read() {
    let world = World::new();
    world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, Trouble::Throttled);
    let outcome = world.write_policy(None, Some(&grant_to(&[VENDOR])));
    assert!(matches!(outcome, Outcome::Written { .. }), "{outcome:?}");
    assert_eq!(
        world.called_operations(),
        [
            "GetRepositoryPolicy",
            "SetRepositoryPolicy",
            "GetRepositoryPolicy",
            "SetRepositoryPolicy",
            "GetRepositoryPolicy"
        ]
    );
    let world = World::new();
    let old = world.put_directly(&grant_to(&[VENDOR]));
    let theirs = grant_to(&[VENDOR, "444444444444"]);
    world.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, Trouble::Throttled);
    let (service, repository) = (world.service.clone(), world.repository.clone());
    let somebody = std::thread::spawn(move || {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end
            && !service.recorded_calls().iter().any(|call| call.operation == "SetRepositoryPolicy")
        {
            std::thread::sleep(Duration::from_millis(1));
        }
        service.set_policy_directly(&repository, Some(&theirs))
    });
    let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
    assert!(somebody.join().unwrap());
    assert!(matches!(outcome, Outcome::Changed { .. }), "somebody wrote while we waited: {outcome:?}");
    assert_eq!(world.count_writes(), 1);
}

#[test]
fn a_read_that_lags_behind_the_write_is_waited_for() {
    let world = World::new();
    let old = world.put_directly(&grant_to(&[VENDOR]));
    world.service.add_trouble(Some("GetRepositoryPolicy"), 1, 2, Trouble::StaleRead);
    let text = grant_to(&[OTHER]);
    let outcome = world.write_policy(Some(&old), Some(&text));
    let Outcome::Written { stored: Some(stored), .. } = outcome else { panic!("{outcome:?}") };
    assert!(same_meaning(&stored, &text));
    let world = World::new();
    let old = world.put_directly(&grant_to(&[VENDOR]));
    world.service.add_trouble(Some("GetRepositoryPolicy"), 1, 99, Trouble::StaleRead);
    let outcome = world.write_policy(Some(&old), Some(&text));
    assert!(matches!(outcome, Outcome::Unknown(_)), "no read showed it: {outcome:?}");
}

#[test]
fn somebody_who_writes_right_after_us_is_noticed() {
    let both = |ids: &[&[&str]]| {
        let parts: Vec<String> = ids
            .iter()
            .map(|ids| {
                let text = grant_to(ids);
                let (from, to) = (text.find('[').unwrap() + 1, text.rfind(']').unwrap());
                text[from..to].to_owned()
            })
            .collect();
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, parts.join(","))
    };
    let after = |theirs: Option<&str>| {
        let world = World::new();
        let old = world.put_directly(&grant_to(&[VENDOR]));
        world.service.write_after("SetRepositoryPolicy", &world.repository, theirs);
        let outcome = world.write_policy(Some(&old), Some(&grant_to(&[OTHER])));
        assert!(outcome.backup_file().is_some_and(Path::exists), "{outcome:?}");
        (outcome, world.stored_policy())
    };
    let (outcome, stored) = after(Some(&both(&[&[OTHER], &["444444444444"]])));
    assert_eq!(outcome.seen_text(), Some(stored.as_deref()), "{outcome:?}");
    assert!(matches!(outcome, Outcome::WrittenBesideOthers { .. }), "{outcome:?}");
    // Neither ours alone, nor what we took away, nor nothing.
    let replaced =
        [Some(grant_to(&["444444444444"])), Some(both(&[&[OTHER], &[VENDOR]])), Some(grant_to(&[OTHER, VENDOR])), None];
    for theirs in replaced {
        let (outcome, stored) = after(theirs.as_deref());
        assert!(matches!(&outcome, Outcome::Replaced { now, .. } if *now == stored), "{theirs:?}: {outcome:?}");
        assert_eq!(outcome.seen_text(), None);
    }
}

#[test]
fn a_write_for_another_registry_is_refused_before_any_request() {
    let world = World::new();
    let mut elsewhere = world.repository.clone();
    elsewhere.region = Region::parse("us-east-1").unwrap();
    let write = Write { repository: elsewhere, based_on: None, text: Some(grant_to(&[VENDOR])), until: None };
    let registry = world.registry_of("release-owner");
    let change = world.journal.begin_change(ChangeStart::default());
    let outcome = world.runtime.block_on(apply::write_policy(&registry, &change, &Gate::default(), &write, NOW));
    assert!(matches!(&outcome, Outcome::Refused(f) if f.kind == FailureKind::Defect), "{outcome:?}");
    assert_eq!(world.called_operations(), [""; 0]);
}

#[test]
fn a_repository_that_is_gone_is_said_so() {
    let world = World::new();
    assert!(world.service.remove_repository(&world.repository));
    let outcome = world.write_policy(None, Some(&grant_to(&[VENDOR])));
    assert!(matches!(&outcome, Outcome::Refused(f) if f.kind == FailureKind::RepositoryNotFound), "{outcome:?}");
    assert_eq!(world.count_writes(), 0);
}
