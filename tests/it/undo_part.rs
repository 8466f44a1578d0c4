//! What was taken back is marked; an undo of some repositories, and one that is saved as a plan.

use serde_json::Value;

use super::plans::find_breaches;
use super::support::Finished;
use super::support::owner::OwnerHome;

const VENDOR: &str = "111111111111";
const NAMES: [&str; 3] = ["vendorapp", "vendorapp-worker", "tools/empty-placeholder"];

fn granted_owner() -> (OwnerHome, String) {
    grant_all(OwnerHome::new())
}

fn grant_all(owner: OwnerHome) -> (OwnerHome, String) {
    owner.run(&[&["grant"], &NAMES[..], &["--to", VENDOR, "--yes"]].concat()).expect_text();
    let id = changes(&owner)[0]["id"].as_str().unwrap().to_owned();
    (owner, id)
}

fn changes(owner: &OwnerHome) -> Vec<Value> {
    owner.run(&["history", "--format", "json"]).expect_json()["changes"].as_array().unwrap().clone()
}

fn undone_names(change: &Value) -> Vec<&str> {
    change["undone"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
}

fn stored_names(owner: &OwnerHome) -> Vec<&'static str> {
    NAMES.into_iter().filter(|name| owner.stored_policy(name).is_some()).collect()
}

fn line_of<'t>(listed: &'t Finished, id: &str) -> &'t str {
    listed.stdout.lines().find(|line| line.starts_with(id)).unwrap_or_else(|| panic!("{listed:?}"))
}

