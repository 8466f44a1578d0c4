//! JSON text in which every character can be seen.

use serde::Serialize;

pub use super::json_string::escape_unseen;

/// Writes the value as JSON in one line; unseen characters are written as `\uXXXX`.
pub fn to_compact(value: &impl Serialize) -> String {
    escape_unseen(&serde_json::to_string(value).unwrap_or_default())
}

/// Writes the value as JSON in indented lines; unseen characters are written as `\uXXXX`.
pub fn to_pretty(value: &impl Serialize) -> String {
    escape_unseen(&serde_json::to_string_pretty(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::unseen::classify_unseen;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_seen_is_a_number_and_the_layout_is_serde_jsons() {
        let value = serde_json::json!({"a\u{9b}": ["\u{202e}\u{7f}é\n", {}, [], {"b": 1}], "c": "\u{e0041}"});
        assert_eq!(to_compact(&value), r#"{"a\u009b":["\u202e\u007fé\n",{},[],{"b":1}],"c":"\udb40\udc41"}"#);
        let plain = serde_json::json!({"a": ["b", {}, [], {"c": [1, null]}]});
        assert_eq!(to_pretty(&plain), serde_json::to_string_pretty(&plain).unwrap());
    }

    proptest! {
        #[test]
        fn every_text_comes_back_and_none_is_raw(text in any::<String>()) {
            let value = serde_json::json!({ (text.clone()): [text] });
            for written in [to_compact(&value), to_pretty(&value)] {
                prop_assert!(written.chars().all(|c| c == '\n' || classify_unseen(c).is_none()));
                prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&written).unwrap(), &value);
            }
        }
    }
}
