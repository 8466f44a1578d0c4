//! Reviews that are larger than what is written at once: each form is whole, and equal policies cost one analysis.

use ecr_grant::ecr::json::to_pretty;
use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};
use ecr_grant::policy::RegistryPolicy;
use ecr_grant::review::{Analyst, KeptParts, PolicyInput, RepositoryEntry};
use serde_json::{Value, json};

use super::review::{PULL, ReviewHome, allow, exit_code, policy_of};

fn policy_text(number: usize) -> String {
    let account = format!("{:012}", 300_000_000_000_usize + number);
    policy_of(&allow(&json!({"AWS": account}), &json!({}))).to_string()
}

#[test]
fn a_document_of_many_pieces_has_the_form_of_one_piece() {
    let policies: Vec<(String, Value)> = (0..400)
        .map(|number| {
            let odd = json!([{"Sid": format!("é\u{202e}\u{9b}\n{number}"), "Effect": "Allow", "Action": PULL,
                "Principal": {"AWS": format!("{:012}", 300_000_000_000_usize + number % 40)}}]);
            (format!("load/app-{number:03}"), policy_of(&odd))
        })
        .collect();
    let home = ReviewHome::of_policies(&policies);
    let review = |form: &str| {
        let told = home.review(&["--format", form, "--with-policy", "--fail-on", "none"]);
        assert_eq!(exit_code(&told), 0, "{}", told.stderr);
        assert!(told.stderr.contains("400 repositories in 1 registry"), "{}", told.stderr);
        told.stdout
    };
    let document = review("json");
    assert!(document.len() > 4 * 64 * 1024 && !document.contains(['\u{202e}', '\u{9b}']), "{}", document.len());
    let read: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document, to_pretty(&read) + "\n");
    assert_eq!((read["repositories"].as_array().unwrap().len(), read["index"].as_array().unwrap().len()), (400, 40));
    let mut lines: Vec<Value> = review("jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.sort_by_key(|line| line["repository"].to_string());
    let mut of_document = read["repositories"].as_array().unwrap().clone();
    of_document.sort_by_key(|line| line["repository"].to_string());
    assert_eq!(lines, of_document);
    assert_eq!(review("csv").split_terminator("\r\n").count(), 401);
    let page = review("html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</body>\n</html>\n"));
    assert_eq!(page.matches("<tr>").count(), 1 + 400 + 40 + 400);
}

#[test]
fn what_is_not_kept_changes_nothing_that_is_told_and_equal_policies_are_analysed_once() {
    let sparing = KeptParts { has_texts: false, has_tables: false, remembered: Some(10) };
    let (mut whole, mut lean) = (Analyst::default(), Analyst::default().keeping(sparing));
    let mut lists = std::collections::HashSet::new();
    // Five are common, and the others come once: what comes again is never forgotten for them.
    for number in 0..1_000 {
        let kind = if number % 2 == 0 { number / 2 % 5 } else { number + 1_000 };
        let reference = RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("eu-west-2").unwrap(),
            name: RepositoryName::parse(&format!("app-{number}")).unwrap(),
        };
        let input = || Ok(PolicyInput::Text(policy_text(kind)));
        let registry = RegistryPolicy::Absent;
        let expected = RepositoryEntry::review(reference.clone(), input(), &registry, &mut whole);
        let told = RepositoryEntry::review(reference, input(), &registry, &mut lean);
        assert_eq!((told.class_words(), told.grantees()), (expected.class_words(), expected.grantees()));
        assert!(told.findings().eq(expected.findings()));
        lists.extend(told.grantees().iter().map(|access| access.actions.as_ptr()));
        let (told, expected) = (told.outcome.unwrap(), expected.outcome.unwrap());
        assert_eq!((&told.analysis.column, told.size), (&expected.analysis.column, expected.size));
        assert!(told.analysis.text.is_none() && told.analysis.decided.statements.is_empty());
        assert!(expected.analysis.text.is_some() && !expected.analysis.decided.statements.is_empty());
    }
    assert_eq!((whole.analysis_count(), lean.analysis_count()), (505, 505));
    assert_eq!(lists.len(), 1, "505 policies of one list of actions keep it once");
}
