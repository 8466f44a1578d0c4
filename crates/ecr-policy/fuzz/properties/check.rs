//! Whatever the owner, the partition, the kind and the stored text: findings lie in the text, a fix spoils nothing and
//! changes nobody's access unless it says so, and what the checks say of statements is what the evaluator answers.

use std::collections::BTreeMap;

use ecr_policy::access::table_for;
use ecr_policy::delta::delta_for;
use ecr_policy::evaluate::evaluate;
use ecr_policy::lint::{CheckOptions, PolicyKind, apply_fix, check, examine, repair};
use ecr_policy::syntax::parse;
use ecr_policy::{Answer, Finding, Fix, Policy};

use super::{COMPARED, Input, plain_requests};

pub fn check_text(input: &str) {
    let input = Input::new(input);
    let (text, options) = (input.text, input.options());
    let findings = check(text, &options);
    stored_text_excuses(text, &options, &findings);
    let before = stops(&findings);
    let is_json = parse(text).errors.is_empty();
    let policy = Policy::read(text).ok();
    for finding in &findings {
        assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
        let Some(fix) = &finding.fix else { continue };
        for edit in &fix.edits {
            assert!(text.get(edit.span.start..edit.span.end).is_some(), "{finding:?}");
        }
        let fixed = apply_fix(text, fix);
        assert_ne!(fixed, text, "{finding:?}");
        // A policy that is taken out of what it is wrapped in may hold anything.
        let stays = is_json && !finding.rule.fix_unwraps;
        assert!(!stays || parse(&fixed).errors.is_empty(), "{finding:?} spoils the JSON: {fixed}");
        // Where the whole text is understood nothing can hide behind an error: one that is there afterwards is new.
        if let Some(old) = &policy {
            let new = Policy::read(&fixed).unwrap_or_else(|_| panic!("{finding:?} makes it unreadable: {fixed}"));
            for (id, count) in stops(&check(&fixed, &options)) {
                assert!(before.get(id).is_some_and(|had| *had >= count), "{finding:?} makes {id}: {fixed}");
            }
            keeps_access(fix, (text, old), &new, &options);
        }
    }
    let repaired = repair(text, &options);
    if let Some(old) = &policy {
        let new = Policy::read(&repaired.text).expect("a repair leaves a policy readable");
        let all = Fix { title: "repair".to_owned(), changes_access: false, edits: Vec::new() };
        keeps_access(&all, (text, old), &new, &options);
    }
    if let Some(policy) = policy.filter(|_| options.kind == PolicyKind::Repository) {
        claims_hold(text, &policy, &findings, &options);
    }
}

/// How often each check stops a save.
fn stops(findings: &[Finding]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings.iter().filter(|f| f.stops) {
        *counts.entry(finding.id).or_default() += 1;
    }
    counts
}

/// A stored text excuses statements that it has, and changes nothing else about the findings.
fn stored_text_excuses(text: &str, options: &CheckOptions, findings: &[Finding]) {
    let alone = check(text, &CheckOptions { stored: None, ..options.clone() });
    assert_eq!(alone.len(), findings.len());
    for (excused, finding) in findings.iter().zip(&alone) {
        assert!(!excused.stops || finding.stops, "{finding:?}");
        assert_eq!(&Finding { stops: finding.stops, ..excused.clone() }, finding);
    }
    let beside_itself = check(text, &CheckOptions { stored: Some(text.to_owned()), ..options.clone() });
    let is_valid = parse(text).valid_root().is_some();
    let stopping = beside_itself.iter().find(|f| f.stops && !f.rule.never_excused);
    assert!(!is_valid || stopping.is_none(), "stored as it is, and stops: {stopping:?}");
}

/// A fix that does not say that it changes access changes nobody's.
fn keeps_access(fix: &Fix, (text, old): (&str, &Policy), new: &Policy, options: &CheckOptions) {
    if fix.changes_access || text.len() > COMPARED {
        return;
    }
    let owner = options.owner.as_ref();
    let change = delta_for(Some(old), Some(new), owner);
    assert!(change.is_empty(), "`{}` changes access: {change:?}", fix.title);
    let resources = |policy: &Policy| policy.statements.iter().map(|s| s.resource.clone()).collect::<Vec<_>>();
    let is_of_registry = options.kind == PolicyKind::Registry;
    assert!(!is_of_registry || resources(old) == resources(new), "`{}` changes repositories", fix.title);
    for request in plain_requests(owner.map_or("666666666666", |id| id.as_str()), &[old, new]) {
        let answers = [old, new].map(|policy| evaluate(policy, &request).answer);
        assert!(answers[0] == answers[1], "`{}` changes {answers:?} of {request:?}", fix.title);
    }
}

/// What checks and class say of statements is what the evaluator answers to plain requests.
fn claims_hold(text: &str, policy: &Policy, findings: &[Finding], options: &CheckOptions) {
    if text.len() > COMPARED || options.partition.is_some_and(|p| p.as_str() != "aws") {
        return;
    }
    let owner = options.owner.as_ref();
    let table = table_for(policy, owner);
    assert_eq!(examine(text, options).class, Some(table.class));
    let of = |id: &str| {
        let spans = findings.iter().filter(|f| f.id == id).map(|f| f.span);
        let at = |span: ecr_policy::Span| {
            policy.statements.iter().position(|s| s.span.start <= span.start && span.end <= s.span.end)
        };
        spans.filter_map(at).collect::<Vec<usize>>()
    };
    let (never, shadowed) = (of("W201"), of("W220"));
    for request in plain_requests(owner.map_or("666666666666", |id| id.as_str()), &[policy]) {
        let decision = evaluate(policy, &request);
        let is_matched = |at: &usize| decision.allow.contains(&(at + 1)) || decision.deny.contains(&(at + 1));
        assert!(!never.iter().any(is_matched), "W201 and {request:?}");
        let is_allowed = decision.answer == Answer::Allow;
        assert!(!is_allowed || !shadowed.iter().any(is_matched), "W220 and {request:?}");
        for at in decision.allow.iter().filter(|_| is_allowed) {
            let class = table.of_statements.get(at - 1).copied();
            assert_ne!(class, Some(ecr_policy::Class::None), "nobody, and {request:?}");
            let mut rows = table.rows.iter().filter(|row| row.statements.contains(&(at - 1)));
            assert!(rows.any(|row| row.remaining().any(|name| name == request.action)), "no row, and {request:?}");
        }
    }
}
