//! Every place that the reader of JSON tells lies in the text; what it takes and what it reads is what `serde_json` does.

use ecr_policy::syntax::{LineIndex, Node, Value, parse, tokens};

pub fn check_text(text: &str) {
    let parsed = parse(text);
    let lines = LineIndex::new(text);
    for error in &parsed.errors {
        assert!(text.get(error.span.start..error.span.end).is_some(), "{error:?}");
        lines.position_of(error.span.start);
        for (span, _) in error.repair.iter().flat_map(|repair| &repair.edits) {
            assert!(text.get(span.start..span.end).is_some(), "{error:?}");
        }
    }
    for token in tokens(text) {
        assert!(text.get(token.span.start..token.span.end).is_some(), "{token:?}");
    }
    if let Some(root) = &parsed.root {
        is_inside(text, root);
    }
    compare(text);
}

fn is_inside(text: &str, node: &Node) {
    assert!(text.get(node.span.start..node.span.end).is_some());
    match &node.value {
        Value::Array(items) => items.iter().for_each(|item| is_inside(text, item)),
        Value::Object(members) => {
            for member in members {
                assert!(text.get(member.key.span.start..member.key.span.end).is_some());
                is_inside(text, &member.value);
            }
        }
        _ => {}
    }
}

/// Fails where the two readers part. Their limits of depth are the same; a number that no computer holds is JSON all the
/// same, and `serde_json` is asked again with another in its place.
pub fn compare(text: &str) {
    let parsed = parse(text);
    let theirs = serde_json::from_str::<serde_json::Value>(text);
    let Some(root) = parsed.root.filter(|_| parsed.errors.is_empty()) else {
        assert!(!parsed.errors.is_empty(), "neither a value nor an error: {text:?}");
        assert!(theirs.is_err(), "{:?} in {text:?}", parsed.errors.first());
        return;
    };
    let theirs = match theirs {
        Err(error) if error.to_string().starts_with("number out of range") => {
            let mut text = text.to_owned();
            numbers_apart(&root, &mut text);
            serde_json::from_str(&text)
        }
        theirs => theirs,
    };
    match theirs {
        Ok(theirs) => assert_eq!(value(&root), theirs, "{text:?}"),
        Err(error) => panic!("{error} in {text:?}"),
    }
}

/// Puts 0 in the place of numbers that no computer holds, from the end of the text.
fn numbers_apart(node: &Node, text: &mut String) {
    match &node.value {
        Value::Number(written) if is_beyond(written) => {
            text.replace_range(node.span.start..node.span.end, "0");
        }
        Value::Array(elements) => elements.iter().rev().for_each(|element| numbers_apart(element, text)),
        Value::Object(members) => members.iter().rev().for_each(|member| numbers_apart(&member.value, text)),
        _ => {}
    }
}

fn is_beyond(written: &str) -> bool {
    written.parse::<f64>().is_ok_and(f64::is_infinite)
}

/// A value as `serde_json` holds it: of members with the same name the last one counts.
fn value(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Number(written) if is_beyond(written) => 0.into(),
        Value::Number(written) => serde_json::from_str(written).unwrap_or_else(|error| panic!("{error}: {written}")),
        Value::String(text) => text.clone().into(),
        Value::Array(elements) => elements.iter().map(value).collect(),
        Value::Object(members) => {
            members.iter().map(|member| (member.key.text.clone(), value(&member.value))).collect()
        }
    }
}
