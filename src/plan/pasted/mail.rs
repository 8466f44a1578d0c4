//! Takes off a text what mail programs, terminals and pages put into it.

use std::borrow::Cow;

/// Returns the text with LF as its line ends, without soft hyphens and marks of no width, and with the coding of mail
/// (`quoted-printable`) undone where it has one.
pub(super) fn plain_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.replace(['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}'], "");
    if is_quoted_printable(&text) { decode_quoted_printable(&text) } else { text }
}

/// Tells whether a text has the signs of the coding: `=` at the end of a line that another one follows, where no line is
/// longer than the coding allows, or `=3D`, which stands for `=` itself. Source: RFC 2045, 6.7.
fn is_quoted_printable(text: &str) -> bool {
    /// The longest line of the coding, in characters.
    const LONGEST_LINE: usize = 76;
    let has_soft_break = text.contains("=\n") && text.lines().all(|line| line.chars().count() <= LONGEST_LINE);
    has_soft_break || text.contains("=3D") || has_coded_character(text)
}

/// Tells whether a character outside of ASCII is coded: two or more bytes above 7F, each as `=XX`.
fn has_coded_character(text: &str) -> bool {
    let coded = |text: &str| text.strip_prefix('=').and_then(|rest| rest.get(..2)).and_then(hex_byte);
    text.match_indices('=').any(|(at, _)| {
        let rest = text.get(at..).unwrap_or_default();
        let next = rest.get(3..).unwrap_or_default();
        coded(rest).is_some_and(|byte| byte >= 0xC2) && coded(next).is_some_and(|byte| byte >= 0x80)
    })
}

fn decode_quoted_printable(text: &str) -> String {
    let text = text.replace("=\n", "");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('=') {
        bytes.extend_from_slice(before.as_bytes());
        if let Some(byte) = after.get(..2).and_then(hex_byte) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(b'=');
            rest = after;
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    Cow::into_owned(String::from_utf8_lossy(&bytes))
}

/// Reads two capital hexadecimal digits, the only form that the coding has.
fn hex_byte(digits: &str) -> Option<u8> {
    let is_hex = digits.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
    if is_hex { u8::from_str_radix(digits, 16).ok() } else { None }
}
