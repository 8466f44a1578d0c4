//! Repairs that nobody needs to be asked about.

use super::{CheckOptions, Finding, Fix, apply_fix, check};
use crate::policy::delta::delta;
use crate::policy::document::Policy;

/// More rounds than repairs can uncover one another: under a comment a comma, under the comma a wrong name.
const MOST_ROUNDS: usize = 20;

/// A text after its repairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The text.
    pub text: String,
    /// What was done, in the order in which it was done: the check's id, and what its fix did.
    pub done: Vec<(&'static str, String)>,
}

/// Applies every fix that changes nobody's access, until no more is found. Where both texts are policies the promise is
/// held against `delta`, whatever the fix says of itself.
pub fn repair(text: &str, options: &CheckOptions) -> Repaired {
    let mut repaired = Repaired { text: text.to_owned(), done: Vec::new() };
    for _ in 0..MOST_ROUNDS {
        let before = repaired.done.len();
        let mut findings = check(&repaired.text, options);
        // From the end, so that the places of those before stay right.
        findings.sort_by_key(|f| std::cmp::Reverse(first_edit(f)));
        let mut untouched = repaired.text.len() + 1;
        for finding in findings {
            let Some(fix) = finding.fix.filter(|fix| !fix.changes_access && !fix.edits.is_empty()) else { continue };
            // A fix that reaches into one already applied waits for the next round.
            if fix.edits.iter().any(|e| e.span.end >= untouched) {
                continue;
            }
            let fixed = apply_fix(&repaired.text, &fix);
            if fixed == repaired.text || !keeps_access(&repaired.text, &fixed) {
                continue;
            }
            untouched = fix.edits.iter().map(|e| e.span.start).min().unwrap_or(untouched);
            repaired.text = fixed;
            repaired.done.push((finding.id, fix.title));
        }
        if repaired.done.len() == before {
            break;
        }
    }
    repaired
}

fn first_edit(finding: &Finding) -> usize {
    let edits = |fix: &Fix| fix.edits.iter().map(|e| e.span.start).min();
    finding.fix.as_ref().and_then(edits).unwrap_or(finding.span.start)
}

fn keeps_access(before: &str, after: &str) -> bool {
    match (Policy::read(before), Policy::read(after)) {
        (Ok(before), Ok(after)) => delta(Some(&before), Some(&after)).is_empty(),
        // What could not be read gave nothing that can be compared; what can no longer be read is worse.
        (Ok(_), Err(_)) => false,
        (Err(_), _) => true,
    }
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
        assert_eq!(fixed(text), Repaired { text: text.to_owned(), done: Vec::new() });
    }
}
