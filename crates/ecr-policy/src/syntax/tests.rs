use proptest::prelude::*;

use super::*;

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "AllowPull",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
      "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }
  ]
}"#;

fn slips(text: &str) -> Vec<Slip> {
    parse(text).errors.iter().map(|e| e.slip).collect()
}

fn repaired(text: &str) -> String {
    let mut text = text.to_owned();
    let mut edits: Vec<_> = parse(&text).errors.into_iter().filter_map(|e| e.repair).flat_map(|r| r.edits).collect();
    edits.sort();
    for (span, with) in edits.into_iter().rev() {
        text.replace_range(span.start..span.end, &with);
    }
    text
}

#[test]
fn every_value_key_and_token_has_its_place() {
    let parsed = parse(POLICY);
    assert!(parsed.errors.is_empty());
    let root = parsed.root.unwrap();
    let statement = &root.get("Statement").unwrap().value.one_or_many()[0];
    let sid = statement.get("Sid").unwrap();
    assert_eq!(sid.key.span.text_in(POLICY), "\"Sid\"");
    assert_eq!(sid.value.span.text_in(POLICY), "\"AllowPull\"");
    assert!(
        statement.span.text_in(POLICY).starts_with("{\n      \"Sid\"") && statement.span.text_in(POLICY).ends_with('}')
    );
    let tokens = tokens(POLICY);
    let kind = |needle: &str| tokens.iter().find(|t| t.span.text_in(POLICY) == needle).unwrap().kind;
    assert_eq!(kind("\"Sid\""), TokenKind::Key);
    assert_eq!(kind("\"AllowPull\""), TokenKind::String);
    assert_eq!(kind("{"), TokenKind::Punctuation);
}

#[test]
fn the_usual_slips_are_called_by_their_names() {
    let cases: &[(&str, &[Slip])] = &[
        ("{\"a\": 1, // why\n \"b\": 2}", &[Slip::Comment]),
        ("{\"a\": 1, # why\n \"b\": /* c */ 2}", &[Slip::Comment, Slip::Comment]),
        ("{\"a\": [1, 2,], \"b\": 2,}", &[Slip::TrailingComma, Slip::TrailingComma]),
        ("{'a': 'it\\'s'}", &[Slip::SingleQuotes, Slip::SingleQuotes]),
        ("{\u{201c}a\u{201d}: \u{201e}b\u{201c}}", &[Slip::SmartQuotes, Slip::SmartQuotes]),
        ("\u{feff}{\"a\": 1}", &[Slip::ByteOrderMark]),
        ("{\u{a0}\u{a0}\"a\": 1}", &[Slip::OddBlank]),
        ("{\"a\": \"b,\n \"c\": \"d\"}", &[Slip::UnterminatedString]),
        ("{\"a\": 1 \"b\": 2}", &[Slip::MissingComma]),
        ("[\"a\"\n\"b\"]", &[Slip::MissingComma]),
        ("{\"a\" 1, \"b\": 2}", &[Slip::MissingColon]),
        ("{\"a\" = 1}", &[Slip::MissingColon]),
        ("{\"a\": 1}\nEOF\n", &[Slip::TextAfter]),
        ("{\"a\": 1} {\"b\": 2}", &[Slip::TextAfter]),
        ("policy = {\"a\": 1}", &[Slip::TextBefore]),
        ("```json\n{\"a\": 1}\n```", &[Slip::TextBefore, Slip::TextAfter]),
        ("{a: 1}", &[Slip::UnquotedKey]),
        ("{\"a\": Allow}", &[Slip::UnquotedValue]),
        ("{\"a\": True}", &[Slip::PythonWord]),
        ("{\"a\": 012345678901}", &[Slip::BadNumber]),
        ("{\"a\": [1, 2}", &[Slip::Unclosed]),
        ("{\"a\": 1", &[Slip::Unclosed]),
        ("{\"a\": 1]}", &[Slip::Mismatched]),
        ("{\"a\": }", &[Slip::MissingValue]),
        ("{\"a\": \"\\u00Pull\"}", &[Slip::BadEscape]),
        ("{\"a\": \"\\x\"}", &[Slip::BadEscape]),
        ("{\"a\": \"\\ud83d\"}", &[Slip::LoneSurrogate]),
        ("{\"a\": \"\\udc00\\ud83d\"}", &[Slip::LoneSurrogate, Slip::LoneSurrogate]),
        ("{\"a\": \"b\tc\"}", &[Slip::ControlCharacter]),
        ("", &[Slip::Empty]),
        (" \n", &[Slip::Empty]),
        ("{\"a\": \0 1}", &[Slip::Other]),
    ];
    for (text, expected) in cases {
        assert_eq!(&slips(text), expected, "{text:?}: {:?}", parse(text).errors);
    }
}

