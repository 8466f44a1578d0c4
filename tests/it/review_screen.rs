//! Changes that begin in the review of one repository: each ends in what the registry has stored, and each is taken back to
//! the byte.

use std::path::Path;

use ecr_grant::sandbox::Trouble;
use serde_json::Value;

use crate::journeys::{open_as_owner, repository_named};
use crate::support::pty::Pty;
use crate::support::served::Served;

const TWO: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "Team",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : [ "arn:aws:iam::111111111111:root", "arn:aws:iam::333333333333:root" ]
    },
    "Action" : [ "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer" ]
  } ]
}"#;

/// The review of a repository that has a policy.
struct Reviewed {
    served: Served,
    _home: tempfile::TempDir,
    pty: Pty,
    /// The text as the registry gave it before.
    before: Option<String>,
}

impl Reviewed {
    fn open(policy: &str, more: &[&str]) -> Self {
        Self::open_on(Served::serve_demo(), policy, more)
    }

    fn open_on(served: Served, policy: &str, more: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        served.service.set_policy_directly(&repository_named("vendorapp"), Some(policy));
        let before = served.service.policy_of(&repository_named("vendorapp"));
        let pty = Self::open_review(&served, home.path(), more);
        Self { served, _home: home, pty, before }
    }

    fn open_review(served: &Served, home: &Path, more: &[&str]) -> Pty {
        let arguments = [&["vendorapp"], more].concat();
        let mut pty = open_as_owner(served, home, &arguments);
        // An argument passes the list; one step back it is there, at the repository.
        pty.wait_for("Grantee").press_keys("Esc").wait_for("›  vendorapp");
        pty.press_keys("v").wait_for("Who has access").wait_for("Statements");
        pty
    }

    fn stored(&self) -> Option<String> {
        self.served.service.policy_of(&repository_named("vendorapp"))
    }

    fn count_writes(&self) -> usize {
        let calls = self.served.service.recorded_calls();
        let writes = ["SetRepositoryPolicy", "DeleteRepositoryPolicy"];
        calls.iter().filter(|call| writes.contains(&call.operation.as_str())).count()
    }

    /// Takes the write back from its outcome, and checks that the text from before is stored, each byte.
    fn undo(mut self) {
        self.pty.press_keys("u").wait_for("Take back the change").press_keys("PgDn PgDn");
        if self.pty.screen_text().contains("Type") {
            self.pty.type_text("vendorapp").wait_for("vendorapp").press_keys("Enter");
        } else {
            self.pty.press_keys("y");
        }
        self.pty.wait_for("taken back");
        assert_eq!(self.stored(), self.before);
        // From there it goes back to the review, which shows what is stored again.
        self.pty.press_keys("Esc").wait_for("Who has access").wait_for("Statements");
        self.pty.press_keys("Esc").wait_for("›  vendorapp").press_keys("q");
        assert_eq!(self.pty.exit_code(), 0);
    }
}

#[test]
fn e_edits_the_stored_policy_with_nothing_added() {
    let mut review = Reviewed::open(TWO, &[]);
    review.pty.press_keys("e").wait_for("F4 diff").wait_for("nothing is changed yet");
    assert!(!review.pty.screen_text().contains("EcrGrant"), "something was added");
    // What is found is selected: what is typed takes its place.
    review.pty.press_keys("Ctrl-F").type_text("ecr:BatchGetImage").press_keys("Enter Esc");
    review.pty.type_text("ecr:DescribeImages").wait_for("changed by hand");
    review.pty.press_keys("Ctrl-S").wait_for("Save the policy").wait_for("loses").press_keys("PgDn PgDn");
    review.pty.type_text("vendorapp").press_keys("Enter").wait_for("backup");
    let policy: Value = serde_json::from_str(&review.stored().unwrap()).unwrap();
    assert_eq!(policy["Statement"][0]["Action"][0], "ecr:DescribeImages");
    assert_eq!(policy["Statement"][0]["Principal"]["AWS"].as_array().unwrap().len(), 2);
    review.pty.press_keys("u").wait_for("Take back the change").press_keys("PgDn PgDn");
    if review.pty.screen_text().contains("Type") {
        review.pty.type_text("vendorapp").press_keys("Enter");
    } else {
        review.pty.press_keys("y");
    }
    review.pty.wait_for("taken back");
    assert_eq!(review.stored(), review.before);
}

#[test]
fn an_edit_that_is_left_changes_nothing_and_leads_back_to_the_review() {
    let mut review = Reviewed::open(TWO, &[]);
    review.pty.press_keys("e").wait_for("F4 diff").press_keys("Esc").wait_for("nothing is changed yet; e edits");
    review.pty.press_keys("Enter").wait_for("there is nothing to save");
    review.pty.press_keys("Esc").wait_for("Who has access").wait_for("Team");
    assert_eq!((review.stored(), review.count_writes()), (review.before.clone(), 0));
    review.pty.press_keys("q");
    assert_eq!(review.pty.exit_code(), 0, "nothing asks about a draft");
}

