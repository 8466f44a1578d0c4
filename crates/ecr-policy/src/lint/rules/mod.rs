//! The rules, a table for each severity. Ids, severities and what stops a save follow the project's list of checks;
//! sources are the IAM user guide (grammar of the policy language), the ECR user guide (repository policies), and IAM
//! Access Analyzer.

/// Embeds a text of `tests/lint`.
macro_rules! example {
    ($path:literal) => {
        include_str!(concat!("../../../tests/lint/", $path))
    };
}

mod advice;
mod errors;
mod security;
mod warnings;

use super::{Check, Rule, Severity};

/// The id of the rule that a text is JSON.
pub(crate) const NOT_JSON: &str = "E001";

/// The id of the rule that nothing stands around a policy.
pub(crate) const WRAPPED: &str = "W225";

/// The tables, in the order of the ids.
static TABLES: [&[Check]; 4] = [errors::CHECKS, security::CHECKS, warnings::CHECKS, advice::CHECKS];

/// Returns all checks, in the order of the ids.
pub(super) fn checks() -> impl Iterator<Item = &'static Check> {
    TABLES.iter().copied().flatten()
}

/// A rule without a flag; each row says how it differs.
const PLAIN: Rule = Rule {
    id: "",
    name: "",
    severity: Severity::Error,
    stops: false,
    what: "",
    why: "",
    example: "",
    read_problem: None,
    is_syntax: false,
    is_absence: false,
    is_of_long_texts: false,
    needs_valid_condition: false,
    never_excused: false,
    fix_unwraps: false,
    concern: None,
    kind: None,
};

#[cfg(test)]
mod tests {
    use super::super::Concern;
    use super::*;

    #[test]
    fn ids_that_code_names_are_those_of_their_rules() {
        for (id, name) in [(NOT_JSON, "not-json"), (WRAPPED, "wrapped-policy")] {
            assert_eq!(checks().find(|check| check.rule.id == id).map(|check| check.rule.name), Some(name));
        }
    }
    #[test]
    fn each_concern_is_that_of_one_rule() {
        for (concern, name) in [
            (Concern::Public, "public-access"),
            (Concern::Management, "management-by-others"),
            (Concern::WidePush, "wide-push"),
            (Concern::Length, "too-long"),
        ] {
            let of_it: Vec<&str> =
                checks().filter(|check| check.rule.concern == Some(concern)).map(|check| check.rule.name).collect();
            assert_eq!(of_it, [name]);
        }
    }
}
