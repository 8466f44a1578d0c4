//! Known parties: the screen of a review tells of the same unknown ones as its table.

use serde_json::json;

use super::review::{allow, policy_of};
use crate::support::owner::OwnerHome;
use crate::support::pty::Pty;

/// Profiles of two accounts, on keys.
const PROFILES: &str = "\
[profile owner]
region = eu-west-2
aws_access_key_id = 222222222222
aws_secret_access_key = none
[profile data]
region = eu-west-2
aws_access_key_id = 333333333333
aws_secret_access_key = none
";

/// The demo's registries with policies that name the review's own accounts too, and a configuration with a name.
fn owner_with_names() -> OwnerHome {
    let owner = OwnerHome::new();
    std::fs::write(owner.home.path().join("aws-config"), PROFILES).unwrap();
    std::fs::write(owner.home.path().join("names.toml"), "[accounts]\n\"111111111111\" = \"Release\"\n").unwrap();
    std::fs::write(owner.home.path().join("known.csv"), "555555555555,a customer\no-a1b2c3d4e5\n").unwrap();
    let parties = json!({"AWS": ["111111111111", "333333333333", "555555555555", "888888888888"]});
    let own = json!({"StringEquals": {"aws:SourceAccount": ["222222222222", "999999999999"]}});
    let behalf = allow(&json!({"Service": "codebuild.amazonaws.com"}), &own);
    for (name, statements) in [("vendorapp", allow(&parties, &json!({}))), ("checkout/web", behalf)] {
        let text = policy_of(&statements).to_string();
        assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to(name), Some(&text)));
    }
    owner
}

/// Returns the lines of a table, without their order.
fn sorted_lines(csv: &str) -> Vec<String> {
    let mut lines: Vec<String> = csv.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn the_screen_tells_of_the_same_unknown_parties_as_the_table() {
    let owner = owner_with_names();
    let folder = owner.home.path();
    let named = ["--config", "names.toml"];
    let file = ["--known", "known.csv"];
    for (profiles, export) in [
        (["--profile", "owner"], "ecr-review-222222222222-eu-west-2.csv"),
        (["--profiles", "owner,data"], "ecr-review-2-registries.csv"),
    ] {
        for more in [&[][..], &named, &file, &[named, file].concat()] {
            let arguments = [&["review"], profiles.as_slice(), more].concat();
            let table = owner.run(&[arguments.as_slice(), &["--format", "csv", "--fail-on", "none"]].concat());
            let table = table.expect_text();
            assert_eq!(table.contains("R401"), !more.is_empty(), "{arguments:?}: {table}");
            let arguments = [arguments.as_slice(), &["--endpoint-url", owner.served.url.as_str()]].concat();
            let mut pty = Pty::start_wizard(&arguments, 140, 40, folder);
            pty.wait_for("worst first").wait_until("all is read", |screen| {
                !screen.contains("who can pull:") && screen.contains("repositories ") && screen.contains("risks")
            });
            pty.press_keys("x").wait_for(export).press_keys("q");
            assert_eq!(pty.exit_code(), 0);
            let shown = std::fs::read_to_string(folder.join(export)).unwrap();
            assert_eq!(sorted_lines(&shown), sorted_lines(table), "{arguments:?}");
            std::fs::remove_file(folder.join(export)).unwrap();
        }
    }
}

#[test]
fn the_filter_and_the_details_tell_of_an_unknown_party() {
    let owner = owner_with_names();
    let arguments = ["review", "--profile", "owner", "--config", "names.toml", "--endpoint-url", &owner.served.url];
    let mut pty = Pty::start_wizard(&arguments, 140, 40, owner.home.path());
    pty.wait_for("worst first").wait_until("all is read", |screen| !screen.contains("who can pull:"));
    pty.press_keys("/").type_text("finding:unknown-account name:vendorapp").press_keys("Enter");
    pty.wait_for("account 888888888888 is not known").press_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_file_of_known_parties_that_cannot_be_used_is_told_before_the_screen_opens() {
    let owner = owner_with_names();
    std::fs::write(owner.home.path().join("known.csv"), "not a grantee\n").unwrap();
    let arguments =
        ["review", "--profile", "owner", "--known", "known.csv", "--endpoint-url", owner.served.url.as_str()];
    let mut pty = Pty::start_wizard(&arguments, 100, 30, owner.home.path());
    pty.wait_for("known.csv");
    assert_eq!(pty.exit_code(), 2);
    assert!(owner.served.service.recorded_calls().is_empty());
}
