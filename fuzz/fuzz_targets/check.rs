#![no_main]

use ecr_grant::policy::Policy;
use ecr_grant::policy::lint::{CheckOptions, apply_fix, check, repair};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let options = CheckOptions::default();
    for finding in check(text, &options) {
        assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
        if let Some(fix) = &finding.fix {
            for edit in &fix.edits {
                assert!(text.get(edit.span.start..edit.span.end).is_some(), "{finding:?}");
            }
            assert_ne!(apply_fix(text, fix), text, "{finding:?}");
        }
    }
    let repaired = repair(text, &options);
    if Policy::read(text).is_ok() {
        assert!(Policy::read(&repaired.text).is_ok());
    }
});
