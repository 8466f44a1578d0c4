//! Journeys of the real binary in a terminal: the user's keys, the screens, and the registry afterwards.

use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};
use ecr_grant::sandbox::Trouble;
use serde_json::Value;

use crate::support::pty::Pty;
use crate::support::python::{self, Moto};
use crate::support::served::Served;

/// Waits for the list of accounts.
pub fn to_account(pty: &mut Pty) {
    pty.wait_for("release-owner").wait_for("222222222222");
}

/// Chooses the owner's profile, waits for the identity, and goes on to the repositories.
pub fn to_repositories(pty: &mut Pty) {
    pty.press_keys("/").type_text("release-owner").press_keys("Enter Enter").wait_for("you are in account");
    pty.press_keys("Enter").wait_for("42 repositories").wait_for("data/airflow").wait_for("PUBLIC");
}

/// Finds the guide's repository and goes on.
pub fn to_actions(pty: &mut Pty) {
    pty.press_keys("/")
        .type_text("vendorapp")
        .press_keys("Enter")
        .wait_for("›  vendorapp")
        .press_keys("Enter")
        .wait_for("Grantee");
}

/// Types Release's account id.
pub fn name_release(pty: &mut Pty) {
    pty.type_text("111111111111").wait_for("account 111111111111");
}

/// Goes on to the document.
pub fn to_policy(pty: &mut Pty) {
    pty.press_keys("Enter").wait_for("EcrGrantPull");
}

/// Opens the editor of the document.
pub fn to_editor(pty: &mut Pty) {
    pty.press_keys("e").wait_for("F4 diff");
}

/// Goes on to the question.
pub fn to_save(pty: &mut Pty) {
    // The policy's screen says who gains as well.
    pty.press_keys("Ctrl-S").wait_for("Save the policy").wait_for("gains");
}

/// Says yes and waits for the outcome.
pub fn confirm_save(pty: &mut Pty) {
    pty.press_keys("y").wait_for("backup");
}

/// Goes on to the permissions.
pub fn to_permissions(pty: &mut Pty) {
    pty.press_keys("Enter").wait_for("What is left to do");
}

pub fn repository_named(name: &str) -> RepositoryRef {
    RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse(name).unwrap(),
    }
}

/// Opens the wizard on a served sandbox, with a profile of the owner's, at the repositories' screen or where flags
/// lead.
pub fn open_as_owner(served: &Served, home: &std::path::Path, more: &[&str]) -> Pty {
    Served::write_profile(home);
    let mut args = vec!["--endpoint-url", served.url.as_str(), "--profile", "owner"];
    args.extend(more);
    Pty::start_wizard(&args, 100, 30, home)
}

/// Waits until the wizard has gone by itself to the document of the arguments.
pub fn await_policy(pty: &mut Pty) {
    pty.wait_for("EcrGrantPull").wait_for("Enter go on");
}

fn stored_policy(served: &Served, name: &str) -> Value {
    serde_json::from_str(&served.service.policy_of(&repository_named(name)).expect("there is a policy")).unwrap()
}

#[test]
fn a_first_grant_from_an_account_to_the_permissions_view() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start_wizard(&["--demo"], 80, 24, home.path());
    to_account(&mut pty);
    to_repositories(&mut pty);
    to_actions(&mut pty);
    name_release(&mut pty);
    to_policy(&mut pty);
    to_save(&mut pty);
    confirm_save(&mut pty);
    to_permissions(&mut pty);
    pty.wait_for("What is left to do").wait_for("Owner side done");
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    // The summary stays in the scrollback.
    pty.wait_for("vendorapp").wait_for("111111111111");
}

