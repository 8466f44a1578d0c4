//! Reading a registry on the sandbox: pages, pace under throttling, sign-ins that run out on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ecr_grant::aws::{AT_ONCE, AwsAccess, Credentials, Registry};
use ecr_grant::ecr::{AccountId, Context, FailureKind, Region, RepositoryName, SourceId};
use ecr_grant::sandbox::{self, Clock, Service, Trouble};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

fn open_registry(service: &Arc<Service>, latency: Duration) -> (Runtime, Registry) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sources = sandbox::demo_sources()
        .into_iter()
        .map(|(source, id, secret)| (source, Credentials::new(id, secret, None, None, "sandbox")))
        .collect();
    let access = AwsAccess::with_sources(sources, sandbox::connector(service.clone(), latency));
    let context =
        Context { source: SourceId::Profile("release-owner".into()), region: Region::parse("eu-west-2").unwrap() };
    let owner = AccountId::parse("222222222222").unwrap();
    let registry = runtime.block_on(access.open_registry(&context, &owner)).unwrap();
    (runtime, registry)
}

fn count_calls(service: &Service, operation: &str) -> usize {
    service.recorded_calls().iter().filter(|call| call.operation == operation).count()
}

#[test]
fn ten_thousand_repositories_come_in_ten_pages_none_lost_or_twice() {
    let service = Arc::new(Service::with_many(10_000, Clock::System));
    let (runtime, registry) = open_registry(&service, Duration::ZERO);
    let names = runtime.block_on(async {
        let mut names: Vec<RepositoryName> = Vec::new();
        let mut token = None;
        loop {
            let page = registry.read_page(token, 5000).await.unwrap();
            names.extend(page.repositories.iter().map(|r| r.name().clone()));
            token = page.next;
            if token.is_none() {
                return names;
            }
        }
    });
    assert_eq!(count_calls(&service, "DescribeRepositories"), 10, "a page holds a thousand at most");
    let unique: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!((names.len(), unique.len()), (10_000, 10_000));
}

#[test]
fn reads_are_sent_again_when_asked_to_slow_down_and_at_faults_and_never_at_refusals() {
    let service = Arc::new(Service::demo(Clock::System));
    let (runtime, registry) = open_registry(&service, Duration::ZERO);
    let read = || runtime.block_on(registry.read_page(None, 1000));
    for (trouble, times) in
        [(Trouble::Throttled, 3), (Trouble::ServerError, 2), (Trouble::HtmlPage, 2), (Trouble::Broken, 1)]
    {
        service.forget_calls();
        service.add_trouble(None, 0, times, trouble.clone());
        assert!(!read().unwrap().repositories.is_empty(), "{trouble:?}");
        assert_eq!(service.recorded_calls().len(), usize::try_from(times).unwrap() + 1, "{trouble:?}");
    }
    service.forget_calls();
    service.add_trouble(None, 0, 99, Trouble::HtmlPage);
    let failure = read().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Server);
    assert!(failure.what.contains("answered 5"), "{failure}");
    assert_eq!(service.recorded_calls().len(), 5);
    service.end_trouble();
    service.forget_calls();
    service.add_trouble(None, 0, 9, Trouble::Error(400, "AccessDeniedException".into(), "no".into()));
    assert_eq!(read().unwrap_err().kind, FailureKind::AccessDenied);
    assert_eq!(service.recorded_calls().len(), 1);
}

