//! Repairs that nobody needs to be asked about.

use super::pasted_formats;
use super::surroundings::check_surroundings;
use super::{CheckOptions, Finding, Fix, apply_fix, check, is_too_long};
use crate::delta::delta_for;
use crate::ecr::{AccountId, POLICY_LIMIT};
use crate::model::document::{Effect, Policy, Statement};

/// More rounds than repairs can uncover one another: under a comment a comma, under the comma a wrong name.
const MOST_ROUNDS: usize = 20;

/// A text after its repairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The text; the one that was given where nothing readable came of it.
    pub text: String,
    /// The repairs in the order in which they were done: the check's id, and the title of its fix.
    pub done: Vec<(&'static str, String)>,
    /// The reason why the text must not take the place of the one that was given; `None` where it may.
    pub obstacle: Option<RepairObstacle>,
}

/// A reason for which a repaired text is kept apart from the file that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepairObstacle {
    /// More than the policy stands in the file: what, as a clause.
    Surrounded(String),
    /// No readable policy came of it; nothing was repaired.
    Unreadable,
    /// The checks find as much in the repaired text as before.
    NoGain {
        /// Findings before.
        before: usize,
        /// Findings after.
        after: usize,
    },
}

impl RepairObstacle {
    /// Says in a clause why the file stays as it is.
    pub fn words(&self) -> String {
        match self {
            Self::Surrounded(what) => what.clone(),
            Self::Unreadable => "the fixes make no readable policy of it".to_owned(),
            Self::NoGain { before, after } => {
                format!("the mended policy has {after} findings, not fewer than the {before} of the file")
            }
        }
    }
}

/// Repairs the text of a file. Where anything but the policy stands in it, the result is for somewhere else: the
/// obstacle says so.
pub fn repair_file(text: &str, options: &CheckOptions) -> Repaired {
    let around = check_surroundings(text).err();
    let mut repaired = if around.is_some() { repair_input(text, options) } else { mended_text(text, options, true) };
    if repaired.obstacle.is_some() || repaired.text == text {
        return repaired;
    }
    if let Some(what) = around {
        repaired.text = format!("{}\n", repaired.text.trim());
        repaired.obstacle = Some(RepairObstacle::Surrounded(what));
        return repaired;
    }
    let (before, after) = (check(text, options).len(), check(&repaired.text, options).len());
    if after >= before {
        repaired.obstacle = Some(RepairObstacle::NoGain { before, after });
    }
    repaired
}

/// Repairs a text that nobody keeps in this form: the policy is taken out of whatever it stands in first.
pub fn repair_input(text: &str, options: &CheckOptions) -> Repaired {
    let Some((id, fix)) = pasted_formats::taken_out(text) else { return mended_text(text, options, false) };
    let mut repaired = repair(&apply_fix(text, &fix), options);
    repaired.done.insert(0, (id, fix.title));
    if_readable(text, repaired)
}

/// The repaired text, where it is a policy. Half a repair of what is none would only spoil the text.
fn mended_text(text: &str, options: &CheckOptions, alone: bool) -> Repaired {
    if_readable(text, repair_rounds(text, options, alone))
}

fn if_readable(text: &str, repaired: Repaired) -> Repaired {
    if repaired.text == text || Policy::read(&repaired.text).is_ok() {
        return repaired;
    }
    Repaired { text: text.to_owned(), done: Vec::new(), obstacle: Some(RepairObstacle::Unreadable) }
}

/// Applies every fix that changes nobody's access, until no more is found. Where both texts are policies the promise is
/// held against `delta`, whatever the fixes say of themselves.
pub fn repair(text: &str, options: &CheckOptions) -> Repaired {
    repair_rounds(text, options, false)
}

