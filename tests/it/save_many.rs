//! Many repositories saved by the wizard in a terminal: one change of the journal, taken back as one, and a plan that was
//! saved in a file and applied by the command.

use ecr_grant::journal::{History, Journal};
use ecr_grant::policy::canonical::same_meaning;
use ecr_grant::sandbox::Trouble;

use crate::journeys;
use crate::support::owner::OwnerHome;
use crate::support::pty::Pty;

const NAMES: [&str; 8] = ["bulk/a0", "bulk/a1", "bulk/a2", "bulk/a3", "bulk/a4", "bulk/a5", "bulk/a6", "bulk/a7"];

fn theirs(number: usize) -> String {
    format!(
        r#"{{ "Version":"2012-10-17" ,"Statement":[{{"Sid":"Team{number}","Effect":"Allow","Principal":{{"AWS":"333333333333"}},"Action":"ecr:BatchGetImage"}}] }}"#
    )
}

/// The owner's home with eight repositories; the even ones have a policy of another team.
fn with_many() -> OwnerHome {
    let owner = OwnerHome::new();
    for (at, name) in NAMES.iter().enumerate() {
        let reference = OwnerHome::reference_to(name);
        owner.served.service.add_repository(&reference);
        let policy = (at % 2 == 0).then(|| theirs(at));
        assert!(owner.served.service.set_policy_directly(&reference, policy.as_deref()));
    }
    owner
}

/// Opens the wizard at the plan for all eight.
fn open_plan(owner: &OwnerHome, more: &[&str]) -> Pty {
    let args = [&["bulk/*", "--to", "111111111111"], more].concat();
    let mut pty = journeys::open_as_owner(&owner.served, owner.home.path(), &args);
    journeys::await_policy(&mut pty);
    pty.press_keys("Ctrl-S");
    pty
}

fn stored_policies(owner: &OwnerHome) -> Vec<Option<String>> {
    NAMES.iter().map(|name| owner.stored_policy(name)).collect()
}

/// Reads what the wizard left in its state folder.
fn read_history(owner: &OwnerHome) -> History {
    Journal::open_in(owner.home.path().join("state/ecr-grant")).read_history().unwrap()
}

fn is_same(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same_meaning(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

#[test]
fn a_save_of_many_is_one_change_and_one_undo_brings_each_document_back() {
    let owner = with_many();
    let before = stored_policies(&owner);
    let mut pty = open_plan(&owner, &[]);
    pty.wait_for("Write 8 policies in account 222222222222, eu-west-2, at").wait_for("gains: account 111111111111");
    pty.press_keys("y").wait_for("Outcome: 8 saved");
    let saved = stored_policies(&owner);
    assert!(saved.iter().all(|text| text.as_deref().is_some_and(|text| text.contains("111111111111"))), "{saved:?}");
    pty.press_keys("u").wait_for("Take back 8 policies").wait_for("loses: account 111111111111");
    assert_eq!(stored_policies(&owner), saved, "nothing is written before the answer");
    pty.press_keys("y").wait_for("Outcome: 8 taken back");
    let after = stored_policies(&owner);
    assert!(
        before.iter().zip(&after).all(|(before, after)| is_same(before.as_deref(), after.as_deref())),
        "{before:?}\n{after:?}"
    );
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    let history = read_history(&owner);
    let [undo, save] = history.changes.as_slice() else { panic!("{:#?}", history.changes) };
    assert_eq!((save.writes.len(), undo.writes.len()), (8, 8));
    assert_eq!((save.undoes.as_deref(), undo.undoes.as_deref()), (None, Some(save.id.as_str())));
    for write in &undo.writes {
        let of_save = save.writes.iter().find(|other| other.repository == write.repository).unwrap();
        assert_eq!(write.new, of_save.old, "the text from before, every byte");
    }
}

/// Presses keys that show more until nothing of gains and losses is unseen; returns how many it took.
fn look_to_the_end(pty: &mut Pty) -> usize {
    for pressed in 0..20 {
        let screen = pty.screen_text();
        if !screen.contains("or enlarge") {
            return pressed;
        }
        pty.press_keys("PgDn").wait_until("another frame", |frame| frame != screen);
    }
    panic!("twenty pages show no end:\n{}", pty.screen_text());
}

#[test]
fn a_low_window_takes_a_yes_for_many_only_after_the_last_row_was_on_the_screen() {
    for (columns, rows) in [(80, 11), (60, 12)] {
        let owner = with_many();
        let others: Vec<String> = [3, 4].map(|digit: u8| digit.to_string().repeat(12)).to_vec();
        let mut pty = open_plan(&owner, &others.iter().map(String::as_str).collect::<Vec<_>>());
        pty.wait_for("Write 8 policies").resize_to(columns, rows).wait_for("or enlarge");
        pty.press_keys("y").wait_for("not saved: ");
        assert_eq!(owner.count_writes(), 0, "{columns}x{rows}: a yes before the rows were seen");
        assert!(look_to_the_end(&mut pty) > 0);
        pty.press_keys("y").wait_for("8 saved");
        let saved = owner.count_writes();
        assert_eq!(saved, 8, "{columns}x{rows}");
        pty.press_keys("u").wait_for("Take back 8 policies").press_keys("y");
        if look_to_the_end(&mut pty) > 0 {
            assert_eq!(owner.count_writes(), saved, "{columns}x{rows}: taken back before the rows were seen");
            pty.press_keys("y");
        }
        pty.wait_for("8 taken back");
    }
}

#[test]
fn one_that_aws_refuses_leads_the_outcome_and_r_goes_on_with_it() {
    let owner = with_many();
    let denied = Trouble::Error(400, "AccessDeniedException".to_owned(), "not authorized".to_owned());
    owner.served.service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, denied);
    let mut pty = open_plan(&owner, &[]);
    pty.wait_for("Write 8 policies").press_keys("y").wait_for("Outcome: 1 not saved; 7 saved");
    pty.press_keys("r").wait_for("Write 1 policy").press_keys("y").wait_for("Outcome: 8 saved").press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    let history = read_history(&owner);
    assert_eq!(history.changes.len(), 2);
}

#[test]
fn a_plan_saved_read_only_and_applied_by_the_command_gives_the_bytes_of_a_grant() {
    let (owner, other) = (with_many(), with_many());
    let before = stored_policies(&owner);
    let mut pty = open_plan(&owner, &["--read-only"]);
    pty.wait_for("What would be saved: 8 will be written").press_keys("w");
    pty.wait_for("plan saved: ecr-grant apply 8-repositories-plan.json").press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    assert_eq!(stored_policies(&owner), before, "read-only writes nothing");
    let plan = owner.home.path().join("8-repositories-plan.json");
    owner.run(&["apply", plan.to_str().unwrap(), "--yes"]).expect_text();
    other.run(&["grant", "bulk/*", "--to", "111111111111", "--yes"]).expect_text();
    assert_eq!(stored_policies(&owner), stored_policies(&other));
    assert_ne!(stored_policies(&owner), before);
}
