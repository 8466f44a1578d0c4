//! Findings that are accepted on the screen: what it writes is what `ecr-grant review --accepted` reads.

use std::path::Path;

use crate::support::owner::OwnerHome;
use crate::support::pty::Pty;
use crate::support::served::Served;

/// One risk: everyone may pull.
const PUBLIC: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"All","Effect":"Allow","Principal":"*",
"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}"#;

fn with_public_repository() -> OwnerHome {
    let owner = OwnerHome::new();
    Served::write_profile(owner.home.path());
    owner.served.service.add_repository(&OwnerHome::reference_to("audit/one"));
    assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to("audit/one"), Some(PUBLIC)));
    owner
}

/// Opens the screen of the review at that repository alone.
fn open_screen(owner: &OwnerHome, more: &[&str], size: (u16, u16)) -> Pty {
    let url = owner.served.url.as_str();
    let args = [&["review", "--endpoint-url", url, "--profile", "owner"], more].concat();
    let home: &Path = owner.home.path();
    let mut pty = Pty::start_wizard_with(&args, size.0, size.1, home, &[("USER", "ana")]);
    pty.wait_until("all policies are read", |screen| screen.contains("2 public") || screen.contains("3 public"));
    pty.press_keys("/").type_text("audit/one").press_keys("Enter").wait_for("1 of");
    pty
}

/// Returns the exit code of the command about that repository, and what it says.
fn review_one(owner: &OwnerHome, more: &[&str]) -> (i32, String) {
    let done = owner.run(&[&["review", "audit/one", "--profile", "owner", "--format", "jsonl"], more].concat());
    (done.status.code().unwrap(), done.stdout)
}

#[test]
fn what_is_accepted_on_the_screen_is_accepted_by_the_command() {
    let owner = with_public_repository();
    assert_eq!(review_one(&owner, &[]).0, 1);
    for (more, file, size) in [
        (&[][..], "ecr-review-accepted.toml", (80, 24)),
        (&["--accepted", "team.toml"], "team.toml", (120, 40)),
        (&["--accepted", "team.json"], "team.json", (60, 16)),
        (&["--config", "config.toml"], "lists/ours.toml", (120, 40)),
    ] {
        let home = owner.home.path();
        std::fs::create_dir_all(home.join("lists")).unwrap();
        std::fs::write(home.join("config.toml"), "[review]\naccepted = \"lists/ours.toml\"\n").unwrap();
        let before = match file {
            "team.toml" => {
                "# The team's list.\n\n[[accepted]]\nfinding = 'S105' # builds\nrepository = \"b/*\"\nreason = \"r\"\nwho = \"w\"\n"
            }
            "team.json" => {
                "{\"accepted\": [\n  {\"finding\": \"S105\", \"repository\": \"b/*\", \"reason\": \"r\", \"who\": \"w\"}\n]}\n"
            }
            _ => "",
        };
        if !before.is_empty() {
            std::fs::write(home.join(file), before).unwrap();
        }
        let mut pty = open_screen(&owner, more, size);
        pty.press_keys("a").wait_for("Accept a finding of audit/one").wait_for("ana");
        // Without a reason nothing is written.
        pty.press_keys("Enter").wait_for("say why");
        pty.type_text("a sample for customers").press_keys("Tab Tab").type_text("90d").press_keys("Enter");
        pty.wait_for("is accepted in").wait_for("(S101)");
        pty.press_keys("a").wait_for("all of its findings are accepted");
        pty.press_keys("Enter").wait_for("1 finding is accepted");
        if size.1 == 40 {
            pty.wait_for("accepted by ana until");
        }
        pty.press_keys("q");
        assert_eq!(pty.exit_code(), 0);
        let text = std::fs::read_to_string(home.join(file)).unwrap();
        let kept = before.trim_end_matches("\n]}\n");
        assert!(text.starts_with(kept) && text.contains("a sample for customers"), "{file}: {text}");
        let (code, told) = review_one(&owner, &["--accepted", file]);
        assert_eq!(code, 0, "{file}: {told}");
        assert!(told.contains("\"who\":\"ana\"") && told.contains("a sample for customers"), "{told}");
        assert_eq!(review_one(&owner, &[]).0, 1, "without the file it counts");
        if file.starts_with("lists") {
            assert_eq!(review_one(&owner, more).0, 0, "the configuration names the file");
        }
        // The next screen shows it as accepted from the start.
        let mut pty = open_screen(&owner, more, size);
        pty.wait_for("(S101)").press_keys("q");
        assert_eq!(pty.exit_code(), 0);
    }
    assert_eq!(owner.count_writes(), 0);
}

#[test]
fn a_file_that_changed_or_is_no_list_keeps_its_text() {
    let owner = with_public_repository();
    let path = owner.home.path().join("team.toml");
    std::fs::write(&path, "# ours\n").unwrap();
    let mut pty = open_screen(&owner, &["--accepted", "team.toml"], (100, 30));
    pty.press_keys("a").wait_for("Accept a finding").wait_for("ana").type_text("why");
    std::fs::write(&path, "# theirs\n").unwrap();
    pty.press_keys("Enter").wait_for("changed by somebody else");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# theirs\n");
    std::fs::write(&path, "accepted = [").unwrap();
    pty.press_keys("Enter").wait_for("no list of accepted findings");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "accepted = [");
    std::fs::write(&path, "# mended\n").unwrap();
    pty.press_keys("Esc r").wait_until("all is read", |screen| !screen.contains("who can pull:"));
    pty.press_keys("a").wait_for("Accept a finding").type_text("why").press_keys("Enter").wait_for("is accepted in");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("# mended\n\n[[accepted]]\n"));
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    // What the flag names has to be a list before the screen opens.
    std::fs::write(&path, "accepted = [").unwrap();
    let args = ["review", "--endpoint-url", owner.served.url.as_str(), "--profile", "owner", "--accepted", "team.toml"];
    let mut pty = Pty::start_wizard(&args, 100, 30, owner.home.path());
    pty.wait_for("no list of accepted findings");
    assert_eq!(pty.exit_code(), 2);
}