#[test]
fn many_policies_are_read_a_few_at_a_time_and_one_that_somebody_waits_for_at_once() {
    let service = Arc::new(Service::with_many(600, Clock::System));
    let (runtime, registry) = open_registry(&service, Duration::from_millis(20));
    runtime.block_on(async {
        let names: Vec<RepositoryName> =
            registry.read_page(None, 1000).await.unwrap().repositories.iter().map(|r| r.name().clone()).collect();
        let began = Instant::now();
        let waiting: Vec<_> = names
            .iter()
            .cloned()
            .map(|name| {
                let registry = registry.clone();
                tokio::spawn(async move { registry.read_policy(&name).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(1)).await;
        registry.read_policy_now(&names[599]).await.unwrap();
        let sent = service.recorded_calls().len();
        assert!(sent < 400, "past those who wait, of whom {sent} were sent");
        for read in waiting {
            read.await.unwrap().unwrap();
        }
        let rounds = u32::try_from(names.len().div_ceil(AT_ONCE)).unwrap();
        assert!(began.elapsed() >= Duration::from_millis(20) * rounds, "a few at once: {:?}", began.elapsed());
    });
    assert_eq!(count_calls(&service, "GetRepositoryPolicy"), 601);
}

#[test]
fn reads_that_are_throttled_in_between_all_come_back() {
    let service = Arc::new(Service::with_many(100, Clock::System));
    let (runtime, registry) = open_registry(&service, Duration::ZERO);
    runtime.block_on(async {
        let page = registry.read_page(None, 1000).await.unwrap();
        // Each counts from the one before.
        for at in [5, 10, 0, 0, 30] {
            service.add_trouble(Some("GetRepositoryPolicy"), at, 1, Trouble::Throttled);
        }
        let reads: Vec<_> = page
            .repositories
            .iter()
            .map(|r| {
                let (registry, name) = (registry.clone(), r.name().clone());
                tokio::spawn(async move { registry.read_policy(&name).await })
            })
            .collect();
        for read in reads {
            read.await.unwrap().unwrap();
        }
    });
    assert_eq!(count_calls(&service, "GetRepositoryPolicy"), 105);
}

#[test]
fn a_request_that_is_dropped_half_way_leaves_nothing_locked() {
    let service = Arc::new(Service::demo(Clock::System));
    let (runtime, registry) = open_registry(&service, Duration::from_millis(50));
    let name = RepositoryName::parse("not-there").unwrap();
    runtime.block_on(async {
        for _ in 0..20 {
            assert!(tokio::time::timeout(Duration::from_millis(1), registry.read_policy(&name)).await.is_err());
        }
        let all = tokio::time::timeout(Duration::from_secs(2), registry.read_page(None, 10)).await.unwrap();
        assert!(all.is_ok());
        let failure =
            tokio::time::timeout(Duration::from_secs(2), registry.read_policy(&name)).await.unwrap().unwrap_err();
        assert_eq!(failure.kind, FailureKind::RepositoryNotFound);
    });
}

#[test]
fn an_answer_about_another_registry_or_repository_is_the_servers_fault() {
    let service = Arc::new(Service::demo(Clock::System));
    let (runtime, registry) = open_registry(&service, Duration::ZERO);
    let name = RepositoryName::parse("platform/base-images/rust-builder").unwrap();
    let other = || json!("333333333333");
    let asked = |operation: &str, pointer: &str, value: Value| {
        service.add_trouble(Some(operation), 0, 1, Trouble::Altered(pointer.to_owned(), value));
        let failure = match operation {
            "GetRepositoryPolicy" => runtime.block_on(registry.read_policy(&name)).map(|_| ()),
            _ if pointer.starts_with("/repositories/1/") => runtime.block_on(registry.read_page(None, 10)).map(|_| ()),
            _ => runtime.block_on(registry.describe_repository(&name)).map(|_| ()),
        };
        let failure = failure.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Server, "{operation} {pointer}: {failure}");
        assert!(failure.what.contains("names"), "{operation} {pointer}: {failure}");
    };
    asked("GetRepositoryPolicy", "/registryId", other());
    asked("GetRepositoryPolicy", "/repositoryName", json!("payments"));
    asked("DescribeRepositories", "/repositories/1/registryId", other());
    asked("DescribeRepositories", "/repositories/0/registryId", other());
    asked("DescribeRepositories", "/repositories/0/repositoryName", json!("payments"));
    let two = json!([{"repositoryName": name.as_str()}, {"repositoryName": "payments"}]);
    asked("DescribeRepositories", "/repositories", two);
    assert!(runtime.block_on(registry.read_policy(&name)).is_ok());
}

#[test]
fn a_listing_ends_whatever_the_server_answers() {
    let service = Arc::new(Service::with_many(20_000, Clock::System));
    let (runtime, registry) = open_registry(&service, Duration::ZERO);
    let token = runtime.block_on(registry.read_page(None, 500)).unwrap().next.unwrap();
    for (pointer, value, words) in [
        ("/nextToken", json!(token), "the same page token twice"),
        ("/repositories", json!([{"repositoryName": "one"}]), "nothing new"),
        ("/repositories", json!([]), "nothing new"),
    ] {
        let service = Arc::new(Service::with_many(20_000, Clock::System));
        let (runtime, registry) = open_registry(&service, Duration::ZERO);
        service.add_trouble(Some("DescribeRepositories"), 0, 99, Trouble::Altered(pointer.to_owned(), value));
        let failure = runtime.block_on(async {
            let mut listing = registry.list_all();
            loop {
                match listing.next_page().await {
                    Ok(page) => assert!(page.is_some(), "the list is not whole"),
                    Err(failure) => {
                        assert_eq!(listing.next_page().await, Ok(None), "it has ended");
                        return failure;
                    }
                }
            }
        });
        assert!(failure.what.contains(words), "{failure}");
        assert!(service.recorded_calls().len() < 30, "{words}: {} requests", service.recorded_calls().len());
    }
}

#[test]
fn a_body_without_an_end_is_not_read_to_the_end() {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    // Reads are sent again after a fault of the server. The thread ends with the test.
    std::thread::spawn(move || {
        for _ in 0..5 {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let _ = stream.read(&mut [0; 4096]);
            let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nconnection: close\r\n\r\n<a>";
            let _ = stream.write_all(head);
            let chunk = vec![b' '; 65_536];
            let mut once = 0;
            while once < 256 * 1024 * 1024 && stream.write_all(&chunk).is_ok() {
                once += chunk.len();
            }
            counted.fetch_max(once, Ordering::Relaxed);
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_ecr-grant"))
        .env_clear()
        .env("HOME", folder.path())
        .env("AWS_ACCESS_KEY_ID", "222222222222")
        .env("AWS_SECRET_ACCESS_KEY", "x")
        .args(["show", "vendorapp", "--region", "eu-west-2", "--endpoint-url", &url])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("is larger than 1 MiB"), "{said}");
    assert_eq!(output.status.code(), Some(7), "{said}");
    let most = sent.load(Ordering::Relaxed);
    assert!((1..64 * 1024 * 1024).contains(&most), "the connection ends soon after the limit: {most}");
}
