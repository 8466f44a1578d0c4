//! An answer counts only for a question that was on the screen before its key was pressed: bytes through a terminal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::journeys::{from_the_repository, owner, repository, to_policy};
use crate::support::pty::Pty;
use crate::support::served::Served;

/// A time after which a question takes answers, longer than the gaps of a held key.
const READ: Duration = Duration::from_millis(900);

fn writes(served: &Served) -> usize {
    served.service.recorded_calls().iter().filter(|call| call.operation == "SetRepositoryPolicy").count()
}

/// Opens the wizard at the policy of `vendorapp`, with a grantee.
fn at_policy(served: &Served, home: &Path, grantee: &str) -> Pty {
    let mut pty = owner(served, home, &["vendorapp", "--to", grantee]);
    from_the_repository(&mut pty);
    to_policy(&mut pty);
    pty
}

/// Checks that the question stands, and that nothing was written.
fn still_asks(pty: &mut Pty, served: &Served, question: &str) {
    pty.wait(question);
    std::thread::sleep(Duration::from_millis(400));
    assert!(pty.text().contains(question), "{}", pty.text());
    assert_eq!(writes(served), 0, "it was written:\n{}", pty.text());
}

#[test]
fn a_yes_in_the_same_write_as_the_key_that_asks_is_dropped() {
    for ahead in ["\x13y", "\x13yyyy", "\x13\x1b[C\r", "\x10save\r", "\x13\x1b[200~y\x1b[201~y"] {
        let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
        let mut pty = at_policy(&served, home.path(), "111111111111");
        if ahead.starts_with('\x10') {
            // By way of the list of actions, which goes on to the question in the same write.
            pty.type_text("\x13").wait("Save the policy");
            pty.keys("Esc").wait_gone("Save the policy").type_text("\x13\x10save\r\r");
        } else {
            pty.type_text(ahead);
        }
        still_asks(&mut pty, &served, "Save the policy");
        std::thread::sleep(READ);
        pty.keys("y").wait("backup");
        assert_eq!(writes(&served), 1, "{ahead:?}");
    }
}

#[test]
fn a_typed_word_sent_ahead_of_its_question_is_dropped() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let mut pty = at_policy(&served, home.path(), "*");
    pty.type_text("\x13vendorapp\r");
    still_asks(&mut pty, &served, "To save, type the repository's name");
    std::thread::sleep(READ);
    pty.type_text("vendorapp\r").wait("backup");
    assert_eq!(writes(&served), 1);
}

#[test]
fn a_held_key_answers_nothing_until_it_is_let_go() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let mut pty = at_policy(&served, home.path(), "111111111111");
    pty.type_text("\x13y");
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(33));
        pty.type_text("y");
    }
    still_asks(&mut pty, &served, "Save the policy");
    std::thread::sleep(READ);
    pty.keys("y").wait("backup");
}

/// Makes a state folder with a draft of `vendorapp` at the question to save.
fn left_at_save(served: &Served, home: &Path) -> PathBuf {
    let mut pty = at_policy(served, home, "111111111111");
    pty.type_text("  ").keys("Ctrl-S").wait("Save the policy");
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

fn wizard(served: &Served, home: &Path, more: &[&str]) -> Pty {
    Served::profile(home);
    let mut args = vec!["--endpoint-url", served.url.as_str()];
    args.extend(more);
    Pty::wizard(&args, 100, 30, home)
}

#[test]
fn keys_that_are_there_when_a_draft_is_offered_answer_nothing() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let draft = left_at_save(&served, home.path());
    let mut pty = wizard(&served, home.path(), &[]);
    // Before the first frame, and right after it.
    pty.type_text("yynn\r").wait("Go on where you left off?").type_text("y\ryn");
    still_asks(&mut pty, &served, "Go on where you left off?");
    assert!(draft.exists());
    std::thread::sleep(READ);
    // Another key than Save's.
    pty.keys("y");
    still_asks(&mut pty, &served, "Go on where you left off?");
    pty.keys("g").wait("EcrGrantPull");
}

#[test]
fn arguments_stand_over_a_draft_which_waits() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let draft = left_at_save(&served, home.path());
    for args in [
        &["--profile", "owner", "data/airflow"][..],
        &["--profile", "owner", "--region", "eu-west-2", "data/airflow", "--to", "333333333333"],
    ] {
        let mut pty = wizard(&served, home.path(), args);
        pty.wait("take data/airflow");
        assert!(!pty.text().contains("Go on where you left off?"));
        pty.keys("Enter").wait("Repository data/airflow");
        if args.contains(&"--to") {
            pty.wait("3333-3333-3333");
        }
        pty.keys("Ctrl-C");
        assert_eq!(pty.exit_code(), 0);
        assert!(draft.exists());
    }
    let mut pty = wizard(&served, home.path(), &["--to", "333333333333"]);
    pty.wait("at step 5, Save, waits").keys("q");
    pty.exit_code();
    wizard(&served, home.path(), &[]).wait("Go on where you left off?");
}

