//! Policies found in public projects, and some written to be wrong or odd: what is said about each, and what must hold of
//! whatever becomes of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ecr_policy::delta::delta;
use ecr_policy::ecr::AccountId;
use ecr_policy::lint::{CheckOptions, apply_fix, check, examine, rules, unreadable_findings};
use ecr_policy::syntax::parse;
use ecr_policy::{Finding, LineIndex, Policy, ReadProblem, ReadProblemKind, Severity};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

struct Sample {
    id: String,
    text: String,
    json_ok: bool,
    /// Line and column of the first error, as another reader of JSON has it.
    error: Option<(u64, u64)>,
    findings: Vec<String>,
}

fn samples() -> Vec<Sample> {
    include_str!("../cases/policies.jsonl")
        .lines()
        .map(|line| {
            let value: Value = serde_json::from_str(line).unwrap();
            let ids = value["findings"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned());
            Sample {
                id: value["id"].as_str().unwrap().to_owned(),
                text: value["text"].as_str().unwrap().to_owned(),
                json_ok: value["json_ok"].as_bool().unwrap(),
                error: value["line"].as_u64().map(|line| (line, value["column"].as_u64().unwrap())),
                findings: ids.collect(),
            }
        })
        .collect()
}

fn found(text: &str) -> Vec<Finding> {
    check(text, &CheckOptions { owner: AccountId::parse("222222222222").ok(), ..CheckOptions::default() })
}

