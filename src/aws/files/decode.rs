//! Decodes the bytes of a settings file: editors write UTF-8 with and without a mark, UTF-16 and Latin-1.

use std::borrow::Cow;

/// Decodes a file. A line that is no UTF-8 counts as Latin-1, so that one odd byte spoils no other line.
pub(super) fn decode_text(bytes: &[u8]) -> String {
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode_lines(rest),
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        // Without a mark: in UTF-16 every other byte of an English setting is zero.
        [first, 0, ..] if *first != 0 => decode_utf16(bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => decode_utf16(bytes, u16::from_be_bytes),
        _ => decode_lines(bytes),
    };
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn decode_lines(bytes: &[u8]) -> String {
    let lines: Vec<Cow<'_, str>> = bytes
        .split(|byte| *byte == b'\n')
        .map(|line| match std::str::from_utf8(line) {
            Ok(line) => Cow::Borrowed(line),
            Err(_) => Cow::Owned(line.iter().copied().map(char::from).collect()),
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf16_bytes(text: &str, mark: bool, of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = if mark { Some(0xFEFF) } else { None };
        mark.into_iter().chain(text.encode_utf16()).flat_map(of).collect()
    }

    proptest! {
        #[test]
        fn a_text_is_the_same_in_every_encoding(text in "\\[[a-z]{1,4}\\]\n([ -~äßж漢🙂]{0,12}\n){0,4}") {
            prop_assert_eq!(decode_text(text.as_bytes()), text.clone());
            prop_assert_eq!(decode_text(&[b"\xEF\xBB\xBF", text.as_bytes()].concat()), text.clone());
            prop_assert_eq!(decode_text(text.replace('\n', "\r\n").as_bytes()), text.clone());
            prop_assert_eq!(decode_text(text.replace('\n', "\r").as_bytes()), text.clone());
            for mark in [true, false] {
                prop_assert_eq!(decode_text(&utf16_bytes(&text, mark, u16::to_le_bytes)), text.clone());
                prop_assert_eq!(decode_text(&utf16_bytes(&text, mark, u16::to_be_bytes)), text.clone());
            }
        }

        #[test]
        fn a_latin_1_line_costs_no_other_line(before in "[a-zж漢]{0,8}", after in "[a-zж漢]{0,8}") {
            let bytes = [before.as_bytes(), b"\ncaf\xE9\n", after.as_bytes()].concat();
            prop_assert_eq!(decode_text(&bytes), format!("{before}\ncafé\n{after}"));
        }

        #[test]
        fn any_bytes_are_some_text(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let text = decode_text(&bytes);
            prop_assert!(!text.contains('\r'));
        }
    }
}
