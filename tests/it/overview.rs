//! The review of all repositories as a screen: the real binary in a terminal, against the sandbox.

use ecr_grant::ecr::ImageUri;
use ecr_grant::sandbox::Trouble;

use crate::support::owner::OwnerHome;
use crate::support::pty::Pty;
use crate::support::served::Served;

/// Opens the screen of `ecr-grant review` at the repositories of the owner.
fn open_review(served: &Served, home: &std::path::Path, more: &[&str]) -> Pty {
    Served::write_profile(home);
    let args = [&["review", "--endpoint-url", served.url.as_str(), "--profile", "owner"], more].concat();
    let mut pty = Pty::start_wizard(&args, 120, 40, home);
    pty.wait_for("worst first");
    pty
}

#[test]
fn the_command_opens_the_worst_repositories_with_the_same_classes_as_its_table() {
    let owner = OwnerHome::new();
    let mut pty = open_review(&owner.served, owner.home.path(), &[]);
    pty.wait_until("all policies are read", |screen| {
        screen.contains("2 public, 5 risks") && !screen.contains("who can pull:")
    });
    let screen = pty.screen_text();
    let table = owner.run(&["review", "--profile", "owner", "--format", "table", "--fail-on", "none"]);
    let table = table.expect_text();
    let mut compared = 0;
    for line in table.lines().skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [class, name, ..] = words.as_slice() else { continue };
        let shown = screen.lines().find(|row| row.split_whitespace().any(|word| word == *name));
        if let Some(shown) = shown.filter(|shown| shown.split_whitespace().any(|word| word == *class)) {
            compared += 1;
            assert!(shown.contains(class), "{shown}\n{line}");
        }
    }
    assert!(compared > 20, "{compared}\n{screen}\n{table}");
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(owner.count_writes(), 0);
}

#[test]
fn a_grantee_leads_to_its_repositories_and_a_repository_to_its_policy() {
    let owner = OwnerHome::new();
    let mut pty = open_review(&owner.served, owner.home.path(), &[]);
    pty.wait_until("all policies are read", |screen| !screen.contains("who can pull:"));
    pty.press_keys("/").type_text("grantee:555555555555").press_keys("Enter").wait_for("checkout/web");
    pty.press_keys("Tab").wait_for("account 555555555555").press_keys("Tab").wait_for("read and written as");
    pty.press_keys("Tab").wait_for("checkout/web");
    pty.press_keys("s").wait_for("by name").press_keys("Enter").wait_for("who has access now");
    pty.press_keys("Esc").wait_for("grantee:555555555555");
    pty.press_keys("g").wait_for("Grantee");
}

const TWO: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Team","Effect":"Allow","Principal":{"AWS":
["arn:aws:iam::111111111111:root","arn:aws:iam::555555555555:root"]},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}"#;

/// Writes AWS files with a profile for each account, all on keys, and one that leads nowhere.
fn write_profiles(home: &std::path::Path) {
    let profile = |name: &str, account: &str| {
        format!("[profile {name}]\nregion = eu-west-2\naws_access_key_id = {account}\naws_secret_access_key = none\n")
    };
    let broken = "[profile broken]\nregion = eu-west-2\nrole_arn = nonsense\nsource_profile = owner\n";
    let config = [profile("owner", "222222222222"), profile("data", "333333333333"), broken.to_owned()].concat();
    std::fs::write(home.join("aws-config"), config).unwrap();
}

/// Opens the review of several accounts and Regions, and waits until all of it is read.
fn open_several(owner: &OwnerHome, count: usize) -> Pty {
    let home = owner.home.path();
    write_profiles(home);
    let args = ["review", "--endpoint-url", owner.served.url.as_str()];
    let several = ["--profiles", "owner,data,broken", "--regions", "eu-west-2,us-east-1"];
    let mut pty = Pty::start_wizard(&[args.as_slice(), &several].concat(), 140, 40, home);
    pty.wait_until("all is read", |screen| {
        screen.contains(&format!("{count} repositories "))
            && !screen.contains("who can pull:")
            && screen.contains("not read:")
    });
    pty
}

#[test]
fn several_accounts_and_regions_are_one_list_and_a_profile_that_leads_nowhere_hides_none() {
    let owner = OwnerHome::new();
    let mut pty = open_several(&owner, 54);
    let screen = pty.screen_text();
    assert!(screen.contains("2 accounts, 2 Regions") && screen.contains("profile broken"), "{screen}");
    pty.press_keys("Tab").press_keys("Tab").wait_for("State");
    let screen = pty.screen_text();
    for (account, region) in
        [("222222222222", "us-east-1"), ("333333333333", "eu-west-2"), ("333333333333", "us-east-1")]
    {
        let is_there = screen.lines().any(|row| row.contains(account) && row.contains(region));
        assert!(is_there, "{account} {region}: {screen}");
    }
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_write_from_the_review_of_several_goes_to_the_account_and_region_of_its_row() {
    let owner = OwnerHome::new();
    let service = &owner.served.service;
    // The same name stands in each place: a write to a wrong one would be carried out.
    let places = ["222222222222.dkr.ecr.eu-west-2", "222222222222.dkr.ecr.us-east-1", "333333333333.dkr.ecr.us-east-1"];
    let shared =
        places.map(|host| ImageUri::parse(&format!("{host}.amazonaws.com/shared/app")).unwrap().repository_ref());
    for one in &shared {
        service.add_repository(one);
        assert!(service.set_policy_directly(one, Some(TWO)));
    }
    let before = shared.each_ref().map(|one| service.policy_of(one));
    let mut pty = open_several(&owner, 57);
    for (at, one) in shared.iter().enumerate().rev() {
        service.forget_calls();
        let query = format!("shared/app account:{} region:{}", one.account, one.region);
        pty.press_keys("/").type_text(&query).press_keys("Enter").wait_for("1 of 57");
        pty.press_keys("Enter").wait_for("Who has access").wait_for("Statements");
        let head = format!("{} · {}", one.account, one.region);
        assert!(pty.screen_text().contains(&head), "{head}: {}", pty.screen_text());
        pty.press_keys("x").wait_for("Write 1 policy in account");
        assert!(pty.screen_text().contains(&head), "{head}: {}", pty.screen_text());
        pty.press_keys("y").wait_for("backup");
        let calls = service.recorded_calls();
        let writes: Vec<_> = calls.iter().filter(|call| call.operation == "SetRepositoryPolicy").collect();
        assert_eq!(writes.len(), 1, "{writes:?}");
        assert_eq!((writes[0].key_id.as_str(), writes[0].region.as_str()), (one.account.as_str(), one.region.as_str()));
        for (other, text) in shared.iter().zip(&before).take(at) {
            assert_eq!(service.policy_of(other), *text, "{other} was written too");
        }
        assert_ne!(service.policy_of(one), before[at]);
        pty.press_keys("Esc").wait_for("Who has access").press_keys("Esc").wait_for("each repository has its own");
        pty.press_keys("Esc").wait_for("57 repositories");
    }
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn policies_that_cannot_be_read_are_said_and_hide_no_others() {
    let owner = OwnerHome::new();
    let denied = Trouble::Error(400, "AccessDeniedException".to_owned(), "not authorized".to_owned());
    owner.served.service.add_trouble(Some("GetRepositoryPolicy"), 3, 2, denied);
    let mut pty = open_review(&owner.served, owner.home.path(), &[]);
    pty.wait_until("all policies are read", |screen| !screen.contains("who can pull:"));
    pty.press_keys("G").wait_for("not known");
    let count = pty.screen_text().matches("not known").count();
    assert_eq!(count, 2, "{}", pty.screen_text());
}
