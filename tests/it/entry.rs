//! How the wizard opens: what arguments and pasted addresses answer, and how many keys are left. The real binary in a
//! terminal, against the sandbox on a loopback port.

use crate::journeys::{open_as_owner, repository_named};
use crate::support::pty::Pty;
use crate::support::served::Served;

const URI: &str = "222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:2.4";

/// A terminal whose keys are counted, digits apart from the others.
struct Counted {
    pty: Pty,
    keys: usize,
    digits: usize,
}

impl Counted {
    fn of(pty: Pty) -> Self {
        Self { pty, keys: 0, digits: 0 }
    }

    fn press_keys(&mut self, names: &str) -> &mut Pty {
        self.keys += names.split_whitespace().count();
        self.pty.press_keys(names)
    }

    fn type_digits(&mut self, text: &str) -> &mut Pty {
        assert!(text.bytes().all(|byte| byte.is_ascii_digit()));
        self.digits += text.len();
        self.pty.type_text(text)
    }

    /// A paste is a key too: Ctrl-Shift-V, or a middle click.
    fn paste_text(&mut self, text: &str) -> &mut Pty {
        self.keys += 1;
        self.pty.paste_text(text)
    }
}

/// Opens the wizard of a home that knows one way to sign in, without naming it.
fn open_alone(served: &Served, home: &std::path::Path, more: &[&str]) -> Pty {
    Served::write_profile(home);
    let args = [&["--endpoint-url", served.url.as_str()], more].concat();
    Pty::start_wizard(&args, 100, 30, home)
}

fn has_policy(served: &Served) -> bool {
    served.service.policy_of(&repository_named("vendorapp")).is_some()
}

#[test]
fn with_all_arguments_one_key_leads_to_the_question() {
    let whole = ["vendorapp", "--to", "111111111111", "--recipe", "pull"];
    let address = [URI, "--to", "111111111111"];
    for (is_named, args) in [(true, &whole[..]), (false, &whole[..]), (true, &address), (false, &address)] {
        let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
        let open = if is_named { open_as_owner } else { open_alone };
        let mut counted = Counted::of(open(&served, home.path(), args));
        counted.pty.wait_for("EcrGrantPull").wait_for("account 111111111111").wait_for("Enter go on");
        assert!(!has_policy(&served));
        counted.press_keys("Enter").wait_for("Save the policy of vendorapp").wait_for("gains");
        assert_eq!(counted.keys, 1, "{args:?}");
        counted.press_keys("y").wait_for("backup");
        assert!(has_policy(&served));
    }
}

#[test]
fn a_pasted_uri_needs_at_most_four_keys_and_the_twelve_digits() {
    for more in [&[][..], &["--profile", "owner"]] {
        let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
        let mut counted = Counted::of(open_alone(&served, home.path(), more));
        // At step 1, or at step 2 where the profile was named.
        counted.pty.wait_for(if more.is_empty() { "to sign in" } else { "42 repositories" });
        counted.paste_text(&format!("{URI}\n")).wait_for("Repository vendorapp").wait_for("Grantee");
        counted.type_digits("111111111111").wait_for("account 111111111111");
        counted.press_keys("Enter").wait_for("EcrGrantPull").wait_for("Enter go on");
        counted.press_keys("Enter").wait_for("Save the policy of vendorapp").wait_for("gains");
        counted.press_keys("y").wait_for("backup");
        assert!(counted.keys <= 4 && counted.digits == 12, "{} keys, {} digits", counted.keys, counted.digits);
        assert!(has_policy(&served));
    }
}

#[test]
fn it_stops_at_the_first_step_that_needs_a_person() {
    let served = Served::serve_demo();
    for (args, shown) in [
        (&["--profile", "nobody", "vendorapp", "--to", "111111111111"][..], "there is no profile `nobody`"),
        (&["no/such", "--to", "111111111111"], "There is no repository no/such"),
        (&["vendorapp", "no/such", "--to", "111111111111"], "There is no repository no/such"),
        (&["vendorapp"], "Repository vendorapp"),
        (&["vendorapp", "--to", "222222222222"], "Repository vendorapp"),
        (&["--to", "111111111111"], "42 repositories"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let mut pty = open_alone(&served, home.path(), args);
        pty.wait_for(shown);
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert!(!pty.screen_text().contains("EcrGrantPull"), "{args:?}:\n{}", pty.screen_text());
    }
    // Two profiles that could be meant.
    let home = tempfile::tempdir().unwrap();
    let profile = |name: &str| {
        format!(
            "[profile {name}]\nregion = eu-west-2\naws_access_key_id = 222222222222\naws_secret_access_key = none\n"
        )
    };
    std::fs::write(home.path().join("aws-config"), profile("first") + &profile("second")).unwrap();
    let args = ["--endpoint-url", served.url.as_str(), "vendorapp", "--to", "111111111111"];
    let mut pty = Pty::start_wizard(&args, 100, 30, home.path());
    pty.wait_for("first").wait_for("second").wait_for("to sign in");
    // Who that is is seen before it is gone on with; the rest is answered.
    pty.press_keys("Enter").wait_for("you are in account").press_keys("Enter").wait_for("EcrGrantPull");
}

#[test]
fn the_name_of_an_account_stands_beside_its_id_on_every_screen() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let config = "[accounts]\n\"111111111111\" = \"Release\"\n\"222222222222\" = \"Platform\"\n";
    std::fs::write(home.path().join("names.toml"), config).unwrap();
    let mut pty = open_as_owner(&served, home.path(), &["--config", "names.toml", "vendorapp"]);
    pty.wait_for("222222222222 · eu-west-2 · Platform").wait_for("Grantee").type_text("111111111111");
    pty.wait_for("account 111111111111 (Release)").press_keys("Enter");
    pty.wait_for("gains  account 111111111111 (Release): pull").wait_for("Enter go on").press_keys("Enter");
    pty.wait_for("Save the policy of vendorapp").wait_for("gains  account 111111111111 (Release): pull");
    pty.press_keys("y").wait_for("backup");
    let stored = served.service.policy_of(&repository_named("vendorapp")).unwrap();
    assert!(stored.contains("111111111111") && !stored.contains("Release"), "{stored}");
}
