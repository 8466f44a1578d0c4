//! Merging another policy, such as one from a vendor's page, into a policy text.

use super::{EditProblem, Edited, append_statement, free_sid, read_policy};
use crate::canonical::same_access;
use crate::model::document::Policy;
use crate::syntax::{Node, Value};
use crate::text::layout::{Json, Layout};

/// Adds the statements of another policy that the text does not have, by meaning, behind its own. All bytes of the text
/// stay; a Sid that is taken gets a number. Without a text, or with an empty one, the other policy is the whole result.
pub fn merge_policy(text: Option<&str>, other: &str) -> Result<Edited, EditProblem> {
    let (theirs, their_root) = read_policy(other)?;
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        let touched = (0..theirs.statements.len()).collect();
        return Ok(Edited { text: other.to_owned(), changed: true, touched, offers: Vec::new() });
    };
    let mut merged = text.to_owned();
    let mut touched = Vec::new();
    let their_nodes = their_root.get("Statement").map(|member| member.value.one_or_many()).unwrap_or_default();
    for (statement, node) in theirs.statements.iter().zip(their_nodes) {
        let (policy, root) = read_policy(&merged)?;
        if policy.statements.iter().any(|ours| same_access(ours, statement)) {
            continue;
        }
        let Some(statements) = root.get("Statement").map(|member| &member.value) else {
            return Err(EditProblem::Unreadable(Vec::new()));
        };
        let added = with_free_sid(json_of(node), &policy);
        touched.push(statements.one_or_many().len());
        let layout = Layout::detect(&merged, &root);
        append_statement(&mut merged, statements, &added, layout);
    }
    let changed = merged != text;
    Ok(Edited { text: merged, changed, touched, offers: Vec::new() })
}

/// Gives a statement the next free Sid where its own is taken.
fn with_free_sid(statement: Json, policy: &Policy) -> Json {
    let Json::Object(members) = statement else { return statement };
    let free = |(name, value): (String, Json)| match value {
        Json::Text(sid) if name == "Sid" => (name, Json::Text(free_sid(policy, &sid))),
        value => (name, value),
    };
    Json::Object(members.into_iter().map(free).collect())
}

/// Returns what a tree says, apart from its layout.
fn json_of(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Word("null".to_owned()),
        Value::Bool(value) => Json::Word(value.to_string()),
        Value::Number(digits) => Json::Word(digits.clone()),
        Value::String(text) => Json::Text(text.clone()),
        Value::Array(elements) => Json::List(elements.iter().map(json_of).collect()),
        Value::Object(members) => {
            Json::Object(members.iter().map(|member| (member.key.text.clone(), json_of(&member.value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::canonical::same_meaning;
    use crate::delta::delta;

    const OURS: &str = "{ \"Version\": \"2008-10-17\", \"Statement\": [ {\"Sid\": \"Vendor\", \"Effect\": \"Allow\",\n  \
                        \"Principal\": {\"AWS\": \"333333333333\"}, \"Action\": \"ecr:BatchGetImage\"} ] }";

    fn statement(sid: &str, effect: &str, account: &str, action: &str) -> String {
        format!(
            r#"{{"Sid": "{sid}", "Effect": "{effect}", "Principal": {{"AWS": "{account}"}}, "Action": ["{action}"]}}"#
        )
    }

    fn policy(statements: &[String]) -> String {
        format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
    }

    #[test]
    fn their_statements_come_behind_ours_with_a_sid_of_their_own() {
        let theirs = policy(&[statement("Vendor", "Allow", "111111111111", "ecr:ListImages")]);
        let merged = merge_policy(Some(OURS), &theirs).unwrap();
        assert_eq!((merged.changed, merged.touched.as_slice()), (true, [1].as_slice()));
        assert!(merged.text.starts_with(OURS.trim_end_matches("} ] }")), "{}", merged.text);
        assert!(merged.text.contains("\"Vendor2\"") && merged.text.contains("2008-10-17"), "{}", merged.text);
        // A second time nothing is new.
        let again = merge_policy(Some(&merged.text), &theirs).unwrap();
        assert_eq!((again.changed, again.text), (false, merged.text));
    }

    #[test]
    fn without_a_policy_theirs_is_the_whole_one_and_what_cannot_be_read_is_refused() {
        let theirs = policy(&[statement("a", "Deny", "111111111111", "ecr:*")]);
        for none in [None, Some(" \n")] {
            assert_eq!(merge_policy(none, &theirs).unwrap().text, theirs);
        }
        assert!(merge_policy(Some(OURS), "{").is_err());
        assert!(merge_policy(Some("{"), &theirs).is_err());
    }

    fn any_policy() -> impl Strategy<Value = String> {
        let one = (
            "[A-C]",
            prop::sample::select(vec!["Allow", "Deny"]),
            prop::sample::select(vec!["111111111111", "333333333333", "*"]),
            prop::sample::select(vec!["ecr:BatchGetImage", "ecr:ListImages", "ecr:*"]),
        )
            .prop_map(|(sid, effect, account, action)| statement(&sid, effect, account, action));
        prop::collection::vec(one, 1..4).prop_map(|all| policy(&all))
    }

    proptest! {
        #[test]
        fn merging_changes_access_as_both_lists_of_statements_together(ours in any_policy(), theirs in any_policy()) {
            let merged = merge_policy(Some(&ours), &theirs).unwrap();
            let read = |text: &str| Policy::read(text).unwrap();
            let mut both = read(&ours);
            both.statements.extend(read(&theirs).statements);
            prop_assert!(delta(Some(&both), Some(&read(&merged.text))).is_empty(), "{}", merged.text);
            // What is ours stays where it is, and nothing is merged twice.
            for (at, statement) in read(&ours).statements.iter().enumerate() {
                prop_assert!(same_access(statement, &read(&merged.text).statements[at]));
            }
            prop_assert!(same_meaning(&merge_policy(Some(&merged.text), &theirs).unwrap().text, &merged.text));
        }
    }
}
