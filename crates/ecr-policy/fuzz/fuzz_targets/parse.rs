#![no_main]

#[path = "../compare.rs"]
mod compare;

use ecr_policy::syntax::{LineIndex, Node, Value, parse, tokens};
use libfuzzer_sys::fuzz_target;

fn inside(text: &str, node: &Node) {
    assert!(text.get(node.span.start..node.span.end).is_some());
    match &node.value {
        Value::Array(items) => items.iter().for_each(|item| inside(text, item)),
        Value::Object(members) => {
            for member in members {
                assert!(text.get(member.key.span.start..member.key.span.end).is_some());
                inside(text, &member.value);
            }
        }
        _ => {}
    }
}

fuzz_target!(|text: &str| {
    let parsed = parse(text);
    let lines = LineIndex::new(text);
    for error in &parsed.errors {
        assert!(text.get(error.span.start..error.span.end).is_some());
        lines.position(error.span.start);
        for (span, _) in error.repair.iter().flat_map(|repair| &repair.edits) {
            assert!(text.get(span.start..span.end).is_some());
        }
    }
    for token in tokens(text) {
        assert!(text.get(token.span.start..token.span.end).is_some());
    }
    if let Some(root) = &parsed.root {
        inside(text, root);
    }
    compare::compare(text);
});
