//! Texts far longer than ECR takes, and other texts that are large in one way: none is checked but in one pass.

use std::collections::BTreeMap;

use ecr_policy::lint::{CheckOptions, examine};
use ecr_policy::syntax::MOST_ERRORS;

/// A policy whose statements fill so many bytes.
fn long(bytes: usize) -> String {
    let statement = |at: usize| {
        format!(
            r#"{{"Effect": "{}", "Principal": {{"AWS": "arn:aws:iam::{:012}:role/*"}}, "Action": "ecr:*", "Condition": {{"StringLike": {{"aws:PrincipalArn": ["arn:aws:iam::*:role/a{at}*", "*{at}"], "aws:PrincipalTag/t{at}": "*x*{at}"}}}}}}"#,
            if at.is_multiple_of(3) { "Deny" } else { "Allow" },
            111_111_111_111_usize + at
        )
    };
    let count = bytes / statement(100).len() + 1;
    let statements: Vec<String> = (0..count).map(statement).collect();
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{}]}}", statements.join(","))
}

/// Texts that are large in other ways.
fn bombs() -> Vec<String> {
    let many = |each: &str, count: usize| vec![each; count].join(",");
    vec![
        "[".repeat(1_000_000),
        format!("{{\"Statement\": {}", "{\"a\":".repeat(200_000)),
        format!("{{\"Statement\": [{}]}}", many("1", 400_000)),
        format!("{{\"Version\": {}}}", "9".repeat(1_000_000)),
        format!("{{\"Version\": 1e{}}}", "9".repeat(1_000_000)),
        format!("{{{}}}", many("\"Statment\": 1", 70_000)),
        format!("{{{}}}", many("\"Statement\": []", 60_000)),
        format!("\"{}\"", "\\\"".repeat(400_000)),
        "{".repeat(30) + &"x ".repeat(400_000),
        "'".repeat(1_000_000),
        "#\n".repeat(400_000),
        "Version: 2012-10-17\n".repeat(50_000),
        "{\\\"".repeat(300_000),
        "&quot;{".repeat(150_000),
        "policy = <<EOF\n".repeat(60_000),
        "jsonencode({".repeat(80_000),
        "aws_iam_policy_document statement {\n".repeat(30_000),
        "\"a\": \"{\",\n".repeat(100_000),
    ]
}

/// A cost that grew with the square of the length would be hours here: the test would not end. `benches/engine.rs` has the
/// times.
#[test]
fn long_texts_are_looked_at_in_one_pass() {
    let stored = Some(long(9_000));
    let options = CheckOptions { stored, ..CheckOptions::default() };
    for text in bombs().into_iter().chain([long(64 * 1024), long(1024 * 1024)]) {
        let examined = examine(&text, &options);
        let begin = &text[..text.floor_char_boundary(60)];
        assert_eq!((examined.policy, examined.class), (None, None), "its statements are left alone: {begin}");
        let mut by_rule = BTreeMap::new();
        for finding in &examined.findings {
            *by_rule.entry(finding.id).or_insert(0_usize) += 1;
        }
        assert!(!by_rule.is_empty() && by_rule.values().all(|count| *count <= MOST_ERRORS), "{by_rule:?}: {begin}");
    }
}
