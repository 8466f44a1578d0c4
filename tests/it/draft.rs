//! A draft survives the end of its wizard, and nothing else does: the real binary in a terminal, against the sandbox on
//! a loopback port.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};

use crate::support::pty::Pty;
use crate::support::served::Served;

const QUESTION: &str = "Go on where you left off?";

/// Opens the wizard of the profile `owner` on a served sandbox.
fn wizard(served: &Served, home: &Path, more: &[&str]) -> Pty {
    Served::profile(home);
    let mut args = vec!["--endpoint-url", served.url.as_str()];
    args.extend(more);
    Pty::wizard(&args, 100, 30, home)
}

/// Opens the wizard at the policy of `vendorapp`, and types a word into it.
fn editing(served: &Served, home: &Path, word: &str) -> Pty {
    let mut pty = wizard(served, home, &["--profile", "owner", "vendorapp"]);
    pty.wait("›  vendorapp").keys("Enter").wait("Grantee");
    pty.type_text("111111111111").wait("1111-1111-1111").keys("Enter").wait("EcrGrantPull");
    pty.type_text(word).wait(word);
    pty
}

fn state(home: &Path) -> PathBuf {
    home.join("state/ecr-grant")
}

/// Waits until the draft on the disk holds a text.
fn wait_kept(home: &Path, file: &str, text: &str) {
    wait_for(&format!("{text} in {file}"), || {
        std::fs::read_to_string(state(home).join(file)).is_ok_and(|kept| kept.contains(text))
    });
}

/// Waits until a question that comes up by itself takes answers.
fn read(pty: &mut Pty) -> &mut Pty {
    pty.wait(QUESTION);
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

fn signal(pty: &Pty, name: &str) {
    let process = pty.process_id().to_string();
    let ended = std::process::Command::new("kill").args([&format!("-{name}"), &process]).status().unwrap();
    assert!(ended.success());
}

/// Returns the lines of the screen that show the document and its problems.
fn document(pty: &Pty) -> Vec<String> {
    let text = pty.text();
    let lines = text.lines().filter(|line| line.contains('"') || line.contains('{'));
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn a_killed_wizard_is_gone_on_with_at_the_same_step_with_the_same_text() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let mut pty = editing(&served, home.path(), "my-own-word");
    let before = document(&pty);
    wait_kept(home.path(), "draft.json", "my-own-word");
    signal(&pty, "KILL");
    pty.exit_code();
    drop(pty);

    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(state(home.path())), 0o700);
    assert_eq!(mode(state(home.path()).join("draft.json")), 0o600);
    let kept = std::fs::read_to_string(state(home.path()).join("draft.json")).unwrap();
    assert!(!kept.contains("none") && !kept.contains("secret"), "the secret key is in it: {kept}");

    // The next start needs no arguments. It is asked, and what the draft is stands there.
    let mut pty = wizard(&served, home.path(), &[]);
    pty.wait(QUESTION).wait("at step 4, Policy").wait("222222222222, eu-west-2, owner").wait("111111111111");
    read(pty.wait("the policy of vendorapp")).keys("Enter").wait("my-own-word");
    assert_eq!(document(&pty), before);
    // It is an editor as before, and leaving asks.
    pty.keys("Ctrl-U").wait_gone("my-own-word").keys("Ctrl-R").wait("my-own-word");
    pty.keys("Ctrl-C").wait("Leave and lose it?").keys("y");
    assert_eq!(pty.exit_code(), 0);
    assert!(!state(home.path()).join("draft.json").exists(), "left deliberately, it is still there");
    let mut pty = wizard(&served, home.path(), &[]);
    pty.wait("owner").wait("to sign in");
    assert!(!pty.text().contains(QUESTION));
}

#[test]
fn a_signal_keeps_even_what_was_typed_a_moment_before() {
    for (name, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
        let mut pty = editing(&served, home.path(), "last-word");
        signal(&pty, name);
        assert_eq!(pty.exit_code(), code);
        let kept = std::fs::read_to_string(state(home.path()).join("draft.json")).unwrap();
        assert!(kept.contains("last-word"), "{name}: {kept}");
    }
}

#[test]
fn a_policy_that_changed_in_the_meantime_is_said_and_the_text_is_kept() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let mut pty = editing(&served, home.path(), "my-own-word");
    wait_kept(home.path(), "draft.json", "my-own-word");
    signal(&pty, "KILL");
    pty.exit_code();
    let repository = RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse("vendorapp").unwrap(),
    };
    let others = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Others","Effect":"Allow","Principal":{"AWS":
        "arn:aws:iam::333333333333:root"},"Action":"ecr:BatchGetImage"}]}"#;
    assert!(served.service.set_policy_directly(&repository, Some(others)));
    let mut pty = wizard(&served, home.path(), &[]);
    read(&mut pty).keys("Enter").wait("vendorapp has another policy now").wait("my-own-word");
}