/// The same; with `alone`, only while nothing but the policy stands in the text.
fn repair_rounds(text: &str, options: &CheckOptions, alone: bool) -> Repaired {
    let mut repaired = Repaired { text: text.to_owned(), done: Vec::new(), obstacle: None };
    for _ in 0..MOST_ROUNDS {
        if alone && check_surroundings(&repaired.text).is_err() {
            break;
        }
        let chosen = independent_fixes(check(&repaired.text, options));
        let all = Fix {
            title: String::new(),
            changes_access: false,
            edits: chosen.iter().flat_map(|(_, fix)| fix.edits.clone()).collect(),
        };
        let before = repaired.done.len();
        if let Some(fixed) = applied_fix(&repaired.text, &all, options) {
            repaired.text = fixed;
            repaired.done.extend(chosen.into_iter().map(|(id, fix)| (id, fix.title)));
        } else {
            // One of them breaks its promise, or does nothing: from the end, so that the places of the others stay.
            for (id, fix) in chosen.into_iter().rev() {
                if let Some(fixed) = applied_fix(&repaired.text, &fix, options) {
                    repaired.text = fixed;
                    repaired.done.push((id, fix.title));
                }
            }
        }
        if repaired.done.len() == before {
            break;
        }
    }
    end_line(text, &mut repaired.text);
    repaired
}

/// Gives a text the line end back with which the one before ended, unless ECR would count it over its limit.
fn end_line(before: &str, after: &mut String) {
    let end = if before.ends_with("\r\n") { "\r\n" } else { "\n" };
    let is_lost = before.ends_with('\n') && !after.ends_with('\n') && !after.is_empty();
    if is_lost && after.chars().count() + end.len() <= POLICY_LIMIT {
        after.push_str(end);
    }
}

/// The fixes that may be applied unasked and do not reach into one another, in the order of the text; the others wait
/// for the next round.
fn independent_fixes(findings: Vec<Finding>) -> Vec<(&'static str, Fix)> {
    let unasked = |finding: Finding| {
        finding.fix.filter(|fix| !fix.changes_access && !fix.edits.is_empty()).map(|fix| (finding.id, fix))
    };
    let mut fixes: Vec<(&'static str, Fix)> = findings.into_iter().filter_map(unasked).collect();
    fixes.sort_by_key(|(_, fix)| edited_bytes(fix));
    let mut taken = None;
    fixes.retain(|(_, fix)| is_apart(fix, &mut taken));
    fixes
}

/// Returns where a fix begins and ends.
fn edited_bytes(fix: &Fix) -> (usize, usize) {
    let start = fix.edits.iter().map(|e| e.span.start).min().unwrap_or_default();
    (start, fix.edits.iter().map(|e| e.span.end).max().unwrap_or_default())
}

/// Tells whether a fix begins behind all that were taken, and takes it then.
fn is_apart(fix: &Fix, taken: &mut Option<usize>) -> bool {
    let (start, end) = edited_bytes(fix);
    let is_free = taken.is_none_or(|taken| start > taken);
    *taken = if is_free { Some(end) } else { *taken };
    is_free
}

/// Joins the fixes of findings of one kind into one that makes all of them at once, with their number. Of those that reach
/// into one another the first is made. `None`: there is none.
pub fn join_fixes<'a>(fixes: impl IntoIterator<Item = &'a Fix>) -> Option<(Fix, usize)> {
    let mut fixes: Vec<&Fix> = fixes.into_iter().filter(|fix| !fix.edits.is_empty()).collect();
    fixes.sort_by_key(|fix| edited_bytes(fix));
    let mut taken = None;
    fixes.retain(|fix| is_apart(fix, &mut taken));
    let first = fixes.first()?;
    let joined = Fix {
        title: first.title.clone(),
        changes_access: fixes.iter().any(|fix| fix.changes_access),
        edits: fixes.iter().flat_map(|fix| fix.edits.clone()).collect(),
    };
    Some((joined, fixes.len()))
}

/// The text with a fix applied, where that changes it and nobody's access.
fn applied_fix(text: &str, fix: &Fix, options: &CheckOptions) -> Option<String> {
    let fixed = apply_fix(text, fix);
    (fixed != text && keeps_access(text, &fixed, options.owner.as_ref())).then_some(fixed)
}

