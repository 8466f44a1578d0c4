//! `review --all-regions` on an account that has not enabled every Region, as no ordinary account has.

use ecr_grant::ecr::{AccountId, Partition, Region};
use ecr_grant::sandbox::Trouble;
use serde_json::{Value, json};

use super::review::{ReviewHome, exit_code, read_lines};
use super::support::Finished;
use super::support::owner::OwnerHome;
use super::support::served::Served;

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

fn sample_home() -> ReviewHome {
    let registry = |place: &str, name: &str| json!({"account": "222222222222", "region": place, "repositories": [{"name": name, "created": 0}]});
    ReviewHome::new(&json!({"registries": [registry("eu-west-2", "london"), registry("me-south-1", "bahrain")]}))
}

fn names(finished: &Finished) -> Vec<String> {
    let lines = read_lines(&finished.stdout);
    let mut names: Vec<String> =
        lines.iter().filter_map(|line| line["repository"].as_str()).map(str::to_owned).collect();
    names.sort();
    names
}

fn disable_late_regions(home: &ReviewHome, except: &str) -> Vec<Region> {
    let late: Vec<Region> =
        Partition::Aws.regions().filter(|found| found.needs_opt_in() && found.as_str() != except).collect();
    for found in &late {
        home.served.service.disable_region(&account("222222222222"), found);
    }
    late
}

#[test]
fn a_region_that_the_account_has_not_enabled_is_no_failure_and_hides_no_enabled_one() {
    let home = sample_home();
    let late = disable_late_regions(&home, "me-south-1");
    assert_eq!(late.len(), 16);
    let told = home.review(&["--all-regions", "--format", "jsonl"]);
    assert_eq!((exit_code(&told), names(&told)), (0, vec!["bahrain".into(), "london".into()]), "{}", told.stderr);
    assert_eq!(told.stdout.lines().count(), 2, "{}", told.stdout);
    for off in &late {
        assert!(told.stderr.contains(off.as_str()), "{off}: {}", told.stderr);
    }
    assert!(told.stderr.contains("note: account 222222222222 has not enabled af-south-1, "), "{}", told.stderr);
    assert!(told.stderr.contains("2 repositories in 18 registries; no finding\n"), "{}", told.stderr);
    let document: Value = serde_json::from_str(&home.review(&["--all-regions", "--format", "json"]).stdout).unwrap();
    assert_eq!(
        (document["failed"].as_array().unwrap().len(), document["not_enabled"].as_array().unwrap().len()),
        (0, 16)
    );
    assert_eq!(document["not_enabled"][0], json!({"account": "222222222222", "region": "af-south-1"}));
    for format in ["text", "markdown", "html"] {
        let page = home.review(&["--all-regions", "--format", format]);
        assert_eq!(exit_code(&page), 0);
        assert!(page.stdout.contains("Not enabled"), "{format}: {}", page.stdout);
    }
    // AWS may name the cause.
    let refused = Trouble::Error(400, "OptInRequired".into(), "not subscribed".into());
    home.served.service.add_trouble(Some("GetRegistryPolicy"), 0, 1, refused);
    let told = home.review(&["--all-regions", "--format", "jsonl"]);
    assert!(told.stderr.contains("has not enabled"), "{}", told.stderr);
}

#[test]
fn a_region_that_was_asked_for_by_name_is_a_failure_with_its_cause_once() {
    let home = sample_home();
    disable_late_regions(&home, "");
    let told = home.review(&["--regions", "eu-west-2,me-south-1", "--format", "jsonl"]);
    assert_eq!((exit_code(&told), names(&told)), (6, vec!["london".into()]), "{}", told.stderr);
    let lines = read_lines(&told.stdout);
    let failed: Vec<&Value> = lines.iter().filter(|line| !line["error"].is_null()).collect();
    assert_eq!((failed.len(), &failed[0]["region"]), (1, &json!("me-south-1")));
    assert_eq!(failed[0]["error"]["what"], "The account has not enabled me-south-1");
}

/// Keys that are deleted while the review runs are refused in the same words as those of a Region that is not enabled.
#[test]
fn keys_that_aws_knows_nowhere_are_never_taken_for_a_region_that_is_not_enabled() {
    let home = sample_home();
    disable_late_regions(&home, "me-south-1");
    let unknown = |operation: &str, skip: u32| {
        let refused = Trouble::Error(
            403,
            "InvalidClientTokenId".into(),
            "The security token included in the request is invalid.".into(),
        );
        home.served.service.add_trouble(Some(operation), skip, 10_000, refused);
    };
    // The sign-in is let through, and no later question to STS.
    unknown("GetCallerIdentity", 1);
    let told = home.review(&["--all-regions", "--format", "jsonl"]);
    assert_eq!(exit_code(&told), 6, "{}", told.stderr);
    assert!(!told.stderr.contains("has not enabled af-south-1"), "{}", told.stderr);
    let failed = read_lines(&told.stdout).iter().filter(|line| !line["error"].is_null()).count();
    assert_eq!(failed, 16, "{}", told.stdout);
    home.served.service.end_trouble();
    // A Region that each account has: the keys are the cause, whatever STS says.
    let refused = Trouble::Error(400, "UnrecognizedClientException".into(), "The security token is invalid.".into());
    home.served.service.add_trouble(Some("DescribeRepositories"), 0, 10_000, refused.clone());
    home.served.service.add_trouble(Some("GetRegistryPolicy"), 0, 10_000, refused);
    let told = home.review(&["--regions", "eu-west-2,us-east-1", "--format", "jsonl"]);
    assert_eq!(exit_code(&told), 3, "{}", told.stderr);
    assert!(!told.stderr.contains("enabled"), "{}", told.stderr);
}

#[test]
fn the_accounts_of_an_organization_are_signed_in_where_the_review_was() {
    let owner = OwnerHome::new();
    Served::write_profile(owner.home.path());
    for found in Partition::Aws.regions().filter(Region::needs_opt_in) {
        for id in ["222222222222", "333333333333", "444444444444", "777777777777"] {
            owner.served.service.disable_region(&account(id), &found);
        }
    }
    let arguments = ["review", "--profile", "owner", "--org-role", "Admin", "--all-regions", "--format", "json"];
    let told = owner.run(&[&arguments[..], &["--fail-on", "none"]].concat());
    assert_eq!(told.status.code(), Some(0), "{}", told.stderr);
    let document: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(document["repositories"].as_array().unwrap().len(), 62);
    assert_eq!(document["not_enabled"].as_array().unwrap().len(), 17 * 4);
    for call in owner.served.service.recorded_calls() {
        let is_sign_in = call.operation == "AssumeRole" || call.operation == "GetCallerIdentity";
        assert!(!is_sign_in || !region(&call.region).needs_opt_in(), "{call:?}");
    }
}

#[test]
fn the_screen_names_the_regions_that_are_not_enabled_and_calls_none_of_them_a_failure() {
    let home = sample_home();
    let late = disable_late_regions(&home, "me-south-1");
    let folder = tempfile::tempdir().unwrap();
    let mut pty = crate::journeys::open_as_owner(&home.served, folder.path(), &["review", "--all-regions"]);
    pty.wait_for("london").wait_for("bahrain").wait_for("2 repositories").wait_for("18 Regions");
    assert!(!pty.screen_text().contains("not read"), "{}", pty.screen_text());
    pty.press_keys("Tab").wait_for("May do").press_keys("Tab").wait_for("State").press_keys("End");
    pty.wait_for("not enabled").wait_for("account 222222222222 has not enabled");
    assert!(late.iter().any(|off| pty.screen_text().contains(off.as_str())));
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
}
