//! Places in a document as JSON pointers (RFC 6901).

use super::{Node, Span, Value};

/// The JSON pointer of the innermost value that holds a range; the pointer of a member's value stands for its name too.
/// Empty for the document as a whole, and for a range outside it.
pub fn json_pointer(root: &Node, span: Span) -> String {
    let mut pointer = String::new();
    let mut node = root;
    while let Some((step, inner)) = step_into(node, span) {
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        node = inner;
    }
    pointer
}

fn step_into(node: &Node, span: Span) -> Option<(String, &Node)> {
    let within = |start: usize, end: usize| start <= span.start && span.end <= end;
    match &node.value {
        Value::Array(items) => {
            let at = items.iter().position(|item| within(item.span.start, item.span.end))?;
            items.get(at).map(|item| (at.to_string(), item))
        }
        Value::Object(members) => {
            let member = members.iter().find(|m| within(m.key.span.start, m.value.span.end))?;
            Some((member.key.text.clone(), &member.value))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn a_range_is_named_by_the_innermost_value_around_it() {
        let text = r#"{"a":[{"b/c~d":"x"}, "y"], "e": 1}"#;
        let root = parse(text).root.unwrap();
        let of = |part: &str| {
            let start = text.find(part).unwrap();
            json_pointer(&root, Span::new(start, start + part.len()))
        };
        assert_eq!(of("\"x\""), "/a/0/b~1c~0d");
        assert_eq!(of("\"b/c~d\""), "/a/0/b~1c~0d", "a name stands for its value");
        assert_eq!(of("\"y\""), "/a/1");
        assert_eq!(of(", \"y\""), "/a");
        assert_eq!(of("\"e\": 1"), "/e");
        assert_eq!(of(", \"e\""), "");
        assert_eq!(json_pointer(&root, Span::new(500, 600)), "");
    }
}