#[test]
fn each_sample_has_the_findings_that_it_deserves_in_the_order_of_the_text() {
    let samples = samples();
    assert_eq!(samples.len(), 99);
    let mut differences = String::new();
    for sample in samples {
        let found = found(&sample.text);
        let ids: Vec<&str> = found.iter().map(|f| f.id).collect();
        if ids != sample.findings {
            writeln!(differences, "{}: {:?}, not {ids:?}", sample.id, sample.findings).unwrap();
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn what_is_no_json_is_told_where_other_readers_see_it() {
    for sample in samples() {
        let found = found(&sample.text);
        let first = found.iter().find(|f| f.id == "E001");
        assert_eq!(first.is_none(), sample.json_ok, "{}", sample.id);
        if let (Some(first), Some(error)) = (first, sample.error) {
            let position = LineIndex::new(&sample.text).position_of(first.span.start);
            assert_eq!((position.line as u64, position.column as u64), error, "{}", sample.id);
        }
    }
}

/// How often each check of an error fires; where JSON is broken, only what is certain then.
fn errors(text: &str) -> Vec<&'static str> {
    let mut ids: Vec<_> = found(text).iter().filter(|f| f.severity == Severity::Error).map(|f| f.id).collect();
    ids.sort_unstable();
    ids
}

/// The laws of every fix. A text that could not be read may turn out to hold more errors once it can.
fn hold_laws(text: &str) -> Result<(), TestCaseError> {
    let readable = Policy::read(text).ok();
    for finding in found(text) {
        prop_assert!(text.get(finding.span.start..finding.span.end).is_some(), "{:?} of {:?}", finding, text);
        let Some(fix) = &finding.fix else { continue };
        let fixed = apply_fix(text, fix);
        prop_assert!(fixed != text, "{:?} of {}", finding, text);
        let count =
            |text: &str| found(text).iter().filter(|f| f.id == finding.id && f.message == finding.message).count();
        prop_assert!(finding.id == "E001" || count(&fixed) < count(text), "{:?} stays: {}", finding, fixed);
        let Some(old) = &readable else { continue };
        let (before, after) = (errors(text), errors(&fixed));
        for id in &after {
            let many = |ids: &[&str]| ids.iter().filter(|i| *i == id).count();
            prop_assert!(many(&after) <= many(&before), "{} is new after {:?}: {}", id, finding, fixed);
        }
        if !fix.changes_access {
            let new = Policy::read(&fixed).ok();
            prop_assert!(new.is_some() && delta(Some(old), new.as_ref()).is_empty(), "{:?} changes access", finding);
        }
    }
    Ok(())
}

#[test]
fn the_fixes_of_every_sample_keep_their_laws() {
    for sample in samples() {
        hold_laws(&sample.text).unwrap_or_else(|error| panic!("{}: {error}", sample.id));
    }
}

/// Pieces that spoil a policy in the ways in which people do.
const PIECES: &[&str] = &[
    "",
    ",",
    "\"",
    "'",
    "}",
    "{",
    "[",
    "]",
    ":",
    " ",
    "\n",
    "// x\n",
    "\u{a0}",
    "\u{201c}",
    "\\",
    "\\u00",
    "*",
    "\"*\"",
    "ecr:",
    "Allow",
    "null",
    "[]",
    "{}",
    "\"\"",
    "True",
    "111111111111",
    "\u{0}",
    "\u{feff}",
    "\u{430}",
];

/// Words of policies and others that may stand in their place.
const WORDS: &[(&str, &str)] = &[
    ("\"Principal\"", "\"NotPrincipal\""),
    ("\"Action\"", "\"NotAction\""),
    ("\"Allow\"", "\"Deny\""),
    ("\"Allow\"", "\"allow\""),
    (":root", ":role/*"),
    (":root", ":*"),
    ("arn:aws:iam", "arn:aws-cn:iam"),
    ("ecr:BatchGetImage", "ecr: BatchGetImage"),
    ("ecr:BatchGetImage", "ecr:Batch*"),
    ("ecr:BatchGetImage", "BatchGetImage"),
    ("ecr:GetDownloadUrlForLayer", "ecr:PutImage,"),
    ("ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"),
    ("\"2012-10-17\"", "\"2008-10-17\""),
    ("\"Version\"", "\"version\""),
    (".amazonaws.com", ""),
    ("222222222222", "111111111111"),
    ("333333333333", "111111111111"),
    ("StringEquals", "StringLike"),
    ("\"AWS\"", "\"aws\""),
    ("\"Service\"", "\"AWS\""),
];

fn spoiled() -> impl Strategy<Value = String> {
    let place = (any::<Index>(), 0usize..5, prop::sample::select(PIECES));
    let word = prop::sample::select(WORDS);
    (any::<Index>(), prop::collection::vec(place, 0..3), prop::collection::vec(word, 0..3)).prop_map(
        |(which, places, words)| {
            let samples = samples();
            let mut text = which.get(&samples).text.clone();
            for (from, to) in words {
                text = text.replacen(from, to, 2);
            }
            for (at, len, with) in places {
                let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
                let start = *at.get(&starts);
                let end = starts.iter().copied().find(|s| *s >= start + len).unwrap_or(text.len());
                text.replace_range(start..end, with);
            }
            text
        },
    )
}

proptest! {
    #![proptest_config(crate::cases::cases(300, 5_000))]

    #[test]
    fn spoiled_samples_are_judged_as_another_reader_of_json_does(text in spoiled()) {
        // Both stop at 127 levels and refuse half of a surrogate pair, which RFC 8259 leaves open.
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok()
            && serde_json::from_str::<Value>(&text).is_ok();
        prop_assert_eq!(parse(&text).errors.is_empty(), theirs, "{}", text);
        prop_assert_eq!(found(&text).iter().any(|f| f.id == "E001"), !theirs, "{}", text);
    }

    #[test]
    fn spoiled_samples_are_unreadable_for_the_reasons_that_the_linter_tells(text in spoiled()) {
        reads_as_linted(&text)?;
        let whole = examine(&text, &CheckOptions::default());
        prop_assert_eq!(whole.policy, Policy::read(&text).ok(), "{}", text);
    }

    #[test]
    fn the_fixes_of_spoiled_samples_keep_their_laws(text in spoiled()) {
        hold_laws(&text)?;
    }
}

/// Tells whether the linter may be silent about a problem beside others: an element is missing because its name is
/// misspelt, or is one of what stands around the policy.
fn may_be_unsaid(kind: ReadProblemKind) -> bool {
    use ReadProblemKind::{InvalidEffect, NoAction, NoPrincipal, NoStatement, UnknownElement};
    matches!(kind, InvalidEffect | NoAction | NoPrincipal | NoStatement | UnknownElement)
}

/// The model refuses a text exactly where the linter has a finding that says so, and for the same reasons.
fn reads_as_linted(text: &str) -> Result<(), TestCaseError> {
    let parsed = parse(text);
    let linted = unreadable_findings(text, &parsed);
    let problems = Policy::read(text).err().unwrap_or_default();
    prop_assert_eq!(problems.is_empty(), Policy::read(text).is_ok(), "an error without a reason: {}", text);
    prop_assert_eq!(problems.is_empty(), linted.is_empty(), "{:?} and {:?} of {}", problems, linted, text);
    prop_assert!(problems.is_sorted_by_key(|p| p.span), "{:?}", problems);
    prop_assert!(problems.iter().all(|p| !p.message.is_empty() && text.get(p.span.start..p.span.end).is_some()));
    if parsed.errors.is_empty() {
        let theirs: BTreeSet<_> = linted.iter().filter_map(|f| Some((f.rule.read_problem?, f.span))).collect();
        let unsaid = problems.iter().find(|p| !theirs.contains(&(p.kind, p.span)) && !may_be_unsaid(p.kind));
        prop_assert_eq!(unsaid, None, "{}", text);
        for finding in &linted {
            let is_said = |p: &&ReadProblem| Some(p.kind) == finding.rule.read_problem && p.span == finding.span;
            let problem = problems.iter().find(is_said);
            prop_assert!(problem.is_some_and(|p| finding.message.starts_with(&p.message)), "{:?} of {}", finding, text);
        }
    }
    Ok(())
}

#[test]
fn every_sample_is_unreadable_for_the_reasons_that_the_linter_tells() {
    let mut kinds = BTreeSet::new();
    for sample in samples() {
        reads_as_linted(&sample.text).unwrap_or_else(|error| panic!("{}: {error}", sample.id));
    }
    // A name that might be a misspelt one, around a policy.
    let around = r#"{"Statements": [], "policyText": "{\"Statement\": []}"}"#;
    reads_as_linted(around).unwrap_or_else(|error| panic!("{error}"));
    for rule in rules() {
        reads_as_linted(rule.example).unwrap_or_else(|error| panic!("{rule:?}: {error}"));
        kinds.extend(Policy::read(rule.example).err().unwrap_or_default().into_iter().map(|problem| problem.kind));
    }
    let told: BTreeSet<ReadProblemKind> = rules().filter_map(|rule| rule.read_problem).collect();
    assert_eq!(kinds, told, "each kind has its rule, and each such rule an example");
    assert_eq!(rules().filter(|rule| rule.read_problem.is_some()).count(), told.len(), "one rule for a kind");
}

#[test]
fn a_text_is_read_alike_alone_with_its_findings_and_from_its_tree() {
    for sample in samples() {
        let text = sample.text.as_str();
        let alone = Policy::read(text);
        assert_eq!(examine(text, &CheckOptions::default()).policy, alone.clone().ok(), "{}", sample.id);
        assert_eq!(Policy::read_tree(&parse(text)), alone, "{}", sample.id);
    }
}
