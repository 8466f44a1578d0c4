//! The form in which ECR keeps and shows a policy: bare account ids become root ARNs, principals come in an order of
//! ECR's own, a deleted principal shows as its unique id, and the text is printed anew.
//!
//! The layout is the one of AWS's own samples (`"Key" : value`, two blanks a level, `[ a, b ]`). Reports tell that
//! principals come back in another order, and account ids as ARNs. The real order is not known: here it is the
//! alphabetical one. The order of an object's keys is kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::ecr::{AccountId, Arn, Partition};

/// Returns the text as ECR stores it; `None`: the text is no JSON.
pub(super) fn stored_form(text: &str, partition: Partition) -> Option<String> {
    let mut policy: Value = serde_json::from_str(text).ok()?;
    change_principals(&mut policy, &|name| match AccountId::parse(name) {
        Ok(account) if account.as_str() == name => Arn::account_root(partition, &account).to_string(),
        _ => name.to_owned(),
    });
    Some(print_json(&policy))
}

/// Returns the text as a reader gets it: deleted principals show as their unique ids.
pub(super) fn shown_form(stored: &str, deleted: &BTreeMap<String, String>) -> String {
    if !deleted.keys().any(|arn| stored.contains(arn.as_str())) {
        return stored.to_owned();
    }
    let Ok(mut policy) = serde_json::from_str::<Value>(stored) else { return stored.to_owned() };
    change_principals(&mut policy, &|name| deleted.get(name).cloned().unwrap_or_else(|| name.to_owned()));
    print_json(&policy)
}

fn change_principals(policy: &mut Value, change: &dyn Fn(&str) -> String) {
    let statements: Vec<&mut Value> = match policy.get_mut("Statement") {
        Some(Value::Array(list)) => list.iter_mut().collect(),
        Some(single) => vec![single],
        None => return,
    };
    for statement in statements {
        for key in ["Principal", "NotPrincipal"] {
            let Some(Value::Object(kinds)) = statement.get_mut(key) else { continue };
            for (kind, value) in kinds.iter_mut() {
                let change_one = |text: &mut String| {
                    if kind == "AWS" {
                        *text = change(text);
                    }
                };
                match value {
                    Value::String(text) => change_one(text),
                    Value::Array(list) => sort_names(list, change_one),
                    _ => {}
                }
            }
        }
    }
}

fn sort_names(list: &mut Vec<Value>, mut change: impl FnMut(&mut String)) {
    for value in list.iter_mut() {
        if let Value::String(text) = value {
            change(text);
        }
    }
    list.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    list.dedup();
}

/// Prints JSON as ECR does.
pub(super) fn print_json(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, 0);
    text
}

fn write_value(out: &mut String, value: &Value, level: usize) {
    match value {
        Value::Object(members) if members.is_empty() => out.push_str("{ }"),
        Value::Object(members) => {
            out.push('{');
            for (index, (key, member)) in members.iter().enumerate() {
                out.push_str(if index == 0 { "\n" } else { ",\n" });
                add_indent(out, level + 1);
                let _ = write!(out, "{} : ", Value::String(key.clone()));
                write_value(out, member, level + 1);
            }
            out.push('\n');
            add_indent(out, level);
            out.push('}');
        }
        Value::Array(items) if items.is_empty() => out.push_str("[ ]"),
        Value::Array(items) => {
            out.push_str("[ ");
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_value(out, item, level);
            }
            out.push_str(" ]");
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

fn add_indent(out: &mut String, level: usize) {
    for _ in 0..level {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_the_one_of_awss_own_sample() {
        // The output of `aws ecr get-repository-policy` in the AWS CLI's examples.
        let sample = "{\n  \"Version\" : \"2008-10-17\",\n  \"Statement\" : [ {\n    \"Sid\" : \"allow public pull\",\n    \
                      \"Effect\" : \"Allow\",\n    \"Principal\" : \"*\",\n    \"Action\" : [ \
                      \"ecr:BatchCheckLayerAvailability\", \"ecr:BatchGetImage\", \"ecr:GetDownloadUrlForLayer\" ]\n  } ]\n}";
        let minified = serde_json::from_str::<Value>(sample).unwrap().to_string();
        assert_eq!(stored_form(&minified, Partition::Aws).unwrap(), sample);
        assert_eq!(stored_form(sample, Partition::Aws).unwrap(), sample);
    }

    #[test]
    fn statements_in_a_list_are_joined_on_one_line() {
        let text = stored_form(r#"{"Statement":[{"Sid":"a"},{"Sid":"b"}],"Empty":[],"None":{}}"#, Partition::Aws);
        assert_eq!(
            text.unwrap(),
            "{\n  \"Statement\" : [ {\n    \"Sid\" : \"a\"\n  }, {\n    \"Sid\" : \"b\"\n  } ],\n  \"Empty\" : [ ],\n  \
             \"None\" : { }\n}"
        );
    }

    #[test]
    fn account_ids_become_root_arns_of_the_partition_and_principals_are_sorted() {
        let text = r#"{"Statement":{"Principal":{"AWS":["555555555555","arn:aws-cn:iam::111111111111:root"],"Service":["b.amazonaws.com","a.amazonaws.com"]}}}"#;
        let stored = stored_form(text, Partition::China).unwrap();
        assert!(
            stored.contains(
                r#""AWS" : [ "arn:aws-cn:iam::111111111111:root", "arn:aws-cn:iam::555555555555:root" ],
      "Service" : [ "a.amazonaws.com", "b.amazonaws.com" ]"#
            ),
            "{stored}"
        );
        let single = stored_form(r#"{"Statement":{"Principal":{"AWS":"555555555555"}}}"#, Partition::Aws).unwrap();
        assert!(single.contains(r#""AWS" : "arn:aws:iam::555555555555:root""#), "{single}");
    }

    #[test]
    fn a_deleted_principal_shows_as_its_unique_id() {
        let deleted = BTreeMap::from([("arn:aws:iam::555555555555:role/gone".to_owned(), "AROAGONE".to_owned())]);
        let stored =
            stored_form(r#"{"Statement":{"Principal":{"AWS":"arn:aws:iam::555555555555:role/gone"}}}"#, Partition::Aws)
                .unwrap();
        assert!(shown_form(&stored, &deleted).contains(r#""AWS" : "AROAGONE""#));
        assert_eq!(shown_form(&stored, &BTreeMap::new()), stored);
    }

    proptest::proptest! {
        #[test]
        fn every_text_comes_back(text in proptest::prelude::any::<String>()) {
            let value = serde_json::json!({ (text.clone()): [text, "\u{2028}\u{7f}\u{1}\"\\", {}, []] });
            proptest::prop_assert_eq!(serde_json::from_str::<Value>(&print_json(&value)).unwrap(), value);
        }
    }

    #[test]
    fn what_is_no_json_has_no_stored_form() {
        assert_eq!(stored_form("{'Version': '2012-10-17'}", Partition::Aws), None);
    }
}
