//! Equality of meaning.

use super::condition::normal_all;
use super::model::document::{Principals, Statement};
use super::model::principal::PrincipalKind;
use super::syntax::{Node, Parsed, Value, parse};
use crate::ecr::json_string::quote_string;
use crate::ecr::{Arn, Partition};
use crate::model::actions::ActionSet;

/// Tells whether two policy texts mean the same: order, single or list, account id or root ARN, `"*"` or `{"AWS":
/// "*"}`, empty blocks of conditions and layout do not count; `Version`, `Id` and `Sid` do. Texts that are no JSON are
/// compared byte by byte.
pub fn same_meaning(a: &str, b: &str) -> bool {
    a == b || same_meaning_of_read((a, &parse(a)), (b, &parse(b)))
}

/// Tells whether two texts mean the same, each given with its tree; see [`same_meaning`].
pub fn same_meaning_of_read((a, read_a): (&str, &Parsed), (b, read_b): (&str, &Parsed)) -> bool {
    match (read_a.valid_root(), read_b.valid_root()) {
        _ if a == b => true,
        (Some(one), Some(other)) => {
            let partition = shared_partition(a, b);
            canonical_text(one, Place::Document, partition) == canonical_text(other, Place::Document, partition)
        }
        _ => false,
    }
}

/// Tells whether two statements give or take the same: everything but the Sid and the way it is written. An empty list
/// of actions on both sides is the same nothing.
pub fn same_access(a: &Statement, b: &Statement) -> bool {
    a.effect == b.effect
        && ActionSet::of(&a.actions) == ActionSet::of(&b.actions)
        && normal_all(&a.conditions) == normal_all(&b.conditions)
        && same_principals(&a.principals, &b.principals)
        && a.resource.is_some() == b.resource.is_some()
}

fn same_principals(a: &Principals, b: &Principals) -> bool {
    let within =
        |a: &Principals, b: &Principals| a.entries.iter().all(|p| b.entries.iter().any(|q| p.kind.same_as(&q.kind)));
    a.negated == b.negated && within(a, b) && within(b, a)
}

/// The place of a value in a policy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Document,
    Statement,
    Principal,
    PrincipalList,
    ActionList,
    Operators,
    ConditionKeys,
    ConditionValues,
    /// Not known to the policy language: kept in order.
    Plain,
}

impl Place {
    /// The place of a member of an object that stands at this place.
    fn member_place(self, name: &str) -> Self {
        match (self, name) {
            (Self::Document, "Statement") => Self::Statement,
            (Self::Statement, "Principal" | "NotPrincipal") => Self::Principal,
            (Self::Statement, "Action" | "NotAction" | "Resource" | "NotResource") => Self::ActionList,
            (Self::Statement, "Condition") => Self::Operators,
            (Self::Principal, _) => Self::PrincipalList,
            (Self::Operators, _) => Self::ConditionKeys,
            (Self::ConditionKeys, _) => Self::ConditionValues,
            _ => Self::Plain,
        }
    }

    fn is_set(self) -> bool {
        matches!(self, Self::Statement | Self::PrincipalList | Self::ActionList | Self::ConditionValues)
    }
}

/// One text for all values that mean the same at their place.
fn canonical_text(node: &Node, place: Place, partition: Partition) -> String {
    match &node.value {
        Value::Array(elements) => {
            let mut parts: Vec<String> = elements.iter().map(|e| canonical_text(e, place, partition)).collect();
            if place.is_set() {
                parts.sort();
                // The same statement twice is still one too many to call the texts equal.
                if place != Place::Statement {
                    parts.dedup();
                }
            }
            format!("[{}]", parts.join(","))
        }
        Value::Object(members) => {
            let lower = matches!(place, Place::Operators | Place::ConditionKeys);
            let mut parts: Vec<String> = members
                .iter()
                .filter_map(|m| {
                    let below = place.member_place(&m.key.text);
                    let value = canonical_text(&m.value, below, partition);
                    // A block of conditions without any says nothing.
                    if matches!(below, Place::Operators | Place::ConditionKeys) && value == "{}" {
                        return None;
                    }
                    let single = below.is_set() && !matches!(m.value.value, Value::Array(_));
                    let name = if lower { m.key.text.to_ascii_lowercase() } else { m.key.text.clone() };
                    Some(format!("{}:{}", quote_string(&name), if single { format!("[{value}]") } else { value }))
                })
                .collect();
            if place == Place::Document && node.get("Version").is_none() {
                parts.push("\"Version\":\"2008-10-17\"".to_owned());
            }
            parts.sort();
            format!("{{{}}}", parts.join(","))
        }
        Value::String(text) => match place {
            Place::Principal if text == "*" => "{\"AWS\":[\"*\"]}".to_owned(),
            Place::PrincipalList => quote_string(&account_as_root(text, partition)),
            Place::ActionList => quote_string(&text.to_ascii_lowercase()),
            _ => quote_string(text),
        },
        Value::Number(text) if place == Place::ConditionValues => quote_string(text),
        Value::Bool(is) if place == Place::ConditionValues => quote_string(&is.to_string()),
        Value::Number(text) => text.clone(),
        Value::Bool(is) => is.to_string(),
        Value::Null => "null".to_owned(),
    }
}

