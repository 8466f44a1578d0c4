//! The fixtures of each rule in `tests/lint/ID-NAME/`: a text that fires and one that comes near it.
//!
//! `fires.snap` beside a text shows the finding and the fix. `ECR_GRANT_UPDATE=1 cargo test -p ecr-policy lint` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ecr_policy::delta::delta;
use ecr_policy::ecr::AccountId;
use ecr_policy::lint::{CheckOptions, EXAMPLE_OWNER, Rule, apply_fix, check, rules};
use ecr_policy::{Finding, LineIndex, Policy, Severity};

/// The texts of one rule that have the same number: `fires.json` and `near.json`, or `fires-2.json` and `near-2.json`.
struct Fixture {
    fires: PathBuf,
    near: PathBuf,
}

fn found(rule: &Rule, text: &str) -> Vec<Finding> {
    let kind = rule.kind.unwrap_or_default();
    check(text, &CheckOptions { owner: AccountId::parse(EXAMPLE_OWNER).ok(), kind, ..CheckOptions::default() })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint")
}

fn folder(rule: &Rule) -> PathBuf {
    root().join(format!("{}-{}", rule.id, rule.name))
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Finds a text by its name without the ending: JSON has `.json`, any other text `.txt`.
fn path_of(folder: &Path, stem: &str) -> Option<PathBuf> {
    ["json", "txt"].iter().map(|ending| folder.join(format!("{stem}.{ending}"))).find(|path| path.exists())
}

/// Returns the fixtures of a rule; panics where a text is missing, or where a file belongs to none.
fn fixtures(rule: &Rule) -> Vec<Fixture> {
    let folder = folder(rule);
    let mut left = names(&folder);
    let mut found = Vec::new();
    for number in 1.. {
        let tail = if number == 1 { String::new() } else { format!("-{number}") };
        let Some(fires) = path_of(&folder, &format!("fires{tail}")) else { break };
        let near =
            path_of(&folder, &format!("near{tail}")).unwrap_or_else(|| panic!("{rule:?}: near{tail} is missing"));
        for path in [&fires, &near, &fires.with_extension("snap")] {
            left.remove(path.file_name().unwrap().to_str().unwrap());
        }
        found.push(Fixture { fires, near });
    }
    assert!(!found.is_empty(), "{rule:?} has no fixture: write {}/fires.json and near.json", folder.display());
    assert!(left.is_empty(), "{rule:?}: files of no fixture: {left:?}");
    found
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Draws the findings of a rule in a text, the ids of all others, and the text after the first fix.
fn snapshot(rule: &Rule, text: &str) -> String {
    let all = found(rule, text);
    let lines = LineIndex::new(text);
    let mut drawn = String::new();
    for finding in all.iter().filter(|f| f.rule == rule) {
        let (start, end) = (lines.position_of(finding.span.start), lines.position_of(finding.span.end));
        let place = format!("{}:{} to {}:{}", start.line, start.column, end.line, end.column);
        writeln!(drawn, "{} at {place}: {}", rule.id, finding.message).unwrap();
        if let Some(fix) = &finding.fix {
            let access = if fix.changes_access { "changes access" } else { "keeps access" };
            writeln!(drawn, "fix: {} ({access})", fix.title).unwrap();
        }
    }
    let others: BTreeSet<&str> = all.iter().filter(|f| f.rule != rule).map(|f| f.id).collect();
    if !others.is_empty() {
        writeln!(drawn, "also: {}", others.into_iter().collect::<Vec<_>>().join(" ")).unwrap();
    }
    if let Some(fix) = all.iter().find(|f| f.rule == rule).and_then(|f| f.fix.as_ref()) {
        write!(drawn, "\n{}", apply_fix(text, fix)).unwrap();
    }
    drawn
}

#[test]
fn each_rule_has_fixtures_and_each_folder_a_rule() {
    let wanted: BTreeSet<String> = rules().map(|rule| format!("{}-{}", rule.id, rule.name)).collect();
    assert_eq!(names(&root()), wanted);
    for rule in rules() {
        assert_eq!(text(&fixtures(rule)[0].fires), rule.example, "{rule:?}: the example is the first text");
        assert!(rule.checked_example().is_some(), "{rule:?}");
    }
}

#[test]
fn each_text_fires_as_its_snapshot_shows_and_no_near_one_does() {
    let mut stale = Vec::new();
    for rule in rules() {
        for Fixture { fires, near } in fixtures(rule) {
            let drawn = snapshot(rule, &text(&fires));
            assert!(drawn.starts_with(&format!("{} at ", rule.id)), "{} does not fire", fires.display());
            assert!(found(rule, &text(&near)).iter().all(|f| f.rule != rule), "{} fires", near.display());
            let path = fires.with_extension("snap");
            if std::env::var_os("ECR_GRANT_UPDATE").is_some() {
                std::fs::write(&path, drawn).unwrap();
            } else if std::fs::read_to_string(&path).ok().as_ref() != Some(&drawn) {
                stale.push(format!("{}:\n{drawn}", path.display()));
            }
        }
    }
    assert!(stale.is_empty(), "write anew with ECR_GRANT_UPDATE=1, and read the difference:\n{}", stale.join("\n"));
}

#[test]
fn each_fix_of_a_fixture_mends_it_without_a_new_error() {
    let errors = |all: &[Finding]| all.iter().filter(|f| f.severity == Severity::Error).count();
    for rule in rules() {
        for text in fixtures(rule).iter().map(|fixture| text(&fixture.fires)) {
            let all = found(rule, &text);
            for finding in all.iter().filter(|f| f.rule == rule) {
                let Some(fix) = &finding.fix else { continue };
                let fixed = apply_fix(&text, fix);
                let same = |f: &&Finding| f.rule == rule && f.message == finding.message;
                assert!(found(rule, &fixed).iter().filter(same).count() < all.iter().filter(same).count(), "{fixed}");
                assert!(errors(&found(rule, &fixed)) <= errors(&all), "{rule:?}: {fixed}");
                if let (Ok(old), Ok(new), false) = (Policy::read(&text), Policy::read(&fixed), fix.changes_access) {
                    assert!(delta(Some(&old), Some(&new)).is_empty(), "{rule:?}: {fixed}");
                }
            }
        }
    }
}
