//! `revoke`, against the sandbox.

use serde_json::{Value, json};

use crate::support::Finished;
use crate::support::owner::OwnerHome;

const VENDOR: &str = "111111111111";

fn statement(sid: &str, principal: &Value) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": "ecr:BatchGetImage"})
}

fn store(owner: &OwnerHome, name: &str, statements: &[Value]) {
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to(name), Some(&policy)));
}

fn results_of(ended: &Finished) -> Vec<(String, String)> {
    let value: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {ended:?}"));
    let word = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
    let all = value["repositories"].as_array().unwrap();
    all.iter().map(|one| (word(one, "repository"), word(one, "result"))).collect()
}

#[test]
fn every_spelling_of_an_account_goes_and_everything_else_stays_byte_for_byte() {
    let owner = OwnerHome::new();
    let theirs = statement("Theirs", &json!({"AWS": "arn:aws:iam::333333333333:root"}));
    let ours = statement("Ours", &json!({"AWS": [VENDOR, "arn:aws:iam::111111111111:root", "444444444444"]}));
    store(&owner, "vendorapp", &[theirs, ours, statement("Alone", &json!({"AWS": VENDOR}))]);
    let before = owner.stored_policy("vendorapp").unwrap();
    let ended = owner.run(&["revoke", "vendorapp", "--from", VENDOR, "--yes"]);
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.stdout.contains("taken out: this policy gives them nothing"), "{}", ended.stdout);
    assert!(
        ended.stderr.contains("takes out arn:aws:iam::111111111111:root from statement 2 (Ours)"),
        "{}",
        ended.stderr
    );
    let after = owner.stored_policy("vendorapp").unwrap();
    assert!(!after.contains(VENDOR) && !after.contains("Alone"), "{after}");
    assert!(after.contains("Theirs") && after.contains("444444444444"), "{after}");
    let kept = serde_json::to_string(&before).unwrap();
    let is_kept = owner.list_backups().iter().any(|path| std::fs::read_to_string(path).unwrap().contains(&kept));
    assert!(is_kept, "the text from before is in the journal");
    let again = owner.run(&["revoke", "vendorapp", "--from", VENDOR, "--yes", "--format", "json"]);
    assert_eq!(results_of(&again), [("vendorapp".to_owned(), "already-revoked".to_owned())]);
}

#[test]
fn a_policy_that_nobody_is_left_in_is_deleted_without_a_flag_for_removals() {
    let owner = OwnerHome::new();
    store(&owner, "vendorapp", &[statement("Alone", &json!({"AWS": VENDOR}))]);
    let ended = owner.run(&["revoke", "vendorapp", "--from", VENDOR, "--yes", "--format", "json"]);
    assert_eq!(results_of(&ended), [("vendorapp".to_owned(), "revoked".to_owned())]);
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(owner.stored_policy("vendorapp"), None);
}

