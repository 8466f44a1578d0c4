//! An answer counts only for a question that was on the screen before its key was pressed: bytes through a terminal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::journeys::{await_policy, open_as_owner, repository_named, to_editor};
use crate::support::pty::Pty;
use crate::support::served::Served;

/// A time after which a question takes answers, longer than the gaps of a held key.
const READ: Duration = Duration::from_millis(900);

fn count_writes(served: &Served) -> usize {
    served.service.recorded_calls().iter().filter(|call| call.operation == "SetRepositoryPolicy").count()
}

/// Opens the wizard at the policy of `vendorapp`, with a grantee.
fn open_policy(served: &Served, home: &Path, grantee: &str) -> Pty {
    let mut pty = open_as_owner(served, home, &["vendorapp", "--to", grantee]);
    await_policy(&mut pty);
    pty
}

/// Checks that the question stands, and that nothing was written.
fn still_asks(pty: &mut Pty, served: &Served, question: &str) {
    pty.wait_for(question);
    std::thread::sleep(Duration::from_millis(400));
    assert!(pty.screen_text().contains(question), "{}", pty.screen_text());
    assert_eq!(count_writes(served), 0, "it was written:\n{}", pty.screen_text());
}

#[test]
fn a_yes_in_the_same_write_as_the_key_that_asks_is_dropped() {
    for ahead in ["\ry", "\r\x1b[C\r", "\x13y", "\x13yyyy", "\x13\x1b[C\r", "\x10save\r", "\x13\x1b[200~y\x1b[201~y"] {
        let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
        let mut pty = open_policy(&served, home.path(), "111111111111");
        if ahead.starts_with('\x10') {
            // By way of the list of actions, which goes on to the question in the same write.
            pty.type_text("\x13").wait_for("Save the policy");
            pty.press_keys("Esc").wait_gone("Save the policy").type_text("\x13\x10save\r\r");
        } else {
            pty.type_text(ahead);
        }
        still_asks(&mut pty, &served, "Save the policy");
        std::thread::sleep(READ);
        pty.press_keys("y").wait_for("backup");
        assert_eq!(count_writes(&served), 1, "{ahead:?}");
    }
}

#[test]
fn a_typed_word_sent_ahead_of_its_question_is_dropped() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_policy(&served, home.path(), "*");
    pty.type_text("\x13vendorapp\r");
    still_asks(&mut pty, &served, "To save, type the repository's name");
    std::thread::sleep(READ);
    pty.type_text("vendorapp\r").wait_for("backup");
    assert_eq!(count_writes(&served), 1);
}

#[test]
fn a_held_key_answers_nothing_until_it_is_let_go() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_policy(&served, home.path(), "111111111111");
    pty.type_text("\x13y");
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(33));
        pty.type_text("y");
    }
    still_asks(&mut pty, &served, "Save the policy");
    std::thread::sleep(READ);
    pty.press_keys("y").wait_for("backup");
}

/// Makes a state folder with a draft of `vendorapp` at the question to save.
fn left_at_save(served: &Served, home: &Path) -> PathBuf {
    let mut pty = open_policy(served, home, "111111111111");
    to_editor(&mut pty);
    pty.type_text("  ").press_keys("Ctrl-S").wait_for("Save the policy");
    let draft = home.join("state/ecr-grant/draft.json");
    for _ in 0..1000 {
        if std::fs::read_to_string(&draft).is_ok_and(|text| text.contains("\"save\"") || text.contains("Save")) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let id = pty.process_id().to_string();
    assert!(std::process::Command::new("kill").args(["-KILL", &id]).status().unwrap().success());
    pty.exit_code();
    draft
}

fn open_wizard(served: &Served, home: &Path, more: &[&str]) -> Pty {
    Served::write_profile(home);
    let mut args = vec!["--endpoint-url", served.url.as_str()];
    args.extend(more);
    Pty::start_wizard(&args, 100, 30, home)
}

#[test]
fn keys_that_are_there_when_a_draft_is_offered_answer_nothing() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let draft = left_at_save(&served, home.path());
    let mut pty = open_wizard(&served, home.path(), &[]);
    // Before the first frame, and right after it.
    pty.type_text("yynn\r").wait_for("Go on where you left off?").type_text("y\ryn");
    still_asks(&mut pty, &served, "Go on where you left off?");
    assert!(draft.exists());
    std::thread::sleep(READ);
    // Another key than Save's.
    pty.press_keys("y");
    still_asks(&mut pty, &served, "Go on where you left off?");
    pty.press_keys("g").wait_for("EcrGrantPull");
}

#[test]
fn arguments_stand_over_a_draft_which_waits() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let draft = left_at_save(&served, home.path());
    for args in [
        &["--profile", "owner", "data/airflow"][..],
        &["--profile", "owner", "--region", "eu-west-2", "data/airflow", "--to", "333333333333"],
    ] {
        let mut pty = open_wizard(&served, home.path(), args);
        // All given: the view of the policy. Without a grantee: the field for it.
        let is_whole = args.contains(&"--to");
        pty.wait_for(if is_whole { "333333333333" } else { "Repository data/airflow" });
        pty.wait_for(if is_whole { "4 Policy" } else { "Grantee" });
        pty.wait_for("at step 5, Save, waits");
        assert!(!pty.screen_text().contains("Go on where you left off?"));
        pty.press_keys("Ctrl-C");
        assert_eq!(pty.exit_code(), 0);
        assert!(draft.exists());
    }
    let mut pty = open_wizard(&served, home.path(), &["--to", "333333333333"]);
    pty.wait_for("at step 5, Save, waits").wait_for("42 repositories").press_keys("q");
    pty.exit_code();
    open_wizard(&served, home.path(), &[]).wait_for("Go on where you left off?");
}

