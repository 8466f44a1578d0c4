//! Plans in files: saved by `--plan-out`, written by `apply`.

use std::path::Path;

use serde_json::Value;

use crate::support::owner::OwnerHome;
use crate::support::python::python_command;
use crate::support::{Finished, run};

const VENDOR: &str = "111111111111";
const NAMES: [&str; 3] = ["vendorapp", "vendorapp-worker", "catalogue/api"];

fn save_plan(owner: &OwnerHome) -> Finished {
    owner.run(&[&["grant"], &NAMES[..], &["--to", VENDOR, "--plan-out", "plan.json"]].concat())
}

fn apply_plan(owner: &OwnerHome, flags: &[&str]) -> Finished {
    owner.run(&[&["apply", "plan.json", "--format", "json"], flags].concat())
}

fn results_of(ended: &Finished) -> Vec<String> {
    let value: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {ended:?}"));
    value["repositories"].as_array().unwrap().iter().map(|one| one["result"].as_str().unwrap().to_owned()).collect()
}

fn grants_vendor(owner: &OwnerHome, name: &str) -> bool {
    owner.stored_policy(name).is_some_and(|text| text.contains(VENDOR))
}

#[test]
fn a_saved_plan_writes_nothing_until_it_is_applied_and_then_all_of_it() {
    let owner = OwnerHome::new();
    let saved = save_plan(&owner);
    assert_eq!(saved.status.code(), Some(0), "{saved:?}");
    assert!(saved.stderr.contains("Nothing was written to AWS. The plan is in plan.json"), "{}", saved.stderr);
    assert_eq!(owner.count_writes(), 0);
    let again = save_plan(&owner);
    assert_eq!(again.status.code(), Some(2), "a plan replaces no file: {again:?}");
    let dry = apply_plan(&owner, &["--dry-run"]);
    assert_eq!((results_of(&dry), owner.count_writes()), (vec!["dry-run".to_owned(); 3], 0), "{dry:?}");
    let refused = owner.run(&["apply", "plan.json", "--read-only"]);
    assert_eq!((refused.status.code(), owner.count_writes()), (Some(4), 0), "{refused:?}");
    let applied = apply_plan(&owner, &["--yes"]);
    assert_eq!((results_of(&applied), applied.status.code()), (vec!["written".to_owned(); 3], Some(0)), "{applied:?}");
    assert!(NAMES.iter().all(|name| grants_vendor(&owner, name)));
    let twice = apply_plan(&owner, &["--yes"]);
    assert_eq!(results_of(&twice), vec!["already-granted"; 3], "{twice:?}");
}

#[test]
fn a_policy_that_changed_since_is_planned_anew_and_written_only_where_gains_and_losses_are_the_same() {
    let owner = OwnerHome::new();
    assert_eq!(save_plan(&owner).status.code(), Some(0));
    let store = |name: &str, principal: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Since","Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"ecr:BatchGetImage"}}]}}"#
        );
        assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to(name), Some(&text)));
    };
    // Another party's access leaves the gains as they were; a part of the vendor's own does not.
    store("vendorapp", "444444444444");
    store("vendorapp-worker", VENDOR);
    let applied = apply_plan(&owner, &["--yes"]);
    assert_eq!(results_of(&applied), ["written", "changed", "written"], "{applied:?}");
    assert_eq!(applied.status.code(), Some(6), "{applied:?}");
    assert!(applied.stderr.contains("vendorapp-worker: others gain or lose now than the plan says"), "{applied:?}");
    assert!(grants_vendor(&owner, "vendorapp") && owner.stored_policy("vendorapp").unwrap().contains("Since"));
    assert!(!owner.stored_policy("vendorapp-worker").unwrap().contains("EcrGrant"));
}

#[test]
fn a_plan_is_written_where_it_was_made_and_by_the_flags_that_its_dangers_need() {
    let owner = OwnerHome::new();
    let saved = owner.run(&["grant", "vendorapp", "--to", "*", "--plan-out", "public.json"]);
    assert_eq!(saved.status.code(), Some(0), "{saved:?}");
    let refused = owner.run(&["apply", "public.json", "--yes"]);
    assert_eq!((refused.status.code(), owner.count_writes()), (Some(4), 0), "{refused:?}");
    assert!(refused.stderr.contains("--allow-public"), "{}", refused.stderr);
    let path = owner.home.path().join("public.json");
    let elsewhere = std::fs::read_to_string(&path).unwrap().replace(&owner.served.url, "http://127.0.0.1:9");
    std::fs::write(&path, elsewhere).unwrap();
    let other = owner.run(&["apply", "public.json", "--yes", "--allow-public"]);
    assert_eq!((other.status.code(), owner.count_writes()), (Some(2), 0), "{other:?}");
    assert!(other.stderr.contains("the plan was made at"), "{}", other.stderr);
}

#[test]
fn a_file_that_is_no_plan_is_refused_before_anything_is_asked() {
    let owner = OwnerHome::new();
    for (text, words) in [("", "this is no plan"), ("{}", "missing field"), (r#"{"Version":"2012-10-17"}"#, "no plan")]
    {
        std::fs::write(owner.home.path().join("odd.json"), text).unwrap();
        let refused = owner.run(&["apply", "odd.json", "--yes"]);
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    assert_eq!(owner.run(&["apply", "missing.json", "--yes"]).status.code(), Some(4));
    assert!(owner.served.service.recorded_calls().is_empty());
}

/// Returns what of a plan in a file the published schema does not allow, as a JSON list.
pub fn find_breaches(home: &Path, file: &Path) -> String {
    let script = "import json, sys\nfrom jsonschema import Draft7Validator\n\
                  schema = json.load(open(sys.argv[1]))\nDraft7Validator.check_schema(schema)\n\
                  errors = [e.message for e in Draft7Validator(schema).iter_errors(json.load(open(sys.argv[2])))]\n\
                  print(json.dumps(errors))";
    let mut command = python_command(home);
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/plan.schema.json");
    command.args(["-c", script]).arg(schema).arg(file);
    run(command).expect_text().trim().to_owned()
}

#[test]
fn saved_plans_keep_to_the_published_schema() {
    let owner = OwnerHome::new();
    assert_eq!(save_plan(&owner).status.code(), Some(0));
    let revoked = owner.run(&["revoke", "--all", "--from", "333333333333", "--plan-out", "revoke.json"]);
    assert!(revoked.stderr.contains("The plan is in revoke.json"), "{revoked:?}");
    let breaches = |name: &str| find_breaches(owner.home.path(), &owner.home.path().join(name));
    assert_eq!((breaches("plan.json"), breaches("revoke.json")), ("[]".to_owned(), "[]".to_owned()));
    let path = owner.home.path().join("plan.json");
    let wrong = std::fs::read_to_string(&path).unwrap().replace("\"writes\": true", "\"writes\": 1");
    std::fs::write(&path, wrong).unwrap();
    assert!(breaches("plan.json").contains("boolean"), "the schema is not read");
}