/// A bare account id as the root ARN that ECR makes of it, in the repository's own partition.
fn account_as_root(text: &str, partition: Partition) -> String {
    match PrincipalKind::classify_aws(text) {
        PrincipalKind::Account(id, None) => Arn::account_root(partition, &id).to_string(),
        _ => text.to_owned(),
    }
}

/// The partition of the repository, as far as the principals tell: the only one that they name, otherwise `aws`.
fn shared_partition(a: &str, b: &str) -> Partition {
    let named = |p: &Partition| {
        let services = ["iam", "sts"].map(|service| format!("arn:{p}:{service}:"));
        services.iter().any(|s| a.contains(s) || b.contains(s))
    };
    let named: Vec<Partition> = Partition::ALL.into_iter().filter(named).collect();
    match named.as_slice() {
        [only] => *only,
        _ => Partition::Aws,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::document::Policy;

    const ONE: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"a","Effect":"Allow","Principal":{"AWS":"111111111111"},
        "Action":"ecr:BatchGetImage","Condition":{"StringEquals":{"aws:SourceVpce":["vpce-1","vpce-2"]}}}}"#;

    #[test]
    fn layout_order_and_spelling_do_not_count() {
        let same = r#"{
  "Statement" : [ {
    "Condition" : { "StringEquals" : { "aws:sourcevpce" : [ "vpce-2", "vpce-1" ] } },
    "Action" : [ "ecr:batchgetimage" ],
    "Principal" : { "AWS" : [ "arn:aws:iam::111111111111:root" ] },
    "Effect" : "Allow",
    "Sid" : "a"
  } ],
  "Version" : "2012-10-17"
}"#;
        assert!(same_meaning(ONE, same));
        let (a, b) = (Policy::read(ONE).unwrap(), Policy::read(same).unwrap());
        assert!(same_access(&a.statements[0], &b.statements[0]));
    }

    #[test]
    fn a_condition_that_says_nothing_does_not_count() {
        let with = |condition: &str| {
            format!(r#"{{"Statement":[{{"Effect":"Allow","Principal":"*","Action":"*"{condition}}}]}}"#)
        };
        let none = with("");
        for condition in [r#","Condition":{}"#, r#","Condition":{"StringEquals":{},"Bool":{}}"#] {
            assert!(same_meaning(&none, &with(condition)), "{condition}");
        }
        assert!(!same_meaning(&none, &with(r#","Condition":{"StringEquals":{"aws:username":[]}}"#)), "nobody meets it");
    }

    #[test]
    fn what_changes_the_meaning_counts() {
        for (from, to) in [
            ("2012-10-17", "2008-10-17"),
            ("\"a\"", "\"b\""),
            ("Allow", "Deny"),
            ("111111111111", "333333333333"),
            ("BatchGetImage", "PutImage"),
            ("\"Action\"", "\"NotAction\""),
            ("vpce-2", "vpce-3"),
            ("StringEquals", "StringNotEquals"),
            ("}}}}", "}}},\"Id\":\"x\"}"),
        ] {
            assert!(!same_meaning(ONE, &ONE.replace(from, to)), "{from} -> {to}");
        }
        assert!(same_meaning(&ONE.replace("2012", "2008"), &ONE.replace("\"Version\":\"2012-10-17\",", "")));
        let (id, root) = ("\"111111111111\"", "\"arn:aws-cn:iam::111111111111:root\"");
        assert!(same_meaning(ONE, &ONE.replace(id, root)), "an id is expanded in the repository's own partition");
        assert!(!same_meaning(&ONE.replace(id, "\"arn:aws:iam::111111111111:root\""), &ONE.replace(id, root)));
        assert!(same_meaning("{", "{") && !same_meaning("{", "{ "));
        assert!(same_meaning(r#"{"Statement":{"Principal":"*"}}"#, r#"{"Statement":[{"Principal":{"AWS":["*"]}}]}"#));
    }
}