#[test]
fn a_quote_left_out_inside_a_line_is_put_where_it_belongs() {
    let text = "{\"Version: \"2012-10-17\", \"Effect\": \"Allow, \"Sid\": \"a\"}";
    assert_eq!(slips(text), [Slip::UnterminatedString, Slip::UnterminatedString]);
    assert_eq!(repaired(text), "{\"Version\": \"2012-10-17\", \"Effect\": \"Allow\", \"Sid\": \"a\"}");
    assert_eq!(slips("{\"a: \":\"b, \"}"), [], "blanks and marks inside a string are its own");
}

#[test]
fn odd_blanks_and_escapes_are_told_by_name() {
    let message = |text: &str| parse(text).errors[0].message.clone();
    assert!(message("{\u{a0}}").contains("no-break space (U+00A0)"));
    assert!(message("{\u{200b}}").contains("cannot be seen (U+200B)"));
    assert!(message("{\u{feff}}").contains("byte order mark"));
    assert_eq!(repaired("{\"a\": \"it\\'s\"}"), "{\"a\": \"it's\"}");
    assert!(message("```json\n{}\n```").contains("code fence"));
}

#[test]
fn several_independent_errors_are_reported_and_the_rest_is_still_read() {
    let text = "{\n  Version: \"2012-10-17\",\n  \"Statement\": [\n    {\"Sid\": 'x',},\n    {\"Effect\" \"Allow\"}\n  ] // end\n}\n";
    assert_eq!(
        slips(text),
        [Slip::UnquotedKey, Slip::SingleQuotes, Slip::TrailingComma, Slip::MissingColon, Slip::Comment]
    );
    let root = parse(text).root.unwrap();
    let statements = root.get("Statement").unwrap().value.one_or_many();
    assert_eq!(statements.len(), 2);
    assert_eq!(statements[1].get("Effect").unwrap().value.as_str(), Some("Allow"));
    let fixed = repaired(text);
    assert!(parse(&fixed).errors.is_empty(), "{fixed}");
}

#[test]
fn repairs_give_valid_json() {
    let texts = [
        "{\"a\": 1, // why\n \"b\": 2,}",
        "{'a': 'it\\'s \"so\"'}",
        "{\u{201c}a\u{201d}: \u{2018}b\u{2019}}",
        "\u{feff}{\u{a0}\"a\": True, b: 012345678901}",
        "{\"a\": \"b,\n \"c\": \"d\"}",
        "```json\n{\"a\" = [1 2 3]}\n```",
        "{\"a\": 1}\nEOF\n",
    ];
    for text in texts {
        let fixed = repaired(text);
        assert!(serde_json::from_str::<serde_json::Value>(&fixed).is_ok(), "{text:?} became {fixed:?}");
    }
}

