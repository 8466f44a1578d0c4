//! The laws of the edits, each held against the exact difference in access (`delta`), over rich made up policies and over
//! the sample policies. `ECR_GRANT_LONG=1` runs many more cases.
//!
//! `delta` says what differs; to say that nothing differs *for anybody else*, both texts get a Deny for whoever is meant:
//! what is left of the difference then is somebody else's.

mod compare;
mod generate;
mod grant;
mod revoke;
mod rewrite;

use ecr_policy::canonical::same_meaning;
use ecr_policy::ecr::{Grantee, recipe};
use ecr_policy::edit::narrow_statements;
use ecr_policy::{Policy, RevokeOptions, edit, format, minify};
use proptest::prelude::*;
use serde_json::{Value, json};

use grant::{GRANTEES, grant_holds, wanted_of};
use revoke::{back_and_forth_holds, revoke_holds};
use rewrite::{fixes_hold, layout_holds, narrow_holds};

use crate::dice::is_long;

fn cases(short: u32) -> ProptestConfig {
    crate::cases::cases(short, short * 60)
}

/// The sample policies: id and text.
fn samples() -> Vec<(String, String)> {
    let line = |line: &str| {
        let sample: Value = serde_json::from_str(line).unwrap();
        (sample["id"].as_str().unwrap().to_owned(), sample["text"].as_str().unwrap().to_owned())
    };
    include_str!("../../cases/policies.jsonl").lines().map(line).collect()
}

#[test]
fn every_law_holds_over_the_sample_policies() {
    let (mut read, mut fixes) = (0, 0);
    for (id, text) in samples() {
        let held = |result: Result<(), TestCaseError>, law: &str| {
            result.unwrap_or_else(|problem| panic!("{id}, {law}: {problem}"));
        };
        fixes += fixes_hold(&text).unwrap_or_else(|problem| panic!("{id}: {problem}"));
        if Policy::read(&text).is_err() {
            continue;
        }
        for name in GRANTEES.iter().step_by(if is_long() { 1 } else { 3 }) {
            let wanted = wanted_of(name, &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], Vec::new());
            held(grant_holds(&text, &wanted), name);
            for and_principals in [false, true] {
                let options = RevokeOptions { and_principals, ..RevokeOptions::default() };
                held(revoke_holds(&text, &Grantee::parse(name).unwrap(), options), name);
                held(back_and_forth_holds(&text, name, &wanted, options), name);
            }
        }
        held(narrow_holds(&text, "pull"), "narrow");
        held(layout_holds(&text), "layout");
        read += 1;
    }
    assert!(read > 50 && fixes > 40, "{read} policies, {fixes} fixes");
}

/// A policy of about so many bytes, by one of several ways to be long.
fn huge(bytes: usize, manner: usize) -> String {
    let entry = |n: usize| format!("arn:aws:iam::{:012}:root", 200_000_000_000 + n);
    let statement = |sid: &str, who: Value, condition: Value| json!({ "Sid": sid, "Effect": "Allow", "Principal": { "AWS": who }, "Action": ["ecr:BatchGetImage"], "Condition": condition });
    let many = |each: usize| bytes / each;
    let statements: Vec<Value> = match manner {
        // Many statements; ours, which a grant could join; one long list; long conditions; one long Sid.
        0 => (0..many(180)).map(|n| statement(&format!("S{n}"), json!(entry(n)), json!({}))).collect(),
        1 => (0..many(180)).map(|n| statement(&format!("EcrGrantPull{n}"), json!([entry(n)]), json!({}))).collect(),
        2 => vec![statement("EcrGrantPull", (0..many(34)).map(entry).collect::<Vec<_>>().into(), json!({}))],
        3 => {
            let ids: Vec<String> = (0..many(15)).map(|n| format!("{:012}", 200_000_000_000 + n)).collect();
            vec![statement("S", json!("*"), json!({ "StringEquals": { "aws:SourceAccount": ids } }))]
        }
        _ => vec![statement(&"漢".repeat(many(3)), json!("111111111111"), json!({}))],
    };
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

#[test]
fn a_text_of_a_megabyte_is_edited_like_any_other() {
    let bytes = if is_long() { 1_000_000 } else { 100_000 };
    for manner in 0..5 {
        let text = huge(bytes, manner);
        assert!(text.len() > bytes / 2, "{manner}: {}", text.len());
        let wanted = wanted_of("987654321098", &["ecr:BatchGetImage"], Vec::new());
        let grantee = [Grantee::parse("987654321098").unwrap()];
        let edited = edit::grant(Some(&text), std::slice::from_ref(&wanted)).unwrap();
        assert!(edited.changed && edited.offers.is_empty(), "{manner}");
        assert!(!edit::grant(Some(&edited.text), &[wanted]).unwrap().changed, "{manner}");
        let back = edit::revoke(Some(&edited.text), &grantee, RevokeOptions::default()).unwrap();
        assert!(back.text.as_deref() == Some(&text), "{manner}");
        let first = [Grantee::parse("200000000000").unwrap()];
        assert_eq!(
            edit::revoke(Some(&text), &first, RevokeOptions::default()).unwrap().changed,
            manner < 4,
            "{manner}"
        );
        let narrowed = narrow_statements(&text, &[0], recipe::find_recipe("pull").unwrap()).unwrap();
        assert!(!narrowed.has_changed(), "{manner}");
        let pretty = format(&text).unwrap();
        assert!(minify(&pretty).unwrap() == text && same_meaning(&pretty, &text), "{manner}");
    }
}
