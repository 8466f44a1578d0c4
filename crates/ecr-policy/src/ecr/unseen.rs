//! Characters that nobody sees, or that pass for others: one table for what is shown and for what is warned of.

/// Returns how a character deceives its reader; `None` for every other character. The plain space is none of them.
pub fn classify_unseen(c: char) -> Option<Unseen> {
    if matches!(c, ' '..='~') {
        return None;
    }
    let number = u32::from(c);
    let at = UNSEEN.partition_point(|(_, last)| *last < number);
    let is_listed = UNSEEN.get(at).is_some_and(|(first, _)| *first <= number) || DRAWN_EMPTY.contains(&number);
    is_listed.then(|| match c {
        _ if c.is_control() => Unseen::Control,
        // Fullwidth ASCII stands in the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => Unseen::Fullwidth(char::from_u32(number - 0xfee0)),
        '\u{ff5f}' | '\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' => Unseen::Fullwidth(None),
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => Unseen::Private,
        _ if c.is_whitespace() => Unseen::Blank,
        _ => Unseen::Invisible,
    })
}

/// The kinds of characters that are not what they look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    /// A control character: ASCII's, DEL, or one of U+0080 to U+009F.
    Control,
    /// A blank, or the end of a line or paragraph, other than the plain space.
    Blank,
    /// A wide form; with the ASCII character that it looks like, where there is one.
    Fullwidth(Option<char>),
    /// A character whose meaning, and so its look, was never agreed on.
    Private,
    /// A character without a look of its own: direction, joining, tags, variation, fillers.
    Invisible,
}

/// First and last of each run. Source: Unicode Character Database 16.0.0; `General_Category` Cc, Cf, Zl, Zp, Co, and Zs
/// without the space; `Default_Ignorable_Code_Point`; `East_Asian_Width` F. `tests/it/unseen.rs` holds the table to the
/// database.
const UNSEEN: &[(u32, u32)] = &[
    (0x0, 0x1f),
    (0x7f, 0xa0),
    (0xad, 0xad),
    (0x34f, 0x34f),
    (0x600, 0x605),
    (0x61c, 0x61c),
    (0x6dd, 0x6dd),
    (0x70f, 0x70f),
    (0x890, 0x891),
    (0x8e2, 0x8e2),
    (0x115f, 0x1160),
    (0x1680, 0x1680),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x2000, 0x200f),
    (0x2028, 0x202f),
    (0x205f, 0x206f),
    (0x3000, 0x3000),
    (0x3164, 0x3164),
    (0xe000, 0xf8ff),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xff01, 0xff60),
    (0xffa0, 0xffa0),
    (0xffe0, 0xffe6),
    (0xfff0, 0xfffb),
    (0x110bd, 0x110bd),
    (0x110cd, 0x110cd),
    (0x13430, 0x1343f),
    (0x1bca0, 0x1bca3),
    (0x1d173, 0x1d17a),
    (0xe0000, 0xe0fff),
    (0xf0000, 0xffffd),
    (0x0010_0000, 0x0010_fffd),
];

/// Characters that the database counts as symbols and marks, and that fonts draw empty: the Braille pattern without
/// dots, the object replacement character, the Khitan filler, the null note head.
const DRAWN_EMPTY: &[u32] = &[0x2800, 0xfffc, 0x16fe4, 0x1d159];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_stand_in_order_and_apart() {
        assert!(UNSEEN.iter().all(|(first, last)| first <= last));
        assert!(UNSEEN.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0));
    }

    #[test]
    fn each_kind_is_told_from_the_others() {
        for (c, kind) in [
            ('\u{1b}', Unseen::Control),
            ('\u{9b}', Unseen::Control),
            ('\u{a0}', Unseen::Blank),
            ('\u{2028}', Unseen::Blank),
            ('\u{3000}', Unseen::Blank),
            ('\u{ff21}', Unseen::Fullwidth(Some('A'))),
            ('\u{ffe5}', Unseen::Fullwidth(None)),
            ('\u{e000}', Unseen::Private),
            ('\u{10fffd}', Unseen::Private),
            ('\u{202e}', Unseen::Invisible),
            ('\u{fe0f}', Unseen::Invisible),
            ('\u{2800}', Unseen::Invisible),
        ] {
            assert_eq!(classify_unseen(c), Some(kind), "{c:?}");
        }
        for c in [' ', '~', 'é', '漢', '\u{1f600}', '⠋', 'А'] {
            assert_eq!(classify_unseen(c), None, "{c:?}");
        }
    }
}
