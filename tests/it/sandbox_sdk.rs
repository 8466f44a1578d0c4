//! The AWS SDK above the sandbox's connector.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ecr::config::{BehaviorVersion, Credentials, Region, timeout::TimeoutConfig};
use aws_sdk_ecr::error::ProvideErrorMetadata as _;

use ecr_grant::ecr::{ImageUri, RepositoryRef};
use ecr_grant::sandbox::{Clock, Service, Trouble, connector};

/// 2026-11-23 00:00 UTC.
const NOW: i64 = 1_795_392_000;
const OWNER: &str = "222222222222";
const PULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"EcrGrantPull","Effect":"Allow",
    "Principal":{"AWS":["111111111111"]},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}"#;

fn demo_service() -> Service {
    Service::demo(Clock::Fixed(NOW))
}

fn repository_named(name: &str) -> RepositoryRef {
    ImageUri::parse(&format!("{OWNER}.dkr.ecr.eu-west-2.amazonaws.com/{name}")).unwrap().repository_ref()
}

fn sdk_client(service: &Arc<Service>, latency: Duration) -> aws_sdk_ecr::Client {
    let config = aws_sdk_ecr::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-2"))
        .credentials_provider(Credentials::new(OWNER, "secret", None, None, "test"))
        .retry_config(aws_sdk_ecr::config::retry::RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().read_timeout(Duration::from_millis(300)).build())
        .http_client(connector(Arc::clone(service), latency))
        .build();
    aws_sdk_ecr::Client::from_conf(config)
}

#[tokio::test]
async fn the_sdks_own_paginator_walks_all_pages() {
    let service = Arc::new(Service::with_many(1_234, Clock::Fixed(NOW)));
    let client = sdk_client(&service, Duration::ZERO);
    let mut pages = client.describe_repositories().into_paginator().page_size(500).send();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += page.unwrap().repositories().len();
    }
    assert_eq!((count, service.recorded_calls().len()), (1_234, 3));
}

#[tokio::test]
async fn the_sdk_reads_errors_and_writes_policies() {
    let service = Arc::new(demo_service());
    let client = sdk_client(&service, Duration::from_millis(2));
    let read = client.get_repository_policy().repository_name("vendorapp").send().await.unwrap_err();
    let read = read.into_service_error();
    assert!(read.is_repository_policy_not_found_exception());
    assert!(aws_sdk_ecr::operation::RequestId::request_id(&read).is_some());
    let set = client.set_repository_policy().repository_name("vendorapp").policy_text(PULL).send().await.unwrap();
    assert_eq!(set.policy_text(), service.policy_of(&repository_named("vendorapp")).as_deref());
    let denied = client.get_repository_policy().registry_id("333333333333").repository_name("vendorapp").send().await;
    assert_eq!(denied.unwrap_err().code(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn broken_and_silent_connections_reach_the_sdk_as_such() {
    let service = Arc::new(demo_service());
    let client = sdk_client(&service, Duration::ZERO);
    service.add_trouble(None, 0, 1, Trouble::Broken);
    let broken = client.describe_registry().send().await.unwrap_err();
    assert!(broken.as_service_error().is_none(), "{broken:?}");
    service.add_trouble(None, 0, 1, Trouble::Silence);
    let silent = client.describe_registry().send().await.unwrap_err();
    assert!(format!("{silent:?}").contains("Timeout"), "{silent:?}");
    assert_eq!(client.describe_registry().send().await.unwrap().registry_id(), Some(OWNER));
}
