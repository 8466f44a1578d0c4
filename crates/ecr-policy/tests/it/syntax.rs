//! The reader of JSON, held against another reader.

use proptest::prelude::*;

use crate::properties::parse::compare;

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "\u00e9\ud83d\ude00", "Effect": "Allow",
"Principal": {"AWS": ["111111111111", 333333333333]}, "Action": "ecr:*", "Condition": {"Bool": {"a:b": [true, -1.5E+3]}}}]}"#;

/// Pieces of which JSON is made, and what is nearly one.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"a\"",
        "\"b\"",
        "\"\\u00e9\"",
        "\"\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "\"x",
        "0",
        "-0",
        "01",
        "1.5e3",
        "1.",
        "1e400",
        "-1E+999",
        "1e-999",
        "123456789012345678901234567890",
        "18446744073709551616",
        "-9223372036854775809",
        "0.1e1",
        "+1",
        "true",
        "null",
        "True",
        " ",
        "\n",
        "\t",
        "\u{a0}",
        "\u{feff}",
        "'b'",
        "//c\n",
        "\"\\/\\b\\f\"",
        "\"\\x\"",
        "\"\u{7f}\u{2028}\"",
        "\"\t\"",
    ];
    prop::sample::select(pieces.to_vec()).prop_map(str::to_owned)
}

/// JSON around the limit of depth.
fn nested() -> impl Strategy<Value = String> {
    let levels = prop::collection::vec(any::<bool>(), 120..136);
    (levels, piece()).prop_map(|(levels, inner)| {
        let (mut before, mut after) = (String::new(), String::new());
        for is_object in levels {
            before.push_str(if is_object { "{\"a\":" } else { "[" });
            after.insert(0, if is_object { '}' } else { ']' });
        }
        format!("{before}{inner}{after}")
    })
}

fn valid() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(crate::cases::cases(1_024, 20_000))]

    #[test]
    fn any_text_is_read_as_serde_json_reads_it(text in any::<String>()) {
        compare(&text);
    }

    #[test]
    fn pieces_of_json_are_read_as_serde_json_reads_them(pieces in prop::collection::vec(piece(), 0..24)) {
        compare(&pieces.concat());
        compare(&format!("[{}]", pieces.join(",")));
        compare(&format!("{{\"a\":{}}}", pieces.join(",\"a\":")));
    }

    #[test]
    fn depth_is_limited_where_serde_json_limits_it(text in nested()) {
        compare(&text);
    }

    #[test]
    fn a_spoiled_policy_is_read_as_serde_json_reads_it(at in 0..POLICY.len(), len in 0..4_usize, with in piece()) {
        let at = POLICY.floor_char_boundary(at);
        let end = POLICY.floor_char_boundary((at + len).min(POLICY.len())).max(at);
        compare(&format!("{}{with}{}", &POLICY[..at], &POLICY[end..]));
    }

    #[test]
    fn valid_json_is_read_as_serde_json_reads_it(value in valid(), pretty in any::<bool>()) {
        compare(&if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap());
    }
}

#[test]
fn the_limit_of_depth_is_the_same_to_the_level() {
    for levels in 125..131 {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let count = levels / open.matches(['[', '{']).count();
            let inner = if open.starts_with('[') && !open.contains('{') { "" } else { "1" };
            for extra in ["", "1e999", "[]"] {
                let inner = if extra.is_empty() { inner } else { extra };
                compare(&format!("{}{inner}{}", open.repeat(count), close.repeat(count)));
            }
        }
    }
}
