//! A draft survives the end of its wizard, and nothing else does: the real binary in a terminal, against the sandbox on
//! a loopback port.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};

use crate::journeys::to_editor;
use crate::support::pty::Pty;
use crate::support::served::Served;

const QUESTION: &str = "Go on where you left off?";

/// Opens the wizard of the profile `owner` on a served sandbox.
fn open_wizard(served: &Served, home: &Path, more: &[&str]) -> Pty {
    Served::write_profile(home);
    let mut args = vec!["--endpoint-url", served.url.as_str()];
    args.extend(more);
    Pty::start_wizard(&args, 100, 30, home)
}

/// Opens the wizard at the policy of `vendorapp`, and types a word into it.
fn open_edited(served: &Served, home: &Path, word: &str) -> Pty {
    let mut pty = open_wizard(served, home, &["--profile", "owner", "vendorapp"]);
    pty.wait_for("Grantee");
    pty.type_text("111111111111").wait_for("account 111111111111").press_keys("Enter").wait_for("EcrGrantPull");
    to_editor(&mut pty);
    pty.type_text(word).wait_for(word);
    pty
}

fn state_folder(home: &Path) -> PathBuf {
    home.join("state/ecr-grant")
}

/// Waits until the draft on the disk holds a text.
fn wait_kept(home: &Path, file: &str, text: &str) {
    wait_for(&format!("{text} in {file}"), || {
        std::fs::read_to_string(state_folder(home).join(file)).is_ok_and(|kept| kept.contains(text))
    });
}

/// Waits until a question that comes up by itself takes answers.
fn read_question(pty: &mut Pty) -> &mut Pty {
    pty.wait_for(QUESTION);
    std::thread::sleep(Duration::from_millis(700));
    pty
}

fn wait_for(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("waited in vain for {what}");
}

fn send_signal(pty: &Pty, name: &str) {
    let process = pty.process_id().to_string();
    let ended = std::process::Command::new("kill").args([&format!("-{name}"), &process]).status().unwrap();
    assert!(ended.success());
}

/// Returns the lines of the screen that show the document and its problems.
fn document_lines(pty: &Pty) -> Vec<String> {
    let text = pty.screen_text();
    let lines = text.lines().filter(|line| line.contains('"') || line.contains('{'));
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn a_killed_wizard_is_gone_on_with_at_the_same_step_with_the_same_text() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_edited(&served, home.path(), "my-own-word");
    pty.wait_for("a comma is missing");
    let before = document_lines(&pty);
    wait_kept(home.path(), "draft.json", "my-own-word");
    send_signal(&pty, "KILL");
    pty.exit_code();
    drop(pty);

    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(state_folder(home.path())), 0o700);
    assert_eq!(mode(state_folder(home.path()).join("draft.json")), 0o600);
    let kept = std::fs::read_to_string(state_folder(home.path()).join("draft.json")).unwrap();
    assert!(!kept.contains("none") && !kept.contains("secret"), "the secret key is in it: {kept}");

    // The next start needs no arguments. It is asked, and what the draft is stands there.
    let mut pty = open_wizard(&served, home.path(), &[]);
    pty.wait_for(QUESTION)
        .wait_for("at step 4, Policy")
        .wait_for("222222222222, eu-west-2, owner")
        .wait_for("111111111111");
    read_question(pty.wait_for("the policy of vendorapp")).press_keys("Enter").wait_for("my-own-word");
    to_editor(&mut pty);
    pty.wait_for("a comma is missing");
    assert_eq!(document_lines(&pty), before);
    // It is an editor as before, and leaving asks.
    pty.press_keys("Ctrl-U").wait_gone("my-own-word").press_keys("Ctrl-R").wait_for("my-own-word");
    pty.press_keys("Ctrl-C").wait_for("What you entered is not saved.").press_keys("y");
    assert_eq!(pty.exit_code(), 0);
    assert!(!state_folder(home.path()).join("draft.json").exists(), "left deliberately, it is still there");
    let mut pty = open_wizard(&served, home.path(), &[]);
    pty.wait_for("owner").wait_for("to sign in");
    assert!(!pty.screen_text().contains(QUESTION));
}

