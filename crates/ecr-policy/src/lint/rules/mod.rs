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

/// The id of the rule about access for everyone.
pub const PUBLIC: &str = "S101";

/// The id of the rule about others who may change the policy or delete.
pub const MANAGEMENT: &str = "S107";

/// The id of the rule about a push by everyone, or by a whole organization.
pub const WIDE_PUSH: &str = "S110";

/// The id of the rule about the length.
pub const TOO_LONG: &str = "E029";

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
    kind: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_code_names_are_those_of_their_rules() {
        for (id, name) in [
            (NOT_JSON, "not-json"),
            (PUBLIC, "public-access"),
            (MANAGEMENT, "management-by-others"),
            (WIDE_PUSH, "wide-push"),
            (TOO_LONG, "too-long"),
            (WRAPPED, "wrapped-policy"),
        ] {
            assert_eq!(checks().find(|check| check.rule.id == id).map(|check| check.rule.name), Some(name));
        }
    }
}