#[test]
fn a_second_grantee_keeps_the_first() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let before = "{\n  \"Version\": \"2008-10-17\",\n  \"Statement\": [ { \"Sid\" : \"theirs\", \"Effect\":\"Allow\",\n\
                  \"Principal\":{\"AWS\":\"arn:aws:iam::333333333333:root\"}, \"Action\":\"ecr:BatchGetImage\" } ]\n}";
    served.service.set_policy_directly(&repository_named("vendorapp"), Some(before));
    let mut pty = open_as_owner(&served, home.path(), &["vendorapp", "--to", "111111111111"]);
    await_policy(&mut pty);
    to_save(&mut pty);
    confirm_save(&mut pty);
    let policy = stored_policy(&served, "vendorapp");
    assert_eq!(policy["Version"], "2008-10-17");
    assert_eq!(policy["Statement"][0]["Sid"], "theirs");
    assert_eq!(policy["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::333333333333:root");
    assert_eq!(policy["Statement"][1]["Principal"]["AWS"][0], "arn:aws:iam::111111111111:root");
    let backups: Vec<_> = std::fs::read_dir(home.path().join("state/ecr-grant/changes")).unwrap().collect();
    assert_eq!(backups.len(), 1, "the text before is kept in a file");
    // Once more: nothing is left to write.
    let sets = |served: &Served| {
        served.service.recorded_calls().iter().filter(|c| c.operation == "SetRepositoryPolicy").count()
    };
    let once = sets(&served);
    let mut again = open_as_owner(&served, home.path(), &["vendorapp", "--to", "111111111111"]);
    again.wait_for("already").press_keys("Ctrl-S").wait_for("already").press_keys("Enter");
    again.wait_for("What is left to do").press_keys("q");
    assert_eq!(again.exit_code(), 0);
    assert_eq!(sets(&served), once, "something was written a second time");
}

#[test]
fn going_back_and_forth_keeps_the_draft() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start_wizard(&["--demo"], 100, 30, home.path());
    to_account(&mut pty);
    to_repositories(&mut pty);
    to_actions(&mut pty);
    name_release(&mut pty);
    to_policy(&mut pty);
    // A change by hand: a blank line at the end of the first line.
    to_editor(&mut pty);
    pty.press_keys("End Enter").wait_for("changed by hand").press_keys("Esc").wait_for("e edit");
    pty.press_keys("Esc").wait_for("account 111111111111").press_keys("Esc").wait_for("›  vendorapp");
    pty.press_keys("Enter")
        .wait_for("account 111111111111")
        .press_keys("Enter")
        .wait_for("EcrGrantPull")
        .wait_for("changed by hand");
    pty.press_keys("Ctrl-C").wait_for("What you entered is not saved.").press_keys("y");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_refused_save_is_explained_and_leads_back_to_the_draft() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty =
        open_as_owner(&served, home.path(), &["vendorapp", "--to", "arn:aws:iam::111111111111:role/nobody-knows"]);
    await_policy(&mut pty);
    to_save(&mut pty);
    // It may be new, so that it is waited for; Esc ends the waiting.
    pty.press_keys("y").wait_for("it may be new").press_keys("Esc");
    pty.wait_for("Principal not found").wait_for("nobody-knows");
    assert_eq!(served.service.policy_of(&repository_named("vendorapp")), None, "a refused save stored something");
    // Only the editor has a size; Esc and the next key would be one where they come together.
    pty.press_keys("Esc").wait_for(" of 10,240").wait_for("EcrGrantPull").wait_for("nobody-knows");
    // What flags gave is not lost by leaving; what was typed is.
    to_editor(&mut pty);
    pty.type_text(" ").wait_for("changed by hand");
    pty.press_keys("Ctrl-C").wait_for("What you entered is not saved.").press_keys("y");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_policy_that_changed_underneath_is_shown_and_confirmed_again() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &["vendorapp", "--to", "111111111111"]);
    await_policy(&mut pty);
    to_save(&mut pty);
    let theirs = r#"{"Version":"2012-10-17","Statement":[{"Sid":"other","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:root"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}"#;
    served.service.set_policy_directly(&repository_named("vendorapp"), Some(theirs));
    pty.press_keys("y").wait_for("changed").wait_for("333333333333");
    assert_eq!(stored_policy(&served, "vendorapp")["Statement"].as_array().unwrap().len(), 1, "written over a change");
    pty.press_keys("Enter").wait_for("gains");
    confirm_save(&mut pty);
    let policy = stored_policy(&served, "vendorapp");
    assert_eq!(policy["Statement"][0]["Sid"], "other");
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 2);
}

