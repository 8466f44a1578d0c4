//! The review of all repositories as a screen: the real binary in a terminal, against the sandbox.

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
    pty.press_keys("Tab").wait_for("account 555555555555").press_keys("Tab").wait_for("checkout/web");
    pty.press_keys("s").wait_for("by name").press_keys("Enter").wait_for("who has access now");
    pty.press_keys("Esc").wait_for("grantee:555555555555");
    pty.press_keys("g").wait_for("Grantee");
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