#[test]
fn a_willing_leave_offers_to_keep_the_draft() {
    for quick in [false, true] {
        let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
        let mut pty = open_edited(&served, home.path(), "my-own-word");
        if !quick {
            wait_kept(home.path(), "draft.json", "my-own-word");
        }
        pty.press_keys("Ctrl-C").wait_for("Keep it as a draft?").wait_for("k keep and leave");
        pty.press_keys("n").wait_gone("Keep it as a draft");
        pty.press_keys("Ctrl-C").wait_for("Keep it as a draft?").press_keys("k");
        assert_eq!(pty.exit_code(), 0);
        pty.wait_for("The draft is kept: start `ecr-grant` without arguments to go on with it.");
        let kept = std::fs::read_to_string(state_folder(home.path()).join("draft.json")).unwrap();
        assert!(kept.contains("my-own-word"), "{kept}");
        assert!(!state_folder(home.path()).join("draft-2.json").exists());
        // Arguments stand over it, whichever they are; it waits, and that is said.
        for args in
            [&["222222222222.dkr.ecr.eu-west-2.amazonaws.com/data/airflow:1"][..], &["data/airflow"], &["--to", "*"]]
        {
            let mut pty = open_wizard(&served, home.path(), args);
            let words = "waits: start `ecr-grant` without arguments to go on with it";
            pty.wait_until(words, |text| text.split_whitespace().collect::<Vec<_>>().join(" ").contains(words));
            assert!(!pty.screen_text().contains(QUESTION), "{args:?}");
            pty.press_keys("Ctrl-C");
            assert_eq!(pty.exit_code(), 0);
        }
        let mut pty = open_wizard(&served, home.path(), &[]);
        read_question(&mut pty).press_keys("Enter").wait_for("my-own-word");
    }
}

#[test]
fn a_draft_that_leaving_cannot_keep_keeps_the_wizard_open() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    std::fs::write(home.path().join("state"), "a file where the folder should be").unwrap();
    let mut pty = open_edited(&served, home.path(), "my-own-word");
    pty.press_keys("Ctrl-C").wait_for("Keep it as a draft?").press_keys("k");
    pty.wait_for("cannot be kept").wait_gone("Keep it as a draft").wait_for("my-own-word");
    pty.press_keys("Ctrl-C").wait_for("Keep it as a draft").press_keys("y");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_signal_keeps_even_what_was_typed_a_moment_before() {
    for (name, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
        let mut pty = open_edited(&served, home.path(), "last-word");
        send_signal(&pty, name);
        assert_eq!(pty.exit_code(), code);
        let kept = std::fs::read_to_string(state_folder(home.path()).join("draft.json")).unwrap();
        assert!(kept.contains("last-word"), "{name}: {kept}");
    }
}

#[test]
fn a_policy_that_changed_in_the_meantime_is_said_and_the_text_is_kept() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_edited(&served, home.path(), "my-own-word");
    wait_kept(home.path(), "draft.json", "my-own-word");
    send_signal(&pty, "KILL");
    pty.exit_code();
    let repository = RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse("vendorapp").unwrap(),
    };
    let others = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Others","Effect":"Allow","Principal":{"AWS":
        "arn:aws:iam::333333333333:root"},"Action":"ecr:BatchGetImage"}]}"#;
    assert!(served.service.set_policy_directly(&repository, Some(others)));
    let mut pty = open_wizard(&served, home.path(), &[]);
    read_question(&mut pty).press_keys("Enter").wait_for("vendorapp has another policy now").wait_for("my-own-word");
}

#[test]
fn starting_anew_discards_it_and_later_leaves_it() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_edited(&served, home.path(), "my-own-word");
    wait_kept(home.path(), "draft.json", "my-own-word");
    send_signal(&pty, "KILL");
    pty.exit_code();
    let mut pty = open_wizard(&served, home.path(), &[]);
    read_question(&mut pty).press_keys("Esc").wait_gone(QUESTION).press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    assert!(state_folder(home.path()).join("draft.json").exists());
    // Leaving at the question answers nothing.
    let mut pty = open_wizard(&served, home.path(), &["--read-only"]);
    pty.wait_for(QUESTION).press_keys("Ctrl-C");
    assert_eq!(pty.exit_code(), 0);
    assert!(state_folder(home.path()).join("draft.json").exists());
    let mut pty = open_wizard(&served, home.path(), &[]);
    read_question(&mut pty).press_keys("n").wait_gone(QUESTION);
    wait_for("the draft to go", || !state_folder(home.path()).join("draft.json").exists());
}

