//! Conditions that nothing but the caller's account decides.

use super::{Family, Operator};
use crate::model::document::{Condition, Statement};

/// Tells whether each condition of a statement comes out the same for all calls of one account: exact values of keys that the
/// caller's account or ECR itself settles. Source: AWS's guide to global condition keys; ECR is reached over TLS alone.
pub fn is_settled(statement: &Statement) -> bool {
    let is_settled = |condition: &Condition| {
        let Some(operator) = Operator::parse(&condition.operator) else { return false };
        let is_key = |keys: &[&str]| keys.iter().any(|key| condition.key.eq_ignore_ascii_case(key));
        let is_exact = operator.set.is_none() && condition.values.iter().all(|value| !value.contains("${"));
        let by_account = is_key(&["aws:PrincipalAccount", "aws:SecureTransport", "aws:PrincipalIsAWSService"]);
        is_exact
            && match operator.family {
                Family::Text | Family::TextIgnoreCase | Family::Bool => by_account,
                Family::Null => by_account || is_key(&["aws:PrincipalArn"]),
                _ => false,
            }
    };
    statement.conditions.iter().all(is_settled)
}
