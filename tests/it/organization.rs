//! A whole organization in the sandbox: its aggregator of AWS Config, its accounts, and the registries of its accounts
//! through a role. Real clients read the same.

use std::sync::Arc;
use std::time::Duration;

use ecr_grant::aws::{AwsAccess, Credentials, ResourceKind};
use ecr_grant::ecr::{
    AccountId, Context, FailureKind, MemberRole, Region, RepositoryName, RepositoryRef, SignInKind, Source, SourceId,
};
use ecr_grant::policy::canonical::same_meaning;
use ecr_grant::sandbox::{Clock, Service, Trouble, connector};
use serde_json::{Value, json};

use crate::support::owner::OwnerHome;
use crate::support::python::python_command;
use crate::support::run;
use crate::support::served::Served;

/// 2026-11-23 00:00 UTC.
const NOW: i64 = 1_795_392_000;

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn context(name: &str) -> Context {
    Context { source: SourceId::Environment, region: region(name) }
}

/// A role of an account, which the environment's keys assume in eu-west-2, used in a Region.
fn member_context(id: &str, role: &str, name: &str) -> Context {
    let (account, home) = (account(id), region("eu-west-2"));
    let member = MemberRole { account, role: role.to_owned(), base: SourceId::Environment, home };
    Context { source: SourceId::Member(Box::new(member)), region: region(name) }
}

/// An access with the keys of an account's `Admin`.
fn access_of(service: &Arc<Service>, account: &str) -> AwsAccess {
    let keys = Credentials::new(account, "secret", None, None, "test");
    let source = Source::new(SourceId::Environment, SignInKind::Keys);
    AwsAccess::with_sources(vec![(source, keys)], connector(Arc::clone(service), Duration::ZERO))
}

fn demo() -> Arc<Service> {
    Arc::new(Service::demo(Clock::Fixed(NOW)))
}

#[tokio::test]
async fn an_aggregator_tells_its_reach_and_each_policy_that_ecr_has() {
    let service = demo();
    let access = access_of(&service, "222222222222");
    let aggregator = access.open_aggregator(&context("eu-west-2"), "organization").await.unwrap();
    let coverage = aggregator.read_coverage().await.unwrap();
    assert_eq!((coverage.count_current(), coverage.sources.len()), (6, 6));
    assert_eq!(coverage.oldest_update(), Some(NOW - 3 * 3600));
    let (mut found, mut pages) = (Vec::new(), 0);
    let take = |page: Vec<_>| {
        pages += 1;
        found.extend(page);
    };
    aggregator.read_resources(ResourceKind::Repository, take).await.unwrap();
    assert_eq!((found.len(), pages), (62, 1));
    let mut with_policy = 0;
    for item in &found {
        let name = RepositoryName::parse(&item.name).unwrap();
        let reference = RepositoryRef { account: item.account.clone(), region: item.region.clone(), name };
        let recorded = &item.configuration["RepositoryPolicyText"];
        match service.policy_of(&reference) {
            None => assert_eq!(*recorded, json!({}), "{reference:?}"),
            Some(stored) => {
                with_policy += 1;
                assert!(same_meaning(&stored, &recorded.to_string()), "{stored}\n{recorded}");
            }
        }
        assert!(item.captured.as_deref().is_some_and(|time| time.starts_with("2026-11-22T21:00")), "{item:?}");
    }
    assert!(with_policy > 20, "{with_policy}");
    for (kind, count) in [(ResourceKind::RegistryPolicy, 2), (ResourceKind::Replication, 1)] {
        let mut found = 0;
        aggregator.read_resources(kind, |page| found += page.len()).await.unwrap();
        assert_eq!(found, count, "{kind:?}");
    }
}

#[tokio::test]
async fn many_resources_come_page_by_page_and_throttling_loses_none() {
    let service = Arc::new(Service::with_many(1_234, Clock::Fixed(NOW)));
    let access = access_of(&service, "222222222222");
    let aggregator = access.open_aggregator(&context("eu-west-2"), "organization").await.unwrap();
    service.add_trouble(Some("SelectAggregateResourceConfig"), 2, 2, Trouble::Throttled);
    service.add_trouble(Some("SelectAggregateResourceConfig"), 4, 1, Trouble::ServerError);
    let (mut names, mut pages) = (Vec::new(), 0);
    let take = |page: Vec<ecr_grant::aws::RecordedResource>| {
        pages += 1;
        names.extend(page.into_iter().map(|item| item.name));
    };
    aggregator.read_resources(ResourceKind::Repository, take).await.unwrap();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), pages), (1_234, 13));
}

#[tokio::test]
async fn a_source_that_config_cannot_read_is_told_and_its_resources_are_missing() {
    let service = demo();
    service.fail_aggregator_source(&account("444444444444"), &region("eu-central-1"), "ACCESS_DENIED");
    let access = access_of(&service, "222222222222");
    let aggregator = access.open_aggregator(&context("eu-west-2"), "organization").await.unwrap();
    let coverage = aggregator.read_coverage().await.unwrap();
    let failed: Vec<_> = coverage.sources.iter().filter(|source| !source.is_current).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].account, Some(account("444444444444")));
    assert_eq!(failed[0].problem.as_deref(), Some("ACCESS_DENIED"));
    let mut found = Vec::new();
    aggregator.read_resources(ResourceKind::Repository, |page| found.extend(page)).await.unwrap();
    assert_eq!(found.len(), 59);
}