#[test]
fn x_takes_the_grantee_of_the_chosen_row_out_and_nobody_else() {
    let mut review = Reviewed::open(TWO, &[]);
    review.pty.press_keys("Down x").wait_for("Save the policy").wait_for("account 333333333333");
    assert!(!review.pty.screen_text().contains("loses  account 111111111111"), "{}", review.pty.screen_text());
    review.pty.press_keys("y").wait_for("backup");
    let stored = review.stored().unwrap();
    assert!(stored.contains("111111111111") && !stored.contains("333333333333"), "{stored}");
    review.undo();
}

#[test]
fn x_of_the_last_grantee_deletes_the_policy_and_says_so() {
    let one = TWO.replace(r#", "arn:aws:iam::333333333333:root""#, "");
    let mut review = Reviewed::open(&one, &[]);
    review.pty.press_keys("x").wait_for("nobody is left in its policy, which is removed");
    review.pty.press_keys("y").wait_for("backup");
    assert_eq!(review.stored(), None);
    review.undo();
}

#[test]
fn f2_mends_a_finding_after_its_difference_was_shown() {
    let deleted = TWO.replace("arn:aws:iam::333333333333:root", "AROAEXAMPLEID12345678");
    let mut review = Reviewed::open(&deleted, &[]);
    review.pty.wait_for("deleted role AROAEXAMPLEID12345678").press_keys("F2");
    review.pty.wait_for("changed by hand: what changes").wait_for("AROAEXAMPLEID12345678");
    assert_eq!(review.count_writes(), 0, "a fix is written before anybody confirmed it");
    review.pty.press_keys("Enter").wait_for("Save the policy").press_keys("y").wait_for("backup");
    let stored = review.stored().unwrap();
    assert!(stored.contains("111111111111") && !stored.contains("AROA"), "{stored}");
}

#[test]
fn d_deletes_the_policy_after_a_typed_word() {
    let mut review = Reviewed::open(TWO, &[]);
    review.pty.press_keys("D").wait_for("the whole policy is removed").wait_for("account 111111111111");
    // A letter is no consent, and neither is another name.
    review.pty.press_keys("y Enter").wait_for("not saved: type `vendorapp` exactly");
    assert_eq!(review.stored(), review.before);
    review.pty.press_keys("Backspace PgDn PgDn").type_text("vendorapp").press_keys("Enter").wait_for("backup");
    assert_eq!(review.stored(), None);
    let deletes = review.served.service.recorded_calls();
    let deletes = deletes.iter().filter(|call| call.operation == "DeleteRepositoryPolicy").count();
    assert_eq!(deletes, 1);
    review.undo();
}

#[test]
fn read_only_and_dry_run_hold_for_every_change_of_a_review() {
    for (flag, words) in [("--read-only", "What would be saved"), ("--dry-run", "dry run")] {
        let mut review = Reviewed::open(TWO, &[flag]);
        review.pty.press_keys("D").wait_for("the whole policy is removed");
        if flag == "--dry-run" {
            review.pty.press_keys("PgDn PgDn").type_text("vendorapp").press_keys("Enter");
        }
        review.pty.wait_for(words);
        assert_eq!((review.stored(), review.count_writes()), (review.before.clone(), 0), "{flag}");
    }
}

#[test]
fn a_policy_that_changed_underneath_a_delete_is_shown_and_confirmed_again() {
    let mut review = Reviewed::open(TWO, &[]);
    review.pty.press_keys("D").wait_for("the whole policy is removed").press_keys("PgDn PgDn");
    let theirs = TWO.replace("333333333333", "444444444444");
    review.served.service.set_policy_directly(&repository_named("vendorapp"), Some(&theirs));
    let theirs = review.stored();
    review.pty.type_text("vendorapp").press_keys("Enter").wait_for("somebody else changed the policy meanwhile");
    assert_eq!((review.stored(), review.count_writes()), (theirs, 0), "another's change was deleted unseen");
    review.pty.press_keys("Enter").wait_for("the whole policy is removed").wait_for("444444444444");
    review.pty.press_keys("PgDn PgDn").type_text("vendorapp").press_keys("Enter").wait_for("backup");
    assert_eq!(review.stored(), None);
}

#[test]
fn the_places_that_images_are_copied_to_are_told_and_a_refusal_is_told_as_unknown() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &["payments-api"]);
    pty.wait_for("Grantee").press_keys("Esc").wait_for("›  payments-api");
    pty.press_keys("v").wait_for("images are copied to eu-central-1; this policy");
    let review = Reviewed::open_on(served, TWO, &[]);
    let mut pty = review.pty;
    pty.wait_for("no rule of replication copies images");
    // Once for an account and Region, whichever repository is looked at.
    pty.press_keys("n").wait_gone("vendorapp  ").wait_for("no rule of replication copies images");
    let calls = review.served.service.recorded_calls();
    let asked = calls.iter().filter(|call| call.operation == "DescribeRegistry").count();
    assert_eq!(asked, 2, "once by each of the two programs");

    let served = Served::serve_demo();
    let denied = Trouble::Error(400, "AccessDeniedException".to_owned(), "not authorized".to_owned());
    served.service.add_trouble(Some("DescribeRegistry"), 0, 100, denied);
    let mut review = Reviewed::open_on(served, TWO, &[]);
    review.pty.wait_for("whether images are copied elsewhere is not known");
    assert!(!review.pty.screen_text().contains("no rule of replication"), "{}", review.pty.screen_text());
}