#[test]
fn read_only_never_writes() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &["--read-only", "vendorapp", "--to", "111111111111"]);
    pty.wait_for("READ-ONLY");
    await_policy(&mut pty);
    pty.press_keys("Ctrl-S").wait_for("Read-only: nothing is saved");
    assert!(
        !pty.screen_text().contains("Save this?"),
        "it asks for an answer that counts for nothing: {}",
        pty.screen_text()
    );
    pty.press_keys("y").press_keys("Enter").wait_for("This is what would be written");
    pty.press_keys("Tab").press_keys("Tab").wait_for("For whoever writes it");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(
        served.service.recorded_calls().iter().all(|c| c.operation != "SetRepositoryPolicy"),
        "{}",
        pty.screen_text()
    );
}

#[test]
fn an_expired_sign_in_says_what_to_type() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start_wizard(&["--demo", "--profile", "last-week"], 80, 24, home.path());
    pty.wait_for("aws sso login --profile=last-week");
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_listing_that_fails_is_tried_again_in_place() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let denied = "User: arn:aws:sts::222222222222:assumed-role/x/y is not authorized to perform: \
                  ecr:DescribeRepositories on resource: * because no identity-based policy allows the \
                  ecr:DescribeRepositories action";
    let trouble = Trouble::Error(400, "AccessDeniedException".to_owned(), denied.to_owned());
    served.service.add_trouble(Some("DescribeRepositories"), 0, 50, trouble);
    let mut pty = open_as_owner(&served, home.path(), &[]);
    pty.wait_for("ecr:DescribeRepositories");
    served.service.end_trouble();
    pty.press_keys("r").wait_for("42 repositories");
}

#[test]
fn the_terminal_is_as_before_after_leaving() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start_wizard(&["--demo"], 80, 24, home.path());
    to_account(&mut pty);
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    std::thread::sleep(std::time::Duration::from_millis(100));
    pty.with_screen(|screen| {
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
    });
}

#[test]
fn a_terminate_signal_gives_the_terminal_back() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start_wizard(&["--demo"], 80, 24, home.path());
    to_account(&mut pty);
    let ended = std::process::Command::new("kill").args(["-TERM", &pty.process_id().to_string()]).status().unwrap();
    assert!(ended.success());
    assert_eq!(pty.exit_code(), 143);
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert!(pty.with_screen(|screen| !screen.alternate_screen() && !screen.hide_cursor()));
}

#[test]
fn without_colour_the_chosen_row_is_still_marked() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start_wizard_with(&["--demo"], 80, 24, home.path(), &[("NO_COLOR", "1")]);
    to_account(&mut pty);
    let bytes = String::from_utf8_lossy(&pty.sent_bytes()).into_owned();
    for colour in 30..=37 {
        assert!(!bytes.contains(&format!("\x1b[{colour}m")), "colour {colour} was sent");
    }
    let marked = pty.with_screen(|screen| {
        (0..24).any(|row| (0..80).any(|column| screen.cell(row, column).is_some_and(vt100::Cell::inverse)))
    });
    assert!(marked, "no row is marked:\n{}", pty.screen_text());
}