#[test]
fn two_wizards_at_once_keep_a_draft_each() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let first = open_edited(&served, home.path(), "of-the-first");
    wait_kept(home.path(), "draft.json", "of-the-first");
    let mut second = open_edited(&served, home.path(), "of-the-second");
    wait_kept(home.path(), "draft-2.json", "of-the-second");
    assert!(!second.screen_text().contains(QUESTION));
    second.press_keys("Ctrl-C").wait_for("What you entered is not saved.").press_keys("y");
    assert_eq!(second.exit_code(), 0);
    wait_kept(home.path(), "draft.json", "of-the-first");
    drop(first);
    let mut third = open_wizard(&served, home.path(), &[]);
    read_question(&mut third).press_keys("Enter").wait_for("of-the-first");
}

#[test]
fn a_damaged_draft_is_told_and_put_out_of_the_way() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    std::fs::create_dir_all(state_folder(home.path())).unwrap();
    std::fs::write(state_folder(home.path()).join("draft.json"), "{\"format\": \"ecr-grant draft 1\",").unwrap();
    let mut pty = open_wizard(&served, home.path(), &[]);
    pty.wait_for("cannot be read; it is kept as draft.unreadable").wait_for("owner").press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    let mut pty = open_wizard(&served, home.path(), &[]);
    pty.wait_for("owner");
    assert!(!pty.screen_text().contains("cannot be read"));
}

#[test]
fn what_is_saved_leaves_no_draft() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_wizard(&served, home.path(), &["--profile", "owner", "vendorapp"]);
    pty.wait_for("Grantee").type_text("111111111111").wait_for("account 111111111111");
    wait_kept(home.path(), "draft.json", "111111111111");
    pty.press_keys("Enter")
        .wait_for("EcrGrantPull")
        .press_keys("Ctrl-S")
        .wait_for("Save the policy")
        .press_keys("y")
        .wait_for("backup");
    wait_for("the draft to go", || !state_folder(home.path()).join("draft.json").exists());
    send_signal(&pty, "KILL");
    pty.exit_code();
    let mut pty = open_wizard(&served, home.path(), &[]);
    pty.wait_for("owner").wait_for("to sign in");
    assert!(!pty.screen_text().contains(QUESTION));
}

#[test]
fn the_demo_neither_keeps_nor_offers_one() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_edited(&served, home.path(), "my-own-word");
    wait_kept(home.path(), "draft.json", "my-own-word");
    send_signal(&pty, "KILL");
    pty.exit_code();
    let before = std::fs::read_to_string(state_folder(home.path()).join("draft.json")).unwrap();
    let mut pty = Pty::start_wizard(&["--demo"], 100, 30, home.path());
    pty.wait_for("release-owner").wait_for("to sign in");
    assert!(!pty.screen_text().contains(QUESTION));
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(std::fs::read_to_string(state_folder(home.path()).join("draft.json")).unwrap(), before);
}

#[test]
fn a_draft_that_cannot_be_kept_disturbs_nobody() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    std::fs::write(home.path().join("state"), "a file where the folder should be").unwrap();
    let mut pty = open_edited(&served, home.path(), "my-own-word");
    pty.wait_for("cannot be kept").type_text("-and-more").wait_for("my-own-word-and-more").wait_gone("cannot be kept");
    pty.press_keys("Ctrl-C").wait_for("What you entered is not saved.").press_keys("y");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells in /proc")]
fn nothing_wakes_it_once_the_draft_is_kept() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let pty = open_edited(&served, home.path(), "my-own-word");
    wait_kept(home.path(), "draft.json", "my-own-word");
    // The threads that look at files for the SDK end some seconds after their last file.
    let ours = |name: &str| !name.starts_with("tokio");
    // Policies of other repositories may still be coming in: it rests when they are there.
    for _ in 0..20 {
        let before = pty.count_wakes(ours);
        std::thread::sleep(Duration::from_secs(2));
        if pty.count_wakes(ours) == before {
            return;
        }
    }
    panic!("something wakes it");
}
