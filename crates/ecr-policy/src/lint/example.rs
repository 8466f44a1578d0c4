//! The example of a rule: a text in which it finds something, and the same text mended.

use super::{CheckOptions, Finding, Rule, apply_fix, check};
use crate::ecr::AccountId;

/// The account that owns the repositories of the examples.
pub const EXAMPLE_OWNER: &str = "222222222222";

/// A finding in the example of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The first finding of the rule.
    pub finding: Finding,
    /// The text after the fix of that finding; `None` where there is no fix.
    pub mended: Option<String>,
}

/// Returns what is known beside the text of a rule's example.
fn example_options(rule: &Rule) -> CheckOptions {
    let kind = rule.kind.unwrap_or_default();
    CheckOptions { owner: AccountId::parse(EXAMPLE_OWNER).ok(), kind, ..CheckOptions::default() }
}

impl Rule {
    /// Checks the example of the rule; `None` where the rule finds nothing in it, which a test rules out.
    pub fn checked_example(&self) -> Option<Example> {
        let finding = check(self.example, &example_options(self)).into_iter().find(|finding| finding.rule == self)?;
        let mended = finding.fix.as_ref().map(|fix| apply_fix(self.example, fix));
        Some(Example { finding, mended })
    }
}
