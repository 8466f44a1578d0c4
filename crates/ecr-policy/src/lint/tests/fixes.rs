//! Laws of fixes: alone, and any of them together.

use super::*;
use crate::TextEdit;
use crate::ecr::AccountId;
use crate::lint::repair;

/// Policies with many things to mend at once.
fn samples() -> Vec<String> {
    let cases = include_str!("../../../tests/cases/policies.jsonl");
    let stored = cases.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let texts = stored.filter_map(|case| {
        ["policy", "text", "document"].iter().find_map(|name| match case.get(name)? {
            serde_json::Value::String(text) => Some(text.clone()),
            value => serde_json::to_string_pretty(value).ok(),
        })
    });
    let mut samples: Vec<String> = texts.filter(|text| text.len() < 4_000).collect();
    assert!(samples.len() > 20, "{}", samples.len());
    samples.extend([
        GOOD.to_owned(),
        GOOD.replace("\"Version\": \"2012-10-17\",", ""),
        GOOD.replace("\"Version\"", "\"version\"").replace("\"Sid\"", "\"sid\""),
        GOOD.replace("\"Version\"", "\"version\"").replace("  \"Statement\"", "  \"VERSION\": \"2012-10-17\",\n  \"Statement\""),
        principal(r#"{"aws": "111111111111", "Aws": "333333333333", "service": "lambda.amazonaws.com"}"#),
        principal(r#"{"AWS": ["111111111111", "111111111111", "arn:aws:iam::111111111111:root", "AROAEXAMPLEEXAMPLEEX1", "1111-1111-1111"]}"#),
        principal("\"111111111111\"").replace("\"Sid\": \"AllowPull\"", "\"Resource\": \"*\", \"NotResource\": \"*\""),
        action(r#"["ecr:BatchGetImage", "ecr:batchgetimage", "BatchGetImage", "ecr:*", "ecr:GetAuthorizationToken", "ecr:ListImage"]"#),
        action("\"ecr:BatchGetImage, ecr:GetDownloadUrlForLayer\"").replace("\"Allow\"", "\"allow\""),
        condition(r#"{"StringEqual": {"aws:SourceVpce": ["a", "a"]}, "NullIfExists": {"aws:SourceVpce": "true"}, "stringequals": {"SourceVpc": "b"}}"#),
        condition(r#"{"StringLike": {"aws:userid": ["a*", "ab", "ab"], "PrincipalTag/x": 5, "aws:PrincipalOrgId": "o-aaaaaaaaaa"}}"#),
        condition(r#"{"ForAllValue:StringLikeIfExists": {"aws:TagKeys": "a"}, "ForAllValues:StringLike": {"aws:TagKeys": "a"}}"#),
    ]);
    samples
}

fn mutation() -> impl Strategy<Value = String> {
    let words = vec![
        ("\"Version\"", "\"version\""),
        ("\"Version\"", "\"Verson\""),
        ("\"Statement\"", "\"Statements\""),
        ("\"Effect\"", "\"effect\""),
        ("\"Allow\"", "\"ALLOW\""),
        ("\"Principal\"", "\"Principals\""),
        ("\"AWS\"", "\"aws\""),
        ("\"Action\"", "\"action\""),
        ("\"Action\"", "\"Actions\""),
        ("\"Sid\"", "\"SID\""),
        ("\"ecr:", "\"ECR:"),
        ("\"ecr:", "\""),
        ("\"ecr:", "\"ecr:ecr:"),
        ("2012-10-17", "2008-10-17"),
        ("2012-10-17", "2012-10-7"),
        ("arn:aws:iam::", "arn:aws:IAM::"),
        (":root", ":Root"),
        ("111111111111", "1111-1111-1111"),
        ("StringEquals", "StringEqual"),
        ("StringLike", "stringlike"),
        ("aws:Principal", "Principal"),
        ("],", "]"),
        ("\"", "'"),
        ("}", ",}"),
        (": [", ": [ // x\n"),
        ("{", "{ /* y */"),
        ("\n", "\r\n"),
        (", \"", ", \"x\": 1, \""),
        ("\"Sid\"", "\"Resource\": \"*\", \"Sid\""),
        ("\"Condition\"", "\"Conditions\""),
        (".amazonaws.com", ""),
    ];
    (prop::sample::select(samples()), prop::collection::vec(prop::sample::select(words), 0..4))
        .prop_map(|(text, all)| all.into_iter().fold(text, |text, (from, to)| text.replacen(from, to, 2)))
}

/// Fixes of which none reaches into another, from those that `picks` marks.
fn apart(findings: &[Finding], picks: &[bool], unasked: bool) -> Vec<TextEdit> {
    let mut taken: Vec<TextEdit> = Vec::new();
    for (finding, _) in findings.iter().zip(picks.iter().cycle()).filter(|(_, picked)| **picked) {
        let Some(fix) = finding.fix.as_ref().filter(|fix| !unasked || !fix.changes_access) else { continue };
        let meets = |a: Span, b: Span| a.start <= b.end && b.start <= a.end;
        if fix.edits.iter().all(|edit| taken.iter().all(|other| !meets(edit.span, other.span))) {
            taken.extend(fix.edits.clone());
        }
    }
    taken
}

proptest! {
    #![proptest_config(crate::testing::fixed_cases(400))]

    #[test]
    fn fixes_together_keep_a_policy_readable_and_find_no_more(text in mutation(), picks in prop::collection::vec(any::<bool>(), 1..9), unasked in any::<bool>()) {
        let before = found(&text);
        let edits = apart(&before, &picks, unasked);
        let fixed = apply_fix(&text, &Fix { title: String::new(), changes_access: false, edits });
        let after = found(&fixed);
        if Policy::read(&text).is_ok() {
            prop_assert!(Policy::read(&fixed).is_ok(), "{text}\nbecame\n{fixed}");
        }
        let list = |all: &[Finding]| all.iter().map(|f| format!("{} {}", f.id, f.message)).collect::<Vec<_>>();
        // Where something cannot be read, what it hides comes to light.
        let counts = |f: &&Finding| unasked || f.stops;
        if !before.iter().any(|f| f.rule.read_problem.is_some()) {
            // A fix that changes access may bring somebody in of whom there is more to say.
            prop_assert!(after.iter().filter(counts).count() <= before.iter().filter(counts).count(), "{text}\nbecame\n{fixed}\n{:#?}\n{:#?}", list(&before), list(&after));
        }
        prop_assert!(after.iter().filter(|f| f.id == "E002").count() <= before.iter().filter(|f| f.id == "E002").count(), "{text}\nbecame\n{fixed}");
    }

    #[test]
    fn a_repaired_file_is_a_policy_with_fewer_findings(text in mutation(), windows in any::<bool>()) {
        let text = if windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text };
        let options = CheckOptions { owner: AccountId::parse("222222222222").ok(), ..CheckOptions::default() };
        let repaired = repair::repair_file(&text, &options);
        if repaired.obstacle.is_none() && repaired.text != text {
            prop_assert!(Policy::read(&repaired.text).is_ok(), "{}", repaired.text);
            prop_assert!(found(&repaired.text).len() < found(&text).len(), "{text}\n{}", repaired.text);
        }
        if repaired.obstacle == Some(repair::RepairObstacle::Unreadable) {
            prop_assert_eq!(repaired.text, text);
        }
    }
}
