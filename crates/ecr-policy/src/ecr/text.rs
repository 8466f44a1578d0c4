//! Text from outside, made safe to show.

use unicode_width::UnicodeWidthStr as _;

use super::unseen::classify_unseen;

/// Makes a text safe to show in one line. Characters that cannot be seen, or that pass for others, are shown by a sign
/// or by number; tabs and line ends too. Nothing from outside reaches a terminal but through here.
pub fn make_visible(text: &str) -> String {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match visible_char(c) {
            Some(sign) => shown.push_str(&sign),
            None => shown.push(c),
        }
    }
    shown
}

/// Makes a text of several lines safe to show: as `visible`, and line feeds stay.
pub fn visible_lines(text: &str) -> String {
    text.split('\n').map(make_visible).collect::<Vec<_>>().join("\n")
}

/// Returns how a character is shown when it must not reach the terminal as it is; `None` for every other one.
pub fn visible_char(c: char) -> Option<String> {
    classify_unseen(c)?;
    Some(match c {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).map(String::from).unwrap_or_default(),
        '\u{7f}' => '\u{2421}'.to_string(),
        '\u{80}'..='\u{9f}' => format!("<{:02X}>", u32::from(c)),
        _ => format!("<U+{:04X}>", u32::from(c)),
    })
}

/// Cuts a text to a width in cells, with `…` (or `...`) in place of what was cut from its end.
pub fn fit_width(text: &str, width: usize, ascii: bool) -> String {
    cut_text(text, width, ascii, false)
}

/// Cuts a text to a width in cells from its beginning: the end of a long name tells more.
pub fn fit_end(text: &str, width: usize, ascii: bool) -> String {
    cut_text(text, width, ascii, true)
}

/// Splits a text that is wider than so many cells into the beginning and the end that stay when its middle is cut out for a
/// sign of `sign` cells; `None`: it fits, or there is room for the sign alone.
pub fn split_ends(text: &str, width: usize, sign: usize) -> Option<(&str, &str)> {
    use unicode_segmentation::UnicodeSegmentation as _;
    let room = width.checked_sub(sign).filter(|room| *room > 0 && text.width() > width)?;
    // The end tells names of one family apart.
    let for_start = room / 2;
    let fitting = |room: usize, parts: &mut dyn Iterator<Item = &str>| {
        let mut used = 0;
        let taken = parts.take_while(|part| {
            used += part.width();
            used <= room
        });
        taken.map(str::len).sum::<usize>()
    };
    let start = fitting(for_start, &mut text.graphemes(true));
    let end = fitting(room - for_start, &mut text.graphemes(true).rev());
    Some((text.get(..start)?, text.get(text.len() - end..)?))
}

/// Breaks a text into lines of at most `width` cells at blanks; longer words are cut. Line ends in the text hold.
pub fn wrap_lines(text: &str, width: usize) -> Vec<String> {
    use unicode_segmentation::UnicodeSegmentation as _;
    let width = width.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut current = String::new();
        for word in paragraph.split_inclusive(' ') {
            if current.width() + word.trim_end().width() > width && !current.trim().is_empty() {
                lines.push(current.trim_end().to_owned());
                current = String::new();
            }
            for grapheme in word.graphemes(true) {
                if current.width() + grapheme.width() > width && grapheme != " " {
                    lines.push(std::mem::take(&mut current));
                }
                current.push_str(grapheme);
            }
        }
        lines.push(current.trim_end().to_owned());
    }
    lines
}

fn cut_text(text: &str, width: usize, ascii: bool, keep_end: bool) -> String {
    use unicode_segmentation::UnicodeSegmentation as _;
    if text.width() <= width {
        return text.to_owned();
    }
    let mark = if ascii { "..." } else { "…" };
    let room = width.saturating_sub(mark.width());
    if room == 0 {
        return mark.chars().take(width).collect();
    }
    let mut used = 0;
    let mut fits = |g: &&str| {
        used += g.width();
        used <= room
    };
    if keep_end {
        let mut kept: Vec<&str> = text.graphemes(true).rev().take_while(&mut fits).collect();
        kept.push(mark);
        kept.reverse();
        kept.concat()
    } else {
        let mut kept: Vec<&str> = text.graphemes(true).take_while(&mut fits).collect();
        kept.push(mark);
        kept.concat()
    }
}

/// Writes a number with commas between its thousands.
pub fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_escape_sequence_survives() {
        let shown = make_visible("a\u{1b}[2Jb\u{9b}c\u{202e}d\te\nf\u{7f}");
        assert!(shown.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{shown}");
        assert_eq!(shown, "a␛[2Jb<9B>c<U+202E>d␉e␊f␡");
    }

    #[test]
    fn cuts_by_cells_and_keeps_the_end_when_asked() {
        assert_eq!(fit_width("platform/vendorapp", 8, false), "platfor…");
        assert_eq!(fit_end("platform/vendorapp", 8, false), "…ndorapp");
        assert_eq!(fit_width("名前名前", 5, false), "名前…");
        assert_eq!(fit_width("abcdef", 4, true), "a...");
        assert_eq!(fit_width("abc", 3, false), "abc");
        assert_eq!(fit_width("abc", 0, false), "");
    }

    #[test]
    fn a_cut_out_middle_leaves_both_ends() {
        assert_eq!(split_ends("platform-eu-admin", 10, 1), Some(("plat", "admin")));
        assert_eq!(split_ends("platform-eu-admin", 17, 1), None);
        assert_eq!(split_ends("platform-eu-admin", 1, 1), None);
        assert_eq!(split_ends("名前名前名", 6, 1), Some(("名", "名")));
        for width in 0..30 {
            if let Some((start, end)) = split_ends("e\u{301}quipe-名前-production", width, 3) {
                assert!(start.width() + end.width() + 3 <= width);
            }
        }
    }

    #[test]
    fn thousands_are_grouped() {
        let shown: Vec<_> = [0, 999, 1_000, 10_240, 1_234_567].into_iter().map(with_commas).collect();
        assert_eq!(shown, ["0", "999", "1,000", "10,240", "1,234,567"]);
    }
}