#[tokio::test]
async fn an_aggregator_that_is_not_there_is_said_with_the_command_that_lists_them() {
    let service = demo();
    for (owner, place, name) in [
        ("222222222222", "eu-west-2", "other"),
        ("222222222222", "us-east-1", "organization"),
        ("333333333333", "eu-west-2", "organization"),
    ] {
        let access = access_of(&service, owner);
        let aggregator = access.open_aggregator(&context(place), name).await.unwrap();
        for failure in [
            aggregator.read_coverage().await.unwrap_err(),
            aggregator.read_resources(ResourceKind::Repository, |_| ()).await.unwrap_err(),
        ] {
            assert_eq!(failure.what, format!("There is no aggregator {name} of AWS Config in {place}"));
            assert!(
                failure
                    .command
                    .as_deref()
                    .is_some_and(|command| command.contains("describe-configuration-aggregators"))
            );
        }
    }
}

#[tokio::test]
async fn the_accounts_of_an_organization_are_listed_and_each_registry_is_read_through_its_role() {
    // The keys of a session end by the real clock.
    let service = Arc::new(Service::demo(Clock::System));
    service.suspend_account(&account("444444444444"));
    let access = access_of(&service, "222222222222");
    let members = access.open_members(&context("eu-west-2")).await.unwrap().list_accounts().await.unwrap();
    let shown: Vec<_> =
        members.iter().map(|member| (member.id.as_str(), member.name.as_str(), member.is_active)).collect();
    let wanted = [
        ("222222222222", "platform", true),
        ("333333333333", "data", true),
        ("444444444444", "experiments", false),
        ("777777777777", "clusters", true),
    ];
    assert_eq!(shown, wanted);
    let data = account("333333333333");
    let registry = access.open_registry(&member_context("333333333333", "Admin", "eu-west-2"), &data).await.unwrap();
    let page = registry.read_page(None, 1000).await.unwrap();
    assert_eq!((page.repositories.len(), registry.owner()), (5, &data));
    for repository in &page.repositories {
        let read = registry.read_policy(repository.name()).await.unwrap();
        assert_eq!(read, service.policy_of(&repository.reference));
    }
    assert_eq!(registry.read_registry_policy().await.unwrap(), None);
    let calls = service.recorded_calls();
    assert_eq!(calls.iter().filter(|call| call.operation == "AssumeRole").count(), 1, "one session for all reads");
    let other = access.open_registry(&member_context("333333333333", "Admin", "us-east-1"), &data).await.unwrap();
    assert_eq!(other.read_page(None, 1000).await.unwrap().repositories.len(), 1);
    let sessions =
        |calls: &[ecr_grant::sandbox::Call]| calls.iter().filter(|call| call.operation == "AssumeRole").count();
    assert_eq!(sessions(&service.recorded_calls()), 1, "and for other Regions");
}

#[tokio::test]
async fn what_is_not_allowed_is_said_by_account_and_stops_no_other() {
    let service = demo();
    let outsider = access_of(&service, "333333333333");
    let failure = outsider.open_members(&context("eu-west-2")).await.unwrap().list_accounts().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::AccessDenied);
    let access = access_of(&service, "222222222222");
    let open =
        async |id: &str, role: &str| access.open_registry(&member_context(id, role, "eu-west-2"), &account(id)).await;
    let lacking = open("777777777777", "NoSuchRole").await.unwrap();
    let failure = lacking.read_page(None, 1000).await.unwrap_err();
    assert!(failure.to_string().contains("NoSuchRole"), "{failure:?}");
    let odd = open("777777777777", "").await;
    assert!(odd.is_err() || odd.unwrap().read_page(None, 1).await.is_err());
    let fine = open("333333333333", "Admin").await.unwrap();
    assert_eq!(fine.read_page(None, 1000).await.unwrap().repositories.len(), 5);
}

#[test]
fn boto3_reads_the_same_aggregator_and_the_same_accounts() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let script = "import boto3, json, sys\n\
        where = dict(endpoint_url=sys.argv[1], region_name='eu-west-2')\n\
        config = boto3.client('config', **where)\n\
        select = config.get_paginator('select_aggregate_resource_config')\n\
        pages = select.paginate(ConfigurationAggregatorName='organization', MaxResults=20,\n\
        \x20   Expression=\"SELECT accountId, resourceName, configuration.RepositoryPolicyText WHERE resourceType = 'AWS::ECR::Repository'\")\n\
        items = [json.loads(text) for page in pages for text in page['Results']]\n\
        status = config.describe_configuration_aggregator_sources_status(ConfigurationAggregatorName='organization')\n\
        listed = boto3.client('organizations', endpoint_url=sys.argv[1], region_name='us-east-1').get_paginator('list_accounts')\n\
        accounts = [a['Id'] for page in listed.paginate(MaxResults=3) for a in page['Accounts']]\n\
        print(json.dumps([len(items), len(status['AggregatedSourceStatusList']), accounts]))\n";
    let mut command = python_command(home.path());
    command.env("AWS_ACCESS_KEY_ID", "222222222222").args(["-c", script, &served.url]);
    let told: Value = serde_json::from_str(run(command).expect_text().trim()).unwrap();
    assert_eq!(told, json!([62, 6, ["222222222222", "333333333333", "444444444444", "777777777777"]]));
}

