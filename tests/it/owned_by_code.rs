//! Repositories that code owns, by their tags: told, and confirmed where it is certain.

use ecr_grant::sandbox::Trouble;
use serde_json::Value;

use super::support::owner::OwnerHome;
use super::support::pty::Pty;
use super::support::python::python_command;
use super::support::served::Served;
use super::support::{Finished, run};

const VENDOR: &str = "111111111111";
/// Of the `CloudFormation` stack `registry-platform`, by its tags.
const OWNED: &str = "platform/base-images/node";
/// With a tag `ManagedBy` of Terraform.
const HINTED: &str = "data/airflow";
/// With no tag of code.
const FREE: &str = "vendorapp";
const FLAG: &str = "--allow-owned-by-code";

fn grant(owner: &OwnerHome, names: &[&str], more: &[&str]) -> Finished {
    owner.run(&[&["grant"], names, &["--to", VENDOR], more].concat())
}

fn one_object(ended: &Finished) -> Value {
    let value: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {ended:?}"));
    value["repositories"][0].clone()
}

fn tag_reads(owner: &OwnerHome) -> usize {
    owner.served.service.recorded_calls().iter().filter(|call| call.operation == "ListTagsForResource").count()
}

#[test]
fn a_stack_that_owns_a_repository_is_named_and_needs_its_flag() {
    let owner = OwnerHome::new();
    let refused = grant(&owner, &[OWNED], &["--yes", "--format", "json"]);
    assert_eq!((refused.status.code(), owner.count_writes()), (Some(4), 0), "{refused:?}");
    for words in [
        "! owned by the CloudFormation stack registry-platform: its next deploy may undo this",
        "to keep it, put this into the CloudFormation stack registry-platform",
        "BaseImagesRepository:",
        "--yes does not cover this: it needs --allow-owned-by-code too",
    ] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    let object = one_object(&refused);
    let owned_by = &object["owned_by"];
    assert_eq!((&owned_by["certainty"], &owned_by["tool"]), (&"proved".into(), &"CloudFormation".into()));
    assert_eq!(
        (&owned_by["name"], &owned_by["tag"]["key"]),
        (&"registry-platform".into(), &"aws:cloudformation:stack-name".into())
    );
    // The snippet is a template whose policy is the one that would be stored.
    let script = "import json, sys, yaml\nprint(json.dumps(yaml.safe_load(sys.argv[1])))";
    let mut command = python_command(owner.home.path());
    command.args(["-c", script, owned_by["snippet"]["text"].as_str().unwrap()]);
    let template: Value = serde_json::from_str(run(command).expect_text()).unwrap();
    let policy: Value = serde_json::from_str(object["policy"].as_str().unwrap()).unwrap();
    let resource = &template["Resources"]["BaseImagesRepository"];
    assert_eq!(
        (&resource["Type"], &resource["Properties"]["RepositoryPolicyText"]),
        (&"AWS::ECR::Repository".into(), &policy)
    );
    let written = grant(&owner, &[OWNED], &["--yes", FLAG]);
    assert_eq!((written.status.code(), owner.count_writes()), (Some(0), 1), "{written:?}");
    let undone = owner.run(&["undo", "--yes"]);
    assert_eq!((undone.status.code(), owner.count_writes()), (Some(4), 1), "{undone:?}");
    assert_eq!(owner.run(&["undo", "--yes", FLAG]).status.code(), Some(0));
}

#[test]
fn at_a_terminal_the_name_is_typed() {
    let owner = OwnerHome::new();
    Served::write_profile(owner.home.path());
    let arguments = ["--endpoint-url", &owner.served.url, "--profile", "owner", "grant", OWNED, "--to", VENDOR];
    let mut pty = Pty::start_wizard(&arguments, 100, 60, owner.home.path());
    pty.wait_for("Type the repository's name").type_text("y").press_keys("Enter").wait_for("Nothing was written.");
    assert_eq!((pty.exit_code(), owner.count_writes()), (0, 0));
    let mut pty = Pty::start_wizard(&arguments, 100, 60, owner.home.path());
    pty.wait_for("Type the repository's name").type_text(OWNED).press_keys("Enter").wait_for("granted");
    assert_eq!((pty.exit_code(), owner.count_writes()), (0, 1));
}

#[test]
fn a_hint_is_told_and_needs_no_flag() {
    let owner = OwnerHome::new();
    let written = grant(&owner, &[HINTED], &["--yes", "--format", "json"]);
    assert_eq!((written.status.code(), owner.count_writes()), (Some(0), 1), "{written:?}");
    assert!(
        written.stderr.contains("its tag ManagedBy = terraform hints that Terraform owns it"),
        "{}",
        written.stderr
    );
    let owned_by = &one_object(&written)["owned_by"];
    assert_eq!(owned_by["certainty"], "hinted");
    assert!(owned_by["snippet"]["text"].as_str().unwrap().contains("aws_ecr_repository_policy"), "{owned_by}");
}

#[test]
fn tags_are_read_of_what_will_be_written_alone_and_once() {
    let owner = OwnerHome::new();
    let dry = grant(&owner, &[FREE, HINTED], &["--dry-run"]);
    assert_eq!((dry.status.code(), tag_reads(&owner)), (Some(0), 2), "{dry:?}");
    assert_eq!(grant(&owner, &[FREE], &["--yes"]).status.code(), Some(0));
    owner.served.service.forget_calls();
    let again = grant(&owner, &[FREE], &["--yes", "--format", "json"]);
    assert_eq!((again.status.code(), tag_reads(&owner)), (Some(0), 0), "{again:?}");
    assert_eq!(one_object(&again)["owned_by"], Value::Null);
    assert_eq!(owner.run(&["show", FREE]).status.code(), Some(0));
    assert_eq!(tag_reads(&owner), 0);
}

#[test]
fn tags_that_cannot_be_read_are_told_as_not_known_and_stop_nothing() {
    let faults = [
        Trouble::Error(400, "AccessDeniedException".to_owned(), "not authorized".to_owned()),
        Trouble::Error(400, "UnknownOperationException".to_owned(), "no".to_owned()),
        Trouble::GatewayPage(404),
    ];
    for fault in faults {
        let owner = OwnerHome::new();
        owner.served.service.add_trouble(Some("ListTagsForResource"), 0, 1000, fault.clone());
        let written = grant(&owner, &[OWNED, FREE], &["--yes", "--format", "json"]);
        assert_eq!((written.status.code(), owner.count_writes()), (Some(0), 2), "{fault:?}: {written:?}");
        assert!(written.stderr.contains("not known whether code owns it"), "{fault:?}: {}", written.stderr);
        assert_eq!(one_object(&written)["owned_by"]["certainty"], "not-known", "{fault:?}");
    }
}

#[test]
fn one_owned_among_others_is_a_group_of_its_own() {
    let owner = OwnerHome::new();
    for name in [FREE, "vendorapp-worker", "tools/empty-placeholder"] {
        assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to(name), None));
    }
    let dry = grant(&owner, &[FREE, "vendorapp-worker", "tools/empty-placeholder", OWNED], &["--dry-run"]);
    assert!(
        dry.stderr.contains("2 more: the same change: vendorapp-worker, tools/empty-placeholder"),
        "{}",
        dry.stderr
    );
    assert_eq!(dry.stderr.matches("owned by the CloudFormation stack").count(), 1, "{}", dry.stderr);
    assert!(dry.stderr.contains("With --yes this needs --allow-owned-by-code too."), "{}", dry.stderr);
}