#[test]
fn the_first_grant_against_moto_is_read_back_by_another_client() {
    let home = tempfile::tempdir().unwrap();
    let moto = Moto::start_with(&[("MOTO_ACCOUNT_ID", "222222222222")]);
    let endpoint = moto.endpoint_url();
    let aws = |args: &[&str]| {
        let mut command = python::aws_cli(&endpoint, "222222222222", "eu-west-2", home.path());
        command.args(args);
        crate::support::run(command)
    };
    aws(&["ecr", "create-repository", "--repository-name", "vendorapp"]).expect_text();
    aws(&["ecr", "create-repository", "--repository-name", "team/other"]).expect_text();
    Served::write_profile(home.path());
    let mut pty = Pty::start_wizard(&["--endpoint-url", &endpoint, "--profile", "owner"], 80, 24, home.path());
    pty.wait_for("team/other");
    // One repository alone matches: Enter in the filter takes it.
    pty.press_keys("/").type_text("vendorapp").wait_for("Enter take vendorapp");
    pty.press_keys("Enter").wait_for("Grantee");
    name_release(&mut pty);
    to_policy(&mut pty);
    to_save(&mut pty);
    confirm_save(&mut pty);
    to_permissions(&mut pty);
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    let read =
        aws(&["ecr", "get-repository-policy", "--repository-name", "vendorapp", "--output", "json"]).expect_json();
    let policy: Value = serde_json::from_str(read["policyText"].as_str().unwrap()).unwrap();
    assert_eq!(policy["Statement"][0]["Principal"]["AWS"][0], "arn:aws:iam::111111111111:root");
    assert_eq!(
        policy["Statement"][0]["Action"],
        serde_json::json!(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"])
    );
}

#[test]
fn a_pasted_image_uri_leads_to_its_account_region_and_repository() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start_wizard(&["--demo"], 100, 30, home.path());
    to_account(&mut pty);
    pty.paste_text("222222222222.dkr.ecr.us-east-1.amazonaws.com/edge/router:2.4\n");
    pty.wait_for("release-owner-us").press_keys("Enter").wait_for("Repository edge/router").wait_for("us-east-1");
    pty.press_keys("Esc").wait_for("›  edge/router");
}

#[test]
fn a_storm_of_resizes_ends_in_a_whole_screen() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start_wizard(&["--demo"], 100, 30, home.path());
    to_account(&mut pty);
    for (columns, rows) in [(20, 5), (1, 1), (60, 16), (39, 9), (200, 60), (80, 3), (3, 40), (80, 24)] {
        pty.resize_to(columns, rows);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    to_account(&mut pty);
    pty.wait_for("Enter sign in")
        .press_keys("?")
        .wait_for("Keys: Account")
        .press_keys("Esc")
        .wait_gone("Keys: Account")
        .press_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn text_from_the_registry_never_reaches_the_terminal_raw() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let nasty = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"\\u001b]0;owned\\u0007\\u001b[2J\",\"Effect\":\"Allow\",\
                 \"Principal\":{\"AWS\":\"arn:aws:iam::333333333333:root\"},\"Action\":\"ecr:BatchGetImage\"}]}";
    served.service.set_policy_directly(&repository_named("vendorapp"), Some(nasty));
    let denied = "\u{1b}]0;owned\u{7}\u{1b}[2Jdenied";
    let trouble = Trouble::Error(400, "AccessDeniedException".to_owned(), denied.to_owned());
    let mut pty = open_as_owner(&served, home.path(), &["vendorapp"]);
    pty.wait_for("Grantee")
        .press_keys("Esc")
        .wait_for("›  vendorapp")
        .press_keys("v")
        .wait_for("333333333333")
        .wait_for("owned")
        .press_keys("Esc")
        .wait_for("›  vendorapp");
    served.service.add_trouble(Some("DescribeRepositories"), 0, 50, trouble);
    pty.press_keys("r").wait_for("denied");
    let bytes = String::from_utf8_lossy(&pty.sent_bytes()).into_owned();
    assert!(!bytes.contains("\u{1b}]0;owned"), "a title was set");
    assert!(!bytes.contains("\u{1b}[2Jdenied"), "the screen was cleared from outside");
}