#[test]
fn chosen_repositories_are_taken_back_and_the_history_tells_how_many() {
    let (owner, id) = granted_owner();
    let refused = owner.run(&["undo", &id, "vendorapp", "payments-api", "--yes"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(refused.stderr.contains(&format!("change {id} wrote nothing to payments-api")), "{}", refused.stderr);
    assert_eq!(stored_names(&owner), NAMES);
    let part = owner.run(&["undo", &id, "vendorapp*", "--yes", "--format", "json"]);
    assert_eq!(part.expect_json()["repositories"].as_array().unwrap().len(), 2, "{part:?}");
    assert_eq!(stored_names(&owner), [NAMES[2]]);
    let all = changes(&owner);
    let by = all[0]["id"].as_str().unwrap();
    assert_eq!((&all[1]["undone_by"], undone_names(&all[1])), (&serde_json::json!([by]), vec![NAMES[0], NAMES[1]]));
    assert_eq!((&all[0]["undone_by"], &all[0]["undoes"]), (&serde_json::json!([]), &id.as_str().into()));
    let listed = owner.run(&["history"]);
    assert!(line_of(&listed, &id).ends_with(&format!("3 written (2 of 3 undone by {by})")), "{}", listed.stdout);
    let shown = owner.run(&["history", "show", &id]);
    assert!(shown.expect_text().ends_with(&format!("ecr-grant undo {id} takes this back\n")), "{}", shown.stdout);
    // The rest, and then the change is marked as a whole.
    let rest = owner.run(&["undo", &id, "--yes"]);
    assert!(rest.stderr.contains(&format!("note: 2 of 3 undone by {by}")), "{}", rest.stderr);
    assert_eq!(stored_names(&owner), [""; 0]);
    let listed = owner.run(&["history"]);
    let last = changes(&owner)[0]["id"].as_str().unwrap().to_owned();
    assert!(line_of(&listed, &id).ends_with(&format!("3 written (undone by {last}, {by})")), "{}", listed.stdout);
    // The undo of an undo brings its own part again.
    owner.run(&["undo", by, NAMES[0], "--yes"]).expect_text();
    let first = changes(&owner).into_iter().find(|change| change["id"] == id.as_str()).unwrap();
    assert_eq!((stored_names(&owner), undone_names(&first).len()), (vec![NAMES[0]], 2));
}

#[test]
fn a_change_names_the_command_that_takes_it_back_and_its_files_on_demand() {
    let (owner, id) = granted_owner();
    let granted = owner.run(&["grant", "payments-api", "--to", VENDOR, "--yes"]);
    let newest = changes(&owner)[0]["id"].as_str().unwrap().to_owned();
    assert!(granted.stderr.contains(&format!("ecr-grant undo {newest} takes this back")), "{}", granted.stderr);
    let shown = owner.run(&["history", "show", &id]);
    for told in [&shown.stdout, &granted.stderr] {
        assert!(!told.contains(".jsonl"), "{told}");
    }
    let verbose = owner.run(&["history", "show", &id, "-v"]);
    assert!(verbose.stdout.contains(".jsonl"), "{}", verbose.stdout);
    let value = owner.run(&["history", "show", &id, "--format", "json"]).expect_json();
    for one in value["repositories"].as_array().unwrap() {
        assert!(std::path::Path::new(one["backup"].as_str().unwrap()).exists() && one["undone"] == false, "{one}");
    }
    owner.run(&["undo", &id, "--yes"]).expect_text();
    let undo = changes(&owner)[0]["id"].as_str().unwrap().to_owned();
    let shown = owner.run(&["history", "show", &id]);
    assert!(shown.stdout.contains(&format!("  undone   undone by {undo}\n")), "{}", shown.stdout);
    assert!(shown.stdout.ends_with(&format!("ecr-grant undo {undo} brings this again\n")), "{}", shown.stdout);
}

#[test]
fn an_undo_in_a_file_is_applied_without_the_journal_and_by_the_same_rules() {
    let before = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"ecr:BatchGetImage"}]}"#;
    let owner = OwnerHome::new();
    assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to("vendorapp-worker"), Some(before)));
    let (owner, id) = grant_all(owner);
    let before = owner.count_writes();
    let saved = owner.run(&["undo", &id, "vendorapp*", "--plan-out", "-my plan's.json"]);
    assert_eq!((saved.status.code(), owner.count_writes()), (Some(2), before), "a flag is no file: {saved:?}");
    let saved = owner.run(&["undo", &id, "vendorapp*", "--plan-out=-my plan's.json"]);
    assert_eq!((saved.status.code(), owner.count_writes()), (Some(0), before), "{saved:?}");
    let word = r"'./-my plan'\''s.json'";
    assert!(saved.stderr.contains(&format!("ecr-grant apply {word}")), "{}", saved.stderr);
    let path = owner.home.path().join("-my plan's.json");
    assert_eq!(find_breaches(owner.home.path(), &path), "[]");
    // What the message says is a command of a shell.
    let other = tempfile::tempdir().unwrap();
    std::fs::copy(&path, other.path().join("-my plan's.json")).unwrap();
    // Others write one of the two since: only what the change did goes.
    let theirs = owner.stored_policy("vendorapp-worker").unwrap().replacen(
        "\"Statement\" : [ ",
        "\"Statement\" : [ {\"Sid\":\"Since\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"333333333333\"},\"Action\":\"ecr:ListImages\"}, ",
        1,
    );
    assert!(theirs.contains("Since"), "{theirs}");
    assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to("vendorapp-worker"), Some(&theirs)));
    let line = format!(
        "{} apply {word} --yes --format json --endpoint-url {}",
        env!("CARGO_BIN_EXE_ecr-grant"),
        owner.served.url
    );
    let mut shell = super::support::clean_command("/bin/sh", other.path());
    shell.args(["-c", &line]);
    let applied = super::support::run(shell);
    let value = applied.expect_json();
    let ways: Vec<(&str, &str)> = value["repositories"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["result"].as_str().unwrap(), one["way"].as_str().unwrap()))
        .collect();
    assert_eq!(ways, [("undone", "exact"), ("undone", "partial")], "{applied:?}");
    assert_eq!(stored_names(&owner), [NAMES[1], NAMES[2]]);
    let left = owner.stored_policy("vendorapp-worker").unwrap();
    assert!(left.contains("Since") && !left.contains(VENDOR), "{left}");
}

#[test]
fn each_told_by_itself_has_exceptions_first_too() {
    let owner = OwnerHome::new();
    let blocked = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"111111111111"},"Action":"ecr:*"}]}"#;
    assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to(NAMES[2]), Some(blocked)));
    for verbose in [&[][..], &["-v"]] {
        let arguments = [&["grant", "not-there"], &NAMES[..], &["--to", VENDOR, "--dry-run"], verbose].concat();
        let told = owner.run(&arguments).stderr;
        let at = |words: &str| told.find(words).unwrap_or_else(|| panic!("{words}: {told}"));
        let places = [at("not-there"), at("tools/empty-placeholder (222222222222"), at("vendorapp (222222222222")];
        assert!(places.is_sorted(), "{places:?}: {told}");
    }
}
