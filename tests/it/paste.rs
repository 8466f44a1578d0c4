//! Journeys that begin with a paste: a mail, the error of a pull, a vendor's policy, a console address.

use serde_json::Value;

use crate::journeys::{await_policy, confirm_save, open_as_owner, repository_named, to_save};
use crate::support::served::Served;

const MAIL: &str = "Hi,\r\nplease let our account 1111-1111-1111 pull\r\n\
                    <222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:1.2>.\r\nThanks";
const DENIED: &str = "Error response from daemon: denied: User: arn:aws:sts::111111111111:assumed-role/node/i-1 is not \
                      authorized to perform: ecr:BatchGetImage on resource: \
                      arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp because no resource-based policy allows the \
                      ecr:BatchGetImage action";
const VENDOR: &str = r#"Use this policy:
```json
{"Version": "2012-10-17", "Statement": [{"Sid": "Vendor", "Effect": "Allow",
  "Principal": {"AWS": "arn:aws:iam::333333333333:root"}, "Action": ["ecr:BatchGetImage", "ecr:PutImage"]}]}
```"#;

fn stored_policy(served: &Served) -> Value {
    serde_json::from_str(&served.service.policy_of(&repository_named("vendorapp")).expect("there is a policy")).unwrap()
}

#[test]
fn a_mail_at_the_repositories_leads_to_its_grant() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &[]);
    pty.wait_for("42 repositories");
    pty.paste_text(MAIL).wait_for("understood: repository vendorapp").wait_for("✓ account 111111111111");
    pty.press_keys("Enter").wait_for("EcrGrantPull");
    to_save(&mut pty);
    confirm_save(&mut pty);
    assert_eq!(stored_policy(&served)["Statement"][0]["Principal"]["AWS"][0], "arn:aws:iam::111111111111:root");
}

#[test]
fn the_error_of_a_pull_is_explained_and_its_caller_taken() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &["vendorapp"]);
    pty.wait_for("Grantee");
    pty.paste_text(DENIED).wait_for("no repository or registry policy allows it").wait_for("role node of 111111111111");
    pty.press_keys("Down Enter").wait_for("✓ account 111111111111").press_keys("Enter").wait_for("EcrGrantPull");
}

#[test]
fn a_vendors_policy_is_merged_cut_down_and_saved_beside_the_grant() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &["vendorapp", "--to", "111111111111"]);
    await_policy(&mut pty);
    pty.paste_text(VENDOR).wait_for("wider than a pull needs").wait_for("merge them cut down");
    pty.press_keys("Down Enter").wait_for("Ctrl-U takes it back").wait_for("333333333333");
    to_save(&mut pty);
    confirm_save(&mut pty);
    let policy = stored_policy(&served);
    assert_eq!(policy["Statement"][0]["Sid"], "EcrGrantPull");
    assert_eq!(policy["Statement"][1]["Sid"], "Vendor");
    assert!(!policy.to_string().contains("PutImage"), "{policy}");
}

#[test]
fn a_page_of_the_console_leads_to_its_repository() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &[]);
    pty.wait_for("42 repositories");
    pty.paste_text(
        "https://eu-west-2.console.aws.amazon.com/ecr/repositories/private/222222222222/vendorapp?region=eu-west-2",
    );
    pty.wait_for("Repository vendorapp");
}

#[test]
fn two_repositories_in_one_text_are_asked_about() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &[]);
    pty.wait_for("42 repositories");
    pty.paste_text(
        "222222222222.dkr.ecr.eu-west-2.amazonaws.com/data/airflow and 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp",
    );
    pty.wait_for("Which repository is meant?").press_keys("Down Enter").wait_for("Repository vendorapp");
}

#[test]
fn all_that_is_typed_is_selected_by_one_key_and_typed_over() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &["vendorapp"]);
    pty.wait_for("Grantee");
    pty.type_text("333333333333").wait_for("✓ account 333333333333").press_keys("Ctrl-A").type_text("111111111111");
    pty.wait_for("✓ account 111111111111").wait_gone("333333333333");
}