#[test]
fn a_yes_after_a_refused_save_is_not_typed_into_the_policy() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_policy(&served, home.path(), "111111111111");
    to_editor(&mut pty);
    pty.type_text("QQ").wait_for("QQ");
    // In the same write, right after, and when the refusal was read.
    pty.type_text("\x13y");
    std::thread::sleep(Duration::from_millis(100));
    pty.type_text("y");
    std::thread::sleep(READ);
    pty.type_text("y").wait_for("y was not typed");
    // The caret went to what stops the save.
    assert!(pty.screen_text().contains("    QQ{"), "{}", pty.screen_text());
    pty.type_text("z").wait_for("zQQ{").type_text("y").wait_for("zyQQ{");
    assert_eq!(count_writes(&served), 0);
}

#[test]
fn a_window_without_room_for_who_gains_takes_no_yes() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_policy(&served, home.path(), "111111111111");
    pty.press_keys("Ctrl-S").wait_for("Save the policy").resize_to(40, 10).wait_gone("gains  ").wait_for("enlarge");
    std::thread::sleep(READ);
    pty.press_keys("y").wait_for("not saved");
    assert_eq!(count_writes(&served), 0);
    pty.resize_to(100, 30).wait_for("gains  ");
    std::thread::sleep(READ);
    pty.press_keys("y").wait_for("backup");
}

#[test]
fn a_mark_that_the_filter_hides_does_not_decide() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &[]);
    pty.wait_for("data/airflow")
        .press_keys("/")
        .type_text("airflow")
        .press_keys("Enter")
        .wait_for("take data/airflow")
        .press_keys("Space");
    pty.wait_for("take 1 marked").press_keys("/ Ctrl-U").type_text("\x15").press_keys("Esc");
    pty.press_keys("/").type_text("vendorapp").press_keys("Enter").wait_for("take vendorapp").press_keys("Enter");
    pty.wait_for("Repository vendorapp");
    assert_eq!(repository_named("vendorapp").name.as_str(), "vendorapp");
}

/// Runs `grant` in a shell, up to its question.
fn run_grant(served: &Served, home: &Path, ahead: &str) -> Pty {
    Served::write_profile(home);
    let mut pty = Pty::start_shell(100, 40, home);
    let files = "export AWS_CONFIG_FILE=$HOME/aws-config AWS_EC2_METADATA_DISABLED=true NO_PROXY='*'";
    pty.type_text(&format!("{files}\r")).wait_for("shell$");
    let program = env!("CARGO_BIN_EXE_ecr-grant");
    let command = format!("{program} grant vendorapp --to 111111111111 --profile owner --endpoint-url {}", served.url);
    // What is typed ahead comes with the command.
    pty.type_text(&format!("{command}; echo exit-$?\r{ahead}"));
    pty.wait_for("[y/N]");
    pty
}

#[test]
fn the_command_takes_no_answer_typed_before_its_question() {
    let service = ecr_grant::sandbox::Service::demo(ecr_grant::sandbox::Clock::System);
    let (served, home) = (Served::new(service, Duration::from_millis(200)), tempfile::tempdir().unwrap());
    let mut pty = run_grant(&served, home.path(), "y\r");
    std::thread::sleep(Duration::from_millis(400));
    assert!(count_writes(&served) == 0 && !pty.screen_text().contains("exit-0"), "{}", pty.screen_text());
    pty.type_text("y\r").wait_for("exit-0");
    assert_eq!(count_writes(&served), 1);
}

#[test]
fn a_signal_ends_the_command_at_its_question() {
    for (name, code) in [("INT", 130), ("TERM", 143), ("key", 130)] {
        let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
        let mut pty = run_grant(&served, home.path(), "");
        if name == "key" {
            pty.press_keys("Ctrl-C");
        } else {
            let shell = pty.process_id().to_string();
            let done = std::process::Command::new("pkill").args([&format!("-{name}"), "-P", &shell]).status().unwrap();
            assert!(done.success());
        }
        pty.wait_for("Nothing was written.");
        if name != "key" {
            pty.wait_for(&format!("exit-{code}"));
        }
        assert_eq!(count_writes(&served), 0);
    }
}

#[test]
fn a_signal_ends_the_command_at_its_second_question_too() {
    let service = ecr_grant::sandbox::Service::demo(ecr_grant::sandbox::Clock::System);
    let (served, home) = (Served::new(service, Duration::ZERO), tempfile::tempdir().unwrap());
    let mut pty = run_grant(&served, home.path(), "");
    // What is stored by now gives the grantee a part of it: the gains are others.
    let now = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":{"AWS":
        "arn:aws:iam::111111111111:root"},"Action":"ecr:BatchGetImage"}]}"#;
    served.service.set_policy_directly(&repository_named("vendorapp"), Some(now));
    pty.type_text("y\r")
        .wait_for("changed underneath")
        .wait_until("a second question", |text| text.matches("[y/N]").count() == 2);
    let shell = pty.process_id().to_string();
    assert!(std::process::Command::new("pkill").args(["-TERM", "-P", &shell]).status().unwrap().success());
    pty.wait_for("exit-143");
    assert_eq!(count_writes(&served), 0);
}