#[test]
fn whoever_still_gets_in_is_told_and_makes_the_exit_code() {
    let owner = OwnerHome::new();
    let role = "arn:aws:iam::111111111111:user/release-puller";
    let everyone = statement("Everyone", &json!("*"));
    let mut organization = statement("Organization", &json!("*"));
    organization["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}});
    let cases = [
        (
            vec![statement("Role", &json!({"AWS": [role, VENDOR]}))],
            &[][..],
            Some(4),
            "which is part of account 111111111111",
        ),
        (vec![statement("Role", &json!({"AWS": [role, VENDOR]}))], &["--include-members"], Some(0), "nothing"),
        (vec![statement("One", &json!({"AWS": VENDOR})), everyone], &[], Some(4), "lets everyone in"),
        (vec![statement("One", &json!({"AWS": VENDOR})), organization], &[], Some(0), "may be in it"),
    ];
    for (statements, flags, code, words) in cases {
        store(&owner, "vendorapp", &statements);
        let ended = owner.run(&[&["revoke", "vendorapp", "--from", VENDOR, "--yes"], flags].concat());
        assert_eq!(ended.status.code(), code, "{flags:?}: {ended:?}");
        assert!(ended.stdout.contains(words), "{flags:?}: {ended:?}");
    }
}

#[test]
fn one_bad_repository_of_many_stops_nothing_and_is_told_first() {
    let owner = OwnerHome::new();
    let names =
        ["vendorapp", "vendorapp-worker", "vendorapp-migrations", "payments-api", "payments-ledger", "data/jupyter"];
    for name in names {
        store(&owner, name, &[statement("Alone", &json!({"AWS": VENDOR}))]);
    }
    let torn = OwnerHome::reference_to("payments-api");
    assert!(owner.served.service.set_policy_directly(&torn, Some(r#"{"Version": "2012-10-17", "Statement": ["#)));
    let ended = owner.run(&[&["revoke"], &names[..], &["--from", VENDOR, "--yes"]].concat());
    assert_eq!(ended.status.code(), Some(6), "{ended:?}");
    let first = ended.stderr.find("payments-api (222222222222").expect("its plan is told");
    assert!(first < ended.stderr.find("vendorapp (222222222222").unwrap(), "{}", ended.stderr);
    assert!(ended.stderr.contains("4 more: the same change: vendorapp-worker"), "{}", ended.stderr);
    assert!(ended.stdout.contains("payments-api: not written"), "{}", ended.stdout);
    assert!(ended.stdout.contains("6 repositories: 5 revoked, 1 refused"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("vendorapp:"), "{}", ended.stdout);
    for name in names.iter().filter(|name| **name != "payments-api") {
        assert_eq!(owner.stored_policy(name), None, "{name}");
    }
}

#[test]
fn a_list_of_grantees_is_read_from_a_file_by_grant_and_revoke() {
    let owner = OwnerHome::new();
    std::fs::write(owner.home.path().join("accounts.csv"), "id,label\n111111111111,Release\n333333333333,Shipping\n")
        .unwrap();
    let granted = owner.run(&["grant", "vendorapp", "--from-file", "accounts.csv", "--yes"]);
    assert_eq!(granted.status.code(), Some(0), "{granted:?}");
    let stored = owner.stored_policy("vendorapp").unwrap();
    assert!(stored.contains(VENDOR) && stored.contains("333333333333"), "{stored}");
    let revoked = owner.run(&["revoke", "vendorapp", "--from-file", "accounts.csv", "--yes"]);
    assert_eq!(revoked.status.code(), Some(0), "{revoked:?}");
    assert_eq!(owner.stored_policy("vendorapp"), None);
    std::fs::write(owner.home.path().join("wrong.csv"), "111111111111\n12345,short\n").unwrap();
    let wrong = owner.run(&["revoke", "vendorapp", "--from-file", "wrong.csv", "--yes"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(wrong.stderr.contains("wrong.csv, line 2"), "{}", wrong.stderr);
}

#[test]
fn deleted_principals_that_block_a_save_go_with_it_where_that_is_asked() {
    let owner = OwnerHome::new();
    let name = "internal/legacy-monolith";
    let refused = owner.run(&["grant", name, "--to", VENDOR, "--yes"]);
    assert_eq!((refused.status.code(), owner.count_writes()), (Some(4), 0), "{refused:?}");
    assert!(refused.stderr.contains("--remove-deleted takes deleted roles and users out"), "{}", refused.stderr);
    let granted = owner.run(&["grant", name, "--to", VENDOR, "--yes", "--remove-deleted"]);
    assert_eq!(granted.status.code(), Some(0), "{granted:?}");
    assert!(granted.stderr.contains("takes out AIDA2Y8RE3LMNP5QSTUVW"), "{}", granted.stderr);
    let stored = owner.stored_policy(name).unwrap();
    assert!(stored.contains(VENDOR) && !stored.contains("AIDA2Y8RE3LMNP5QSTUVW"), "{stored}");
}