/// Returns what a review says of each repository, without what only ECR itself tells.
fn told_repositories(finished: &crate::support::Finished) -> std::collections::BTreeMap<String, Value> {
    let told: Value = serde_json::from_str(finished.expect_text()).unwrap();
    let repositories = told["repositories"].as_array().unwrap().iter();
    repositories
        .map(|told| {
            assert_eq!(told["error"], Value::Null, "{told}");
            let parts = json!([told["class"], told["grantees"], told["findings"]]);
            (told["arn"].as_str().unwrap().to_owned(), parts)
        })
        .collect()
}

/// Returns what a review says of each registry, without what AWS Config does not record.
fn told_registries(finished: &crate::support::Finished) -> std::collections::BTreeMap<String, Value> {
    let told: Value = serde_json::from_str(finished.expect_text()).unwrap();
    let registries = told["registries"].as_array().unwrap().iter();
    registries
        .map(|told| {
            let place = format!("{} {}", told["account"], told["region"]);
            let registry = &told["registry"];
            let parts = json!([told["grantees"], told["findings"], registry["templates"], registry["replications"]]);
            (place, json!([parts, registry["denies"]]))
        })
        .collect()
}

const ANY: [&str; 4] = ["--format", "json", "--fail-on", "none"];

#[test]
fn an_aggregator_and_the_roles_of_all_accounts_give_the_same_review() {
    let owner = OwnerHome::new();
    Served::write_profile(owner.home.path());
    let asked = |more: &[&str]| owner.run(&[&["review", "--profile", "owner"], more, &ANY].concat());
    let recorded = asked(&["--aggregator", "organization"]);
    let through_roles = asked(&["--org-role", "Admin", "--regions", "eu-west-2,us-east-1,eu-central-1"]);
    let (first, second) = (told_repositories(&recorded), told_repositories(&through_roles));
    assert_eq!(first.len(), 62);
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (arn, told) in &first {
        assert_eq!(told, &second[arn], "{arn}");
    }
    let registries = told_registries(&recorded);
    assert!(registries.len() > 1);
    assert_eq!(registries, told_registries(&through_roles));
    assert!(
        recorded.stderr.contains("AWS Config tells of 6 of 6 accounts and Regions; the oldest data is 3 hours old.")
    );
    let of_ecr = owner.served.service.recorded_calls();
    assert!(of_ecr.iter().any(|call| call.operation == "AssumeRole"));
}

#[test]
fn an_account_that_cannot_be_read_is_told_and_makes_the_exit_code_six() {
    let owner = OwnerHome::new();
    Served::write_profile(owner.home.path());
    let service = &owner.served.service;
    service.suspend_account(&account("777777777777"));
    service.fail_aggregator_source(&account("444444444444"), &region("eu-central-1"), "ACCESS_DENIED");
    let recorded = owner.run(&[&["review", "--profile", "owner", "--aggregator", "organization"], &ANY[..]].concat());
    assert_eq!(recorded.status.code(), Some(6), "{}", recorded.stderr);
    let missed = "444444444444 in eu-central-1: AWS Config could not read it the last time: ACCESS_DENIED";
    assert!(recorded.stderr.contains(missed), "{}", recorded.stderr);
    let told: Value = serde_json::from_str(&recorded.stdout).unwrap();
    assert_eq!(told["repositories"].as_array().unwrap().len(), 59);
    let missing = owner.run(&["review", "--profile", "owner", "--aggregator", "other"]);
    assert!(missing.expect_failure().contains("There is no aggregator other of AWS Config in eu-west-2"));
    // A role that an account lacks hides no other account.
    let roles = owner.run(&[&["review", "--profile", "owner", "--org-role", "AirflowWorker"], &ANY[..]].concat());
    assert_eq!(roles.status.code(), Some(6), "{}", roles.stderr);
    assert!(
        roles.stderr.contains("note: not read, since they are suspended or closed: 777777777777"),
        "{}",
        roles.stderr
    );
    assert!(roles.stderr.contains("444444444444 in eu-west-2"), "{}", roles.stderr);
    let told: Value = serde_json::from_str(&roles.stdout).unwrap();
    let accounts: std::collections::BTreeSet<&str> =
        told["repositories"].as_array().unwrap().iter().map(|told| told["account"].as_str().unwrap()).collect();
    assert_eq!(accounts, ["222222222222", "333333333333"].into());
}