#[test]
fn a_yes_after_a_refused_save_is_not_typed_into_the_policy() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let mut pty = at_policy(&served, home.path(), "111111111111");
    pty.type_text("QQ").wait("QQ");
    // In the same write, right after, and when the refusal was read.
    pty.type_text("\x13y");
    std::thread::sleep(Duration::from_millis(100));
    pty.type_text("y");
    std::thread::sleep(READ);
    pty.type_text("y").wait("y was not typed");
    // The caret went to what stops the save.
    assert!(pty.text().contains("    QQ{"), "{}", pty.text());
    pty.type_text("z").wait("zQQ{").type_text("y").wait("zyQQ{");
    assert_eq!(writes(&served), 0);
}

#[test]
fn a_window_without_room_for_who_gains_takes_no_yes() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let mut pty = at_policy(&served, home.path(), "111111111111");
    pty.keys("Ctrl-S").wait("Save the policy").resize(40, 10).wait_gone("gains");
    std::thread::sleep(READ);
    pty.keys("y").wait("not saved");
    assert_eq!(writes(&served), 0);
    pty.resize(100, 30).wait("gains");
    std::thread::sleep(READ);
    pty.keys("y").wait("backup");
}

#[test]
fn a_mark_that_the_filter_hides_does_not_decide() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let mut pty = owner(&served, home.path(), &[]);
    pty.wait("you are in account")
        .keys("Enter")
        .wait("data/airflow")
        .keys("/")
        .type_text("airflow")
        .keys("Enter")
        .wait("take data/airflow")
        .keys("Space");
    pty.wait("take 1 marked").keys("/ Ctrl-U").type_text("\x15").keys("Esc");
    pty.keys("/").type_text("vendorapp").keys("Enter").wait("take vendorapp").keys("Enter");
    pty.wait("Repository vendorapp");
    assert_eq!(repository("vendorapp").name.as_str(), "vendorapp");
}

/// Runs `grant` in a shell, up to its question.
fn grant(served: &Served, home: &Path, ahead: &str) -> Pty {
    Served::profile(home);
    let mut pty = Pty::shell(100, 40, home);
    let files = "export AWS_CONFIG_FILE=$HOME/aws-config AWS_EC2_METADATA_DISABLED=true NO_PROXY='*'";
    pty.type_text(&format!("{files}\r")).wait("shell$");
    let program = env!("CARGO_BIN_EXE_ecr-grant");
    let command = format!("{program} grant vendorapp --to 111111111111 --profile owner --endpoint-url {}", served.url);
    // What is typed ahead comes with the command.
    pty.type_text(&format!("{command}; echo exit-$?\r{ahead}"));
    pty.wait("[y/N]");
    pty
}

#[test]
fn the_command_takes_no_answer_typed_before_its_question() {
    let service = ecr_grant::sandbox::Service::demo(ecr_grant::sandbox::Clock::System);
    let (served, home) = (Served::new(service, Duration::from_millis(200)), tempfile::tempdir().unwrap());
    let mut pty = grant(&served, home.path(), "y\r");
    std::thread::sleep(Duration::from_millis(400));
    assert!(writes(&served) == 0 && !pty.text().contains("exit-0"), "{}", pty.text());
    pty.type_text("y\r").wait("exit-0");
    assert_eq!(writes(&served), 1);
}

#[test]
fn a_signal_ends_the_command_at_its_question() {
    for (name, code) in [("INT", 130), ("TERM", 143), ("key", 130)] {
        let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
        let mut pty = grant(&served, home.path(), "");
        if name == "key" {
            pty.keys("Ctrl-C");
        } else {
            let shell = pty.process_id().to_string();
            let done = std::process::Command::new("pkill").args([&format!("-{name}"), "-P", &shell]).status().unwrap();
            assert!(done.success());
        }
        pty.wait("Nothing was written.");
        if name != "key" {
            pty.wait(&format!("exit-{code}"));
        }
        assert_eq!(writes(&served), 0);
    }
}

#[test]
fn a_signal_ends_the_command_at_its_second_question_too() {
    let service = ecr_grant::sandbox::Service::demo(ecr_grant::sandbox::Clock::System);
    let (served, home) = (Served::new(service, Duration::ZERO), tempfile::tempdir().unwrap());
    let mut pty = grant(&served, home.path(), "");
    // What is stored by now gives the grantee a part of it: the gains are others.
    let now = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":{"AWS":
        "arn:aws:iam::111111111111:root"},"Action":"ecr:BatchGetImage"}]}"#;
    served.service.set_policy_directly(&repository("vendorapp"), Some(now));
    pty.type_text("y\r")
        .wait("changed underneath")
        .wait_until("a second question", |text| text.matches("[y/N]").count() == 2);
    let shell = pty.process_id().to_string();
    assert!(std::process::Command::new("pkill").args(["-TERM", "-P", &shell]).status().unwrap().success());
    pty.wait("exit-143");
    assert_eq!(writes(&served), 0);
}
