//! Texts longer than ECR takes.

use super::*;
use crate::lint::examine;

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

#[test]
fn a_text_that_ecr_never_takes_is_not_looked_at_further_and_nothing_is_claimed_of_it() {
    let text = long(64 * 1024);
    let examined = examine(&text, &CheckOptions { stored: Some(GOOD.to_owned()), ..CheckOptions::default() });
    assert!(examined.policy.is_none() && examined.class.is_none());
    let [finding] = examined.findings.as_slice() else { panic!("{:?}", examined.findings) };
    assert!(finding.id == "E029" && finding.stops, "{finding:?}");
    assert!(finding.message.ends_with("; in a text this long the statements are not checked"), "{}", finding.message);
    let shapeless = text.replace("\"Version\"", "\"Verson\"");
    assert_eq!(ids(&shapeless), ["E029", "E003"], "its shape is looked at");
}

#[test]
fn a_text_that_is_only_laid_out_wide_is_looked_at() {
    let wide = principal("\"*\"").replace('\n', &format!("\n{}", " ".repeat(900)));
    assert!(wide.len() > POLICY_LIMIT + 1_000 && wide.len() < MOST_ANALYSED, "{}", wide.len());
    assert!(ids(&wide).contains(&"S101") && ids(&wide).contains(&"E029"), "{:?}", ids(&wide));
}
