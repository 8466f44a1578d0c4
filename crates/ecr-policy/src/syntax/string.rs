//! Reads the inside of quoted strings.

use super::{Repair, Slip, Span, SyntaxError};
use crate::ecr::json_string::escape_char;
use crate::ecr::text::visible_char;

/// Unescapes the inside of a double-quoted string that begins at byte `start`; reports what JSON does not have, and
/// keeps it as written (a lone surrogate becomes U+FFFD).
pub(super) fn unescape(inner: &str, start: usize, errors: &mut Vec<SyntaxError>) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut next = 0;
    // Nearly all of it is plain, and that goes over in whole runs.
    while let Some(run) = inner.get(next..) {
        let plain = run.bytes().position(|b| b == b'\\' || b < b' ').unwrap_or(run.len());
        text.push_str(run.get(..plain).unwrap_or_default());
        let at = next + plain;
        let mut chars = inner.get(at..).unwrap_or_default().chars();
        let Some(c) = chars.next() else { break };
        next = at + 1;
        if c != '\\' {
            let span = Span::new(start + at, start + at + 1);
            let mut escaped = String::new();
            escape_char(c, &mut escaped);
            errors.push(SyntaxError {
                span,
                slip: Slip::ControlCharacter,
                message: format!("control character {} in a string", visible_char(c).unwrap_or_default()),
                repair: Some(Repair { title: "write it as an escape sequence", edits: vec![(span, escaped)] }),
            });
            text.push(c);
            continue;
        }
        let Some(escape) = chars.next() else { continue };
        next += escape.len_utf8();
        let simple = match escape {
            '"' | '\\' | '/' => Some(escape),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            _ => None,
        };
        if let Some(c) = simple {
            text.push(c);
            continue;
        }
        if escape != 'u' {
            let span = Span::new(start + at, start + at + 1 + escape.len_utf8());
            // What other languages escape without need.
            let plain = matches!(escape, '\'' | '`').then(|| escape.to_string());
            errors.push(SyntaxError {
                span,
                slip: Slip::BadEscape,
                message: format!(
                    "`\\{}` is no escape sequence of JSON",
                    crate::ecr::text::make_visible(&escape.to_string())
                ),
                repair: plain.clone().map(|p| Repair { title: "drop the backslash", edits: vec![(span, p)] }),
            });
            if plain.is_none() {
                text.push('\\');
            }
            text.push(escape);
            continue;
        }
        let Some(unit) = four_hex(inner, at + 2) else {
            errors.push(SyntaxError {
                span: Span::new(start + at, start + at + 2),
                slip: Slip::BadEscape,
                message: "`\\u` needs four hexadecimal digits".to_owned(),
                repair: None,
            });
            text.push_str("\\u");
            continue;
        };
        let mut width = 6;
        let mut decoded = char::from_u32(unit);
        if (0xd800..0xdc00).contains(&unit)
            && inner.get(at + 6..at + 8) == Some("\\u")
            && let Some(low) = four_hex(inner, at + 8)
            && (0xdc00..0xe000).contains(&low)
        {
            decoded = char::from_u32(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
            width = 12;
        }
        if decoded.is_none() {
            errors.push(SyntaxError {
                span: Span::new(start + at, start + at + width),
                slip: Slip::LoneSurrogate,
                message: "half of a surrogate pair: it stands for no character".to_owned(),
                repair: None,
            });
        }
        text.push(decoded.unwrap_or('\u{fffd}'));
        next = at + width;
    }
    text
}

fn four_hex(text: &str, at: usize) -> Option<u32> {
    let digits = text.get(at..at + 4)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}
