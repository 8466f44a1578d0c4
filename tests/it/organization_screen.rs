//! The review of a whole organization on the screen: it shows what the command tells, and a change in another account is
//! written with the role of that account, and taken back.

use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};

use crate::journeys::{confirm_save, name_release, to_permissions, to_policy, to_save};
use crate::support::owner::OwnerHome;
use crate::support::pty::Pty;
use crate::support::served::Served;

fn open_screen(owner: &OwnerHome, more: &[&str], size: (u16, u16)) -> Pty {
    let args = [&["review", "--endpoint-url", owner.served.url.as_str(), "--profile", "owner"], more].concat();
    Pty::start_wizard(&args, size.0, size.1, owner.home.path())
}

/// Returns the lines of a review as CSV, without the head.
fn rows_of(csv: &str) -> std::collections::BTreeSet<String> {
    csv.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn the_screen_shows_what_the_command_tells_of_all_accounts() {
    let owner = OwnerHome::new();
    Served::write_profile(owner.home.path());
    let more = ["--org-role", "Admin", "--regions", "eu-west-2,us-east-1"];
    let args = [&["review", "--profile", "owner", "--format", "csv", "--fail-on", "none"], &more[..]].concat();
    let told = owner.run(&args);
    let told = rows_of(told.expect_text());
    let mut pty = open_screen(&owner, &more, (140, 40));
    pty.wait_until("all is read", |screen| {
        screen.contains("4 accounts, 2 Regions")
            && screen.contains("54 repositories ")
            && !screen.contains("who can pull:")
            && !screen.contains("so far")
    });
    pty.press_keys("x").wait_for("ecr-review-8-registries.csv").press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    let shown = std::fs::read_to_string(owner.home.path().join("ecr-review-8-registries.csv")).unwrap();
    assert_eq!(rows_of(&shown), told);
}

#[test]
fn a_grant_in_another_account_is_written_with_its_role_and_taken_back() {
    let owner = OwnerHome::new();
    Served::write_profile(owner.home.path());
    let repository = RepositoryRef {
        account: AccountId::parse("333333333333").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse("ml/training").unwrap(),
    };
    let before = owner.served.service.policy_of(&repository);
    let mut pty = open_screen(&owner, &["--org-role", "Admin"], (120, 40));
    pty.wait_until("all is read", |screen| screen.contains("4 accounts") && !screen.contains("who can pull:"));
    pty.press_keys("/").type_text("account:333333333333 ml/training").wait_for("1 of").press_keys("Enter");
    pty.wait_until("the filter is done", |screen| screen.contains("g grant"));
    pty.press_keys("g").wait_for("Grantee").wait_for("333333333333 · eu-west-2");
    let head = pty.screen_text();
    assert!(head.contains("role Admin in 333333333333") && head.contains("NOT AWS"), "{head}");
    name_release(&mut pty);
    to_policy(&mut pty);
    to_save(&mut pty);
    confirm_save(&mut pty);
    let written = owner.served.service.policy_of(&repository).unwrap();
    assert!(written.contains("111111111111"), "{written}");
    to_permissions(&mut pty);
    pty.press_keys("u").wait_for("Take back the change").press_keys("PgDn PgDn y").wait_for("taken back");
    assert_eq!(owner.served.service.policy_of(&repository), before);
    let calls = owner.served.service.recorded_calls();
    assert!(calls.iter().any(|call| call.operation == "AssumeRole"));
}

#[test]
fn accounts_without_the_role_and_closed_ones_are_told_on_the_screen() {
    let owner = OwnerHome::new();
    Served::write_profile(owner.home.path());
    owner.served.service.suspend_account(&AccountId::parse("777777777777").unwrap());
    let mut pty = open_screen(&owner, &["--org-role", "AirflowWorker"], (120, 40));
    pty.wait_for("not read: role AirflowWorker in 444444444444").wait_for("2 accounts");
    pty.press_keys("Tab Tab").wait_for("suspended or closed: not read");
}
