#![no_main]

use std::collections::BTreeMap;

use ecr_policy::lint::{CheckOptions, apply_fix, check, repair};
use ecr_policy::syntax::parse;
use ecr_policy::{Finding, Policy};
use libfuzzer_sys::fuzz_target;

/// How often each check stops a save.
fn stops(findings: &[Finding]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings.iter().filter(|f| f.stops) {
        *counts.entry(finding.id).or_default() += 1;
    }
    counts
}

fuzz_target!(|text: &str| {
    let options = CheckOptions::default();
    let findings = check(text, &options);
    let before = stops(&findings);
    let (is_json, is_policy) = (parse(text).errors.is_empty(), Policy::read(text).is_ok());
    for finding in &findings {
        assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
        let Some(fix) = &finding.fix else { continue };
        for edit in &fix.edits {
            assert!(text.get(edit.span.start..edit.span.end).is_some(), "{finding:?}");
        }
        let fixed = apply_fix(text, fix);
        assert_ne!(fixed, text, "{finding:?}");
        // A policy that is taken out of what it is wrapped in may hold anything.
        let stays = is_json && !matches!(finding.id, "E005" | "W225");
        assert!(!stays || parse(&fixed).errors.is_empty(), "{finding:?} spoils the JSON: {fixed}");
        // Where the whole text is understood nothing can hide behind an error: one that is there afterwards is new.
        if is_policy {
            assert!(Policy::read(&fixed).is_ok(), "{finding:?} makes the policy unreadable: {fixed}");
            for (id, count) in stops(&check(&fixed, &options)) {
                assert!(before.get(id).is_some_and(|had| *had >= count), "{finding:?} makes {id}: {fixed}");
            }
        }
    }
    let repaired = repair(text, &options);
    if is_policy {
        assert!(Policy::read(&repaired.text).is_ok());
    }
});
