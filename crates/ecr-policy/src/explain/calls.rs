//! Words for the calls that meet conditions: how far a Deny reaches.

use super::{Limit, limit_of};
use crate::condition::{Operator, TimeBound};
use crate::ecr::text::make_visible;
use crate::model::document::Condition;

/// Returns which calls meet all of these conditions, such as `calls that do not come through VPC endpoint vpce-1`; none:
/// all calls do. This is how far a Deny reaches.
pub fn calls_words(conditions: &[Condition]) -> Option<String> {
    let clauses: Vec<String> = conditions.iter().map(call_clause).collect();
    (!clauses.is_empty()).then(|| format!("calls that {}", clauses.join(" and ")))
}

fn call_clause(condition: &Condition) -> String {
    let as_written = || match limit_of(condition) {
        Limit::Only(words) | Limit::Time(words) => format!("come {words}"),
        Limit::Unless(words) => format!("do not come {words}"),
        Limit::When(words) => format!("have {words}"),
    };
    let Some(operator) = Operator::parse(&condition.operator) else { return as_written() };
    // Of several values of one key, one that differs is enough.
    if operator.negated && operator.set.is_some() {
        let (key, values) = (make_visible(&condition.key), condition.values.iter().map(|v| make_visible(v)));
        let values = values.collect::<Vec<_>>().join(" or ");
        return format!("have {key} {} {values}", make_visible(&condition.operator));
    }
    // Every request tells its time.
    if !operator.if_exists || TimeBound::of_condition(condition).is_some() {
        return as_written();
    }
    // A negated comparison is met by a call that lacks the key, with `IfExists` and without it.
    let plain = condition.operator.replace("IfExists", "");
    let words = call_clause(&Condition { operator: plain, ..condition.clone() });
    if operator.negated { words } else { format!("{words} or do not tell {}", make_visible(&condition.key)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_a_deny_reaches_are_named() {
        let condition = |operator: &str, key: &str, values: &[&str]| Condition {
            operator: operator.into(),
            key: key.into(),
            values: values.iter().map(ToString::to_string).collect(),
        };
        let cases = [
            (condition("StringNotEquals", "aws:SourceVpce", &["vpce-1"]), "do not come through VPC endpoint vpce-1"),
            (
                condition("StringNotEqualsIfExists", "aws:PrincipalOrgID", &["o-aaaaaaaaaa", "o-bbbbbbbbbb"]),
                "do not come from organization o-aaaaaaaaaa or o-bbbbbbbbbb",
            ),
            (
                condition("StringEqualsIfExists", "aws:PrincipalAccount", &["111111111111"]),
                "come from account 111111111111 or do not tell aws:PrincipalAccount",
            ),
            (condition("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24"]), "do not come from address 203.0.113.0/24"),
            (condition("DateLessThanIfExists", "aws:CurrentTime", &["2027-01-01"]), "come until 2027-01-01 00:00 UTC"),
            (condition("Bool", "aws:SecureTransport", &["false"]), "do not come over TLS"),
            (condition("StringNotEquals", "aws:SecureTransport", &["true"]), "do not come over TLS"),
            (condition("StringNotEquals", "aws:SecureTransport", &["false"]), "come over TLS"),
            (condition("Null", "aws:PrincipalArn", &["true"]), "come without aws:PrincipalArn"),
            (condition("Null", "aws:PrincipalArn", &["false"]), "come with aws:PrincipalArn"),
            (
                condition("ForAnyValue:StringNotLike", "aws:PrincipalOrgPaths", &["o-a/*"]),
                "have aws:PrincipalOrgPaths ForAnyValue:StringNotLike o-a/*",
            ),
            (
                condition("StringEquals", "aws:PrincipalTag/team", &["a\u{1b}"]),
                "have aws:PrincipalTag/team StringEquals a\u{241b}",
            ),
        ];
        for (condition, words) in &cases {
            let told = calls_words(std::slice::from_ref(condition));
            assert_eq!(told.as_deref(), Some(format!("calls that {words}").as_str()), "{condition:?}");
        }
        let both = calls_words(&[cases[0].0.clone(), cases[5].0.clone()]);
        let words = "calls that do not come through VPC endpoint vpce-1 and do not come over TLS";
        assert_eq!(both.as_deref(), Some(words));
        assert_eq!(calls_words(&[]), None);
    }
}