#[test]
fn starting_anew_discards_it_and_later_leaves_it() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let mut pty = editing(&served, home.path(), "my-own-word");
    wait_kept(home.path(), "draft.json", "my-own-word");
    signal(&pty, "KILL");
    pty.exit_code();
    let mut pty = wizard(&served, home.path(), &[]);
    read(&mut pty).keys("Esc").wait_gone(QUESTION).keys("q");
    assert_eq!(pty.exit_code(), 0);
    assert!(state(home.path()).join("draft.json").exists());
    // Leaving at the question answers nothing.
    let mut pty = wizard(&served, home.path(), &["--read-only"]);
    pty.wait(QUESTION).keys("Ctrl-C");
    assert_eq!(pty.exit_code(), 0);
    assert!(state(home.path()).join("draft.json").exists());
    let mut pty = wizard(&served, home.path(), &[]);
    read(&mut pty).keys("n").wait_gone(QUESTION);
    wait_for("the draft to go", || !state(home.path()).join("draft.json").exists());
}

#[test]
fn two_wizards_at_once_keep_a_draft_each() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let first = editing(&served, home.path(), "of-the-first");
    wait_kept(home.path(), "draft.json", "of-the-first");
    let mut second = editing(&served, home.path(), "of-the-second");
    wait_kept(home.path(), "draft-2.json", "of-the-second");
    assert!(!second.text().contains(QUESTION));
    second.keys("Ctrl-C").wait("Leave and lose it?").keys("y");
    assert_eq!(second.exit_code(), 0);
    wait_kept(home.path(), "draft.json", "of-the-first");
    drop(first);
    let mut third = wizard(&served, home.path(), &[]);
    read(&mut third).keys("Enter").wait("of-the-first");
}

#[test]
fn a_damaged_draft_is_told_and_put_out_of_the_way() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    std::fs::create_dir_all(state(home.path())).unwrap();
    std::fs::write(state(home.path()).join("draft.json"), "{\"format\": \"ecr-grant draft 1\",").unwrap();
    let mut pty = wizard(&served, home.path(), &[]);
    pty.wait("cannot be read; it is kept as draft.unreadable").wait("owner").keys("q");
    assert_eq!(pty.exit_code(), 0);
    let mut pty = wizard(&served, home.path(), &[]);
    pty.wait("owner");
    assert!(!pty.text().contains("cannot be read"));
}

#[test]
fn what_is_saved_leaves_no_draft() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let mut pty = wizard(&served, home.path(), &["--profile", "owner", "vendorapp"]);
    pty.wait("›  vendorapp").keys("Enter").wait("Grantee").type_text("111111111111").wait("1111-1111-1111");
    wait_kept(home.path(), "draft.json", "111111111111");
    pty.keys("Enter").wait("EcrGrantPull").keys("Ctrl-S").wait("Save the policy").keys("y").wait("backup");
    wait_for("the draft to go", || !state(home.path()).join("draft.json").exists());
    signal(&pty, "KILL");
    pty.exit_code();
    let mut pty = wizard(&served, home.path(), &[]);
    pty.wait("owner").wait("to sign in");
    assert!(!pty.text().contains(QUESTION));
}

#[test]
fn the_demo_neither_keeps_nor_offers_one() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let mut pty = editing(&served, home.path(), "my-own-word");
    wait_kept(home.path(), "draft.json", "my-own-word");
    signal(&pty, "KILL");
    pty.exit_code();
    let before = std::fs::read_to_string(state(home.path()).join("draft.json")).unwrap();
    let mut pty = Pty::wizard(&["--demo"], 100, 30, home.path());
    pty.wait("release-owner").wait("to sign in");
    assert!(!pty.text().contains(QUESTION));
    pty.keys("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(std::fs::read_to_string(state(home.path()).join("draft.json")).unwrap(), before);
}

#[test]
fn a_draft_that_cannot_be_kept_disturbs_nobody() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    std::fs::write(home.path().join("state"), "a file where the folder should be").unwrap();
    let mut pty = editing(&served, home.path(), "my-own-word");
    pty.wait("cannot be kept").type_text("-and-more").wait("my-own-word-and-more").wait_gone("cannot be kept");
    pty.keys("Ctrl-C").wait("Leave and lose it?").keys("y");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells in /proc")]
fn nothing_wakes_it_once_the_draft_is_kept() {
    let (served, home) = (Served::demo(), tempfile::tempdir().unwrap());
    let pty = editing(&served, home.path(), "my-own-word");
    wait_kept(home.path(), "draft.json", "my-own-word");
    // The threads that look at files for the SDK end some seconds after their last file.
    let ours = |name: &str| !name.starts_with("tokio");
    // Policies of other repositories may still be coming in: it rests when they are there.
    for _ in 0..20 {
        let before = pty.wakes(ours);
        std::thread::sleep(Duration::from_secs(2));
        if pty.wakes(ours) == before {
            return;
        }
    }
    panic!("something wakes it");
}