#[test]
fn escapes_are_resolved_in_names_and_values() {
    let parsed = parse(r#"{"\u0045ffect": "\ud83d\ude00\n\/"}"#);
    assert!(parsed.errors.is_empty());
    let root = parsed.root.unwrap();
    assert_eq!(root.get("Effect").unwrap().value.as_str(), Some("\u{1F600}\n/"));
}

#[test]
fn bombs_and_floods_are_errors_and_no_crash() {
    assert_eq!(slips(&"[".repeat(8000)), [Slip::TooDeep]);
    assert_eq!(slips(&"{\"a\":".repeat(200_000)), [Slip::TooDeep]);
    let deepest = format!("{}{}", "[".repeat(MOST_LEVELS), "]".repeat(MOST_LEVELS));
    assert!(slips(&deepest).is_empty());
    assert!(serde_json::from_str::<serde_json::Value>(&deepest).is_ok());
    for flood in ["'", "\u{201c}", "}", ",", "\"", "a ", "\0 ", ": ", "\\", "/*", "//\n"] {
        assert!(parse(&flood.repeat(300_000)).errors.len() <= MOST_ERRORS);
        assert!(!tokens(&flood.repeat(1000)).is_empty());
    }
}

/// Text that is nearly JSON, so that the interesting branches are met.
fn nearly_json() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"a\"",
        "\"Effect\"",
        "\"\\u00e9\"",
        "\"\\ud800\"",
        "\"x",
        "1",
        "-0",
        "01",
        "1.5e3",
        "1.",
        "true",
        "null",
        "True",
        " ",
        "\n",
        "'b'",
        "\u{201c}c\u{201d}",
        "\u{a0}",
        "//x\n",
        "#",
        "=",
        "\\",
        "\"\t\"",
        "\u{feff}",
        "-",
        "\"\u{7f}\"",
        "\"\\q\"",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn check_against_serde(text: &str) -> Result<(), TestCaseError> {
    let parsed = parse(text);
    let theirs = serde_json::from_str::<serde_json::Value>(text);
    prop_assert_eq!(parsed.errors.is_empty(), theirs.is_ok(), "{:?}: {:?} / {:?}", text, parsed.errors, theirs);
    prop_assert_eq!(theirs.is_ok() && parsed.root.is_none(), false);
    for error in &parsed.errors {
        prop_assert!(text.get(error.span.start..error.span.end).is_some(), "{:?} in {:?}", error, text);
        for (span, _) in error.repair.iter().flat_map(|r| &r.edits) {
            prop_assert!(text.get(span.start..span.end).is_some());
        }
    }
    let mut end = 0;
    for token in tokens(text) {
        prop_assert!(token.span.start >= end && token.span.end > token.span.start);
        prop_assert!(text.get(token.span.start..token.span.end).is_some());
        end = token.span.end;
    }
    Ok(())
}

fn to_serde(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(b) => (*b).into(),
        Value::Number(n) => serde_json::from_str(n).unwrap(),
        Value::String(s) => s.clone().into(),
        Value::Array(elements) => elements.iter().map(to_serde).collect(),
        Value::Object(members) => members.iter().map(|m| (m.key.text.clone(), to_serde(&m.value))).collect(),
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((any::<String>(), inner), 0..5)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(crate::testing::fixed_cases(512))]

    #[test]
    fn any_text_is_judged_as_serde_json_does(text in any::<String>()) {
        check_against_serde(&text)?;
    }

    #[test]
    fn nearly_valid_text_is_judged_as_serde_json_does(text in nearly_json()) {
        check_against_serde(&text)?;
    }

    #[test]
    fn a_cut_or_spoiled_policy_is_judged_as_serde_json_does(at in 0..POLICY.len(), len in 0usize..4, with in "[\\[\\]{}:,\"a1 ]{0,2}") {
        let mut text = POLICY.to_owned();
        text.replace_range(at..(at + len).min(POLICY.len()), &with);
        check_against_serde(&text)?;
    }

    #[test]
    fn valid_json_is_read_as_it_is(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let parsed = parse(&text);
        prop_assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
        prop_assert_eq!(to_serde(&parsed.root.unwrap()), value);
    }
}
