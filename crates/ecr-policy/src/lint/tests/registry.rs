//! The policies of registries: which text is one, and what is found in it.

use super::*;
use crate::access::Class;
use crate::lint::{PolicyKind, examine, recognised_kind};

const HERE: &str = "arn:aws:ecr:us-west-2:444455556666:repository";
const COPIES: &str = r#"["ecr:CreateRepository", "ecr:ReplicateImage"]"#;
const PULL: &str = r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#;
const EVERYONE: &str = "\"*\"";

fn statement(sid: &str, effect: &str, who: &str, action: &str, resource: &str) -> String {
    format!(
        r#"{{"Sid": "{sid}", "Effect": "{effect}", "Principal": {who}, "Action": {action}, "Resource": [{resource}]}}"#
    )
}

fn of(statements: &[String]) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

fn account(id: &str) -> String {
    format!(r#"{{"AWS": "arn:aws:iam::{id}:root"}}"#)
}

fn options(kind: PolicyKind) -> CheckOptions {
    CheckOptions { owner: AccountId::parse("444455556666").ok(), kind, ..CheckOptions::default() }
}

fn ids_in(text: &str) -> Vec<&'static str> {
    check(text, &options(PolicyKind::Registry)).iter().map(|f| f.id).collect()
}

fn here(names: &str) -> String {
    format!("\"{HERE}/{names}\"")
}

fn copying(sid: &str, id: &str, names: &str) -> String {
    statement(sid, "Allow", &account(id), COPIES, &here(names))
}

/// The samples of AWS's guide: all repositories, two accounts, a prefix; and the one of its pull through caches.
fn samples() -> [String; 4] {
    let cache = r#"["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"]"#;
    let user = r#"{"AWS": "arn:aws:iam::444455556666:user/username"}"#;
    [
        of(&[copying("ReplicationAccessCrossAccount", "111122223333", "*")]),
        of(&[copying("Replication1", "111122223333", "*"), copying("Replication2", "777788889999", "*")]),
        of(&[copying("ReplicationAccessCrossAccount", "111122223333", "prod-*")]),
        of(&[statement("PullThroughCache", "Allow", user, cache, &here("ecr-public/amazonlinux/*"))]),
    ]
}

#[test]
fn the_samples_of_the_guide_are_recognised_and_clean() {
    for text in samples() {
        assert_eq!(recognised_kind(&text), PolicyKind::Registry, "{text}");
        assert_eq!(ids_in(&text), [""; 0], "{text}");
        assert!(check(&text, &options(PolicyKind::Repository)).iter().any(|f| f.id == "E016"), "{text}");
    }
}

#[test]
fn a_text_is_a_registrys_by_its_resources_and_actions() {
    let identity = statement("A", "Allow", EVERYONE, COPIES, EVERYONE).replace("\"Principal\": \"*\", ", "");
    for (text, kind) in [
        (of(&[statement("A", "Deny", EVERYONE, PULL, &here("*"))]), PolicyKind::Registry),
        (of(&[statement("A", "Allow", EVERYONE, COPIES, EVERYONE)]), PolicyKind::Registry),
        (of(&[statement("A", "Allow", EVERYONE, PULL, EVERYONE)]), PolicyKind::Repository),
        (of(&[statement("A", "Allow", EVERYONE, PULL, &here("web"))]), PolicyKind::Repository),
        (of(&[identity]), PolicyKind::Repository),
        (of(&[statement("A", "Allow", EVERYONE, PULL, "\"arn:aws:s3:::bucket/*\"")]), PolicyKind::Repository),
        (GOOD.to_owned(), PolicyKind::Repository),
        ("{}".to_owned(), PolicyKind::Repository),
        ("no policy".to_owned(), PolicyKind::Repository),
    ] {
        assert_eq!(recognised_kind(&text), kind, "{text}");
    }
    let half = of(&[copying("A", "111122223333", "*"), copying("B", "777788889999", "*").replace("Resource", "Id")]);
    assert_eq!(recognised_kind(&half), PolicyKind::Registry, "one lacks its resource");
}

#[test]
fn the_resource_of_a_registry_policy_names_its_repositories() {
    for (resource, id) in [
        ("repository/*", Some("E032")),
        ("arn:aws:s3:::bucket/*", Some("E032")),
        ("arn:aws:ecr::444455556666:repository/*", Some("E032")),
        ("arn:aws:ecr:us-west-2:4444-5555-6666:repository/*", Some("E032")),
        ("arn:aws:ecr:us-west-2:444455556666:web", Some("E032")),
        ("arn:aws:ecr:us-west-2:111122223333:repository/*", Some("W229")),
        ("arn:aws:ecr:*:4444*:repository/*", None),
        ("arn:aws:ecr:us-west-2:444455556666:repository/${aws:PrincipalTag/team}/*", None),
        ("*", None),
    ] {
        let text = of(&[statement("A", "Allow", &account("111122223333"), COPIES, &format!("\"{resource}\""))]);
        assert_eq!(ids_in(&text), id.into_iter().collect::<Vec<_>>(), "{resource}");
    }
    let none = of(&[statement("A", "Allow", &account("111122223333"), COPIES, "")]);
    assert_eq!(ids_in(&none), ["E032"], "an empty list");
}

#[test]
fn a_resource_that_would_be_refused_is_copied_to_no_other_statement() {
    let bare = statement("B", "Allow", &account("111122223333"), COPIES, "").replace(", \"Resource\": []", "");
    let has_fix = |resource: &str| {
        let text = of(&[statement("A", "Allow", &account("111122223333"), COPIES, resource), bare.clone()]);
        let found = check(&text, &options(PolicyKind::Registry));
        found.iter().find(|f| f.id == "E031").expect("one without").fix.is_some()
    };
    assert!(has_fix(&here("*")) && has_fix("\"*\""));
    for refused in ["\"repository/*\"", "\"arn:aws:ecr:us-west-2:your_account_id:repository/*\"", "\"\"", ""] {
        assert!(!has_fix(refused), "{refused}");
    }
}

#[test]
fn every_action_of_ecr_has_its_place_in_a_registry_policy() {
    let of_action =
        |action: &str| of(&[statement("A", "Deny", &account("111122223333"), &format!("\"{action}\""), &here("*"))]);
    assert_eq!(ids_in(&of_action("ecr:CreatePullThroughCacheRule")), [""; 0]);
    assert_eq!(ids_in(&of_action("s3:GetObject")), ["W203"]);
}

#[test]
fn a_deny_of_some_repositories_takes_nothing_of_the_others() {
    let allow = |sid: &str, names: &str| statement(sid, "Allow", EVERYONE, PULL, &here(names));
    let deny = |names: &str| statement("Fence", "Deny", EVERYONE, PULL, &here(names));
    let some = of(&[allow("Open", "*"), deny("prod-*")]);
    assert_eq!(ids_in(&some), ["S101"]);
    assert_eq!(examine(&some, &options(PolicyKind::Registry)).class, Some(Class::Public));
    assert_eq!(ids_in(&of(&[allow("Open", "*"), deny("*")])), ["W220"]);
    let is_redundant = |one: &str, other: &str| ids_in(&of(&[allow("A", one), allow("B", other)])).contains(&"W218");
    assert!(is_redundant("*", "prod-*") && is_redundant("web", "web"));
    assert!(!is_redundant("web-*", "prod-*") && !is_redundant("web-a*", "web-*b"));
}