fn keeps_access(before: &str, after: &str, owner: Option<&AccountId>) -> bool {
    // Of two that ECR never takes nobody works out who gets what.
    if is_too_long(before) && is_too_long(after) {
        return Policy::read(before).is_err();
    }
    match (Policy::read(before), Policy::read(after)) {
        (Ok(before), Ok(after)) => {
            delta_for(Some(&before), Some(&after), owner).is_empty() && keeps_repositories(&before, &after)
        }
        // What could not be read gave nothing that can be compared; what can no longer be read is worse.
        (Ok(_), Err(_)) => false,
        (Err(_), _) => true,
    }
}

/// Tells whether each statement of a registry policy is about what it was about: `delta` takes every statement for one
/// about the repository at hand, so that of two with other repositories each is held against its own past.
fn keeps_repositories(before: &Policy, after: &Policy) -> bool {
    let mut pairs = before.statements.iter().zip(&after.statements);
    if before.statements.iter().chain(&after.statements).all(|s| s.resource.is_none()) {
        return true;
    }
    let alone = |statement: &Statement| {
        let allow = Statement { effect: Effect::Allow, ..statement.clone() };
        Policy { statements: vec![allow], ..Policy::empty() }
    };
    before.statements.len() == after.statements.len()
        && pairs.all(|(was, is)| {
            was.effect == is.effect
                && was.resource == is.resource
                && delta_for(Some(&alone(was)), Some(&alone(is)), None).is_empty()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(text: &str) -> Repaired {
        repair(text, &CheckOptions::default())
    }

    #[test]
    fn repairs_uncover_one_another_and_all_are_made() {
        let text = "// vendor\n{\"Version\": \"2012-10-17\", 'Statement': [{\"effect\": \"allow\", \
                    \"Principal\": {\"AWS\": \"111111111111\"}, \"Action\": [\"ecr:BatchGetImage\", \
                    \"ecr:GetDownloadUrlForLayer\",],}]}";
        let repaired = fixed(text);
        assert_eq!(
            repaired.text,
            "\n{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \
             \"111111111111\"}, \"Action\": [\"ecr:BatchGetImage\", \"ecr:GetDownloadUrlForLayer\"]}]}"
        );
        assert!(repaired.done.len() >= 5, "{:?}", repaired.done);
        assert!(Policy::read(&repaired.text).is_ok());
    }

    #[test]
    fn what_would_change_access_is_left_alone() {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":["ecr:BatchGetImage"]}]}"#;
        assert!(check(text, &CheckOptions::default()).iter().any(|f| f.id == "W204" && f.fix.is_some()));
        assert_eq!(fixed(text), Repaired { text: text.to_owned(), done: Vec::new(), obstacle: None });
    }

    #[test]
    fn another_repository_is_another_access() {
        let statement = |effect: &str, principal: &str, repositories: &str| {
            format!(
                r#"{{"Effect":"{effect}","Principal":{{"AWS":{principal}}},"Action":"ecr:ReplicateImage","Resource":"arn:aws:ecr:eu-west-2:222222222222:repository/{repositories}"}}"#
            )
        };
        let policy =
            |statements: &[String]| format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let keeps = |before: &[String], after: &[String]| keeps_access(&policy(before), &policy(after), None);
        let (one, all) = (r#""111111111111""#, r#"["111111111111","333333333333"]"#);
        let of_a = statement("Allow", one, "a/*");
        assert!(keeps(std::slice::from_ref(&of_a), &[statement("Allow", r#"["111111111111"]"#, "a/*")]));
        assert!(!keeps(std::slice::from_ref(&of_a), &[statement("Allow", one, "*")]));
        assert!(!keeps(std::slice::from_ref(&of_a), &[of_a.replace("\"Resource\"", "\"NotResource\"")]));
        // Who loses `a/*` has every other repository still.
        let of_b = statement("Allow", all, "b/*");
        assert!(!keeps(&[statement("Allow", all, "a/*"), of_b.clone()], &[of_a.clone(), of_b.clone()]));
        // A Deny of other repositories gives nobody anything to lose.
        let deny = statement("Deny", all, "c/*");
        assert!(!keeps(&[of_b.clone(), deny], &[of_b, statement("Deny", one, "c/*")]));
    }
}
